import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import yaml

from assistant.joint import Block, JointReader, Verdict
from evals import rows
from evals.fit_reread import FIRST, WORKING, Reread, finds, fit, judged, main, report, reread_rows
from evals.lessons import own_split
from evals.measures import calibration_error
from index.embed import TransformerEmbedder
from index.errors import InputError


def question(signals: list[tuple[float, float]], right: int | None, barred: int | None = None) -> Reread:
    """A question with a right candidate, or none."""
    n = range(len(signals))
    return Reread(
        right is not None, np.array(signals, float).reshape(len(signals), 2),
        np.array([i == right for i in n], bool), np.array([i == barred for i in n], bool),
    )  # fmt: skip


# Reading again tells the right ones apart; the first probability does not.
KNOWN = [question([(0.0, 3.0), (0.5, -3.0)], 0), question([(0.5, -3.0), (0.0, -2.0)], None)] * 10


def test_the_best_candidate_is_found_and_what_is_barred_never_is() -> None:
    came = finds([question([(2.0, 0.0), (1.0, 0.0)], 1), question([(2.0, 0.0), (1.0, 0.0)], 1, 0)], FIRST)
    assert came.answerable.tolist() == [True, True]
    assert came.right.tolist() == [False, True]
    assert came.probability == pytest.approx([1 / (1 + np.exp(-2.0)), 1 / (1 + np.exp(-1.0))])
    assert finds([question([(2.0, 0.0)], 0, 0)], FIRST).right.tolist() == [False]


def test_a_question_without_candidates_is_refused() -> None:
    came = finds([question([], None)], FIRST)
    assert (came.answerable.tolist(), came.right.tolist(), came.probability.tolist()) == ([False], [False], [0.0])


def test_reading_again_weighs_what_tells_apart() -> None:
    model = fit([KNOWN], "reread_stated")
    first, again = model.weights
    assert again > first >= 0
    came = finds(KNOWN, model)
    assert came.right[::2].all()
    assert came.probability[::2].min() > came.probability[1::2].max()


def test_each_group_counts_alike_however_many_questions_it_has() -> None:
    # In the one group reading again tells right from wrong, in the other the first reading does.
    other = [question([(3.0, 0.0), (-3.0, 0.0)], 0)] * 20

    def leaning(*groups: list[Reread]) -> float:
        first, again = fit(groups, "reread_stated").weights
        return first / again

    assert leaning(KNOWN * 10, other) == pytest.approx(leaning(KNOWN, other), rel=0.1)
    assert leaning(KNOWN * 10 + other) < 0.8 * leaning(KNOWN + other)


def test_a_corpus_is_judged_by_what_the_others_taught() -> None:
    # In the one corpus reading again tells right from wrong, in the other the first reading does.
    other = [question([(3.0, 0.0), (-3.0, 0.5)], 0), question([(-3.0, 0.5), (-2.0, 0.0)], None)] * 10
    came = judged([{"a": KNOWN}, {"b": other}], "reread_stated")
    assert came.first.right.tolist() == [False] * 20 + [True, False] * 10
    assert came.again.right.tolist() == finds(KNOWN, fit([other], "reread_stated")).right.tolist() + (
        finds(other, fit([KNOWN], "reread_stated")).right.tolist()
    )


def test_calibrated_finds_of_other_corpora_are_as_likely_as_they_say() -> None:
    dice = np.random.default_rng(0)
    odds = dice.normal(-1, 2, 1500)
    rows = [question([(0.0, z)], 0 if dice.uniform() < 1 / (1 + np.exp(-z)) else None) for z in odds]
    came = judged([{"a": rows[:500], "b": rows[500:1000], "c": rows[1000:]}], "reread_stated")
    assert calibration_error(came.again.probability, came.again.right) > 0.15
    assert calibration_error(came.calibrated.probability, came.calibrated.right) < 0.05


def test_the_report_has_a_row_before_and_after_and_a_diagram_for_each_model() -> None:
    text = report({name: judged([{"a": KNOWN, "b": KNOWN}], name) for name in WORKING})
    for name in ("stated", "open", "whole"):
        assert f"| {name}, first" in text
        assert f"| {name}, read again" in text
        assert f"\n{name}:\n\n    0." in text


def test_nothing_to_fit_on_is_told() -> None:
    with pytest.raises(InputError, match="nothing to fit on"):
        fit([[question([(1.0, 1.0)], None)]], "reread_whole")


class Tells(JointReader):
    """Says of each sentence what is written down for its first word."""

    def __init__(self, said: dict[str, Verdict]) -> None:
        self.said = said

    def read(self, question: str, blocks: Sequence[Block]) -> list[Verdict | None]:
        return [self.said[text.split()[0]] for block in blocks for text in block.sentences]


def test_each_question_becomes_rows_of_what_was_read(
    tmp_path: Path, write_files: Callable[[Path, Mapping[str, str]], Path], embedder: TransformerEmbedder
) -> None:
    cases = [
        {
            "id": "cost",
            "question": "What does the ferry cost?",
            "expect": {"outcome": "answered", "must_cite": ["ferry"], "quote_contains": ["12 crowns"]},
        },
        {
            "id": "crew",
            "question": "Who will steer the ferry?",
            "expect": {"outcome": "unreleased", "must_cite": ["ferry"], "quote_contains": ["Whoever"]},
        },
        {"id": "colour", "question": "What colour is the ferry?", "expect": {"outcome": "not_in_sources"}},
    ]
    text = "# Ferry\n\nThe ferry costs 12 crowns.\n\nWhoever steers the ferry is the captain's secret.\n"
    folder = write_files(tmp_path, {"sources/ferry.md": text, "cases.yaml": yaml.safe_dump(cases)})
    joint = Tells({"The": Verdict(3, -4), "Whoever": Verdict(-3, 4)})
    with rows.ours(folder, embedder, tmp_path / "index") as corpus:
        assert corpus.name == tmp_path.name
        found = reread_rows(corpus, joint)
    stated, whole = found["reread_stated"], found["reread_whole"]
    assert [row.answerable for row in stated] == [True, False, False]
    for row in stated:
        assert row.signals[row.right, 1].tolist() == [3] * int(row.right.sum())
        assert all(row.barred[row.signals[:, 1] == -3])  # it calls just this open
    assert [row.answerable for row in whole] == [False, True, False]
    assert all(signals[1] == 4 for row in whole for signals in row.signals)
    assert sum(len(row.right) for row in whole) >= 1
    assert all(len(row.right) == 0 for row in found["reread_open"])  # no phrase gives it away


@pytest.mark.slow
def test_it_keeps_the_other_weights_and_tells_how_likely_a_find_is_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rows, "OWN", ("transit",))
    monkeypatch.setattr("evals.fit_reread.FURTHER", ("pharma",))
    lessons = [lesson for lesson in own_split()[1] if lesson.set in ("city", "land")]
    monkeypatch.setattr("evals.fit_reread.own_split", lambda: ([], lessons))
    place = tmp_path / "weights.json"
    place.write_text(json.dumps({"stated": {"intercept": 1}, "reread_open": {"intercept": 99}}), "utf-8")
    assert main(["--write", "--weights", str(place), "--report", str(tmp_path)]) == 0
    kept = json.loads(place.read_text("utf-8"))
    assert kept["stated"] == {"intercept": 1}
    for name in WORKING:
        assert set(kept[name]["weights"]) <= {"first", "again"}
        assert kept[name]["likelihood"]["slope"] > 0
    assert kept["reread_open"]["intercept"] != 99
    text = (tmp_path / "fit_reread.md").read_text("utf-8")
    assert text in capsys.readouterr().out
    assert (tmp_path / "reread.svg").read_text("utf-8").startswith("<svg")
    # On corpora that nothing was fitted on, what is foretold comes about as often as it says.
    for name in ("stated", "open", "whole"):
        line = next(line for line in text.splitlines() if line.startswith(f"| {name}, read again"))
        assert float(line.split("|")[-2]) < 0.2
