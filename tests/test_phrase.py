"""Phrases are told by articles, by the order of a question, by names, and by what the corpus writes side by side."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.phrase import phrases_of
from index.lexicon import Lexicon
from tests.town import lexicon_of


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return lexicon_of(
        "The bridge toll rises in May, and the pool opens.",
        "The order on the Film Fund levy was signed by Magda Orlow in Norway.",
    )


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("Who pays the bridge toll?", ["pays", "bridge toll"]),
        ("Does the pool open on Sunday?", ["pool", "Sunday"]),
        ("Does the bridge toll rise?", ["bridge toll"]),
        ("When does the Film Fund close?", ["Film Fund", "close"]),
        ("Who signed the Film Fund levy?", ["signed", "Film Fund levy"]),
        ("Which law raised the bridge toll?", ["law", "bridge toll"]),
        ("the fee for an air-to-water heat pump", ["fee", "air-to-water heat pump"]),
        ("Is Magda Orlow in Norway?", ["Magda Orlow", "Norway"]),
        ("the toll in May 2025", ["toll", "2025"]),
        ("Why?", []),
    ],
)
def test_a_question_is_cut_into_phrases(text: str, phrases: list[str], lexicon: Lexicon) -> None:
    assert [phrase.text for phrase in phrases_of(text, lexicon)] == phrases


def test_a_phrase_knows_the_words_of_grammar_before_it(lexicon: Lexicon) -> None:
    toll, norway = phrases_of("Does the toll of the bridge apply in Norway?", lexicon)[0::2]
    assert (toll.article, toll.led, toll.subject, toll.thing, toll.attribute, toll.named) == (
        "the", "does", True, True, True, False,
    )  # fmt: skip
    assert (norway.article, norway.led, norway.subject, norway.thing, norway.named) == ("", "in", False, False, True)


def test_after_who_can_stands_a_verb(lexicon: Lexicon) -> None:
    assert not phrases_of("Who can apply?", lexicon)[0].thing
    assert phrases_of("Can students apply?", lexicon)[0].thing


@settings(deadline=None)  # the first text loads the background frequencies
@given(st.text())
def test_a_phrase_stands_in_its_text(text: str) -> None:
    for phrase in phrases_of(text, lexicon_of("The bridge toll rises.")):
        assert text[phrase.start : phrase.end] == phrase.text
