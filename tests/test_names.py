"""Names are learnt from the corpus, and told from capitals; words are put in the corpus's spelling."""

import pytest

from assistant.names import named, repair
from index.lexicon import Lexicon
from index.terms import content, terms
from tests.town import lexicon_of


def names_in(text: str, lexicon: Lexicon) -> list[str]:
    found = content(terms(text))
    return [" ".join(found[i].surface for i in name) for name in named(found, text, lexicon)]


@pytest.mark.parametrize(
    ("asked_as", "written"),
    [
        ("What does a kclass cost?", "What does a K class cost?"),
        ("the H1-B levy", "the h 1b levy"),
        ("H1B levy", "H 1b levy"),
        ("the scolarship", "the scholarship"),
        ("accomodation in Bergen", "accommodation in Bergen"),
        ("tuitoin", "tuition"),
        ("BridgeGrant", "bridge grant"),
    ],
)
def test_a_question_is_put_in_the_spelling_of_the_corpus(asked_as: str, written: str, lexicon: Lexicon) -> None:
    assert repair(asked_as, lexicon) == written


@pytest.mark.parametrize(
    "text",
    [
        "What does a k-class cost?",
        "What does a K class cost?",
        "the h-1b levy",
        "the H-2B levy",
        "Does Zanzibar pay?",
        "the Mars mission",
        "elephants pay",
        "Which farms apply?",
        "Students, farmers; “grants” — 40 %!",
        "东京 Überraschung",
    ],
)
def test_real_words_unknown_names_and_right_spellings_are_left_alone(text: str, lexicon: Lexicon) -> None:
    assert repair(text, lexicon) == text


@pytest.mark.parametrize("text", ["the evisa", "an eferry", "the prefare", "the retunnel", "a nonvisa"])
def test_a_word_with_a_prefix_is_another_word(text: str) -> None:
    lexicon = lexicon_of("The visa is blue.", "A ferry lasts a year.", "The fare rises.", "A tunnel opens.")
    assert repair(text, lexicon) == text


@pytest.mark.parametrize("text", ["", "?", "…!"])
def test_a_text_without_words_is_left_alone(text: str, lexicon: Lexicon) -> None:
    assert repair(text, lexicon) == text


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("What does a K class cost?", ["K class"]),
        ("what does a k class cost?", ["k class"]),
        ("Who is Ingrid Solheim?", ["Ingrid Solheim"]),
        ("Is Bergen in the Bridge Loan scheme?", ["Bergen", "Bridge Loan"]),
        ("grants in bergen", ["bergen"]),
        ("What is the H-1B levy in 2025?", ["H 1B", "2025"]),
        ("Was it 2024 or 2025?", ["2024", "2025"]),
        ("WHAT DOES THE K CLASS COST?", ["K CLASS"]),
        ("What is the Zanzibar grant?", ["Zanzibar"]),
        ("How is Covid-19 treated?", ["Covid 19"]),
        ("How many seats are in 40 rows?", []),
        ("What is the fee in May?", []),
        ("Students pay what?", []),
    ],
)
def test_names_are_known_from_the_corpus_and_from_capitals(text: str, names: list[str], lexicon: Lexicon) -> None:
    assert names_in(text, lexicon) == names


@pytest.mark.parametrize(
    "text",
    [
        "What Is The Levy For Farmers?",
        "What Is the Levy for Farmers?",
        "How Many Seats Do Trams Have?",
        "Smoked Fish And Cheese Recalled",
        "Is It Open? When Does It Close?",
    ],
)
def test_a_question_in_title_case_names_nothing_new(text: str, lexicon: Lexicon) -> None:
    assert names_in(text, lexicon) == []


def test_a_question_in_title_case_names_what_the_corpus_names(lexicon: Lexicon) -> None:
    assert names_in("Who Is Ingrid Solheim In Bergen?", lexicon) == ["Ingrid Solheim", "Bergen"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Is Ingrid Solheim in the Zanzibar Treaty?", ["Ingrid Solheim", "Zanzibar Treaty"]),
        ("Did Magda Orlow or Pell Ames?", ["Magda Orlow", "Pell Ames"]),
        ("Is Zolmiran in The Hague?", ["Zolmiran", "Hague"]),
        ("Do I and Magda Orlow?", ["Magda Orlow"]),
    ],
)
def test_a_question_dense_with_names_names_them(text: str, names: list[str], lexicon: Lexicon) -> None:
    assert names_in(text, lexicon) == names
