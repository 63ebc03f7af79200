"""On Record inside LangChain: a citation as a `Document`, a retriever, and a runnable that gives whole answers.

A chain that only needs evidence takes `OnRecordRetriever`; one that needs the decision (answered, unreleased,
conflicting, not in the sources) takes `OnRecordRunnable`. Only langchain-core is imported. What a chain's own model
makes of the documents is outside our rules: its sentences are checked by nobody here.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableConfig

from assistant.citation import Citation
from index.errors import InputError

if TYPE_CHECKING:
    from assistant.answer import Answer

Turn = str | Mapping[str, str]


class Answers(Protocol):
    """What the adapters need of an assistant."""

    def answer(self, question: str, history: Sequence[Turn] = ()) -> "Answer": ...


def to_document(citation: Citation) -> Document:
    """A citation as a document: the quote is its content, and where it stands its metadata.

    `brief` is true where the quote is from a summary, whose words are not the publisher's.
    """
    return Document(
        page_content=citation.quote,
        id=f"{citation.source}#{citation.start}-{citation.end}",
        metadata={
            "source": citation.source,
            "title": citation.title,
            "publisher": citation.publisher,
            "published": citation.published,
            "brief": citation.brief,
            "kind": citation.kind,
            "link": citation.link,
            "start": citation.start,
            "end": citation.end,
        },
    )


class OnRecordRetriever(BaseRetriever):
    """The sentences an answer cites, then nearby ones; `role` in the metadata is "cited" or "related".

    Each document also carries the `outcome`, since a sentence cited for "unreleased" must not be read as an answer.
    With `related=False` a refusal without evidence retrieves nothing.
    """

    assistant: Any  # an `Answers`; pydantic is not to look inside
    related: bool = True

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        answer: Answer = self.assistant.answer(query)
        found = [("cited", citation) for citation in answer.citations]
        found += [("related", citation) for citation in answer.related if self.related]
        documents = []
        for role, citation in found:
            document = to_document(citation)
            document.metadata |= {"role": role, "outcome": answer.outcome}
            documents.append(document)
        return documents


class OnRecordRunnable(Runnable[str | dict[str, Any], Any]):
    """Question -> `Answer`. The input is a question, or {"question", "history"?}.

    `history` holds earlier questions, {"question", "answer"} pairs, or LangChain messages. `stream` gives each
    `Segment` and then the `Answer`, so that what follows in a chain receives the whole. Raises `InputError` for an
    input that holds no question.
    """

    def __init__(self, assistant: Answers) -> None:
        self.assistant = assistant

    def invoke(self, input: str | dict[str, Any], config: RunnableConfig | None = None, **kwargs: Any) -> "Answer":
        """The answer to one question."""
        answer: Answer = self._call_with_config(self._answer, input, config, run_type="chain", **kwargs)
        return answer

    def stream(self, input: str | dict[str, Any], config: RunnableConfig | None = None, **kwargs: Any) -> Iterator[Any]:
        """Each segment in order, then the answer they belong to."""
        answer = self.invoke(input, config, **kwargs)
        yield from answer.segments
        yield answer

    def _answer(self, given: str | dict[str, Any]) -> "Answer":
        question, history = (given, []) if isinstance(given, str) else (given.get("question"), given.get("history", []))
        if not isinstance(question, str) or not question.strip():
            raise InputError(f'No question in {given!r:.80}. Give a text, or a dict such as {{"question": "..."}}.')
        return self.assistant.answer(question, to_history(history))


def to_history(turns: Sequence[Turn | BaseMessage]) -> list[Turn]:
    """Earlier turns as the assistant takes them. An AI message completes the question before it; others are left out."""
    history: list[Turn] = []
    for turn in turns:
        if isinstance(turn, HumanMessage):
            history.append({"question": turn.text, "answer": ""})
        elif isinstance(turn, AIMessage):
            if history and isinstance(history[-1], Mapping):
                history[-1] = {**history[-1], "answer": turn.text}
        elif not isinstance(turn, BaseMessage):
            history.append(turn)
    return history
