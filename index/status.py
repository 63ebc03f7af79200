"""The state of an index: what answers, how old it is, what it weighs, whether it is sound, and whether its files have
moved on. Reads only; printing it is the command line's work.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from index.diff import Diff, between
from index.errors import NoSourcesError, OnRecordError
from index.generation import UNREADABLE, Index
from index.history import MANIFEST, history, kept, place_of, staged
from index.read import Skipped
from index.sync import Published, read


@dataclass(frozen=True)
class Kept:
    """A generation that is kept: its id, when it was built, and whether it is published, earlier, staged or unused."""

    id: str
    created: str
    role: str


@dataclass(frozen=True)
class Status:
    """The state of an index. `age` is in seconds and `disk` in bytes, that of all generations. `health` is "good", or what
    is wrong. `behind` is what a sync would change, and `skipped` what it would leave out; None where the sources folder
    cannot be read.
    """

    generation: str
    created: str
    age: float
    sources: int
    sentences: int
    passages: int
    open_points: int
    model: str
    disk: int
    health: str
    kept: tuple[Kept, ...]
    behind: Diff | None
    skipped: tuple[Skipped, ...]


def status(sources_dir: Path, index_dir: Path) -> Status:
    """The state of the index in a folder, beside its sources. Raises as `Index.open` does."""
    with Index.open(index_dir) as index:
        before, manifest, health = Published.of(index_dir, [index]), index.manifest, _health(index)
        if history(index_dir)[:1] != [index.place.name]:
            health = "the published generation is damaged, and the one before it answers; run: onrecord sync"
    try:
        reading, corpus = read(sources_dir, before)
        behind, skipped = between(before.corpus, corpus), reading.skipped
    except NoSourcesError:
        behind, skipped = None, ()
    return Status(
        generation=manifest["id"],
        created=manifest["created"],
        age=(datetime.now(UTC) - datetime.fromisoformat(manifest["created"])).total_seconds(),
        **manifest["counts"],
        model=manifest["model"],
        disk=sum(path.stat().st_size for path in index_dir.rglob("*") if path.is_file()),
        health=health,
        kept=tuple(_kept(index_dir, name) for name in kept(index_dir)),
        behind=behind,
        skipped=skipped,
    )


def _health(index: Index) -> str:
    try:
        index.check()
    except (OnRecordError, ValueError) as error:
        return f"{error}"
    return "good"


def _kept(index_dir: Path, name: str) -> Kept:
    published = history(index_dir)
    role = "published" if name == published[0] else "earlier" if name in published else "unused"
    try:
        created = json.loads((place_of(index_dir, name) / MANIFEST).read_text("utf-8"))["created"]
    except UNREADABLE:
        created = ""
    return Kept(name, created, "staged" if name == staged(index_dir) else role)
