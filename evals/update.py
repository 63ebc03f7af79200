"""The same questions before and after the sources change: `python -m evals.update [SCENARIO...]`, `make updates`.

A scenario is a folder: `before/` holds the sources as they were, `update/` those that are added or changed, and
`flips.yaml` the files that are removed or renamed, and what a right answer to each question is before and after. Both
states are synced into one index, one after the other. Exit codes: 0 all is as expected, 1 something is not, 2 a
scenario cannot be used. Not covered: how an answer is graded (`grade.py`).
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, Field, ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.answer import Assistant
from assistant.settings import Settings
from assistant.show import plain
from assistant.terminal import console
from assistant.updating import Update, update
from evals import case
from evals.case import HERE, Case, Expect, Wanted, folded, found
from evals.run import Result, ask
from index.embed import Embedder, TransformerEmbedder
from index.errors import InputError, OnRecordError
from index.generation import Index
from index.read import read_folder

UPDATES = HERE / "updates"
FLIPS = "flips.yaml"


class After(Expect, frozen=True, extra="forbid"):
    """What a right answer looks like after the update. Each text in `replaces` stands in what it says it replaces."""

    replaces: Wanted = ()


class Flip(BaseModel, frozen=True, extra="forbid"):
    """A question, and what is expected of its answer before and after."""

    question: case.Text
    before: Expect
    after: After


class Scenario(BaseModel, frozen=True, extra="forbid"):
    """What `flips.yaml` holds: the files of `before/` that are removed, those that get another name, and the flips."""

    removed: tuple[case.Text, ...] = ()
    renamed: dict[case.Text, case.Text] = {}
    flips: Annotated[tuple[Flip, ...], Field(min_length=1)]

    def cases(self, state: str) -> list[Case]:
        """The questions as cases of a state, "before" or "after"."""
        return [
            Case(id=f"{state}-{number}", theme=state, question=flip.question, expect=getattr(flip, state))
            for number, flip in enumerate(self.flips, 1)
        ]


@dataclass(frozen=True)
class Turn:
    """A question with the outcomes that came, and what is not as expected: short clauses, none where all is."""

    question: str
    before: str
    after: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Played:
    """A scenario as it went: what the update did, and each question before and after it."""

    name: str
    update: Update
    turns: tuple[Turn, ...]


def load(folder: Path) -> Scenario:
    """The scenario in a folder. Raises `InputError`, which names file and field."""
    path = folder / FLIPS
    try:
        scenario = Scenario.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path} cannot be read as flips ({folded(str(error))}).") from error
    except ValidationError as error:
        fault = error.errors()[0]
        raise InputError(f"{path}, field {'.'.join(map(str, fault['loc'])) or 'flips'}: {fault['msg']}.") from error
    if not (folder / "before").is_dir():
        raise InputError(f"{folder} has no folder before/. Put the sources into it as they were.")
    for name in (*scenario.removed, *scenario.renamed):
        if not (folder / "before" / name).is_file():
            raise InputError(f"{path} removes or renames {name}, which is not in {folder / 'before'}.")
    return scenario


def play(folder: Path, embedder: Embedder) -> Played:
    """Ask the questions of a scenario, bring its update about, and ask again. Raises `InputError` as `load` does."""
    scenario = load(folder)
    with tempfile.TemporaryDirectory(prefix="onrecord-update-") as place:
        sources, index = Path(place, "sources"), Path(place, "index")
        shutil.copytree(folder / "before", sources)
        update(sources, index, embedder, strict=True)
        before = _results(scenario.cases("before"), sources, index, embedder)
        bring_about(scenario, folder, sources)
        made = update(sources, index, embedder, strict=True)
        after = _results(scenario.cases("after"), sources, index, embedder)
    return Played(folder.name, made, tuple(map(_turn, scenario.flips, before, after)))


def bring_about(scenario: Scenario, folder: Path, sources: Path) -> None:
    """Remove, rename, add and change files of `sources` as a scenario has it."""
    for name in scenario.removed:
        (sources / name).unlink()
    for old, new in scenario.renamed.items():
        (sources / old).rename(sources / new)
    if (folder / "update").is_dir():
        shutil.copytree(folder / "update", sources, dirs_exist_ok=True)


def _results(cases: Sequence[Case], sources: Path, index: Path, embedder: Embedder) -> tuple[Result, ...]:
    files = {source.id: source for source in read_folder(sources).sources}
    with Assistant(Index.open(index, embedder), embedder) as assistant:
        return ask(cases, assistant, files)


def _turn(flip: Flip, before: Result, after: Result) -> Turn:
    reasons = [f"{result.case.theme}: {reason}" for result in (before, after) for reason in result.grade.reasons]
    named = [segment.text for segment in after.answer.segments if segment.role == "replaced"] if after.answer else []
    missing = [text for text in flip.after.replaces if not any(found(text, sentence) for sentence in named)]
    if missing:
        reasons.append(f"after: names nothing as replaced with {', '.join(missing)}")
    return Turn(flip.question, before.outcome, after.outcome, tuple(reasons))


# --- on a terminal -------------------------------------------------------------------------------------------------


def show(out: Console, played: Played) -> None:
    """Print what an update did to the sources, to the open points and to the answers."""
    _line(out, Text(played.name, "bold"))
    for label, what in _changes(played.update):
        _line(out, Text(f"  {label:<11}{plain(what)}"))
    out.print()
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("question", "before", "after", ""):
        table.add_column(column)
    for turn in played.turns:
        verdict = Text("not as expected", "red") if turn.reasons else Text("as expected", "green")
        table.add_row(plain(turn.question), turn.before, turn.after, verdict)
    out.print(table)
    out.print()
    for turn in played.turns:
        if turn.reasons:
            _line(out, Text(plain(f"- {turn.question} {'; '.join(turn.reasons)}")))


def _changes(made: Update) -> Iterator[tuple[str, str]]:
    """What changed, as pairs of a label and a text."""
    diff, ledger = made.report.diff, made.ledger
    for label, ids in (("added", diff.added), ("changed", diff.changed), ("removed", diff.removed)):
        if ids:
            yield label, ", ".join(ids)
    for old, new in diff.renamed:
        yield "renamed", f"{old}, now {new}"
    for label, entries in (("opened", ledger.opened), ("reopened", ledger.reopened), ("withdrawn", ledger.withdrawn)):
        yield from ((label, _quoted(entry.source, entry.quote)) for entry in entries)
    for entry in ledger.closed:
        yield "closed", _quoted(entry.source, entry.quote)
        by = entry.closed_by
        yield "  by", _quoted(by.source, by.quote) if by else entry.superseded_by


def _quoted(source: str, text: str) -> str:
    return f"{source} “{text}”"


def _line(out: Console, text: Text) -> None:
    out.print(text, soft_wrap=True)


def main(arguments: Sequence[str] | None = None) -> int:
    made = argparse.ArgumentParser(prog="python -m evals.update", description="Answers before and after an update.")
    made.add_argument(
        "scenarios", type=Path, nargs="*", metavar="SCENARIO", help="folders; all of evals/updates if none"
    )
    folders = made.parse_args(arguments).scenarios or sorted(path for path in UPDATES.iterdir() if path.is_dir())
    settings, out = Settings.from_environment(), console()
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    try:
        embedder = TransformerEmbedder(settings.model, threads=settings.threads)
        scenarios = [play(folder, embedder) for folder in folders]
    except OnRecordError as error:
        print(f"update: {error}", file=sys.stderr)
        return 2
    for played in scenarios:
        show(out, played)
    turns = [turn for played in scenarios for turn in played.turns]
    kept = sum(not turn.reasons for turn in turns)
    _line(out, Text(f"{kept} of {len(turns)} questions are answered as expected, before and after."))
    return 0 if kept == len(turns) else 1


if __name__ == "__main__":
    sys.exit(main())
