"""Text -> sentences -> passages.

Sentences come from `sentencex`, block by block, with corrections where it errs: it keeps text after a closing quote or
bracket in the sentence before, and cuts before "EDT" in "12:01 a.m. EDT". Passages are runs of whole sentences under
one heading, sized for the embedding model. Nothing here decides what a sentence says, finds blocks (`read.py`) or finds
furniture (`clean.py`). The abbreviations are English; other languages get sentencex's boundaries.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import sentencex

from index.source import Block, Passage, Sentence, Source

Span = tuple[int, int]

# Sizes are in estimated word pieces, see `pieces`: 120 is about 95 English words. The packaged model reads 256 pieces
# and each passage is encoded after its title and headings.
SENTENCE_LIMIT = 200
PASSAGE_TARGET = 120
PASSAGE_LIMIT = 210

# How far back a sentence is looked at where it may go on: a text without capitals is one long sentence.
_LOOK_BACK = 2_000

_BULLET = re.compile(r"(?:[-*+•–—·▪◦‣●○■□➢►]|\d{1,2}[.)]|\(?[a-z]\))\s+")
_SOMETHING = re.compile(r"[^\W_]")
_PIECE = re.compile(r"[a-zA-Z]{1,8}|\d{1,3}|[^\W\d_a-zA-Z]|[^\w\s]|_+")


def pieces(text: str) -> int:
    """Roughly how many word pieces a text is, rather too many than too few. Scripts without spaces: one a character."""
    return len(_PIECE.findall(text))


# --- sentences ---------------------------------------------------------------------------------------------------


def sentences(source: Source) -> list[Sentence]:
    """The sentences of a source, in order. Headings are not among them: they are the `headings` of what follows.

    No sentence crosses a block or a dropped span, and `text == source.text[start:end]` without surrounding space.
    """
    found: list[Sentence] = []
    above: list[Block] = []
    kept = _Kept(source)
    for number, block in enumerate(source.blocks):
        if block.kind == "heading":
            if any(True for _ in kept.parts(block)):
                above = [*(heading for heading in above if heading.level < block.level), block]
            continue
        headings = tuple(" ".join(source.text[heading.start : heading.end].split()) for heading in above)
        for part in kept.parts(block):
            for start, end in _cut(source.text, part, block.kind):
                found.append(
                    Sentence(
                        id=f"{source.id}#{start}-{end}",
                        source=source.id,
                        start=start,
                        end=end,
                        text=source.text[start:end],
                        headings=headings,
                        block=number,
                        kind=block.kind,
                    )
                )
    return found


class _Kept:
    """What cleaning left of a source's blocks."""

    def __init__(self, source: Source) -> None:
        self._dropped = sorted((dropped.start, dropped.end) for dropped in source.dropped)
        self._ends = [end for _, end in self._dropped]

    def parts(self, block: Block) -> Iterator[Span]:
        """The stretches of a block between dropped spans."""
        start = block.start
        for i in range(bisect_right(self._ends, block.start), len(self._dropped)):
            low, high = self._dropped[i]
            if low >= block.end:
                break
            if low > start:
                yield start, low
            start = max(start, high)
        if start < block.end:
            yield start, block.end


def _cut(text: str, part: Span, kind: str) -> Iterator[Span]:
    """The sentences of one stretch of a block, as spans of `text`."""
    offset = part[0]
    stretch = text[part[0] : part[1]]
    if kind == "item" and (bullet := _BULLET.match(stretch)):
        offset += bullet.end()
        stretch = stretch[bullet.end() :]
    ends, soft = ([], []) if kind == "row" else _ends(stretch)
    for start, end in _between(stretch, ends):
        for low, high in _capped(stretch, start, end, soft):
            if _SOMETHING.search(stretch, low, high):
                yield offset + low, offset + high


def _between(text: str, ends: Sequence[int]) -> Iterator[Span]:
    """The spans that cutting at `ends` leaves, without surrounding space."""
    for start, end in zip([0, *ends], [*ends, len(text)], strict=True):
        piece = text[start:end]
        low = start + len(piece) - len(piece.lstrip())
        high = start + len(piece.rstrip())
        if low < high:
            yield low, high


# Quotes, brackets and emphasis. sentencex never cuts between a pair of them, nor right after many; so it is shown the
# text without them, and cuts inside a pair are left out here. Not such a mark: an apostrophe or underscore within a
# word, and the brackets of "[1]", which sentencex knows as a note.
_MARK = re.compile(r"""[“”„«»"(){}「」『』《》*‘’'_]|\[(?!\d+\])|(?<!\d)\]""")
_CLOSERS = "”’\"')]}»」』》*_"
_PAIRS = {"”": "“„", "»": "«", "’": "‘", ")": "(", "]": "[", "}": "{", "」": "「", "』": "『", "》": "《"}
_OPENERS = frozenset("".join(_PAIRS.values()))
_SPACES = str.maketrans(dict.fromkeys("\n\r\t\f\v\xa0\u2028\u2029\u202f", " "))


def _ends(text: str) -> tuple[list[int], list[int]]:
    """Where sentences of a stretch end, and where sentences quoted within a sentence do (a run-on may be cut there)."""
    marks = [at for match in _MARK.finditer(text) if not _within_word(text, at := match.start())]
    bare = "".join(text[low + 1 : high] for low, high in zip([-1, *marks], [*marks, len(text)], strict=True))
    bare = bare.translate(_SPACES)
    shifts = [mark - i for i, mark in enumerate(marks)]  # in `bare`, what follows mark i begins at shifts[i]
    quoted = _quoted(text, marks)
    ends: list[int] = []
    soft: list[int] = []
    for boundary in sentencex.get_sentence_boundaries("en", bare)[:-1]:
        last = boundary["end_index"] - 1
        while last >= 0 and bare[last].isspace():
            last -= 1
        if last < 0:
            continue
        end = last + bisect_right(shifts, last) + 1
        while end < len(text) and text[end] in _CLOSERS:
            end += 1
        if _inside(quoted, end):
            soft.append(end)
        elif not _joined(
            text[max(ends[-1] if ends else 0, end - _LOOK_BACK) : end].lstrip(), text[end : end + 80].lstrip()
        ):
            ends.append(end)
    return ends, soft


def _within_word(text: str, at: int) -> bool:
    """Whether an apostrophe or underscore stands between two letters or digits."""
    return text[at] in "’'‘_" and 0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalnum()


def _quoted(text: str, marks: Sequence[int]) -> list[Span]:
    """The spans between paired quotes or brackets: (position of the opening mark, of the closing one).

    A straight quote opens where a word begins and closes elsewhere; some texts open with one kind and close with
    the other, so straight and curly double quotes pair.
    """
    found: list[Span] = []
    waiting: dict[str, int] = {}
    for at in marks:
        mark = text[at]
        opens = mark in _OPENERS
        if mark in "\"'":
            word_after = text[at + 1 : at + 2].isalpha() or (mark == '"' and text[at + 1 : at + 2].strip() != "")
            opens = word_after and (
                at == 0 or text[at - 1].isspace() or text[at - 1] in _OPENERS or text[at - 1] in "—–"
            )
        if opens:
            waiting[_family(mark)] = at
        elif (start := waiting.pop(_family(mark), None)) is not None:
            found.append((start, at))
    return _merged(found)


def _merged(spans: Sequence[Span]) -> list[Span]:
    """The same characters in spans that are in order and do not overlap."""
    merged: list[Span] = []
    for low, high in sorted(spans):
        if merged and low <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], high)
        else:
            merged.append((low, high))
    return merged


def _inside(spans: Sequence[Span], end: int) -> bool:
    """Whether a sentence that ends at `end` ends within one of these spans, which are in order."""
    i = bisect_left(spans, (end,)) - 1
    return i >= 0 and spans[i][0] < end <= spans[i][1]


@cache
def _family(mark: str) -> str:
    """One name for the marks that pair with each other."""
    if mark in '“„”"':
        return '"'
    if mark in "‘’'":
        return "'"
    return _PAIRS.get(mark, mark)


_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s\d"
_SAID = r"(?:said|says|asked|asks|wrote|writes|added|adds|told|replied|commented|argued|wondered|exclaimed|continued)"
# (how the text before a cut ends, how the text after it begins): where both match, there is no sentence end.
_JOINS = tuple(
    (re.compile(before), re.compile(after))
    for before, after in (
        # "12:01 a.m. EDT on Sept. 21", "5 p.m. Monday", "5 p.m. Beijing time"
        (
            r"\b[ap]\.m\.$",
            rf"(?:UTC|GMT|[A-Z]{{0,3}}[SD]T|[ECMP]T|{_WEEKDAY}|{_MONTH}|(?:[A-Z]\w+\s){{1,2}}[Tt]ime)\b",
        ),
        # "vol. 2", "para. 9"
        (
            r"\b(?i:vol|para|paras|pp?|ch|cl|ref|ver|ext|tel|eq|app|regs?|subpara|sub|approx|ca|min|max|nos?|arts?|secs?"
            r"|figs?|pt|pts|stat|pub|ed)\.$",
            r"\d",
        ),
        # "It has three parts: 1. The fee; 2. The form."
        (r"(?:^|[:;]\s+)\(?(?:\d{1,2}|[a-z])[.)]$", r""),
        # “Why bring them in?” Smith asked.
        (r"[?!][”’\"']+$", rf"(?:[\w.’'-]+\s){{1,4}}{_SAID}\b"),
    )
)
_CONTINUES = re.compile(r"[a-z](?![a-z]*[A-Z])")  # but "iPhone" and "eBay" begin sentences


def _joined(before: str, after: str) -> bool:
    """Whether two stretches that sentencex parts are one sentence."""
    if _CONTINUES.match(after) and before != before.lower():
        return True
    tail = before[-40:]
    return any(left.search(tail) and right.match(after) for left, right in _JOINS)


# Where a run-on may be cut, best first.
_BREAKS = tuple(re.compile(pattern) for pattern in (r"\n\s*", r";\s+", r",\s+|\s[—–]\s", r"\s+"))


def _capped(text: str, start: int, end: int, soft: Sequence[int]) -> Iterator[Span]:
    """A sentence, cut near its middle until each part is within `SENTENCE_LIMIT`."""
    if end - start <= SENTENCE_LIMIT or pieces(text[start:end]) <= SENTENCE_LIMIT:
        yield start, end
        return
    middle = _middle(text, start, end, soft)
    for low, high in _between(text[start:end], [middle - start]):
        yield from _capped(text, start + low, start + high, soft)


def _middle(text: str, start: int, end: int, soft: Sequence[int]) -> int:
    """The best place to cut a run-on: nearest its middle among the best kind of place there is."""
    margin = (end - start) // 5
    low, high, half = start + margin, end - margin, (start + end) // 2
    within = soft[bisect_left(soft, low) : bisect_right(soft, high)]
    if within:
        return min(within, key=lambda at: abs(at - half))
    for pattern in _BREAKS:
        if places := [match.end() for match in pattern.finditer(text, low, high)]:
            return min(places, key=lambda at: abs(at - half))
    return half


# --- passages ----------------------------------------------------------------------------------------------------

# What it costs to end a passage somewhere, beside missing the target size by 100 % (which costs 1).
_INSIDE_PARAGRAPH = 0.1
_INSIDE_LIST = 0.2
_AFTER_LEAD_IN = 4.0


def passages(source: Source, found: Sequence[Sentence], first_index: int = 0) -> list[Passage]:
    """The passages of a source, in order: every sentence in exactly one, none across a heading or a dropped span.

    `first_index` is the index of the first sentence in the generation's sentence table.
    """
    walls = sorted(
        [block.start for block in source.blocks if block.kind == "heading"]
        + [dropped.start for dropped in source.dropped if dropped.start < dropped.end]
    )
    made: list[Passage] = []
    for low, high in _sections(found, walls):
        for first, last in _sized(found, low, high):
            start, end = found[first].start, found[last - 1].end
            made.append(
                Passage(
                    id=f"{source.id}@{start}-{end}",
                    source=source.id,
                    start=start,
                    end=end,
                    text=source.text[start:end],
                    headings=found[first].headings,
                    sentences=tuple(range(first_index + first, first_index + last)),
                )
            )
    return made


def _sections(found: Sequence[Sentence], walls: Sequence[int]) -> Iterator[Span]:
    """Runs of sentences with no wall between them."""
    first = 0
    for i in range(1, len(found) + 1):
        if i == len(found) or bisect_left(walls, found[i - 1].end) < bisect_right(walls, found[i].start):
            yield first, i
            first = i


def _sized(found: Sequence[Sentence], low: int, high: int) -> Iterable[Span]:
    """Cut a section into passages near `PASSAGE_TARGET`: the cheapest cut, by dynamic programming.

    Longer than `PASSAGE_LIMIT` is only a single sentence.
    """
    sizes = [pieces(found[i].text) for i in range(low, high)]
    best: list[tuple[float, int]] = [(0.0, 0)]  # for each number of sentences taken: the cost, the last passage's start
    for end in range(1, len(sizes) + 1):
        cost_here = _cost_of_ending(found, low + end, high)
        options: list[tuple[float, int]] = []
        size = 0
        for start in range(end - 1, -1, -1):
            size += sizes[start]
            if size > PASSAGE_LIMIT and start < end - 1:
                break
            miss = size / PASSAGE_TARGET - 1
            options.append((best[start][0] + miss * miss + cost_here, start))
        best.append(min(options))
    cuts = []
    end = len(sizes)
    while end:
        start = best[end][1]
        cuts.append((low + start, low + end))
        end = start
    return reversed(cuts)


def _cost_of_ending(found: Sequence[Sentence], end: int, high: int) -> float:
    """What it costs to end a passage before sentence `end`, by what it tears apart."""
    if end == high:
        return 0.0
    before, after = found[end - 1], found[end]
    if before.block == after.block:
        return _INSIDE_PARAGRAPH
    if after.kind in ("item", "row") and before.kind == after.kind:
        return _INSIDE_LIST
    if before.text.endswith((":", "：")):
        return _AFTER_LEAD_IN
    return 0.0
