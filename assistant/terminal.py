"""Answers, open points and reports as lines of a terminal; as good in a pipe, where nothing is coloured or wrapped.

Source text is shown as text: no markup in it is read, and control characters are gone (`show.plain`). JSON is not made
here.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from assistant.citation import Citation, cite
from assistant.settings import Settings
from assistant.show import is_fixed_reply, outcome_word, plain, quoted
from index.source import Source

if TYPE_CHECKING:
    from assistant.answer import Answer
    from assistant.gaps import Gap, Survey
    from assistant.ledger import LedgerEntry
    from assistant.updating import Update
    from index.diff import Diff
    from index.purge import Purged
    from index.read import Skipped
    from index.status import Status
    from index.sync import SyncReport

_STYLES = {
    "answered": "bold green",
    "unreleased": "bold yellow",
    "conflicting": "bold magenta",
    "not_in_sources": "bold",
    "partial": "bold cyan",
}
_LISTED = 12


def console(stderr: bool = False) -> Console:
    """A console that reads no markup and guesses at no highlights."""
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def print_answer(out: Console, answer: "Answer", sources: Mapping[str, Source]) -> None:
    """Outcome, segments with their markers, citations, and what else is on record."""
    if is_fixed_reply(answer):
        _paragraph(out, Text(" ".join(plain(segment.text) for segment in answer.segments)))
        return
    as_of = f" (as of {answer.as_of})" if answer.as_of else ""
    _paragraph(out, Text.assemble(_outcome(answer.outcome), (as_of, "dim")))
    if plain(answer.standalone_question) != plain(answer.question):
        _paragraph(out, Text(f"Understood as: {plain(answer.standalone_question)}", "dim"))
    part = None
    for segment in answer.segments:
        out.print()
        if answer.outcome == "partial" and segment.part != part:
            part = segment.part
            _paragraph(out, _outcome(segment.outcome))
        marks = "".join(f" [{n}]" for n in segment.citations)
        style = "bold" if segment.role in ("direct", "open") else ""
        first = "- " if segment.role == "side" else ""
        _paragraph(out, Text.assemble((plain(segment.text), style), (marks, "dim")), first)
    for citation in answer.citations:
        out.print()
        _print_citation(out, citation, sources, f"[{citation.n}] ")
    if answer.related:
        out.print()
        _paragraph(out, Text("Also on record", "bold"))
    for citation in answer.related:
        _print_citation(out, citation, sources, "  - ")


def print_open_points(out: Console, entries: Sequence["LedgerEntry"], sources: Mapping[str, Source]) -> None:
    """The ledger: what the sources say is not released, then what a later statement has closed."""
    for status, title in (("open", "Not released yet, say the sources"), ("closed", "Closed since")):
        listed = [entry for entry in entries if entry.status == status]
        if listed or status == "open":
            _paragraph(out, Text(f"{title}: {len(listed)}", "bold"))
        for entry in listed:
            out.print()
            _paragraph(out, Text.assemble((plain(entry.subject), "bold"), f": {_attributes(entry)}"))
            _print_citation(out, cite(0, sources[entry.source], (entry.start, entry.end)), sources, "    ")
            if entry.superseded_by:
                _paragraph(out, Text(f"Superseded by {plain(entry.superseded_by)}", "green"), "    ")
            if entry.closed_by:
                _paragraph(out, Text("Closed by:", "green"), "    ")
                _print_citation(out, entry.closed_by, sources, "    ")


def print_update(
    out: Console, update: "Update", sources: Path, index: Path, dry_run: bool, resting: Sequence[str]
) -> None:
    """What a sync did, or would do; `resting` are the cases that rest on sentences which are gone."""
    report, diff, ledger = update.report, update.report.diff, update.ledger
    _print_diff(out, diff)
    _print_skipped(out, report.skipped)
    _paragraph(
        out,
        Text(
            f"{sources}: {_count(report.sources, 'source')}, {_count(report.sentences, 'sentence')} in "
            f"{_count(report.passages, 'passage')} ({report.embedded:,} encoded, {report.reused:,} kept), "
            f"{_count(report.open_points, 'open point')}"
        ),
    )
    for label, style, entries in (
        ("opened", "yellow", ledger.opened),
        ("closed", "green", ledger.closed),
        ("reopened", "yellow", ledger.reopened),
        ("withdrawn", "dim", ledger.withdrawn),
    ):
        for entry in entries[:_LISTED]:
            _paragraph(out, Text.assemble((f"{label:<10}", style), f"{plain(entry.subject)}: {_attributes(entry)}"))
            _paragraph(out, Text(f"“{plain(entry.quote)}” — {plain(entry.source)}", "dim"), " " * 10)
            if by := entry.closed_by:
                _paragraph(out, Text(f"closed by “{plain(by.quote)}” — {plain(by.source)}"), " " * 10)
            elif entry.superseded_by:
                _paragraph(out, Text(f"superseded by {plain(entry.superseded_by)}"), " " * 10)
        if len(entries) > _LISTED:
            _paragraph(out, Text(f"{label:<10}and {len(entries) - _LISTED:,} more: see --json"))
    if resting:
        _paragraph(
            out,
            Text(
                f"{_count(len(resting), 'accepted answer')} cited a sentence that is gone: {_some(resting)}", "yellow"
            ),
        )
        _paragraph(out, Text("Ask them again with: onrecord eval"))
    _paragraph(out, Text(_verdict(report, index, dry_run), "bold"))


def _verdict(report: "SyncReport", index: Path, dry_run: bool) -> str:
    """What a sync comes to, in a line."""
    if dry_run and not report.generation:
        return f"Nothing was written. A sync would publish a first generation in {index}"
    if dry_run and report.diff.is_empty:
        return "Nothing was written, and nothing has changed."
    if dry_run:
        return f"Nothing was written. A sync would publish generation {report.generation} in {index}"
    if report.staged:
        return f"Staged generation {report.generation} in {index}. Publish it with: onrecord publish"
    if report.published:
        return f"Published generation {report.generation} in {index}"
    return f"Nothing has changed: generation {report.generation} in {index} still answers"


def _print_diff(out: Console, diff: "Diff") -> None:
    """The sources that differ, and those that do not."""
    for label, ids in (
        ("added", diff.added),
        ("changed", diff.changed),
        ("removed", diff.removed),
        ("renamed", [f"{old} to {new}" for old, new in diff.renamed]),
        ("unchanged", diff.unchanged),
    ):
        if ids:
            _paragraph(out, Text(f"{label:<10}{_count(len(ids), 'source')}: {_some(ids)}"))


def _attributes(entry: "LedgerEntry") -> str:
    return "; ".join(plain(each) for each in entry.attributes) or "not said what"


def print_status(out: Console, state: "Status", settings: Settings) -> None:
    """The state of an index."""
    rows = {
        "generation": state.generation,
        "created": f"{state.created} ({_ago(state.age)} ago)",
        "sources": f"{state.sources:,}",
        "sentences": f"{state.sentences:,}",
        "passages": f"{state.passages:,}",
        "open points": f"{state.open_points:,}",
        "model": state.model,
        **({"reranker": settings.reranker} if settings.reranker else {}),
        "index": f"{settings.index} ({state.disk / 1e6:,.1f} MB)",
        "health": state.health,
    }
    for name, value in rows.items():
        _paragraph(out, Text(f"{name:<12}{plain(value)}"))
    for kept in state.kept:
        _paragraph(out, Text(f"{'kept':<12}{kept.id} {kept.role}, {kept.created or 'unreadable'}"))
    if state.behind is None:
        _paragraph(out, Text(f"{'sources are':<12}not to be found in {settings.sources}", "yellow"))
    elif state.behind.is_empty:
        _paragraph(out, Text(f"{'sources are':<12}as indexed"))
    else:
        _paragraph(out, Text(f"{'sources are':<12}ahead of the index; run: onrecord sync", "yellow"))
        _print_diff(out, replace(state.behind, unchanged=()))
    _print_skipped(out, [skip for skip in state.skipped if skip.error])


def _ago(seconds: float) -> str:
    """A span of time in its largest unit."""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            return _count(int(seconds // size), unit)
    return _count(int(seconds), "second")


def print_purge(out: Console, purged: "Purged", index: Path, baselines: Sequence[Path]) -> None:
    """What a purge removed, and the proof."""
    for old, new in purged.replaced:
        _paragraph(out, Text(f"Generation {old} {f'is now {new}' if new else 'is gone'}"))
    for name in purged.cut_off:
        _paragraph(
            out, Text(f"Generation {name} was being read. Start what reads it again: its files are gone", "yellow")
        )
    for path in baselines:
        _paragraph(out, Text(f"Accepted answers in {path} no longer speak of it"))
    _paragraph(
        out,
        Text(
            f"Searched {_count(purged.searched, 'file')} in {index} for the id {plain(purged.source)} and its "
            f"{_count(len(purged.sentences), 'sentence')}: none of it is left",
            "bold",
        ),
    )


def print_gaps(out: Console, found: "Survey", file: Path, every: bool) -> None:
    """What was refused and still is, most asked first; then what is answered now, or how much of it there is."""
    _paragraph(out, Text(f"Refused, and not answered since: {_questions(found.open)} ({file})", "bold"))
    for gap in found.open:
        _print_gap(out, gap)
    if found.closed:
        more = "" if every else ", listed with --all"
        out.print()
        _paragraph(out, Text(f"Answered now: {_questions(found.closed)}{more}", "bold"))
    for gap in found.closed if every else ():
        _print_gap(out, gap)


def _questions(gaps: Sequence["Gap"]) -> str:
    return f"{_count(len(gaps), 'question')}, asked {_count(sum(gap.times for gap in gaps), 'time')}"


def _print_gap(out: Console, gap: "Gap") -> None:
    """How often it was asked, and in which words; under it what is answered, when it was asked, and what is nearest."""
    asked = gap.questions[0]
    days = list(dict.fromkeys((gap.first[:10], gap.last[:10])))
    wordings = f" in {len(gap.questions):,} wordings" if gap.questions[1:] else ""
    nearest = f" · nearest: {plain(asked.nearest)}" if asked.nearest else ""
    _paragraph(out, Text(plain(asked.question)), f"{gap.times:>6,}  ")
    about = Text(f" · {' to '.join(days)}{wordings}{nearest}", "dim")
    _paragraph(out, Text.assemble(_outcome(asked.outcome), about), " " * 8)


def print_dropped(out: Console, report: "SyncReport", sources: Mapping[str, Source]) -> None:
    """Every span that cleaning leaves out, with the reason."""
    for key, spans in report.dropped.items():
        for span in spans:
            text = plain(sources[key].text[span.start : span.end]) if key in sources else ""
            _paragraph(out, Text.assemble(f"{key} {span.start}-{span.end}: {span.reason}: ", (text, "dim")))
    total = sum(map(len, report.dropped.values()))
    _paragraph(out, Text(f"Cleaning leaves out {_count(total, 'span')}."))


def _print_skipped(out: Console, skipped: Iterable["Skipped"]) -> None:
    """The files that gave no source; faults to be mended stand out."""
    for skip in skipped:
        path = plain(skip.path)
        reason = plain(skip.reason.removeprefix(f"{skip.path}: "))
        _paragraph(out, Text.assemble(("skipped   ", "red" if skip.error else "dim"), f"{path}: {reason}"))


def _print_citation(out: Console, citation: Citation, sources: Mapping[str, Source], first: str) -> None:
    """A quote with what it leans on dimmed, and under it where it is from."""
    quote = quoted(citation, sources)
    text = Text.assemble(
        (f"{quote.before} " if quote.before else "", "dim"),
        f"“{quote.text}”",
        (f" {quote.after}" if quote.after else "", "dim"),
    )
    indent = " " * len(first)
    _paragraph(out, text, first)
    title = f" · {plain(citation.title)}" if citation.publisher else ""  # else it stands in the label already
    _paragraph(out, Text(f"{plain(citation.label)}{title}", "dim"), indent)
    if citation.link:
        _paragraph(out, Text(plain(citation.link), "dim"), indent, wrap=False)


def _outcome(outcome: str) -> Text:
    return Text(outcome_word(outcome), _STYLES.get(outcome, "bold"))


def _paragraph(out: Console, text: Text, first: str = "", wrap: bool = True) -> None:
    """Print a paragraph, its later lines indented as far as its first. In a pipe it stays one line."""
    wraps = wrap and (out.is_terminal or "COLUMNS" in os.environ)
    width = max(20, out.width - len(first)) if wraps else 10**9
    prefix = first
    for line in text.wrap(out, width):
        line.rstrip()
        out.print(Text.assemble(prefix, line), soft_wrap=True)
        prefix = " " * len(first)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _some(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _LISTED:,} more" if len(ids) > _LISTED else ""
    return ", ".join(map(plain, ids[:_LISTED])) + more
