"""The vectors of a generation on disk: of its passages, of their sentences, and of every word.

    passage_vectors.npy               float16 (passages, d)
    sentence_vectors.npy              float16 (sentences, d), unit means of their words'
    word_vectors.npy                  int8 (words, d), in sentence order; to be scaled to unit length
    word_spans.npy                    int32 (words, 2), relative to the start of the word's sentence
    word_offsets.npy                  int64 (sentences + 1,): the words of sentence i are rows [i] to [i + 1]

Sentences follow each other as their passages do, so that a passage's rows stand together and can be copied from one
generation to the next. Which passages are the same is decided in `build.py`.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from index.embed import Encoded, Floats, unit
from index.source import Passage, Sentence
from index.terms import Term


class Vectors:
    """The vectors in a folder, memory-mapped. Raises OSError or ValueError where a file is not as written."""

    def __init__(self, folder: Path) -> None:
        self.passages = np.load(folder / "passage_vectors.npy", mmap_mode="r")
        self.sentences = np.load(folder / "sentence_vectors.npy", mmap_mode="r")
        self.words = np.load(folder / "word_vectors.npy", mmap_mode="r")
        self.spans = np.load(folder / "word_spans.npy", mmap_mode="r")
        self.offsets = np.load(folder / "word_offsets.npy")

    def rows(self, first: int, last: int | None = None) -> slice:
        """Where the words of the sentences `first` to `last` stand, both included."""
        return slice(int(self.offsets[first]), int(self.offsets[(first if last is None else last) + 1]))

    def agree(self, passages: int, sentences: int, dimension: int) -> bool:
        """Whether the files belong together, and hold that many passages and sentences of a dimension."""
        words = int(self.offsets[-1])
        expected = (
            (self.passages, (passages, dimension)),
            (self.sentences, (sentences, dimension)),
            (self.offsets, (sentences + 1,)),
            (self.words, (words, dimension)),
            (self.spans, (words, 2)),
        )
        return all(array.shape == shape for array, shape in expected)


class VectorWriter:
    """Writes the vectors of passages, taken one after another, and of their sentences and words.

    Word vectors go to disk as they come: a million words hold 1.5 GB as float32.
    """

    def __init__(
        self, folder: Path, passages: Sequence[Passage], sentences: Sequence[Sentence], dimension: int
    ) -> None:
        self._folder = folder
        self._corpus = passages, sentences
        self.passages = np.zeros((len(passages), dimension), np.float16)
        self._sentences = np.zeros((len(sentences), dimension), np.float16)
        self._word_spans: list[NDArray[np.int32]] = []
        self._taken = 0
        self._words = (folder / "word_vectors.npy").open("wb")
        self._write_header(0)

    def add(self, encoded: Encoded, by_sentence: Sequence[Sequence[Term]], shift: int) -> None:
        """Take the next passage: as encoded, its terms by sentence, and how far their spans lie behind the source's."""
        passage = self._next()
        self.passages[self._taken - 1] = encoded.vector
        spans = _spans(term for found in by_sentence for term in found)
        vectors = _words_at(spans[:, 0], _spans(encoded.terms)[:, 0], encoded.words)
        self._words.write(quantised(vectors).tobytes())
        row = 0
        for number, found in zip(passage.sentences, by_sentence, strict=True):
            rows = slice(row, row + len(found))
            self._sentences[number] = unit(vectors[rows].sum(axis=0))
            self._word_spans.append(spans[rows] - (self._corpus[1][number].start + shift))
            row = rows.stop

    def copy(self, old: Vectors, number: int, sentences: Sequence[int]) -> None:
        """Take the next passage from older vectors, where it is the one at `number`, of these sentences."""
        passage = self._next()
        self.passages[self._taken - 1] = old.passages[number]
        for here, there in zip(passage.sentences, sentences, strict=True):
            self._sentences[here] = old.sentences[there]
            self._word_spans.append(np.asarray(old.spans[old.rows(there)]))
        self._words.write(old.words[old.rows(sentences[0], sentences[-1])].tobytes())

    def _next(self) -> Passage:
        self._taken += 1
        return self._corpus[0][self._taken - 1]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._words:
            if error is None:
                self._finish()

    def _finish(self) -> None:
        offsets = np.zeros(len(self._word_spans) + 1, np.int64)
        np.cumsum([len(spans) for spans in self._word_spans], out=offsets[1:])
        self._write_header(int(offsets[-1]))
        np.save(self._folder / "word_spans.npy", np.concatenate(self._word_spans))
        np.save(self._folder / "word_offsets.npy", offsets)
        np.save(self._folder / "sentence_vectors.npy", self._sentences)
        np.save(self._folder / "passage_vectors.npy", self.passages)

    def _write_header(self, rows: int) -> None:
        """Write the head of the file of word vectors. numpy pads it to one length for any number of rows."""
        self._words.seek(0)
        np.lib.format.write_array_header_1_0(
            self._words, {"descr": "|i1", "fortran_order": False, "shape": (rows, self.passages.shape[1])}
        )


def _spans(found: Iterable[Term]) -> NDArray[np.int32]:
    """The spans of terms, (n, 2)."""
    return np.array([(term.start, term.end) for term in found], np.int32).reshape(-1, 2)


def _words_at(starts: NDArray[np.int32], there: NDArray[np.int32], vectors: Floats) -> Floats:
    """Of the words that start at `there`, with vectors (n, d), those that start at `starts`; zero where none does."""
    words = np.zeros((len(starts), vectors.shape[1]), np.float32)
    if len(there) and len(starts):
        at = np.minimum(np.searchsorted(there, starts), len(there) - 1)
        same = there[at] == starts
        words[same] = vectors[at[same]]
    return words


def quantised(vectors: Floats) -> NDArray[np.int8]:
    """Vectors (n, d) as bytes, each scaled so that its largest component is 127. Its length is lost: it was 1 or 0."""
    largest = np.abs(vectors).max(axis=-1, keepdims=True, initial=0)
    return np.rint(vectors * (127 / np.where(largest == 0, 1, largest))).astype(np.int8)


def dequantised(quanta: NDArray[np.int8]) -> Floats:
    """Bytes (n, d) as unit vectors; zero stays zero."""
    return unit(quanta.astype(np.float32))
