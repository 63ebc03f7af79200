"""Why an answer is what it is, in words for an editor: what was asked, what decided it, and the signals of two sentences.

The winning sentence and the runner-up of each part are shown, then the open points nearest to it. Nothing is decided here:
`evidence.py`, `ledger.py` and `outcome.py` did that, and this file reads out what they left.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.evidence import Evidence, Reader
from assistant.ledger import Ledger, OpenMatch
from assistant.odds import probability
from assistant.outcome import STATED, objection
from assistant.question import Query

if TYPE_CHECKING:
    from assistant.answer import Part

KIND_WORDS = {
    "money": "a sum of money",
    "count": "a number of things",
    "quantity": "a size or a limit",
    "percent": "a share",
    "date": "a date",
    "duration": "a length of time",
    "person": "a person or a body",
    "place": "a place",
    "reason": "a reason",
    "manner": "how something is done",
    "yesno": "yes or no",
    "any": "any statement",
}
_WHY = {
    "answered": "a sentence states it, and no source says otherwise",
    "unreleased": "a source says that just this is not released, and no statement stands against that",
    "conflicting": "sources exclude each other here, or one states what another calls open",
    "not_in_sources": "no sentence states it well enough, and no open point covers it",
}
# How far a word of the question must be matched to count as there, and as there in other words or nearby.
_THERE, _NEARLY = 0.95, 0.4


def explain(part: "Part", reader: Reader, ledger: Ledger) -> Iterator[str]:
    """The lines that explain one part of a question."""
    query, decision = part.query, part.decision
    yield query.text
    names = ", ".join(" ".join(query.terms[i].surface for i in name) for name in query.names)
    yield f"  Asked for: {KIND_WORDS[query.kind]}{f', about {names}' if names else ''}."
    why = "a later statement overtakes what was open or said before" if decision.replaced else _WHY[decision.outcome]
    yield f"  Outcome: {decision.outcome}: {why}."
    chosen = {e.sentence for e in decision.direct[:1]} | set(decision.sides)
    ranked = sorted(part.evidence, key=lambda e: e.sentence not in chosen)
    for number, e in enumerate(ranked[:2]):
        yield from ("", f"  {'Runner-up' if number else 'Best sentence'}: {_quoted(e.sentence, reader)}")
        yield from (f"    {line}" for line in _signals(query, e, ledger, reader))
    for match in part.open[:2]:
        yield from ("", f"  Open point: {_quoted(match.sentence, reader)}")
        yield from (f"    {line}" for line in _open_signals(match, reader))


def _quoted(sentence: int, reader: Reader) -> str:
    source = reader.source(sentence)
    details = ", ".join(x for x in (source.title, source.publisher, source.published or "undated") if x)
    return f"“{reader.index.sentences[sentence].text}” ({details})"


def _signals(query: Query, e: Evidence, ledger: Ledger, reader: Reader) -> Iterator[str]:
    """What speaks for a sentence and against it."""
    against = objection(query, e, ledger, reader)
    verdict = f"left out: {against}" if against else "enough" if e.probability >= STATED else "not enough"
    if e.likelihood is not None:
        needed = reader.models.reread_stated.likelihood(STATED)
        yield f"Answers with a probability of {e.likelihood:.0%} ({verdict}; {needed:.0%} are needed)."
    elif against:
        yield f"Is {verdict}."
    there: list[str] = []
    nearly: list[str] = []
    missing: list[str] = []
    for i, (term, match) in enumerate(zip(query.terms, e.matches, strict=True)):
        if i not in query.name_words:
            (there if match >= _THERE else nearly if match >= _NEARLY else missing).append(term.surface)
    for what, words in (("Has", there), ("Has in other words or nearby", nearly), ("Lacks", missing)):
        if words:
            yield f"{what}: {', '.join(words)}."
    if query.names:
        yield _named(e)
    if e.signals.kind != 0.5:
        yield f"{'Gives' if e.signals.kind else 'Does not give'} {KIND_WORDS[query.kind]}."
    s = e.signals
    yield f"Nearness in meaning: as a whole {s.cosine:.2f}, word by word {s.interaction:.2f}, of 1."
    if e.verdict:
        yield f"Read together with the question: states the answer {probability(e.verdict.answers):.0%}, calls it open {probability(e.verdict.open):.0%}."
    elif e.likelihood is not None:
        yield "Not read together with the question: others were nearer."


def _named(e: Evidence) -> str:
    if e.signals.rival:
        return "Names another thing in the place of the one asked about."
    if e.signals.names >= _THERE:
        return "Is about what is named."
    if e.signals.names:
        return f"What is named stands around it, not in it ({e.signals.names:.0%})."
    return "What is named is not there."


def _open_signals(match: OpenMatch, reader: Reader) -> Iterator[str]:
    """What speaks for an open point being what is asked."""
    what = reader.source(match.sentence).text[slice(*match.attribute)]
    yield f"Calls open: “{' '.join(what.split())}”."
    if match.likelihood is not None:
        yield f"Is what is asked with a probability of {match.likelihood:.0%}."
    yield f"Of the question's words it has {match.signals.forward:.0%}; of its own, the question has {match.signals.backward:.0%}."
    if match.verdict:
        yield f"Read together with the question: calls it open {probability(match.verdict.open):.0%}."
