"""The benchmark: its arithmetic, what it generates, and a tiny run. How fast anything is, is not tested."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from evals import bench
from index.embed import TransformerEmbedder
from index.errors import OnRecordError
from index.read import read_folder
from index.sync import sync
from index.terms import terms

SOURCES = bench.ROOT / "sources"


def test_percentiles_are_values() -> None:
    assert bench.percentile([3, 1, 2, 4], 0.5) == 3
    assert bench.percentile([3, 1, 2, 4], 0.95) == 4
    assert bench.percentile([7], 0.5) == 7


def test_works_take_turns() -> None:
    done: list[str] = []
    times = bench.in_turns([lambda: done.append("a"), lambda: done.append("b")], rounds=3)
    assert "".join(done) == "ababab"
    assert len(times) == 2


def test_generated_documents_are_the_same_each_time_and_in_the_words_of_the_sources(tmp_path: Path) -> None:
    first, second = (bench.generate(tmp_path / name, 3, 200, SOURCES) for name in ("a", "b"))
    texts = [source.text for source in read_folder(first).sources]
    assert texts == [source.text for source in read_folder(second).sources]
    assert len(set(texts)) == 3
    known = {term.norm for source in read_folder(SOURCES).sources for term in terms(source.text)}
    found = [term.norm for text in texts for term in terms(text)]
    assert sum(word in known for word in found) > 0.95 * len(found)
    assert 600 <= len(found) <= 660


def test_the_precision_is_seen_in_the_layers() -> None:
    layer = torch.nn.Linear(2, 2)
    with bench.outputs_of_linear_layers() as seen, torch.autocast("cpu", torch.bfloat16):
        layer(torch.zeros(1, 2))
    assert seen == {torch.bfloat16}
    layer(torch.zeros(1, 2))
    assert seen == {torch.bfloat16}


def test_a_process_tells_its_peak_memory_and_its_failure() -> None:
    held = bytearray(200 * 2**20)  # what starts a process does not count as its own
    assert 0 < bench.process(["-c", "pass"], threads=1) < 0.1
    assert 0.2 < bench.process(["-c", f"held = bytearray({300 * 2**20})"], threads=1) < 0.5
    assert len(held) == 200 * 2**20
    with pytest.raises(subprocess.CalledProcessError):
        bench.process(["-c", "raise SystemExit(3)"], threads=1)


def test_a_folder_that_is_not_there_leaves_with_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise OnRecordError("The folder is gone.")

    monkeypatch.setattr(bench, "bench", refuse)
    assert bench.main(["--sources", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err == "bench: The folder is gone.\n"


@pytest.mark.slow
def test_a_tiny_run_prints_every_ratio(
    embedder: TransformerEmbedder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def at_once(arguments: Sequence[str], threads: int) -> float:
        if "sync" in arguments:
            sync(Path(arguments[3]), Path(arguments[5]), embedder)
        return 0.5

    monkeypatch.setattr(bench, "process", at_once)
    tiny = ["--sources", str(SOURCES), "--rounds", "1", "--questions", "1", "--documents", "1", "--words", "60"]
    assert bench.main([*tiny, "--large"]) == 0
    out = capsys.readouterr().out
    assert "Torch threads: " in out
    assert out.count("ratio") == 6
    assert "after it is saved" in out
    assert "float32" in out or "bfloat16" in out
    assert "at most 0.50 GiB" in out
