"""A question's stems and vector -> the passages to read, by meaning and by words.

Passages are found by their vectors and by BM25. Those found are ranked twice: by the nearest of their sentences, and by
their words. The nearest sentence finds more than the passage as a whole on SQuAD 2.0, and fused with BM25 more than either
(`make bench-deciding`). The two rankings are fused by rank, not by score, so that neither needs calibrating: reciprocal
rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009), with their k = 60. Which sentences of a passage answer is decided
in `assistant/evidence.py`.
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.keywords import best

Floats = NDArray[np.float32]
Item = TypeVar("Item", bound=Hashable)

# How many passages are found by vector, and how many by words, before they are ranked.
_DEPTH = 64


@dataclass(frozen=True)
class Hit:
    """A passage found, with its ranks, counted from 1; `keyword_rank` is None where it shares no word with the question.

    `cosine` is that of its nearest sentence.
    """

    passage: int
    score: float
    dense_rank: int
    keyword_rank: int | None
    cosine: float
    bm25: float


class Searchable(Protocol):
    """What search needs of an index."""

    def nearest(self, vector: Floats, k: int) -> list[tuple[int, float]]:
        """The k passages nearest to a unit vector, nearest first, each with its cosine."""
        ...

    def keyword_scores(self, stems: Sequence[str]) -> Floats:
        """The BM25 score of every passage, (passages,)."""
        ...

    def cosine(self, passage: int, vector: Floats) -> float:
        """The cosine of a unit vector and the nearest sentence of a passage."""
        ...


def fuse(rankings: Sequence[Sequence[Item]], k: int = 60) -> list[tuple[Item, float]]:
    """Reciprocal rank fusion: each ranking gives an item 1 / (k + rank). Best first; of equals, the first seen."""
    scores: dict[Item, float] = defaultdict(float)
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] += 1 / (k + rank)
    return sorted(scores.items(), key=lambda pair: -pair[1])


def search(index: Searchable, stems: Sequence[str], vector: Floats, k: int = 8) -> list[Hit]:
    """The k best passages for a question's content stems and unit vector (d,), best first."""
    bm25 = index.keyword_scores(stems)
    by_words = [passage for passage, _ in best(bm25, _DEPTH)]
    found = dict.fromkeys([*(passage for passage, _ in index.nearest(vector, _DEPTH)), *by_words])
    cosines = {passage: index.cosine(passage, vector) for passage in found}
    by_meaning = sorted(found, key=lambda passage: -cosines[passage])
    dense_rank = {passage: rank for rank, passage in enumerate(by_meaning, start=1)}
    keyword_rank = {passage: rank for rank, passage in enumerate(by_words, start=1)}
    return [
        Hit(
            passage=passage,
            score=score,
            dense_rank=dense_rank[passage],
            keyword_rank=keyword_rank.get(passage),
            cosine=cosines[passage],
            bm25=float(bm25[passage]),
        )
        for passage, score in fuse([by_meaning, by_words])[:k]
    ]
