"""Syncs one after another: what they cost in room, in what a process holds, and in time; and a watch."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from statistics import median
from subprocess import PIPE, STDOUT
from typing import IO
from unittest.mock import patch

import index.sync
from assistant.answer import Assistant
from assistant.live import LiveAssistant
from index.embed import Embedder
from index.generation import Index
from index.history import current, place_of, publish
from index.sync import sync
from tests.conftest import PaperEmbedder
from tests.torture.trial import CAP, Arena, Result, weight

ROOT = Path(__file__).parents[2]
QUESTION = "Of which version is the amber notice?"
AT_REST, BUILDING = 2.3, 3.3
# What a process may hold more after many rebuilds: files and threads that are on their way out, and memory in MB.
_MORE, _MORE_MEMORY = 8, 40


def rebuilds(arena: Arena) -> Result:
    """Rebuild an index again and again, every source changed, beside a live reader."""
    rounds, names = 8 if arena.short else 20, [f"quay {number}" for number in range(20 if arena.short else 100)]
    embedder = PaperEmbedder()
    peaks: list[int] = []

    def weigh(*_: object) -> None:
        peaks.append(weight(arena.index))

    def publish_weighed(*arguments: object) -> bool:
        weigh()
        return publish(*arguments)  # type: ignore[arg-type]

    sync(arena.write(0, names), arena.index, embedder)
    one = weight(place_of(arena.index, current(arena.index) or ""))
    at_rest: list[int] = []
    held: list[tuple[int, int, float]] = []
    with _live(arena, embedder) as live:
        for version in range(1, rounds + 1):
            with patch.object(index.sync, "publish", publish_weighed):
                sync(arena.write(version, names), arena.index, embedder, weigh)
            with live.held() as assistant:
                assistant.index.check()
            sync(arena.sources, arena.index, embedder)  # what the reader has left now is deleted
            at_rest.append(weight(arena.index))
            held.append(_held())
    begun, ended = held[rounds // 4], held[-1]
    rest, peak = max(at_rest) / one, max(peaks) / one
    faults = [f"{rest:.2f} times one index at rest"] * (rest > AT_REST)
    faults += [f"{peak:.2f} times one index while building"] * (peak > BUILDING)
    for what, before, after, more in zip(
        ("files", "threads", "MB"), begun, ended, (_MORE, _MORE, _MORE_MEMORY), strict=True
    ):
        faults += [f"{after:.0f} {what} after {before:.0f}"] * (after > before + more)
    note = (
        f"at most {rest:.2f} times one index of {one / 1e6:.1f} MB at rest, {peak:.2f} while building; after rebuild "
        f"{rounds // 4 + 1} and {rounds}: {begun[0]} and {ended[0]} open files, {begun[1]} and {ended[1]} threads, "
        f"{begun[2]:.0f} and {ended[2]:.0f} MB of memory"
    )
    return Result(rounds, "rebuilds", tuple(faults), note)


def _held() -> tuple[int, int, float]:
    """The files and threads of this process, and its memory in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    memory = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task")), memory


def one_of_many(arena: Arena) -> Result:
    """Change one document of many: only its passages are encoded."""
    count, rounds = (30, 2) if arena.short else (200, 3)
    embedder = PaperEmbedder() if arena.short else arena.embedder
    names = [f"quay {number}" for number in range(count)]
    began = time.perf_counter()
    whole = sync(arena.write(0, names), arena.index, embedder)
    full, times, faults = time.perf_counter() - began, [], []
    for version in range(1, rounds + 1):
        arena.write(version, names[version : version + 1])
        began = time.perf_counter()
        report = sync(arena.sources, arena.index, embedder)
        times.append(time.perf_counter() - began)
        with Index.open(arena.index) as opened:
            wanted = sum(
                passage.source == names[version] and f"of version {version}," in passage.text
                for passage in opened.passages
            )
        if report.embedded != wanted or report.embedded + report.reused != whole.passages or not wanted:
            faults.append(f"{report.embedded} passages encoded, where {wanted} changed")
    note = (
        f"{wanted} of {whole.passages} passages encoded; {median(times):.2f} s, where the first sync "
        f"took {full:.2f} s: {median(times) / full:.0%}"
    )
    return Result(rounds, f"changes of one document of {count}", tuple(faults), note)


# --- the watch -------------------------------------------------------------------------------------------------------


def watching(arena: Arena) -> Result:
    """Save files while `onrecord sync --watch` runs, beside a live assistant: each is served."""
    rounds, times = 1 if arena.short else 10, []
    sync(arena.write(0), arena.index, arena.embedder)
    with _watch(arena) as output, _live(arena, arena.embedder) as live:
        _until(output, lambda said: b"generation " in said)
        for version in range(1, rounds + 1):
            wanted = f"of version {version},"
            began = time.perf_counter()
            arena.write(version, ["amber"])
            _until(output, partial(_is_answered, live, wanted))
            times.append(time.perf_counter() - began)
    return Result(rounds, "saved files", note=f"served after {median(times):.1f} s, at most {max(times):.1f} s")


def _is_answered(live: LiveAssistant, wanted: str, _: bytes) -> bool:
    return wanted in live.answer(QUESTION).text


@contextmanager
def _watch(arena: Arena) -> Iterator[IO[bytes]]:
    """What `onrecord sync --watch` prints, which is killed in the end."""
    command = [sys.executable, "-m", "onrecord", "--sources", str(arena.sources), "--index", str(arena.index)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*command, "sync", "--watch"], cwd=ROOT, env=environment, stdout=PIPE, stderr=STDOUT, bufsize=0
    ) as watch:
        assert watch.stdout
        try:
            yield watch.stdout
        finally:
            watch.kill()


def _until(output: IO[bytes], reached: Callable[[bytes], bool]) -> None:
    """Read what a process prints until something is reached, which is looked at after each piece of it."""
    with DefaultSelector() as selector:
        selector.register(output, EVENT_READ)
        said = b""
        while not reached(said):
            if not selector.select(CAP):
                raise TimeoutError(f"nothing printed for {CAP:.0f} s, after {said.decode()[-500:]!r}")
            piece = output.read(65_536)
            if not piece:
                raise EOFError(f"it ended: {said.decode()[-500:]!r}")
            said += piece


def _live(arena: Arena, embedder: Embedder) -> LiveAssistant:
    return LiveAssistant(arena.index, Assistant(Index.open(arena.index, embedder), embedder))
