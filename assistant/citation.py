"""Citations: exact quotes with offsets, links that lead to the quote, and the gate every segment must pass.

The three rules of the design are enforced here and nowhere else: a quote stands in its source character for character;
every figure, date, name and quoted phrase of a segment occurs in what it cites; a segment that fails is dropped whole.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote as percent_encode

from index.claims import values
from index.source import Source
from index.terms import FUNCTION_WORDS, terms


@dataclass(frozen=True)
class Citation:
    """A quote and where it stands: `quote == source.text[start:end]`.

    `context_start..context_end` reaches back to what the quote leans on ("It allows ..."), and equals the quote's span
    where it leans on nothing. `link` leads to the quote in the published document, or to the document, or is "".
    """

    n: int
    source: str
    title: str
    publisher: str
    published: str
    kind: str
    brief: bool
    url: str
    link: str
    quote: str
    start: int
    end: int
    context_start: int
    context_end: int

    @property
    def label(self) -> str:
        """How a reader sees the source: "brief of Caixin Global, 2025-09-30", "undated" where no date is known."""
        who = self.publisher or self.title
        named = f"brief of {who}" if self.brief else who
        return f"{named}, {self.published or 'undated'}"


def cite(n: int, source: Source, span: tuple[int, int], context: tuple[int, int] | None = None) -> Citation:
    """The citation of a span of a source. `context` is the stretch a reader needs to understand it."""
    start, end = span
    reach = context or span
    quote = source.text[start:end]
    link = fragment_link(source.url, quote) if source.url and not source.brief else source.url
    return Citation(
        n, source.id, source.title, source.publisher, source.published, source.kind, source.brief, source.url, link,
        quote, start, end, min(start, reach[0]), max(end, reach[1]),
    )  # fmt: skip


def fragment_link(url: str, quote: str) -> str:
    """A link that scrolls to the quote, by the text fragment syntax (https://wicg.github.io/scroll-to-text-fragment/).

    A hyphen, comma or ampersand has a meaning of its own there, so each is percent-encoded too.
    """
    encoded = percent_encode(quote, safe="").replace("-", "%2D")
    url = url.partition(":~:")[0].removesuffix("#")
    return f"{url}{':~:' if '#' in url else '#:~:'}text={encoded}"


def verbatim(citation: Citation, sources: Mapping[str, Source]) -> bool:
    """Rule 1: the quote is the source's text at its offsets, and none of it was dropped by cleaning."""
    source = sources.get(citation.source)
    if source is None or not 0 <= citation.start < citation.end <= len(source.text):
        return False
    clean = all(d.end <= citation.start or citation.end <= d.start for d in source.dropped)
    return clean and source.text[citation.start : citation.end] == citation.quote


@dataclass(frozen=True)
class Facts:
    """What a text asserts that can be checked by eye: its figures, names and quoted phrases, normalised.

    `amounts` are sums of money and shares as (kind, unit, size), so that 40 dollars is not 40 euros. `openings` are the
    capitalised words that begin a sentence, each a name or not, by stem.
    """

    figures: frozenset[str]
    amounts: frozenset[tuple[str, str, float]]
    names: frozenset[str]
    quoted: frozenset[str]
    openings: frozenset[str] = frozenset()


_QUOTED = re.compile(r"[“\"]([^”\"]+)[”\"]|«\s*([^»]+?)\s*»|(?<!\w)‘([^’]+)’(?!\w)")


def facts(text: str) -> Facts:
    """The figures, names and quoted phrases of a text. A capital that only begins a sentence makes no name."""
    found = terms(text)
    figures = {term.norm for term in found if term.numeric}
    figures |= {" ".join(terms_of(text[v.start : v.end])) for v in values(text)}
    amounts = {(v.kind, v.unit, v.size) for v in values(text) if v.kind in ("money", "percent")}
    capitals = [t for t in found if t.surface[0].isupper() and not t.numeric and t.norm not in FUNCTION_WORDS]
    names = {term.norm for term in capitals if not _begins_sentence(text, term.start)}
    openings = {term.stem for term in capitals if _begins_sentence(text, term.start)}
    quoted = {" ".join(terms_of("".join(match.groups("")))) for match in _QUOTED.finditer(text)}
    return Facts(frozenset(figures), frozenset(amounts), frozenset(names), frozenset(quoted), frozenset(openings))


def terms_of(text: str) -> list[str]:
    """The normal forms of a text's words, in order."""
    return [term.norm for term in terms(text)]


def _begins_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \t“\"'‘(«[*")
    return not before or before[-1] in ".!?:\n"


def supported(text: str, cited: Sequence[Citation], sources: Mapping[str, Source], allowed: str = "") -> bool:
    """Rule 2: every figure, name and quoted phrase of `text` occurs in a cited quote, or in what a citation shows.

    Names may also come from the quote's context. `allowed` is further text that may be repeated: in a refusal, the
    question. A word that begins a sentence may be a name: unless a cited source writes it without a capital, it has to
    occur there too.
    """
    shown = [piece for c in cited for piece in (c.quote, c.title, c.publisher, c.published)] + [allowed]
    around = [sources[c.source].text[c.context_start : c.context_end] for c in cited if c.source in sources]
    claimed = facts(text)
    begun = claimed.openings - {term.stem for piece in [*shown, *around] for term in terms(piece)}
    plain = {
        t.stem
        for c in cited
        if begun and c.source in sources
        for t in terms(sources[c.source].text)
        if t.surface[0].islower()
    }
    # Words of one piece may not join those of the next into a figure.
    runs = [f" {' '.join(terms_of(piece))} " for piece in shown]
    return (
        all(any(f" {phrase} " in run for run in runs) for phrase in claimed.figures | claimed.quoted)
        and claimed.amounts <= {amount for piece in shown for amount in facts(piece).amounts}
        and claimed.names <= {word for piece in [*shown, *around] for word in terms_of(piece)}
        and begun <= plain
    )
