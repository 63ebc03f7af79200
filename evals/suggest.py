"""Drafts of cases for what an update brought: new open points, closed ones, new figures and dates.

A draft is YAML for a person to review. Its question is at best a first wording; where none can be drafted it is left
empty, which the loader refuses until someone fills it in. Not covered: what is new in words alone.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from assistant.citation import Citation
from assistant.ledger import LedgerEntry
from evals.case import ANSWERS, Because, folded
from evals.compare import Baseline
from evals.extra import measures
from evals.run import Result, Run, changed_sources, short_digest
from index.source import Sentence
from index.split import sentences

MARK = "draft: review before use"
_Draft = tuple[str, dict[str, Any]]  # what to look at, and the case


def suggest(run: Run, baseline: Baseline | None) -> str:
    """Draft cases as YAML. With no baseline, everything is new."""
    before = baseline.sources if baseline else {}
    changed = changed_sources(run.sources, before)
    renewed = list(_renewed(run.results, changed))
    rests = {because for _, case in renewed for because in case.get("because", ())}
    drafts = [
        *renewed,
        *(draft for draft in _closed(run, changed) if rests.isdisjoint(draft[1]["because"])),
        *_open(run, {digest for facts in before.values() for digest in facts.open}, changed),
        *_figures(run, baseline, changed),
    ]
    written = "\n".join(_written(number, note, case) for number, (note, case) in enumerate(drafts, 1))
    lost = "".join(f"# {line}\n" for line in _lost(run, baseline))
    return f"# {MARK}. {len(drafts)} cases for what changed in {run.name}.\n{lost}\n{written or '[]'}"


def _written(number: int, note: str, case: dict[str, Any]) -> str:
    body = yaml.safe_dump(
        [{"id": f"draft-{number}", **case}], sort_keys=False, allow_unicode=True, width=10_000, default_flow_style=None
    )
    return f"# {MARK}: {note}\n{body}"


def _renewed(results: Iterable[Result], changed: frozenset[str]) -> Iterator[_Draft]:
    """A case that is stale, or was to be refused and is answered from a new source: with what came, and why."""
    for result in results:
        answer = result.answer
        if answer is None:
            continue
        shown = {
            n for segment in answer.segments if segment.role in ("direct", "side", "open") for n in segment.citations
        }
        cited = [citation for citation in answer.citations if citation.n in shown]
        news = [citation.source for citation in cited if citation.source in changed]
        if result.grade.verdict == "stale":
            note = f"replaces {result.case.id}, whose source changed. Is this the right answer now?"
        elif result.grade.verdict == "fail" and result.case.must_refuse and answer.outcome in ANSWERS and news:
            note = f"replaces {result.case.id}, unless this is no answer to it: {news[0]} is new or changed."
        else:
            continue
        history = {"history": result.case.to_dict()["history"]} if result.case.history else {}
        yield note, {"question": result.case.question, **history, **_expectation(answer.outcome, cited)}


def _closed(run: Run, changed: frozenset[str]) -> Iterator[_Draft]:
    """An open point that a new or changed source closes, as the ledger has it."""
    for entry in run.ledger:
        if entry.closed_by and entry.closed_by.source in changed:
            note = f"closed: {_about(entry)}. Reword the question."
            yield note, {"question": _question(entry), **_expectation("answered", [entry.closed_by])}


def _open(run: Run, known: set[str], changed: frozenset[str]) -> Iterator[_Draft]:
    """A sentence that calls something open, which no source had before."""
    for entry in run.ledger:
        if entry.status == "open" and entry.source in changed and short_digest(entry.quote) not in known:
            because = str(Because(entry.source, folded(entry.quote)))
            expect = {"outcome": "unreleased", "must_cite": [entry.source]}
            note = f"new open point: {_about(entry)}. Reword the question."
            yield note, {"question": _question(entry), "expect": expect, "because": because}


def _figures(run: Run, baseline: Baseline | None, changed: frozenset[str]) -> Iterator[_Draft]:
    """A sentence with figures or dates that its source had not; of a new source, that no source had."""
    before = baseline.sources if baseline else {}
    anywhere = {figure for facts in before.values() for figure in facts.figures}
    for key in run.sources:
        if key in changed:
            known = set(before[key].figures) if key in before else set(anywhere)
            for sentence in sentences(run.files[key]):
                written = measures(sentence.text)
                new = {written[form] for form in written if form not in known}
                known |= set(written)
                if new:
                    yield _of_figures(sentence, _widest(new))


def _of_figures(sentence: Sentence, new: list[str]) -> _Draft:
    note = f"new figure {', '.join(new)}. FILL IN the question that this sentence answers."
    expect = {"outcome": "answered", "must_say": new, "must_cite": [sentence.source]}
    because = str(Because(sentence.source, folded(sentence.text)))
    return note, {"question": "", "expect": expect, "because": because}


def _widest(found: Iterable[str]) -> list[str]:
    """Figures as written, without those that stand within another: "2025" in "3 July 2025"."""
    listed = sorted(found)
    return [text for text in listed if not any(text in other for other in listed if other != text)]


def _lost(run: Run, baseline: Baseline | None) -> Iterator[str]:
    """How many open sentences of each source are no longer there; a baseline has not kept their words."""
    for key, facts in (baseline.sources if baseline else {}).items():
        gone = set(facts.open) - set(run.sources[key].open if key in run.sources else ())
        if gone:
            yield f"{key}: {len(gone)} open points that were here are gone; look for cases that rest on them."


def _expectation(outcome: str, cited: Iterable[Citation]) -> dict[str, Any]:
    listed = list({(c.source, folded(c.quote)): c for c in cited}.values())
    sources = list(dict.fromkeys(c.source for c in listed))
    cites = {"must_cite": sources} if sources else {}
    because = {"because": [str(Because(c.source, folded(c.quote))) for c in listed]} if listed else {}
    return {"expect": {"outcome": outcome, **cites}, **because}


def _about(entry: LedgerEntry) -> str:
    return folded(f"{'; '.join(entry.attributes) or 'not said what'} ({entry.subject}, {entry.source})")


def _question(entry: LedgerEntry) -> str:
    about = folded(entry.attributes[0]) if entry.attributes else "this"
    about = re.sub(r"^(?:The|An?|Whether|Wh\w+|How)\b", lambda first: first[0].lower(), about)
    return f"What is known about {about} ({folded(entry.subject)})?"
