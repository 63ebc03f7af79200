"""The logistic models of the decision, fitted on rows, with signs held to sense; and gradient boosting beside them.

Those of the first reading: "stated" is fitted on sentences, "open" on the attributes of open points. The same rows give
the same weights. Not covered: how good they are (`measures.py`), and what is kept of them (`fit.py`, `fit_reread.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from scipy.optimize import minimize
from sklearn.ensemble import HistGradientBoostingClassifier

from assistant.evidence import Calibration, Logistic, Signals
from assistant.ledger import OpenSignals
from assistant.odds import log_odds
from evals.measures import Best, Score
from evals.public import SEED
from evals.rows import Asked, Numbers, OpenAsked, Truths
from index.errors import InputError

# Signals that speak against a sentence; all others speak for it, or count nothing.
AGAINST = frozenset({"rival", "differs"})
# One over the strength of the pull of each weight towards nought, as scikit-learn has it; and what a row of our corpora
# counts beside a row of the public ones, of which there are many more.
STATED_C, OPEN_C, OURS = 0.5, 1.0, 3.0
# The probability of one candidate among many from which the decision goes for it: the intercepts are moved so that the
# run-time threshold is one half for both. Chosen in November 2026 on our corpora but housing.
WORKING = {"stated": 0.035, "open": 0.14}


@dataclass(frozen=True)
class Model:
    """A logistic model: a weight for each named signal, and an intercept."""

    names: tuple[str, ...]
    weights: tuple[float, ...]
    intercept: float

    def __call__(self, signals: Numbers) -> Numbers:
        """The probabilities (n,) of signals (n, m)."""
        return np.asarray(1 / (1 + np.exp(-(signals @ np.array(self.weights) + self.intercept))))

    @classmethod
    def of(cls, logistic: Logistic, signals: type) -> "Model":
        """A model of the assistant on all of its signals; one without a weight has nought."""
        names = names_of(signals)
        return cls(names, tuple(logistic.weights.get(name, 0.0) for name in names), logistic.intercept)

    @property
    def logistic(self) -> Logistic:
        """The same for the assistant to decide by."""
        return Logistic(dict(zip(self.names, self.weights, strict=True)), self.intercept)

    def at_half(self, probability: float) -> "Model":
        """The same, moved so that what had this probability has one half."""
        return replace(self, intercept=self.intercept - float(np.log(probability / (1 - probability))))

    def rounded(self) -> "Model":
        """The same as it stands in a file."""
        return Model(self.names, tuple(round(w, 3) + 0.0 for w in self.weights), round(self.intercept, 3))

    def to_dict(self) -> dict[str, object]:
        """The model as `weights.json` has it, without weights of nought."""
        weights = {name: weight for name, weight in zip(self.names, self.weights, strict=True) if weight}
        return {"intercept": self.intercept, "weights": weights}


def names_of(signals: type) -> tuple[str, ...]:
    """The names of a dataclass of signals, in order."""
    return tuple(f.name for f in fields(signals))


def regression(names: Sequence[str], x: Numbers, y: Truths, weight: Numbers, c: float) -> Model:
    """Logistic regression by L-BFGS-B, ridge on the weights, each held to its sign; from nought, so without chance."""
    m = x.shape[1]
    truth = y.astype(float)

    def loss(w: Numbers) -> tuple[float, Numbers]:
        z = x @ w[:m] + w[m]
        off = weight * (1 / (1 + np.exp(-z)) - truth)
        value = c * float((weight * (np.logaddexp(0, z) - truth * z)).sum()) + 0.5 * float((w[:m] ** 2).sum())
        return value, np.append(c * (off @ x) + w[:m], c * off.sum())

    bounds = [(None, 0) if name in AGAINST else (0, None) for name in names] + [(None, None)]
    best = minimize(loss, np.zeros(m + 1), jac=True, bounds=bounds, method="L-BFGS-B").x
    return Model(tuple(names), tuple(float(w) for w in best[:m]), float(best[m]))


def training(asked: Sequence[Asked]) -> tuple[Numbers, Truths, Numbers]:
    """The rows of some questions: signals, whether right, and how much each counts.

    Where no right sentence was found for an answerable question, there is nothing to learn from.
    """
    seen = [a.without() if a.withheld else a for a in asked if a.right.any() or not a.answerable]
    if not any(a.right.any() for a in seen):
        raise InputError("No question has a right sentence among those found, so there is nothing to fit on. Add some.")
    counts = [1.0 if a.public else OURS for a in seen]
    weight = np.concatenate([np.full(len(a.right), count) for a, count in zip(seen, counts, strict=True)])
    return np.concatenate([a.signals for a in seen]), np.concatenate([a.right for a in seen]), weight


def fit_stated(asked: Sequence[Asked]) -> Model:
    """The model "stated", fitted on some questions, its decision at one half."""
    return regression(names_of(Signals), *training(asked), STATED_C).at_half(WORKING["stated"])


def fit_open(asked: Sequence[OpenAsked], rounds: int = 4) -> Model:
    """The model "open", fitted on some questions, its decision at one half.

    Of the attributes that a question's source calls open, which one is meant is not known: at first the one whose signals
    add up to most, then the one that the model so far prefers.
    """
    names = names_of(OpenSignals)
    against = np.array([-1.0 if name in AGAINST else 1.0 for name in names])
    prefer: Score = lambda signals: signals @ against  # noqa: E731
    model = None
    for _ in range(rounds):
        rows, right = [], []
        for a in asked:
            held = [p for p, cited in zip(a.points, a.cited, strict=True) if cited and a.unreleased]
            others = [p for p, cited in zip(a.points, a.cited, strict=True) if not (cited and a.unreleased)]
            if held:
                every = np.concatenate(held)
                rows.append(every[[int(prefer(every).argmax())]])
                right.append(np.ones(1, bool))
            rows += [p[[int(prefer(p).argmax())]] for p in others]
            right += [np.zeros(1, bool)] * len(others)
        if not any(r.any() for r in right):
            raise InputError("No case asks for what a source calls open, so there is nothing to fit on. Add some.")
        y = np.concatenate(right)
        prefer = model = regression(names, np.concatenate(rows), y, np.ones(len(y)), OPEN_C)
    assert model is not None
    return model.at_half(WORKING["open"])


def fit_boosted(asked: Sequence[Asked]) -> Score:
    """Gradient boosting in the place of "stated", each signal held to its direction. For comparison only."""
    x, y, weight = training(asked)
    sense = [-1 if name in AGAINST else 1 for name in names_of(Signals)]
    trees = HistGradientBoostingClassifier(
        max_iter=120, learning_rate=0.06, max_leaf_nodes=8, min_samples_leaf=30, l2_regularization=5.0,
        monotonic_cst=sense, random_state=SEED,
    ).fit(x, y, sample_weight=weight)  # fmt: skip
    odds = WORKING["stated"] / (1 - WORKING["stated"])

    def score(signals: Numbers) -> Numbers:
        p = trees.predict_proba(signals)[:, 1]
        return np.asarray(p / (p + odds * (1 - p)))

    return score


def calibration(b: Best) -> Calibration:
    """What makes the probabilities of best finds as likely as they say."""
    some = b.probability > 0  # where nothing was found, there is nothing to learn of a find
    odds = np.array([[log_odds(p)] for p in b.probability[some].tolist()]).reshape(-1, 1)
    line = regression(("odds",), odds, b.right[some], np.ones(int(some.sum())), 1e6)
    return Calibration(round(line.weights[0], 3), round(line.intercept, 3))


def calibrated(b: Best, by: Calibration) -> Best:
    """The same finds with calibrated probabilities."""
    return replace(b, probability=np.array([by(p) for p in b.probability.tolist()]))
