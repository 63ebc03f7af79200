"""The chat page: what it shows, what stays inert, what stays closed; in a real browser where there is one.

The page is served from this process on a free port. What is answered is tested elsewhere.
"""

import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import gradio as gr
import pytest
from playwright.sync_api import Browser, Page, Request, expect

from assistant.answer import Answer, Assistant
from assistant.chat import answer_html, build, escape, launch, notice_html
from assistant.citation import Citation
from assistant.compose import Segment
from assistant.live import LiveAssistant
from assistant.show import EXAMPLES_FILE, OUTCOME_WORDS, examples, facts, plain, quoted, web_address
from index.embed import Embedder
from index.errors import IndexMismatchError, InputError
from index.generation import Index
from index.source import Source
from index.sync import sync
from tests.corpus import PASS, assistant_over

HOSTILE = (
    '<script>window.pwned = 1</script><img src="http://outside.example/a.png" onerror="window.pwned = 1"> '
    "![](http://outside.example/b.png) **bold** $$x^2$$ {{7*7}} ${7*7} `code` http://outside.example/c"
)
EVIL = f"""---
id: evil
title: 'The ferry {HOSTILE}'
publisher: 'Ferry <b>News</b>'
published: 2025-05-03
url: https://example.org/ferry
---

The ferry crossing takes 45 minutes {HOSTILE}.
"""
QUESTION = "What does the harbour pass cost?"


def citation(quote: str = "It costs 20 euros.", start: int = 0, link: str = "", publisher: str = "Gazette") -> Citation:
    return Citation(
        1, "pass", "The pass", publisher, "2025-05-02", "news", False, link, link,
        quote, start, start + len(quote), 0, start + len(quote),
    )  # fmt: skip


def answer(outcome: str = "answered", text: str = "It costs 20 euros.", cited: Citation | None = None) -> Answer:
    cites = (cited,) if cited else ()
    segment = Segment(text, (1,) if cited else (), outcome, "direct", 0)
    return Answer("What?", "What?", outcome, (segment,), cites, (), "2025-05-02", "abc")


class Seen(HTMLParser):
    """The tags and the text of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.text += data


# ---------------------------------------------------------------- an answer as HTML


def test_every_outcome_is_a_word_not_only_a_colour() -> None:
    for outcome, word in OUTCOME_WORDS.items():
        assert word in Seen(answer_html(answer(outcome, cited=citation()), {})).text


def test_a_greeting_has_no_outcome() -> None:
    assert Seen(answer_html(answer(text="Hello."), {})).text == "Hello."


def test_a_source_without_a_publisher_is_named_once() -> None:
    assert Seen(answer_html(answer(cited=citation(publisher="")), {})).text.count("The pass") == 2  # summary and list


def test_escaped_text_has_no_sign_that_html_or_a_template_reads() -> None:
    escaped = escape(HOSTILE)
    assert not set("<>\"'`${}[]()*_!") & set(re.sub(r"&#\d+;", "", escaped))
    assert Seen(escaped).text == plain(HOSTILE)


def test_hostile_words_come_out_as_words_wherever_they_stand() -> None:
    hostile = replace(
        answer("answered", HOSTILE, citation(HOSTILE, publisher=HOSTILE, link="javascript:alert(1)")),
        standalone_question=HOSTILE,
        as_of=HOSTILE,
        related=(citation(HOSTILE),),
    )
    seen = Seen(answer_html(hostile, {}))
    assert not seen.tags & {"script", "img", "a", "strong", "code"}
    assert seen.text.count(plain(HOSTILE)) >= 6
    assert not Seen(notice_html(HOSTILE)).tags & {"script", "img"}


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//host/x", "/x", "https:", "https://a\n.b", "file:///x", ""]
)
def test_only_web_addresses_become_links(address: str) -> None:
    assert web_address(address) == ""
    assert "a" not in Seen(answer_html(answer(cited=citation(link=address)), {})).tags


def test_a_link_leads_to_the_quote() -> None:
    address = "https://example.org/pass#:~:text=It%20costs"
    assert Seen(answer_html(answer(cited=citation(link=address)), {})).links == [address]


def test_what_a_quote_leans_on_stands_before_it_dimmed() -> None:
    source = Source("pass", "The pass", "The pass is new. It costs 20 euros.")
    cited = citation(start=17)
    assert quoted(cited, {"pass": source}).before == "The pass is new."
    assert '<span class="or-lean">The pass is new' in answer_html(answer(cited=cited), {"pass": source})


def test_each_part_of_a_partial_answer_has_its_outcome() -> None:
    segments = (Segment("Yes.", (), "answered", "direct", 0), Segment("No.", (), "not_in_sources", "notice", 1))
    text = Seen(answer_html(replace(answer("partial"), segments=segments), {})).text
    assert text.index("Answered") < text.index("Yes.") < text.index("Not in the sources") < text.index("No.")


def test_a_refusal_with_nothing_to_cite_opens_what_else_is_on_record() -> None:
    refused = replace(answer("not_in_sources"), related=(citation(),))
    assert '<details class="or-related" open>' in answer_html(refused, {})


def test_facts_say_how_many_how_new_and_which_index() -> None:
    sources = [Source("a", "A", ""), Source("b", "B", "", published="2025-09"), Source("c", "C", "", published="2025")]
    assert facts(sources, "0123456789ab") == "3 sources, newest 2025-09 · index 01234567"
    assert facts(sources[:1], "0123456789ab") == "1 source, none dated · index 01234567"


def test_example_questions_are_an_editors_or_else_ask_about_open_points(tmp_path: Path, assistant: Assistant) -> None:
    generic = examples(tmp_path, assistant.ledger)
    assert len(generic) == 1
    assert "timetable" in generic[0]
    (tmp_path / "_examples.txt").write_text("# first\nWhat is new?\n\nWhat is old?\n", "utf-8")
    assert examples(tmp_path, assistant.ledger) == ["What is new?", "What is old?"]


# ---------------------------------------------------------------- the page, served


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Assistant]:
    """A real assistant over a small corpus, one source of which is hostile."""
    folder = tmp_path_factory.mktemp("chat")
    with assistant_over(folder, {"pass.md": PASS, "evil.txt": EVIL}, embedder) as opened:
        yield opened


class Failing(Assistant):
    """An assistant with a defect."""

    def answer(self, question: str, history: Sequence[str | Mapping[str, str]] = ()) -> Answer:
        raise RuntimeError(f"a secret: {question}")


@pytest.fixture
def failing(assistant: Assistant) -> gr.Blocks:
    """The page of an assistant with a defect."""
    return build(Failing(assistant.index, assistant.embedder), Path())


@pytest.fixture(scope="module")
def address(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page's address, while it is served."""
    folder = tmp_path_factory.mktemp("examples")
    (folder / EXAMPLES_FILE).write_text(QUESTION, "utf-8")
    page = build(assistant, folder)
    yield launch(page, "127.0.0.1", 0, block=False)
    page.close(verbose=False)


def status(url: str, data: bytes | None = None) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data)) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize(
    "path",
    ["gradio_api/upload", "gradio_api/info", "gradio_api/call/ask", "gradio_api/run/ask", "gradio_api/proxy=http://a.b/",
     "gradio_api/file=/etc/passwd", "monitoring", "docs", "openapi.json", "gradio_api/queue/../upload", "assets/../upload"],
)  # fmt: skip
def test_paths_the_page_does_not_use_are_closed(address: str, path: str) -> None:
    assert status(address + path) == 404
    assert status(address + path, b"x") == 404


def test_the_page_may_load_nothing_from_elsewhere(address: str) -> None:
    with urllib.request.urlopen(address) as reply:
        policy = reply.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "img-src 'self' data:" in policy
    assert not re.search(r"https?:|\*", policy)


def test_a_taken_port_is_told_with_what_to_do(address: str, failing: gr.Blocks) -> None:
    port = int(address.rstrip("/").rsplit(":", 1)[1])
    with pytest.raises(InputError, match="--port 0"):
        launch(failing, "127.0.0.1", port, block=False)


def test_the_page_keeps_nothing_and_reports_nothing(failing: gr.Blocks) -> None:
    assert failing.analytics_enabled is False
    assert failing.api_open is False
    assert all(event.api_visibility == "private" for event in failing.fns.values())


def test_each_answer_is_noted_with_the_seconds_it_took(assistant: Assistant) -> None:
    noted: list[tuple[Answer, float]] = []
    page = build(assistant, Path(), lambda answer, seconds: noted.append((answer, seconds)))
    asking = next(event.fn for event in page.fns.values() if event.name == "ask")
    assert asking
    for question in (QUESTION, "", "long " * 1_000):
        list(asking(question, []))
    ((answer, seconds),) = noted
    assert answer.question == QUESTION
    assert 0 < seconds < 60


# ---------------------------------------------------------------- the page, in a browser


class Visit:
    """A visit to the page: its requests, its errors, and a way to ask."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.on("request", self._requested)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        page.goto(address)
        self.question = page.get_by_label("Your question")
        self.answers = page.locator(".or-answer")

    def _requested(self, request: Request) -> None:
        self.requests.append(request.url)

    def ask(self, question: str) -> None:
        """Ask, and wait until the page is ready for the next question."""
        before = self.answers.count()
        self.question.fill(question)
        self.question.press("Enter")
        expect(self.answers).to_have_count(before + 1)
        expect(self.question).to_be_editable()


Visiting = Callable[..., Visit]


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visiting]:
    """`visit(width, height)` opens the page in a window of its own."""
    contexts = []

    def open_page(width: int = 1280, height: int = 800, at: str = address) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height})
        contexts.append(context)
        return Visit(context.new_page(), at)

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.slow
def test_an_answer_shows_its_outcome_and_on_opening_its_citation(visit: Visiting) -> None:
    seen = visit()
    seen.ask(QUESTION)
    answered = seen.answers.last
    expect(answered).to_contain_text("Answered")
    expect(answered).to_contain_text("The harbour pass costs 20 euros a year.")
    quote = answered.locator("blockquote").first
    expect(quote).to_be_hidden()
    answered.locator("summary").first.click()
    expect(quote).to_have_text("The harbour pass costs 20 euros a year.")
    expect(answered).to_contain_text("Port Gazette, 2025-05-02")
    link = answered.get_by_role("link", name="The harbour pass").first
    expect(link).to_have_attribute("href", re.compile(r"^https://example\.org/pass#:~:text=The%20harbour%20pass"))
    expect(link).to_have_attribute("rel", re.compile("noopener"))


@pytest.mark.slow
def test_a_refusal_says_so(visit: Visiting) -> None:
    seen = visit()
    seen.ask("What is the timetable of the night ferry?")
    expect(seen.answers.last).to_contain_text("Not released yet")


@pytest.mark.slow
def test_an_example_is_asked_by_clicking_it_and_a_new_conversation_starts_clean(visit: Visiting) -> None:
    seen = visit()
    seen.page.get_by_role("button", name=QUESTION).click()
    expect(seen.answers).to_have_count(1)
    expect(seen.page.locator(".or-asked")).to_have_text(QUESTION)
    seen.page.get_by_role("button", name="New conversation").click()
    expect(seen.answers).to_have_count(0)
    expect(seen.page.get_by_role("button", name=QUESTION)).to_be_visible()


@pytest.mark.slow
def test_a_follow_up_is_understood_from_what_was_asked_before(visit: Visiting) -> None:
    seen = visit()
    seen.ask(QUESTION)
    seen.ask("Where do residents buy it?")
    expect(seen.answers.last).to_contain_text("Understood as:")
    expect(seen.answers.last).to_contain_text("harbour office")


@pytest.mark.slow
def test_two_visitors_do_not_share_a_conversation(visit: Visiting) -> None:
    first, second = visit(), visit()
    first.ask(QUESTION)
    second.ask("Where do residents buy it?")
    expect(second.answers).to_have_count(1)
    expect(second.answers.last).not_to_contain_text("Understood as:")


@pytest.mark.slow
def test_hostile_text_of_a_source_and_of_a_visitor_stays_inert(visit: Visiting) -> None:
    seen = visit()
    seen.ask(f"How long does the ferry crossing take? {HOSTILE}")
    seen.ask("How long does the ferry crossing take?")
    expect(seen.answers.last).to_contain_text("45 minutes <script>window.pwned = 1</script><img src=")
    assert seen.page.evaluate("window.pwned") is None
    inside = seen.page.locator("#or-chat")
    expect(inside.locator("script, img, strong, code, .katex, a[href^=javascript]")).to_have_count(0)
    assert not [url for url in seen.requests if "outside.example" in url]


@pytest.mark.slow
def test_no_request_leaves_the_page_and_none_fails(visit: Visiting, address: str) -> None:
    seen = visit()
    seen.ask(QUESTION)
    assert [url for url in seen.requests if not url.startswith((address, "data:", "blob:"))] == []
    assert seen.errors == []


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(375, 740), (320, 568), (1280, 800)])
def test_nothing_needs_scrolling_sideways(visit: Visiting, width: int, height: int) -> None:
    seen = visit(width, height)
    seen.ask("How long does the ferry crossing take?")
    seen.answers.last.locator("summary").first.click()
    expect(seen.answers.last.locator("blockquote").first).to_be_visible()
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    for box in (seen.answers.last.bounding_box(), seen.question.bounding_box()):
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


@pytest.mark.slow
def test_the_question_can_be_typed_without_scrolling_on_a_phone(visit: Visiting) -> None:
    expect(visit(375, 740).question).to_be_in_viewport(ratio=1)


@pytest.mark.slow
def test_an_answer_is_read_from_its_beginning(visit: Visiting) -> None:
    seen = visit(375, 740)
    for _ in range(3):
        seen.ask(QUESTION)
        seen.answers.last.locator("summary").first.click()
    expect(seen.page.locator(".or-asked").last).to_be_in_viewport()
    expect(seen.answers.last.locator(".or-verdict")).to_be_in_viewport()


@pytest.mark.slow
def test_an_empty_question_is_not_asked(visit: Visiting) -> None:
    seen = visit()
    seen.question.fill("   ")
    seen.question.press("Enter")
    seen.question.fill(QUESTION)
    for _ in range(20):  # Gradio drops what is entered while the entry before it is under way
        seen.question.press("Enter")
        with suppress(AssertionError):
            expect(seen.answers).to_have_count(1, timeout=1_500)
            break
    expect(seen.answers).to_have_count(1)
    expect(seen.answers).to_contain_text("20 euros")


@pytest.mark.slow
def test_a_very_long_question_is_met_with_its_length(visit: Visiting) -> None:
    seen = visit()
    seen.question.evaluate("box => box.removeAttribute('maxlength')")
    seen.ask("long " * 1_000)
    expect(seen.answers.last).to_contain_text("4999 characters")
    seen.ask(QUESTION)
    expect(seen.answers.last).to_contain_text("20 euros")


@pytest.mark.slow
def test_a_defect_is_told_without_its_details(
    visit: Visiting, failing: gr.Blocks, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        seen = visit(at=launch(failing, "127.0.0.1", 0, block=False))
        seen.ask("What fails?")
        expect(seen.answers.last).to_contain_text("Something went wrong here")
        expect(seen.answers.last).not_to_contain_text("secret")
    finally:
        failing.close(verbose=False)
    assert "What fails?" not in caplog.text
    assert "RuntimeError" in caplog.text


@pytest.mark.parametrize("error", [IndexMismatchError("/srv/private is damaged"), RuntimeError("a secret detail")])
def test_only_what_is_about_the_question_is_told(assistant: Assistant, error: Exception) -> None:
    class Broken(Assistant):
        def answer(self, question: str, history: Sequence[str | Mapping[str, str]] = ()) -> Answer:
            raise error

    page = build(Broken(assistant.index, assistant.embedder), Path())
    asking = next(event.fn for event in page.fns.values() if event.name == "ask")
    assert asking
    assert str(error) not in str(list(asking("What is it?", []))[-1][1])


@pytest.mark.slow
def test_the_keyboard_reaches_question_and_citations(visit: Visiting) -> None:
    seen = visit()
    expect(seen.question).to_be_focused()
    seen.ask(QUESTION)
    summary = seen.answers.last.locator("summary").first
    summary.focus()
    summary.press("Enter")
    expect(seen.answers.last.locator("blockquote").first).to_be_visible()


@pytest.mark.slow
def test_what_is_published_while_the_page_is_open_answers_the_next_question(
    visit: Visiting, tmp_path: Path, embedder: Embedder
) -> None:
    (tmp_path / "pass.md").write_text(PASS, "utf-8")
    sync(tmp_path, tmp_path / "index", embedder)
    opened = Assistant(Index.open(tmp_path / "index", embedder), embedder)
    with LiveAssistant(tmp_path / "index", opened) as live:
        page = build(live, tmp_path)
        try:
            seen = visit(at=launch(page, "127.0.0.1", 0, block=False))
            seen.ask(QUESTION)
            expect(seen.answers.last).to_contain_text("20 euros")
            (tmp_path / "pass.md").write_text(PASS.replace("20 euros a year", "30 euros a year since May"), "utf-8")
            (tmp_path / "ferry.md").write_text("The price of a cabin has not been announced.", "utf-8")
            sync(tmp_path, tmp_path / "index", embedder)
            seen.ask(QUESTION)
            expect(seen.answers.last).to_contain_text("30 euros a year since May")
            seen.answers.last.locator("summary").first.click()
            expect(seen.answers.last.locator("blockquote").first).to_contain_text("30 euros a year since May")
            expect(seen.answers.first).to_contain_text("20 euros")
            expect(seen.page.locator("#or-header")).to_contain_text("1 source,")
            seen.page.reload()
            expect(seen.page.locator("#or-header")).to_contain_text("2 sources,")
            expect(seen.page.get_by_role("button", name="cabin")).to_be_visible()
        finally:
            page.close(verbose=False)
