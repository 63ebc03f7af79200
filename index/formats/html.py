"""HTML -> the document's text, without the page around it.

The page is walked in document order. Scripts, navigation, forms, hidden parts and containers named as furniture go, unless
most of the page's text is in them; where the page marks its main part (`main`, `article`), only whole sentences from outside
it stay. What furniture is left inside the main part is the business of `clean.py`. Only metadata that the page states in
so many words is taken. Not covered: text that scripts write, and images.
"""

import re
from collections.abc import Iterator

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

from index.errors import SourceError
from index.formats import plain
from index.formats.decode import decode
from index.formats.extract import Extract, Piece, assemble, broken_lines, rows, squeeze
from index.formats.front_matter import Stated, date
from index.lines import heading_like, is_prose

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer form "
    "header hgroup hr html legend li main nav ol optgroup option p pre section summary table tbody td tfoot th thead tr ul "
    "h1 h2 h3 h4 h5 h6".split()
)
_SILENT = (
    "script style noscript template svg iframe object embed canvas audio video map select input textarea button img picture "
    "head rt rp"
).split()
_GONE = "gone"  # the tag of what is furniture, until all of it is taken out at once
_FURNITURE_ROLES = ("navigation", "complementary", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar")
_FURNITURE_NAME = re.compile(
    r"(^|[\s_-])(nav|navbar|navigation|menu|breadcrumbs?|sidebar|side-bar|footer|cookies?|cookie-\w+|consent|gdpr|newsletter|"
    r"subscribe|subscription|paywall|promo|promoted|sponsored|advert\w*|ads?|share|sharing|social|related|recommended|"
    r"recommendations|most-read|most-popular|trending|comments?|disqus|popup|modal|toolbar|pagination|skip-link|sr-only|"
    r"visually-hidden|screen-reader-text)($|[\s_-])",
    re.IGNORECASE,
)
_DECLARED = re.compile(
    rb"<(?:meta[^>]{0,200}?charset\s*=|\?xml[^>]{0,100}?encoding\s*=)\s*[\"']?([\w.:-]+)", re.IGNORECASE
)
_DEEPEST = 250
_MOST_ELEMENTS = 300_000
_LONGEST_TITLE = 1_000
_SHORT_PARAGRAPH = 80
_LARGEST_SPAN = 40
_MENU_LINKS = 3


def extract(data: bytes) -> Extract:
    """An HTML page."""
    declared = _DECLARED.search(data[:4096])
    page = _parse(decode(data, declared[1].decode("ascii") if declared else ""))
    _check_shape(page)
    stated = _stated(page)
    return Extract(*assemble(_pieces(page)), stated)


def pieces_of(fragment: str) -> list[Piece]:
    """The pieces of a fragment of HTML, as Markdown may hold; [] for one without text."""
    try:
        page = _parse(fragment)
    except SourceError:
        return []
    _check_shape(page)
    return _pieces(page)


def _parse(text: str) -> etree._Element:
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=True)
    try:
        page: etree._Element = document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError as error:
        raise SourceError("holds no HTML with text in it; save the page again, or remove it") from error
    return page


def _check_shape(page: etree._Element) -> None:
    """Raise SourceError for a page with more elements, or deeper ones, than can be walked."""
    depth = 0
    for number, (event, _) in enumerate(etree.iterwalk(page, events=("start", "end"))):
        depth += 1 if event == "start" else -1
        if depth > _DEEPEST:
            raise SourceError(f"nests its elements too deep, more than {_DEEPEST}; save the page again from a browser")
        if number > 2 * _MOST_ELEMENTS:
            raise SourceError(f"holds more than {_MOST_ELEMENTS:,} elements; split it, or save it as text")


def _pieces(page: etree._Element) -> list[Piece]:
    bodies = page.xpath("//body")
    body = bodies[0] if bodies else page
    _prune(body)
    flow = _Flow(_main(body))
    flow.walk(body)
    flow.flush()
    return [piece for piece, _ in _without_menus(flow.pieces)]


def _ink(text: str | None) -> int:
    """How many characters of `text` are no white space."""
    return len("".join(text.split())) if text else 0


def _inks(body: etree._Element) -> dict[etree._Element, int]:
    """The ink of each element's text, its children's included."""
    inks: dict[etree._Element, int] = {}
    for element in reversed(list(body.iter())):
        inks[element] = _ink(element.text) + sum(inks[child] + _ink(child.tail) for child in element)
    return inks


def _prune(body: etree._Element) -> None:
    """Takes the furniture out of the page, but never most of its text."""
    etree.strip_elements(body, *_SILENT, with_tail=False)
    inks = _inks(body)
    most = max(inks[body], 1) / 2
    walk = etree.iterwalk(body, events=("start",))
    for _, element in walk:
        if element is body or not isinstance(element.tag, str) or inks[element] >= most:
            continue
        if _is_furniture(element, inks[element]) and not _holds_main_part(element):
            element.tag = _GONE
            walk.skip_subtree()
    etree.strip_elements(body, _GONE, with_tail=False)


def _is_furniture(element: etree._Element, ink: int) -> bool:
    tag, role = element.tag, (element.get("role") or "").lower()
    if tag in ("nav", "aside", "footer", "form", "dialog") or role in _FURNITURE_ROLES:
        return True
    if element.get("hidden") is not None or (element.get("aria-hidden") or "").lower() == "true":
        return True
    if re.search(r"display\s*:\s*none|visibility\s*:\s*hidden", element.get("style") or "", re.IGNORECASE):
        return True
    if tag == "header" and not any(True for _ in element.iterancestors("main", "article")):
        return not element.xpath(".//h1")
    if tag == "sup" and ink <= 5 and re.fullmatch(r"\[?[\d*†‡a-z]{1,3}\]?", squeeze("".join(element.itertext()))):
        return element.find(".//a") is not None
    return tag in ("div", "section", "ul", "ol", "p", "span", "a", "table") and any(
        _FURNITURE_NAME.search(element.get(name) or "") for name in ("class", "id")
    )


def _holds_main_part(element: etree._Element) -> bool:
    return bool(element.xpath(".//h1 | .//main | .//article")) and element.tag not in ("nav", "aside", "footer")


def _main(body: etree._Element) -> etree._Element | None:
    """The element that the page marks as its main part, if it holds at least half of the text."""
    marked = body.xpath(".//main | .//*[@role='main']") or body.xpath(".//article")
    inks = _inks(body)
    best = max(marked, key=inks.__getitem__, default=None)
    return best if best is not None and inks[best] * 2 >= inks[body] else None


class _Flow:
    """Collects the text of a page into pieces, closing one wherever a block begins or ends."""

    def __init__(self, main: etree._Element | None) -> None:
        self.pieces: list[tuple[Piece, int]] = []  # with the number of links, when the piece is nothing but links
        self._main = main
        self._inside = main is None
        self._kind, self._level = "paragraph", 0
        self._parts: list[str] = []
        self._linked = self._links = 0
        self._in_link = self._in_bold = False
        self._bold = 0

    def walk(self, element: etree._Element) -> None:
        tag = element.tag
        if not isinstance(tag, str):
            return
        entering = element is self._main
        if tag == "br":
            self._parts.append("\n")
        elif tag in _BLOCKS:
            self.flush()
            self._inside = self._inside or entering
            kept = self._kind, self._level
            if tag in _HEADINGS:
                self._kind, self._level = "heading", _HEADINGS[tag]
            elif tag == "li":
                self._kind, self._level = "item", 0
            elif tag in ("blockquote", "figcaption", "td", "th"):
                self._kind, self._level = "paragraph", 0
            self._block(element)
            self.flush()
            self._kind, self._level = kept
            if entering:
                self._inside = False
        else:
            self._inline(element)

    def flush(self) -> None:
        text, self._parts = "".join(self._parts), []
        length = max(_ink(text), 1)
        links = self._links if self._linked >= 0.9 * length else 0
        bold = self._bold >= 0.95 * length
        self._linked = self._links = self._bold = 0
        lines = [squeeze(text)] if self._kind == "heading" else broken_lines(text)
        for line in lines:
            if not line or not (self._inside or is_prose(line)):
                continue
            if self._kind == "paragraph" and bold and len(lines) == 1 and heading_like(line):
                self.pieces.append((Piece("heading", line, 6), 0))
            else:
                self.pieces.append((Piece(self._kind, line, self._level), links))

    def _add(self, text: str | None) -> None:
        if text:
            text = re.sub(r"\s", " ", text)
            self._parts.append(text)
            length = _ink(text)
            self._linked += length if self._in_link else 0
            self._bold += length if self._in_bold else 0

    def _children(self, element: etree._Element) -> None:
        self._add(element.text)
        for child in element:
            self.walk(child)
            self._add(child.tail)

    def _inline(self, element: etree._Element) -> None:
        kept = self._in_link, self._in_bold
        if element.tag == "a" and element.get("href"):
            self._in_link, self._links = True, self._links + 1
        elif element.tag in ("b", "strong"):
            self._in_bold = True
        elif element.tag == "q":
            self._add("“")
        self._children(element)
        if element.tag == "q":
            self._add("”")
        self._in_link, self._in_bold = kept

    def _block(self, element: etree._Element) -> None:
        if element.tag == "table" and _is_data(element):
            if self._inside:
                self.pieces += [(piece, 0) for piece in _table(element)]
        elif element.tag == "dl":
            self._definitions(element)
        elif element.tag == "pre":
            text = "".join(element.itertext())
            if self._inside:
                self.pieces += [(Piece(b.kind, text[b.start : b.end], b.level), 0) for b in plain.find_blocks(text)]
        else:
            self._children(element)

    def _definitions(self, element: etree._Element) -> None:
        """A definition list: "term: definition" when the definition is one paragraph, both in turn when it is not."""
        term = ""
        for child in element.iter("dt", "dd"):
            if next(child.iterancestors("dl")) is not element:
                continue
            if child.tag == "dt":
                self._term(term)
                term = squeeze("".join(child.itertext()))
            elif any(True for _ in child.iter("ul", "ol", "table", "dl", "pre")) or len(child.findall(".//p")) > 1:
                self._term(term)
                self.walk(child)
                term = ""
            else:
                definition = squeeze("".join(child.itertext()))
                if self._inside and (term or definition):
                    self.pieces += [(piece, 0) for piece in rows([[term, definition]], header_rows=0)]
                term = ""
        self._term(term)

    def _term(self, term: str) -> None:
        self._parts.append(term)
        self.flush()


def _is_data(table: etree._Element) -> bool:
    """Whether a table holds data: more than one column, and no cell with a table or a page's worth of blocks in it."""
    if (table.get("role") or "") == "presentation" or table.xpath(".//table | .//h1 | .//h2"):
        return False
    cells = [len(row.xpath("./td | ./th")) for row in table.iter("tr")]
    return max(cells, default=0) > 1 and not any(len(cell.findall(".//p")) > 3 for cell in table.iter("td"))


def _table(table: etree._Element) -> list[Piece]:
    grid: list[list[str]] = []
    headers = 0
    for cells, is_header in _grid_rows(table):
        headers += is_header and headers == len(grid)
        grid.append(cells)
    captions = [Piece("paragraph", squeeze("".join(caption.itertext()))) for caption in table.iter("caption")]
    return captions + rows(grid, headers if headers or _has_row_headers(table) else None)


def _has_row_headers(table: etree._Element) -> bool:
    return bool(table.xpath(".//tr/th"))


def _grid_rows(table: etree._Element) -> Iterator[tuple[list[str], bool]]:
    """Each row's cells with spanning cells repeated down and left empty across, and whether it is a header row."""
    hanging: dict[int, tuple[int, str]] = {}
    for row in table.iter("tr"):
        texts: list[str] = []
        cells = row.xpath("./td | ./th")
        for cell in cells:
            while len(texts) in hanging:
                _take_hanging(hanging, texts)
            text = squeeze(" ".join(cell.itertext()) if cell.find(".//p") is not None else "".join(cell.itertext()))
            down, across = _span(cell, "rowspan"), _span(cell, "colspan")
            if down > 1:
                hanging.update({len(texts) + i: (down - 1, text if i == 0 else "") for i in range(across)})
            texts += [text] + [text if row.find("td") is None else ""] * (across - 1)
        while len(texts) in hanging:
            _take_hanging(hanging, texts)
        parent = row.getparent()
        in_head = parent is not None and parent.tag == "thead"
        yield texts, in_head or (bool(cells) and all(cell.tag == "th" for cell in cells))


def _take_hanging(hanging: dict[int, tuple[int, str]], texts: list[str]) -> None:
    left, text = hanging.pop(len(texts))
    if left > 1:
        hanging[len(texts)] = (left - 1, text)
    texts.append(text)


def _span(cell: etree._Element, name: str) -> int:
    value = cell.get(name) or "1"
    return min(max(int(value), 1), _LARGEST_SPAN) if value.isdecimal() and len(value) < 6 else 1


def _without_menus(pieces: list[tuple[Piece, int]]) -> list[tuple[Piece, int]]:
    """Without paragraphs that are rows of links, and without lists of bare links before and after the text."""
    prose = [i for i, (piece, _) in enumerate(pieces) if is_prose(piece.text) or piece.kind == "row"]
    if not prose:
        return pieces
    kept = []
    for i, (piece, links) in enumerate(pieces):
        outside = not prose[0] < i < prose[-1]
        if piece.kind != "heading" and (links >= _MENU_LINKS or (links and outside)):
            continue
        kept.append((piece, links))
    return kept


def _stated(page: etree._Element) -> Stated:
    """The metadata that the page states. A visible date counts only where it stands as a dateline, above the text."""
    stated: Stated = {
        "title": _title(page),
        "publisher": _meta(page, "og:site_name"),
        "language": squeeze(page.get("lang") or "") if page.tag == "html" else "",
        "published": _published(page),
        "url": "",
    }
    urls = [*page.xpath("//link[contains(concat(' ', @rel, ' '), ' canonical ')]/@href"), _meta(page, "og:url")]
    for url in urls:
        if re.fullmatch(r"https?://[^\s/]\S*", url.strip()):
            stated["url"] = url.strip()
            break
    return {key: value for key, value in stated.items() if value}


def _meta(page: etree._Element, *names: str) -> str:
    for name in names:
        for element in page.iter("meta"):
            key = element.get("property") or element.get("name") or element.get("itemprop") or ""
            if key.lower() == name and squeeze(element.get("content") or ""):
                return squeeze(element.get("content") or "")
    return ""


def _title(page: etree._Element) -> str:
    heads = [
        squeeze(text) for title in page.xpath("//head/title | /html/title")[:1] for text in ["".join(title.itertext())]
    ]
    tops = [text for text in (squeeze("".join(h1.itertext())) for h1 in page.iter("h1")) if text]
    stated = heads[0][:_LONGEST_TITLE] if heads else ""
    inside = [top for top in tops if top.casefold() in stated.casefold()]
    if inside or (tops and not stated):
        return (inside or tops)[0]
    return stated


def _published(page: etree._Element) -> str:
    metas = _meta(
        page, "article:published_time", "datepublished", "date", "dc.date", "dcterms.issued", "dcterms.created"
    )
    times = page.xpath("//time[@pubdate or @itemprop='datePublished']/@datetime")
    datelines = set(_datelines(page))
    for value in (metas, *times, *(datelines if len(datelines) == 1 else ())):
        match = re.match(r"\d{4}(-\d{2}(-\d{2})?)?(?![\d-])", value.strip())
        if match and date(match[0]):
            return match[0]
    return ""


def _datelines(page: etree._Element) -> Iterator[str]:
    """The dates of the times above the first paragraph of text, but for those in lists and furniture."""
    for element in page.iter("p", "time"):
        if element.tag == "p":
            if len(squeeze("".join(element.itertext()))) > _SHORT_PARAGRAPH:
                return
        elif element.get("datetime") and not any(True for _ in element.iterancestors("nav", "aside", "footer", "li")):
            yield element.get("datetime")
