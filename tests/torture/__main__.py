"""Break On Record in every way there is a trial for, and print what survived: `python -m tests.torture`.

Exit codes: 0 all survived, 1 something did not.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from index.embed import TransformerEmbedder
from tests import test_machine
from tests.torture.changes import one_of_many, rebuilds, watching
from tests.torture.faults import damage, disk_full, file_limit, no_sources, read_only, written_while_read
from tests.torture.kill import kills
from tests.torture.readers import readers
from tests.torture.removed import removed
from tests.torture.trial import Arena, Result

Trial = Callable[[Arena], Result]


def any_order(arena: Arena) -> Result:
    """Change files, sync, break off, reopen and ask in any order, beside a fresh index of the same files."""
    examples, steps = (6, 12) if arena.short else (30, 25)
    test_machine.run(examples, steps)
    return Result(examples, "sequences of steps", note=f"up to {steps} steps each, each compared with a fresh index")


TRIALS: dict[str, Trial] = {
    "kill -9 in a sync": kills,
    "readers through syncs": readers,
    "steps in any order": any_order,
    "disk full": disk_full,
    "limit to a file's length": file_limit,
    "read-only folder": read_only,
    "sources folder gone": no_sources,
    "damaged files": damage,
    "source written while read": written_while_read,
    "rebuilds": rebuilds,
    "removed sentences": removed,
    "one document of many": one_of_many,
    "sync --watch": watching,
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description="What On Record survives.")
    parser.add_argument("trials", nargs="*", metavar="TRIAL", help=f"all if none; these are: {', '.join(TRIALS)}")
    parser.add_argument("--short", action="store_true", help="as in the tests: a minute instead of many")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="also write the table to a file")
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.trials if name not in TRIALS]:
        parser.error(f"no such trial: {', '.join(unknown)}; these are: {', '.join(TRIALS)}")
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    embedder = TransformerEmbedder(threads=1)
    results = {}
    for name in given.trials or TRIALS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        began = time.perf_counter()
        results[name] = attempt(TRIALS[name], embedder, given.short)
        print(
            f"    {time.perf_counter() - began:.0f} s", *results[name].faults, sep="\n    ", file=sys.stderr, flush=True
        )
    text = table(results)
    print(text)
    if given.markdown:
        given.markdown.parent.mkdir(parents=True, exist_ok=True)
        given.markdown.write_text(f"{text}\n", "utf-8")
    return int(any(result.faults for result in results.values()))


def attempt(trial: Trial, embedder: TransformerEmbedder, short: bool) -> Result:
    """What a trial comes to in a folder of its own; one that raises has not been survived."""
    with tempfile.TemporaryDirectory(prefix="onrecord-torture-") as place:
        try:
            return trial(Arena(Path(place), embedder, short))
        except Exception as error:
            return Result(1, "trial", (f"it raised {error!r}",))


def table(results: dict[str, Result]) -> str:
    """The results as a table in Markdown."""
    lines = ["| trial | tried | survived | note |", "|---|---|---|---|"]
    for name, result in results.items():
        survived = "-" if not result.tried else f"{max(0, result.tried - len(result.faults)):,}"
        notes = [note for note in (result.note, *result.faults[:3]) if note]
        lines.append(f"| {name} | {result.tried:,} {result.what} | {survived} | {'; '.join(notes).replace('|', '/')} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
