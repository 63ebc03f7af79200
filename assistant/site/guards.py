"""What stands before every route: who may ask, from where, how much and how often; and the headers of every reply.

Plain ASGI, one class a guard, each of which knows nothing of the others; `app.py` puts them in their order. Whether
a reply may be read by a page of another origin is decided by Starlette's CORS middleware, from the same allow-list.
Connections that send no request are not covered (`connections.py`).
"""

import asyncio
import hmac
import ipaddress
import logging
import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection
from time import monotonic

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.site.faults import CODE, RETRY_AFTER, Failure, code_of, internal
from index.errors import told

log = logging.getLogger("onrecord")

MOST_BYTES = 64 * 1024
_SECONDS_TO_SEND = 20.0
_MOST_CLIENTS = 50_000
_MOST_UNDER_WAY = 100

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
# Which path a reply is for -> its content security policy.
Policy = Callable[[str], str]


class Closed:
    """Replies with headers that keep them to what they are for. The outermost guard."""

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        self._app, self._policy = app, policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update({**HEADERS, "Content-Security-Policy": self._policy(path_of(scope))})
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class Counted:
    """Tells `count` the error code of each reply that is no success."""

    def __init__(self, app: ASGIApp, count: Callable[[str], None]) -> None:
        self._app, self._count = app, count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                self._count(scope.get(CODE) or code_of(message["status"]))
            await send(message)

        await self._app(scope, receive, send_counted)


class Caught:
    """Replies to what nobody expected. The log says where it happened, but not its text, which may repeat a question."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = False

        async def send_noted(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception as error:
            log.error("%s %r failed with %s", scope["method"], path_of(scope), told(error))
            if not began:
                await internal()(scope, receive, send)


class Origins:
    """Turns away what a page of another site would have done here, unless its origin is allowed.

    Browsers say from where a request comes, in headers that pages cannot set. Where the server is `local`, for the
    machine it runs on alone, it is known by no name but localhost: a page may have its own name lead here, and be taken
    for ours.
    """

    def __init__(self, app: ASGIApp, allowed: Collection[str], local: bool) -> None:
        self._app, self._allowed, self._local = app, frozenset(allowed), local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            why = ""
            if self._local and not is_own(headers.get("host", "localhost")):
                why = "The server is for this machine alone. If a proxy stands in front of it, set ONRECORD_PROXIES."
            elif scope["method"] not in ("GET", "HEAD", "OPTIONS") and not self._may_act(headers, scope["scheme"]):
                why = "Pages of this origin may not ask here."
            if why:
                await Failure("foreign_origin", why)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _may_act(self, headers: Headers, scheme: str) -> bool:
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin in self._allowed:
            return True
        if site is not None:
            return site in ("same-origin", "none")
        own = (f"{scheme}://{headers.get('host')}", f"https://{headers.get('host')}")  # TLS may have ended at a proxy
        return origin is None or origin in own


class Key:
    """Asks for a key, as a bearer token or in X-API-Key, before what stands below some paths."""

    def __init__(self, app: ASGIApp, key: str, below: re.Pattern[str]) -> None:
        self._app, self._key, self._below = app, key.encode(), below

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._below.match(path_of(scope)):
            headers = Headers(scope=scope)
            scheme, _, token = headers.get("authorization", "").partition(" ")
            given = token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
            if not hmac.compare_digest(given.encode(), self._key):
                challenge = {"WWW-Authenticate": "Bearer"}
                reply = Failure("unauthorized", "A key is needed: Authorization: Bearer KEY.", headers=challenge)
                await reply(scope, receive, send)
                return
        await self._app(scope, receive, send)


class Rate:
    """Lets each client make `burst` requests at once, and from then on `per_minute`, to what stands below some paths.

    A client is an IPv4 address, or a /64 network of IPv6, which one household has. Those that have been away longest are
    forgotten where there are more than `most` to remember.
    """

    def __init__(
        self, app: ASGIApp, per_minute: int, burst: int, below: re.Pattern[str],
        clock: Callable[[], float] = monotonic, most: int = _MOST_CLIENTS,
    ) -> None:  # fmt: skip
        self._app, self._rate, self._burst, self._below = app, per_minute / 60, burst, below
        self._clock, self._most = clock, most
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._below.match(path_of(scope)):
            wait = self._wait(client_of(scope))
            if wait:
                message, headers = f"Too many requests. Try again in {wait} s.", {"Retry-After": str(wait)}
                await Failure("rate_limited", message, headers=headers)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _wait(self, client: str) -> int:
        """The whole seconds until a client may ask; 0, and one request less left to it, where it may now."""
        now = self._clock()
        left, seen = self._left.pop(client, (float(self._burst), now))
        left = min(self._burst, left + (now - seen) * self._rate)
        may = left >= 1
        self._left[client] = (left - may, now)
        while len(self._left) > self._most:
            self._left.popitem(last=False)
        return 0 if may else max(1, -int(-(1 - left) // self._rate))


class Share:
    """Lets each client, in the sense of `Rate`, have `most` requests under way at once. Gradio's page holds one open for as
    long as it is looked at."""

    def __init__(self, app: ASGIApp, most: int = _MOST_UNDER_WAY) -> None:
        self._app, self._most = app, most
        self._under_way: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = client_of(scope)
        if self._under_way[client] >= self._most:
            headers = {"Retry-After": str(RETRY_AFTER)}
            await Failure("rate_limited", "Too many requests are under way.", headers=headers)(scope, receive, send)
            return
        self._under_way[client] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way[client] -= 1
            self._under_way += Counter()  # forgets who has none


class Unnamed:
    """Takes away what a proxy says of how it was called, where none is named: anyone may have said it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["headers"] = [each for each in scope["headers"] if not each[0].startswith(b"x-forwarded-")]
        await self._app(scope, receive, send)


class Body:
    """Reads the body of a request before anything else does: in time, and no more than `most` bytes, also where its
    length is not announced.
    """

    def __init__(self, app: ASGIApp, most: int = MOST_BYTES, seconds: float = _SECONDS_TO_SEND) -> None:
        self._app, self._most, self._seconds = app, most, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await asyncio.wait_for(self._read(scope, receive), self._seconds)
        except TimeoutError:
            body = Failure("too_slow", "The request's body did not come in time.")
        if body is None:
            return
        if isinstance(body, Response):
            await body(scope, receive, send)
            return
        messages = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        await self._app(scope, replay, send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | Response | None:
        """The body, or why it is not read; None where the client is gone."""
        body = bytearray()
        more = int(Headers(scope=scope).get("content-length", "0")) <= self._most
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > self._most:
                break
            if not message.get("more_body", False):
                return bytes(body)
        return Failure("too_large", f"The request's body may have at most {self._most:,} bytes.")


def path_of(scope: Scope) -> str:
    """The path of a request below the root path of the application, decoded, as routes are found by it."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path.removeprefix(root) if root and path.startswith(f"{root}/") else path


def client_of(scope: Scope) -> str:
    """Who asks, as far as limits go. All that a proxy gives no address of are one."""
    host = (scope.get("client") or ("", 0))[0]
    address = _address(host) or _address(re.sub(r"^\[(.*)\]:\d+$|:\d+$", r"\1", host))  # some proxies tell the port too
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address or "unknown")


def is_loopback(host: str) -> bool:
    """Whether what listens on a host is reached from this machine alone."""
    address = _address(host)
    return address.is_loopback if address else host == "localhost"


def is_own(host: str) -> bool:
    """Whether a host, perhaps with a port, is an address or localhost, and not a name that anyone may have made."""
    name = re.sub(r":\d*$", "", host).strip("[]").lower()
    return name == "localhost" or name.endswith(".localhost") or _address(name) is not None


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
