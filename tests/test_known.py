"""The known-answer runner: which cases it takes, that every shortfall is caught, and what its summary says.

All cases are asked once here. How many pass is no concern of these tests; that no answer misquotes or adds a figure is.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answer import Answer
from assistant.citation import Citation, cite
from assistant.compose import Segment
from evals.known import HERE, SEED_CASES, Case, Expect, Result, load, main, report, run, run_folder
from index.embed import TransformerEmbedder
from index.errors import InputError
from index.read import read_folder
from index.source import Source

CASES = sorted((HERE / "cases").glob("*.yaml"))
SOURCES = HERE.parent / "sources"

PASS = Source(
    "pass", "The harbour pass", "The pass costs 20 euros. Nobody has said when it starts.", publisher="Gazette"
)
OTHER = Source("other", "The ferry", "The ferry sails on Sundays.")
FILES = {source.id: source for source in (PASS, OTHER)}
COST = cite(1, PASS, (0, 24))

Write = Callable[[Path, Mapping[str, str]], Path]


def answered(text: str = COST.quote, citation: Citation = COST) -> Answer:
    segments = (Segment(text, (1,), "answered", "direct"),)
    return Answer("What is the price?", "What is the price?", "answered", segments, (citation,), (), None, "g")


def refused(text: str = "The sources do not say.") -> Answer:
    segments = (Segment(text, (), "not_in_sources", "notice"),)
    return Answer("Is it 30 euros?", "Is it 30 euros?", "not_in_sources", segments, (), (), None, "g")


class Fake:
    """Gives one answer to everything."""

    def __init__(self, given: Answer) -> None:
        self.given = given

    def answer(self, question: str, history: Sequence[str | Mapping[str, str]] = ()) -> Answer:
        return self.given


class Broken(Fake):
    """Raises."""

    def answer(self, question: str, history: Sequence[str | Mapping[str, str]] = ()) -> Answer:
        raise ZeroDivisionError("no luck")


def case(**expect: object) -> Case:
    return Case(id="c", theme="t", question="?", expect=Expect.model_validate({"outcome": "answered", **expect}))


def result(of: Case, given: Answer) -> Result:
    return run([of], Fake(given), FILES)[0]


# --- the cases ---


def test_case_files_can_be_read() -> None:
    assert len(load([*CASES, SEED_CASES])) >= 60


def test_a_third_of_the_cases_are_refusals() -> None:
    cases = load(CASES)
    assert sum(bool({*c.expect.outcome} & {"unreleased", "not_in_sources"}) for c in cases) >= len(cases) / 3


def test_sources_that_cases_name_exist() -> None:
    named = {source for c in load(CASES) for group in c.expect.must_cite for source in group}
    assert named <= {source.id for source in read_folder(SOURCES).sources}


def test_words_that_a_case_rests_on_stand_in_the_sources() -> None:
    texts = {source.id: source.text for source in read_folder(SOURCES).sources}
    for c in load(CASES):
        source, _, words = c.because.partition("#")
        assert words.strip('"') in texts[source] if c.because else True, c.id


@pytest.mark.parametrize(
    ("yaml", "told"),
    [
        ("- {id: a, question: 7, expect: {outcome: answered}}", "case a, field question: "),
        ("- {id: a, expect: {outcome: answered}}", "case a, field question: "),
        ("- {question: Q, expect: {outcome: answered}}", "case number 1, field id: "),
        ("- {id: a, question: Q}", "case a, field expect: "),
        ("- {id: a, question: Q, expect: {outcome: maybe}}", "case a, field expect.outcome.0: "),
        ("- {id: a, question: Q, expect: {outcome: []}}", "case a, field expect.outcome: "),
        ("- {id: a, question: Q, expect: {outcome: answered, must_say: x}}", "case a, field expect.must_say: "),
        ("- {id: a, question: Q, expect: {outcome: answered, must_say: ['/(/']}}", "case a, field expect.must_say.0: "),
        ("- {id: a, question: Q, expect: {outcome: answered, must_cite: [[]]}}", "case a, field expect.must_cite.0: "),
        ("- {id: a, question: Q, expect: {outcome: answered, must_sing: [x]}}", "case a, field expect.must_sing: "),
        ("- {id: a, question: Q, histroy: [x], expect: {outcome: answered}}", "case a, field histroy: "),
        ("- &a {id: a, question: Q, expect: {outcome: answered}}\n- *a", "case a, field id: "),
        ("id: a", "holds no list of cases"),
        ("- [", "cannot be read as cases"),
    ],
)
def test_a_faulty_case_is_told_by_file_case_and_field(yaml: str, told: str, tmp_path: Path, write_files: Write) -> None:
    path = write_files(tmp_path, {"ferries.yaml": yaml}) / "ferries.yaml"
    with pytest.raises(InputError) as caught:
        load([path])
    assert str(path) in str(caught.value)
    assert told in str(caught.value)


def test_bad_input_leaves_with_code_2_and_a_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.yaml")]) == 2
    assert "none.yaml cannot be read" in capsys.readouterr().err


# --- the graders ---


def test_a_right_answer_passes() -> None:
    expect = {"must_say": ["20 EUROS", "/costs? \\d+/"], "must_not_say": ["30"], "must_cite": [["other", "pass"]]}
    assert result(case(**expect, quote_contains=["costs"]), answered()).reasons == ()


@pytest.mark.parametrize(
    ("expect", "given", "reason"),
    [
        ({"outcome": ["unreleased", "partial"]}, answered(), "is answered, not unreleased or partial"),
        ({}, refused(), "is not_in_sources, not answered"),
        ({"must_say": ["costs", "/sundays?/"]}, answered(), "does not say /sundays?/"),
        ({"must_not_say": ["EUROS"]}, answered(), "says EUROS"),
        ({"must_cite": ["pass", ["other", "third"]]}, answered(), "does not cite other or third"),
        ({"quote_contains": ["ferry"]}, answered(), "quotes nothing with ferry"),
        ({}, answered("The pass costs 30 euros."), "adds the figure 30"),
        ({}, answered("The pass costs 20.5 euros."), "adds the figure 20.5"),
        ({}, answered(citation=replace(COST, start=1, end=25)), "misquotes pass"),
        ({}, answered(citation=replace(COST, source="gone")), "misquotes gone"),
        ({}, replace(answered(), related=(replace(COST, end=23),)), "misquotes pass"),
    ],
)
def test_a_shortfall_is_caught(expect: dict[str, object], given: Answer, reason: str) -> None:
    assert result(case(**expect), given).reasons == (reason,)


def test_a_refusal_may_repeat_the_figures_of_the_question() -> None:
    of = case(outcome="not_in_sources")
    assert result(of, refused("The sources do not say 30.")).reasons == ()
    assert result(of, refused("The sources do not say 40.")).reasons == ("adds the figure 40",)


def test_an_assistant_that_raises_fails_the_case_and_stops_no_other() -> None:
    results = run([case(), case()], Broken(answered()), FILES)
    assert [(r.outcome, r.reasons) for r in results] == [("error", ("raises ZeroDivisionError: no luck",))] * 2


def test_the_summary_can_be_computed_by_hand() -> None:
    must_refuse, must_answer, either = case(outcome="not_in_sources"), case(), case(outcome=["unreleased", "answered"])
    results = [
        result(must_refuse, answered()),
        result(must_refuse, refused()),
        result(must_answer, answered(citation=replace(COST, end=23))),
        result(must_answer, refused()),
        result(either, answered()),
        *run([must_refuse], Broken(answered()), FILES),
    ]
    told = [" ".join(line.split()) for line in report(results).splitlines()]
    assert "t 2 / 6" in told
    assert "answered 2 · · 1 · ·" in told
    assert "not_in_sources 1 · · 1 · 1" in told
    assert "answers to must-refuse questions 1 / 3" in told
    assert "refusals of answerable questions 1 / 2" in told
    assert "quotes that stand in their files 2 / 3" in told
    assert told[-4:] == [
        "- c: is answered, not not_in_sources",
        "- c: misquotes pass",
        "- c: is not_in_sources, not answered",
        "- c: raises ZeroDivisionError: no luck",
    ]


# --- the assistant, on every case ---


@pytest.mark.slow
@pytest.mark.parametrize("suite", ["sources", "seeds"])
def test_every_quote_stands_and_no_figure_is_added(suite: str, embedder: TransformerEmbedder) -> None:
    seeds = os.environ.get("ONRECORD_SEEDS", "")
    if suite == "seeds" and not seeds:
        pytest.skip("ONRECORD_SEEDS names no folder")
    folder, files = (SOURCES, CASES) if suite == "sources" else (Path(seeds), [SEED_CASES])
    results = run_folder(folder, load(files), embedder)
    assert sum(r.quotes for r in results) == sum(r.verbatim for r in results) > 0
    assert [r for r in results if any(reason.startswith(("adds", "misquotes", "raises")) for reason in r.reasons)] == []


def test_a_run_says_that_the_seed_cases_are_skipped(
    tmp_path: Path, write_files: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ONRECORD_SEEDS", "")
    assert main(["--sources", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().out.startswith("Skipped: ")
