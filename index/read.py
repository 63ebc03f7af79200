"""A file -> Source; a folder -> every source in it, and a reason for every file that is none.

This is the only way in: it picks the reader for a file's format, lays front matter over what the document states about
itself, cleans, and falls back to a title and an id where neither is given. What a date, a kind or a publisher is not told
stays empty; nothing is guessed from the text. Not covered: deciding what changed since last time (`sync.py`).
"""

import os
import re
import stat
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import cast

from index.clean import clean
from index.errors import NoSourcesError, SourceError
from index.formats.extract import Extract
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
LARGEST_TEXT = 10_000_000


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
    """All sources of a folder by path, and what was skipped by path."""

    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True)
class _Read:
    source: Source
    has_own_id: bool


def read_file(path: Path, root: Path) -> Source:
    """The source in the file `path`, which lies somewhere below the folder `root`.

    Raises SourceError, whose message names the file, what is wrong with it, and what to do.
    """
    return _read(path, root).source


def read_folder(root: Path, progress: Callable[[int, int], None] | None = None) -> Reading:
    """Every source below the folder `root`, in order of path; `progress` is told (done, total) after each file.

    A file that cannot be read is among `Reading.skipped` and stops no other. Raises NoSourcesError when there is no such
    folder, or no source in it.
    """
    if not root.is_dir():
        what = "is a file" if root.exists() else "does not exist"
        raise NoSourcesError(
            f"The sources folder {root} {what}. Create it and put documents into it, or name another with --sources."
        )
    paths, skipped = _listing(root)
    reads: list[_Read] = []
    for done, path in enumerate(paths, 1):
        try:
            reads.append(_read(path, root))
        except SourceError as error:
            skipped.append(Skipped(_relative(path, root), str(error), error=True))
        if progress is not None:
            progress(done, len(paths))
    sources, clashes = _with_distinct_ids(reads)
    skipped += [*clashes, *_dangling(sources)]
    if not sources:
        raise NoSourcesError(_nothing_to_read(root, skipped))
    return Reading(tuple(sources), tuple(sorted(skipped, key=lambda skip: (skip.path, skip.reason))))


def _nothing_to_read(root: Path, skipped: Sequence[Skipped]) -> str:
    faults = [skip for skip in skipped if skip.error]
    if faults:
        return (
            f"No file in {root} can be read as a source. The first fault is {faults[0].reason}. Mend it and try again."
        )
    return f"No source in {root}. Put documents into it ({_formats()}; README and hidden files do not count), or name another folder with --sources."


def _formats() -> str:
    return " ".join(FORMATS)


def _listing(root: Path) -> tuple[list[Path], list[Skipped]]:
    """The files to read below `root`, by path, and what is left out with the reason."""
    paths: list[Path] = []
    skipped: list[Skipped] = []
    real_root = root.resolve()
    faults: list[OSError] = []
    for folder, folders, files in os.walk(root, onerror=faults.append):
        for name in list(folders):
            path = Path(folder, name)
            reason = _hidden(name) or (
                "is a link to a folder; links to folders are not followed" if path.is_symlink() else ""
            )
            if reason:
                folders.remove(name)
                skipped.append(Skipped(_relative(path, root) + "/", reason, error=False))
        for name in files:
            path = Path(folder, name)
            if skip := _left_out(path, root, real_root):
                skipped.append(skip)
            else:
                paths.append(path)
    for fault in faults:
        where = _relative(Path(str(fault.filename)), root)
        skipped.append(
            Skipped(
                where, f"{where}: the folder cannot be opened ({fault.strerror}); check its permissions", error=True
            )
        )
    return sorted(paths, key=lambda path: _relative(path, root)), skipped


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
        if not path.exists():
            return Skipped(name, f"{name}: links to a file that does not exist; remove the link", error=True)
        if not path.resolve().is_relative_to(real_root):
            return Skipped(name, "is a link to a file outside the folder", error=False)
    return None


def _relative(path: Path, root: Path) -> str:
    """The path below the folder, with forward slashes; bytes that are no UTF-8 are replaced, so that it can be printed."""
    below = path.relative_to(root) if path.is_relative_to(root) else Path(path.name)
    return os.fsencode(below.as_posix()).decode("utf-8", "replace")


def _read(path: Path, root: Path) -> _Read:
    name = _relative(path, root)
    try:
        extract = _extract(path)
        _check_text(extract)
    except SourceError as error:
        raise SourceError(f"{name}: {error}") from error
    stated = extract.stated

    def text_of(key: str) -> str:
        return str(stated.get(key, ""))

    dropped = clean(extract.text, extract.blocks, title=text_of("title"), edited=extract.edited)
    supersedes = stated.get("supersedes", ())
    source = Source(
        id=text_of("id") or _default_id(name),
        title=text_of("title") or _first_heading(extract.text, extract.blocks, dropped) or _readable(path.stem),
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
    )
    return _Read(source, has_own_id=bool(text_of("id")))


def _extract(path: Path) -> Extract:
    """What the reader of the file's format finds in it, every failure turned into a SourceError without the file's name."""
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise SourceError(f"the format {suffix or 'without an extension'} is not read; save it as one of {_formats()}")
    data = _bytes(path)
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
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SourceError("is no regular file; remove it from the folder")
        if status.st_size > LARGEST_FILE:
            raise SourceError(f"has {status.st_size:,} bytes, more than {LARGEST_FILE:,}; split it")
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot be opened ({error.strerror}); check that it exists and may be read") from error


def _check_text(extract: Extract) -> None:
    if not extract.blocks:
        raise SourceError("holds no text; write some into it or remove it")
    if len(extract.text) > LARGEST_TEXT:
        raise SourceError(f"holds {len(extract.text):,} characters of text, more than {LARGEST_TEXT:,}; split it")


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


def _with_distinct_ids(reads: Sequence[_Read]) -> tuple[list[Source], list[Skipped]]:
    """The sources, each with an id of its own. Of two that claim one id, the second by path is skipped."""
    owners: dict[str, Source] = {}
    clashes: list[Skipped] = []
    kept: list[_Read] = []
    for read in reads:
        source = read.source
        first = owners.setdefault(source.id, source) if read.has_own_id else source
        if first is source:
            kept.append(read)
        else:
            reason = (
                f"{source.path}: has the id {source.id!r} of {first.path} and is skipped; give one of them another id"
            )
            clashes.append(Skipped(source.path, reason, error=True))
    return _with_default_ids(kept), clashes


def _with_default_ids(reads: Sequence[_Read]) -> list[Source]:
    """Default ids lengthened by the file's extension wherever two sources would share one."""
    sources = [read.source for read in reads]
    while True:
        counts = Counter(source.id for source in sources)
        lengthened = [
            replace(source, id=unicodedata.normalize("NFC", source.path))
            if counts[source.id] > 1 and not read.has_own_id
            else source
            for read, source in zip(reads, sources, strict=True)
        ]
        if lengthened == sources:
            return sources
        sources = lengthened


def _dangling(sources: Sequence[Source]) -> Iterator[Skipped]:
    """A warning for each source that supersedes something that is not there, or itself."""
    known = {source.id for source in sources}
    missing: dict[str, list[str]] = defaultdict(list)
    for source in sources:
        missing[source.path] += [wanted for wanted in source.supersedes if wanted not in known or wanted == source.id]
    for path, wanted in missing.items():
        for id_ in wanted:
            reason = f"{path}: supersedes {id_!r}, which is no other source's id; correct it or remove it (the source is kept)"
            yield Skipped(path, reason, error=True)
