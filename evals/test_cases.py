"""`pytest evals/`: each case a test that fails with what was asked, what is wrong, what was wanted and what came.

A stale case skips, with the reason. Plain `pytest` leaves these out: how many cases pass is the business of
`onrecord eval`, which also knows thresholds and baselines.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest

from evals.case import HERE, Case, load
from evals.compare import Baseline, baseline_path
from evals.report import explanation
from evals.run import Result, ask, changed_sources, opened
from index.embed import TransformerEmbedder

os.environ["HF_HUB_OFFLINE"] = "1"

UK = HERE / "corpora" / "uk-digital-id"
SUITES = {HERE.parent / "sources": HERE / "cases", UK / "sources": UK / "cases"}

Ask = Callable[[Path, Case], Result]


@pytest.fixture(scope="session")
def result_of() -> Iterator[Ask]:
    """`result_of(sources, case)`: a case asked and graded; each corpus is indexed once."""
    with ExitStack() as closing:
        embedder = cache(lambda: TransformerEmbedder(threads=1))
        corpus = cache(lambda sources: closing.enter_context(opened(sources, embedder())))

        def result(sources: Path, case: Case) -> Result:
            place = baseline_path([SUITES[sources]])
            baseline = Baseline.load(place) if place else None
            here = corpus(sources)
            changed = changed_sources(here.facts(), baseline.sources) if baseline else None
            return ask([case], here.assistant, here.files, changed)[0]

        yield result


@pytest.mark.parametrize(
    ("sources", "case"),
    [
        pytest.param(sources, case, id=f"{case.theme}-{case.id}")
        for sources, cases in SUITES.items()
        for case in load([cases])
    ],
)
def test_case(sources: Path, case: Case, result_of: Ask) -> None:
    result = result_of(sources, case)
    if result.grade.verdict == "stale":
        pytest.skip("; ".join(result.grade.reasons))
    if result.grade.verdict != "pass":
        pytest.fail(explanation(result), pytrace=False)
