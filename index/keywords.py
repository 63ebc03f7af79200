"""BM25 over the stems of the passages.

A passage is indexed by the content terms of its source's title, its headings and its text. What a stem or a function
word is, `terms.py` decides. Robertson's BM25 as Lucene scores it (k1 1.5, b 0.75), from `bm25s`. What else is known of a
corpus's words stands in `lexicon.py`.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Self

import bm25s
import numpy as np
from numpy.typing import NDArray

from index.terms import Term, content

Floats = NDArray[np.float32]


class KeywordsBuilder:
    """Takes the passages one by one, in order, and makes their `Keywords`."""

    def __init__(self) -> None:
        self._stems: list[list[str]] = []

    def add(self, found: Iterable[Term]) -> None:
        """Take the terms of the next passage, those of its title and headings among them."""
        self._stems.append([term.stem for term in content(found)] or [""])  # bm25s divides by the mean length

    def done(self) -> "Keywords":
        """The index of the passages taken, at least one."""
        ranker = bm25s.BM25()
        ranker.index(self._stems, show_progress=False)
        return Keywords(ranker)


class Keywords:
    """The keyword index of a generation, by passage index."""

    def __init__(self, ranker: bm25s.BM25) -> None:
        self._ranker = ranker

    def save(self, folder: Path) -> None:
        """Write the index into a folder of its own."""
        folder.mkdir()
        self._ranker.save(folder, show_progress=False)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The index that `save` wrote. Raises OSError or ValueError where it cannot be read."""
        return cls(bm25s.BM25.load(folder, mmap=True, show_progress=False))

    @cached_property
    def df(self) -> dict[str, int]:
        """How many passages each stem stands in, of those that carry content."""
        counts = np.diff(self._ranker.scores["indptr"]).tolist()
        return {stem: counts[i] for stem, i in self._ranker.vocab_dict.items() if stem and counts[i]}

    def scores(self, stems: Sequence[str]) -> Floats:
        """The BM25 score of every passage. A stem counts as often as it is given; unknown ones count nothing."""
        known = [stem for stem in stems if stem in self.df]
        if not known:
            return np.zeros(int(self._ranker.scores["num_docs"]), dtype=np.float32)
        return np.asarray(self._ranker.get_scores(known), dtype=np.float32)

    def query(self, stems: Sequence[str], k: int) -> list[tuple[int, float]]:
        """The k best passages that share a stem with the question, best first, each with its score."""
        return best(self.scores(stems), k)


def best(scores: Floats, k: int) -> list[tuple[int, float]]:
    """The k highest positive scores with their positions, highest first; of equal ones, the earlier first."""
    order = np.argsort(-scores, kind="stable")[:k]
    return [(int(i), float(scores[i])) for i in order if scores[i] > 0]
