"""A file -> Source; a folder -> every source in it, and a reason for every file that is none.

This is the only way in: it picks the reader for a file's format, lays front matter over what the document states about
itself, cleans, and falls back to a title and an id where neither is given. What a date, a kind or a publisher is not told
stays empty; nothing is guessed from the text. Not covered: deciding what changed since last time (`sync.py`).
"""

import hashlib
import os
import re
import stat
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import cast

from index.clean import clean
from index.errors import NoSourcesError, SourceError
from index.formats.decode import decode
from index.formats.extract import Extract
from index.formats.front_matter import line_of
from index.source import Block, Dropped, Source

# A reader is loaded when the first file of its format is met: asking a question must not pay for lxml and pypdf.
FORMATS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "plain",
    ".html": "html",
    ".htm": "html",
    ".pdf": "pdf",
    ".docx": "word",
}
LARGEST_FILE = 50_000_000
_TRIES = 3
_DEEPEST_FOLDER = 100
_LARGEST_SHOWN_CIRCLE = 20
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

Known = Callable[[str, str], Source | None]


@dataclass(frozen=True)
class Skipped:
    """A file or folder that gave no source, or a source with something amiss, and why.

    `error` tells a fault to be mended from something left out on purpose.
    """

    path: str
    reason: str
    error: bool


@dataclass(frozen=True)
class Reading:
    """All sources of a folder by path, and what was skipped by path.

    `files` are the SHA-256 of every file that was opened as a source, by path, the faulty ones included; "" stands for
    one that could not be read.
    """

    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...]
    files: Mapping[str, str]


def read_file(path: Path, root: Path) -> Source:
    """The source in the file `path`, which lies somewhere below the folder `root`.

    Raises SourceError, whose message names the file, what is wrong with it, and what to do.
    """
    name = _relative(path, root)
    try:
        return _read(name, _bytes(path))
    except SourceError as error:
        raise SourceError(f"{name}: {error}") from error


def read_folder(root: Path, progress: Callable[[int, int], None] | None = None, known: Known | None = None) -> Reading:
    """Every source below the folder `root`, in order of path; `progress` is told (done, total) after each file.

    `known` is asked for the source that was read from a file of this path and SHA-256 before; what it gives is not read
    again. A file that cannot be read is among `Reading.skipped` and stops no other. Raises NoSourcesError when there is
    no such folder, or no source in it.
    """
    paths, skipped = _listing(root)
    files = dict.fromkeys(paths, "")
    read: list[Source] = []
    for done, (name, path) in enumerate(paths.items(), 1):
        try:
            data = _bytes(path)
            files[name] = _hash(data)
            read.append(_reused(known, name, files[name]) or _read(name, data))
        except SourceError as error:
            skipped.append(Skipped(name, f"{name}: {error}", error=True))
        if progress is not None:
            progress(done, len(paths))
    sources, clashes = _with_distinct_ids(read, paths)
    sources, astray = _with_sound_supersedes(sources, paths)
    skipped += [*clashes, *astray]
    if not sources:
        raise NoSourcesError(_nothing_to_read(root, skipped))
    return Reading(tuple(sources), tuple(sorted(skipped, key=lambda skip: (skip.path, skip.reason))), files)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _reused(known: Known | None, name: str, digest: str) -> Source | None:
    """The source as it was read before, with the id that its file gives it: it may have been lengthened then.

    What a circular one supersedes must be read again, since the circle may be gone.
    """
    source = known(name, digest) if known else None
    if source is None or source.circular:
        return None
    return source if source.own_id else replace(source, id=_default_id(name))


def _nothing_to_read(root: Path, skipped: Sequence[Skipped]) -> str:
    faults = [skip for skip in skipped if skip.error]
    if faults:
        return (
            f"No file in {root} can be read as a source. The first fault is {faults[0].reason}. Mend it and try again."
        )
    return f"No source in {root}. Put documents into it ({_formats()}; README and hidden files do not count), or name another folder with --sources."


def _formats() -> str:
    return " ".join(FORMATS)


def _listing(root: Path) -> tuple[dict[str, Path], list[Skipped]]:
    """The files to read below `root`, by their path below it, and what is left out with the reason."""
    if not root.is_dir():
        what = "is a file" if root.exists() else "does not exist"
        raise NoSourcesError(
            f"The sources folder {root} {what}. Create it and put documents into it, or name another with --sources."
        )
    paths: dict[str, Path] = {}
    skipped: list[Skipped] = []
    real_root = root.resolve()
    faults: list[OSError] = []
    for folder, folders, files in os.walk(root, onerror=faults.append):
        for name in list(folders):
            path = Path(folder, name)
            if skip := _folder_left_out(path, root):
                folders.remove(name)
                skipped.append(skip)
        for name in files:
            path = Path(folder, name)
            if skip := _left_out(path, root, real_root):
                skipped.append(skip)
            else:
                paths[_relative(path, root)] = path
    for fault in faults:
        where = _relative(Path(str(fault.filename)), root)
        skipped.append(
            Skipped(
                where, f"{where}: the folder cannot be opened ({fault.strerror}); check its permissions", error=True
            )
        )
    return dict(sorted(paths.items())), skipped


def _folder_left_out(path: Path, root: Path) -> Skipped | None:
    """Why a folder is not looked into, if it is not."""
    name = f"{_relative(path, root)}/"
    if reason := _hidden(path.name):
        return Skipped(name, reason, error=False)
    if path.is_symlink():
        return Skipped(name, "is a link to a folder; links to folders are not followed", error=False)
    if name.count("/") > _DEEPEST_FOLDER:
        return Skipped(name, f"{name}: lies more than {_DEEPEST_FOLDER} folders deep; move it further up", error=True)
    return None


def _hidden(name: str) -> str:
    return f"its name begins with {name[0]!r}" if name.startswith((".", "_")) else ""


def _left_out(path: Path, root: Path, real_root: Path) -> Skipped | None:
    """Why a file is not read at all, if it is not."""
    name = _relative(path, root)
    if reason := _hidden(path.name):
        return Skipped(name, reason, error=False)
    if path.name.lower() == "readme.md":
        return Skipped(name, "README.md is about the sources and is none itself", error=False)
    if path.suffix.lower() not in FORMATS:
        return Skipped(
            name,
            f"the format {path.suffix or 'without an extension'} is not read; these are: {_formats()}",
            error=False,
        )
    if path.is_symlink():
        if not os.path.exists(path):
            return Skipped(name, f"{name}: links to no file that can be opened; remove the link", error=True)
        if not path.resolve().is_relative_to(real_root):
            return Skipped(name, "is a link to a file outside the folder", error=False)
    return None


def _relative(path: Path, root: Path) -> str:
    """The path below the folder, with forward slashes; what cannot be shown is written as in Python: "\\xff", "\\n"."""
    below = path.relative_to(root) if path.is_relative_to(root) else Path(path.name)
    shown = os.fsencode(below.as_posix().replace("\\", "\\\\")).decode("utf-8", "backslashreplace")
    return _UNSHOWN.sub(lambda match: match[0].encode("unicode_escape").decode(), shown)


def _read(name: str, data: bytes) -> Source:
    """The source in the bytes of a file. Raises SourceError, without the file's name."""
    extract = _extract(name, data)
    if not extract.blocks:
        raise SourceError("holds no text; write some into it or remove it")
    stated = extract.stated

    def text_of(key: str) -> str:
        return str(stated.get(key, ""))

    dropped = clean(extract.text, extract.blocks, title=text_of("title"), edited=extract.edited)
    supersedes = stated.get("supersedes", ())
    return Source(
        id=text_of("id") or _default_id(name),
        title=text_of("title") or _first_heading(extract.text, extract.blocks, dropped) or _readable(Path(name).stem),
        text=extract.text,
        path=name,
        publisher=text_of("publisher"),
        published=text_of("published"),
        published_note=text_of("published_note"),
        retrieved=text_of("retrieved"),
        effective=text_of("effective"),
        url=text_of("url"),
        language=text_of("language"),
        kind=text_of("kind"),
        brief=stated.get("brief") is True,
        supersedes=supersedes if isinstance(supersedes, tuple) else (),
        blocks=extract.blocks,
        dropped=dropped,
        own_id=bool(text_of("id")),
    )


def _extract(name: str, data: bytes) -> Extract:
    """What the reader of the file's format finds in it, every failure turned into a SourceError."""
    suffix = Path(name).suffix.lower()
    if suffix not in FORMATS:
        raise SourceError(f"the format {suffix or 'without an extension'} is not read; save it as one of {_formats()}")
    reader = cast(Callable[[bytes], Extract], import_module(f"index.formats.{FORMATS[suffix]}").extract)
    try:
        return reader(data)
    except SourceError:
        raise
    except Exception as error:  # a hostile file can break a parser in any way, and must not stop the other files
        what = f"{type(error).__name__}: {error}"[:120]
        raise SourceError(
            f"cannot be read as {suffix} ({what}); open it in its own program and save it again"
        ) from error


def _bytes(path: Path) -> bytes:
    """The bytes of a file as they are at one moment. Raises SourceError, without the file's name."""
    try:
        for _ in range(_TRIES):
            before = path.stat()
            if not stat.S_ISREG(before.st_mode):
                raise SourceError("is no regular file; remove it from the folder")
            if before.st_size > LARGEST_FILE:
                raise SourceError(f"has {before.st_size:,} bytes, more than {LARGEST_FILE:,}; split it")
            with path.open("rb") as file:
                data = file.read(LARGEST_FILE + 1)
            after = path.stat()
            if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
                return data
    except OSError as error:
        raise SourceError(f"cannot be opened ({error.strerror}); check that it exists and may be read") from error
    raise SourceError(f"was written to each of the {_TRIES} times it was read; wait until that is done and sync again")


def _default_id(name: str) -> str:
    return unicodedata.normalize("NFC", re.sub(r"(?<=[^/])\.[^./]*$", "", name))


def _first_heading(text: str, blocks: Sequence[Block], dropped: Sequence[Dropped]) -> str:
    gone = {span.start for span in dropped}
    headings = (block for block in blocks if block.kind == "heading" and block.start not in gone)
    return next((" ".join(text[block.start : block.end].split()) for block in headings), "")


def _readable(stem: str) -> str:
    """A file's stem as a title: "visa_faq-2025" -> "Visa faq 2025"."""
    words = os.fsencode(" ".join(re.split(r"[\s_-]+", stem)).strip()).decode("utf-8", "replace") or stem
    return words[0].upper() + words[1:]


def _with_distinct_ids(read: Sequence[Source], paths: Mapping[str, Path]) -> tuple[list[Source], list[Skipped]]:
    """The sources, each with an id of its own. Of two that claim one id, the second by path is skipped."""
    owners: dict[str, Source] = {}
    clashes: list[Skipped] = []
    for source in _with_default_ids(read):
        first = owners.setdefault(source.id, source)
        if first is not source:
            what = f"has the id {source.id!r} of {first.path} and is skipped; give one of them another id"
            clashes.append(_fault(source, paths, "id", what))
    return list(owners.values()), clashes


def _with_default_ids(sources: Sequence[Source]) -> list[Source]:
    """Default ids lengthened by the file's extension wherever two sources would share one."""
    sources = list(sources)
    while True:
        counts = Counter(source.id for source in sources)
        lengthened = [
            replace(source, id=unicodedata.normalize("NFC", source.path))
            if counts[source.id] > 1 and not source.own_id
            else source
            for source in sources
        ]
        if lengthened == sources:
            return sources
        sources = lengthened


def _with_sound_supersedes(sources: Sequence[Source], paths: Mapping[str, Path]) -> tuple[list[Source], list[Skipped]]:
    """The sources, none of which supersedes itself by whatever way round, and each fault in what they supersede."""
    stated = {source.id: source.supersedes for source in sources}
    group = {id_: members for members in _circles(stated) for id_ in members}
    sound: list[Source] = []
    faults: list[Skipped] = []
    for source in sources:
        circle = group[source.id]
        round_ = [wanted for wanted in source.supersedes if wanted in circle]
        for wanted in source.supersedes:
            if wanted not in stated:
                what = f"supersedes {wanted!r}, no other source's id; correct it or remove it (the source is kept)"
                faults.append(_fault(source, paths, "supersedes", what))
        if round_:
            what = (
                f"supersedes itself: {_way_round(source.id, stated, circle)}; remove one of these "
                "(until then none of them counts, and all the sources are kept)"
            )
            faults.append(_fault(source, paths, "supersedes", what))
        kept = tuple(wanted for wanted in source.supersedes if wanted not in circle)
        sound.append(replace(source, supersedes=kept, circular=bool(round_)) if round_ else source)
    return sound, faults


def _circles(edges: Mapping[str, Sequence[str]]) -> list[frozenset[str]]:
    """The ids in groups, each as large as can be, in which every one leads to every other; most stand alone.

    Kosaraju's algorithm, in time linear in the edges.
    """
    back: dict[str, list[str]] = {id_: [] for id_ in edges}
    for id_, others in edges.items():
        for other in others:
            back.setdefault(other, []).append(id_)
    seen: set[str] = set()
    order = [id_ for start in edges for id_ in _reached(start, edges, seen)]
    seen.clear()
    return [frozenset(group) for start in reversed(order) if (group := _reached(start, back, seen))]


def _reached(start: str, edges: Mapping[str, Sequence[str]], seen: set[str]) -> list[str]:
    """What `start` leads to and is not in `seen`, itself included, each after what it leads to. All are then seen."""
    found: list[str] = []
    open_ = [(start, iter(edges.get(start, ())))] if start not in seen else []
    seen.add(start)
    while open_:
        id_, others = open_[-1]
        following = next((other for other in others if other not in seen), None)
        if following is None:
            found.append(id_)
            open_.pop()
        else:
            seen.add(following)
            open_.append((following, iter(edges.get(following, ()))))
    return found


def _way_round(start: str, edges: Mapping[str, Sequence[str]], circle: frozenset[str]) -> str:
    """The shortest way from an id back to itself, as "a -> b -> a"; only the size of a circle too large to be shown."""
    if len(circle) > _LARGEST_SHOWN_CIRCLE:
        return f"{start} -> ... -> {start}, in a circle of {len(circle):,} sources"
    ways, seen = [[start]], {start}
    for way in ways:
        for following in edges[way[-1]]:
            if following == start:
                return " -> ".join([*way, start])
            if following in circle and following not in seen:
                seen.add(following)
                ways.append([*way, following])
    raise ValueError(f"{start!r} does not lead back to itself")


def _fault(source: Source, paths: Mapping[str, Path], key: str, what: str) -> Skipped:
    """What is wrong with what a source states under `key`, with the line on which it does."""
    try:
        line = line_of(decode(paths[source.path].read_bytes()), key)
    except (OSError, SourceError):  # the file has changed since
        line = 0
    return Skipped(source.path, f"{source.path}: {f'line {line}: ' if line else ''}{what}", error=True)
