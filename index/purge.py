"""A source taken out of every generation, so that nothing of it can be found or cited again, and the proof of that.

Each kept generation is built anew without it, from what it holds itself; the old ones are deleted. Readers move on at their
next question; one that does not is left without files after a few seconds. Not covered: the file in the sources folder,
which the editor removes first, and accepted answers (`evals/compare.py`).
"""

import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.build import Progress, build
from index.embed import Encoded
from index.errors import InputError, NoSourcesError, OnRecordError
from index.generation import UNREADABLE, Corpus, Index
from index.history import delete, history, id_of, kept, place_of, rewrite, stage, staged
from index.read import read_folder
from index.sync import digest, writing

# How long a reader in another process has to end its question, in seconds.
PATIENCE = 5.0
# The shortest run of a sentence's characters that is looked for: a shorter one may stand anywhere.
TELLING = 20


@dataclass(frozen=True)
class Purged:
    """What a purge did: the old and the new id of each generation that held the source or could not be read ("" where none
    could be built without it), the sentences that are gone, how many files were searched for them and for the id, and the
    generations that a reader still had open.
    """

    source: str
    replaced: tuple[tuple[str, str], ...]
    sentences: tuple[str, ...]
    searched: int
    cut_off: tuple[str, ...]


class _Remembered:
    """The embedding model of a generation, all of whose passages are encoded: it is not needed itself."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        self.name, self.fingerprint = str(manifest["model"]), str(manifest["fingerprint"])
        self.dimension = int(manifest["dimension"])

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> list[Encoded]:
        if texts:
            raise InputError(f"The index was cut into passages by other code: {texts[0]!r} is not one of them.")
        return []


def require_absent(sources_dir: Path, source: str) -> None:
    """Raise `InputError` where a source is still in its folder: the next sync would bring it back."""
    try:
        found = [s.path for s in read_folder(sources_dir).sources if s.id == source]
    except NoSourcesError:
        return
    if found:
        raise InputError(
            f"{sources_dir / found[0]} is still there, and the next sync would bring {source!r} back. Delete the file, "
            "then purge."
        )


def purge(index_dir: Path, source: str, progress: Progress | None = None) -> Purged:
    """Take a source out of every generation that is kept. Raises `InputError` where none holds it, and `OnRecordError` where
    another process writes the index, or a trace of it is left.
    """
    with writing(index_dir):
        names = kept(index_dir)
        renamed: dict[str, str] = {}
        gone: dict[str, None] = {}
        known: set[str] = set()
        left: set[str] = set()
        for name in names:
            try:
                opened = Index.load(place_of(index_dir, name))
            except UNREADABLE:
                renamed[name] = ""  # what it holds cannot be told
                continue
            with opened as index:
                known |= set(index.sources)
                corpus = digest([s for s in index.sources.values() if s.id != source])
                left |= {sentence.text for sentence in corpus.sentences}
                if source in index.sources:
                    gone |= dict.fromkeys(s.text for s in index.sentences if s.source == source)
                    renamed[name] = _without(index_dir, index, corpus, progress)
        if source not in known:
            raise InputError(
                f"No generation in {index_dir} holds a source {source!r}. These are there: {', '.join(sorted(known))}."
            )
        published = history(index_dir)
        if left and published and not any(renamed.get(name, name) for name in published):
            raise InputError(
                f"No generation in {index_dir} can be built again without {source!r}. Run: onrecord sync; then purge."
            )
        now = [renamed.get(name, name) for name in published]
        rewrite(index_dir, list(dict.fromkeys(filter(None, now))))
        if (waiting := staged(index_dir)) in renamed:
            stage(index_dir, renamed[waiting] or None)
        cut_off = tuple(name for name in renamed if not _delete(place_of(index_dir, name)))
        telling = tuple(text for text in gone if text not in left)
        searched = _search(index_dir.rglob("*"), [*telling, f"{source}@"])
    replaced = tuple((id_of(old), id_of(new)) for old, new in renamed.items())
    return Purged(source, replaced, telling, searched, cut_off)


def _without(index_dir: Path, index: Index, corpus: Corpus, progress: Progress | None) -> str:
    """The name of a generation of what is left of an open one; "" where nothing is, or other code had cut it."""
    if not corpus.passages:
        return ""
    files = index.manifest["read"]
    try:
        return build(index_dir, corpus, _Remembered(index.manifest), progress, known=[index], files=files).name
    except InputError:
        return ""


def _delete(place: Path) -> bool:
    """Delete a generation, once no reader has it open or after some patience. False where a reader still had it."""
    free, until = False, time.monotonic() + PATIENCE
    while not free and time.monotonic() <= until:
        if not (free := delete(place)):
            time.sleep(0.05)
    shutil.rmtree(place, ignore_errors=True)
    return free


def _search(files: Iterable[Path], texts: Sequence[str]) -> int:
    """Look into every byte of some files for texts, and say how many were searched. Raises `OnRecordError` for a find."""
    wanted = [piece.encode() for text in texts if (piece := _longest_plain(text))]
    count = 0
    for path in files:
        if path.is_file():
            count += 1
            data = path.read_bytes()
            if any(piece in data for piece in wanted):
                raise OnRecordError(f"{path} still holds a trace of the source. Remove the index and sync again.")
    return count


def _longest_plain(text: str) -> str:
    """The longest run in a text that JSON writes as it is, if it is long enough to tell; an id always is."""
    if text.endswith("@"):
        return text
    runs = text.replace("\\", '"').replace("\n", '"').replace("\t", '"').split('"')
    longest = max(runs, key=len)
    return longest if len(longest) >= TELLING else ""
