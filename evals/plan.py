"""A whole eval, from what it needs to whether it falls short: prepared first, so that bad input is told before a model is
loaded, then run. Not covered: showing it (`report.py`), and accepting it (`compare.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from assistant.rerank import Reranker
from evals.case import HERE, Case, load
from evals.compare import Baseline, Comparison, baseline_path, compare
from evals.run import Run, name_of, run_folder
from evals.summary import Summary, summarise
from evals.thresholds import Thresholds, shortfalls, thresholds
from index.build import Progress
from index.embed import Embedder
from index.read import read_folder


@dataclass(frozen=True)
class Graded:
    """A run, what it adds up to, how it compares with what was accepted, and in what it falls short."""

    run: Run
    summary: Summary
    comparison: Comparison | None
    short: list[str]


@dataclass(frozen=True)
class Plan:
    """Cases on a folder of sources, with the thresholds that hold for it; `place` is where the accepted state lies, and
    `before` that state, where there is one.
    """

    folder: Path
    cases: Sequence[Case]
    wanted: Thresholds
    place: Path | None
    before: Baseline | None

    @classmethod
    def of(cls, folder: Path, paths: Sequence[Path] = (), baseline: Path | None = None) -> Self:
        """The cases at some paths, by default those of the folder. Raises `InputError` and `NoSourcesError`."""
        paths = paths or [cases_of(folder)]
        cases, wanted = load(paths), thresholds(name_of(folder))
        if not folder.is_dir():
            read_folder(folder)  # raises at once what a run would raise after loading the model
        place = baseline or baseline_path(paths)
        return cls(folder, cases, wanted, place, Baseline.load(place) if place else None)

    def run(
        self,
        embedder: Embedder,
        progress: Progress | None = None,
        reranker: Reranker | None = None,
        *,
        staged_in: Path | None = None,
        accepting: bool = False,
    ) -> Graded:
        """Ask, grade and compare; while `accepting`, what differs from before does not fall short. See `run_folder`."""
        since = self.before.sources if self.before else None
        run = run_folder(self.folder, self.cases, embedder, since, progress, reranker, staged_in)
        summary, comparison = summarise(run), compare(run, self.before) if self.before else None
        return Graded(run, summary, comparison, shortfalls(summary, None if accepting else comparison, self.wanted))


def cases_of(sources: Path) -> Path:
    """Where the cases of a folder of sources lie: in `cases` beside it, else they are the shipped ones."""
    beside = sources.parent / "cases"
    return beside if beside.is_dir() else HERE / "cases"
