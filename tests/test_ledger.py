"""Open points: which of them a question is about, and how a reader sees them listed."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from assistant.citation import cite
from assistant.evidence import Reader
from assistant.ledger import Closure, Ledger, OpenMatch, attribute_kind, same
from assistant.outcome import ABOUT
from assistant.question import understand
from index.embed import Embedder
from index.generation import Index
from index.terms import terms
from tests.corpus import published

FILES = {
    "ferry.md": """---
title: The Oriel ferry
publisher: Coast Weekly
published: 2024-05-10
---
The Oriel ferry leaves every day. The price of a bicycle place on the Oriel ferry has not been decided.

The company has yet to say when the winter timetable will start, who will cook, or how long a crossing takes.
""",
    "tram.md": """---
title: The Fjord tram
---
The Fjord tram is green. The fare of the Fjord tram has not been announced.

Details such as opening hours and luggage rules have not been published.
""",
    "mill.md": "The mill grinds rye. Nobody lives there.\n",
}


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Ledger]:
    folder = tmp_path_factory.mktemp("ledger")
    with Index.open(published(folder, FILES, embedder), embedder) as index:
        yield Ledger(Reader(index, index.lexicon))


@pytest.fixture
def match(ledger: Ledger, embedder: Embedder) -> Callable[[str], list[OpenMatch]]:
    """The points that a question fits, best first."""

    def find(question: str) -> list[OpenMatch]:
        lexicon = ledger._reader.lexicon
        return ledger.match(understand(question, lexicon, embedder), range(len(ledger.points)))

    return find


def attribute(ledger: Ledger, found: OpenMatch) -> str:
    return ledger._reader.source(found.sentence).text[slice(*found.attribute)]


@pytest.mark.parametrize(
    ("question", "what"),
    [
        ("What is the price of a bicycle place on the Oriel ferry?", "The price of a bicycle place on the Oriel ferry"),
        ("How much does a bicycle place cost?", "The price of a bicycle place on the Oriel ferry"),
        ("When does the winter timetable start?", "when the winter timetable will start"),
        ("What is the fare of the Fjord tram?", "The fare of the Fjord tram"),
        ("What are the opening hours of the Fjord tram?", "opening hours"),
        ("What are the luggage rules?", "luggage rules"),
    ],
)
def test_a_question_finds_the_attribute_that_a_source_calls_open(
    question: str, what: str, ledger: Ledger, match: Callable[[str], list[OpenMatch]]
) -> None:
    best = match(question)[0]
    assert attribute(ledger, best) == what
    assert best.score >= ABOUT


@pytest.mark.parametrize("question", ["What colour is the mill?", "Who built the mill?", "Who painted the Mona Lisa?"])
def test_a_question_about_something_else_fits_no_open_point(
    question: str, match: Callable[[str], list[OpenMatch]]
) -> None:
    assert all(found.score < ABOUT for found in match(question))


@pytest.mark.parametrize(
    "question",
    ["What colour is the Fjord tram?", "Does the Oriel ferry carry horses?", "How often does the Oriel ferry leave?"],
)
def test_another_attribute_of_the_same_thing_fits_no_open_point(
    question: str, match: Callable[[str], list[OpenMatch]]
) -> None:
    assert all(found.score < ABOUT for found in match(question))


def test_matches_are_sorted_best_first_one_for_each_point(
    ledger: Ledger, match: Callable[[str], list[OpenMatch]]
) -> None:
    found = match("What is the price of a bicycle place?")
    assert [m.score for m in found] == sorted((m.score for m in found), reverse=True)
    assert Counter(m.sentence for m in found) <= Counter(point.sentence for point in ledger.points)


def test_a_point_about_another_named_thing_is_no_match(ledger: Ledger, match: Callable[[str], list[OpenMatch]]) -> None:
    found = match("What is the fare of the Oriel ferry?")
    assert {ledger._reader.source(m.sentence).id for m in found} == {"ferry"}


def test_only_candidates_are_matched(ledger: Ledger, embedder: Embedder) -> None:
    query = understand("What is the price of a bicycle place?", ledger._reader.lexicon, embedder)
    assert ledger.match(query, []) == []
    assert [m.sentence for m in ledger.match(query, [1])] == [ledger.points[1].sentence]


def test_a_date_and_a_price_exclude_each_other_and_two_sizes_do_not(
    ledger: Ledger, match: Callable[[str], list[OpenMatch]]
) -> None:
    def signals(question: str) -> tuple[float, float]:
        found = next(m for m in match(question) if attribute(ledger, m).startswith("The price"))
        return found.signals.agrees, found.signals.differs

    assert signals("How much does a bicycle place cost?") == (1, 0)
    assert signals("When was a bicycle place set?") == (0, 1)
    assert signals("How many bicycle places cost that price?") == (0, 0)
    assert signals("Is the price of a bicycle place low?") == (0, 0)


@pytest.mark.parametrize(
    ("phrase", "kind"),
    [
        ("when the winter timetable will start", "date"),
        ("how long a crossing takes", "duration"),
        ("whether dogs may come", "any"),
        ("The price of a bicycle place", "money"),
        ("the age limit", "quantity"),
        ("luggage rules", ""),
        ("the", ""),
    ],
)
def test_an_attribute_is_of_the_kind_of_answer_it_would_give(phrase: str, kind: str) -> None:
    assert attribute_kind(phrase) in ((kind, "yesno") if kind == "any" else (kind,))


def test_words_are_the_same_by_stem_or_nearly_by_family() -> None:
    def word(text: str) -> float:
        a, b = terms(text)
        return same(a, b)

    assert word("prices price") == 1
    assert 0 < word("price fee") < 1
    assert word("price tram") == 0


# -------------------------------------------------------------------------------------------- asked for all that is open


def about(ledger: Ledger, embedder: Embedder, question: str) -> list[str]:
    query = understand(question, ledger._reader.lexicon, embedder)
    found: Sequence[OpenMatch] = ledger.about(query, range(len(ledger.points)))
    return [ledger._reader.index.sentences[m.sentence].text for m in found]


def test_the_open_points_of_a_named_thing_are_those_of_its_sentences(ledger: Ledger, embedder: Embedder) -> None:
    found = about(ledger, embedder, "What is not known yet about the Oriel ferry?")
    assert any("bicycle" in text for text in found)
    assert not any("Fjord" in text for text in found)
    assert len(found) == len(set(found))


def test_a_sentence_with_several_open_attributes_is_given_once(ledger: Ledger, embedder: Embedder) -> None:
    found = about(ledger, embedder, "What is not known yet?")
    assert len(found) == len(set(found)) == len(ledger.by_sentence)


def test_the_open_points_of_a_thing_without_a_name_are_its_own(ledger: Ledger, embedder: Embedder) -> None:
    assert about(ledger, embedder, "What is not known yet about the mill?") == []


# -------------------------------------------------------------------------------------------------------- entries()


def test_every_open_sentence_is_listed_with_what_it_calls_open(ledger: Ledger) -> None:
    entries = ledger.entries()
    assert [(e.source, e.attributes[0]) for e in entries] == [
        ("ferry", "The price of a bicycle place on the Oriel ferry"),
        ("ferry", "when the winter timetable will start"),
        ("tram", "The fare of the Fjord tram"),
        ("tram", "Details"),
    ]
    assert {"opening hours", "luggage rules"} <= set(entries[3].attributes)
    assert all(e.status == "open" for e in entries)


def test_an_entry_quotes_its_source_word_for_word(ledger: Ledger) -> None:
    sources = ledger._reader.index.sources
    for entry in ledger.entries():
        assert entry.quote == sources[entry.source].text[entry.start : entry.end]
        cited = cite(1, ledger._reader.index.sources[entry.source], (entry.start, entry.end))
        assert (cited.quote, cited.source, cited.start, cited.end) == (
            entry.quote,
            entry.source,
            entry.start,
            entry.end,
        )


def test_an_entry_names_its_title_publisher_and_date_or_leaves_them_empty(ledger: Ledger) -> None:
    ferry, _, tram, _ = ledger.entries()
    assert (ferry.title, ferry.publisher, ferry.published) == ("The Oriel ferry", "Coast Weekly", "2024-05-10")
    assert (tram.title, tram.publisher, tram.published) == ("The Fjord tram", "", "")


def test_the_subject_of_an_entry_is_named_in_it_or_is_the_title(ledger: Ledger) -> None:
    assert [entry.subject for entry in ledger.entries()] == ["Oriel", "Oriel", "Fjord", "Fjord"]


def test_a_corpus_without_open_points_has_an_empty_ledger(
    tmp_path: Path, make_index: Callable[[Path, Mapping[str, str]], Index], embedder: Embedder
) -> None:
    index = make_index(tmp_path, {"mill.md": FILES["mill.md"]})
    ledger = Ledger(Reader(index, index.lexicon))
    assert ledger.entries() == []
    assert ledger.match(understand("What is open?", index.lexicon, embedder), range(len(ledger.points))) == []


# ---------------------------------------------------------------------------------------------------- what closes them


def test_an_attribute_is_put_as_a_question_on_its_subject(ledger: Ledger) -> None:
    asked = [ledger.question(point.sentence, span) for point in ledger.points for span in point.attributes]
    assert asked[:2] == [
        "What is The price of a bicycle place on the Oriel ferry?",
        "When the winter timetable will start, Oriel?",
    ]


def test_a_subject_that_is_but_the_title_gives_its_names_alone(
    tmp_path: Path, make_index: Callable[[Path, Mapping[str, str]], Index]
) -> None:
    text = "---\ntitle: What visitors ask about Velm these days\n---\nVisitors like Velm. The price is not known yet.\n"
    index = make_index(tmp_path, {"velm.md": text, "more.md": "They say that Velm is small. He saw Velm in May.\n"})
    ledger = Ledger(Reader(index, index.lexicon))
    [point] = ledger.points
    question = ledger.question(point.sentence, point.attributes[0])
    assert question == "What is The price, Velm?"


def test_a_sentence_of_which_a_part_is_closed_has_two_entries(ledger: Ledger) -> None:
    details = ledger.points[-1]
    first, *others = details.attributes
    closed = {(details.sentence, first): Closure(sentence=0)}
    still, settled = sorted(ledger.entries(closed)[3:], key=lambda e: e.status, reverse=True)
    assert (still.status, settled.status) == ("open", "closed")
    assert len(settled.attributes) == 1
    assert len(still.attributes) == len(others)
    assert settled.closed_by is not None
    assert settled.closed_by.quote == ledger._reader.index.sentences[0].text


def test_what_supersedes_a_source_closes_its_points(ledger: Ledger) -> None:
    point = ledger.points[0]
    entry = ledger.entries({(point.sentence, point.attributes[0]): Closure(superseded_by="tram")})[0]
    assert (entry.status, entry.closed_by, entry.superseded_by) == ("closed", None, "tram")
