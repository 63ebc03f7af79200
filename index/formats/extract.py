"""What a format reader hands over: text, the blocks in it, and what the document states about itself.

Formats with markup collect `Piece`s and `assemble` them into a text; plain text keeps its own text and finds blocks in it.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from index.errors import SourceError
from index.source import Block

LARGEST_TEXT = 10_000_000
MOST_LINES = 200_000
# Characters that show nothing and can hide or reorder what is shown: soft hyphen, zero-width space, word joiner,
# byte-order mark, bidirectional overrides, tags; and controls other than tab and newline.
_INVISIBLE = re.compile(
    "[\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f]"
)
_FULL_LINE = re.compile(r"^.*\S", re.MULTILINE)
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
    """`text` in NFC, with one kind of newline and without invisible characters.

    Of a character written as two surrogates, as YAML may have it, is made one; half a pair is no character.
    """
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", _NEWLINE.sub("\n", text)))


def squeeze(text: str) -> str:
    """`text` on one line, each run of white space a single space."""
    return " ".join(text.split())


def check_size(length: int, lines: int = 0) -> None:
    """Raise SourceError for a text longer than any document's, in characters or in lines, since work grows with it."""
    if length > LARGEST_TEXT:
        raise SourceError(f"holds more than {LARGEST_TEXT:,} characters of text; split it")
    if lines > MOST_LINES:
        raise SourceError(f"holds more than {MOST_LINES:,} lines of text; split it")


def check_text(text: str) -> None:
    """The same of a whole text; blank lines do not count."""
    check_size(len(text), len(_FULL_LINE.findall(text)))


def assemble(pieces: Iterable[Piece]) -> tuple[str, tuple[Block, ...]]:
    """The pieces as one text, blank lines between them (none inside a list or a table), and their blocks.

    Raises SourceError where the text gets longer than `LARGEST_TEXT` or than `MOST_LINES`.
    """
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
        check_size(length, len(blocks))
    return "".join(parts), tuple(blocks)


def broken_lines(text: str) -> list[str]:
    """The lines an author broke by hand in a paragraph; a line that goes on in lower case belongs to the one before."""
    lines: list[list[str]] = []
    for line in (squeeze(line) for line in text.split("\n")):
        if lines and line[:1].islower() and not lines[-1][-1].endswith((".", "!", "?", ":", ";")):
            lines[-1].append(line)
        elif line:
            lines.append([line])
    return [" ".join(parts) for parts in lines]


def rows(table: Sequence[Sequence[str]], header_rows: int | None = None) -> list[Piece]:
    """A table's rows, each readable alone: "Header: cell; Header: cell".

    `header_rows` is how many of the first rows are headers; None when the format does not tell, and the look decides.
    Without headers a table of two columns reads "first: second". Raises SourceError where the headers, said again in
    each row, would make more text than `LARGEST_TEXT`.
    """
    grid = [[squeeze(cell) for cell in row] for row in table]
    grid = [row for row in grid if any(row)]
    if not grid:
        return []
    if header_rows is None:
        header_rows = 1 if _first_row_is_header(grid) else 0
    if header_rows >= len(grid):
        header_rows = 0
    headers = _headers(grid[:header_rows])
    check_size(sum(map(len, headers)) * (len(grid) - header_rows))
    if not any(headers) and max(len(row) for row in grid) == 2:
        return [Piece("row", _labelled(row[0], "".join(row[1:]))) for row in grid]
    label = dict(enumerate(headers))
    return [
        Piece("row", "; ".join(_labelled(label.get(i, ""), cell) for i, cell in enumerate(row) if cell))
        for row in grid[header_rows:]
    ]


def _headers(rows: Sequence[Sequence[str]]) -> list[str]:
    """What each column is headed by: its cells in the rows of headers, each said once."""
    columns: list[dict[str, None]] = [{} for _ in range(max(map(len, rows), default=0))]
    for row in rows:
        for column, cell in zip(columns, row, strict=False):
            column[cell] = None
    return [squeeze(" ".join(column)) for column in columns]


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
