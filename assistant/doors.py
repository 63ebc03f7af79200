"""What of Gradio's server is open to those who visit the chat: the paths its page uses, and what that sends to them.

Gradio serves uploads, an open API, a proxy and more even where the page uses none of them, and takes any JSON as what was
typed: an object that describes a file has it read, or fetched from elsewhere (6.31, November 2026). A list of what is open outlasts a
list of what is closed.
"""

import re
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.site.faults import Failure
from assistant.site.guards import path_of

_JOIN = "/gradio_api/queue/join"


class Joined(BaseModel):
    """What the page sends to have a function run: texts, or nothing, as its inputs. What else it may send is left."""

    model_config = ConfigDict(strict=True)

    data: list[str | None]
    fn_index: int
    session_hash: str = Field(pattern=r"^\w{1,64}$")
    trigger_id: int | None = None


class Doors:
    """A guard that lets through what the page uses. `inputs` is how many inputs each of its functions has, by Gradio's
    number for it. To stand behind `Closed` and `Body`.
    """

    _OPEN = re.compile(
        r"/|/config|/theme\.css|/favicon\.ico|/(?:assets|static)/.+"
        r"|/gradio_api/(?:queue/(?:join|data)|heartbeat/\w+|startup-events|cancel|reset)|/_app/.+"
    )

    def __init__(self, app: ASGIApp, inputs: Mapping[int, int]) -> None:
        self._app, self._inputs = app, inputs

    @classmethod
    def let_through(cls, path: str) -> bool:
        """Whether a path is one that the page uses."""
        return ".." not in path and cls._OPEN.fullmatch(path) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = path_of(scope)
        if not self.let_through(path):
            await Failure("not_found", "There is nothing here.")(scope, receive, send)
        elif path == _JOIN and scope["method"] == "POST":
            await self._join(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _join(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is known of a body, and nothing else of it."""
        try:
            joined = Joined.model_validate_json(await Request(scope, receive).body())
        except ValidationError:
            joined = None
        if joined is None or self._inputs.get(joined.fn_index) != len(joined.data):
            await Failure("unprocessable", "This is not what the page sends.")(scope, receive, send)
            return
        messages = [{"type": "http.request", "body": joined.model_dump_json().encode(), "more_body": False}]

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        await self._app(scope, replay, send)


def policy(frame_ancestors: str = "'self'") -> str:
    """The content security policy of the page: its own scripts, styles and answers, and nothing else. Not even a picture
    can be fetched from elsewhere; but Gradio's page needs scripts within it, and its templates evaluate text as code.
    """
    return (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'self'; "
        f"form-action 'none'; frame-ancestors {frame_ancestors}"
    )
