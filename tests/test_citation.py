"""The three rules: a quote stands in its source, a segment claims nothing that its quotes lack, what fails is not said."""

from dataclasses import replace
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.citation import Citation, cite, facts, fragment_link, supported, verbatim
from index.source import Dropped, Source

TEXT = (
    "The bridge is run by Ada Holm. It opens on 3 May 2025 and costs drivers $40 a year. "
    "Some 12% of them called it “a fair price”. Advert: buy our tea."
)
SOURCE = Source(
    "bridge", "The Oresund bridge", TEXT, publisher="Malmö Post", published="2025-04-30", url="https://post.test/bridge"
)
SOURCES = {"bridge": SOURCE}
OPENS = "It opens on 3 May 2025 and costs drivers $40 a year."


def citation(quote: str, context: str = "", n: int = 1) -> Citation:
    """The citation of a quote of the source above, leaning back to where `context` begins."""
    start = TEXT.index(quote)
    reach = (TEXT.index(context), start + len(quote)) if context else None
    return cite(n, SOURCE, (start, start + len(quote)), reach)


# ------------------------------------------------------------------------------------------------------------- rule 1


def test_a_citation_holds_the_text_at_its_offsets() -> None:
    made = citation(OPENS)
    assert made.quote == OPENS == TEXT[made.start : made.end]
    assert verbatim(made, SOURCES)


@pytest.mark.parametrize("by", [-1, 1])
def test_a_quote_whose_offsets_are_one_character_off_is_not_verbatim(by: int) -> None:
    made = citation(OPENS)
    assert not verbatim(replace(made, start=made.start + by, end=made.end + by), SOURCES)
    assert not verbatim(replace(made, end=made.end + by), SOURCES)


@pytest.mark.parametrize(
    "quote", ["It opens on 4 May 2025 and costs drivers $40 a year.", OPENS.upper(), OPENS[:-1], ""]
)
def test_a_changed_or_empty_quote_is_not_verbatim(quote: str) -> None:
    assert not verbatim(replace(citation(OPENS), quote=quote), SOURCES)


def test_an_empty_span_is_not_verbatim() -> None:
    assert not verbatim(cite(1, SOURCE, (5, 5)), SOURCES)


@pytest.mark.parametrize("span", [(-20, -1), (len(TEXT) - 20, len(TEXT) + 9)])
def test_offsets_outside_the_text_are_not_verbatim(span: tuple[int, int]) -> None:
    assert not verbatim(cite(1, SOURCE, span), SOURCES)


def test_a_quote_of_an_unknown_source_is_not_verbatim() -> None:
    assert not verbatim(replace(citation(OPENS), source="tunnel"), SOURCES)
    assert not verbatim(citation(OPENS), {})


@pytest.mark.parametrize("span", [(0, 15), (14, 16), (15, 31), (30, 40)])
def test_a_quote_that_touches_a_dropped_span_is_not_verbatim(span: tuple[int, int]) -> None:
    dropped = replace(SOURCE, dropped=(Dropped(14, 31, "advertisement"),))
    assert not verbatim(cite(1, dropped, span), {"bridge": dropped})


@pytest.mark.parametrize("span", [(0, 14), (31, 40)])
def test_a_quote_beside_a_dropped_span_is_verbatim(span: tuple[int, int]) -> None:
    dropped = replace(SOURCE, dropped=(Dropped(14, 31, "advertisement"),))
    assert verbatim(cite(1, dropped, span), {"bridge": dropped})


@given(st.integers(0, len(TEXT)), st.integers(0, len(TEXT)))
def test_every_citation_made_from_a_span_is_verbatim(a: int, b: int) -> None:
    made = cite(1, SOURCE, (min(a, b), max(a, b)))
    assert verbatim(made, SOURCES) == (a != b)


# ------------------------------------------------------------------------------------------------------------- rule 2


@pytest.mark.parametrize(
    "text",
    [
        OPENS,
        "It opens on 3 May 2025.",
        "Drivers pay $40 a year.",
        "Drivers pay 40.",
        "It opens, says the Malmö Post.",  # the publisher
        "The source on the Oresund bridge is dated 2025-04-30.",  # the title, the date
        "That is all.",
    ],
)
def test_a_segment_may_say_what_its_citation_shows(text: str) -> None:
    assert supported(text, [citation(OPENS)], SOURCES)


@pytest.mark.parametrize(
    "text",
    [
        "Drivers pay $41 a year.",
        "Drivers pay $4 a year.",  # 4 is no part of 40
        "Drivers pay $40,000 a year.",
        "Drivers pay $40 million a year.",
        "Drivers pay forty dollars a year.",  # spelled differently
        "Drivers pay nine times a year.",
        "It opens on 4 May 2025.",
        "It opens on 3 May 2026.",
        "It opens on 3 June 2025.",
        "It opens on May 3, 2025.",  # spelled differently
        "It opens on Monday.",
        "It opens under the A12 rule.",
    ],
)
def test_a_figure_that_no_quote_holds_is_not_supported(text: str) -> None:
    assert not supported(text, [citation(OPENS)], SOURCES)


@pytest.mark.parametrize(
    "text", ["It is run by Eva Holm.", "It opens in Copenhagen.", "Says the Daily News, it opens."]
)
def test_a_name_that_no_citation_shows_is_not_supported(text: str) -> None:
    assert not supported(text, [citation(OPENS, "The bridge is run")], SOURCES)


def test_a_name_may_come_from_the_context_that_the_quote_leans_on() -> None:
    text = "Under Ada Holm it opens."
    assert supported("Run by Ada Holm, it opens on 3 May 2025.", [citation(OPENS, "The bridge is run")], SOURCES)
    assert supported(text, [citation(OPENS, "The bridge is run")], SOURCES)
    assert not supported(text, [citation(OPENS)], SOURCES)


def test_a_figure_may_not_come_from_the_context() -> None:
    price = citation("Some 12% of them called it “a fair price”.", "It opens on")
    assert supported("Some 12% agreed.", [price], SOURCES)
    assert not supported("Some 40 agreed.", [price], SOURCES)


def test_a_quoted_phrase_must_stand_in_a_quote_word_for_word() -> None:
    price = [citation("Some 12% of them called it “a fair price”.")]
    assert supported("They called it “a fair price”.", price, SOURCES)
    assert supported('They called it "a fair price".', price, SOURCES)
    assert not supported("They called it “a good price”.", price, SOURCES)
    assert not supported("They called it “fair a price”.", price, SOURCES)
    assert not supported('They called it "a fair deal".', price, SOURCES)


def test_each_of_several_citations_counts() -> None:
    both = [citation(OPENS), citation("Some 12% of them called it “a fair price”.", n=2)]
    assert supported("It costs $40, and 12% call it “a fair price”.", both, SOURCES)
    assert not supported("It costs $40, and 13% call it “a fair price”.", both, SOURCES)


def test_nothing_cited_supports_no_figure_and_no_name() -> None:
    assert not supported("It costs $40.", [], SOURCES)
    assert not supported("Run by Ada Holm.", [], SOURCES)


def test_a_refusal_may_repeat_the_question() -> None:
    question = "Will the Øresund tunnel cost $99 in 2031?"
    refusal = "No source says whether the Øresund tunnel will cost $99 in 2031."
    assert not supported(refusal, [], SOURCES)
    assert supported(refusal, [], SOURCES, allowed=question)
    assert not supported(refusal.replace("99", "98"), [], SOURCES, allowed=question)


def test_facts_are_figures_names_and_quoted_phrases() -> None:
    found = facts("Drivers told Ada Holm on 3 May that 1,200 “Fair Price” cards went.")
    assert {"3", "1200", "3 may"} <= found.figures
    assert found.names >= {"ada", "holm"}
    assert "drivers" not in found.names
    assert found.quoted == {"fair price"}


@pytest.mark.parametrize(
    "text",
    [
        "Copenhagen opens it on 3 May 2025.",
        "Novartis runs it. It opens on 3 May 2025.",
        "It opens on 3 May 2025. Helsinki pays.",
        "Parliament set the price: “$40 a year”.",
        "“Sweden pays”, drivers say.",
    ],
)
def test_an_invented_name_that_begins_the_sentence_is_not_supported(text: str) -> None:
    assert not supported(text, [citation(OPENS)], SOURCES)


@pytest.mark.parametrize(
    "text",
    [
        "Drivers pay $40 a year.",  # the quote has the word
        "Driver costs are $40 a year.",  # another form of it
        "Holm runs it.",  # the context has the name
        "Tea costs drivers $40 a year.",  # the source writes it without a capital
        "The drivers pay. Each pays $40.",
    ],
)
def test_a_plain_word_may_begin_a_sentence(text: str) -> None:
    assert supported(text, [citation(OPENS, "The bridge is run")], SOURCES)


def test_a_refusal_may_begin_with_a_name_that_was_asked_for() -> None:
    assert supported("Copenhagen is not mentioned.", [], SOURCES, allowed="Does Copenhagen pay?")
    assert not supported("Copenhagen is not mentioned.", [], SOURCES)


@pytest.mark.parametrize("text", ["Drivers pay €40 a year.", "It costs drivers 40% a year."])
def test_a_figure_in_another_unit_is_not_supported(text: str) -> None:
    assert not supported(text, [citation(OPENS)], SOURCES)


@pytest.mark.parametrize("text", ["They called it ‘a good price’.", "They called it «a good price»."])
def test_a_phrase_in_other_quotation_marks_is_checked_too(text: str) -> None:
    assert not supported(text, [citation("Some 12% of them called it “a fair price”.")], SOURCES)


def test_a_figure_is_not_pieced_together_from_the_quote_and_the_title() -> None:
    source = Source("x", "Million reasons to sail", "The fee is 5")
    assert not supported("The fee is 5 million.", [cite(1, source, (0, 12))], {"x": source})


# -------------------------------------------------------------------------------------------------- labels and links


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({}, "Malmö Post, 2025-04-30"),
        ({"brief": True}, "brief of Malmö Post, 2025-04-30"),
        ({"published": ""}, "Malmö Post, undated"),
        ({"publisher": ""}, "The Oresund bridge, 2025-04-30"),
        ({"publisher": "", "brief": True, "published": "2025"}, "brief of The Oresund bridge, 2025"),
    ],
)
def test_a_label_names_the_publisher_the_date_and_a_brief_as_a_brief(changes: dict[str, object], label: str) -> None:
    assert replace(citation(OPENS), **changes).label == label  # type: ignore[arg-type]


def test_context_reaches_back_and_equals_the_quote_where_it_leans_on_nothing() -> None:
    leaning, standing = citation(OPENS, "The bridge is run"), citation(OPENS)
    assert TEXT[leaning.context_start : leaning.context_end] == "The bridge is run by Ada Holm. " + OPENS
    assert (standing.context_start, standing.context_end) == (standing.start, standing.end)


def test_context_never_cuts_into_the_quote() -> None:
    made = cite(1, SOURCE, (10, 20), (12, 18))
    assert (made.context_start, made.context_end) == (10, 20)


def decoded(link: str, url: str) -> str:
    """The quote that a link scrolls to: what stands after the text directive, percent-decoded."""
    head, _, directive = link.partition(":~:text=")
    assert head.rstrip("#") == url.rstrip("#")
    assert not {*",&- \n"} & set(directive), directive
    return unquote(directive)


@pytest.mark.parametrize(
    "quote",
    [
        "a, b",
        "well-known",
        "R&D",
        "12% of “them”",
        "naïve – 東京 🚲",
        "one\ntwo\r\n\tthree",
        "a#b?c=d:~:text=e",
        "%2C",
        " x ",
    ],
)
@pytest.mark.parametrize(
    "url", ["https://post.test/bridge", "https://post.test/b?q=1&r=a-b", "https://post.test/b#part-2"]
)
def test_a_link_decodes_back_to_its_quote(quote: str, url: str) -> None:
    assert decoded(fragment_link(url, quote), url) == quote


@given(st.text(min_size=1))
def test_any_quote_survives_its_link(quote: str) -> None:
    assert decoded(fragment_link("https://post.test/bridge", quote), "https://post.test/bridge") == quote


def test_a_url_has_one_fragment() -> None:
    assert fragment_link("https://post.test/b", "x") == "https://post.test/b#:~:text=x"
    assert fragment_link("https://post.test/b#top", "x") == "https://post.test/b#top:~:text=x"
    assert fragment_link("https://post.test/b#", "x").count("#") == 1


def test_a_url_with_a_text_directive_of_its_own_gets_ours_instead() -> None:
    assert fragment_link("https://post.test/b#:~:text=old", "new") == "https://post.test/b#:~:text=new"


def test_only_a_source_with_a_url_that_is_no_brief_gets_a_link_to_the_quote() -> None:
    span = (0, 10)
    assert cite(1, SOURCE, span).link == "https://post.test/bridge#:~:text=The%20bridge"
    assert cite(1, replace(SOURCE, brief=True), span).link == "https://post.test/bridge"
    assert cite(1, replace(SOURCE, url=""), span).link == ""
    assert cite(1, replace(SOURCE, url="", brief=True), span).link == ""
