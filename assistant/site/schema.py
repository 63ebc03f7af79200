"""What goes over the wire, as pydantic models: from them come the checks of a request and the OpenAPI document.

The field names are those of the design; what a field means is said once, here.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.citation import Citation
from assistant.compose import Segment

MOST_QUESTION, MOST_ANSWER, MOST_HISTORY = 2_000, 20_000, 30

Outcome = Literal["answered", "unreleased", "conflicting", "not_in_sources", "partial"]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Reply(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


QuestionText = Annotated[
    str, Field(min_length=1, max_length=MOST_QUESTION, pattern=r"\S", examples=["What is the fee?"])
]


class Turn(_Request):
    """An earlier question, and what was answered."""

    question: QuestionText
    answer: Annotated[str, Field(max_length=MOST_ANSWER)] = ""


class Ask(_Request):
    """A question, and those asked before it, oldest first: a follow-up ("And when?") is understood after them."""

    question: QuestionText
    history: Annotated[tuple[QuestionText | Turn, ...], Field(max_length=MOST_HISTORY)] = ()


class AnswerOut(_Reply):
    """What the sources say to a question, or which silence theirs is."""

    question: str
    standalone_question: str
    outcome: Outcome
    segments: tuple[Segment, ...]
    text: str
    citations: tuple[Citation, ...]
    related: tuple[Citation, ...]
    as_of: str | None
    generation: str


class SourceOut(_Reply):
    """A source. Dates are as precise as is known: YYYY, YYYY-MM or YYYY-MM-DD, and "" where unknown."""

    id: str
    title: str
    publisher: str
    published: str
    published_note: str
    retrieved: str
    effective: str
    url: str
    language: str
    kind: str
    brief: bool
    supersedes: tuple[str, ...]
    link: str


class SourceText(SourceOut):
    """A source with its text, in which citations have their offsets, and the spans that were left out as site furniture."""

    text: str
    dropped: tuple[tuple[int, int], ...]


class Health(_Reply):
    """That the server is there."""

    status: Literal["ok"]


class Ready(Health):
    """That a question would be answered, and by which generation of the index."""

    generation: str


class Fault(_Reply):
    """What was wrong with a request. The fields are those that OpenAI's clients look for."""

    message: str
    type: str
    code: str
    param: str | None = None


class FailureOut(_Reply):
    """The body of every reply that is not a success."""

    error: Fault
