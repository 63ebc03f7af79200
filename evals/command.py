"""What the commands on public data share: the folder of data, a place for the indexes, an exit code.

Not covered: what they do (`fit.py`, `deciding.py`).
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from index.errors import OnRecordError


def parser(name: str, about: str, files: str) -> argparse.ArgumentParser:
    """The arguments that all have: DATA_DIR, which holds `files`, and --keep."""
    made = argparse.ArgumentParser(prog=f"python -m evals.{name}", description=about)
    made.add_argument("data", type=Path, metavar="DATA_DIR", help=f"the folder with {files}")
    made.add_argument("--keep", type=Path, help="a folder in which to keep the indexes for a later run")
    return made


def execute(name: str, keep: Path | None, work: Callable[[Path], None]) -> int:
    """Do the work of a command, given a folder for its indexes; 2 with a message where its input cannot be used, else 0."""
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    began = time.perf_counter()
    try:
        with nullcontext(keep) if keep else tempfile.TemporaryDirectory(prefix=f"onrecord-{name}-") as place:
            work(Path(place))
    except OnRecordError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2
    print(f"Done in {time.perf_counter() - began:.0f} s.")
    return 0
