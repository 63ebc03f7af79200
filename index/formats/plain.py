"""Plain text: the text stays as it is, and its structure is found by looking at its lines.

Covers headings, bullets and paragraphs, one to a line or wrapped over several lines. Not covered: tables drawn with
spaces, and anything that hangs on indentation alone. A heading is only claimed when its look and its place agree, since a
fact taken for a heading could not be cited.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.formats.decode import decode
from index.formats.extract import Extract, check_text
from index.formats.front_matter import parse
from index.lines import ends_sentence, heading_like, is_prose, is_upper_case, plain_heading_like, words
from index.source import Block
from index.wordings import credit_at_end

_BULLET = re.compile(r"([-*+•‣◦▪●·–]|\(?\d{1,3}[.)]|\(?[a-z]\)|\([ivx]+\))\s+(?=\S)")
_NUMBERED = re.compile(r"(?P<number>\d{1,2}(\.\d{1,2})*)[.)]?\s+(?=[A-Z\"“])")
_DIVISION = re.compile(
    r"(Article|Section|Chapter|Part|Annex|Schedule|Appendix)\s+(\d+|[IVXLC]+|[A-Z])\b(?!.*[.;,]$).{0,80}"
)
_HASHES = re.compile(r"(#{1,6})\s+(?=\S)")
_LOOK_AHEAD = 8
_RULE = re.compile(r"([-=*_~#])\1{2,}|([-*_] ){2,}[-*_]")


@dataclass(frozen=True)
class _Line:
    start: int
    text: str
    blank_before: bool
    blank_after: bool
    indent: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True)
class _Group:
    """One or more lines that make a block: several when a paragraph is wrapped."""

    lines: tuple[_Line, ...]
    underline: str = ""

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


def extract(data: bytes) -> Extract:
    """A text file, with front matter or without."""
    stated, text, edited = parse(decode(data))
    check_text(text)
    return Extract(text, find_blocks(text), stated, edited)


def find_blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a plain text: headings, list items, paragraphs."""
    groups = _groups(_lines(text))
    shouting = sum(is_upper_case(group.text) for group in groups) > max(len(groups) / 2, 1)
    top = next((i for i, group in enumerate(groups) if ends_sentence(group.text) and is_prose(group.text)), len(groups))
    blocks: list[Block] = []
    for i, group in enumerate(groups):
        previous = blocks[-1] if blocks else None
        level = _heading_level(groups, i, previous, i < top, shouting)
        start, end = group.lines[0].start, group.lines[-1].end
        bullet = _BULLET.match(group.lines[0].text)
        if level:
            hashes = _HASHES.match(group.text)
            blocks.append(Block("heading", start + (hashes.end() if hashes else 0), end, level))
        elif bullet:
            blocks.append(Block("item", start + bullet.end(), end))
        else:
            blocks.append(Block("paragraph", start, end))
    return tuple(blocks)


def _lines(text: str) -> list[_Line]:
    raw, offset = [], 0
    for line in text.split("\n"):
        raw.append((offset, line))
        offset += len(line) + 1
    blank = [True, *(not line.strip() for _, line in raw), True]
    lines = []
    for i, (start, line) in enumerate(raw, 1):
        if not blank[i]:
            indent = len(line) - len(line.lstrip())
            lines.append(_Line(start + indent, line.strip(), blank[i - 1], blank[i + 1], indent))
    return lines


def _groups(lines: Sequence[_Line]) -> list[_Group]:
    width = _wrap_width(lines)
    groups: list[list[_Line]] = []
    underlines: dict[int, str] = {}  # by the number of the group
    for line in lines:
        last, number = groups[-1] if groups else [], len(groups) - 1
        if _RULE.fullmatch(line.text):
            if len(last) == 1 and line.text[0] in "=-" and not line.blank_before and len(line.text) >= 3:
                underlines[number] = line.text[0]
        elif last and number not in underlines and _continues(last[-1], line, width):
            last.append(line)
        else:
            groups.append([line])
    return [_Group(tuple(group), underlines.get(number, "")) for number, group in enumerate(groups)]


def _wrap_width(lines: Sequence[_Line]) -> int:
    """The column at which the file's lines were broken, 0 when each line is a paragraph of its own."""
    pairs = [(a, b) for a, b in pairwise(lines) if not b.blank_before and not _BULLET.match(b.text)]
    wrapped = [(a, b) for a, b in pairs if len(a.text) >= 40 and b.text[0].islower() and not ends_sentence(a.text)]
    if not wrapped or len(wrapped) < 0.25 * len(pairs):
        return 0
    width = max(a.indent + len(a.text) for a, _ in wrapped)
    return width if width <= 130 else 0


def _continues(line: _Line, following: _Line, width: int) -> bool:
    """Whether `following` goes on where `line` was broken: its first word had no room left in `line`."""
    if not width or following.blank_before or _BULLET.match(following.text) or _HASHES.match(following.text):
        return False
    if following.text[0].islower() and not ends_sentence(line.text):
        return True
    return line.indent + len(line.text) + 1 + len(following.text.split()[0]) > width


def _heading_level(groups: Sequence[_Group], i: int, previous: Block | None, at_top: bool, shouting: bool) -> int:
    """The level of the heading that `groups[i]` is, or 0."""
    group = groups[i]
    text = group.text
    if len(group.lines) > 1:
        return 0
    if hashes := _HASHES.match(text):
        return len(hashes[1])
    if group.underline and len(words(text)) <= 16 and not is_prose(text):
        return 1 if group.underline == "=" else 2
    if i + 1 == len(groups) or credit_at_end(text) >= 0:
        return 0
    if _DIVISION.fullmatch(text) and len(words(text)) <= 12:
        return 2
    if depth := _numbered_heading(groups, i, at_top):
        return min(depth + 1, 6)
    if _BULLET.match(text):
        return 0
    top = 1 if previous is None else 2
    if heading_like(text) and not (is_upper_case(text) and shouting) and _body_follows(groups, i, at_top):
        return top
    return top if _opens_a_section(groups, i, previous) else 0


def _numbered_heading(groups: Sequence[_Group], i: int, at_top: bool) -> int:
    """The depth of a numbered heading ("2.1 Fees" is 2 deep), or 0: list items stand beside items, headings do not."""
    text = groups[i].text
    match = _NUMBERED.match(text)
    if match is None or len(words(text)) > 10 or ends_sentence(text[match.end() :]) or re.search(r"[,;:]$", text):
        return 0
    depth = match["number"].count(".") + 1
    for neighbour in (groups[i - 1].text if i else "", groups[i + 1].text):
        other = _NUMBERED.match(neighbour)
        if other and other["number"].count(".") + 1 == depth:
            return 0
    return depth if _body_follows(groups, i, at_top) else 0


def _body_follows(groups: Sequence[_Group], i: int, at_top: bool) -> bool:
    """Whether something that a heading can head comes after it, perhaps under further headings.

    At the top of a text, other short lines (a byline, a date, a caption) may stand between.
    """
    for group in groups[i + 1 : i + 1 + _LOOK_AHEAD]:
        text = group.text
        if ends_sentence(text) or is_prose(text) or _BULLET.match(text):
            return True
        if not (at_top or heading_like(text) or plain_heading_like(text)):
            return False
    return False


def _opens_a_section(groups: Sequence[_Group], i: int, previous: Block | None) -> bool:
    """Whether a short line in sentence case stands where only a heading would: after a full stop, before prose."""
    line, following = groups[i].lines[0], groups[i + 1]
    if not plain_heading_like(line.text) or not ends_sentence(following.text) or plain_heading_like(following.text):
        return False
    if i and not (ends_sentence(groups[i - 1].text) or (previous is not None and previous.kind == "heading")):
        return False
    return is_prose(following.text) if not (line.blank_after and line.blank_before) else len(words(following.text)) >= 5
