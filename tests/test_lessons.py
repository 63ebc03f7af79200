import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from evals.case import found, load
from evals.lessons import (
    Lesson,
    Page,
    Said,
    export,
    held_out,
    names,
    own_split,
    public,
    swapped,
    unlearnt,
    untitled,
    written,
)
from evals.public import SQUAD2, Documents, Question
from index.errors import InputError
from index.read import read_folder
from index.source import Block, Source
from index.split import sentences

PAGE = Page(
    "The Velm ferry",
    (
        Said("The ferry was built in 1932.", answers=True, spans=((23, 27),)),
        Said("It carries 40 cars to Port Holm."),
        Said("In 1950 it was moved to Lake Arn."),
        Said("Its captain is Ida Brandt."),
    ),
)
LESSON = Lesson("squad2", "velm", "When was the Velm ferry built, in 1932?", (PAGE,), True, ("1932",))
OTHER = Lesson("squad2", "arn", "How deep is Lake Arn?", (Page("Lake Arn", (Said("It is 90 m deep.", answers=True),)),))


def document(**changed: object) -> str:
    known: dict[str, object] = {
        "title": "T",
        "sentences": ["One.", "Two."],
        "questions": [{"q": "Q?", "a": [1], "open": []}],
    }
    return json.dumps(known | changed)


def test_our_own_lessons_hold_all_three_kinds() -> None:
    lessons = written()
    assert len({lesson.article for lesson in lessons}) > 500
    kinds = [(x.answerable, any(said.open for said in x.every)) for x in lessons]
    assert min(kinds.count((True, False)), kinds.count((False, True)), kinds.count((False, False))) > 1000


def test_a_line_is_read_as_it_is_marked(tmp_path: Path) -> None:
    (tmp_path / "field.jsonl").write_text(document(questions=[{"q": "Q?", "a": [1], "open": [0]}]), "utf-8")
    (lesson,) = written(tmp_path)
    assert lesson == Lesson(
        "field", "field: T", "Q?", (Page("T", (Said("One.", open=True), Said("Two.", answers=True))),)
    )


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[]",
        document(sentences="One."),
        document(questions=[{"q": "Q?", "a": [2], "open": []}]),
        document(questions=[{"q": "Q?"}]),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "field.jsonl").write_text(f"{document()}\n{line}\n", "utf-8")
    with pytest.raises(InputError, match=r"field\.jsonl, line 2, is no document with questions"):
        written(tmp_path)


def test_a_folder_without_lessons_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no lessons"):
        written(tmp_path)


def test_a_public_question_marks_the_sentence_with_its_answer(tmp_path: Path) -> None:
    rows = [
        {
            "id": "a",
            "title": "Velm",
            "question": "When?",
            "context": "It is big. It was built in 1932.",
            "answers": ["1932"],
        },
        {"id": "b", "title": "Velm", "question": "Why?", "context": "It is big. It was built in 1932.", "answers": []},
    ]
    (tmp_path / "squad2.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    when, why = sorted(public(tmp_path, SQUAD2), key=lambda x: x.question)
    assert [said.answers for said in when.every] == [False, True]
    (span,) = when.every[1].spans
    assert when.every[1].text[slice(*span)] == "1932"
    assert not why.answerable
    assert why.spanned


def test_names_are_capitalised_runs_and_numbers() -> None:
    assert names("In 1950 the Town of Velm moved it. Ida Brandt left in May.") == [
        "1950",
        "Town of Velm",
        "Brandt",
        "May",
    ]


def test_a_swap_changes_one_name_for_another_of_its_kind_and_leaves_nothing_answered() -> None:
    seen = {new.question for seed in range(40) if (new := swapped(LESSON, ["Port Holm", "1871"], random.Random(seed)))}
    assert "When was the Velm ferry built, in 1950?" in seen
    assert LESSON.question not in seen
    for seed in range(10):
        new = swapped(LESSON, ["1871"], random.Random(seed))
        assert new is None or not new.answerable


def test_a_question_without_a_name_cannot_be_swapped() -> None:
    assert swapped(replace(LESSON, question="How old is it?"), ["1871"], random.Random(0)) is None


def test_titles_can_be_left_out() -> None:
    assert [page.title for page in untitled(LESSON).pages] == [""]


def test_every_fifth_article_is_held_out_whatever_the_order() -> None:
    articles = [f"article {n}" for n in range(20)]
    held = held_out(articles)
    assert len(held) == 4
    assert held < set(articles)
    assert held_out(reversed(articles * 2)) == held


def test_only_what_nothing_is_learnt_from_is_kept() -> None:
    long = " ".join(f"In winter number {n} nothing happened here." for n in range(30))
    articles = [f"article {n}" for n in range(5)]
    (away,) = held_out(articles)
    taught = Documents(
        "squad2",
        tuple(Source(f"p{n}", "", "It opened in 1932.", blocks=(Block("paragraph", 0, 18),)) for n in range(5)),
        tuple(Question(f"q{n}", article, "When?", (f"p{n}",), {}) for n, article in enumerate(articles)),
    )
    texts = {"short": "It opened in 1932.", "long": long}
    by_length = Documents(
        "qed",
        tuple(Source(key, "", text, blocks=(Block("paragraph", 0, len(text)),)) for key, text in texts.items()),
        tuple(Question(key, "one article", "When?", (key,), {}) for key in texts),
    )
    (kept,) = unlearnt([taught], 10)
    assert [q.article for q in kept.questions] == [away]
    (kept,) = unlearnt([by_length], 10)
    assert [q.id for q in kept.questions] == ["long"]
    assert unlearnt([taught], 0) == []


def test_held_out_lessons_become_corpora_that_can_be_evaluated(tmp_path: Path) -> None:
    page = Page(
        "Velm: the 'ferry'",
        (
            Said("Prices"),
            Said("A ticket costs four crowns.", answers=True),
            Said("Dogs travel free."),
            Said("Its new timetable is a secret (for now).", open=True),
        ),
    )
    price = Lesson("city", "city: velm", "What is a ticket?", (replace(page, sentences=page.sentences[:3]),))
    start = Lesson("city", "city: velm", "When does it sail?", (page.unmarked,))
    secret = Lesson("land", "land: velm", "What is new?", (replace(page, sentences=page.sentences[2:]),))
    folders = export([price, start, secret], tmp_path)
    assert folders == [tmp_path / "city", tmp_path / "land"]
    answered, nothing = load([folders[0] / "cases.yaml"])
    assert (answered.expect.outcome, answered.expect.must_cite) == (("answered",), (("d000",),))
    assert (nothing.question, nothing.expect.outcome) == ("When does it sail?", ("not_in_sources",))
    (unknown,) = load([folders[1] / "cases.yaml"])
    assert unknown.expect.outcome == ("unreleased",)
    (wanted,) = unknown.expect.quote_contains
    assert found(wanted, "Its new timetable is a secret (for now).")
    assert not found(wanted, "Dogs travel free.")
    source = read_folder(folders[0] / "sources").sources[0]
    assert source.title == page.title
    assert [s.text for s in sentences(source)] == ["Prices", "A ticket costs four crowns.", "Dogs travel free."]


def test_no_document_is_both_learnt_from_and_held_out() -> None:
    learnt, away = own_split()
    assert len(learnt) > 10 * len(away) > 0
    assert not {lesson.article for lesson in learnt} & {lesson.article for lesson in away}
