"""One complete index on disk, opened for reading.

    INDEX_DIR/generations/<id>/
      manifest.json                     what it was built from, and with
      sources.json sentences.json passages.json open_points.json
      keywords/                         BM25, see keywords.py
      lexicon/                          what the corpus's words are like, see lexicon.py
      chroma/                           passage vectors, see store.py
      *.npy                             vectors of passages, sentences and words, see vectors.py

A generation never changes once it is in place; an update is another one. Its id is a hash of what it was built from, so
that the same content is the same generation. Not covered: building one (`build.py`), and which one answers (`history.py`).
"""

import json
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from index.closing import Closing
from index.embed import Floats, unit
from index.errors import IndexMismatchError, NoIndexError, OnRecordError
from index.history import find, held, history, place_of
from index.keywords import Keywords
from index.lexicon import Lexicon
from index.search import Hit, search
from index.source import Block, Dropped, OpenPoint, Passage, Sentence, Source
from index.store import PassageStore
from index.vectors import Vectors, dequantised

SCHEMA = 3
# What `Index.load` raises for a generation that is not as it was written, or of another format.
UNREADABLE = (OnRecordError, OSError, ValueError, KeyError, TypeError)

_log = logging.getLogger("onrecord")


@dataclass(frozen=True)
class Corpus:
    """What a generation is built from. Indices in `passages` and `open_points` point into `sentences`."""

    sources: tuple[Source, ...]
    sentences: tuple[Sentence, ...]
    passages: tuple[Passage, ...]
    open_points: tuple[OpenPoint, ...]


class Model(Protocol):
    """What tells one embedding model from another: the part of `Embedder` that a reader needs."""

    name: str
    fingerprint: str


def in_context(passage: Passage, title: str) -> str:
    """A passage as encoded and as searched by words: after its title and headings. It ends with the passage's text."""
    above = " — ".join(heading for heading in passage.headings if heading != title)
    return f"{title}. {above}\n{passage.text}"


class Index(Closing):
    """A generation, open for reading. It stays the same, whatever is published meanwhile. Safe to share by threads.

    `place` is its directory and `manifest` the content of manifest.json. `passage_of` gives the passage of each sentence;
    `lexicon` tells what the corpus's words are like.
    """

    id: str
    place: Path
    manifest: dict[str, Any]
    sources: dict[str, Source]
    sentences: tuple[Sentence, ...]
    passages: tuple[Passage, ...]
    open_points: tuple[OpenPoint, ...]
    passage_of: tuple[int, ...]
    keywords: Keywords
    lexicon: Lexicon
    vectors: Vectors

    @classmethod
    def open(cls, index_dir: Path, model: Model | None = None, generation: str | None = None) -> Self:
        """Open the published generation, or one that is kept, by the beginning of its id; with a model, only one that was
        built with it. Where the published one is damaged, the one before it answers, and the log says so.

        Raises `NoIndexError` where none is published, `InputError` where the one named is not kept, `IndexMismatchError`
        where it is of another model or format, and `OnRecordError` where none can be read.
        """
        if generation is not None:
            return cls._open(index_dir, find(index_dir, generation), model)
        before, there = None, history(index_dir)
        while there and there != before:  # else one may have been published and pruned since the pointer was read
            failures: list[OnRecordError] = []
            for identifier in there:
                try:
                    index = cls._open(index_dir, identifier, model)
                except IndexMismatchError:
                    if not failures:
                        raise
                except OnRecordError as error:
                    failures.append(error)
                else:
                    if failures and there == history(index_dir):
                        _log.error("%s Until then generation %s answers, the one before it.", failures[0], index.id)
                        return index
                    if not failures:
                        return index
                    index.close()
                    break
            before, there = there, history(index_dir)
        if there:
            raise failures[0]
        raise NoIndexError(
            f"No index at {index_dir}. Build one with: onrecord --sources FOLDER --index {index_dir} sync"
        )

    @classmethod
    def _open(cls, index_dir: Path, identifier: str, model: Model | None) -> Self:
        try:
            return cls.load(place_of(index_dir, identifier), model)
        except FileNotFoundError as error:
            raise OnRecordError(
                f"The index at {index_dir} is incomplete ({error.filename} is missing). {_rebuild(index_dir)}"
            ) from error
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise OnRecordError(f"The index at {index_dir} is damaged ({error}). {_rebuild(index_dir)}") from error

    @classmethod
    def load(cls, place: Path, model: Model | None = None) -> Self:
        """Open the generation in a directory. Raises one of `UNREADABLE` where it is not as it was written."""
        with ExitStack() as closing:
            manifest = json.loads(closing.enter_context(held(place)).read())
            _require_match(place.parent.parent, manifest, model)
            _require_whole(place, manifest["files"])
            index = cls(place, manifest, closing)
            index._closing = closing.pop_all()
        return index

    def __init__(self, place: Path, manifest: dict[str, Any], closing: ExitStack) -> None:
        self._closing = closing
        self.place = place
        self.manifest = manifest
        self.id = manifest["id"]
        self._read_records(place)
        self.keywords = Keywords.load(place / "keywords")
        self.lexicon = Lexicon.load(place / "lexicon")
        self.vectors = Vectors(place)
        self._store = PassageStore.open(closing.enter_context(_writable(place / "chroma")))
        closing.callback(self._store.close)

    def _read_records(self, place: Path) -> None:
        sources = [_source(record) for record in _read_json(place / "sources.json")]
        table = _read_json(place / "sentences.json")
        headings = [tuple(above) for above in table["headings"]]
        self.sources = {source.id: source for source in sources}
        self.sentences = tuple(
            Sentence(
                f"{sources[at].id}#{start}-{end}",
                sources[at].id,
                start,
                end,
                sources[at].text[start:end],
                headings[above],
                block,
                kind,
            )
            for at, start, end, above, block, kind in table["rows"]
        )
        self.passages = tuple(self._passage(first, count) for first, count in _read_json(place / "passages.json"))
        self._passage_numbers = {passage.id: i for i, passage in enumerate(self.passages)}
        owners = {number: i for i, passage in enumerate(self.passages) for number in passage.sentences}
        self.passage_of = tuple(owners[i] for i in range(len(self.sentences)))
        self.open_points = tuple(_open_point(record) for record in _read_json(place / "open_points.json"))

    def _passage(self, first: int, count: int) -> Passage:
        head, tail = self.sentences[first], self.sentences[first + count - 1]
        return Passage(
            f"{head.source}@{head.start}-{tail.end}",
            head.source,
            head.start,
            tail.end,
            self.sources[head.source].text[head.start : tail.end],
            head.headings,
            tuple(range(first, first + count)),
        )

    def search(self, stems: Sequence[str], vector: Floats, k: int = 8) -> list[Hit]:
        """The k best passages for a question's content stems and unit vector, see `index.search`."""
        return search(self, stems, vector, k)

    def nearest(self, vector: Floats, k: int) -> list[tuple[int, float]]:
        """The k passages nearest to a unit vector, nearest first, each with its cosine."""
        return [(self._passage_numbers[key], cosine) for key, cosine in self._store.query(vector, k)]

    def keyword_scores(self, stems: Sequence[str]) -> Floats:
        """The BM25 score of every passage."""
        return self.keywords.scores(stems)

    def cosine(self, passage: int, vector: Floats) -> float:
        """The cosine of a unit vector and the nearest sentence of a passage."""
        first, last = self.passages[passage].sentences[0], self.passages[passage].sentences[-1]
        return float((np.asarray(self.vectors.sentences[first : last + 1], np.float32) @ vector).max())

    def sentence_vector(self, sentence: int) -> Floats:
        """The unit vector (d,) of a sentence, in the context of its passage."""
        return np.asarray(self.vectors.sentences[sentence], np.float32)

    def word_vectors(self, sentence: int) -> tuple[NDArray[np.int32], Floats]:
        """The words of a sentence: spans (n, 2) from its start, and unit vectors (n, d), one for each of its `terms`.

        A word past the model's window has a zero vector.
        """
        rows = self.vectors.rows(sentence)
        return np.asarray(self.vectors.spans[rows]), dequantised(self.vectors.words[rows])

    @property
    def corpus(self) -> Corpus:
        """What it was built from."""
        return Corpus(tuple(self.sources.values()), self.sentences, self.passages, self.open_points)

    def check(self) -> None:
        """Raise OnRecordError or ValueError unless the parts agree in size and a passage is found by its own vector."""
        counts = self.manifest["counts"]
        whole = self.vectors.agree(counts["passages"], counts["sentences"], self.manifest["dimension"])
        if not whole or len(self.passages) != counts["passages"]:
            raise ValueError("the files of the generation do not belong together")
        if self._store.count() != len(self.passages):
            raise ValueError("the vector store does not hold every passage")
        vector = unit(self.vectors.passages[-1].astype(np.float32))
        if not self.nearest(vector, 1) or self.nearest(vector, 1)[0][1] < 0.999:
            raise ValueError("a passage is not found by its own vector")

    def close(self) -> None:
        """Release the files and threads behind the index."""
        self._closing.close()
        vars(self).pop("vectors", None)  # else their mapped files stay open until garbage is collected
        vars(self).pop("keywords", None)


def _rebuild(index_dir: Path) -> str:
    return f"Rebuild it with: onrecord --sources FOLDER --index {index_dir} sync"


def _require_match(index_dir: Path, manifest: dict[str, Any], model: Model | None) -> None:
    """Raise IndexMismatchError for a generation of another format, or not of the model."""
    if manifest["schema"] != SCHEMA:
        raise IndexMismatchError(
            f"The index at {index_dir} has format {manifest['schema']}; this version of On Record reads {SCHEMA}. "
            f"{_rebuild(index_dir)}"
        )
    if model is not None and manifest["fingerprint"] != model.fingerprint:
        raise IndexMismatchError(
            f"The index at {index_dir} was built with the model {manifest['model']!r} ({manifest['fingerprint']}), "
            f"not with {model.name!r} ({model.fingerprint}). {_rebuild(index_dir)}, "
            f"or set ONRECORD_MODEL to {manifest['model']!r}."
        )


def _require_whole(place: Path, sizes: dict[str, int]) -> None:
    """Raise FileNotFoundError or ValueError unless every file is as long as it was.

    Chroma answers from a truncated file with impossible distances, or takes the process with it (1.5.9).
    """
    for name, size in sizes.items():
        if (there := (place / name).stat().st_size) != size:
            raise ValueError(f"{name} has {there} bytes instead of {size}")


@contextmanager
def _writable(folder: Path) -> Iterator[Path]:
    """The folder itself if it can be written to, else a copy of it for the time being: Chroma writes when it opens."""
    there = [path for path in folder.iterdir() if "sqlite3-" not in path.name]  # a reader's journal comes and goes
    if all(os.access(path, os.W_OK) for path in [folder, *there]):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="onrecord-") as copies:
        _log.warning("%s cannot be written to; a copy of it in %s answers meanwhile.", folder, copies)
        copy = Path(shutil.copytree(folder, Path(copies, folder.name), copy_function=shutil.copyfile))
        for path in [copy, *copy.rglob("*")]:
            path.chmod(0o700)  # a copied folder is as read-only as the first
        yield copy


def _read_json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _source(record: dict[str, Any]) -> Source:
    return Source(
        **{
            **record,
            "supersedes": tuple(record["supersedes"]),
            "blocks": tuple(Block(**block) for block in record["blocks"]),
            "dropped": tuple(Dropped(**dropped) for dropped in record["dropped"]),
        }
    )


def _open_point(record: dict[str, Any]) -> OpenPoint:
    return OpenPoint(
        **{
            **record,
            "phrase": tuple(record["phrase"]),
            "attributes": tuple((start, end) for start, end in record["attributes"]),
        }
    )
