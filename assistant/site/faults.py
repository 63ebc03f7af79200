"""What goes wrong, as replies: one form for all of them, a status that says whose fault it is, and nothing about the server's inside.

    {"error": {"message": "...", "type": "...", "code": "...", "param": null}}

The form is that of OpenAI's API, so that its clients can read it. Not covered: exceptions that nobody expected, which a
guard meets (`guards.py`).
"""

import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from assistant.site.answering import BusyError, TooLateError
from index.errors import InputError, OnRecordError

log = logging.getLogger("onrecord")

# Code -> status and type. Of two codes with one status, the first is what a bare status is taken for.
FAULTS: dict[str, tuple[int, str]] = {
    "bad_request": (400, "invalid_request_error"),
    "unauthorized": (401, "authentication_error"),
    "foreign_origin": (403, "permission_error"),
    "not_found": (404, "invalid_request_error"),
    "method_not_allowed": (405, "invalid_request_error"),
    "too_slow": (408, "invalid_request_error"),
    "too_large": (413, "invalid_request_error"),
    "unprocessable": (422, "invalid_request_error"),
    "rate_limited": (429, "rate_limit_error"),
    "internal": (500, "server_error"),
    "busy": (503, "server_error"),
    "not_ready": (503, "server_error"),
    "timeout": (504, "server_error"),
}
_CODES = {status: code for code, (status, _) in reversed(FAULTS.items())}
RETRY_AFTER = 2
CODE = "onrecord.code"  # in a scope


def code_of(status: int) -> str:
    """What a status of 400 or more is taken for."""
    return _CODES.get(status, "bad_request" if status < 500 else "internal")


class Failure(JSONResponse):
    """A reply about what went wrong. Its code stands in the scope as well, for the guards outside of who sends it."""

    def __init__(
        self, code: str, message: str, param: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        status, kind = FAULTS[code]
        super().__init__({"error": {"message": message, "type": kind, "code": code, "param": param}}, status, headers)
        self.code = code

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[CODE] = self.code
        await super().__call__(scope, receive, send)


def of_ours(error: OnRecordError) -> Failure:
    """The reply to one of our errors. Only what is about the request is told; the rest names places on the server."""
    if isinstance(error, BusyError):
        return Failure("busy", str(error), headers={"Retry-After": str(RETRY_AFTER)})
    if isinstance(error, TooLateError):
        return Failure("timeout", str(error))
    if isinstance(error, InputError):
        return Failure("unprocessable", str(error))
    log.error("A request could not be served: %s", error)
    return internal()


def internal() -> Failure:
    """The reply to what nobody expected."""
    return Failure("internal", "Something went wrong here, not in your request.")


def catch(app: FastAPI) -> None:
    """Have what goes wrong in an application's routes end in such a reply."""

    async def ours(_: Request, error: Exception) -> Response:
        assert isinstance(error, OnRecordError)
        return of_ours(error)

    async def invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        fault = error.errors()[0]
        if fault["type"] == "json_invalid":
            return Failure("bad_request", "The request's body is not JSON.")
        where = ".".join(str(step) for step in fault["loc"] if step != "body")
        return Failure("unprocessable", f"{where or 'body'}: {fault['msg']}", where or None)

    async def http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return Failure(code_of(error.status_code), str(error.detail), headers=error.headers)

    app.add_exception_handler(OnRecordError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
