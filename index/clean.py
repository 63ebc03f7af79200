"""Finds site furniture in a text: what the page says about itself and to its reader, and not about the subject.

Nothing is rewritten: a finding is a span to leave out, with a reason an editor can judge. Three kinds of evidence:

- the wording of a whole line ("Sign up to read this article"), never a part of a sentence;
- the place: short lines before the first and after the last running text are judged by their company;
- repetition: of the title, or of a label at the head.

A sentence about signing up, downloading or subscribing is content and stays; so do facts in one line, headings with text
under them, and lists that are not furniture throughout. In a text that an editor prepared (`edited`) only wording counts.
Not covered: furniture in languages other than English, teasers written as long sentences, readers' comments.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from index.lines import ends_sentence, has_finite_verb, is_labelled, is_name_like, is_prose, words
from index.source import Block, Dropped
from index.wordings import (
    ACCOUNT,
    ADVERT,
    BYLINE,
    CALL,
    COMMENTS,
    CONTROL,
    COOKIES,
    LINKS,
    PROMOTION,
    SECTIONS,
    TAGS,
    credit_at_end,
    is_credit,
    names_agency,
    wording,
)

CREDIT = "photo credit"
COOKIE_NOTICE = "cookie notice"
PROMOTED = "advertises the site"
LABEL = "byline or section label"
TITLE = "repeats the title"

# A heading with such words may head text ("Subscribe": how to join a scheme), so what follows it decides.
_MAY_HEAD_TEXT = (ACCOUNT, CALL)
_TRUSTED_IN_EDITED = (ACCOUNT, CALL, COMMENTS, ADVERT, CONTROL, CREDIT)
_DUTY_OR_SUM = re.compile(
    r"\b(must|shall|may|required?|applicants?|applications?|eligible)\b|[£€¥$]\s?\d", re.IGNORECASE
)
_EDGE_BLOCKS = 3
_NEAR = 3
_LONGEST_LINK = 25
_LONGEST_PROMOTION = 250
_TITLE_WORDS = 4
_LONGEST_COOKIE_NOTICE = 60


@dataclass(frozen=True)
class _Line:
    """A block, its text, and whether it is running text or speaks, thickly for its length, of reading and memberships."""

    block: Block
    text: str
    is_prose: bool
    is_promotion: bool


def clean(text: str, blocks: Sequence[Block], *, title: str = "", edited: bool = False) -> tuple[Dropped, ...]:
    """The spans of `text` that are site furniture, in order, each within one of `blocks`.

    `title` is the document's title where it states one. `edited` texts are taken at their word: only lines whose wording
    leaves no doubt are dropped from them.
    """
    lines = _lines(text, blocks)
    reasons = _by_wording(lines)
    if edited:
        reasons = {i: reason for i, reason in reasons.items() if reason in _TRUSTED_IN_EDITED}
    _reprieve(lines, reasons)
    if not edited:
        _add(reasons, _cookie_notices(lines))
        _add(reasons, _listed_links(lines, reasons))
        _add(reasons, _promotion(lines, reasons))
        _add(reasons, _head_labels(lines, reasons, title))
        _add(reasons, _repeated_titles(lines, reasons, title))
    whole = [Dropped(lines[i].block.start, lines[i].block.end, reason) for i, reason in reasons.items()]
    tails = [span for i, line in enumerate(lines) if i not in reasons for span in _credit_tail(line)]
    return tuple(sorted(whole + tails, key=lambda span: span.start))


def _lines(text: str, blocks: Sequence[Block]) -> list[_Line]:
    """The blocks as lines. A word that the running text uses as well is the subject's, and promotes nothing."""
    texts = [text[block.start : block.end] for block in blocks]
    subject = {
        word.lower()
        for block_text in texts
        if is_prose(block_text) and not re.search(r"\byour?\b", block_text, re.IGNORECASE)
        for word in PROMOTION.findall(block_text)
    }
    lines = []
    for block, block_text in zip(blocks, texts, strict=True):
        promotes = _promotes(block_text, subject)
        lines.append(_Line(block, block_text, is_prose(block_text) and not promotes, promotes))
    return lines


def _promotes(text: str, subject: set[str]) -> bool:
    if len(text) > _LONGEST_PROMOTION or _DUTY_OR_SUM.search(text):
        return False
    count = len(words(text))
    found = sum(word.lower() not in subject for word in PROMOTION.findall(text))
    if not found or count > 25:
        return False
    return found >= 3 or (found == 2 and count <= 16) or count <= 5 or "your" in text.lower()


def _add(reasons: dict[int, str], found: Iterator[tuple[int, str]]) -> None:
    for i, reason in list(found):
        reasons.setdefault(i, reason)


def _by_wording(lines: Sequence[_Line]) -> dict[int, str]:
    """Lines that are furniture by their own words; a byline only where bylines stand, before the running text."""
    reasons: dict[int, str] = {}
    sentence = next((i for i, line in enumerate(lines) if ends_sentence(line.text)), 0)
    first_prose = next((i for i, line in enumerate(lines) if line.is_prose), sentence)
    for i, line in enumerate(lines):
        if line.block.kind == "row":
            continue
        reason = wording(line.text)
        if reason in (LINKS, TAGS) and ends_sentence(line.text):
            continue
        if reason and (reason != BYLINE or i < first_prose or "ing by " in line.text):
            reasons[i] = reason
        elif _is_credit(lines, i):
            reasons[i] = CREDIT
    return reasons


def _is_credit(lines: Sequence[_Line], i: int) -> bool:
    """Whether a whole line credits a picture; beside other labelled lines it is a fact ("Photo: Two Copies")."""
    text = lines[i].text
    if not is_credit(text):
        return False
    near = lines[max(0, i - _NEAR) : i + _NEAR + 1]
    beside_facts = any(is_labelled(line.text) and not is_credit(line.text) and not line.is_prose for line in near)
    return names_agency(text) or not beside_facts


def _credit_tail(line: _Line) -> Iterator[Dropped]:
    """The credit at the end of a caption; the caption stays."""
    start = credit_at_end(line.text) if line.block.kind in ("paragraph", "item") else -1
    if start > 0:
        yield Dropped(line.block.start + start, line.block.end, CREDIT)


def _cookie_notices(lines: Sequence[_Line]) -> Iterator[tuple[int, str]]:
    """Cookie notices at an edge of a document that speaks of cookies nowhere else."""
    found = [i for i, line in enumerate(lines) if "cookie" in line.text.lower()]
    edges = {*range(_EDGE_BLOCKS), *range(len(lines) - _EDGE_BLOCKS, len(lines))}
    if not found or not edges.issuperset(found) or len(lines) <= 2 * len(found):
        return
    for i in edges & set(range(len(lines))):
        text = lines[i].text
        if len(words(text)) <= _LONGEST_COOKIE_NOTICE and COOKIES.fullmatch(text.rstrip(".! ")):
            yield i, COOKIE_NOTICE


def _reprieve(lines: Sequence[_Line], reasons: dict[int, str]) -> None:
    """Takes back what its surroundings show to be content: a heading with text under it, a step in a list of steps."""
    for i in [i for i, reason in reasons.items() if reason in _MAY_HEAD_TEXT and lines[i].block.kind == "heading"]:
        if i + 1 < len(lines) and i + 1 not in reasons and _is_body(lines[i + 1]):
            del reasons[i]
    for is_list, group in groupby(range(len(lines)), key=lambda i: lines[i].block.kind == "item"):
        members = list(group)
        if is_list and not all(i in reasons or lines[i].is_promotion for i in members):
            for i in members:
                reasons.pop(i, None)


def _is_body(line: _Line) -> bool:
    return line.is_prose or (line.block.kind in ("item", "row") and not line.is_promotion)


def _listed_links(lines: Sequence[_Line], reasons: dict[int, str]) -> Iterator[tuple[int, str]]:
    """The short lines under a heading that announces links or comments, up to the next running text or the end.

    The last line before running text stays when it is a heading: it heads that text.
    """
    for i, reason in reasons.items():
        if reason not in (LINKS, COMMENTS):
            continue
        why = f"list of links under {lines[i].text!r}" if reason == LINKS else "under the heading of readers' comments"
        end = i + 1
        while (
            end < len(lines) and reasons.get(end) not in (LINKS, COMMENTS) and (end in reasons or _is_link(lines[end]))
        ):
            end += 1
        if end < len(lines) and end not in reasons and end - 1 > i and lines[end - 1].block.kind == "heading":
            end -= 1
        yield from ((j, why) for j in range(i + 1, end))


def _is_link(line: _Line) -> bool:
    """Whether a line could be the label of a link: short, no sentence, no fact, no table."""
    text = line.text
    if line.block.kind == "row" or len(words(text)) > _LONGEST_LINK or (is_labelled(text) and re.search(r"\d", text)):
        return False
    return line.is_promotion or not (ends_sentence(text) and (has_finite_verb(text) or is_prose(text)))


def _promotion(lines: Sequence[_Line], reasons: dict[int, str]) -> Iterator[tuple[int, str]]:
    """Lines that advertise reading beside a call to action, before the first or after the last running text."""
    prose = [i for i, line in enumerate(lines) if line.is_prose and i not in reasons]
    if not prose:
        return
    calls = [i for i, reason in reasons.items() if reason in (ACCOUNT, CALL, LINKS)]
    last_at_head = max((i for i in calls if i < prose[0]), default=0)
    first_at_tail = min((i for i in calls if i > prose[-1]), default=len(lines))
    for i in (*range(last_at_head), *range(first_at_tail, len(lines))):
        if lines[i].is_promotion and lines[i].block.kind != "row":
            yield i, PROMOTED


def _head_labels(lines: Sequence[_Line], reasons: dict[int, str], title: str) -> Iterator[tuple[int, str]]:
    """Publisher, section and author alone on lines above the title, in a text that shows other signs of a scraped page."""
    head: dict[int, str] = {}
    for i, line in enumerate(lines):
        if i in reasons:
            continue
        if line.block.kind in ("item", "row") or ends_sentence(line.text) or line.is_prose:
            break
        head[i] = _key(line.text)
    keys = list(head.values())
    longest = max(keys, key=lambda key: len(words(key)), default="")
    the_title = _key(title) if _key(title) in keys else longest if len(words(longest)) >= _TITLE_WORDS else ""
    if not the_title or not (reasons or len(set(keys)) < len(keys)):
        return
    last_title = max(i for i, key in head.items() if key == the_title)
    for i, key in head.items():
        if key != the_title and is_name_like(lines[i].text) and (i < last_title or key in SECTIONS):
            yield i, LABEL


def _repeated_titles(lines: Sequence[_Line], reasons: dict[int, str], title: str) -> Iterator[tuple[int, str]]:
    """Lines that say the title again, after the first that does."""
    kept = [(i, line, _key(line.text)) for i, line in enumerate(lines) if i not in reasons and line.block.kind != "row"]
    wanted = _key(title)
    if wanted not in (key for _, _, key in kept):
        wanted = next((key for _, line, key in kept if line.block.kind == "heading"), "")
    yield from [(i, TITLE) for i, _, key in kept if key == wanted and wanted][1:]


def _key(text: str) -> str:
    return " ".join(text.casefold().split())
