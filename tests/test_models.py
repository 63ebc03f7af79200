"""The models: signs recovered and held, what is fitted on, and probabilities as likely as they say."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from assistant.evidence import MODELS, Signals
from assistant.ledger import OpenSignals
from assistant.odds import log_odds
from evals.measures import Best, best, best_open, calibration_error
from evals.models import (
    AGAINST,
    OURS,
    Model,
    calibrated,
    calibration,
    fit_boosted,
    fit_open,
    fit_stated,
    names_of,
    regression,
    training,
)
from evals.rows import Asked, OpenAsked
from index.errors import InputError
from tests.questions import asked


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """As the command does: threads wait for each other wherever something else runs."""
    with threadpool_limits(1):
        yield


def test_signs_are_recovered_and_held() -> None:
    dice = np.random.default_rng(0)
    x = dice.uniform(size=(3000, 3))
    z = 3 * x[:, 0] - 2 * x[:, 1] - 2 * x[:, 2]
    y = dice.uniform(size=3000) < 1 / (1 + np.exp(-z))
    model = regression(("helps", "rival", "held"), x, y, np.ones(3000), 10)
    assert model.weights[0] == pytest.approx(3, abs=0.4)
    assert model.weights[1] == pytest.approx(-2, abs=0.4)
    assert model.weights[2] == 0


def test_the_working_point_comes_to_one_half() -> None:
    model = Model(("a",), (2.0,), log_odds(0.035))
    assert model(np.zeros((1, 1)))[0] == pytest.approx(0.035)
    assert model.at_half(0.035)(np.zeros((1, 1)))[0] == pytest.approx(0.5)


def test_what_is_near_a_withheld_answer_is_not_fitted_on() -> None:
    near = replace(asked(right=(1, 0, 0), withheld=True), near=np.array([True, True, False]))
    x, y, weight = training([near, asked(right=(1, 0), corpus="transit")])
    assert len(x) == 3
    assert y.tolist() == [False, True, False]
    assert weight.tolist() == [1, OURS, OURS]


def test_an_answer_that_was_not_found_teaches_nothing() -> None:
    _, y, _ = training([asked(right=(0, 0)), asked(right=(1,))])
    assert y.tolist() == [True]
    with pytest.raises(InputError, match="nothing to fit on"):
        training([asked(right=(0, 0))])


def noisy(count: int, seed: int) -> list[Asked]:
    """Questions whose right sentence, the first of four, is higher in all signals but those that speak against."""
    dice = np.random.default_rng(seed)
    names = names_of(Signals)
    lift = np.array([-0.3 if name in AGAINST else 0.3 for name in names])
    rows = []
    for i in range(count):
        signals = dice.uniform(0.2, 0.8, (4, len(names)))
        signals[0] += lift
        rows.append(asked(f"a{i}", (1, 0, 0, 0), signals.tolist(), withheld=i % 4 == 0))
    return rows


def test_both_models_tell_the_right_sentence_and_hold_their_signs() -> None:
    model = fit_stated(noisy(60, 0))
    fresh = noisy(40, 1)
    assert all((w <= 0) if n in AGAINST else (w >= 0) for n, w in zip(model.names, model.weights, strict=True))
    assert best(fresh, model).right.mean() > 0.9
    assert best(fresh, fit_boosted(noisy(60, 0))).right.mean() > 0.7


def test_the_meant_attribute_is_found_out() -> None:
    names = names_of(OpenSignals)
    good, bad = ([v if n not in AGAINST else 1 - v for n in names] for v in (0.9, 0.1))
    meant = OpenAsked("c", True, (np.array([bad, good]), np.array([bad])), (True, False))
    other = OpenAsked("c", False, (np.array([bad, bad]),), (False,))
    model = fit_open([meant, other] * 5)
    assert model(np.array([good]))[0] > 0.9
    assert model(np.array([good]))[0] > model(np.array([bad]))[0]
    b = best_open([meant, other], model)
    assert b.right.tolist() == b.answerable.tolist() == [True, False]
    with pytest.raises(InputError, match="nothing to fit on"):
        fit_open([other])


def test_calibrated_probabilities_are_as_likely_as_they_say() -> None:
    dice = np.random.default_rng(0)
    true = dice.uniform(0.05, 0.95, 4000)
    right = dice.uniform(size=4000) < true
    boastful = Best(1 / (1 + np.exp(-(2 * np.log(true / (1 - true)) + 1.5))), right, np.ones(4000, bool))
    likely = calibration(boastful)
    assert likely.slope == pytest.approx(0.5, abs=0.05)
    assert likely.offset == pytest.approx(-0.75, abs=0.1)
    assert calibration_error(boastful.probability, right) > 0.15
    assert calibration_error(calibrated(boastful, likely).probability, right) < 0.03


def test_a_model_says_of_a_table_what_the_assistant_says_of_each_sentence() -> None:
    for logistic, of in ((MODELS.stated, Signals), (MODELS.open, OpenSignals)):
        names = names_of(of)
        values = np.random.default_rng(0).uniform(size=(5, len(names)))
        model = Model.of(logistic, of)
        each = [of(*row) for row in values.tolist()]
        assert model(values) == pytest.approx([logistic(signals) for signals in each])
        assert [model.logistic(signals) for signals in each] == pytest.approx([logistic(signals) for signals in each])
