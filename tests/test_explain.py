from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answer import Assistant
from assistant.asking import KINDS
from assistant.evidence import MODELS, Calibration, Models
from assistant.explain import KIND_WORDS
from index.embed import TransformerEmbedder
from index.generation import Index

SOURCES = {
    "baths.md": """---
title: Prices of the baths
publisher: Town of Velm
published: 2031-03-02
---
A season ticket for the Lake Baths costs 64 crowns. The Lake Baths open on 1 May 2031. Dogs are not admitted to the lawn.
The town has not yet said how much a ticket for the Forest Baths will cost.
""",
    "paper.md": """---
title: What swimming costs
publisher: Velm Courier
published: 2031-03-02
---
A season ticket for the Lake Baths costs 71 crowns. Parking is free.
""",
}


@pytest.fixture
def assistant(
    make_index: Callable[[Path, Mapping[str, str]], Index],
    embedder: TransformerEmbedder,
    tmp_path: Path,
) -> Iterator[Assistant]:
    with Assistant(make_index(tmp_path, SOURCES), embedder) as opened:
        yield opened


def test_every_kind_has_its_words() -> None:
    assert set(KIND_WORDS) == set(KINDS)


def test_the_winning_sentence_and_the_runner_up_are_quoted_with_their_sources(assistant: Assistant) -> None:
    text = assistant.explain("How much is a season ticket for the Lake Baths?")
    assert "Asked for: a sum of money, about Lake Baths." in text
    assert "Outcome: conflicting: sources exclude each other here" in text
    best, second = text.index("Best sentence: “"), text.index("Runner-up: “")
    assert best < second
    assert {"64 crowns" in text[best:second], "64 crowns" in text[second:]} == {True, False}
    assert "(Prices of the baths, Town of Velm, 2031-03-02)" in text
    assert text.count("Read together with the question: states the answer") == 2


def test_what_keeps_a_sentence_out_is_said(assistant: Assistant) -> None:
    text = assistant.explain("What is the price of a season ticket for the Castle Baths?")
    assert "left out: it is about something else than what is named" in text


def test_missing_words_are_named(assistant: Assistant) -> None:
    assert "Lacks: refund" in assistant.explain("Is there a refund for a season ticket for the Lake Baths?")


def test_an_open_point_shows_what_it_calls_open(assistant: Assistant) -> None:
    text = assistant.explain("How much will a ticket for the Forest Baths cost?")
    assert "Outcome: unreleased" in text
    assert "Read together with the question: calls it open" in text
    assert "Calls open: “how much a ticket for the Forest Baths will cost”" in text


def test_each_part_is_explained(assistant: Assistant) -> None:
    text = assistant.explain("When do the Lake Baths open and is the parking free?")
    assert text.count("Asked for:") == 2
    assert "Asked for: a date" in text
    assert "Asked for: yes or no" in text


def test_probabilities_are_shown_as_likely_as_they_are(
    make_index: Callable[[Path, Mapping[str, str]], Index], embedder: TransformerEmbedder, tmp_path: Path
) -> None:
    def always(line: Calibration) -> Models:
        return replace(
            MODELS,
            **{
                n: replace(getattr(MODELS, n), likelihood=line)
                for n in ("reread_stated", "reread_open", "reread_whole")
            },
        )

    index = make_index(tmp_path, SOURCES)
    with Assistant(index, embedder, models=always(Calibration(0.0, -2.0))) as assistant:
        text = assistant.explain("How much will a ticket for the Forest Baths cost?")
    assert "with a probability of 12% (not enough; 12% are needed)" in text or "12% (left out" in text
    assert "Is what is asked with a probability of 12%." in text


def test_what_is_listed_without_being_read_again_has_no_probability(assistant: Assistant) -> None:
    text = assistant.explain("What is not known yet about the Forest Baths?")
    assert "Outcome: unreleased" in text
    assert "with a probability of" not in text
    assert "read together" not in text.lower()
