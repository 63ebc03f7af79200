"""Cleaning: furniture goes with a reason, and nothing that a policy says goes with it."""

import os
import re
from pathlib import Path

import pytest

from index.clean import clean
from index.formats.plain import find_blocks
from index.read import read_folder
from index.source import Dropped, Source
from index.wordings import credit_at_end

PROSE = "The harbour board opened the new jetty on Tuesday, after two years of works on the outer wall."
MORE = "Visitors pay nothing until the end of the year, and small boats may stay at the jetty for two nights."


def dropped(text: str, *, title: str = "", edited: bool = False) -> dict[str, str]:
    """What is dropped from a plain text, with the reason."""
    blocks = find_blocks(text)
    return {text[span.start : span.end]: span.reason for span in clean(text, blocks, title=title, edited=edited)}


@pytest.mark.parametrize(
    "line",
    [
        "Leave a comment",
        "Leave a Reply Cancel reply",
        "Sign up to read this article",
        "Sign in",
        "Log in or register to comment",
        "Subscribe",
        "Subscribe now!",
        "Subscribe to our weekly newsletter",
        "Sign up for our newsletter",
        "Already a member? Sign in here",
        "Already have an account? Log in",
        "Create a free account to continue reading",
        "Start your free trial",
        "Download the app",
        "Get it on Google Play",
        "Start reading",
        "Continue reading",
        "Read more",
        "Read the full story »",
        "Read more: Ferry Company Cuts Its Winter Timetable",
        "Share this",
        "Share on Facebook",
        "Follow us on Instagram and YouTube",
        "Print this article",
        "Get the latest news delivered to your inbox",
        "Support independent journalism",
        "Thank you for reading!",
        "Related Stories",
        "Related Articles:",
        "Top stories on Coastline right now",
        "Our Picks",
        "Editor’s picks",
        "Most popular",
        "More from Coastline",
        "You may also like",
        "Recommended for you",
        "What to read next",
        "Comments (0)",
        "12 comments",
        "Advertisement",
        "Story continues below advertisement",
        "Sponsored content",
        "© 2025 Coastline Media Ltd. All rights reserved.",
        "Copyright 2024 Coastline Media",
        "Skip to main content",
        "Back to top",
        "Nov 3, 2025,4 days ago",
        "Updated 3 hours ago",
        "5 min read",
        "Reporting by Ann Lee; editing by Tom Roe",
        "Tags: harbour, ferry, permits",
        "Photo: Reuters",
        "Credit: Coastal Permit Service Centre",
        "Image: Getty",
        "Photo by Ann Lee on Unsplash",
        "(Photo courtesy of the Port Museum)",
    ],
)
def test_furniture_is_dropped_at_the_tail_of_an_article(line: str) -> None:
    assert list(dropped(f"{PROSE}\n{MORE}\n{line}")) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "Applicants must sign up on the portal before 1 May.",
        "Download the form from harbour.example and submit it.",
        "Download the app to pay the fee at the gate.",
        "Members can subscribe to the scheme for £20 a year.",
        "Subscribe to the scheme before 1 May to keep your berth.",
        "Sign in at the gate and show your permit.",
        "Leave a comment on the draft before 3 June.",
        "Share your passport details with the officer.",
        "Follow the signs to gate 4.",
        "Read the guidance before you apply.",
        "Comments must reach the board by 1 May.",
        "Fee: £20",
        "Photo: 35 x 45 mm",
        "Image: JPEG or PNG",
        "Credit: six points for each module",
        "The office is closed on Fridays.",
        "The office is closed on Fridays",
        "Copyright in the plans belongs to the board.",
        "Copyright law changes in 2026.",
        "By post",
        "By Post",
        "Related persons pay half.",
        "Find us at 10 Quay Street.",
        "Cookies are not served in the reading room.",
        "The rule came into force 3 years ago.",
        "12 May 2025",
        "Published: 12 May 2025",
        "Advertising on boats is forbidden.",
        "Most popular boats are under six metres.",
        "Register",
        "News of your application is sent by email.",
    ],
)
def test_what_a_policy_says_stays(line: str) -> None:
    assert dropped(f"{PROSE}\n{line}\n{MORE}") == {}
    assert dropped(f"{PROSE}\n{MORE}\n{line}") == {}
    assert dropped(line) == {}


def test_short_lines_under_a_heading_of_links_go_to_the_end() -> None:
    text = (
        f"{PROSE}\n{MORE}\nMost Read\nTen Boats You Can Build at Home\nWhy the old pier burned\nMinister visits coast\n"
    )
    assert dropped(text) == {
        "Most Read": "heading of a list of links",
        "Ten Boats You Can Build at Home": "list of links under 'Most Read'",
        "Why the old pier burned": "list of links under 'Most Read'",
        "Minister visits coast": "list of links under 'Most Read'",
    }


def test_list_of_links_ends_at_running_text_and_leaves_its_heading() -> None:
    text = f"{PROSE}\nRelated Stories\nTen Boats You Can Build\nFees and Opening Hours\n{MORE}\nFee: £20\n"
    assert list(dropped(text)) == ["Related Stories", "Ten Boats You Can Build"]


def test_facts_after_a_heading_of_links_stay() -> None:
    text = f"{PROSE}\n{MORE}\nRelated Articles\nTen Boats You Can Build\nFee: £20\nThe office is closed on Fridays.\n"
    assert list(dropped(text)) == ["Related Articles", "Ten Boats You Can Build"]


def test_manners_asked_of_commenters_go_with_the_heading_of_comments() -> None:
    text = f"{PROSE}\n{MORE}\nComments (0)\nBe kind and stay on topic\n"
    assert list(dropped(text)) == ["Comments (0)", "Be kind and stay on topic"]


def test_head_of_a_scraped_article_goes_down_to_its_title() -> None:
    text = (
        "All your news in one place.\nHundreds of titles.\nOne app.\nStart reading\nCoastline Daily\nCoastline Daily\n"
        f"National\nAnn Lee\n\nHarbour Board Opens New Jetty to Visitors\n\nThe jetty on its first day. Photo: Reuters\n\n{PROSE}\n"
    )
    found = dropped(text)
    assert list(found) == [
        "All your news in one place.",
        "Hundreds of titles.",
        "One app.",
        "Start reading",
        "Coastline Daily",
        "National",
        "Ann Lee",
        "Photo: Reuters",
    ]
    assert found["Ann Lee"] == "byline or section label"
    assert found["Photo: Reuters"] == "photo credit"
    assert found["Hundreds of titles."] == "advertises the site"


def test_promotion_at_the_tail_goes_with_the_call_to_action() -> None:
    text = f"{PROSE}\n{MORE}\nSign up to read this article\nOne subscription for news from a hundred sites\nThirty days free\n"
    assert len(dropped(text)) == 3


def test_words_of_the_subject_promote_nothing() -> None:
    prose = "Membership of the scheme is open to every owner of a boat, and members pay 20 pounds for it each year."
    text = f"{prose}\n{prose.replace('open', 'free')}\nSubscribe\nFree for members under 18\n"
    assert list(dropped(text)) == ["Subscribe"]


def test_repeated_title_is_dropped_once_it_has_been_read() -> None:
    text = f"New Jetty Opens to All Visitors\nNews\n\nNew Jetty Opens to All Visitors\n\nNov 3, 2025,4 days ago\n\n{PROSE}\n"
    spans = clean(text, find_blocks(text))
    assert [(text[span.start : span.end], span.reason) for span in spans] == [
        ("News", "byline or section label"),
        ("New Jetty Opens to All Visitors", "repeats the title"),
        ("Nov 3, 2025,4 days ago", "date and age of the article"),
    ]
    assert spans[1].start > 30


def test_byline_above_the_text_goes_and_the_same_words_below_it_stay() -> None:
    assert list(dropped(f"New Jetty Opens to All Visitors\n\nBy Ann Lee\n\n{PROSE}\n")) == ["By Ann Lee"]
    assert dropped(f"{PROSE}\n\nBy Registered Letter\n\n{MORE}\n") == {}


def test_name_above_the_text_of_a_clean_document_stays() -> None:
    assert dropped(f"Ministry of Harbours\n\nCircular on Permits for Small Boats\n\n{PROSE}\n") == {}


def test_headings_within_the_article_stay() -> None:
    text = f"{PROSE}\nFlexible and Free: What the Jetty Offers\n{MORE}\nFears of Local Owners\n{PROSE}\nLeave a comment"
    assert list(dropped(text)) == ["Leave a comment"]


def test_heading_with_text_under_it_is_no_call_to_action() -> None:
    text = f"# Permits\n\n{PROSE}\n\n## Sign in\n\n{MORE}\n\n## Leave a comment\n"
    assert list(dropped(text)) == ["Leave a comment"]


def test_steps_of_a_list_stay_and_a_list_of_furniture_goes() -> None:
    steps = "- Create an account\n- Sign in\n- Download the app\n- Pay the fee of 20 pounds"
    assert dropped(f"{PROSE}\n{steps}") == {}
    assert len(dropped(f"{PROSE}\n{MORE}\n- Sign in\n- Subscribe\n- Share this")) == 3


@pytest.mark.parametrize(
    ("caption", "credit"),
    [
        ("A ferry passes the jetty. Photo: Reuters", "Photo: Reuters"),
        ("A ferry passes the jetty. Photo: VCG.", "Photo: VCG."),
        ("A ferry passes the jetty. Image credit: Ann Lee", "Image credit: Ann Lee"),
        ("A ferry passes the jetty (Photo: Ann Lee/Coastline)", "(Photo: Ann Lee/Coastline)"),
        ("A ferry passes the jetty. © Getty Images", "© Getty Images"),
        ("A ferry at the jetty | Photo by Ann Lee", "Photo by Ann Lee"),
        ("Add a picture. Photo: 35 x 45 mm", ""),
        ("Bring your passport and a photo of Ann Lee.", ""),
    ],
)
def test_credit_goes_and_caption_stays(caption: str, credit: str) -> None:
    start = credit_at_end(caption)
    assert (caption[start:] if start >= 0 else "") == credit
    assert list(dropped(f"{PROSE}\n{caption}\n{MORE}")) == ([credit] if credit else [])


def test_credit_among_facts_is_a_fact() -> None:
    assert dropped("Fee: £20\nForm: B4\nPhoto: Two Copies\n") == {}


def test_cookie_notice_goes_and_a_document_about_cookies_keeps_its_own() -> None:
    notice = "We use cookies to make the site better. By continuing you accept them."
    assert list(dropped(f"{notice}\nAccept all\n{PROSE}\n{MORE}\n{PROSE}\n{MORE}")) == [notice, "Accept all"]
    policy = "This website uses cookies to remember your choices."
    assert (
        dropped(f"{PROSE}\n{policy}\n{MORE}\n" + f"Cookies of others last for a year on this site, and {MORE}\n" * 4)
        == {}
    )


def test_edited_text_loses_only_what_is_beyond_doubt() -> None:
    text = f"# Our Picks\n\n{PROSE}\n\nMost Read\n\nTen Boats\n\nBy Ann Lee\n\nLeave a comment\n"
    assert list(dropped(text, edited=True)) == ["Leave a comment"]


def test_table_rows_are_never_furniture(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(f"{PROSE}\n\n| Step | Where |\n|---|---|\n| Sign in | |\n\nSubscribe\n")
    [source] = read_folder(tmp_path).sources
    assert [source.text[span.start : span.end] for span in source.dropped] == ["Subscribe"]


def test_spans_are_in_order_and_within_blocks() -> None:
    text = f"Sign in\nMost Read\nTen Boats\n{PROSE}\nPhoto: Reuters\nA pier. Photo: AFP\nShare\n"
    blocks = find_blocks(text)
    spans = clean(text, blocks)
    assert list(spans) == sorted(spans, key=lambda span: span.start)
    assert all(any(block.start <= span.start < span.end <= block.end for block in blocks) for span in spans)


# The articles as found, which are not ours to keep here: short patterns of what must go and what must stay.

SEEDS = os.environ.get("ONRECORD_SEEDS", "")
FURNITURE = re.compile(
    r"a comment|comments|sign (up|in) |stories|picks|\bapp\b|one place|titles|start reading|^(caixin global|national|news|tang ailin)$|"
    r"^(photo|credit):|days (ago|free)|respectful|trusted",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def seeds() -> list[Source]:
    if not SEEDS:
        pytest.skip("ONRECORD_SEEDS does not name the folder of articles")
    return list(read_folder(Path(SEEDS)).sources)


def _left(source: Source) -> list[str]:
    """The blocks of a source less what is dropped."""
    gone: dict[int, Dropped] = {span.end: span for span in source.dropped}
    ends = [(block, gone.get(block.end)) for block in source.blocks]
    left = [source.text[block.start : span.start if span else block.end].strip() for block, span in ends]
    return [text for text in left if text]


def test_no_furniture_is_left_in_the_seeds(seeds: list[Source]) -> None:
    short = [text for source in seeds for text in _left(source) if len(text) < 90]
    assert [text for text in short if FURNITURE.search(text)] == []


def test_no_running_text_of_the_seeds_is_dropped(seeds: list[Source]) -> None:
    for source in seeds:
        assert all(span.end - span.start < 90 for span in source.dropped)
        lines = [line.strip() for line in source.text.split("\n")]
        body = [line for line in lines if len(line) > 90]
        left = _left(source)
        assert all(any(line.startswith(kept) for kept in left if len(kept) > 60) for line in body)


def test_titles_and_headings_of_the_seeds_are_found(seeds: list[Source]) -> None:
    titles = [source.title for source in seeds]
    assert titles[1].startswith("China to Launch")
    assert titles[3].startswith("China Introduces")
    headings = [
        source.text[block.start : block.end].split()[0]
        for source in seeds[4:5]
        for block in source.blocks
        if block.level
    ]
    assert headings == ["Flexible", "Domestic", "China", "Challenges"]
