"""Evidence -> outcome, by the design's table: first match wins, for each part of a question.

1. Text of a superseded source is left out (before this file sees it).
2. A statement published later than every open point about it: answered, naming the open point it closes.
3. A statement beside an open point that is later, of the same day, or undated on either side: conflicting.
4. Only open points: unreleased.
5. Statements that exclude each other: the newest, if it is official and later than all the others; else conflicting.
6. Statements that agree: answered.
7. Nothing: not_in_sources.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

from assistant.evidence import Evidence, Reader, states
from assistant.ledger import Ledger, OpenMatch
from assistant.question import Query
from index.claims import Value, compatible, denials, mentions, qualifiers, values
from index.source import Source
from index.terms import content, terms

# The probability from which a sentence counts as stating an answer.
STATED = 0.5
# The same for a point whose sentence, read whole, fits what is asked better than any statement does.
NEARLY = 0.2
# How much less than the best a sentence or an open point may fit and still count beside it.
MARGIN = 0.3
# How much less than the best statement an open point may fit that does not read as one on what is asked.
NEAR = 0.15
# The fit from which an open point is about what is asked.
ABOUT = 0.45
# The probability from which a sentence with another value of the kind asked for disputes an answer.
DISPUTED = 0.45
# How fully two sentences must both match the question for their values to be of the same thing.
ALIKE = 0.55
# How much less of the question's words, names apart, an open point may hold than a statement beside it.
LESS = 0.3
# How far a sentence must itself speak of the question's words that are no names.
TOUCHED = 0.2
# The same, for a sentence that overtakes what another one calls open.
SPOKEN = 0.5
# The log-odds of answering from which reading a sentence with the question counts for more than words that are missing.
READ = 1.0
# The same where a number is asked for, as these are everywhere, and where an open point stands against it; negated, from which
# a point is surely not one on what is asked.
SURE = 2.0
# How well the least matched of the telling words must match where a number is asked for, or a later sentence overtakes.
TOLD = 0.1
# What a sentence that gives the answer in full, or only as a headline, gains or loses in rank.
PRECISE = 0.15
# How present each name of the question must be, in or around a sentence, for it to be about the same thing.
NAMED = 0.55
# The same where reading says that it answers: names of its own have then not led it away from what stands whole around it.
AROUND = 0.4


_NUMBERS = ("count", "duration", "quantity", "percent")


@dataclass(frozen=True)
class Decision:
    """What a part of a question comes to, with the sentences that make it so, best first.

    `direct` answer; `sides` are the groups that differ, one sentence each; `open` are the open points that hold;
    `replaced` are sentences (open or stated) that a later one has overtaken.
    """

    outcome: str
    direct: tuple[Evidence, ...] = ()
    open: tuple[OpenMatch, ...] = ()
    sides: tuple[int, ...] = ()
    replaced: tuple[int, ...] = field(default=())


def interval(published: str) -> tuple[str, str] | None:
    """A date of known precision as its first and last day: "2025-09" is 2025-09-01 to 2025-09-31."""
    if not published:
        return None
    low = published + "-01-01"[len(published) - 4 :] if len(published) < 10 else published
    high = published + "-12-31"[len(published) - 4 :] if len(published) < 10 else published
    return low, high


def later(a: Source, b: Source) -> bool:
    """Whether `a` was published after `b`: every day it may have been, after every day `b` may have been."""
    first, second = interval(a.published), interval(b.published)
    return bool(first and second and first[0] > second[1])


def decide(
    query: Query, evidence: Sequence[Evidence], open_matches: Sequence[OpenMatch], ledger: Ledger, reader: Reader
) -> Decision:
    """The outcome of one part. `evidence` and `open_matches` are sorted best first."""
    stated = [e for e in evidence if e.probability >= STATED and not objection(query, e, ledger, reader)]
    points = [m for m in open_matches if is_about(query, m, stated[0] if stated else None)]
    if points:
        closed = _closed(query, stated, points, reader)
        if closed:
            return closed
        points, stated = _beside(query, points, stated)
    if points:
        return _open(query, stated, points, reader)
    if not stated:
        return Decision("not_in_sources")
    reach = min(stated[0].probability - 0.3, DISPUTED if query.kind in _KINDS else 1.0)
    near = [e for e in evidence if e.probability >= reach and not objection(query, e, ledger, reader)][:8]
    sides = _first_clash(query, near, reader)
    if sides:
        return newest(near, sides, reader) or Decision("conflicting", tuple(near), (), sides)
    ranked = sorted(stated, key=lambda e: -e.probability - PRECISE * _precision(query, e, reader))
    return Decision("answered", tuple(ranked))


def is_about(query: Query, match: OpenMatch, best: Evidence | None) -> bool:
    """Whether an open point is about what is asked, beside the best statement. One that fits clearly less well than that,
    and surely does not read as calling just this open, is about something near it. Where a value is asked for, and the
    statement reads as giving it, it need not be sure; nor need a point that leaves another kind of thing open ("how the fee
    is paid", where its amount is asked for) fit less well.
    """
    p = best.probability if best else 0.0
    given = query.kind in _KINDS and best and best.verdict and best.verdict.answers >= SURE
    near = match.score < p - NEAR or (given and match.signals.differs > 0)
    if near and match.verdict and match.verdict.open <= (0 if given else -SURE):
        return False
    return match.score >= ABOUT or (match.score >= NEARLY and match.signals.whole >= max(p, STATED))


def _closed(query: Query, stated: Sequence[Evidence], points: Sequence[OpenMatch], reader: Reader) -> Decision | None:
    """Row 2: a statement later than the open points about it answers, and names them; None where there is none.

    A source that settles a point may call something near it open: that stays open, and contradicts nothing.
    """
    nearest = max(points, key=lambda match: match.score)
    every = [m.sentence for m in points if m.score >= nearest.score - MARGIN]
    about = nearest.sentence

    def older(e: Evidence) -> list[int]:
        return [i for i in every if i == about or reader.source(i).id != reader.source(e.sentence).id]

    def overtakes(e: Evidence) -> bool:
        return _after(e, older(e), reader)

    doubtful = all(m.verdict and m.verdict.open <= -SURE for m in points)
    closing = [e for e in stated if settles(query, e, doubtful) and overtakes(e)]
    return Decision("answered", tuple(closing), (), (), tuple(dict.fromkeys(older(closing[0])))) if closing else None


def _beside(
    query: Query, points: Sequence[OpenMatch], stated: Sequence[Evidence]
) -> tuple[list[OpenMatch], list[Evidence]]:
    """The open points and the statements that are about the same. What fits clearly less well decides nothing."""
    strongest = max([*(match.score for match in points), *(e.probability for e in stated)])
    kept = [match for match in points if match.score >= strongest - MARGIN]
    if not kept:
        return [], list(stated)
    said = [e for e in stated if e.probability >= strongest - MARGIN and _answers(query, e)]
    if said:
        # A point that leaves out words which a statement has is about less, or about something else.
        most = max(e.signals.attribute for e in said)
        kept = [match for match in kept if match.signals.inside >= most - LESS or match.signals.agrees]
    return kept, said


def _open(query: Query, stated: Sequence[Evidence], points: Sequence[OpenMatch], reader: Reader) -> Decision:
    """Rows 3 and 4: a statement beside an open point that is not older contradicts it; alone, the point holds."""
    opens = [match.sentence for match in points]
    open_sources = {reader.source(i).id for i in opens}
    rival = next(
        (e for e in stated if reader.source(e.sentence).id not in open_sources and not _after(e, opens, reader)), None
    )
    if rival:
        return Decision("conflicting", (rival,), tuple(points), tuple(dict.fromkeys((rival.sentence, *opens))))
    # One source that states a part and calls the rest open does not contradict itself: the value it gives stands.
    held = max(match.signals.inside for match in points)
    if stated and query.kind in _KINDS and stated[0].signals.attribute >= held:
        return Decision("answered", tuple(stated))
    return Decision("unreleased", (), tuple(points))


def _after(e: Evidence, opens: Sequence[int], reader: Reader) -> bool:
    """Whether a statement is later than every one of some open sentences."""
    return all(later(reader.source(e.sentence), reader.source(i)) for i in opens)


def newest(near: Sequence[Evidence], sides: Sequence[int], reader: Reader) -> Decision | None:
    """Row 5: of statements that exclude each other the newest answers, if it is official and later than all others: first
    what it says on one of the sides.
    """
    placed = [(e, reader.source(e.sentence)) for e in near]
    for _, source in placed:
        others = [(o, theirs) for o, theirs in placed if theirs.id != source.id]
        if source.kind == "official" and all(later(source, theirs) for _, theirs in others):
            own = tuple(
                sorted((o for o, ours in placed if ours.id == source.id), key=lambda o: o.sentence not in sides)
            )
            return Decision("answered", own, (), (), tuple(o.sentence for o, _ in others))
    return None


def objection(query: Query, e: Evidence, ledger: Ledger, reader: Reader) -> str:
    """Why a sentence cannot state the answer, however near it comes: "" where nothing is against it.

    It must be about the things named, with the kind of value asked for.
    """
    if not states(reader.index.sentences[e.sentence].text):
        return "it asks or instructs, and states nothing"
    answers = e.verdict.answers if e.verdict else -math.inf
    if e.signals.names < (AROUND if answers >= READ else NAMED):
        return "it is about something else than what is named"
    if e.verdict and e.verdict.calls_open:
        return "it calls just this open"
    # Read together with the question it may answer in words that none of the following knows.
    if answers >= (SURE if query.kind in _NUMBERS else READ):
        return ""
    if e.signals.attribute < TOUCHED:
        return "it says nothing of what is asked"
    if query.kind in _KINDS and e.signals.kind < 1:
        return "it gives no value of the kind asked for"
    # A number that is asked for comes with each word that tells which.
    if query.kind in _NUMBERS and e.signals.attribute_least < TOLD:
        return "its number is of something else"
    # "What is the cap?": a number alone is no cap. A price or a date says by itself what it is.
    if query.kind == "quantity" and query.head and e.matches[query.head[-1]] < 0.5:
        return "its number is not said to be what is asked for"
    if e.sentence in ledger.by_sentence and not _value_stated(query, e):
        return "it calls something open, and states no value beside it"
    return ""


def _precision(query: Query, e: Evidence, reader: Reader) -> int:
    """How fully a sentence answers: 1 with a date to the day, -1 with one that depends on the day of writing, or as a
    headline; else 0."""
    index = reader.index
    s = index.sentences[e.sentence]
    if reader.is_title(e.sentence):
        return -1
    dates = [value.when for value in values(s.text) if value.kind == "date"] if query.kind == "date" else []
    if any(month and day for _, month, day in dates):
        return 1
    return -1 if dates and not any(map(any, dates)) else 0


def _value_stated(query: Query, e: Evidence) -> bool:
    """Whether a sentence that also calls something open states a value of the kind asked for beside it."""
    return query.kind in _KINDS and e.signals.kind == 1 and e.signals.attribute >= 0.5


def settles(query: Query, e: Evidence, doubtful: bool = False) -> bool:
    """Whether a later sentence settles an open point: it speaks of what is asked itself, and gives the value asked for,
    fits well past the threshold, or reads as the answer. Where it is `doubtful` that the point is one on what is asked,
    it is enough that the sentence states something.
    """
    if e.signals.kind == 0 or e.signals.attribute < SPOKEN or e.signals.attribute_least < TOLD:
        return False
    if doubtful or (e.verdict and e.verdict.answers >= SURE):
        return True
    return e.probability >= STATED + (0 if query.kind in _KINDS and e.signals.attribute >= 0.6 else MARGIN)


def _answers(query: Query, e: Evidence) -> bool:
    """Whether a sentence beside an open point truly states the matter: its kind of answer, and every telling word."""
    return e.signals.kind > 0 and e.signals.attribute_least >= 0.5


def _first_clash(query: Query, evidence: Sequence[Evidence], reader: Reader) -> tuple[int, ...]:
    """The sentences on each side of the first disagreement between sources, or ()."""
    index = reader.index
    claims = [(e, claim(query, e, reader)) for e in evidence]
    for (a, first), (b, second) in combinations(claims, 2):
        if index.sentences[a.sentence].source == index.sentences[b.sentence].source:
            continue
        if not query.names_subject and apart(query, a.sentence, b.sentence, reader):
            continue
        if _coexist(first, second, claims):
            continue
        if clash(query, first, second):
            return a.sentence, b.sentence
    return ()


def apart(query: Query, a: int, b: int, reader: Reader) -> bool:
    """Whether two sentences speak of different things to a question that names none: "the parking fee", "the camping fee".

    A sentence speaks of the names in it, and of the word before what is asked for.
    """
    first, second = ({*reader.named(i), reader.modifier(query, i)} - {""} for i in (a, b))
    return first.isdisjoint(second) and bool(first or second)


@dataclass(frozen=True)
class Stand:
    """What one sentence claims about the question: its values of the kind asked for, its qualifiers, whether it denies."""

    source: str
    values: tuple[Value, ...]
    qualifiers: dict[str, str]
    denied: bool
    matches: tuple[float, ...]


_KINDS = {
    "money": ("money",), "count": ("count",), "quantity": ("count", "percent", "money", "duration"), "percent": ("percent",), "date": ("date",),
    "duration": ("duration",),
}  # fmt: skip


def claim(query: Query, e: Evidence, reader: Reader) -> Stand:
    """What a sentence claims about the question."""
    s = reader.index.sentences[e.sentence]
    kinds = _KINDS.get(query.kind, ("money", "percent"))
    asked = {term.norm for term in query.terms}
    found = tuple(
        v
        for v in values(s.text)
        if v.kind in kinds and not {t.norm for t in content(terms(s.text[v.start : v.end]))} <= asked
    )
    near = (found[0].start, found[-1].end) if found else None
    matched = [
        t
        for t in reader.terms(e.sentence)
        if t.stem in {q.stem for i, q in enumerate(query.terms) if i not in query.name_words}
    ]
    return Stand(s.source, found, qualifiers(s.text, near), _denied(s.text, [t.start for t in matched]), e.matches)


def _denied(text: str, positions: Sequence[int]) -> bool:
    """Whether a denial governs a matched word: it stands at most six words before it, in the same clause."""
    for _start, end in denials(text):
        for position in positions:
            between = text[end:position]
            if end <= position and len(between.split()) <= 6 and not any(mark in between for mark in ",;:—"):
                return True
    return False


def _coexist(a: Stand, b: Stand, claims: Sequence[tuple[Evidence, Stand]]) -> bool:
    """Whether one source states both values: then they are of different things, and nobody disagrees."""
    if not a.values or not b.values:
        return False
    for source in {stand.source for _, stand in claims}:
        said = [v for _, stand in claims if stand.source == source for v in stand.values]
        if (
            all(any(compatible(v, w) and v.kind == w.kind for w in said) for v in (a.values[0], b.values[0]))
            and len(said) > 1
        ) and not compatible(a.values[0], b.values[0]):
            return True
    return False


def _differ(a: Sequence[Value], b: Sequence[Value]) -> bool:
    """Whether each of two claims has a value that the other excludes, and they are values of one kind and unit."""
    if {v.kind for v in a} != {v.kind for v in b} or {v.unit for v in a} != {v.unit for v in b}:
        return False
    lone = (
        [v for v in a if not any(compatible(v, w) for w in b)],
        [w for w in b if not any(compatible(v, w) for v in a)],
    )
    return all(lone) and len(a) <= 2 and len(b) <= 2


def clash(query: Query, a: Stand, b: Stand) -> bool:
    """Whether two claims about the question exclude each other."""
    groups = [g for g in a.qualifiers if g in b.qualifiers and a.qualifiers[g] != b.qualifiers[g]]
    sure = min((min(x, y) for x, y in zip(a.matches, b.matches, strict=True)), default=0.0)
    shared = sum(min(x, y) for x, y in zip(a.matches, b.matches, strict=True)) / max(1, len(a.matches))
    if a.values and b.values:
        if _differ(a.values, b.values):
            return shared >= ALIKE
        if query.kind in ("money", "yesno", "any", "count"):
            return bool(groups)
        return False
    if query.kind in ("yesno", "any", "money"):
        if "frequency" in groups and shared >= 0.5:
            return True
        if "duty" in groups or ("status" in groups and shared >= 0.5 and mentions(query.text, "status")):
            return True
        return query.kind == "yesno" and a.denied != b.denied and sure >= 0.9
    return False
