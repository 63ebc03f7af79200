"""A sentence that is removed is cited by nothing from then on; a purged one not after a rollback either."""

import json
from collections.abc import Callable
from dataclasses import asdict

from assistant.answer import Assistant
from index.generation import Index
from index.history import kept, roll_back
from index.purge import purge
from index.sync import sync
from tests.torture.trial import Arena, Result

NEWS = """---
title: The night ferry
publisher: Port Gazette
published: 2025-05-02
---

The night ferry sails from the old harbour. The timetable of the night ferry has not been announced. The fare of the
night ferry has not been announced.
"""
NOTICE = """---
title: Fares of the night ferry
publisher: Harbour Board
published: 2025-06-20
---

The fare of the night ferry is 12 euros. Children travel on the night ferry free of charge.
"""
TOLD, OPEN = "The fare of the night ferry is 12 euros.", "The timetable of the night ferry has not been announced."
QUESTIONS = (
    "What is the fare of the night ferry?",
    "Where does the night ferry sail from?",
    "What is the timetable of the night ferry?",
    "Do children pay the fare of the night ferry?",
    "What has not been announced?",
    "Who says that the night ferry is 12 euros?",
)


def removed(arena: Arena) -> Result:
    """Remove sentences by an edit, with their file, and by a purge, and look for them wherever something is cited."""
    faults, looked = [], 0
    ways: dict[str, tuple[Callable[[Arena], object], str, bool]] = {
        "an edited statement": (_edit("notice.md", TOLD), TOLD, False),
        "an edited open point": (_edit("news.md", OPEN), OPEN, False),
        "a removed file": (_remove("notice.md"), TOLD, False),
        "a purged statement": (_purge("notice"), TOLD, True),
        "a purged open point": (_purge("news"), OPEN, True),
    }
    for name, (remove, text, for_good) in ways.items():
        here = Arena(arena.place / name.replace(" ", "-"), arena.embedder)
        here.sources.mkdir(parents=True)
        (here.sources / "news.md").write_text(NEWS, "utf-8")
        sync(here.sources, here.index, here.embedder)
        (here.sources / "notice.md").write_text(NOTICE, "utf-8")
        sync(here.sources, here.index, here.embedder)
        if sum(text in said for said in _all_said(here).values()) < 3:
            faults.append(f"{name}: it is hardly cited while it is there")
        remove(here)
        states = 1
        found = [where for where, said in _all_said(here).items() if text in said]
        if for_good:
            for _ in range(len(kept(here.index)) - 1):
                roll_back(here.index)
                states += 1
                found += [f"{where}, rolled back" for where, said in _all_said(here).items() if text in said]
            found += [
                str(path) for path in here.index.rglob("*") if path.is_file() and text.encode() in path.read_bytes()
            ]
        looked += states * (2 * len(QUESTIONS) + 2)
        faults += [f"{name}: still in {found}"] * bool(found)
    return Result(
        len(ways), "removals", tuple(faults), f"{looked} answers, explanations, ledgers and searches looked into"
    )


def _all_said(arena: Arena) -> dict[str, str]:
    """All that the published generation says, by where."""
    with Assistant(Index.open(arena.index, arena.embedder), arena.embedder) as assistant:
        index = assistant.index
        said = {
            f"the answer to {q!r}": json.dumps(assistant.answer(q).to_dict(), ensure_ascii=False) for q in QUESTIONS
        }
        said |= {f"the explanation of {q!r}": assistant.explain(q) for q in QUESTIONS}
        said["the ledger"] = str([asdict(entry) for entry in assistant.ledger()])
        vectors = [encoded.vector for encoded in arena.embedder.encode(QUESTIONS)]
        hits = [
            hit for vector in vectors for hit in index.search(["fare", "ferri", "announc"], vector, len(index.passages))
        ]
        said["a search"] = str([index.passages[hit.passage].text for hit in hits])
    return said


def _edit(name: str, text: str) -> Callable[[Arena], object]:
    def edit(arena: Arena) -> None:
        path = arena.sources / name
        path.write_text(path.read_text("utf-8").replace(text, ""), "utf-8")
        sync(arena.sources, arena.index, arena.embedder)

    return edit


def _remove(name: str) -> Callable[[Arena], object]:
    def remove(arena: Arena) -> None:
        (arena.sources / name).unlink()
        sync(arena.sources, arena.index, arena.embedder)

    return remove


def _purge(source: str) -> Callable[[Arena], object]:
    def remove_and_purge(arena: Arena) -> None:
        (arena.sources / "more.md").write_text("The old harbour has two cranes.\n", "utf-8")
        sync(arena.sources, arena.index, arena.embedder)
        (arena.sources / f"{source}.md").unlink()
        purge(arena.index, source)

    return remove_and_purge
