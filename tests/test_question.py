"""A part of a question as a `Query`: terms, weights, vectors, names."""

import numpy as np
import pytest

from assistant.question import marked, understand
from index.embed import Embedder
from index.lexicon import Lexicon
from tests.town import lexicon_of


def test_the_names_of_a_query_are_those_of_the_question_as_the_corpus_spells_it(
    lexicon: Lexicon, paper: Embedder
) -> None:
    query = understand("What does a kclass cost in Bergen?", lexicon, paper)
    assert [" ".join(query.terms[i].surface for i in name) for name in query.names] == ["K class", "Bergen"]
    assert query.name_words == {i for name in query.names for i in name}


def test_a_query_holds_a_vector_and_a_weight_for_each_content_word(lexicon: Lexicon, paper: Embedder) -> None:
    query = understand("What is the age limit of the scholarship?", lexicon, paper)
    assert [term.norm for term in query.terms] == ["age", "limit", "scholarship"]
    assert query.words.shape == (3, paper.dimension)
    assert query.weights.shape == (3,)
    assert query.every_word.shape == (8, paper.dimension)
    assert query.vector.shape == (paper.dimension,)
    assert query.kind == "quantity"
    assert [query.terms[i].norm for i in query.head] == ["age", "limit"]


def test_a_rare_word_tells_more_than_a_common_one(lexicon: Lexicon, paper: Embedder) -> None:
    query = understand("Is the new scholarship there?", lexicon, paper)
    assert query.weights[1] > query.weights[0]


def test_a_question_without_words_is_a_query_without_terms(lexicon: Lexicon, paper: Embedder) -> None:
    query = understand("Who, if not they?", lexicon, paper)
    assert query.terms == ()
    assert query.names == ()
    assert query.words.shape == (0, paper.dimension)


def test_words_that_ask_whether_it_holds_are_no_terms(lexicon: Lexicon, paper: Embedder) -> None:
    query = understand("Is it true that the scholarship covers tuition?", lexicon, paper)
    assert [term.norm for term in query.terms] == ["scholarship", "covers", "tuition"]
    assert query.kind == "yesno"
    assert query.words.shape[0] == len(query.terms)


def test_a_word_that_the_corpus_joins_to_a_name_belongs_to_the_subject(paper: Embedder) -> None:
    lexicon = lexicon_of(
        "The new farm ID is free.",
        "Drivers on the Fjord tram pay.",
        "Some say the farm ID is late.",
        "A Danish boat is new.",
    )

    def subject(question: str) -> list[str]:
        query = understand(question, lexicon, paper)
        return [query.terms[i].norm for i in sorted(query.subject)]

    assert subject("What does a farm ID cost?") == ["farm", "id"]
    assert subject("What does the Fjord tram cost?") == ["fjord", "tram"]
    assert subject("What does a boat ID cost?") == ["id"]
    assert subject("Does a Danish boat pay?") == ["danish"]


def test_a_question_of_an_attribute_alone_names_no_subject(lexicon: Lexicon, paper: Embedder) -> None:
    assert not understand("What is the parking fee?", lexicon, paper).names_subject
    assert understand("What is the parking fee in Bergen?", lexicon, paper).names_subject
    assert understand("Until when may a scholarship student apply?", lexicon, paper).names_subject


@pytest.mark.parametrize(
    "text", ["What is the fee", "What is the fee?", "What is the fee .", "What is the fee?!", "What is the fee:"]
)
def test_a_question_is_read_alike_with_and_without_its_mark(text: str, lexicon: Lexicon, embedder: Embedder) -> None:
    query = understand(text, lexicon, embedder)
    assert query.text == "What is the fee?"
    assert np.array_equal(query.vector, understand("What is the fee?", lexicon, embedder).vector)


@pytest.mark.parametrize("text", ["Is it in the U.S.?", "Is it in the U.S.", "Is it in the U.S.,"])
def test_the_full_stop_of_an_abbreviation_is_no_mark(text: str) -> None:
    assert marked(text) == "Is it in the U.S.?"
