import json
from pathlib import Path

import numpy as np
import pytest

from evals import rows
from evals.fit_reread import FIRST, WORKING, Reread, fit, judged, main, report


def question(signals: list[tuple[float, float]], right: int | None, barred: int | None = None) -> Reread:
    """A question with a right candidate, or none."""
    n = range(len(signals))
    return Reread(
        right is not None, np.array(signals, float).reshape(len(signals), 2),
        np.array([i == right for i in n], bool), np.array([i == barred for i in n], bool),
    )  # fmt: skip


# Reading again tells the right ones apart; the first probability does not.
KNOWN = [question([(0.0, 3.0), (0.5, -3.0)], 0), question([(0.5, -3.0), (0.0, -2.0)], None)] * 10


def test_the_best_candidate_is_judged_and_what_is_barred_never_is() -> None:
    asked, right, best = judged(
        [question([(2.0, 0.0), (1.0, 0.0)], 1), question([(2.0, 0.0), (1.0, 0.0)], 1, 0)], FIRST
    )
    assert asked.tolist() == [True, True]
    assert right.tolist() == [False, True]
    assert best == pytest.approx([1 / (1 + np.exp(-2.0)), 1 / (1 + np.exp(-1.0))])


def test_a_question_without_candidates_is_refused() -> None:
    asked, right, best = judged([question([], None)], FIRST)
    assert (asked.tolist(), right.tolist(), best.tolist()) == ([False], [False], [0.0])


def test_reading_again_weighs_what_tells_apart() -> None:
    model = fit(KNOWN, "reread_stated")
    first, again = model.weights
    assert again > first >= 0
    _, right, best = judged(KNOWN, model)
    assert right[::2].all()
    assert best[::2].min() > best[1::2].max()


def test_the_report_has_a_row_before_and_after_for_both_models() -> None:
    text = report({"a": dict.fromkeys(WORKING, KNOWN), "b": dict.fromkeys(WORKING, KNOWN)})
    assert text.count("\n") == 5
    for name in ("stated, first", "stated, read again", "open, first", "open, read again"):
        assert name in text


@pytest.mark.slow
def test_it_keeps_the_other_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "OWN", ("transit", "pharma"))
    monkeypatch.setattr("evals.fit_reread.FURTHER", ())
    place = tmp_path / "weights.json"
    place.write_text(json.dumps({"stated": {"intercept": 1}, "reread_open": {"intercept": 99}}), "utf-8")
    assert main(["--write", "--weights", str(place)]) == 0
    kept = json.loads(place.read_text("utf-8"))
    assert kept["stated"] == {"intercept": 1}
    assert set(kept["reread_stated"]["weights"]) <= {"first", "again"}
    assert kept["reread_open"]["intercept"] != 99
