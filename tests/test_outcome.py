"""The decision table, row by row, on corpora of two sources; and what does and does not count as a disagreement."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Answer, Assistant
from assistant.evidence import Evidence, Reader
from assistant.joint import Verdict
from assistant.ledger import Ledger, OpenMatch, OpenSignals
from assistant.outcome import (
    READ,
    SURE,
    Decision,
    decide,
    interval,
    is_about,
    later,
    newest,
    objection,
    settles,
)
from assistant.question import understand
from index.embed import Embedder
from index.generation import Index
from index.source import Source


def source(published: str) -> Source:
    return Source("x", "", "", published=published)


# ------------------------------------------------------------------------------------------------------------- dates


def test_a_date_of_known_precision_is_the_days_it_may_be() -> None:
    assert interval("2025-09-19") == ("2025-09-19", "2025-09-19")
    assert interval("2025") == ("2025-01-01", "2025-12-31")
    first, last = interval("2025-09") or ("", "")
    assert first == "2025-09-01"
    assert "2025-09-30" <= last <= "2025-09-31"
    assert interval("") is None


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("2025-09-20", "2025-09-19"),
        ("2025-10", "2025-09-30"),
        ("2025-10-01", "2025-09"),
        ("2026", "2025-12-31"),
        ("2026", "2025"),
    ],
)
def test_one_date_is_later_than_another_not_the_other_way_round(a: str, b: str) -> None:
    assert later(source(a), source(b))
    assert not later(source(b), source(a))


@pytest.mark.parametrize(
    ("a", "b"),
    [("2025-09", "2025-09-19"), ("2025-09-19", "2025-09"), ("2025", "2025-09"), ("2025-09-19", "2025-09-19"), ("", "2025"), ("2025", ""), ("", ""), ("2025-09", "2025-09-30"), ("2025-09-30", "2025-09")],
)  # fmt: skip
def test_where_the_days_overlap_or_one_is_unknown_neither_is_later(a: str, b: str) -> None:
    assert not later(source(a), source(b))


days = st.dates().map(str)
dates = st.one_of(st.just(""), days, days.map(lambda day: day[:7]), days.map(lambda day: day[:4]))


@given(dates, dates, dates)
def test_later_is_a_strict_partial_order(a: str, b: str, c: str) -> None:
    x, y, z = source(a), source(b), source(c)
    assert not later(x, x)
    assert not (later(x, y) and later(y, x))
    assert later(x, z) or not (later(x, y) and later(y, z))


# ---------------------------------------------------------------------------------------------------- the decision table

Two = Callable[..., Answer]

OPEN = "The price of a bicycle place on the night ferry has not been decided."
TWELVE = "A bicycle place on the night ferry costs 12 euros."
THIRTY = "A bicycle place on the night ferry costs 30 euros."
PRICE = "What is the price of a bicycle place on the night ferry?"


@pytest.fixture
def ask(tmp_path: Path, make_index: Callable[[Path, Mapping[str, str]], Index], embedder: Embedder) -> Two:
    """`ask(question, (date, text), (date, text), ...)` answers from sources "a", "b", ...; `text` may hold head lines."""

    def answer(question: str, *notes: tuple[str, str]) -> Answer:
        files = {}
        for letter, (published, text) in zip("abc", notes, strict=False):
            *heads, body = text.split("|")
            lines = [f"title: Note {letter}", *([f"published: {published}"] if published else []), *heads]
            files[f"{letter}.md"] = "---\n" + "\n".join(lines) + f"\n---\n{body}\n"
        return Assistant(make_index(tmp_path, files), embedder).answer(question)

    return answer


def said(answer: Answer, role: str) -> list[str]:
    return [segment.text for segment in answer.segments if segment.role == role]


def test_row_1_a_superseded_open_point_is_left_out(ask: Two) -> None:
    answer = ask(PRICE, ("2024-05-01", OPEN), ("2024-05-02", f"supersedes: [a]|{TWELVE}"))
    assert (answer.outcome, said(answer, "direct"), said(answer, "replaced")) == ("answered", [TWELVE], [])
    assert {c.source for c in (*answer.citations, *answer.related)} == {"b"}


def test_row_1_a_superseded_statement_is_left_out_of_answer_and_related(ask: Two) -> None:
    answer = ask(PRICE, ("2024-05-02", THIRTY), ("", f"supersedes: [a]|{TWELVE}"))
    assert (answer.outcome, said(answer, "direct")) == ("answered", [TWELVE])
    assert "a" not in {c.source for c in (*answer.citations, *answer.related)}


def test_row_1_a_superseded_source_alone_says_nothing(ask: Two) -> None:
    answer = ask(PRICE, ("2024-05-02", TWELVE), ("2024-05-03", "supersedes: [a]|The night ferry sails at noon."))
    assert answer.outcome == "not_in_sources"
    assert "a" not in {c.source for c in (*answer.citations, *answer.related)}


def test_row_2_a_later_statement_answers_and_names_the_open_point_it_closes(ask: Two) -> None:
    answer = ask(PRICE, ("2024-05-01", OPEN), ("2024-05-02", TWELVE))
    assert answer.outcome == "answered"
    assert said(answer, "direct") == [TWELVE]
    assert said(answer, "replaced") == [OPEN]


@pytest.mark.parametrize(
    ("opened", "stated"),
    [
        ("2024-05-02", "2024-05-01"),  # later
        ("2024-05-02", "2024-05-02"),  # of the same day
        ("", "2024-05-02"),  # undated on either side
        ("2024-05-02", ""),
        ("2024-05", "2024-05-19"),  # not surely before
        ("2024-05-02", "2024-05"),
    ],
)
def test_row_3_a_statement_not_surely_later_than_the_open_point_conflicts_with_it(
    opened: str, stated: str, ask: Two
) -> None:
    answer = ask(PRICE, (opened, OPEN), (stated, TWELVE))
    assert answer.outcome == "conflicting"
    assert said(answer, "side") == [TWELVE]
    assert said(answer, "open") == [OPEN]


def test_row_4_an_open_point_alone_is_unreleased(ask: Two) -> None:
    answer = ask(PRICE, ("2024-05-01", OPEN), ("2024-05-02", "The night ferry sails at noon."))
    assert answer.outcome == "unreleased"
    assert said(answer, "open") == [OPEN]


def test_row_5_the_newest_of_differing_statements_answers_where_it_is_official(ask: Two) -> None:
    answer = ask(PRICE, ("2024-05-01", THIRTY), ("2024-05-02", f"kind: official|{TWELVE}"))
    assert (answer.outcome, said(answer, "direct"), said(answer, "replaced")) == ("answered", [TWELVE], [THIRTY])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("2024-05-01", THIRTY), ("2024-05-02", TWELVE)),  # newest, not official
        (("2024-05-02", THIRTY), ("2024-05-01", f"kind: official|{TWELVE}")),  # official, not newest
        (("2024-05-02", THIRTY), ("2024-05-02", f"kind: official|{TWELVE}")),  # of the same day
        (("", THIRTY), ("2024-05-02", f"kind: official|{TWELVE}")),  # beside an undated one
        (("2024-05", THIRTY), ("2024-05-02", f"kind: official|{TWELVE}")),  # not surely later
    ],
)
def test_row_5_differing_statements_conflict_otherwise(
    first: tuple[str, str], second: tuple[str, str], ask: Two
) -> None:
    answer = ask(PRICE, first, second)
    assert answer.outcome == "conflicting"
    assert sorted(said(answer, "side")) == [TWELVE, THIRTY]
    assert said(answer, "direct") == []


def test_row_6_statements_that_agree_answer_together(ask: Two) -> None:
    other = "For a bicycle place on the night ferry passengers pay 12 euros."
    answer = ask(PRICE, ("2024-05-01", TWELVE), ("2024-05-02", other))
    assert answer.outcome == "answered"
    assert sorted(said(answer, "direct") + said(answer, "context")) == [TWELVE, other]


def test_row_7_nothing_is_not_in_sources(ask: Two) -> None:
    answer = ask(PRICE, ("2024-05-01", "Owls nest in the old mill."), ("2024-05-02", "The mill was built by monks."))
    assert answer.outcome == "not_in_sources"
    assert answer.citations == ()


# ---------------------------------------------------------------------------------------------- what excludes what


@pytest.mark.parametrize(
    ("question", "a", "b"),
    [
        ("How many rooms does the hotel have?", "The hotel has 120 rooms.", "The hotel has 95 rooms."),
        ("When does the swimming pool open?", "The swimming pool opens on 3 June 2024.", "The swimming pool opens on 10 June 2024."),
        ("What is the levy on fishing boats?", "The levy on fishing boats is a one-time charge of 400 euros.", "The levy on fishing boats is an annual charge of 400 euros."),
        ("What is the toll on the bridge?", "The council proposed a toll of 3 euros on the bridge.", "The council imposed a toll of 3 euros on the bridge."),
        ("Is the helmet mandatory for cyclists?", "The helmet is mandatory for cyclists in the park.", "The helmet is optional for cyclists in the park."),
        ("Are dogs allowed on the beach?", "Dogs are allowed on the beach.", "Dogs are not allowed on the beach."),
    ],
)  # fmt: skip
def test_sources_that_exclude_each_other_conflict_and_each_stands_with_its_own_citation(
    question: str, a: str, b: str, ask: Two
) -> None:
    answer = ask(question, ("2024-05-01", a), ("2024-05-02", b))
    assert answer.outcome == "conflicting"
    sides = [segment for segment in answer.segments if segment.role == "side"]
    assert {segment.text for segment in sides} == {a, b}
    assert len({segment.citations for segment in sides}) == 2


@pytest.mark.parametrize(
    ("question", "a", "b"),
    [
        # one rounds the other
        ("What share of the seats are sold?", "71% of the seats in the theatre are sold.", "Nearly three quarters of the seats in the theatre are sold."),
        # spelled differently
        ("What is the toll on the bridge?", "The toll on the bridge is $1,500.", "The toll on the bridge is 1,500 dollars."),
        ("When does the swimming pool open?", "The swimming pool opens on 3 June 2024.", "The swimming pool opens on June 3."),
        # one source states both values, so they are of different things
        ("How much is a ticket for the museum?", "A ticket for the museum costs 8 euros.", "A ticket for the museum costs 8 euros for adults. A ticket for the museum costs 4 euros for children."),
        # one says more
        ("Are dogs allowed on the beach?", "Dogs are allowed on the beach.", "Dogs are allowed on the beach in winter."),
    ],
)  # fmt: skip
def test_sources_that_can_both_be_right_do_not_conflict(question: str, a: str, b: str, ask: Two) -> None:
    assert ask(question, ("2024-05-01", a), ("2024-05-02", b)).outcome == "answered"


def test_one_source_does_not_conflict_with_itself(ask: Two) -> None:
    assert ask(PRICE, ("2024-05-01", f"{TWELVE} {THIRTY}")).outcome == "answered"


def test_fees_of_different_things_do_not_conflict(ask: Two) -> None:
    answer = ask(
        "What is the fee?",
        ("2024-05-01", "The parking fee is 3 euros."),
        ("2024-05-02", "The camping fee is 18 euros."),
    )
    assert answer.outcome == "answered"
    assert {c.source for c in answer.citations} == {"a", "b"}


def test_a_fee_replaces_no_fee_of_another_thing(ask: Two) -> None:
    official = ("2024-05-02", "kind: official|The camping fee is 18 euros.")
    assert said(ask("What is the fee?", ("2024-05-01", "The parking fee is 3 euros."), official), "replaced") == []


LIBRARY = (
    "The Harbour Library opened its doors on 2 March 2024. It holds 40,000 books on three floors. "
    "The library has not announced when the reading garden will open."
)


def test_a_source_may_call_one_detail_open_while_another_is_stated(ask: Two) -> None:
    assert ask("When will the reading garden open?", ("2024-03-05", LIBRARY)).outcome == "unreleased"


def test_what_a_source_states_outright_is_not_unreleased(ask: Two) -> None:
    answer = ask("When did the Harbour Library open?", ("2024-03-05", LIBRARY))
    assert (answer.outcome, said(answer, "direct")) == ("answered", [LIBRARY.split(". ")[0] + "."])


def test_a_source_that_settles_one_point_may_leave_another_open(ask: Two) -> None:
    settled = f"{TWELVE} The number of bicycle places on the night ferry has not been decided."
    answer = ask(PRICE, ("2024-05-01", OPEN), ("2024-06-01", settled))
    assert (answer.outcome, said(answer, "direct"), said(answer, "replaced")) == ("answered", [TWELVE], [OPEN])


def test_what_is_later_but_speaks_of_something_else_settles_nothing(ask: Two) -> None:
    answer = ask(PRICE, ("2024-05-01", OPEN), ("2024-06-01", "A coffee on the night ferry costs 3 euros."))
    assert (answer.outcome, said(answer, "open")) == ("unreleased", [OPEN])


def test_a_day_comes_before_a_date_that_depends_on_when_it_was_written(ask: Two) -> None:
    answer = ask(
        "When does the night ferry start?",
        ("", "The night ferry starts next Wednesday, the harbour says."),
        ("", "The night ferry starts on 3 May 2024."),
    )
    assert said(answer, "direct") == ["The night ferry starts on 3 May 2024."]


def test_a_number_that_is_asked_for_comes_with_each_word_that_tells_which(ask: Two) -> None:
    answer = ask(
        "How many people work on the night ferry?",
        ("2024-05-01", "Some 400 people signed a letter about the night ferry."),
    )
    assert answer.outcome == "not_in_sources"


# ------------------------------------------------------------------------------------------- weighed by hand


class Weighed:
    """A question on two sources, the second later and official: a statement and an open point, with what is made of them."""

    def __init__(self, reader: Reader, embedder: Embedder) -> None:
        self.reader = reader
        self.ledger = Ledger(reader)
        self.query = understand("Who may board the night ferry?", reader.index.lexicon, embedder)

    def evidence(self, sentence: int, probability: float, answers: float) -> Evidence:
        """A sentence that speaks of what is asked, with what reading says of it."""
        judged = self.reader.judge(self.query, sentence)
        signals = replace(judged.signals, attribute=1.0, attribute_least=1.0, names=1.0, kind=0.5)
        return replace(judged, probability=probability, signals=signals, verdict=Verdict(answers, -9))

    def point(self, score: float, opened: float, whole: float = 0.0) -> OpenMatch:
        """The open point of the corpus."""
        sentence = self.ledger.points[0].sentence
        span = self.ledger.points[0].attributes[0]
        fitted = [signals for signals, _ in self.ledger.fit(self.query, sentence, [span])]
        signals = replace(*fitted or [OpenSignals(*[0.0] * 11)], whole=whole)
        return OpenMatch(sentence, score, span, signals, verdict=Verdict(-9, opened))

    def decide(self, *evidence: Evidence, points: Sequence[OpenMatch] = ()) -> Decision:
        ranked = sorted(evidence, key=lambda e: -e.probability)
        return decide(self.query, ranked, points, self.ledger, self.reader)


@pytest.fixture
def weighed(tmp_path: Path, make_index: Callable[[Path, Mapping[str, str]], Index], embedder: Embedder) -> Weighed:
    head = "---\ntitle: Note {}\npublished: {}\nkind: official\n---\n"
    index = make_index(
        tmp_path,
        {
            "a.md": head.format("a", "2024-05-01")
            + "It is not known who may board the night ferry. Crew may board it.",
            "b.md": head.format("b", "2024-06-01") + "Residents board the night ferry. Nobody else may board it.",
        },
    )
    return Weighed(Reader(index, index.lexicon), embedder)


def test_a_point_that_does_not_read_as_open_yields_to_a_statement_that_fits_clearly_better(weighed: Weighed) -> None:
    asked, best = weighed.query, weighed.evidence(2, 0.95, SURE)
    assert is_about(asked, weighed.point(0.7, -1.9), best)
    assert not is_about(asked, weighed.point(0.7, -2.0), best)
    assert is_about(asked, weighed.point(0.81, -2.0), best)
    assert is_about(asked, weighed.point(0.7, -2.0), None)  # nothing is stated
    assert not is_about(asked, weighed.point(0.3, 1.0, whole=0.4), None)
    assert is_about(asked, weighed.point(0.3, 1.0, whole=0.6), weighed.evidence(2, 0.55, 0.0))


def test_where_a_value_is_given_a_point_that_rather_does_not_read_as_open_is_about_something_near(
    weighed: Weighed,
) -> None:
    asked, best = replace(weighed.query, kind="money"), weighed.evidence(2, 0.95, SURE)
    assert not is_about(asked, weighed.point(0.7, -0.1), best)
    assert is_about(asked, weighed.point(0.7, 0.1), best)
    assert is_about(asked, weighed.point(0.7, -0.1), weighed.evidence(2, 0.95, SURE - 0.1))
    of_another_kind = weighed.point(0.9, -0.1)
    assert is_about(asked, of_another_kind, best)
    of_another_kind = replace(of_another_kind, signals=replace(of_another_kind.signals, differs=1.0))
    assert not is_about(asked, of_another_kind, best)


def test_a_later_statement_settles_a_point_if_it_fits_well_or_reads_as_the_answer(weighed: Weighed) -> None:
    assert not settles(weighed.query, weighed.evidence(2, 0.79, SURE - 0.1))
    assert settles(weighed.query, weighed.evidence(2, 0.81, SURE - 0.1))
    assert settles(weighed.query, weighed.evidence(2, 0.6, SURE))
    assert settles(weighed.query, weighed.evidence(2, 0.6, 0.0), doubtful=True)


def test_a_later_statement_of_any_fit_overtakes_points_that_hardly_read_as_open(weighed: Weighed) -> None:
    later = weighed.evidence(2, 0.6, 0.0)
    assert weighed.decide(later, points=[weighed.point(0.6, -2.0)]).outcome == "answered"
    assert weighed.decide(later, points=[weighed.point(0.6, -1.9)]).outcome == "unreleased"


def test_a_later_statement_that_does_not_settle_a_point_does_not_contradict_it_either(weighed: Weighed) -> None:
    decision = weighed.decide(weighed.evidence(2, 0.7, 0.0), points=[weighed.point(0.7, 1.0)])
    assert decision.outcome == "unreleased"


def test_the_newest_answers_first_with_what_it_says_on_the_matter_in_dispute(weighed: Weighed) -> None:
    near = [weighed.evidence(2, 0.9, 0.0), weighed.evidence(3, 0.8, 0.0), weighed.evidence(1, 0.7, 0.0)]
    decision = newest(near, (1, 3), weighed.reader)
    assert decision is not None
    assert [e.sentence for e in decision.direct] == [3, 2]
    assert decision.replaced == (1,)


# ----------------------------------------------------------------------------------------------------------- objections


@pytest.fixture
def against(
    tmp_path: Path, make_index: Callable[[Path, Mapping[str, str]], Index], embedder: Embedder
) -> Callable[[str, str, Verdict | None], str]:
    """`against(text, question, verdict)` is the objection to a lone sentence of a source."""

    def objected(text: str, question: str, verdict: Verdict | None) -> str:
        index = make_index(tmp_path, {"note.md": f"# Note\n\n{text}\n"})
        reader = Reader(index, index.lexicon)
        query = understand(question, index.lexicon, embedder)
        return objection(query, replace(reader.judge(query, 0), verdict=verdict), Ledger(reader), reader)

    return objected


@pytest.mark.parametrize(
    ("text", "question", "least", "reason"),
    [
        ("The office opens at nine.", "Is smoking allowed?", READ, "nothing of what is asked"),
        ("The ferry carries bicycles.", "What does the ferry cost?", READ, "no value of the kind"),
        ("The ferry has 40 lifeboats.", "How many passengers may board?", SURE, "nothing of what is asked"),
    ],
)
def test_what_reads_as_an_answer_may_do_without_its_words(
    text: str, question: str, least: float, reason: str, against: Callable[[str, str, Verdict | None], str]
) -> None:
    assert reason in against(text, question, None)
    assert reason in against(text, question, Verdict(least - 0.01, -9))
    assert against(text, question, Verdict(least, -9)) == ""


def test_a_sentence_with_names_of_its_own_may_speak_of_the_title_where_it_reads_as_the_answer(
    tmp_path: Path, make_index: Callable[[Path, Mapping[str, str]], Index], embedder: Embedder
) -> None:
    # The title, 0.8, by the names that the sentence brings in, 0.6.
    index = make_index(tmp_path, {"velm.md": "# Velm Ferry\n\nCaptain Osric Tamm wants it painted green.\n"})
    reader = Reader(index, index.lexicon)
    query = understand("What colour will the Velm Ferry be?", index.lexicon, embedder)
    evidence = reader.judge(query, 0)
    assert evidence.signals.names == pytest.approx(0.48)

    def objected(verdict: Verdict | None) -> str:
        return objection(query, replace(evidence, verdict=verdict), Ledger(reader), reader)

    assert "else than what is named" in objected(None)
    assert "else than what is named" in objected(Verdict(READ - 0.01, -9))
    assert objected(Verdict(READ, -9)) == ""


def test_what_reads_as_open_is_no_answer(against: Callable[[str, str, Verdict | None], str]) -> None:
    text, question = "The ferry costs 12 euros, or so the captain hopes.", "What does the ferry cost?"
    assert against(text, question, Verdict(-1.0, -0.5)) == ""
    assert against(text, question, Verdict(0.5, 0.4)) == ""
    assert against(text, question, Verdict(0.4, 0.5)) == "it calls just this open"


def test_however_surely_it_reads_it_has_to_be_about_what_is_named_and_to_state_it(
    against: Callable[[str, str, Verdict | None], str],
) -> None:
    sure = Verdict(9, -9)
    assert "else than what is named" in against(
        "The Velm ferry costs 12 euros.", "What does the Oriel tram cost?", sure
    )
    assert "states nothing" in against("What does the ferry cost?", "What does the ferry cost?", sure)
