"""A disk, a folder or a file that fails: a clear message, and what was published before still answers."""

import os
import random
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from index.embed import Embedder
from index.errors import NoSourcesError, OnRecordError
from index.generation import Index
from index.history import current, place_of
from index.status import status
from index.sync import sync
from tests.conftest import PaperEmbedder
from tests.torture.children import call, listen
from tests.torture.trial import NAMES, Arena, Result, logged, rubbish, served, weight

_NOBODY = 65_534


class Broad(PaperEmbedder):
    """The paper embedder with vectors so broad that a few sources make an index of several MB."""

    fingerprint = "paper-broad"
    dimension = 16_384


# --- the disk --------------------------------------------------------------------------------------------------------


def disk_full(arena: Arena) -> Result:
    """Sync onto a disk with too little room, drawn anew each time; then with room again."""
    with _small_disk(arena.place / "disk") as disk:
        if disk is None:
            return Result(0, "full disks", note="not tried: no file system can be mounted here")
        small, dice, faults = Arena(disk, Broad()), random.Random(0), []
        sync(small.write(0), small.index, small.embedder)
        needed = weight(small.index)
        rounds = 5 if arena.short else 25
        for version in range(1, rounds + 1):
            small.write(version)
            filler = disk / "filler"
            with filler.open("wb") as file:
                room = shutil.disk_usage(disk).free
                os.posix_fallocate(file.fileno(), 0, room - dice.randint(4_096, needed * 9 // 10))
            faults += _told(small, version, ("cannot be written", "Free space"), filler.unlink)
    note = f"a disk of {_DISK // 10**6} MB, on which an index takes {needed / 1e6:.1f} MB"
    return Result(rounds, "full disks", tuple(faults), note)


_DISK = 96_000_000


@contextmanager
def _small_disk(place: Path) -> Iterator[Path | None]:
    """A small file system in memory; None where none may be mounted."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "onrecord-torture", str(place)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    try:
        yield place if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], check=True)


def file_limit(arena: Arena) -> Result:
    """Sync in a process that may write no file longer than a limit, drawn anew each time; then without a limit."""
    dice, faults = random.Random(0), []
    sync(arena.write(0), arena.index, PaperEmbedder())
    longest = max(path.stat().st_size for path in arena.index.rglob("*") if path.is_file())
    rounds = 3 if arena.short else 20
    for version in range(1, rounds + 1):
        arena.write(version)
        said = call(_sync_limited, arena.sources, arena.index, dice.randint(1, longest - 1))
        faults += _still_served(arena.index, version - 1) or _clear(said, ("cannot be written",))
        faults += _next(arena, version, PaperEmbedder())
    return Result(rounds, "limits to a file's length", tuple(faults))


def _sync_limited(sources: Path, index: Path, most: int) -> str:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    sync(sources, index, PaperEmbedder())
    return "it synced"


def _told(arena: Arena, version: int, words: Sequence[str], mend: Callable[[], object]) -> list[str]:
    """What is wrong with a sync that must fail, with what is served meanwhile, and with the next one, all mended."""
    try:
        try:
            sync(arena.sources, arena.index, arena.embedder)
            said = "it synced"
        except OnRecordError as error:
            said = f"{error}"
        found = _still_served(arena.index, version - 1) or _clear(said, words)
    except Exception as error:
        found = [f"not an error of ours: {error!r}"]
    mend()
    return (found + _next(arena, version, arena.embedder))[:1]


def _clear(said: object, words: Sequence[str]) -> list[str]:
    return [] if all(word in str(said) for word in words) else [f"it says: {said}"]


def _still_served(index: Path, version: int) -> list[str]:
    """What is wrong where a version must be served."""
    try:
        now = served(index)
    except Exception as error:
        return [f"what is served cannot be read: {error!r}"]
    return [] if now == version else [f"version {now} is served instead of {version}"]


def _next(arena: Arena, version: int, embedder: Embedder) -> list[str]:
    """What is wrong with the next sync, which must serve a version and leave no rubbish."""
    try:
        sync(arena.sources, arena.index, embedder)
    except OnRecordError as error:
        return [f"the next sync fails: {error}"]
    return _still_served(arena.index, version) + [f"{name} is left" for name in rubbish(arena.index)]


# --- folders ---------------------------------------------------------------------------------------------------------


def read_only(arena: Arena) -> Result:
    """Read an index in a folder that may not be written to, and sync into it, as a user without rights."""
    sync(arena.write(0), arena.index, PaperEmbedder())
    with tempfile.TemporaryDirectory(prefix="onrecord-torture-") as place:
        public = Path(place)
        public.chmod(0o755)
        for name in ("sources", "index"):
            shutil.copytree(arena.place / name, public / name)
        _permit(public, 0o555, 0o444)
        try:
            answered, told = call(_read_as_nobody, public / "index")
            said = call(_sync_as_nobody, public / "sources", public / "index")
        finally:
            _permit(public, 0o755, 0o644)
    faults = [] if answered == 0 else [f"it answers from version {answered}"]
    faults += _clear(told, ("cannot be written to; a copy of it in", "answers meanwhile"))
    faults += _clear(said, ("cannot be written", "still answers"))
    return Result(
        2, "uses of a read-only folder", tuple(faults), "read from a copy, and the log says so; a sync is refused"
    )


def _permit(folder: Path, folders: int, files: int) -> None:
    for path in [*folder.rglob("*"), folder]:
        path.chmod(folders if path.is_dir() else files)


def _become_nobody() -> None:
    if os.geteuid() == 0:  # root may write anywhere
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)


def _read_as_nobody(index: Path) -> tuple[int, str]:
    """The version that is served, and what the log says of it."""
    _become_nobody()
    with logged() as told:
        return served(index), " ".join(told)


def _sync_as_nobody(sources: Path, index: Path) -> str:
    _become_nobody()
    sync(sources, index, PaperEmbedder())
    return "it synced"


def no_sources(arena: Arena) -> Result:
    """Sync while the folder of sources is away, is empty, or is a file; then with it back."""
    sync(arena.write(0), arena.index, PaperEmbedder())
    away, faults = arena.place / "away", []
    ways: dict[str, Callable[[], object]] = {
        "does not exist": lambda: None,
        "No source in": arena.sources.mkdir,
        "is a file": arena.sources.touch,
    }
    for version, (words, put) in enumerate(ways.items(), 1):
        arena.write(version)
        arena.sources.rename(away)
        put()
        try:
            sync(arena.sources, arena.index, PaperEmbedder())
            said = "it synced"
        except NoSourcesError as error:
            said = f"{error}"
        found = _still_served(arena.index, version - 1) or _clear(said, (words, str(arena.sources)))
        if not found and status(arena.sources, arena.index).behind is not None:
            found = ["the status compares with a folder that is not there"]
        if arena.sources.exists():
            arena.sources.rmdir() if arena.sources.is_dir() else arena.sources.unlink()
        away.rename(arena.sources)
        faults += (found + _next(arena, version, PaperEmbedder()))[:1]
    return Result(len(ways), "vanished folders", tuple(faults))


# --- files -----------------------------------------------------------------------------------------------------------


def damage(arena: Arena) -> Result:
    """Damage a file of the published generation, or the pointer to it: what was before answers, until the next sync."""
    faults, tried = [], 0
    sync(arena.write(0), arena.index, PaperEmbedder())
    place = place_of(arena.index, current(arena.index) or "")
    names = sorted(
        path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file() and path.stat().st_size
    )
    names = [name.replace(f"{part}/", "*/") if (part := _store(name)) else name for name in names]
    ways = [(name, way) for name in names for way in (_truncate, _remove)]
    ways += [(name, _overwrite) for name in names if name.endswith(".json")]
    ways = random.Random(0).sample(ways, 6) if arena.short else ways
    for version, (name, way) in enumerate(ways, 1):
        sync(arena.write(version), arena.index, PaperEmbedder())
        before = place_of(arena.index, current(arena.index) or "")
        way(next(before.glob(name)))
        tried += 1
        with logged() as told, Index.open(arena.index) as index:
            answers = index.place
        if answers == before or not any("Rebuild it with" in line for line in told):
            faults.append(f"{name}, {way.__name__.strip('_')}: {answers.name} answers, and the log says {told}")
        faults += _next(arena, version, PaperEmbedder())
    for junk in (b"", b"\xff\xfe\x00", b"nowhere\n", b"\x00" * 13):
        (arena.index / "CURRENT").write_bytes(junk)
        tried += 1
        try:
            Index.open(arena.index).close()
            faults.append(f"the pointer {junk!r} opens an index")
        except OnRecordError as error:
            faults += _clear(error, ("sync",))
        except Exception as error:
            faults.append(f"the pointer {junk!r}: {error!r}")
        faults += _next(arena, len(ways), PaperEmbedder())
    return Result(tried, "damages", tuple(faults), f"to {len(names)} files of a generation, and to the pointer")


def _store(name: str) -> str:
    """The folder of Chroma's that a file lies in, whose name is another in each generation."""
    parts = name.split("/")
    return parts[1] if parts[0] == "chroma" and len(parts) > 2 else ""


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _remove(path: Path) -> None:
    path.unlink()


def _overwrite(path: Path) -> None:
    path.write_bytes(b"\x00" * path.stat().st_size)


def written_while_read(arena: Arena) -> Result:
    """Sync while a source is written to between its opening and its reading: once, and each time it is opened."""
    sync(arena.write(0), arena.index, PaperEmbedder())
    faults = []
    said, version, sources = call(_sync_while_written, arena.sources, arena.index, 1)
    if said or version != "written 1 times" or sources != len(NAMES):
        faults.append(f"written to once: {said!r}, {version!r}, {sources} sources")
    said, version, sources = call(_sync_while_written, arena.sources, arena.index, 100)
    if "amber.md: was written to each of the" not in said or sources != len(NAMES) - 1:
        faults.append(f"written to each time: {said!r}, {sources} sources")
    note = "written to once, it is read again; each time, it is left out, and the report says why"
    return Result(2, "files written to while they are read", tuple(faults), note)


def _sync_while_written(sources: Path, index: Path, times: int) -> tuple[str, str, int]:
    """What a sync says of skipped files, the last sentence of the source written to, and the number of sources."""
    file, left = sources / "amber.md", times

    def write(operation: str, path: str) -> None:
        nonlocal left
        if operation == "open" and path == str(file) and left:
            done, left = times - left + 1, 0
            file.write_text(f"# The amber notice\n\nIt was written {done} times" + "." * done, "utf-8")
            left = times - done

    listen(sources, write)
    report = sync(sources, index, PaperEmbedder())
    with Index.open(index) as opened:
        found = [sentence.text.rstrip(".") for sentence in opened.sentences if sentence.source == "amber"]
    last = found[-1].removeprefix("It was ") if found else ""
    return " ".join(skip.reason for skip in report.skipped), last, report.sources
