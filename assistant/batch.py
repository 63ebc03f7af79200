"""Questions in, answers out, a JSON object a line: `onrecord ask --batch`.

    {"id": ..., "question": "...", "history": [...]}  ->  {"id": ..., <the answer's fields>}
    anything else                                     ->  {"id": ..., "error": "what was wrong"}

Lines are answered one by one as they come, so that a program can hold a conversation over a pipe. Blank lines count
only in line numbers.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from index.errors import InputError, OnRecordError

if TYPE_CHECKING:
    from assistant.answer import Answer

Turn = str | Mapping[str, str]


class Answers(Protocol):
    """What a batch needs of an assistant."""

    def answer(self, question: str, history: Sequence[Turn] = ()) -> "Answer": ...


@dataclass(frozen=True)
class Result:
    """What a line came to. `error` is "" where it was answered; `line` counts from 1, blank lines included."""

    line: int
    record: dict[str, Any]
    error: str = ""


def answers(assistant: Answers, lines: Iterable[bytes]) -> Iterator[Result]:
    """Answer lines in order, each as soon as it is read."""
    for number, line in enumerate(lines, 1):
        text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if not text.strip():
            continue
        key: object = None
        try:
            given = _parsed(text)
            key = given.get("id")
            question, history = _asked(given)
            record = {"id": key, **assistant.answer(question, history).to_dict()}
        except OnRecordError as error:
            yield Result(number, {"id": key, "error": str(error)}, str(error))
        else:
            yield Result(number, record)


def _parsed(line: bytes) -> dict[str, Any]:
    """The object on a line. JSON's own errors are told; NaN and Infinity, which are no JSON, are refused."""
    try:
        given = json.loads(line.decode("utf-8"), parse_constant=_refuse)
    except UnicodeDecodeError:
        raise InputError("The line is not UTF-8.") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"The line is not JSON ({error}).") from None
    if not isinstance(given, dict):
        raise InputError(f'The line is no object but {given!r:.60}. Write {{"id": 1, "question": "..."}}.')
    return given


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _asked(given: Mapping[str, Any]) -> tuple[str, list[Turn]]:
    """The question and the history of a line."""
    question, history = given.get("question"), given.get("history") or []
    if not isinstance(question, str) or not question.strip():
        raise InputError(f'"question" is {question!r:.60}. It must be a text that asks something.')
    if not isinstance(history, list) or not all(map(_is_turn, history)):
        raise InputError(
            f'"history" is {history!r:.60}. It must be a list of earlier questions, each a text or '
            '{"question": "...", "answer": "..."}.'
        )
    return question, history


def _is_turn(turn: object) -> bool:
    if isinstance(turn, dict):
        return isinstance(turn.get("question"), str) and isinstance(turn.get("answer", ""), str)
    return isinstance(turn, str)
