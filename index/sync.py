"""The files as they are -> a generation, published or staged, and a report of what changed.

This is the one writer of an index: it reads the folder, splits, finds open points, builds, publishes. A lock keeps a
second writer out. It prints nothing, and reads no file's format itself (`read.py`).
"""

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from index import unreleased
from index.build import Built, Progress, build, code
from index.diff import NOTHING, Diff, between
from index.embed import Embedder
from index.errors import InputError, NoSourcesError, OnRecordError
from index.generation import UNREADABLE, Corpus, Index
from index.history import KEEP, current, kept, place_of, publish, remove_unfinished, stage
from index.read import Reading, Skipped, read_folder
from index.source import Dropped, Passage, Sentence, Source
from index.split import passages, sentences

_LOCK = "LOCK"


@dataclass(frozen=True)
class SyncReport:
    """What a sync did.

    `diff` is what changed since what is published. `skipped` are the files that gave no source; `dropped` are the spans
    that cleaning left out, by source. `fresh` is false where the generation was there already; `published` only where
    this sync made it the one that answers. `embedded` and `reused` count passages.
    """

    generation: str
    fresh: bool
    published: bool
    staged: bool
    diff: Diff
    embedded: int
    reused: int
    skipped: tuple[Skipped, ...]
    dropped: Mapping[str, tuple[Dropped, ...]]
    sources: int
    sentences: int
    passages: int
    open_points: int


@dataclass(frozen=True)
class Published:
    """What the published generation was made from: its corpus, and the sources by path and hash of their file where the
    code that read them is the same.
    """

    corpus: Corpus = NOTHING
    read: Mapping[tuple[str, str], Source] | None = None

    @classmethod
    def of(cls, index_dir: Path, indexes: Iterable[Index]) -> "Published":
        """By the one that is published, if it is among some that are open; nothing else."""
        for index in indexes:
            if index.place.name == current(index_dir):
                hashes = index.manifest["read"] if index.manifest["code"] == code() else {}
                return cls(
                    index.corpus, {(s.path, hashes[s.path]): s for s in index.sources.values() if s.path in hashes}
                )
        return cls()

    def find(self, path: str, digest: str) -> Source | None:
        """The source that was read from a file with this hash."""
        return (self.read or {}).get((path, digest))


def sync(
    sources_dir: Path,
    index_dir: Path,
    embedder: Embedder,
    progress: Progress | None = None,
    *,
    full: bool = False,
    apart: bool = False,
    strict: bool = False,
    keep: int = KEEP,
    since: Path | None = None,
    lent: Index | None = None,
) -> SyncReport:
    """Bring an index up to date with a folder of sources.

    `full` reads, encodes and builds again what is there already; `apart` stages the generation instead of publishing it;
    `strict` stops at a file with a fault; `keep` generations are kept. `since` is the index that is compared with and
    learnt from, this one by default; it is not written to; `lent` is a generation of it that is open already. `progress` is called with a stage ("read", "embed", "store"),
    the units done, and their total.

    Raises `NoSourcesError` for a folder with nothing to index, `InputError` where `strict` finds a fault, `OnRecordError`
    where another sync is at work or the index cannot be written.
    """
    since = since or index_dir
    with writing(index_dir):
        with _earlier(since, lent) as known:
            before = Published.of(since, known)
            reading, corpus = read(sources_dir, None if full else before, progress, strict)
            built = build(index_dir, corpus, embedder, progress, full, known, reading.files)
        if apart:
            stage(index_dir, built.name)
        published = not apart and publish(index_dir, built.name, keep)
    return _report(before, reading, corpus, built, published, apart)


@contextmanager
def _earlier(index_dir: Path, lent: Index | None) -> Iterator[list[Index]]:
    """The generations that are kept and can be read, open: none is deleted meanwhile. `lent` is left open after that."""
    with ExitStack() as opened:
        found = []
        for place in (place_of(index_dir, name) for name in kept(index_dir)):
            try:
                found.append(lent if lent and lent.place == place else opened.enter_context(Index.load(place)))
            except UNREADABLE:
                continue  # what cannot be read is read and encoded again
        yield found


def rehearse(sources_dir: Path, progress: Progress | None = None, *, strict: bool = False) -> SyncReport:
    """What a first sync would do, without a model: nothing is encoded or written, so that the generation has no id yet."""
    reading, corpus = read(sources_dir, None, progress, strict)
    return _report(Published(), reading, corpus, Built("", "", True, len(corpus.passages), 0), False, False)


def _report(
    before: Published, reading: Reading, corpus: Corpus, built: Built, published: bool, apart: bool
) -> SyncReport:
    return SyncReport(
        generation=built.id,
        fresh=built.fresh,
        published=published,
        staged=apart,
        diff=between(before.corpus, corpus),
        embedded=built.embedded,
        reused=built.reused,
        skipped=reading.skipped,
        dropped={source.id: source.dropped for source in corpus.sources if source.dropped},
        sources=len(corpus.sources),
        sentences=len(corpus.sentences),
        passages=len(corpus.passages),
        open_points=len(corpus.open_points),
    )


def read(
    sources_dir: Path, before: Published | None = None, progress: Progress | None = None, strict: bool = False
) -> tuple[Reading, Corpus]:
    """A folder as it is now, and what a generation of it is built from. What was read `before` is not read again.

    Raises as `sync` does.
    """
    told = (lambda done, total: progress("read", done, total)) if progress else None
    reading = read_folder(sources_dir, told, before.find if before else None)
    faults = [skip for skip in reading.skipped if skip.error]
    if strict and faults:
        raise InputError(
            f"Nothing was written, for {len(faults)} of the files are at fault:\n"
            + "\n".join(skip.reason for skip in faults)
            + "\nMend them, or leave out --strict."
        )
    corpus = digest(reading.sources)
    if not corpus.passages:
        raise NoSourcesError(f"No sentence to index in {sources_dir}: its files hold no text, or only headings.")
    return reading, corpus


def digest(sources: Sequence[Source]) -> Corpus:
    """Sources -> what a generation is built from."""
    found: list[Sentence] = []
    made: list[Passage] = []
    for source in sources:
        here = sentences(source)
        made += passages(source, here, len(found))
        found += here
    points = unreleased.find(found, {source.id: source for source in sources})
    return Corpus(tuple(sources), tuple(found), tuple(made), points)


@contextmanager
def writing(index_dir: Path) -> Iterator[None]:
    """Hold the one writer's lock. The system releases it when the process ends, however it does.

    Raises `OnRecordError` where another process holds it, and in place of an OSError.
    """
    try:
        index_dir.mkdir(parents=True, exist_ok=True)
        lock = (index_dir / _LOCK).open("a+", encoding="utf-8")
    except OSError as error:
        raise _unwritable(index_dir, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise OnRecordError(
                f"Another sync is writing the index at {index_dir} (process {holder}). Wait until it is done."
            ) from error
        try:
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            remove_unfinished(index_dir)
            yield
        except OSError as error:
            raise _unwritable(index_dir, error) from error


def _unwritable(index_dir: Path, error: OSError) -> OnRecordError:
    return OnRecordError(
        f"The index at {index_dir} cannot be written ({error}). Free space or choose another place with --index; "
        "what was published before still answers."
    )
