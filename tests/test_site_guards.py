"""What stands before every route, met as a stranger meets it: over HTTP, or byte by byte.

One server with the chat serves most tests; what needs other settings has a server of its own, and what needs a clock or
a time that runs out is called as ASGI has it. The routes themselves are tested elsewhere.
"""

import asyncio
import json
import logging
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from assistant.answer import Answer, Assistant
from assistant.settings import Settings
from assistant.site import connections
from assistant.site.app import create
from assistant.site.guards import MOST_BYTES, Body, Caught, Origins, Rate, Share, client_of
from index.embed import Embedder
from index.errors import OnRecordError
from tests.corpus import assistant_over
from tests.serving import served

QUESTION = "What does the harbour pass cost?"
ALLOWED = "https://allowed.example"
FRAMING = "https://framing.example"
LIMITLESS: Mapping[str, Any] = {"rate": 1_000_000, "burst": 1_000_000, "waiting": 1_000}
CAP = 30  # seconds: how long a test waits for what has to happen at once

HTTP = httpx.Client(timeout=CAP, verify=False)  # nothing is encrypted; reading all certificates takes long

Headers = Mapping[str, str]


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("guards")
    with assistant_over(folder, {"pass.md": "The harbour pass costs 20 euros a year."}, embedder) as opened:
        yield opened


@pytest.fixture(scope="module")
def chat(assistant: Assistant) -> Iterator[str]:
    """The address of a server with the chat, which one other site may ask, and another show in a frame."""
    settings = Settings(origins=(ALLOWED,), frame_ancestors=(FRAMING,), **LIMITLESS)
    with served(assistant, settings, chat=True) as address:
        yield address


Serving = Callable[..., str]


@pytest.fixture
def serving(assistant: Assistant) -> Iterator[Serving]:
    """`serving(live, field=value)` serves the API alone, by these settings, and returns its address."""
    with ExitStack() as servers:

        def begin(live: Assistant | None = None, **settings: Any) -> str:
            return servers.enter_context(served(live or assistant, Settings(**{**LIMITLESS, **settings})))

        yield begin


def ask(address: str, question: str = QUESTION, headers: Mapping[Any, Any] | None = None) -> httpx.Response:
    return HTTP.post(f"{address}/api/ask", json={"question": question}, headers=headers)


def code(reply: httpx.Response) -> str:
    """The code of a reply in our form, whose status has to be that of the code."""
    error = reply.json()["error"]
    assert set(error) == {"message", "type", "code", "param"}
    assert reply.status_code >= 400
    return str(error["code"])


def raw(address: str, method: str, path: str, headers: Headers | None = None) -> tuple[int, str]:
    """The status and text that a path, sent as it is written, is replied with."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=CAP)
    try:
        connection.request(method, path, headers=dict(headers or {}))
        reply = connection.getresponse()
        return reply.status, reply.read().decode()
    finally:
        connection.close()


@contextmanager
def connected(address: str) -> Iterator[socket.socket]:
    place = urlsplit(address)
    with socket.create_connection((place.hostname, place.port), timeout=CAP) as made:
        yield made


def everything(connection: socket.socket) -> bytes:
    """What comes until the other side ends the connection, in whatever way."""
    got = b""
    try:
        while piece := connection.recv(65_536):
            got += piece
    except ConnectionResetError:
        pass
    return got


class Called:
    """An application called as ASGI has it, behind a guard. It replies to everything with 204."""

    def __init__(self, guard: Callable[..., Any], *args: Any, **named: Any) -> None:
        self.bodies: list[bytes] = []
        self._guarded = guard(self._app, *args, **named)

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        self.bodies.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def __call__(
        self, headers: Headers | None = None, *, method: str = "POST", path: str = "/api/ask", client: str = "10.0.0.1",
        body: Sequence[dict[str, Any]] = ({"type": "http.request", "body": b"", "more_body": False},),
    ) -> tuple[int, dict[str, str]]:  # fmt: skip
        """The status and headers of the reply; a status of 0 where none came. What ends without an end never comes."""
        sent: list[dict[str, Any]] = []

        async def messages() -> AsyncIterator[dict[str, Any]]:
            for message in body:
                yield message
            await asyncio.Event().wait()

        async def call() -> None:
            coming = messages()

            async def send(message: dict[str, Any]) -> None:
                sent.append(message)

            pairs = [(key.lower().encode(), value.encode()) for key, value in (headers or {}).items()]
            scope = {
                "type": "http", "method": method, "scheme": "http", "path": path, "headers": pairs, "client": (client, 1),
            }  # fmt: skip
            await self._guarded(scope, coming.__anext__, send)

        asyncio.run(call())
        if not sent:
            return 0, {}
        return sent[0]["status"], {key.decode(): value.decode() for key, value in sent[0]["headers"]}


# ---------------------------------------------------------------- pages of other sites

FOREIGN = [
    "https://evil.example", "null", "https://sub.allowed.example", "https://allowed.example.evil.example",
    "https://evilallowed.example", "http://allowed.example", "https://allowed.example:444", "https://ALLOWED.example",
    "https://allowed.example/", "https://allowed.example@evil.example", "https://allowed.example, https://evil.example",
    "file://", "chrome-extension://abc", "",
]  # fmt: skip


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_page_of_another_origin_may_do_nothing(chat: str, origin: str) -> None:
    for path in ("/api/ask", "/v1/chat/completions", "/mcp", "/gradio_api/queue/join"):
        asked = HTTP.post(f"{chat}{path}", json={"question": QUESTION}, headers={"Origin": origin})
        assert code(asked) == "foreign_origin"
        assert asked.status_code == 403
        preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        for reply in (asked, HTTP.options(f"{chat}{path}", headers=preflight)):
            assert reply.status_code in (400, 403)
            assert "access-control-allow-origin" not in reply.headers
            assert "access-control-allow-credentials" not in reply.headers


@pytest.mark.parametrize("path", ["/", "/config", "/api/sources", "/api/nothing", "/metrics"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", "http://localhost:7860"])
def test_a_page_of_another_origin_may_read_nothing(chat: str, origin: str, path: str) -> None:
    reply = HTTP.get(f"{chat}{path}", headers={"Origin": origin})
    assert not [name for name in reply.headers if name.startswith("access-control-allow")]
    assert "origin" in reply.headers["vary"].lower()


def test_a_page_of_an_allowed_origin_may_ask_and_read_the_reply_and_what_went_wrong(chat: str) -> None:
    preflight = HTTP.options(
        f"{chat}/api/ask",
        headers={
            "Origin": ALLOWED,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type, x-api-key, authorization, x-stainless-os, x-stainless-timeout",
        },
    )
    assert preflight.status_code == 200
    replies = [preflight, ask(chat, headers={"Origin": ALLOWED}), ask(chat, "", headers={"Origin": ALLOWED})]
    assert [reply.status_code for reply in replies] == [200, 200, 422]
    for reply in replies:
        assert reply.headers["access-control-allow-origin"] == ALLOWED
        assert "access-control-allow-credentials" not in reply.headers


def test_a_page_of_an_allowed_origin_may_read_that_it_asks_too_much(serving: Serving) -> None:
    address = serving(origins=(ALLOWED,), rate=1, burst=1)
    replies = [ask(address, headers={"Origin": ALLOWED}) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [200, 429]
    assert replies[1].headers["access-control-allow-origin"] == ALLOWED
    assert "retry-after" in replies[1].headers["access-control-expose-headers"]


def test_no_other_origin_is_allowed_unless_one_is_named(serving: Serving) -> None:
    address = serving()
    assert code(ask(address, headers={"Origin": ALLOWED})) == "foreign_origin"
    assert ask(address, headers={"Origin": address}).status_code == 200
    assert ask(address).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "https://sub.record.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": ALLOWED}, 204),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://record.example", "Host": "10.0.0.9:7860"}, 204),
        ({"Sec-Fetch-Site": "none"}, 204),
        ({"Origin": "https://record.example", "Host": "record.example"}, 204),
        ({"Origin": "http://record.example", "Host": "record.example"}, 204),
        ({"Origin": "https://record.example:8443", "Host": "record.example"}, 403),
        ({"Origin": "https://record.example", "Host": "10.0.0.9:7860"}, 403),
        ({"Origin": "ftp://record.example", "Host": "record.example"}, 403),
        ({"Origin": "null", "Host": "null"}, 403),
        ({"Host": "record.example"}, 204),
        ({}, 204),
    ],
)
def test_browsers_say_from_where_a_request_comes(headers: Headers, status: int) -> None:
    assert Called(Origins, (ALLOWED,), False)(headers)[0] == status


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "QUERY", "TRACE"])
def test_whatever_is_not_for_reading_is_turned_away(method: str) -> None:
    assert Called(Origins, (), False)({"Origin": "https://evil.example"}, method=method)[0] == 403


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 204), ("LOCALHOST:7860", 204), ("here.localhost:1", 204), ("127.0.0.1:7860", 204), ("[::1]:7860", 204),
        ("[::1]", 204), ("10.0.0.1", 204), ("evil.example", 403), ("evil.example:7860", 403), ("127.0.0.1.evil.example", 403),
        ("localhost.evil.example", 403), ("evillocalhost", 403), ("", 403), ("[evil.example]", 403),
    ],
)  # fmt: skip
def test_on_this_machine_a_name_that_someone_else_made_is_turned_away(host: str, status: int) -> None:
    headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    assert Called(Origins, (), True)(headers)[0] == status
    assert Called(Origins, (), True)(headers, method="GET")[0] == status
    assert Called(Origins, (), False)(headers, method="GET")[0] == 204


@pytest.mark.parametrize(
    ("settings", "status"),
    [({}, 403), ({"proxies": ("127.0.0.1",)}, 200), ({"host": "0.0.0.0"}, 200), ({"host": "localhost"}, 403), ({"host": "::1"}, 403)],
)  # fmt: skip
def test_a_name_is_no_matter_where_the_server_is_for_others_or_behind_a_proxy(
    serving: Serving, settings: dict[str, Any], status: int
) -> None:
    assert raw(serving(**settings), "GET", "/api/sources", {"Host": "record.example"})[0] == status


def test_what_a_page_can_send_unasked_is_no_question(chat: str, serving: Serving) -> None:
    body = json.dumps({"question": QUESTION})
    plain = {"Content-Type": "text/plain"}
    foreign = HTTP.post(f"{chat}/api/ask", content=body, headers={**plain, "Origin": "https://evil.example"})
    assert code(foreign) == "foreign_origin"
    for headers in (plain, {"Content-Type": "application/x-www-form-urlencoded"}, {}):
        assert code(HTTP.post(f"{chat}/api/ask", content=body, headers=headers)) == "unprocessable"


# ---------------------------------------------------------------- the headers of every reply


def test_every_reply_has_its_headers_once(chat: str) -> None:
    chunks = iter([b"x" * MOST_BYTES, b"x"])
    evil = {"Origin": "https://evil.example"}
    replies = [
        HTTP.get(f"{chat}/"), HTTP.head(f"{chat}/"), HTTP.get(f"{chat}/config"), HTTP.get(f"{chat}/nothing"),
        HTTP.get(f"{chat}/api/sources"), HTTP.get(f"{chat}/api/sources/nothing"), HTTP.get(f"{chat}/api/ask"),
        HTTP.get(f"{chat}/metrics"), HTTP.get(f"{chat}/source/pass"), HTTP.get(f"{chat}/source/nothing"),
        ask(chat), ask(chat, ""), ask(chat, headers=evil), HTTP.post(f"{chat}/api/ask", content=chunks),
        HTTP.options(f"{chat}/api/ask", headers={**evil, "Access-Control-Request-Method": "POST"}),
        HTTP.options(f"{chat}/", headers={**evil, "Access-Control-Request-Method": "POST"}),
        HTTP.get(f"{chat}/api/sources", headers={"Host": "evil.example"}), HTTP.get(f"{chat}/gradio_api/upload"),
    ]  # fmt: skip
    assert {reply.status_code for reply in replies} >= {200, 400, 403, 404, 405, 413, 422}
    for reply in replies:
        assert reply.headers.get_list("x-content-type-options") == ["nosniff"]
        assert reply.headers.get_list("referrer-policy") == ["no-referrer"]
        (policy,) = reply.headers.get_list("content-security-policy")
        assert "default-src " in policy
        assert policy.endswith(f"frame-ancestors {FRAMING}")
        assert "server" not in reply.headers


def test_an_api_reply_may_do_nothing_and_the_page_what_it_needs(chat: str) -> None:
    def policy(path: str) -> str:
        return HTTP.get(f"{chat}{path}").headers["content-security-policy"]

    for path in ("/api/sources", "/api/health/live", "/api", "/v1/models", "/mcp", "/metrics", "/metrics%0a"):
        assert "default-src 'none'" in policy(path)
        assert "script-src" not in policy(path)
    assert "script-src 'self';" in policy("/source/pass")
    assert "'unsafe-inline'" not in policy("/source/pass")
    assert "script-src 'self' 'unsafe-inline'" in policy("/")
    assert not re.search(r"https?:(?!//framing)|\*", policy("/"))


def test_no_page_may_be_framed_unless_someone_is_named(serving: Serving) -> None:
    address = serving()
    for path in ("/api/sources", "/source/pass", "/nothing"):
        policy = HTTP.get(f"{address}{path}").headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert policy.count("frame-ancestors 'none'") == 1


def test_nothing_that_is_sent_becomes_a_header(chat: str) -> None:
    for path in ("/api/sources/%0d%0aX-Evil:%201", "/source/%0d%0aX-Evil:%201", "/%0d%0aX-Evil:%201/"):
        assert "x-evil" not in HTTP.get(f"{chat}{path}").headers
    assert "x-evil" not in ask(chat, "What is it?\r\nX-Evil: 1").headers
    assert "x-evil" not in HTTP.get(f"{chat}/", headers={"X-Forwarded-Host": "a.example/%0d%0aX-Evil: 1"}).headers


# ---------------------------------------------------------------- Gradio's own routes


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/upload", "/gradio_api/upload_progress", "/monitoring", "/monitoring/summary", "/gradio_api/runs",
        "/gradio_api/run-history/records", "/gradio_api/info", "/gradio_api/openapi.json", "/gradio_api/call/ask",
        "/gradio_api/run/ask", "/gradio_api/api/ask", "/gradio_api/proxy=http://a.example/", "/gradio_api/file=/etc/passwd",
        "/gradio_api/file/etc/passwd", "/gradio_api/stream/a", "/gradio_api/component_server", "/gradio_api/app_id",
        "/gradio_api/user", "/gradio_api/token", "/gradio_api/deep_link", "/gradio_api/vibe-code", "/gradio_api/dev/reload",
        "/login", "/logout", "/docs", "/redoc", "/openapi.json", "/svelte/x", "/robots.txt", "/manifest.json", "/pwa_icon",
        "/gradio_api/queue/../upload", "/assets/../gradio_api/upload", "/static/%2e%2e/x", "/gradio_api/queue/join/",
        "/gradio_api//upload", "//gradio_api/upload", "/GRADIO_API/upload", "/gradio_api/queue/status",
    ],
)  # fmt: skip
def test_what_the_page_does_not_use_of_gradio_is_not_there(chat: str, path: str) -> None:
    for method in ("GET", "POST", "HEAD", "OPTIONS"):
        status, text = raw(chat, method, path)
        assert status == 404
        assert method == "HEAD" or json.loads(text)["error"]["code"] == "not_found"


def test_the_chat_takes_no_path_of_the_api(chat: str) -> None:
    assert code(HTTP.get(f"{chat}/api/ask")) == "method_not_allowed"
    assert HTTP.get(f"{chat}/api/ask").headers["allow"] == "POST"
    assert code(HTTP.get(f"{chat}/api/nothing")) == "not_found"


# ---------------------------------------------------------------- a key


KEY = {"X-API-Key": "a-key"}
OPEN = {"/api/health/live", "/api/health/ready"}


def test_every_route_asks_for_the_key_but_health_and_the_pages(assistant: Assistant, serving: Serving) -> None:
    address = serving(api_key="a-key")
    application = create(assistant, Settings(api_key="a-key"), chat=False)
    found = {path for route in application.routes if (path := str(getattr(route, "path", ""))).startswith("/")}
    found |= set(application.openapi()["paths"])
    assert found >= OPEN | {"/api/ask", "/metrics", "/mcp", "/v1/models"}
    for path in sorted(found):
        filled = re.sub(r"{.*?}", "pass", path)
        status = raw(address, "GET", filled)[0]
        assert status == 401 or path in OPEN or path.startswith("/source"), path
        assert raw(address, "GET", filled, KEY)[0] != 401, path


NO_KEYS: Sequence[dict[str, str]] = (
    {}, {"X-API-Key": ""}, {"X-API-Key": "a-ke"}, {"X-API-Key": "a-keys"}, {"X-API-Key": "A-KEY"}, {"X-API-Key": "ä"},
    {"Authorization": "a-key"}, {"Authorization": "Basic a-key"}, {"Authorization": "Bearer"},
    {"Authorization": "Bearer wrong", "X-API-Key": "a-key"}, {"Cookie": "X-API-Key=a-key"},
)  # fmt: skip


def test_the_key_is_a_token_or_a_header_and_no_other_opens(serving: Serving) -> None:
    address = serving(api_key="a-key")
    for given in (KEY, {"Authorization": "Bearer a-key"}, {"Authorization": "bearer  a-key"}):
        assert ask(address, headers=given).json()["outcome"] == "answered"
    for given in NO_KEYS:
        reply = ask(address, headers={key: value.encode("utf-8") for key, value in given.items()})
        assert code(reply) == "unauthorized"
        assert reply.headers["www-authenticate"] == "Bearer"
        assert "a-key" not in reply.text


SPELLINGS = (
    "/%61pi/sources", "/api%2Fsources", "//api/sources", "/api//sources", "/API/sources", "/Api/sources",
    "/api/health/../sources", "/api/health/..%2fsources", "/api/../metrics", "/./api/sources", "/x/../api/sources",
    "/api/sources/", "/api/sources%0a", "/metrics%0a", "/metrics/", "/METRICS", "/metrics;x", "/api/sources?x", "/mcp/",
    "/api/sources%00", "/api\\sources", "/record/api/sources", "/record/metrics", "/recordapi/sources", "api/sources",
    "http://127.0.0.1/api/sources", "/api/openapi.json", "/openapi.json", "/v1/models%0a", "/%2561pi/sources",
)  # fmt: skip


@pytest.mark.parametrize("root", ["", "/record"])
def test_no_way_to_write_a_path_leads_past_the_key(serving: Serving, root: str) -> None:
    address = serving(api_key="a-key", root_path=root).removesuffix(root)
    misleading = {"X-Forwarded-Prefix": "/x", "X-Original-URL": "/api/health/live", "X-HTTP-Method-Override": "OPTIONS"}
    for path in SPELLINGS:
        for method in ("GET", "HEAD", "POST", "OPTIONS"):
            assert raw(address, method, path, misleading)[0] in (400, 401, 404), (method, path)


# ---------------------------------------------------------------- how often


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_so_many_requests_at_once_and_then_so_many_a_minute() -> None:
    clock = Clock()
    ask = Called(Rate, 30, 3, re.compile("/api/"), clock)
    assert [ask()[0] for _ in range(4)] == [204, 204, 204, 429]
    for _ in range(5):
        status, headers = ask()
        assert status == 429
        clock.now += int(headers["retry-after"]) - 0.01
        assert ask()[0] == 429
        clock.now += 0.01
        assert ask()[0] == 204
    clock.now += 1_000
    assert [ask()[0] for _ in range(4)] == [204, 204, 204, 429]


def test_a_client_is_an_address_and_of_ipv6_a_network() -> None:
    def may(client: str) -> bool:
        return bool(limited(client=client)[0] == 204)

    limited = Called(Rate, 1, 1, re.compile("/api/"), Clock())
    assert [may(client) for client in ("10.0.0.1", "10.0.0.1", "10.0.0.2")] == [True, False, True]
    assert [may(f"2001:db8:1:1::{n:x}") for n in (1, 2, 0xFFFF)] == [True, False, False]
    assert [may(client) for client in ("2001:db8:1:2::1", "2001:DB8:1:2:0:0:0:9")] == [True, False]
    assert [may(client) for client in ("fe80::1%eth0", "fe80::2%eth1")] == [True, False]
    assert not may("::ffff:10.0.0.1")
    assert [may(client) for client in ("no address", "x" * 10_000, "")] == [True, False, False]


def test_what_is_remembered_of_clients_has_an_end() -> None:
    limited = Called(Rate, 1, 1, re.compile("/api/"), Clock(), most=50)
    for n in range(300):
        limited(client=f"10.0.{n // 250}.{n % 250}")
    assert len(limited._guarded._left) == 50
    assert limited(client="10.0.1.49")[0] == 429  # the last are remembered
    assert limited(client="10.0.0.0")[0] == 204


def test_only_what_costs_is_counted() -> None:
    ask = Called(Rate, 1, 1, re.compile("/api/"), Clock())
    assert [ask(path="/")[0] for _ in range(3)] == [204] * 3
    assert [ask(path="/api/ask")[0] for _ in range(2)] == [204, 429]


COSTLY = (
    ("POST", "/api/ask"), ("POST", "/api/ask/stream"), ("GET", "/api/unreleased"), ("GET", "/api/sources"),
    ("GET", "/api/sources/pass"), ("POST", "/v1/chat/completions"), ("POST", "/mcp"), ("GET", "/source/pass"),
    ("HEAD", "/source/pass"), ("POST", "/api/ask%0a"), ("POST", "/%61pi/ask"), ("POST", "/gradio_api/queue/join"),
)  # fmt: skip


@pytest.mark.parametrize("root", ["", "/record"])
def test_every_costly_route_is_limited(serving: Serving, root: str) -> None:
    address = serving(rate=1, burst=1, proxies=("127.0.0.1",), root_path=root).removesuffix(root)
    for n, (method, path) in enumerate(COSTLY):
        client = {"X-Forwarded-For": f"10.0.0.{n}"}
        assert [raw(address, method, path, client)[0] == 429 for _ in range(2)] == [False, True], path
        assert raw(address, "GET", "/api/health/live", client)[0] == 200


def replies(address: str, *forwarded: str) -> list[int]:
    return [ask(address, headers={"X-Forwarded-For": each}).status_code for each in forwarded]


def test_nobody_escapes_the_limit_by_saying_who_asks(serving: Serving) -> None:
    address = serving(rate=1, burst=1)
    assert replies(address, "10.1.1.1", "10.1.1.2", "127.0.0.1") == [200, 429, 429]
    header = {"Forwarded": "for=10.1.1.3", "X-Real-IP": "10.1.1.3", "CF-Connecting-IP": "10.1.1.3"}
    assert ask(address, headers=header).status_code == 429


def test_a_named_proxy_is_believed_and_nobody_behind_it(serving: Serving) -> None:
    address = serving(rate=1, burst=1, proxies=("127.0.0.1", "10.9.0.0/16"))
    assert replies(address, "10.1.1.1", "10.1.1.1", "10.1.1.2") == [200, 429, 200]
    # What a client adds stands to the left of what the proxy does: it neither escapes by it, nor blames another.
    assert replies(address, "10.1.1.5, 10.1.1.1", "127.0.0.1, 10.1.1.1", "x, 10.1.1.1", "10.1.1.3, 10.9.2.2") == [
        429
    ] * 3 + [200]
    assert replies(address, "10.1.1.5") == [200]
    reply = HTTP.post(
        f"{address}/api/ask", json={"question": QUESTION},
        headers=[("X-Forwarded-For", "10.1.1.6"), ("X-Forwarded-For", "10.1.1.1")],
    )  # fmt: skip
    assert reply.status_code == 429


def test_another_proxy_is_not_believed(serving: Serving) -> None:
    assert replies(serving(rate=1, burst=1, proxies=("10.9.0.1",)), "10.1.1.1", "10.1.1.2") == [200, 429]


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("10.1.1.1", "10.1.1.1"), ("10.1.1.1:999", "10.1.1.1"), ("::ffff:10.1.1.1", "10.1.1.1"),
        ("2001:db8::1", "2001:db8::/64"), ("[2001:db8::1]:999", "2001:db8::/64"), ("x", "unknown"), ("", "unknown"),
    ],
)  # fmt: skip
def test_a_client_is_an_address_or_a_network(host: str, client: str) -> None:
    assert client_of({"client": (host, 0)}) == client


def test_a_client_has_a_share_of_what_is_under_way_at_once() -> None:
    async def meet() -> None:
        done = asyncio.Event()
        statuses: list[int] = []

        async def app(_: Any, __: Any, send: Any) -> None:
            await done.wait()
            await send({"type": "http.response.start", "status": 204, "headers": []})

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        guard = Share(app, most=2)

        def ask_from(client: str) -> Any:
            return asyncio.ensure_future(guard({"type": "http", "client": (client, 1)}, None, send))  # type: ignore[arg-type]

        held = [ask_from(client) for client in ("10.0.0.1", "10.0.0.1", "10.0.0.2")]
        await asyncio.sleep(0)
        await ask_from("10.0.0.1")
        assert statuses == [429]
        done.set()
        await asyncio.gather(*held, ask_from("10.0.0.1"))
        assert statuses == [429, 204, 204, 204, 204]
        assert not guard._under_way

    asyncio.run(asyncio.wait_for(meet(), CAP))


def test_nobody_says_under_which_name_the_chat_is_called_but_a_named_proxy(chat: str, assistant: Assistant) -> None:
    header = {"X-Forwarded-Host": "evil.example"}
    assert "evil.example" not in HTTP.get(f"{chat}/", headers=header).text
    with served(assistant, Settings(proxies=("127.0.0.1",)), chat=True) as address:
        assert "evil.example" in HTTP.get(f"{address}/", headers=header).text


# ---------------------------------------------------------------- bodies


def test_a_body_that_is_announced_too_large_is_not_read(chat: str) -> None:
    with connected(chat) as connection:
        connection.sendall(
            b"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % (MOST_BYTES + 1)
        )
        assert connection.recv(1_000).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("size", [MOST_BYTES + 1, 3 * MOST_BYTES, 2_000_000])
def test_a_body_too_large_is_told_so_announced_or_not(chat: str, size: int) -> None:
    pieces = (b"x" * min(10_000, size - at) for at in range(0, size, 10_000))
    for content in (b"x" * size, pieces):
        assert code(HTTP.post(f"{chat}/api/ask", content=content)) == "too_large"


def test_a_body_as_large_as_may_be_is_read(chat: str) -> None:
    body = json.dumps({"question": QUESTION}).encode()
    padded = body + b" " * (MOST_BYTES - len(body))
    for content in (padded, iter([padded[:100], padded[100:]])):
        reply = HTTP.post(f"{chat}/api/ask", content=content, headers={"Content-Type": "application/json"})
        assert reply.status_code == 200
    assert code(HTTP.post(f"{chat}/gradio_api/queue/join", content=padded + b" ")) == "too_large"


def piece(body: bytes = b"", more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_that_does_not_come_in_time_is_given_up() -> None:
    called = Called(Body, seconds=0.01)
    assert called(body=[piece(b"{"), piece(b'"')])[0] == 408
    assert called(body=[])[0] == 408
    assert called.bodies == []


def test_a_body_comes_in_pieces() -> None:
    called = Called(Body, most=4)
    assert called(body=[piece(b"ab"), piece(), piece(b"cd", more=False)])[0] == 204
    assert called.bodies == [b"abcd"]
    assert called(body=[piece(b"ab"), piece(b"cde")])[0] == 413
    assert called({"Content-Length": "5"}, body=[])[0] == 413


def test_what_was_sent_by_who_is_gone_is_not_answered() -> None:
    called = Called(Body)
    assert called(body=[piece(b"{}"), {"type": "http.disconnect"}])[0] == 0
    assert called.bodies == []


# ---------------------------------------------------------------- what nobody expected


PLACE = "/srv/secret/place"


class Failing(Assistant):
    """An assistant with a defect, which has a path and the question in its text."""

    def answer(self, question: str, history: Sequence[str | Mapping[str, str]] = ()) -> Answer:
        raise RuntimeError(f"{PLACE}: {question}")


class Damaged(Assistant):
    """An assistant whose index is damaged."""

    def answer(self, question: str, history: Sequence[str | Mapping[str, str]] = ()) -> Answer:
        raise OnRecordError(f"The index at {PLACE} is damaged.")


@pytest.mark.parametrize("path", ["/api/ask", "/api/ask/stream"])
def test_a_defect_is_told_without_where_it_is_and_logged_without_what_was_asked(
    assistant: Assistant, serving: Serving, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    address = serving(Failing(assistant.index, assistant.embedder))
    reply = HTTP.post(f"{address}{path}", json={"question": "Where is the xylophone?"})
    assert reply.status_code == 500
    assert code(reply) == "internal"
    assert not re.search(r"secret|xylophone|Traceback|RuntimeError|\.py", reply.text)
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "RuntimeError" in caplog.text
    assert Path(__file__).name in caplog.text
    assert not re.search("secret|xylophone", caplog.text)
    assert len([record for record in caplog.records if record.levelno >= logging.ERROR]) == 1


def test_a_damaged_index_is_logged_and_not_told(
    assistant: Assistant, serving: Serving, caplog: pytest.LogCaptureFixture
) -> None:
    reply = ask(serving(Damaged(assistant.index, assistant.embedder)))
    assert code(reply) == "internal"
    assert "secret" not in reply.text
    assert PLACE in caplog.text


def test_what_fails_after_the_reply_has_begun_ends_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    async def app(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError(PLACE)

    sent = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/a\nb"}
    asyncio.run(Caught(app)(scope, None, send))  # type: ignore[arg-type]
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert r"GET '/a\nb' failed with RuntimeError" in caplog.text


def test_no_log_holds_a_question(chat: str, serving: Serving, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    address = serving(rate=1, burst=2)
    for question in ("Where is the xylophone?", "xylophone " * 400, "xylophone"):
        ask(address, question)
        HTTP.post(f"{chat}/gradio_api/queue/join", json={"data": [question], "fn_index": 0, "session_hash": "xyz"})
        HTTP.post(f"{chat}/api/ask", json={"question": [question]})
    assert "xylophone" not in caplog.text


# ---------------------------------------------------------------- connections

HEAD = b"GET /api/health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        HEAD + b"X-Large: " + b"x" * 1_000_000,  # without its end: one that came at once would be read
        HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(100_000)),
        b"GET /" + b"x" * 1_000_000,
        b"GET / HTTP/1.1\r\n\r\n",
        HEAD + b"Host: evil.example\r\n\r\n",
        HEAD + b"X-A: b\nX-Evil: c\rX\r\n\r\n",
        HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        HEAD + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Transfer-Encoding: gzip\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 200,
        b"hello\r\n\r\n",
    ],
)
def test_what_is_no_request_is_told_so_in_our_form(chat: str, sent: bytes) -> None:
    with connected(chat) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(sent)
        head, _, body = everything(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"x-content-type-options: nosniff" in head.lower()
    assert b"content-security-policy: default-src 'none'" in head.lower()
    assert json.loads(body)["error"]["code"] == "bad_request"


def test_a_body_that_breaks_off_is_no_request(chat: str, caplog: pytest.LogCaptureFixture) -> None:
    with connected(chat) as connection:
        connection.sendall(
            b"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\nno size\r\n\r\n"
        )
        assert everything(connection).startswith(b"HTTP/1.1 400 ")
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_requests_one_after_the_other_on_one_connection_are_answered_in_order(chat: str) -> None:
    with connected(chat) as connection:
        for part in (HEAD[:20], HEAD[20:] + b"\r\n" + HEAD, b"\r\n" + HEAD + b"Connection: close\r\n\r\n"):
            connection.sendall(part)
        assert everything(connection).count(b'{"status":"ok"}') == 3


@pytest.mark.parametrize("sent", [b"", HEAD, b"POST /metrics HTTP/1.1\r\n"])
@pytest.mark.parametrize("before", [b"", HEAD + b"\r\n"], ids=["first", "second"])
def test_a_connection_that_brings_no_request_is_closed(
    chat: str, before: bytes, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    if before and not sent:
        return  # then it is uvicorn that closes it, after as long
    monkeypatch.setattr(connections, "SECONDS_TO_ASK", 0.05)
    with connected(chat) as connection:
        if before:
            connection.sendall(before)
            assert b'{"status":"ok"}' in connection.recv(65_536)
        connection.sendall(sent)
        assert everything(connection) == b""


def test_a_body_that_nobody_reads_keeps_no_connection(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "SECONDS_TO_ASK", 0.05)
    with connected(serving(api_key="a-key")) as connection:
        connection.sendall(b"POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        got = connection.recv(65_536)
        assert got.startswith(b"HTTP/1.1 401 ")
        with suppress(BrokenPipeError, ConnectionResetError):
            while True:
                connection.sendall(b"1\r\nx\r\n")


def test_connections_have_an_end_and_those_there_are_go_on(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    address = serving()
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 2)
    with connected(address) as first, connected(address) as second:
        for connection in (first, second):
            connection.sendall(HEAD + b"\r\n")
            assert b'{"status":"ok"}' in connection.recv(65_536)
        with connected(address) as third:
            assert everything(third) == b""
        first.sendall(HEAD + b"\r\n")
        assert b'{"status":"ok"}' in first.recv(65_536)
    assert ask(address).status_code == 200


def test_nothing_is_upgraded(chat: str) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": "x", "Sec-WebSocket-Version": "13"}
    assert raw(chat, "GET", "/gradio_api/queue/join", upgrade)[0] == 405
    assert raw(chat, "GET", "/api/sources", upgrade)[0] == 200
