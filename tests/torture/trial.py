"""What trials share: where they take place, what they come to, and sources that all say of which version they are."""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.embed import Embedder
from index.generation import Index
from index.history import UNFINISHED, current, generations, history, kept, staged
from index.source import Sentence

# How long anything is waited for, in seconds.
CAP = 120.0
NAMES = ("amber", "birch", "cedar", "delta", "ember", "fjord")
_VERSION = re.compile(r"of version (\d+)")


@dataclass(frozen=True)
class Arena:
    """An empty folder for a trial, the real embedding model, and whether the trial is to be short."""

    place: Path
    embedder: Embedder
    short: bool = False

    @property
    def sources(self) -> Path:
        """The folder of sources."""
        return self.place / "sources"

    @property
    def index(self) -> Path:
        """Where the index goes."""
        return self.place / "index"

    def write(self, version: int, names: Sequence[str] = NAMES) -> Path:
        """Have every source, one a name, say that it is of a version; returns their folder."""
        self.sources.mkdir(exist_ok=True)
        for name in names:
            text = (
                f"# The {name} notice\n\nThe {name} notice is of version {version}, says the harbour board.\n\n"
                f"## Fees\n\nA berth at the {name} quay costs {40 + len(name)} euros a night. "
                "Boats of the board pay none.\n"
            )
            (self.sources / f"{name}.md").write_text(text, "utf-8")
        return self.sources


@dataclass(frozen=True)
class Result:
    """What a trial came to: how many of what were tried, what did not hold, at most one line a try, and figures."""

    tried: int
    what: str
    faults: tuple[str, ...] = ()
    note: str = ""


def versions(sentences: Iterable[Sentence]) -> dict[str, set[int]]:
    """The versions that each source says it is of."""
    found: dict[str, set[int]] = {}
    for sentence in sentences:
        found.setdefault(sentence.source, set()).update(map(int, _VERSION.findall(sentence.text)))
    return found


def served(index_dir: Path, names: Sequence[str] = NAMES) -> int:
    """The version of the generation that is published, which is complete and sound.

    Raises AssertionError where it is not, or as `Index.open` does.
    """
    with Index.open(index_dir) as index:
        index.check()
        assert index.place.name == current(index_dir), "another generation than the published one answers"
        found = versions(index.sentences)
    assert sorted(found) == sorted(names), f"the sources are {sorted(found)}"
    [version] = set.union(*found.values())
    return version


def rubbish(index_dir: Path) -> list[str]:
    """The directories that no generation in use needs."""
    wanted = {*history(index_dir), staged(index_dir)}
    unfinished = [path.name for path in generations(index_dir).glob(f"{UNFINISHED}*")]
    return [*unfinished, *(name for name in kept(index_dir) if name not in wanted)]


def weight(folder: Path) -> int:
    """The bytes of all files below a folder, of which some may be gone before they are looked at."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return total


@contextmanager
def logged() -> Iterator[list[str]]:
    """What the log of On Record says meanwhile."""
    told: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    log = logging.getLogger("onrecord")
    log.addHandler(handler)
    log.propagate = False
    try:
        yield told
    finally:
        log.propagate = True
        log.removeHandler(handler)
