"""Which generations of an index are published, staged and kept: small files that are replaced whole, and locks.

    INDEX_DIR/CURRENT                 the ids of the published generations, the one that answers first, then those before it
    INDEX_DIR/STAGED                  the id of a generation that is built and not published
    INDEX_DIR/generations/<id>/       see `generation.py`

A reader holds a shared lock on its generation's manifest for as long as it has it open, in any process; what is locked is
not deleted. Not covered: what is in a generation, and who may write when (`sync.py`).
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from index.errors import InputError, NoIndexError

# Generations that are kept, the published one among them.
KEEP = 2
MANIFEST = "manifest.json"
UNFINISHED = ".building-"
_POINTER = "CURRENT"
_STAGED = "STAGED"


def generations(index_dir: Path) -> Path:
    """Where the generations of an index lie."""
    return index_dir / "generations"


def place_of(index_dir: Path, identifier: str) -> Path:
    """The directory of a generation."""
    return generations(index_dir) / identifier


def id_of(name: str) -> str:
    """The id of the generation in a directory of this name: one built again has a number behind it."""
    return name.partition(".")[0]


def history(index_dir: Path) -> list[str]:
    """The ids of the published generations: the one that answers, then those before it. None where nothing is published."""
    return _read(index_dir / _POINTER)


def current(index_dir: Path) -> str | None:
    """The id of the published generation, if there is one."""
    return next(iter(history(index_dir)), None)


def staged(index_dir: Path) -> str | None:
    """The id of the generation that waits to be published, if there is one."""
    return next(iter(_read(index_dir / _STAGED)), None)


def require_staged(index_dir: Path) -> str:
    """The id of the generation that waits to be published. Raises `NoIndexError` where none does."""
    waiting = staged(index_dir)
    if waiting is None or not place_of(index_dir, waiting).is_dir():
        raise NoIndexError(f"Nothing is staged in {index_dir}. Stage a generation with: onrecord sync --stage")
    return waiting


def find(index_dir: Path, start: str) -> str:
    """The id of the one generation that is there and begins with `start`. Raises `InputError` for none, or several."""
    there = kept(index_dir)
    found = [start] if start in there else [key for key in there if start and key.startswith(start)]
    if len(found) != 1:
        what = "is not kept" if not found else f"may be {' or '.join(found)}"
        raise InputError(
            f"The generation {start!r} {what} in {index_dir}. Kept are: {', '.join(there) or 'none'}; "
            "sync --keep N keeps more of those to come."
        )
    return found[0]


def kept(index_dir: Path) -> list[str]:
    """The ids of all generations in place: the published ones in their order, then any others."""
    if not generations(index_dir).is_dir():
        return []
    there = sorted(path.name for path in generations(index_dir).iterdir() if path.name[0] != ".")
    published = [identifier for identifier in history(index_dir) if identifier in there]
    return [*published, *(identifier for identifier in there if identifier not in published)]


def publish(index_dir: Path, identifier: str, keep: int = KEEP) -> bool:
    """Make a generation the one that answers, and delete all but `keep` of those published, and any that are being read.

    False where it was the one already.
    """
    before = history(index_dir)
    changes = before[:1] != [identifier]
    if changes:
        rewrite(index_dir, [identifier, *(other for other in before if other != identifier)][:keep])
    if staged(index_dir) == identifier:
        stage(index_dir, None)
    prune(index_dir, keep)
    return changes


def stage(index_dir: Path, identifier: str | None) -> None:
    """Make a generation the one that waits to be published; with None, none waits."""
    if identifier is None:
        (index_dir / _STAGED).unlink(missing_ok=True)
    else:
        _replace(index_dir / _STAGED, [identifier])


def roll_back(index_dir: Path) -> str:
    """Publish the generation before the one that answers, and return its id; that one becomes the first to be deleted.

    Raises `NoIndexError` where none before it is kept.
    """
    now, *before = history(index_dir) or [""]
    before = [identifier for identifier in before if place_of(index_dir, identifier).is_dir()]
    if not before:
        raise NoIndexError(
            f"No generation before {now or 'any'} is kept in {index_dir}. Put the sources back and run: onrecord sync"
        )
    rewrite(index_dir, [*before, now])
    return before[0]


def rewrite(index_dir: Path, identifiers: Sequence[str]) -> None:
    """Make these the published generations, the one that answers first."""
    _replace(index_dir / _POINTER, identifiers)


def prune(index_dir: Path, keep: int = KEEP) -> None:
    """Delete every generation but the staged and the first `keep` published ones, and any that are being read."""
    wanted = {*history(index_dir)[:keep], staged(index_dir)}
    for name in kept(index_dir):
        if name not in wanted:
            delete(place_of(index_dir, name))


def delete(place: Path) -> bool:
    """Delete a generation, unless some process has it open: Chroma fails when its files go. Whether it is gone."""
    try:
        with (place / MANIFEST).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(place, ignore_errors=True)
    except BlockingIOError:
        return False
    except FileNotFoundError:
        shutil.rmtree(place, ignore_errors=True)
    return not place.exists()


@contextmanager
def held(place: Path) -> Iterator[BinaryIO]:
    """The manifest of a generation, locked against its deletion. FileNotFoundError where that is under way."""
    path = place / MANIFEST
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FileNotFoundError(errno.ENOENT, "being deleted", str(path)) from error
        yield file


def remove_unfinished(index_dir: Path) -> None:
    """Remove what builds that did not end left behind. To be called by the one who may write."""
    for path in generations(index_dir).glob(f"{UNFINISHED}*"):
        shutil.rmtree(path, ignore_errors=True)


def flush(path: Path) -> None:
    """Have a file, or a directory's list of names, reach the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "replace").split()  # what is damaged names nothing, and a sync replaces it
    except FileNotFoundError:
        return []


def _replace(path: Path, identifiers: Sequence[str]) -> None:
    """Replace a file at once, so that a reader sees the old or the new one."""
    draft = path.with_suffix(".new")
    draft.write_text("".join(f"{identifier}\n" for identifier in identifiers), "utf-8")
    flush(draft)
    os.replace(draft, path)
    flush(path.parent)
