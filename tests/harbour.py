"""A made-up corpus of two sources, answers to it that can be written by hand, and assistants broken on purpose."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.answer import Answer
from assistant.citation import Citation, cite
from assistant.compose import Segment
from evals.case import Case
from evals.grade import Grade
from evals.run import Result
from index.source import Block, Source

PASS = Source(
    "pass",
    "The harbour pass",
    "The pass costs 20 euros. Ana Brandt of the port says so. Nobody has said when it starts.",
    publisher="Gazette",
    published="2025-05-02",
    blocks=(Block("paragraph", 0, 88),),
)
FERRY = Source(
    "ferry",
    "The ferry",
    "The ferry sails on Sundays. It takes two bicycles.",
    blocks=(Block("paragraph", 0, 50),),
)
FILES = {source.id: source for source in (PASS, FERRY)}

COST = cite(1, PASS, (0, 24))
SAYS_SO = cite(1, PASS, (25, 56))
OPEN = cite(1, PASS, (57, 88))
SUNDAYS = cite(1, FERRY, (0, 27))


def answered(text: str = COST.quote, citation: Citation = COST, role: str = "direct") -> Answer:
    """An answer of one segment, which cites one quote."""
    segments = (Segment(text, (citation.n,), "answered", role),)
    as_of = citation.published or None
    return Answer("What is the price?", "What is the price?", "answered", segments, (citation,), (), as_of, "g")


def refused(text: str = "The sources do not say.") -> Answer:
    segments = (Segment(text, (), "not_in_sources", "notice"),)
    return Answer("Is it 30 euros?", "Is it 30 euros?", "not_in_sources", segments, (), (), None, "g")


def unreleased() -> Answer:
    """The open sentence, after a notice."""
    segments = (
        Segment("The sources say that this has not been released or settled:", (), "unreleased", "notice"),
        Segment(OPEN.quote, (1,), "unreleased", "open"),
    )
    return replace(answered(OPEN.quote, OPEN), outcome="unreleased", segments=segments)


def case(id: str = "c", question: str = "?", theme: str = "t", **more: object) -> Case:
    """A case. What is no field of a case itself is expected; `outcome` is answered unless given."""
    rest = {name: more.pop(name) for name in ("because", "history") if name in more}
    return Case.model_validate(
        {"id": id, "theme": theme, "question": question, "expect": {"outcome": "answered", **more}, **rest}
    )


def result(verdict: str, given: Answer | None = None, of: Case | None = None, seconds: float = 0.0) -> Result:
    """A result as if graded."""
    reasons = () if verdict == "pass" else ("for a reason",)
    return Result(of or case(), given, Grade(verdict, reasons), seconds=seconds)


class Fake:
    """Gives one answer to everything."""

    def __init__(self, given: Answer) -> None:
        self.given = given

    def answer(self, question: str, history: Sequence[str | Mapping[str, str]] = ()) -> Answer:
        return self.given


class Broken:
    """Raises."""

    def answer(self, question: str, history: Sequence[str | Mapping[str, str]] = ()) -> Answer:
        raise ZeroDivisionError("no luck")
