"""What the index is made of: sources, blocks, sentences, passages, open points, claims.

Everything here is a small frozen dataclass, and every span is a half-open range of characters into `Source.text`. This
file holds no behaviour beyond reading a span; finding the spans is the work of `read.py`, `clean.py`, `split.py`,
`unreleased.py` and `claims.py`.
"""

from dataclasses import dataclass, field

BLOCK_KINDS = ("heading", "paragraph", "item", "row")
SOURCE_KINDS = ("official", "news", "commentary")


@dataclass(frozen=True)
class Block:
    """A structural unit of a source that no sentence crosses: a heading, a paragraph, a list item or a table row.

    `level` is the depth of a heading (1 is the outermost), 0 for anything else.
    """

    kind: str
    start: int
    end: int
    level: int = 0


@dataclass(frozen=True)
class Dropped:
    """A span that cleaning leaves out of retrieval and citation, with the reason an editor reads."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True)
class Source:
    """One document as indexed.

    `text` is the decoded, NFC-normalised, extracted text; it never changes after reading, so offsets stay valid.
    Dates are kept only as precisely as known: "2025", "2025-09" or "2025-09-30"; "" where unknown. `kind` is one of
    `SOURCE_KINDS` or "". `path` is relative to the sources folder, with forward slashes. `own_id` tells that the
    document states its id itself. `supersedes` are the ids that count; where one of those that it states leads back to
    it, that one is left out and the source is `circular`.
    """

    id: str
    title: str
    text: str
    path: str = ""
    publisher: str = ""
    published: str = ""
    published_note: str = ""
    retrieved: str = ""
    effective: str = ""
    url: str = ""
    language: str = ""
    kind: str = ""
    brief: bool = False
    supersedes: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    own_id: bool = False
    circular: bool = False


@dataclass(frozen=True)
class Sentence:
    """A sentence (or list item, table row) of a source: the unit that is decided on and cited.

    `text == source.text[start:end]`. `headings` are the texts of the headings above it, outermost first. `block` is
    the index of its block in `Source.blocks`, so that two sentences of one paragraph can be told.
    """

    id: str
    source: str
    start: int
    end: int
    text: str
    headings: tuple[str, ...] = ()
    block: int = 0
    kind: str = "paragraph"


@dataclass(frozen=True)
class Passage:
    """A run of whole sentences under one heading: the unit that is searched.

    `sentences` are indices into the generation's sentence table, in document order.
    """

    id: str
    source: str
    start: int
    end: int
    text: str
    headings: tuple[str, ...] = ()
    sentences: tuple[int, ...] = ()


@dataclass(frozen=True)
class OpenPoint:
    """A sentence in which a source says that something is not released, confirmed, decided or known.

    `sentence` is an index into the generation's sentence table. `attributes` are the spans of the noun phrases said to
    be open; `listed_from` is the index of the first attribute that stands in a list of examples ("such as ..."), or
    -1; where a list is `open_list`, the phrase before it generalises what it lists. `phrase` is the span of the words
    that say so ("has yet to clarify").
    """

    sentence: int
    source: str
    phrase: tuple[int, int]
    attributes: tuple[tuple[int, int], ...] = field(default=())
    open_list: bool = False
    listed_from: int = -1
