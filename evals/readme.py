"""The README's examples are what the commands print: `python -m evals.readme`, `make readme`.

A block that begins with `$ onrecord ...` gets that command's output, from an index of the shipped sources made for the
purpose. Not covered: everything else in the README, which people write; `tests/test_readme.py` checks both.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

# Variables that would change what is printed.
_SWAYING = ("COLUMNS", "FORCE_COLOR", "TTY_", "ONRECORD_")
ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
_BLOCK = re.compile(r"(?<=```console\n)\$ (?P<command>onrecord [^\n]+)\n(?P<output>.*?)(?=```)", re.DOTALL)


def shown(text: str) -> dict[str, str]:
    """The commands in a README, each with the output beside it there."""
    return {match["command"]: match["output"].strip() for match in _BLOCK.finditer(text)}


def outputs(commands: Sequence[str], index: Path) -> dict[str, str]:
    """What commands print now, run side by side on an index. Trailing blanks are cut off.

    Raises CalledProcessError where one fails.
    """
    begun = {command: _begin(command, index) for command in commands}
    printed = {}
    for command, process in begun.items():
        out, _ = process.communicate()
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        printed[command] = "\n".join(line.rstrip() for line in out.strip().splitlines())
    return printed


def _begin(command: str, index: Path) -> "subprocess.Popen[str]":
    words = ["-m", "onrecord", "--sources", "sources", "--index", str(index), *shlex.split(command)[1:]]
    # Given in full: readline sets COLUMNS behind Python's back, and output would be wrapped as on a terminal.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_SWAYING)}
    return subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, env=environment, stdout=subprocess.PIPE, encoding="utf-8"
    )


def refreshed(text: str, printed: Mapping[str, str]) -> str:
    """A README with the outputs put in."""
    return _BLOCK.sub(lambda match: f"$ {match['command']}\n{printed[match['command']]}\n", text)


def main() -> None:
    text = README.read_text("utf-8")
    with tempfile.TemporaryDirectory(prefix="onrecord-readme-") as place:
        outputs(["onrecord sync"], Path(place))
        README.write_text(refreshed(text, outputs(list(shown(text)), Path(place))), "utf-8")


if __name__ == "__main__":
    main()
