"""The tools of the Model Context Protocol, asked by the protocol's own client: over HTTP, and in a process of their own
on standard input and output.

What is answered is tested elsewhere, and so is what stands before /mcp.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any, cast

import anyio
import httpx
import httpx2
import mcp.client.stdio
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import CallToolResult, TextContent

from assistant.answer import Answer, Assistant
from assistant.live import LiveAssistant
from assistant.settings import Settings
from assistant.site.answering import Answering, Lends
from assistant.site.mcp import server
from assistant.site.schema import MOST_HISTORY, MOST_QUESTION, AnswerOut
from assistant.site.site import Site
from index.embed import Embedder
from index.generation import Index
from index.source import Dropped, Source
from index.sync import sync
from tests.conftest import Command
from tests.serving import served

PASS = """---
id: pass
title: The harbour pass
publisher: Port Gazette
published: 2025-05-02
url: https://example.org/pass
---

The harbour pass costs 20 euros a year. Residents buy the harbour pass at the harbour office.

The price of the quay permit has not been announced. The timetable of the night ferry has not been announced.
"""
QUAY = """---
id: town/quay
title: The quay
publisher: Town Hall
published: 2025-06-01
brief: true
---

The price of the quay permit is 15 euros. The new quay is 300 metres long. It was built by Anna Berg.
"""
QUESTION = "What does the harbour pass cost?"
BEHIND_PROXY = Settings(rate=1_000_000, burst=1_000_000, proxies=("127.0.0.1",), answer_seconds=600)
CAP = 60  # seconds: how long a test waits for what has to happen at once

# The command, and a library that says something on standard output while it loads, in its own way and in Python's.
NOISY = """
import os, onrecord
from assistant.live import LiveAssistant
quiet = LiveAssistant.open
def noisy(*args, **named):
    print("loading")
    os.write(1, b"loading")
    return quiet(*args, **named)
LiveAssistant.open = noisy
onrecord.main()
"""


class House:
    """A folder of sources, one of which tells how many boats there are, and the index of it."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self.sources, self.index, self.embedder = folder / "sources", folder / "index", embedder
        self.boats = 40
        self.sources.mkdir()
        (self.sources / "pass.md").write_text(PASS, "utf-8")
        (self.sources / "quay.md").write_text(QUAY, "utf-8")
        self.publish()

    def publish(self) -> None:
        """Let there be one more boat, and sync."""
        self.boats += 1
        (self.sources / "boats.txt").write_text(f"There are {self.boats} fishing boats.\n", "utf-8")
        sync(self.sources, self.index, self.embedder)

    def assistant(self) -> Assistant:
        return Assistant(Index.open(self.index, self.embedder), self.embedder)


class Talk:
    """A client, for tests that have no event loop."""

    def __init__(self, portal: BlockingPortal, client: Client) -> None:
        self.portal, self.client = portal, client

    def call(self, tool: str, **arguments: object) -> CallToolResult:
        return self.portal.call(partial(self.client.call_tool, tool, arguments))

    def fields(self, tool: str, **arguments: object) -> Any:
        """What a tool gives, as fields."""
        result = self.call(tool, **arguments)
        assert not result.is_error, text_of(result)
        return result.structured_content

    def answer(self, question: str, history: object = ()) -> AnswerOut:
        return AnswerOut.model_validate(self.fields("ask", question=question, history=history))


def text_of(result: CallToolResult) -> str:
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> House:
    return House(tmp_path_factory.mktemp("mcp"), embedder)


@pytest.fixture(scope="module")
def live(house: House) -> Iterator[LiveAssistant]:
    with LiveAssistant(house.index, house.assistant()) as opened:
        yield opened


@pytest.fixture(scope="module")
def address(live: LiveAssistant) -> Iterator[str]:
    with served(live, BEHIND_PROXY) as at:
        yield f"{at}/mcp"


@pytest.fixture(scope="module")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as opened:
        yield opened


@contextmanager
def talking(portal: BlockingPortal, client: Client) -> Iterator[Talk]:
    with portal.wrap_async_context_manager(client) as opened:
        yield Talk(portal, opened)


@contextmanager
def process(portal: BlockingPortal, house: House, folder: Path) -> Iterator[Talk]:
    """A client of a process, which writes down what comes on its standard output, and its exit code."""
    place = ["--sources", str(house.sources), "--index", str(house.index)]
    script = '("$@"; echo $? > code) | tee out'
    server = StdioServerParameters(
        command="sh", args=["-c", script, "sh", sys.executable, "-c", NOISY, *place, "mcp"], cwd=folder,
        env={"HF_HUB_OFFLINE": "1", "PYTHONPATH": str(Path.cwd()), "ONRECORD_ANSWER_SECONDS": "600"},
    )  # fmt: skip
    with (
        (folder / "err").open("w") as errors,
        talking(portal, Client(stdio_client(server, errors), mode="legacy")) as talk,
    ):
        yield talk
    for line in (folder / "out").read_text("utf-8").splitlines():
        assert json.loads(line)["jsonrpc"] == "2.0"
    assert (folder / "err").read_text("utf-8").count("loading") == 2
    assert (folder / "code").read_text() == "0\n"


@pytest.fixture(scope="module", params=["http", pytest.param("stdio", marks=pytest.mark.slow)])
def talk(
    request: pytest.FixtureRequest,
    portal: BlockingPortal,
    house: House,
    address: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Talk]:
    """A client of the tools, over each transport. The process ends by itself, and has said nothing but the protocol."""
    if request.param == "http":
        with talking(portal, Client(address)) as opened:
            yield opened
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mcp.client.stdio, "PROCESS_TERMINATION_TIMEOUT", CAP)
        with process(portal, house, tmp_path_factory.mktemp("process")) as opened:
            yield opened


# ---------------------------------------------------------------- over each transport


def test_a_model_is_told_what_there_is_and_that_texts_are_data(talk: Talk) -> None:
    listed = {tool.name: tool for tool in talk.portal.call(talk.client.list_tools).tools}
    assert list(listed) == ["ask", "unreleased", "sources", "source"]
    for tool in listed.values():
        assert tool.title
        assert tool.description
        assert tool.annotations
        assert tool.annotations.read_only_hint
        assert tool.annotations.open_world_hint is False
        assert tool.output_schema
    takes = listed["ask"].input_schema
    assert takes["required"] == ["question"]
    assert takes["properties"]["question"]["maxLength"] == MOST_QUESTION
    assert takes["properties"]["history"]["maxItems"] == MOST_HISTORY
    assert "is data" in (talk.client.instructions or "")


def test_an_answer_comes_as_fields_and_as_text_with_its_citations(talk: Talk) -> None:
    result = talk.call("ask", question=QUESTION)
    answer = AnswerOut.model_validate(result.structured_content)
    [citation] = answer.citations
    assert answer.outcome == "answered"
    assert citation.quote == "The harbour pass costs 20 euros a year."
    assert citation.link.startswith("https://example.org/pass#")
    answered, marked, cited = text_of(result).split("\n\n")[:3]
    assert answered == "Answered (as of 2025-05-02)"
    assert marked == f"{citation.quote} [1]"
    assert cited == f"[1] “{citation.quote}” — Port Gazette, 2025-05-02 (source pass) — {citation.link}"


@pytest.mark.parametrize(
    ("question", "outcome", "said"),
    [
        ("When does the night ferry leave?", "unreleased", "has not been announced. [1]"),
        ("Who is the mayor?", "not_in_sources", "The sources do not say."),
    ],
)
def test_a_refusal_is_an_answer(talk: Talk, question: str, outcome: str, said: str) -> None:
    result = talk.call("ask", question=question)
    assert not result.is_error
    assert AnswerOut.model_validate(result.structured_content).outcome == outcome
    assert said in text_of(result)


def test_parts_of_a_question_are_told_apart(talk: Talk) -> None:
    text = text_of(
        talk.call("ask", question=f"What is the timetable of the night ferry, and {QUESTION[0].lower()}{QUESTION[1:]}")
    )
    assert text.index("Not released yet:") < text.index("timetable") < text.index("Answered:") < text.index("20 euros")


@pytest.mark.parametrize("history", [[QUESTION], json.dumps([QUESTION])], ids=["list", "list in a string"])
def test_a_follow_up_is_understood_after_what_was_asked_before(talk: Talk, history: object) -> None:
    answer = talk.answer("Where do residents buy it?", history)
    assert "harbour pass" in answer.standalone_question
    assert "harbour office" in answer.text


def test_a_quote_comes_with_what_it_leans_on(talk: Talk) -> None:
    text = text_of(talk.call("ask", question="Who built the new quay?"))
    assert (
        "[1] (The new quay is 300 metres long.) “It was built by Anna Berg.” — brief of Town Hall, 2025-06-01" in text
    )


def test_open_points_come_first_and_closed_ones_with_what_closed_them(talk: Talk) -> None:
    result = talk.call("unreleased")
    page = cast("dict[str, Any]", result.structured_content)
    assert (page["total"], page["next"]) == (2, None)
    ferry, permit = page["points"]
    assert (ferry["status"], ferry["closed_by"]) == ("open", None)
    assert ferry["citation"]["quote"] == "The timetable of the night ferry has not been announced."
    assert permit["status"] == "closed"
    assert permit["closed_by"]["quote"] == "The price of the quay permit is 15 euros."
    assert "Closed by: “The price of the quay permit is 15 euros.” — brief of Town Hall" in text_of(result)


def test_the_sources_are_listed_and_each_is_there_with_its_text(talk: Talk) -> None:
    result = talk.call("sources")
    assert "town/quay: The quay — brief of Town Hall, 2025-06-01" in text_of(result)
    for listed in cast("dict[str, Any]", result.structured_content)["sources"]:
        found = talk.fields("source", id=listed["id"])
        assert listed.items() <= found.items()
        assert len(found["text"]) == found["total"]
    cited = talk.answer(QUESTION).citations[0]
    assert talk.fields("source", id="pass")["text"][cited.start : cited.end] == cited.quote


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("ask", {"question": "x" * (MOST_QUESTION + 1)}, "question: String should have at most 2000 characters"),
        ("ask", {"question": " "}, "question: "),
        ("ask", {}, "question: Field required"),
        (
            "ask",
            {"question": "Why?", "history": ["x"] * (MOST_HISTORY + 1)},
            "history: Tuple should have at most 30 items",
        ),
        ("ask", {"question": "Why?", "historie": []}, "historie: Extra inputs are not permitted"),
        ("sources", {"start": -1}, "start: Input should be greater than or equal to 0"),
        (
            "source",
            {"id": "../pass.md"},
            "No source has the id '../pass.md'. The tool `sources` lists those there are.",
        ),
    ],
)
def test_what_cannot_be_asked_is_told_in_a_line(
    talk: Talk, tool: str, arguments: Mapping[str, object], told: str
) -> None:
    result = talk.call(tool, **arguments)
    assert result.is_error
    assert result.structured_content is None
    assert text_of(result).startswith(told)
    assert "\n" not in text_of(result)


def test_a_tool_that_is_not_there_is_a_fault_of_the_protocol(talk: Talk) -> None:
    with pytest.raises(MCPError, match="There are ask, unreleased, sources, source"):
        talk.call("delete")


def test_several_calls_at_once_are_all_answered(talk: Talk) -> None:
    questions = [QUESTION, "How long is the new quay?", "Where do residents buy the harbour pass?"]
    asked = [
        talk.portal.start_task_soon(partial(talk.client.call_tool, "ask", {"question": question}))
        for question in questions
    ]
    for said, answer in zip(["20 euros", "300 metres", "harbour office"], asked, strict=True):
        assert said in text_of(answer.result(CAP)).split("\n\n")[1]


def test_what_is_published_answers_the_next_call(talk: Talk, house: House) -> None:
    for _ in range(2):
        assert f"{house.boats} fishing boats" in talk.answer("How many fishing boats are there?").text
        house.publish()
    assert f"{house.boats} fishing boats" in talk.fields("source", id="boats")["text"]


# ---------------------------------------------------------------- over HTTP


def posted(address: str, tool: str, arguments: Mapping[str, object], **headers: str) -> httpx.Response:
    """The reply to a call without a client, as the protocol of 2025 allows it."""
    params = {"name": tool, "arguments": arguments}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    return httpx.post(address, json=body, headers={"Accept": "application/json, text/event-stream", **headers})


def test_clients_that_shake_hands_are_served_too(address: str, portal: BlockingPortal) -> None:
    with talking(portal, Client(address, mode="legacy")) as talk:
        assert talk.client.protocol_version < "2026"
        assert talk.answer(QUESTION).outcome == "answered"
        assert talk.call("ask", question=" ").is_error


def test_a_link_leads_to_the_server_as_it_was_called(address: str) -> None:
    called = {"Host": "record.example.org", "X-Forwarded-Proto": "https"}
    reply = posted(address, "ask", {"question": "Who built the new quay?"}, **called)
    [citation] = reply.json()["result"]["structuredContent"]["citations"]
    place = f"/source/town/quay#{citation['start']}-{citation['end']}"
    assert citation["link"] == f"https://record.example.org{place}"
    assert citation["link"] in reply.json()["result"]["content"][0]["text"]
    assert httpx.get(f"{address.removesuffix('/mcp')}{place}").status_code == 200


def test_pages_of_other_origins_may_not_call(address: str) -> None:
    for origin, status in (("https://record.example.org", 200), ("https://evil.example", 403)):
        assert posted(address, "sources", {}, Host="record.example.org", Origin=origin).status_code == status


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_no_stream_is_held_open_and_no_session_kept(address: str, method: str) -> None:
    reply = httpx.request(method, address, headers={"Accept": "text/event-stream"})
    assert reply.status_code == 405
    assert reply.headers["allow"] == "POST"
    assert "mcp-session-id" not in posted(address, "sources", {}).headers


@pytest.mark.parametrize(
    ("question", "counter"),
    [(QUESTION, 'questions_total{outcome="answered"}'), (" ", 'turned_away_total{code="unprocessable"}')],
)
def test_what_is_asked_is_counted(address: str, question: str, counter: str) -> None:
    def counted() -> float:
        text = httpx.get(f"{address.removesuffix('/mcp')}/metrics").text
        lines = [line for line in text.splitlines() if line.startswith(f"onrecord_{counter} ")]
        return float(lines[0].split()[-1]) if lines else 0.0

    before = counted()
    posted(address, "ask", {"question": question})
    assert counted() == before + 1


def test_a_key_is_asked_for_where_one_is_set(live: LiveAssistant, portal: BlockingPortal) -> None:
    with served(live, Settings(rate=1_000, burst=1_000, api_key="secret")) as at:
        assert posted(f"{at}/mcp", "sources", {}).status_code == 401
        refused = pytest.RaisesGroup(MCPError, flatten_subgroups=True)
        with refused, talking(portal, Client(f"{at}/mcp", mode="legacy")):
            pytest.fail("served without a key")
        knows = httpx2.AsyncClient(headers={"Authorization": "Bearer secret"})
        keyed = Client(streamable_http_client(f"{at}/mcp", http_client=knows))
        with portal.wrap_async_context_manager(knows), talking(portal, keyed) as talk:
            assert talk.answer(QUESTION).outcome == "answered"


# ---------------------------------------------------------------- in this process


def site_of(live: Lends, **limits: float) -> Site:
    return Site(live, Settings(), Answering(live, **cast("dict[str, Any]", limits)))


def called(site: Site, tool: str, **arguments: object) -> CallToolResult:
    async def call() -> CallToolResult:
        async with Client(server(site)) as client:
            return await client.call_tool(tool, arguments)

    return anyio.run(call)


class Holding(Assistant):
    """An assistant that does something else before it answers."""

    def __init__(self, assistant: Assistant, before: Callable[[], object]) -> None:
        super().__init__(assistant.index, assistant.embedder)
        self.before = before

    def answer(self, question: str, history: Sequence[str | Mapping[str, str]] = ()) -> Answer:
        self.before()
        return super().answer(question, history)


def test_who_cannot_be_answered_soon_is_told_so(live: LiveAssistant) -> None:
    reached, go_on = Event(), Event()

    def wait() -> None:
        reached.set()
        assert go_on.wait(CAP)

    async def both() -> list[str]:
        async with Client(server(site)) as client, anyio.create_task_group() as group:
            ask = partial(client.call_tool, "ask", {"question": QUESTION})
            told: list[str] = []

            async def slow() -> None:
                told.append(text_of(await ask()))

            group.start_soon(slow)
            assert await anyio.to_thread.run_sync(reached.wait, CAP)
            told.append(text_of(await ask()))
            go_on.set()
        return told

    with live.held() as assistant:
        site = site_of(Holding(assistant, wait), waiting=0)
        busy, answered = anyio.run(both)
        site.answering.close()
    assert busy == "Too many questions are waiting. Try again in a moment."
    assert "20 euros" in answered


def test_an_answer_that_takes_too_long_is_told(live: LiveAssistant) -> None:
    go_on = Event()
    with live.held() as assistant:
        site = site_of(Holding(assistant, lambda: go_on.wait(CAP)), seconds=0.01)
        result = called(site, "ask", question=QUESTION)
        go_on.set()
        site.answering.close()
    assert result.is_error
    assert text_of(result) == "The answer took longer than 0.01 seconds. Try again later."


def test_a_defect_is_told_to_the_log_alone(live: LiveAssistant, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise RuntimeError(QUESTION)

    with live.held() as assistant:
        result = called(site_of(Holding(assistant, fail)), "ask", question=QUESTION)
    assert result.is_error
    assert text_of(result) == "Something went wrong here, not in your request."
    [told] = [record for record in caplog.records if record.name == "onrecord"]
    assert "RuntimeError" in told.getMessage()
    assert "in fail" in told.getMessage()
    assert QUESTION not in told.getMessage()


class Fixed:
    """Lends what has some sources, and nothing else."""

    def __init__(self, *sources: Source) -> None:
        self._index = SimpleNamespace(id="0", sources={source.id: source for source in sources})

    def held(self) -> AbstractContextManager[Assistant]:
        return nullcontext(cast("Assistant", SimpleNamespace(index=self._index)))


def test_a_call_waits_until_there_is_something_to_ask() -> None:
    order = []

    class Later(Fixed):
        def held(self) -> AbstractContextManager[Assistant]:
            order.append("held")
            return super().held()

    async def ready() -> None:
        order.append("ready")

    async def call() -> None:
        async with Client(server(site_of(Later()), ready)) as client:
            await client.list_tools()
            assert order == []
            await client.call_tool("sources")

    anyio.run(call)
    assert order == ["ready", "held"]


def test_a_long_text_comes_in_pages_that_make_the_whole() -> None:
    text = "".join(f"Line {number} of the log.\n" for number in range(2_500))
    site = site_of(Fixed(Source("log", "The log", text)))
    pages, start = [], 0
    while start is not None:
        result = called(site, "source", id="log", start=start)
        page = cast("dict[str, Any]", result.structured_content)
        pages.append(page["text"])
        assert (f"start = {page['next']}" in text_of(result)) == (page["next"] is not None)
        start = page["next"]
    assert len(pages) == 3
    assert "".join(pages) == text


def test_many_sources_come_in_pages() -> None:
    site = site_of(Fixed(*(Source(f"s{number}", "A source", "") for number in range(150))))
    first = called(site, "sources").structured_content or {}
    second = called(site, "sources", start=first["next"]).structured_content or {}
    assert [source["id"] for source in first["sources"] + second["sources"]] == [f"s{n}" for n in range(150)]
    assert second["next"] is None


def test_a_text_is_read_without_what_was_left_out_of_it() -> None:
    text = "Menu\n\nThe pass costs 20 euros.\n\nSubscribe now\n\nIt is new.\n\nShare"
    dropped = [Dropped(text.index(word), text.index(word) + len(word), "furniture") for word in ("Share", "Menu")]
    dropped.append(Dropped(text.index("Subscribe"), text.index("It is") - 2, "furniture"))
    result = called(site_of(Fixed(Source("pass", "The pass", text, dropped=tuple(dropped)))), "source", id="pass")
    page = cast("dict[str, Any]", result.structured_content)
    assert page["text"] == text
    assert len(page["dropped"]) == 3
    assert text_of(result).partition("\n\n")[2] == "The pass costs 20 euros.\n\nIt is new."


def test_links_that_lead_nowhere_are_left_out_where_no_server_is_called() -> None:
    hostile = Source("evil", "Evil", "It is new.", url="javascript:alert(1)")
    result = called(site_of(Fixed(hostile)), "sources")
    assert (result.structured_content or {})["sources"][0]["link"] == ""
    assert "javascript" not in text_of(result)


# ---------------------------------------------------------------- the command


def test_without_an_index_nothing_is_served(command: Command) -> None:
    run = command("mcp")
    assert run.code == 2
    assert run.out == ""
    assert run.err.startswith("onrecord: No index")


@pytest.mark.slow
def test_an_interrupt_ends_the_process_while_it_waits_for_input(house: House) -> None:
    place = ["--sources", str(house.sources), "--index", str(house.index)]
    command = [sys.executable, "-m", "onrecord", *place, "mcp"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **cast("dict[str, Any]", pipes)) as started:
        assert started.stdin
        assert started.stdout
        hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
        print(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}), file=started.stdin)
        started.stdin.flush()
        assert json.loads(started.stdout.readline())["result"]["serverInfo"]["name"] == "onrecord"
        started.send_signal(signal.SIGINT)
        assert started.wait(CAP) == -signal.SIGINT
