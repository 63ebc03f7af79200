"""One complete index on disk: built apart, checked, published by replacing a pointer, opened for reading.

    INDEX_DIR/CURRENT                   the id of the published generation
    INDEX_DIR/generations/<id>/
      manifest.json                     what it was built from, and with
      sources.json sentences.json passages.json open_points.json
      keywords/                         BM25, see keywords.py
      lexicon/                          what the corpus's words are like, see lexicon.py
      chroma/                           passage vectors, see store.py
      passage_vectors.npy               float16 (passages, d)
      sentence_vectors.npy              float16 (sentences, d), unit means of their words'
      word_vectors.npy                  int8 (words, d), in sentence order; to be scaled to unit length
      word_spans.npy                    int32 (words, 2), relative to the start of the word's sentence
      word_offsets.npy                  int64 (sentences + 1,): the words of sentence i are rows [i] to [i + 1]

A generation never changes once it is in place; an update is another one. Its id is a hash of what it was built from, so
that the same content is the same generation. Who may write when is `sync.py`'s concern.
"""

import errno
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import tempfile
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from index import store
from index.embed import Embedder, Encoded, Floats, unit
from index.errors import IndexMismatchError, NoIndexError, OnRecordError
from index.keywords import Keywords, KeywordsBuilder
from index.lexicon import Lexicon, LexiconBuilder
from index.search import Hit, search
from index.source import Block, Dropped, OpenPoint, Passage, Sentence, Source
from index.store import PassageStore
from index.terms import Term, terms

SCHEMA = 2

# Called with a stage ("embed"), the units done so far, and their total.
Progress = Callable[[str, int, int], None]

# Passages encoded before their word vectors go to disk: 512 hold about 100 MB.
_ENCODED_AT_ONCE = 512

_DATA = "generations"
_POINTER = "CURRENT"
_UNFINISHED = ".building-"
_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Corpus:
    """What a generation is built from. Indices in `passages` and `open_points` point into `sentences`."""

    sources: tuple[Source, ...]
    sentences: tuple[Sentence, ...]
    passages: tuple[Passage, ...]
    open_points: tuple[OpenPoint, ...]


@dataclass(frozen=True)
class Built:
    """A generation in place. `fresh` is false where the same content was there already."""

    id: str
    path: Path
    fresh: bool


class Model(Protocol):
    """What tells one embedding model from another: the part of `Embedder` that a reader needs."""

    name: str
    fingerprint: str


def source_hash(source: Source) -> str:
    """A hash of all that is known of a source: its text, metadata, blocks and dropped spans."""
    return _digest(asdict(source))[:16]


def content_id(corpus: Corpus, fingerprint: str) -> str:
    """The id of the generation that a corpus and a model make: a hash of both and of the format, 12 hex digits."""
    content = [
        SCHEMA,
        fingerprint,
        [(source.id, source_hash(source)) for source in corpus.sources],
        [(sentence.source, sentence.start, sentence.end, sentence.headings) for sentence in corpus.sentences],
        [passage.sentences for passage in corpus.passages],
        [asdict(point) for point in corpus.open_points],
    ]
    return _digest(content)[:12]


def _digest(value: object) -> str:
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def in_context(passage: Passage, title: str) -> str:
    """A passage as encoded and as searched by words: after its title and headings. It ends with the passage's text."""
    above = " — ".join(heading for heading in passage.headings if heading != title)
    return f"{title}. {above}\n{passage.text}"


# --- building ----------------------------------------------------------------------------------------------------


def build(
    index_dir: Path, corpus: Corpus, embedder: Embedder, progress: Progress | None = None, full: bool = False
) -> Built:
    """Put the generation of a corpus in place, without publishing it.

    A healthy generation of the same content is kept as it is, unless `full`. Until the last step, a rename, everything
    happens in a directory apart, which an interruption removes, or the next build where it could not.
    """
    generations = index_dir / _DATA
    generations.mkdir(parents=True, exist_ok=True)
    _remove_unfinished(generations)
    identifier = content_id(corpus, embedder.fingerprint)
    place = generations / identifier
    if not full and _healthy(place):
        return Built(identifier, place, fresh=False)
    apart = generations / f"{_UNFINISHED}{os.getpid()}-{secrets.token_hex(4)}"
    try:
        apart.mkdir()
        _write(apart, identifier, corpus, embedder, progress or (lambda stage, done, total: None))
        _flush(apart)
        _swap_in(apart, place)
    except BaseException:
        shutil.rmtree(apart, ignore_errors=True)
        raise
    return Built(identifier, place, fresh=True)


def publish(index_dir: Path, identifier: str) -> bool:
    """Make a generation the one that is opened, and delete all but the one before and any that are being read.

    False where it was the one already.
    """
    before = current(index_dir)
    if before == identifier:
        return False
    pointer = index_dir / _POINTER
    draft = pointer.with_suffix(".new")
    draft.write_text(identifier + "\n", "utf-8")
    _flush_file(draft)
    os.replace(draft, pointer)
    _flush_file(index_dir)
    others = [path for path in (index_dir / _DATA).iterdir() if path.name != identifier and path.name[0] != "."]
    others.sort(key=lambda path: (path.name == before, path.stat().st_mtime), reverse=True)
    for path in others[1:]:
        _delete_unread(path)
    return True


def _delete_unread(place: Path) -> None:
    """Delete a generation, unless some process has it open: Chroma fails when its files go. A later publish tries again."""
    try:
        with (place / _MANIFEST).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(place, ignore_errors=True)
    except BlockingIOError:
        return
    except FileNotFoundError:
        shutil.rmtree(place, ignore_errors=True)


def published_hashes(index_dir: Path) -> dict[str, str]:
    """The hash of each source in the published generation, by id; none where nothing readable is published."""
    try:
        manifest = _read_json(index_dir / _DATA / (current(index_dir) or "") / _MANIFEST)
        return dict(manifest["sources"])
    except (OSError, ValueError, KeyError):
        return {}


def current(index_dir: Path) -> str | None:
    """The id of the published generation, if there is one."""
    try:
        return (index_dir / _POINTER).read_text("utf-8").strip() or None
    except FileNotFoundError:
        return None


def _remove_unfinished(generations: Path) -> None:
    """Remove what builds of dead processes left behind."""
    for path in generations.glob(f"{_UNFINISHED}*"):
        builder = path.name.removeprefix(_UNFINISHED).split("-")[0]
        if not (builder.isdigit() and _alive(int(builder))):
            shutil.rmtree(path, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _healthy(place: Path) -> bool:
    """Whether a generation opens and finds one of its own passages."""
    try:
        with Index.load(place) as index:
            index.check()
    except (OnRecordError, OSError, ValueError, KeyError):
        return False
    return True


def _swap_in(apart: Path, place: Path) -> None:
    """Rename a finished generation to its place, moving a damaged or replaced one of the same id out of the way."""
    if place.exists():
        replaced = apart.with_name(apart.name + ".replaced")
        os.rename(place, replaced)
        os.rename(apart, place)
        shutil.rmtree(replaced, ignore_errors=True)
    else:
        os.rename(apart, place)
    _flush_file(place.parent)


def _flush(folder: Path) -> None:
    """Have a directory and all in it reach the disk."""
    for path in [*folder.rglob("*"), folder]:
        _flush_file(path)


def _flush_file(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write(folder: Path, identifier: str, corpus: Corpus, embedder: Embedder, progress: Progress) -> None:
    """Write a whole generation into an empty folder, and check it."""
    titles = {source.id: source.title for source in corpus.sources}
    texts = [in_context(passage, titles[passage.source]) for passage in corpus.passages]
    _write_records(folder, corpus)
    keywords, words = KeywordsBuilder(), LexiconBuilder()
    with _VectorWriter(folder, corpus, embedder.dimension) as writer:
        for first in range(0, len(texts), _ENCODED_AT_ONCE):
            batch = texts[first : first + _ENCODED_AT_ONCE]
            done = embedder.encode(batch, partial(_tell, progress, first, len(texts)))
            for passage, text, encoded in zip(corpus.passages[first:], batch, done, strict=False):
                by_sentence = _terms_by_sentence(corpus, passage, text, encoded.terms)
                writer.add(encoded, by_sentence, len(text) - passage.end)
                keywords.add(encoded.terms)
                for found in by_sentence:
                    words.add(text, found)
    keywords.done().save(folder / "keywords")
    words.done(source.language for source in corpus.sources).save(folder / "lexicon")
    progress("store", 0, len(texts))
    ids = [passage.id for passage in corpus.passages]
    PassageStore.build(folder / "chroma", ids, writer.passages)
    progress("store", len(texts), len(texts))
    manifest = {
        "schema": SCHEMA,
        "id": identifier,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "chromadb": store.VERSION,
        "model": embedder.name,
        "fingerprint": embedder.fingerprint,
        "dimension": embedder.dimension,
        "counts": {
            "sources": len(corpus.sources),
            "sentences": len(corpus.sentences),
            "passages": len(corpus.passages),
            "open_points": len(corpus.open_points),
        },
        "sources": {source.id: source_hash(source) for source in corpus.sources},
        "files": _sizes(folder),
    }
    _write_json(folder / _MANIFEST, manifest, indent=1)


def _sizes(folder: Path) -> dict[str, int]:
    """The size of each file of a generation, but for the one that Chroma changes when it opens it."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "chroma.sqlite3"]
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}


def _write_records(folder: Path, corpus: Corpus) -> None:
    """The corpus as JSON. Sentences and passages are rows of numbers: their texts stand in the sources."""
    places = {source.id: i for i, source in enumerate(corpus.sources)}
    headings = {above: i for i, above in enumerate(dict.fromkeys(sentence.headings for sentence in corpus.sentences))}
    rows = [
        (places[found.source], found.start, found.end, headings[found.headings], found.block, found.kind)
        for found in corpus.sentences
    ]
    _write_json(folder / "sources.json", [asdict(source) for source in corpus.sources])
    _write_json(folder / "sentences.json", {"headings": list(headings), "rows": rows})
    _write_json(folder / "passages.json", [(found.sentences[0], len(found.sentences)) for found in corpus.passages])
    _write_json(folder / "open_points.json", [asdict(point) for point in corpus.open_points])


def _write_json(path: Path, value: object, indent: int | None = None) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=indent), "utf-8")


def _terms_by_sentence(corpus: Corpus, passage: Passage, text: str, found: Sequence[Term]) -> list[Sequence[Term]]:
    """The terms of each sentence of a passage; their spans lie in `text`, which ends with the passage's own.

    They are among `found`, those of the whole text, unless the sentence begins or ends within what is a word there.
    """
    starts = [term.start for term in found]
    shift = len(text) - passage.end
    parts: list[Sequence[Term]] = []
    for number in passage.sentences:
        sentence = corpus.sentences[number]
        start, end = sentence.start + shift, sentence.end + shift
        if text[start - 1].isspace() and (end == len(text) or text[end].isspace()):
            parts.append(found[bisect_left(starts, start) : bisect_left(starts, end)])
        else:
            own = terms(sentence.text)
            parts.append([term._replace(start=term.start + start, end=term.end + start) for term in own])
    return parts


def _tell(progress: Progress, before: int, total: int, done: int) -> None:
    progress("embed", before + done, total)


class _VectorWriter:
    """Writes the vectors of passages, encoded one after another, and of their sentences and words.

    Word vectors go to disk as they come: a million words hold 1.5 GB as float32.
    """

    def __init__(self, folder: Path, corpus: Corpus, dimension: int) -> None:
        self._folder = folder
        self._corpus = corpus
        self.passages = np.zeros((len(corpus.passages), dimension), np.float32)
        self._sentences = np.zeros((len(corpus.sentences), dimension), np.float16)
        self._word_spans: list[NDArray[np.int32]] = []
        self._taken = 0
        self._words = (folder / "word_vectors.npy").open("wb")
        self._write_header(0)

    def add(self, encoded: Encoded, by_sentence: Sequence[Sequence[Term]], shift: int) -> None:
        """Take the next passage: as encoded, its terms by sentence, and how far their spans lie behind the source's."""
        passage = self._corpus.passages[self._taken]
        self.passages[self._taken] = encoded.vector
        self._taken += 1
        spans = _spans(term for found in by_sentence for term in found)
        vectors = _words_at(spans[:, 0], _spans(encoded.terms)[:, 0], encoded.words)
        self._words.write(quantised(vectors).tobytes())
        row = 0
        for number, found in zip(passage.sentences, by_sentence, strict=True):
            rows = slice(row, row + len(found))
            self._sentences[number] = unit(vectors[rows].sum(axis=0))
            self._word_spans.append(spans[rows] - (self._corpus.sentences[number].start + shift))
            row = rows.stop

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
        np.save(self._folder / "passage_vectors.npy", self.passages.astype(np.float16))

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


# --- reading -----------------------------------------------------------------------------------------------------


class Index:
    """A generation, open for reading. It stays the same, whatever is published meanwhile. Safe to share by threads.

    `manifest` is the content of manifest.json. `passage_of` gives the passage of each sentence; `lexicon` tells
    what the corpus's words are like.
    """

    id: str
    manifest: dict[str, Any]
    sources: dict[str, Source]
    sentences: tuple[Sentence, ...]
    passages: tuple[Passage, ...]
    open_points: tuple[OpenPoint, ...]
    passage_of: tuple[int, ...]
    keywords: Keywords
    lexicon: Lexicon

    @classmethod
    def open(cls, index_dir: Path, model: Model | None = None) -> Self:
        """Open the published generation; with a model, only one that was built with it.

        Raises `NoIndexError` where none is published, and `IndexMismatchError` where it is of another model or format.
        """
        identifier = current(index_dir)
        while identifier is not None:
            try:
                return cls.load(index_dir / _DATA / identifier, model)
            except FileNotFoundError as error:
                # Published and pruned since the pointer was read, perhaps twice: read it again.
                before, identifier = identifier, current(index_dir)
                if identifier == before:
                    raise OnRecordError(
                        f"The index at {index_dir} is incomplete ({error.filename} is missing). {_rebuild(index_dir)}"
                    ) from error
            except (ValueError, KeyError, OSError) as error:
                raise OnRecordError(f"The index at {index_dir} is damaged ({error}). {_rebuild(index_dir)}") from error
        raise NoIndexError(
            f"No index at {index_dir}. Build one with: onrecord --sources FOLDER --index {index_dir} sync"
        )

    @classmethod
    def load(cls, place: Path, model: Model | None = None) -> Self:
        """Open the generation in a directory. Raises OSError, ValueError or KeyError where a file is not as written."""
        with ExitStack() as closing:
            manifest = json.loads(closing.enter_context(_held(place)).read())
            _require_match(place.parent.parent, manifest, model)
            _require_whole(place, manifest["files"])
            index = cls(place, manifest, closing)
            index._closing = closing.pop_all()
        return index

    def __init__(self, place: Path, manifest: dict[str, Any], closing: ExitStack) -> None:
        self._closing = closing
        self.manifest = manifest
        self.id = manifest["id"]
        self._read_records(place)
        self.keywords = Keywords.load(place / "keywords")
        self.lexicon = Lexicon.load(place / "lexicon")
        self._passage_vectors = np.load(place / "passage_vectors.npy", mmap_mode="r")
        self._sentence_vectors = np.load(place / "sentence_vectors.npy", mmap_mode="r")
        self._word_vectors = np.load(place / "word_vectors.npy", mmap_mode="r")
        self._word_spans = np.load(place / "word_spans.npy", mmap_mode="r")
        self._word_offsets = np.load(place / "word_offsets.npy")
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
        return float((np.asarray(self._sentence_vectors[first : last + 1], np.float32) @ vector).max())

    def sentence_vector(self, sentence: int) -> Floats:
        """The unit vector (d,) of a sentence, in the context of its passage."""
        return np.asarray(self._sentence_vectors[sentence], np.float32)

    def word_vectors(self, sentence: int) -> tuple[NDArray[np.int32], Floats]:
        """The words of a sentence: spans (n, 2) from its start, and unit vectors (n, d), one for each of its `terms`.

        A word past the model's window has a zero vector.
        """
        rows = slice(self._word_offsets[sentence], self._word_offsets[sentence + 1])
        return np.asarray(self._word_spans[rows]), dequantised(self._word_vectors[rows])

    def check(self) -> None:
        """Raise OnRecordError or ValueError unless the parts agree in size and a passage is found by its own vector."""
        counts, d = self.manifest["counts"], self.manifest["dimension"]
        expected = [
            (self._passage_vectors, (counts["passages"], d)),
            (self._sentence_vectors, (counts["sentences"], d)),
            (self._word_vectors, (int(self._word_offsets[-1]), d)),
            (self._word_spans, (int(self._word_offsets[-1]), 2)),
        ]
        if any(array.shape != shape for array, shape in expected) or len(self.passages) != counts["passages"]:
            raise ValueError("the files of the generation do not belong together")
        if self._store.count() != len(self.passages):
            raise ValueError("the vector store does not hold every passage")
        vector = unit(self._passage_vectors[-1].astype(np.float32))
        if not self.nearest(vector, 1) or self.nearest(vector, 1)[0][1] < 0.999:
            raise ValueError("a passage is not found by its own vector")

    def close(self) -> None:
        """Release the files and threads behind the index."""
        self._closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


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
def _held(place: Path) -> Iterator[BinaryIO]:
    """The manifest, locked against the deletion of its generation. FileNotFoundError where that is under way."""
    path = place / _MANIFEST
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FileNotFoundError(errno.ENOENT, "being deleted", str(path)) from error
        yield file


@contextmanager
def _writable(folder: Path) -> Iterator[Path]:
    """The folder itself if it can be written to, else a copy of it for the time being: Chroma writes when it opens."""
    if all(os.access(path, os.W_OK) for path in [folder, *folder.iterdir()]):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="onrecord-") as copies:
        yield Path(shutil.copytree(folder, Path(copies, folder.name), copy_function=shutil.copyfile))


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
