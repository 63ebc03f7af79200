"""What a source says is not out yet is found, with what it says it of; rules, orders and plain facts are not.

`open_points.yaml` holds many wordings; the sentences here say exactly where an attribute begins and ends.
"""

import string
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import unreleased
from index.phrases import PHRASES, Phrase
from index.source import OpenPoint, Sentence

SAID = {
    "The fare for the new tram line has not been announced.": ["The fare for the new tram line"],
    "Opening hours of the swimming pool have yet to be decided.": ["Opening hours of the swimming pool"],
    "No date has been set for the reopening of the bridge.": ["date has been set for the reopening of the bridge"],
    "It is not clear whether dogs will be allowed on the ferry.": ["whether dogs will be allowed on the ferry"],
    "How long the road will stay closed is still unknown.": ["How long the road will stay closed"],
    "The museum did not say how much the restoration would cost.": ["how much the restoration would cost"],
    "The ministry has not published the list of eligible farms.": ["the list of eligible farms"],
    "The name of the new conductor remains a secret.": ["The name of the new conductor"],
    "Details of the merger, including the price, have not been disclosed.": ["Details of the merger", "the price"],
    "The council is yet to confirm the route, the stops and the timetable.": [
        "the route",
        "the stops",
        "the timetable",
    ],
    "A replacement for the chief engineer has not yet been found.": ["A replacement for the chief engineer"],
    "The winner of the design competition will be announced later this month.": [
        "The winner of the design competition"
    ],
    "The hospital declined to give the number of patients affected.": ["number of patients affected"],
    "Nobody has said who will pay for the repairs.": ["who will pay for the repairs"],
    "The cause of the fire is under investigation.": ["The cause of the fire"],
    "The dosage for infants has still not been determined.": ["The dosage for infants"],
    "There is no word yet on when the mine will reopen.": ["when the mine will reopen"],
    "The venue for the 2031 games is to be decided.": ["The venue for the 2031 games"],
    "Ticket prices: to be confirmed.": ["Ticket prices"],
    "Start date: TBC": ["Start date"],
    "The regulator would not be drawn on the size of the fine.": ["the size of the fine"],
    "We don’t yet know how many seats the theatre will have.": ["how many seats the theatre will have"],
    "Officials could not say when power would be restored.": ["when power would be restored"],
    "The operator has given no reason for the delay.": ["the delay"],
    "The order was signed, but its terms were not made public.": ["its terms"],
    "Neither the cost nor the supplier has been disclosed.": ["the cost", "the supplier"],
    "The company has not revealed its pricing.": ["its pricing"],
    "What happens to existing season tickets remains unclear.": ["What happens to existing season tickets"],
    "The union and the airline are still negotiating the overtime rate.": ["the overtime rate"],
    "The court has reserved judgment on who owns the painting.": ["who owns the painting"],
    "It is too early to say how many birds survived the storm.": ["how many birds survived the storm"],
    "The exact location of the turbine is being kept under wraps.": ["The exact location of the turbine"],
    "The school has yet to appoint a head of music.": ["a head of music"],
    "The university said the interview format would be published in due course.": ["the interview format"],
    "Whether the vaccine protects children is not known.": ["Whether the vaccine protects children"],
    "Questions remain about the safety of the lining.": ["the safety of the lining"],
    "The party refuses to disclose its donors.": ["its donors"],
    "The committee has not decided on a mascot.": ["a mascot"],
    "The report is silent on compensation for tenants.": ["compensation for tenants"],
    "The treasury has not put a figure on the savings.": ["the savings"],
    "The length of the apprenticeship is not specified.": ["The length of the apprenticeship"],
    "No further details of the lease were available.": ["details of the lease"],
    "The zoo is awaiting a decision on the panda loan.": ["the panda loan"],
    "A spokeswoman was unable to say which stations would close.": ["which stations would close"],
    "The rules do not specify what counts as a small boat.": ["what counts as a small boat"],
    "It has not been decided whether parking will stay free.": ["whether parking will stay free"],
    "It remains to be decided which villages get fibre first.": ["which villages get fibre first"],
    "The harbour board says talks on mooring fees are continuing.": ["talks on mooring fees"],
    "The airline hasn’t said if miles will expire.": ["if miles will expire"],
    "No timetable was given for the clean-up of the river.": ["timetable was given for the clean-up of the river"],
    "The law leaves open whether drones count as aircraft.": ["whether drones count as aircraft"],
    "There has been no announcement about the date of the by-election.": ["the date of the by-election"],
    "There is uncertainty over the number of places.": ["the number of places"],
    "Full terms will follow.": ["Full terms"],
    "Eligibility criteria are expected to be published in spring.": ["Eligibility criteria"],
    "The prospectus makes no mention of refunds.": ["refunds"],
    "The notice gives no closing date.": ["closing date"],
    "The identity of the buyer was not immediately known.": ["The identity of the buyer"],
    "The society is still deciding where to hold its annual fair.": ["where to hold its annual fair"],
    "Who will run the kiosk has not been settled.": ["Who will run the kiosk"],
    "The board has postponed a decision on the dress code.": ["the dress code"],
    "The level of the subsidy is yet to be fixed.": ["The level of the subsidy"],
    "Exact quotas have not been made available.": ["Exact quotas"],
    "So far the institute has said nothing about side effects.": ["side effects"],
    "When the second phase begins is anyone's guess.": ["When the second phase begins"],
    "The ministry has not made clear who must register.": ["who must register"],
    "Guidance on second homes is still awaited.": ["Guidance on second homes"],
    "The rate of pay has not been agreed.": ["The rate of pay"],
    "Authorities have not released the names of the injured.": ["the names of the injured"],
    "Little is known about the origin of the manuscript.": ["the origin of the manuscript"],
    "The bank offered no timeline for the upgrade.": ["timeline for the upgrade"],
    "The decree does not state how appeals are heard.": ["how appeals are heard"],
    "The fare is not fixed yet, and the form is not available yet.": ["The fare", "the form"],
    "The victims, whose names were not released, came from two villages.": ["names"],
    "The annex, which has not been published, lists the exempt crops.": ["The annex"],
    "The rules that have not been clarified concern moored boats.": ["The rules"],
    "The council wants a second pool, but that has not been confirmed.": ["The council wants a second pool"],
    "He said the choir would sing, and it is unclear who would conduct.": ["who would conduct"],
    "Further detail on the lottery will be given in due course.": ["Further detail on the lottery"],
    "The union hasn't told members how the vote will be counted.": ["how the vote will be counted"],
    "Winners' names: not yet known.": ["Winners' names"],
    "Nor have the insurance terms been agreed.": ["the insurance terms"],
    "The clinic did not indicate whether the trial would be extended.": ["whether the trial would be extended"],
    "The shareholding still hasn't been made public.": ["The shareholding"],
    "The tender was cancelled without explanation, and the new closing date is a closely guarded secret.": [
        "the new closing date"
    ],
}

NOT_SAID = [
    "Members must not disclose the password to guests.",
    "If no date has been set, the tenancy ends after six months.",
    "Whether the team can win away from home remains to be seen.",
    "Passes will be issued in March.",
    "The drug has not been approved for children.",
    "No licence was given to the shop.",
    "No children were harmed in the accident.",
    "Applicants do not need a sponsor.",
    "The pool is not open on Mondays.",
    "Visitors are not allowed to feed the seals.",
    "The bridge has not been painted since 1990.",
    "The lake has never been deeper than four metres.",
    "Staff may not release records to third parties.",
    "The plan was announced in June and published in July.",
    "The deadline has been set for 3 May.",
    "Unless the date is confirmed in writing, the booking lapses.",
    "Applicants who were not selected may try again next year.",
    "The secretary keeps the minutes and the list of members.",
    "Results are published every Friday.",
    "The mayor was not at the meeting.",
    "There is no fee for children.",
    "The form does not need a signature.",
    "The library has no branches in the north.",
    "The town is known for its clear water.",
    "Bring your pass, which cannot be replaced.",
    "The shop does not give refunds on sale items.",
    "Anyone who has not received a letter should call the office.",
    "The ferry does not stop at the island in winter.",
    "Nobody under twelve is admitted.",
    "The fund will not pay for travel.",
    "The policy is not renewed automatically.",
    "Do not share your code with anyone.",
    "The data must be kept confidential.",
    "The clerk explained that the fee is not refundable.",
    "Once a decision has been made, no appeal is possible.",
    "Participants are still expected to attend the final session.",
    "The team has yet to lose a match.",
    "No reason needs to be given for leaving the scheme.",
    "Employers need not give a reason for ending a trial period.",
    "Your answers are confidential.",
    "The clinic keeps patient records confidential.",
    "Please do not reveal the ending.",
    "Tablets are to be taken with water.",
    "Claims are to be made in writing.",
    "Ties will be decided by a coin toss.",
    "The essay was not printed or published until 1938.",
    "No faults have been identified in the lift.",
    "An unknown man paid the bill.",
    "The park is not known for its roses.",
    "Age does not determine the fare.",
    "You may visit the site without providing any information.",
    "Age limits do not apply.",
    "She would not say that the plan had failed.",
    "The species was previously unknown in the lake.",
    "Where the price has not been agreed, a valuer decides.",
]


WORDINGS = yaml.safe_load(Path(__file__).with_name("open_points.yaml").read_text(encoding="utf-8"))
OPEN = [(half, case["say"], tuple(case["of"])) for half, lists in WORDINGS.items() for case in lists["open"]]
SETTLED = [(half, text) for half, lists in WORDINGS.items() for text in lists["settled"]]


def find(*texts: str) -> list[OpenPoint]:
    """The open points of the sentences of one paragraph."""
    sentences, start = [], 0
    for text in texts:
        sentences.append(Sentence(f"s#{start}", "s", start, start + len(text), text))
        start += len(text) + 1
    return list(unreleased.find(sentences, {}))


def attributes(*texts: str) -> list[str]:
    whole = " ".join(texts)
    return [whole[start:end] for point in find(*texts) for start, end in point.attributes]


@pytest.mark.parametrize("text", SAID)
def test_what_is_open_is_found(text: str) -> None:
    assert attributes(text) == SAID[text]


@pytest.mark.parametrize("text", NOT_SAID)
def test_rules_conditions_orders_and_facts_are_no_open_points(text: str) -> None:
    assert find(text) == []


@pytest.mark.parametrize(("half", "say", "of"), OPEN)
def test_what_is_open_is_found_however_it_is_worded(half: str, say: str | list[str], of: tuple[str, ...]) -> None:
    found = attributes(*([say] if isinstance(say, str) else say))
    assert [words for words in of if not any(words in attribute for attribute in found)] == []


@pytest.mark.parametrize(("half", "text"), SETTLED)
def test_what_only_looks_open_is_no_open_point(half: str, text: str) -> None:
    assert find(text) == []


def test_a_point_knows_its_sentence_and_the_words_that_say_so() -> None:
    texts = "The old hall closed in May.", "The new one has yet to be named."
    (point,) = find(*texts)
    assert (point.sentence, point.source) == (1, "s")
    assert " ".join(texts)[slice(*point.phrase)] == "has yet to be named"


def test_an_open_list_generalises_and_a_closed_one_does_not() -> None:
    text = "Details of the bursary, such as its size and its start, have not been published."
    (point,) = find(text)
    assert [text[start:end] for start, end in point.attributes] == ["Details of the bursary", "its size", "its start"]
    assert (point.open_list, point.listed_from) == (True, 1)
    text = "Three matters remain unsettled: the rent, the deposit and the keys."
    (point,) = find(text)
    assert not point.open_list
    (point,) = find("The rent and the deposit have not been settled.")
    assert (len(point.attributes), point.open_list, point.listed_from) == (2, False, -1)


def test_a_sentence_may_leave_several_things_open() -> None:
    text = "The site is still unknown, and the mayor has not said who will build there."
    assert attributes(text) == ["The site", "who will build there"]


@pytest.mark.parametrize(
    "text",
    ["That has not been decided.", "It is not yet clear.", "No decision has been taken.", "The mayor did not say."],
)
def test_a_sentence_that_only_points_back_speaks_of_the_one_before(text: str) -> None:
    assert attributes("Will members get a discount?", text) == ["Will members get a discount?"]


def test_it_points_back_within_a_paragraph_only() -> None:
    texts = "Will members get a discount?", "That has not been decided."
    sentences = [
        Sentence("s#0", "s", 0, 28, texts[0], block=0),
        Sentence("s#40", "s", 40, 66, texts[1], block=1),
    ]
    assert unreleased.find(sentences, {}) == ()


def test_what_is_said_of_another_clause_is_left_out() -> None:
    assert attributes("The rent rises in May, but the deposit has not been fixed.") == ["the deposit"]
    assert attributes("The board said the fee would rise, though by how much is unclear.") == ["by how much"]


def test_a_question_leaves_nothing_open() -> None:
    assert find("Why has the fee not been published?") == []


def test_a_clause_that_asks_is_no_condition() -> None:
    assert find("Where the fee has not been set, the old one applies.") == []
    assert attributes("Where the kiosk will stand has not been decided.") == ["Where the kiosk will stand"]
    assert attributes("Whether it counts if it comes late is not known.") == ["Whether it counts if it comes late"]


def test_several_questions_are_several_attributes() -> None:
    text = (
        "The club has not said who may enter, what it costs or when it starts, and the mayor called this a great pity."
    )
    assert attributes(text) == ["who may enter", "what it costs", "when it starts"]


def test_a_list_after_a_colon_is_open_too_but_an_explanation_is_not() -> None:
    text = "Three matters remain unsettled: the rent, the deposit and the keys."
    (point,) = find(text)
    assert attributes(text) == ["Three matters", "the rent", "the deposit", "the keys"]
    assert (point.open_list, point.listed_from) == (False, 1)
    assert attributes("The supplier has not been chosen: four firms have put in bids.") == ["The supplier"]


def test_what_shares_a_verb_with_it_is_open_too() -> None:
    text = "The fare has not been fixed, nor have the stops."
    assert attributes(text) == ["The fare", "the stops"]


def test_a_topic_put_in_front_is_what_is_open() -> None:
    assert attributes("On parking, nothing has been agreed.") == ["parking"]
    assert attributes("Asked whether the pier would close, he would not say.") == ["whether the pier would close"]


def test_what_a_relative_clause_leaves_open_stands_before_it() -> None:
    assert attributes("The toll, which the council has yet to set, starts in May.") == ["The toll"]


def test_it_points_back_only_where_nothing_in_the_sentence_is_open() -> None:
    texts = "The hall is old.", "Whether it will be sold is under review, and no decision has been made."
    assert attributes(*texts) == ["Whether it will be sold"]


def test_list_items_under_a_lead_in_are_open() -> None:
    texts = "We have not yet decided:", "the entry fee", "who may keep a boat here", "The slipway opens in May."
    kinds = "paragraph", "item", "item", "paragraph"
    sentences, start = [], 0
    for text, kind in zip(texts, kinds, strict=True):
        sentences.append(Sentence(f"s#{start}", "s", start, start + len(text), text, block=start, kind=kind))
        start += len(text) + 2
    points = unreleased.find(sentences, {})
    assert [point.sentence for point in points] == [1, 2]
    whole = "\n\n".join(texts)
    assert [whole[a:b] for point in points for a, b in point.attributes] == [
        "the entry fee",
        "who may keep a boat here",
    ]
    assert {whole[slice(*point.phrase)] for point in points} == {"have not yet decided"}


def test_a_lead_in_that_says_something_else_opens_no_list() -> None:
    texts = "The fee has not been set, but members should bring:", "a hat"
    sentences = [
        Sentence("s#0", "s", 0, len(texts[0]), texts[0]),
        Sentence("s#60", "s", 60, 65, texts[1], block=1, kind="item"),
    ]
    (point,) = unreleased.find(sentences, {})
    assert point.sentence == 0


# --- the words a sentence must hold before it is searched ---------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("phrase", PHRASES, ids=range(len(PHRASES)))
def test_no_sentence_that_a_phrase_matches_is_passed_over(phrase: Phrase) -> None:
    letters = st.sampled_from(string.ascii_letters + " -',.;:()9")

    @settings(max_examples=4, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.from_regex(phrase.pattern, alphabet=letters))
    def searched(text: str) -> None:
        if phrase.pattern.search(text):
            assert phrase in unreleased._possible(text)

    searched()


@pytest.mark.parametrize("text", [*SAID, *NOT_SAID, *(text for _, text in SETTLED)])
def test_passing_over_phrases_changes_nothing(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = find(text)
    monkeypatch.setattr(unreleased, "_possible", lambda text: PHRASES)
    assert find(text) == found


def test_a_sentence_without_such_words_is_not_searched() -> None:
    assert unreleased._possible("The ferry runs at noon.") == []
