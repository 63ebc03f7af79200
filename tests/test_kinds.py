"""A sentence answers a question only with the kind of answer asked for."""

import pytest

from assistant.kinds import answers_kind
from assistant.question import understand
from index import lexicon as lexicons
from index.embed import Embedder
from index.lexicon import Lexicon
from index.source import Sentence


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    text = "The berth was given to Ingrid Solheim in 2024."
    return lexicons.build([Sentence("s0", "s", 0, len(text), text)])


@pytest.mark.parametrize(
    ("question", "yes", "no"),
    [
        ("How much is the berth?", ["The berth costs $40.", "The berth is free.", "It is 2% of the price."], ["The berth is new.", "It opens on 3 May."]),
        ("How many berths are there?", ["There are 40 berths.", "There are twelve berths.", "There is an unlimited number."], ["The berths are new.", "The berths cost $40."]),
        ("What is the size limit of boats?", ["Boats of up to 12 metres may come.", "There is no limit.", "It is limited to 3%."], ["Boats are new."]),
        ("How heavy may a boat be?", ["Boats of up to 12 tonnes may come."], ["Some 40 boats may come."]),
        ("How old must a skipper be?", ["Skippers are 18 or older.", "Nobody under 21 may sail."], ["There are 40 skippers."]),
        ("What is the penalty for being late?", ["There is no penalty for being late.", "It is $20."], ["No boat was late."]),
        ("How do I book a berth?", ["Berths are booked through the website.", "You must write to the harbour."], ["Berths are new."]),
        ("What percentage of boats are new?", ["Of the boats 12% are new.", "Half of the boats are new.", "Of the boats 40 are new."], ["Boats are new."]),
        ("When does the harbour open?", ["The harbour opens on 3 May.", "It opens on Monday.", "It opens once the ice melts.", "It opens in two weeks."], ["The harbour is new.", "The harbour has 40 berths.", "It earns $40 a year.", "It is hired for an hour."]),
        ("How long is the season?", ["The season lasts five months.", "The season is open-ended.", "It runs until May."], ["The season is short.", "It begins on 3 May."]),
        ("How long is the pier?", ["The pier is 300 metres long.", "It is 2.5km long.", "It is a 300-metre pier."], ["The pier has 40 berths.", "The pier cost €40m."]),
        ("How long is the 300 metre pier?", ["It is in truth 280 metres long."], ["The 300-metre pier is red."]),
        ("How long does the pier stay open?", ["It stays open for a week."], ["The pier is 300 metres long."]),
        ("How many nights may a boat stay?", ["A boat may stay nine nights."], ["A boat may stay at the mill."]),
        ("Who runs the harbour?", ["The harbour is run by Ada Holm.", "The agency runs the harbour.", "Its owners run it."], ["The harbour is run well."]),
        ("Where is the harbour?", ["The harbour lies near the mill.", "Tickets are sold online."], ["The harbour is small."]),
        ("Why is the harbour closed?", ["The harbour is closed because of ice.", "It is closed for repairing."], ["The harbour is closed."]),
    ],
)  # fmt: skip
def test_a_sentence_answers_the_kind_of_question_it_holds_an_answer_to(
    question: str, yes: list[str], no: list[str], lexicon: Lexicon, paper: Embedder
) -> None:
    query = understand(question, lexicon, paper)
    assert {text: answers_kind(query, text) for text in yes + no} == dict.fromkeys(yes, 1.0) | dict.fromkeys(no, 0.0)


@pytest.mark.parametrize("question", ["Is the berth free?", "What colour is the berth?"])
def test_where_no_kind_is_asked_for_every_sentence_is_even(question: str, lexicon: Lexicon, paper: Embedder) -> None:
    query = understand(question, lexicon, paper)
    assert {answers_kind(query, text) for text in ("It costs $40.", "It is blue.")} == {0.5}


def test_a_value_that_stands_in_the_question_is_no_answer_to_it(lexicon: Lexicon, paper: Embedder) -> None:
    query = understand("When will the 2024 rules for $40 berths change?", lexicon, paper)
    assert answers_kind(query, "The 2024 rules are for berths.") == 0
    assert answers_kind(query, "The 2024 rules change in 2026.") == 1


def test_a_name_in_the_question_is_no_answer_to_who(lexicon: Lexicon, paper: Embedder) -> None:
    query = understand("Who gave it to Ingrid Solheim?", lexicon, paper)
    assert answers_kind(query, "It went to Ingrid Solheim.") == 0
    assert answers_kind(query, "It went to Ingrid Solheim, from Ada Holm.") == 1
