"""Public questions: where their answers stand, which are one, samples that come again, and files that are refused."""

from dataclasses import replace
from pathlib import Path

import pytest

from evals.public import DataSet, Question, documents
from index.errors import InputError
from tests.questions import written

ROWS: list[dict[str, object]] = [
    {
        "id": "1",
        "title": "The_Port",
        "question": "What does the pass cost?",
        "context": "  The pass costs 20 euros. The pass of 2020 was cheaper.",
        "answers": ["20"],
    },
    {
        "id": "2",
        "title": "the port",
        "question": "What does the pass cost?",
        "context": "Today the pass is 21 euros.",
        "answers": ["21 euros"],
        "spans": [[18, 26]],
    },
    {
        "id": "3",
        "title": "The ferry",
        "question": "Who built the ferry?",
        "context": "The ferry sails on Sundays.",
        "answers": [],
    },
]
SET = DataSet("made-up", "made up", "none", 10)


def test_an_answer_is_found_where_it_stands_as_a_word_of_its_own(tmp_path: Path) -> None:
    [group] = documents(written(tmp_path, ROWS[:1], SET.name), SET)
    [question] = group.questions
    assert group.sources[0].text.startswith("The pass costs")
    assert question.spans == {"d00000": ((15, 17),)}
    assert group.sources[0].text[15:17] == "20"


def test_the_same_question_on_two_paragraphs_of_an_article_is_one_with_two_answers(tmp_path: Path) -> None:
    [group] = documents(written(tmp_path, ROWS, SET.name), SET)
    pass_ = next(q for q in group.questions if "pass" in q.text)
    assert len(group.questions) == 2
    assert pass_.article == "the port"
    assert pass_.paragraphs == ("d00000", "d00001")
    assert pass_.spans == {"d00000": ((15, 17),), "d00001": ((18, 26),)}
    assert not next(q for q in group.questions if "ferry" in q.text).answerable


def test_a_set_kept_apart_is_a_corpus_for_each_title(tmp_path: Path) -> None:
    groups = documents(written(tmp_path, ROWS, SET.name), replace(SET, apart=True))
    assert [group.name for group in groups] == ["The_Port", "the port", "The ferry"]


def test_a_stretch_answers_from_half_of_the_shorter_on() -> None:
    question = Question("1", "a", "?", ("s",), {"s": ((10, 20),)})
    assert question.answered_by("s", 0, 15)
    assert not question.answered_by("s", 0, 14)
    assert question.answered_by("s", 12, 14)
    assert question.answered_by("s", 0, 100)
    assert not question.answered_by("other", 0, 100)


def test_a_sample_is_the_same_for_the_same_seed_and_has_its_paragraphs(tmp_path: Path) -> None:
    rows = [{**ROWS[2], "id": str(i), "question": f"{i}?", "context": f"Ferry {i} sails."} for i in range(40)]
    few = replace(SET, questions=5)
    [first], [again], [other] = (documents(written(tmp_path, rows, SET.name), few, seed) for seed in (0, 0, 1))
    assert first == again != other
    assert len(first.questions) == 5
    assert len(first.sources) == 10
    assert {key for q in first.questions for key in q.paragraphs} <= {s.id for s in first.sources}


@pytest.mark.parametrize(
    "line", ["not json", '{"title": "t"}', '{"id": 1, "title": "t", "question": "q", "context": "c", "answers": 3}']
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "made-up.jsonl").write_text(line, "utf-8")
    with pytest.raises(InputError, match=r"made-up\.jsonl cannot be read as questions"):
        documents(tmp_path, SET)
