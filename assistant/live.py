"""An assistant that moves on: what is published while it is open answers the next question.

A question is answered and shown from one generation: `held` lends its assistant for as long as that takes, whatever is
published meanwhile. Before each question the pointer is read. The thread that finds another generation published opens
it, while the others go on with the one there is; whoever is done with the left one last closes it. One that cannot be
opened is told to the log, and the one before it goes on answering. Models are loaded once. Not covered: who publishes
what (`index/sync.py`).
"""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock
from typing import Self

from assistant.answer import Answer, Assistant, History
from assistant.ledger import LedgerEntry
from assistant.settings import Settings
from index.closing import Closing
from index.generation import Index
from index.history import current, place_of

log = logging.getLogger("onrecord")


class _Lent:
    """An assistant, and how many have it: the questions under way, and the live assistant while this is in place."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.holders = 1


class LiveAssistant(Closing):
    """Answers from the generation that is published, beginning with that of `assistant`, which it closes.

    Safe to share by threads.
    """

    def __init__(self, index_dir: Path, assistant: Assistant) -> None:
        self._index_dir = index_dir
        self._now: _Lent | None = _Lent(assistant)
        self._seen = assistant.index.place.name
        self._counting = Lock()
        self._opening = Lock()

    @classmethod
    def open(cls, index: str | Path | None = None, *, settings: Settings | None = None) -> Self:
        """Open the published index. Raises as `Assistant.open` does; nothing published later stops the answers."""
        settings = settings or Settings.from_environment()
        place = Path(index or settings.index)
        return cls(place, Assistant.open(place, settings=settings))

    @contextmanager
    def held(self) -> Iterator[Assistant]:
        """The assistant of the generation published now, which stays open and the same until the `with` ends.

        Raises ValueError once the live assistant is closed.
        """
        self._move_on()
        with self._counting:
            if self._now is None:
                raise ValueError("The assistant is closed.")
            lent = self._now
            lent.holders += 1
        try:
            yield lent.assistant
        finally:
            self._let_go(lent)

    def answer(self, question: str, history: History = ()) -> Answer:
        """Answer from the record, as `Assistant.answer` does."""
        with self.held() as assistant:
            return assistant.answer(question, history)

    def explain(self, question: str, history: History = ()) -> str:
        """Why the answer is what it is."""
        with self.held() as assistant:
            return assistant.explain(question, history)

    def ledger(self) -> list[LedgerEntry]:
        """What the sources say is not released."""
        with self.held() as assistant:
            return assistant.ledger()

    def close(self) -> None:
        """Take no more questions; what is open is closed once those under way are done. A second close does nothing."""
        with self._opening:
            self._put_in_place(None)

    def _move_on(self) -> None:
        """Open what is published, if it is another; unless a thread is doing so, which this one does not wait for."""
        if self._published() != self._seen and self._opening.acquire(blocking=False):
            try:
                self._open_published()
            finally:
                self._opening.release()

    def _open_published(self) -> None:
        """Put in place what is published. What failed is not tried again until something else is published."""
        if self._now is None:
            return
        before, name = self._now.assistant, self._published()
        if name not in (self._seen, before.index.place.name):
            try:
                self._put_in_place(_Lent(_opened(place_of(self._index_dir, name), before)))
            except Exception as error:  # whatever is wrong with it, there is one that answers
                log.error(
                    "The generation %r, which is published now, cannot be opened (%s); %s goes on answering.",
                    name, error, before.index.place.name,
                )  # fmt: skip
        self._seen = name

    def _published(self) -> str:
        """The name of the published generation; "" where none can be read."""
        try:
            return current(self._index_dir) or ""
        except (OSError, ValueError):
            return ""

    def _put_in_place(self, lent: _Lent | None) -> None:
        with self._counting:
            left, self._now = self._now, lent
        if left:
            self._let_go(left)

    def _let_go(self, lent: _Lent) -> None:
        with self._counting:
            lent.holders -= 1
            last = not lent.holders
        if last:
            lent.assistant.close()


def _opened(place: Path, before: Assistant) -> Assistant:
    """An assistant over the generation in a directory, with the models of the one before.

    What is read at the first search is read here: no one waits for it later, and damage shows.
    """
    with ExitStack() as undo:
        index = undo.enter_context(Index.load(place, before.embedder))
        index.check()
        index.keyword_scores([""])
        assistant = before.over(index)
        undo.pop_all()
    return assistant
