import pytest

from assistant.odds import log_odds, probability


def test_log_odds_and_probabilities_are_the_same_thing() -> None:
    assert log_odds(0.5) == 0
    assert probability(0) == 0.5
    assert log_odds(0.8) == pytest.approx(1.386, abs=1e-3)  # the log of four to one
    for odds in (-7.0, -0.3, 2.5):
        assert log_odds(probability(odds)) == pytest.approx(odds)


def test_what_is_sure_stays_finite() -> None:
    assert log_odds(1.0) == pytest.approx(13.8, abs=0.1)
    assert log_odds(0.0) == pytest.approx(-log_odds(1.0))
    assert probability(1000) == 1
    assert probability(-1000) == 0
