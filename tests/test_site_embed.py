"""The assistant on pages of another site: how it looks, what it says, what it asks for, and what goes wrong, in a real browser.

The other site is a small server on another port, known by another name. What is answered is tested elsewhere.
"""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from socket import SHUT_RDWR
from threading import Event, Thread
from typing import Any

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from assistant.answer import Answer, Assistant
from assistant.settings import Settings
from assistant.show import EXAMPLES_FILE, OUTCOME_MARKS, OUTCOME_WORDS
from assistant.site import embed
from assistant.site.api import shown
from assistant.site.app import create
from assistant.site.events import events
from assistant.site.schema import MOST_ANSWER, MOST_HISTORY, MOST_QUESTION
from assistant.site.server import configured, listen
from index.embed import Embedder
from tests.corpus import assistant_over
from tests.harbour import COST, answered, refused
from tests.serving import served

FILES = {
    "pass.md": """---
title: The harbour pass
publisher: Port Gazette
published: 2025-05-02
url: https://example.org/pass
---

The harbour pass costs 20 euros a year. Residents buy the harbour pass at the harbour office.

The timetable of the night ferry has not been announced.

The price of the dinner cruise has not been announced.
""",
    "toll-a.md": """---
title: The bridge
publisher: Town Herald
published: 2025-05-02
brief: true
---

The bridge toll is 2 euros.
""",
    "toll-b.md": """---
title: Tolls of the county
---

The bridge toll is 3 euros.
""",
    "cruise.md": """---
title: Cruises this summer
publisher: Port Gazette
published: 2025-06-11
---

The dinner cruise costs 40 euros.
""",
}
PASS, FERRY, TOLL = (
    "What does the harbour pass cost?",
    "What is the timetable of the night ferry?",
    "How much is the bridge toll?",
)
CHESS, CRUISE = "Who won the chess championship?", "What does the dinner cruise cost?"
BOTH = "What does the harbour pass cost, and who won the chess championship?"

SCRIPT = Path(embed.__file__).with_name("embed.js").read_text("utf-8")
AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
HOSTILE_CSS = """
    * { font-size: 40px !important; all: unset !important; }
    * { color: red !important; letter-spacing: 9px !important; direction: rtl !important; text-transform: uppercase !important; }
    on-record { display: none !important; opacity: 0 !important; position: fixed !important; inset: 0 !important; }
    *::before, *::after { content: "leaked" !important; display: block !important; }
"""


# ---------------------------------------------------------------- the servers


class Gate:
    """Lends an assistant, while it is open."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self.opened = Event()
        self.opened.set()

    @contextmanager
    def held(self) -> Iterator[Assistant]:
        assert self.opened.wait(60)
        yield self._assistant


class Web:
    """A server of this process that does what `do` says with each request."""

    def __init__(self, do: Callable[[BaseHTTPRequestHandler], None]) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

        for method in ("GET", "POST", "OPTIONS"):
            setattr(Handler, f"do_{method}", lambda request: do(request))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.port = self._server.server_port

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join(30)
        self._server.server_close()


def send(
    request: BaseHTTPRequestHandler,
    body: str,
    kind: str = "text/html; charset=utf-8",
    status: int = 200,
    **headers: str,
) -> None:
    """A whole reply, which pages of any origin may read."""
    content = body.encode()
    request.send_response(status)
    for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
        request.send_header(name.replace("_", "-"), value)
    for name, value in {"Origin": "*", "Headers": "*", "Expose-Headers": "retry-after"}.items():
        request.send_header(f"Access-Control-{name if name.startswith('Expose') else f'Allow-{name}'}", value)
    request.end_headers()
    request.wfile.write(content)


class OtherSite(Web):
    """Another site, with the pages that tests put on it."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, str]] = {}
        super().__init__(self._serve)
        self.origin = f"http://localhost:{self.port}"

    def put(
        self, path: str, script: str = "", body: str = "", css: str = "", policy: str = "", html: str = 'lang="en"'
    ) -> str:
        """Put a page there; its address."""
        style = f"<style>{css}</style>" if css else ""
        self.pages[path] = (
            f'<!doctype html><html {html}><head><meta charset="utf-8"><title>Harbour office</title>{style}'
            '<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><main>'
            f'<h1>Harbour office</h1><p>Permits, hours. <a href="/next">Next page</a></p>{body}</main>{script}</body></html>',
            policy,
        )
        return self.origin + path

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        page, policy = (" ", "") if request.path == "/favicon.ico" else self.pages.get(request.path, ("", ""))
        send(request, page, status=200 if page else 404, **({"Content_Security_Policy": policy} if policy else {}))


class Faulty(Web):
    """Plays a server of ours: it sends the script, and then the next of `replies` to each question."""

    def __init__(self) -> None:
        self.replies: list[Callable[[BaseHTTPRequestHandler], None]] = []
        self.asked: list[dict[str, Any]] = []
        super().__init__(self._serve)
        self.address = f"http://127.0.0.1:{self.port}"

    def _serve(self, request: BaseHTTPRequestHandler) -> None:
        if request.command == "POST":
            self.asked.append(json.loads(request.rfile.read(int(request.headers["Content-Length"]))))
            self.replies.pop(0)(request)
        else:
            send(request, SCRIPT if request.command == "GET" else "", "text/javascript; charset=utf-8")


def says(answer: Answer) -> Callable[[BaseHTTPRequestHandler], None]:
    """The reply that gives an answer."""
    return lambda request: send(request, "".join(events(shown(answer))), "text/event-stream; charset=utf-8")


def fails(status: int, code: str, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """The reply about a fault."""
    body = json.dumps({"error": {"message": "No.", "type": "server_error", "code": code, "param": None}})
    return lambda request: send(request, body, "application/json", status, **headers)


def killed(at: Event) -> Callable[[BaseHTTPRequestHandler], None]:
    """Half a reply, after which the server is gone, at an event."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        half = "".join(list(events(shown(answered())))[:2]).encode()
        request.send_response(200)
        request.send_header("Content-Type", "text/event-stream")
        request.send_header("Access-Control-Allow-Origin", "*")
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        request.wfile.write(b"%x\r\n%b\r\n" % (len(half), half))
        assert at.wait(60)
        request.close_connection = True
        request.connection.shutdown(SHUT_RDWR)

    return reply


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Gate]:
    """A real assistant over a small corpus."""
    folder = tmp_path_factory.mktemp("embed")
    with assistant_over(folder, FILES, embedder) as opened:
        yield Gate(opened)


@pytest.fixture(scope="module")
def site() -> Iterator[OtherSite]:
    opened = OtherSite()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def faulty() -> Iterator[Faulty]:
    opened = Faulty()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def settings(site: OtherSite, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """No limit that these tests would meet, and questions suggested by an editor."""
    folder = tmp_path_factory.mktemp("examples")
    (folder / EXAMPLES_FILE).write_text(f'{PASS}\nWhat is "<b>"?\n', "utf-8")
    origins = (site.origin,)
    return Settings(sources=folder, origins=origins, frame_ancestors=origins, rate=1_000_000, burst=1_000_000)


@pytest.fixture(scope="module")
def server(gate: Gate, settings: Settings) -> Iterator[str]:
    with served(gate, settings) as address:
        yield address


def tag(server: str, **data: str) -> str:
    """The script tag with some options."""
    options = "".join(f' data-{name.replace("_", "-")}="{value}"' for name, value in data.items())
    return f'<script src="{server}/embed.js"{options} defer></script>'


# ---------------------------------------------------------------- what is served


def test_the_script_is_small_once_packed() -> None:
    assert len(gzip.compress(SCRIPT.encode(), 9)) < 15_000


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("embed.js", "text/javascript"),
        ("embed.css", "text/css"),
        ("demo.css", "text/css"),
        ("onrecord.d.ts", "text/plain"),
    ],
)
def test_a_file_is_packed_kept_for_minutes_and_not_sent_twice(server: str, path: str, kind: str) -> None:
    address = f"{server}/{path}"
    found = httpx.get(address)
    assert found.headers["content-type"] == f"{kind}; charset=utf-8"
    assert found.headers["content-encoding"] == "gzip"
    assert found.headers["cache-control"] == "public, max-age=300, must-revalidate"
    assert found.headers["cross-origin-resource-policy"] == "cross-origin"
    assert found.text == Path(embed.__file__).with_name(path).read_text("utf-8")
    plain = httpx.get(address, headers={"Accept-Encoding": "identity"})
    assert plain.content == found.content
    assert plain.headers["etag"] != found.headers["etag"]
    again = httpx.get(address, headers={"If-None-Match": f'"other", W/{found.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", found.headers["etag"])
    head = httpx.head(address)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == found.headers["content-length"]


def test_what_the_script_and_its_pages_may_do_is_narrow(server: str, site: OtherSite) -> None:
    assert "default-src 'none'" in httpx.get(f"{server}/embed.js").headers["content-security-policy"]
    for path in ("embed", "demo"):
        reply = httpx.get(f"{server}/{path}")
        policy = reply.headers["content-security-policy"]
        assert reply.headers["cache-control"] == "no-cache"
        assert {"default-src 'none'", "style-src 'self'", f"frame-ancestors {site.origin}"} <= set(policy.split("; "))
        assert "require-trusted-types-for 'script'" in policy
        assert "unsafe" not in policy
        assert httpx.head(f"{server}/{path}").status_code == 200


def test_pages_find_the_script_below_a_root_path(gate: Gate, settings: Settings) -> None:
    with served(gate, replace(settings, root_path="/record")) as address:
        behind = address.removesuffix("/record")  # a proxy takes it off
        for path in ("embed", "demo"):
            assert re.search(r'<script src="embed\.js"', httpx.get(f"{behind}/{path}").text)
        assert httpx.get(f"{behind}/embed.js").text == SCRIPT


def test_what_an_editor_suggests_stands_in_the_page_as_text(server: str) -> None:
    for path in ("embed", "demo"):
        assert "What is &#34;&lt;b&gt;&#34;?" in httpx.get(f"{server}/{path}").text


def test_the_demo_takes_no_choice_that_it_does_not_offer(server: str) -> None:
    page = httpx.get(f'{server}/demo?lang=de&theme="><b>&placement=none').text
    assert 'data-lang="de" data-placement="launcher" data-theme="auto"' in page


def test_the_demo_is_of_another_origin_where_its_own_may_ask(gate: Gate, settings: Settings) -> None:
    with served(gate, replace(settings, origins=("http://localhost:8080",), root_path="/record")) as address:
        behind = address.removesuffix("/record")
        page = httpx.get(f"{behind}/demo", headers={"Host": "localhost:8080"}).text
        assert 'src="http://127.0.0.1:8080/record/embed.js"' in page
        assert 'src="embed.js"' in httpx.get(f"{behind}/demo").text


# ---------------------------------------------------------------- what the script holds


def strings() -> dict[str, dict[str, str]]:
    """The words of each language, read out of the script."""
    table = SCRIPT[SCRIPT.index("const STRINGS = {") : SCRIPT.index("const base =")]
    return {
        language: {name: json.loads(text) for name, text in re.findall(r'^ {12}(\w+): (".*"),$', block, re.M)}
        for language, block in re.findall(r"^ {8}(\w+): \{\n(.*?)^ {8}\},$", table, re.M | re.S)
    }


def test_every_language_has_every_string_with_its_placeholder() -> None:
    found = strings()
    assert tuple(found) == embed.LANGUAGES
    for words in found.values():
        assert list(words) == list(found["en"])
        for name, text in words.items():
            assert text.strip()
            assert re.findall(r"\{\w+\}", text) == re.findall(r"\{\w+\}", found["en"][name])


def test_outcomes_have_the_words_and_marks_of_every_surface() -> None:
    english = strings()["en"]
    for outcome, word in OUTCOME_WORDS.items():
        assert english[re.sub(r"_(\w)", lambda m: m[1].upper(), outcome)] == word
        assert f'{outcome}: "{OUTCOME_MARKS[outcome]}"' in SCRIPT


def test_the_limits_are_the_servers() -> None:
    found = {name: int(value.replace("_", "")) for name, value in re.findall(r"(MOST_\w+) = ([\d_]+)", SCRIPT)}
    assert (found["MOST_QUESTION"], found["MOST_ANSWER"]) == (MOST_QUESTION, MOST_ANSWER)
    assert found["MOST_HISTORY"] <= MOST_HISTORY
    assert found["MOST_SENT"] < 64 * 1024


def test_nothing_in_the_script_makes_html_or_code_of_text() -> None:
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "DOMParser",
        "document.write",
        "eval(",
        "Function(",
        "cssText",
        ".style",
        "import(",
    ):
        assert word not in SCRIPT


def test_types_and_documentation_name_every_option() -> None:
    types = Path(embed.__file__).with_name("onrecord.d.ts").read_text("utf-8")
    page = (Path(embed.__file__).parents[2] / "docs" / "embedding.md").read_text("utf-8")
    assert set(re.findall(r"^    (\w+): string;$", types.partition("\n}")[0], re.M)) == set(strings()["en"])
    options = set(re.findall(r'#get\("(\w+)"\)', SCRIPT))
    assert {"contact", "starters", "theme", "timeout"} <= options
    for name in options | set(strings()["en"]):
        assert re.search(rf"^    {name}\??: ", types, re.M)
        assert f"`data-{re.sub('[A-Z]', lambda m: '-' + m[0].lower(), name)}`" in page


# ---------------------------------------------------------------- in a browser


class Visit:
    """A visit to a page: its requests, what went wrong in it, and what is seen of the assistant there."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page = context.new_page()
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on(
            "console", lambda line: self.errors.append(line.text) if line.type in ("error", "warning") else None
        )
        self.page.goto(address)
        self.launcher = self.page.locator("on-record .launcher")
        self.panel = self.page.locator("on-record .panel")
        self.question = self.panel.locator("textarea")
        self.answers = self.panel.locator("article")
        self.last = self.answers.last

    def open(self) -> "Visit":
        self.launcher.click()
        expect(self.panel).to_be_visible()
        return self

    def ask(self, question: str) -> Locator:
        """Ask, and wait for the answer."""
        before = self.answers.count()
        self.question.fill(question)
        self.question.press("Enter")
        expect(self.answers).to_have_count(before + 1)
        expect(self.last.locator(".waiting")).to_have_count(0)
        expect(self.panel.get_by_role("button", name="Ask", exact=True)).to_be_visible()
        return self.last

    def active(self) -> str:
        """What has the focus: an element of the page or, after a slash, one within ours."""
        return str(
            self.page.evaluate(
                "() => { const a = document.activeElement; const b = a.shadowRoot?.activeElement;"
                " return a.localName + (b ? '/' + b.localName : ''); }"
            )
        )


Visiting = Callable[..., Visit]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visiting]:
    """`visit(address, width, height, **more)` opens a page in a window of its own."""
    contexts: list[BrowserContext] = []

    def open_page(address: str, width: int = 1280, height: int = 900, **more: Any) -> Visit:
        contexts.append(browser.new_context(viewport={"width": width, "height": height}, **more))
        return Visit(contexts[-1], address)

    yield open_page
    for context in contexts:
        context.close()


def violations(page: Page) -> list[tuple[str, str]]:
    """What axe finds against WCAG 2.2 A and AA."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    options = {"runOnly": {"type": "tag", "values": WCAG}, "rules": {"target-size": {"enabled": True}}}
    found = page.evaluate("options => axe.run(document, options)", options)
    assert found["passes"]
    return [(each["id"], node["html"]) for each in found["violations"] for node in each["nodes"]]


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_six_states(visit: Visiting, site: OtherSite, server: str, scheme: str) -> None:
    address = site.put("/axe", tag(server, contact="/contact", notice="Enter no names.", starters=PASS))
    seen = visit(address, reduced_motion="reduce", color_scheme=scheme)
    assert violations(seen.page) == []
    seen.open()
    assert violations(seen.page) == []
    for question, outcome in [(PASS, "Answered"), (FERRY, "Not released yet"), (TOLL, "Sources differ")]:
        expect(seen.ask(question)).to_contain_text(outcome)
        assert violations(seen.page) == []
        seen.panel.get_by_role("button", name="New conversation").click()
    seen.page.context.set_offline(True)
    expect(seen.ask(CHESS)).to_contain_text("You are offline")
    assert violations(seen.page) == []


@pytest.mark.slow
def test_under_a_strict_policy_nothing_is_fetched_before_a_question_and_nothing_from_elsewhere(
    visit: Visiting, site: OtherSite, server: str
) -> None:
    policy = (
        f"default-src 'none'; script-src {server}; connect-src {server}; style-src 'none'; form-action 'none'; "
        "base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    address = site.put("/strict", tag(server, starters=TOLL), policy=policy)
    seen = visit(address)
    expect(seen.launcher).to_be_visible()
    assert seen.requests == [address, f"{server}/embed.js"]
    seen.open()
    assert len(seen.requests) == 2
    seen.panel.get_by_role("button", name=TOLL).click()
    expect(seen.last).to_contain_text("Sources differ")
    expect(seen.ask(PASS)).to_contain_text("The harbour pass costs 20 euros a year.")
    assert set(seen.requests[2:]) == {f"{server}/api/ask/stream"}
    assert seen.panel.evaluate("it => getComputedStyle(it).position") == "fixed"
    assert seen.errors == []


@pytest.mark.slow
def test_hostile_styles_of_a_page_change_nothing(visit: Visiting, site: OtherSite, server: str) -> None:
    looks = """it => [it, ...it.querySelectorAll("*")].map((each) => {
        const { x, y, width, height } = each.getBoundingClientRect();
        const { color, fontSize, letterSpacing, direction, textTransform, display } = getComputedStyle(each);
        return [each.localName, x, y, width, height, color, fontSize, letterSpacing, direction, textTransform, display].join();
    })"""
    seen = []
    for css in ("", HOSTILE_CSS):
        page = visit(site.put("/styled", tag(server), css=css), reduced_motion="reduce").open()
        page.ask(TOLL)
        seen.append(page.panel.evaluate(looks))
        assert page.page.locator("on-record").evaluate("it => getComputedStyle(it, '::before').display") == "none"
    assert len(seen[0]) > 20
    assert seen[0] == seen[1]


@pytest.mark.slow
def test_a_page_can_set_colours_and_measures(visit: Visiting, site: OtherSite, server: str) -> None:
    css = "on-record { --onrecord-accent: rgb(0, 80, 0); --onrecord-width: 400px; --onrecord-offset: 40px; }"
    seen = visit(site.put("/themed", tag(server, theme="light", position="start"), css=css), reduced_motion="reduce")
    assert seen.launcher.evaluate("it => getComputedStyle(it).backgroundColor") == "rgb(0, 80, 0)"
    box = seen.open().panel.bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (40, 400)
    seen = visit(site.put("/dark", tag(server, theme="dark"))).open()
    assert seen.panel.evaluate("it => getComputedStyle(it).backgroundColor") == "rgb(19, 23, 29)"


@pytest.mark.slow
def test_with_the_keyboard_alone_one_asks_follows_a_citation_and_leaves(
    visit: Visiting, site: OtherSite, server: str
) -> None:
    seen = visit(
        site.put("/keys", tag(server) + "<script>addEventListener('keydown', (e) => (window.heard = e.key))</script>")
    )
    keys = seen.page.keyboard
    assert seen.active() == "body"
    keys.press("Tab")
    keys.press("Tab")
    assert seen.active() == "on-record/button"
    assert seen.launcher.evaluate("it => getComputedStyle(it).outlineStyle") == "solid"
    seen.page.evaluate("window.heard = ''")
    keys.press("Enter")
    assert seen.active() == "on-record/textarea"
    keys.type("What does the")
    keys.press("Shift+Enter")
    keys.type("harbour pass cost?")
    assert seen.page.evaluate("window.heard") == ""
    keys.press("Enter")
    expect(seen.last).to_contain_text("20 euros")
    expect(seen.question).to_have_value("")
    keys.press("Shift+Tab")
    assert seen.active() == "on-record/summary"
    keys.press("Enter")
    expect(seen.last.locator("details li").first).to_be_visible()
    keys.press("Shift+Tab")
    assert seen.active() == "on-record/a"
    keys.press("Escape")
    expect(seen.panel).to_be_hidden()
    assert seen.active() == "on-record/button"
    keys.press("Enter")
    expect(seen.last).to_contain_text("20 euros")
    assert seen.errors == []


@pytest.mark.slow
def test_esc_gives_the_focus_back_to_what_opened_it(visit: Visiting, site: OtherSite, server: str) -> None:
    opener = '<button id="own">Ask</button><script src="/own.js" defer></script>'
    site.pages["/own.js"] = ("own.onclick = () => document.querySelector('on-record').open()", "")
    seen = visit(site.put("/own", tag(server), body=opener))
    seen.page.locator("#own").evaluate("it => (it.onclick = () => document.querySelector('on-record').open())")
    seen.page.locator("#own").click()
    assert seen.active() == "on-record/textarea"
    seen.page.keyboard.press("Escape")
    assert seen.active() == "button"


@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 320])
def test_on_a_phone_it_covers_the_page_and_nothing_needs_scrolling_sideways(
    visit: Visiting, site: OtherSite, server: str, width: int
) -> None:
    address = site.put("/phone", tag(server, contact="mailto:a@example.org", starters=f"{PASS} | {TOLL}"))
    seen = visit(address, width, 740, reduced_motion="reduce").open()
    box = seen.panel.bounding_box()
    assert box == {"x": 0, "y": 0, "width": width, "height": 740}
    seen.page.keyboard.press("Tab")
    for _ in range(20):
        seen.page.keyboard.press("Tab")
        assert seen.active() != "a"  # of the page below, which cannot be reached
    sides = seen.ask(TOLL).locator(".sides > li")
    boxes = [sides.nth(n).bounding_box() for n in range(2)]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["x"] == boxes[1]["x"]
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"]
    expect(seen.ask(TOLL).locator("h3")).to_be_in_viewport()  # an answer is read from its beginning
    expect(seen.ask(FERRY).locator("h3")).to_be_in_viewport()
    assert seen.panel.evaluate("it => it.scrollWidth") <= width
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    for target in seen.page.locator("on-record").locator("button, a, summary, textarea").all():
        area = target.bounding_box()
        if area is not None and target.is_visible():
            assert min(area["height"], area["width"]) >= 44
    assert violations(seen.page) == []
    seen.page.keyboard.press("Escape")
    expect(seen.launcher).to_be_visible()
    assert seen.active() == "on-record/button"


@pytest.mark.slow
def test_sides_of_a_disagreement_stand_side_by_side_with_who_said_so(
    visit: Visiting, site: OtherSite, server: str
) -> None:
    seen = visit(site.put("/sides", tag(server))).open()
    sides = seen.ask(TOLL).locator(".sides > li")
    expect(sides).to_have_count(2)
    boxes = [sides.nth(n).bounding_box() for n in range(2)]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["y"] == boxes[1]["y"]
    said = sides.locator("figcaption")
    expect(said.filter(has_text="Tolls")).to_have_text("[1] Tolls of the county (opens in a new tab), undated")
    expect(said.filter(has_text="Herald")).to_contain_text("[2] brief of Town Herald, 2025-05-02")
    expect(seen.last.locator(".outcome")).to_have_text("⇄ Sources differ")


@pytest.mark.slow
def test_citations_stand_open_with_quote_publisher_date_and_link(visit: Visiting, site: OtherSite, server: str) -> None:
    seen = visit(site.put("/cited", tag(server))).open()
    figure = seen.ask(PASS).locator("figure").first
    expect(figure.locator("blockquote")).to_have_text("The harbour pass costs 20 euros a year.")
    expect(figure.locator("figcaption")).to_contain_text("[1] Port Gazette, 2025-05-02")
    link = figure.get_by_role("link", name="The harbour pass")
    expect(link).to_have_attribute("href", re.compile(r"^https://example\.org/pass#:~:text=The%20harbour%20pass"))
    expect(link).to_have_attribute("rel", re.compile("noopener"))
    own = seen.ask(CRUISE).get_by_role("link", name="Cruises this summer")
    expect(own).to_have_attribute("href", re.compile(rf"^{re.escape(server)}/source/cruise#\d+-\d+$"))
    seen.last.locator("summary").click()
    expect(seen.last.locator("details figure").first).to_be_visible()


@pytest.mark.slow
def test_parts_what_is_replaced_and_greetings_are_shown_as_such(visit: Visiting, site: OtherSite, server: str) -> None:
    seen = visit(site.put("/kinds", tag(server, contact="https://example.org/contact"))).open()
    parts = seen.ask(BOTH).locator(".part")
    expect(parts).to_have_count(2)
    expect(parts.nth(0).locator(".outcome")).to_have_text("✓ Answered")
    expect(parts.nth(1).locator(".outcome")).to_have_text("∅ Not in the sources")
    expect(seen.last.locator(".verdict .outcome")).to_have_text("◐ In parts")
    expect(seen.last.get_by_role("link", name="Contact us")).to_have_attribute("href", "https://example.org/contact")
    replaced = seen.ask(CRUISE).locator("figure.replaced")
    expect(replaced).to_contain_text("Replaced")
    expect(replaced).to_contain_text("The price of the dinner cruise has not been announced.")
    expect(seen.last.get_by_role("link", name="Contact us")).to_have_count(0)
    expect(seen.ask("Hello")).to_contain_text("The record holds 4 sources")
    expect(seen.last.locator(".outcome")).to_have_count(0)
    related = seen.ask(CHESS).locator("details")
    expect(related).to_have_attribute("open", "open")
    expect(seen.last.get_by_role("link", name="Contact us")).to_be_visible()


@pytest.mark.slow
def test_a_follow_up_is_sent_with_what_was_asked_before(visit: Visiting, site: OtherSite, server: str) -> None:
    seen = visit(site.put("/follow", tag(server), css="main { height: 3000px; }"))
    seen.page.evaluate("scrollTo(0, 500)")
    seen.open().ask(PASS)
    expect(seen.ask("Where do residents buy it?")).to_contain_text(
        "Understood as: Where do residents buy it (harbour pass)?"
    )
    expect(seen.last).to_contain_text("harbour office")
    assert seen.page.evaluate("scrollY") == 500
    seen.panel.get_by_role("button", name="New conversation").click()
    expect(seen.answers).to_have_count(0)
    assert seen.active() == "on-record/textarea"
    expect(seen.ask("Where do residents buy it?")).not_to_contain_text("Understood as")


@pytest.mark.slow
def test_an_answer_is_read_aloud_once(visit: Visiting, site: OtherSite, server: str) -> None:
    seen = visit(site.put("/live", tag(server))).open()
    live = seen.panel.locator("[role=status]")
    expect(seen.panel.locator("[aria-live], [role=log], [role=alert]")).to_have_count(0)
    live.evaluate(
        "it => { window.said = []; new MutationObserver(() => it.textContent && said.push(it.textContent))"
        ".observe(it, { childList: true, characterData: true, subtree: true }); }"
    )
    seen.ask(PASS)
    seen.ask(PASS)
    seen.page.context.set_offline(True)
    seen.ask(FERRY)
    once = "Answered. The harbour pass costs 20 euros a year."
    assert seen.page.evaluate("said") == [once, once, "You are offline."]


@pytest.mark.slow
def test_from_right_to_left_all_of_it_is_mirrored_but_dates(visit: Visiting, site: OtherSite, server: str) -> None:
    address = site.put("/rtl", tag(server, sources_lang="en"), html='lang="ar" dir="rtl"')
    seen = visit(address, reduced_motion="reduce")
    box = seen.launcher.bounding_box()
    assert box is not None
    assert box["x"] == 20
    expect(seen.launcher).to_have_text("اطرح سؤالاً")
    seen.open()
    seen.question.fill(PASS)
    seen.question.press("Enter")
    expect(seen.last).to_contain_text("تمت الإجابة")
    assert seen.last.evaluate("it => getComputedStyle(it).direction") == "rtl"
    assert seen.last.locator("time").first.evaluate("it => getComputedStyle(it).direction") == "ltr"
    quote = seen.last.locator("blockquote").first
    assert quote.evaluate("it => [it.lang, getComputedStyle(it).direction]") == ["en", "ltr"]
    assert violations(seen.page) == []


@pytest.mark.slow
def test_language_and_direction_are_the_elements_or_else_the_pages(
    visit: Visiting, site: OtherSite, server: str
) -> None:
    seen = visit(site.put("/lang", tag(server, placement="none")))
    looks = """([page, data]) => {
        const made = document.createElement("on-record");
        Object.assign(document.documentElement, page);
        Object.assign(made.dataset, data);
        document.body.append(made);
        const { lang, dir } = made.shadowRoot.querySelector(".root");
        made.remove();
        return [lang, dir];
    }"""
    for page, data, expected in [
        ({"lang": "de-AT"}, {}, ["de-AT", "ltr"]),
        ({"lang": "it"}, {}, ["en", "ltr"]),
        ({"lang": "ar"}, {}, ["ar", "rtl"]),
        ({"lang": "he", "dir": "rtl"}, {}, ["en", "rtl"]),
        ({"lang": "he", "dir": "rtl"}, {"lang": "fr"}, ["fr", "ltr"]),
        ({"lang": "en", "dir": ""}, {"lang": "fa"}, ["fa", "rtl"]),
        ({"lang": "en", "dir": ""}, {"dir": "rtl"}, ["en", "rtl"]),
    ]:
        assert seen.page.evaluate(looks, [page, data]) == expected


# ---------------------------------------------------------------- from page to page


@pytest.mark.slow
def test_a_page_change_keeps_conversation_draft_and_openness_and_takes_no_focus(
    visit: Visiting, site: OtherSite, server: str
) -> None:
    site.put("/next", tag(server))
    seen = visit(site.put("/first", tag(server))).open()
    seen.ask(TOLL)
    seen.question.fill("And what of")
    seen.page.context.add_init_script(
        "window.focused = []; addEventListener('focus', (e) => focused.push(e.target.localName), true)"
    )
    seen.page.get_by_role("link", name="Next page").click()
    expect(seen.page).to_have_url(f"{site.origin}/next")
    expect(seen.panel).to_be_visible()
    expect(seen.last).to_contain_text("Sources differ")
    expect(seen.question).to_have_value("And what of")
    assert seen.active() == "body"
    assert [name for name in seen.page.evaluate("focused") if name] == []
    seen.question.focus()
    seen.page.keyboard.press("Escape")
    seen.page.reload()
    expect(seen.launcher).to_be_visible()
    expect(seen.panel).to_be_hidden()
    expect(seen.open().last).to_contain_text("Sources differ")
    other = seen.page.context.new_page()
    other.goto(f"{site.origin}/next")
    other.locator("on-record .launcher").click()
    expect(other.locator("on-record article")).to_have_count(0)


@pytest.mark.slow
def test_a_question_cut_off_by_a_page_change_can_be_asked_again(
    visit: Visiting, site: OtherSite, server: str, gate: Gate
) -> None:
    site.put("/next", tag(server))
    seen = visit(site.put("/first", tag(server))).open()
    gate.opened.clear()
    try:
        seen.question.fill(PASS)
        seen.question.press("Enter")
        expect(seen.last).to_contain_text("Searching the sources")
        seen.page.get_by_role("link", name="Next page").click()
        expect(seen.last).to_contain_text("Stopped before the answer.")
    finally:
        gate.opened.set()
    seen.last.get_by_role("button", name="Try again").click()
    expect(seen.last).to_contain_text("20 euros")
    expect(seen.answers).to_have_count(1)


@pytest.mark.slow
def test_without_storage_it_works_for_as_long_as_the_page(visit: Visiting, site: OtherSite, server: str) -> None:
    site.put("/next", tag(server))
    address = site.put("/first", tag(server))
    seen = visit(address)
    seen.page.context.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
    )
    seen.page.reload()
    expect(seen.open().ask(PASS)).to_contain_text("20 euros")
    assert seen.errors == []


@pytest.mark.slow
def test_what_cannot_be_read_in_storage_is_left(visit: Visiting, site: OtherSite, server: str) -> None:
    seen = visit(site.put("/kept", tag(server)))
    for kept in (
        "{",
        "null",
        '{"version": 1, "turns": [{"question": "a", "answer": {}}], "draft": "b"}',
        '{"version": 1, "turns": 1}',
    ):
        seen.page.evaluate("kept => sessionStorage.setItem(Object.keys(sessionStorage)[0], kept)", kept)
        seen.page.goto(site.origin + "/kept")
        expect(seen.open().panel.locator(".intro")).to_be_visible()
        seen.page.keyboard.press("Escape")
    assert seen.errors == []


@pytest.mark.slow
def test_what_is_kept_and_sent_is_bounded(visit: Visiting, site: OtherSite, faulty: Faulty) -> None:
    seen = visit(site.put("/long", tag(faulty.address))).open()
    faulty.asked.clear()
    faulty.replies[:] = [says(answered("Größe " * 2_500)) for _ in range(12)] + [says(refused()) for _ in range(10)]
    ask = "async ([from, to]) => { for (let n = from; n < to; n++) await document.querySelector('on-record').ask('n' + n); }"
    seen.page.evaluate(ask, [0, 12])
    kept = seen.page.evaluate("Object.values(sessionStorage)[0]")
    assert 100_000 < len(kept) <= 200_000
    assert json.loads(kept)["turns"][-1]["question"] == "n11"
    sent = faulty.asked[-1]
    assert len(json.dumps(sent, ensure_ascii=False).encode()) < 64 * 1024
    assert faulty.asked[0]["history"] == []
    assert 1 <= len(sent["history"]) < 10
    assert sent["history"][-1]["question"] == "n10"
    seen.page.evaluate(ask, [12, 22])
    expect(seen.answers).to_have_count(20)
    assert [turn["question"] for turn in faulty.asked[-1]["history"]][-9:] == [f"n{n}" for n in range(12, 21)]


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.slow
def test_a_server_killed_in_mid_answer_leaves_no_half_answer_and_a_way_to_try_again(
    visit: Visiting, site: OtherSite, faulty: Faulty
) -> None:
    seen = visit(site.put("/killed", tag(faulty.address))).open()
    dies = Event()
    half = "".join(list(events(shown(answered())))[:-1])
    faulty.replies[:] = [killed(dies), lambda request: send(request, half, "text/event-stream"), says(answered())]
    seen.question.fill("What is the price?")
    seen.question.press("Enter")
    expect(seen.last).to_contain_text(COST.quote)
    seen.question.fill("And where")
    seen.question.press("Enter")  # one at a time
    dies.set()
    expect(seen.last).to_contain_text("The connection was lost halfway.")
    expect(seen.last).not_to_contain_text(COST.quote)
    expect(seen.last).to_contain_text("What is the price?")
    expect(seen.question).to_have_value("And where")
    seen.last.get_by_role("button", name="Try again").click()
    expect(seen.last).to_contain_text("The connection was lost halfway.")
    seen.last.get_by_role("button", name="Try again").click()
    expect(seen.last.locator("figcaption")).to_contain_text("Gazette, 2025-05-02")
    expect(seen.answers).to_have_count(1)
    expect(seen.question).to_have_value("And where")


@pytest.mark.slow
def test_a_fault_is_told_in_words_and_loses_nothing(visit: Visiting, site: OtherSite, faulty: Faulty) -> None:
    seen = visit(site.put("/fault", tag(faulty.address, contact="/contact"))).open()
    seen.page.evaluate("document.addEventListener('onrecord:error', ({ detail }) => (window.fault = detail))")
    for status, code, words, again in [
        (503, "busy", "Too many questions", True),
        (504, "timeout", "too long", True),
        (500, "internal", "Something went wrong", True),
        (422, "unprocessable", "does not take this question", False),
        (401, "unauthorized", "may not ask here", False),
    ]:
        faulty.replies[:] = [fails(status, code)]
        expect(seen.ask("What?")).to_contain_text(words)
        expect(seen.last.get_by_role("button", name="Try again")).to_have_count(int(again))
        expect(seen.last.get_by_role("link", name="Contact us")).to_be_visible()
        expect(seen.question).to_have_value("" if again else "What?")
        assert seen.page.evaluate("[fault.question, fault.status, fault.code]") == ["What?", status, code]


@pytest.mark.slow
def test_a_limit_that_is_met_counts_down_until_it_may_be_tried_again(
    visit: Visiting, site: OtherSite, gate: Gate, settings: Settings
) -> None:
    with served(gate, replace(settings, rate=2, burst=1)) as address:
        seen = visit("about:blank")
        seen.page.clock.install()
        seen.page.goto(site.put("/limited", tag(address)))
        seen.open().ask(PASS)
        expect(seen.ask(TOLL)).to_contain_text("Too many questions")
        retry = seen.last.get_by_role("button")
        expect(retry).to_have_text(re.compile(r"^Try again in (?:30|29|28) s$"))
        expect(retry).to_be_disabled()
        seen.page.clock.fast_forward(31_000)
        expect(retry).to_be_enabled()
        expect(retry).to_have_text("Try again")


@pytest.mark.slow
def test_no_server_and_no_network_are_told_apart(
    visit: Visiting, site: OtherSite, faulty: Faulty, gate: Gate, settings: Settings
) -> None:
    with served(gate, settings) as address:
        seen = visit(site.put("/gone", tag(address))).open()
    expect(seen.ask(PASS)).to_contain_text("The server cannot be reached.")
    seen.page.context.set_offline(True)
    expect(seen.ask(PASS)).to_contain_text("You are offline.")


@pytest.mark.slow
def test_a_slow_answer_says_so_and_can_be_stopped_and_closing_does_not_stop_it(
    visit: Visiting, site: OtherSite, server: str, gate: Gate
) -> None:
    seen = visit("about:blank")
    seen.page.clock.install()
    seen.page.goto(site.put("/slow", tag(server, timeout="100")))
    seen.open()
    gate.opened.clear()
    try:
        seen.question.fill(PASS)
        seen.question.press("Enter")
        expect(seen.last).to_contain_text("Searching the sources")
        seen.page.clock.fast_forward(9_000)
        expect(seen.last).to_contain_text("This takes longer than usual")
        expect(seen.panel.locator("[role=status]")).to_have_text("This takes longer than usual…")
        seen.panel.get_by_role("button", name="Stop").click()
        expect(seen.last).to_contain_text("Stopped before the answer.")
        seen.last.get_by_role("button", name="Try again").click()
        expect(seen.last).to_contain_text("Searching the sources")
        seen.page.clock.fast_forward(101_000)
        expect(seen.last).to_contain_text("The answer took too long.")
        seen.last.get_by_role("button", name="Try again").click()
        seen.panel.get_by_role("button", name="Close").click()
    finally:
        gate.opened.set()
    expect(seen.last.locator("blockquote").first).to_have_text("The harbour pass costs 20 euros a year.")
    expect(seen.panel).to_be_hidden()


@pytest.mark.slow
def test_hostile_words_and_addresses_stay_words(visit: Visiting, site: OtherSite, faulty: Faulty) -> None:
    evil = "<img src=x onerror='window.pwned = 1'>\u202e<script>window.pwned = 1</script>\u2028"
    seen = visit(site.put("/evil", tag(faulty.address))).open()
    for link, href in [
        ("javascript:window.pwned=1", None),
        ("//outside.example/a", None),
        ("/\\outside.example/a", None),
        ("data:text/html,a", None),
        ("/source/a b#0-3", f"{faulty.address}/source/a%20b#0-3"),
        ("https://example.org/a", "https://example.org/a"),
    ]:
        cited = replace(COST, quote=evil, title=evil, publisher=evil, published=evil, url="javascript:1", link=link)
        faulty.replies[:] = [says(replace(answered(evil, cited), standalone_question=evil, related=(cited,)))]
        said = seen.ask(evil).locator(".answer")
        expect(said.locator("blockquote").first).to_have_text(
            "<img src=x onerror='window.pwned = 1'><script>window.pwned = 1</script>"
        )
        assert said.locator("a").count() == (2 if href else 0)
        if href:
            expect(said.locator("a").first).to_have_attribute("href", href)
    assert seen.page.evaluate("window.pwned") is None
    expect(seen.panel.locator("img, script")).to_have_count(0)
    assert not [url for url in seen.requests if "outside" in url or url.endswith("/x")]


@pytest.mark.slow
def test_a_contact_is_a_page_a_mailbox_or_a_telephone(visit: Visiting, site: OtherSite, faulty: Faulty) -> None:
    faulty.replies[:] = [says(refused())]
    seen = visit(site.put("/contact", tag(faulty.address, contact_label="Ask us"))).open()
    link = seen.ask("What?").get_by_role("link", name="Ask us")
    expect(link).to_have_count(0)
    for contact, href in [
        ("tel:+1", "tel:+1"),
        ("help", f"{site.origin}/help"),
        ("javascript:1", None),
        ("http://", None),
    ]:
        seen.page.locator("on-record").evaluate("(it, contact) => (it.dataset.contact = contact)", contact)
        expect(link).to_have_count(1 if href else 0)
        if href:
            expect(link).to_have_attribute("href", href)


# ---------------------------------------------------------------- for the page


@pytest.mark.slow
def test_a_page_can_ask_listen_and_hold_it_shut(visit: Visiting, site: OtherSite, server: str) -> None:
    seen = visit(site.put("/api", tag(server, title="About the harbour", ask="Fragen")))
    expect(seen.launcher).to_have_text("About the harbour")
    seen.page.evaluate(
        "() => { window.told = []; for (const name of ['answer', 'refusal', 'open', 'close', 'error']) "
        "document.addEventListener(`onrecord:${name}`, (e) => { told.push([name, e.detail.question, e.detail.outcome]);"
        " if (window.shut) e.preventDefault(); }); }"
    )
    ask = "question => document.querySelector('on-record').ask(question)"
    assert seen.page.evaluate(ask, PASS)["citations"][0]["publisher"] == "Port Gazette"
    expect(seen.panel).to_be_visible()
    expect(seen.panel.get_by_role("button", name="Fragen")).to_be_visible()
    seen.page.evaluate(ask, FERRY)
    seen.page.evaluate(ask, TOLL)
    assert seen.page.evaluate(ask, "Hello")["outcome"] == "answered"
    assert seen.page.evaluate(ask, "  ") is None
    seen.page.evaluate("window.shut = true")
    seen.page.keyboard.press("Escape")
    expect(seen.panel).to_be_visible()
    seen.page.evaluate("window.shut = false")
    seen.page.evaluate("document.querySelector('on-record').close()")
    seen.page.evaluate("document.querySelector('on-record').clear()")
    assert seen.page.evaluate("told") == [
        ["open", None, None],
        ["answer", PASS, "answered"],
        ["refusal", FERRY, "unreleased"],
        ["answer", TOLL, "conflicting"],
        ["close", None, None],
        ["close", None, None],
    ]
    assert seen.errors == []


@pytest.mark.slow
def test_an_element_in_the_page_stands_there_and_takes_options_late(
    visit: Visiting, site: OtherSite, server: str
) -> None:
    body = '<on-record data-title="Here"><a href="/ask">Ask us</a></on-record>'
    seen = visit(site.put("/inline", tag(server) + tag(server), body=body))
    expect(seen.page.locator("on-record")).to_have_count(1)
    expect(seen.panel).to_be_visible()
    expect(seen.panel.get_by_role("heading")).to_have_text("Here")
    expect(seen.page.get_by_text("Ask us")).to_be_hidden()
    assert seen.active() == "body"
    seen.question.fill("typed")
    seen.page.locator("on-record").evaluate("it => (it.options = { title: 'There', starters: ['One?', 'Two?'] })")
    expect(seen.panel.get_by_role("heading")).to_have_text("There")
    expect(seen.panel.get_by_role("button", name="Two?")).to_be_visible()
    seen.page.locator("on-record").evaluate("it => it.setAttribute('data-ask', 'Go')")
    expect(seen.panel.get_by_role("button", name="Go")).to_be_visible()
    expect(seen.question).to_have_value("typed")
    assert seen.active() == "on-record/textarea"
    seen.page.locator("on-record").evaluate("it => { document.body.append(it); it.hidden = true; }")
    expect(seen.panel).to_be_hidden()


@pytest.mark.slow
def test_a_tag_says_where_the_assistant_stands(visit: Visiting, site: OtherSite, server: str) -> None:
    seen = visit(site.put("/place", body=tag(server, placement="inline")))
    expect(seen.page.locator("main > on-record .panel")).to_be_visible()
    expect(seen.ask(PASS)).to_contain_text("20 euros")
    expect(seen.last.locator("h3")).to_be_in_viewport()
    seen = visit(site.put("/place", tag(server, placement="none")))
    seen.page.evaluate(
        "document.body.append(Object.assign(document.createElement('on-record'), { options: { title: 'Made' } }))"
    )
    expect(seen.panel.get_by_role("heading")).to_have_text("Made")


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(667, 375), (320, 256)])
def test_in_a_low_window_all_of_it_can_be_scrolled_to(
    visit: Visiting, site: OtherSite, server: str, width: int, height: int
) -> None:
    seen = visit(site.put("/low", tag(server)), width, height, reduced_motion="reduce").open()
    seen.ask(TOLL)
    seen.page.mouse.move(width / 2, height / 2)
    for far, wanted in ((5_000, seen.question), (-5_000, seen.panel.get_by_role("button", name="Close"))):
        seen.page.mouse.wheel(0, far)
        expect(wanted).to_be_in_viewport(ratio=1)


@pytest.mark.slow
def test_back_on_a_page_that_the_browser_kept_the_conversation_goes_on_from_where_it_is_now(
    visit: Visiting, site: OtherSite, server: str
) -> None:
    seen = visit(site.put("/first", tag(server))).open()
    seen.ask(TOLL)
    # Playwright's browser keeps no pages: another page has gone on, and this one is shown again.
    seen.page.evaluate("""() => {
        const [key] = Object.keys(sessionStorage), kept = JSON.parse(sessionStorage[key]);
        kept.turns.push(kept.turns[0]);
        sessionStorage[key] = JSON.stringify({ ...kept, draft: "And" });
        dispatchEvent(new PageTransitionEvent("pageshow", { persisted: false }));
    }""")
    expect(seen.answers).to_have_count(1)
    seen.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(seen.answers).to_have_count(2)
    expect(seen.question).to_have_value("And")
    seen.ask(PASS)
    expect(seen.answers).to_have_count(3)


@pytest.mark.slow
def test_where_the_body_is_replaced_and_its_scripts_run_again_it_stands_there_again(
    visit: Visiting, site: OtherSite, server: str
) -> None:
    seen = visit(site.put("/turbo", tag(server))).open()
    seen.ask(TOLL)
    seen.page.evaluate("""() => {
        const body = document.createElement("body"), again = document.createElement("script");
        again.src = document.querySelector("script[src]").src;
        document.body.replaceWith(body);
        return new Promise((done) => { again.onload = done; body.append(again); });
    }""")
    expect(seen.page.locator("on-record")).to_have_count(1)
    expect(seen.last).to_contain_text("Sources differ")


@pytest.mark.slow
def test_a_change_of_options_takes_nothing_away_from_who_is_using_it(
    visit: Visiting, site: OtherSite, server: str
) -> None:
    seen = visit(site.put("/options", tag(server, starters=PASS)), 360, 700, reduced_motion="reduce").open()
    element = seen.page.locator("on-record")
    for question in (TOLL, PASS, TOLL):
        seen.ask(question)
    element.evaluate("it => it.addEventListener('onrecord:answer', () => (it.dataset.seen = 'yes'))")
    seen.ask(CRUISE)
    expect(seen.panel.get_by_role("status")).to_contain_text("Answered")
    seen.question.fill("typed")
    seen.question.evaluate("it => it.setSelectionRange(2, 2)")
    seen.panel.locator(".log").evaluate("it => (it.scrollTop = 100)")
    element.evaluate("it => (it.options = { title: 'Changed' })")
    expect(seen.panel.get_by_role("heading", name="Changed")).to_be_visible()
    assert seen.question.evaluate("it => it.selectionStart") == 2
    assert seen.panel.locator(".log").evaluate("it => it.scrollTop") == 100
    assert seen.panel.evaluate("it => it.matches(':modal')")
    assert seen.active() == "on-record/textarea"


@pytest.mark.slow
def test_elements_with_an_id_keep_conversations_of_their_own(visit: Visiting, site: OtherSite, server: str) -> None:
    seen = visit(site.put("/two", tag(server), body='<on-record id="x"></on-record><on-record id="y"></on-record>'))
    for name, question in (("x", TOLL), ("y", PASS)):
        box = seen.page.locator(f"#{name} textarea")
        box.fill(question)
        box.press("Enter")
        expect(seen.page.locator(f"#{name} .outcome")).to_be_visible()
    seen.page.reload()
    expect(seen.page.locator("#x article")).to_contain_text("Sources differ")
    expect(seen.page.locator("#y article")).to_contain_text("20 euros")


@pytest.mark.slow
def test_an_answer_does_not_pull_a_page_away_from_who_reads_on(
    visit: Visiting, site: OtherSite, server: str, gate: Gate
) -> None:
    body = f'{tag(server, placement="inline")}<div style="height: 4000px"></div>'
    seen = visit(site.put("/long", body=body))
    gate.opened.clear()
    try:
        seen.question.fill(PASS)
        seen.question.press("Enter")
        expect(seen.last).to_contain_text("Searching the sources")
        seen.page.evaluate("scrollTo(0, 3000)")
    finally:
        gate.opened.set()
    expect(seen.last.locator(".outcome")).to_have_count(1)
    assert seen.page.evaluate("scrollY") >= 3000  # more by what has grown above


@pytest.mark.slow
def test_a_double_click_asks_once_and_what_is_opened_stays_open(visit: Visiting, site: OtherSite, server: str) -> None:
    seen = visit(site.put("/double", tag(server))).open()
    for count, question in enumerate((FERRY, PASS), 1):
        seen.question.fill(question)
        seen.panel.get_by_role("button", name="Ask", exact=True).dblclick()
        expect(seen.answers).to_have_count(count)
        expect(seen.last.locator(".outcome")).to_be_visible()
        if count == 1:
            seen.last.locator("summary").click()
            opened = seen.last.locator("details").evaluate("it => it.open")
    assert seen.answers.first.locator("details").evaluate("it => it.open") == opened


@pytest.mark.slow
def test_short_links_are_as_large_as_long_ones_and_nothing_is_printed_over_the_page(
    visit: Visiting, site: OtherSite, faulty: Faulty
) -> None:
    short = replace(
        answered(), citations=tuple(replace(c, title="A", link="https://example.org/a") for c in answered().citations)
    )
    faulty.replies = [says(short)]
    seen = visit(site.put("/short", tag(faulty.address))).open()
    area = seen.ask(PASS).locator("figcaption a").first.bounding_box()
    assert area is not None
    assert min(area["width"], area["height"]) >= 44
    seen.page.emulate_media(media="print")
    expect(seen.panel).to_be_hidden()


@pytest.mark.slow
def test_in_a_frame_options_stand_in_the_address_and_on_its_own_they_are_nothing(
    visit: Visiting, site: OtherSite, server: str
) -> None:
    address = f"{server}/embed?lang=de&title=Zum+Hafen&contact=https://example.org/k&server=https://outside.example/&placement=launcher"
    seen = visit(
        site.put(
            "/frame",
            body=f'<iframe src="{address.replace("&", "&amp;")}" title="Ask" width="600" height="600"></iframe>',
        )
    )
    frame = seen.page.frame_locator("iframe")
    expect(frame.get_by_role("heading")).to_have_text("Zum Hafen")
    frame.locator("textarea").fill(CHESS)
    frame.locator("textarea").press("Enter")
    expect(frame.locator("article")).to_contain_text("Nicht in den Quellen")
    expect(frame.get_by_role("link", name="Kontakt")).to_have_attribute("href", "https://example.org/k")
    assert frame.get_by_role("link", name="Kontakt").evaluate("() => document.querySelector('base').target") == "_blank"
    box = frame.locator(".panel").bounding_box()
    assert box is not None
    assert box["height"] == 600
    assert seen.errors == []
    seen = visit(address)
    expect(seen.panel.get_by_role("heading")).to_have_text("Ask a question")
    expect(seen.panel.get_by_role("button", name=PASS)).to_be_visible()
    assert violations(seen.page) == []
    assert seen.errors == []


@pytest.mark.slow
def test_the_demo_works_from_another_origin(visit: Visiting, gate: Gate, settings: Settings) -> None:
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        allowing = replace(settings, origins=(f"http://localhost:{port}",))
        running = uvicorn.Server(configured(allowing, create(gate, allowing, chat=False)))
        thread = Thread(target=running.run, args=([listening],))
        thread.start()
        try:
            demonstrated(visit, port)
        finally:
            running.should_exit = True
            thread.join(30)


def demonstrated(visit: Visiting, port: int) -> None:
    seen = visit(f"http://localhost:{port}/demo", reduced_motion="reduce")
    assert f"http://127.0.0.1:{port}/embed.js" in seen.requests
    assert violations(seen.page) == []
    expect(seen.open().ask(PASS)).to_contain_text("20 euros")
    assert f"http://127.0.0.1:{port}/api/ask/stream" in seen.requests
    seen.page.keyboard.press("Escape")
    seen.page.get_by_role("link", name="العربية").click()
    expect(seen.open().last).to_contain_text("تمت الإجابة")
    seen.page.keyboard.press("Escape")
    seen.page.get_by_role("link", name="inline").click()
    expect(seen.page.locator("main > on-record .panel")).to_be_visible()
    assert seen.errors == []
