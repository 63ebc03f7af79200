"""Child processes that sync, and say where they are.

They are forked from a process that has everything imported and nothing open, so that one costs little. Each file
operation below a folder is a moment, announced before it happens by an audit hook of Python, and so is each step that
the sync reports. What Chroma's own code writes is no moment; it lies between two.
"""

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import RLock
from typing import Any

from index.errors import OnRecordError
from index.sync import sync
from tests.conftest import PaperEmbedder
from tests.torture.trial import CAP

BEFORE, AFTER = "before the publish", "after the publish"
_DONE = "done"
_OPERATIONS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir"}

import_module("tqdm").tqdm.set_lock(RLock())  # its own lock, of all processes, outlives one that is killed
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([__name__])


@contextmanager
def child(work: Callable[..., None], *arguments: object) -> Iterator[tuple[ForkServerProcess, Connection]]:
    """`work(pipe, *arguments)` in a process of its own, with the other end of its pipe; it is killed at the end."""
    ours, theirs = _context.Pipe()
    process = _context.Process(target=work, args=(theirs, *arguments), daemon=True)
    with ours:
        process.start()
        theirs.close()
        try:
            yield process, ours
        finally:
            process.kill()
            process.join(CAP)
            process.close()


def heard(pipe: Connection) -> Any:
    """What comes next from a pipe. Raises TimeoutError where nothing comes, and EOFError where nothing can."""
    if not pipe.poll(CAP):
        raise TimeoutError(f"a child said nothing for {CAP:.0f} s")
    return pipe.recv()


def call(work: Callable[..., object], *arguments: object) -> Any:
    """What `work(*arguments)` returns in a process of its own; of an error of ours, its message."""
    with child(_answer, work, arguments) as (_, pipe):
        return heard(pipe)


def _answer(pipe: Connection, work: Callable[..., object], arguments: tuple[object, ...]) -> None:
    try:
        pipe.send(work(*arguments))
    except OnRecordError as error:
        pipe.send(f"{error}")


# --- moments ---------------------------------------------------------------------------------------------------------


def listen(folder: Path, tell: Callable[[str, str], None]) -> None:
    """Have `tell(operation, path)` called before each file operation below a folder, as long as this process lives."""
    below = str(folder)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _OPERATIONS and not isinstance(arguments[0], int):
            path = os.fsdecode(arguments[1 if event == "os.rename" else 0])
            if path.startswith(below) or event in ("os.remove", "os.rmdir"):  # a tree is removed by bare names
                tell(event, path)

    sys.addaudithook(hook)


def sync_to(pipe: Connection, sources: Path, index: Path, moment: int | str, stays: bool, full: bool) -> None:
    """Sync, and announce a moment, by its number or name, when it has come; there, stay until killed, or go on.

    In the end the number of all moments is sent.
    """
    count, last = 0, ""

    def pass_by(operation: str, path: str = "") -> None:
        nonlocal count, last
        publishing = operation == "os.rename" and Path(path).name == "CURRENT"
        count, last = count + 1, BEFORE if publishing else AFTER if last == BEFORE else operation
        if moment in (count, last):
            pipe.send(last)
            if stays:
                pipe.recv()

    listen(index, pass_by)
    with suppress(EOFError):
        sync(sources, index, PaperEmbedder(), lambda stage, done, total: pass_by(stage), full=full)
        pipe.send((_DONE, count))


def moments(sources: Path, index: Path) -> int:
    """How many moments a sync has."""
    with child(sync_to, sources, index, 0, False, False) as (_, pipe):
        return int(heard(pipe)[1])
