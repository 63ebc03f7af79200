"""Connections that cannot be held open for nothing: what uvicorn leaves to a proxy, which not everyone has.

A body has a limit of its own, in `guards.py`. Not covered: replies that are read slowly.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from assistant.site.faults import Failure
from assistant.site.guards import HEADERS

MOST_CONNECTIONS = 500  # of one process, which may often hold 1,024 files
MOST_HEAD = 16 * 1024
SECONDS_TO_ASK = 10


class Connection(H11Protocol):
    """A connection that is closed where there are too many, or where no request comes of it for some seconds, however
    slowly one is sent.
    """

    _giving_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
        self._wait_for_request()

    def data_received(self, data: bytes) -> None:
        """Read on."""
        super().data_received(data)
        self._wait_for_request()

    def shutdown(self) -> None:
        """End once the request is answered; what Gradio's page keeps open to tell that it is there, at once."""
        super().shutdown()
        if self._under_way and "/gradio_api/heartbeat/" in self.scope["path"]:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:
        """Reply to what is no request, so that no guard has seen it, and end."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            policy = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Connection": "close"}
            reply = Failure(
                "bad_request",
                "This is no HTTP request, or one with too much in its head.",
                headers={**HEADERS, **policy},
            )
            whole = (
                h11.Response(status_code=400, headers=reply.raw_headers),
                h11.Data(data=bytes(reply.body)),
                h11.EndOfMessage(),
            )
            for event in whole:
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _wait_for_request(self) -> None:
        """Give up on it in some seconds, counted from when the wait began."""
        if self._under_way and self._giving_up:
            self._giving_up.cancel()
            self._giving_up = None
        elif not self._under_way and not self._giving_up:
            self._giving_up = self.loop.call_later(SECONDS_TO_ASK, self._give_up)

    def _give_up(self) -> None:
        self._giving_up = None
        if not self._under_way:
            self.timeout_keep_alive_handler()

    @property
    def _under_way(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete
