"""The command line: what goes to which stream, with which exit code; and what importing it costs.

What is answered is tested elsewhere. Most tests run `main()` here with the model loaded once; the few marked slow run
the command in a process of its own.
"""

import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import pytest

import onrecord
from assistant.answer import Assistant
from assistant.batch import answers
from assistant.settings import Settings
from index.embed import Embedder
from index.errors import InputError, OnRecordError
from index.generation import Index
from tests.conftest import Command, Run
from tests.corpus import PASS, published

FILES = {"pass.md": PASS, "README.md": "About the sources.", "picture.xyz": "?"}
QUESTION = "What does the harbour pass cost?"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """A folder with `FILES` in sources/, indexed in index/. Tests leave it as it is."""
    folder = tmp_path_factory.mktemp("corpus")
    published(folder, FILES, embedder)
    return folder


@pytest.fixture
def indexed(onrecord_in: Callable[[Path], Command], corpus: Path) -> Command:
    """The command on `corpus`."""
    return onrecord_in(corpus)


def batch(folder: Path, *lines: str) -> str:
    path = folder / "questions.jsonl"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return str(path)


# ---------------------------------------------------------------- ask


def test_an_answer_shows_outcome_sentence_and_numbered_citation(indexed: Command) -> None:
    run = indexed("ask", QUESTION)
    assert (run.code, run.err) == (0, "")
    assert run.out.startswith("Answered (as of 2025-05-02)\n")
    assert "The harbour pass costs 20 euros a year. [1]" in run.out
    assert "[1] “The harbour pass costs 20 euros a year.”\n    Port Gazette, 2025-05-02 · The harbour pass\n" in run.out
    assert "    https://example.org/pass#:~:text=" in run.out


def test_json_is_the_answer_and_nothing_else(indexed: Command) -> None:
    run = indexed("ask", QUESTION, "--json")
    answer = json.loads(run.out)
    assert (run.code, run.err) == (0, "")
    assert list(answer) == [
        "question", "standalone_question", "outcome", "segments", "text", "citations", "related", "as_of", "generation",
    ]  # fmt: skip
    assert answer["citations"][0]["quote"] == "The harbour pass costs 20 euros a year."


def test_a_refusal_is_a_correct_answer_and_exits_with_0(indexed: Command) -> None:
    run = indexed("ask", "What is the timetable of the night ferry?")
    assert run.code == 0
    assert run.out.startswith("Not released yet")


def test_explain_leaves_json_alone_on_standard_output(indexed: Command) -> None:
    run = indexed("ask", QUESTION, "--json", "--explain")
    assert json.loads(run.out)["outcome"] == "answered"
    assert QUESTION in run.err


def test_a_greeting_is_answered_without_an_outcome(indexed: Command) -> None:
    run = indexed("ask", "hello")
    assert run.code == 0
    assert "Answered" not in run.out
    assert "1 source" in run.out


@pytest.mark.parametrize("words", [["ask"], ["ask", ""], ["ask", "  "]])
def test_no_question_is_a_usage_error(command: Command, words: list[str]) -> None:
    run = command(*words)
    assert (run.code, run.out) == (2, "")
    assert "No question given" in run.err


def test_without_an_index_the_error_is_the_command_that_builds_it(command: Command, tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    run = command("ask", QUESTION)
    assert (run.code, run.out) == (2, "")
    assert f"onrecord --sources {tmp_path / 'sources'} --index {tmp_path / 'index'} sync" in run.err
    assert "Traceback" not in run.err


def test_usual_folders_are_left_out_of_that_command(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sources").mkdir()
    assert command("ask", QUESTION, where=False).err.endswith("with: onrecord sync\n")


def test_folders_may_come_from_the_environment(indexed: Command, corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRECORD_INDEX", str(corpus / "index"))
    assert indexed("ask", QUESTION, where=False).code == 0


def test_a_wrong_setting_is_refused_in_a_sentence(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRECORD_THREADS", "many")
    run = command("status")
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith("onrecord: ONRECORD_THREADS is 'many'")


def test_source_text_cannot_steer_the_terminal(
    command: Command, tmp_path: Path, write_files: Callable[[Path, Mapping[str, str]], Path]
) -> None:
    steering = PASS.replace("20 euros", "\x1b[31m20\x1b[0m \x07euros \u202eabc\u202c [bold]now[/bold]")
    write_files(tmp_path / "sources", {"pass.md": steering})
    command("sync")
    run = command("ask", QUESTION)
    assert "[bold]now[/bold]" in run.out
    assert not set("\x1b\x07\u202e\u202c") & set(run.out)


def test_an_interruption_ends_in_one_line_and_130(indexed: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(Assistant, "answer", interrupted)
    run = indexed("ask", QUESTION)
    assert run == Run(130, "", "onrecord: interrupted\n")


# ---------------------------------------------------------------- ask --batch


def test_a_batch_answers_in_order_and_keeps_ids(indexed: Command, tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": "a", "question": QUESTION}),
        "",
        json.dumps({"id": 2, "question": "What is the timetable of the night ferry?"}),
        json.dumps({"question": QUESTION}),
    ]
    run = indexed("ask", "--batch", batch(tmp_path, *lines))
    records = [json.loads(line) for line in run.out.splitlines()]
    assert (run.code, run.err) == (0, "")
    assert [record["id"] for record in records] == ["a", 2, None]
    assert [record["outcome"] for record in records] == ["answered", "unreleased", "answered"]


def test_a_batch_record_is_the_answer_with_an_id(indexed: Command, tmp_path: Path) -> None:
    alone = json.loads(indexed("ask", QUESTION, "--json").out)
    run = indexed("ask", "--batch", batch(tmp_path, json.dumps({"id": 7, "question": QUESTION})))
    assert json.loads(run.out) == {"id": 7, **alone}


@pytest.mark.parametrize(
    "line",
    [
        "{not json",
        '"a text"',
        '{"id": 5}',
        '{"id": 5, "question": 3}',
        '{"id": 5, "question": " "}',
        '{"id": NaN, "question": "What?"}',
        '{"id": 5, "question": "What?", "history": "none"}',
        '{"id": 5, "question": "What?", "history": [{"answer": "x"}]}',
        "[" * 100_000,
    ],
)
def test_a_line_that_cannot_be_answered_is_told_and_stops_no_other(indexed: Command, tmp_path: Path, line: str) -> None:
    good = json.dumps({"id": 1, "question": QUESTION})
    run = indexed("ask", "--batch", batch(tmp_path, good, line, good))
    first, bad, last = map(json.loads, run.out.splitlines())
    assert run.code == 2
    assert first == last
    assert set(bad) == {"id", "error"}
    assert "questions.jsonl, line 2: " in run.err


def test_a_line_that_is_not_utf8_is_told(indexed: Command, tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_bytes(b'{"id": 1, "question": "caf\xe9"}\n')
    run = indexed("ask", "--batch", str(path))
    assert run.code == 2
    assert json.loads(run.out) == {"id": None, "error": "The line is not UTF-8."}


def test_half_a_surrogate_pair_does_not_break_the_output(indexed: Command, tmp_path: Path) -> None:
    run = indexed(
        "ask", "--batch", batch(tmp_path, '{"id": "\\ud83d", "question": "What does the harbour pass cost?"}')
    )
    assert run.code == 0
    assert json.loads(run.out)["id"] == "\ud83d"


def test_a_byte_order_mark_is_no_part_of_the_first_line(indexed: Command, tmp_path: Path) -> None:
    assert indexed("ask", "--batch", batch(tmp_path, "\ufeff" + json.dumps({"question": QUESTION}))).code == 0


def test_standard_input_is_a_batch_too(indexed: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.TextIOWrapper(io.BytesIO(json.dumps({"id": 1, "question": QUESTION}).encode()))
    monkeypatch.setattr(sys, "stdin", given)
    assert json.loads(indexed("ask", "--batch", "-").out)["id"] == 1


def test_earlier_questions_count_in_a_batch(indexed: Command, tmp_path: Path) -> None:
    follow_up = {"question": "Where do residents buy it?", "history": [{"question": QUESTION, "answer": "20 euros"}]}
    record = json.loads(indexed("ask", "--batch", batch(tmp_path, json.dumps(follow_up))).out)
    assert "pass" in record["standalone_question"]


def test_each_line_is_answered_before_the_next_is_read(corpus: Path, embedder: Embedder) -> None:
    read: list[int] = []

    def lines() -> Iterator[bytes]:
        for number in (1, 2):
            read.append(number)
            yield json.dumps({"id": number, "question": QUESTION}).encode()

    with Assistant(Index.open(corpus / "index", embedder), embedder) as assistant:
        results = answers(assistant, lines())
        assert next(results).record["id"] == 1
        assert read == [1]


def test_a_missing_batch_file_is_named(indexed: Command) -> None:
    run = indexed("ask", "--batch", "nowhere.jsonl")
    assert (run.code, run.out) == (2, "")
    assert "nowhere.jsonl" in run.err


@pytest.mark.parametrize("more", [["A question?"], ["--history", "Earlier?"], ["--explain"]])
def test_a_batch_takes_its_questions_from_the_file_alone(indexed: Command, tmp_path: Path, more: list[str]) -> None:
    run = indexed("ask", "--batch", batch(tmp_path, "{}"), *more)
    assert (run.code, run.out) == (2, "")
    assert "--batch takes its questions from the file" in run.err


# ---------------------------------------------------------------- sync, unreleased, status


def test_a_sync_says_what_it_added_and_skipped_and_published(
    command: Command, tmp_path: Path, write_files: Callable[[Path, Mapping[str, str]], Path]
) -> None:
    write_files(tmp_path / "sources", FILES)
    run = command("sync")
    assert (run.code, run.err) == (0, "")
    assert "added     1 source: pass\n" in run.out
    assert "skipped   README.md: " in run.out
    assert "skipped   picture.xyz: " in run.out
    assert "1 source, 3 sentences in " in run.out
    assert "1 open point\n" in run.out
    assert "Published generation " in run.out


def test_a_second_sync_changes_nothing(indexed: Command) -> None:
    run = indexed("sync")
    assert "unchanged 1 source: pass\n" in run.out
    assert "Nothing has changed" in run.out


def test_a_dry_run_writes_nothing(
    command: Command, tmp_path: Path, write_files: Callable[[Path, Mapping[str, str]], Path]
) -> None:
    write_files(tmp_path / "sources", FILES)
    run = command("sync", "--dry-run")
    assert run.code == 0
    assert "added     1 source: pass\n" in run.out
    assert "Nothing was written" in run.out
    assert not (tmp_path / "index").exists()


def test_sync_json_is_alone_on_standard_output(indexed: Command) -> None:
    report = json.loads(indexed("sync", "--json").out)
    assert report["unchanged"] == ["pass"]
    assert report["published"] is False


def test_dropped_text_is_shown_with_its_reason(
    command: Command, tmp_path: Path, write_files: Callable[[Path, Mapping[str, str]], Path]
) -> None:
    body = "The harbour pass costs 20 euros a year. It is sold at the office.\n\nLeave a comment\n"
    write_files(tmp_path / "sources", {"page.txt": "The harbour pass\n\n" + body})
    run = command("sync", "--show-dropped")
    assert any(line.startswith("page ") and "Leave a comment" in line for line in run.out.splitlines())


def test_a_missing_sources_folder_is_named(command: Command, tmp_path: Path) -> None:
    run = command("sync")
    assert (run.code, run.out) == (2, "")
    assert str(tmp_path / "sources") in run.err


def test_open_points_are_listed_with_quote_publisher_and_date(indexed: Command) -> None:
    run = indexed("unreleased")
    assert run.code == 0
    assert "“The timetable of the night ferry has not been announced.”" in run.out
    assert "Port Gazette, 2025-05-02" in run.out


def test_open_points_in_json_carry_their_offsets(indexed: Command) -> None:
    (entry,) = json.loads(indexed("unreleased", "--json").out)
    assert entry["status"] == "open"
    assert entry["source"] == "pass"
    assert entry["end"] - entry["start"] == len(entry["quote"])


def test_status_says_what_answers(indexed: Command) -> None:
    state: dict[str, Any] = json.loads(indexed("status", "--json").out)
    assert (state["sources"], state["sentences"], state["open_points"]) == (1, 3, 1)
    assert f"generation  {state['generation']}\n" in indexed("status").out


def test_status_names_the_reranker_that_is_set(indexed: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "reranker" not in indexed("status").out
    monkeypatch.setenv("ONRECORD_RERANKER", "some/cross-encoder")
    assert "reranker    some/cross-encoder\n" in indexed("status").out
    assert json.loads(indexed("status", "--json").out)["reranker"] == "some/cross-encoder"


def test_settings_lists_every_variable(command: Command) -> None:
    assert len(command("settings").out.splitlines()) == len(Settings.__dataclass_fields__)


def test_progress_off_a_terminal_is_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 9.0, 10.0, 15.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    show = onrecord._lines_of_progress()
    show("read", 8, 8)
    show("embed", 1, 1_000)
    show("embed", 300, 1_000)
    show("embed", 600, 1_000)
    monkeypatch.undo()
    assert capsys.readouterr().err == "Encoding passages: 600 of 1,000\n"


@pytest.mark.slow
def test_the_chat_says_where_it_is_and_ends_when_interrupted(corpus: Path) -> None:
    words = ["--sources", str(corpus / "sources"), "--index", str(corpus / "index"), "chat", "--port", "0"]
    code = "import onrecord; onrecord.main()"
    # What a shell starts in the background ignores SIGINT, and so would the chat, were this run there.
    listening = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(
        [sys.executable, "-c", code, *words], stderr=subprocess.PIPE, text=True, preexec_fn=listening
    ) as chat:
        assert chat.stderr is not None
        assert chat.stderr.readline().startswith("On Record is at http://127.0.0.1:")
        chat.send_signal(signal.SIGINT)
        try:
            assert chat.communicate(timeout=60)[1] == "onrecord: interrupted\n"
        finally:
            chat.kill()
    assert chat.returncode == 130


# ---------------------------------------------------------------- the front door


def test_the_version_needs_no_command(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: f"of {name}")
    assert command("--version", where=False) == Run(0, "onrecord of onrecord\n", "")


def test_public_names_are_found_and_others_are_not() -> None:
    assert onrecord.Assistant is Assistant
    assert issubclass(InputError, OnRecordError)
    with pytest.raises(AttributeError, match="no attribute 'Assistent'"):
        onrecord.Assistent  # noqa: B018


def test_importing_onrecord_loads_nothing_heavy() -> None:
    code = (
        "import sys, onrecord; "
        "print([m for m in ('torch', 'chromadb', 'gradio', 'langchain_core', 'numpy', 'pydantic') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


@pytest.mark.slow
def test_a_fresh_process_asks_without_a_word_on_standard_error_and_without_the_chat(
    corpus: Path, tmp_path: Path
) -> None:
    modules = tmp_path / "modules.txt"
    code = (
        "import atexit, pathlib, sys, onrecord; place = pathlib.Path(sys.argv.pop()); "
        "atexit.register(lambda: place.write_text(' '.join({m.split('.')[0] for m in sys.modules}))); onrecord.main()"
    )
    words = ["--index", str(corpus / "index"), "ask", QUESTION, "--json", str(modules)]
    run = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert json.loads(run.stdout)["outcome"] == "answered"
    assert not {"gradio", "langchain_core"} & set(modules.read_text().split())
