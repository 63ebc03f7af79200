"""Lessons as search would lay them out."""

import random
from dataclasses import replace

import numpy as np
import pytest

from evals.lessons import Lesson, Page, Said
from evals.mining import SENTENCES, Neighbours
from tests.letters import by_letter

# By their letters "ab" is nearest to "ab", then "abc", then "abcd"; "xyz" has nothing of it.
PAGE = Page("Letters", (Said("xyz"), Said("ab", answers=True), Said("abcd"), Said("zzz", open=True)))
OTHER = Page("Others", (Said("abc"), Said("yyy"), Said("xxx")))
FAR = Page("Far", (Said("www"),))
LESSON = Lesson("set", "letters", "ab", (PAGE,))
LESSONS = [LESSON, Lesson("set", "others", "y", (OTHER,)), Lesson("else", "far", "w", (FAR,))]


@pytest.fixture(scope="module")
def near() -> Neighbours:
    return Neighbours(LESSONS, by_letter)


def test_letters_make_vectors() -> None:
    assert by_letter(["ab", "ab"]) @ by_letter(["abc"]).T == pytest.approx(np.full((2, 1), 2 / 6**0.5))


def test_the_nearest_sentences_of_the_page_are_taken_in_their_order(near: Neighbours) -> None:
    marked = 0
    for seed in range(60):
        [page] = near.here(LESSON, random.Random(seed)).pages
        texts = [said.text for said in page.sentences]
        assert texts == [said.text for said in PAGE.sentences if said.text in texts]
        assert "ab" in texts
        assert [said for said in page.sentences if said.answers] == [PAGE.sentences[1]]
        assert len(texts) <= 2 * SENTENCES
        marked += "zzz" in texts
    assert 40 < marked < 60  # what is marked is nearly always there, as search nearly always finds it


def test_a_page_of_the_same_set_answers_nothing_of_another(near: Neighbours) -> None:
    found = [near.elsewhere(LESSON, random.Random(seed)) for seed in range(20)]
    for new in found:
        assert new is not None
        assert (new.question, new.answerable, new.pages[0].title in ("Others", "")) == ("ab", False, True)
        assert new.every[0].text == "abc"


def test_a_page_that_is_nearer_than_its_own_is_no_other_page(near: Neighbours) -> None:
    fits_both = Lesson("set", "others", "ab", (OTHER,))
    assert near.elsewhere(fits_both, random.Random(0)) is None


def test_a_page_that_holds_the_words_of_the_answer_is_no_other_page(near: Neighbours) -> None:
    assert near.elsewhere(replace(LESSON, answers=("abc",)), random.Random(0)) is None


def test_a_set_of_one_page_has_no_other(near: Neighbours) -> None:
    assert near.elsewhere(LESSONS[2], random.Random(0)) is None
