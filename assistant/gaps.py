"""Which questions were refused, for editors to see what the sources lack. Nothing is noted unless a file for it is named.

The file holds questions and outcomes alone: nothing of a source, and nothing about who asked. Several threads and
processes may add to it, and someone may take from it meanwhile: each locks it. `survey` asks the questions again, and
puts alike ones together. Not covered: locks of network drives that have none.
"""

import errno
import fcntl
import json
import logging
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from time import monotonic, sleep
from typing import Any, Self

import numpy as np

from assistant.answer import MOST_LETTERS, Answer, Assistant
from assistant.show import plain
from index.embed import Floats, unit
from index.errors import InputError

log = logging.getLogger("onrecord")

REFUSED = frozenset({"unreleased", "not_in_sources"})
MOST_BYTES = 10_000_000
_SECONDS_TO_LOCK = 2.0
# To the hour: when something began to be asked, and not when somebody was there.
_HOUR = "%Y-%m-%dT%H:00Z"

# Questions are put together from this mean cosine on. Chosen on 151 made-up questions, 50 of them each worded three or
# four times, of ten fields (libraries, waste, schools, heating, health, trams, pensions, building, museums, football);
# most of a field's questions ask something else of the same thing, or the same of another. Over 20 orders of them, of the
# pairs put together are paraphrases, and of the paraphrases are put together: at 0.70 0.74 and 0.88; at 0.75 0.89 and
# 0.79; at 0.80 0.94 and 0.60. On six other fields (tests/test_gaps.py) at 0.75 0.97 and 0.85. Opposites in one word, as
# "the first tram" and "the last", stay together at any. With the default model, 2026-11-23.
ALIKE = 0.75


@dataclass(frozen=True)
class Noted:
    """A line of the file: a refused question as it was understood, when (UTC, by the hour), and by which index."""

    time: str
    question: str
    outcome: str
    generation: str


@dataclass(frozen=True)
class Contents:
    """What a file holds. `damaged` lines could not be read; to one that is `full`, nothing is added."""

    noted: tuple[Noted, ...]
    damaged: int
    full: bool


class Gaps:
    """A file of refused questions, one JSON object a line."""

    def __init__(self, path: Path) -> None:
        self._path = path.expanduser()
        self._told: set[str] = set()
        self._telling = Lock()

    def note(self, answer: Answer) -> None:
        """Add a question that was refused, in whole or in part, to the file. What goes wrong is told to the log, once."""
        if not is_refused(answer):
            return
        hour = datetime.now(UTC).strftime(_HOUR)
        noted = Noted(hour, answer.standalone_question[:MOST_LETTERS], answer.outcome, answer.generation)
        try:
            self._append(f"{json.dumps(asdict(noted))}\n".encode("ascii"))
        except OSError as error:
            self._tell(
                f"No refused question can be noted in {self._path} ({error.strerror}); answers are given as before."
            )

    def read(self) -> Contents:
        """What the file holds, oldest first. Raises `InputError` where it cannot be read."""
        with self._explained(), self._locked(os.O_RDONLY, fcntl.LOCK_SH) as file:
            whole = _whole(file)
        lines = _lines(whole)
        noted = tuple(entry for _, entry in lines if entry)
        return Contents(noted, len(lines) - len(noted), len(whole) >= MOST_BYTES)

    def remove(self, text: str = "") -> tuple[int, int]:
        """Remove the questions in which a text occurs, in capitals or not; "" removes all. How many went, and are left.

        Damaged lines go too, for nobody can tell what is in them. Raises `InputError` where the file cannot be changed.
        """
        wanted = _shown(text)
        with self._explained(), self._locked(os.O_RDWR, fcntl.LOCK_EX) as file:
            lines = _lines(_whole(file))
            kept = [line for line, entry in lines if entry and wanted not in _shown(entry.question)]
            # From the beginning, then cut: if this breaks off, a question may stand there twice, and none is lost.
            with open(file, "r+b", closefd=False) as whole:
                whole.seek(0)
                whole.writelines(kept)
                whole.truncate()
        return len(lines) - len(kept), len(kept)

    def _append(self, line: bytes) -> None:
        """Add a line whole, or not at all."""
        # A pipe that nobody reads must not stop who writes; to a file, O_NONBLOCK means nothing.
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK
        with self._locked(flags, fcntl.LOCK_EX, _SECONDS_TO_LOCK) as file:
            size = os.fstat(file).st_size
            if size >= MOST_BYTES:
                self._tell(
                    f"{self._path} holds {size / 1e6:,.0f} MB of refused questions, and no more are noted. "
                    f"Read it with: onrecord gaps {self._path}, and empty it with --forget behind that."
                )
                return
            if size and os.pread(file, 1, size - 1) != b"\n":  # of a line that broke off
                line = b"\n" + line
            if os.write(file, line) < len(line):
                os.ftruncate(file, size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    @contextmanager
    def _locked(self, flags: int, lock: int, seconds: float = math.inf) -> Iterator[int]:
        """The file, opened for its owner alone where it is new, and locked until the `with` ends. Raises `OSError` where
        another holds it for so many seconds.
        """
        file = os.open(self._path, flags, 0o600)
        try:
            _lock(file, lock, seconds)
            yield file
        finally:
            os.close(file)

    def _tell(self, message: str) -> None:
        with self._telling:
            known = message in self._told
            self._told.add(message)
        if not known:
            log.error(message)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InputError(
                f"The file of refused questions {self._path} cannot be used ({error.strerror}). A server that is started "
                "with its name in ONRECORD_GAPS makes it at the first refusal; another is read with: onrecord gaps FILE"
            ) from error


def _lock(file: int, lock: int, seconds: float) -> None:
    until = monotonic() + seconds
    while True:
        try:
            return fcntl.flock(file, lock | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() > until:
                raise OSError(errno.EAGAIN, "another process holds it") from None
        sleep(0.02)


def is_refused(answer: Answer) -> bool:
    """Whether a question was refused, or one of its parts."""
    return not REFUSED.isdisjoint([answer.outcome, *(segment.outcome for segment in answer.segments)])


def _shown(text: str) -> str:
    """Text as it is shown, in small letters. Most holds nothing to take out; looking takes long, and the file is locked."""
    joined = " ".join(text.split())
    return (joined if joined.isprintable() else plain(joined)).casefold()


def _whole(file: int) -> bytes:
    with open(file, "rb", closefd=False) as whole:
        return whole.read()


def _lines(whole: bytes) -> list[tuple[bytes, Noted | None]]:
    """The lines of a file but blank ones, each with what it notes: None where it is damaged."""
    return [(line, _parsed(line)) for line in whole.splitlines(keepends=True) if line.strip()]


def _parsed(line: bytes) -> Noted | None:
    try:
        given = json.loads(line)
        noted = Noted(**{name: given[name] for name in Noted.__dataclass_fields__})
        datetime.strptime(noted.time, _HOUR)
        noted.question.encode()  # half a surrogate pair is no text
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return noted if 0 < len(noted.question.strip()) <= MOST_LETTERS else None


# ------------------------------------------------------------------------------------------- what the questions come to


@dataclass(frozen=True)
class Asked:
    """A question that was refused once, and what is answered now. `nearest` is the source cited first, or "".

    `first` and `last` are the hours in which it was asked, `times` how often.
    """

    question: str
    times: int
    first: str
    last: str
    outcome: str
    nearest: str


@dataclass(frozen=True)
class Gap:
    """Questions that ask alike; the first is the one nearest to the middle of all the times they were asked."""

    questions: tuple[Asked, ...]

    @property
    def times(self) -> int:
        """How often one of them was asked."""
        return sum(asked.times for asked in self.questions)

    @property
    def first(self) -> str:
        """The hour in which one was asked first."""
        return min(asked.first for asked in self.questions)

    @property
    def last(self) -> str:
        """The hour in which one was asked last."""
        return max(asked.last for asked in self.questions)

    def to_dict(self) -> dict[str, Any]:
        """The gap as JSON-ready values: the fields of its first question, but times of them all."""
        times = {"times": self.times, "first": self.first, "last": self.last}
        return {**asdict(self.questions[0]), **times, "questions": [asdict(asked) for asked in self.questions]}


@dataclass(frozen=True)
class Survey:
    """What the sources lack, most asked first, and what they lacked once and answer now."""

    open: tuple[Gap, ...] = ()
    closed: tuple[Gap, ...] = ()

    def at_least(self, times: int) -> Self:
        """What was asked at least so often."""
        return replace(self, open=_often(self.open, times), closed=_often(self.closed, times))

    def to_dict(self) -> dict[str, Any]:
        """Both as JSON-ready values."""
        return {"open": [gap.to_dict() for gap in self.open], "closed": [gap.to_dict() for gap in self.closed]}


def _often(gaps: Sequence[Gap], times: int) -> tuple[Gap, ...]:
    return tuple(gap for gap in gaps if gap.times >= times)


def survey(
    noted: Sequence[Noted], assistant: Assistant, progress: Callable[[str, int, int], None] = lambda *_: None
) -> Survey:
    """Ask the questions noted again, each wording once, and put alike ones together.

    Of a question of several parts only those count that are refused now. The order of what was noted has no effect.
    """
    hours: dict[str, list[str]] = {}
    for entry in noted:
        hours.setdefault(entry.question.strip(), []).append(entry.time)
    asked: dict[str, list[str]] = {}
    answers: dict[str, Answer] = {}
    vectors: dict[str, Floats] = {}
    for done, (question, when) in enumerate(hours.items(), 1):
        for answer in _answers(question, assistant):
            asked.setdefault(answer.question, []).extend(when)
            answers[answer.question] = answer
            vectors[answer.question] = assistant.embedder.encode([answer.question])[0].vector
        progress("ask", done, len(hours))
    open_ = [_asked(answers[question], when) for question, when in asked.items() if is_refused(answers[question])]
    closed = [_asked(answers[question], when) for question, when in asked.items() if not is_refused(answers[question])]
    return Survey(together(open_, vectors), together(closed, vectors))


def _answers(question: str, assistant: Assistant) -> list[Answer]:
    """The answer to a question, or to each of its parts that is refused while another is not."""
    answer = assistant.answer(question)
    if answer.outcome != "partial":
        return [answer]
    parts = [assistant.answer(part.query.text) for part in assistant.parts(answer.standalone_question)]
    return [part for part in parts if is_refused(part)] or [answer]


def _asked(answer: Answer, hours: Sequence[str]) -> Asked:
    nearest = next((citation.source for citation in (*answer.citations, *answer.related)), "")
    return Asked(answer.question, len(hours), min(hours), max(hours), answer.outcome, nearest)


def together(asked: Sequence[Asked], vectors: Mapping[str, Floats]) -> tuple[Gap, ...]:
    """Questions, of which each has a unit vector, as gaps: most asked first."""
    if not asked:
        return ()
    asked = sorted(asked, key=lambda each: (-each.times, each.question))
    rows = np.stack([vectors[each.question] for each in asked])
    times = np.array([each.times for each in asked], np.float32)
    gaps = []
    for group in groups(rows):
        nearness = rows[group] @ unit(times[group] @ rows[group])
        first = group[int(nearness.round(4).argmax())]  # rounded: of two wordings, both are as near
        gaps.append(Gap(tuple(asked[i] for i in (first, *(i for i in group if i != first)))))
    return tuple(sorted(gaps, key=lambda gap: (-gap.times, gap.questions[0].question)))


def groups(vectors: Floats, least: float = ALIKE) -> list[list[int]]:
    """The rows of unit vectors (n, d) in groups: each joins, in order, the group to which its mean cosine is greatest.

    Where that is less than `least`, it begins a group of its own. At most n² d steps: 18 s for 20,000 questions that are
    mostly unlike, on one core.
    """
    found: list[list[int]] = []
    sums, sizes = np.zeros_like(vectors), np.zeros(len(vectors), np.float32)
    for row, vector in enumerate(vectors):
        cosines = sums[: len(found)] @ vector / sizes[: len(found)]
        group = int(cosines.argmax()) if found else 0
        if not found or cosines[group] < least:
            group = len(found)
            found.append([])
        found[group].append(row)
        sums[group] += vector
        sizes[group] += 1
    return found
