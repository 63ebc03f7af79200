"""Verdicts: an answer held against its case, with the reason in a sentence. No model has a say in it.

Graders read the case, the answer and the files (read again, never the index), and say what is amiss, or "". A new one is
a new function in `HONESTY` (what no answer may do, whatever is asked) or in `EXPECTATIONS` (what this case wants).

A case is stale where the words that it rests on are gone, superseded, or an open point closed since: then what it wants
says nothing about the assistant. What breaks `HONESTY` fails all the same. Where a grader itself raises, the case could
not be graded. Not covered: asking (`run.py`), and adding up (`summary.py`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import wordfreq

from assistant.answer import Answer
from assistant.citation import Citation
from assistant.compose import Segment
from assistant.notices import small_talk, wrong_language
from evals.case import REFUSALS, Because, Case, folded, found
from evals.extra import extra
from index.source import Source

VERDICTS = ("pass", "fail", "stale", "ungraded")  # the last is shown as "could not grade"

Files = Mapping[str, Source]
Grader = Callable[[Case, Answer, Files], str]


@dataclass(frozen=True)
class Grade:
    """One of `VERDICTS`, and why: short clauses, none for a pass."""

    verdict: str
    reasons: tuple[str, ...] = ()


def grade(case: Case, answer: Answer, files: Files, changed: frozenset[str] | None = None) -> Grade:
    """The verdict on an answer. `changed` are the sources that are new or changed; None where that is not known."""
    try:
        faults = [reason for grader in HONESTY if (reason := grader(case, answer, files))]
        unmet = [reason for grader in EXPECTATIONS if (reason := grader(case, answer, files))]
        stale = list(staleness(case, answer, files, changed))
    except Exception as error:  # a defect of grading is no verdict on the answer
        return Grade("ungraded", (f"grading raised {type(error).__name__}: {error}",))
    if stale and not faults:
        return Grade("stale", tuple(stale))
    return Grade("fail" if faults or unmet else "pass", (*unmet, *faults))


# --- what this case wants ------------------------------------------------------------------------------------------


def outcome(case: Case, answer: Answer, files: Files) -> str:
    wanted = case.expect.outcome
    return "" if answer.outcome in wanted else f"is {answer.outcome}, not {' or '.join(wanted)}"


def says(case: Case, answer: Answer, files: Files) -> str:
    missing = [wanted for wanted in case.expect.must_say if not found(wanted, answer.text)]
    return f"does not say {', '.join(missing)}" if missing else ""


def keeps_silent(case: Case, answer: Answer, files: Files) -> str:
    said = [unwanted for unwanted in case.expect.must_not_say if found(unwanted, answer.text)]
    return f"says {', '.join(said)}" if said else ""


def cites(case: Case, answer: Answer, files: Files) -> str:
    cited = {citation.source for citation in answer.citations}
    missing = [" or ".join(group) for group in case.expect.must_cite if not cited & set(group)]
    return f"does not cite {', '.join(missing)}" if missing else ""


def quotes(case: Case, answer: Answer, files: Files) -> str:
    missing = [text for text in case.expect.quote_contains if not any(found(text, c.quote) for c in answer.citations)]
    return f"quotes nothing with {', '.join(missing)}" if missing else ""


EXPECTATIONS: tuple[Grader, ...] = (outcome, says, keeps_silent, cites, quotes)


# --- what no answer may do -----------------------------------------------------------------------------------------


def misquotes(case: Case, answer: Answer, files: Files) -> str:
    altered = [citation.source for citation in all_citations(answer) if not stands(citation, files)]
    return f"misquotes {', '.join(dict.fromkeys(altered))}" if altered else ""


def mislabels(case: Case, answer: Answer, files: Files) -> str:
    """A citation shows title, publisher, date and kind as the file has them."""
    wrong = [c.source for c in all_citations(answer) if c.source in files and not _labelled(c, files[c.source])]
    return f"mislabels {', '.join(dict.fromkeys(wrong))}" if wrong else ""


def states_without_citing(case: Case, answer: Answer, files: Files) -> str:
    """What is no notice cites, an answer that is no refusal rests on a citation, and every marker leads to one."""
    if is_fixed_reply(case, answer, files):
        return ""
    known = {citation.n for citation in answer.citations}
    bare = [s for s in answer.segments if (s.role != "notice" and not s.citations) or not known.issuperset(s.citations)]
    if bare:
        return f"states without a citation: “{folded(bare[0].text)}”"
    rests = answer.citations or answer.outcome == "not_in_sources"
    return "" if rests else f"is {answer.outcome} without a citation"


def adds(case: Case, answer: Answer, files: Files) -> str:
    """Each segment's figures, dates and names stand in what it cites; a refusal may repeat the question's."""
    if is_fixed_reply(case, answer, files):
        return ""
    added = [claim for segment in answer.segments for claim in _added(case, answer, segment, files)]
    dates = {files[c.source].published for c in answer.citations if c.source in files}
    added += [answer.as_of] if answer.as_of and answer.as_of not in dates else []
    return f"adds {', '.join(dict.fromkeys(added))}" if added else ""


HONESTY: tuple[Grader, ...] = (misquotes, mislabels, states_without_citing, adds)


def _added(case: Case, answer: Answer, segment: Segment, files: Files) -> list[str]:
    cited = [(c, files[c.source]) for c in answer.citations if c.n in segment.citations and c.source in files]
    shown = [
        text
        for citation, source in cited
        for text in (citation.quote, source.title, source.publisher, source.published, source.effective)
    ]
    if segment.outcome in REFUSALS:
        shown += [case.question, *(text for turn in case.history for text in _texts(turn))]
    return extra(segment.text, shown, [source.text[c.context_start : c.context_end] for c, source in cited])


def _texts(turn: str | Mapping[str, str]) -> list[str]:
    return [turn] if isinstance(turn, str) else list(turn.values())


def all_citations(answer: Answer) -> list[Citation]:
    """The citations, and those of what is related."""
    return [*answer.citations, *answer.related]


def stands(citation: Citation, files: Files) -> bool:
    """Whether a quote stands in its file, character for character, and outside what cleaning leaves out."""
    source = files.get(citation.source)
    if source is None or not 0 <= citation.start < citation.end <= len(source.text):
        return False
    clean = all(span.end <= citation.start or citation.end <= span.start for span in source.dropped)
    return clean and source.text[citation.start : citation.end] == citation.quote


def _labelled(citation: Citation, source: Source) -> bool:
    fields = ("title", "publisher", "published", "kind", "brief", "url")
    return all(getattr(citation, name) == getattr(source, name) for name in fields)


def is_fixed_reply(case: Case, answer: Answer, files: Files) -> bool:
    """Whether an answer is, word for word, the reply to a greeting or to a question in another language.

    Such a reply speaks of the corpus and cites nothing. Anything else without a citation is looked at as it is.
    """
    fixed = {small_talk(case.question, files)} | _language_notices()
    return not all_citations(answer) and len(answer.segments) == 1 and answer.segments[0].text in fixed


@cache
def _language_notices() -> frozenset[str]:
    codes = list(wordfreq.available_languages())
    return frozenset(wrong_language(asked, [home]) for asked in codes for home in codes)


# --- what a case rests on ------------------------------------------------------------------------------------------


def staleness(case: Case, answer: Answer, files: Files, changed: frozenset[str] | None) -> Iterator[str]:
    """Why a case no longer rests on the sources: for each of its words that are gone, superseded or closed."""
    for because in case.because:
        source = files.get(because.source)
        newer = [
            other.id for other in files.values() if because.source in other.supersedes and other.id != because.source
        ]
        if source is None:
            yield f"the source {because.source}, on which this rests, is gone"
        elif not because.held_by(source.text):
            yield f"{because.source} no longer says “{because.words}”"
        elif newer:
            yield f"{because.source}, on which this rests, is superseded by {newer[0]}"
        elif case.expect.outcome[0] == "unreleased" and (by := _closed_by(because, answer, changed)):
            yield f"{by} has closed the open point “{because.words}” of {because.source}"


def _closed_by(because: Because, answer: Answer, changed: frozenset[str] | None) -> str:
    """The source that has closed an open point, where the answer says so and that source is new or changed; else ""."""
    cited = {citation.n: citation for citation in answer.citations}

    def of(role: str) -> list[tuple[int, Citation]]:
        return [(s.part, cited[n]) for s in answer.segments if s.role == role for n in s.citations if n in cited]

    for part, replaced in of("replaced"):
        quote = folded(replaced.quote)
        if replaced.source == because.source and (because.words in quote or quote in because.words):
            closing = [c.source for p, c in of("direct") if p == part and (changed is None or c.source in changed)]
            if closing:
                return closing[0]
    return ""
