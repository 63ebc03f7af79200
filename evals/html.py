"""A run as one page: `render(run, summary, comparison)` gives the HTML of report.html, which asks nothing of the network.

The page is `report.html.j2`; here is what a template should not work out. What a case, an answer or a source wrote
comes out as text: every expression of the template is escaped, and freed of control characters and of signs that reorder
text (`show.plain`). Only http(s) addresses become links, and the page's own policy forbids it to load anything.

Not covered: what is counted (`summary.py`), what is compared (`compare.py`), and where the page is written (`report.py`).
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from assistant.answer import OUTCOMES
from assistant.citation import Citation
from assistant.show import OUTCOME_MARKS, Quote, is_fixed_reply, outcome_word, plain, web_address
from evals.compare import KINDS, Change, Comparison
from evals.grade import VERDICTS, Files, Grade, stands
from evals.run import Result, Run
from evals.summary import Summary

TEMPLATE = "report.html.j2"

# Not by colour alone: each outcome has a word (show.py) and a mark of its own, the chat's.
MARKS = {**OUTCOME_MARKS, "error": "!"}
VERDICT_WORDS = {"pass": "Pass", "fail": "Fail", "stale": "Stale", "ungraded": "Could not grade"}
_WORST_FIRST = ("fail", "ungraded", "stale", "pass")
_SENTENCES = {
    "fail": "Fails: the answer {}.",
    "stale": "Stale: {}.",
    "ungraded": "Could not be graded: {}.",
    "pass": "Passes: all that is expected holds.",
}
_AROUND = 200  # characters of a quote's paragraph shown on either side

Words = tuple[tuple[str, str], ...]  # (same | gone | came, words)


@dataclass(frozen=True)
class Shown:
    """A case as the page shows it: the result, and what changed since the baseline, with the words of before and after."""

    result: Result
    change: Change | None
    before: Words = ()
    after: Words = ()


def render(run: Run, summary: Summary, comparison: Comparison | None) -> str:
    """The page. Without a comparison it says that there is no baseline."""
    changes = sorted(comparison.changes if comparison else (), key=lambda change: KINDS.index(change.kind))
    changed = {change.case.id: change for change in changes}
    worst_first = sorted(run.results, key=lambda result: _WORST_FIRST.index(result.grade.verdict))
    template = _environment(run.files).get_template(TEMPLATE)
    return template.render(
        run=run,
        summary=summary,
        comparison=comparison,
        changes=changes,
        cases=[_shown(result, changed.get(result.case.id)) for result in worst_first],
        rows=_rows(summary),
        columns=list(dict.fromkeys([*OUTCOMES, *(came for _, came in summary.confusion)])),
        verdicts=VERDICTS,
        verdict_words=VERDICT_WORDS,
        marks=MARKS,
    )


def _environment(files: Files) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "address": lambda citation: web_address(citation.link) or web_address(citation.url),
        "along": lambda share: f"{100 * share:.2f}",
        "anchor": anchor,
        "around": partial(around, files=files),
        "dated": dated,
        "duration": duration,
        "percent": percent,
        "sentence": sentence,
        "slug": lambda name: re.sub(r"[^a-z]+", "-", name),
        "word": lambda outcome: "Error" if outcome == "error" else outcome_word(outcome),
    }
    environment.tests["fixed"] = is_fixed_reply
    environment.tests["verbatim"] = lambda citation: stands(citation, files)
    return environment


def _rows(summary: Summary) -> dict[str, int]:
    """The rows of the confusion table, each with its total."""
    totals = Counter(dict.fromkeys(OUTCOMES, 0))
    for (expected, _), count in summary.confusion.items():
        totals[expected] += count
    return dict(totals)


def _shown(result: Result, change: Change | None) -> Shown:
    if change is None or change.before is None:
        return Shown(result, change)
    return Shown(result, change, *differing(change.before.text, change.after.text))


def differing(before: str, after: str) -> tuple[Words, Words]:
    """Two texts as runs of words, those that only one of them has marked."""
    old, new = plain(before).split(), plain(after).split()
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return (
        tuple(("same" if step == "equal" else "gone", _joined(old[i:j])) for step, i, j, _, _ in steps if i < j),
        tuple(("same" if step == "equal" else "came", _joined(new[i:j])) for step, _, _, i, j in steps if i < j),
    )


def _joined(words: Sequence[str]) -> str:
    return " ".join(words)


def around(citation: Citation, files: Files) -> Quote:
    """A quote within its paragraph, cut where that is long. A quote that does not stand in its file stands alone."""
    if not stands(citation, files):
        return Quote("", citation.quote, "")
    source = files[citation.source]
    spans = [(b.start, b.end) for b in source.blocks if b.start <= citation.start and citation.end <= b.end]
    start, end = spans[0] if spans else (citation.context_start, citation.context_end)
    before, after = plain(source.text[start : citation.start]), plain(source.text[citation.end : end])
    return Quote(
        before if len(before) <= _AROUND else "… " + before[-_AROUND:].partition(" ")[2],
        citation.quote,
        after if len(after) <= _AROUND else after[:_AROUND].rpartition(" ")[0] + " …",
    )


def dated(label: str) -> Markup:
    """A citation's label, in which no line breaks within a date."""
    return Markup(re.sub(r"\d{4}(?:-\d\d)+", r'<span class="date">\g<0></span>', str(escape(plain(label)))))


def sentence(grade: Grade) -> str:
    """Why a case has its verdict."""
    return _SENTENCES[grade.verdict].format("; ".join(grade.reasons).rstrip("."))


def anchor(case_id: str) -> str:
    """Where a case stands on the page. Signs that an address would change are written as their code points."""
    return "case-" + re.sub(r"[^A-Za-z0-9_-]", lambda sign: f"~{ord(sign[0]):x}.", case_id)


def percent(share: float) -> str:
    """A share in per cent, rounded, but never to 0 or 100 what is not."""
    value = round(100 * share, 6)
    return f"{value:.0f}" if 1 <= value <= 99 or value in (0, 100) else f"{min(max(value, 0.1), 99.9):.1f}"


def duration(seconds: float) -> str:
    """A time as a person reads it."""
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1000 * seconds:.0f} ms"
