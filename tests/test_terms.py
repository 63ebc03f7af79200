"""A word is the same word everywhere, however it is written; its span says where it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.terms import content, stem, terms


def norms(text: str) -> list[str]:
    return [term.norm for term in terms(text)]


def test_a_word_keeps_its_surface_and_its_place() -> None:
    first, second = terms("Ferries sail.")
    assert (first.surface, first.norm, first.stem, first.start, first.end) == ("Ferries", "ferries", "ferri", 0, 7)
    assert (second.surface, second.start, second.end) == ("sail", 8, 12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The U.K. and the e.g. sign", ["the", "uk", "and", "the", "eg", "sign"]),
        ("a T-7 permit", ["a", "t", "7", "permit"]),
        ("a T7 permit", ["a", "t7", "permit"]),
        ("250,000 or 250000", ["250000", "or", "250000"]),
        ("7.5 by 19:30 on the 1st, 2nd, 3rd and 4th", ["7.5", "by", "19:30", "on", "the", "1", "2", "3", "and", "4"]),
        ("Ångström’s naïve café", ["ångström", "s", "naïve", "café"]),
        ("snake_case", ["snake", "case"]),
        ("渡し船 and 배", ["渡", "し", "船", "and", "배"]),
        ("T7船 in 2031年", ["t7", "船", "in", "2031", "年"]),
        ("— … !", []),
        ("", []),
    ],
)
def test_words_are_normalised(text: str, expected: list[str]) -> None:
    assert norms(text) == expected


@pytest.mark.parametrize(
    "words",
    [
        "licence licences license licensed licensing",
        "authorise authorised authorize authorizing",
        "programme programmes program programs",
        "centre centres center centers",
        "colour colours color coloring",
        "apply applies applied applying",
        "fee fees",
    ],
)
def test_forms_and_spellings_of_a_word_share_a_stem(words: str) -> None:
    assert len({stem(word) for word in words.split()}) == 1


def test_different_words_keep_different_stems() -> None:
    assert len({stem(word) for word in "permit fee date harbour bus news".split()}) == 6


def test_numbers_codes_and_short_names_are_their_own_stems() -> None:
    for norm in ("2025", "t7", "7.5", "k", "eu", "naïve", "船"):
        assert stem(norm) == norm


def test_function_words_carry_no_content() -> None:
    assert [term.surface for term in content(terms("Who is it that may not board the ferry?"))] == ["board", "ferry"]


def test_a_capitalised_acronym_that_spells_a_function_word_is_content() -> None:
    assert [term.norm for term in content(terms("IT staff told us that the US, the WHO and the U.S. agree"))] == [
        "it",
        "staff",
        "told",
        "us",
        "who",
        "us",
        "agree",
    ]


def test_what_an_apostrophe_cuts_off_is_a_function_word() -> None:
    for text in ("It isn't the ferry's", "It isn’t the ferry’s"):
        assert [term.surface for term in content(terms(text))] == ["ferry"]
    assert [term.surface for term in content(terms("s t"))] == ["s", "t"]


def test_numbers_and_codes_with_digits_are_numeric() -> None:
    assert [term.surface for term in terms("Bus X9 leaves pier 12 at 7.30 on the 2nd") if term.numeric] == [
        "X9",
        "12",
        "7.30",
        "2nd",
    ]


@given(st.text())
def test_terms_stand_in_order_and_never_overlap(text: str) -> None:
    end = 0
    for term in terms(text):
        assert term.start >= end
        end = term.end
        assert text[term.start : term.end] == term.surface
        assert term.norm
