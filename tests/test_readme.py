"""The README: its examples are what the commands print, its snippets run, and its tree is the tree.

Where the first fails because answers have changed for the better, `make readme` puts the new output in.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import onrecord
from assistant.answer import Assistant
from evals.readme import README, ROOT, outputs, refreshed, shown
from index.embed import TransformerEmbedder
from index.generation import Index
from index.sync import sync

TEXT = README.read_text("utf-8")
EVALS = (ROOT / "evals" / "README.md").read_text("utf-8")  # has a tree of its own
MODULES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("index/*.py"), *ROOT.glob("assistant/**/*.py"), *ROOT.glob("evals/*.py")]
    if path.name != "__init__.py"
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, embedder: TransformerEmbedder) -> Path:
    """An index of the shipped sources."""
    place = tmp_path_factory.mktemp("readme")
    sync(ROOT / "sources", place, embedder)
    return place


@pytest.mark.slow
def test_examples_are_what_the_commands_print(index: Path) -> None:
    assert outputs(list(shown(TEXT)), index) == shown(TEXT), "the README is out of date: run make readme"


def test_an_answer_and_a_refusal_are_shown() -> None:
    assert list(shown(TEXT)) == [
        'onrecord ask "Does a K visa applicant need a Chinese employer?"',
        'onrecord ask "What is the age limit for the K visa?"',
    ]


def test_refreshing_replaces_the_output_and_nothing_else() -> None:
    before = "One.\n```console\n$ onrecord ask x\nold\n\nolder\n```\nTwo.\n```console\n$ onrecord status\n```\n"
    after = refreshed(before, {"onrecord ask x": "new \\1", "onrecord status": "fine"})
    assert after == "One.\n```console\n$ onrecord ask x\nnew \\1\n```\nTwo.\n```console\n$ onrecord status\nfine\n```\n"
    assert refreshed(TEXT, shown(TEXT)) == TEXT


def test_no_output_is_shown_for_a_command_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(subprocess.CalledProcessError):
        outputs(["onrecord status"], tmp_path)


@pytest.mark.parametrize("snippet", re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL), ids=["python", "langchain"])
def test_snippets_run(
    snippet: str,
    index: Path,
    embedder: TransformerEmbedder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    opened = Assistant(Index.open(index, embedder), embedder)
    monkeypatch.setattr(Assistant, "open", lambda: opened)
    exec(snippet, {})
    assert capsys.readouterr().out
    assert len(snippet.strip().splitlines()) <= 8


def test_commands_exist() -> None:
    known = {
        command.name or command.callback.__name__ for command in onrecord.app.registered_commands if command.callback
    }
    named = set(re.findall(r"onrecord ([a-z]+)\b", TEXT)) - {"import"}
    assert named <= known
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)\b", TEXT)) <= targets


@pytest.mark.parametrize("module", MODULES)
def test_tree_names_every_module(module: str) -> None:
    assert re.search(rf"\b{re.escape(Path(module).name)}", tree(EVALS if module.startswith("evals/") else TEXT))


def test_tree_names_nothing_that_is_not_there() -> None:
    there = {
        path.name
        for folder in (".", "sources", "index", "index/formats", "assistant", "assistant/site", "evals")
        for path in (ROOT / folder).iterdir()
    }
    assert {
        name.rstrip("/") for name in re.findall(r"[\w-]+(?:\.(?:py|md|json)\b|/)", tree(TEXT) + tree(EVALS))
    } <= there


def test_what_people_write_in_it_is_short() -> None:
    assert len(refreshed(TEXT, dict.fromkeys(shown(TEXT), "")).splitlines()) < 160


def tree(text: str) -> str:
    """The block that shows where things are."""
    return text.split("## Where things are")[1].split("```")[1]
