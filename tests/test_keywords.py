"""BM25 ranks by shared stems, also after a round trip to disk."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index.keywords import Keywords, KeywordsBuilder, best
from index.terms import terms

TEXTS = ["The fees of a K-visa.", "A visa: K is it.", "The applying boats, the boat.", "Nothing of note."]


def build(texts: Sequence[str]) -> Keywords:
    builder = KeywordsBuilder()
    for text in texts:
        builder.add(terms(text))
    return builder.done()


@pytest.fixture(params=["built", "loaded"])
def keywords(request: pytest.FixtureRequest, tmp_path: Path) -> Keywords:
    made = build(TEXTS)
    if request.param == "built":
        return made
    made.save(tmp_path / "keywords")
    return Keywords.load(tmp_path / "keywords")


def test_passages_that_share_a_stem_are_found(keywords: Keywords) -> None:
    assert [passage for passage, _ in keywords.query(["appli"], 5)] == [2]
    assert sorted(passage for passage, _ in keywords.query(["visa"], 5)) == [0, 1]
    assert keywords.query(["fee", "visa"], 5)[0][0] == 0
    assert len(keywords.query(["visa"], 1)) == 1


def test_unknown_and_no_stems_find_nothing(keywords: Keywords) -> None:
    assert keywords.query(["zebra"], 5) == []
    assert keywords.query([], 5) == []
    assert keywords.query([""], 5) == []
    assert keywords.scores([]).tolist() == [0, 0, 0, 0]


def test_scores_are_those_of_the_formula() -> None:
    # Two passages of two terms each: the length norm is 1, so a term that stands once weighs idf / (1 + k1).
    idf = math.log(1 + (2 - 1 + 0.5) / (1 + 0.5))
    assert build(["red boat", "blue boat"]).scores(["red"]) == pytest.approx([idf / 2.5, 0])


def test_df_counts_passages_by_stem(keywords: Keywords) -> None:
    assert keywords.df == {"fee": 1, "k": 2, "visa": 2, "appli": 1, "boat": 1, "noth": 1, "note": 1}


def test_passages_without_content_are_no_obstacle() -> None:
    assert build(["It is the.", "A boat."]).query(["boat"], 3)[0][0] == 1
    assert build(["It is the."]).query(["boat"], 3) == []


def test_the_best_are_the_highest_positive_and_of_equals_the_first() -> None:
    assert best(np.array([1, 0, 3, 1], np.float32), 3) == [(2, 3.0), (0, 1.0), (3, 1.0)]
    assert best(np.array([0, 0], np.float32), 3) == []
