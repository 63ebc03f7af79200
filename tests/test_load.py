"""The load: what it counts, how it asks, and a short run with a server of its own. How fast anything is, is not tested."""

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from assistant.answer import Assistant
from assistant.live import LiveAssistant
from assistant.settings import Settings
from evals import load
from evals.load import Load, Reply, Server
from index.embed import TransformerEmbedder
from index.errors import OnRecordError
from index.generation import Index
from tests.corpus import published
from tests.serving import served

QUESTIONS = ["What is the fee?", "When does the park open?"]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, embedder: TransformerEmbedder) -> Path:
    """An index of one document."""
    folder = tmp_path_factory.mktemp("load")
    text = "# The park\n\nThe fee is 3 euros. The park opens at 9 in the morning.\n"
    return published(folder, {"park.md": text}, embedder)


@pytest.fixture(scope="module")
def server(index: Path, embedder: TransformerEmbedder) -> Iterator[Server]:
    """A server in this process that answers one question at a time, and lets one wait."""
    settings = Settings(waiting=1, rate=1_000_000, burst=1_000_000)
    with (
        LiveAssistant(index, Assistant(Index.open(index, embedder), embedder)) as live,
        served(live, settings) as address,
    ):
        yield Server(address, os.getpid())


def test_loads_add_up() -> None:
    one = Load((Reply(200, 0.1), Reply(503, 0.01)), seconds=1, server=0.5, generator=0.1)
    other = Load((Reply(200, 0.3), Reply(200, 0.2)), seconds=2, server=1.5, generator=0.2)
    both = Load.together([one, other])
    assert both.seconds == 3
    assert both.server == 2
    assert both.generator == pytest.approx(0.3)
    assert both.rate == 1
    assert both.share(200) == 0.75
    assert both.share(503) == 0.25
    assert both.share(429) == 0
    assert both.within(0.5) == 200
    assert both.within(0.99) == 300
    assert both.within(0.99, 503) == 10
    assert math.isnan(one.within(0.5, 429))


def test_clients_ask_one_question_after_another(server: Server) -> None:
    found = load.put(server, partial(load.closed_loop, questions=QUESTIONS, clients=1, seconds=0.3))
    assert {reply.status for reply in found.replies} == {200}
    assert sum(reply.seconds for reply in found.replies) <= found.seconds
    assert found.seconds >= 0.3
    assert found.server > 0  # here the two are one process
    assert found.generator > 0


def test_clients_that_are_turned_away_ask_again_when_they_are_told_to(server: Server) -> None:
    found = load.put(server, partial(load.closed_loop, questions=QUESTIONS, clients=20, seconds=0.3))
    turned_away = [reply for reply in found.replies if reply.status == 503]
    assert 1 <= len(turned_away) <= 20  # once each: they are told to wait longer than the load lasts
    assert found.rate > 0


def test_an_open_loop_waits_for_no_answer(server: Server) -> None:
    found = load.put(server, partial(load.open_loop, questions=QUESTIONS, rate=200, seconds=0.2))
    assert 20 <= len(found.replies) <= 60
    assert found.share(200) + found.share(503) == 1
    assert found.share(503) > 0
    again = load.put(server, partial(load.open_loop, questions=QUESTIONS, rate=200, seconds=0.2))
    assert len(again.replies) == len(found.replies)


def test_an_open_loop_sends_one_question_at_least(server: Server) -> None:
    found = load.put(server, partial(load.open_loop, questions=QUESTIONS, rate=0.001, seconds=0.01))
    assert [reply.status for reply in found.replies] == [200]


def test_what_no_reply_comes_to_is_counted() -> None:
    found = load.put(
        Server("http://127.0.0.1:9", os.getpid()), partial(load.open_loop, questions=["?"], rate=1, seconds=0)
    )
    assert not found.replies
    nobody = partial(load.open_loop, questions=["?"], rate=0.001, seconds=0.01)
    assert load.put(Server("http://127.0.0.1:9", os.getpid()), nobody).share(0) == 1


def test_processes_that_were_started_count() -> None:
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        found = load.family(os.getpid())
        assert found[0] == os.getpid()
        assert child.pid in found
        assert len(load.family(child.pid)) == 2
        assert Server("", child.pid).memory() > 5
        assert Server("", child.pid).processor_seconds() >= 0
        child.communicate(b"\n")
    assert load.stat(child.pid) == []
    assert Server("", child.pid).memory() == 0


def test_the_table_has_a_row_for_each_load() -> None:
    alone = Load((Reply(200, 0.1),) * 10, seconds=1, server=0.9, generator=0.02)
    crowded = Load((*(Reply(200, 0.9),) * 10, *(Reply(503, 0.004),) * 30), seconds=1, server=1, generator=0.1)
    loads = {"1 client": alone, load.too_many(): crowded}
    head, line, *rows = load.table({1: loads})
    assert {row.count("|") for row in (head, line, *rows)} == {12}
    assert rows[1] == "| 1 | 4 times capacity | 10.0 | 900 | 900 | 25% | 0% | 75% | 0% | 1.00 | 0.10 |"
    assert load.verdict(1, loads) == (
        "- 1 process, 4 times capacity: what is accepted is answered within 900 ms (p99), 9.0 times the 100 ms of one client "
        "(p50; aim: at most 10); 75% are turned away, within 4 ms (p99)."
    )
    assert load.beside({1: loads}) == []
    assert load.beside({1: loads, 2: {name: Load.together([each]) for name, each in loads.items()}}) == [
        "- 2 processes beside 1, in answers a second: 1.00 times (1 client), 1.00 times (4 times capacity)."
    ]


@pytest.mark.slow
def test_a_server_that_does_not_start_is_told(tmp_path: Path) -> None:
    nowhere = Settings(sources=tmp_path / "none", index=tmp_path / "index", port=0)
    with pytest.raises(OnRecordError, match=r"did not start.*No index"), load.serving(nowhere, 1):
        pass


@pytest.mark.slow
def test_a_short_run_asks_a_server_of_its_own_and_ends_it(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "build" / "load.md"
    assert load.main(["--short", "--index", str(index), "--markdown", str(table)]) == 0
    out, _ = capsys.readouterr()
    assert table.read_text("utf-8") == out
    rows = [line.split(" | ") for line in out.splitlines() if line.startswith("| 1 ")]
    assert [row[1] for row in rows] == ["1 client", "8 clients", "64 clients", "4 times capacity"]
    assert {row[8] for row in rows} == {"0%"}  # that had no reply
    assert rows[0][5] == "100%"
    assert "- Memory of 1 process" in out
    assert len(load.family(os.getpid())) == 1
