"""What is good enough: thresholds from `pyproject.toml`, and why a run falls short of them or of what was accepted.

    [tool.onrecord.eval]            # any corpus
    verbatim = 1.0
    [tool.onrecord.eval.NAME]       # the corpus of that name
    passing = 0.7                   # at least; of the cases that are not stale
    wrong_answers = 0.1             # at most; of the questions that must be refused
    wrong_refusals = 0.1            # at most; of the questions that must be answered

How long an answer takes is no threshold: it depends on what else the machine does.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from evals.compare import Comparison
from evals.summary import Share, Summary
from index.errors import InputError


@dataclass(frozen=True)
class Thresholds:
    """Shares from 0 to 1; None where nothing is asked for."""

    passing: float | None = None
    wrong_answers: float | None = None
    wrong_refusals: float | None = None
    verbatim: float | None = 1.0


_KEYS = tuple(field.name for field in fields(Thresholds))


def thresholds(name: str, pyproject: Path = Path("pyproject.toml")) -> Thresholds:
    """The thresholds of the corpus `name`; the defaults where there is no such file. Raises `InputError`."""
    try:
        table = tomllib.loads(pyproject.read_text("utf-8")).get("tool", {}).get("onrecord", {}).get("eval", {})
    except FileNotFoundError:
        return Thresholds()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{pyproject} cannot be read ({error}).") from error
    anywhere = {key: value for key, value in table.items() if not isinstance(value, dict)}
    given = {**anywhere, **table.get(name, {})}
    for key, value in given.items():
        _check(key, value, pyproject)
    return Thresholds(**given)


def _check(key: str, value: Any, pyproject: Path) -> None:
    if key not in _KEYS:
        raise InputError(f"{pyproject}, tool.onrecord.eval: {key} is no threshold. These are: {', '.join(_KEYS)}.")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InputError(f"{pyproject}, tool.onrecord.eval: {key} is {value!r}. It takes a share from 0 to 1.")


def shortfalls(summary: Summary, comparison: Comparison | None, wanted: Thresholds) -> list[str]:
    """Why a run does not do, each in a clause; empty where it does."""
    return [*_broken(summary, comparison), *_below(summary, wanted)]


def _broken(summary: Summary, comparison: Comparison | None) -> Iterator[str]:
    regressions = [change.case.id for change in comparison.regressions] if comparison else []
    if regressions:
        yield f"{len(regressions)} regression{'s' * (len(regressions) > 1)} ({', '.join(regressions)})"
    if ungraded := summary.verdicts["ungraded"]:
        yield f"{ungraded} case{'s' * (ungraded > 1)} could not be graded"


def _below(summary: Summary, wanted: Thresholds) -> Iterator[str]:
    live = Share(summary.all.count, summary.all.total - summary.verdicts["stale"])
    for what, share, least in (
        ("passing cases, stale ones apart", live, wanted.passing),
        ("verbatim quotes", summary.verbatim, wanted.verbatim),
    ):
        if least is not None and share.value is not None and share.value < least:
            yield f"{what}: {share.count} of {share.total}, below the threshold of {least:.1%}"
    for what, share, most in (
        ("wrong answers to must-refuse questions", summary.wrong_answers, wanted.wrong_answers),
        ("wrong refusals", summary.wrong_refusals, wanted.wrong_refusals),
    ):
        if most is not None and share.value is not None and share.value > most:
            yield f"{what}: {share.count} of {share.total}, above the threshold of {most:.1%}"
