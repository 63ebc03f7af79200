"""A real server on a free port of this machine, for the tests that ask over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn

from assistant.settings import Settings
from assistant.site.answering import Lends
from assistant.site.app import create
from assistant.site.server import configured, listen

_CAP = 30.0


@contextmanager
def served(live: Lends, settings: Settings, *, chat: bool = False) -> Iterator[str]:
    """The address of the application, while it is served from a thread of this process. `live` stays open."""
    with listen("127.0.0.1", 0) as listening:
        server = uvicorn.Server(configured(settings, create(live, settings, chat=chat)))
        thread = Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}{settings.root_path}"
        finally:
            server.should_exit = True
            thread.join(_CAP)
            assert not thread.is_alive()
