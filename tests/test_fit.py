"""The fit: what judges was not fitted on it, and the weights come again."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import yaml

from assistant.evidence import MODELS, Signals
from assistant.ledger import OpenSignals
from evals import fit, rows
from evals.measures import Score
from evals.models import names_of
from evals.rows import Asked, Rows, folds
from tests.questions import asked, prices


def test_what_judges_an_article_was_not_fitted_on_it() -> None:
    public = tuple(asked(f"a{i % 4}", corpus=name) for i in range(8) for name in ("squad2", "qed"))
    gathered = Rows(public, {"transit": (asked("transit", corpus="transit"),)}, lambda _: {}, ())
    fitted: list[set[str]] = []

    def make(inside: Sequence[Asked]) -> Score:
        fitted.append({a.article for a in inside})
        return lambda signals: np.full(len(signals), 0.5)

    raw, calibrated = fit.held_out(gathered, make, count=4)
    assert [sorted({"a0", "a1", "a2", "a3", "transit"} - inside) for inside in fitted] == [
        [next(a for a, k in folds([p.article for p in public], 4).items() if k == fold)] for fold in range(4)
    ]
    assert len(raw["squad2"].right) == len(calibrated["squad2"].right) == 8
    fitted.clear()
    fit.judged(gathered, make)
    assert fitted[-1] == {"a0", "a1", "a2", "a3"}


def own_corpus(folder: Path, name: str) -> None:
    """A corpus of one document, and a case of each kind on it."""
    (folder / "sources").mkdir(parents=True)
    (folder / "sources" / "pass.md").write_text(
        f"# The {name} pass\n\nThe {name} pass costs 20 euros a year.\n\n"
        f"The start date of the {name} pass has not been announced.\n",
        "utf-8",
    )
    cases = [
        {
            "id": "price",
            "question": f"What does the {name} pass cost?",
            "expect": {"outcome": "answered", "must_say": ["20"]},
        },
        {
            "id": "start",
            "question": f"When does the {name} pass start?",
            "expect": {"outcome": "unreleased", "must_cite": ["pass"]},
        },
        {"id": "who", "question": f"Who founded the {name}?", "expect": {"outcome": "not_in_sources"}},
    ]
    (folder / "cases.yaml").write_text(yaml.safe_dump(cases), "utf-8")


@pytest.mark.slow
def test_the_same_data_gives_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rows, "HERE", tmp_path)
    monkeypatch.setattr(rows, "OWN", ("port", "town"))
    for name in rows.OWN:
        own_corpus(tmp_path / "corpora" / name, name)
    data = prices(tmp_path / "data")
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for file in files:
        report = ["--keep", str(tmp_path / "keep"), "--report", str(tmp_path / "report")]
        assert fit.main([str(data), "--write", "--weights", str(file), *report]) == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    written = json.loads(files[0].read_text("utf-8"))
    assert "CC BY-SA 4.0" in written["about"]
    assert set(written["stated"]["weights"]) <= set(names_of(Signals))
    assert set(written["open"]["weights"]) <= set(names_of(OpenSignals))
    assert written["reread_stated"] == asdict(MODELS.reread_stated)
    assert "Our corpora, each left out in turn" in capsys.readouterr().out
    assert (tmp_path / "report" / "reliability.svg").read_text("utf-8").startswith("<svg")
