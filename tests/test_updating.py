"""Sources change: what a sync says of it, what is published when, and what can be had back or is gone for good."""

import fcntl
import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from index import purge as purging
from index.embed import Embedder
from index.errors import OnRecordError
from index.generation import Index
from index.history import current, kept, place_of
from index.sync import digest, sync
from tests.conftest import Command

WriteFiles = Callable[[Path, Mapping[str, str]], Path]

NEWS = """---
title: The night ferry
publisher: Port Gazette
published: 2025-05-02
---

The night ferry sails from the old harbour. The fare of the night ferry has not been announced.
"""
NOTICE = """---
title: Fares of the night ferry
publisher: Harbour Board
published: 2025-06-20
kind: official
---

The fare of the night ferry is 12 euros. Children travel free of charge.
"""
QUESTION = "What is the fare of the night ferry?"


@pytest.fixture
def command(
    onrecord_in: Callable[[Path], Command], tmp_path: Path, write_files: WriteFiles, monkeypatch: pytest.MonkeyPatch
) -> Command:
    """The command on a folder whose news has been synced."""
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path / "sources", {"news.md": NEWS})
    run = onrecord_in(tmp_path)
    run("sync")
    return run


def outcome(command: Command, *options: str) -> str:
    return str(json.loads(command("ask", QUESTION, "--json", *options).out)["outcome"])


# --- what a sync says ------------------------------------------------------------------------------------------------


def test_a_later_statement_closes_an_open_point_and_the_sync_says_which(
    command: Command, tmp_path: Path, write_files: WriteFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "250")  # no path is too long for a line
    assert outcome(command) == "unreleased"
    write_files(tmp_path / "sources", {"notice.md": NOTICE})
    would = command("sync", "--dry-run")
    assert outcome(command) == "unreleased"
    run = command("sync")
    assert (run.code, run.err) == (0, "")
    assert "(1 encoded, 1 kept)" in run.out
    assert "closed    The night ferry: The fare of the night ferry\n" in run.out
    assert "“The fare of the night ferry has not been announced.” — news\n" in run.out
    assert "closed by “The fare of the night ferry is 12 euros.” — notice\n" in run.out
    assert would.out.splitlines()[:-1] == run.out.splitlines()[:-1]
    answer = command("ask", QUESTION).out
    assert answer.startswith("Answered (as of 2025-06-20)")
    assert "The fare of the night ferry is 12 euros. [1]" in answer
    assert "The fare of the night ferry has not been announced." in answer


def test_the_ledger_names_what_has_closed_a_point(command: Command, tmp_path: Path, write_files: WriteFiles) -> None:
    write_files(tmp_path / "sources", {"notice.md": NOTICE})
    command("sync")
    [entry] = json.loads(command("unreleased", "--json").out)
    assert (entry["status"], entry["closed_by"]["quote"]) == ("closed", "The fare of the night ferry is 12 euros.")
    listed = command("unreleased").out
    assert listed.startswith("Not released yet, say the sources: 0\n")
    assert "Closed since: 1" in listed


def test_a_point_whose_closing_statement_goes_is_open_again(
    command: Command, tmp_path: Path, write_files: WriteFiles
) -> None:
    write_files(tmp_path / "sources", {"notice.md": NOTICE})
    command("sync")
    (tmp_path / "sources" / "notice.md").unlink()
    run = command("sync")
    assert "removed   1 source: notice\n" in run.out
    assert "reopened  The night ferry: The fare of the night ferry\n" in run.out
    assert outcome(command) == "unreleased"


def test_an_opened_and_a_withdrawn_point_are_told(command: Command, tmp_path: Path, write_files: WriteFiles) -> None:
    write_files(tmp_path / "sources", {"news.md": NEWS.replace("fare", "timetable")})
    run = command("sync")
    assert "opened    The night ferry: The timetable of the night ferry\n" in run.out
    assert "withdrawn The night ferry: The fare of the night ferry\n" in run.out


def test_a_superseded_source_has_its_points_closed_by_the_other(
    command: Command, tmp_path: Path, write_files: WriteFiles
) -> None:
    later = NOTICE.replace("kind: official", "supersedes: [news]").replace("The fare of the night ferry is", "It is")
    write_files(tmp_path / "sources", {"notice.md": later})
    run = command("sync")
    assert "superseded by notice\n" in run.out
    assert json.loads(command("unreleased", "--json").out)[0]["superseded_by"] == "notice"


def test_the_report_in_json_has_it_all(command: Command, tmp_path: Path, write_files: WriteFiles) -> None:
    write_files(tmp_path / "sources", {"notice.md": NOTICE})
    report = json.loads(command("sync", "--json").out)
    assert report["added"] == ["notice"]
    assert (report["embedded"], report["reused"], report["published"]) == (1, 1, True)
    assert report["ledger"]["closed"][0]["closed_by"]["source"] == "notice"
    assert report["resting"] == []


def test_cases_whose_answers_cite_a_sentence_that_is_gone_are_named(
    command: Command, tmp_path: Path, write_files: WriteFiles
) -> None:
    cases = (
        "- {id: fare, question: 'What is the fare of the night ferry?', expect: {outcome: unreleased}}\n"
        "- {id: harbour, question: 'Where does the night ferry sail from?', expect: {outcome: answered}}\n"
    )
    write_files(tmp_path / "cases", {"ferry.yaml": cases})
    assert command("eval", "--accept").code == 0
    write_files(tmp_path / "sources", {"news.md": NEWS.replace("has not been announced", "has yet to be announced")})
    run = command("sync")
    assert "cited a sentence that is gone: fare" in run.out


def test_renaming_a_file_changes_no_answer(command: Command, tmp_path: Path) -> None:
    (tmp_path / "sources" / "news.md").rename(tmp_path / "sources" / "ferry.md")
    run = command("sync")
    assert "renamed   1 source: news to ferry\n" in run.out
    assert "(0 encoded, 1 kept)" in run.out
    assert outcome(command) == "unreleased"


def test_a_strict_sync_with_a_faulty_file_leaves_the_old_generation(
    command: Command, tmp_path: Path, write_files: WriteFiles
) -> None:
    before = current(tmp_path / "index")
    write_files(tmp_path / "sources", {"notice.md": NOTICE, "bad.md": "---\npublished: soon\n---\nHens lay.\n"})
    run = command("sync", "--strict")
    assert run.code == 2
    assert "bad.md" in run.err
    assert current(tmp_path / "index") == before
    assert command("sync").code == 0


def test_a_second_sync_is_refused_before_a_model_is_loaded(command: Command, tmp_path: Path) -> None:
    with (tmp_path / "index" / "LOCK").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run = command("sync")
    assert run.code == 2
    assert f"Another sync is writing the index at {tmp_path / 'index'} (process {os.getpid()})" in run.err


# --- what is published when -------------------------------------------------------------------------------------------


def test_what_is_staged_is_asked_by_eval_and_answers_once_published(
    command: Command, tmp_path: Path, write_files: WriteFiles
) -> None:
    write_files(tmp_path / "sources", {"notice.md": NOTICE})
    run = command("sync", "--stage")
    assert "Publish it with: onrecord publish\n" in run.out
    assert outcome(command) == "unreleased"
    cases = f"- {{id: fare, question: '{QUESTION}', expect: {{outcome: answered}}}}\n"
    write_files(tmp_path / "cases", {"ferry.yaml": cases})
    assert "1 pass   0 fail" in command("eval", "--staged").out
    assert command("publish").code == 0
    assert outcome(command) == "answered"
    again = command("publish")
    assert again.code == 2
    assert "Nothing is staged" in again.err


def test_a_gate_keeps_out_what_falls_short(command: Command, tmp_path: Path, write_files: WriteFiles) -> None:
    before = current(tmp_path / "index")
    wrong = f"- {{id: fare, question: '{QUESTION}', expect: {{outcome: unreleased}}}}\n"
    write_files(tmp_path / "cases", {"ferry.yaml": wrong})
    command("eval", "--accept")
    write_files(tmp_path / "sources", {"notice.md": NOTICE})
    run = command("sync", "--gate")
    assert run.code == 1
    assert "stays staged, for it falls short" in run.err
    assert current(tmp_path / "index") == before
    write_files(tmp_path / "cases", {"ferry.yaml": wrong.replace("unreleased", "answered")})
    assert command("sync", "--gate").code == 0
    assert outcome(command) == "answered"


def test_a_watch_serves_each_change_and_goes_on_after_a_fault(
    command: Command, tmp_path: Path, write_files: WriteFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each turn of the watch is let in by hand, and the next change is made in it."""
    changes = [{"notice.md": NOTICE}, {"news.md": "", "notice.md": ""}, {"news.md": NEWS.replace("announced", "set")}]
    generations = [current(tmp_path / "index")]

    def turns(folder: Path) -> object:
        for files in changes:
            write_files(folder, files)
            yield None
            generations.append(current(tmp_path / "index"))

    monkeypatch.setattr("index.watch.turns", turns)
    run = command("sync", "--watch")
    assert run.code == 0
    assert len(set(generations)) == 3
    assert generations[1] == generations[2]  # nothing to index: the old generation goes on
    assert "news.md" in run.err


def test_an_earlier_generation_can_be_asked_while_it_is_kept(
    command: Command, tmp_path: Path, write_files: WriteFiles
) -> None:
    first = str(current(tmp_path / "index"))
    write_files(tmp_path / "sources", {"notice.md": NOTICE})
    command("sync")
    assert outcome(command) == "answered"
    assert outcome(command, "--generation", first[:6]) == "unreleased"
    refused = command("ask", QUESTION, "--generation", "0000")
    assert refused.code == 2
    assert "is not kept" in refused.err


def test_rolling_back_and_forth(command: Command, tmp_path: Path, write_files: WriteFiles) -> None:
    write_files(tmp_path / "sources", {"notice.md": NOTICE})
    command("sync")
    run = command("rollback")
    assert "answers again" in run.out
    assert outcome(command) == "unreleased"
    assert "sources are ahead of the index; run: onrecord sync\n" in command("status").out
    command("sync")
    assert outcome(command) == "answered"


# --- the state --------------------------------------------------------------------------------------------------------


def test_the_status_says_whether_the_sources_have_moved_on(
    command: Command, tmp_path: Path, write_files: WriteFiles
) -> None:
    state = command("status").out
    assert "health      good\n" in state
    assert "sources are as indexed\n" in state
    write_files(tmp_path / "sources", {"notice.md": NOTICE})
    assert "added     1 source: notice\n" in command("status").out
    data = json.loads(command("status", "--json").out)
    assert data["behind"]["added"] == ["notice"]
    assert data["age"] >= 0
    assert data["disk"] > 100_000
    assert [each["role"] for each in data["kept"]] == ["published"]


def test_the_status_of_a_damaged_index_says_what_answers(
    command: Command, tmp_path: Path, write_files: WriteFiles
) -> None:
    first = current(tmp_path / "index")
    write_files(tmp_path / "sources", {"notice.md": NOTICE})
    command("sync")
    os.truncate(place_of(tmp_path / "index", str(current(tmp_path / "index"))) / "word_vectors.npy", 10)
    data = json.loads(command("status", "--json").out)
    assert data["generation"] == first
    assert "damaged" in data["health"]
    assert command("sync").code == 0
    assert json.loads(command("status", "--json").out)["health"] == "good"


# --- purge ------------------------------------------------------------------------------------------------------------


def holding(folder: Path, text: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def test_a_purged_source_is_gone_from_every_generation_and_every_file(
    command: Command, tmp_path: Path, write_files: WriteFiles
) -> None:
    write_files(tmp_path / "sources", {"notice.md": NOTICE})
    command("sync")
    write_files(tmp_path / "sources", {"more.md": "The old harbour has two cranes.\n"})
    command("sync")
    write_files(
        tmp_path / "cases", {"ferry.yaml": f"- {{id: fare, question: '{QUESTION}', expect: {{outcome: answered}}}}\n"}
    )
    command("eval", "--accept")
    assert holding(tmp_path / "index", "12 euros")
    assert holding(tmp_path / "cases", "12 euros")
    refused = command("purge", "notice")
    assert refused.code == 2
    assert "notice.md is still there" in refused.err
    (tmp_path / "sources" / "notice.md").unlink()
    run = command("purge", "notice")
    assert (run.code, run.err) == (0, "")
    assert "none of it is left\n" in run.out
    assert not holding(tmp_path / "index", "12 euros")
    assert not holding(tmp_path / "index", "notice@")
    assert not holding(tmp_path / "cases", "12 euros")
    assert len(kept(tmp_path / "index")) == 2
    assert outcome(command) == "unreleased"
    command("rollback")
    assert outcome(command) == "unreleased"
    with Index.open(tmp_path / "index") as index:
        index.check()
        assert list(index.sources) == ["news"]
    unknown = command("purge", "notice")
    assert unknown.code == 2
    assert "holds a source 'notice'. These are there: more, news." in unknown.err


def test_purging_the_only_source_leaves_no_index(command: Command, tmp_path: Path) -> None:
    (tmp_path / "sources" / "news.md").unlink()
    run = command("purge", "news", "--json")
    assert json.loads(run.out)["replaced"][0][1] == ""
    assert kept(tmp_path / "index") == []
    assert command("ask", QUESTION).code == 2


def test_a_reader_that_does_not_move_on_is_cut_off(
    tmp_path: Path, paper: Embedder, write_files: WriteFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "PATIENCE", 0.1)
    sync(
        write_files(tmp_path / "sources", {"a.txt": "Able boats came.", "b.txt": "Big cats ate."}),
        tmp_path / "i",
        paper,
    )
    with Index.open(tmp_path / "i"):
        purged = purging.purge(tmp_path / "i", "a")
    assert purged.cut_off == (purged.replaced[0][0],)
    assert kept(tmp_path / "i") == [purged.replaced[0][1]]


def test_a_generation_that_cannot_be_read_goes_whole(command: Command, tmp_path: Path, write_files: WriteFiles) -> None:
    first = str(current(tmp_path / "index"))
    write_files(tmp_path / "sources", {"notice.md": NOTICE})
    command("sync")
    os.truncate(place_of(tmp_path / "index", first) / "sources.json", 10)
    (tmp_path / "sources" / "news.md").unlink()
    assert command("purge", "news").code == 0
    assert len(kept(tmp_path / "index")) == 1
    assert not holding(tmp_path / "index", "has not been announced")


def test_an_index_that_other_code_has_cut_is_synced_before_a_source_is_purged(
    command: Command, tmp_path: Path, write_files: WriteFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path / "sources", {"notice.md": NOTICE})
    command("sync", "--keep", "1")
    (tmp_path / "sources" / "notice.md").unlink()
    monkeypatch.setattr("index.purge.digest", lambda sources: digest([replace(s, title="Other") for s in sources]))
    refused = command("purge", "notice")
    assert refused.code == 2
    assert "can be built again without 'notice'. Run: onrecord sync; then purge.\n" in refused.err
    assert outcome(command) == "answered"
    command("sync")
    assert command("purge", "notice").code == 0
    assert len(kept(tmp_path / "index")) == 1
    assert outcome(command) == "unreleased"


def test_a_trace_that_is_left_is_no_success(tmp_path: Path, paper: Embedder, write_files: WriteFiles) -> None:
    folder = write_files(
        tmp_path / "sources", {"a.txt": "Able boats came to the harbour late.", "b.txt": "Big cats ate."}
    )
    sync(folder, tmp_path / "i", paper)
    (tmp_path / "i" / "notes.txt").write_text("He wrote: Able boats came to the harbour late.")
    with pytest.raises(OnRecordError, match=r"notes.txt still holds a trace"):
        purging.purge(tmp_path / "i", "a")


# --- the watch itself -------------------------------------------------------------------------------------------------


def test_a_watched_folder_has_a_turn_at_once_and_after_each_change(tmp_path: Path, write_files: WriteFiles) -> None:
    from index.watch import turns

    stop, taken = threading.Event(), threading.Semaphore(0)

    def watch() -> None:
        for _ in turns(tmp_path, stop):
            taken.release()

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        assert taken.acquire(timeout=60)
        write_files(tmp_path, {"a.txt": "Able."})
        assert taken.acquire(timeout=60)
        write_files(tmp_path, {"below/b.txt": "Big."})
        assert taken.acquire(timeout=60)
    finally:
        stop.set()
        watching.join(60)
    assert not watching.is_alive()
