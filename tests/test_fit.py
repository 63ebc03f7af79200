"""The fit: made-up questions, figures computed by hand, splits that keep articles whole, and weights that come again."""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from threadpoolctl import threadpool_limits

from assistant import evidence
from assistant.evidence import Signals
from assistant.ledger import OpenSignals
from evals import fit
from evals.fit import Asked, Best, DataSet, Model, OpenAsked, Platt
from index.errors import InputError
from index.source import Sentence
from tests.harbour import case

ROWS: list[dict[str, object]] = [
    {
        "id": "1",
        "title": "The_Port",
        "question": "What does the pass cost?",
        "context": "  The pass costs 20 euros. The pass of 2020 was cheaper.",
        "answers": ["20"],
    },
    {
        "id": "2",
        "title": "the port",
        "question": "What does the pass cost?",
        "context": "Today the pass is 21 euros.",
        "answers": ["21 euros"],
        "spans": [[18, 26]],
    },
    {
        "id": "3",
        "title": "The ferry",
        "question": "Who built the ferry?",
        "context": "The ferry sails on Sundays.",
        "answers": [],
    },
]
SET = DataSet("made-up", "made up", "none", 10)


def written(folder: Path, rows: Sequence[Mapping[str, object]], name: str = "made-up") -> Path:
    """A folder with a file of questions."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


def asked(
    article: str = "a",
    right: Sequence[int] = (1, 0),
    signals: Sequence[Sequence[float]] = (),
    answerable: bool = True,
    withheld: bool = False,
    corpus: str = "squad2",
) -> Asked:
    """A question with as many signals as there are; by default nought."""
    truth = np.array(right, bool)
    width = len(fields(Signals))
    table = np.array(signals, float) if len(signals) else np.zeros((len(right), width))
    return Asked(corpus, article, "?", answerable, withheld, table, truth, truth)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """As the command does: threads wait for each other wherever something else runs."""
    with threadpool_limits(1):
        yield


# --- questions -----------------------------------------------------------------------------------------------------


def test_an_answer_is_found_where_it_stands_as_a_word_of_its_own(tmp_path: Path) -> None:
    [group] = fit.documents(written(tmp_path, ROWS[:1]), SET)
    [question] = group.questions
    assert group.sources[0].text.startswith("The pass costs")
    assert question.spans == {"d00000": ((15, 17),)}
    assert group.sources[0].text[15:17] == "20"


def test_the_same_question_on_two_paragraphs_of_an_article_is_one_with_two_answers(tmp_path: Path) -> None:
    [group] = fit.documents(written(tmp_path, ROWS), SET)
    pass_ = next(q for q in group.questions if "pass" in q.text)
    assert len(group.questions) == 2
    assert pass_.article == "the port"
    assert pass_.paragraphs == ("d00000", "d00001")
    assert pass_.spans == {"d00000": ((15, 17),), "d00001": ((18, 26),)}
    assert not next(q for q in group.questions if "ferry" in q.text).answerable


def test_a_set_kept_apart_is_a_corpus_for_each_title(tmp_path: Path) -> None:
    groups = fit.documents(written(tmp_path, ROWS), replace(SET, apart=True))
    assert [group.name for group in groups] == ["The_Port", "the port", "The ferry"]


def test_a_stretch_answers_from_half_of_the_shorter_on() -> None:
    question = fit.Question("1", "a", "?", ("s",), {"s": ((10, 20),)})
    assert question.answered_by("s", 0, 15)
    assert not question.answered_by("s", 0, 14)
    assert question.answered_by("s", 12, 14)
    assert question.answered_by("s", 0, 100)
    assert not question.answered_by("other", 0, 100)


def test_a_sample_is_the_same_for_the_same_seed_and_has_its_paragraphs(tmp_path: Path) -> None:
    rows = [{**ROWS[2], "id": str(i), "question": f"{i}?", "context": f"Ferry {i} sails."} for i in range(40)]
    few = replace(SET, questions=5)
    [first], [again], [other] = (fit.documents(written(tmp_path, rows), few, seed) for seed in (0, 0, 1))
    assert first == again != other
    assert len(first.questions) == 5
    assert len(first.sources) == 10
    assert {key for q in first.questions for key in q.paragraphs} <= {s.id for s in first.sources}


@pytest.mark.parametrize(
    "line", ["not json", '{"title": "t"}', '{"id": 1, "title": "t", "question": "q", "context": "c", "answers": 3}']
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "made-up.jsonl").write_text(line, "utf-8")
    with pytest.raises(InputError, match=r"made-up\.jsonl cannot be read as questions"):
        fit.documents(tmp_path, SET)


def test_a_folder_without_the_data_leaves_with_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fit.main([str(tmp_path / "none")]) == 2
    assert "squad2.jsonl cannot be read" in capsys.readouterr().err


def test_a_sentence_is_wanted_that_says_all_and_is_of_a_source_to_cite() -> None:
    def sentence(source: str, text: str) -> Sentence:
        return Sentence("", source, 0, len(text), text, (), 0, "text")

    priced = case(must_say=["20", "/euros?/"], must_cite=["pass"])
    assert fit.is_wanted(priced, sentence("pass", "It costs 20 euros."))
    assert not fit.is_wanted(priced, sentence("pass", "It costs 20 pounds."))
    assert not fit.is_wanted(priced, sentence("ferry", "It costs 20 euros."))
    assert not fit.is_wanted(case(must_cite=["pass"]), sentence("pass", "It costs 20 euros."))


# --- splitting -----------------------------------------------------------------------------------------------------


def test_no_article_stands_on_both_sides_of_a_split() -> None:
    dice = random.Random(1)
    titles = [fit.article(dice.choice(["The_Port", "the  port", "The ferry", "A", "B", "C"])) for _ in range(100)]
    fold = fit.folds(titles, 3)
    for k in range(3):
        inside, outside = ({t for t in titles if (fold[t] == k) is same} for same in (True, False))
        assert inside
        assert not inside & outside
    assert "the port" in fold
    assert len(fold) == 5


def test_folds_are_about_as_large_as_each_other() -> None:
    fold = fit.folds(["a"] * 6 + ["b"] * 3 + ["c"] * 2 + ["d"], 2)
    assert fold["a"] != fold["b"] == fold["c"] == fold["d"]


def test_what_judges_an_article_was_not_fitted_on_it() -> None:
    public = tuple(asked(f"a{i % 4}", corpus=name) for i in range(8) for name in ("squad2", "qed"))
    rows = fit.Rows(public, {"transit": (asked("transit", corpus="transit"),)}, lambda _: {}, ())
    fitted: list[set[str]] = []

    def make(inside: Sequence[Asked]) -> fit.Score:
        fitted.append({a.article for a in inside})
        return lambda signals: np.full(len(signals), 0.5)

    raw, calibrated = fit.held_out(rows, make, count=4)
    assert [sorted({"a0", "a1", "a2", "a3", "transit"} - inside) for inside in fitted] == [
        [next(a for a, k in fit.folds([p.article for p in public], 4).items() if k == fold)] for fold in range(4)
    ]
    assert len(raw["squad2"].right) == len(calibrated["squad2"].right) == 8
    fitted.clear()
    fit.judged(rows, make)
    assert fitted[-1] == {"a0", "a1", "a2", "a3"}


# --- measures, by hand ---------------------------------------------------------------------------------------------


def test_auroc_counts_pairs_and_a_tie_for_half() -> None:
    scores, positive = np.array([0.9, 0.5, 0.5, 0.1]), np.array([True, True, False, False])
    assert fit.auroc(scores, positive) == pytest.approx((2 + 1.5) / 4)
    assert np.isnan(fit.auroc(scores, np.ones(4, bool)))


def test_the_calibration_error_is_the_mean_gap_by_questions() -> None:
    probability, right = np.array([0.1, 0.1, 0.85, 1.0]), np.array([False, True, True, True])
    assert fit.calibration_error(probability, right, 2) == pytest.approx(0.5 * 0.4 + 0.5 * 0.075)
    low, high = fit.reliability(probability, right, 2)
    assert (low.count, low.foretold, low.observed) == pytest.approx((2, 0.1, 0.5))
    assert (high.low, high.high, high.count, high.observed) == (0.5, 1.0, 2, 1.0)


def test_calibrated_probabilities_are_as_likely_as_they_say() -> None:
    dice = np.random.default_rng(0)
    true = dice.uniform(0.05, 0.95, 4000)
    right = dice.uniform(size=4000) < true
    boastful = 1 / (1 + np.exp(-(2 * fit.logit(true) + 1.5)))
    platt = Platt.fitted(boastful, right)
    assert platt.slope == pytest.approx(0.5, abs=0.05)
    assert platt.offset == pytest.approx(-0.75, abs=0.1)
    assert fit.calibration_error(boastful, right) > 0.15
    assert fit.calibration_error(platt(boastful), right) < 0.03


def test_the_best_threshold_has_the_greatest_mean() -> None:
    b = Best(
        np.array([0.9, 0.6, 0.4, 0.7, 0.2]),
        np.array([True, True, False, False, False]),
        np.array([True, True, True, False, False]),
    )
    assert fit.decided(b, 0.5) == pytest.approx((2 / 3, 1 / 2, 7 / 12))
    # At 0.9: one of three right, both refused. At 0.6: two of three, one refused of two.
    assert fit.best_threshold(b) == 0.9
    assert fit.decided(b, 0.9) == pytest.approx((1 / 3, 1, 2 / 3))


def test_the_best_sentence_is_the_one_that_scores_most() -> None:
    width = len(fields(Signals))
    question = asked(right=(0, 1), signals=[[0.1] * width, [0.3] * width])
    nothing = asked(right=(), answerable=False)
    b = fit.best([question, nothing], lambda s: s.sum(axis=1) / width)
    assert b.probability == pytest.approx([0.3, 0])
    assert b.right.tolist() == [True, False]
    assert b.answerable.tolist() == [True, False]


# --- models --------------------------------------------------------------------------------------------------------


def test_signs_are_recovered_and_held() -> None:
    dice = np.random.default_rng(0)
    x = dice.uniform(size=(3000, 3))
    z = 3 * x[:, 0] - 2 * x[:, 1] - 2 * x[:, 2]
    y = dice.uniform(size=3000) < 1 / (1 + np.exp(-z))
    model = fit.regression(("helps", "rival", "held"), x, y, np.ones(3000), 10)
    assert model.weights[0] == pytest.approx(3, abs=0.4)
    assert model.weights[1] == pytest.approx(-2, abs=0.4)
    assert model.weights[2] == 0


def test_the_working_point_comes_to_one_half() -> None:
    model = Model(("a",), (2.0,), float(fit.logit(np.array([0.035]))[0]))
    assert model(np.zeros((1, 1)))[0] == pytest.approx(0.035)
    assert model.at_half(0.035)(np.zeros((1, 1)))[0] == pytest.approx(0.5)


def test_what_is_near_a_withheld_answer_is_not_fitted_on() -> None:
    near = replace(asked(right=(1, 0, 0), withheld=True), near=np.array([True, True, False]))
    x, y, weight = fit.training([near, asked(right=(1, 0), corpus="transit")])
    assert len(x) == 3
    assert y.tolist() == [False, True, False]
    assert weight.tolist() == [1, fit.OURS, fit.OURS]


def test_an_answer_that_was_not_found_teaches_nothing() -> None:
    _, y, _ = fit.training([asked(right=(0, 0)), asked(right=(1,))])
    assert y.tolist() == [True]
    with pytest.raises(InputError, match="nothing to fit on"):
        fit.training([asked(right=(0, 0))])


def noisy(count: int, seed: int) -> list[Asked]:
    """Questions whose right sentence, the first of four, is higher in all signals but those that speak against."""
    dice = np.random.default_rng(seed)
    names = fit.names_of(Signals)
    lift = np.array([-0.3 if name in fit.AGAINST else 0.3 for name in names])
    rows = []
    for i in range(count):
        signals = dice.uniform(0.2, 0.8, (4, len(names)))
        signals[0] += lift
        rows.append(asked(f"a{i}", (1, 0, 0, 0), signals.tolist(), withheld=i % 4 == 0))
    return rows


def test_both_models_tell_the_right_sentence_and_hold_their_signs() -> None:
    model = fit.fit_stated(noisy(60, 0))
    fresh = noisy(40, 1)
    assert all((w <= 0) if n in fit.AGAINST else (w >= 0) for n, w in zip(model.names, model.weights, strict=True))
    assert fit.best(fresh, model).right.mean() > 0.9
    assert fit.best(fresh, fit.fit_boosted(noisy(60, 0))).right.mean() > 0.7


def test_the_meant_attribute_is_found_out() -> None:
    names = fit.names_of(OpenSignals)
    good, bad = ([v if n not in fit.AGAINST else 1 - v for n in names] for v in (0.9, 0.1))
    meant = OpenAsked("c", True, (np.array([bad, good]), np.array([bad])), (True, False))
    other = OpenAsked("c", False, (np.array([bad, bad]),), (False,))
    model = fit.fit_open([meant, other] * 5)
    assert model(np.array([good]))[0] > 0.9
    assert model(np.array([good]))[0] > model(np.array([bad]))[0]
    b = fit.best_open([meant, other], model)
    assert b.right.tolist() == b.answerable.tolist() == [True, False]
    with pytest.raises(InputError, match="nothing to fit on"):
        fit.fit_open([other])


@dataclass(frozen=True)
class Telling:
    helps: float


def test_the_assistant_decides_by_other_weights_meanwhile() -> None:
    sure = Model(("helps",), (0.0,), 50.0)
    whole = {name: fit.shipped(name, of) for name, of in (("stated", Signals), ("open", OpenSignals))}
    width = len(fields(Signals))
    before = evidence.logistic("stated", Signals(*[0.5] * width))
    assert before == pytest.approx(float(whole["stated"](np.full((1, width), 0.5))[0]))
    with fit.weighing({"stated": sure}):
        assert evidence.logistic("stated", Telling(0.0)) == pytest.approx(1)
        assert evidence.logistic("open", OpenSignals(*[0.5] * len(fields(OpenSignals)))) < 1
    assert evidence.logistic("stated", Signals(*[0.5] * width)) == before


# --- what is written -----------------------------------------------------------------------------------------------


def test_a_table_is_markdown_with_aligned_columns() -> None:
    lines = fit.table(("a", "b"), [("long", "1")]).splitlines()
    assert lines == ["| a    | b |", "| -----|-- |", "| long | 1 |"]


def test_the_diagram_shows_foretold_and_observed() -> None:
    [line] = fit.diagram(fit.reliability(np.array([0.5, 0.5]), np.array([True, True]))).splitlines()
    assert line.count("#") == 39
    assert "foretold 0.50, came 1.00, of 2" in line
    picture = fit.svg({"as decided": fit.reliability(np.array([0.5]), np.array([True]))})
    assert 'cx="225.0" cy="20.0"' in picture


def own_corpus(folder: Path, name: str) -> None:
    """A corpus of one document, and a case of each kind on it."""
    (folder / "sources").mkdir(parents=True)
    (folder / "sources" / "pass.md").write_text(
        f"# The {name} pass\n\nThe {name} pass costs 20 euros a year.\n\n"
        f"The start date of the {name} pass has not been announced.\n",
        "utf-8",
    )
    cases = [
        {
            "id": "price",
            "question": f"What does the {name} pass cost?",
            "expect": {"outcome": "answered", "must_say": ["20"]},
        },
        {
            "id": "start",
            "question": f"When does the {name} pass start?",
            "expect": {"outcome": "unreleased", "must_cite": ["pass"]},
        },
        {"id": "who", "question": f"Who founded the {name}?", "expect": {"outcome": "not_in_sources"}},
    ]
    (folder / "cases.yaml").write_text(yaml.safe_dump(cases), "utf-8")


@pytest.mark.slow
def test_the_same_data_gives_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fit, "HERE", tmp_path)
    monkeypatch.setattr(fit, "OWN", ("port", "town"))
    for name in fit.OWN:
        own_corpus(tmp_path / "corpora" / name, name)
    things = {"pass": "20 euros", "ferry": "30 crowns", "tram": "40 pounds", "bridge": "50 francs"}
    rows = [
        {
            "id": f"{thing}{i}",
            "title": f"The {thing}",
            "question": f"What does the {thing} cost?" if i == 0 else f"Who built the {thing}?",
            "context": f"The {thing} costs {price}. It opened long ago. Many people use the {thing}.",
            "answers": [price] if i == 0 else [],
        }
        for thing, price in things.items()
        for i in range(2)
    ]
    for name in ("squad2", "qed"):
        written(tmp_path / "data", [row for row in rows if name == "squad2" or row["answers"]], name)
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for file in files:
        report = ["--keep", str(tmp_path / "keep"), "--report", str(tmp_path / "report")]
        assert fit.main([str(tmp_path / "data"), "--write", "--weights", str(file), *report]) == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    data = json.loads(files[0].read_text("utf-8"))
    assert "CC BY-SA 4.0" in data["about"]
    assert set(data["stated"]["weights"]) <= set(fit.names_of(Signals))
    assert set(data["open"]["weights"]) <= set(fit.names_of(OpenSignals))
    assert data["stated"]["calibration"]["slope"] >= 0
    assert "Our corpora, each left out in turn" in capsys.readouterr().out
    assert (tmp_path / "report" / "reliability.svg").read_text("utf-8").startswith("<svg")
