"""Word (.docx) -> headings, paragraphs, list items and table rows, in document order.

Inserted text counts, deleted text does not. Not covered: text boxes, footnotes, headers and footers, and the old .doc format.
"""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from index.errors import SourceError
from index.formats.extract import Extract, Piece, assemble, broken_lines, rows, squeeze
from index.lines import heading_like

_LARGEST_UNPACKED = 300_000_000
_LARGEST_RATIO = 200
_SMALL_PART = 5_000_000
_LARGEST_SPAN = 40
_DEEPEST_STYLE = 20
_TEXTS = tuple(qn(name) for name in ("w:t", "w:tab", "w:br", "w:cr", "w:noBreakHyphen"))


def extract(data: bytes) -> Extract:
    """A Word file. Raises SourceError when it is encrypted, no Word file, or unpacks to an absurd size."""
    _check(data)
    document = docx.Document(io.BytesIO(data))
    text, blocks = assemble(_pieces(document, document.element.body, _Styles()))
    title = squeeze(document.core_properties.title or "")
    return Extract(text, blocks, {"title": title} if title else {})


def _check(data: bytes) -> None:
    if not data.strip():
        raise SourceError("is empty; save the document again or remove it")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise SourceError("is encrypted, or in the old .doc format; save it as .docx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise SourceError(
            "is no Word file, or a damaged one; open it in a word processor and save it as .docx"
        ) from error
    if not any(part.filename == "word/document.xml" for part in parts) and not any(
        "document" in p.filename for p in parts
    ):
        raise SourceError("is a zip archive without a Word document in it; save the document as .docx")
    for part in parts:
        if part.file_size > _SMALL_PART and part.file_size > _LARGEST_RATIO * max(part.compress_size, 1):
            raise SourceError(
                f"unpacks {part.filename!r} to {part.file_size:,} bytes, like a zip bomb; check where it is from"
            )
    if sum(part.file_size for part in parts) > _LARGEST_UNPACKED:
        raise SourceError(f"unpacks to more than {_LARGEST_UNPACKED:,} bytes; split it, or save it as text")


class _Styles:
    """The styles of a document, each looked up once: python-docx goes through all of them for every paragraph."""

    def __init__(self) -> None:
        self._known: dict[str | None, tuple[tuple[str, bool | None], ...]] = {}

    def of(self, paragraph: Paragraph) -> tuple[tuple[str, bool | None], ...]:
        """The name and numbering of the paragraph's style and of those under it, which may run in a circle."""
        key = paragraph._p.style
        if key not in self._known:
            found: list[tuple[str, bool | None]] = []
            style: Any = paragraph.style
            while style is not None and len(found) < _DEEPEST_STYLE:
                found.append(((style.name or "").lower(), _numbering(style.element.pPr)))
                style = style.base_style
            self._known[key] = tuple(found)
        return self._known[key]


def _pieces(document: Document, container: Any, styles: _Styles) -> Iterator[Piece]:
    for element in container.iterchildren():
        if element.tag == qn("w:p"):
            yield from _paragraph(Paragraph(element, document), styles)
        elif element.tag == qn("w:tbl"):
            yield from rows(*_table(Table(element, document)))
        elif element.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml"), qn("w:smartTag")):
            yield from _pieces(document, element, styles)


def _paragraph(paragraph: Paragraph, styles: _Styles) -> Iterator[Piece]:
    text = _text(paragraph._p)
    level, is_item = _style(paragraph, styles)
    if level:
        yield Piece("heading", squeeze(text), level)
    else:
        lines = broken_lines(text)
        if len(lines) == 1 and not is_item and _is_bold(paragraph) and heading_like(lines[0]):
            yield Piece("heading", lines[0], 6)
        else:
            for i, line in enumerate(lines):
                yield Piece("item" if is_item and i == 0 else "paragraph", line)


def _text(element: Any) -> str:
    """The text of a paragraph, insertions and link labels included, text boxes left out."""
    parts = []
    boxed = {node for box in element.iter(qn("w:txbxContent")) for node in box.iter(*_TEXTS)}
    for node in element.iter(*_TEXTS):
        if node in boxed or node.getparent().tag != qn("w:r"):
            continue
        parts.append({"t": node.text or "", "tab": " ", "noBreakHyphen": "-"}.get(node.tag.rpartition("}")[2], "\n"))
    return "".join(parts)


def _style(paragraph: Paragraph, styles: _Styles) -> tuple[int, bool]:
    """The heading level of a paragraph (0 for none) and whether it is a list item, by its style and the styles under it."""
    numbered = _numbering(paragraph._p.pPr)
    for name, numbering in styles.of(paragraph):
        if name == "title":
            return 1, False
        if name.startswith("heading ") and name[8:].isdecimal():
            return max(1, min(int(name[8:]), 6)), False
        if name == "list paragraph":
            return 0, numbered is True
        if name.startswith("list ") and not name.startswith("list continue"):
            return 0, numbered is not False
        if numbered is None:
            numbered = numbering
    return 0, numbered is True


def _numbering(properties: Any) -> bool | None:
    """Whether properties switch numbering or bullets on (True) or off (False); None when they do not say."""
    numbering = properties.numPr if properties is not None else None
    if numbering is None or numbering.numId is None:
        return None
    return bool(numbering.numId.val != 0)


def _is_bold(paragraph: Paragraph) -> bool:
    runs = [run for run in paragraph.runs if run.text.strip()]
    return bool(runs) and all(run.bold for run in runs)


def _table(table: Table) -> tuple[list[list[str]], int | None]:
    """A table's cells, merged ones once across and repeated down, and its number of header rows if it says so."""
    grid: list[list[str]] = []
    marked = 0
    bold_first = False
    for i, row in enumerate(table.rows):
        above = grid[-1] if grid else []
        texts: list[str] = []
        for cell in row._tr.tc_lst:
            down = cell.vMerge == "continue" and len(texts) < len(above)
            texts.append(above[len(texts)] if down else _cell(cell))
            texts += [""] * (min(cell.grid_span, _LARGEST_SPAN) - 1)
        grid.append(texts)
        properties = row._tr.trPr
        if properties is not None and properties.find(qn("w:tblHeader")) is not None and marked == i:
            marked += 1
        if i == 0:
            cells = [_Cell(cell, table) for cell in row._tr.tc_lst]
            paragraphs = [paragraph for cell in cells for paragraph in cell.paragraphs if paragraph.text.strip()]
            bold_first = bool(paragraphs) and all(_is_bold(paragraph) for paragraph in paragraphs)
    return grid, marked or (1 if bold_first and len(grid) > 1 else None)


def _cell(cell: Any) -> str:
    return squeeze(" ".join(_text(paragraph) for paragraph in cell.iter(qn("w:p"))))
