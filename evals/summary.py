"""Run -> Summary: what the results add up to, each share with its count and its 95 % interval.

Every case counts in every total; one that is stale or could not be graded is no pass. The figures that would hold a
stale expectation against the assistant (the two ways of being wrong, citations) leave stale cases out. Not covered: what
is good enough (`thresholds.py`), and how it is shown (`report.py`).
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from evals.case import ANSWERS, REFUSALS
from evals.grade import VERDICTS
from evals.run import Result, Run

_Z = 1.959963984540054  # of a two-sided 95 % interval


@dataclass(frozen=True)
class Share:
    """So many of so many. `low` and `high` are the 95 % interval by Wilson's score (1927), without correction."""

    count: int
    total: int

    @property
    def value(self) -> float | None:
        """From 0 to 1; None of nothing."""
        return self.count / self.total if self.total else None

    @property
    def low(self) -> float:
        return self._bound(-1)

    @property
    def high(self) -> float:
        return self._bound(1)

    def _bound(self, side: int) -> float:
        if not self.total:
            return 0.0 if side < 0 else 1.0
        n, p = self.total, self.count / self.total
        spread = _Z * math.sqrt(p * (1 - p) / n + _Z * _Z / (4 * n * n))
        return min(1.0, max(0.0, (p + _Z * _Z / (2 * n) + side * spread) / (1 + _Z * _Z / n)))


@dataclass(frozen=True)
class Summary:
    """What a run comes to.

    `themes` and `outcomes` are shares of passes, by theme in file order and by expected outcome. `confusion` counts
    (expected, came); of several accepted outcomes, the one that came is the expected one, else the first; an assistant
    that raised came to "error". `wrong_answers` are answers to questions that must be refused, `wrong_refusals` refusals
    of questions that must be answered. In cases with `must_cite`: `precision` is the share of cited sources that were
    asked for, `recall` the share of groups asked for that were cited. `p50` and `p95` are seconds an answer.
    `always_refuse` and `never_refuse` are what two dummies would pass.
    """

    themes: Mapping[str, Share]
    outcomes: Mapping[str, Share]
    all: Share
    verdicts: Mapping[str, int]
    confusion: Mapping[tuple[str, str], int]
    wrong_answers: Share
    wrong_refusals: Share
    precision: Share
    recall: Share
    verbatim: Share
    p50: float
    p95: float
    always_refuse: Share
    never_refuse: Share


def summarise(run: Run) -> Summary:
    """What a run comes to."""
    results = run.results
    live = [result for result in results if result.grade.verdict != "stale"]
    precision, recall = _citations(live)
    verdicts = Counter(result.grade.verdict for result in results)
    seconds = [result.seconds for result in results]
    return Summary(
        themes=_by(results, lambda result: result.case.theme),
        outcomes=_by(results, lambda result: result.case.expect.outcome[0]),
        all=_passes(results),
        verdicts={verdict: verdicts[verdict] for verdict in VERDICTS},
        confusion=Counter((result.case.expected(result.outcome), result.outcome) for result in results),
        wrong_answers=_share(r.outcome in ANSWERS for r in live if r.case.must_refuse),
        wrong_refusals=_share(r.outcome in REFUSALS for r in live if r.case.must_answer),
        precision=precision,
        recall=recall,
        verbatim=Share(sum(r.verbatim for r in results), sum(r.quotes for r in results)),
        p50=percentile(seconds, 0.5),
        p95=percentile(seconds, 0.95),
        always_refuse=_passes(run.always_refuse),
        never_refuse=_passes(run.never_refuse),
    )


def _share(held: Iterable[bool]) -> Share:
    listed = list(held)
    return Share(sum(listed), len(listed))


def _passes(results: Sequence[Result]) -> Share:
    return _share(result.grade.verdict == "pass" for result in results)


def _by(results: Sequence[Result], key: Callable[[Result], str]) -> dict[str, Share]:
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(key(result), []).append(result)
    return {name: _passes(group) for name, group in groups.items()}


def _citations(results: Sequence[Result]) -> tuple[Share, Share]:
    """Precision and recall over cases that say what is to be cited."""
    asked = [(r.case.expect.must_cite, _cited(r)) for r in results if r.case.expect.must_cite]
    precision = _share(any(source in group for group in groups) for groups, cited in asked for source in cited)
    recall = _share(not cited.isdisjoint(group) for groups, cited in asked for group in groups)
    return precision, recall


def _cited(result: Result) -> set[str]:
    return {citation.source for citation in result.answer.citations} if result.answer else set()


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed (nearest rank); 0 of none."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else 0.0
