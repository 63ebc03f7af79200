"""A run as a person reads it on a terminal, and as files: report.json, junit.xml, report.html.

On a terminal: shares with their intervals, what was expected and what came, the two ways of being wrong side by side,
what changed since the baseline, then each case that does not pass, with the reason. Not covered: the page (`html.py`).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.answer import OUTCOMES
from assistant.show import plain
from evals import html
from evals.case import Case
from evals.compare import Change, Comparison, Kept
from evals.run import Result, Run
from evals.summary import Share, Summary
from index.errors import InputError

VERDICT_WORDS = {"pass": "pass", "fail": "fail", "stale": "stale", "ungraded": "could not grade"}
KIND_WORDS = {
    "regression": "regression",
    "expected": "expected (stale)",
    "improved": "improved",
    "changed": "other",
    "new": "new",
}
_STYLES = {"fail": "red", "stale": "yellow", "ungraded": "magenta", "regression": "bold red", "improved": "green"}

# --- on a terminal -------------------------------------------------------------------------------------------------


def show(out: Console, run: Run, summary: Summary, comparison: Comparison | None) -> None:
    """Print a run."""
    _line(out, Text(f"{run.name}: {summary.all.total} cases, generation {run.generation[:12]}", "bold"))
    out.print()
    _shares(out, "theme", {**summary.themes, "all": summary.all})
    _shares(out, "for scale", {"always refuse": summary.always_refuse, "never refuse": summary.never_refuse})
    _shares(out, "expected outcome", {_words(name): share for name, share in summary.outcomes.items()})
    _confusion(out, summary)
    _shares(
        out,
        "mistakes",
        {"answers to must-refuse": summary.wrong_answers, "refusals of answerable": summary.wrong_refusals},
    )
    _shares(
        out,
        "citations",
        {"precision": summary.precision, "recall": summary.recall, "verbatim quotes": summary.verbatim},
    )
    _line(out, Text("   ".join(f"{count} {VERDICT_WORDS[verdict]}" for verdict, count in summary.verdicts.items())))
    _line(out, Text(f"an answer takes {summary.p50 * 1e3:.0f} ms (p50), {summary.p95 * 1e3:.0f} ms (p95)", "dim"))
    for verdict in ("fail", "stale", "ungraded"):
        _reasons(out, verdict, [result for result in run.results if result.grade.verdict == verdict])
    if comparison:
        show_comparison(out, comparison)


def show_comparison(out: Console, comparison: Comparison) -> None:
    """Print what changed since the baseline, each answer before and after."""
    out.print()
    _line(out, Text(comparison.headline, "bold"))
    for label, ids in asdict(comparison.sources).items():
        if ids:
            _line(out, Text(f"  {label}: {', '.join(map(plain, ids))}"))
    for change in comparison.changes:
        if change.before:
            _before_and_after(out, change, change.before)
    if new := [change.case.id for change in comparison.changes if not change.before]:
        _line(out, Text(f"\nnew cases: {', '.join(map(plain, new))}"))
    if comparison.gone:
        _line(out, Text(f"\ncases gone: {', '.join(map(plain, comparison.gone))}"))


def _shares(out: Console, title: str, shares: dict[str, Share]) -> None:
    table = _table(title)
    for name, width in (("count", 9), ("share", 6), ("95 %", 9)):
        table.add_column(name, justify="right", min_width=width)
    for name, share in shares.items():
        value = "–" if share.value is None else f"{share.value:.0%}"
        between = f"{share.low:.0%}–{share.high:.0%}" if share.total else ""
        cells = (plain(name), f"{share.count} / {share.total}", value, between)
        table.add_row(*cells, style="bold" if name == "all" else "")
    out.print(table)
    out.print()


def _confusion(out: Console, summary: Summary) -> None:
    """Rows are what was expected, columns what came."""
    columns = [*OUTCOMES, *(["error"] if any(came == "error" for _, came in summary.confusion) else [])]
    table = _table("expected / came", 16)
    for came in columns:
        table.add_column(_words(came).replace("in ", "in\n"), justify="right", vertical="bottom")
    for expected in OUTCOMES:
        counts = {came: summary.confusion.get((expected, came), 0) for came in columns}
        cells = [Text(str(n or "·"), "bold" if came == expected else "") for came, n in counts.items()]
        table.add_row(_words(expected), *cells)
    out.print(table)
    out.print()


def _table(title: str, width: int = 24) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(title, min_width=width, vertical="bottom")
    return table


def _words(outcome: str) -> str:
    return outcome.replace("_", " ")


def _reasons(out: Console, verdict: str, results: Sequence[Result]) -> None:
    if results:
        out.print()
        _line(out, Text(f"{VERDICT_WORDS[verdict]}: {len(results)}", f"bold {_STYLES[verdict]}"))
    for result in results:
        _line(out, Text(plain(f"- {result.case.id}: {'; '.join(result.grade.reasons)}")))


def _before_and_after(out: Console, change: Change, before: Kept) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    for name, kept in (("before", before), ("after", change.after)):
        table.add_column(f"{name}: {VERDICT_WORDS[kept.verdict]}, {_words(kept.outcome)}", ratio=1)
    table.add_row(plain(before.text), plain(change.after.text))
    kind = Text(KIND_WORDS[change.kind], _STYLES.get(change.kind, ""))
    out.print()
    _line(out, Text.assemble(kind, f": {plain(change.case.id)}: ", (plain(change.case.question), "dim")))
    out.print(table)


def _line(out: Console, text: Text) -> None:
    out.print(text, soft_wrap=True)


# --- as files ------------------------------------------------------------------------------------------------------


def write(folder: Path, run: Run, summary: Summary, comparison: Comparison | None, shortfalls: Sequence[str]) -> None:
    """Write report.json, junit.xml and report.html into a folder. Raises `InputError` where it cannot be written."""
    report = json.dumps(to_dict(run, summary, comparison, shortfalls), ensure_ascii=False, indent=1)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.json").write_text(report + "\n", "utf-8", errors="backslashreplace")
        (folder / "junit.xml").write_text(junit(run), "utf-8")
        (folder / "report.html").write_text(html.render(run, summary, comparison), "utf-8")
    except OSError as error:
        raise InputError(
            f"The report cannot be written to {folder} ({error.strerror}). Name another folder."
        ) from error


def to_dict(
    run: Run, summary: Summary, comparison: Comparison | None, shortfalls: Sequence[str] = ()
) -> dict[str, Any]:
    """Everything about a run as JSON-ready values."""
    return {
        "name": run.name,
        "generation": run.generation,
        "shortfalls": list(shortfalls),
        "summary": _summary(summary),
        "comparison": _comparison(comparison) if comparison else None,
        "sources": {key: asdict(facts) for key, facts in run.sources.items()},
        "cases": [_case(result) for result in run.results],
    }


def _case(result: Result) -> dict[str, Any]:
    return {
        **result.case.to_dict(),
        "verdict": result.grade.verdict,
        "reasons": list(result.grade.reasons),
        "quotes": result.quotes,
        "verbatim": result.verbatim,
        "seconds": round(result.seconds, 4),
        "answer": result.answer.to_dict() if result.answer else None,
    }


def _summary(summary: Summary) -> dict[str, Any]:
    shares = {name: _share(value) for name, value in vars(summary).items() if isinstance(value, Share)}
    return {
        **shares,
        "themes": {name: _share(share) for name, share in summary.themes.items()},
        "outcomes": {name: _share(share) for name, share in summary.outcomes.items()},
        "verdicts": dict(summary.verdicts),
        "confusion": [
            {"expected": expected, "came": came, "count": count}
            for (expected, came), count in sorted(summary.confusion.items())
        ],
        "p50": round(summary.p50, 4),
        "p95": round(summary.p95, 4),
    }


def _share(share: Share) -> dict[str, Any]:
    return {
        "count": share.count,
        "total": share.total,
        "value": share.value,
        "low": share.low,
        "high": share.high,
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "headline": comparison.headline,
        "sources": asdict(comparison.sources),
        "changes": [
            {
                "id": change.case.id,
                "kind": change.kind,
                "before": asdict(change.before) if change.before else None,
                "after": asdict(change.after),
            }
            for change in comparison.changes
        ],
        "gone": list(comparison.gone),
    }


def junit(run: Run) -> str:
    """The run as JUnit XML: a stale case is skipped, one that could not be graded an error."""
    count = {verdict: sum(r.grade.verdict == verdict for r in run.results) for verdict in VERDICT_WORDS}
    totals = {
        "tests": str(len(run.results)),
        "failures": str(count["fail"]),
        "errors": str(count["ungraded"]),
        "skipped": str(count["stale"]),
        "time": f"{sum(result.seconds for result in run.results):.3f}",
    }
    root = ET.Element("testsuites", {"name": "onrecord eval", **totals})
    suite = ET.SubElement(root, "testsuite", {"name": run.name, **totals})
    for result in run.results:
        at = {"classname": f"{run.name}.{result.case.theme}", "name": plain(result.case.id)}
        element = ET.SubElement(suite, "testcase", {**at, "time": f"{result.seconds:.3f}"})
        if tag := {"fail": "failure", "stale": "skipped", "ungraded": "error"}.get(result.grade.verdict):
            detail = ET.SubElement(element, tag, {"message": plain("; ".join(result.grade.reasons))})
            detail.text = explanation(result)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def explanation(result: Result) -> str:
    """A case that does not pass, in a few lines: what was asked, what is wrong, what was wanted, what came."""
    answer = f"{result.answer.outcome}: {result.answer.text}" if result.answer else "none"
    lines = [
        f"{result.case.id} ({result.case.theme}): {VERDICT_WORDS[result.grade.verdict]}",
        *(f"- {reason}" for reason in result.grade.reasons),
        *(f"earlier: {turn}" for turn in result.case.history),
        f"question: {result.case.question}",
        f"expected: {wanted(result.case)}",
        f"answer: {answer}",
        *_cited(result),
    ]
    return "\n".join(map(plain, lines))


def _cited(result: Result) -> Iterable[str]:
    return [f"[{c.n}] {c.source}: “{c.quote}”" for c in result.answer.citations] if result.answer else []


def wanted(case: Case) -> str:
    """A case's expectation in a line."""
    expect = case.expect
    parts = [
        " or ".join(expect.outcome),
        *(f"says {text}" for text in expect.must_say),
        *(f"does not say {text}" for text in expect.must_not_say),
        *(f"cites {' or '.join(group)}" for group in expect.must_cite),
        *(f"quotes {text}" for text in expect.quote_contains),
    ]
    return "; ".join(parts)
