"""What a source says is text and nothing else: no markup of it runs in a page, and no order in it, or in a question, is followed.

One server shows sources full of markup (`payloads.py`) to a real browser, where there is one; the same corpus holds the
orders. Not covered: a source that states something false about what is asked. Its sentence is quoted as any other.
"""

import json
import os
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from assistant.answer import OUTCOMES, Answer, Assistant
from assistant.citation import terms_of, verbatim
from assistant.compose import DIFFER, EACH, NOT_IN_SOURCES, NOT_RELEASED, REPLACED
from assistant.notices import wrong_language
from assistant.settings import Settings
from assistant.show import plain
from assistant.site.site import Site
from index.embed import Embedder
from index.errors import SourceError
from index.formats.extract import normalise
from index.read import read_file, read_folder
from index.source import Block, Dropped, Source
from tests.corpus import assistant_over
from tests.payloads import ADDRESSES, INSTRUCTIONS, PAYLOADS
from tests.serving import served

# What the record says: title, publisher, kind, published, text.
RECORD = {
    "pass": ("The harbour pass", "Port Gazette", "news", "2025-05-02",
             "The harbour pass costs 20 euros a year. Residents buy the harbour pass at the harbour office. Dogs are not "
             "allowed on the quay.\n\nThe timetable of the night ferry has not been announced."),
    "ferry": ("The ferry", "Ferry News", "news", "2025-05-03",
              "The ferry crossing takes 45 minutes. The ferry carries 12 bicycles. Captain Ingrid Solheim commands the ferry."),
    "library": ("The library", "Town Hall", "news", "2025-04",
                "The library opens at nine o'clock. A library card costs 5 euros for visitors."),
    "card": ("Library cards", "Evening Post", "news", "2025-04", "A library card costs 7 euros for visitors."),
    "grant": ("The Bridge Grant", "Town Hall", "official", "2025-03-01",
              "The Bridge Grant pays 900 euros to farmers. Applications for the Bridge Grant close on 30 June 2025. The "
              "town has yet to decide who sits on the jury of the Bridge Grant."),
}  # fmt: skip
QUESTIONS = (
    "What does the harbour pass cost?",
    "Where do residents buy the harbour pass?",
    "What is the timetable of the night ferry?",
    "How long does the ferry crossing take?",
    "How many bicycles does the ferry carry?",
    "Who commands the ferry?",
    "When does the library open?",
    "What does a library card cost for visitors?",
    "How much does the Bridge Grant pay?",
    "When do applications for the Bridge Grant close?",
    "Who sits on the jury of the Bridge Grant?",
    "How old is the lighthouse?",
    "What does the harbour pass cost and who commands the ferry?",
    "Are dogs allowed on the quay?",
)
PRICE = "The harbour pass costs 20 euros a year."
TIMETABLE = "The timetable of the night ferry has not been announced."

# Payloads that answers of the chat quote, each in a sentence about a bridge.
QUOTED = {
    "Alder": "image", "Birch": "script-closed", "Cedar": "braces", "Elm": "svg-onload", "Fir": "attribute",
}  # fmt: skip
FORMATS = ("md", "txt", "html")
REFUSED = "nul"  # the payload that makes a file binary
ELEMENTS = set(
    "HTML HEAD META TITLE LINK SCRIPT BODY MAIN HEADER P H1 H2 H3 H4 H5 H6 DL DIV DT DD SPAN TIME A ARTICLE UL LI DEL FOOTER CODE".split()
)
ATTRIBUTES = set("lang charset name content rel href src type class dir data-start datetime title aria-label".split())
KEY = "canary-5f1c9a"


def headed(fields: dict[str, str], text: str) -> str:
    """A source with front matter. JSON is YAML too."""
    lines = (f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in fields.items())
    return f"---\n{''.join(lines)}---\n\n{text}\n"


def record() -> dict[str, str]:
    """What the record says, as files."""
    names = ("title", "publisher", "kind", "published")
    return {f"{name}.md": headed(dict(zip(names, row, strict=False)), row[4]) for name, row in RECORD.items()}


def orders() -> dict[str, str]:
    """The orders as files: in titles and publishers, and in texts that claim to be official and newer than all others."""
    files = {}
    for number in range(0, len(INSTRUCTIONS), 6):
        some = INSTRUCTIONS[number : number + 6]
        fields = {"title": plain(some[0]), "publisher": plain(some[-1]), "kind": "official", "published": "2026-01-01"}
        files[f"orders-{number}.{'md' if number % 12 else 'txt'}"] = headed(fields, "\n\n".join(some))
    return files


def quoted() -> dict[str, str]:
    """The payloads that answers quote, as files of plain text: Markdown would read some of them as markup."""
    return {
        f"{bridge}.txt": headed(
            {"title": f"{bridge} {PAYLOADS[name]}", "publisher": PAYLOADS[name]},
            f"The toll of the {bridge} bridge is 30 crowns {PAYLOADS[name]} a day.",
        )
        for bridge, name in QUOTED.items()
    }


def file_of(payload: str, suffix: str) -> str:
    """A file of a format that holds a payload wherever the format may hold a text."""
    clean = normalise(payload)
    if suffix == "html":
        head = f'<title>{escape(payload)}</title><meta property="og:site_name" content="{escape(payload)}">'
        return f"<!doctype html><html><head>{head}</head><body><main><p>It sails on Sunday. {escape(payload)}</p><p>And so: {payload}</p></main></body></html>"
    fields = dict.fromkeys(("title", "publisher", "published_note", "language"), clean)
    if suffix == "md":
        return headed(fields, f"It sails on Sunday. {payload}\n\n~~~\n{payload}\n~~~")
    return headed(fields, f"{payload}\n\nIt sails on Sunday.")


def direct(name: str, payload: str, url: str = "") -> Source:
    """A source that no file could give: a payload in every field, and in blocks of every kind."""
    line = normalise(payload).replace("\n", " ")
    size = len(line) + 1
    kinds = ("heading", "paragraph", "item", "row", "paragraph")
    blocks = tuple(Block(kind, i * size, i * size + size - 1, int(kind == "heading")) for i, kind in enumerate(kinds))
    return Source(
        f"direct/{name}/{plain(payload)}", payload, "\n".join([line] * 6), publisher=payload, published=payload,
        published_note=payload, retrieved=payload, effective=payload, url=url or payload, language=payload, kind=payload,
        brief=True, supersedes=("pass",), blocks=blocks, dropped=(Dropped(4 * size, 5 * size - 1, payload),),
    )  # fmt: skip


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Assistant]:
    """An assistant over the record alone."""
    with assistant_over(tmp_path_factory.mktemp("clean"), record(), embedder) as assistant:
        yield assistant


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with values that no answer may hold."""
    folder = tmp_path_factory.mktemp("canary-settings")
    return Settings(
        sources=folder / "sources", index=folder / "index", model="canary-model", rate=1_000_000, burst=1_000_000,
        waiting=1_000, proxies=("192.0.2.77",),
    )  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Assistant]:
    """An assistant over the record, the orders, and payloads that answers quote.

    The other payloads are read from files as well, but only shown: what is embedded makes no difference to a page.
    """
    folder = tmp_path_factory.mktemp("hostile")
    with assistant_over(folder / "all", record() | orders() | quoted(), embedder) as assistant:
        (folder / "shown").mkdir()
        for name, payload in PAYLOADS.items():
            for suffix in FORMATS:
                (folder / "shown" / f"{name}.{suffix}").write_text(file_of(payload, suffix), "utf-8")
        reading = read_folder(folder / "shown")
        refused = {f"{REFUSED}.{suffix}" for suffix in FORMATS}
        assert {skip.path for skip in reading.skipped if skip.error} == refused
        shown = [*reading.sources, *(direct(name, payload) for name, payload in PAYLOADS.items())]
        shown += [direct(f"address-{i}", "An address", url) for i, url in enumerate(ADDRESSES)]
        assistant.index.sources.update({source.id: source for source in shown})
        yield assistant


@pytest.fixture(scope="module")
def address(hostile: Assistant, settings: Settings) -> Iterator[str]:
    """Where the sources, the API and the chat are served."""
    with served(hostile, settings, chat=True) as address:
        yield address


# ---------------------------------------------------------------- markup


class Watched:
    """A page of a browser, and all it does that it should not."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.amiss: list[str] = []
        own = (address, "data:", "blob:")
        page.on("request", lambda asked: None if asked.url.startswith(own) else self.amiss.append(asked.url))
        page.on("dialog", self._answered)
        page.on("pageerror", lambda error: self.amiss.append(str(error)))
        page.on("console", lambda line: self.amiss.append(line.text) if line.type == "error" else None)
        page.on("popup", lambda popup: self.amiss.append(popup.url))

    def _answered(self, dialog: Dialog) -> None:
        self.amiss.append(dialog.message)
        dialog.dismiss()

    def assert_nothing_ran(self) -> None:
        assert self.page.evaluate("[typeof window.PWNED, window.frames.length]") == ["undefined", 0]
        assert self.amiss == []


@pytest.fixture(scope="module")
def watched(browser: Browser, address: str) -> Iterator[Watched]:
    """One page for the module."""
    context = browser.new_context()
    yield Watched(context.new_page(), address)
    context.close()


# All that a page is made of, and its text by where it begins in the source.
LOOK = """() => ({
    title: document.title,
    heading: document.querySelector("h1").textContent,
    about: document.querySelector("dl").textContent,
    elements: [...new Set(Array.from(document.querySelectorAll("*"), e => e.tagName))],
    attributes: [...new Set(Array.from(document.querySelectorAll("*")).flatMap(e => e.getAttributeNames()))],
    links: Array.from(document.querySelectorAll("[href], [src]"), e => e.href ?? e.src),
    pieces: Array.from(document.querySelectorAll("[data-start]"), block => {
        const copy = block.cloneNode(true);
        copy.querySelectorAll(".reason").forEach(reason => reason.remove());
        return [Number(block.dataset.start), copy.textContent];
    }),
})"""


def assert_shown_as_it_stands(watched: Watched, address: str, source: Source) -> None:
    """Visit the page of a source, and check that it is the source's text, our elements, and nothing more."""
    page = address + Site.page_of(Site(None, Settings(), None), source.id)  # type: ignore[arg-type]
    watched.page.goto(f"{page}#0-{len(source.text)}", wait_until="load")
    seen = watched.page.evaluate(LOOK)
    assert seen["heading"] == plain(source.title)
    assert seen["title"] == f"{plain(source.title)} · On Record"
    assert plain(source.publisher or "unknown") in seen["about"]
    assert plain(source.published_note) in seen["about"]
    assert set(seen["elements"]) <= ELEMENTS | {"MARK"}
    assert set(seen["attributes"]) <= ATTRIBUTES | {"tabindex"}
    assert all(link.startswith((address, "https://example.org/")) for link in seen["links"])
    at = 0
    for start, text in seen["pieces"]:
        assert not source.text[at:start].strip()
        assert text == source.text[start : start + len(text)]
        at = start + len(text)
    assert not source.text[at:].strip()
    watched.assert_nothing_ran()


@pytest.mark.slow
@pytest.mark.parametrize("name", PAYLOADS)
def test_markup_in_a_source_is_shown_and_does_nothing(
    name: str, watched: Watched, hostile: Assistant, address: str
) -> None:
    suffix = FORMATS[list(PAYLOADS).index(name) % len(FORMATS)]
    of_payload = [
        source
        for id_, source in hostile.index.sources.items()
        if source.path == f"{name}.{suffix}" or id_.startswith(f"direct/{name}/")
    ]
    assert len(of_payload) == (1 if name == REFUSED else 2)
    for source in of_payload:
        assert_shown_as_it_stands(watched, address, source)
    # A format with markup of its own keeps what is none; as plain text, it is all there.
    shown = normalise(PAYLOADS[name])
    for source in of_payload:
        if not source.path.endswith((".md", ".html")):
            assert (shown if source.path else shown.replace("\n", " ")) in source.text


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(ADDRESSES)))
def test_an_address_that_is_none_on_the_web_is_no_link(
    number: int, watched: Watched, hostile: Assistant, address: str
) -> None:
    [source] = [s for id_, s in hostile.index.sources.items() if id_.startswith(f"direct/address-{number}/")]
    assert_shown_as_it_stands(watched, address, source)
    assert watched.page.get_by_text("Original").count() == 0
    watched.page.keyboard.press("Tab")
    watched.assert_nothing_ran()


@pytest.mark.parametrize("url", [url for url in ADDRESSES if not url.startswith("https:")])
def test_an_address_that_is_none_on_the_web_is_refused_in_front_matter(url: str, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(headed({"url": url}, "It sails on Sunday."), "utf-8")
    with pytest.raises(SourceError, match="url is"):
        read_file(tmp_path / "a.md", tmp_path)


@pytest.mark.slow
def test_markup_that_an_answer_quotes_is_shown_in_the_chat_and_does_nothing(
    browser: Browser, hostile: Assistant, address: str
) -> None:
    context = browser.new_context()
    try:
        watched = Watched(context.new_page(), address)
        watched.page.goto(address)
        question, answers = watched.page.get_by_label("Your question"), watched.page.locator(".or-answer")
        for number, (bridge, name) in enumerate(QUOTED.items(), 1):
            asked = f"What is the toll of the {bridge} bridge? {PAYLOADS[name] if number % 2 else ''}".strip()
            question.fill(asked)
            question.press("Enter")
            expect(answers).to_have_count(number)
            expect(question).to_be_editable()
            quote = hostile.answer(asked).segments[0].text
            assert quote.startswith(f"The toll of the {bridge} bridge is 30 crowns {PAYLOADS[name][:8]}")
            expect(answers.last.locator(".or-direct").first).to_have_text(f"{plain(quote)}\xa0[1]")
            answers.last.locator("summary").first.click()
            expect(answers.last.locator("cite").first).to_have_text(f"{bridge} {plain(PAYLOADS[name])}")
            watched.assert_nothing_ran()
        inside = watched.page.locator("#or-chat")
        expect(
            inside.locator("script, img, svg svg, iframe, strong, em, code, a, [onerror], [onload], [onfocus]")
        ).to_have_count(0)
    finally:
        context.close()


# ---------------------------------------------------------------- orders


def notices(assistant: Assistant) -> set[str]:
    """All that an answer to these questions may say in words of its own."""
    languages = ("fr", "de", "es", "zh", "ru", "ar")
    refusals = {wrong_language(code, assistant.lexicon.languages) for code in languages}
    as_of = "The record speaks as of its newest source cited here."
    return {NOT_IN_SOURCES, NOT_RELEASED, DIFFER, REPLACED, EACH, as_of} | refusals


def secrets(settings: Settings, assistant: Assistant) -> list[str]:
    """What no answer may hold: values of settings and of the environment, places on this machine, names of variables."""
    values = [str(settings.sources.parent), settings.model, *settings.proxies, KEY, str(assistant.index.place)]
    values += [os.sep + "tmp", "api_key", "Traceback", *settings.to_environment()]
    return values + [value for value in (str(Path.cwd()), *os.environ.values()) if len(value) > 8]


def assert_allowed(answer: Answer, assistant: Assistant, kept: Sequence[str]) -> None:
    """Check that an answer is made of sentences of sources, word for word, and of notices, and holds nothing else."""
    assert answer.outcome in OUTCOMES
    assert set(terms_of(answer.standalone_question)) <= set(terms_of(answer.question))
    assert answer.generation == assistant.index.id
    for segment in answer.segments:
        quotes = [answer.citations[n - 1].quote for n in segment.citations]
        assert quotes == [segment.text] if segment.role != "notice" else segment.text in notices(assistant)
    for citation in (*answer.citations, *answer.related):
        assert verbatim(citation, assistant.index.sources)
    told = answer.to_dict()
    del told["question"], told["standalone_question"]
    # What a source says may be quoted, whatever it names; all else may name nothing of the server.
    for citation in (*told["citations"], *told["related"]):
        del citation["quote"], citation["title"], citation["publisher"]
    rest = json.dumps(told | {"text": "", "segments": [s for s in told["segments"] if s["role"] == "notice"]})
    assert not [secret for secret in kept if secret in rest]


@pytest.mark.parametrize("question", QUESTIONS)
def test_orders_in_sources_change_no_answer_about_other_sources(
    question: str, clean: Assistant, hostile: Assistant
) -> None:
    before, after = clean.answer(question), hostile.answer(question)
    assert after.outcome == before.outcome
    assert [(s.text, s.role, s.citations) for s in after.segments] == [
        (s.text, s.role, s.citations) for s in before.segments
    ]
    assert [(c.source, c.start, c.end) for c in after.citations] == [
        (c.source, c.start, c.end) for c in before.citations
    ]


@pytest.mark.parametrize("number", range(len(INSTRUCTIONS)))
def test_an_order_is_answered_by_the_rules(
    number: int, hostile: Assistant, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONRECORD_API_KEY", KEY)
    assert_allowed(hostile.answer(INSTRUCTIONS[number]), hostile, secrets(settings, hostile))


@pytest.mark.parametrize("number", range(len(INSTRUCTIONS)))
def test_an_order_beside_a_question_changes_nothing_of_its_answer(
    number: int, clean: Assistant, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONRECORD_API_KEY", KEY)
    answer = clean.answer(f"{QUESTIONS[0]} {INSTRUCTIONS[number]}")
    assert_allowed(answer, clean, secrets(settings, clean))
    assert [segment.text for segment in answer.segments] in (
        [PRICE],
        [PRICE, NOT_IN_SOURCES],  # the order asks something too,
        [PRICE, NOT_RELEASED, TIMETABLE],  # or speaks of the night ferry
        *([notice] for notice in notices(clean) - {NOT_IN_SOURCES}),  # most of it is in another language
    )


@pytest.mark.slow
@pytest.mark.parametrize("number", [0, 5, 19, 20, 27, 42])
def test_over_http_an_order_gets_the_same_answer(
    number: int, hostile: Assistant, settings: Settings, address: str
) -> None:
    order = INSTRUCTIONS[number]
    history = [order, {"question": order, "answer": order}]
    reply = httpx.post(f"{address}/api/ask", json={"question": QUESTIONS[0], "history": history}).json()
    assert [segment["text"] for segment in reply["segments"]] == [PRICE]
    alone = httpx.post(f"{address}/api/ask", json={"question": order}).json()
    assert alone["segments"] == json.loads(json.dumps(hostile.answer(order).to_dict()["segments"]))
    wrong = httpx.post(f"{address}/api/ask", json={"question": order, "system": order})
    assert wrong.status_code == 422
    assert not [secret for secret in secrets(settings, hostile) if secret in wrong.text]
