"""What results add up to: each number here is computed by hand. Whole suites of broken assistants show in the numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from assistant.answer import Answer
from evals.case import Case
from evals.run import AlwaysRefuse, Answers, Run, ask
from evals.summary import Share, percentile, summarise
from tests.harbour import COST, FILES, SUNDAYS, Broken, Fake, answered, case, refused, result, unreleased


class Told:
    """Gives the answer that is told for each question."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = answers

    def answer(self, question: str, history: Sequence[str | Mapping[str, str]] = ()) -> Answer:
        return self.answers[question]


def run(assistant: Answers, cases: Sequence[Case]) -> Run:
    return Run("harbour", "g", {}, ask(cases, assistant, FILES), ask(cases, AlwaysRefuse(), FILES))


CASES = [
    case("price", "Q1", "money", must_cite=["pass"]),
    case("sailing", "Q2", "days", must_cite=[["ferry", "pass"], "ferry"]),
    case("start", "Q3", "days", outcome="unreleased", must_cite=["pass"]),
    case("captain", "Q4", "money", outcome="not_in_sources"),
    case("either", "Q5", "money", outcome=["not_in_sources", "answered"]),
]


def test_a_share_has_the_interval_of_wilson() -> None:
    # (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n), with z = 1.96
    for share, low, high in ((Share(8, 10), 0.4902, 0.9433), (Share(0, 10), 0.0, 0.2775), (Share(10, 10), 0.7225, 1.0)):
        assert share.low == pytest.approx(low, abs=1e-4)
        assert share.high == pytest.approx(high, abs=1e-4)
    assert Share(8, 10).value == 0.8


def test_a_share_of_nothing_has_no_value() -> None:
    assert Share(0, 0).value is None
    assert (Share(0, 0).low, Share(0, 0).high) == (0.0, 1.0)


def test_percentiles_are_values_by_nearest_rank() -> None:
    assert percentile([3, 1, 2, 4], 0.5) == 2
    assert percentile([3, 1, 2, 4], 0.95) == 4
    assert percentile([7], 0.5) == 7
    assert percentile(range(1, 101), 0.95) == 95
    assert percentile([], 0.5) == 0


def test_an_assistant_that_is_right_and_wrong_adds_up() -> None:
    told = {"Q1": answered(), "Q2": answered(), "Q3": refused(), "Q4": answered(), "Q5": answered()}
    summary = summarise(run(Told(told), CASES))
    # right: price, either. sailing cites no ferry; start is refused in the wrong way; captain is answered.
    assert summary.all == Share(2, 5)
    assert summary.themes == {"money": Share(2, 3), "days": Share(0, 2)}
    assert summary.outcomes == {"answered": Share(1, 2), "unreleased": Share(0, 1), "not_in_sources": Share(1, 2)}
    assert summary.verdicts == {"pass": 2, "fail": 3, "stale": 0, "ungraded": 0}
    assert summary.confusion == {
        ("answered", "answered"): 3,
        ("unreleased", "not_in_sources"): 1,
        ("not_in_sources", "answered"): 1,
    }
    assert summary.wrong_answers == Share(1, 2)  # captain, of start and captain
    assert summary.wrong_refusals == Share(0, 2)  # of price and sailing
    # cited where something must be: pass for price, pass for sailing (an alternative), nothing for start
    assert summary.precision == Share(2, 2)
    # groups: price 1 of 1, sailing 1 of 2, start 0 of 1
    assert summary.recall == Share(2, 4)
    assert summary.verbatim == Share(4, 4)
    assert summary.always_refuse == Share(2, 5)  # captain and either


def test_one_that_cites_the_wrong_source_loses_precision() -> None:
    told = {"Q1": answered(SUNDAYS.quote, SUNDAYS), "Q2": answered(SUNDAYS.quote, SUNDAYS), "Q3": unreleased()}
    summary = summarise(run(Told(told), CASES[:3]))
    assert (summary.precision, summary.recall) == (Share(2, 3), Share(3, 4))
    assert summary.all == Share(2, 3)


def test_one_that_refuses_everything_shows_in_the_pair() -> None:
    summary = summarise(run(Fake(refused()), CASES))
    assert (summary.wrong_answers, summary.wrong_refusals) == (Share(0, 2), Share(2, 2))
    assert summary.all == summary.always_refuse == Share(2, 5)


def test_one_that_answers_everything_shows_in_the_pair() -> None:
    summary = summarise(run(Fake(answered()), CASES))
    assert (summary.wrong_answers, summary.wrong_refusals) == (Share(2, 2), Share(0, 2))
    assert summary.all == Share(2, 5)


def test_one_that_raises_stays_in_every_total() -> None:
    summary = summarise(run(Broken(), CASES))
    assert summary.verdicts == {"pass": 0, "fail": 0, "stale": 0, "ungraded": 5}
    assert summary.all == Share(0, 5)
    assert summary.confusion == {
        ("answered", "error"): 2,
        ("unreleased", "error"): 1,
        ("not_in_sources", "error"): 2,
    }
    assert (summary.wrong_answers, summary.wrong_refusals) == (Share(0, 2), Share(0, 2))
    assert (summary.precision, summary.recall) == (Share(0, 0), Share(0, 4))


@pytest.mark.parametrize(
    "invented", ["The pass costs 30 euros.", "Otto says that the pass costs 20 euros.", "The pass costs 20 dollars."]
)
def test_one_that_invents_passes_nothing(invented: str) -> None:
    assert summarise(run(Fake(answered(invented)), CASES)).all == Share(0, 5)


def test_one_that_misquotes_shows_in_the_share_of_verbatim_quotes() -> None:
    summary = summarise(run(Fake(answered(citation=replace(COST, end=23))), CASES))
    assert (summary.verbatim, summary.all) == (Share(0, 5), Share(0, 5))


def test_a_stale_case_counts_as_no_pass_and_is_not_held_against_the_assistant() -> None:
    must_refuse = case(outcome="not_in_sources", must_cite=["pass"])
    results = (result("stale", answered(), must_refuse), result("pass", refused(), must_refuse))
    summary = summarise(Run("harbour", "g", {}, results))
    assert summary.all == Share(1, 2)
    assert summary.wrong_answers == Share(0, 1)
    assert (summary.precision, summary.recall) == (Share(0, 0), Share(0, 1))


def test_seconds_are_told() -> None:
    results = tuple(result("pass", refused(), seconds=float(s)) for s in range(1, 21))
    summary = summarise(Run("harbour", "g", {}, results))
    assert (summary.p50, summary.p95) == (10.0, 19.0)
