"""Graders and verdicts: every shortfall is caught, whatever the case expects; a stale case is told from a failing one."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.answer import Answer
from assistant.citation import cite
from assistant.compose import NOT_IN_SOURCES, REPLACED, Segment
from assistant.notices import small_talk, wrong_language
from evals import grade as graders
from evals.case import Case
from evals.grade import Grade, grade, stands
from index.source import Dropped, Source
from tests.harbour import COST, FILES, OPEN, PASS, SAYS_SO, SUNDAYS, answered, case, refused, unreleased

# --- what the case wants, and what no answer may do ---


def test_a_right_answer_passes() -> None:
    of = case(must_say=["20 EUROS", "/costs? \\d+/"], must_not_say=["30"], must_cite=[["ferry", "pass"]])
    assert grade(of, answered(), FILES) == Grade("pass")
    assert grade(case(quote_contains=["costs"]), answered(), FILES) == Grade("pass")
    assert grade(case(outcome="unreleased"), unreleased(), FILES) == Grade("pass")


@pytest.mark.parametrize(
    ("expect", "given", "reason"),
    [
        ({"outcome": ["unreleased", "partial"]}, answered(), "is answered, not unreleased or partial"),
        ({}, refused(), "is not_in_sources, not answered"),
        ({"must_say": ["costs", "/sundays?/"]}, answered(), "does not say /sundays?/"),
        ({"must_not_say": ["EUROS"]}, answered(), "says EUROS"),
        ({"must_cite": ["pass", ["ferry", "third"]]}, answered(), "does not cite ferry or third"),
        ({"quote_contains": ["ferry"]}, answered(), "quotes nothing with ferry"),
        # it invents a number
        ({}, answered("The pass costs 30 euros."), "adds 30, 30 euro"),
        ({}, answered("The pass costs 20.5 euros."), "adds 20.5, 20.5 euro"),
        ({}, answered("The pass costs 20 dollars."), "adds 20 dollar"),
        ({}, answered("The pass costs 20 euros for two weeks."), "adds 2, 2 week"),
        # it invents a date
        ({}, answered("The pass costs 20 euros from May."), "adds may"),
        ({}, replace(answered(), as_of="2025-06-01"), "adds 2025-06-01"),
        # it invents a name, within a sentence and at its start
        ({}, answered("As Otto says, the pass costs 20 euros."), "adds otto"),
        ({}, answered("Otto says that the pass costs 20 euros."), "adds otto"),
        ({}, answered("The pass costs 20 euros. Smith says so."), "adds smith"),
        # it cites the wrong source
        ({}, answered(COST.quote, SUNDAYS), "adds 20, 20 euro"),
        ({}, answered(citation=replace(COST, source="gone")), "misquotes gone; adds 20, 20 euro, 2025-05-02"),
        ({}, answered(citation=replace(COST, source="ferry", published="")), "misquotes ferry; mislabels ferry"),
        # it misquotes
        ({}, answered(citation=replace(COST, start=1, end=25)), "misquotes pass"),
        ({}, answered(citation=replace(COST, quote="The pass costs 20 euro.")), "misquotes pass"),
        ({}, replace(answered(), related=(replace(COST, end=23),)), "misquotes pass"),
        # it says whose words they are, and they are not
        ({}, answered(citation=replace(COST, publisher="Herald")), "mislabels pass"),
        ({}, answered(citation=replace(COST, published="2025-06-01")), "mislabels pass; adds 2025-06-01"),
        # it states without a citation
        ({}, replace(answered(), citations=()), f"states without a citation: “{COST.quote}”; adds 20, 20 euro, 2025-05-02"),
        ({}, answered("It is so.", replace(COST, n=2)), ""),
        ({}, replace(refused("It is so."), outcome="answered"), "is answered without a citation"),
        ({}, replace(refused("It is 40."), outcome="answered"), "is answered without a citation; adds 40"),
    ],
)  # fmt: skip
def test_a_shortfall_is_caught(expect: dict[str, Any], given: Answer, reason: str) -> None:
    verdict = grade(case(**expect), given, FILES)
    assert "; ".join(verdict.reasons) == reason
    assert verdict.verdict == ("fail" if reason else "pass")


def test_a_marker_that_leads_nowhere_is_caught() -> None:
    given = replace(answered(), segments=(Segment("It is so.", (7,), "answered", "direct"),))
    assert grade(case(), given, FILES).reasons == ("states without a citation: “It is so.”",)


def test_a_name_may_come_from_the_context_and_a_figure_may_not() -> None:
    leaning = cite(1, PASS, (57, 88), (0, 88))
    assert grade(case(), answered("Ana Brandt says when it starts.", leaning), FILES).verdict == "pass"
    assert grade(case(), answered("20 say when it starts.", leaning), FILES).reasons == ("adds 20",)


def test_names_and_dates_of_the_source_may_be_said() -> None:
    assert grade(case(), answered("The Gazette of 2 May 2025 says so.", SAYS_SO), FILES).verdict == "pass"
    assert grade(case(), answered("The Herald of 2 May 2025 says so.", SAYS_SO), FILES).reasons == ("adds herald",)


def test_a_refusal_may_repeat_the_question_and_an_answer_may_not() -> None:
    of = case(outcome="not_in_sources", question="Is it 30 euros?", history=["Is it Otto’s?"])
    assert grade(of, refused("The sources do not say 30 euros, nor Otto."), FILES).verdict == "pass"
    assert grade(of, refused("The sources do not say 40."), FILES).reasons == ("adds 40",)
    assert grade(case(question="Is it 30 euros?"), answered("It is 30."), FILES).reasons == ("adds 30",)


def test_what_the_assistant_took_a_question_for_is_not_the_question() -> None:
    given = replace(refused("The sources do not say 40."), question="Is it 40?", standalone_question="Is it 40?")
    assert grade(case(outcome="not_in_sources"), given, FILES).reasons == ("adds 40",)


def test_a_fixed_reply_speaks_of_the_corpus_and_nothing_else_may() -> None:
    of = case(question="Hello!")
    hello = replace(refused(small_talk("Hello!", FILES)), outcome="answered")
    assert "2025-05-02" in hello.text
    assert grade(of, hello, FILES).verdict == "pass"
    more = replace(refused(hello.text + " The pass costs 20 euros."), outcome="answered")
    assert grade(of, more, FILES).verdict == "fail"
    assert grade(case(question="What is it?"), hello, FILES).verdict == "fail"
    spanish = case(question="¿Cuánto cuesta?", outcome="not_in_sources")
    assert grade(spanish, refused(wrong_language("es", ["en"])), FILES).verdict == "pass"


def test_what_cleaning_leaves_out_cannot_be_quoted() -> None:
    cleaned = replace(PASS, dropped=(Dropped(10, 12, "an advertisement"),))
    assert stands(COST, FILES)
    assert not stands(COST, {"pass": cleaned})
    assert stands(SAYS_SO, {"pass": cleaned})


def test_offsets_outside_the_text_are_no_quote() -> None:
    assert not stands(replace(COST, start=-5, end=-1, quote=PASS.text[-5:-1]), FILES)
    assert not stands(replace(COST, start=3, end=3, quote=""), FILES)


def test_a_grader_that_raises_gives_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def raises(case: Case, answer: Answer, files: Mapping[str, Source]) -> str:
        raise ZeroDivisionError("no luck")

    monkeypatch.setattr(graders, "EXPECTATIONS", (raises,))
    assert grade(case(), answered(), FILES) == Grade("ungraded", ("grading raised ZeroDivisionError: no luck",))


def test_the_assistant_s_own_gate_is_not_used() -> None:
    for name in ("grade.py", "extra.py"):
        text = (Path(graders.__file__).parent / name).read_text("utf-8")
        assert "supported" not in text
        assert "import verbatim" not in text
        assert "import facts" not in text


# --- what a case rests on ---

RESTS = case(outcome="unreleased", because='pass#"Nobody has said when it starts."')


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"ferry": FILES["ferry"]}, "the source pass, on which this rests, is gone"),
        (
            {**FILES, "pass": replace(PASS, text=PASS.text.replace("Nobody", "No one"))},
            "pass no longer says “Nobody has said when it starts.”",
        ),
        (
            {**FILES, "ferry": replace(FILES["ferry"], supersedes=("pass",))},
            "pass, on which this rests, is superseded by ferry",
        ),
    ],
)
def test_a_case_whose_words_are_gone_is_stale(files: Mapping[str, Source], reason: str) -> None:
    assert grade(RESTS, refused(NOT_IN_SOURCES), files) == Grade("stale", (reason,))


def test_words_wrapped_anew_are_still_there() -> None:
    wrapped = {**FILES, "pass": replace(PASS, text=PASS.text.replace("has said when", "has\nsaid  when"))}
    assert grade(RESTS, refused(NOT_IN_SOURCES), wrapped).verdict == "fail"


def test_a_source_that_supersedes_itself_makes_nothing_stale() -> None:
    assert grade(RESTS, unreleased(), {**FILES, "pass": replace(PASS, supersedes=("pass",))}).verdict == "pass"


def test_one_of_several_reasons_gone_makes_a_case_stale() -> None:
    of = case(because=['pass#"20 euros"', 'ferry#"on Mondays"'])
    assert grade(of, answered(), FILES) == Grade("stale", ("ferry no longer says “on Mondays”",))


def closed(by: str = "news") -> tuple[Answer, Mapping[str, Source]]:
    """An answer that names an open point of PASS as replaced, and the files with what closes it."""
    news = Source(by, "The start", "It starts in June 2025.", published="2025-06-01")
    started = cite(1, news, (0, 23))
    segments = (
        Segment(started.quote, (1,), "answered", "direct"),
        Segment(REPLACED, (), "answered", "notice"),
        Segment(OPEN.quote, (2,), "answered", "replaced"),
    )
    given = Answer("When?", "When?", "answered", segments, (started, replace(OPEN, n=2)), (), "2025-06-01", "g")
    return given, {**FILES, by: news}


def test_a_case_whose_open_point_a_new_source_closes_is_stale() -> None:
    reason = "news has closed the open point “Nobody has said when it starts.” of pass"
    given, files = closed()
    assert grade(RESTS, given, files, frozenset({"news"})) == Grade("stale", (reason,))
    assert grade(RESTS, given, files, None) == Grade("stale", (reason,))


def test_a_source_that_was_there_before_closes_nothing_anew() -> None:
    given, files = closed()
    assert grade(RESTS, given, files, frozenset({"pass"})) == Grade("fail", ("is answered, not unreleased",))


def test_only_a_case_that_expects_an_open_point_goes_stale_when_it_is_closed() -> None:
    given, files = closed()
    assert grade(case(outcome="not_in_sources", because=str(RESTS.because[0])), given, files).verdict == "fail"
    assert grade(case(outcome="unreleased", because='pass#"20 euros"'), given, files).verdict == "fail"
    assert grade(case(outcome="unreleased"), given, files).verdict == "fail"


def test_a_stale_case_excuses_no_invention() -> None:
    given, files = closed()
    invented = replace(given, segments=(Segment("It starts in July.", (1,), "answered", "direct"), *given.segments[1:]))
    assert grade(RESTS, invented, files).verdict == "fail"
