"""An index brought up to date, with what that did to the ledger of open points: opened, closed, opened again, withdrawn.

Only points that an update can have touched are put to the record again: those of new sentences, and those that a source
which came, changed or went is later than. Not covered: how a generation is made (`index/sync.py`), and which known-answer
cases rest on what changed (`evals/compare.py`).
"""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assistant.answer import Assistant
from assistant.ledger import LedgerEntry
from assistant.outcome import later
from index.build import Progress
from index.diff import Diff
from index.embed import Embedder
from index.errors import OnRecordError
from index.generation import Index
from index.history import current, staged
from index.source import Source
from index.sync import SyncReport, sync


@dataclass(frozen=True)
class LedgerChange:
    """Open points that an update opened; closed, with the sentence that did it; opened again, as what had closed them is
    gone; and withdrawn, as their own sentence is gone. Each is an entry with the attributes that it is about.
    """

    opened: tuple[LedgerEntry, ...] = ()
    closed: tuple[LedgerEntry, ...] = ()
    reopened: tuple[LedgerEntry, ...] = ()
    withdrawn: tuple[LedgerEntry, ...] = ()


@dataclass(frozen=True)
class Update:
    """What a sync did, and what became of the open points; nothing of these where nothing was published before."""

    report: SyncReport
    ledger: LedgerChange


def update(
    sources: Path,
    index_dir: Path,
    embedder: Embedder,
    progress: Progress | None = None,
    *,
    dry_run: bool = False,
    **options: Any,
) -> Update:
    """Bring an index up to date; `options` are those of `sync`, which says what it raises. With `dry_run` that happens to
    an index elsewhere, which is thrown away.
    """
    with ExitStack() as opened:
        before = _published(index_dir, embedder)
        if before:
            opened.enter_context(before)
        place = Path(opened.enter_context(TemporaryDirectory(prefix="onrecord-dry-"))) if dry_run else index_dir
        report = sync(sources, place, embedder, progress, since=index_dir, lent=before, **options)
        if before is None or report.diff.is_empty:
            return Update(report, LedgerChange())
        name = staged(place) if report.staged else current(place)
        now = opened.enter_context(Index.open(place, embedder, name))
        return Update(report, ledger_change(Assistant(before, embedder), Assistant(now, embedder), report.diff))


def _published(index_dir: Path, embedder: Embedder) -> Index | None:
    """The published generation; None where there is none that can be read with this model."""
    try:
        return Index.open(index_dir, embedder, current(index_dir) or "")
    except OnRecordError:
        return None


def ledger_change(before: Assistant, now: Assistant, diff: Diff) -> LedgerChange:
    """What became of the open points between two generations, of which `diff` tells the difference."""
    came = [source for key, source in now.index.sources.items() if key in {*diff.added, *diff.changed}]
    went = [source for key, source in before.index.sources.items() if key in {*diff.removed, *diff.changed}]
    names = dict(diff.renamed)
    old = _by_attribute(before.ledger(lambda source: _may_close(went, source)), names)
    new = _by_attribute(now.ledger(lambda source: _may_close([*came, *went], source)))
    closed = [key for key, e in new.items() if e.status == "closed" and key in old and old[key].status == "open"]
    if closed:  # perhaps it was so before, by what nothing has touched
        suspects = {new[key].source for key in closed}
        was = _by_attribute(before.ledger(lambda source: names.get(source.id, source.id) in suspects), names)
        closed = [key for key in closed if was[key].status == "open"]
    return LedgerChange(
        _joined(e for key, e in new.items() if e.status == "open" and key not in old),
        _joined(new[key] for key in closed),
        _joined(e for key, e in new.items() if e.status == "open" and key in old and old[key].status == "closed"),
        _joined(e for key, e in old.items() if e.status == "open" and key not in new),
    )


def _may_close(sources: Iterable[Source], other: Source) -> bool:
    """Whether one of some sources may close, or have closed, what another one calls open."""
    return any(later(source, other) or other.id in source.supersedes for source in sources)


# An attribute of an open point: its source, its sentence, and the words of the attribute.
Attribute = tuple[str, str, str]


def _by_attribute(entries: Iterable[LedgerEntry], names: dict[str, str] | None = None) -> dict[Attribute, LedgerEntry]:
    """Entries of one attribute each, the sources under their new names."""
    return {
        ((names or {}).get(e.source, e.source), e.quote, attribute): replace(e, attributes=(attribute,))
        for e in entries
        for attribute in e.attributes
    }


def _joined(entries: Iterable[LedgerEntry]) -> tuple[LedgerEntry, ...]:
    """Entries of one attribute each, those of one sentence and one closure put together."""
    found: dict[tuple[object, ...], LedgerEntry] = {}
    for e in entries:
        key = (e.source, e.quote, e.closed_by, e.superseded_by)
        found[key] = replace(e, attributes=found[key].attributes + e.attributes) if key in found else e
    return tuple(found.values())
