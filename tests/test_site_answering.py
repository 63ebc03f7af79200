"""How many questions are answered and wait at once, and for how long; with assistants that wait to be let go on."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Event
from typing import Any, cast

import pytest

from assistant.answer import Assistant
from assistant.site.answering import Answering, BusyError, TooLateError
from index.errors import InputError

CAP = 30  # seconds: how long a test waits for what has to happen at once


class Lender:
    """Lends nothing, and notes for how long."""

    def __init__(self) -> None:
        self.lent = 0

    @contextmanager
    def held(self) -> Iterator[Assistant]:
        self.lent += 1
        try:
            yield cast(Assistant, None)
        finally:
            self.lent -= 1


class Work:
    """Work that goes on until it is let go."""

    def __init__(self) -> None:
        self.begun, self.go_on = Event(), Event()
        self.times = 0

    def __call__(self, _: object) -> str:
        self.times += 1
        self.begun.set()
        assert self.go_on.wait(CAP)
        return "done"


@pytest.fixture
def work() -> Iterator[Work]:
    """Work that is let go at the end, whatever became of the test."""
    made = Work()
    yield made
    made.go_on.set()


async def begun(work: Work) -> None:
    """Wait until the work has begun."""
    assert await asyncio.to_thread(work.begun.wait, CAP)


async def free(answering: Answering, taken: int = 0) -> None:
    """Wait until no more places than these are taken."""
    async with asyncio.timeout(CAP):
        while answering.taken > taken:
            await asyncio.sleep(0)


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(test)


@pytest.mark.parametrize(("at_once", "waiting"), [(1, 0), (1, 2), (2, 1)])
def test_who_finds_no_place_is_told_at_once(work: Work, at_once: int, waiting: int) -> None:
    async def test() -> None:
        answering = Answering(Lender(), at_once, waiting, CAP)
        accepted = [asyncio.ensure_future(answering.run(work)) for _ in range(at_once + waiting)]
        await begun(work)
        with pytest.raises(BusyError, match="Try again"):
            await answering.run(work)
        assert answering.taken == at_once + waiting
        work.go_on.set()
        assert await asyncio.gather(*accepted) == ["done"] * len(accepted)
        await free(answering)
        assert await answering.run(work) == "done"
        answering.close()

    run(test())


def test_no_more_than_the_places_are_taken_however_many_ask_at_once(work: Work) -> None:
    async def test() -> None:
        answering = Answering(Lender(), 2, 3, CAP)
        asked = [asyncio.ensure_future(answering.run(work)) for _ in range(100)]
        await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        await begun(work)
        work.go_on.set()
        told = await asyncio.gather(*asked, return_exceptions=True)
        assert told.count("done") == 5
        assert sum(isinstance(each, BusyError) for each in told) == 95
        answering.close()

    run(test())


def test_what_takes_too_long_keeps_its_place_until_it_is_done(work: Work) -> None:
    async def test() -> None:
        answering = Answering(Lender(), 1, 0, seconds=0.01)
        with pytest.raises(TooLateError, match=r"longer than 0\.01 seconds"):
            await answering.run(work)
        await begun(work)
        with pytest.raises(BusyError):
            await answering.run(work)
        work.go_on.set()
        await free(answering)
        answering.close()

    run(test())


def test_what_was_given_up_while_it_waited_is_not_begun(work: Work) -> None:
    async def test() -> None:
        answering = Answering(Lender(), 1, 1, seconds=CAP)
        first, second = (asyncio.ensure_future(answering.run(work)) for _ in range(2))
        await begun(work)
        second.cancel()
        await free(answering, 1)
        work.go_on.set()
        assert await first == "done"
        with suppress(asyncio.CancelledError):
            await second
        answering.close()
        assert work.times == 1

    run(test())


def test_what_fails_leaves_its_place_and_says_why() -> None:
    def failing(_: object) -> None:
        raise InputError("The question is empty.")

    async def test() -> None:
        answering = Answering(Lender(), 1, 0)
        for _ in range(3):
            with pytest.raises(InputError, match="empty"):
                await answering.run(failing)
            await free(answering)
        answering.close()

    run(test())


def test_the_assistant_is_held_for_as_long_as_the_work_takes(work: Work) -> None:
    async def test() -> None:
        lender = Lender()
        answering = Answering(lender)
        asked = asyncio.ensure_future(answering.run(work))
        await begun(work)
        assert lender.lent == 1
        work.go_on.set()
        await asked
        assert lender.lent == 0
        answering.close()

    run(test())


def test_closing_waits_for_what_is_under_way_and_for_nothing_else(work: Work) -> None:
    async def test() -> None:
        answering = Answering(Lender(), 1, 1, seconds=CAP)
        first, second = (asyncio.ensure_future(answering.run(work)) for _ in range(2))
        await begun(work)
        with ThreadPoolExecutor(1) as thread:
            closing: Future[None] = thread.submit(answering.close)
            with suppress(asyncio.CancelledError):
                await second
            assert not closing.done()
            work.go_on.set()
            assert await first == "done"
            closing.result(CAP)
        assert work.times == 1

    run(test())
