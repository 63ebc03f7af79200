"""Whatever is done to the files, and wherever a sync is broken off, what is served is a fresh index of the files last
synced.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from index.errors import NoIndexError, NoSourcesError
from index.generation import Index
from index.sync import sync
from tests.conftest import PaperEmbedder
from tests.torture.trial import rubbish

NAMES = st.sampled_from(["ant.md", "bee.md", "bee.txt", "low/cat.md", "low/dog.txt", "eel.html"])
HEADS = ("", "", "", "---\nid: ant\n---\n", "---\ntitle: Eels\nsupersedes: [bee]\n---\n", "---\nkind: rumour\n---\n")
PARAGRAPHS = (
    "Able boats came. Big cats ate 7 eggs.",
    "# Fees\n\nA berth costs forty euros. The age limit has not yet been released.",
    "## Late fees\n\nIt costs more at night, says the board.",
    "Able boats came to the old harbour on Sunday, and " + "they stayed for a good while " * 30 + "there.",
    "- Dogs\n- Eels of the port",
    "Share this page",
)
TEXTS = st.builds(
    lambda head, paragraphs: head + "\n\n".join(paragraphs) + "\n",
    st.sampled_from(HEADS),
    st.lists(st.sampled_from(PARAGRAPHS), min_size=1, max_size=4),
)
WORDS = ("boat", "cat", "fee", "berth", "cost", "eel", "harbour", "ag")
EMBEDDER = PaperEmbedder()


class Killed(BaseException):
    """What breaks a sync off: nothing catches it."""


class Machine(RuleBasedStateMachine):
    """A folder, its index, a reader that stays open, and the files of the last sync that succeeded."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(prefix="onrecord-machine-"))
        self.sources, self.index = self.place / "sources", self.place / "index"
        self.sources.mkdir()
        self.files: dict[str, str] = {}
        self.synced: dict[str, str] | None = None
        self.reader: Index | None = None
        self.read: dict[str, Any] = {}

    # --- the files ---------------------------------------------------------------------------------------------------

    @initialize(files=st.dictionaries(NAMES, TEXTS, min_size=2))
    def begin(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            self.add_or_change(name, text)
        self.sync(full=False)

    @rule(name=NAMES, text=TEXTS | st.just(""))
    def add_or_change(self, name: str, text: str) -> None:
        self.files[name] = text
        _write(self.sources, {name: text})

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.files)))
        del self.files[name]
        (self.sources / name).unlink()

    @precondition(lambda self: self.files)
    @rule(data=st.data(), new=NAMES)
    def rename(self, data: st.DataObject, new: str) -> None:
        old = data.draw(st.sampled_from(sorted(self.files)))
        text = self.files.pop(old)
        (self.sources / old).unlink()
        self.add_or_change(new, text)

    # --- the index ---------------------------------------------------------------------------------------------------

    @rule(name=NAMES, text=TEXTS)
    def change_and_sync(self, name: str, text: str) -> None:
        self.add_or_change(name, text)
        self.sync(full=False)

    @rule(full=st.booleans())
    def sync(self, full: bool) -> None:
        try:
            sync(self.sources, self.index, EMBEDDER, full=full)
        except NoSourcesError:
            return
        self.synced = dict(self.files)
        assert rubbish(self.index) in ([], [self.reader.place.name] if self.reader else [])

    @rule(step=st.integers(0, 12))
    def kill(self, step: int) -> None:
        steps = iter(range(step))

        def tell(*_: object) -> None:
            if next(steps, None) is None:
                raise Killed

        try:
            sync(self.sources, self.index, EMBEDDER, tell)
        except (Killed, NoSourcesError):
            return
        self.synced = dict(self.files)

    @precondition(lambda self: self.synced is not None)
    @rule()
    def reopen(self) -> None:
        self._close()
        self.reader = Index.open(self.index, EMBEDDER)
        self.read = contents(self.reader)

    # --- what is served ----------------------------------------------------------------------------------------------

    @precondition(lambda self: self.reader)
    @rule()
    def ask_the_reader(self) -> None:
        assert self.reader
        assert_same(contents(self.reader), self.read)

    @invariant()
    def what_is_served_is_a_fresh_index_of_the_files_synced(self) -> None:
        if self.synced is None:
            with pytest.raises(NoIndexError):
                Index.open(self.index)
            return
        with Index.open(self.index, EMBEDDER) as index:
            index.check()
            assert_same(contents(index), self._fresh(self.synced))

    def _fresh(self, files: dict[str, str]) -> dict[str, Any]:
        """The contents of a fresh index of some files."""
        key = repr(sorted(files.items()))
        if key not in _FRESH:
            with tempfile.TemporaryDirectory(prefix="onrecord-machine-") as place:
                sync(_write(Path(place, "sources"), files), Path(place, "index"), EMBEDDER)
                with Index.open(Path(place, "index"), EMBEDDER) as index:
                    _FRESH[key] = contents(index)
        return _FRESH[key]

    def _close(self) -> None:
        if self.reader:
            self.reader.close()

    def teardown(self) -> None:
        self._close()
        shutil.rmtree(self.place)


_FRESH: dict[str, dict[str, Any]] = {}


def _write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def contents(index: Index) -> dict[str, Any]:
    """All that an index answers from, copied."""
    return {
        "id": index.id,
        "corpus": index.corpus,
        "names": index.lexicon.names,
        "frequency": index.lexicon.frequency,
        "keywords": [index.keyword_scores([word]) for word in WORDS],
        "passages": np.array(index.vectors.passages),
        "sentences": np.array(index.vectors.sentences),
        "words": np.array(index.vectors.words),
        "spans": np.array(index.vectors.spans),
        "found": [[round(cosine, 4) for _, cosine in index.nearest(axis, 3)] for axis in np.eye(27, dtype=np.float32)],
    }


def assert_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    for part, value in one.items():
        assert np.array_equal(value, other[part]) if isinstance(value, np.ndarray) else _same(value, other[part]), part


def _same(one: Any, other: Any) -> bool:
    return repr(one) == repr(other) if isinstance(one, list) else bool(one == other)


def run(examples: int, steps: int) -> None:
    """Let the machine be driven so many times, so many steps each. Raises what it finds."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Machine, settings=chosen)


@pytest.mark.slow
def test_what_is_served_is_always_a_fresh_index_of_the_files_last_synced() -> None:
    run(examples=6, steps=12)
