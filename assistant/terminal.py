"""Answers, open points and reports as lines of a terminal; as good in a pipe, where nothing is coloured or wrapped.

Source text is shown as text: no markup in it is read, and control characters are gone (`show.plain`). JSON is not made
here.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from assistant.citation import Citation, cite
from assistant.show import is_fixed_reply, outcome_word, plain, quoted
from index.source import Source

if TYPE_CHECKING:
    from assistant.answer import Answer
    from assistant.ledger import LedgerEntry
    from index.read import Skipped
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
            attributes = "; ".join(plain(each) for each in entry.attributes) or "not said what"
            _paragraph(out, Text.assemble((plain(entry.subject), "bold"), f": {attributes}"))
            _print_citation(out, cite(0, sources[entry.source], (entry.start, entry.end)), sources, "    ")
            if entry.closed_by:
                _paragraph(out, Text("Closed by:", "green"), "    ")
                _print_citation(out, entry.closed_by, sources, "    ")


def print_sync(out: Console, report: "SyncReport", sources: Path, index: Path, dry_run: bool) -> None:
    """What a sync did, or would do."""
    for label, ids in (
        ("added", report.added),
        ("changed", report.changed),
        ("removed", report.removed),
        ("unchanged", report.unchanged),
    ):
        if ids:
            _paragraph(out, Text(f"{label:<10}{_count(len(ids), 'source')}: {_some(ids)}"))
    _print_skipped(out, report.skipped)
    _paragraph(
        out,
        Text(
            f"{sources}: {_count(report.sources, 'source')}, {_count(report.sentences, 'sentence')} in "
            f"{_count(report.passages, 'passage')}, {_count(report.open_points, 'open point')}"
        ),
    )
    if dry_run:
        verdict = f"Nothing was written. A sync would publish generation {report.generation} in {index}"
    elif report.published:
        verdict = f"Published generation {report.generation} in {index}"
    else:
        verdict = f"Nothing has changed: generation {report.generation} in {index} still answers"
    _paragraph(out, Text(verdict, "bold"))


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
