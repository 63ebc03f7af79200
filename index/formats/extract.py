"""What a format reader hands over: text, the blocks in it, and what the document states about itself.

Formats with markup collect `Piece`s and `assemble` them into a text; plain text keeps its own text and finds blocks in it.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from index.source import Block

# Characters that show nothing and can hide or reorder what is shown: soft hyphen, zero-width space, word joiner,
# byte-order mark, bidirectional overrides, tags; and controls other than tab and newline.
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f]"
)
_NEWLINE = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


@dataclass(frozen=True)
class Piece:
    """A block's kind and text, before it has a place in the whole text."""

    kind: str
    text: str
    level: int = 0


@dataclass(frozen=True)
class Extract:
    """A document's text, its blocks, and its stated metadata under the names of `Source`'s fields.

    `stated` holds what the document says about itself, values as in front matter; `edited` tells that it has front
    matter, so that a person has prepared the text for us.
    """

    text: str
    blocks: tuple[Block, ...]
    stated: Mapping[str, str | bool | tuple[str, ...]] = field(default_factory=dict)
    edited: bool = False


def normalise(text: str) -> str:
    """`text` in NFC, with one kind of newline and without invisible characters."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", _NEWLINE.sub("\n", text)))


def squeeze(text: str) -> str:
    """`text` on one line, each run of white space a single space."""
    return " ".join(text.split())


def assemble(pieces: Iterable[Piece]) -> tuple[str, tuple[Block, ...]]:
    """The pieces as one text, blank lines between them (none inside a list or a table), and their blocks."""
    parts: list[str] = []
    blocks: list[Block] = []
    length = 0
    for piece in pieces:
        text = normalise(piece.text).strip()
        if not text:
            continue
        if blocks:
            close = blocks[-1].kind == piece.kind and piece.kind in ("item", "row")
            parts.append("\n" if close else "\n\n")
            length += len(parts[-1])
        blocks.append(Block(piece.kind, length, length + len(text), piece.level))
        parts.append(text)
        length += len(text)
    return "".join(parts), tuple(blocks)


def broken_lines(text: str) -> list[str]:
    """The lines an author broke by hand in a paragraph; a line that goes on in lower case belongs to the one before."""
    lines: list[str] = []
    for line in (squeeze(line) for line in text.split("\n")):
        if lines and line[:1].islower() and not re.search(r"[.!?:;]$", lines[-1]):
            lines[-1] = f"{lines[-1]} {line}"
        elif line:
            lines.append(line)
    return lines


def rows(table: Sequence[Sequence[str]], header_rows: int | None = None) -> list[Piece]:
    """A table's rows, each readable alone: "Header: cell; Header: cell".

    `header_rows` is how many of the first rows are headers; None when the format does not tell, and the look decides.
    Without headers a table of two columns reads "first: second".
    """
    grid = [[squeeze(cell) for cell in row] for row in table]
    grid = [row for row in grid if any(row)]
    if not grid:
        return []
    if header_rows is None:
        header_rows = 1 if _first_row_is_header(grid) else 0
    if header_rows >= len(grid):
        header_rows = 0
    columns = max(len(row) for row in grid)
    padded = [row + [""] * (columns - len(row)) for row in grid]
    headers = [squeeze(" ".join(dict.fromkeys(row[i] for row in padded[:header_rows]))) for i in range(columns)]
    if columns == 2 and not any(headers):
        return [Piece("row", _labelled(*row)) for row in padded]
    return [
        Piece("row", "; ".join(_labelled(header, cell) for header, cell in zip(headers, row, strict=True) if cell))
        for row in padded[header_rows:]
    ]


def _labelled(label: str, value: str) -> str:
    if not label or not value:
        return label or value
    return f"{label} {value}" if label[-1] in ":?!." else f"{label}: {value}"


def _first_row_is_header(grid: Sequence[Sequence[str]]) -> bool:
    """Short labels without figures over rows that differ from them: some column has figures below its first cell."""
    first, rest = grid[0], grid[1:]
    if not rest or not all(cell and len(cell) <= 60 and not re.search(r"\d|[.;]$", cell) for cell in first):
        return False
    if len(first) >= 3:
        return True
    return any(all(re.search(r"\d", row[i]) for row in rest if i < len(row)) for i in range(1, len(first)))
