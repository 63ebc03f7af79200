"""Drafts of cases: for what an update brings and nothing else, and none that is asked before a person has seen it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.citation import cite
from assistant.ledger import LedgerEntry
from evals.case import load
from evals.compare import Baseline
from evals.run import Run, SourceFacts, run_folder, short_digest
from evals.suggest import MARK, suggest
from index.embed import TransformerEmbedder
from index.errors import InputError
from index.source import Source
from tests.harbour import COST, FILES, OPEN, answered, case, result

Write = Callable[[Path, Mapping[str, str]], Path]

OPENED = LedgerEntry("pass", ("when it starts",), OPEN.quote, "pass", "", "", "", False, OPEN.start, OPEN.end, "open")
FACTS = {
    "pass": SourceFacts("1", (short_digest(OPEN.quote),), ("20", "20 euro")),
    "ferry": SourceFacts("2", (), ("2",)),
}
BEFORE = Baseline("harbour", "g", FACTS, {})


def run(**more: object) -> Run:
    return replace(Run("harbour", "g", FACTS, (), ledger=(OPENED,), files=FILES), **more)  # type: ignore[arg-type]


def drafts(text: str) -> list[dict[str, Any]]:
    found = yaml.safe_load(text)
    assert isinstance(found, list)
    return found


def test_nothing_new_drafts_nothing() -> None:
    text = suggest(run(), BEFORE)
    assert text.startswith(f"# {MARK}. 0 cases")
    assert drafts(text) == []


def test_a_new_open_point_in_a_changed_source_is_drafted() -> None:
    before = replace(BEFORE, sources={**FACTS, "pass": SourceFacts("0", (), ("20", "20 euro"))})
    text = suggest(run(), before)
    assert drafts(text) == [
        {
            "id": "draft-1",
            "question": "What is known about when it starts (pass)?",
            "expect": {"outcome": "unreleased", "must_cite": ["pass"]},
            "because": f'pass#"{OPEN.quote}"',
        }
    ]
    assert text.count(MARK) == 2


def test_an_open_point_that_only_moved_is_not_new() -> None:
    moved = {"pass": SourceFacts("0", (), ("20", "20 euro")), "ferry": SourceFacts("2", FACTS["pass"].open, ("2",))}
    assert drafts(suggest(run(), replace(BEFORE, sources=moved))) == []


def test_an_open_point_that_a_new_source_closes_is_drafted() -> None:
    news = Source("news", "The start", "It starts in June.")
    closed = replace(OPENED, status="closed", closed_by=cite(1, news, (0, 18)))
    facts = {**FACTS, "news": SourceFacts("3")}
    given = run(ledger=(closed,), sources=facts, files={**FILES, "news": news})
    assert [(d["expect"], d["because"]) for d in drafts(suggest(given, BEFORE))] == [
        ({"outcome": "answered", "must_cite": ["news"]}, ['news#"It starts in June."'])
    ]
    assert drafts(suggest(given, replace(BEFORE, sources=facts))) == []


def test_a_stale_case_is_drafted_anew_with_what_came() -> None:
    stale = result("stale", answered(), case("price", "What is it?", history=["The pass?"], outcome="unreleased"))
    text = suggest(run(results=(stale,)), BEFORE)
    assert drafts(text) == [
        {
            "id": "draft-1",
            "question": "What is it?",
            "history": ["The pass?"],
            "expect": {"outcome": "answered", "must_cite": ["pass"]},
            "because": [f'pass#"{COST.quote}"'],
        }
    ]
    assert "replaces price" in text


def test_a_refusal_that_a_new_source_turns_into_an_answer_is_drafted() -> None:
    cost = case("cost", "What does it cost?", outcome="not_in_sources")
    given = run(results=(result("fail", answered(), cost),))
    before = replace(BEFORE, sources={**FACTS, "pass": SourceFacts("0", FACTS["pass"].open, FACTS["pass"].figures)})
    assert [(d["question"], d["expect"]["outcome"]) for d in drafts(suggest(given, before))] == [
        ("What does it cost?", "answered")
    ]
    assert drafts(suggest(given, BEFORE)) == []


def test_what_a_stale_case_drafts_is_not_drafted_twice() -> None:
    stale = result("stale", answered(), case("price", outcome="unreleased"))
    closed = replace(OPENED, status="closed", closed_by=COST)
    before = replace(BEFORE, sources={**FACTS, "pass": SourceFacts("0", FACTS["pass"].open, FACTS["pass"].figures)})
    assert len(drafts(suggest(run(results=(stale,), ledger=(closed,)), before))) == 1
    assert len(drafts(suggest(run(ledger=(closed,)), before))) == 1


def test_a_new_figure_is_drafted_without_a_question_and_refused_until_there_is_one(
    tmp_path: Path, write_files: Write
) -> None:
    before = replace(BEFORE, sources={**FACTS, "pass": SourceFacts("0", FACTS["pass"].open, ("15", "15 euro"))})
    text = suggest(run(), before)
    (draft,) = drafts(text)
    assert draft == {
        "id": "draft-1",
        "question": "",
        "expect": {"outcome": "answered", "must_say": ["20 euros"], "must_cite": ["pass"]},
        "because": f'pass#"{COST.quote}"',
    }
    path = write_files(tmp_path, {"drafts.yaml": text}) / "drafts.yaml"
    with pytest.raises(InputError, match="field question"):
        load([path])
    path.write_text(text.replace("question: ''", "question: What does it cost?"), "utf-8")
    assert load([path])[0].because[0].held_by(FILES["pass"].text)


def test_a_figure_of_a_new_source_that_another_had_is_not_new() -> None:
    before = replace(BEFORE, sources={"ferry": SourceFacts("2", (), ("2", "20", "20 euro"))})
    assert [d["expect"] for d in drafts(suggest(run(ledger=()), before))] == []


def test_open_points_whose_words_are_gone_are_counted() -> None:
    before = replace(BEFORE, sources={**FACTS, "ferry": SourceFacts("0", ("a", "b"), ("2",))})
    assert "# ferry: 2 open points that were here are gone" in suggest(run(), before)


def test_an_update_of_a_folder_is_drafted_from_end_to_end(
    tmp_path: Path, write_files: Write, embedder: TransformerEmbedder
) -> None:
    folder = write_files(tmp_path / "harbour", {
        "pass.md": "---\npublished: 2025-05-02\n---\n\nThe harbour pass costs 20 euros a year.\n\n"
        "The start date of the harbour pass has not been announced.\n",
    })  # fmt: skip
    start = case("start", "When does the harbour pass start?", outcome="unreleased",
                 because='pass#"start date of the harbour pass has not been announced"')  # fmt: skip
    before = Baseline.of(run_folder(folder, [start], embedder))
    write_files(folder, {
        "news.md": "---\npublished: 2025-06-01\n---\n\nThe start date of the harbour pass is 3 July 2025.\n\n"
        "A lost harbour pass is replaced for 4 euros.\n\nThe menu of the canteen has not been published.\n",
    })  # fmt: skip
    text = suggest(run_folder(folder, [start], embedder, before.sources), before)
    by_question = {str(d["question"]): d for d in drafts(text)}
    assert by_question["When does the harbour pass start?"]["expect"] == {"outcome": "answered", "must_cite": ["news"]}
    assert [d["because"] for d in drafts(text) if "unreleased" in str(d["expect"])] == [
        'news#"The menu of the canteen has not been published."'
    ]
    said = [d["expect"]["must_say"] for d in drafts(text) if "must_say" in d["expect"]]
    assert said == [["3 July 2025"], ["4 euros"]]
    path = tmp_path / "drafts.yaml"
    path.write_text(text.replace("question: ''", "question: Which?"), "utf-8")
    assert len(load([path])) == len(drafts(text)) >= 3
