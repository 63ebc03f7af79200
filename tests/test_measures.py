"""Measures, computed by hand."""

from dataclasses import fields

import numpy as np
import pytest

from assistant.evidence import Signals
from evals.measures import (
    Best,
    auroc,
    best,
    best_threshold,
    bootstrap,
    calibration_error,
    decided,
    mean_decided,
    reliability,
)
from tests.questions import asked


def test_the_best_sentence_is_the_one_that_scores_most() -> None:
    width = len(fields(Signals))
    question = asked(right=(0, 1), signals=[[0.1] * width, [0.3] * width])
    nothing = asked(right=(), answerable=False)
    b = best([question, nothing], lambda s: s.sum(axis=1) / width)
    assert b.probability == pytest.approx([0.3, 0])
    assert b.right.tolist() == [True, False]
    assert b.answerable.tolist() == [True, False]


def test_the_best_threshold_has_the_greatest_mean() -> None:
    b = Best(
        np.array([0.9, 0.6, 0.4, 0.7, 0.2]),
        np.array([True, True, False, False, False]),
        np.array([True, True, True, False, False]),
    )
    assert decided(b, 0.5) == pytest.approx((2 / 3, 1 / 2, 7 / 12))
    # At 0.9: one of three right, both refused. At 0.6: two of three, one refused of two.
    assert best_threshold(b) == 0.9
    assert decided(b, 0.9) == pytest.approx((1 / 3, 1, 2 / 3))


def test_the_mean_is_of_right_answers_and_right_refusals() -> None:
    right = np.array([True, False, False, False, False])
    refused_ = np.array([False, True, False, True, False])
    answerable = np.array([True, True, False, False, False])
    assert mean_decided(right, refused_, answerable) == pytest.approx((1 / 2 + 1 / 3) / 2)


def test_auroc_counts_pairs_and_a_tie_for_half() -> None:
    scores, positive = np.array([0.9, 0.5, 0.5, 0.1]), np.array([True, True, False, False])
    assert auroc(scores, positive) == pytest.approx((2 + 1.5) / 4)
    assert np.isnan(auroc(scores, np.ones(4, bool)))


def test_the_calibration_error_is_the_mean_gap_by_questions() -> None:
    probability, right = np.array([0.1, 0.1, 0.85, 1.0]), np.array([False, True, True, True])
    assert calibration_error(probability, right, 2) == pytest.approx(0.5 * 0.4 + 0.5 * 0.075)
    low, high = reliability(probability, right, 2)
    assert (low.count, low.foretold, low.observed) == pytest.approx((2, 0.1, 0.5))
    assert (high.low, high.high, high.count, high.observed) == (0.5, 1.0, 2, 1.0)


def test_a_bootstrap_is_the_same_for_the_same_seed_and_holds_the_figure() -> None:
    values = np.array([0.0] * 60 + [1.0] * 40)

    def mean(at: np.ndarray) -> float:
        return float(values[at].mean())

    low, high = bootstrap(mean, 100)
    assert (low, high) == bootstrap(mean, 100)
    # The normal interval of a share of 0.4 of 100 is 0.304 to 0.496.
    assert (low, high) == pytest.approx((0.304, 0.496), abs=0.02)
    assert bootstrap(lambda at: 0.7, 100, rounds=20) == pytest.approx((0.7, 0.7))
