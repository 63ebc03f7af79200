"""What all routes share: the assistant that is live, how it is asked, what is counted, and what is configured."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import BoundedSemaphore
from time import perf_counter
from typing import Any, Self
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool

from assistant.answer import Answer, History
from assistant.citation import Citation
from assistant.gaps import Gaps
from assistant.ledger import LedgerEntry
from assistant.settings import Settings
from assistant.show import web_address
from assistant.site.answering import Answering, Lends, TooLateError
from assistant.site.metrics import Metrics
from assistant.site.schema import SourceOut
from index.source import Source

_MOST_NOTES = 10  # that wait to be written


@dataclass
class Site:
    """The parts of one server. `gaps` is where refused questions are noted, or None where nobody asked for it."""

    live: Lends
    settings: Settings
    answering: Answering
    metrics: Metrics = field(default_factory=Metrics)
    gaps: Gaps | None = None
    _noting: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="noting"))
    _notable: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(_MOST_NOTES))
    _ledger: tuple[str, list[LedgerEntry]] = ("", [])
    _listing: asyncio.Future[list[LedgerEntry]] | None = None

    @classmethod
    def of(cls, live: Lends, settings: Settings) -> Self:
        """The parts of a server that asks an assistant as the settings say."""
        answering = Answering(live, settings.at_once, settings.waiting, settings.answer_seconds)
        return cls(live, settings, answering, gaps=Gaps(Path(settings.gaps)) if settings.gaps else None)

    async def answer(self, question: str, history: History = ()) -> Answer:
        """The answer to a question, noted, each citation with a link that can be followed. Raises as `Answering` does."""
        began = perf_counter()
        answer = await self.answering.answer(question, history)
        self.note(answer, perf_counter() - began)
        return replace(
            answer,
            citations=tuple(map(self.linked, answer.citations)),
            related=tuple(map(self.linked, answer.related)),
        )

    def note(self, answer: Answer, seconds: float) -> None:
        """Count an answer and the time it took; note its question if it was refused and that is wanted.

        Noting waits for who reads the file, and so has a thread of its own; of what waits there, the first are noted.
        """
        self.metrics.answered(answer, seconds)
        if self.gaps and self._notable.acquire(blocking=False):
            noting = self._noting.submit(self.gaps.note, answer)
            noting.add_done_callback(lambda _: self._notable.release())

    def close(self) -> None:
        """Take no more questions; wait until those under way are answered, and noted."""
        self.answering.close()
        self._noting.shutdown()

    def linked(self, citation: Citation) -> Citation:
        """The citation with a link to the published document, where it names one on the web, or else to the source here."""
        there = web_address(citation.link) or web_address(citation.url)
        return replace(citation, link=there or self.page_of(citation.source, citation.start, citation.end))

    def page_of(self, source: str, start: int = 0, end: int = 0) -> str:
        """Where the server shows a source, or a span of it."""
        place = f"{self.settings.root_path}/source/{quote(source, safe='/')}"
        return f"{place}#{start}-{end}" if end else place

    def described(self, source: Source) -> dict[str, Any]:
        """The fields of a `SourceOut`: what is known of a source but its text."""
        fields = {name: getattr(source, name) for name in SourceOut.model_fields if name != "link"}
        return {**fields, "link": self.page_of(source.id)}

    async def ledger(self) -> list[LedgerEntry]:
        """The open points of the generation that answers, worked out once for each, however many ask.

        That takes long, and so has a thread of its own: questions are answered meanwhile. Raises `TooLateError` where it
        takes longer than an answer may; who asks later finds it done.
        """
        if self._listing is None or self._listing.done():
            self._listing = asyncio.ensure_future(run_in_threadpool(self._entries))
        try:
            return await asyncio.wait_for(asyncio.shield(self._listing), self.settings.answer_seconds)
        except TimeoutError as error:
            raise TooLateError("The list is still being worked out. Try again in a moment.") from error

    def _entries(self) -> list[LedgerEntry]:
        with self.live.held() as assistant:
            if self._ledger[0] != assistant.index.id:
                self._ledger = assistant.index.id, assistant.ledger()
            return self._ledger[1]
