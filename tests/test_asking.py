"""A question asks for a kind of answer."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.asking import KINDS, asks_what_is_open, kind_of, noun_kind


@pytest.mark.parametrize(
    ("kind", "questions"),
    [
        ("money", ["How much is it?", "What does it cost?", "What do drivers pay?", "What's the fee?", "What is the monthly rent of a flat?", "What fine do drivers face?", "Toll?", "And the fee?"]),
        ("count", ["How many people came?", "What is the number of seats?"]),
        ("quantity", ["How old must one be?", "At what age can I apply?", "What is the age limit?", "age limit for the pass", "How far is it?"]),
        ("percent", ["What percentage came?", "What share of people came?"]),
        ("date", ["When is it?", "On what date is it?", "By when must I apply?", "What is the deadline for the grant?", "What year did it open?", "What time does it open?", "How soon does it start?"]),
        ("duration", ["How long is the course?", "How many days does it last?", "How much time do I have?", "What is the period of validity?"]),
        ("person", ["Who signed?", "Whose idea was it?", "Who's the mayor?", "What is the name of the mayor?"]),
        ("place", ["Where is it?", "In which city is it?", "What is the address of the school?"]),
        ("reason", ["Why?", "How come it closed?", "What is the reason for the delay?", "What is the purpose of the law?"]),
        ("yesno", ["Is it free?", "Isn't it free?", "Whether it is free", "Does one need a licence?", "Is there an age limit?"]),
        ("manner", ["How does it work?", "How do I apply?", "What is the procedure for a refund?", "how the fee of 40 euros is to be paid", "how applicants should apply"]),
        ("any", ["What colour is it?", "How much of it is sold?", "how strict the rules are", "What happens after the deadline?"]),
    ],
)  # fmt: skip
def test_a_question_asks_for_a_kind_of_answer(kind: str, questions: Sequence[str]) -> None:
    assert {question: kind_of(question) for question in questions} == dict.fromkeys(questions, kind)


@pytest.mark.parametrize(
    ("phrase", "kind"),
    [("the fees", "money"), ("the age limit", "quantity"), ("the start date", "date"), ("the colour", ""), ("", "")],
)
def test_a_noun_phrase_asks_for_what_its_last_word_is(phrase: str, kind: str) -> None:
    assert noun_kind(phrase) == kind


@given(st.one_of(st.just("Opening hours of the pool"), st.text()))
def test_a_kind_is_one_of_the_kinds(text: str) -> None:
    assert kind_of(text) in KINDS


@pytest.mark.parametrize(
    "text", ["What did the mayor say about the fee?", "What does the law say about the age limit?"]
)
def test_what_was_said_about_a_fee_need_not_be_an_amount(text: str) -> None:
    assert kind_of(text) == "any"


def test_how_many_euros_asks_for_money() -> None:
    assert kind_of("How many euros is the fare?") == "money"


@pytest.mark.parametrize(
    "text",
    [
        "What is not known yet about the pass?",
        "What details have not been released?",
        "What is still unclear?",
        "Is there anything not yet decided?",
        "Which questions are still open?",
        "What is yet to be announced?",
    ],
)
def test_a_question_may_ask_for_the_open_points_themselves(text: str) -> None:
    assert asks_what_is_open(text)


@pytest.mark.parametrize(
    "text", ["What is the fee?", "When does the pool open?", "What is open on Sunday?", "What is not allowed?"]
)
def test_a_question_about_the_matter_does_not_ask_for_open_points(text: str) -> None:
    assert not asks_what_is_open(text)


@pytest.mark.parametrize(
    "text", ["What isn't known about the ferry?", "What hasn’t been decided?", "What remains open?"]
)
def test_open_points_are_asked_for_in_short_forms_too(text: str) -> None:
    assert asks_what_is_open(text)


@pytest.mark.parametrize(
    "text", ["Which shops are not open on Sunday?", "What will still be available after the move?"]
)
def test_an_open_shop_is_no_open_point(text: str) -> None:
    assert not asks_what_is_open(text)
