"""The benchmark of deciding: its figures by hand, what is withheld, and a small run on made-up questions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from assistant.answer import Assistant
from assistant.evidence import MODELS, Calibration, Signals
from assistant.joint import joint_reader
from assistant.question import understand
from assistant.reread import UNREAD, RereadSignals
from evals import deciding, rows
from evals.deciding import Came, Fold, Withholding
from evals.measures import Best
from evals.models import Model, names_of
from evals.public import Documents, Question
from evals.rows import Asked
from index.embed import TransformerEmbedder
from index.generation import Index
from tests.conftest import PaperEmbedder
from tests.harbour import COST, SUNDAYS, answered, refused
from tests.questions import asked, prices

Make = Callable[[Path, Mapping[str, str]], Index]

PRICE = Question("1", "pass", "What does the pass cost?", ("pass",), {"pass": ((15, 23),)}, ("20 euros",))


# --- figures, by hand ----------------------------------------------------------------------------------------------


def test_recall_asks_whether_a_wanted_passage_is_among_the_first() -> None:
    assert not deciding.recalled([4, 2, 9], frozenset({2}), 1)
    assert deciding.recalled([4, 2, 9], frozenset({2}), 2)
    assert not deciding.recalled([4, 2, 9], frozenset(), 20)


def test_the_threshold_of_the_plain_way_is_its_best_in_hindsight() -> None:
    plain = Best(
        np.array([0.8, 0.4, 0.6, 0.2]), np.array([True, True, False, False]), np.array([True, True, False, False])
    )
    # At 0.8: half right, all refused, 0.75. At 0.4: all right, half refused, 0.75. The lower threshold is the first.
    name, finds, right, refused_, mean, *_ = deciding.in_hindsight("nearest", plain)
    assert name == "nearest, at 0.40"
    assert [cell.split()[0] for cell in (finds, right, refused_, mean)] == ["1.000", "1.000", "0.500", "0.750"]


def test_times_stand_beside_the_bare_ones() -> None:
    came = Came(seconds=[0.02, 0.04, 0.09], bare=[0.01, 0.01, 0.03])
    assert deciding.speed_row("s", came) == ["s", "10.0 ms", "30.0 ms", "40.0 ms", "90.0 ms", "4.0", "3.0"]


def test_plain_signals_can_be_computed_on_paper(paper: PaperEmbedder, tmp_path: Path, make_index: Make) -> None:
    lexicon = make_index(tmp_path, {"pass.md": "Apples cost money."}).lexicon
    query = understand("Apples bananas", lexicon, paper)
    [sentence] = paper.encode(["apples cost"])
    query = replace(query, weights=np.array([1, 3], np.float32))
    signals = deciding.plain_signals(query, sentence.vector, sentence.words, {t.stem for t in sentence.terms})
    assert signals == pytest.approx(
        {"cosine": 0.5, "coverage": 0.25, "late interaction": 0.5, "sum of the three": 1.25}, abs=1e-6
    )


# --- answers -------------------------------------------------------------------------------------------------------


def test_an_answer_is_right_where_a_direct_quote_holds_it() -> None:
    assert deciding.answers(PRICE, answered())
    assert deciding.answers(PRICE, answered(role="side"))
    assert not deciding.answers(PRICE, answered(role="context"))
    assert not deciding.answers(PRICE, answered(SUNDAYS.quote, SUNDAYS))
    assert not deciding.answers(replace(PRICE, spans={"ferry": ((15, 23),)}), answered())
    assert not deciding.answers(PRICE, refused())
    assert COST.quote[15:23] == "20 euros"


HARBOUR = {
    "pass.md": "The harbour pass costs 20 euros a year.",
    "ferry.md": "The night ferry sails on Sundays.",
    "tram.md": "The tram to the harbour runs hourly.",
}


def test_what_is_withheld_is_not_found(tmp_path: Path, make_index: Make, embedder: TransformerEmbedder) -> None:
    index = make_index(tmp_path, HARBOUR)
    here = Withholding(index)
    query = understand("What does the harbour pass cost?", index.lexicon, embedder)
    stems = [term.stem for term in query.terms]

    def sources(found: Sequence[int]) -> list[str]:
        return [index.passages[p].source for p in found]

    assert sources([hit.passage for hit in here.search(stems, query.vector)])[0] == "pass"
    assert sources([p for p, _ in here.nearest(query.vector, 1)]) == ["pass"]
    assert index.sentences[here.nearest_sentence(query.vector)[1]].source == "pass"
    here.withheld = frozenset({"pass"})
    assert set(sources([hit.passage for hit in here.search(stems, query.vector)])) == {"ferry", "tram"}
    assert len(here.nearest(query.vector, 2)) == 2
    assert index.sentences[here.nearest_sentence(query.vector)[1]].source != "pass"
    assert "pass" not in sources([p for p, _ in here.nearest(query.vector, 2)])
    assert sources([hit.passage for hit in index.search(stems, query.vector)])[0] == "pass"


def test_every_way_of_searching_ranks_the_passage_that_holds_the_answer(
    tmp_path: Path, make_index: Make, embedder: TransformerEmbedder
) -> None:
    index = make_index(tmp_path, HARBOUR)
    wanted = deciding.holding(index, replace(PRICE, spans={"pass": ((23, 31),)}))
    assert [index.passages[p].source for p in wanted] == ["pass"]
    ways = deciding.rankings(index, understand("What does the harbour pass cost?", index.lexicon, embedder))
    assert len(ways) == 4
    assert all(deciding.recalled(ranking, wanted, 1) for ranking in ways.values())


@pytest.mark.parametrize(("intercept", "right"), [(50.0, True), (-50.0, False)])
def test_the_assistant_decides_by_the_model_of_the_fold(
    tmp_path: Path, make_index: Make, embedder: TransformerEmbedder, intercept: float, right: bool
) -> None:
    index = make_index(tmp_path, HARBOUR)
    price = Question("1", "pass", "What does the harbour pass cost?", ("pass",), {"pass": ((23, 31),)}, ("20 euros",))
    group = Documents("harbour", tuple(index.sources.values()), (price,))
    names = names_of(Signals)
    fold = Fold(Model(names, (0.0,) * len(names), intercept), Calibration(), 0.5)
    came = Came()
    read = rows.public_rows(group, "squad2", index, embedder)
    deciding.ask(group, index, read, lambda _: fold, embedder, len, came)
    assert came.answerable == [True]
    assert came.right == [right]
    assert came.refused == [not right]


def test_reading_a_given_paragraph_again_tells_its_sentences_apart(
    tmp_path: Path, make_index: Make, embedder: TransformerEmbedder
) -> None:
    index = make_index(tmp_path, {"pass.md": "The pass was designed by Ida Brandt. The pass costs 20 euros a year."})
    joint = joint_reader(embedder)
    for question, best in (("Who drew the pass?", 0), ("How expensive is the pass?", 1)):
        again = deciding.read_again(question, [0, 1], np.array([0.5, 0.5]), index, joint)
        assert again.argmax() == best
    # Nothing but the first probability tells apart what was not read.
    long = [" ".join(["harbour"] * 75)] * 3
    index = make_index(tmp_path / "long", {"long.md": ". ".join(text.capitalize() for text in long) + "."})
    again = deciding.read_again("Which?", [0, 1, 2], np.array([0.5, 0.5, 0.5]), index, joint)
    unread = MODELS.reread_stated(RereadSignals(0.0, UNREAD.answers))
    assert again[2] == pytest.approx(unread)


def test_the_best_sentence_has_the_likelihood_that_editors_see(
    tmp_path: Path, make_index: Make, embedder: TransformerEmbedder
) -> None:
    assistant = Assistant(make_index(tmp_path, HARBOUR), embedder)
    price = replace(PRICE, spans={"pass": ((23, 31),)})
    best = deciding.best_decided(price, assistant, True)
    assert best.right.tolist() == [True]
    [part] = assistant.parts(price.text)
    assert best.probability.tolist() == [part.evidence[0].likelihood]
    assert deciding.best_decided(replace(price, spans={}), assistant, True).right.tolist() == [False]


# --- splitting -----------------------------------------------------------------------------------------------------


def test_a_question_is_decided_by_what_was_fitted_on_other_articles(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[set[str]] = []
    width = len(fields(Signals))

    def remember(asked: Sequence[Asked]) -> Model:
        seen.append({a.article for a in asked})
        return Model(names_of(Signals), (0.1,) * width, 0.0)

    monkeypatch.setattr(deciding, "fit_stated", remember)
    dice = np.random.default_rng(0)
    public = [asked(f"a{i % 4}", (1, 0, 0), dice.uniform(size=(3, width)).tolist()) for i in range(12)]
    own = [asked("transit", corpus="transit")]
    fold = rows.folds([a.article for a in public], 2)
    assert len(deciding.fold_models(public, own, fold, 2)) == 3
    for k in range(2):
        assert seen[k] == {a for a in fold if fold[a] != k} | {"transit"}
    assert seen[2] == {"a0", "a1", "a2", "a3", "transit"}


# --- a run ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_small_run_prints_every_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rows, "OWN", ("transit",))
    data = prices(tmp_path / "data")
    markdown = tmp_path / "deciding.md"
    assert deciding.main([str(data), "--questions", "10", "--folds", "2", "--markdown", str(markdown)]) == 0
    text = markdown.read_text("utf-8")
    assert text in capsys.readouterr().out
    for heading in ("Retrieval", "Deciding", "Time", "squad2, paragraph given"):
        assert f"## {heading}\n" in text
    assert "| squad2   | 4 paragraphs" in text
    assert "of 4 sites, one at a time" in text
    fused = next(line for line in text.splitlines() if line.startswith("| squad2: fused"))
    assert fused.count("1.000 (1.000 to 1.000)") == 3
    ours = next(line for line in text.splitlines() if line.startswith("| squad2: On Record"))
    assert ours.split("|")[2].split()[0] == "1.000"
