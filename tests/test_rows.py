"""Rows: which sentences are wanted, what a model makes of open points, and splits that keep articles whole."""

import random
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from assistant.evidence import Logistic, Reader
from assistant.ledger import OpenSignals
from assistant.question import understand
from evals.models import names_of
from evals.public import article
from evals.rows import Ours, folds, is_wanted, open_rows
from index.embed import TransformerEmbedder
from index.generation import Index
from index.source import Sentence
from tests.harbour import case


def test_a_sentence_is_wanted_that_says_all_and_is_of_a_source_to_cite() -> None:
    def sentence(source: str, text: str) -> Sentence:
        return Sentence("", source, 0, len(text), text, (), 0, "text")

    priced = case(must_say=["20", "/euros?/"], must_cite=["pass"])
    assert is_wanted(priced, sentence("pass", "It costs 20 euros."))
    assert not is_wanted(priced, sentence("pass", "It costs 20 pounds."))
    assert not is_wanted(priced, sentence("ferry", "It costs 20 euros."))
    assert not is_wanted(case(must_cite=["pass"]), sentence("pass", "It costs 20 euros."))


def test_open_points_are_read_with_the_model_given(
    tmp_path: Path,
    make_index: Callable[[Path, Mapping[str, str]], Index],
    embedder: TransformerEmbedder,
) -> None:
    index = make_index(tmp_path, {"pass.md": "# The pass\n\nThe start date of the pass has not been announced."})
    of = case(outcome="unreleased", must_cite=["pass"])
    query = understand("When does the pass start?", index.lexicon, embedder)
    corpus = Ours("port", ((of, query),), Reader(index, index.lexicon))
    whole = names_of(OpenSignals).index("whole")
    for intercept, probability in ((50.0, 1.0), (-50.0, 0.0)):
        [row] = open_rows(corpus, Logistic({}, intercept))
        assert row.unreleased
        assert row.cited == (True,)
        assert row.points[0][:, whole] == pytest.approx(probability)


def test_no_article_stands_on_both_sides_of_a_split() -> None:
    dice = random.Random(1)
    titles = [article(dice.choice(["The_Port", "the  port", "The ferry", "A", "B", "C"])) for _ in range(100)]
    fold = folds(titles, 3)
    for k in range(3):
        inside, outside = ({t for t in titles if (fold[t] == k) is same} for same in (True, False))
        assert inside
        assert not inside & outside
    assert "the port" in fold
    assert len(fold) == 5


def test_folds_are_about_as_large_as_each_other() -> None:
    fold = folds(["a"] * 6 + ["b"] * 3 + ["c"] * 2 + ["d"], 2)
    assert fold["a"] != fold["b"] == fold["c"] == fold["d"]
