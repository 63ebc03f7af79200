"""The files as they are -> a published generation, and a report of what changed.

This is the one writer of an index: it reads the folder, splits, finds open points, builds, publishes. A lock keeps a
second writer out. It prints nothing, and reads no file's format itself (`read.py`).
"""

import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from index import unreleased
from index.embed import Embedder
from index.errors import NoSourcesError, OnRecordError
from index.generation import Corpus, Progress, build, content_id, publish, published_hashes, source_hash
from index.read import Skipped, read_folder
from index.source import Dropped, Passage, Sentence, Source
from index.split import passages, sentences

_LOCK = "LOCK"


@dataclass(frozen=True)
class SyncReport:
    """What a sync did, or with `dry_run` would do. Sources are named by id, in order.

    `skipped` are the files that gave no source; `dropped` are the spans that cleaning left out, by source. `fresh` is
    false where the generation was there already; `published` only where this sync made it the one that answers.
    """

    generation: str
    fresh: bool
    published: bool
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    dropped: Mapping[str, tuple[Dropped, ...]]
    sources: int
    sentences: int
    passages: int
    open_points: int


def sync(
    sources_dir: Path,
    index_dir: Path,
    embedder: Embedder,
    progress: Progress | None = None,
    dry_run: bool = False,
    full: bool = False,
) -> SyncReport:
    """Bring an index up to date with a folder of sources.

    `full` rebuilds a generation that is there already; `dry_run` writes nothing. `progress` is called with a stage
    ("read", "embed", "store"), the units done, and their total. Raises `NoSourcesError` for a folder with nothing to
    index, `OnRecordError` where another sync is at work or the index cannot be written.
    """
    reading = read_folder(sources_dir, (lambda done, total: progress("read", done, total)) if progress else None)
    corpus = digest(reading.sources)
    if not corpus.passages:
        raise NoSourcesError(f"No sentence to index in {sources_dir}: its files hold no text, or only headings.")
    identifier = content_id(corpus, embedder.fingerprint)
    before = published_hashes(index_dir)
    fresh = published = False
    if not dry_run:
        with _writing(index_dir):
            built = build(index_dir, corpus, embedder, progress, full)
            fresh = built.fresh
            published = publish(index_dir, built.id)
    now = {source.id: source_hash(source) for source in corpus.sources}
    return SyncReport(
        generation=identifier,
        fresh=fresh,
        published=published,
        added=tuple(key for key in now if key not in before),
        changed=tuple(key for key in now if key in before and before[key] != now[key]),
        removed=tuple(key for key in before if key not in now),
        unchanged=tuple(key for key in now if before.get(key) == now[key]),
        skipped=reading.skipped,
        dropped={source.id: source.dropped for source in corpus.sources if source.dropped},
        sources=len(corpus.sources),
        sentences=len(corpus.sentences),
        passages=len(corpus.passages),
        open_points=len(corpus.open_points),
    )


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
def _writing(index_dir: Path) -> Iterator[None]:
    """Hold the one writer's lock. The system releases it when the process ends, however it does."""
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
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        try:
            yield
        except OSError as error:
            raise _unwritable(index_dir, error) from error


def _unwritable(index_dir: Path, error: OSError) -> OnRecordError:
    return OnRecordError(
        f"The index at {index_dir} cannot be written ({error}). Free space or choose another place with --index; "
        "what was published before still answers."
    )
