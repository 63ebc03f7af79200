"""What several test files share: the real model, a model that can be computed on paper, and small indexes."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

import index.embed
import onrecord
from assistant.answer import Assistant
from assistant.settings import Settings
from index.embed import Embedder, Encoded, TransformerEmbedder, unit
from index.generation import Index
from index.lexicon import Lexicon
from index.sync import sync
from index.terms import terms
from tests.town import TOWN, lexicon_of

os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what needs the browser last: from its first page on Playwright keeps an event loop running in this thread, beside
    which no other may be run. Of several processes each takes one file after another, or what in it needs the browser."""

    def shown(item: pytest.Item) -> bool:
        return "browser" in getattr(item, "fixturenames", ())

    items.sort(key=shown)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(item.path.stem + " in the browser" * shown(item)))


@pytest.fixture(scope="session")
def embedder() -> TransformerEmbedder:
    """The default model, loaded once."""
    return TransformerEmbedder(threads=1)


class PaperEmbedder:
    """A word is the axis of its first letter, a to z, or the 27th for a digit; a text is the direction of their sum."""

    name = "paper"
    fingerprint = "paper-1"
    dimension = 27

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> list[Encoded]:
        done = []
        for text in texts:
            found = tuple(terms(text))
            words = np.zeros((len(found), self.dimension), np.float32)
            for i, term in enumerate(found):
                words[i, "abcdefghijklmnopqrstuvwxyz".find(term.norm[0])] = 1
            done.append(Encoded(unit(words.sum(axis=0)), words, found))
            if progress:
                progress(len(done))
        return done


@pytest.fixture
def paper() -> PaperEmbedder:
    """A model whose vectors can be computed on paper."""
    return PaperEmbedder()


@pytest.fixture(scope="session")
def lexicon() -> Lexicon:
    """What the words of a town's news are like."""
    return lexicon_of(*TOWN)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, or a skip that says so."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip("no Chromium found; on Debian or Ubuntu: apt-get install chromium")
    expect.set_options(timeout=30_000)  # milliseconds: a cap, for machines that do other things too
    quiet = ("background-networking", "component-update", "sync")
    flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", *(f"--disable-{part}" for part in quiet)]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=flags)
        yield opened
        opened.close()


@pytest.fixture
def write_files() -> Callable[[Path, Mapping[str, str]], Path]:
    """`write_files(folder, {name: text})` writes the files and returns the folder."""

    def write(folder: Path, files: Mapping[str, str]) -> Path:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return folder

    return write


@pytest.fixture
def make_index(
    embedder: Embedder, write_files: Callable[[Path, Mapping[str, str]], Path]
) -> Iterator[Callable[[Path, Mapping[str, str]], Index]]:
    """`make_index(tmp_path, {name: text})` syncs the files with the real model and returns the open index."""
    with ExitStack() as opened:

        def make(folder: Path, files: Mapping[str, str]) -> Index:
            sync(write_files(folder / "sources", files), folder / "index", embedder)
            return opened.enter_context(Index.open(folder / "index", embedder))

        yield make


class Run(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str


Command = Callable[..., Run]


@pytest.fixture
def main_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`main_here("ask", "...")` runs the command in this process."""
    monkeypatch.setattr(onrecord, "_hush", lambda: None)

    def run(*words: str) -> Run:
        monkeypatch.setattr(sys, "argv", ["onrecord", *words])
        capsys.readouterr()
        code: object = 0
        try:
            onrecord.main()
        except SystemExit as leaving:
            code = leaving.code
        out, err = capsys.readouterr()
        assert isinstance(code, int | None)
        return Run(code or 0, out, err)

    return run


@pytest.fixture
def onrecord_in(monkeypatch: pytest.MonkeyPatch, main_here: Command, embedder: Embedder) -> Callable[[Path], Command]:
    """`onrecord_in(folder)("ask", "...")` runs the command on the folder's sources/ and index/."""
    for field in Settings.__dataclass_fields__.values():
        monkeypatch.delenv(field.metadata["variable"], raising=False)
    monkeypatch.setattr(index.embed, "TransformerEmbedder", lambda *_, **__: embedder)

    def open_with_the_model_at_hand(
        _: object, folder: Path, settings: Settings, generation: str | None = None
    ) -> Assistant:
        return Assistant(Index.open(folder, embedder, generation), embedder)

    monkeypatch.setattr(Assistant, "open", classmethod(open_with_the_model_at_hand))

    def run_in(folder: Path) -> Command:
        def run(*words: str, where: bool = True) -> Run:
            place = ["--sources", str(folder / "sources"), "--index", str(folder / "index")] if where else []
            return main_here(*place, *words)

        return run

    return run_in


@pytest.fixture
def command(onrecord_in: Callable[[Path], Command], tmp_path: Path) -> Command:
    """The command on `tmp_path`, which holds nothing yet."""
    return onrecord_in(tmp_path)
