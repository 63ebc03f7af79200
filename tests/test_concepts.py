"""Families of words: certain where vectors are not, and of no subject matter."""

import pytest

from assistant.concepts import families, opposed, phrase_families
from index.terms import stem


def related(a: str, b: str) -> bool:
    return bool(families([stem(a)]) & families([stem(b)]))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("cost", "fees"),
        ("starts", "launched"),
        ("need", "must"),
        ("compulsory", "voluntary"),  # two ends of one attribute
        ("authorisation", "authorised"),
        ("deadlines", "closing"),
        ("pupils", "students"),
        ("vaccination", "jab"),
    ],
)
def test_words_of_one_attribute_are_of_one_family_in_any_form(a: str, b: str) -> None:
    assert related(a, b)
    assert related(b, a)


@pytest.mark.parametrize(
    ("a", "b"), [("start", "end"), ("cost", "employer"), ("increase", "decrease"), ("allow", "forbid")]
)
def test_words_of_different_attributes_share_no_family(a: str, b: str) -> None:
    assert not related(a, b)


def test_a_word_may_be_of_several_families() -> None:
    assert related("exclude", "ban")
    assert related("exclude", "waive")
    assert not related("ban", "waive")


def test_a_word_in_no_family_and_no_words_have_none() -> None:
    assert families([stem("giraffe"), "visa", ""]) == frozenset()
    assert families([]) == frozenset()


def test_the_families_of_words_are_those_of_each_together() -> None:
    words = [stem("fee"), stem("teacher")]
    assert families(words) == families(words[:1]) | families(words[1:])


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("No more than 20 boats may moor.", "cap"),
        ("Boats are limited to 12 metres.", "limit"),
        ("A stay cannot exceed nine days.", "maximum"),
        ("Crews have at least two members.", "minimum"),
        ("Guests aged 12 or over pay.", "minimum"),
    ],
)
def test_a_phrase_may_state_a_limit_without_its_name(text: str, word: str) -> None:
    assert phrase_families(text) & families([stem(word)])


def test_other_phrases_state_no_limit() -> None:
    assert not phrase_families("More than 20 boats moor here, and most are new.")


def test_opposites_are_told_apart_in_any_form() -> None:
    opened = [stem(word) for word in "the harbour opened in May".split()]
    assert opposed(stem("closes"), opened)
    assert not opposed(stem("opens"), opened)
    assert not opposed(stem("harbour"), opened)
