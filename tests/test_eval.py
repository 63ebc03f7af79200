"""`onrecord eval`: what goes to which stream, with which exit code, over an editor's updates; and what surrounds it.

`main()` runs here with the model loaded once, on a corpus of two sentences. What is graded and shown is tested elsewhere.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml

from evals.case import HERE
from evals.plan import cases_of
from evals.test_cases import SUITES
from index.embed import TransformerEmbedder
from tests.conftest import Command, Run

ROOT = HERE.parent
Write = Callable[[Path, Mapping[str, str]], Path]

SOURCES = {
    "sources/pass.md": "---\nid: pass\npublished: 2025-05-02\n---\n\nThe harbour pass costs 20 euros a year.\n\n"
    "The start date of the harbour pass has not been announced.\n"
}
NEWS = {
    "sources/news.md": "---\nid: news\npublished: 2025-06-01\n---\n\nThe start date of the harbour pass is 3 July 2025.\n"
}
CASES = """
- id: price
  question: What does the harbour pass cost?
  expect: {outcome: answered, must_say: ["20 euros"], must_cite: [pass]}
  because: 'pass#"20 euros"'
- id: start
  question: When does the harbour pass start?
  expect: {outcome: unreleased, must_cite: [pass]}
  because: 'pass#"has not been announced"'
"""


@pytest.fixture
def folder(tmp_path: Path, write_files: Write, embedder: TransformerEmbedder, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with sources/ and cases/, from which commands are run."""
    for name in list(os.environ):
        if name.startswith("ONRECORD_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr("index.embed.TransformerEmbedder", lambda *_, **__: embedder)
    monkeypatch.chdir(write_files(tmp_path, {**SOURCES, "cases/harbour.yaml": CASES}))
    return tmp_path


@pytest.fixture
def evaluate(folder: Path, main_here: Command) -> Command:
    """`evaluate("cases", ...)` runs `onrecord eval`."""

    def run(*words: str, before: tuple[str, ...] = ()) -> Run:
        return main_here(*before, "eval", *words)

    return run


def unboxed(text: str) -> str:
    """What a usage error says, without its frame."""
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", text).split())


def test_results_go_to_standard_output_and_the_hint_to_the_other(evaluate: Command) -> None:
    came = evaluate("cases")
    assert came.code == 0
    assert came.out.startswith("sources: 2 cases, generation ")
    assert "2 pass   0 fail   0 stale   0 could not grade" in came.out
    assert "there is no baseline at cases/baseline.json to compare with" in came.err


def test_a_reranker_that_cannot_be_loaded_is_told(evaluate: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRECORD_RERANKER", "nobody/has-this-model")
    came = evaluate("cases")
    assert came.code == 2
    assert "The reranker 'nobody/has-this-model' could not be loaded" in came.err
    assert "Set ONRECORD_RERANKER" in came.err


def test_an_update_is_told_accepted_and_then_the_state_of_things(
    evaluate: Command, folder: Path, write_files: Write
) -> None:
    assert evaluate("cases", "--accept").err.endswith("accepted as cases/baseline.json.\n")
    assert "0 sources changed -> 0 answers changed" in evaluate("cases").out

    write_files(folder, NEWS)
    came = evaluate("cases")
    assert came.code == 0
    assert "1 source changed -> 1 answer changed: 1 expected (stale cases)" in came.out
    assert "added: news" in came.out

    assert evaluate("cases", "--accept").code == 0
    again = evaluate("cases")
    assert "0 sources changed -> 0 answers changed" in again.out
    assert "1 pass   1 fail   0 stale" in again.out


def test_a_regression_leaves_with_code_1_until_it_is_accepted(
    evaluate: Command, folder: Path, write_files: Write
) -> None:
    evaluate("cases", "--accept")
    write_files(folder, {"cases/harbour.yaml": CASES.replace('must_say: ["20 euros"]', 'must_say: ["30 euros"]')})
    came = evaluate("cases")
    assert (came.code, "1 regression" in came.out) == (1, True)
    assert came.err.endswith("onrecord: sources falls short: 1 regression (price).\n")
    assert evaluate("cases", "--accept").code == 0
    assert evaluate("cases").code == 0


def test_below_a_threshold_leaves_with_code_1(evaluate: Command, folder: Path, write_files: Write) -> None:
    write_files(folder, {"cases/harbour.yaml": CASES.replace('["20 euros"]', '["30 euros"]')})
    assert evaluate("cases").code == 0
    write_files(folder, {"pyproject.toml": "[tool.onrecord.eval.sources]\npassing = 0.6\n"})
    came = evaluate("cases")
    assert came.code == 1
    assert "passing cases, stale ones apart: 1 of 2, below the threshold of 60.0%" in came.err


def test_what_could_not_be_graded_leaves_with_code_1_and_is_not_accepted(
    evaluate: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raises(*_: object) -> None:
        raise ZeroDivisionError("no luck")

    monkeypatch.setattr("evals.grade.EXPECTATIONS", (raises,))
    came = evaluate("cases", "--accept")
    assert came.code == 1
    assert "not accepted, for not every case could be graded" in came.err
    assert "2 cases could not be graded" in came.err
    assert not (folder / "cases" / "baseline.json").exists()


def test_json_is_the_report_and_nothing_else(evaluate: Command, folder: Path) -> None:
    came = evaluate("cases", "--json", "--report", "out/deep")
    data = json.loads(came.out)
    assert [case["id"] for case in data["cases"]] == ["price", "start"]
    assert json.loads((folder / "out/deep/report.json").read_text("utf-8")) == data
    assert (folder / "out/deep/junit.xml").exists()
    assert (folder / "out/deep/report.html").exists()


def test_suggestions_are_yaml_and_nothing_else(evaluate: Command, folder: Path, write_files: Write) -> None:
    evaluate("cases", "--accept")
    write_files(folder, NEWS)
    drafts = yaml.safe_load(evaluate("cases", "--suggest").out)
    assert [draft["question"] for draft in drafts] == ["When does the harbour pass start?", ""]


def test_sources_may_be_named_before_the_command_and_after_it(
    evaluate: Command, folder: Path, write_files: Write
) -> None:
    write_files(folder, {"ports/sources/pass.md": SOURCES["sources/pass.md"]})
    assert evaluate("cases", before=("--sources", "ports/sources")).out.startswith("ports: 2 cases")
    assert evaluate("cases", "--sources", "ports/sources", before=("--sources", "x")).out.startswith("ports: 2 cases")


def test_a_file_has_a_baseline_of_its_own_and_several_paths_none(
    evaluate: Command, folder: Path, write_files: Write
) -> None:
    write_files(folder, {"more.yaml": CASES.replace("id: ", "id: more-")})
    assert "accepted as more.baseline.json" in evaluate("more.yaml", "--accept").err
    assert "accepted as cases/baseline.json" in evaluate("cases", "--accept").err
    assert "0 answers changed" in evaluate("cases").out
    several = evaluate("cases", "more.yaml")
    assert (several.code, several.err) == (0, "")
    assert "Name one with --baseline" in unboxed(evaluate("cases", "more.yaml", "--accept").err)
    assert "accepted as x.json" in evaluate("cases", "more.yaml", "--accept", "--baseline", "x.json").err
    assert "0 answers changed" in evaluate("cases", "more.yaml", "--baseline", "x.json").out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("none.yaml",), "none.yaml cannot be read as cases"),
        (("cases", "--sources", "none"), "The sources folder none does not exist"),
        (("cases", "--baseline", "cases/harbour.yaml"), "The baseline cases/harbour.yaml cannot be read"),
        (("cases", "--json", "--suggest"), "Choose one"),
    ],
)
def test_bad_input_leaves_with_code_2_and_a_message(words: tuple[str, ...], told: str, evaluate: Command) -> None:
    came = evaluate(*words)
    assert (came.code, came.out) == (2, "")
    assert told in unboxed(came.err)


def test_without_cases_those_beside_the_sources_are_asked_else_those_of_the_repository(
    evaluate: Command, folder: Path
) -> None:
    assert "sources: 2 cases" in evaluate().out
    assert cases_of(folder / "sources") == folder / "cases"
    assert cases_of(folder / "cases" / "sources") == HERE / "cases"


# --- what surrounds it ---


@pytest.mark.slow
def test_each_case_is_a_test_that_can_be_read() -> None:
    some = ["-k", "smalltalk-hello", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "evals/", *some], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def test_a_plain_run_of_the_tests_leaves_the_cases_out() -> None:
    assert 'testpaths = ["tests"]' in (ROOT / "pyproject.toml").read_text("utf-8")


def test_make_asks_every_corpus_that_has_a_threshold() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    uk = str(next(sources for sources in SUITES if sources.parent != ROOT).parent.relative_to(ROOT))
    assert f"UK := {uk}\n" in makefile
    for target in ("evals", "accept"):
        recipe = makefile.split(f"\n{target}:")[1].split("\n\n")[0]
        assert "--sources sources evals/cases" in recipe
        assert "--sources $(UK)/sources $(UK)/cases" in recipe
    assert "make evals" in (ROOT / ".ci" / "run").read_text("utf-8")


def test_the_workflow_runs_where_sources_change() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "evals.yaml").read_text("utf-8"))
    assert "sources/**" in workflow[True]["pull_request"]["paths"]  # YAML 1.1 reads "on" as true
    assert workflow["permissions"] == {"contents": "read"}
    assert any("make evals" in step.get("run", "") for step in workflow["jobs"]["evals"]["steps"])
