"""The page of a run: what it shows, what stays inert, and how it is used; in a real browser where there is one.

The run is made on paper: a few cases of every verdict, asked of an assistant whose answers are written here. Grading,
adding up and comparing are the real ones, and tested elsewhere.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from assistant.answer import Answer, History
from assistant.citation import cite
from assistant.compose import NOT_IN_SOURCES, Segment
from assistant.show import OUTCOME_WORDS, plain
from evals import html
from evals.case import Case
from evals.compare import Baseline, Comparison, Kept, compare
from evals.grade import VERDICTS, Grade
from evals.html import VERDICT_WORDS, anchor, around, differing, duration, percent, render, sentence
from evals.run import AlwaysRefuse, Run, SourceFacts, ask
from evals.summary import Share, Summary, summarise
from index.source import Block, Source

HERE = Path(html.__file__).parent
HOSTILE = (
    '</details></script><script>window.pwned = 1</script><img src="http://outside.example/a.png" onerror="window.pwned = 1">'
    " \"'><svg onload=window.pwned=1> {{ 7 * 7 }} {% raw %} \u202egnp.exe\u202c <!-- &amp; javascript:window.pwned=1"
)
LEAD, COST, REST = "The pass is new.", "It costs 20 euros a year.", "Residents buy it at the harbour office."
PASS = Source(
    "pass", "The harbour pass", f"{LEAD} {COST} {REST}\n\nThe timetable of the ferry has not been announced.",
    publisher="Port Gazette", published="2025-05-02", url="https://example.org/pass",
    blocks=(Block("paragraph", 0, 82), Block("paragraph", 84, 136)),
)  # fmt: skip
EVIL = Source(
    HOSTILE, HOSTILE, f"{HOSTILE}. {HOSTILE}", publisher=HOSTILE, published="2025-05-03", url="javascript:alert(1)"
)
FILES = {source.id: source for source in (PASS, EVIL)}


def quoting(question: str, quote: str, outcome: str = "answered", source: Source = PASS) -> Answer:
    start = source.text.index(quote)
    cited = cite(1, source, (start, start + len(quote)))
    role = "open" if outcome == "unreleased" else "direct"
    return Answer(
        question, question, outcome, (Segment(quote, (1,), outcome, role),), (cited,), (), source.published, "g"
    )


def refusal(question: str) -> Answer:
    return AlwaysRefuse().answer(question)


def case(
    id: str, theme: str, question: str, because: str = "", history: tuple[str, ...] = (), **wanted: object
) -> Case:
    return Case.model_validate(
        {"id": id, "theme": theme, "question": question, "history": history, "expect": wanted, "because": because or ()}
    )


CASES = [
    case("cost", "direct", "What does the pass cost?", f'pass#"{COST}"', outcome="answered", must_say=["20 euros"], must_cite=["pass"]),
    case("where", "direct", "Where is it sold?", history=("What is the pass?",), outcome="answered", must_say=["harbour office"]),
    case("ferry", "open", "When does the ferry sail?", outcome="unreleased"),
    case("moon", "open", "Who owns the moon?", outcome="not_in_sources"),
    case("old", "open", "Is the pass free?", 'pass#"The pass is free."', outcome="answered"),
    case("broken", "direct", "What breaks?", outcome=["answered", "partial"]),
]  # fmt: skip
ANSWERS = {
    "cost": quoting(CASES[0].question, COST),
    "where": refusal(CASES[1].question),
    "ferry": quoting(CASES[2].question, "The timetable of the ferry has not been announced.", "unreleased"),
    "moon": quoting(CASES[3].question, LEAD),
    "old": quoting(CASES[4].question, COST),
}
WORST_FIRST = ["where", "moon", "broken", "old", "cost", "ferry"]


class Written:
    """Gives the answers written for some cases, by their questions; to another it raises."""

    def __init__(self, cases: list[Case], answers: dict[str, Answer]) -> None:
        self._answers = {case.question: answers[case.id] for case in cases if case.id in answers}

    def answer(self, question: str, history: History = ()) -> Answer:
        return self._answers[question]


def run_of(cases: list[Case], answers: dict[str, Answer], name: str = "harbour") -> Run:
    results = tuple(replace(r, seconds=0.25) for r in ask(cases, Written(cases, answers), FILES))
    return Run(
        name, "0123456789abcdef", {key: SourceFacts("d") for key in FILES}, results,
        always_refuse=ask(cases, AlwaysRefuse(), FILES), never_refuse=results, files=FILES,
    )  # fmt: skip


RUN = run_of(CASES, ANSWERS)
SUMMARY = summarise(RUN)


def since() -> Comparison:
    """The run against a baseline in which "where" was answered, the pass cost 10 euros, and "moon" was not asked."""
    base = Baseline.of(RUN)
    kept = {key: value for key, value in base.cases.items() if key != "moon"} | {
        "where": Kept("pass", "answered", "x", f"{REST} [1]"),
        "cost": Kept("pass", "answered", "y", "It costs 10 euros a year. [1]"),
    }
    return compare(RUN, replace(base, cases=kept, sources={**base.sources, "pass": SourceFacts("e")}))


def hostile_run() -> Run:
    wanted = case(
        HOSTILE, HOSTILE, HOSTILE, history=(HOSTILE,), outcome="answered", must_say=[HOSTILE], must_cite=[HOSTILE]
    )
    evil = replace(quoting(HOSTILE, HOSTILE, source=EVIL), standalone_question=f"{HOSTILE}?", as_of=HOSTILE)
    long = case("long", "direct", "w" * 400, f'pass#"{"x" * 400}"', outcome="answered", must_say=["y" * 400])
    answers = {HOSTILE: replace(evil, related=evil.citations), "long": quoting(long.question, COST)}
    return run_of([wanted, long], answers, HOSTILE)


class Seen(HTMLParser):
    """The tags, attributes and texts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._raw = ""
        self.feed(page)
        self.close()
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._raw = tag if tag in ("script", "style") else ""

    def handle_data(self, data: str) -> None:
        self.text += "" if self._raw else data

    def handle_endtag(self, tag: str) -> None:
        self._raw = ""

    def all(self, name: str) -> list[str]:
        return [attrs[name] or "" for _, attrs in self.tags if name in attrs]


def shares(summary: Summary) -> list[Share]:
    return [
        summary.all, summary.wrong_answers, summary.wrong_refusals, summary.verbatim, summary.precision, summary.recall,
        summary.always_refuse, summary.never_refuse, *summary.themes.values(), *summary.outcomes.values(),
    ]  # fmt: skip


# --- what it shows -------------------------------------------------------------------------------------------------


def test_the_paper_run_has_a_case_of_every_verdict() -> None:
    assert set(SUMMARY.verdicts) == set(VERDICTS)
    assert all(SUMMARY.verdicts.values())


def test_every_share_is_shown_with_count_per_cent_and_interval() -> None:
    text = Seen(render(RUN, SUMMARY, None)).text
    for share in shares(SUMMARY):
        assert f"{share.count} of {share.total}" in text
        if share.value is not None:
            assert f"{percent(share.value)} %" in text
            assert f"{percent(share.low)} to {percent(share.high)} %" in text
    assert text.count("250 ms") >= 2


def test_a_share_of_nothing_has_no_per_cent() -> None:
    empty = run_of([], {})
    assert "0 of 0 answers are as expected" in Seen(render(empty, summarise(empty), None)).text


def test_the_two_ways_of_being_wrong_stand_side_by_side() -> None:
    page = render(RUN, SUMMARY, None)
    pair = page[page.index('class="card pair"') :].partition("</dl>")[0]
    assert re.findall(r"<dt>(.+?)</dt><dd><b>(.+?)</b>", pair) == [
        ("Wrong answers to must-refuse questions", "1 of 2"),
        ("Refusals of answerable questions", "1 of 3"),
    ]


def test_a_cell_of_the_confusion_counts_the_cases_it_leads_to() -> None:
    seen = Seen(render(RUN, SUMMARY, None))
    pairs = seen.all("data-pair")
    for (expected, came), count in SUMMARY.confusion.items():
        assert pairs.count(f"{expected} {came}") == count
    cells = [attrs for tag, attrs in seen.tags if tag == "a" and attrs.get("data-filter") == "pair"]
    assert {cell["data-value"] for cell in cells} == set(pairs)
    for cell in cells:
        expected, came = str(cell["data-value"]).split()
        assert cell["class"] == ("right" if expected == came else "wrong")


def test_what_fails_comes_first() -> None:
    assert [
        i.removeprefix("case-") for i in Seen(render(RUN, SUMMARY, None)).all("id") if i.startswith("case-")
    ] == WORST_FIRST


def test_the_reason_of_a_verdict_is_a_sentence() -> None:
    assert (
        sentence(Grade("fail", ("is answered, not unreleased", "adds 45")))
        == "Fails: the answer is answered, not unreleased; adds 45."
    )
    assert sentence(Grade("ungraded", ("it raised.",))) == "Could not be graded: it raised."
    assert "Stale: pass no longer says “The pass is free.”." in Seen(render(RUN, SUMMARY, None)).text


def test_without_a_baseline_the_page_says_so() -> None:
    assert "There is no baseline to compare with" in Seen(render(RUN, SUMMARY, None)).text
    assert "There is no baseline to compare with" not in Seen(render(RUN, SUMMARY, since())).text


def test_a_change_is_shown_before_and_after_with_the_words_that_differ() -> None:
    page = render(RUN, SUMMARY, since())
    assert "It costs <del>10</del> euros" in page
    assert "It costs <ins>20</ins> euros" in page
    text = Seen(page).text
    assert since().headline.replace("->", "→") in text
    assert "The baseline does not have this case." in text  # moon
    assert "Sources changed: pass" in text
    assert re.findall(r'class="kind [a-z]+">([a-z]+)<', page) == ["regression", "changed", "new"]


def test_differing_words_of_two_texts_are_marked_in_each() -> None:
    assert differing("a b c", "a x c d") == (
        (("same", "a"), ("gone", "b"), ("same", "c")),
        (("same", "a"), ("came", "x"), ("same", "c"), ("came", "d")),
    )
    assert differing("", "a") == ((), (("came", "a"),))


def test_a_quote_stands_within_its_paragraph_and_not_beyond() -> None:
    (cited,) = ANSWERS["cost"].citations
    quote = around(cited, FILES)
    assert (quote.before, quote.text, quote.after) == (LEAD, COST, REST)


def test_a_long_paragraph_is_cut_between_words() -> None:
    text = "word " * 100 + COST + " word" * 100
    source = replace(PASS, text=text, blocks=(Block("paragraph", 0, len(text)),))
    quote = around(quoting("?", COST, source=source).citations[0], {"pass": source})
    assert set(quote.before.split()) == set(quote.after.split()) == {"…", "word"}
    assert len(quote.before) <= 205


def test_a_quote_that_its_file_does_not_hold_is_said_to_be_amiss() -> None:
    forged = replace(
        ANSWERS["cost"], citations=(replace(ANSWERS["cost"].citations[0], quote="It costs 99 euros a year."),)
    )
    run = run_of(CASES[:1], {"cost": forged})
    assert "These words do not stand in the file." in Seen(render(run, summarise(run), None)).text
    assert "These words do not stand in the file." not in Seen(render(RUN, SUMMARY, None)).text


def test_a_refusal_with_nothing_to_cite_opens_what_else_is_on_record() -> None:
    related = ANSWERS["cost"].citations
    for answer, opened in ((refusal(CASES[0].question), True), (ANSWERS["cost"], False)):
        run = run_of(CASES[:1], {"cost": replace(answer, related=related)})
        (details,) = [
            attrs for _, attrs in Seen(render(run, summarise(run), None)).tags if attrs.get("class") == "related"
        ]
        assert ("open" in details) is opened


def test_shares_are_never_rounded_to_all_or_nothing() -> None:
    assert [percent(share) for share in (0, 0.001, 0.004, 0.5, 0.996, 0.9999, 1)] == [
        "0",
        "0.1",
        "0.4",
        "50",
        "99.6",
        "99.9",
        "100",
    ]


def test_times_are_read_in_their_own_unit() -> None:
    assert [duration(seconds) for seconds in (0.0213, 0.999, 1.25)] == ["21 ms", "999 ms", "1.2 s"]


# --- what stays inert ----------------------------------------------------------------------------------------------


def test_hostile_words_come_out_as_words() -> None:
    run = hostile_run()
    page = render(
        run,
        summarise(run),
        compare(run, replace(Baseline.of(run), cases={HOSTILE: Kept("fail", HOSTILE, "x", HOSTILE)})),
    )
    seen, clean = Seen(page), Seen(render(RUN, SUMMARY, since()))
    assert {tag for tag, _ in seen.tags} <= {tag for tag, _ in clean.tags} | {"del", "ins"}
    assert sum(tag == "script" for tag, _ in seen.tags) == 1
    assert not [name for _, attrs in seen.tags for name in attrs if name.startswith("on")]
    assert "\u202e" not in page
    assert seen.text.count(plain(HOSTILE)) >= 12


def test_only_web_addresses_become_links() -> None:
    for run in (RUN, hostile_run()):
        links = Seen(render(run, summarise(run), None)).all("href")
        assert all(re.match(r"https?://example\.org/|#|data:,$", link) for link in links)
    assert any(
        link.startswith("https://example.org/pass#:~:text=It%20costs")
        for link in Seen(render(RUN, SUMMARY, None)).all("href")
    )


def test_the_page_names_nothing_to_load() -> None:
    page = render(RUN, SUMMARY, since())
    assert not [tag for tag, attrs in Seen(page).tags if "src" in attrs or tag in ("iframe", "object", "embed", "base")]
    assert not re.search(r"@import|url\(", page)
    assert (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
        in page
    )


def test_anchors_are_unlike_and_safe_in_an_address() -> None:
    anchors = [anchor(name) for name in ("a b", "a~20.b", "a/b", "ä", "a_b", "a-b", HOSTILE)]
    assert len(set(anchors)) == len(anchors)
    assert all(re.fullmatch(r"case-[\w~.-]+", name, re.ASCII) for name in anchors)


# --- the looks -----------------------------------------------------------------------------------------------------


def colours(css: str) -> list[dict[str, str]]:
    """The --or-... and own colours of each scheme, in order of appearance."""
    blocks = re.findall(r"\{([^{}]*--or-paper:[^{}]*)\}", css)
    return [dict(re.findall(r"--([\w-]+): ([^;]+);", block)) for block in blocks]


def test_outcomes_have_the_colours_of_the_chat() -> None:
    chat = HERE.parent / "assistant"
    page, theirs = colours((HERE / html.TEMPLATE).read_text("utf-8")), colours((chat / "chat.css").read_text("utf-8"))
    assert len(page) == len(theirs) == 2
    for ours, expected in zip(page, theirs, strict=True):
        assert {name: ours[name] for name in expected} == expected


def test_every_verdict_and_outcome_is_a_word_not_only_a_colour() -> None:
    text = Seen(render(RUN, SUMMARY, None)).text
    assert all(word in text for word in [*VERDICT_WORDS.values(), *OUTCOME_WORDS.values()])
    assert set(VERDICT_WORDS) == set(VERDICTS)


def luminance(colour: str) -> float:
    parts = [int(pair, 16) / 255 for pair in re.findall("..", colour.removeprefix("#"))]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """By WCAG 2.2, from 1 to 21."""
    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_words_stand_out_in_both_schemes() -> None:
    for scheme in colours((HERE / html.TEMPLATE).read_text("utf-8")):
        pairs = [
            (text, ground) for text in ("or-ink", "or-soft", "fail", "or-accent") for ground in ("or-paper", "or-card")
        ]
        pairs += [
            (f"or-{name.replace('_', '-')}", ground) for name in OUTCOME_WORDS for ground in ("or-paper", "or-card")
        ]
        pairs += [("or-ink", ground) for ground in ("marked", "gone", "came", "or-tint")] + [
            ("or-on-accent", "or-accent")
        ]
        assert min(contrast(scheme[text], scheme[ground]) for text, ground in pairs) >= 4.5


# --- in a browser --------------------------------------------------------------------------------------------------


class Visit:
    """A visit to a page: its requests, its errors, and its cases."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        page.goto(address)
        self.count = page.get_by_role("status")

    def shown(self) -> list[str]:
        """The ids of the cases that are not filtered out."""
        ids = self.page.locator(".case:not([hidden])").evaluate_all("cases => cases.map(each => each.id)")
        return [str(each).removeprefix("case-") for each in ids]

    def case(self, name: str) -> "Details":
        return Details(self.page, name)


class Details:
    """A case on the page."""

    def __init__(self, page: Page, name: str) -> None:
        self.box = page.locator(f'[id="{anchor(name)}"]')
        self.summary = self.box.locator("summary").first
        self.body = self.box.locator(".body")


Visiting = Callable[..., Visit]


@pytest.fixture
def visit(browser: Browser, tmp_path: Path) -> Iterator[Visiting]:
    """`visit(run, comparison, width, at)` writes a run's page and opens it in a window of its own."""
    contexts = []

    def open_page(
        run: Run = RUN, comparison: Comparison | None = None, width: int = 1280, at: str = "", script: bool = True
    ) -> Visit:
        path = tmp_path / "report.html"
        path.write_text(render(run, summarise(run), comparison), "utf-8")
        context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=script)
        contexts.append(context)
        return Visit(context.new_page(), path.as_uri() + at)

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.slow
def test_the_page_opens_without_an_error_and_asks_for_nothing(visit: Visiting) -> None:
    seen = visit(comparison=since())
    seen.page.get_by_role("button", name="Open those shown").click()
    assert [url for url in seen.requests if not url.startswith("data:")] == [seen.address]
    assert seen.errors == []


@pytest.mark.slow
def test_the_page_may_load_nothing(visit: Visiting) -> None:
    blocked = visit().page.evaluate(
        """() => new Promise((done) => {
            document.addEventListener("securitypolicyviolation", (event) => done(event.blockedURI));
            new Image().src = "http://outside.example/a.png";
        })"""
    )
    assert "outside.example" in blocked


@pytest.mark.slow
def test_the_numbers_are_those_of_the_summary(visit: Visiting) -> None:
    seen = visit()
    expect(seen.page.locator(".headline")).to_contain_text(
        f"{SUMMARY.all.count} of {SUMMARY.all.total} answers are as expected"
    )
    for verdict, count in SUMMARY.verdicts.items():
        expect(seen.page.locator(f".legend .{verdict}")).to_have_text(f"{count} {VERDICT_WORDS[verdict].lower()}")
    for name, share in SUMMARY.themes.items():
        row = seen.page.locator("#themes .chart li", has=seen.page.get_by_role("link", name=name, exact=True))
        expect(row).to_contain_text(f"{share.count} of {share.total}")
    cells = seen.page.locator(".confusion tbody tr").nth(0).locator("td")
    expect(cells.last).to_have_text(
        str(sum(count for (wanted, _), count in SUMMARY.confusion.items() if wanted == "answered"))
    )


@pytest.mark.slow
def test_the_dot_of_a_theme_lies_within_its_interval_where_its_share_is(visit: Visiting) -> None:
    seen = visit()
    for number, share in enumerate(SUMMARY.themes.values()):
        plot = seen.page.locator("#themes .chart").first.locator(".plot").nth(number)
        box, dot, bar = (part.evaluate("e => { const b = e.getBBox(); return [b.x, b.x + b.width] }") for part in (
            plot.locator(".axis"), plot.locator(".point"), plot.locator(".interval")
        ))  # fmt: skip
        assert share.value is not None
        assert dot[0] == pytest.approx(100 * share.value, abs=0.01)
        assert box[0] <= bar[0] <= dot[0] <= bar[1] <= box[1]
        assert bar == pytest.approx([100 * share.low, 100 * share.high], abs=0.01)


@pytest.mark.slow
def test_a_verdict_is_chosen_by_mouse_and_the_number_shown_is_announced(visit: Visiting) -> None:
    seen = visit()
    expect(seen.count).to_have_attribute("aria-live", "polite")
    expect(seen.count).to_have_text("6 of 6 cases shown")
    seen.page.get_by_role("radio", name="Fail 2").check()
    expect(seen.count).to_have_text("2 of 6 cases shown")
    assert seen.shown() == ["where", "moon"]
    seen.page.get_by_label("Theme").select_option("open")
    assert seen.shown() == ["moon"]
    seen.page.get_by_role("radio", name="All 6").check()
    assert seen.shown() == ["moon", "old", "ferry"]


@pytest.mark.slow
def test_the_filter_works_by_keyboard(visit: Visiting) -> None:
    seen = visit()
    seen.page.get_by_role("radio", name="All 6").focus()
    seen.page.keyboard.press("ArrowRight")
    assert seen.shown() == ["cost", "ferry"]
    for _ in range(3):  # verdict, theme, outcome, text
        seen.page.keyboard.press("Tab")
    seen.page.keyboard.type("20  EUROS")
    assert seen.shown() == ["cost"]
    seen.page.keyboard.press("Enter")
    assert seen.shown() == ["cost"]
    assert seen.page.url == seen.address
    for _ in range(3):  # the buttons that show and open all, the first case
        seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("Enter")
    expect(seen.case("cost").body).to_be_visible()
    assert seen.errors == []


@pytest.mark.slow
def test_a_number_of_the_summary_leads_to_its_cases(visit: Visiting) -> None:
    seen = visit()
    seen.page.locator(".legend").get_by_role("link", name="1 stale").click()
    assert seen.shown() == ["old"]
    seen.page.locator(".confusion").get_by_role("link", name="1 not as expected").first.click()
    assert seen.shown() == ["where"]
    seen.page.locator("#themes").get_by_role("link", name="direct").click()
    assert seen.shown() == ["where", "broken", "cost"]
    seen.page.get_by_role("button", name="Show all").click()
    expect(seen.count).to_have_text("6 of 6 cases shown")
    expect(seen.page.get_by_role("button", name="Show all")).to_be_hidden()


@pytest.mark.slow
def test_a_case_shows_what_was_asked_expected_answered_and_quoted(visit: Visiting) -> None:
    seen = visit()
    cost = seen.case("cost")
    expect(cost.body).to_be_hidden()
    cost.summary.click()
    expect(cost.body.locator("mark")).to_have_text(COST)
    expect(cost.body.locator("blockquote")).to_have_text(f"{LEAD} {COST} {REST}")
    expect(cost.body).to_contain_text("Port Gazette, 2025-05-02 · The harbour pass")
    expect(cost.body.locator(".expected")).to_contain_text(
        re.compile(rf"Says\s*20 euros.*Because\s*{re.escape(COST)}\s*pass", re.DOTALL)
    )
    expect(cost.body.locator(".answer .head")).to_contain_text("Answered")
    seen.case("where").summary.click()
    expect(seen.case("where").summary).to_contain_text(
        "Fails: the answer is not_in_sources, not answered; does not say harbour office."
    )
    expect(seen.case("where").body.locator(".history")).to_contain_text("What is the pass?")
    expect(seen.case("where").body.locator(".answer")).to_contain_text(NOT_IN_SOURCES)
    expect(seen.case("broken").summary).to_contain_text("Could not be graded: the assistant raised KeyError")


@pytest.mark.slow
def test_before_and_after_stand_side_by_side_and_below_each_other_on_a_phone(visit: Visiting) -> None:
    for width, beside in ((1280, True), (360, False)):
        seen = visit(comparison=since(), width=width)
        seen.page.locator("#baseline").get_by_role("link", name=CASES[0].question).click()
        sides = seen.case("cost").body.locator(".kept")
        expect(sides).to_have_count(2)
        expect(sides.nth(0).locator("del")).to_have_text("10")
        expect(sides.nth(1).locator("ins")).to_have_text("20")
        before, after = sides.nth(0).bounding_box(), sides.nth(1).bounding_box()
        assert before is not None
        assert after is not None
        assert (before["y"] == after["y"]) is beside


@pytest.mark.slow
def test_the_address_of_a_case_opens_it_also_where_it_was_filtered_out(visit: Visiting) -> None:
    seen = visit(comparison=since(), at=f"#{anchor('ferry')}")
    expect(seen.case("ferry").body).to_be_visible()
    expect(seen.case("ferry").summary).to_be_in_viewport()
    seen.page.get_by_role("radio", name="Stale 1").check()
    expect(seen.case("cost").box).to_be_hidden()
    seen.page.locator("#baseline").get_by_role("link", name=CASES[0].question).click()
    expect(seen.case("cost").body).to_be_visible()
    expect(seen.count).to_have_text("6 of 6 cases shown")


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 360, 320])
def test_nothing_needs_scrolling_sideways(visit: Visiting, width: int) -> None:
    for run, comparison in ((RUN, since()), (hostile_run(), None)):
        seen = visit(run, comparison, width)
        seen.page.get_by_role("button", name="Open those shown").click()
        expect(seen.page.get_by_role("button", name="Close those shown")).to_be_visible()
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.slow
def test_hostile_words_run_nothing(visit: Visiting) -> None:
    run = hostile_run()
    seen = visit(run, compare(run, replace(Baseline.of(run), cases={HOSTILE: Kept("fail", HOSTILE, "x", HOSTILE)})))
    seen.page.get_by_role("button", name="Open those shown").click()
    seen.page.locator("#baseline").get_by_role("link").first.click()
    seen.page.locator("#themes").get_by_role("link").first.click()
    expect(seen.count).to_have_text("1 of 2 cases shown")
    expect(seen.case(HOSTILE).summary).to_contain_text(plain(HOSTILE))
    assert seen.page.evaluate("window.pwned") is None
    assert not [url for url in seen.requests if "outside.example" in url]
    assert seen.errors == []


@pytest.mark.slow
def test_without_scripts_the_cases_can_still_be_read(visit: Visiting) -> None:
    seen = visit(script=False)
    expect(seen.page.locator("#filter")).to_be_hidden()
    seen.case("cost").summary.click()
    expect(seen.case("cost").body).to_be_visible()


@pytest.mark.slow
def test_headings_and_sections_come_in_the_order_they_are_read(visit: Visiting) -> None:
    seen = visit(comparison=since())
    tops = [
        seen.page.locator(f"#{name}").bounding_box() for name in ("summary", "baseline", "outcomes", "themes", "cases")
    ]
    assert all(one is not None and other is not None and one["y"] < other["y"] for one, other in pairwise(tops))
