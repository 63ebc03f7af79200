"""Sentences in which a source says that something is not released, confirmed, decided or known -> OpenPoint.

A phrase that says "not out yet" (`phrases.py`), and what it says it of (`attributes.py`); or a list item under a lead-in
that ends with such a phrase ("We have not decided:"). Not covered, on purpose: questions, an outcome that "remains to
be seen", conditions ("if no date has been set, ..."), duties ("must not disclose", "do not disclose ..."), and whom a
rule is about ("applicants who were not selected"). Not covered for want of a verb: bullets under a heading ("Still
open").
"""

import re
from collections.abc import Mapping, Sequence

from index.attributes import attributes
from index.openwords import ASKS
from index.phrases import AFTER, BEFORE, BETWEEN, PHRASES, Phrase
from index.source import OpenPoint, Sentence, Source

_LETTERS = re.compile(r"[a-z]+")
_QUESTION = re.compile(r"\?[\"”’')\s]*$")
_CONDITION = re.compile(
    r"\b(?:if|unless|where|until|in\s+case|provided\s+that|once|when(?:ever)?(?=\s+\S))\b(?P<rest>[^,;:]*)$",
    re.IGNORECASE,
)
_ASKED = re.compile(rf"(?:^|[;:.,]\s|\bthat\s)\W*{ASKS}\b[^;:]*$", re.IGNORECASE)
_PRECEDED = re.compile(r"\w[^.;:]*$")
_VERB = re.compile(r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|do|does|did)\b", re.I)
# "Do not disclose ..." is an order, "those who have not said" are a group: neither says that something is open.
_IMPERATIVE = re.compile(r"(?:^\W*|[.;:!?,—–(]\s*|\b(?:please|and|but|or)\s+)$", re.IGNORECASE)
_ORDER = re.compile(r"do(?:n[’']t|\s+not)\b", re.IGNORECASE)
_WHO = re.compile(r"[^,\s]\s+who\s*$", re.IGNORECASE)
_THAT = re.compile(r"[^,\s]\s+(?:that|which)\s*$", re.IGNORECASE)
_SO_THAT = re.compile(r"\b(?:say|says|said|saying|add|adds|added|report|reports|reported|so|means|meant|noted|confirmed)\s+that\s*$", re.IGNORECASE)  # fmt: skip
# "It was not published until 1938" says that it was; so does "the points that were left open in May".
_PAST = re.compile(r"(?:was|were|had|did)\b", re.IGNORECASE)
_RELATIVE = re.compile(r"\bthat\s*$", re.IGNORECASE)
_UNTIL = re.compile(r"[^,;.]{0,60}?\b(?:until|till)\b", re.IGNORECASE)
# What people file is dealt with one by one: "objections will be considered in June".
_FILED = re.compile(r"\b(?:applications?|objections?|requests?|complaints?|claims?|bids?|entr(?:y|ies)|appeals?|nominations?|submissions?|comments)\s*$", re.IGNORECASE)  # fmt: skip
_TREATED = re.compile(r"(?:will|is|are)\s+(?:only\s+)?(?:to\s+)?be\s+(?:considered|examined|reviewed|discussed|decided|determined|addressed)\b", re.IGNORECASE)  # fmt: skip
_NOTHING = re.compile(
    r"(?:^\W*|[,;:.–—]\s*|\b(?:and|but|that|so|because|as)\s+)(?:no|nothing|nobody|none)\b[^,;:.]*$", re.IGNORECASE
)
_ANNOUNCES = re.compile(r":\s*$")
# The end of a lead-in, after its phrase: "We have not decided the following points:"
_LEADS_IN = re.compile(r"(?:\s+[\w’'-]+){0,4}\s*:\s*$")


def find(sentences: Sequence[Sentence], sources: Mapping[str, Source]) -> tuple[OpenPoint, ...]:
    """The open points of all sentences, in order. A sentence yields one for each phrase that says so."""
    points: list[OpenPoint] = []
    lead: OpenPoint | None = None
    for i, sentence in enumerate(sentences):
        found: list[OpenPoint] = []
        phrases = [] if _QUESTION.search(sentence.text) else _possible(sentence.text)
        if phrases:
            back = sentences[i - 1] if i and _same_block(sentences[i - 1], sentence) else None
            found = _points(i, sentence, back or (sentence if _ANNOUNCES.search(sentence.text) else None), phrases)
        if lead and sentence.kind == "item" and _under(sentence, sentences[lead.sentence]):
            points.extend(found or [OpenPoint(i, lead.source, lead.phrase, ((sentence.start, sentence.end),))])
            continue
        lead = _lead_in(sentences, i, found)
        points.extend([] if lead else found)
    return tuple(points)


def _lead_in(sentences: Sequence[Sentence], index: int, found: Sequence[OpenPoint]) -> OpenPoint | None:
    """The point of a sentence that only announces the list items after it: they say what is open."""
    here, after = sentences[index], sentences[index + 1] if index + 1 < len(sentences) else None
    if not found or after is None or after.kind != "item" or here.kind == "item" or not _under(after, here):
        return None
    return found[-1] if _LEADS_IN.match(here.text[found[-1].phrase[1] - here.start :]) else None


def _under(item: Sentence, lead: Sentence) -> bool:
    return item.source == lead.source and item.headings == lead.headings


def _possible(text: str) -> list[Phrase]:
    """The phrases of which a text holds a needed word: searching for all of them takes ten times as long."""
    words = frozenset(_LETTERS.findall(text.lower()))
    return [phrase for phrase in PHRASES if not phrase.needs.isdisjoint(words)]


def _same_block(a: Sentence, b: Sentence) -> bool:
    return a.source == b.source and (a.block == b.block or b.start - a.end <= 3)


def _points(index: int, sentence: Sentence, previous: Sentence | None, phrases: Sequence[Phrase]) -> list[OpenPoint]:
    """The points of a sentence; of the `previous` one where a phrase points back and nothing in the sentence is open."""
    text, base = sentence.text, sentence.start
    points: list[OpenPoint] = []
    pointing: list[OpenPoint] = []
    for phrase in phrases:
        for match in phrase.pattern.finditer(text):
            start = base + match.start("says" if "says" in phrase.pattern.groupindex else 0)
            end = base + match.end()
            if any(start < p.phrase[1] and p.phrase[0] < end for p in points + pointing):
                continue
            if _says_otherwise(text, match, phrase.side):
                continue
            said_of, open_list, listed_from = attributes(text, match, phrase.side, previous is not None)
            spans = tuple((base + a, base + b) for a, b in said_of)
            if spans:
                points.append(OpenPoint(index, sentence.source, (start, end), spans, open_list, listed_from))
            elif previous is not None:
                # "Will there be a refund? That has not been decided."
                pointing.append(OpenPoint(index, sentence.source, (start, end), ((previous.start, previous.end),)))
    return points or pointing


def _says_otherwise(text: str, match: re.Match[str], side: str) -> bool:
    """Whether a phrase stands where it says nothing of what is on record: in a condition, an order, a rule's subject."""
    before, after = text[: match.start()], text[match.end() :]
    if _conditional(before, after, side) or _WHO.search(before):
        return True
    if side in (AFTER, BETWEEN):
        if _ORDER.match(match.group()) and _IMPERATIVE.search(before):
            return True
        if _THAT.search(before) and not _SO_THAT.search(before):
            return True
    if side == BEFORE:
        if _NOTHING.search(before):
            return "not" not in match.group() and "be" in match.group().split()
        if _RELATIVE.search(before) and _PAST.match(match.group()):
            return True
        if _FILED.search(before) and _TREATED.match(match.group()):
            return True
    return bool(_PAST.match(match.group()) and _UNTIL.match(after))


def _conditional(before: str, after: str, side: str) -> bool:
    """Whether a phrase stands in a condition: "where no date is set, ...".

    None are "where it stops is not set" and "whether it counts if it is late is not set": the phrase follows a clause
    that asks.
    """
    condition = _CONDITION.search(before)
    if condition is None or (side == AFTER and condition.group().lower().startswith("when")):
        return False
    holds_verb = _VERB.search(condition["rest"])
    if _ASKED.search(before, 0, condition.start()):
        # A clause that asks needs a verb of which it is the subject, and no other is left.
        return bool(not holds_verb and _VERB.search(after))
    asks = condition.group().lower().startswith("whe") and not _PRECEDED.search(before, 0, condition.start())
    return not (asks and (holds_verb or "," not in after))
