"""What a corpus's words are like is counted once, survives a round trip to disk, and tells a question's language."""

from pathlib import Path

import pytest

from index.lexicon import Lexicon, LexiconBuilder, build, is_capital, language, zipf
from index.source import Sentence
from index.terms import terms

TEXTS = (
    "The Orsund ferry calls at Vik.",
    "On Monday the ferry to Orsund was late, and Vik waited.",
    "Ferries of class T7 carry 40 cars.",
    "The Harbour Master Of Vik Answers Letters",
    "A vik is a bay. Bays freeze.",
)


def of(*texts: str, declared: tuple[str, ...] = ()) -> Lexicon:
    return build([Sentence(f"s#{i}", "s", 0, len(text), text) for i, text in enumerate(texts)], declared)


@pytest.fixture(params=["built", "loaded"])
def lexicon(request: pytest.FixtureRequest, tmp_path: Path) -> Lexicon:
    made = of(*TEXTS)
    if request.param == "built":
        return made
    made.save(tmp_path / "lexicon")
    return Lexicon.load(tmp_path / "lexicon")


def question_language(question: str) -> str:
    return language([term.norm for term in terms(question)])


# --- words -------------------------------------------------------------------------------------------------------


def test_names_are_words_mostly_written_as_names_inside_sentences(lexicon: Lexicon) -> None:
    # "vik" has two capitals inside sentences and one small letter; the line of titles counts for none.
    assert lexicon.names == {"orsund", "vik", "t7"}
    assert lexicon.always == {"orsund", "t7"}


def test_weekdays_and_first_words_are_no_names(lexicon: Lexicon) -> None:
    assert not lexicon.names & {"monday", "on", "the", "ferries", "bays", "harbour"}


def test_every_word_is_known_function_words_too(lexicon: Lexicon) -> None:
    assert {"the", "ferry", "ferries", "t7", "40", "letters"} <= lexicon.words
    assert "letter" not in lexicon.words


def test_pairs_follow_each_other_in_that_order_within_a_sentence(lexicon: Lexicon) -> None:
    for pair in ("orsund ferry", "the ferry", "class t7", "at vik", "late and", "bay bays"):
        assert pair in lexicon.pairs
    for pair in ("ferry orsund", "vik on", "the vik", "zebra ferry", "ferry", "", "the orsund ferry"):
        assert pair not in lexicon.pairs
    assert len(of("red boat", "red boat", "blue boat").pairs) == 2


def test_frequency_counts_sentences_that_hold_a_stem(lexicon: Lexicon) -> None:
    assert lexicon.sentences == 5
    assert lexicon.frequency["ferri"] == 3
    assert lexicon.frequency["vik"] == 4
    assert lexicon.frequency["bay"] == 1  # twice in one sentence
    assert "zebra" not in lexicon.frequency


def test_a_rare_word_weighs_more_than_a_common_one(lexicon: Lexicon) -> None:
    weights = [lexicon.weight(term) for term in terms("orsund ferry the")]
    assert weights == sorted(weights, reverse=True)
    assert 0 < weights[2] < weights[0] <= 1


def test_the_terms_of_a_sentence_may_lie_in_a_longer_text() -> None:
    text = "Notes. Above\nShe left Vik. The Vik bus ran."
    found = terms(text)
    builder = LexiconBuilder()
    for first, last in ((2, 5), (5, 9)):
        builder.add(text, found[first:last])
    whole = of("She left Vik.", "The Vik bus ran.")
    made = builder.done()
    assert (made.names, made.words, made.frequency) == (whole.names, whole.words, whole.frequency)
    assert len(made.pairs) == len(whole.pairs) == 5


def test_a_corpus_without_words_has_an_empty_lexicon(tmp_path: Path) -> None:
    of().save(tmp_path / "lexicon")
    empty = Lexicon.load(tmp_path / "lexicon")
    assert not empty.words
    assert "a b" not in empty.pairs
    assert empty.languages == ("en",)


@pytest.mark.parametrize(
    ("word", "named"),
    [
        ("Orsund", True),
        ("T7", True),
        ("7B", True),
        ("WHO", True),
        ("ferry", False),
        ("40", False),
        ("1st", False),
        ("7TH", False),
        ("The", False),
        ("7b", False),
    ],
)
def test_a_capital_or_a_code_is_written_as_a_name(word: str, named: bool) -> None:
    assert is_capital(terms(word)[0]) is named


# --- languages ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "question"),
    [
        ("fr", "Combien coûte le permis de pêche pour les habitants de la ville ?"),
        ("de", "Wie lange ist die Fähre wegen der Arbeiten am Hafen gesperrt?"),
        ("es", "¿Cuánto tiempo tarda en llegar el permiso de pesca?"),
        ("it", "Quanto costa il biglietto del traghetto per gli studenti?"),
        ("pt", "Quanto tempo demora para receber a licença de pesca?"),
        ("nl", "Hoeveel kost de veerboot voor de bewoners van het eiland?"),
        ("pl", "Ile kosztuje bilet na prom dla mieszkańców wyspy?"),
        ("ru", "Сколько стоит билет на паром для жителей острова?"),
        ("tr", "Adaya giden vapur için bilet ne kadar?"),
        ("ja", "フェリーの料金はいくらですか？"),
        ("zh", "渡轮的票价是多少？"),
        ("zh", "T7 和 WHO 的渡轮票价有什么区别？"),
        ("ja", "T7 ferryの料金は？"),
        ("ko", "여객선 요금은 얼마입니까?"),
        ("ar", "كم سعر تذكرة العبارة إلى الجزيرة؟"),
    ],
)
def test_a_question_shows_its_language(code: str, question: str) -> None:
    assert question_language(question) == code


@pytest.mark.parametrize(
    "question",
    [
        "Does Łukasiewicz Przybyszewski teach in Wrocław?",
        "Who runs Deutsche Bahn and the Österreichische Bundesbahnen?",
        "Is Rue du Faubourg Saint-Honoré closed?",
        "Did Krzysztof Komorowski visit Szczecin or Świnoujście?",
        "When does the Hagaparken Strömsund Ängelholm line open?",
        "What is a Gewerbeanmeldung?",
        "Where is 北京大学?",
        "Is this the 여객선 terminal?",
        "fare?",
        "42",
        "",
    ],
)
def test_a_question_of_foreign_names_stays_english(question: str) -> None:
    assert question_language(question) == "en"


def test_a_corpus_is_in_the_languages_it_declares_and_the_one_it_shows() -> None:
    german = "Die Fähre fährt im Winter nicht, weil der Hafen dann gesperrt ist und niemand die Insel verlässt."
    assert of(*TEXTS).languages == ("en",)
    assert of(german).languages == ("de",)
    assert of(*TEXTS, declared=("", "sv-SE", "EN-gb")).languages == ("en", "sv")


def test_common_words_stand_high_on_the_zipf_scale() -> None:
    assert zipf("the") > 7
    assert 2 < zipf("ferries") < 4
    assert zipf("qqzzxv") == 0
    assert zipf("der", "de") > 7
