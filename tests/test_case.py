"""Cases: which can be read, how a faulty one is told, and that those in the repository rest on the sources."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from evals.case import HERE, REFUSALS, Because, load
from evals.test_cases import SUITES
from index.errors import InputError
from index.read import read_folder
from tests.harbour import case

Write = Callable[[Path, Mapping[str, str]], Path]

MINIMAL = "- {id: a, question: Q, expect: {outcome: answered}}"
suites = pytest.mark.parametrize(("sources", "cases"), SUITES.items(), ids=[path.parent.name for path in SUITES])


# --- those in the repository ---


def test_there_are_enough_cases() -> None:
    sources, uk = (len(load([cases])) for cases in SUITES.values())
    assert sources >= 150
    assert uk >= 60
    assert load([HERE / "seed-cases.yaml"])


@suites
def test_a_quarter_of_the_cases_must_be_refused(sources: Path, cases: Path) -> None:
    loaded = load([cases])
    assert sum(not REFUSALS.isdisjoint(c.expect.outcome) for c in loaded) >= len(loaded) / 4


@suites
def test_sources_that_cases_name_exist(sources: Path, cases: Path) -> None:
    named = {source for c in load([cases]) for group in c.expect.must_cite for source in group}
    assert named <= {source.id for source in read_folder(sources).sources}


@suites
def test_words_that_cases_rest_on_stand_in_the_sources(sources: Path, cases: Path) -> None:
    texts = {source.id: source.text for source in read_folder(sources).sources}
    resting = [(c.id, because) for c in load([cases]) for because in c.because]
    assert [(id, str(b)) for id, b in resting if b.source not in texts or not b.held_by(texts[b.source])] == []
    assert len(resting) > len(load([cases])) / 2


# --- reading ---


@pytest.mark.parametrize(
    ("yaml", "told"),
    [
        ("- {id: a, question: 7, expect: {outcome: answered}}", "case a, field question: "),
        ("- {id: a, question: '', expect: {outcome: answered}}", "case a, field question: "),
        ("- {id: a, expect: {outcome: answered}}", "case a, field question: "),
        ("- {question: Q, expect: {outcome: answered}}", "case number 1, field id: "),
        ("- {id: a, question: Q}", "case a, field expect: "),
        ("- {id: a, question: Q, expect: {outcome: maybe}}", "case a, field expect.outcome.0: "),
        ("- {id: a, question: Q, expect: {outcome: []}}", "case a, field expect.outcome: "),
        ("- {id: a, question: Q, expect: {outcome: answered, must_say: x}}", "case a, field expect.must_say: "),
        ("- {id: a, question: Q, expect: {outcome: answered, must_say: ['/(/']}}", "case a, field expect.must_say.0: "),
        ("- {id: a, question: Q, expect: {outcome: answered, must_cite: [[]]}}", "case a, field expect.must_cite.0: "),
        ("- {id: a, question: Q, expect: {outcome: answered, must_sing: [x]}}", "case a, field expect.must_sing: "),
        ("- {id: a, question: Q, histroy: [x], expect: {outcome: answered}}", "case a, field histroy: "),
        ("- {id: a, question: Q, because: words, expect: {outcome: answered}}", "case a, field because.0: "),
        ("- {id: a, question: Q, because: ['s#\"\"'], expect: {outcome: answered}}", "case a, field because.0: "),
        ("- &a {id: a, question: Q, expect: {outcome: answered}}\n- *a", "case a, field id: "),
        ("id: a", "holds no list of cases"),
        ("[]", "holds no case"),
        ("- [", "cannot be read as cases"),
    ],
)
def test_a_faulty_case_is_told_by_file_case_and_field(yaml: str, told: str, tmp_path: Path, write_files: Write) -> None:
    path = write_files(tmp_path, {"ferries.yaml": yaml}) / "ferries.yaml"
    with pytest.raises(InputError) as caught:
        load([path])
    assert str(path) in str(caught.value)
    assert told in str(caught.value)


def test_a_folder_gives_its_files_by_name_and_not_its_baseline(tmp_path: Path, write_files: Write) -> None:
    second = MINIMAL.replace("id: a", "id: b")
    write_files(tmp_path, {"zebras.yaml": MINIMAL, "ants.yaml": second, "baseline.json": "{}", "deep/er.yaml": "?"})
    assert [(c.id, c.theme) for c in load([tmp_path])] == [("b", "ants"), ("a", "zebras")]


def test_a_folder_without_cases_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no \.yaml file"):
        load([tmp_path])


def test_one_reason_or_several_may_be_given() -> None:
    assert case(because='a/b#"one  two"').because == (Because("a/b", "one two"),)
    assert case(because=['a#"say "so""', 'b#"c"']).because == (Because("a", 'say "so"'), Because("b", "c"))
    assert case().because == ()


def test_white_space_in_the_words_is_folded() -> None:
    assert Because("a", "one two").held_by("zero\none\n  two")
    assert not Because("a", "one two").held_by("onetwo")


def test_of_several_outcomes_the_one_that_came_is_expected() -> None:
    either = case(outcome=["unreleased", "answered"])
    assert either.expected("answered") == "answered"
    assert either.expected("partial") == "unreleased"
    assert (either.must_refuse, either.must_answer) == (False, False)
    assert case(outcome=["unreleased", "not_in_sources"]).must_refuse
    assert case(outcome=["conflicting", "partial"]).must_answer


def test_a_case_as_a_dictionary_is_as_it_was_written() -> None:
    written = case(because='pass#"costs"', must_cite=["pass"], history=["And?"]).to_dict()
    assert written["because"] == ['pass#"costs"']
    assert written["expect"]["must_cite"] == [["pass"]]
    assert written["history"] == ["And?"]
