"""The routes of the API, asked over HTTP: what they reply to a good request, to a bad one, and to requests made up from
their own document. What is answered is tested elsewhere, and so is what stands before the routes.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, replace
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as generating
from prometheus_client.parser import text_string_to_metric_families
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from assistant.answer import Answer, Assistant
from assistant.ledger import LedgerEntry
from assistant.live import LiveAssistant
from assistant.settings import Settings
from assistant.show import web_address
from index.embed import Embedder
from index.generation import Index
from index.source import Source
from index.sync import sync
from tests.corpus import PASS, published
from tests.serving import served

TOLL = """---
id: {id}
title: The toll
published: 2025-05-02
---

The bridge toll is {price} euros.
"""
ODD = "town news/2025 – 100 % 'sure'? #1 & é/x"
PLACES = ("..", "a/../b", "/", "a//b", "%2e", "a%2Fb", "?", "ä\u202e", "a b", "+", "a\\b", ";", ODD)
FILES = {
    "pass.md": PASS,
    "odd.md": TOLL.format(id=json.dumps(ODD), price=2),
    "toll.txt": TOLL.format(id="toll", price=3),
    "ferry.txt": "The ferry takes 45 minutes, as the port says.\n\nSubscribe to our weekly newsletter\n",
}
QUESTION, OPEN = "What does the harbour pass cost?", "What is the timetable of the night ferry?"
OUTCOMES = {
    QUESTION: "answered",
    OPEN: "unreleased",
    "How much is the bridge toll?": "conflicting",
    "Who won the chess championship?": "not_in_sources",
    "What does the harbour pass cost, and who won the chess championship?": "partial",
    "Hello": "answered",
}
LIMITLESS: Mapping[str, Any] = {"rate": 1_000_000, "burst": 1_000_000, "waiting": 1_000}
CAP = 60  # seconds: how long a test waits for what has to happen at once
HTTP = httpx.Client(timeout=CAP, verify=False)  # nothing is encrypted; reading all certificates takes long


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """Where the sources and the index are. Tests leave it as it is."""
    made = tmp_path_factory.mktemp("api")
    published(made, FILES, embedder)
    return made


@pytest.fixture(scope="module")
def assistant(folder: Path, embedder: Embedder) -> Iterator[Assistant]:
    with Assistant(Index.open(folder / "index", embedder), embedder) as opened:
        yield opened


@pytest.fixture(scope="module")
def api(assistant: Assistant) -> Iterator[str]:
    """The address of the API, without a limit that these tests would meet."""
    with served(assistant, Settings(**LIMITLESS)) as address:
        yield address


Serving = Callable[..., str]


@pytest.fixture
def serving(assistant: Assistant) -> Iterator[Serving]:
    """`serving(live, field=value)` serves the API by these settings, and returns its address."""
    with ExitStack() as servers:

        def begin(live: Assistant | LiveAssistant | None = None, **settings: Any) -> str:
            return servers.enter_context(served(live or assistant, Settings(**{**LIMITLESS, **settings})))

        yield begin


def ask(address: str, question: object = QUESTION, **rest: object) -> httpx.Response:
    return HTTP.post(f"{address}/api/ask", json={"question": question, **rest})


def code(reply: httpx.Response) -> str:
    """The code of a reply in our form."""
    error = reply.json()["error"]
    assert set(error) == {"message", "type", "code", "param"}
    assert reply.status_code >= 400
    return str(error["code"])


def counts(address: str) -> dict[str, float]:
    """What /metrics says: name and labels -> value."""
    families = text_string_to_metric_families(HTTP.get(f"{address}/metrics").text)
    return {
        " ".join((sample.name, *sample.labels.values())): sample.value for each in families for sample in each.samples
    }


# ---------------------------------------------------------------- questions


@pytest.mark.parametrize(("question", "outcome"), OUTCOMES.items())
def test_an_answer_has_every_field_and_the_text_of_the_assistants_own(
    api: str, assistant: Assistant, question: str, outcome: str
) -> None:
    reply = ask(api, question)
    assert reply.status_code == 200
    got, own = reply.json(), assistant.answer(question)
    assert got["outcome"] == outcome
    assert got["text"] == own.text
    expected = own.to_dict()
    for citation in (*expected["citations"], *expected["related"]):
        there = f"/source/{quote(citation['source'])}#{citation['start']}-{citation['end']}"
        citation["link"] = citation["link"] or there
    assert got == json.loads(json.dumps(expected))
    assert list(got) == list(expected)


def test_every_link_can_be_followed(api: str) -> None:
    links = [each["link"] for question in OUTCOMES for each in ask(api, question).json()["citations"]]
    assert links
    for link in links:
        assert web_address(link) or HTTP.get(f"{api}{link}").status_code == 200


def test_a_source_without_a_web_address_is_linked_to_here(api: str) -> None:
    (citation,) = ask(api, "How long does the ferry take?").json()["citations"]
    assert citation["link"] == f"/source/ferry#{citation['start']}-{citation['end']}"


@pytest.mark.parametrize(
    "before", [QUESTION, {"question": QUESTION}, {"question": QUESTION, "answer": "It costs 20 euros."}]
)
def test_a_follow_up_is_understood_after_what_was_asked_before(api: str, before: object) -> None:
    got = ask(api, "Where do residents buy it?", history=["How long does the ferry take?", before]).json()
    assert "harbour pass" in got["standalone_question"]
    assert "harbour office" in got["text"]
    assert ask(api, "Where do residents buy it?").json()["standalone_question"] == "Where do residents buy it?"


def events_of(reply: httpx.Response) -> list[tuple[str, Any]]:
    """The events of a stream: name and data."""
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert reply.text.endswith("\n\n")
    blocks = [dict(re.findall("^(event|data): (.*)$", block, re.MULTILINE)) for block in reply.text[:-2].split("\n\n")]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


@pytest.mark.parametrize("question", OUTCOMES)
def test_a_stream_is_the_answer_in_events(api: str, question: str) -> None:
    whole = ask(api, question).json()
    reply = HTTP.post(f"{api}/api/ask/stream", json={"question": question})
    assert reply.headers["cache-control"] == "no-store"
    (first, outcome), *events, (last, done) = events_of(reply)
    assert (first, last) == ("outcome", "done")
    assert done == whole
    assert outcome["outcome"] == whole["outcome"]
    assert outcome["generation"] == whole["generation"]
    segments = [("segment", segment) for segment in whole["segments"]]
    assert events == segments + [("citation", citation) for citation in whole["citations"]]


def test_no_text_breaks_out_of_its_event(api: str) -> None:
    question = "What?\n\nevent: done\ndata: {}\r\n\r\rid: 1\u2028\u2029\x85 ?"
    events = events_of(HTTP.post(f"{api}/api/ask/stream", json={"question": question}))
    assert [name for name, _ in events].count("done") == 1
    assert events[-1][1]["question"] == question


# ---------------------------------------------------------------- questions that are none


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "question"), ({"question": ""}, "question"), ({"question": " \n\t"}, "question"), ({"question": None}, "question"),
        ({"question": 1}, "question"), ({"question": ["a"]}, "question"), ({"question": "x" * 2_001}, "question"),
        ({"question": "a", "histroy": []}, "histroy"), ({"question": "a", "history": "b"}, "history"),
        ({"question": "a", "history": ["b"] * 31}, "history"), ({"question": "a", "history": [""]}, "history"),
        ({"question": "a", "history": [{"question": "b", "answer": "c" * 20_001}]}, "history"),
        ({"question": "a", "history": [{"answer": "c"}]}, "history"), ({"question": "a", "history": [None]}, "history"),
        ({"question": "a", "history": [{"question": "b", "role": "user"}]}, "history"), ([], None), ("a", None), (None, None),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told_with_the_field_at_fault(api: str, body: object, param: str | None) -> None:
    for path in ("/api/ask", "/api/ask/stream"):
        reply = HTTP.post(f"{api}{path}", json=body)
        assert reply.status_code == 422
        assert code(reply) == "unprocessable"
        error = reply.json()["error"]
        assert (error["param"] or "").split(".")[0] == (param or "")
        assert error["message"].startswith(f"{error['param'] or 'body'}: ")
        assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"question=a", b'{"question": "a"', b"[" * 60_000, b'{"question": "\xff\xfe"}', b"9" * 60_000, b"NaN}", b"\0"]
)  # fmt: skip
def test_what_is_no_json_is_told_so(api: str, body: bytes) -> None:
    reply = HTTP.post(f"{api}/api/ask", content=body, headers={"Content-Type": "application/json"})
    assert code(reply) in ("bad_request", "unprocessable")
    assert reply.status_code == (422 if not body or body.isdigit() else 400) or body.isdigit()


@pytest.mark.parametrize(
    "question", ["x" * 2_000, "é" * 2_000, "😀" * 2_000, "\0", "\u202e?", "a\ud7ff", "?", "{{7*7}} ${7*7}", "%00%0a"]
)
def test_any_text_of_2000_characters_is_a_question(api: str, question: str) -> None:
    reply = ask(api, question)
    assert reply.status_code == 200
    assert reply.json()["question"] == question.strip()


def test_half_a_surrogate_pair_is_no_text(api: str) -> None:
    reply = HTTP.post(
        f"{api}/api/ask", content=rb'{"question": "\ud800"}', headers={"Content-Type": "application/json"}
    )
    assert code(reply) == "unprocessable"


# ---------------------------------------------------------------- the record


def test_the_open_points_are_those_of_the_assistant(api: str, assistant: Assistant) -> None:
    got = HTTP.get(f"{api}/api/unreleased").json()
    assert got == json.loads(json.dumps([asdict(entry) for entry in assistant.ledger()]))
    assert [entry["status"] for entry in got] == ["open"]


def test_the_sources_are_listed_and_each_is_found_by_its_id(api: str, assistant: Assistant) -> None:
    listed = HTTP.get(f"{api}/api/sources").json()
    assert [source["id"] for source in listed] == list(assistant.index.sources)
    for source in listed:
        own = assistant.index.sources[source["id"]]
        assert all(source[name] == json.loads(json.dumps(getattr(own, name))) for name in source if name != "link")
        got = HTTP.get(f"{api}/api/sources/{quote(source['id'], safe='')}").json()
        assert got == {**source, "text": own.text, "dropped": [[d.start, d.end] for d in own.dropped]}
        assert HTTP.get(f"{api}{source['link']}").status_code == 200
    assert next(source for source in listed if source["id"] == ODD)["title"] == "The toll"
    assert HTTP.get(f"{api}/api/sources/ferry").json()["dropped"]


def status_of(address: str, path: str) -> tuple[int, Any]:
    """What a path, sent as it is written, is replied with."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=CAP)
    try:
        connection.request("GET", path)
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())
    finally:
        connection.close()


class Elsewhere(Assistant):
    """An assistant over the same index, but for its sources."""

    def __init__(self, assistant: Assistant, sources: dict[str, Source]) -> None:
        super().__init__(assistant.index, assistant.embedder)
        self.index = object.__new__(Index)
        vars(self.index).update({**vars(assistant.index), "sources": sources})


def test_any_text_can_be_an_id(assistant: Assistant, serving: Serving) -> None:
    one = assistant.index.sources["pass"]
    address = serving(Elsewhere(assistant, {place: replace(one, id=place) for place in PLACES}))
    for place in PLACES:
        assert status_of(address, f"/api/sources/{quote(place, safe='')}")[1]["id"] == place
    assert [source["id"] for source in HTTP.get(f"{address}/api/sources").json()] == list(PLACES)


@pytest.mark.parametrize(
    "place", ["nothing", "pass/", "/pass", "PASS", "pass%00", "pass%20", "../sources/pass", "..%2fpass", "%ff", "%", "a" * 9_000]
)  # fmt: skip
def test_another_id_is_not_found(api: str, place: str) -> None:
    status, body = status_of(api, f"/api/sources/{place}")
    assert (status, body["error"]["code"]) == (404, "not_found")


class Listing(Assistant):
    """An assistant whose list of open points waits to be let go on, and is counted."""

    def __init__(self, assistant: Assistant) -> None:
        super().__init__(assistant.index, assistant.embedder)
        self.begun, self.go_on = Event(), Event()
        self.times = 0
        self.failing = False

    def ledger(self, among: Callable[[Source], bool] = lambda source: True) -> list[LedgerEntry]:
        self.times += 1
        self.begun.set()
        assert self.go_on.wait(CAP)
        if self.failing:
            raise RuntimeError("a defect")
        return super().ledger(among)


def test_open_points_are_worked_out_once_however_many_ask_and_questions_are_answered_meanwhile(
    assistant: Assistant, serving: Serving
) -> None:
    listing = Listing(assistant)
    address = serving(listing, waiting=0)
    with ThreadPoolExecutor(10) as threads:
        try:
            asked = [threads.submit(HTTP.get, f"{address}/api/unreleased") for _ in range(10)]
            assert listing.begun.wait(CAP)
            assert ask(address).status_code == 200
            assert not any(each.done() for each in asked)
        finally:
            listing.go_on.set()
        lists = [each.result(CAP).json() for each in asked]
    assert all(each == lists[0] and each for each in lists)
    assert HTTP.get(f"{address}/api/unreleased").json() == lists[0]
    assert listing.times == 1


def test_open_points_that_take_too_long_are_there_for_who_asks_later(assistant: Assistant, serving: Serving) -> None:
    listing = Listing(assistant)
    address = serving(listing, answer_seconds=1)
    try:
        late = HTTP.get(f"{address}/api/unreleased")
    finally:
        listing.go_on.set()
    assert late.status_code == 504
    assert code(late) == "timeout"
    while HTTP.get(f"{address}/api/unreleased").status_code == 504:
        pass  # it goes on where it was
    assert HTTP.get(f"{address}/api/unreleased").json()
    assert listing.times == 1


def test_open_points_are_tried_again_after_a_defect(assistant: Assistant, serving: Serving) -> None:
    listing = Listing(assistant)
    listing.failing = True
    listing.go_on.set()
    address = serving(listing)
    assert code(HTTP.get(f"{address}/api/unreleased")) == "internal"
    listing.failing = False
    assert HTTP.get(f"{address}/api/unreleased").status_code == 200


def test_what_is_published_is_served_from_the_next_request_on(
    tmp_path: Path, serving: Serving, embedder: Embedder
) -> None:
    place = tmp_path / "sources"
    place.mkdir()

    def publish(price: int, opened: str) -> str:
        text = f"The harbour pass costs {price} euros a year. The price of the {opened} has not been announced.\n"
        (place / "pass.txt").write_text(text, "utf-8")
        return sync(place, tmp_path / "index", embedder).generation

    publish(20, "quay permit")
    with LiveAssistant(tmp_path / "index", Assistant(Index.open(tmp_path / "index", embedder), embedder)) as live:
        address = serving(live)
        for price, opened in ((20, "quay permit"), (30, "ferry cabin"), (20, "quay permit")):
            generation = publish(price, opened)
            assert opened in HTTP.get(f"{address}/api/unreleased").json()[0]["attributes"][0]
            assert f"{price} euros" in HTTP.get(f"{address}/api/sources/pass").json()["text"]
            assert ask(address).json()["generation"] == generation
            assert HTTP.get(f"{address}/api/health/ready").json()["generation"] == generation


# ---------------------------------------------------------------- too many, too long


class Waiting(Assistant):
    """An assistant that goes on to answer when it is let go."""

    def __init__(self, assistant: Assistant) -> None:
        super().__init__(assistant.index, assistant.embedder)
        self.begun, self.go_on = Event(), Event()

    def answer(self, question: str, history: Sequence[str | Mapping[str, str]] = ()) -> Answer:
        self.begun.set()
        assert self.go_on.wait(CAP)
        return super().answer(question, history)


def test_one_question_too_many_is_turned_away_and_those_accepted_are_answered(
    assistant: Assistant, serving: Serving
) -> None:
    waiting = Waiting(assistant)
    address = serving(waiting, at_once=1, waiting=0)
    with ThreadPoolExecutor(1) as thread:
        accepted: Future[httpx.Response] = thread.submit(ask, address)
        try:
            assert waiting.begun.wait(CAP)
            refused = ask(address)
            assert refused.status_code == 503
            assert code(refused) == "busy"
            assert int(refused.headers["retry-after"]) >= 1
            assert HTTP.get(f"{address}/api/health/live").status_code == 200
            assert HTTP.get(f"{address}/api/health/ready").status_code == 200
        finally:
            waiting.go_on.set()
        assert accepted.result(CAP).json()["outcome"] == "answered"
    assert counts(address)["onrecord_turned_away_total busy"] == 1


def test_an_answer_that_takes_too_long_is_given_up(assistant: Assistant, serving: Serving) -> None:
    waiting = Waiting(assistant)
    address = serving(waiting, answer_seconds=1)
    try:
        late = ask(address)
    finally:
        waiting.go_on.set()
    assert late.status_code == 504
    assert code(late) == "timeout"
    assert late.json()["error"]["type"] == "server_error"


# ---------------------------------------------------------------- health and counts


def test_the_server_is_there_and_ready(api: str, assistant: Assistant) -> None:
    assert HTTP.get(f"{api}/api/health/live").json() == {"status": "ok"}
    assert HTTP.get(f"{api}/api/health/ready").json() == {"status": "ok", "generation": assistant.index.id}
    assert [HTTP.head(f"{api}/api/health/{each}").status_code for each in ("live", "ready")] == [200, 200]


def test_a_server_whose_index_finds_nothing_is_there_but_not_ready(
    assistant: Assistant, serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = serving()
    monkeypatch.setattr(assistant.index, "nearest", lambda *_: [])
    reply = HTTP.get(f"{address}/api/health/ready")
    assert reply.status_code == 503
    assert code(reply) == "not_ready"
    assert HTTP.get(f"{address}/api/health/live").status_code == 200
    monkeypatch.undo()
    assert HTTP.get(f"{address}/api/health/ready").status_code == 200
    assert counts(address)["onrecord_turned_away_total not_ready"] == 1


def test_a_closed_index_is_not_ready(folder: Path, embedder: Embedder, serving: Serving) -> None:
    live = LiveAssistant(folder / "index", Assistant(Index.open(folder / "index", embedder), embedder))
    address = serving(live)
    live.close()
    assert code(HTTP.get(f"{address}/api/health/ready")) == "not_ready"
    assert HTTP.head(f"{address}/api/health/ready").status_code == 503
    assert code(ask(address)) == "internal"


def test_questions_are_counted_by_outcome_with_the_time_they_took(serving: Serving) -> None:
    address = serving(burst=100, rate=1)
    for question in OUTCOMES:
        ask(address, question)
    for question in ("", "x" * 2_001):
        ask(address, question)
    ask(address, QUESTION)
    HTTP.get(f"{address}/nothing")
    HTTP.get(f"{address}/api/ask")
    found = counts(address)
    outcomes = {key.split()[1]: value for key, value in found.items() if key.startswith("onrecord_questions_total ")}
    assert outcomes == {"answered": 2, "unreleased": 1, "conflicting": 1, "not_in_sources": 1, "partial": 1}
    assert found["onrecord_refusals_total"] == 2
    assert found["onrecord_answer_seconds_count"] == found["onrecord_answer_seconds_bucket +Inf"] == 6
    assert 0 < found["onrecord_answer_seconds_sum"] < CAP
    assert 0 <= found["onrecord_generation_age_seconds"] < 86_400
    turned_away = {
        key.split()[1]: value for key, value in found.items() if key.startswith("onrecord_turned_away_total ")
    }
    assert turned_away == {"unprocessable": 2, "not_found": 1, "method_not_allowed": 1}


def test_what_guards_turn_away_is_counted_too(serving: Serving) -> None:
    address = serving(burst=1, rate=1, api_key="a-key")
    key = {"X-API-Key": "a-key"}
    for headers in ({}, {**key, "Origin": "https://evil.example"}, key, key):
        HTTP.post(f"{address}/api/ask", json={"question": QUESTION}, headers=headers)
    HTTP.post(f"{address}/api/health/live", content=b"x" * 70_000)
    text = HTTP.get(f"{address}/metrics", headers=key).text
    for name in ("unauthorized", "foreign_origin", "rate_limited", "too_large"):
        assert f'onrecord_turned_away_total{{code="{name}"}} 1.0' in text


def test_no_count_says_who_asked_or_what(api: str) -> None:
    ask(api, "Where is the xylophone?")
    text = HTTP.get(f"{api}/metrics").text
    assert "xylophone" not in text
    assert "127.0.0.1" not in text


# ---------------------------------------------------------------- the document


@pytest.fixture(scope="module")
def document(api: str) -> dict[str, Any]:
    got: dict[str, Any] = HTTP.get(f"{api}/api/openapi.json").json()
    return got


def test_the_document_names_every_route_with_what_it_is_for(document: dict[str, Any]) -> None:
    assert set(document["paths"]) >= {
        "/api/ask", "/api/ask/stream", "/api/unreleased", "/api/sources", "/api/sources/{source_id}", "/api/health/live",
        "/api/health/ready", "/metrics", "/v1/chat/completions", "/v1/models",
    }  # fmt: skip
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (path, method)
            assert operation["description"], (path, method)
            assert operation["responses"]["200"]["content"], (path, method)


def test_every_reply_that_is_no_success_is_documented_in_our_form(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            failures = {status: reply for status, reply in operation["responses"].items() if status != "200"}
            assert {"401", "403", "408", "413", "500"} <= set(failures), path
            for reply in failures.values():
                (content,) = reply["content"].items()
                assert content == ("application/json", {"schema": {"$ref": "#/components/schemas/FailureOut"}}), path
    assert "HTTPValidationError" not in document["components"]["schemas"]


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/api/ask", {"400", "422", "429", "503", "504"}), ("/api/ask/stream", {"400", "422", "429", "503", "504"}),
        ("/api/unreleased", {"429", "504"}), ("/api/sources", {"429"}), ("/api/sources/{source_id}", {"404", "422", "429"}),
        ("/api/health/live", set()), ("/api/health/ready", {"503"}), ("/metrics", set()),
    ],
)  # fmt: skip
def test_a_route_documents_what_is_its_own(document: dict[str, Any], path: str, statuses: set[str]) -> None:
    (operation,) = document["paths"][path].values()
    assert set(operation["responses"]) == statuses | {"200", "401", "403", "408", "413", "500"}


def test_the_document_says_below_which_path_the_server_is_found(serving: Serving) -> None:
    address = serving(root_path="/record")
    got = HTTP.get(f"{address.removesuffix('/record')}/api/openapi.json").json()
    assert got["servers"] == [{"url": "/record"}]


# ---------------------------------------------------------------- requests made up from the document

_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def made_up(address: str, most: int, check: Callable[[Case[Any]], None]) -> None:
    """Check requests made up from the document, some that it allows and some that it does not: the same ones each time."""
    schema = schemathesis.openapi.from_url(f"{address}/api/openapi.json")
    cases = schema.as_strategy(GenerationMode.POSITIVE) | schema.as_strategy(GenerationMode.NEGATIVE)

    @generating(
        max_examples=most, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=cases)
    def every(case: Case[Any]) -> None:
        check(case)

    every()


@pytest.mark.slow
def test_no_request_made_up_from_the_document_breaks_a_route(api: str) -> None:
    def check(case: Case[Any]) -> None:
        case.call_and_validate(checks=_CHECKS)

    made_up(api, 80, check)


@pytest.mark.slow
def test_with_limits_too_only_documented_statuses_come(serving: Serving) -> None:
    seen = set()

    def check(case: Case[Any]) -> None:
        status = case.call().status_code
        seen.add(status)
        assert str(status) in case.operation.definition.raw["responses"] or status == 405
        assert status != 500

    made_up(serving(rate=60, burst=5, waiting=0, answer_seconds=1), 40, check)
    assert 429 in seen
