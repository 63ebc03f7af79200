"""BM25 over the stems of the passages, and the vocabulary that understanding a question needs.

A passage is indexed by the content terms of its source's title, its headings and its text. What a stem, a norm or a
function word is, `terms.py` decides. Robertson's BM25 as Lucene scores it (k1 1.5, b 0.75), from `bm25s`.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Self

import bm25s
import numpy as np
from numpy.typing import NDArray

from index.terms import Term, content

Floats = NDArray[np.float32]

_CLOSE = re.compile(r"[\s\-\u2010-\u2013]*")  # what may stand between two words of one name: "K visa", "K-visa"


class KeywordsBuilder:
    """Takes the passages one by one, in order, and makes their `Keywords`."""

    def __init__(self) -> None:
        self._stems: list[list[str]] = []
        self._norms: Counter[str] = Counter()
        self._bigrams: set[str] = set()

    def add(self, text: str, found: Sequence[Term]) -> None:
        """Take the next passage: its text, with title and headings, and that text's terms."""
        self._stems.append([term.stem for term in content(found)] or [""])  # bm25s divides by the mean length
        self._norms.update({term.norm for term in found})
        self._bigrams.update(_bigrams(text, found))

    def done(self) -> "Keywords":
        """The index of the passages taken, at least one."""
        ranker = bm25s.BM25()
        ranker.index(self._stems, show_progress=False)
        return Keywords(ranker, dict(self._norms), frozenset(self._bigrams))


class Keywords:
    """The keyword index of a generation, by passage index."""

    def __init__(self, ranker: bm25s.BM25, norms: dict[str, int], bigrams: frozenset[str]) -> None:
        self._ranker = ranker
        self.norms = norms
        """How many passages each norm stands in, function words included."""
        self.bigrams = bigrams
        """Neighbouring content norms in the corpus, as "k visa"; only a space or a hyphen stands between them."""

    def save(self, folder: Path) -> None:
        """Write the index into a folder of its own."""
        folder.mkdir()
        self._ranker.save(folder, show_progress=False)
        (folder / "norms.json").write_text(json.dumps(self.norms, ensure_ascii=False), "utf-8")
        (folder / "bigrams.txt").write_text("\n".join(sorted(self.bigrams)), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The index that `save` wrote. Raises OSError or ValueError where it cannot be read."""
        ranker = bm25s.BM25.load(folder, mmap=True, show_progress=False)
        norms = json.loads((folder / "norms.json").read_text("utf-8"))
        bigrams = (folder / "bigrams.txt").read_text("utf-8").split("\n")
        return cls(ranker, norms, frozenset(bigrams))

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


def _bigrams(text: str, found: Sequence[Term]) -> Iterable[str]:
    for left, right in pairwise(found):
        if not (left.function or right.function) and _CLOSE.fullmatch(text, left.end, right.start):
            yield f"{left.norm} {right.norm}"
