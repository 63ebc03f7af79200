"""Scenarios of an update: one played for real, one that expects what is wrong, and those that cannot be used."""

import shutil
from pathlib import Path

import pytest

from evals import update
from evals.update import UPDATES, load
from index.embed import TransformerEmbedder
from index.errors import InputError

MUSEUM = UPDATES / "town-museum"


@pytest.fixture(autouse=True)
def _one_model(monkeypatch: pytest.MonkeyPatch, embedder: TransformerEmbedder) -> None:
    monkeypatch.setattr(update, "TransformerEmbedder", lambda *_, **__: embedder)


@pytest.fixture
def museum(tmp_path: Path) -> Path:
    """A copy of the museum, to be spoilt."""
    return shutil.copytree(MUSEUM, tmp_path / "museum")


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines on standard output, white space folded."""
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.slow
def test_an_update_is_shown_with_what_it_did_to_sources_open_points_and_answers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    assert update.main([str(MUSEUM)]) == 0
    lines = printed(capsys)
    for line in (
        "added boat-hall-delay, family-tickets, summer-hours",
        "changed cafe",
        "removed tower-tours",
        "renamed shop, now gift-shop",
        "opened boat-hall-delay “It is not known when the boat hall will open.”",
        "closed spring-letter “The price of a family ticket has not been decided yet.”",
        "by family-tickets “A family ticket to the Brackwater Museum costs 21 crowns.”",
        "What does a family ticket cost? unreleased answered as expected",
        "When do guided tours of the clock tower start? answered not_in_sources as expected",
        "8 of 8 questions are answered as expected, before and after.",
    ):
        assert line in lines


@pytest.mark.slow
def test_what_is_not_as_expected_is_told_with_the_reason(
    museum: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    (museum / "flips.yaml").write_text(
        """
flips:
  - question: What does a ticket for an adult cost?
    before: {outcome: unreleased}
    after: {outcome: answered}
  - question: What does a family ticket cost?
    before: {outcome: unreleased}
    after: {outcome: answered, replaces: ["has not been painted"]}
""",
        "utf-8",
    )
    assert update.main([str(museum)]) == 1
    lines = printed(capsys)
    assert "What does a ticket for an adult cost? answered answered not as expected" in lines
    assert "- What does a ticket for an adult cost? before: is answered, not unreleased" in lines
    assert "0 of 2 questions are answered as expected, before and after." in lines
    assert "- What does a family ticket cost? after: names nothing as replaced with has not been painted" in lines


ASKED = "{question: Why, before: {outcome: answered}, after: {outcome: answered}}"


@pytest.mark.parametrize(
    ("flips", "fault"),
    [
        ("flips: []", "field flips: "),
        (f"flips: [{ASKED.replace('answered', 'gone')}]", "field flips.0.before.outcome"),
        (f"removed: [lift.md]\nflips: [{ASKED}]", "lift.md"),
        ("flips: [", "cannot be read as flips"),
    ],
)
def test_a_scenario_that_cannot_be_used_is_refused_with_what_is_wrong(museum: Path, flips: str, fault: str) -> None:
    (museum / "flips.yaml").write_text(flips, "utf-8")
    with pytest.raises(InputError, match=fault):
        load(museum)


def test_a_folder_without_a_scenario_leaves_with_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert update.main([str(tmp_path / "none")]) == 2
    assert "flips.yaml cannot be read" in capsys.readouterr().err


def test_every_scenario_can_be_used() -> None:
    assert all(load(folder).flips for folder in UPDATES.iterdir())
