"""The API of our own: questions, open points, sources, health, and counts for Prometheus.

Every route answers by itself: no session is kept, and a follow-up sends the questions before it. A route that needs the
assistant for a moment is a plain function, which runs in a thread: it may be the one that opens a new generation. What
may go wrong in all of them (`faults.py`) and what stands before them (`guards.py`) is not covered here.
"""

from typing import Any

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException

from assistant.answer import Answer, History
from assistant.ledger import LedgerEntry
from assistant.site.events import CONTENT, MEDIA_TYPE, events
from assistant.site.faults import FAULTS, Failure, log
from assistant.site.schema import AnswerOut, Ask, FailureOut, Health, Ready, SourceOut, SourceText
from assistant.site.site import Site

# What the guards may reply to any request, and to one of those that are limited.
_ANY = ("unauthorized", "foreign_origin", "too_slow", "too_large", "internal")


def failures(*codes: str) -> dict[int | str, dict[str, Any]]:
    """What a route may reply instead, for the OpenAPI document: these codes, those of any route, and the limit."""
    return _documented(*codes, "rate_limited", *_ANY)


def _documented(*codes: str) -> dict[int | str, dict[str, Any]]:
    every = dict.fromkeys(codes)
    return {FAULTS[code][0]: {"model": FailureOut, "description": code.replace("_", " ")} for code in every}


ASKING = failures("bad_request", "unprocessable", "busy", "timeout")


def routes(site: Site) -> APIRouter:
    """The routes below /api, and /metrics."""
    router = APIRouter()

    async def answered(ask: Ask) -> AnswerOut:
        history: History = [turn if isinstance(turn, str) else turn.model_dump() for turn in ask.history]
        return shown(await site.answer(ask.question, history))

    @router.post("/api/ask", tags=["questions"], responses=ASKING)
    async def ask(question: Ask) -> AnswerOut:
        """What the sources say to a question. A refusal is an answer too, with a status of 200."""
        return await answered(question)

    @router.post(
        "/api/ask/stream", tags=["questions"], response_class=Response,
        responses={200: {"content": CONTENT}, **ASKING},
    )  # fmt: skip
    async def stream(question: Ask) -> Response:
        """The same as server-sent events: `outcome`, then each `segment`, each `citation`, and `done` with the whole answer."""
        found = "".join(events(await answered(question)))
        return Response(found, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})

    @router.get("/api/unreleased", tags=["record"], responses=failures("timeout"))
    async def unreleased() -> list[LedgerEntry]:
        """What the sources say is not released, and what has closed it since."""
        return await site.ledger()

    @router.get("/api/sources", tags=["record"], responses=failures())
    def sources() -> list[SourceOut]:
        """The sources, in the order of their files."""
        with site.live.held() as assistant:
            return [SourceOut(**site.described(source)) for source in assistant.index.sources.values()]

    @router.get("/api/sources/{source_id:path}", tags=["record"], responses=failures("not_found", "unprocessable"))
    def source(source_id: str) -> SourceText:
        """A source with its text, as it is indexed."""
        with site.live.held() as assistant:
            found = assistant.index.sources.get(source_id)
        if found is None:
            raise HTTPException(404, "No source has this id. /api/sources lists those there are.")
        spans = tuple((dropped.start, dropped.end) for dropped in found.dropped)
        return SourceText(**site.described(found), text=found.text, dropped=spans)

    @router.get("/api/health/live", tags=["health"], responses=_documented(*_ANY))
    async def live() -> Health:
        """That the server is there. Nothing is asked of the index."""
        return Health(status="ok")

    @router.get(
        "/api/health/ready", tags=["health"], response_model=Ready, responses=_documented("not_ready", *_ANY)
    )  # fmt: skip
    def ready() -> Ready | Failure:
        """That a question would be answered: the index is searched, and a passage found by its own vector."""
        try:
            with site.live.held() as assistant:
                assistant.index.check()
                return Ready(status="ok", generation=assistant.index.id)
        except Exception as error:  # whatever it is, no question would be answered
            log.error("The server is not ready: %s", error)
            return Failure("not_ready", "No question can be answered at the moment.")

    for path, check in (("live", live), ("ready", ready)):  # some load balancers ask for the head alone
        router.add_api_route(
            f"/api/health/{path}", check, methods=["HEAD"], response_model=None, include_in_schema=False
        )

    @router.get(
        "/metrics", tags=["health"], response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **_documented(*_ANY)},
    )  # fmt: skip
    def metrics() -> Response:
        """Counts and times, for Prometheus."""
        with site.live.held() as assistant:
            return Response(site.metrics.text(assistant.index), media_type=CONTENT_TYPE_LATEST)

    return router


def shown(answer: Answer) -> AnswerOut:
    """An answer as it goes over the wire."""
    return AnswerOut.model_validate(answer, from_attributes=True)
