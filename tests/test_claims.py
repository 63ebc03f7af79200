"""Values are read in any usual notation and compared as a reader would; qualifiers and denials are told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.claims import Value, compatible, denials, qualifiers, values


def value(text: str) -> Value:
    (found,) = values(text)
    return found


def shown(text: str) -> list[str]:
    return [text[found.start : found.end] for found in values(text)]


# --- values ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "size", "unit"),
    [
        ("It costs $40.", 40, "dollar"),
        ("a levy of US$2.5 million", 2_500_000, "dollar"),
        ("USD 90", 90, "dollar"),
        ("90 American dollars", 90, "dollar"),
        ("HK$100", 100, "dollar"),
        ("$250k", 250_000, "dollar"),
        ("twenty-five dollars", 25, "dollar"),
        ("a hundred dollars", 100, "dollar"),
        ("half a million dollars", 500_000, "dollar"),
        ("a 10-euro ticket", 10, "euro"),
        ("€12.50", 12.5, "euro"),
        ("12.50 euros", 12.5, "euro"),
        ("EUR 1.5 bn", 1_500_000_000, "euro"),
        ("£1,200.50", 1200.5, "pound"),
        ("3,000 pounds sterling", 3000, "pound"),
        ("50p", 50, "penny"),
        ("fifty pence", 50, "penny"),
        ("40 yuan", 40, "yuan"),
        ("RMB 40", 40, "yuan"),
        ("₹5 lakh", 500_000, "rupee"),
        ("5 lakh rupees", 500_000, "rupee"),
    ],
)
def test_money_is_read(text: str, size: float, unit: str) -> None:
    found = value(text)
    assert (found.kind, found.size, found.unit) == ("money", size, unit)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("71%", 0.71),
        ("71 per cent of them", 0.71),
        ("0.5 percent", 0.005),
        ("a rise of 5 percentage points", 0.05),
        ("two-thirds of the seats", 2 / 3),
        ("three quarters of it", 0.75),
        ("a third of the crew", 1 / 3),
        ("seven tenths of a litre", 0.7),
        ("half of them", 0.5),
    ],
)
def test_shares_are_read_as_parts_of_one(text: str, size: float) -> None:
    found = value(text)
    assert found.kind == "percent"
    assert found.size == pytest.approx(size)


@pytest.mark.parametrize(
    ("text", "size", "unit"),
    [
        ("90 days", 90, "day"),
        ("a 90-day stay", 90, "day"),
        ("six working days", 6, "day"),
        ("three weeks", 3, "week"),
        ("two and a half years", 2.5, "year"),
        ("half a year", 0.5, "year"),
        ("1.5 hours", 1.5, "hour"),
        ("a fortnight", 1, "fortnight"),
        ("several months", 0, "month"),
    ],
)
def test_durations_are_read(text: str, size: float, unit: str) -> None:
    found = value(text)
    assert (found.kind, found.size, found.unit) == ("duration", size, unit)


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("19 September 2031", (2031, 9, 19)),
        ("Sept. 19, 2031", (2031, 9, 19)),
        ("September 19", (0, 9, 19)),
        ("the 19th of September", (0, 9, 19)),
        ("2031-09-19", (2031, 9, 19)),
        ("September 2031", (2031, 9, 0)),
        ("by 2031", (2031, 0, 0)),
        ("2031/32", (2031, 0, 0)),
        ("early 2031", (2031, 0, 0)),
        ("in May", (0, 5, 0)),
        ("Monday", (0, 0, 0)),
        ("tomorrow", (0, 0, 0)),
        ("7.30pm", (0, 0, 0)),
        ("at 7.30", (0, 0, 0)),
        ("19:30", (0, 0, 0)),
        ("9 a.m.", (0, 0, 0)),
        ("noon", (0, 0, 0)),
    ],
)
def test_dates_are_read_as_precisely_as_they_are_said(text: str, when: tuple[int, int, int]) -> None:
    found = value(text)
    assert (found.kind, found.when) == ("date", when)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("65,000 places", 65_000),
        ("1,234.5 tonnes", 1234.5),
        ("twelve boats", 12),
        ("two dozen boats", 24),
        ("one hundred and twenty boats", 120),
        ("half a million boats", 500_000),
        ("3 crore voters", 30_000_000),
        ("a 20,000-seat hall", 20_000),
        ("they met twice", 2),
        ("none of them", 0),
        ("hundreds of boats", 0),
    ],
)
def test_counts_are_read(text: str, size: float) -> None:
    found = value(text)
    assert (found.kind, found.size) == ("count", size)


@pytest.mark.parametrize(
    "text",
    [
        "the T-7 permit",
        "Section 5",
        "an A320",
        "Covid-19",
        "No. 7",
        "they may march",
        "May I come?",
        "May visitors park?",
    ],
)
def test_codes_names_and_verbs_are_no_values(text: str) -> None:
    assert values(text) == ()


def test_values_stand_in_order_with_their_spans() -> None:
    text = "From 1 June the toll is $5 a day, up 25% for 3 weeks, at up to 40 gates."
    assert shown(text) == ["1 June", "$5", "25%", "3 weeks", "40"]
    assert [found.kind for found in values(text)] == ["date", "money", "percent", "duration", "count"]


def test_both_ends_of_a_range_are_values() -> None:
    assert [found.size for found in values("$5 to $10")] == [5, 10]


@pytest.mark.parametrize(
    "text", ["nearly 40 boats", "about $40", "up to €40", "at least 40 days", "some 40%", "dozens"]
)
def test_what_the_text_rounds_or_bounds_is_approximate(text: str) -> None:
    assert value(text).approximate


@pytest.mark.parametrize("text", ["40 boats", "$40", "exactly 40 days", "zero", "0"])
def test_a_plain_value_is_exact(text: str) -> None:
    assert not value(text).approximate


@given(st.text(alphabet="0123456789.,:-/$€% aefhlmnort"))
def test_any_text_can_be_read(text: str) -> None:
    for found in values(text):
        assert 0 <= found.start < found.end <= len(text)
        assert found.size >= 0


# --- comparing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("$250k", "250,000 dollars"),
        ("€1.5 billion", "1,500 million euros"),
        ("71%", "nearly three quarters of"),
        ("about 100 boats", "104 boats"),
        ("19 September 2031", "Sept. 19"),
        ("September 2031", "2031-09-19"),
        ("tomorrow", "19 September"),
        ("two dozen boats", "24 boats"),
        ("several months", "3 months"),
        ("dozens of boats", "40 boats"),
        ("0 boats", "none of the boats"),
        ("$40", "40 euros"),
        ("$40", "40 days"),
        ("12 months", "1 year"),
    ],
)
def test_values_that_may_both_be_right_are_compatible(a: str, b: str) -> None:
    assert compatible(value(a), value(b))
    assert compatible(value(b), value(a))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("$250,000", "$25,000"),
        ("100 boats", "104 boats"),
        ("about 100 boats", "150 boats"),
        ("71%", "half of"),
        ("19 September", "20 September"),
        ("May 2031", "May 2032"),
        ("90 days", "60 days"),
        ("none of the boats", "5 boats"),
    ],
)
def test_values_that_cannot_both_be_right_are_not(a: str, b: str) -> None:
    assert not compatible(value(a), value(b))
    assert not compatible(value(b), value(a))


# --- qualifiers and denials --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a one-off charge", {"frequency": "once"}),
        ("It is paid once.", {"frequency": "once"}),
        ("Pay once the permit arrives.", {}),
        ("The toll is charged annually.", {"frequency": "yearly"}),
        ("$5 per year", {"frequency": "yearly"}),
        ("every month", {"frequency": "monthly"}),
        ("The board proposed a toll.", {"status": "proposed"}),
        ("The toll would cost $5.", {"status": "proposed"}),
        ("The toll was imposed in June.", {"status": "adopted"}),
        ("The toll has been scrapped, no: repealed.", {"status": "dropped"}),
        ("Helmets are mandatory.", {"duty": "required"}),
        ("Helmets are optional.", {"duty": "optional"}),
        ("An annual pass is compulsory.", {"frequency": "yearly", "duty": "required"}),
        ("The ferry leaves at noon.", {}),
    ],
)
def test_qualifiers_say_how_often_whether_adopted_and_whether_a_duty(text: str, expected: dict[str, str]) -> None:
    assert qualifiers(text) == expected


def test_a_group_with_two_rows_qualifies_nothing() -> None:
    assert qualifiers("The annual toll gives way to a one-off toll, which is mandatory.") == {"duty": "required"}


def test_qualifiers_are_looked_for_around_a_value() -> None:
    text = "The annual show is free." + " The harbour is deep." * 5 + " A berth costs $5 once."
    start = text.index("$5")
    assert qualifiers(text, (start, start + 2)) == {"frequency": "once"}
    assert qualifiers(text) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dogs are not allowed.", ["not"]),
        ("It isn’t free, and don't ask.", ["n’t", "n't"]),
        ("No toll, without exception.", ["No", "without"]),
        ("Neither boats nor rafts", ["Neither", "nor"]),
        ("Students are exempt from it.", ["exempt"]),
        ("Entry is free of charge.", ["free of"]),
        ("The fee was waived and then ruled out.", ["waived", "ruled out"]),
        ("for want, or lack, of a permit", ["lack"]),
        ("A notebook of northern knots", []),
        ("Dogs are allowed.", []),
    ],
)
def test_denials_are_the_words_that_deny(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in denials(text)] == expected


def test_a_verb_after_a_number_is_no_month() -> None:
    assert [v.kind for v in values("Nobody under 21 may sail, and 40 march.")] == ["count", "count"]
    assert [v.kind for v in values("It opens on 21 May and on 3 March.")] == ["date", "date"]
