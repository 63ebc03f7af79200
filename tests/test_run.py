"""A run: every case is asked and graded, none is dropped; and the assistant, on every case, keeps the three rules."""

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from evals.case import HERE, load
from evals.run import AlwaysRefuse, ask, changed_sources, name_of, run_folder, settled
from evals.test_cases import SUITES
from index.embed import TransformerEmbedder
from index.sync import sync
from tests.harbour import COST, FILES, Broken, Fake, answered, case

Write = Callable[[Path, Mapping[str, str]], Path]

HARBOUR = {
    "pass.md": "---\nid: pass\npublished: 2025-05-02\n---\n\nThe harbour pass costs 20 euros a year.\n\n"
    "The start date of the harbour pass has not been announced.\n",
    "ferry.md": "---\nid: ferry\npublished: 2025-05-03\n---\n\nThe night ferry sails on Sundays.\n",
}
START = case(
    "start",
    "When does the harbour pass start?",
    outcome="unreleased",
    because='pass#"The start date of the harbour pass has not been announced."',
)
PRICE = case("price", "What does the harbour pass cost?", must_say=["20 euros"], because='pass#"20 euros"')


def test_an_assistant_that_raises_could_not_be_graded_and_stops_no_other() -> None:
    results = ask([case("a"), case("b")], Broken(), FILES)
    assert [(r.case.id, r.answer, r.outcome, r.grade.verdict, r.grade.reasons) for r in results] == [
        (id, None, "error", "ungraded", ("the assistant raised ZeroDivisionError: no luck",)) for id in ("a", "b")
    ]


def test_quotes_are_counted_and_those_that_stand() -> None:
    given = replace(answered(), related=(COST, replace(COST, end=23)))
    (result,) = ask([case()], Fake(given), FILES)
    assert (result.quotes, result.verbatim) == (3, 2)


def test_one_who_refuses_everything_passes_where_that_is_right() -> None:
    cases = [case("a"), case("b", outcome="not_in_sources"), case("c", outcome="unreleased")]
    assert [r.grade.verdict for r in ask(cases, AlwaysRefuse(), FILES)] == ["fail", "pass", "fail"]


def test_progress_is_told_case_by_case() -> None:
    told: list[tuple[str, int, int]] = []
    ask([case("a"), case("b")], AlwaysRefuse(), FILES, progress=lambda *now: told.append(now))
    assert told == [("ask", 1, 2), ("ask", 2, 2)]


def test_a_corpus_is_called_after_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("sources", "ports/sources", "boats"):
        (tmp_path / folder).mkdir(parents=True)
    assert [name_of(Path(f)) for f in ("sources", "ports/sources", "boats")] == ["sources", "ports", "boats"]
    assert name_of(tmp_path / "sources") == "sources"


def test_a_folder_is_run_with_both_dummies(tmp_path: Path, write_files: Write, embedder: TransformerEmbedder) -> None:
    folder = write_files(tmp_path / "harbour", HARBOUR)
    run = run_folder(folder, [PRICE, START], embedder)
    assert run.name == "harbour"
    assert [r.answer.generation for r in run.results if r.answer] == [run.generation] * 2
    assert [(r.case.id, r.grade.verdict) for r in run.results] == [("price", "pass"), ("start", "pass")]
    assert all(r.seconds > 0 for r in run.results)
    assert [r.outcome for r in run.always_refuse] == ["not_in_sources"] * 2
    assert [r.outcome for r in run.never_refuse] == ["answered"] * 2
    assert [r.grade.verdict for r in run.never_refuse] == ["pass", "fail"]
    assert run.never_refuse[0].answer
    assert run.never_refuse[0].answer.text == "The harbour pass costs 20 euros a year. [1]"
    facts = run.sources["pass"]
    assert (len(facts.digest), len(facts.open), facts.figures) == (64, 1, ("20", "20 euro"))
    assert run.sources["ferry"].open == ()


def test_quotes_are_checked_against_the_files_and_not_the_index(
    tmp_path: Path, write_files: Write, embedder: TransformerEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_files(tmp_path / "harbour", HARBOUR)

    def sync_then_edit(sources: Path, place: Path, *rest: object) -> None:
        sync(sources, place, embedder)
        write_files(folder, {"pass.md": HARBOUR["pass.md"].replace("The harbour pass costs", "A harbour pass costs")})

    monkeypatch.setattr("evals.run.sync", sync_then_edit)
    run = run_folder(folder, [PRICE], embedder)
    assert run.results[0].verbatim < run.results[0].quotes
    assert run.results[0].grade.reasons[0].startswith("misquotes pass")


def test_a_source_that_closes_an_open_point_makes_the_case_stale_once(
    tmp_path: Path, write_files: Write, embedder: TransformerEmbedder
) -> None:
    folder = write_files(tmp_path / "harbour", HARBOUR)
    before = run_folder(folder, [START, PRICE], embedder)
    news = "---\nid: news\npublished: 2025-06-01\n---\n\nThe start date of the harbour pass is 3 July 2025.\n"
    write_files(folder, {"news.md": news})
    after = run_folder(folder, [START, PRICE], embedder, before.sources)
    assert changed_sources(after.sources, before.sources) == {"news"}
    assert [r.grade.verdict for r in after.results] == ["stale", "pass"]
    assert after.results[0].grade.reasons[0].startswith("news has closed the open point")
    # Once that is the accepted state, an expectation that nobody has renewed counts as any other.
    again = run_folder(folder, [START, PRICE], embedder, after.sources)
    assert [r.grade for r in again.results] == [r.grade for r in settled(after).results]
    assert again.results[0].grade.verdict == "fail"


@pytest.mark.slow
@pytest.mark.parametrize("suite", ["sources", "uk-digital-id", "seeds"])
def test_every_quote_stands_and_nothing_is_added(suite: str, embedder: TransformerEmbedder) -> None:
    suites = {name_of(sources): (sources, cases) for sources, cases in SUITES.items()}
    seeds = os.environ.get("ONRECORD_SEEDS", "")
    if suite == "seeds" and not seeds:
        pytest.skip("ONRECORD_SEEDS names no folder")
    sources, cases = (Path(seeds), HERE / "seed-cases.yaml") if suite == "seeds" else suites[suite]
    run = run_folder(sources, load([cases]), embedder)
    assert sum(r.quotes for r in run.results) == sum(r.verbatim for r in run.results) > 0
    broken = ("adds", "misquotes", "mislabels", "states", "grading", "the assistant")
    for results in (run.results, run.always_refuse, run.never_refuse):
        assert [
            (r.case.id, r.grade.reasons) for r in results if any(x.startswith(broken) for x in r.grade.reasons)
        ] == []
