"""Segments: verbatim sentences with their citations, and templates; what fails the gate is not said."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from assistant.answer import Assistant
from assistant.compose import NOT_IN_SOURCES, Composer, items, lean, numbered
from assistant.evidence import Reader
from assistant.outcome import Decision
from assistant.question import understand
from index.embed import Embedder
from index.generation import Index
from tests.corpus import published

FILES = {
    "oven.md": """---
title: The village oven
publisher: Rye Weekly
published: 2024-04
---
The village oven was lit on Wednesday. It burns birch wood. It is hot by noon.

Bread costs 4 euros. The oven belongs to everyone, said the baker.

What to bring:

- rye flour
- water

The price of cakes has not been decided.
""",
    "kiln.md": """---
title: The kiln
---
The village kiln was lit yesterday. Pots cost 9 euros.
""",
}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Reader]:
    folder = tmp_path_factory.mktemp("compose")
    with Index.open(published(folder, FILES, embedder), embedder) as index:
        yield Reader(index, index.lexicon)


@pytest.fixture
def composer(reader: Reader) -> Composer:
    return Composer(reader, reader.index.sources)


@pytest.fixture
def assistant(reader: Reader, embedder: Embedder) -> Assistant:
    return Assistant(reader.index, embedder)


def at(reader: Reader, text: str) -> int:
    return next(i for i, s in enumerate(reader.index.sentences) if text in s.text)


def test_a_sentence_is_said_word_for_word_with_its_citation(composer: Composer, reader: Reader) -> None:
    composer.say(at(reader, "Bread costs"), "answered", "direct", 0)
    (segment,), (cited,) = composer.segments, composer.citations
    assert segment.text == cited.quote == "Bread costs 4 euros."
    assert segment.citations == (cited.n,) == (1,)


def test_citations_are_numbered_in_order_and_a_sentence_keeps_its_number(composer: Composer, reader: Reader) -> None:
    for text in ("Bread costs", "Pots cost", "Bread costs"):
        composer.say(at(reader, text), "answered", "direct", 0)
    assert [c.n for c in composer.citations] == [1, 2]
    assert [s.citations for s in composer.segments] == [(1,), (2,), (1,)]


def test_a_template_may_stand_without_a_citation(composer: Composer) -> None:
    composer.notice(NOT_IN_SOURCES, "not_in_sources", 2)
    assert [(s.text, s.citations, s.role, s.part) for s in composer.segments] == [(NOT_IN_SOURCES, (), "notice", 2)]


def test_a_template_that_cites_must_pass_the_gate(composer: Composer, reader: Reader) -> None:
    n = composer.cite(at(reader, "Bread costs"))
    composer.notice("It costs 5 euros.", "answered", 0, (n,))
    assert composer.segments == []
    composer.notice("It costs 4 euros.", "answered", 0, (n,))
    assert len(composer.segments) == 1


def test_an_item_chosen_beside_what_announces_it_is_said_once(
    composer: Composer, reader: Reader, assistant: Assistant
) -> None:
    query = understand("What do I bring?", reader.lexicon, assistant.embedder)
    chosen = [replace(reader.judge(query, at(reader, text)), probability=0.9) for text in ("What to bring", "water")]
    composer.add(query, Decision("answered", tuple(chosen)), chosen, 0)
    said = [s.text for s in composer.segments]
    assert said[0].startswith("What to bring")
    assert said[1:] == ["rye flour", "water"]


def test_a_part_with_nothing_gets_the_refusal(composer: Composer, reader: Reader, assistant: Assistant) -> None:
    query = understand("What is the moon?", reader.lexicon, assistant.embedder)
    composer.add(query, Decision("not_in_sources"), (), 1)
    assert [(s.text, s.role, s.part) for s in composer.segments] == [(NOT_IN_SOURCES, "notice", 1)]


def test_a_sentence_that_announces_a_list_brings_its_items(reader: Reader) -> None:
    found = [reader.index.sentences[i].text for i in items(reader, at(reader, "What to bring"))]
    assert found == ["rye flour", "water"]
    assert items(reader, at(reader, "Bread costs")) == []


# --------------------------------------------------------------------------------------------------------------- lean


def stretch(reader: Reader, text: str) -> str:
    sentence = at(reader, text)
    span = lean(reader, sentence)
    return reader.index.sources[reader.index.sentences[sentence].source].text[slice(*span)] if span else ""


def test_a_sentence_that_leans_reaches_back_to_what_it_leans_on(reader: Reader) -> None:
    assert stretch(reader, "It burns") == "The village oven was lit on Wednesday. It burns birch wood."


def test_leaning_goes_on_while_the_sentence_before_leans_too(reader: Reader) -> None:
    assert stretch(reader, "It is hot").startswith("The village oven was lit")


@pytest.mark.parametrize("text", ["The village oven was", "Bread costs", "Pots cost"])
def test_a_sentence_that_stands_by_itself_leans_on_nothing(text: str, reader: Reader) -> None:
    assert stretch(reader, text) == ""


def test_an_item_leans_on_the_sentence_that_introduces_its_list(reader: Reader) -> None:
    assert stretch(reader, "rye flour").startswith("What to bring")
    assert stretch(reader, "water").startswith("What to bring")


def test_citations_beside_an_answer_are_numbered_from_one(reader: Reader) -> None:
    made = numbered([at(reader, "Pots cost"), at(reader, "It burns")], reader, reader.index.sources)
    assert [(c.n, c.quote) for c in made] == [(1, "Pots cost 9 euros."), (2, "It burns birch wood.")]
    assert made[1].context_start < made[1].start


# ------------------------------------------------------------------------------------------------------------ answers


def test_a_relative_day_stands_as_written_beside_the_date_of_its_source(assistant: Assistant) -> None:
    answer = assistant.answer("When was the village oven lit?")
    notice = next(s for s in answer.segments if s.role == "notice" and "stands" in s.text)
    assert "“on Wednesday”" in notice.text
    assert "2024-04" in notice.text
    assert notice.citations == (1,)
    assert answer.citations[0].quote == "The village oven was lit on Wednesday."


def test_a_relative_day_of_an_undated_source_is_said_to_be_undated(assistant: Assistant) -> None:
    answer = assistant.answer("When was the village kiln lit?")
    notice = next(s for s in answer.segments if s.role == "notice" and "stands" in s.text)
    assert "“yesterday”" in notice.text
    assert "undated" in notice.text


def test_a_relative_day_matters_only_where_a_date_is_asked_for(assistant: Assistant) -> None:
    answer = assistant.answer("Was the village oven lit?")
    assert answer.outcome == "answered"
    assert all(s.role != "notice" for s in answer.segments)


def test_unreleased_quotes_the_open_point_and_offers_no_value_of_the_kind_asked(assistant: Assistant) -> None:
    answer = assistant.answer("What is the price of cakes?")
    assert answer.outcome == "unreleased"
    assert [s.role for s in answer.segments[:2]] == ["notice", "open"]
    assert answer.segments[1].text == "The price of cakes has not been decided."
    assert "euros" not in answer.text


def test_unreleased_offers_no_value_beside_the_answer_either(assistant: Assistant) -> None:
    answer = assistant.answer("What is the price of cakes?")
    assert not any("euros" in c.quote for c in answer.related)


def test_what_is_said_in_one_part_is_not_said_again_beside_another(assistant: Assistant, composer: Composer) -> None:
    part = assistant.parts("Does the village oven bake cakes at a price?")[0]
    for number in (0, 1):
        composer.add(part.query, Decision("unreleased", (), part.open), part.evidence, number)
    beside = [s.part for s in composer.segments if s.role == "context"]
    assert beside
    assert set(beside) == {0}
