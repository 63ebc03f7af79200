"""A corpus -> a generation in place: built apart, checked, flushed to disk, and put in place by a rename.

What older generations hold of the same passages, encoded by the same model, is copied: changing one document costs its
own encoding. Not covered: publishing it (`history.py`), and reading it (`generation.py`).
"""

import hashlib
import json
import os
import secrets
import shutil
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from itertools import chain, count
from pathlib import Path
from typing import Self

import numpy as np

from index import store
from index.embed import Embedder
from index.generation import SCHEMA, UNREADABLE, Corpus, Index, in_context
from index.history import MANIFEST, UNFINISHED, flush, generations, id_of, kept, place_of
from index.keywords import KeywordsBuilder
from index.lexicon import LexiconBuilder
from index.source import Passage, Source
from index.store import PassageStore
from index.terms import Term, terms
from index.vectors import Vectors, VectorWriter

# Called with a stage ("embed"), the units done so far, and their total.
Progress = Callable[[str, int, int], None]

# Passages encoded before their word vectors go to disk: 512 hold about 100 MB.
_ENCODED_AT_ONCE = 512


@dataclass(frozen=True)
class Built:
    """A generation in place. `fresh` is false where the same content was there already.

    `name` is its directory's: its id, with a number behind it where that was taken. `embedded` and `reused` count passages.
    """

    id: str
    name: str
    fresh: bool
    embedded: int
    reused: int


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


@lru_cache(maxsize=1)
def code() -> str:
    """A hash of the code that reads sources and builds: what another version of it made is not taken for the same."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True)
class _Prepared:
    """A passage to be written: the text that is encoded, which ends with its own, its terms, and those of each sentence."""

    passage: Passage
    text: str
    terms: tuple[Term, ...]
    by_sentence: tuple[Sequence[Term], ...]

    @classmethod
    def of(cls, corpus: Corpus, passage: Passage, text: str) -> Self:
        """The terms of a sentence are among those of the text, unless it begins or ends within what is a word there."""
        found = tuple(terms(text))
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
        return cls(passage, text, found, tuple(parts))

    @property
    def shift(self) -> int:
        """How far the spans of the terms lie behind the source's."""
        return len(self.text) - self.passage.end


class Known:
    """Passages that are encoded already: those of older generations, which are open, of one model."""

    def __init__(self, indexes: Iterable[Index], fingerprint: str) -> None:
        self._at: dict[str, tuple[Index, int]] = {}
        for index in indexes:
            if index.manifest["fingerprint"] == fingerprint:
                for number, passage in enumerate(index.passages):
                    key = in_context(passage, index.sources[passage.source].title)
                    self._at.setdefault(key, (index, number))

    def find(self, wanted: _Prepared, corpus: Corpus) -> tuple[Vectors, int, tuple[int, ...]] | None:
        """The same text, cut into the same sentences and words: vectors, and its number and sentences in them. None where
        it is not known.
        """
        if wanted.text not in self._at:
            return None
        index, number = self._at[wanted.text]
        sentences = index.passages[number].sentences
        if len(sentences) != len(wanted.by_sentence):
            return None
        for here, there, found in zip(wanted.passage.sentences, sentences, wanted.by_sentence, strict=True):
            start = corpus.sentences[here].start + wanted.shift
            spans = [[term.start - start, term.end - start] for term in found]
            if spans != index.vectors.spans[index.vectors.rows(there)].tolist():
                return None
        return index.vectors, number, sentences


def build(
    index_dir: Path,
    corpus: Corpus,
    embedder: Embedder,
    progress: Progress | None = None,
    full: bool = False,
    known: Iterable[Index] = (),
    files: Mapping[str, str] | None = None,
) -> Built:
    """Put the generation of a corpus in place, without publishing it.

    A healthy generation of the same content is kept as it is, and passages of the generations `known` are not encoded
    again, unless `full`. `files` are the hashes of the sources' files, by path. Until the last step, a rename, everything
    happens in a directory apart, which an interruption removes, or the next writer where it could not.
    """
    generations(index_dir).mkdir(parents=True, exist_ok=True)
    identifier = content_id(corpus, embedder.fingerprint)
    there = [path.name for path in places(index_dir, identifier) if not full and is_healthy(path)]
    if there:
        return Built(identifier, there[0], False, 0, len(corpus.passages))
    apart = generations(index_dir) / f"{UNFINISHED}{os.getpid()}-{secrets.token_hex(4)}"
    try:
        apart.mkdir()
        encoded = Known(() if full else known, embedder.fingerprint)
        reused = _write(apart, corpus, embedder, encoded, progress or (lambda stage, done, total: None))
        _write_manifest(apart, identifier, corpus, embedder, files or {})
        for path in [*apart.rglob("*"), apart]:
            flush(path)
        names = chain([identifier], (f"{identifier}.{number}" for number in count(1)))
        place = next(path for name in names if not (path := generations(index_dir) / name).exists())
        os.rename(apart, place)
        flush(place.parent)
    except BaseException:
        shutil.rmtree(apart, ignore_errors=True)
        raise
    return Built(identifier, place.name, True, len(corpus.passages) - reused, reused)


def places(index_dir: Path, identifier: str) -> list[Path]:
    """The directories of generations with an id."""
    return [place_of(index_dir, name) for name in kept(index_dir) if id_of(name) == identifier]


def is_healthy(place: Path) -> bool:
    """Whether a generation was built by this code, opens, and finds one of its own passages."""
    try:
        with Index.load(place) as index:
            index.check()
            return bool(index.manifest["code"] == code())
    except UNREADABLE:
        return False


def _write(folder: Path, corpus: Corpus, embedder: Embedder, known: Known, progress: Progress) -> int:
    """Write all of a generation but its manifest into an empty folder, and check it. How many passages were known."""
    titles = {source.id: source.title for source in corpus.sources}
    total, reused = len(corpus.passages), 0
    _write_records(folder, corpus)
    keywords, words = KeywordsBuilder(), LexiconBuilder()
    with VectorWriter(folder, corpus.passages, corpus.sentences, embedder.dimension) as writer:
        for first in range(0, total, _ENCODED_AT_ONCE):
            passages = corpus.passages[first : first + _ENCODED_AT_ONCE]
            batch = [_Prepared.of(corpus, p, in_context(p, titles[p.source])) for p in passages]
            old = [known.find(each, corpus) for each in batch]
            new = [each.text for each, there in zip(batch, old, strict=True) if there is None]
            done = first + len(batch) - len(new)
            encoded = iter(embedder.encode(new, partial(_tell, progress, done, total)))
            for each, there in zip(batch, old, strict=True):
                if there:
                    writer.copy(*there)
                else:
                    writer.add(next(encoded), each.by_sentence, each.shift)
                keywords.add(each.terms)
                for found in each.by_sentence:
                    words.add(each.text, found)
            reused += len(batch) - len(new)
    keywords.done().save(folder / "keywords")
    words.done(source.language for source in corpus.sources).save(folder / "lexicon")
    progress("store", 0, total)
    PassageStore.build(folder / "chroma", [p.id for p in corpus.passages], writer.passages.astype(np.float32))
    progress("store", total, total)
    return reused


def _tell(progress: Progress, before: int, total: int, done: int) -> None:
    progress("embed", before + done, total)


def _write_manifest(
    folder: Path, identifier: str, corpus: Corpus, embedder: Embedder, files: Mapping[str, str]
) -> None:
    manifest = {
        "schema": SCHEMA,
        "id": identifier,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "code": code(),
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
        "read": {source.path: files[source.path] for source in corpus.sources if source.path in files},
        "files": _sizes(folder),
    }
    _write_json(folder / MANIFEST, manifest, indent=1)


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
