"""What a text claims that its evidence does not hold: figures with units, dates, and names wherever they stand."""

import pytest

from assistant import compose
from evals.extra import dates, extra, figures, measures, names

SHOWN = [
    "The pass costs 20 euros, Ana Brandt of the Port of Lisbon said on 3 May 2025. It holds for 1.5 million people."
]


@pytest.mark.parametrize(
    ("claim", "added"),
    [
        ("The pass costs 30 euros.", ["30", "30 euro"]),
        ("The pass costs 20 dollars.", ["20 dollar"]),
        ("The pass costs €20.", []),
        ("The pass costs 20.", []),
        ("It holds for 1.5 people.", ["1.5"]),
        ("It holds for 1.5 million people.", []),
        ("It holds for thirty days.", ["30", "30 day"]),
        ("It holds for 020.5 euros.", ["20.5", "20.5 euro"]),
        ("Said on 4 May 2025.", ["4.5."]),
        ("Said on May 3, 2025.", []),
        ("Said in May 2025.", []),
        ("Said on 3 June.", ["3.6."]),
        ("Said in June.", ["june"]),
        ("It costs 3 euros.", ["3", "3 euro"]),
        ("Said on 2025-05-03.", []),
        ("The minister Carl Otto said so.", ["carl otto"]),
        ("Ana Otto said so.", ["ana otto"]),
        ("Lisbon Brandt said so.", ["lisbon brandt"]),
        ("Smith said so.", ["smith"]),
        ("China said so.", ["china"]),
        ("US officials said so.", ["us"]),
        ("It is so. Otto agrees.", ["otto"]),
        ("He said: “Otto agrees.”", ["otto"]),
        ("Otto’s pass costs 20 euros.", ["otto"]),
        ("Wednesday is the day.", ["wednesday"]),
        ("The pass, I hear, costs 20 euros. However, it holds. Passes cost 20 euros.", []),
        ("Ana Brandt’s pass.", []),
        ("the port of lisbon", []),
    ],
)
def test_a_claim_that_the_evidence_does_not_hold_is_found(claim: str, added: list[str]) -> None:
    assert extra(claim, SHOWN) == added


def test_words_of_two_pieces_make_no_name_together() -> None:
    assert extra("so says Ana Brandt", ["so says Ana", "Brandt says so"]) == ["ana brandt"]


def test_a_name_may_stand_around_the_quote_and_a_figure_may_not() -> None:
    assert extra("so says Ana, 20", ["so says she"], ["Ana is 20."]) == ["20"]


def test_a_figure_is_kept_with_its_unit_and_without() -> None:
    assert set(figures("US$100,000 a year; 71 per cent, 3 bn, H-1B, 2 weeks")) == {
        "100000", "100000 dollar", "71", "71 %", "3 billion", "2", "2 week",
    }  # fmt: skip


def test_a_date_is_a_day_and_a_month() -> None:
    assert set(dates("30 September, Sept. 3, 2024, June 2025 and 2023-01-07; 40 years")) == {
        "30.9.", "3.9.", "9.2024", "6.2025", "7.1.", "1.2023",
    }  # fmt: skip


def test_a_name_is_a_run_of_capitalised_words() -> None:
    found = [" ".join(name) for name, _ in names("The H-1B of Donald Trump’s Gold Card, Paris; it is the U.S. Army.")]
    assert found == ["h 1b", "donald trump gold card", "paris", "u s", "army"]


def test_templates_claim_nothing() -> None:
    for template in (compose.NOT_IN_SOURCES, compose.NOT_RELEASED, compose.DIFFER, compose.REPLACED, compose.EACH):
        assert extra(template, []) == []
    assert extra("The record speaks as of its newest source cited here.", []) == []
    stands = "“on Wednesday” stands as the source wrote it; the source is dated 2025-05-02."
    assert extra(stands, ["It began on Wednesday.", "2025-05-02"]) == []
    assert extra(stands.replace("-02", "-03"), ["It began on Wednesday.", "2025-05-02"]) == ["3.5."]


def test_a_figure_and_a_date_are_kept_as_they_were_written() -> None:
    assert measures("It costs $1,000 from 3 May 2025.") == {
        "1000": "$1,000", "1000 dollar": "$1,000", "2025": "2025", "3.5.": "3 May 2025", "5.2025": "3 May 2025",
    }  # fmt: skip
