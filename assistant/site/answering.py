"""Questions from many clients, put to one assistant: a few at once, a few waiting, each for a limited time.

Answering keeps a core busy, so that a long queue helps no one: who cannot be answered soon is told so at once. Python
cannot stop a thread: a question whose client was told that time is up keeps its place until it is done. Not covered:
how many one client may ask (`guards.py`).
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Lock
from typing import Protocol, TypeVar

from assistant.answer import Answer, Assistant, History
from index.errors import OnRecordError

T = TypeVar("T")


class BusyError(OnRecordError):
    """As many questions wait as may."""


class TooLateError(OnRecordError):
    """The answer took longer than it may."""


class Lends(Protocol):
    """What lends an assistant of one generation for as long as a question takes: a `LiveAssistant`, or an `Assistant`."""

    def held(self) -> AbstractContextManager[Assistant]: ...


class Answering:
    """Puts work to an assistant: `at_once` pieces, `waiting` more, each answered within `seconds`."""

    def __init__(self, live: Lends, at_once: int = 1, waiting: int = 2, seconds: float = 30.0) -> None:
        self._live = live
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="answering")
        self._places = at_once + waiting
        self._seconds = seconds
        self._taken = 0
        self._counting = Lock()

    async def answer(self, question: str, history: History = ()) -> Answer:
        """The answer to a question. Raises `InputError` for one that cannot be asked, and as `run` does."""
        return await self.run(lambda assistant: assistant.answer(question, history))

    async def run(self, work: Callable[[Assistant], T]) -> T:
        """What some work with an assistant of one generation gives.

        Raises `BusyError` where no place is left, and `TooLateError` where it takes too long.
        """
        with self._counting:
            if self._taken >= self._places:
                raise BusyError("Too many questions are waiting. Try again in a moment.")
            self._taken += 1
        task = self._pool.submit(self._held, work)
        task.add_done_callback(lambda _: self._leave())
        try:
            return await asyncio.wait_for(asyncio.wrap_future(task), self._seconds)
        except TimeoutError as error:
            raise TooLateError(f"The answer took longer than {self._seconds:g} seconds. Try again later.") from error

    @property
    def taken(self) -> int:
        """How many places are taken: by what is being answered, and by what waits."""
        return self._taken

    def close(self) -> None:
        """Take nothing more, and wait for what is under way."""
        self._pool.shutdown(cancel_futures=True)

    def _held(self, work: Callable[[Assistant], T]) -> T:
        with self._live.held() as assistant:
            return work(assistant)

    def _leave(self) -> None:
        with self._counting:
            self._taken -= 1
