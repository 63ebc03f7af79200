"""Refused questions are noted, and nothing else is; `onrecord gaps` puts alike ones together and asks them again."""

import fcntl
import json
import logging
import multiprocessing
import os
import re
import resource
import stat
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import combinations
from multiprocessing.synchronize import Barrier
from pathlib import Path

import httpx
import numpy as np
import pytest

import assistant.gaps as module
from assistant.answer import MOST_LETTERS, Answer, Assistant
from assistant.compose import Segment
from assistant.gaps import Asked, Gaps, Noted, groups, survey, together
from assistant.settings import Settings
from index.embed import Embedder, unit
from index.errors import InputError
from tests.conftest import Command
from tests.corpus import PASS, assistant_over
from tests.serving import served

TIMETABLE = """---
id: timetable
title: The timetable of the night ferry
publisher: Port Gazette
published: 2025-08-01
---

The night ferry sails at 22:30 every day. The timetable of the night ferry was announced on 1 August 2025.
"""
ANSWERED = "What does the harbour pass cost?"
UNRELEASED = "What is the timetable of the night ferry?"
ABSENT = "Are dogs allowed on the night ferry?"
HALF = "What does the harbour pass cost, and who designed the harbour pass?"
CAP = 60  # seconds

# Three wordings of each question; the questions of a field are about one thing, or ask the same of different ones. Not
# those by which the threshold was chosen.
WORDINGS = (
    ("What is the rent for an allotment?", "How much does an allotment cost a year?", "yearly allotment rent"),
    ("How long is the waiting list for an allotment?", "How many people wait for an allotment?", "allotment waiting list length"),
    ("May I keep hens on my allotment?", "Are chickens allowed on an allotment?", "Is it permitted to keep hens at the allotment?"),
    ("Who looks after the paths between the plots?", "Who maintains the paths among the plots?", "Whose job is it to keep up the paths between the plots?"),
    ("When does the swimming pool reopen after the repairs?", "What date will the pool open again once repaired?", "reopening date of the swimming pool"),
    ("How warm is the water in the pool?", "What is the temperature of the pool water?", "pool water temperature"),
    ("From what age may children swim alone?", "How old must a child be to swim without an adult?", "minimum age for swimming unaccompanied"),
    ("How much is a family ticket for the pool?", "What does a family ticket to the swimming pool cost?", "price of the pool's family ticket"),
    ("Which villages will get fibre first?", "What villages are the first to be connected to fibre?", "first villages with fibre"),
    ("How fast will the fibre connection be?", "What speed does the fibre line offer?", "fibre connection speed"),
    ("Must I pay for the fibre connection to my house?", "Is connecting my house to fibre free?", "Does it cost anything to have the house connected to fibre?"),
    ("Which company lays the fibre cables?", "Who is laying the cables for fibre?", "What firm installs the fibre cables?"),
    ("Do I need a licence to fish in the lake?", "Is a permit required for fishing in the lake?", "fishing licence needed for the lake?"),
    ("In which months is trout fishing banned?", "When is the closed season for trout?", "closed season trout"),
    ("How many trout may I catch a day?", "What is the daily catch limit for trout?", "trout daily limit"),
    ("Who checks fishing licences?", "Which authority inspects licences for fishing?", "Who controls whether anglers have a licence?"),
    ("How many hours is the language course a week?", "What is the weekly number of lessons of the language course?", "language course hours per week"),
    ("Do I get a certificate after the language course?", "Is a certificate issued at the end of the language course?", "Does the language course end with a certificate?"),
    ("Can I get my money back if I drop out of the course?", "Is the fee refunded when someone leaves the course early?", "refund for leaving a course early"),
    ("Who teaches the pottery course?", "What is the name of the pottery teacher?", "pottery course teacher"),
    ("How many volunteers does the fire brigade have?", "What is the number of volunteer firefighters?", "number of volunteers in the fire brigade"),
    ("How quickly does the fire brigade arrive?", "What is the response time of the fire brigade?", "fire brigade response time"),
    ("When will the new fire engine be delivered?", "What is the delivery date of the new fire engine?", "On what date does the new fire engine arrive?"),
    ("Are bonfires allowed in summer?", "May one light a bonfire during the summer?", "Is it legal to have bonfires in summer?"),
)  # fmt: skip


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Assistant]:
    """A real assistant over one source, in sources/ and index/ of a folder."""
    folder = tmp_path_factory.mktemp("gaps")
    with assistant_over(folder, {"pass.md": PASS}, embedder) as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where refused questions are noted; not there yet."""
    return tmp_path / "gaps.jsonl"


@pytest.fixture
def on_pass(onrecord_in: Callable[[Path], Command], assistant: Assistant) -> Command:
    """The command on the assistant's sources and index."""
    return onrecord_in(assistant.index.place.parents[2])


def refused(question: str, outcome: str = "not_in_sources") -> Answer:
    segments = (Segment("The sources do not say.", (), outcome, "notice"),)
    return Answer(question, question, outcome, segments, (), (), None, "g")


def noted(question: str, hour: str = "2025-06-01T08:00Z") -> Noted:
    return Noted(hour, question, "not_in_sources", "g")


def write(file: Path, *questions: str, hour: str = "2025-06-01T08:00Z") -> None:
    line = {"time": hour, "outcome": "not_in_sources", "generation": "g"}
    with file.open("a", encoding="ascii") as lines:
        lines.writelines(f"{json.dumps({**line, 'question': question})}\n" for question in questions)


def questions(file: Path) -> list[str]:
    return [entry.question for entry in Gaps(file).read().noted]


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "onrecord"]


# ---------------------------------------------------------------- what is noted


@pytest.mark.parametrize(
    ("question", "outcome"), [(UNRELEASED, "unreleased"), (ABSENT, "not_in_sources"), (HALF, "partial")]
)
def test_a_refused_question_is_noted_with_its_hour_outcome_and_generation(
    assistant: Assistant, file: Path, question: str, outcome: str
) -> None:
    Gaps(file).note(assistant.answer(question))
    line = json.loads(file.read_bytes())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:00Z", line.pop("time"))
    assert line == {"question": question, "outcome": outcome, "generation": assistant.index.id}


@pytest.mark.parametrize("question", [ANSWERED, "hello", "Thanks!", "What can you do?"])
def test_what_is_answered_and_a_greeting_are_no_gaps(assistant: Assistant, file: Path, question: str) -> None:
    Gaps(file).note(assistant.answer(question))
    assert not file.exists()


def test_a_contradiction_is_no_gap(file: Path) -> None:
    sides = (Segment("The sources differ:", (), "conflicting", "notice"),)
    Gaps(file).note(replace(refused("What is the fare?", "conflicting"), segments=sides))
    assert not file.exists()


def test_a_follow_up_is_noted_as_it_was_understood(assistant: Assistant, file: Path) -> None:
    answer = assistant.answer("And who designed it?", [ANSWERED])
    Gaps(file).note(answer)
    assert questions(file) == [answer.standalone_question]
    assert "harbour pass" in questions(file)[0]


def test_nothing_that_a_source_says_is_noted(assistant: Assistant, file: Path) -> None:
    log = Gaps(file)
    history: list[Mapping[str, str]] = []
    for question in (ANSWERED, UNRELEASED, HALF, ABSENT, "And who designed it?", "What is not known yet?"):
        answer = assistant.answer(question, history)
        log.note(answer)
        history.append({"question": question, "answer": answer.text})
    text = file.read_text("ascii")
    assert text.count("\n") >= 4
    for sentence in assistant.index.sentences:
        assert sentence.text.rstrip(".") not in text


def test_the_file_is_its_owners_alone_and_keeps_the_mode_it_is_given(file: Path) -> None:
    Gaps(file).note(refused("What is the fare?"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o640)
    Gaps(file).note(refused("What is the fare?"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_whatever_a_question_holds_is_one_line_of_ascii(file: Path) -> None:
    hostile = 'a\nb\r\x00\x1b[31m\u2028\u202e"}, {日本 \ud800'
    Gaps(file).note(refused(hostile))
    assert file.read_bytes().count(b"\n") == 1
    assert re.fullmatch(rb"[ -~]+\n", file.read_bytes())
    assert json.loads(file.read_bytes())["question"] == hostile


def test_a_question_longer_than_any_that_is_answered_is_cut(file: Path) -> None:
    Gaps(file).note(refused("long " * MOST_LETTERS))
    assert questions(file) == [("long " * MOST_LETTERS)[:MOST_LETTERS]]


def test_a_line_that_broke_off_does_not_take_the_next_with_it(file: Path) -> None:
    file.write_text('{"time": "2025-', "ascii")
    Gaps(file).note(refused("What is the fare?"))
    contents = Gaps(file).read()
    assert ([entry.question for entry in contents.noted], contents.damaged) == (["What is the fare?"], 1)


# ---------------------------------------------------------------- what goes wrong fails no answer


@pytest.mark.parametrize("place", ["missing/gaps.jsonl", ".", "/dev/full"])
def test_a_file_that_cannot_be_written_is_told_once(
    tmp_path: Path, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    log = Gaps(tmp_path / place)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(log.note, [refused("What is the fare?")] * 50))
    [message] = told(caplog)
    assert str(tmp_path / place) in message


def test_a_pipe_that_nobody_empties_stops_no_answer(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    os.mkfifo(file)
    held = os.open(file, os.O_RDWR)
    log = Gaps(file)
    for _ in range(100):
        log.note(refused("x" * MOST_LETTERS))
    os.close(held)
    assert len(told(caplog)) == 1


def test_what_is_not_written_whole_is_not_written(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    log = Gaps(file)
    log.note(refused("What is the fare?"))
    before = file.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 20, limits[1]))
    try:
        log.note(refused("What is the fare of the night ferry?"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert file.read_bytes() == before
    assert len(told(caplog)) == 1


def test_a_full_file_grows_no_more_and_is_told_once(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 1_000)
    log = Gaps(file)
    for _ in range(50):
        log.note(refused("What is the fare?"))
    size = file.stat().st_size
    assert 1_000 <= size < 1_200
    assert log.read().full
    [message] = told(caplog)
    assert f"onrecord gaps {file}" in message
    log.remove()
    log.note(refused("What is the fare?"))
    assert questions(file) == ["What is the fare?"]
    assert not log.read().full


def test_served_questions_are_noted_without_who_asked_and_an_unwritable_file_fails_none(
    assistant: Assistant, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    headers = {"user-agent": "a-browser", "authorization": "Bearer a-secret", "referer": "https://example.org/a-page"}
    with served(assistant, Settings(gaps=str(file))) as address, httpx.Client(headers=headers) as client:
        for question in (UNRELEASED, ANSWERED, "hello"):
            assert client.post(f"{address}/api/ask", json={"question": question}).status_code == 200
    assert questions(file) == [UNRELEASED]
    for secret in ("127.0.0.1", "a-browser", "a-secret", "example.org"):
        assert secret not in file.read_text()
    file.unlink()
    file.mkdir()
    with served(assistant, Settings(gaps=str(file))) as address, httpx.Client() as client:
        for _ in range(2):
            reply = client.post(f"{address}/api/ask", json={"question": UNRELEASED})
            assert reply.json()["outcome"] == "unreleased"
    assert len(told(caplog)) == 1


def test_who_holds_the_file_holds_up_no_answer(assistant: Assistant, file: Path) -> None:
    file.touch()
    with served(assistant, Settings(gaps=str(file))) as address, file.open() as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        for _ in range(2):
            assert httpx.post(f"{address}/api/ask", json={"question": UNRELEASED}).status_code == 200
        assert file.stat().st_size == 0
    assert questions(file) == [UNRELEASED] * 2


def test_who_never_gives_the_file_back_is_told_of(
    file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SECONDS_TO_LOCK", 0.0)
    file.touch()
    with file.open() as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        Gaps(file).note(refused("What is the fare?"))
    assert "another process holds it" in told(caplog)[0]
    assert questions(file) == []


def note_many(file: Path, process: str, together: Barrier) -> None:
    """Note questions from three threads, which begin when all processes do."""
    log = Gaps(file)

    def note(thread: int) -> None:
        together.wait(CAP)
        for number in range(60):
            kept = "keep" if number % 3 else "drop"
            log.note(refused(f"{process} {thread} {number} {kept} {'x' * 60 * number}"))

    with ThreadPoolExecutor(3) as threads:
        list(threads.map(note, range(3)))


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # the children do nothing but this
def test_processes_that_write_at_once_while_one_removes_lose_and_tear_no_line(file: Path) -> None:
    file.touch()
    context = multiprocessing.get_context("fork")
    together = context.Barrier(10)
    writers = [context.Process(target=note_many, args=(file, name, together), daemon=True) for name in "abc"]
    for writer in writers:
        writer.start()
    together.wait(CAP)
    for _ in range(30):
        Gaps(file).remove("drop")
    for writer in writers:
        writer.join(CAP)
        assert writer.exitcode == 0
    Gaps(file).remove("drop")
    contents = Gaps(file).read()
    assert contents.damaged == 0
    found = [tuple(entry.question.split()[:3]) for entry in contents.noted]
    assert sorted(found) == sorted((p, str(t), str(n)) for p in "abc" for t in range(3) for n in range(60) if n % 3)


# ---------------------------------------------------------------- alike questions


def test_paraphrases_of_fields_it_was_not_chosen_on_come_together_and_others_stay_apart(embedder: Embedder) -> None:
    texts = sorted(text for wordings in WORDINGS for text in wordings)
    meant = {text: number for number, wordings in enumerate(WORDINGS) for text in wordings}
    found = groups(np.stack([encoded.vector for encoded in embedder.encode(texts)]))
    joined = {frozenset((texts[a], texts[b])) for group in found for a, b in combinations(group, 2)}
    alike = {frozenset(pair) for wordings in WORDINGS for pair in combinations(wordings, 2)}
    assert len({meant[text] for text in texts}) == 24
    assert len(joined & alike) >= 0.95 * len(joined)
    assert len(joined & alike) >= 0.8 * len(alike)


def at(*degrees: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Unit vectors in a plane."""
    angles = np.radians(degrees)
    return unit(np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32))


def test_a_question_joins_the_group_it_is_nearest_to_on_average() -> None:
    assert groups(at(0, 90, 10, 80, 200), least=0.9) == [[0, 2], [1, 3], [4]]
    assert groups(at(0, 40, 22), least=0.9) == [[0], [1, 2]]
    assert groups(at(0, 20, 40), least=0.9) == [[0, 1], [2]]  # alike to the second, and to both not enough
    assert groups(at()[:0]) == []


def test_the_question_in_the_middle_stands_for_its_gap() -> None:
    asked = [Asked(name, 1, "2025-06-01T08:00Z", "2025-06-01T08:00Z", "unreleased", "") for name in "abc"]
    vectors = dict(zip("abc", at(0, 20, 10), strict=True))
    [gap] = together(asked, vectors)
    assert [each.question for each in gap.questions] == ["c", "a", "b"]
    often = [replace(asked[0], times=9, first="2025-05-01T08:00Z"), *asked[1:]]
    [gap] = together(often, vectors)
    assert (gap.questions[0].question, gap.times) == ("a", 11)
    assert (gap.first, gap.last) == ("2025-05-01T08:00Z", "2025-06-01T08:00Z")


def test_of_two_wordings_the_one_asked_more_often_stands_for_both_or_else_the_first_in_the_alphabet() -> None:
    rows = unit(np.random.default_rng(0).normal(size=(100, 384)).astype(np.float32))
    hour = "2025-06-01T08:00Z"
    for one, other in zip(rows[::2], unit(rows[::2] + 0.1 * rows[1::2]), strict=True):
        asked = [Asked(name, 1, hour, hour, "unreleased", "") for name in "ba"]
        [gap] = together(asked, {"a": one, "b": other})
        assert gap.questions[0].question == "a"
        [gap] = together([replace(asked[0], times=2), asked[1]], {"a": one, "b": other})
        assert gap.questions[0].question == "b"


def test_a_survey_does_not_depend_on_the_order_of_the_file(assistant: Assistant) -> None:
    entries = [
        noted(text, f"2025-06-{day:02}T08:00Z")
        for day, text in enumerate(
            (UNRELEASED, "When does the night ferry sail?", "night ferry timetable", ABSENT, ABSENT, HALF, ANSWERED), 1
        )
    ]
    found = survey(entries, assistant)
    assert [(gap.questions[0].outcome, gap.times, len(gap.questions)) for gap in found.open] == [
        ("unreleased", 3, 3), ("not_in_sources", 2, 1), ("not_in_sources", 1, 1),
    ]  # fmt: skip
    assert survey(entries[::-1], assistant) == found


def test_only_the_refused_part_of_a_question_is_a_gap(assistant: Assistant) -> None:
    found = survey([noted(HALF), noted("Who designed the harbour pass?")], assistant)
    [gap] = found.open
    assert gap.times == 2
    assert all("cost" not in asked.question for asked in gap.questions)
    assert found.closed == ()


# ---------------------------------------------------------------- the command


def test_gaps_are_listed_most_asked_first_with_what_is_nearest(
    on_pass: Command, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "250")  # no path is too long for a line
    write(file, ABSENT, UNRELEASED, hour="2025-06-01T08:00Z")
    write(file, "When does the night ferry sail?", hour="2025-06-03T19:00Z")
    run = on_pass("gaps", str(file))
    assert (run.code, run.err) == (0, "")
    assert run.out == (
        f"Refused, and not answered since: 2 questions, asked 3 times ({file})\n"
        f"     2  {UNRELEASED}\n"
        "        Not released yet · 2025-06-01 to 2025-06-03 in 2 wordings · nearest: pass\n"
        f"     1  {ABSENT}\n"
        "        Not in the sources · 2025-06-01 · nearest: pass\n"
    )
    assert ABSENT not in on_pass("gaps", str(file), "--least", "2").out


def test_json_is_alone_on_standard_output(on_pass: Command, file: Path) -> None:
    write(file, UNRELEASED, UNRELEASED, ANSWERED)
    report = json.loads(on_pass("gaps", str(file), "--json").out)
    [gap], [closed] = report.pop("open"), report.pop("closed")
    assert report == {"file": str(file), "noted": 3, "damaged": 0, "full": False}
    wording = gap.pop("questions")
    assert wording == [gap]
    assert gap == {
        "question": UNRELEASED, "times": 2, "first": "2025-06-01T08:00Z", "last": "2025-06-01T08:00Z",
        "outcome": "unreleased", "nearest": "pass",
    }  # fmt: skip
    assert (closed["question"], closed["outcome"]) == (ANSWERED, "answered")


def test_what_the_sources_say_since_is_closed(
    command: Command, tmp_path: Path, file: Path, write_files: Callable[[Path, Mapping[str, str]], Path]
) -> None:
    write_files(tmp_path / "sources", {"pass.md": PASS})
    command("sync")
    write(file, UNRELEASED)
    assert "Not released yet" in command("gaps", str(file)).out
    write_files(tmp_path / "sources", {"timetable.md": TIMETABLE})
    command("sync")
    run = command("gaps", str(file))
    assert "not answered since: 0 questions, asked 0 times" in run.out
    assert "Answered now: 1 question, asked 1 time, listed with --all\n" in run.out
    assert UNRELEASED not in run.out
    assert (
        f"     1  {UNRELEASED}\n        Answered · 2025-06-01 · nearest: timetable\n"
        in command("gaps", str(file), "--all").out
    )


@pytest.mark.parametrize(
    "line",
    [
        "{", "[]", "null", "x", '"time"', "{}", "[" * 100_000, "\\xff", "9" * 5_000,
        '{"time": "2025-06-01T08:00Z", "outcome": "o", "generation": "g"}',
        '{"time": "2025-06-01T08:00Z", "question": 1, "outcome": "o", "generation": "g"}',
        '{"time": "2025-06-01T08:00Z", "question": " ", "outcome": "o", "generation": "g"}',
        '{"time": "2025-06-01T08:00Z", "question": "\\ud800", "outcome": "o", "generation": "g"}',
        '{"time": "yesterday", "question": "a", "outcome": "o", "generation": "g"}',
        '{"time": null, "question": "a", "outcome": "o", "generation": "g"}',
        json.dumps({"time": "2025-06-01T08:00Z", "question": "a" * 4_001, "outcome": "o", "generation": "g"}),
    ],
)  # fmt: skip
def test_a_damaged_line_is_left_out_and_counted(file: Path, line: str) -> None:
    write(file, UNRELEASED)
    with file.open("ab") as lines:
        lines.write(line.encode("ascii").replace(b"\\xff", b"\xff") + b"\n\n")
    write(file, ABSENT)
    contents = Gaps(file).read()
    assert contents.damaged == 1
    assert questions(file) == [UNRELEASED, ABSENT]


def test_damage_and_a_full_file_are_told_beside_the_gaps(
    on_pass: Command, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    write(file, UNRELEASED)
    with file.open("a") as lines:
        lines.write("damaged\n" * 3)
    run = on_pass("gaps", str(file))
    assert UNRELEASED in run.out
    assert f"damaged lines of {file}, left out: 3\n" in run.err
    assert f"{file} is full" in run.err


def test_a_question_cannot_steer_the_terminal(on_pass: Command, file: Path) -> None:
    write(file, "Who painted the \x1b[31mharbour\x07 \u202epass\u202c [bold]red[/bold]?\nwhen")
    run = on_pass("gaps", str(file))
    assert "[bold]red[/bold]" in run.out
    assert not set("\x1b\x07\u202e\u202c") & set(run.out)


def test_an_empty_file_has_no_gaps_and_needs_no_index(command: Command, file: Path) -> None:
    file.touch()
    run = command("gaps", str(file))
    assert (run.code, run.err) == (0, "")
    assert "0 questions" in run.out


def test_the_file_may_come_from_the_environment(on_pass: Command, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(file, UNRELEASED)
    monkeypatch.setenv("ONRECORD_GAPS", str(file))
    assert UNRELEASED in on_pass("gaps").out


def test_no_file_is_told_with_what_to_do(command: Command, tmp_path: Path) -> None:
    run = command("gaps")
    assert (run.code, run.out) == (2, "")
    assert "onrecord gaps FILE" in run.err
    assert "ONRECORD_GAPS" in run.err
    for words in (["gaps"], ["gaps", "--forget"], ["gaps", "--remove", "x"]):
        run = command(*words, str(tmp_path / "nowhere"))
        assert (run.code, run.out) == (2, "")
        assert f"{tmp_path / 'nowhere'} cannot be used (No such file or directory)" in run.err
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_is_no_file_of_questions(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Is a directory"):
        Gaps(tmp_path).read()


def test_questions_with_a_text_are_removed_in_place_with_damaged_lines(command: Command, file: Path) -> None:
    write(file, "What is the fare?", "May Jane\n Doe of 4 Hill Road park here?", "Is it free for jane doe?", UNRELEASED)
    before = file.stat()
    with file.open("a") as lines:
        lines.write("Jane D")
    run = command("gaps", str(file), "--remove", "jane doe")
    assert (run.code, run.out) == (0, f"Removed 3 of 5 lines of {file}\n")
    assert questions(file) == ["What is the fare?", UNRELEASED]
    assert "Jane" not in file.read_text()
    assert (file.stat().st_ino, file.stat().st_mode) == (before.st_ino, before.st_mode)
    assert command("gaps", str(file), "--remove", "jane").out == f"Removed 0 of 2 lines of {file}\n"


def test_all_questions_are_forgotten(command: Command, file: Path) -> None:
    write(file, "What is the fare?", UNRELEASED)
    run = command("gaps", str(file), "--forget", "--json")
    assert json.loads(run.out) == {"file": str(file), "removed": 2, "left": 0}
    assert file.read_bytes() == b""


@pytest.mark.parametrize("words", [["--forget", "--remove", "x"], ["--remove", " "]])
def test_what_is_to_be_removed_must_be_clear(command: Command, file: Path, words: list[str]) -> None:
    write(file, UNRELEASED)
    run = command("gaps", str(file), *words)
    assert (run.code, run.out) == (2, "")
    assert questions(file) == [UNRELEASED]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to any file")
def test_a_file_that_may_only_be_read_is_read(file: Path) -> None:
    write(file, UNRELEASED)
    file.chmod(0o400)
    assert questions(file) == [UNRELEASED]
    with pytest.raises(InputError, match="Permission denied"):
        Gaps(file).remove()
