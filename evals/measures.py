"""How good a decision is, in figures: the best sentence of each question, thresholds, AUROC, calibration, intervals.

A figure that has nothing to be of is NaN. Not covered: how figures are shown (`figures.py`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from evals.public import SEED
from evals.rows import Numbers, OpenAsked, Truths

Score = Callable[[Numbers], Numbers]


@dataclass(frozen=True)
class Best:
    """The best sentence of each of n questions: its probability, whether it is right, and whether there is an answer."""

    probability: Numbers
    right: Truths
    answerable: Truths


class Candidates(Protocol):
    """A question's candidates: their `signals` (n, m), which are `right` (n,), and whether there is a right one at all."""

    @property
    def signals(self) -> Numbers: ...
    @property
    def right(self) -> Truths: ...
    @property
    def answerable(self) -> bool: ...


def best(asked: Sequence[Candidates], score: Score) -> Best:
    """The best candidates of some questions, by a score. A question for which nothing was found has probability nought."""
    found_ = []
    for a in asked:
        scores = score(a.signals) if len(a.right) else np.zeros(0)
        at = int(scores.argmax()) if len(scores) else -1
        found_.append((float(scores[at]), bool(a.right[at]), a.answerable) if at >= 0 else (0.0, False, a.answerable))
    p, right, answerable = zip(*found_, strict=True) if found_ else ((), (), ())
    return Best(np.array(p, float), np.array(right, bool), np.array(answerable, bool))


def best_open(asked: Sequence[OpenAsked], score: Score) -> Best:
    """The open point that fits best for each question; right where one is asked for, and it is of a source to cite."""
    found_ = []
    for a in asked:
        scores = [float(score(p).max()) for p in a.points]
        at = int(np.argmax(scores)) if scores else -1
        found_.append(
            (scores[at], a.unreleased and a.cited[at], a.unreleased) if scores else (0.0, False, a.unreleased)
        )
    p, right, asked_for = zip(*found_, strict=True) if found_ else ((), (), ())
    return Best(np.array(p, float), np.array(right, bool), np.array(asked_for, bool))


def together(parts: Sequence[Best]) -> Best:
    """Several as one."""
    return Best(
        np.concatenate([part.probability for part in parts]),
        np.concatenate([part.right for part in parts]),
        np.concatenate([part.answerable for part in parts]),
    )


def decided(b: Best, at: float) -> tuple[float, float, float]:
    """The share of the answerable that are answered and right, of the unanswerable that are refused, and their mean."""
    right = float((b.right & (b.probability >= at))[b.answerable].mean()) if b.answerable.any() else float("nan")
    refused = float((b.probability < at)[~b.answerable].mean()) if (~b.answerable).any() else float("nan")
    return right, refused, (right + refused) / 2


def best_threshold(b: Best) -> float:
    """The threshold at which the mean of right answers and right refusals is greatest; the lowest of equals."""
    return float(max(np.unique(np.append(b.probability, 1.01)), key=lambda at: decided(b, at)[2]))


def mean_decided(right: Truths, refused: Truths, answerable: Truths) -> float:
    """The mean of the share of the answerable that are answered and right and of the unanswerable that are refused.

    NaN without one of each.
    """
    if answerable.all() or not answerable.any():
        return float("nan")
    return float((right[answerable].mean() + refused[~answerable].mean()) / 2)


def auroc(scores: Numbers, positive: Truths) -> float:
    """The chance that a positive scores above a negative, a tie counted half (Mann-Whitney). NaN without one of each."""
    high, low = scores[positive], np.sort(scores[~positive])
    if not len(high) or not len(low):
        return float("nan")
    below, upto = np.searchsorted(low, high, "left"), np.searchsorted(low, high, "right")
    return float((below + upto).sum() / (2 * len(high) * len(low)))


@dataclass(frozen=True)
class Bin:
    """The questions whose probability lies in one part of 0..1: how many, what is foretold of them, what came."""

    low: float
    high: float
    count: int
    foretold: float
    observed: float


def reliability(probability: Numbers, right: Truths, count: int = 10) -> list[Bin]:
    """Probabilities in `count` parts of equal width; the parts that hold any."""
    place = np.minimum((probability * count).astype(int), count - 1)
    return [
        Bin(
            i / count, (i + 1) / count, int((place == i).sum()),
            float(probability[place == i].mean()), float(right[place == i].mean()),
        )
        for i in range(count) if (place == i).any()
    ]  # fmt: skip


def calibration_error(probability: Numbers, right: Truths, count: int = 10) -> float:
    """Expected calibration error (Guo et al., ICML 2017): the mean gap of foretold and observed, by questions."""
    every = reliability(probability, right, count)
    return sum(b.count * abs(b.foretold - b.observed) for b in every) / len(probability)


def bootstrap(
    figure: Callable[[np.ndarray], float], n: int, rounds: int = 1000, seed: int = SEED
) -> tuple[float, float]:
    """The middle 95 % of a figure over `rounds` samples of n questions, each drawn with replacement."""
    dice = np.random.default_rng(seed)
    values = [figure(dice.integers(0, n, n)) for _ in range(rounds)]
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)
