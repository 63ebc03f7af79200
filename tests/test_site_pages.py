"""The page of a source: what it shows, that it shows all of it, and what its address marks; in a real browser where there is one.

That nothing a source says is taken for markup is tested beside this, in `test_site_hostile.py`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from assistant.answer import Assistant
from assistant.settings import Settings
from assistant.site.pages import parts
from index.embed import Embedder
from index.generation import Index
from index.source import Block, Dropped, Source
from index.sync import sync
from tests.serving import served

PASS = """---
id: pass
title: "The harbour pass 🛂"
publisher: Port Gazette
published: 2025-05
published_note: The page names the month alone.
effective: 2025-07-01
retrieved: 2025-06-02
url: https://example.org/pass?a=1&b=2
language: en
kind: official
supersedes: [old/pass]
---

# The harbour pass

Sign up to read this article

🙂👩‍👩‍👧 The **harbour pass** costs 20 euros a year 🚢. Residents buy the harbour pass at the harbour office.

### Who may have it

- residents of the town
- fishers 🎣 with a licence

| Boat | Price |
|---|---|
| Dinghy | 5 euros |
| Yacht | 50 euros |

The timetable of the night ferry has not been announced.
"""
OLD = """The old pass

The old pass cost 10 euros a year, and hardly anybody bought it.

- it was green
- it was small

=====

Nobody has said what became of the old passes.
"""
BRIEF = """---
title: A brief of the ferry
publisher: Ferry News
kind: news
brief: true
---

The ferry crossing takes 45 minutes.
"""
IDS = (
    "50% off/the pass",
    "a%2Fb",
    "a/b",
    "q?x=1#y",
    "ünï/тест/試験",
    "a b+c&d;e=f",
    "pass.md",
    "source.css",
    "a//b",
    "\\back",
)

Visiting = Callable[..., Page]


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Assistant]:
    """A real assistant over three small sources; one of 500,000 characters, and some with odd ids, are only shown."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "sources" / "old").mkdir(parents=True)
    for name, text in {"pass.md": PASS, "old/pass.txt": OLD, "ferry.md": BRIEF}.items():
        (folder / "sources" / name).write_text(text, "utf-8")
    sync(folder / "sources", folder / "index", embedder)
    with Assistant(Index.open(folder / "index", embedder), embedder) as opened:
        shown = [long(), *(Source(id_, id_, f"Text of {id_}.") for id_ in IDS)]
        opened.index.sources.update({source.id: source for source in shown})
        yield opened


def long() -> Source:
    """A source of 500,000 characters in paragraphs of a hundred, each of which begins with a sign outside of the BMP."""
    line = "🚢" + "word " * 19 + "end.\n"
    text = line * (500_000 // len(line)) + "The very last sentence of it all."
    ends = [*range(len(line), len(text), len(line)), len(text)]
    blocks = (Block("paragraph", start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True))
    return Source("long", "A long one", text, blocks=tuple(blocks))


@pytest.fixture(scope="module")
def address(assistant: Assistant) -> Iterator[str]:
    """Where the pages are served."""
    with served(assistant, Settings(rate=1_000_000, burst=1_000_000)) as address:
        yield address


def get(address: str, source: str) -> httpx.Response:
    return httpx.get(f"{address}/source/{quote(source, safe='/')}")


class Seen(HTMLParser):
    """What a page holds: its tags, its links, its text by where it begins in the source, and all of its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.pieces: dict[int, str] = {}
        self._said: list[str] = []
        self._piece = -1
        self._heard = False
        self.feed(page)
        self.close()

    @property
    def words(self) -> str:
        """All of its words, with single spaces between them."""
        return " ".join(" ".join(self._said).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.tags.append(tag)
        self.links += [named["href"] or ""] if tag == "a" else []
        self._heard = named.get("class") == "reason"
        if start := named.get("data-start"):
            self._piece = int(start)
            self.pieces[self._piece] = ""

    def handle_endtag(self, tag: str) -> None:
        self._heard = False
        if tag in ("p", "li", "h2", "h3", "h4", "h5", "h6"):
            self._piece = -1

    def handle_data(self, data: str) -> None:
        self._said.append(data)
        if self._piece >= 0 and not self._heard:
            self.pieces[self._piece] += data


def assert_whole(source: Source, pieces: dict[int, str]) -> None:
    """Check that a source's text is shown in full, each piece where it says, nothing twice."""
    at = 0
    for start, text in pieces.items():
        assert not source.text[at:start].strip()
        assert source.text[start : start + len(text)] == text
        at = start + len(text)
    assert not source.text[at:].strip()


# ---------------------------------------------------------------- what it shows


def test_a_page_says_who_published_what_when_and_what_sort_of_text_it_is(address: str) -> None:
    words = Seen(get(address, "pass").text).words
    assert "The harbour pass 🛂 Publisher Port Gazette Published 2025-05 The page names the month alone." in words
    assert "Applies from 2025-07-01 Retrieved 2025-06-02" in words
    assert "a source · official" in words


def test_what_is_not_known_is_said_or_left_out_and_never_filled_in(address: str) -> None:
    words = Seen(get(address, "old/pass").text).words
    assert "Publisher unknown Published undated" in words
    assert not re.search("Applies|Retrieved|Original|·.*·.*official", words.split("As indexed")[0])


def test_a_brief_is_labelled_so_and_said_to_be_no_words_of_its_publisher(address: str) -> None:
    words = Seen(get(address, "ferry").text).words
    assert "Publisher brief of Ferry News" in words
    assert "Its words are not the publisher's own." in words
    assert "brief of" not in Seen(get(address, "pass").text).words


def test_a_page_links_to_what_was_published_and_between_an_edition_and_the_next(address: str) -> None:
    assert Seen(get(address, "pass").text).links == ["https://example.org/pass?a=1&b=2", "/source/old/pass"]
    old = Seen(get(address, "old/pass").text)
    assert old.links == ["/source/pass"]
    assert "No answer quotes this source any more." in old.words


@pytest.mark.parametrize("source", ["pass", "old/pass", "ferry", "long", *IDS])
def test_the_text_is_shown_in_full(source: str, address: str, assistant: Assistant) -> None:
    assert_whole(assistant.index.sources[source], Seen(get(address, source).text).pieces)


def test_what_was_left_out_is_struck_out_with_the_reason(address: str, assistant: Assistant) -> None:
    [dropped] = assistant.index.sources["pass"].dropped
    reason = f"Left out, {dropped.reason}: "
    struck = f'<del title="Left out: {dropped.reason}"><span class="reason">{reason}</span>Sign up to read this article</del>'
    assert struck in get(address, "pass").text


def test_a_span_that_was_left_out_cuts_the_blocks_it_lies_in() -> None:
    source = Source(
        "a", "A", "One two three.\nFour five.", dropped=(Dropped(4, 7, "x"), Dropped(8, 19, "y")),
        blocks=(Block("paragraph", 0, 14), Block("paragraph", 15, 25)),
    )  # fmt: skip
    found = [[(run.text, run.reason) for run in part.runs] for part in parts(source)]
    assert found == [[("One ", ""), ("two", "x"), (" ", ""), ("three.", "y")], [("Four", "y"), (" five.", "")]]


def test_blocks_keep_their_kind_and_depths_that_are_skipped_are_closed_up(address: str) -> None:
    tags = [tag for tag in Seen(get(address, "pass").text).tags if re.fullmatch(r"h\d|ul|li|del", tag)]
    assert tags == ["h1", "del", "h2", "del", "h3", "ul", "li", "li", "ul", "li", "li"]


def test_a_bullet_of_plain_text_stands_beside_its_item(address: str) -> None:
    page = get(address, "old/pass").text
    assert re.search(r'<li class="bulleted" data-start="\d+" dir="auto">- it was green</li>', page)
    assert re.search(r'<p data-start="\d+" dir="auto">\s*=====\s*</p>', page)


def test_a_page_is_escaped_and_holds_no_script_or_style_of_its_own(address: str) -> None:
    page = get(address, "pass").text
    assert "https://example.org/pass?a=1&amp;b=2" in page
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", page)


# ---------------------------------------------------------------- where it is


@pytest.mark.parametrize("source", IDS)
def test_an_id_may_hold_what_an_address_writes_differently(source: str, address: str) -> None:
    reply = get(address, source)
    assert reply.status_code == 200
    assert f"Text of {source}." in Seen(reply.text).words


@pytest.mark.parametrize("source", ["", "none", "pass/", "PASS", "%2e%2e/pass.md", "..%2Fpass", "pass\0", "%ff"])
def test_an_id_that_no_source_has_is_told_on_a_page(source: str, address: str) -> None:
    reply = get(address, source)
    assert reply.status_code == 404
    assert "No such source" in Seen(reply.text).words


def test_only_reading_is_allowed(address: str) -> None:
    for path in ("/source/pass", "/source.css"):
        assert httpx.post(address + path).status_code == 405


def test_a_head_request_gets_the_headers_alone(address: str) -> None:
    for path, status in {"/source/pass": 200, "/source/none": 404, "/source.css": 200, "/source.js": 200}.items():
        reply = httpx.head(address + path)
        assert (reply.status_code, reply.content) == (status, b"")
        assert reply.headers["content-length"] == httpx.get(address + path).headers["content-length"]


def test_pages_may_use_their_own_two_files_and_nothing_else(address: str) -> None:
    reply = get(address, "pass")
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["cache-control"] == "no-cache"
    policy = reply.headers["content-security-policy"]
    assert {"default-src 'none'", "style-src 'self'", "script-src 'self'"} <= set(policy.split("; "))
    files = re.findall(r'(?:src|href)="(/source\.[^"]+)"', reply.text)
    kinds = [httpx.get(address + file).headers["content-type"] for file in files]
    assert kinds == ["text/css; charset=utf-8", "text/javascript; charset=utf-8"]
    assert all("immutable" in httpx.get(address + file).headers["cache-control"] for file in files)


def test_below_a_root_path_pages_find_their_files_and_each_other(assistant: Assistant) -> None:
    with served(assistant, Settings(root_path="/record")) as address:
        page = get(address.removesuffix("/record"), "pass").text
    assert len(re.findall(r'="/record/source\.(?:css|js)\?\w+"', page)) == 2
    assert Seen(page).links[1] == "/record/source/old/pass"


# ---------------------------------------------------------------- what its address marks


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visiting]:
    """`visit("pass#1-5")` opens a page in a window of its own, which may ask for nothing elsewhere and meet no error."""
    contexts = []
    amiss: list[str] = []

    def open_page(place: str, width: int = 1280, height: int = 800, script: bool = True) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, java_script_enabled=script)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda asked: None if asked.url.startswith(address) else amiss.append(asked.url))
        page.on("pageerror", lambda error: amiss.append(str(error)))
        page.on("console", lambda line: amiss.append(line.text))
        page.goto(f"{address}/source/{place}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert amiss == []


def marked(page: Page) -> list[str]:
    return page.locator("mark").all_text_contents()


def span(source: Source, first: str, last: str = "") -> str:
    """The address of what stands from one piece of text to another."""
    start = source.text.index(first)
    end = source.text.index(last, start) + len(last) if last else start + len(first)
    return f"{source.id}#{start}-{end}"


@pytest.mark.slow
def test_an_address_marks_its_characters_and_no_others(visit: Visiting, assistant: Assistant) -> None:
    source = assistant.index.sources["pass"]
    expected = {
        span(source, "The harbour pass costs 20 euros a year 🚢."): ["The harbour pass costs 20 euros a year 🚢."],
        span(source, "👩‍👩‍👧"): ["👩‍👩‍👧"],
        span(source, "🚢"): ["🚢"],
        span(source, "office.", "residents"): ["office.", "Who may have it", "residents"],
        span(source, "🎣 with", "Boat"): ["🎣 with a licence", "Boat"],
        span(source, "Sign up", "🙂"): ["Sign up to read this article", "🙂"],
        span(source, "to read"): ["to read"],
        f"pass#0-{len(source.text)}": [part.runs[0].text for part in parts(source)],
        f"pass#{len(source.text) - 4}-{len(source.text) + 99}": ["ced."],
    }
    page = visit("pass")
    assert marked(page) == []
    for place, texts in expected.items():
        page.goto(f"{page.url.partition('/source/')[0]}/source/{place}")  # the same page: only its mark moves
        expect(page.locator("mark")).to_have_text(texts)
    page.reload()
    assert marked(page) == ["ced."]


@pytest.mark.slow
def test_an_address_that_names_no_characters_marks_none(visit: Visiting) -> None:
    page = visit("pass#1-5")
    expect(page.locator("mark")).to_have_count(1)
    for end in ("#", "#5", "#5-5", "#9-2", "#-1-5", "#1-", "#a-b", "#1-5x", "#99999-99999999", "#1.0-2", "#%31-5"):
        page.goto(page.url.partition("#")[0] + end)
        expect(page.locator("mark")).to_have_count(0)
        page.goto(page.url.partition("#")[0] + "#1-5")
        expect(page.locator("mark")).to_have_count(1)


@pytest.mark.slow
def test_the_link_of_an_answer_leads_to_its_quote(visit: Visiting, address: str) -> None:
    asked = httpx.post(f"{address}/api/ask", json={"question": "How long does the ferry crossing take?"}).json()
    [citation] = asked["citations"]
    page = visit(citation["link"].removeprefix("/source/"))
    assert marked(page) == [citation["quote"]] == ["The ferry crossing takes 45 minutes."]


@pytest.mark.slow
def test_what_is_marked_is_in_view_and_is_where_reading_goes_on(visit: Visiting, assistant: Assistant) -> None:
    page = visit(span(assistant.index.sources["pass"], "The timetable of"), 360, 500)
    expect(page.locator("mark")).to_be_in_viewport(ratio=1)
    expect(page.locator("mark")).to_be_focused()


@pytest.mark.slow
def test_half_a_million_characters_are_shown_and_marked_at_their_end(visit: Visiting, assistant: Assistant) -> None:
    page = visit(span(assistant.index.sources["long"], "The very last sentence"))
    expect(page.locator("mark")).to_have_text("The very last sentence")
    expect(page.locator("mark")).to_be_in_viewport()
    assert page.evaluate("document.querySelector('article').textContent.length") > 500_000


@pytest.mark.slow
def test_without_scripts_a_page_is_whole(visit: Visiting) -> None:
    page = visit("pass#10-20", script=False)
    expect(page.get_by_text("The harbour pass costs 20 euros a year")).to_be_visible()
    expect(page.get_by_text("The timetable of the night ferry has not been announced.")).to_be_visible()


# ---------------------------------------------------------------- how it reads


@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_needs_scrolling_sideways_and_links_are_large_enough(
    width: int, visit: Visiting, assistant: Assistant
) -> None:
    wide = replace(assistant.index.sources["pass"], id="wide", title="W" * 300, publisher="P" * 300, text="x" * 3_000)
    wide = replace(wide, blocks=(Block("paragraph", 0, 3_000),), dropped=(), url=f"https://example.org/{'u' * 300}")
    assistant.index.sources["wide"] = wide
    for source in ("wide", "pass"):
        page = visit(f"{source}#5-500", width, 700)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        boxes = [link.bounding_box() for link in page.get_by_role("link").all()]
        assert boxes
        assert all(box is not None and box["height"] >= 44 for box in boxes)
    del assistant.index.sources["wide"]


@pytest.mark.slow
def test_what_is_seen_is_heard(visit: Visiting, assistant: Assistant) -> None:
    page = visit(span(assistant.index.sources["pass"], "Residents buy"))
    heard = page.locator("body").aria_snapshot()
    assert heard.startswith("- main:")
    for said in ("heading \"The harbour pass 🛂\" [level=1]", "heading \"The harbour pass\" [level=2]",
                 "heading \"Who may have it\" [level=3]", "term: Published", "time: 2025-05", "article \"Text\"",
                 "deletion", "Left out, ", "list", "listitem: residents of the town", "mark"):  # fmt: skip
        assert said in heard
    assert page.evaluate("document.documentElement.lang") == "en"


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_what_they_stand_on(scheme: str, visit: Visiting, assistant: Assistant) -> None:
    page = visit(span(assistant.index.sources["pass"], "Residents buy"))
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for words in ("h1", "dt", ".note", ".notice", "a", "article p", "del[title]", "mark", "footer p"):
        ratio = page.locator(words).first.evaluate(CONTRAST)
        assert ratio >= 4.5, (words, ratio)


# The contrast of an element's words, by https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
CONTRAST = """element => {
    const rgb = colour => colour.match(/[\\d.]+/g).map(Number);
    const light = colour => rgb(colour).slice(0, 3).map(c => c / 255)
        .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    let under = element;
    while (rgb(getComputedStyle(under).backgroundColor)[3] === 0) under = under.parentElement;
    const [low, high] = [getComputedStyle(element).color, getComputedStyle(under).backgroundColor].map(light).sort();
    return (high + 0.05) / (low + 0.05);
}"""
