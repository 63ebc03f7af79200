"""The server as it is run: a process that begins, answers, moves on and ends; several of them; the chat in a browser; and
all of it below a path, behind a proxy that takes that off. What it replies is tested elsewhere.
"""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from types import SimpleNamespace
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, expect
from prometheus_client.parser import text_string_to_metric_families
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess
from watchfiles import watch

from assistant.answer import Assistant
from assistant.settings import Settings
from assistant.site.server import Workers, configured, listen, with_own_names, worker
from index.embed import Embedder
from index.errors import InputError, OnRecordError
from index.generation import Index
from index.sync import sync
from tests.conftest import Command, PaperEmbedder
from tests.serving import served

ROOT = Path(__file__).parent.parent
QUESTION = "What does the harbour pass cost?"
LIMITLESS = {"ONRECORD_RATE": "1000000", "ONRECORD_BURST": "1000000", "ONRECORD_WAITING": "1000"}
CAP = 120  # seconds: how long a test waits for what has to happen at once; a process has to load the model first
HTTP = httpx.Client(timeout=CAP, verify=False, headers={"Connection": "close"})


def publish(folder: Path, embedder: Embedder, price: int = 20) -> str:
    """Have the source name a price, and sync; returns the generation's id."""
    (folder / "sources").mkdir(exist_ok=True)
    text = f"The harbour pass costs {price} euros a year. The price of a cabin has not been announced."
    (folder / "sources" / "pass.txt").write_text(text, "utf-8")
    return sync(folder / "sources", folder / "index", embedder).generation


def ask(address: str) -> httpx.Response:
    return HTTP.post(f"{address}/api/ask", json={"question": QUESTION})


Process = subprocess.Popen[str]


@contextmanager
def started(*command: str) -> Iterator[tuple[Process, str]]:
    """A process that serves, and its address, once it has said so. What is left of it at the end is killed."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, *command], cwd=ROOT, env={**os.environ, **LIMITLESS}, **pipes) as process:  # type: ignore[call-overload]
        try:
            assert process.stderr
            said = []
            for line in process.stderr:
                said.append(line)
                if found := re.search(r"On Record is at (\S+) \(Ctrl-C ends it\)", line):
                    yield process, found[1]
                    break
            else:
                pytest.fail(f"It ended without serving: {''.join(said)}")
        finally:
            for child in children(process.pid):
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGCONT)
            process.kill()


def serve(folder: Path, *options: str) -> tuple[str, ...]:
    """The command that serves a folder on a free port."""
    place = ("--sources", str(folder / "sources"), "--index", str(folder / "index"))
    return ("-m", "onrecord", *place, "serve", "--port", "0", *options)


def children(process: int) -> list[int]:
    """The processes that serve for another."""
    try:
        found = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        return [int(each) for each in found if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]
    except FileNotFoundError:
        return []


# ---------------------------------------------------------------- what is refused at once


@pytest.fixture
def indexed(onrecord_in: Callable[[Path], Command], tmp_path: Path, paper: Embedder) -> Command:
    """The command on an index."""
    publish(tmp_path, paper)
    return onrecord_in(tmp_path)


def test_a_chat_has_one_process(indexed: Command) -> None:
    run = indexed("serve", "--workers", "2")
    assert (run.code, run.out) == (2, "")
    assert "--no-chat" in run.err


def test_a_taken_port_is_told_with_what_to_do(indexed: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        run = indexed("serve", "--port", str(taken.getsockname()[1]))
    assert run.code == 2
    assert "--port 0" in run.err
    assert "Traceback" not in run.err


def test_no_index_is_told_with_the_command_that_builds_it(command: Command, tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    for options in ((), ("--no-chat", "--workers", "2")):
        run = command("serve", "--port", "0", *options)
        assert run.code == 2
        assert re.search(r"There is no index .* sync", run.err)
        assert "is at" not in run.err


@pytest.mark.parametrize("options", ["--root-path record", "--root-path /record/", "--host 256.1.1.1", "--workers 0"])
def test_what_cannot_be_used_is_refused(indexed: Command, options: str) -> None:
    run = indexed("serve", *options.split())
    assert run.code == 2
    assert options.split()[1] in run.err or "--workers" in run.err


@pytest.mark.parametrize("host", ["256.1.1.1", "a..b", "x" * 300, "::zz", ""])
def test_an_address_that_is_none_cannot_be_listened_on(host: str) -> None:
    if not host:
        listen(host, 0).close()  # every address of the machine
        return
    with pytest.raises(InputError, match="--port 0"):
        listen(host, 0)


def test_only_the_server_of_a_machine_answers_its_own_pages_by_both_its_names() -> None:
    own = ("http://localhost:8080", "http://127.0.0.1:8080")
    here = Settings(origins=("https://example.org", own[0]))
    assert with_own_names(here, 8080).origins == ("https://example.org", *own)
    for elsewhere in (replace(here, host="0.0.0.0"), replace(here, proxies=("10.0.0.1",))):
        assert with_own_names(elsewhere, 8080) == elsewhere


def test_a_process_that_cannot_begin_says_why_and_is_not_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ONRECORD_INDEX", str(tmp_path / "none"))
    with pytest.raises(SystemExit) as leaving:
        worker()
    assert leaving.value.code == STARTUP_FAILURE
    assert "No index at" in capsys.readouterr().err


@pytest.mark.parametrize(("codes", "raised"), [([0, STARTUP_FAILURE], OnRecordError), ([0, -15], None)])
def test_processes_end_with_an_error_only_where_one_could_not_begin(
    codes: list[int], raised: type[Exception] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Multiprocess, "run", lambda _: None)
    before = {number: signal.getsignal(number) for number in signal.valid_signals()}
    try:
        workers = Workers(configured(Settings(), "assistant.site.server:worker", 2), [])
        workers.processes = [SimpleNamespace(exitcode=code) for code in codes]  # type: ignore[misc]
        if raised:
            with pytest.raises(raised, match="could not begin"):
                workers.run()
        else:
            workers.run()
    finally:
        for number, handler in before.items():
            if handler is not None and number not in (signal.SIGKILL, signal.SIGSTOP):
                signal.signal(number, handler)


# ---------------------------------------------------------------- a process

# The command, with a model that needs no loading, and an assistant whose first answer waits for the end of a pipe.
HELD_UP = """
import assistant.answer, onrecord
from assistant.live import LiveAssistant
from tests.conftest import PaperEmbedder
answer, close, pipes = assistant.answer.Assistant.answer, LiveAssistant.close, [{pipe!r}]
def held_up(self, *asked):
    while pipes:
        open(pipes.pop()).read()
    return answer(self, *asked)
def told(self):
    close(self)
    print("closed", flush=True)
assistant.answer.TransformerEmbedder = lambda *_, **__: PaperEmbedder()
assistant.answer.Assistant.answer, LiveAssistant.close = held_up, told
onrecord.main()
"""


@contextmanager
def under_way(pipe: Path) -> Iterator[None]:
    """While this lasts, the first answer waits: it has been begun, and goes on at the end."""
    with ThreadPoolExecutor(1) as thread:
        opening = thread.submit(os.open, pipe, os.O_WRONLY)  # waits for someone to read
        try:
            opened = opening.result(CAP)
        except TimeoutError:
            os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK))
            raise
    try:
        yield
    finally:
        os.close(opened)


@pytest.mark.slow
def test_what_was_accepted_is_answered_before_the_end(tmp_path: Path, paper: PaperEmbedder) -> None:
    publish(tmp_path, paper)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    command = ("-c", HELD_UP.format(pipe=str(pipe)), *serve(tmp_path, "--no-chat")[2:])
    with started(*command) as (process, address), ThreadPoolExecutor(2) as threads:
        place = urlsplit(address)
        asked = [threads.submit(ask, address) for _ in range(2)]
        with under_way(pipe), socket.create_connection((place.hostname, place.port), timeout=CAP) as idle:
            process.terminate()
            with suppress(ConnectionResetError):
                assert idle.recv(1) == b""  # whoever has asked nothing is left at once
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((place.hostname, place.port), timeout=CAP)
            assert not any(each.done() for each in asked)
        assert [each.result(CAP).status_code for each in asked] == [200, 200]
        out, err = process.communicate(timeout=CAP)
    assert process.returncode == 0
    assert (out, err) == ("closed\n", "")


@pytest.mark.slow
def test_the_chat_answers_in_a_browser_and_an_open_page_holds_up_no_end(
    tmp_path: Path, embedder: Embedder, browser: Browser
) -> None:
    publish(tmp_path, embedder)
    with started(*serve(tmp_path)) as (process, address), browser.new_context() as context:
        page = context.new_page()
        errors, asked = list[str](), list[str]()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(f"{line.text} {line.location}") if line.type == "error" else None)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address)
        page.get_by_label("Your question").fill(QUESTION)
        page.get_by_label("Your question").press("Enter")
        expect(page.locator(".or-answer")).to_contain_text("20 euros")
        assert errors == []
        assert not [url for url in asked if not url.startswith((address, "data:", "blob:"))]
        assert ask(address).json()["outcome"] == "answered"
        assert 'onrecord_questions_total{outcome="answered"} 2.0' in HTTP.get(f"{address}/metrics").text
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=25)  # less than a request may take: it was not waited for
        assert process.returncode == 130
        assert err.endswith("onrecord: interrupted\n")
        assert "Traceback" not in err


# ---------------------------------------------------------------- several processes


@contextmanager
def only(process: int, workers: list[int]) -> Iterator[None]:
    """While this lasts, this one of the processes answers: the others are stopped."""
    others = [each for each in workers if each != process]
    for each in others:
        os.kill(each, signal.SIGSTOP)
    try:
        yield
    finally:
        for each in others:
            os.kill(each, signal.SIGCONT)


def counted(address: str, name: str) -> float:
    """The sum of what /metrics says of a name, whatever its labels."""
    families = text_string_to_metric_families(HTTP.get(f"{address}/metrics").text)
    return sum(sample.value for each in families for sample in each.samples if sample.name == name)


def generations(address: str, workers: list[int]) -> list[str]:
    """Which generation each process answers from."""
    found = []
    for each in workers:
        with only(each, workers):
            found.append(ask(address).json()["generation"])
    return found


def counts_of(process: int) -> Path:
    """The file in which a process counts. It is there once its application is."""
    variables = dict(pair.split("=", 1) for pair in Path(f"/proc/{process}/environ").read_text().split("\0") if pair)
    return Path(variables["PROMETHEUS_MULTIPROC_DIR"], f"counter_{process}.db")


def begun(place: Path, done: Callable[[], bool]) -> None:
    """Wait until this is so, which comes with a new file in the folder where processes count."""
    end = monotonic() + CAP
    for _ in watch(place, debounce=50, rust_timeout=500, yield_on_timeout=True):
        if done():
            return
        assert monotonic() < end


@pytest.mark.slow
def test_processes_answer_beside_one_that_writes_and_one_that_is_killed_is_replaced(
    tmp_path: Path, embedder: Embedder
) -> None:
    first = publish(tmp_path, embedder)
    with started(*serve(tmp_path, "--no-chat", "--workers", "2")) as (process, address):
        assert ask(address).json()["generation"] == first
        workers = children(process.pid)
        assert len(workers) == 2
        begun(counts_of(workers[0]).parent, lambda: all(counts_of(each).exists() for each in workers))
        assert generations(address, workers) == [first, first]
        asked = 3

        published = Event()

        def keep_asking() -> list[httpx.Response]:
            replies = [ask(address)]
            while not published.is_set():
                replies.append(ask(address))
            return replies

        with ThreadPoolExecutor(1) as thread:
            asking = thread.submit(keep_asking)
            try:
                second = publish(tmp_path, embedder, 30)
            finally:
                published.set()
            replies = asking.result(CAP)
        assert {reply.status_code for reply in replies} == {200}
        prices = {(reply.json()["generation"], re.findall(r"\d+ euros", reply.json()["text"])[0]) for reply in replies}
        assert prices <= {(first, "20 euros"), (second, "30 euros")}
        assert generations(address, workers) == [second, second]
        asked += len(replies) + 2
        assert counted(address, "onrecord_questions_total") == asked
        assert counted(address, "onrecord_answer_seconds_count") == asked

        lost, left = workers
        os.kill(lost, signal.SIGKILL)
        assert HTTP.get(f"{address}/api/health/ready").status_code == 200
        begun(
            counts_of(left).parent,
            lambda: any(counts_of(each).exists() for each in children(process.pid) if each != left),
        )
        workers = children(process.pid)
        assert len(workers) == 2
        assert left in workers
        assert lost not in workers
        assert generations(address, workers) == [second, second]
        assert counted(address, "onrecord_questions_total") == asked + 2

        place = counts_of(left).parent
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=CAP)
        assert process.returncode == 130
        assert out == ""
        assert err == "onrecord: interrupted\n"
        assert not place.exists()
        assert not [each for each in workers if Path(f"/proc/{each}").exists()]


# ---------------------------------------------------------------- below a path


@contextmanager
def stripping(address: str, prefix: str) -> Iterator[str]:
    """The address of a proxy that passes on what lies below a path, without that path, and gives back what comes."""

    class Passing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith(f"{prefix}/"):  # for which a browser asks without being told to
                self.send_error(204 if self.path == "/favicon.ico" else 404)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            upstream = HTTPConnection(urlsplit(address).netloc, timeout=CAP)
            upstream.request(self.command, self.path.removeprefix(prefix), body, dict(self.headers.items()))
            reply = upstream.getresponse()
            self.send_response_only(reply.status)
            for name, value in reply.getheaders():
                if name.lower() not in ("transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.end_headers()
            with suppress(OSError, HTTPException):  # either side may be gone
                while piece := reply.read1(65_536):
                    self.wfile.write(piece)
            upstream.close()

        do_POST = do_HEAD = do_OPTIONS = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Passing) as proxy:
        thread = Thread(target=proxy.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{proxy.server_port}{prefix}"
        finally:
            proxy.shutdown()
            thread.join(CAP)


@pytest.mark.slow
def test_all_of_it_works_below_a_path(tmp_path: Path, embedder: Embedder, browser: Browser) -> None:
    publish(tmp_path, embedder)
    settings = Settings(root_path="/record", proxies=("127.0.0.1",), rate=1_000_000, burst=1_000_000)
    with (
        Assistant(Index.open(tmp_path / "index", embedder), embedder) as assistant,
        served(assistant, settings, chat=True) as address,
        stripping(address.removesuffix("/record"), "/record") as outside,
        browser.new_context() as context,
    ):
        page = context.new_page()
        errors, asked = list[str](), list[str]()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(f"{line.text} {line.location}") if line.type == "error" else None)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{outside}/")
        page.get_by_label("Your question").fill(QUESTION)
        page.get_by_label("Your question").press("Enter")
        expect(page.locator(".or-answer")).to_contain_text("20 euros")
        assert errors == []
        assert not [url for url in asked if not url.startswith((f"{outside}/", "data:", "blob:"))]

        (citation,) = ask(outside).json()["citations"]
        assert citation["link"].startswith("/record/source/pass#")
        page.goto(outside.removesuffix("/record") + citation["link"])
        expect(page.locator("body")).to_contain_text("The harbour pass costs 20 euros a year.")
        assert errors == []
        for path in ("/gradio_api/upload", "/gradio_api/info", "/record/api/sources", "/nothing"):
            assert HTTP.get(f"{outside}{path}").status_code == 404
