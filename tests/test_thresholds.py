"""Thresholds: where they come from, and what falls short of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from evals.compare import Baseline, compare
from evals.run import Run
from evals.summary import Share, Summary, summarise
from evals.thresholds import Thresholds, shortfalls, thresholds
from index.errors import InputError
from tests.harbour import answered, case, refused, result

ROOT = Path(__file__).parent.parent
NOTHING = Thresholds(verbatim=None)


@pytest.fixture
def summary() -> Summary:
    """Two of four pass, one is stale; one of two must-refuse questions is answered, one of two others refused."""
    no = case(outcome="not_in_sources")
    results = (
        result("pass", refused(), no),
        result("fail", answered(), no),
        result("pass", answered()),
        result("fail", refused()),
        result("stale", answered()),
    )
    made = summarise(Run("harbour", "g", {}, results))
    return replace(made, verbatim=Share(99, 100))


def pyproject(folder: Path, text: str) -> Path:
    path = folder / "pyproject.toml"
    path.write_text(text, "utf-8")
    return path


def test_those_of_the_repository_can_be_read() -> None:
    for name in ("sources", "uk-digital-id", "seeds"):
        given = thresholds(name, ROOT / "pyproject.toml")
        assert given.verbatim == 1.0
        assert given.passing
        assert given.wrong_answers
        assert given.wrong_refusals
    assert thresholds("another", ROOT / "pyproject.toml") == Thresholds(None, None, None, 1.0)


def test_without_a_file_every_quote_must_stand(tmp_path: Path) -> None:
    assert thresholds("a", tmp_path / "pyproject.toml") == Thresholds(None, None, None, 1.0)
    assert thresholds("a", pyproject(tmp_path, "")) == Thresholds(None, None, None, 1.0)


def test_a_corpus_s_own_win_over_those_of_any(tmp_path: Path) -> None:
    path = pyproject(
        tmp_path, "[tool.onrecord.eval]\nverbatim = 0.5\npassing = 0.1\n[tool.onrecord.eval.a]\npassing = 1"
    )
    assert thresholds("a", path) == Thresholds(1, None, None, 0.5)
    assert thresholds("b", path) == Thresholds(0.1, None, None, 0.5)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[tool.onrecord.eval.a]\npasing = 1", "pasing is no threshold"),
        ("[tool.onrecord.eval.a]\npassing = 70", "passing is 70. It takes a share from 0 to 1"),
        ("[tool.onrecord.eval]\nverbatim = true", "verbatim is True"),
        ("[tool.onrecord.eval]\nverbatim = 'all'", "verbatim is 'all'"),
        ("[tool", "cannot be read"),
    ],
)
def test_a_faulty_threshold_is_told(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"pyproject\.toml.*") as caught:
        thresholds("a", pyproject(tmp_path, text))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Thresholds(passing=0.5, wrong_answers=0.5, wrong_refusals=0.5, verbatim=0.99), []),
        (replace(NOTHING, passing=0.51), ["passing cases, stale ones apart: 2 of 4, below the threshold of 51.0%"]),
        (
            replace(NOTHING, wrong_answers=0.49),
            ["wrong answers to must-refuse questions: 1 of 2, above the threshold of 49.0%"],
        ),
        (replace(NOTHING, wrong_refusals=0.0), ["wrong refusals: 1 of 2, above the threshold of 0.0%"]),
        (Thresholds(), ["verbatim quotes: 99 of 100, below the threshold of 100.0%"]),
    ],
)
def test_what_falls_short_is_told(summary: Summary, wanted: Thresholds, told: list[str]) -> None:
    assert shortfalls(summary, None, wanted) == told


def test_of_nothing_nothing_falls_short() -> None:
    empty = summarise(Run("harbour", "g", {}, (result("stale", answered()),)))
    assert shortfalls(empty, None, Thresholds(1, 0, 0, 1)) == []


def test_a_case_that_could_not_be_graded_falls_short() -> None:
    assert shortfalls(summarise(Run("harbour", "g", {}, (result("ungraded"),))), None, NOTHING) == [
        "1 case could not be graded"
    ]


def test_a_regression_falls_short_and_an_old_failure_does_not() -> None:
    before = Baseline.of(Run("harbour", "g", {}, (result("pass", answered()), result("fail", refused(), case("d")))))
    run = Run("harbour", "g", {}, (result("fail", refused()), result("fail", refused(), case("d"))))
    assert shortfalls(summarise(run), compare(run, before), NOTHING) == ["1 regression (c)"]
