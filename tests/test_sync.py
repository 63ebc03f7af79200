"""A sync publishes what the files say, reports what changed, and never works beside another."""

import fcntl
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

import index.formats.plain
from index.embed import Embedder, TransformerEmbedder
from index.errors import InputError, NoSourcesError, OnRecordError
from index.formats.extract import Extract
from index.generation import Index
from index.history import current, staged
from index.sync import Published, SyncReport, rehearse, sync

WriteFiles = Callable[[Path, Mapping[str, str]], Path]

FILES = {
    "fees.md": "---\npublisher: Harbour Board\n---\n# Fees\n\nA berth costs forty euros. The age limit has not yet been released.\n",
    "birds.txt": "Herons nest in tall trees. They eat fish.",
}


@pytest.fixture
def folder(tmp_path: Path, write_files: WriteFiles) -> Path:
    return write_files(tmp_path / "sources", FILES)


def diff(report: SyncReport) -> tuple[tuple[str, ...], ...]:
    return report.diff.added, report.diff.changed, report.diff.removed, report.diff.unchanged


def test_a_first_sync_publishes_every_source(folder: Path, tmp_path: Path, embedder: TransformerEmbedder) -> None:
    report = sync(folder, tmp_path / "index", embedder)
    assert report.fresh
    assert report.published
    assert diff(report) == (("birds", "fees"), (), (), ())
    assert (report.sources, report.sentences, report.passages, report.open_points) == (2, 4, 2, 1)
    with Index.open(tmp_path / "index", embedder) as index:
        assert index.id == report.generation
        assert index.sources["fees"].publisher == "Harbour Board"
        point = index.open_points[0]
        assert index.sentences[point.sentence].text == "The age limit has not yet been released."
        assert index.sentences[point.sentence].headings == ("Fees",)


def test_the_same_files_again_change_nothing(folder: Path, tmp_path: Path, paper: Embedder) -> None:
    first = sync(folder, tmp_path / "index", paper)
    second = sync(folder, tmp_path / "index", paper)
    assert not second.fresh
    assert not second.published
    assert second.generation == first.generation
    assert diff(second) == ((), (), (), ("birds", "fees"))


def test_added_changed_removed_and_unchanged_are_told_apart(
    folder: Path, tmp_path: Path, paper: Embedder, write_files: WriteFiles
) -> None:
    write_files(folder, {"boats.txt": "Boats float."})
    sync(folder, tmp_path / "index", paper)
    (folder / "birds.txt").unlink()
    write_files(folder, {"fees.md": FILES["fees.md"].replace("forty", "fifty"), "new/bees.txt": "Bees hum."})
    report = sync(folder, tmp_path / "index", paper)
    assert diff(report) == (("new/bees",), ("fees",), ("birds",), ("boats",))
    with Index.open(tmp_path / "index") as index:
        assert {"A berth costs fifty euros.", "Bees hum."} < {sentence.text for sentence in index.sentences}
        assert not any("Herons" in sentence.text for sentence in index.sentences)


def test_metadata_alone_is_a_change(folder: Path, tmp_path: Path, paper: Embedder, write_files: WriteFiles) -> None:
    first = sync(folder, tmp_path / "index", paper)
    write_files(folder, {"fees.md": FILES["fees.md"].replace("Harbour Board", "Port Board")})
    second = sync(folder, tmp_path / "index", paper)
    assert second.diff.changed == ("fees",)
    assert second.generation != first.generation


def test_a_rehearsal_of_a_first_sync_says_the_same_without_a_model(
    folder: Path, tmp_path: Path, paper: Embedder
) -> None:
    report = sync(folder, tmp_path / "index", paper)
    assert rehearse(folder) == replace(report, generation="", published=False)


def test_a_sync_elsewhere_compares_with_and_learns_from_another_index_and_leaves_it_alone(
    folder: Path, tmp_path: Path, paper: Embedder, write_files: WriteFiles
) -> None:
    first = sync(folder, tmp_path / "index", paper)
    files = {path: path.read_bytes() for path in (tmp_path / "index").rglob("*") if path.suffix in (".json", ".npy")}
    write_files(folder, {"boats.txt": "Boats float."})
    would = sync(folder, tmp_path / "elsewhere", paper, since=tmp_path / "index")
    assert would.diff.added == ("boats",)
    assert (would.embedded, would.reused) == (1, 2)
    assert current(tmp_path / "index") == first.generation
    assert {path: path.read_bytes() for path in files} == files
    assert sync(folder, tmp_path / "index", paper) == would


def test_what_has_not_changed_is_neither_read_nor_encoded_again(
    folder: Path, tmp_path: Path, paper: Embedder, write_files: WriteFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(folder, tmp_path / "index", paper)
    write_files(folder, {"boats.txt": "Boats float."})
    read: list[str] = []
    extract = index.formats.plain.extract

    def listening(data: bytes) -> Extract:
        read.append(data.decode())
        return extract(data)

    monkeypatch.setattr("index.formats.plain.extract", listening)
    report = sync(folder, tmp_path / "index", paper)
    assert read == ["Boats float."]
    assert (report.embedded, report.reused) == (1, 2)
    sync(folder, tmp_path / "index", paper, full=True)
    assert len(read) == 3


def test_what_other_code_has_read_is_read_again(
    folder: Path, tmp_path: Path, paper: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(folder, tmp_path / "index", paper)
    monkeypatch.setattr("index.sync.code", lambda: "another version")
    with Index.open(tmp_path / "index") as index:
        before = Published.of(tmp_path / "index", [index])
    assert before.read == {}
    assert before.corpus.sources


def test_a_generation_that_is_open_already_is_not_opened_again(
    folder: Path, tmp_path: Path, paper: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(folder, tmp_path / "index", paper)
    (folder / "c.txt").write_text("Eels swim.", "utf-8")
    with Index.open(tmp_path / "index") as lent:
        monkeypatch.setattr(Index, "load", None)
        report = sync(folder, tmp_path / "index", paper, lent=lent)
        assert (report.embedded, report.reused) == (1, 2)
        assert lent.nearest(lent.vectors.passages[0].astype("float32"), 1)


def test_a_damaged_generation_is_read_and_encoded_again(folder: Path, tmp_path: Path, paper: Embedder) -> None:
    first = sync(folder, tmp_path / "index", paper)
    os.truncate(tmp_path / "index" / "generations" / first.generation / "word_vectors.npy", 10)
    (folder / "c.txt").write_text("Eels swim.", "utf-8")
    report = sync(folder, tmp_path / "index", paper)
    assert (report.embedded, report.reused) == (3, 0)


def test_what_is_staged_is_not_published(folder: Path, tmp_path: Path, paper: Embedder) -> None:
    report = sync(folder, tmp_path / "index", paper, apart=True)
    assert (report.staged, report.published) == (True, False)
    assert (current(tmp_path / "index"), staged(tmp_path / "index")) == (None, report.generation)


def test_a_strict_sync_names_every_fault_and_writes_nothing(
    folder: Path, tmp_path: Path, paper: Embedder, write_files: WriteFiles
) -> None:
    write_files(folder, {"bad.pdf": "no pdf", "odd.md": "---\nkind: rumour\n---\nHens lay.\n"})
    with pytest.raises(InputError, match=r"(?s)2 of the files are at fault.*bad\.pdf.*odd\.md.*leave out --strict"):
        sync(folder, tmp_path / "index", paper, strict=True)
    assert current(tmp_path / "index") is None
    assert sync(folder, tmp_path / "index", paper).published


def test_skipped_files_and_dropped_spans_are_reported(
    folder: Path, tmp_path: Path, paper: Embedder, write_files: WriteFiles
) -> None:
    write_files(folder, {"README.md": "About.", "bad.pdf": "no pdf", "news.txt": "Boats float.\n\nLeave a comment\n"})
    report = sync(folder, tmp_path / "index", paper)
    assert [(skip.path, skip.error) for skip in report.skipped] == [("README.md", False), ("bad.pdf", True)]
    assert list(report.dropped) == ["news"]
    assert report.dropped["news"][0].reason


def test_progress_counts_every_stage_to_its_end(folder: Path, tmp_path: Path, paper: Embedder) -> None:
    told: dict[str, tuple[int, int]] = {}

    def tell(stage: str, done: int, total: int) -> None:
        told[stage] = (done, total)

    sync(folder, tmp_path / "index", paper, tell)
    assert told == {"read": (2, 2), "embed": (2, 2), "store": (2, 2)}


def test_full_builds_again(folder: Path, tmp_path: Path, paper: Embedder) -> None:
    sync(folder, tmp_path / "index", paper)
    report = sync(folder, tmp_path / "index", paper, full=True)
    assert (report.fresh, report.embedded, report.reused) == (True, 2, 0)
    assert report.diff.is_empty


def test_a_second_writer_fails_at_once_and_is_told_who_writes(folder: Path, tmp_path: Path, paper: Embedder) -> None:
    sync(folder, tmp_path / "index", paper)
    with (tmp_path / "index" / "LOCK").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(OnRecordError, match=rf"Another sync is writing the index at .* \(process {os.getpid()}\)"):
            sync(folder, tmp_path / "index", paper)
        sync(folder, tmp_path / "elsewhere", paper, since=tmp_path / "index")
    sync(folder, tmp_path / "index", paper)


def test_a_folder_without_sentences_is_refused_and_the_old_index_answers(
    folder: Path, tmp_path: Path, paper: Embedder, write_files: WriteFiles
) -> None:
    report = sync(folder, tmp_path / "index", paper)
    with pytest.raises(NoSourcesError):
        sync(tmp_path / "missing", tmp_path / "index", paper)
    with pytest.raises(NoSourcesError, match="No sentence to index"):
        sync(write_files(tmp_path / "headings", {"a.md": "# Only a heading\n"}), tmp_path / "index", paper)
    assert current(tmp_path / "index") == report.generation


def test_an_index_that_cannot_be_written_says_so(folder: Path, tmp_path: Path, paper: Embedder) -> None:
    (tmp_path / "index").write_text("a file where the folder should be")
    with pytest.raises(OnRecordError, match="cannot be written"):
        sync(folder, tmp_path / "index", paper)
