"""What an open phrase is said of: the noun phrases and clauses on the side where they stand, as spans of the sentence.

A passive or predicative phrase ("... have not yet been released", "... remains unclear") speaks of what stands before
it, an active one ("has yet to clarify ...", "gives no detail on ...") of what stands after. A phrase without either
speaks of a topic put in front ("On fares, nothing has been agreed", "Asked about fares, she would not say"), or of the
sentence before. Not covered: what a pronoun in the middle of a sentence stands for.
"""

import re
from collections.abc import Sequence

from index.openwords import ASKS, NOW, WORD, compiled
from index.phrases import AFTER, BETWEEN, POINTER, WITHIN

Span = tuple[int, int]

# A clause ends here; what is beyond belongs to another statement.
_SAYING = r"(?:said|says|saying|added|adds|noted|notes|stressed|told|warned|stated|reported|confirmed|explained|admitted|acknowledged)"  # fmt: skip
_BOUNDARY = re.compile(
    r"[;:—–]|\s-\s|\b(?:but|although|though|while|whereas|because|however|(?<!not\s)(?<!as\s)(?<!n[’']t\s)yet)\b|"
    rf"(?<!\bbe\s)(?<!\bbeen\s)\b{_SAYING}\b(?!\s+(?:not|yet))(?:(?:\s+[\w’'-]+){{0,4}}?\s+that\b|\s+(?:on\s+\w+|reporters|parliament))?",
    re.IGNORECASE,
)
# A verb that makes a clause of its words; one in a relative clause ("those who are") leaves them a noun phrase.
_FINITE = re.compile(
    r"(?<!\bwho\s)(?<!\bthat\s)(?<!\bwhich\s)"
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|shall|should|does|do|did|said|says)\b",
    re.IGNORECASE,
)
_AND = re.compile(r",?\s+and\s+", re.IGNORECASE)
_AFTER_END = re.compile(
    rf"[;—–]|\.\s|,\s+(?:which|who)\b(?![^.;]*\s(?:or|and|nor)\s+{ASKS}\b)|"
    r",\s+(?:since|because|leaving|saying|adding|citing|prompting|despite|but|although|though|while|whereas|so|"
    r"and\s+(?:[\w’'-]+\s+){1,3}(?:is|are|was|were|has|have|had|will|would|does|do)|"
    r"according|he|she|they|it|a\s+spokes\w+|officials|"
    r"(?:[\w’'-]+\s+){1,4}(?:says?|said|adds?|added|reports?|reported|noted|notes)|said|say)\b|"
    r"\b(?:but|although|though|whereas)\b|[”\"]\s*(?:said|,)|,[”\"]",
    re.IGNORECASE,
)
_ASKS = re.compile(
    rf"^\W*(?:(?:and|or|nor)\s+)?(?:yet\s+)?(?:(?:is|are)\s+)?(?:on\s+|about\s+|as\s+to\s+)?{ASKS}\b", re.IGNORECASE
)
_THAT = re.compile(r"^\s*that\s+\w+", re.IGNORECASE)
_NEXT_ASKS = re.compile(rf",?\s+(?:and|or|nor)\s+(?=(?:for\s+|by\s+|from\s+)?{ASKS}\b)|,\s+(?=(?:for\s+|by\s+|from\s+)?{ASKS}\b)", re.IGNORECASE)  # fmt: skip
_LAST_ASKS = re.compile(rf"\s(?:and|or|nor)\s+(?:for\s+|by\s+|from\s+)?{ASKS}\b", re.IGNORECASE)
_NEXT_STATEMENT = re.compile(rf",\s+and\s+(?!(?:for\s+|by\s+|from\s+)?{ASKS}\b)(?=(?:[\w’'-]+\s+){{6}})", re.IGNORECASE)
_RELATIVE = re.compile(r"^\s*(?:whose|(?:the\s+)?\w+\s+of\s+wh(?:ich|om))\b", re.IGNORECASE)
_WHOSE = re.compile(r"^\s*whose\s+", re.IGNORECASE)
_TRAILING = re.compile(r"[\s,]+(?:which|that|who)\s*$", re.IGNORECASE)
_SAID_THAT = re.compile(rf"\b(?:{_SAYING}|say|report|reports|so|means|meant)\s+that\s*$", re.IGNORECASE)
_ABOUT = re.compile(r"\s*(?:on|about|regarding)\b(?!\s+\d)")
# Between a phrase and the clause it is said of: "unclear at this stage whether", "not made clear by the council how"
_MEANWHILE = compiled(
    rf"(?:,? (?:{NOW}|for (?:certain|sure)|with certainty)\b)*(?: (?:by|from|to|in)(?: {WORD}){{1,4}}(?= {ASKS}\b))?"
)
# "..., nor has the number of seats", "..., as are the dates"
_SO_IS = re.compile(r"[^;:.]{0,60}?,\s+(?:as|nor|neither|and\s+(?:so|neither))\s+(?:is|are|was|were|has|have|had)\s+(?P<what>[^,;:.]+)", re.IGNORECASE)  # fmt: skip
# "The fee, which the board has yet to set, ...": what is open stands before "which".
_GAP = re.compile(r",?\s+which\s+(?:[\w’'-]+\s+){1,4}$", re.IGNORECASE)
_GOES_ON = re.compile(r"\s*,|\s+(?:is|are|was|were|has|have|will|would|may|can)\b")
_OPEN_LIST = re.compile(
    r"[,(]?\s*\b(?:such\s+as|including|for\s+example|for\s+instance|among\s+(?:them|others)|e\.g\.|like)\s+", re.IGNORECASE
)  # fmt: skip
_CLOSED_LIST = re.compile(r":\s+|\s[—–]\s|\bnamely\s+", re.IGNORECASE)
_COLON = re.compile(r"\s*:\s+(?=\S)")
_ITEM = re.compile(r"\s*[,;]\s*(?:and|or|nor)\s+|\s*[,;]\s*|\s+(?:and|or|nor)\s+|\s*/\s*", re.IGNORECASE)
_PRONOUN = (
    r"(?:it|this|that|these|those|they|which|neither|both|either|he|she|we|nobody|nothing|all|much|"
    r"(?:this|that|the)\s+(?:point|question|matter|issue))"
)
_POINTER = re.compile(
    rf"^\W*(?:and|but|so|or)?\W*(?:(?:\w+ly|sometimes|often|perhaps|yet),?\s+)?{_PRONOUN}?\W*(?:also|still|however)?\W*$",
    re.IGNORECASE,
)
# A clause of its own with nothing but a pronoun in it: "..., and it" is not clear
_POINTER_CLAUSE = re.compile(
    r"(?:,\s*(?:and|but|so)?|\b(?:and|but|so|that))\s+(?:it|this|that)\s*(?:also|still|however)?\s*$", re.IGNORECASE
)
_CONTRAST = re.compile(r"(?:^|[\s,]+)(?:but|although|though|while|whereas|yet)\s*$|[;—–]\s*$", re.IGNORECASE)
_FRONTED = re.compile(
    r"^\W*(?:(?:when\s+)?(?:asked|pressed|questioned)\s+(?:about|on|for|(?=whether|if|how|when|what|which|who|where|why))|"
    r"(?:on|as\s+for|as\s+to|as\s+regards|regarding|about|concerning|with\s+regard\s+to))\s*"
    r"(?:the\s+(?:question|issue|matter)\s+of\s+)?(?P<topic>[^,;:]+?)"
    r"(?:,|\s+(?=(?:we|they|he|she|it|there|nothing|no|nobody)\s))",
    re.IGNORECASE,
)
# Nouns of disclosure that say nothing of what is undisclosed: "no decision has been made on the fee".
_GENERAL = re.compile(
    r"(?:(?:further|final|official|firm|formal|public|clear|other|more|specific)\s+)*"
    r"(?:details?|decisions?|information|word|announcements?|guidance|clarity|confirmation|explanation|indication|"
    r"statement|light|clue|hint|particulars|specifics|reasons?|agreement|consensus|news|conclusions?|"
    r"(?:data|evidence|research)(?:\s+yet)?\s+(?:on|about))",
    re.IGNORECASE,
)
_HOLLOW = frozenset(
    "to give offer share add report say us yet me it this that them so far now still then here there be been "
    "which who and or have has had we they he she you one anything something more much re ve at stage present".split()
)
_TAIL = re.compile(
    r"(?:[\s,]+(?:still|also|yet|currently|so\s+far|however|for\s+now|at\s+(?:this\s+stage|present)))?"
    r"(?:,\s*(?:he|she|they|we|it))?[\s.,;:!?”\"’')(]*$",
    re.IGNORECASE,
)
_LEAD = compiled(
    rf"\W*(?:(?:{NOW}|exactly|precisely) )*(?:(?:is|are) (?={ASKS}\b))?"
    r"(?:(?:on|about|over|as to|as for|regarding|of|for|to|that(?! (?:it|they|the)\b)|around) )?"
)


def attributes(text: str, match: re.Match[str], side: str, follows: bool) -> tuple[list[Span], bool, int]:
    """Spans in `text` of what a phrase says is open, whether their list is open, and where listing begins (or -1).

    None where a sentence before says it, if the text `follows` one.
    """
    spans: list[Span] = []
    open_list, listed_from = False, -1
    for region in _regions(text, match, side, follows):
        found, is_open, listed = _listed(text, region)
        if listed >= 0:
            open_list, listed_from = is_open, len(spans) + listed
        spans.extend(found)
    listed_after = _COLON.match(text, match.end())
    if listed_after and spans and spans[-1][1] <= match.end():
        # "Three matters are unsettled: the rent, the deposit and the keys"; but not a statement that explains.
        found, _, _ = _listed(text, (listed_after.end(), len(text)))
        if found and not any(_FINITE.search(text, *span) and not _ASKS.match(text[slice(*span)]) for span in found):
            listed_from = len(spans)
            spans.extend(found)
    return spans, open_list, listed_from


def _regions(text: str, match: re.Match[str], side: str, follows: bool) -> list[Span]:
    """The stretches that hold what is open; none where the sentence before holds it."""
    start = match.start("says") if "says" in match.re.groupindex else match.start()
    before, after = _before(text, start), _after(text, match.end())
    asks = bool(_ASKS.match(text[slice(*after)]))
    fronted = _FRONTED.match(text, 0, start)
    elsewhere = [fronted.span("topic")] if fronted else [] if follows else None
    if side == BETWEEN:
        what = match.span("what")
        if not _GENERAL.fullmatch(match["what"]):
            return [(what[0], after[1])]
        if _words(text, after):
            return [after]
        return [(what[0], after[1])] if elsewhere is None else elsewhere
    if side == WITHIN:
        more = asks or bool(_ABOUT.match(text, *after))
        general = more and _GENERAL.fullmatch(match["what"])
        return [*([] if general else [match.span("what")]), *([after] if more else [])]
    if side == POINTER:
        return [after] if asks else []
    if side == AFTER:
        gap = _GAP.search(text, 0, start)
        if _words(text, after) and not (gap and _GOES_ON.match(text, match.end())):
            return [after]
        if gap:
            return [_before(text, gap.start())]
        if fronted or (follows and not _ASKS.match(text[slice(*before)])):
            return elsewhere or []
        return [before]
    return _around(text, match, before, after, asks, elsewhere or [])


def _around(
    text: str, match: re.Match[str], before: Span, after: Span, asks: bool, elsewhere: list[Span]
) -> list[Span]:
    """The stretches that a phrase with its subject before it speaks of: that subject, or the clause "it" announces."""
    announced = asks or bool(_THAT.match(text[slice(*after)]))
    if _POINTER.match(text[slice(*before)]) or (elsewhere and match.group().lower().startswith("nothing")):
        contrast = _CONTRAST.search(text, 0, before[0])
        return [after] if announced else elsewhere or ([(0, contrast.start())] if contrast else [])
    if pointer := _POINTER_CLAUSE.search(text, *before):
        return [after] if announced else [(before[0], pointer.start())]
    regions = [before, after] if asks or _ABOUT.match(text, *after) else [before]
    also = _SO_IS.match(text, match.end())
    return [*regions, also.span("what")] if also else regions


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
    if pronoun and _words(text, (start, pronoun.start())) and not _SAID_THAT.search(text, start, end):
        end = pronoun.start()
    begin = end
    for piece in reversed(list(re.finditer(r"[^,]+", text[start:end]))):
        if _RELATIVE.match(piece.group()):
            whose = _WHOSE.match(piece.group())
            return start + piece.start() + (whose.end() if whose else 0), end
        if _FINITE.search(piece.group()) and begin != end and not _ASKS.match(piece.group()):
            break
        begin = start + piece.start()
    if not _ASKS.match(text[begin:end]):
        # "Four firms have bid and the winner" is a statement and the subject of the next.
        for conjunction in _AND.finditer(text, begin, end):
            if _FINITE.search(text, begin, conjunction.start()) and _words(text, (conjunction.end(), end)):
                begin = conjunction.end()
    return begin, end


def _after(text: str, start: int) -> Span:
    """What follows a phrase, to the end of its clause."""
    meanwhile = _MEANWHILE.match(text, start)
    start = meanwhile.end() if meanwhile else start
    boundary = _AFTER_END.search(text, start)
    return start, boundary.start() if boundary else len(text)


def _words(text: str, span: Span) -> bool:
    return any(word.lower() not in _HOLLOW for word in re.findall(r"\w{2,}", text[span[0] : span[1]]))


def _listed(text: str, region: Span) -> tuple[list[Span], bool, int]:
    """A region as attribute spans: the general phrase, then the items that a list under it names."""
    start, end = region
    if _ASKS.match(text[start:end]):
        return _trimmed(text, _clauses(text, start, end)), False, -1
    if _THAT.match(text[start:end]):
        return _trimmed(text, [(start, end)]), False, -1
    opened = _OPEN_LIST.search(text, start, end)
    closed = None if opened else _CLOSED_LIST.search(text, start, end)
    cut = opened or closed
    if cut is None:
        return _trimmed(text, _items(text, start, end)), False, -1
    general = _trimmed(text, _items(text, start, cut.start()))
    listed = _trimmed(text, _items(text, cut.end(), end))
    return [*general, *listed], opened is not None, len(general) if listed else -1


def _clauses(text: str, start: int, end: int) -> list[Span]:
    """Splits "how it works, who pays and what it costs, and the board regrets this" into its three questions."""
    statement = _NEXT_STATEMENT.search(text, start, end)
    end = statement.start() if statement else end
    if not _LAST_ASKS.search(text, start, end):
        return [(start, end)]
    spans = []
    for separator in _NEXT_ASKS.finditer(text, start + 1, end):
        spans.append((start, separator.start()))
        start = separator.end()
    return [*spans, (start, end)]


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
