"""Sentences in which a source says that something is not released, confirmed, decided or known -> OpenPoint.

A small grammar of English: a phrase that says "not out yet" and the noun phrases it says it of. A passive or
predicative phrase ("... have not yet been released", "... remains unclear") speaks of what stands before it, an active
one ("has yet to clarify ...", "gives no detail on ...") of what stands after. Not covered, on purpose: an outcome that
"remains to be seen", conditions ("if no date has been set, ..."), and duties ("must not disclose").
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.source import OpenPoint, Sentence, Source

Span = tuple[int, int]

# Verbs of disclosure, with their participles. Negated, each of these alone says that something is not on record.
_STRONG = {
    "release": "released", "publish": "published", "announce": "announced", "disclose": "disclosed",
    "reveal": "revealed", "confirm": "confirmed", "clarify": "clarified", "specify": "specified",
    "decide": "decided", "determine": "determined", "finalise": "finalised", "finalize": "finalized",
    "settle": "settled", "unveil": "unveiled", "spell out": "spelled out", "spelt out": "spelt out",
    "detail": "detailed", "work out": "worked out", "make public": "made public", "clear up": "cleared up",
    "agree on": "agreed on", "say": "said publicly", "define": "defined", "set out": "set out",
    "make clear": "made clear", "elaborate": "elaborated", "quantify": "quantified", "pin down": "pinned down",
    "draw up": "drawn up", "estimate": "estimated", "choose": "chosen", "select": "selected", "cost": "costed",
    "make a decision": "been decided", "put a figure": "put a figure", "commit to": "committed to", "rule on": "ruled on",
    "put a number": "put a number", "state": "stated", "explain": "explained", "settle on": "settled on",
    "put a date": "put a date", "publicise": "publicised", "publicize": "publicized", "fix": "fixed", "set": "set",
    "name": "named", "appoint": "appointed", "schedule": "scheduled", "identify": "identified", "pick": "picked",
    "allocate": "allocated", "establish": "established", "resolve": "resolved", "lay down": "laid down",
    "work through": "studied", "assess": "assessed", "evaluate": "evaluated", "investigate": "investigated",
}  # fmt: skip
# These say it only with "yet" or "still" beside them, or of information: "no date has been set".
_WEAK = {
    "agree": "agreed", "issue": "issued", "give": "given", "provide": "provided", "outline": "outlined", "share": "shared",
    "make": "made", "take": "taken", "reach": "reached", "approve": "approved", "adopt": "adopted", "offer": "offered",
    "make available": "made available", "complete": "completed", "publish": "put forward", "award": "awarded",
    "sign": "signed", "indicate": "indicated", "see": "received", "put": "put", "draft": "drafted", "write": "written",
}  # fmt: skip


def _either(words: Sequence[str]) -> str:
    return "(?:" + "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True)) + ")"


_STRONG_PP, _STRONG_BASE = _either(list(_STRONG.values())), _either(list(_STRONG))
_ANY_PP = _either([*_STRONG.values(), *_WEAK.values()])
_ANY_BASE = _either([*_STRONG, *_WEAK])
_ADVERB = r"(?:,?\s+(?:\w+ly|yet|still|so\s+far|as\s+yet|been|be|also|even|ever),?)*"
_NOT = r"(?:\s+not|n[’']t|\s+never)"
_INFO = (
    r"(?:details?|date|dates|timeline|timetable|time\s?frame|decisions?|information|figures?|guidance|deadline|"
    r"announcement|list|schedule|explanation|clarity|word|indication|estimates?|price|plans?|rules?|criteria|"
    r"breakdown|confirmation|specifics|particulars|start|commitment|conclusion|agreement|statement|answer|target|"
    r"number|budget|sum|amount|venue|location|successor|name|reason|reasons|procedures?|terms|text|version|documents?|"
    r"site|recommendations?|contractor|supplier|operator|candidate|buyer|partner|rate|threshold|fee|cap|limit)"
)
_OPEN_WORDS = (
    r"(?:unclear|unknown|undecided|uncertain|unspecified|undisclosed|unconfirmed|undetermined|unresolved|unpublished|"
    r"unreleased|unannounced|unsettled|undefined|vague|in\s+doubt|up\s+in\s+the\s+air|an?\s+open\s+(?:question|issue)|"
    r"open\s+questions?|under\s+(?:review|consideration|discussion|negotiation|consultation|study)|to\s+be\s+confirmed|"
    r"to\s+be\s+decided|to\s+be\s+determined|to\s+be\s+announced|pending|tbc|tbd|tba|not\s+final|a\s+mystery|anyone[’']s\s+guess)"
)
_LATER = (
    r"(?:later|in\s+due\s+course|separately|at\s+a\s+later|shortly|soon|next|once|after|following|when|before|by|in|"
    r"ahead|closer|nearer|at|on|this|over|during|from|to\s+come|for)"
)
_BE = r"(?:is|are|was|were|be|been|being)"
_HAVE = r"(?:has|have|had)"


@dataclass(frozen=True)
class _Phrase:
    """A way of saying "not out yet": where its noun phrases stand ("before", "after", "between" in
    its group `what`, or "pointer": in the sentence before, unless a clause follows), and its pattern."""

    side: str
    pattern: re.Pattern[str]


def _phrase(side: str, pattern: str) -> _Phrase:
    return _Phrase(side, re.compile(pattern, re.IGNORECASE))


# In order of trust: the first that matches at the earliest place wins.
_PHRASES = (
    # No date has been set for the launch. No decision was taken on ... There is no word yet on ...
    _phrase("between", rf"\bno\s+(?P<what>(?:[\w’'-]+\s+){{0,6}}?{_INFO})\s+(?:{_HAVE}|{_BE}|can){_ADVERB}\s+{_ANY_PP}\b"),
    _phrase("between", rf"\bno(?:ne\s+of)?\s+(?P<what>(?:[\w’'-]+\s+){{0,6}}?[\w’'-]+)\s+{_HAVE}{_ADVERB}\s+{_STRONG_PP}\b"),
    _phrase("between", rf"\bn(?:or|either)\s+(?:{_HAVE}|{_BE})\s+(?P<what>[^,;.]+?){_ADVERB}\s+{_ANY_PP}\b"),
    _phrase("before", rf"\b{_HAVE}{_NOT}{_ADVERB}\s+been{_ADVERB}\s+{_STRONG_PP}\b"),
    _phrase("before", rf"\b{_HAVE}{_NOT}\s+yet\s+been{_ADVERB}\s+{_ANY_PP}\b"),
    _phrase("before", rf"\b{_INFO}\s+(?P<says>{_HAVE}{_NOT}{_ADVERB}\s+been{_ADVERB}\s+{_ANY_PP})\b"),
    _phrase("before", rf"\b{_BE}{_NOT}{_ADVERB}\s+(?:{_STRONG_PP}|known|clear|certain|public|final|on\s+record|available\s+yet|decided)\b"),
    _phrase("before", rf"\b(?:{_BE}|{_HAVE}|remains?|remained)\s+(?:as\s+|still\s+)?yet\s+to\s+be\s+(?!seen\b){_ANY_PP}\b"),
    _phrase("before", r"\b(?:has|have|is|are)\s+yet\s+to\s+(?:emerge|appear|come\s+out|be\s+seen\s+in\s+print)\b"),
    _phrase("before", rf"\b(?:remains?|remained|still|left|needs?|are|is)\s+(?:still\s+)?to\s+be\s+(?!seen\b){_ANY_PP}\b"),
    _phrase("before", rf"\b(?:{_BE}|remains?|remained|stays?|still|left|leaves?|leaving)\s+(?:still\s+|largely\s+|as\s+yet\s+|yet\s+)*{_OPEN_WORDS}(?!\w)"),
    _phrase("before", rf"\b(?:{_BE})\s+(?:still|currently|now|yet)\s+being\s+(?:\w+ly\s+)?(?:considered|discussed|negotiated|finali[sz]ed|worked\s+out|drafted|reviewed|decided|drawn\s+up|assessed|studied|debated|developed|written|weighed)\b"),
    _phrase("before", rf"\bwill\s+(?:only\s+)?be\s+(?:announced|published|released|confirmed|decided|determined|set\s+out|finali[sz]ed|made\s+public|clarified|disclosed|fixed|specified|unveiled|settled|shared|communicated)\s+{_LATER}\b"),
    _phrase("before", r"\b(?:will|is\s+to|are\s+to|shall)\s+(?:only\s+)?be\s+(?:issued|laid\s+down|set|given|provided|circulated|sent\s+out|prescribed|made\s+available|drawn\s+up|appointed|chosen|named)\s+(?:later|in\s+due\s+course|separately|at\s+a\s+later|shortly|soon|in\s+good\s+time|nearer|closer\s+to|by\s+(?:order|decree|regulation|ordinance|statute))\b"),
    _phrase("after", r"(?:\bwill|[’']ll|\bshall)\s+(?:\w+ly\s+)?(?:publish|announce|release|confirm|set\s+out|decide(?:\s+on)?|issue|reveal|share|unveil|disclose|provide|give)\b(?=[^.;]{0,80}\b(?:later|in\s+due\s+course|in\s+good\s+time|shortly|soon|separately|nearer|closer\s+to|when\s+(?:it|they|we)|once|as\s+soon\s+as|next\s+\w+|before\s+the|in\s+the\s+(?:coming|autumn|spring|summer|winter|new\s+year))\b)"),
    _phrase("before", r"\bnot\s+(?:yet\s+there|there\s+yet)\b"),
    _phrase("before", r"(?<=[:;(—–|])\s*not\s+(?:yet\s+(?:set|known|decided|available|published|fixed|agreed|announced|confirmed|released|determined|final|finali[sz]ed|open|public|specified))\b"),
    _phrase("after", r"(?:\bha(?:ve|s)|[’']ve|\bdo|\bdoes)(?:\s+not|n[’']t)(?:\s+yet)?\s+(?:yet\s+)?(?:have|come\s+to|got|reached|made\s+up|taken|formed)\s+(?:(?:an|a|any|the|their|its|our|his|her|final)\s+)*(?:answers?|views?|decisions?|conclusions?|positions?|minds?)\b(?:\s+yet)?"),
    _phrase("pointer", r"\bha(?:ve|s)(?:\s+not|n[’']t)\s+(?:yet\s+)?(?:told|informed|written\s+to)\s+(?:\w+)(?:\s+yet)?\b"),
    _phrase("after", r"\b(?:put\s+off|postponed|deferred|delayed|shelved)\s+(?:(?:an?|the|its|any|their|final)\s+)*(?:decisions?|questions?|announcements?|rulings?|votes?|matter)\b"),
    _phrase("between", r"\b(?:kept|keeps|keeping|keep)\s+(?P<what>[^,;.]{3,60}?)\s+(?:under\s+wraps|secret|confidential|to\s+(?:itself|themselves))\b"),
    _phrase("before", r"\b(?:is|are|remains?|stays?)\s+(?:still\s+)?(?:an?\s+)?(?:closely\s+guarded\s+)?(?:secret|confidential)\b"),
    _phrase("before", r"\b(?:left|leaves?|leaving)\s+(?:\w+\s+)?(?:unanswered|open|unaddressed|unsettled|unresolved|blank)\b"),
    _phrase("after", r"\b(?:(?:is|are|was|were|stays?|remains?)\s+silent|say(?:s|ing)?\s+nothing|said\s+nothing)\s+(?:on|about|of|as\s+to)\b"),
    _phrase("before", r"(?=\b(?:talks|negotiations|discussions|consultations?)\b)(?:talks|negotiations|discussions|consultations?)\s+(?:on|about|over)(?P<topic>(?:\s+[\w’'-]+){1,10}?)\s+(?P<says>(?:is|are)\s+(?:still\s+)?(?:continuing|ongoing|under\s*way|going\s+on))\b"),
    _phrase("after", r"\b(?:expects?|plans?|intends?|hopes?|promises?|promised|aims?)\s+to\s+(?:publish|announce|release|decide(?:\s+on)?|confirm|set\s+out|finali[sz]e|reveal|issue\s+(?:guidance|details))\b"),
    _phrase("after", r"\b(?:can(?:not|[’']t)|unable\s+to|not\s+able\s+to)\s+(?:yet\s+)?(?:share|give|provide|name|set|publish|release|announce|promise)\b(?=[^.;]{0,60}\b(?:yet|at\s+this\s+stage|at\s+present|so\s+far|for\s+now|at\s+the\s+moment)\b)"),
    _phrase("before", r"\bwill\s+not\s+be\s+(?:published|disclosed|released|made\s+public|revealed)\b"),
    _phrase("before", r"\b(?:details?|particulars|specifics|information|guidance|rules|instructions|more|announcement|decision)(?:\s+(?:on|of|about|for)(?:\s+\w+){1,5}?)?\s+(?P<says>(?:is|are|was|were|will)\s+(?:still\s+)?(?:expected|to\s+come|to\s+follow|due|follow|come))\b"),
    _phrase("before", r"\b(?:is|are|remains?|was|were)\s+(?:still\s+)?(?:a\s+matter|one|something)\s+for\s+(?:an?other|a|the)?\s*(?:later|future|further|next|separate)\b"),
    _phrase("after", r"\b(?:would|will)\s+not\s+be\s+drawn\b"),
    _phrase("before", r"(?:\bTB[ACD]\b|\bto\s+be\s+(?:announced|confirmed|determined|decided)\b)"),
    _phrase("after", rf"\b{_HAVE}{_NOT}{_ADVERB}\s+(?:{_STRONG_PP}|said|put\s+a)\b"),
    _phrase("after", rf"\b{_HAVE}{_NOT}\s+yet(?:\s+\w+ly)?\s+{_ANY_PP}\b"),
    _phrase("after", rf"\b{_HAVE}{_NOT}{_ADVERB}\s+{_ANY_PP}\s+(?:(?:any|an?|the|further|more|official)\s+){{0,3}}{_INFO}\b"),
    _phrase("after", rf"\b(?:{_HAVE}|{_BE})\s+(?:as\s+|still\s+)?yet\s+to\s+(?!be\b){_ANY_BASE}\b"),
    _phrase("after", rf"\byet\s+to\s+(?!be\b){_STRONG_BASE}\b"),
    _phrase("after", r"\b(?:did|does|do|would|could|can|is|are|was|were)(?:\s+not|n[’']t)\s+(?:yet\s+|currently\s+|immediately\s+|able\s+to\s+|in\s+a\s+position\s+to\s+)*(?:say|specify|disclose|clarify|elaborate|reveal|spell\s+out|confirm|fix|decide|determine|state\s+(?:how|when|what|whether|which|who|where)|detail|set\s+out|go\s+into)\b"),
    _phrase("after", rf"\b(?:did|does|do|would|could|can)(?:\s+not|n[’']t)\s+(?:yet\s+)?(?:give|provide|offer|name|set|indicate|mention|explain|make\s+clear|put)\s+(?:(?:any|an?|the|further|more|specific|exact|out|firm|full)\s+){{0,3}}(?:{_INFO}|how|when|what|whether|which|who|where|why)\b"),
    _phrase("after", r"\bcannot\s+(?:yet\s+)?(?:say|confirm|disclose)\b"),
    _phrase("after", r"\b(?:declin(?:ed|es|ing)|refus(?:ed|es|ing)|unable)\s+to\s+(?:say|specify|disclose|confirm|name|reveal|give|provide|elaborate|put\s+a\s+figure)\b"),
    _phrase("after", rf"\b(?:gives?|gave|offers?|offered|provid(?:es?|ed|ing)|giving|offering|contains?|shed|sheds|has|have|had|there\s+(?:is|are|was|were)|with|carries|includes?)\s+(?:as\s+yet\s+|still\s+|currently\s+|yet\s+)?(?:no|little|few|scant|limited|only\s+limited|not\s+(?:yet\s+)?any)\s+(?:(?:further|more|official|specific|final|firm|exact|public|precise|other|additional|published|new)\s+)*(?:details?|clarity|information|guidance|word|indication|explanation|particulars|specifics|light|timetable|timeline|figures?|breakdown|estimate|date|decision|confirmation|announcement)\b"),
    _phrase("after", r"\b(?:limited|little|no|scant)\s+(?:clarity|detail|details|information|word|certainty)\s+(?:yet\s+|so\s+far\s+)?(?:on|about|as\s+to|regarding|over)\b"),
    _phrase("after", r"\bwithout\s+(?:yet\s+)?(?:giving|specifying|saying|providing|naming|disclosing|setting|spelling\s+out|elaborating)\b"),
    _phrase("after", rf"\b(?:awaits?|awaiting|waiting\s+for|pending)\s+(?:(?:further|more|official|final|a|an|the|formal)\s+)*(?:{_INFO}|approval)\b"),
    _phrase("after", r"\b(?:is|are|was|were)\s+(?:still\s+)?(?:considering|weighing|deciding|debating|undecided|unsure|looking\s+at)\s+(?:on\s+|about\s+)?(?=whether|how|when|which|what|who|where)"),
    _phrase("after", r"\b(?:unclear|uncertain|undecided|unknown|not\s+(?:yet\s+)?(?:clear|known|certain|decided)|too\s+(?:early|soon)\s+to\s+(?:say|tell|know))\b"),
    _phrase("after", r"\b(?:nobody|no\s+one|no-one|neither[^.]{0,60})\s+(?:has|have|knows|would|could|is)\s+(?:yet\s+)?(?:said|say|explained|announced|confirmed|published|released|disclosed|spelled\s+out|knows?|able\s+to\s+say)\b"),
    _phrase("after", r"\b(?:uncertainty|questions?\s+remain(?:s|ed)?|open\s+questions?|still\s+no\s+(?:word|decision|date|details?))\s+(?:on|about|over|as\s+to|around|regarding)\b"),
)  # fmt: skip

_CONDITION = re.compile(r"\b(?:if|unless|where|until|in\s+case|provided\s+that|once)\b[^,;]*$", re.IGNORECASE)
# A clause ends here; what is beyond belongs to another statement.
_STRONG_BOUNDARY = re.compile(
    r"[;:—–]|\s-\s|\b(?:but|although|though|while|whereas|because|however|yet)\b|"
    r"\b(?:said|says|saying|added|adds|noted|notes|stressed|told|warned|stated|reported|confirmed|explained|admitted|acknowledged)\b"
    r"(?!\s+(?:not|yet))(?:\s+(?:that|on\s+\w+|reporters|parliament))?",
    re.IGNORECASE,
)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|shall|should|does|do|did|said|says)\b",
    re.IGNORECASE,
)
_AFTER_END = re.compile(
    r"[;—–]|\.\s|,\s+(?:which|who|leaving|but|although|though|while|whereas|so|and\s+(?:[\w’'-]+\s+){1,3}(?:is|are|was|were|has|have|had|will|would|does|do)|"
    r"according|he|she|they|it|a\s+spokes\w+|officials|(?:[\w’'-]+\s+){1,4}(?:says?|said|adds?|added|reports?|reported|noted|notes)|said|say)\b|\b(?:but|although|though|whereas)\b|"
    r"[”\"]\s*(?:said|,)",
    re.IGNORECASE,
)
_CLAUSE_WORD = re.compile(r"^\W*(?:(?:and|or|nor)\s+)?(?:on\s+|about\s+|as\s+to\s+)?(?:whether|how|when|what|which|who|where|why|if)\b", re.IGNORECASE)
_OPEN_LIST = re.compile(r"[,(]?\s*\b(?:such\s+as|including|for\s+example|for\s+instance|among\s+(?:them|others)|e\.g\.|like)\s+", re.IGNORECASE)
_CLOSED_LIST = re.compile(r":\s+|\s[—–]\s|\bnamely\s+", re.IGNORECASE)
_ITEM = re.compile(r"\s*,\s*(?:and|or|nor)\s+|\s*,\s*|\s+(?:and|or|nor)\s+|\s*/\s*", re.IGNORECASE)
_POINTER = re.compile(r"^\W*(?:and|but|so|or)?\W*(?:it|this|that|these|those|they|which|neither|both|either|he|she|we|nobody|all|much|this\s+point|that\s+(?:point|question|matter))?\W*(?:also|still|however)?\W*$", re.IGNORECASE)
# Nouns of disclosure that say nothing of what is undisclosed: "no decision has been made on the fee".
_GENERAL = re.compile(
    r"(?:(?:further|final|official|firm|formal|public|clear|other|more|specific)\s+)*"
    r"(?:details?|decisions?|information|word|announcements?|guidance|clarity|confirmation|explanation|indication|statement)",
    re.IGNORECASE,
)
_HOLLOW = frozenset("to give offer share add report say us yet me it this that them so far now still then here there be been".split())
_LEAD = re.compile(r"\W*(?:(?:on|about|over|as\s+to|regarding|of|for|to|that|around|yet)\s+)?", re.IGNORECASE)


def find(sentences: Sequence[Sentence], sources: Mapping[str, Source]) -> tuple[OpenPoint, ...]:
    """The open points of all sentences, in order. A sentence yields one for each phrase that says so."""
    points = []
    for i, sentence in enumerate(sentences):
        previous = sentences[i - 1] if i and _same_block(sentences[i - 1], sentence) else None
        points.extend(_points(i, sentence, previous))
    return tuple(points)


def _same_block(a: Sentence, b: Sentence) -> bool:
    return a.source == b.source and (a.block == b.block or b.start - a.end <= 3)


def _points(index: int, sentence: Sentence, previous: Sentence | None) -> list[OpenPoint]:
    points: list[OpenPoint] = []
    text, base = sentence.text, sentence.start
    taken: list[Span] = []
    for phrase in _PHRASES:
        for match in phrase.pattern.finditer(text):
            span = match.span()
            if any(span[0] < end and start < span[1] for start, end in taken) or _CONDITION.search(text[: span[0]]):
                continue
            attributes, open_list, listed_from = _attributes(text, match, phrase.side)
            spans = [(base + start, base + end) for start, end in attributes]
            if not spans and previous is not None:
                # "Will there be a refund? That has not been decided."
                spans = [(previous.start, previous.end)]
            if not spans:
                continue
            taken.append(span)
            points.append(
                OpenPoint(index, sentence.source, (base + span[0], base + span[1]), tuple(spans), open_list, listed_from)
            )
    return points


def _attributes(text: str, match: re.Match[str], side: str) -> tuple[list[Span], bool, int]:
    """Spans in `text` of what the phrase says is open, whether their list is open, and where listing begins (or -1)."""
    groups = match.re.groupindex
    before = _before(text, match.start("says") if "says" in groups else match.start())
    after = _after(text, match.end())
    if side == "between":
        general = _GENERAL.fullmatch(match.group("what"))
        regions = [after] if general and _words(text, after) else [(match.start("what"), after[1])]
    elif side == "pointer":
        regions = [after] if _CLAUSE_WORD.match(text[after[0] : after[1]]) else []
    elif side == "after":
        regions = [after] if _words(text, after) else [before]
    elif _POINTER.match(text[before[0] : before[1]]):
        regions = [after] if _CLAUSE_WORD.match(text[after[0] : after[1]]) else []
    elif _CLAUSE_WORD.match(text[after[0] : after[1]]) or re.match(r"\s*(?:on|about|regarding)\b(?!\s+\d)", text[after[0] : after[1]]):
        regions = [before, after]
    else:
        regions = [before]
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

    Of "Overseas students: not yet set" it is the label.
    """
    start = last = 0
    for boundary in _STRONG_BOUNDARY.finditer(text, 0, end):
        last, start = start, boundary.end()
    if not _words(text, (start, end)) and text[start - 1 : start] == ":":
        return last, start
    pieces = list(re.finditer(r"[^,]+", text[start:end]))
    begin = end
    for piece in reversed(pieces):
        if _FINITE.search(piece.group()) and begin != end and not _CLAUSE_WORD.match(piece.group()):
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
    if _CLAUSE_WORD.match(text[start:end]):
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
        stop = begin + len(text[begin:end].rstrip(" .,;:!?”\"’')"))
        if _words(text, (begin, stop)):
            trimmed.append((begin, stop))
    return trimmed
