"""Of Gradio's server only what the page uses is open, and only what the page sends is passed on."""

import asyncio
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from assistant.chat import build, launch
from assistant.doors import Doors, policy
from assistant.settings import Settings
from assistant.site.guards import MOST_BYTES, Closed
from index.embed import Embedder
from tests.corpus import assistant_over
from tests.serving import served


def called(path: str, body: object = None, method: str = "POST") -> tuple[int, dict[str, str], list[Any]]:
    """The status and headers of the reply, and the bodies that were passed on. Function 0 has two inputs."""
    sent: list[Any] = []
    passed: list[Any] = []
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    async def app(_: Any, receive: Any, send: Any) -> None:
        passed.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Any:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope: dict[str, Any] = {"type": "http", "method": method, "path": path, "headers": [], "query_string": b""}
    asyncio.run(Closed(Doors(app, {0: 2}), lambda _: policy())(scope, receive, send))
    return sent[0]["status"], {key.decode(): value.decode() for key, value in sent[0]["headers"]}, passed


JOIN = "/gradio_api/queue/join"
SENT = {"data": ["What is it?", None], "fn_index": 0, "session_hash": "a1b2", "trigger_id": 7}
FILE = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}


def test_doors_keep_to_a_list_of_what_is_open() -> None:
    assert Doors.let_through(JOIN)
    for path in (f"{JOIN}/", f"{JOIN}\n", "/assets/../gradio_api/queue/join", "/gradio_api/upload"):
        assert not Doors.let_through(path)
        assert called(path)[0] == 404
        assert called(path)[2] == []


def test_what_the_page_sends_is_passed_on() -> None:
    status, _, [passed] = called(JOIN, {**SENT, "event_data": None})
    assert (status, json.loads(passed)) == (200, SENT)


def test_nothing_else_is_passed_on_beside_it() -> None:
    more = {"event_data": FILE, "oauth_token": "x", "batched": True, "simple_format": True, "request": {"url": "x"}}
    assert json.loads(called(JOIN, {**SENT, **more})[2][0]) == SENT


DATA: list[Any] = [[FILE, None], [[FILE], None], [1, None], ["x"], ["x", None, None], "xy", {}, None]


@pytest.mark.parametrize(
    "sent",
    [
        *({**SENT, "data": data} for data in DATA),
        *({**SENT, "fn_index": number} for number in (1, 99, -1, "0", 0.0, None, True)),
        *({**SENT, "session_hash": name} for name in ("../x", "", "a" * 65, None, 1)),
        {}, [], b"", b"{", b"\xff", b'{"data": ["\\ud83d", null], "fn_index": 0, "session_hash": "a"}',
    ],
)  # fmt: skip
def test_what_the_page_never_sends_is_refused(sent: object) -> None:
    status, headers, passed = called(JOIN, sent)
    assert (status, passed) == (422, [])
    assert headers["x-content-type-options"] == "nosniff"


def test_every_reply_keeps_to_itself() -> None:
    for path in ("/", JOIN, "/nothing"):
        headers = called(path, SENT)[1]
        assert headers["content-security-policy"] == policy()
        assert headers["referrer-policy"] == "no-referrer"


@pytest.fixture(scope="module")
def chats(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[tuple[str, str]]:
    """The chat by itself, and as a part of the server."""
    folder = tmp_path_factory.mktemp("doors")
    with assistant_over(folder, {"pass.md": "The harbour pass costs 20 euros a year."}, embedder) as assistant:
        page = build(assistant, folder / "sources")
        alone = launch(page, "127.0.0.1", 0, block=False).rstrip("/")
        with served(assistant, Settings(rate=1_000_000, burst=1_000_000), chat=True) as part:
            yield alone, part
        page.close(verbose=False)


def test_a_body_too_large_is_told_so_by_itself_and_as_a_part(chats: tuple[str, str]) -> None:
    for chat in chats:
        reply = httpx.post(f"{chat}{JOIN}", content=b"x" * (MOST_BYTES + 1), timeout=60)
        assert reply.status_code == 413
        assert reply.headers["x-content-type-options"] == "nosniff"


def copies(name: str) -> list[Path]:
    """The files of a name that Gradio has put where it serves files from."""
    return list((Path(tempfile.gettempdir()) / "gradio").rglob(name))


@pytest.mark.parametrize("address", ["a file", "/dev/zero", "http://a.example/x", "/no/such/file"])
def test_no_file_is_read_and_nothing_is_fetched_for_who_asks_for_it(
    chats: tuple[str, str], tmp_path: Path, address: str
) -> None:
    secret = tmp_path / f"{tmp_path.name}.txt"
    secret.write_text("a secret")
    wanted = str(secret) if address == "a file" else address
    described = {"path": wanted, "meta": {"_type": "gradio.FileData"}}
    for chat in chats:
        for data in ([described, None], [[described], None], ["x", described]):
            body = {"data": data, "fn_index": 0, "session_hash": "x"}
            assert httpx.post(f"{chat}{JOIN}", json=body, timeout=60).status_code == 422
        event = {"data": ["x", None], "event_data": described, "fn_index": 0, "session_hash": "x"}
        assert httpx.post(f"{chat}{JOIN}", json=event, timeout=60).status_code == 200
    assert not copies(secret.name)
