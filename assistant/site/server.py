"""The server: an application over the published index, served by uvicorn until it is told to stop.

What was accepted is answered before it ends. With several processes each opens the index for itself: a generation
never changes, and each moves on when another is published, so that readers need nothing from each other or from the
one who writes. Limits and places are counted by each process. Not covered: TLS, and clients that read slowly, which are
for a proxy in front.
"""

import os
import signal
import socket
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from multiprocessing import parent_process
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from assistant.live import LiveAssistant
from assistant.settings import Settings
from assistant.site import embed
from assistant.site.app import create, is_local
from assistant.site.connections import MOST_HEAD, SECONDS_TO_ASK, Connection
from index.errors import InputError, OnRecordError
from index.generation import Index
from index.history import current

if TYPE_CHECKING:
    from starlette.types import ASGIApp

# Beyond what an answer may take, once the server has been told to stop.
_SECONDS_TO_END = 5
_SECONDS_TO_BEGIN = 60


def serve(settings: Settings, *, chat: bool = True, workers: int = 1) -> None:
    """Serve until interrupted or terminated. Raises `InputError` where the address cannot be listened on, or a chat is to
    have several processes (its page is bound to the one that sent it), and as `LiveAssistant.open` does.
    """
    if chat and workers > 1:
        raise InputError("The chat is served by one process. Leave out --workers, or the chat with --no-chat.")
    if current(settings.index) is None:
        Index.open(settings.index)  # raises at once, not after loading the model
    with ExitStack() as closing:
        listening = closing.enter_context(listen(settings.host, settings.port))
        settings = with_own_names(settings, listening.getsockname()[1])
        if workers == 1:
            signal.signal(signal.SIGTERM, lambda *_: sys.exit())
            live = closing.enter_context(LiveAssistant.open(settings=settings))
            app = create(live, settings, chat=chat)
            _announce(settings, listening)
            uvicorn.Server(configured(settings, app)).run([listening])
            return
        counts = closing.enter_context(tempfile.TemporaryDirectory(prefix="onrecord-metrics-"))
        os.environ |= {**settings.to_environment(), "PROMETHEUS_MULTIPROC_DIR": counts}
        _announce(settings, listening)
        Workers(configured(settings, "assistant.site.server:worker", workers), [listening]).run()


def worker() -> "ASGIApp":
    """The application of one process of several, from the environment. It closes the index when it ends; the process ends
    with the one that began it, in whatever way that ended.
    """
    settings = Settings.from_environment()
    if first := parent_process():
        Thread(target=_end_with, args=(first,), daemon=True).start()
    try:
        live = LiveAssistant.open(settings=settings)
    except OnRecordError as error:
        print(f"onrecord: {error}", file=sys.stderr)
        sys.exit(STARTUP_FAILURE)
    return create(live, settings, chat=False, at_end=live.close)


def _end_with(other: BaseProcess) -> None:
    other.join()
    os.kill(os.getpid(), signal.SIGTERM)


def listen(host: str, port: int) -> socket.socket:
    """A socket on an address; port 0 takes a free one. Raises `InputError` where that cannot be."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=256)
    except (OSError, UnicodeError) as error:
        raise InputError(
            f"The server cannot listen on {host}:{port} ({error}). Choose another with --port, or a free one with --port 0."
        ) from error


def with_own_names(settings: Settings, port: int) -> Settings:
    """The settings of a server on a port. One for its machine alone has two names there, and lets pages that it sends by
    either ask by the other: its /demo is of another origin than the assistant on it, as on any site.
    """
    if not is_local(settings):
        return settings
    own = (f"http://{name}:{port}" for name in embed.OWN_NAMES)
    return replace(settings, origins=tuple(dict.fromkeys((*settings.origins, *own))))


def configured(settings: Settings, app: "ASGIApp | str", workers: int = 1) -> uvicorn.Config:
    """How uvicorn serves: no log of who asked what, no name of its own, and only named proxies are believed."""
    return uvicorn.Config(
        app, factory=isinstance(app, str), workers=workers, http=Connection, ws="none", lifespan="on",
        root_path=settings.root_path, access_log=False, log_level="error", server_header=False,
        proxy_headers=bool(settings.proxies), forwarded_allow_ips=list(settings.proxies),
        timeout_graceful_shutdown=settings.answer_seconds + _SECONDS_TO_END, timeout_keep_alive=SECONDS_TO_ASK,
        timeout_worker_healthcheck=_SECONDS_TO_BEGIN, h11_max_incomplete_event_size=MOST_HEAD,
    )  # fmt: skip


class Workers(Multiprocess):
    """Processes that end as one does: an interrupt is one, and where none can begin, none goes on trying."""

    _interrupted = False

    def handle_int(self) -> None:
        """End, and say why."""
        self._interrupted = True
        super().handle_int()

    def run(self) -> None:
        """Serve until interrupted or terminated. Raises `KeyboardInterrupt`, or `OnRecordError` where none can begin."""
        super().run()
        if any(process.exitcode == STARTUP_FAILURE for process in self.processes):
            raise OnRecordError("A process of the server could not begin; see above. Nothing is served.")
        if self._interrupted:
            raise KeyboardInterrupt


def _announce(settings: Settings, listening: socket.socket) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{listening.getsockname()[1]}{settings.root_path}"
    print(f"On Record is at {address} (Ctrl-C ends it)", file=sys.stderr, flush=True)
