"""What `make torture` tries at length, briefly: each trial is survived."""

from pathlib import Path

import pytest

from index.embed import Embedder
from tests.torture.__main__ import TRIALS, Trial
from tests.torture.trial import Arena

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("trial", TRIALS.values(), ids=[name.replace(" ", "-") for name in TRIALS])
def test_the_trial_is_survived(trial: Trial, tmp_path: Path, embedder: Embedder) -> None:
    result = trial(Arena(tmp_path, embedder, short=True))
    if not result.tried:
        pytest.skip(result.note)
    assert result.faults == ()
