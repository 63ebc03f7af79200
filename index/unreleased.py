"""Sentences in which a source says that something is not released, confirmed, decided or known -> OpenPoint.

A phrase that says "not out yet" (`phrases.py`), and the noun phrases it says it of. A passive or predicative phrase
("... have not yet been released", "... remains unclear") speaks of what stands before it, an active one ("has yet to
clarify ...", "gives no detail on ...") of what stands after. Not covered, on purpose: an outcome that "remains to be
seen", conditions ("if no date has been set, ..."), duties ("must not disclose", "do not disclose ..."), and whom a rule
is about ("applicants who were not selected").
"""

import re
from collections.abc import Mapping, Sequence

from index.phrases import AFTER, BEFORE, BETWEEN, PHRASES, POINTER, WITHIN, Phrase
from index.source import OpenPoint, Sentence, Source

Span = tuple[int, int]

_LETTERS = re.compile(r"[a-z]+")
_CONDITION = re.compile(r"\b(?:if|unless|where|until|in\s+case|provided\s+that|once)\b[^,;]*$", re.IGNORECASE)
# "Do not disclose ..." is an order, "those who have not said" are a group: neither says that something is open.
_IMPERATIVE = re.compile(r"(?:^\W*|[.;:!?,—–(]\s*|\b(?:please|and|but|or)\s+)$", re.IGNORECASE)
_ORDER = re.compile(r"do(?:n[’']t|\s+not)\b", re.IGNORECASE)
_WHO = re.compile(r"[^,\s]\s+who\s*$", re.IGNORECASE)
_THAT = re.compile(r"[^,\s]\s+(?:that|which)\s*$", re.IGNORECASE)
_SO_THAT = re.compile(r"\b(?:say|says|said|saying|add|adds|added|report|reports|reported|so|means|meant|noted|confirmed)\s+that\s*$", re.IGNORECASE)  # fmt: skip
# "It was not published until 1938" says that it was.
_PAST = re.compile(r"(?:was|were|had|did)\b", re.IGNORECASE)
_UNTIL = re.compile(r"[^,;.]{0,60}?\b(?:until|till)\b", re.IGNORECASE)
# A clause ends here; what is beyond belongs to another statement.
_BOUNDARY = re.compile(
    r"[;:—–]|\s-\s|\b(?:but|although|though|while|whereas|because|however|(?<!not\s)(?<!as\s)(?<!n[’']t\s)yet)\b|"
    r"\b(?:said|says|saying|added|adds|noted|notes|stressed|told|warned|stated|reported|confirmed|explained|admitted|acknowledged)\b"
    r"(?!\s+(?:not|yet))(?:\s+(?:that|on\s+\w+|reporters|parliament))?",
    re.IGNORECASE,
)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|shall|should|does|do|did|said|says)\b",
    re.IGNORECASE,
)
_AFTER_END = re.compile(
    r"[;—–]|\.\s|,\s+(?:which|who|leaving|saying|adding|citing|prompting|despite|but|although|though|while|whereas|so|"
    r"and\s+(?:[\w’'-]+\s+){1,3}(?:is|are|was|were|has|have|had|will|would|does|do)|"
    r"according|he|she|they|it|a\s+spokes\w+|officials|"
    r"(?:[\w’'-]+\s+){1,4}(?:says?|said|adds?|added|reports?|reported|noted|notes)|said|say)\b|"
    r"\b(?:but|although|though|whereas)\b|[”\"]\s*(?:said|,)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"^\W*(?:(?:and|or|nor)\s+)?(?:yet\s+)?(?:on\s+|about\s+|as\s+to\s+)?"
    r"(?:whether|how|when|what|which|who|where|why|if)\b",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"^\s*(?:whose|(?:the\s+)?\w+\s+of\s+wh(?:ich|om))\b", re.IGNORECASE)
_WHOSE = re.compile(r"^\s*whose\s+", re.IGNORECASE)
_TRAILING = re.compile(r"[\s,]+(?:which|that|who)\s*$", re.IGNORECASE)
_ABOUT = re.compile(r"\s*(?:on|about|regarding)\b(?!\s+\d)")
_OPEN_LIST = re.compile(
    r"[,(]?\s*\b(?:such\s+as|including|for\s+example|for\s+instance|among\s+(?:them|others)|e\.g\.|like)\s+", re.IGNORECASE
)  # fmt: skip
_CLOSED_LIST = re.compile(r":\s+|\s[—–]\s|\bnamely\s+", re.IGNORECASE)
_ITEM = re.compile(r"\s*,\s*(?:and|or|nor)\s+|\s*,\s*|\s+(?:and|or|nor)\s+|\s*/\s*", re.IGNORECASE)
_PRONOUN = (
    r"(?:it|this|that|these|those|they|which|neither|both|either|he|she|we|nobody|all|much|this\s+point|"
    r"that\s+(?:point|question|matter))"
)
_POINTER = re.compile(rf"^\W*(?:and|but|so|or)?\W*{_PRONOUN}?\W*(?:also|still|however)?\W*$", re.IGNORECASE)
# A clause of its own with nothing but a pronoun in it: "..., and it" is not clear
_POINTER_CLAUSE = re.compile(
    r"(?:,\s*(?:and|but|so)?|\b(?:and|but|so|that))\s+(?:it|this|that)\s*(?:also|still|however)?\s*$", re.IGNORECASE
)
_CONTRAST = re.compile(r"(?:^|[\s,]+)(?:but|although|though|while|whereas|yet)\s*$|[;—–]\s*$", re.IGNORECASE)
# Nouns of disclosure that say nothing of what is undisclosed: "no decision has been made on the fee".
_GENERAL = re.compile(
    r"(?:(?:further|final|official|firm|formal|public|clear|other|more|specific)\s+)*"
    r"(?:details?|decisions?|information|word|announcements?|guidance|clarity|confirmation|explanation|indication|"
    r"statement|light|clue|hint|particulars|specifics|reasons?)",
    re.IGNORECASE,
)
_HOLLOW = frozenset(
    "to give offer share add report say us yet me it this that them so far now still then here there be been "
    "which who and or".split()
)
_TAIL = re.compile(r"(?:[\s,]+(?:still|also|yet|currently|so\s+far|however))?[\s.,;:!?”\"’')]*$", re.IGNORECASE)
_LEAD = re.compile(
    r"\W*(?:(?:yet|so\s+far|exactly|precisely)\s+)?(?:(?:on|about|over|as\s+to|regarding|of|for|to|that|around)\s+)?",
    re.IGNORECASE,
)


def find(sentences: Sequence[Sentence], sources: Mapping[str, Source]) -> tuple[OpenPoint, ...]:
    """The open points of all sentences, in order. A sentence yields one for each phrase that says so."""
    points = []
    for i, sentence in enumerate(sentences):
        phrases = _possible(sentence.text)
        if phrases:
            previous = sentences[i - 1] if i and _same_block(sentences[i - 1], sentence) else None
            points.extend(_points(i, sentence, previous, phrases))
    return tuple(points)


def _possible(text: str) -> list[Phrase]:
    """The phrases of which a text holds a needed word: searching for all of them takes ten times as long."""
    words = frozenset(_LETTERS.findall(text.lower()))
    return [phrase for phrase in PHRASES if not phrase.needs.isdisjoint(words)]


def _same_block(a: Sentence, b: Sentence) -> bool:
    return a.source == b.source and (a.block == b.block or b.start - a.end <= 3)


def _points(index: int, sentence: Sentence, previous: Sentence | None, phrases: Sequence[Phrase]) -> list[OpenPoint]:
    points: list[OpenPoint] = []
    text, base = sentence.text, sentence.start
    taken: list[Span] = []
    for phrase in phrases:
        for match in phrase.pattern.finditer(text):
            start, end = match.span()
            if any(start < b and a < end for a, b in taken) or _says_otherwise(text, match, phrase.side):
                continue
            attributes, open_list, listed_from = _attributes(text, match, phrase.side, previous is not None)
            spans = [(base + a, base + b) for a, b in attributes]
            if not spans and previous is not None:
                # "Will there be a refund? That has not been decided."
                spans = [(previous.start, previous.end)]
            if not spans:
                continue
            taken.append((start, end))
            span = (base + start, base + end)
            points.append(OpenPoint(index, sentence.source, span, tuple(spans), open_list, listed_from))
    return points


def _says_otherwise(text: str, match: re.Match[str], side: str) -> bool:
    """Whether a phrase stands where it says nothing of what is on record: in a condition, an order, a rule's subject."""
    before, after = text[: match.start()], text[match.end() :]
    if _CONDITION.search(before) or _WHO.search(before):
        return True
    if side in (AFTER, BETWEEN):
        if _ORDER.match(match.group()) and _IMPERATIVE.search(before):
            return True
        if _THAT.search(before) and not _SO_THAT.search(before):
            return True
    if side == BEFORE and re.search(r"\b(?:no|nothing|nobody|none)\b[^,;:.]*$", before, re.IGNORECASE):
        return "not" not in match.group() and "be" in match.group().split()
    return bool(_PAST.match(match.group()) and _UNTIL.match(after))


def _attributes(text: str, match: re.Match[str], side: str, follows: bool) -> tuple[list[Span], bool, int]:
    """Spans in `text` of what the phrase says is open, whether their list is open, and where listing begins (or -1).

    None where a sentence before says it, if the text `follows` one.
    """
    start = match.start("says") if "says" in match.re.groupindex else match.start()
    before, after = _before(text, start), _after(text, match.end())
    clause = bool(_CLAUSE.match(text[after[0] : after[1]]))
    regions = [before]
    if side == BETWEEN:
        what = match.span("what")
        regions = [(what[0], after[1])]
        if _GENERAL.fullmatch(match["what"]):
            regions = [after] if _words(text, after) else [] if follows else regions
    elif side == WITHIN:
        regions = [match.span("what"), *([after] if clause else [])]
    elif side == POINTER:
        regions = [after] if clause else []
    elif side == AFTER:
        if _words(text, after):
            regions = [after]
        elif follows and not _CLAUSE.match(text[before[0] : before[1]]):
            regions = []
    elif _POINTER.match(text[before[0] : before[1]]):
        contrast = _CONTRAST.search(text, 0, before[0])
        regions = [after] if clause else [(0, contrast.start())] if contrast else []
    elif pointer := _POINTER_CLAUSE.search(text, *before):
        regions = [after] if clause else [(before[0], pointer.start())]
    elif clause or _ABOUT.match(text, *after):
        regions = [before, after]
    spans: list[Span] = []
    open_list, listed_from = False, -1
    for region in regions:
        found, is_open, listed = _listed(text, region)
        if listed >= 0:
            open_list, listed_from = is_open, len(spans) + listed
        spans.extend(found)
    return spans, open_list, listed_from


def _before(text: str, end: int) -> Span:
    """The noun phrases that end at `end`: back to the last clause boundary or the last comma group with a verb in it.

    Of "Overseas students: not yet set" it is the label; of "the guests, whose names ..." what follows "whose"; a
    pronoun that ends it ("the rules, which") is left out.
    """
    start = last = 0
    for boundary in _BOUNDARY.finditer(text, 0, end):
        last, start = start, boundary.end()
    if not _words(text, (start, end)) and text[start - 1 : start] == ":":
        return last, start
    pronoun = _TRAILING.search(text, start, end)
    if pronoun and _words(text, (start, pronoun.start())) and not _SO_THAT.search(text, start, end):
        end = pronoun.start()
    begin = end
    for piece in reversed(list(re.finditer(r"[^,]+", text[start:end]))):
        if _RELATIVE.match(piece.group()):
            whose = _WHOSE.match(piece.group())
            return start + piece.start() + (whose.end() if whose else 0), end
        if _FINITE.search(piece.group()) and begin != end and not _CLAUSE.match(piece.group()):
            break
        begin = start + piece.start()
    return begin, end


def _after(text: str, start: int) -> Span:
    boundary = _AFTER_END.search(text, start)
    return start, boundary.start() if boundary else len(text)


def _words(text: str, span: Span) -> bool:
    return any(word.lower() not in _HOLLOW for word in re.findall(r"\w{2,}", text[span[0] : span[1]]))


def _listed(text: str, region: Span) -> tuple[list[Span], bool, int]:
    """A region as attribute spans: the general phrase, then the items that a list under it names."""
    start, end = region
    if _CLAUSE.match(text[start:end]):
        return _trimmed(text, [(start, end)]), False, -1
    opened = _OPEN_LIST.search(text, start, end)
    closed = None if opened else _CLOSED_LIST.search(text, start, end)
    cut = opened or closed
    if cut is None:
        return _trimmed(text, _items(text, start, end)), False, -1
    general = _trimmed(text, _items(text, start, cut.start()))
    listed = _trimmed(text, _items(text, cut.end(), end))
    return [*general, *listed], opened is not None, len(general) if listed else -1


def _items(text: str, start: int, end: int) -> list[Span]:
    """Splits "the fee, the form and the deadline" into its three."""
    spans = []
    for separator in _ITEM.finditer(text, start, end):
        spans.append((start, separator.start()))
        start = separator.end()
    return [*spans, (start, end)]


def _trimmed(text: str, spans: Sequence[Span]) -> list[Span]:
    trimmed = []
    for start, end in spans:
        lead = _LEAD.match(text, start, end)
        begin = lead.end() if lead else start
        tail = _TAIL.search(text, begin, end)
        stop = tail.start() if tail else end
        if _words(text, (begin, stop)):
            trimmed.append((begin, stop))
    return trimmed
