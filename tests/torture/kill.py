"""`kill -9` in the middle of a sync: a complete old or new generation is served, and the next sync is as ever."""

import random
from dataclasses import dataclass

from index.sync import sync
from tests.conftest import PaperEmbedder
from tests.torture.children import AFTER, BEFORE, child, heard, moments, sync_to
from tests.torture.trial import Arena, Result, rubbish, served

# Versions that are published before the first kill: from the third on, a sync has one to delete.
_BEFORE = 3


@dataclass(frozen=True)
class Kill:
    """When a sync is killed: at a moment, by its number or name, standing still there or running on; and what sync."""

    moment: int | str
    stays: bool
    full: bool


def kills(arena: Arena) -> Result:
    """Kill syncs at drawn moments; now and then one upon another, before a sync may clean up."""
    dice = random.Random(0)
    count = [moments(arena.write(version), arena.index) for version in range(_BEFORE)][-1]
    plan = [Kill(moment, True, False) for moment in (BEFORE, AFTER) for _ in range(1 if arena.short else 8)]
    plan += [
        Kill(dice.randint(1, count), dice.random() < 0.5, dice.random() < 0.2) for _ in range(8 if arena.short else 44)
    ]
    dice.shuffle(plan)
    faults: list[str] = []
    old = new = missed = 0
    before = _BEFORE - 1
    for version, each in enumerate(plan, _BEFORE):
        arena.write(version)
        died = _kill(arena, each)
        missed += not died
        now, fault = _state(arena, before, version, each)
        old, new = old + (died and now == before), new + (died and now == version)
        before = now
        if not fault and dice.random() < 0.7:
            fault = _next_sync(arena, version)
            before = version
        if fault:
            faults.append(f"killed at {each.moment} of {count}, {'standing' if each.stays else 'running'}: {fault}")
    fault = _next_sync(arena, version)
    if fault:
        faults.append(f"in the end: {fault}")
    note = f"{count} moments in a sync; then served: old {old}, new {new}; {missed} had ended before they were killed"
    return Result(len(plan) - missed, "kills", tuple(faults), note)


def _kill(arena: Arena, each: Kill) -> bool:
    """Kill a sync as planned. Whether it was still at work."""
    with child(sync_to, arena.sources, arena.index, each.moment, each.stays, each.full) as (process, pipe):
        return not isinstance(heard(pipe), tuple) and process.is_alive()


def _state(arena: Arena, before: int, version: int, each: Kill) -> tuple[int, str]:
    """The version that is served after a kill, and what is wrong with that."""
    try:
        now = served(arena.index)
    except Exception as error:
        return before, f"what is served cannot be read: {error!r}"
    allowed = {BEFORE: {before}, AFTER: {version}}.get(str(each.moment), {before, version})
    return now, "" if now in allowed else f"version {now} is served, not of {allowed}"


def _next_sync(arena: Arena, version: int) -> str:
    """What is wrong after another sync."""
    try:
        sync(arena.sources, arena.index, PaperEmbedder())
        now = served(arena.index)
    except Exception as error:
        return f"the next sync fails: {error!r}"
    if left := rubbish(arena.index):
        return f"the next sync leaves {left}"
    return "" if now == version else f"the next sync serves version {now}, not {version}"
