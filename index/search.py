"""A question's stems and vector -> the passages to read, by meaning and by words.

The two rankings are fused by rank, not by score, so that neither needs calibrating: reciprocal rank fusion (Cormack,
Clarke and Büttcher, SIGIR 2009), with their k = 60. Which sentences of a passage answer is decided in
`assistant/evidence.py`.
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

# How many times `k` passages each ranking contributes before fusion.
_DEPTH = 3


@dataclass(frozen=True)
class Hit:
    """A passage found. Ranks count from 1, and are None where that ranking did not reach it; both scores are exact."""

    passage: int
    score: float
    dense_rank: int | None
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
        """The cosine of one passage and a unit vector."""
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
    dense = index.nearest(vector, k * _DEPTH)
    bm25 = index.keyword_scores(stems)
    dense_rank = {passage: rank for rank, (passage, _) in enumerate(dense, start=1)}
    keyword_rank = {passage: rank for rank, (passage, _) in enumerate(best(bm25, k * _DEPTH), start=1)}
    cosines = dict(dense)
    return [
        Hit(
            passage=passage,
            score=score,
            dense_rank=dense_rank.get(passage),
            keyword_rank=keyword_rank.get(passage),
            cosine=cosines[passage] if passage in cosines else index.cosine(passage, vector),
            bm25=float(bm25[passage]),
        )
        for passage, score in fuse([list(dense_rank), list(keyword_rank)])[:k]
    ]
