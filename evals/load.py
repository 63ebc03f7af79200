"""How many questions the server answers, how fast, and what it does with too many: `python -m evals.load`, `make load`.

A real `onrecord serve --no-chat`, over an index of the sources in a temporary folder or one that is there, is asked over HTTP by this process,
which shares the machine with it: what either takes of the cores stands beside the figures. Limits are those of the
environment, or as shipped, but for the requests that a client may make, since all of them come from one address. One
server has one process, another two; they take turns, so that other work on the machine slows both alike.

A closed loop has a number of clients, each of which asks when it has its answer, or, where it was turned away, when it is
told to ask again. An open loop sends what comes when it comes, whatever has been answered by then.

Not covered: how fast an answer is made (`python -m evals.bench`), the chat, a network, and systems without /proc.
"""

import argparse
import asyncio
import math
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import cycle
from pathlib import Path
from threading import Thread

import httpx

from assistant.settings import Settings
from evals.bench import percentile, some_questions
from index.errors import OnRecordError

CLIENTS = (1, 8, 64)
FULL = 8  # of these, the clients that keep the server busy: what it answers then is its capacity
TIMES = 4
# What is hoped for: what is accepted among too many takes at most so many times as long as alone, and load leaves the
# memory at most so much larger.
MOST_SLOWER, MOST_GROWTH = 10.0, 0.10
_ANY_NUMBER = 1_000_000
_CAP = 600.0  # seconds: a cap, for machines that do other things too


@dataclass(frozen=True)
class Reply:
    """A status, 0 where no reply came, and the seconds from the moment the question was due."""

    status: int
    seconds: float


@dataclass(frozen=True)
class Load:
    """What came of some load: the replies, how long it lasted, and the seconds of processor time that both sides took."""

    replies: tuple[Reply, ...]
    seconds: float
    server: float
    generator: float

    @classmethod
    def together(cls, loads: Iterable["Load"]) -> "Load":
        """Several loads as one."""
        every = list(loads)
        return cls(
            tuple(reply for load in every for reply in load.replies),
            sum(load.seconds for load in every),
            sum(load.server for load in every),
            sum(load.generator for load in every),
        )

    @property
    def rate(self) -> float:
        """Answers a second."""
        return sum(reply.status == 200 for reply in self.replies) / self.seconds

    def within(self, share: float, status: int = 200) -> float:
        """The milliseconds within which this share of the replies of a status had come; not a number where there is none."""
        times = [reply.seconds for reply in self.replies if reply.status == status]
        return percentile(times, share) * 1e3 if times else math.nan

    def share(self, status: int) -> float:
        """The share of the replies that have this status."""
        return sum(reply.status == status for reply in self.replies) / max(1, len(self.replies))


# --- the server ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """A server that runs: its address, and the id of its first process."""

    address: str
    process: int

    def processor_seconds(self) -> float:
        """What its processes have taken of the processor until now."""
        return sum(sum(stat(each)[11:13]) for each in family(self.process)) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """The resident memory of its processes in MB. What they share is counted for each."""
        return sum(sum(stat(each)[21:22]) for each in family(self.process)) * os.sysconf("SC_PAGE_SIZE") / 2**20


def family(process: int) -> list[int]:
    """A process, those it started, those they started, and so on."""
    there = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    parents = {each: fields[1] for each in there if (fields := stat(each))}
    found = [process]
    for one in found:
        found += [each for each, parent in parents.items() if parent == one]
    return found


def stat(process: int) -> list[int]:
    """The fields of /proc/ID/stat from the third on (proc(5)), which is a letter and stands as 0. None once it has ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [0, *map(int, fields[1:])]


def built(settings: Settings) -> None:
    """Build the index, in a process of its own: what asks should hold no model. Raises `OnRecordError` where that fails."""
    done = subprocess.run(_command("sync"), env=_environment(settings), capture_output=True, text=True, check=False)
    if done.returncode:
        raise OnRecordError(f"There is no index to ask: {done.stderr}")


@contextmanager
def serving(settings: Settings, processes: int) -> Iterator[Server]:
    """A server on a free port that is ready to answer. Raises `OnRecordError` where none comes up."""
    command = _command("serve", "--no-chat", "--workers", str(processes))
    with subprocess.Popen(command, env=_environment(settings), stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr
        said, rest = list[str](), Thread(target=shutil.copyfileobj, args=(child.stderr, sys.stderr))
        try:
            for line in child.stderr:
                said.append(line)
                if address := re.search(r"http://\S+", line):
                    break
            else:
                raise OnRecordError(f"The server did not start: {''.join(said)}")
            rest.start()
            httpx.get(f"{address[0]}/api/health/ready", timeout=_CAP).raise_for_status()
            yield Server(address[0], child.pid)
        except httpx.HTTPError as error:
            raise OnRecordError(f"The server does not answer ({error}).") from error
        finally:
            child.terminate()
            child.wait()
            if rest.is_alive():
                rest.join()


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "onrecord", *words]


def _environment(settings: Settings) -> dict[str, str]:
    return {**os.environ, **settings.to_environment(), "HF_HUB_OFFLINE": "1"}


# --- the load ------------------------------------------------------------------------------------------------------

# Asks with a client, in some way, and gives the replies.
Way = Callable[[httpx.AsyncClient], Awaitable[list[Reply]]]


def put(server: Server, way: Way) -> Load:
    """Ask a server in some way, over connections of its own."""

    async def work() -> list[Reply]:
        unlimited = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        async with httpx.AsyncClient(
            base_url=server.address, limits=unlimited, timeout=_CAP, trust_env=False
        ) as client:
            return await way(client)

    began, theirs, ours = time.perf_counter(), server.processor_seconds(), time.process_time()
    replies = asyncio.run(work())
    seconds = time.perf_counter() - began
    return Load(tuple(replies), seconds, server.processor_seconds() - theirs, time.process_time() - ours)


async def closed_loop(client: httpx.AsyncClient, questions: Sequence[str], clients: int, seconds: float) -> list[Reply]:
    """Some clients, each of which asks one question after another until the seconds are over."""
    upcoming, end, replies = cycle(questions), time.perf_counter() + seconds, list[Reply]()

    async def one() -> None:
        while (now := time.perf_counter()) < end:
            reply, wait = await asked(client, next(upcoming), now)
            replies.append(reply)
            await asyncio.sleep(max(0.0, min(wait, end - time.perf_counter())))

    await asyncio.gather(*(one() for _ in range(clients)))
    return replies


async def open_loop(client: httpx.AsyncClient, questions: Sequence[str], rate: float, seconds: float) -> list[Reply]:
    """So many questions a second, one at once and the rest at random moments that are the same ones each time."""
    upcoming, dice, asking = cycle(questions), random.Random(0), list[asyncio.Task[tuple[Reply, float]]]()
    began = due = time.perf_counter()
    while due < began + seconds:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        asking.append(asyncio.create_task(asked(client, next(upcoming), due)))
        due += dice.expovariate(rate)
    return [reply for reply, _ in await asyncio.gather(*asking)]


async def asked(client: httpx.AsyncClient, question: str, due: float) -> tuple[Reply, float]:
    """The reply to a question that was due at a moment, and the seconds that are to pass before the next one."""
    status, wait = 0, 0.0
    try:
        came = await client.post("/api/ask", json={"question": question})
        status, wait = came.status_code, float(came.headers.get("retry-after", 0))
    except httpx.HTTPError:
        pass
    return Reply(status, time.perf_counter() - due), wait


# --- the figures ---------------------------------------------------------------------------------------------------


def one_round(server: Server, questions: Sequence[str], seconds: float) -> dict[str, Load]:
    """The loads by their names, one after the other; the last is of several times what the server can answer."""
    loads = {}
    for clients in CLIENTS:
        loads["1 client" if clients == 1 else f"{clients} clients"] = put(
            server, partial(closed_loop, questions=questions, clients=clients, seconds=seconds)
        )
    rate = TIMES * loads[f"{FULL} clients"].rate
    loads[too_many()] = put(server, partial(open_loop, questions=questions, rate=rate, seconds=seconds))
    return loads


def too_many() -> str:
    """The name of the load that is too much."""
    return f"{TIMES} times capacity"


def counted(processes: int) -> str:
    """So many processes, in words."""
    return "1 process" if processes == 1 else f"{processes} processes"


def table(servers: Mapping[int, Mapping[str, Load]]) -> list[str]:
    """A table in Markdown: a row for each load on a server of so many processes."""
    lines = [
        "| processes | load | answers/s | p50 ms | p99 ms | answered | 429 | 503 | no reply | server's cores | generator's cores |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for processes, loads in servers.items():
        for name, load in loads.items():
            shares = " | ".join(f"{load.share(status):.0%}" for status in (200, 429, 503, 0))
            lines.append(
                f"| {processes} | {name} | {load.rate:.1f} | {load.within(0.5):,.0f} | {load.within(0.99):,.0f} | {shares} "
                f"| {load.server / load.seconds:.2f} | {load.generator / load.seconds:.2f} |"
            )
    return lines


def verdict(processes: int, loads: Mapping[str, Load]) -> str:
    """How long those took that were accepted among too many, beside one that is asked alone."""
    alone, crowded = loads["1 client"].within(0.5), loads[too_many()]
    line = (
        f"- {counted(processes)}, {too_many()}: what is accepted is answered within {crowded.within(0.99):,.0f} ms (p99), "
        f"{crowded.within(0.99) / alone:.1f} times the {alone:,.0f} ms of one client (p50; aim: at most {MOST_SLOWER:g})"
    )
    if turned_away := crowded.share(503):
        line += f"; {turned_away:.0%} are turned away, within {crowded.within(0.99, 503):,.0f} ms (p99)"
    return f"{line}."


def beside(servers: Mapping[int, Mapping[str, Load]]) -> list[str]:
    """How many times as much the larger servers answer as the first."""
    (few, first), *larger = servers.items()
    lines = []
    for many, loads in larger:
        times = (f"{load.rate / first[name].rate:.2f} times ({name})" for name, load in loads.items())
        lines.append(f"- {counted(many)} beside {few}, in answers a second: {', '.join(times)}.")
    return lines


def memory(server: Server, questions: Sequence[str], minutes: float) -> str:
    """What some minutes of load do to the memory of a server."""
    before = server.memory()
    load = put(server, partial(closed_loop, questions=questions, clients=FULL, seconds=minutes * 60))
    after = server.memory()
    answers = sum(reply.status == 200 for reply in load.replies)
    return (
        f"- Memory of 1 process: {before:,.0f} MB, and {after:,.0f} MB after {load.seconds / 60:.1f} minutes of {FULL} clients "
        f"and {answers:,} answers: {after / before - 1:+.1%} (aim: less than {MOST_GROWTH:.0%})."
    )


# --- the command ---------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    given = parse(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="onrecord-load-") as place:
            settings = Settings.from_environment(
                sources=given.sources, index=given.index or Path(place), host="127.0.0.1", port=0,
                root_path="", api_key="", gaps="", rate=_ANY_NUMBER, burst=_ANY_NUMBER,
            )  # fmt: skip
            text = "\n".join(measured(given, settings))
    except OnRecordError as error:
        print(f"load: {error}", file=sys.stderr)
        return 2
    print(text)
    if given.markdown:
        given.markdown.parent.mkdir(parents=True, exist_ok=True)
        given.markdown.write_text(f"{text}\n", "utf-8")
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evals.load", description="Put load on the server.")
    parser.add_argument("--sources", type=Path, help="the folder of documents; default: ONRECORD_SOURCES, or sources")
    parser.add_argument("--index", type=Path, help="an index that is there; default: one of the sources, made for it")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, the servers in turns; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=10, help="each load of a round; default: %(default)s")
    parser.add_argument("--minutes", type=float, default=1, help="load to watch the memory under; default: %(default)s")
    parser.add_argument("--short", action="store_true", help="a few requests to one process, as in the tests")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="also write the table to a file")
    given = parser.parse_args(arguments)
    given.processes = (1, 2)
    if given.short:
        given.rounds, given.seconds, given.minutes, given.processes = 1, 0.3, 0.01, (1,)
    return given


def measured(given: argparse.Namespace, settings: Settings) -> list[str]:
    """Measure, and say what came of it, as lines of Markdown."""
    busy, questions = os.getloadavg()[0], some_questions(30)
    if not given.index:
        tell("building the index")
        built(settings)
    with ExitStack() as running:
        servers = {}
        for processes in given.processes:
            tell(f"starting a server of {counted(processes)}")
            servers[processes] = running.enter_context(serving(settings, processes))
            put(servers[processes], partial(closed_loop, questions=questions, clients=processes, seconds=given.seconds))
        rounds: dict[int, list[dict[str, Load]]] = {processes: [] for processes in servers}
        for number in range(given.rounds):
            for processes, server in servers.items():
                tell(f"round {number + 1} of {given.rounds}, {counted(processes)}")
                rounds[processes].append(one_round(server, questions, given.seconds))
        tell("memory")
        grown = memory(servers[1], questions, given.minutes)
    pooled = {
        processes: {name: Load.together(each[name] for each in loads) for name in loads[0]}
        for processes, loads in rounds.items()
    }
    return [
        f"{date.today():%d %B %Y}; {os.cpu_count()} cores, load average {busy:.1f} before; {given.rounds} x {given.seconds:g} s "
        f"each, in turns; {settings.at_once} at once, {settings.waiting} waiting in each process.",
        "", *table(pooled), "",
        *(verdict(processes, loads) for processes, loads in pooled.items()), *beside(pooled), grown,
    ]  # fmt: skip


def tell(what: str) -> None:
    """Say on standard error what takes its time now."""
    print(f"{what} ...", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
