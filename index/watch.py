"""A folder watched: a turn at once, and one whenever something below it has changed and is still again."""

from collections.abc import Generator
from pathlib import Path
from threading import Event

from watchfiles import watch

# In milliseconds: how long changes that go on are gathered at most, how long nothing must change before a turn, and how
# often `stop` is looked at.
_GATHERED, _STILL, _LOOKED = 1_000, 100, 250


def turns(folder: Path, stop: Event | None = None) -> Generator[None, None, None]:
    """A turn at once, then one after each change below a folder, until `stop` is set. The folder must be there.

    What changes during a turn makes another one.
    """
    begun = False
    for changes in watch(
        folder,
        watch_filter=None,
        debounce=_GATHERED,
        step=_STILL,
        stop_event=stop,
        rust_timeout=_LOOKED,
        yield_on_timeout=True,
        raise_interrupt=True,
    ):
        if changes or not begun:  # the first time, the watch has begun: no change from here on is missed
            begun = True
            yield
