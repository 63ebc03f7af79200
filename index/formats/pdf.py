"""PDF -> paragraphs: lines joined, hyphenation undone, running heads and page numbers gone.

A PDF holds glyphs at places, no structure: paragraphs are told by gaps and line lengths, headings by size and weight. Not
covered: scans (there is no text in them), tables (their cells come out as lines), and columns that the file does not hold in
reading order.
"""

import io
import logging
import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, LimitReachedError, PyPdfError

from index.errors import SourceError
from index.formats.extract import Extract, Piece, assemble, normalise, squeeze
from index.lines import ends_sentence, heading_like, is_labelled, is_prose, plain_heading_like, words

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns of every small irregularity; we report what matters

_MOST_PAGES = 3_000
_MOST_STEPS = 500_000
_MOST_ON_PAGE = 30_000
_SHOWING = (b"Tj", b"TJ", b"'", b'"')
_EDGE_LINES = 2
_TITLE_SIZE = 1.4  # times the usual size
_RECURS = 3
_LONGEST_WORD = 60
_LONGEST_LINE = 500
_SAME_LINE = 0.35  # of the font size: a bullet or a table cell stands so near the height of its text
_PAGE_NUMBER = re.compile(r"[-–—\s]*(page\s+)?(\d{1,4}|[ivxl]{1,6})(\s*(/|of)\s*\d{1,4})?[-–—\s]*", re.IGNORECASE)
_CONTENTS = re.compile(r".*(\.\s?){5,}\s*(\d{1,4}|[ivxl]{1,6})")
_BULLET = re.compile(r"([-*•‣◦▪●·–]|\(?\d{1,2}[.)]|\([a-z]\))\s+(?=\S)")
_BULLET_GLYPHS = re.compile("[\x7f\uf0a7\uf0b7]")  # as fonts of bullets alone encode them
_FILE_TITLE = re.compile(
    r"untitled|document\d*|microsoft word.*|.*\.(docx?|pdf|indd|tex|odt|pages)|\(?anonymous\)?", re.IGNORECASE
)


@dataclass(frozen=True)
class _Line:
    text: str
    page: int
    y: float
    size: float
    bold: bool


def extract(data: bytes) -> Extract:
    """A PDF. Raises SourceError when it is encrypted, damaged, or holds no text."""
    if not data.strip():
        raise SourceError("is empty; save the document again or remove it")
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise SourceError("is encrypted; save a copy without a password")
        if len(reader.pages) > _MOST_PAGES:
            raise SourceError(f"has {len(reader.pages):,} pages; split it into files of at most {_MOST_PAGES:,}")
        work = _Work()
        pages = [_page_lines(page, number, work) for number, page in enumerate(reader.pages)]
        title = _title(reader) or _largest(pages)
    except DependencyError as error:
        raise SourceError("is encrypted; save a copy without encryption") from error
    except LimitReachedError as error:
        raise SourceError(
            f"unpacks to an absurd size or runs in circles ({squeeze(str(error))}); check where it is from"
        ) from error
    except (PyPdfError, RecursionError) as error:
        raise SourceError("is a damaged PDF; open it in a viewer and save or print it to a new PDF") from error
    lines = [line for page in _without_running_lines(pages) for line in page]
    if not lines:
        raise SourceError("holds no text (a scan?); make it readable first, for example with: ocrmypdf in.pdf out.pdf")
    text, blocks = assemble(_pieces(lines))
    return Extract(text, blocks, {"title": title} if title else {})


def _title(reader: PdfReader) -> str:
    title = squeeze(normalise(str((reader.metadata.title if reader.metadata else "") or "")))
    return "" if _FILE_TITLE.fullmatch(title) or len(words(title)) < 2 or "\ufffd" in title else title


def _largest(pages: Sequence[Sequence[_Line]]) -> str:
    """The lines in the largest type of the first page with text, when they stand out as a title does; else ""."""
    page = next((page for page in pages if page), [])
    size = max((line.size for line in page), default=0.0)
    title = " ".join(line.text for line in page if line.size == size)
    usual = _most_common_size([line for page in pages for line in page]) if page else 0.0
    return title if size > _TITLE_SIZE * usual and 1 <= len(words(title)) <= 25 else ""


class _Work:
    """Counts the steps in which pages are drawn: a small file may repeat them without end.

    The time that pypdf takes for the text of one page grows with the square of its length (7.1).
    """

    def __init__(self) -> None:
        self._done = self._on_page = 0

    def begin_page(self) -> None:
        self._on_page = 0

    def visit(self, operator: bytes, *_: object) -> None:
        """One step more. Raises SourceError where there are too many."""
        self._done += 1
        self._on_page += operator in _SHOWING
        if self._done > _MOST_STEPS:
            raise SourceError(f"draws its pages in more than {_MOST_STEPS:,} steps; split it")
        if self._on_page > _MOST_ON_PAGE:
            raise SourceError(f"has a page that holds more than {_MOST_ON_PAGE:,} pieces of text; save it as text")


def _page_lines(page: PageObject, number: int, work: _Work) -> list[_Line]:
    """The lines of a page with their height on it, font size and weight, in the order of the file."""
    lines: list[_Line] = []
    parts: list[tuple[str, float, float, bool]] = []

    def close() -> None:
        text = squeeze(normalise(_BULLET_GLYPHS.sub("• ", "".join(part for part, *_ in parts))))
        if text:
            shown = [part for part in parts if part[0].strip()]
            widths = Counter[float]()
            for part, _, size, _bold in shown:
                widths[size] += len(part)
            bold = all(part[3] for part in shown)
            line = _Line(text, number, shown[0][1], widths.most_common(1)[0][0], bold)
            if lines and abs(lines[-1].y - line.y) < _SAME_LINE * line.size:
                line = replace(line, text=f"{lines.pop().text} {text}")
            lines.append(line)
        parts.clear()

    def visit(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        y = _height(tm, cm)
        scale = (abs(tm[3]) or abs(tm[1]) or 1.0) * (abs(cm[3]) or abs(cm[1]) or 1.0)
        name = str((font or {}).get("/BaseFont", "")).lower() if font else ""
        for i, part in enumerate(text.split("\n")):
            if i:
                close()
            if part:
                parts.append((part, y, round(size * scale, 1), "bold" in name or "black" in name or "heavy" in name))

    work.begin_page()
    page.extract_text(visitor_text=visit, visitor_operand_before=work.visit)
    close()
    return lines


def _height(tm: Sequence[float], cm: Sequence[float]) -> float:
    """How high a text stands on its page, seen by one who holds the page so that the text reads from left to right."""
    along = tm[0] * cm[0] + tm[1] * cm[2], tm[0] * cm[1] + tm[1] * cm[3]
    x, y = tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
    if abs(along[1]) <= abs(along[0]):
        return y
    return -x if along[1] > 0 else x


def _without_running_lines(pages: Sequence[Sequence[_Line]]) -> list[list[_Line]]:
    """The pages without heads, feet, page numbers and lines of a table of contents.

    A head or foot is a line at an edge that recurs, but for figures, on half the pages, or on three as the outermost.
    """
    edges = [{_shape(line.text) for line in _edge(page)} for page in pages]
    counts = Counter(shape for edge in edges for shape in edge)
    least = max(2, (len(pages) + 1) // 2)
    outermost = Counter(_shape(line.text) for page in pages for line in _outermost(page))
    recurring = {shape for shape in counts if counts[shape] >= least or outermost[shape] >= _RECURS}
    kept = []
    for page in pages:
        edge = _edge(page)
        kept.append(
            [
                line
                for line in page
                if not (line in edge and (_shape(line.text) in recurring or _PAGE_NUMBER.fullmatch(line.text)))
                and not _CONTENTS.fullmatch(line.text[:_LONGEST_LINE])
            ]
        )
    return kept


def _outermost(page: Sequence[_Line]) -> list[_Line]:
    by_height = sorted(page, key=lambda line: line.y)
    return [*by_height[:1], *by_height[1:][-1:]]


def _edge(page: Sequence[_Line]) -> list[_Line]:
    """The outermost lines of a page, in the order of the file or by height: some writers put the foot first."""
    by_height = sorted(page, key=lambda line: line.y)
    return [*page[:_EDGE_LINES], *page[-_EDGE_LINES:], *by_height[:_EDGE_LINES], *by_height[-_EDGE_LINES:]]


def _shape(text: str) -> str:
    return re.sub(r"\d+", "#", text.casefold())


def _pieces(lines: Sequence[_Line]) -> list[Piece]:
    body_size = _most_common_size(lines)
    gap = _usual_gap(lines)
    width = statistics.quantiles([len(line.text) for line in lines], n=10)[8] if len(lines) > 1 else 0.0
    vocabulary = Counter(word for line in lines for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", line.text.lower()))
    groups: list[list[_Line]] = []
    for line in lines:
        if groups and _goes_on(groups[-1], line, gap, width, body_size):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [
        _piece(group, _joined([line.text for line in group], vocabulary), body_size, i == 0)
        for i, group in enumerate(groups)
    ]


def _most_common_size(lines: Sequence[_Line]) -> float:
    sizes = Counter[float]()
    for line in lines:
        sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0]


def _usual_gap(lines: Sequence[_Line]) -> float:
    """The distance between two lines of one paragraph: the most common one, 0 where the file tells no heights."""
    gaps = Counter(round(a.y - b.y, 1) for a, b in pairwise(lines) if a.page == b.page and a.y > b.y)
    return gaps.most_common(1)[0][0] if gaps else 0.0


def _goes_on(group: Sequence[_Line], line: _Line, gap: float, width: float, body_size: float) -> bool:
    """Whether `line` belongs to the paragraph that `group` holds so far."""
    last = group[-1]
    if (
        _BULLET.match(line.text)
        or abs(line.size - last.size) > 0.6
        or (line.bold != last.bold and _stands_out(last, body_size))
    ):
        return False
    mid_sentence = not ends_sentence(last.text) and not last.text.endswith(":")
    if last.page != line.page:
        return mid_sentence and (line.text[0].islower() or last.text.endswith("-")) and not _stands_out(last, body_size)
    step = last.y - line.y
    if gap and step > 0:
        if step > 1.3 * max(gap, line.size if gap < line.size else gap):
            return False
        if _stands_out(last, body_size) and line.bold == last.bold:
            return True
    if is_labelled(last.text) and is_labelled(line.text) and len(last.text) < 0.8 * width:
        return False
    filled = len(last.text) + 1 + len(line.text.split()[0])
    return filled >= 0.8 * width or (filled >= 0.5 * width and mid_sentence and line.text[0].islower())


def _stands_out(line: _Line, body_size: float) -> bool:
    return line.size > 1.12 * body_size or (line.bold and not is_prose(line.text))


def _joined(texts: Sequence[str], vocabulary: Counter[str]) -> str:
    """Lines as one; a hyphen at a line's end goes, unless the document writes that word with it elsewhere."""
    joined = [texts[0]]
    for text in texts[1:]:
        last = joined[-1]
        head, tail = re.search(r"([^\W\d_]+)-$", last[-_LONGEST_WORD:]), re.match(r"[^\W\d_]+", text)
        if head and tail and text[0].islower():
            whole, hyphened = (head[1] + tail[0]).lower(), f"{head[1]}-{tail[0]}".lower()
            joined[-1] = last if vocabulary[hyphened] > vocabulary[whole] else last[:-1]
        elif not last.endswith(("-", "–", "/")) or last.endswith((" -", " –")):
            joined.append(" ")
        joined.append(text)
    return "".join(joined)


def _piece(group: Sequence[_Line], text: str, body_size: float, first: bool) -> Piece:
    bullet = _BULLET.match(text)
    short = len(words(text)) <= 16 and not (ends_sentence(text) and not text.endswith("?")) and not is_labelled(text)
    size = group[0].size
    if short and size > 1.12 * body_size:
        return Piece("heading", text, 1 if first or size > 1.5 * body_size else 2)
    bold = all(line.bold for line in group)
    if short and bold and (heading_like(text) or plain_heading_like(text) or re.match(r"\d+(\.\d+)*\.?\s+[A-Z]", text)):
        return Piece("heading", text, 3)
    return Piece("item", text[bullet.end() :]) if bullet else Piece("paragraph", text)
