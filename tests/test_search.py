"""Search fuses two rankings by rank alone, as can be computed by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.embed import Embedder
from index.generation import Index
from index.search import Hit, fuse, search
from index.terms import content, terms

Floats = NDArray[np.float32]
NOWHERE = np.zeros(2, np.float32)


@dataclass
class PaperIndex:
    """An index of four passages that answers what it is told to."""

    cosines: Sequence[float]
    bm25: Sequence[float]

    def nearest(self, vector: Floats, k: int) -> list[tuple[int, float]]:
        return sorted(enumerate(self.cosines), key=lambda pair: -pair[1])[:k]

    def keyword_scores(self, stems: Sequence[str]) -> Floats:
        return np.array(self.bm25, np.float32)

    def cosine(self, passage: int, vector: Floats) -> float:
        return self.cosines[passage]


def test_fusion_adds_one_over_sixty_plus_rank() -> None:
    assert fuse([["a", "b"], ["b", "c"]]) == [
        ("b", 1 / 62 + 1 / 61),
        ("a", 1 / 61),
        ("c", 1 / 62),
    ]


def test_of_equals_the_first_seen_comes_first() -> None:
    assert [item for item, _ in fuse([["a", "b"], ["b", "a"]])] == ["a", "b"]


def test_nothing_fuses_to_nothing() -> None:
    assert fuse([[], []]) == []


def test_a_hit_carries_both_ranks_and_both_scores() -> None:
    hits = search(PaperIndex([0.9, 0.5, 0.1, 0.0], [0, 2.5, 0, 1.5]), ["fee"], NOWHERE, k=4)
    assert hits == [
        Hit(1, 1 / 62 + 1 / 61, 2, 1, 0.5, 2.5),
        Hit(3, 1 / 64 + 1 / 62, 4, 2, 0.0, 1.5),
        Hit(0, 1 / 61, 1, None, 0.9, 0.0),
        Hit(2, 1 / 63, 3, None, 0.1, 0.0),
    ]


def test_a_passage_found_by_words_alone_is_ranked_by_meaning_too() -> None:
    cosines, bm25 = [1 - i / 100 for i in range(80)], [0.0] * 79 + [1.5]
    found = search(PaperIndex(cosines, bm25), ["fee"], NOWHERE, k=2)  # 64 are found by vector; the last is the farthest
    assert found == [Hit(79, 1 / 125 + 1 / 61, 65, 1, cosines[79], 1.5), Hit(0, 1 / 61, 1, None, 1.0, 0.0)]


def test_each_ranking_can_carry_the_search_alone(
    tmp_path: Path, make_index: Callable[[Path, Mapping[str, str]], Index], embedder: Embedder
) -> None:
    index = make_index(
        tmp_path,
        {
            "boats.md": "The harbour charges owners of small vessels forty euros for a berth.",
            "code.md": "The form is called XZ-17. It must be signed.",
            "birds.md": "Herons nest in tall trees near the river in spring.",
        },
    )

    def first(question: str) -> str:
        stems = [term.stem for term in content(terms(question))]
        return index.passages[index.search(stems, embedder.encode([question])[0].vector)[0].passage].source

    assert first("price of a mooring for a yacht") == "boats"
    assert first("XZ-17?") == "code"


def test_scores_of_a_real_index_are_exact_wherever_a_hit_was_found(
    tmp_path: Path, make_index: Callable[[Path, Mapping[str, str]], Index], embedder: Embedder
) -> None:
    topics = ["boats", "birds", "bread", "bricks", "bells", "bikes", "books", "bonds", "boots", "beans", "bees", "bats"]
    index = make_index(tmp_path, {f"{topic}.md": f"This page speaks of {topic} and nothing else." for topic in topics})
    vector = embedder.encode(["Which birds are there?"])[0].vector
    for hit in index.search(["bird", "page"], vector, k=12):
        nearest = max(index.sentence_vector(i) @ vector for i in index.passages[hit.passage].sentences)
        assert hit.cosine == pytest.approx(float(nearest))
        assert hit.bm25 == pytest.approx(float(index.keyword_scores(["bird", "page"])[hit.passage]))
