"""Outcome + evidence -> segments: verbatim sentences, and fixed templates around them.

Nothing is written here that a source does not say, but for the templates below; no yes or no is made up. Each segment
passes the gate of `citation.py`, or is dropped.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from assistant.citation import Citation, cite, supported, verbatim
from assistant.evidence import Evidence, Reader, announces, is_question, states
from assistant.outcome import Decision, apart
from assistant.question import Query
from index.claims import values
from index.source import Source

NOT_IN_SOURCES = "The sources do not say."
NOT_RELEASED = "The sources say that this has not been released or settled:"
DIFFER = "The sources differ:"
REPLACED = "This is newer than, and replaces:"
MOST_SUBJECTS = 6
MOST_ITEMS = 8
EACH = "The question names no subject; this is what the sources say of each:"


@dataclass(frozen=True)
class Segment:
    """A piece of an answer. `text` is a source's sentence, word for word, or a template.

    `citations` are numbers of the answer's citations. `role` is direct, context, side, open, replaced or notice; `part`
    counts the parts of the question from 0.
    """

    text: str
    citations: tuple[int, ...]
    outcome: str
    role: str
    part: int = 0


class Composer:
    """Collects the segments and citations of one answer. A sentence cited twice keeps its number."""

    def __init__(self, reader: Reader, sources: dict[str, Source]) -> None:
        self._reader = reader
        self._sources = sources
        self.citations: list[Citation] = []
        self.segments: list[Segment] = []
        self._said: set[int] = set()

    def add(self, query: Query, decision: Decision, evidence: Sequence[Evidence], part: int) -> None:
        """The segments of one part of a question."""
        outcome = decision.outcome
        if outcome == "answered":
            self._answered(query, decision, outcome, part)
        elif outcome == "unreleased":
            self.notice(NOT_RELEASED, outcome, part)
            opens = list(dict.fromkeys(m.sentence for m in decision.open))
            for sentence in opens[:8]:
                self.say(sentence, outcome, "open", part)
            for e in self._beside(query, evidence, opens):
                self.say(e.sentence, outcome, "context", part)
        elif outcome == "conflicting":
            self.notice(DIFFER, outcome, part)
            opens = [m.sentence for m in decision.open]
            for sentence in decision.sides:
                self.say(sentence, outcome, "open" if sentence in opens else "side", part)
        else:
            self.notice(NOT_IN_SOURCES, outcome, part)

    def _answered(self, query: Query, decision: Decision, outcome: str, part: int) -> None:
        chosen = each_subject(decision.direct, self._reader, query)[:MOST_SUBJECTS]
        if chosen:
            self.notice(EACH, outcome, part)
        else:
            chosen = pick(decision.direct, self._reader, query)
        told = [i for e in chosen for i in (e.sentence, *items(self._reader, e.sentence))]
        for i, sentence in enumerate(dict.fromkeys(told)):  # an item may be chosen beside what announces it
            self.say(sentence, outcome, "direct" if i == 0 else "context", part)
        if decision.replaced:
            self.notice(REPLACED, outcome, part)
            for sentence in decision.replaced[:2]:
                self.say(sentence, outcome, "replaced", part)
        direct = self._reader.index.sentences[chosen[0].sentence]
        relative = _relative_day(direct.text)
        if query.kind == "date" and relative:
            published = self._sources[direct.source].published
            stands = f"the source is dated {published}" if published else "the source is undated"
            cited = (self.cite(chosen[0].sentence),)
            self.notice(f"“{relative}” stands as the source wrote it; {stands}.", outcome, part, cited)

    def _beside(self, query: Query, evidence: Sequence[Evidence], opens: Sequence[int]) -> list[Evidence]:
        """Up to two sentences about the same subject that are not said yet, none of which offers a value of the kind that is not
        released."""
        kept = [
            e
            for e in evidence
            if e.sentence not in self._said.union(opens) and states(self._reader.index.sentences[e.sentence].text)
            and e.signals.names >= 0.7 and not e.signals.rival and e.signals.around >= 0.45 and e.signals.coverage > 0
            and not (query.kind not in ("any", "yesno") and values(self._reader.index.sentences[e.sentence].text))
        ]  # fmt: skip
        return kept[:2]

    def say(self, sentence: int, outcome: str, role: str, part: int) -> None:
        """A sentence of a source, word for word, with its citation. Dropped where the quote does not stand."""
        n = self.cite(sentence)
        self._said.add(sentence)
        if n:
            self._keep(Segment(self.citations[n - 1].quote, (n,), outcome, role, part))

    def cite(self, sentence: int) -> int:
        """The number of the citation of a sentence; 0 where its quote does not stand in its source."""
        s = self._reader.index.sentences[sentence]
        for known in self.citations:
            if (known.source, known.start, known.end) == (s.source, s.start, s.end):
                return known.n
        made = cite(len(self.citations) + 1, self._sources[s.source], (s.start, s.end), lean(self._reader, sentence))
        if not verbatim(made, self._sources):
            return 0
        self.citations.append(made)
        return made.n

    def notice(self, text: str, outcome: str, part: int, citations: tuple[int, ...] = ()) -> None:
        """A template."""
        self._keep(Segment(text, citations, outcome, "notice", part))

    def _keep(self, segment: Segment) -> None:
        cited = [self.citations[n - 1] for n in segment.citations]
        if (segment.role == "notice" and not cited) or supported(segment.text, cited, self._sources):
            self.segments.append(segment)


_LEANS = re.compile(
    r"^\W*(?:it|its|they|their|them|this|that|these|those|he|she|his|her|such|both|the\s+(?:former|latter|same|move|measure|change|decision|scheme|programme|program|plan|"
    r"rule|rules|policy|fee|charge|ministry|agency|government|company|law|order|system|proposal|council|project)|however|but|and|also|instead|as\s+a\s+result|"
    r"in\s+addition|in\s+contrast|by\s+contrast|meanwhile|otherwise|then|there|here|one|another|some|others|neither|either|under\s+(?:it|this|the\s+(?:plan|scheme|rules?)))\b",
    re.IGNORECASE,
)


def lean(reader: Reader, sentence: int) -> tuple[int, int] | None:
    """The stretch that a sentence leans on: back to the sentence before it, while that one leans too, and from an item to what
    announces its list; None for none."""
    first = sentence
    while first == sentence or sentence - first < 3:
        before = _leans_on(reader, first)
        if before is None or sentence - before > MOST_ITEMS:
            break
        first = before
    if first == sentence:
        return None
    return reader.index.sentences[first].start, reader.index.sentences[sentence].end


def _leans_on(reader: Reader, sentence: int) -> int | None:
    """What a sentence cannot be understood without; None for one that stands by itself."""
    sentences = reader.index.sentences
    lead = next(iter(reader.lead(sentence, 1)), None)
    if lead is not None and (_LEANS.match(sentences[sentence].text) or is_question(sentences[lead].text)):
        return lead
    announced = reader.announcement(sentence)
    opens_list = sentences[sentence].kind == "item" and lead is not None and sentences[lead].kind != "item"
    return lead if announced is None and opens_list else announced


def items(reader: Reader, sentence: int) -> list[int]:
    """The items of the list that a sentence announces: "It is open to two groups:"."""
    sentences = reader.index.sentences
    if not announces(sentences[sentence].text):
        return []
    following = range(sentence + 1, min(sentence + 1 + MOST_ITEMS, len(sentences)))
    source = sentences[sentence].source
    return list(takewhile(lambda i: sentences[i].source == source and sentences[i].kind == "item", following))


def subject(query: Query, e: Evidence, reader: Reader) -> tuple[frozenset[str], str]:
    """What a sentence is about, for a question that names nothing."""
    return reader.named(e.sentence, leading=True), reader.modifier(query, e.sentence)


def each_subject(direct: Sequence[Evidence], reader: Reader, query: Query) -> list[Evidence]:
    """The best sentence for each subject, where a question of one value names none: "What is the fee?" of several.

    Sentences that have all the words of the question go before those that merely come near. Empty for any other question,
    and where only the first sentence has them all: then it was named.
    """
    if query.names_subject or query.kind in ("any", "yesno"):
        return []

    def best_of_each(among: Sequence[Evidence]) -> list[Evidence]:
        return sorted({subject(query, e, reader): e for e in reversed(among)}.values(), key=lambda e: -e.probability)

    whole = best_of_each([e for e in direct if e.signals.coverage >= 0.99])
    if len(whole) > 1:
        return whole
    found = best_of_each([e for e in direct if e.probability >= direct[0].probability - 0.3])
    return [] if len(found) < 2 or found[:1] == whole else found


def pick(direct: Sequence[Evidence], reader: Reader, query: Query, most: int = 3) -> list[Evidence]:
    """The sentence that answers, then up to two more: from other sources, or the rest of a list."""
    chosen = [direct[0]]
    seen = {reader.index.sentences[direct[0].sentence].source}
    for e in direct[1:]:
        s = reader.index.sentences[e.sentence]
        near = e.probability > direct[0].probability - (0.2 if s.source not in seen else 0.1)
        other = not query.names_subject and apart(query, direct[0].sentence, e.sentence, reader)
        if len(chosen) < most and near and not other and e.signals.kind >= direct[0].signals.kind:
            chosen.append(e)
            seen.add(s.source)
    return chosen


_RELATIVE = re.compile(
    r"\b(?:(?:on\s+)?(?:next\s+|last\s+|this\s+)?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|yesterday|today|tomorrow|"
    r"(?:this|next|last|earlier\s+this|later\s+this)\s+(?:week|month|year|spring|summer|autumn|winter))\b",
)


def _relative_day(text: str) -> str:
    """The first date of a text that depends on when it was written, or ""."""
    match = _RELATIVE.search(text)
    return re.sub(r"\s+", " ", match.group()) if match else ""


def numbered(sentences: Iterable[int], reader: Reader, sources: dict[str, Source]) -> tuple[Citation, ...]:
    """Citations of sentences that are shown beside an answer, numbered from 1."""
    made: list[Citation] = []
    for sentence in sentences:
        s = reader.index.sentences[sentence]
        citation = cite(len(made) + 1, sources[s.source], (s.start, s.end), lean(reader, sentence))
        if verbatim(citation, sources):
            made.append(citation)
    return tuple(replace(c, n=i) for i, c in enumerate(made, start=1))
