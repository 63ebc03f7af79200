"""A run as text and as files: what a person looks for is there, and what programs read can be read."""

import io
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from evals.compare import Baseline, compare
from evals.report import explanation, junit, show, to_dict, wanted, write
from evals.run import Run, SourceFacts
from evals.summary import summarise
from index.errors import InputError
from tests.harbour import FILES, answered, case, refused, result

RESULTS = (
    result("pass", answered(), case("price", "What is the price?", "money")),
    result("fail", refused(), case("sailing", "When does it sail?", "days", must_say=["Sundays"])),
    result("stale", refused(), case("start", "When does it start?", "days", outcome="unreleased")),
    result("ungraded", None, case("captain", "Who is the captain?", "money", outcome=["not_in_sources", "unreleased"])),
)
RUN = Run("harbour", "0123456789abcdef", {"pass": SourceFacts("2")}, RESULTS, RESULTS[1:2], RESULTS[:2], files=FILES)
SUMMARY = summarise(RUN)
BEFORE = Baseline.of(
    replace(
        RUN,
        sources={"pass": SourceFacts("1")},
        results=(
            RESULTS[0],
            *(result("pass", answered(), r.case) for r in RESULTS[1:3]),
            RESULTS[3],
            result("pass", answered(), case("gone")),
        ),
    )
)
COMPARISON = compare(RUN, BEFORE)


def printed(width: int = 80, terminal: bool = False, run: Run = RUN) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, markup=False, emoji=False, force_terminal=terminal)
    show(console, run, summarise(run), COMPARISON)
    return out.getvalue().splitlines()


def flat(lines: list[str]) -> list[str]:
    return [" ".join(line.split()) for line in lines]


def test_the_summary_shows_counts_shares_and_intervals() -> None:
    lines = flat(printed())
    assert lines[0] == "harbour: 4 cases, generation 0123456789ab"
    assert "money 1 / 2 50% 9%–91%" in lines
    assert "days 0 / 2 0% 0%–66%" in lines
    assert "all 1 / 4 25% 5%–70%" in lines
    assert "always refuse 0 / 1 0% 0%–79%" in lines
    assert "never refuse 1 / 2 50% 9%–91%" in lines
    assert "1 pass 1 fail 1 stale 1 could not grade" in lines


def test_the_two_ways_of_being_wrong_stand_together() -> None:
    lines = flat(printed())
    at = lines.index("answers to must-refuse 0 / 1 0% 0%–79%")
    assert lines[at + 1] == "refusals of answerable 1 / 2 50% 9%–91%"


def test_what_was_expected_and_what_came_fits_a_terminal() -> None:
    lines = flat(printed())
    assert "expected / came answered unreleased conflicting sources partial error" in lines
    assert "answered 1 · · 1 · ·" in lines
    assert "unreleased · · · 1 · ·" in lines
    assert "not in sources · · · · · 1" in lines
    assert max(map(len, printed()[:40])) <= 80


def test_each_case_that_does_not_pass_is_told_with_the_reason() -> None:
    lines = flat(printed())
    for verdict, id in (("fail", "sailing"), ("stale", "start"), ("could not grade", "captain")):
        assert lines[lines.index(f"{verdict}: 1") + 1] == f"- {id}: for a reason"


def test_before_and_after_stand_side_by_side() -> None:
    lines = flat(printed(width=120))
    assert lines[lines.index(COMPARISON.headline) + 1] == "changed: pass"
    assert COMPARISON.headline == (
        "1 source changed -> 2 answers changed: 1 expected (stale cases), 1 regression; 1 case gone"
    )
    at = lines.index("regression: sailing: When does it sail?")
    assert lines[at + 1] == "before: pass, answered after: fail, not in sources"
    assert lines[at + 2] == "The pass costs 20 euros. [1] The sources do not say."
    assert "expected (stale): start: When does it start?" in lines
    assert "cases gone: gone" in lines


def test_what_sources_say_steers_no_terminal() -> None:
    hostile = result("fail", answered("\x1b[31m[bold]red"), case("evil\x1b[2J", "Q\x07?"))
    lines = printed(run=replace(RUN, results=(hostile,)))
    assert not any(char in line for line in lines for char in "\x1b\x07")


def test_everything_is_in_the_json() -> None:
    data = json.loads(json.dumps(to_dict(RUN, SUMMARY, COMPARISON, ["1 regression (sailing)"])))
    assert (data["name"], data["generation"]) == ("harbour", "0123456789abcdef")
    assert data["shortfalls"] == ["1 regression (sailing)"]
    assert [c["verdict"] for c in data["cases"]] == ["pass", "fail", "stale", "ungraded"]
    price, sailing, _, captain = data["cases"]
    answer = RESULTS[0].answer
    assert answer
    assert price["answer"] == json.loads(json.dumps(answer.to_dict()))
    assert sailing["expect"]["must_say"] == ["Sundays"]
    assert sailing["reasons"] == ["for a reason"]
    assert captain["answer"] is None
    assert data["summary"]["all"] == {
        "count": 1,
        "total": 4,
        "value": 0.25,
        "low": SUMMARY.all.low,
        "high": SUMMARY.all.high,
    }
    assert data["summary"]["themes"]["money"]["count"] == 1
    assert {"expected": "answered", "came": "answered", "count": 1} in data["summary"]["confusion"]
    assert data["comparison"]["headline"] == COMPARISON.headline
    assert [(c["id"], c["kind"]) for c in data["comparison"]["changes"]] == [
        ("sailing", "regression"),
        ("start", "expected"),
    ]
    assert to_dict(RUN, SUMMARY, None)["comparison"] is None


def test_junit_tells_failures_skips_and_errors_apart() -> None:
    root = ET.fromstring(junit(RUN))
    (suite,) = root
    assert {name: suite.get(name) for name in ("name", "tests", "failures", "errors", "skipped")} == {
        "name": "harbour",
        "tests": "4",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
    }
    assert [(c.get("classname"), c.get("name"), [child.tag for child in c]) for c in suite] == [
        ("harbour.money", "price", []),
        ("harbour.days", "sailing", ["failure"]),
        ("harbour.days", "start", ["skipped"]),
        ("harbour.money", "captain", ["error"]),
    ]
    assert suite[1][0].get("message") == "for a reason"


def test_junit_survives_what_a_source_may_hold() -> None:
    hostile = result("fail", answered("\x00\x0b]]></failure>\ud800"), case("a\x01", "Q\x02?", "<t>"))
    ET.fromstring(junit(replace(RUN, results=(hostile,))).encode("utf-8", "replace"))


def test_a_failure_can_be_read_without_the_report() -> None:
    told = explanation(
        result("fail", answered(), case("sailing", "When?", must_say=["Sundays"], history=["The ferry?"]))
    )
    assert told.splitlines() == [
        "sailing (t): fail",
        "- for a reason",
        "earlier: The ferry?",
        "question: When?",
        "expected: answered; says Sundays",
        "answer: answered: The pass costs 20 euros. [1]",
        "[1] pass: “The pass costs 20 euros.”",
    ]
    assert "answer: none" in explanation(RESULTS[3])


def test_an_expectation_reads_as_a_line() -> None:
    of = case(
        outcome=["unreleased", "partial"], must_not_say=["40"], must_cite=["a", ["b", "c"]], quote_contains=["/x/"]
    )
    assert wanted(of) == "unreleased or partial; does not say 40; cites a; cites b or c; quotes /x/"


def test_three_files_are_written(tmp_path: Path) -> None:
    write(tmp_path / "new" / "folder", RUN, SUMMARY, COMPARISON, [])
    assert {path.name for path in (tmp_path / "new" / "folder").iterdir()} == {
        "report.json",
        "junit.xml",
        "report.html",
    }
    assert "harbour" in (tmp_path / "new" / "folder" / "report.html").read_text("utf-8")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(InputError, match="cannot be written"):
        write(tmp_path / "file", RUN, SUMMARY, None, [])
