"""Readers that ask while one sync follows another: none fails, and no answer mixes two generations."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Barrier, Event

from assistant.answer import Answer, Assistant
from assistant.live import LiveAssistant
from index.generation import Index
from index.sync import sync
from tests.torture.children import child, heard
from tests.torture.trial import CAP, NAMES, Arena, Result, logged, versions

THREADS, PROCESSES = 8, 2
QUESTION = "Of which version is the {} notice of the harbour?"


def readers(arena: Arena) -> Result:
    """Threads ask a live assistant, and processes open and search the index, while syncs change every source."""
    syncs = 4 if arena.short else 20
    generations = {sync(arena.write(0), arena.index, arena.embedder).generation: 0}
    over, together = Event(), Barrier(THREADS + 1)

    def ask(name: str) -> list[Answer]:
        together.wait(CAP)
        answers = [live.answer(QUESTION.format(name))]
        while not over.is_set():
            answers.append(live.answer(QUESTION.format(name)))
        return answers

    with ExitStack() as opened:
        told = opened.enter_context(logged())
        assistant = Assistant(Index.open(arena.index, arena.embedder), arena.embedder)
        live = opened.enter_context(LiveAssistant(arena.index, assistant))
        pipes = [opened.enter_context(child(search, arena.index))[1] for _ in range(PROCESSES)]
        threads = opened.enter_context(ThreadPoolExecutor(THREADS))
        for pipe in pipes:
            heard(pipe)  # it has begun
        asking = [threads.submit(ask, NAMES[number % len(NAMES)]) for number in range(THREADS)]
        together.wait(CAP)
        try:
            for version in range(1, syncs + 1):
                generations[sync(arena.write(version), arena.index, arena.embedder).generation] = version
        finally:
            over.set()
        answers = [answer for each in asking for answer in each.result(CAP)]
        for pipe in pipes:
            pipe.send("over")
        searches, faults = 0, [fault for fault in (_mixed(a, generations.get(a.generation)) for a in answers) if fault]
        faults += told
        for pipe in pipes:
            count, wrong = heard(pipe)
            searches, faults = searches + count, [*faults, *wrong]
    seen = {answer.generation for answer in answers}
    note = (
        f"{syncs} syncs; {len(answers):,} answers to {THREADS} threads, from {len(seen)} generations; "
        f"{searches:,} times opened and searched by {PROCESSES} processes"
    )
    return Result(len(answers) + searches, "readings", tuple(faults), note)


def _mixed(answer: Answer, version: int | None) -> str:
    """What is wrong with an answer of a generation that is of a version."""
    quotes = " ".join(citation.quote for citation in (*answer.citations, *answer.related))
    said = {int(number) for number in re.findall(r"of version (\d+)", f"{answer.text} {quotes}")}
    return "" if answer.citations and said == {version} else f"version {version} says {sorted(said)}"


def search(pipe: Connection, index_dir: Path) -> None:
    """Open what is published and search it, again and again, until it is over; send how often, and the faults.

    What the log says is one: there is nothing to be said.
    """
    with logged() as faults:
        count = _search(pipe, index_dir, faults)
    pipe.recv()
    pipe.send((count, faults))


def _search(pipe: Connection, index_dir: Path, faults: list[str]) -> int:
    count = 0
    while not pipe.poll():
        try:
            with Index.open(index_dir) as index:
                vector = index.sentence_vector(0)
                hits = index.search(["notic", "version"], vector, len(index.passages))
                found = versions(index.sentences[i] for hit in hits for i in index.passages[hit.passage].sentences)
                if sorted(found) != sorted(NAMES) or len(set.union(*found.values())) != 1:
                    faults.append(f"a search finds the versions {found}")
        except Exception as error:
            faults.append(f"a reader fails: {error!r}")
        count += 1
        if count == 1:
            pipe.send("begun")
    return count
