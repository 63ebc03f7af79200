"""The LangChain adapters, composed as a chain would compose them."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.runnables import RunnableLambda

from assistant.answer import Answer, Assistant
from assistant.compose import Segment
from assistant.langchain import OnRecordRetriever, OnRecordRunnable, Turn, to_document, to_history
from index.embed import Embedder
from index.errors import InputError
from tests.corpus import PASS, assistant_over

COST = "What does the harbour pass cost?"
TIMETABLE = "What is the timetable of the night ferry?"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("langchain")
    with assistant_over(folder, {"pass.md": PASS}, embedder) as opened:
        yield opened


@pytest.fixture
def runnable(assistant: Assistant) -> OnRecordRunnable:
    return OnRecordRunnable(assistant)


def test_a_document_is_the_quote_and_where_it_stands(assistant: Assistant) -> None:
    citation = assistant.answer(COST).citations[0]
    document = to_document(citation)
    assert document.page_content == "The harbour pass costs 20 euros a year."
    text = assistant.index.sources["pass"].text
    assert text[document.metadata["start"] : document.metadata["end"]] == document.page_content
    assert {key: document.metadata[key] for key in ("source", "title", "publisher", "published")} == {
        "source": "pass", "title": "The harbour pass", "publisher": "Port Gazette", "published": "2025-05-02",
    }  # fmt: skip


def test_the_retriever_gives_what_is_cited_first(assistant: Assistant) -> None:
    documents = OnRecordRetriever(assistant=assistant).invoke(COST)
    assert documents[0].page_content == "The harbour pass costs 20 euros a year."
    roles = [document.metadata["role"] for document in documents]
    assert roles == sorted(roles)  # "cited" before "related"
    assert {document.metadata["outcome"] for document in documents} == {"answered"}


def test_the_retriever_can_leave_out_what_is_only_nearby(assistant: Assistant) -> None:
    documents = OnRecordRetriever(assistant=assistant, related=False).invoke("Who painted the lighthouse?")
    assert documents == []


def test_an_unreleased_detail_is_retrieved_as_such(assistant: Assistant) -> None:
    documents = OnRecordRetriever(assistant=assistant).invoke(TIMETABLE)
    assert documents[0].metadata["outcome"] == "unreleased"


def test_the_runnable_gives_the_answer(runnable: OnRecordRunnable, assistant: Assistant) -> None:
    assert runnable.invoke(COST) == assistant.answer(COST)
    assert runnable.invoke({"question": COST}) == assistant.answer(COST)


def test_a_batch_keeps_its_order(runnable: OnRecordRunnable) -> None:
    outcomes = [answer.outcome for answer in runnable.batch([COST, TIMETABLE, COST])]
    assert outcomes == ["answered", "unreleased", "answered"]


def test_a_stream_is_the_segments_and_then_the_answer(runnable: OnRecordRunnable) -> None:
    *segments, last = runnable.stream(COST)
    assert isinstance(last, Answer)
    assert tuple(segments) == last.segments
    assert all(isinstance(segment, Segment) for segment in segments)


def test_what_follows_in_a_streamed_chain_receives_the_whole_answer(runnable: OnRecordRunnable) -> None:
    chain = runnable | RunnableLambda(lambda answer: answer.outcome)
    assert chain.invoke(COST) == "answered"
    assert list(chain.stream(COST)) == ["answered"]


def test_earlier_turns_may_be_messages(runnable: OnRecordRunnable) -> None:
    history = [HumanMessage(COST), AIMessage("20 euros a year.")]
    answer = runnable.invoke({"question": "Where do residents buy it?", "history": history})
    assert "pass" in answer.standalone_question


def test_messages_become_turns_and_others_stay_as_they_are() -> None:
    turns: list[Turn | BaseMessage] = ["first", {"question": "second", "answer": "b"}]
    turns += [SystemMessage("be brief"), HumanMessage("third"), AIMessage("c")]
    assert to_history(turns) == ["first", {"question": "second", "answer": "b"}, {"question": "third", "answer": "c"}]


def test_an_ai_message_without_a_question_before_it_is_left_out() -> None:
    assert to_history([AIMessage("Hello"), "What?"]) == ["What?"]


@pytest.mark.parametrize("given", ["", {}, {"question": 3}, {"query": COST}])
def test_an_input_without_a_question_is_refused(runnable: OnRecordRunnable, given: object) -> None:
    with pytest.raises(InputError, match="No question in"):
        runnable.invoke(given)  # type: ignore[arg-type]


def test_only_the_core_of_langchain_is_loaded() -> None:
    code = "import sys, assistant.langchain; print(sorted(m for m in sys.modules if m.startswith('langchain') and '.' not in m))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "'langchain'" not in found.stdout
    assert "langchain_core" in found.stdout
    assert "langchain_community" not in found.stdout
