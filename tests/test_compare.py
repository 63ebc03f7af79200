"""Against a baseline: what changed, of which kind, and the line that says so; a baseline read as it was written."""

from dataclasses import replace
from pathlib import Path

import pytest

from evals.compare import Baseline, Change, Comparison, Kept, SourceChanges, baseline_path, compare, digest, mark
from evals.run import Result, Run, SourceFacts
from index.errors import InputError
from tests.harbour import COST, answered, case, refused, result

FACTS = {"pass": SourceFacts("1", ("o",), ("20",)), "ferry": SourceFacts("2"), "old": SourceFacts("3")}
SAME = answered()
OTHER = answered("It is so.")


def run(*results: Result, sources: dict[str, SourceFacts] | None = None) -> Run:
    return Run("harbour", "g", FACTS if sources is None else sources, results)


def named(id: str, verdict: str, given: object = SAME) -> Result:
    return result(verdict, None if given is None else SAME if given is SAME else OTHER, case(id))


BEFORE = Baseline.of(
    run(
        named("still", "pass"),
        named("breaks", "pass"),
        named("raises", "pass"),
        named("stale", "pass"),
        named("mended", "fail"),
        named("reworded", "pass"),
        named("worse", "fail"),
        named("gone", "pass"),
    )
)
AFTER = run(
    named("still", "pass"),
    named("breaks", "fail", OTHER),
    named("raises", "ungraded", None),
    named("stale", "stale"),
    named("mended", "pass", OTHER),
    named("reworded", "pass", OTHER),
    named("worse", "ungraded", None),
    named("fresh", "fail"),
    sources={"pass": SourceFacts("1", ("o",), ("20",)), "ferry": SourceFacts("22"), "new": SourceFacts("4")},
)


def test_each_change_is_of_a_kind_and_what_is_the_same_is_left_out() -> None:
    assert {c.case.id: c.kind for c in compare(AFTER, BEFORE).changes} == {
        "breaks": "regression",
        "raises": "regression",
        "stale": "expected",
        "mended": "improved",
        "reworded": "changed",
        "worse": "changed",
        "fresh": "new",
    }


def test_sources_and_cases_that_come_and_go_are_told() -> None:
    comparison = compare(AFTER, BEFORE)
    assert comparison.sources == SourceChanges(("new",), ("ferry",), ("old",))
    assert comparison.gone == ("gone",)
    assert [change.case.id for change in comparison.regressions] == ["breaks", "raises"]


def test_the_headline_can_be_counted_by_hand() -> None:
    assert compare(AFTER, BEFORE).headline == (
        "3 sources changed -> 6 answers changed: 1 expected (stale cases), 2 regressions, 1 improved, 2 other; "
        "1 new case; 1 case gone"
    )
    kept = Kept("pass", "answered", "", "")
    changes = [Change(case(), kept, kept, kind) for kind in ["expected"] * 4 + ["regression"]]
    assert Comparison(SourceChanges(("a", "b"), ("c",)), tuple(changes)).headline == (
        "3 sources changed -> 5 answers changed: 4 expected (stale cases), 1 regression"
    )
    assert compare(run(named("a", "pass")), Baseline.of(run(named("a", "pass")))).headline == (
        "0 sources changed -> 0 answers changed"
    )


def test_before_and_after_are_at_hand() -> None:
    change = next(c for c in compare(AFTER, BEFORE).changes if c.case.id == "breaks")
    cites = (mark("pass", COST.quote),)
    assert change.before == Kept("pass", "answered", digest(SAME), SAME.text, cites)
    assert change.after == Kept("fail", "answered", digest(OTHER), OTHER.text, cites)
    raised = next(c for c in compare(AFTER, BEFORE).changes if c.case.id == "raises")
    assert raised.after == Kept("ungraded", "error", "", "")


def test_an_answer_is_another_when_a_reader_sees_another() -> None:
    assert digest(SAME) == digest(answered())
    assert digest(SAME) == digest(replace(SAME, generation="h", related=(COST,)))
    assert digest(SAME) != digest(replace(SAME, citations=(replace(COST, source="ferry"),)))
    assert digest(SAME) != digest(replace(SAME, outcome="partial"))
    assert digest(SAME) != digest(refused())


def test_a_baseline_is_read_as_it_was_written(tmp_path: Path) -> None:
    baseline = Baseline.of(AFTER)
    baseline.save(tmp_path / "baseline.json")
    assert Baseline.load(tmp_path / "baseline.json") == baseline
    assert compare(AFTER, baseline).changes == ()


def test_no_baseline_is_none(tmp_path: Path) -> None:
    assert Baseline.load(tmp_path / "baseline.json") is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 0}', '{"format": 1, "name": 1}', "\xff"])
def test_a_faulty_baseline_is_told_by_file(text: str, tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(text, "latin-1")
    with pytest.raises(InputError, match=r"baseline\.json cannot be read"):
        Baseline.load(path)


def test_a_baseline_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        Baseline.of(AFTER).save(tmp_path / "none" / "baseline.json")


def test_a_baseline_lies_beside_its_cases(tmp_path: Path) -> None:
    assert baseline_path([tmp_path]) == tmp_path / "baseline.json"
    assert baseline_path([tmp_path / "ferries.yaml"]) == tmp_path / "ferries.baseline.json"
    assert baseline_path([tmp_path, tmp_path / "ferries.yaml"]) is None
