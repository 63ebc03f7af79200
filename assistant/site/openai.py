"""The protocol of OpenAI's chat completions, so that any of its clients can point here.

The last message of the user is the question, and what was said before it is what a follow-up leans on. Nothing else in a
request can change an answer: no other message, no model's name, no setting. An answer is Markdown, in which whatever a
source says stands as text. It is decided before it is worded, so that a stream begins only when nothing can fail any
more. Not covered: tools, pictures and sound, several answers at once, and the protocol's other routes.
https://platform.openai.com/docs/api-reference/chat
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from time import time
from typing import Annotated, Literal
from urllib.parse import quote
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from assistant.answer import Answer, History
from assistant.citation import Citation
from assistant.show import plain
from assistant.site.api import ASKING, failures, shown
from assistant.site.events import MEDIA_TYPE
from assistant.site.schema import MOST_HISTORY, MOST_QUESTION, AnswerOut
from assistant.site.site import Site
from index.errors import InputError

MODEL = "on-record"

# ---------------------------------------------------------------- what comes


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True)  # fields that are not named here are accepted, and left


# pydantic looks for halves of characters, which JSON can hold, only where a length is asked for.
Text = Annotated[str, Field(min_length=0)]


class Part(_Wire):
    """A piece of a message. Only text is read."""

    type: str
    text: Text | None = None


class Message(_Wire):
    """What was said, and by whom. Only what the user and the assistant said is read."""

    role: str
    content: Text | tuple[Part, ...] | None = None

    @property
    def text(self) -> str:
        """Its text, parts below one another."""
        if self.content is None or isinstance(self.content, str):
            return (self.content or "").strip()
        return "\n".join(part.text or "" for part in self.content if part.type == "text").strip()

    @property
    def is_text(self) -> bool:
        """Whether there is nothing else in it."""
        return not isinstance(self.content, tuple) or all(part.type == "text" for part in self.content)


class StreamOptions(_Wire):
    """What else a stream is to hold."""

    include_usage: Annotated[bool, Field(strict=True)] | None = None


class CompletionRequest(_Wire):
    """What is read of a request. Any other field is accepted, and changes nothing."""

    messages: Annotated[tuple[Message, ...], Field(min_length=1)]
    model: Annotated[str, Field(description="Any name will do; the reply says which model it is.")] = MODEL
    n: Annotated[int, Field(ge=1, le=1, strict=True)] | None = None
    stream: Annotated[bool, Field(strict=True)] | None = None
    stream_options: StreamOptions | None = None


def conversation(messages: Sequence[Message]) -> tuple[str, History]:
    """The question, and the turns before it. Raises `InputError` where nothing is asked, or nothing that can be read.

    Clients send all that was said with each question: earlier turns that could not be asked now are left out, and so are those
    before the last 30.
    """
    asked = [i for i, message in enumerate(messages) if message.role == "user"]
    if not asked:
        raise InputError("Nothing is asked: no message is from the user.")
    last = messages[asked[-1]]
    if not last.is_text:
        raise InputError("A question is text. Pictures, sound and files cannot be read here.")
    if not last.text:
        raise InputError("Nothing is asked: the last message of the user is empty.")
    if len(last.text) > MOST_QUESTION:
        raise InputError(f"The question has {len(last.text):,} characters; it may have {MOST_QUESTION:,}. Shorten it.")
    turns: list[dict[str, str]] = []
    for message in messages[: asked[-1]]:
        if message.role == "user":
            turns.append({"question": message.text, "answer": ""})
        elif message.role == "assistant" and turns:
            turns[-1]["answer"] = message.text
    return last.text, [turn for turn in turns if 0 < len(turn["question"]) <= MOST_QUESTION][-MOST_HISTORY:]


# ---------------------------------------------------------------- what goes


class UrlCitation(_Wire):
    """`content[start_index:end_index]` is the cited sentence, counted in Unicode code points; `url` leads to its source."""

    start_index: int
    end_index: int
    url: str
    title: str


class Annotation(_Wire):
    """A citation, in the form that the protocol has for it."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: UrlCitation


class AssistantMessage(_Wire):
    """The answer, as Markdown, and its citations."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    annotations: tuple[Annotation, ...]


class Choice(_Wire):
    """The one answer there is."""

    index: Literal[0] = 0
    message: AssistantMessage
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


class Usage(_Wire):
    """Always zeros: no language model reads the question or words the answer, so that there are no tokens to count."""

    prompt_tokens: Literal[0] = 0
    completion_tokens: Literal[0] = 0
    total_tokens: Literal[0] = 0


class Completion(_Wire):
    """A chat completion. `system_fingerprint` is the generation that answered; `onrecord` is the whole answer."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str = MODEL
    system_fingerprint: str
    choices: tuple[Choice]
    usage: Usage = Usage()
    onrecord: AnswerOut


class Model(_Wire):
    """The model there is. It is as old as the generation of the index that answers."""

    id: str = MODEL
    object: Literal["model"] = "model"
    created: int
    owned_by: str = MODEL


class Models(_Wire):
    """All models: one."""

    object: Literal["list"] = "list"
    data: tuple[Model]


# ---------------------------------------------------------------- an answer as Markdown

# What means something in CommonMark, in GitHub's dialect, in HTML or as mathematics. A backslash would make mathematics of
# a bracket in many clients, and HTML does not know it: these signs become character references.
_REFERENCE = r"&(?=#?\w+;)"
_SIGN = re.compile(rf"(?P<referred>[\\\[\]<>]|{_REFERENCE})|[`*_~|$@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_BEGINNING = re.compile(r"[\ufeff ]*(?:\d+(?=[.)](?:\s|$))|(?=[-+#=]))")  # of a list, a heading, a rule
_IN_ADDRESSES = "!#$%&'*+,-./:;=?@[]_~"


def literal(text: str) -> str:
    """Text as one line of Markdown that shows it as it stands."""
    signs = _SIGN.sub(lambda sign: f"&#{ord(sign[0])};" if sign["referred"] else f"\\{sign[0]}", plain(text))
    beginning = _BEGINNING.match(signs)
    return f"{beginning[0]}\\{signs[beginning.end() :]}" if beginning else signs


def link(text: str, url: str) -> str:
    """A link of Markdown. The text stands as it is; an `&` that would begin a reference is written as one."""
    address = re.sub(_REFERENCE, "&amp;", url)
    return f"[{text}]({address})"


def absolute(citation: Citation, origin: str) -> Citation:
    """The citation with a link that leads there from anywhere, and has no sign that ends a link in Markdown."""
    there = f"{origin}{citation.link}" if citation.link.startswith("/") else citation.link
    return replace(citation, link=quote(there, safe=_IN_ADDRESSES))


def worded(answer: Answer) -> tuple[list[str], tuple[Annotation, ...]]:
    """An answer as Markdown, in pieces, and its annotations: each segment a paragraph, then the list of the sources."""
    cited = {citation.n: citation for citation in answer.citations}
    pieces, annotations = list[str](), list[Annotation]()
    length = part = 0
    for segment in answer.segments:
        before = "" if not pieces else "\n\n" if segment.part == part else "\n\n---\n\n"
        text, part = literal(segment.text), segment.part
        start = length + len(before)
        for n in segment.citations:
            span = {"start_index": start, "end_index": start + len(text)}
            annotations.append(
                Annotation(url_citation=UrlCitation(**span, url=cited[n].link, title=plain(cited[n].title)))
            )
        pieces.append(before + text + "".join(f" {link(str(n), cited[n].link)}" for n in segment.citations))
        length += len(pieces[-1])
    if answer.citations:
        pieces.append("\n\n**Sources**\n\n" + "\n".join(map(_listed, answer.citations)))
    return pieces, tuple(annotations)


def _listed(citation: Citation) -> str:
    """A citation in the list of the sources. Without a publisher, its label is its title already."""
    if not citation.publisher:
        return f"{citation.n}. {link(literal(citation.label), citation.link)}"
    return f"{citation.n}. {literal(citation.label)}: {link(literal(citation.title), citation.link)}"


def completion(answer: Answer, content: str, annotations: tuple[Annotation, ...]) -> Completion:
    """An answer as a chat completion."""
    return Completion(
        id=f"chatcmpl-{uuid4().hex}", created=int(time()), system_fingerprint=answer.generation,
        choices=(Choice(message=AssistantMessage(content=content, annotations=annotations)),), onrecord=shown(answer),
    )  # fmt: skip


def chunks(whole: Completion, pieces: Sequence[str], usage: bool) -> Iterator[str]:
    """A completion as server-sent events, as OpenAI sends them: who speaks, the pieces, the annotations, why it ends.

    The first also has the whole answer: OpenAI's client keeps the fields it does not know of the first chunk only. The
    annotations come in one piece, since it cannot put together several.
    """
    known = whole.model_dump(include={"id", "created", "model", "system_fingerprint"})

    def event(choices: list[object], **more: object) -> str:
        counted = {"usage": None} if usage else {}
        chunk = {**known, "object": "chat.completion.chunk", "choices": choices, **counted, **more}
        return f"data: {json.dumps(chunk)}\n\n"  # ASCII alone: some clients break lines at U+2028

    def delta(finish: str | None = None, **said: object) -> list[object]:
        return [{"index": 0, "delta": said, "logprobs": None, "finish_reason": finish}]

    data = whole.model_dump(mode="json", include={"onrecord", "usage", "choices"})
    yield event(delta(role="assistant", content="", refusal=None), onrecord=data["onrecord"])
    yield from (event(delta(content=piece)) for piece in pieces)
    yield event(delta(annotations=data["choices"][0]["message"]["annotations"]))
    yield event(delta("stop"))
    if usage:
        yield event([], usage=data["usage"])
    yield "data: [DONE]\n\n"


# ---------------------------------------------------------------- the routes


def routes(site: Site) -> APIRouter:
    """The routes below /v1."""
    router = APIRouter(prefix="/v1", tags=["OpenAI's protocol"])

    def model() -> Model:
        with site.live.held() as assistant:
            return Model(created=int(datetime.fromisoformat(assistant.index.manifest["created"]).timestamp()))

    @router.post(
        "/chat/completions", response_model=Completion,
        responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}, **ASKING},
    )  # fmt: skip
    async def complete(asked: CompletionRequest, request: Request) -> Completion | Response:
        """What the sources say to the last message of the user, as a chat completion; with `stream`, in chunks."""
        answer = await site.answer(*conversation(asked.messages))
        origin = f"{request.base_url.scheme}://{request.base_url.netloc}"
        citations, related = ([absolute(c, origin) for c in some] for some in (answer.citations, answer.related))
        answer = replace(answer, citations=tuple(citations), related=tuple(related))
        pieces, annotations = worded(answer)
        whole = completion(answer, "".join(pieces), annotations)
        if not asked.stream:
            return whole
        counted = bool(asked.stream_options and asked.stream_options.include_usage)
        found = "".join(chunks(whole, pieces, counted))
        return Response(found, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})

    @router.get("/models", responses=failures())
    def models() -> Models:
        """The models there are."""
        return Models(data=(model(),))

    @router.get("/models/{name}", responses=failures("not_found", "unprocessable"))
    def described(name: str) -> Model:
        """A model, by its id."""
        if name != MODEL:
            raise HTTPException(404, f"No model has this id. There is one: {MODEL}.")
        return model()

    return router
