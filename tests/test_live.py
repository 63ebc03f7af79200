"""What is published while an assistant is live answers the next question, and disturbs none under way."""

import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

import pytest

from assistant.answer import Answer, Assistant
from assistant.live import LiveAssistant
from index.embed import Embedder
from index.errors import NoIndexError
from index.generation import Index
from index.history import current, place_of
from index.sync import sync

QUESTION = "What does the harbour pass cost?"
SLOW = "How much does the harbour pass cost?"
CAP = 60  # seconds: how long a test waits for what has to happen at once


class House:
    """A folder of one source that says what the pass costs, and the index of it."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self.sources, self.index, self.embedder = folder / "sources", folder / "index", embedder
        self.prices: dict[str, int] = {}
        self.sources.mkdir()

    def publish(self, price: int, embedder: Embedder | None = None) -> str:
        """Let the source name another price, and sync; returns the generation's id."""
        text = f"Residents like it. The harbour pass costs {price} euros a year.\n"
        (self.sources / "pass.md").write_text(text, "utf-8")
        identifier = sync(self.sources, self.index, embedder or self.embedder).generation
        self.prices[identifier] = price
        return identifier

    @property
    def place(self) -> Path:
        """Where the published generation lies."""
        return place_of(self.index, current(self.index) or "")

    def live(self, reranker: "Waiting | None" = None) -> LiveAssistant:
        opened = Index.open(self.index, self.embedder)
        return LiveAssistant(self.index, Assistant(opened, self.embedder, reranker=reranker))


class Waiting:
    """A reranker during whose work the slow question waits to be let go on."""

    name = "waiting"

    def __init__(self) -> None:
        self.reached, self.go_on = Event(), Event()

    def score(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        if question == SLOW:
            self.reached.set()
            assert self.go_on.wait(CAP)
        return [0.0] * len(texts)


@pytest.fixture
def house(tmp_path: Path, embedder: Embedder) -> House:
    """Published with a price of 10."""
    built = House(tmp_path, embedder)
    built.publish(10)
    return built


@pytest.fixture
def live(house: House) -> Iterator[LiveAssistant]:
    with house.live() as opened:
        yield opened


def quotes(answer: Answer) -> str:
    return " ".join(citation.quote for citation in answer.citations)


def held_by_this_process() -> int:
    """How many files and threads this process holds."""
    return len(os.listdir("/proc/self/fd")) + len(os.listdir("/proc/self/task"))


def test_what_is_published_answers_the_next_question(house: House, live: LiveAssistant) -> None:
    assert "10 euros" in live.answer(QUESTION).text
    for price in (20, 30):
        identifier = house.publish(price)
        answer = live.answer(QUESTION)
        assert answer.generation == identifier
        assert f"{price} euros" in quotes(answer)


def test_what_is_published_again_after_another_answers_again(house: House, live: LiveAssistant) -> None:
    for price in (20, 10):
        house.publish(price)
        assert f"{price} euros" in live.answer(QUESTION).text


def test_the_models_are_not_loaded_again(house: House, live: LiveAssistant) -> None:
    with live.held() as before:
        house.publish(20)
        with live.held() as after:
            assert after is not before
            assert after.embedder is before.embedder
            assert after.reader.models is before.reader.models


def test_no_index_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    with pytest.raises(NoIndexError):
        LiveAssistant.open(tmp_path)


def test_a_live_assistant_opens_what_the_settings_name(house: House) -> None:
    with LiveAssistant.open(house.index) as live:
        assert "10 euros" in live.answer(QUESTION).text
        house.publish(20)
        assert "20 euros" in live.answer(QUESTION).text
        assert live.ledger() == []
        assert "harbour pass" in live.explain(QUESTION)


def test_a_question_under_way_ends_on_its_own_generation(house: House) -> None:
    first, waiting = house.place, Waiting()
    with house.live(waiting) as live, ThreadPoolExecutor(1) as thread:
        under_way = thread.submit(live.answer, SLOW)
        try:
            assert waiting.reached.wait(CAP)
            for price in (20, 30, 40):
                house.publish(price)
                assert f"{price} euros" in live.answer(QUESTION).text
            assert first.exists()
        finally:
            waiting.go_on.set()
        answer = under_way.result(CAP)
        assert house.prices[answer.generation] == 10
        assert "10 euros" in quotes(answer)
        house.publish(50)
        assert not first.exists()


def test_an_answer_and_what_is_shown_of_it_come_from_one_generation(house: House, live: LiveAssistant) -> None:
    with live.held() as assistant:
        before = assistant.answer(QUESTION)
        house.publish(20)
        live.answer(QUESTION)
        house.publish(30)
        live.answer(QUESTION)
        assert assistant.answer(QUESTION) == before
        assert "10 euros" in assistant.index.sources["pass"].text


def test_while_one_thread_opens_the_others_go_on(
    house: House, live: LiveAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, go_on = Event(), Event()
    check = Index.check

    def slow(index: Index) -> None:
        if index.id == second:
            reached.set()
            assert go_on.wait(CAP)
        check(index)

    second = house.publish(20)
    monkeypatch.setattr(Index, "check", slow)
    with ThreadPoolExecutor(1) as thread:
        opening = thread.submit(live.answer, QUESTION)
        try:
            assert reached.wait(CAP)
            assert "10 euros" in live.answer(QUESTION).text
        finally:
            go_on.set()
        assert "20 euros" in opening.result(CAP).text


def test_threads_ask_while_generations_come_and_go(house: House, live: LiveAssistant) -> None:
    over, together = Event(), Barrier(5)

    def ask() -> list[Answer]:
        together.wait(CAP)
        answers = [live.answer(QUESTION)]
        while not over.is_set():
            answers.append(live.answer(QUESTION))
        return answers

    with ThreadPoolExecutor(4) as threads:
        asking = [threads.submit(ask) for _ in range(4)]
        together.wait(CAP)
        try:
            for price in range(11, 17):
                house.publish(price)
        finally:
            over.set()
        answers = [answer for each in asking for answer in each.result(CAP)]
    for answer in answers:
        said = set(re.findall(r"\d+(?= euros)", answer.text + quotes(answer)))
        assert said == {str(house.prices[answer.generation])}
    assert "16 euros" in live.answer(QUESTION).text


def test_generations_that_are_left_hold_no_files_and_no_threads(house: House, live: LiveAssistant) -> None:
    house.publish(11)
    live.answer(QUESTION)
    before = held_by_this_process()
    for price in range(12, 22):
        house.publish(price)
        assert f"{price} euros" in live.answer(QUESTION).text
    assert held_by_this_process() < before + 17  # one left open holds 17; ended threads take a moment to go


@pytest.mark.parametrize("damage", ["truncated", "unreadable", "vanished", "another model"])
def test_what_cannot_be_opened_leaves_the_one_before_answering(
    damage: str, house: House, live: LiveAssistant, paper: Embedder, caplog: pytest.LogCaptureFixture
) -> None:
    house.publish(20, paper if damage == "another model" else None)
    if damage == "truncated":
        os.truncate(house.place / "word_vectors.npy", 100)
    elif damage == "unreadable":
        size = (house.place / "passages.json").stat().st_size
        (house.place / "passages.json").write_text("[" * size)
    elif damage == "vanished":
        house.place.rename(house.place.with_name(".away"))
    before = held_by_this_process()
    for _ in range(3):
        assert "10 euros" in live.answer(QUESTION).text
    assert held_by_this_process() < before + 17
    [told] = [record for record in caplog.records if record.name == "onrecord"]
    assert told.levelname == "ERROR"
    assert house.place.name in told.getMessage()
    house.publish(30)
    assert "30 euros" in live.answer(QUESTION).text


def test_an_index_that_is_gone_leaves_the_answers(
    house: House, live: LiveAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    (house.index / "CURRENT").unlink()
    for _ in range(2):
        assert "10 euros" in live.answer(QUESTION).text
    assert len([record for record in caplog.records if record.name == "onrecord"]) == 1


def test_closing_waits_for_no_question_and_breaks_none(house: House) -> None:
    first, live = house.place, house.live()
    with live.held() as assistant:
        live.close()
        assert "10 euros" in assistant.answer(QUESTION).text
        with pytest.raises(ValueError, match="closed"):
            live.answer(QUESTION)
    live.close()
    house.publish(20)
    house.publish(30)
    assert not first.exists()


def test_an_assistant_of_one_generation_is_held_as_it_is(house: House) -> None:
    with Assistant(Index.open(house.index, house.embedder), house.embedder) as assistant:
        house.publish(20)
        with assistant.held() as same:
            assert same is assistant
