"""The weights of the decision, fitted again: `python -m evals.fit DATA_DIR`, `make fit DATA=...`; `--write` keeps them.

Public questions are put to the index of their paragraphs, and the questions of our corpora to theirs. Each sentence read
for one is a row: its `Signals`, and whether it answers. Two logistic models are fitted, with signs held to sense:
"stated" on those rows, "open" on the attributes of the open points. Articles and corpora stand on one side of a split
whole. One seed: the same data gives the same `assistant/weights.json`.

DATA_DIR holds squad2.jsonl and qed.jsonl, a question a line: id, title, question, context, answers and, in qed, spans.
Not covered: what the whole assistant makes of the weights (`deciding.py`). The corpus "housing" is never fitted on.
"""

import argparse
import json
import os
import random
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass, field, fields, replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from assistant import evidence
from assistant.evidence import Reader, Signals
from assistant.follow_up import stand_alone
from assistant.ledger import Ledger, OpenSignals
from assistant.parts import split
from assistant.question import Query, understand
from evals.case import HERE, Case, found, load
from index.embed import Embedder, TransformerEmbedder
from index.errors import InputError, OnRecordError
from index.generation import Index, build, publish
from index.source import Block, Sentence, Source
from index.sync import digest, sync

Numbers = NDArray[np.float64]
Truths = NDArray[np.bool_]
Score = Callable[[Numbers], Numbers]
Spans = tuple[tuple[int, int], ...]

SEED = 0
HITS = 8  # passages read for a question, as `Assistant` does
FOLDS = 5
WEIGHTS = Path(evidence.__file__).with_name("weights.json")
# Signals that speak against a sentence; all others speak for it, or count nothing.
AGAINST = frozenset({"rival", "differs"})
# One over the strength of the pull of each weight towards nought, as scikit-learn has it; and what a row of our corpora
# counts beside a row of the public ones, of which there are many more.
STATED_C, OPEN_C, OURS = 0.5, 1.0, 3.0
# The probability of one candidate among many from which the decision goes for it: the intercepts are moved so that the
# run-time threshold is one half for both. Chosen in November 2026 on our corpora but housing.
WORKING = {"stated": 0.035, "open": 0.14}


@dataclass(frozen=True)
class DataSet:
    """A file of public questions, and how many of them are taken.

    `apart` puts the documents of each title into a corpus of their own: where the questions are the same for all.
    """

    name: str
    about: str
    licence: str
    questions: int
    apart: bool = False


SQUAD2 = DataSet("squad2", "SQuAD 2.0, 19 articles of its development set", "CC BY-SA 4.0", 1200)
QED = DataSet("qed", "QED, paragraphs of Natural Questions", "CC BY-SA 3.0", 400)
OWN = ("sources", "transit", "pharma", "education", "space", "energy", "uk-digital-id")


# --- public questions ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """A question on documents. `article` is what it must not be split from; `paragraphs` are the ids of the documents it
    was written for; `spans` are the answers in each of them, none for a question without an answer.
    """

    id: str
    article: str
    text: str
    paragraphs: tuple[str, ...]
    spans: Mapping[str, Spans] = field(default_factory=dict)
    answers: tuple[str, ...] = ()

    @property
    def answerable(self) -> bool:
        return any(self.spans.values())

    def answered_by(self, source: str, start: int, end: int) -> bool:
        """Whether a stretch of a document holds an answer: half of the shorter of the two at least."""
        return any(
            2 * (min(end, b) - max(start, a)) >= min(end - start, b - a) > 0 for a, b in self.spans.get(source, ())
        )

    def said_by(self, text: str) -> bool:
        """Whether a text holds the words of an answer, wherever it stands."""
        return any(answer.lower() in text.lower() for answer in self.answers)


@dataclass(frozen=True)
class Documents:
    """Paragraphs that are searched together, and the questions on them."""

    name: str
    sources: tuple[Source, ...]
    questions: tuple[Question, ...]


def article(title: str) -> str:
    """A title as the article it names, whichever set it comes from."""
    return " ".join(title.replace("_", " ").lower().split())


def documents(directory: Path, data: DataSet, seed: int = SEED) -> list[Documents]:
    """A sample of a set's questions, the same for the same seed, and the paragraphs they are put to.

    All paragraphs of the file, or, where it has more than twice as many as questions are taken, as many as that, those of
    the sample first. The same question on several paragraphs of one article is one question. Raises `InputError` for a file that cannot be read.
    """
    path = directory / f"{data.name}.jsonl"
    try:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
        groups: dict[str, list[dict[str, object]]] = defaultdict(list)
        for row in rows:
            groups[str(row["title"]) if data.apart else data.name].append(row)
        every = [_grouped(name, group) for name, group in groups.items()]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path} cannot be read as questions ({type(error).__name__}: {error}). Name the folder that holds it: "
            "a line is a JSON object with id, title, question, context and answers."
        ) from error
    dice = random.Random(seed)
    places = [(i, question) for i, group in enumerate(every) for question in group.questions]
    taken: dict[int, list[Question]] = defaultdict(list)
    for i, question in dice.sample(places, min(data.questions, len(places))):
        taken[i].append(question)
    return [_cut(every[i], tuple(taken[i]), 2 * data.questions, dice) for i in sorted(taken)]


def _grouped(name: str, rows: Sequence[Mapping[str, object]]) -> Documents:
    ids: dict[str, str] = {}
    sources: list[Source] = []
    questions: dict[object, Question] = {}
    for row in rows:
        context, text = str(row["context"]), str(row["question"]).strip()
        if context not in ids:
            ids[context] = f"d{len(ids):05}"
            body = context.strip()
            sources.append(Source(ids[context], str(row["title"]), body, blocks=(Block("paragraph", 0, len(body)),)))
        here = ids[context]
        answers = tuple(str(answer) for answer in _listed(row["answers"]))
        spans = _spans(context, answers, row.get("spans"))
        new = Question(str(row["id"]), article(str(row["title"])), text, (here,), {here: spans}, answers)
        known = questions.get((new.article, text))
        questions[new.article, text] = _joined(known, new) if known else new
    return Documents(name, tuple(sources), tuple(questions.values()))


def _joined(a: Question, b: Question) -> Question:
    """One question asked of two paragraphs: an answer in either will do."""
    spans = {key: (*a.spans.get(key, ()), *b.spans.get(key, ())) for key in (*a.spans, *b.spans)}
    paragraphs = tuple(dict.fromkeys((*a.paragraphs, *b.paragraphs)))
    return replace(a, paragraphs=paragraphs, spans=spans, answers=(*a.answers, *b.answers))


def _listed(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"takes a list, not {value!r}")
    return value


def _spans(context: str, answers: Sequence[str], given: object) -> Spans:
    """Where the answers stand in a paragraph, as stripped: the spans given, else each occurrence as words of its own."""
    before = len(context) - len(context.lstrip())
    if given:
        return tuple((int(a) - before, int(b) - before) for a, b in _listed(given))  # type: ignore[misc, has-type]
    text = context.strip()
    whole = [m.span() for a in answers if a for m in re.finditer(rf"(?<!\w){re.escape(a)}(?!\w)", text)]
    return tuple(dict.fromkeys(whole or [m.span() for a in answers if a for m in re.finditer(re.escape(a), text)]))


def _cut(every: Documents, questions: tuple[Question, ...], most: int, dice: random.Random) -> Documents:
    """Documents with some of their questions; the paragraphs of these, filled up to `most` with others."""
    needed = {key for question in questions for key in question.paragraphs}
    others = [source.id for source in every.sources if source.id not in needed]
    kept = needed | set(dice.sample(others, min(len(others), max(0, most - len(needed)))))
    return Documents(every.name, tuple(s for s in every.sources if s.id in kept), questions)


@contextmanager
def indexed(group: Documents, embedder: Embedder, place: Path) -> Iterator[Index]:
    """The documents as an open index below `place`, one document a paragraph."""
    publish(place, build(place, digest(group.sources), embedder).id)
    with Index.open(place, embedder) as index:
        yield index


# --- rows ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A question as put to a corpus: the `signals` (n, m) of the n sentences read for it, which of them are `right` (n,),
    and which are `near` (n,): of the paragraph it was written for, or with the words of its answer.

    `withheld` is set for half of the answerable ones: they are fitted as if what is near were not there.
    """

    corpus: str
    article: str
    text: str
    answerable: bool
    withheld: bool
    signals: Numbers
    right: Truths
    near: Truths

    def without(self) -> "Asked":
        """The same, put to a corpus that does not hold the answer."""
        rest = ~self.near
        return replace(
            self, answerable=False, signals=self.signals[rest], right=np.zeros(rest.sum(), bool), near=self.near[rest]
        )


@dataclass(frozen=True)
class OpenAsked:
    """A question beside the open points of its corpus: for each point the signals (attributes, m), and its source."""

    corpus: str
    unreleased: bool
    points: tuple[Numbers, ...]
    cited: tuple[bool, ...]


def public(group: Documents, name: str, index: Index, embedder: Embedder, seed: int = SEED) -> list[Asked]:
    """The questions of some documents, put to their index."""
    reader = Reader(index, index.lexicon)
    return [_ask(question, name, reader, embedder, seed) for question in group.questions]


def _ask(question: Question, name: str, reader: Reader, embedder: Embedder, seed: int) -> Asked:
    query = understand(question.text, reader.lexicon, embedder)
    hits = reader.index.search([term.stem for term in query.terms], query.vector, HITS)
    read = reader.read(query, hits)
    sentences = [reader.index.sentences[e.sentence] for e in read]
    return Asked(
        corpus=name,
        article=question.article,
        text=question.text,
        answerable=question.answerable,
        withheld=question.answerable and random.Random(f"{seed} {question.id}").random() < 0.5,
        signals=table_of([e.signals.vector() for e in read], Signals),
        right=np.array([question.answered_by(s.source, s.start, s.end) for s in sentences], bool),
        near=np.array([s.source in question.paragraphs or question.said_by(s.text) for s in sentences], bool),
    )


def table_of(vectors: Sequence[Sequence[float]], of: type) -> Numbers:
    """Vectors of signals as a table (n, m), n = 0 included."""
    return np.array(vectors, float).reshape(len(vectors), len(fields(of)))


@dataclass(frozen=True)
class Ours:
    """One of our corpora, open: its questions of one part, as understood, and what reads it."""

    name: str
    asked: tuple[tuple[Case, Query], ...]
    reader: Reader
    ledger: Ledger

    def current(self, source: str) -> bool:
        """Whether no other source supersedes this one."""
        every = self.reader.index.sources.values()
        return not any(source in other.supersedes for other in every if other.id != source)


@contextmanager
def ours(name: str, embedder: Embedder, place: Path) -> Iterator[Ours]:
    """One of our corpora, indexed below `place`."""
    folder = HERE.parent / "sources" if name == "sources" else HERE / "corpora" / name / "sources"
    beside = HERE / "cases" if name == "sources" else HERE / "corpora" / name / "cases"
    cases = load([beside if beside.is_dir() else beside.with_suffix(".yaml")])
    sync(folder, place, embedder)
    with Index.open(place, embedder) as index:
        texts = [(case, stand_alone(case.question, case.history, index.lexicon)) for case in cases]
        asked = [
            (case, understand(text, index.lexicon, embedder))
            for case, text in texts
            if case.expect.outcome[0] not in ("partial", "conflicting") and len(split(text)) == 1
        ]
        reader = Reader(index, index.lexicon)
        yield Ours(name, tuple(asked), reader, Ledger(reader))


def stated_rows(corpus: Ours) -> list[Asked]:
    """The questions but those on what is open; of the answered, those for which a right sentence was found."""
    rows = []
    index = corpus.reader.index
    for case, query in corpus.asked:
        if "unreleased" in case.expect.outcome:
            continue
        hits = index.search([term.stem for term in query.terms], query.vector, HITS)
        read = corpus.reader.read(query, [h for h in hits if corpus.current(index.passages[h.passage].source)])
        answerable = case.expect.outcome[0] == "answered"
        right = np.array([answerable and is_wanted(case, index.sentences[e.sentence]) for e in read], bool)
        if read and (right.any() or not answerable):
            signals = table_of([e.signals.vector() for e in read], Signals)
            rows.append(Asked(corpus.name, corpus.name, query.text, answerable, False, signals, right, right))
    return rows


def is_wanted(case: Case, sentence: Sentence) -> bool:
    """Whether a sentence alone is what an answered case wants said, of a source that it wants cited."""
    wanted = (*case.expect.must_say, *case.expect.quote_contains)
    sources = {key for group in case.expect.must_cite for key in group}
    of_source = not sources or sentence.source in sources
    return bool(wanted) and of_source and all(found(text, sentence.text) for text in wanted)


def open_rows(corpus: Ours) -> list[OpenAsked]:
    """The questions beside the open points. One of the signals is what the "stated" model in force makes of a sentence."""
    rows = []
    for case, query in corpus.asked:
        wanted = {key for group in case.expect.must_cite for key in group}
        points, cited = [], []
        for number, point in enumerate(corpus.ledger.points):
            if corpus.current(point.source):
                fits = [corpus.ledger.fit(query, number, attribute) for attribute in range(len(point.attributes))]
                if any(fits):
                    points.append(table_of([astuple(fit) for fit in fits if fit], OpenSignals))
                    cited.append(point.source in wanted)
        rows.append(OpenAsked(corpus.name, "unreleased" in case.expect.outcome, tuple(points), tuple(cited)))
    return rows


# --- models --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Model:
    """A logistic model: a weight for each named signal, and an intercept."""

    names: tuple[str, ...]
    weights: tuple[float, ...]
    intercept: float

    def __call__(self, signals: Numbers) -> Numbers:
        """The probabilities (n,) of signals (n, m)."""
        return np.asarray(1 / (1 + np.exp(-(signals @ np.array(self.weights) + self.intercept))))

    def at_half(self, probability: float) -> "Model":
        """The same, moved so that what had this probability has one half."""
        return replace(self, intercept=self.intercept - float(np.log(probability / (1 - probability))))

    def rounded(self) -> "Model":
        """The same as it stands in a file."""
        return Model(self.names, tuple(round(w, 3) + 0.0 for w in self.weights), round(self.intercept, 3))

    def to_dict(self) -> dict[str, object]:
        """The model as `weights.json` has it, without weights of nought."""
        weights = {name: weight for name, weight in zip(self.names, self.weights, strict=True) if weight}
        return {"intercept": self.intercept, "weights": weights}


def names_of(signals: type) -> tuple[str, ...]:
    """The names of a dataclass of signals, in order."""
    return tuple(f.name for f in fields(signals))


def regression(names: Sequence[str], x: Numbers, y: Truths, weight: Numbers, c: float) -> Model:
    """Logistic regression by L-BFGS-B, ridge on the weights, each held to its sign; from nought, so without chance."""
    m = x.shape[1]
    truth = y.astype(float)

    def loss(w: Numbers) -> tuple[float, Numbers]:
        z = x @ w[:m] + w[m]
        off = weight * (1 / (1 + np.exp(-z)) - truth)
        value = c * float((weight * (np.logaddexp(0, z) - truth * z)).sum()) + 0.5 * float((w[:m] ** 2).sum())
        return value, np.append(c * (off @ x) + w[:m], c * off.sum())

    bounds = [(None, 0) if name in AGAINST else (0, None) for name in names] + [(None, None)]
    best = minimize(loss, np.zeros(m + 1), jac=True, bounds=bounds, method="L-BFGS-B").x
    return Model(tuple(names), tuple(float(w) for w in best[:m]), float(best[m]))


def training(asked: Sequence[Asked]) -> tuple[Numbers, Truths, Numbers]:
    """The rows of some questions: signals, whether right, and how much each counts.

    Where no right sentence was found for an answerable question, there is nothing to learn from.
    """
    seen = [a.without() if a.withheld else a for a in asked if a.right.any() or not a.answerable]
    if not any(a.right.any() for a in seen):
        raise InputError("No question has a right sentence among those found, so there is nothing to fit on. Add some.")
    counts = [OURS if a.corpus in OWN else 1.0 for a in seen]
    weight = np.concatenate([np.full(len(a.right), count) for a, count in zip(seen, counts, strict=True)])
    return np.concatenate([a.signals for a in seen]), np.concatenate([a.right for a in seen]), weight


def fit_stated(asked: Sequence[Asked]) -> Model:
    """The model "stated", fitted on some questions, its decision at one half."""
    return regression(names_of(Signals), *training(asked), STATED_C).at_half(WORKING["stated"])


def fit_open(asked: Sequence[OpenAsked], rounds: int = 4) -> Model:
    """The model "open", fitted on some questions, its decision at one half.

    Of the attributes that a question's source calls open, which one is meant is not known: at first the one whose signals
    add up to most, then the one that the model so far prefers.
    """
    names = names_of(OpenSignals)
    against = np.array([-1.0 if name in AGAINST else 1.0 for name in names])
    prefer: Score = lambda signals: signals @ against  # noqa: E731
    model = None
    for _ in range(rounds):
        rows, right = [], []
        for a in asked:
            held = [p for p, cited in zip(a.points, a.cited, strict=True) if cited and a.unreleased]
            others = [p for p, cited in zip(a.points, a.cited, strict=True) if not (cited and a.unreleased)]
            if held:
                every = np.concatenate(held)
                rows.append(every[[int(prefer(every).argmax())]])
                right.append(np.ones(1, bool))
            rows += [p[[int(prefer(p).argmax())]] for p in others]
            right += [np.zeros(1, bool)] * len(others)
        if not any(r.any() for r in right):
            raise InputError("No case asks for what a source calls open, so there is nothing to fit on. Add some.")
        y = np.concatenate(right)
        prefer = model = regression(names, np.concatenate(rows), y, np.ones(len(y)), OPEN_C)
    assert model is not None
    return model.at_half(WORKING["open"])


def fit_boosted(asked: Sequence[Asked]) -> Score:
    """Gradient boosting in the place of "stated", each signal held to its direction. For comparison only."""
    x, y, weight = training(asked)
    sense = [-1 if name in AGAINST else 1 for name in names_of(Signals)]
    trees = HistGradientBoostingClassifier(
        max_iter=120, learning_rate=0.06, max_leaf_nodes=8, min_samples_leaf=30, l2_regularization=5.0,
        monotonic_cst=sense, random_state=SEED,
    ).fit(x, y, sample_weight=weight)  # fmt: skip
    odds = WORKING["stated"] / (1 - WORKING["stated"])

    def score(signals: Numbers) -> Numbers:
        p = trees.predict_proba(signals)[:, 1]
        return np.asarray(p / (p + odds * (1 - p)))

    return score


@contextmanager
def weighing(models: Mapping[str, Model]) -> Iterator[None]:
    """Have the assistant decide by these models meanwhile; by its own where one is not given."""
    given = {name: (dict(zip(m.names, m.weights, strict=True)), m.intercept) for name, m in models.items()}
    own = evidence._model
    with patch.object(evidence, "_model", lambda name: given[name] if name in given else own(name)):
        yield


def shipped(name: str, signals: type) -> Model:
    """A model as it stands in `weights.json` now; a signal without a weight has nought."""
    data = json.loads(WEIGHTS.read_text("utf-8"))[name]
    names = names_of(signals)
    return Model(names, tuple(float(data["weights"].get(n, 0)) for n in names), float(data["intercept"]))


# --- splitting and measuring ---------------------------------------------------------------------------------------


def folds(articles: Sequence[str], count: int, seed: int = SEED) -> dict[str, int]:
    """The fold of each article, of about the same number of questions each; one entry in `articles` for a question."""
    sizes = Counter(articles)
    order = sorted(sizes)
    random.Random(seed).shuffle(order)
    held = [0] * count
    chosen = {}
    for name in sorted(order, key=lambda a: -sizes[a]):
        chosen[name] = held.index(min(held))
        held[chosen[name]] += sizes[name]
    return chosen


@dataclass(frozen=True)
class Best:
    """The best sentence of each of n questions: its probability, whether it is right, and whether there is an answer."""

    probability: Numbers
    right: Truths
    answerable: Truths


def best(asked: Sequence[Asked], score: Score) -> Best:
    """The best sentences of some questions, by a score. A question for which nothing was found has probability nought."""
    found_ = []
    for a in asked:
        scores = score(a.signals) if len(a.right) else np.zeros(0)
        at = int(scores.argmax()) if len(scores) else -1
        found_.append((float(scores[at]), bool(a.right[at]), a.answerable) if at >= 0 else (0.0, False, a.answerable))
    p, right, answerable = zip(*found_, strict=True) if found_ else ((), (), ())
    return Best(np.array(p, float), np.array(right, bool), np.array(answerable, bool))


def together(parts: Sequence[Best]) -> Best:
    """Several as one."""
    return Best(
        np.concatenate([part.probability for part in parts]),
        np.concatenate([part.right for part in parts]),
        np.concatenate([part.answerable for part in parts]),
    )


def auroc(scores: Numbers, positive: Truths) -> float:
    """The chance that a positive scores above a negative, a tie counted half (Mann-Whitney). NaN without one of each."""
    high, low = scores[positive], np.sort(scores[~positive])
    if not len(high) or not len(low):
        return float("nan")
    below, upto = np.searchsorted(low, high, "left"), np.searchsorted(low, high, "right")
    return float((below + upto).sum() / (2 * len(high) * len(low)))


@dataclass(frozen=True)
class Bin:
    """The questions whose probability lies in one part of 0..1: how many, what is foretold of them, what came."""

    low: float
    high: float
    count: int
    foretold: float
    observed: float


def reliability(probability: Numbers, right: Truths, count: int = 10) -> list[Bin]:
    """Probabilities in `count` parts of equal width; the parts that hold any."""
    place = np.minimum((probability * count).astype(int), count - 1)
    return [
        Bin(
            i / count, (i + 1) / count, int((place == i).sum()),
            float(probability[place == i].mean()), float(right[place == i].mean()),
        )
        for i in range(count) if (place == i).any()
    ]  # fmt: skip


def calibration_error(probability: Numbers, right: Truths, count: int = 10) -> float:
    """Expected calibration error (Guo et al., ICML 2017): the mean gap of foretold and observed, by questions."""
    every = reliability(probability, right, count)
    return sum(b.count * abs(b.foretold - b.observed) for b in every) / len(probability)


@dataclass(frozen=True)
class Platt:
    """Probabilities as likely as they say: a line through their logits (Platt 1999)."""

    slope: float
    offset: float

    @classmethod
    def fitted(cls, probability: Numbers, right: Truths) -> "Platt":
        line = regression(("z",), logit(probability)[:, None], right, np.ones(len(right)), 1e6)
        return cls(line.weights[0], line.intercept)

    def __call__(self, probability: Numbers) -> Numbers:
        return np.asarray(1 / (1 + np.exp(-(self.slope * logit(probability) + self.offset))))


def logit(probability: Numbers) -> Numbers:
    p = np.clip(probability, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(p / (1 - p)))


# --- the report ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rows:
    """All that is fitted on: public questions, our own by corpus, and the open points by corpus and "stated" model."""

    public: tuple[Asked, ...]
    own: Mapping[str, tuple[Asked, ...]]
    open: Callable[[Model], Mapping[str, Sequence[OpenAsked]]]
    sizes: tuple[tuple[str, ...], ...]

    def but(self, corpus: str = "") -> list[Asked]:
        """The questions of all corpora but one."""
        return [*self.public, *(a for name, rows in self.own.items() if name != corpus for a in rows)]


@contextmanager
def gathered(directory: Path, place: Path) -> Iterator[Rows]:
    """The rows, and our corpora open meanwhile: what is open is read anew for each "stated" model."""
    sets = {data: documents(directory, data) for data in (SQUAD2, QED)}
    builder, asker = TransformerEmbedder(bfloat16=True), TransformerEmbedder()
    rows: list[Asked] = []
    sizes: list[tuple[str, ...]] = []
    with ExitStack() as stack:
        for data, groups in sets.items():
            for group in groups:
                with indexed(group, builder, place / data.name) as index:
                    rows += (new := public(group, data.name, index, asker))
                sizes.append(_size(data.about, data.licence, len(group.sources), new))
        corpora = [stack.enter_context(ours(name, asker, place / name)) for name in OWN]
        own = {corpus.name: tuple(stated_rows(corpus)) for corpus in corpora}
        for c in corpora:
            licence = "this project's"
            sizes.append(_size(f"our corpus {c.name}", licence, len(c.reader.index.sources), own[c.name]))

        def opened(stated: Model) -> Mapping[str, Sequence[OpenAsked]]:
            with weighing({"stated": stated}):
                return {corpus.name: open_rows(corpus) for corpus in corpora}

        yield Rows(tuple(rows), own, opened, tuple(sizes))


def _size(about: str, licence: str, paragraphs: int, asked: Sequence[Asked]) -> tuple[str, ...]:
    numbers = (
        paragraphs, len({a.article for a in asked}), len(asked), sum(a.answerable for a in asked),
        sum(len(a.right) for a in asked), sum(int(a.right.sum()) for a in asked),
    )  # fmt: skip
    return about, licence, *(f"{n:,}" for n in numbers)


Maker = Callable[[Sequence[Asked]], Score]


def held_out(rows: Rows, make: Maker, count: int = FOLDS, seed: int = SEED) -> tuple[dict[str, Best], dict[str, Best]]:
    """The best sentences of each public set, each article judged by what was fitted on the others and on our corpora.

    The second are the same, calibrated on the questions that were fitted on.
    """
    fold = folds([a.article for a in rows.public], count, seed)
    raw, calibrated = defaultdict(list), defaultdict(list)
    for k in range(count):
        inside = [a for a in rows.but() if fold.get(a.article) != k]
        score = make(inside)
        seen = best(as_measured(inside), score)
        platt = Platt.fitted(seen.probability, seen.right)
        for name in (SQUAD2.name, QED.name):
            outside = [a for a in rows.public if fold[a.article] == k and a.corpus == name]
            if outside:
                came = best(as_measured(outside), score)
                raw[name].append(came)
                calibrated[name].append(replace(came, probability=platt(came.probability)))
    return {k: together(v) for k, v in raw.items()}, {k: together(v) for k, v in calibrated.items()}


def as_measured(asked: Sequence[Asked]) -> list[Asked]:
    """Questions as they are measured: a set without unanswerable ones gets them by withholding."""
    return [a.without() if a.withheld and a.corpus != SQUAD2.name else a for a in asked]


@dataclass(frozen=True)
class Judged:
    """What a way of fitting came to on what it was not fitted on: the best sentences of the public sets, as decided and
    calibrated, and of our corpora; `without` has for each of these what was fitted on everything else.
    """

    public: Mapping[str, Best]
    calibrated: Mapping[str, Best]
    without: Mapping[str, Score]
    own: Mapping[str, Best]


def judged(rows: Rows, make: Maker) -> Judged:
    """A way of fitting, judged on each article, and each of our corpora, by what was fitted on the others."""
    raw, calibrated = held_out(rows, make)
    without = {name: make(rows.but(name)) for name in rows.own}
    return Judged(raw, calibrated, without, {name: best(asked, without[name]) for name, asked in rows.own.items()})


def open_left_out(rows: Rows, stated: Mapping[str, Model]) -> dict[str, Best]:
    """The open point that fits best, for each of our corpora, judged by what was fitted on the others.

    `stated` has for each corpus the model that was fitted without it.
    """
    results = {}
    for name, model in stated.items():
        every = rows.open(model)
        others = fit_open([a for other, asked in every.items() if other != name for a in asked])
        results[name] = best_open(every[name], others)
    return results


def best_open(asked: Sequence[OpenAsked], score: Score) -> Best:
    """The open point that fits best for each question; right where one is asked for, and it is of a source to cite."""
    found_ = []
    for a in asked:
        scores = [float(score(p).max()) for p in a.points]
        at = int(np.argmax(scores)) if scores else -1
        found_.append(
            (scores[at], a.unreleased and a.cited[at], a.unreleased) if scores else (0.0, False, a.unreleased)
        )
    p, right, asked_for = zip(*found_, strict=True) if found_ else ((), (), ())
    return Best(np.array(p, float), np.array(right, bool), np.array(asked_for, bool))


def decided(b: Best, at: float) -> tuple[float, float, float]:
    """The share of the answerable that are answered and right, of the unanswerable that are refused, and their mean."""
    right = float((b.right & (b.probability >= at))[b.answerable].mean()) if b.answerable.any() else float("nan")
    refused = float((b.probability < at)[~b.answerable].mean()) if (~b.answerable).any() else float("nan")
    return right, refused, (right + refused) / 2


def best_threshold(b: Best) -> float:
    """The threshold at which the mean of right answers and right refusals is greatest; the lowest of equals."""
    return float(max(np.unique(np.append(b.probability, 1.01)), key=lambda at: decided(b, at)[2]))


def measured(name: str, b: Best, calibrated: Best | None = None) -> tuple[str, ...]:
    """A row of the tables of results."""
    right, refused, mean = decided(b, 0.5)
    top = best_threshold(b)
    error = calibration_error(b.probability, b.right)
    after = f"{calibration_error(calibrated.probability, calibrated.right):.3f}" if calibrated else "-"
    return (
        name, f"{int(b.answerable.sum())} / {int((~b.answerable).sum())}", f"{b.right[b.answerable].mean():.3f}",
        f"{auroc(b.probability, b.answerable):.3f}", f"{right:.3f}", f"{refused:.3f}", f"{mean:.3f}",
        f"{decided(b, top)[2]:.3f} at {top:.2f}", f"{error:.3f}", after,
    )  # fmt: skip


RESULTS = (
    "", "answerable / not", "best sentence", "AUROC", "right at 0.5", "refused at 0.5", "mean", "best mean",
    "calibration error", "calibrated",
)  # fmt: skip


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown, its columns aligned, so that it reads well on a terminal too."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (head, *rows)]
    rule = "-|-".join("-" * width for width in widths)
    return "\n".join(f"| {line} |" for line in (lines[0], rule, *lines[1:]))


def diagram(bins: Sequence[Bin]) -> str:
    """A reliability diagram on a terminal: # is what came, and | where it would stand if all were as likely as said."""
    lines = []
    for b in bins:
        bar = ["#" if i < round(40 * b.observed) else " " for i in range(41)]
        bar[round(40 * b.foretold)] = "|"
        lines.append(
            f"{b.low:.1f}-{b.high:.1f}  {''.join(bar)}  foretold {b.foretold:.2f}, came {b.observed:.2f}, of {b.count}"
        )
    return "\n".join(lines)


def svg(curves: Mapping[str, Sequence[Bin]]) -> str:
    """A reliability diagram as a picture: a curve for each name, its dots as large as their bins are full."""
    colours = ("#1b6ca8", "#c0392b", "#27824b", "#8e44ad")
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 440" font-family="sans-serif" font-size="12">',
        '<rect width="420" height="440" fill="white"/>',
        '<path d="M50 20V370H400" fill="none" stroke="black"/><path d="M50 370L400 20" stroke="#999" stroke-dasharray="4"/>',
        '<text x="225" y="405" text-anchor="middle">probability foretold of the best sentence</text>',
        '<text x="15" y="195" text-anchor="middle" transform="rotate(-90 15 195)">share that is right</text>',
    ]
    for tick in (0, 0.5, 1):
        parts.append(f'<text x="{50 + 350 * tick:g}" y="386" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="44" y="{374 - 350 * tick:g}" text-anchor="end">{tick:g}</text>')
    for i, (name, bins) in enumerate(curves.items()):
        colour, total = colours[i % len(colours)], sum(b.count for b in bins)
        points = [(50 + 350 * b.foretold, 370 - 350 * b.observed, 2 + 10 * (b.count / total) ** 0.5) for b in bins]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}"/>')
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{colour}" fill-opacity="0.6"/>' for x, y, r in points
        ]
        parts.append(f'<text x="60" y="{34 + 16 * i}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def report(rows: Rows, stated: Model, opened: Model, logistic: Judged) -> tuple[str, str]:
    """The report of a fit in Markdown, and its reliability diagram as SVG."""
    now, now_open = shipped("stated", Signals), shipped("open", OpenSignals)
    ways = {
        "logistic": logistic,
        "boosted": judged(rows, fit_boosted),
        "in the file now": judged(rows, lambda _: now),
    }
    articles = [
        measured(f"{key}, {name}", b, way.calibrated[key])
        for name, way in ways.items()
        for key, b in way.public.items()
    ]
    corpora = [measured(f"{key}, logistic", b) for key, b in logistic.own.items()]
    corpora += [measured(f"all, {name}", together([*way.own.values()])) for name, way in ways.items()]
    before, after = together([*logistic.public.values()]), together([*logistic.calibrated.values()])
    of_open = open_left_out(rows, {name: m for name, m in logistic.without.items() if isinstance(m, Model)})
    open_now = together([best_open(asked, now_open) for asked in rows.open(now).values()])
    opens = [measured(name, b) for name, b in of_open.items()]
    opens += [measured("all", together([*of_open.values()])), measured("all, in the file now", open_now)]
    curves = {
        "as decided": reliability(before.probability, before.right),
        "calibrated": reliability(after.probability, after.right),
    }
    text = f"""# The fit of the decision

Seed {SEED}. The unit of a split is the article, or one of our corpora as a whole.

## Data

{table(("data", "licence", "documents", "articles", "questions", "answerable", "sentences read", "right"), rows.sizes)}

Of half of the answerable public questions the paragraph they were written for is withheld while fitting, and every
sentence with the words of their answer. A row of ours counts {OURS:g} times. Not fitted on: the corpus housing, PolicyQA.

## Weights

{_weights("stated", now, stated)}

{_weights("open", now_open, opened)}

## Articles that were not fitted on

{FOLDS} folds by article. The best sentence of each question, before anything else has a say. In qed, the withheld half
counts as unanswerable. "In the file now" was fitted on some of these articles, and on our corpora. The best mean is at
the threshold that hindsight would choose. Calibrated: by a line through the logits of the best sentences of other folds.

{table(RESULTS, articles)}

## Our corpora, each left out in turn

{table(RESULTS, corpora)}

Open points, the best that fits each question: whether it is of a source to cite, unreleased or not, and so on.

{table(RESULTS, opens)}

## Reliability on articles that were not fitted on

As decided:

{_indented(diagram(curves["as decided"]))}

Calibrated:

{_indented(diagram(curves["calibrated"]))}
"""
    return text, svg(curves)


def _weights(name: str, now: Model, new: Model) -> str:
    rows = [(n, f"{a:.3f}", f"{b:.3f}") for n, a, b in zip(now.names, now.weights, new.weights, strict=True)]
    return table(
        (name, "in the file now", "fitted"), [*rows, ("intercept", f"{now.intercept:.3f}", f"{new.intercept:.3f}")]
    )


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def content(stated: Model, opened: Model, rows: Rows, platt: Platt) -> str:
    """What `weights.json` is to hold. Nothing in it depends on when or where it was written.

    `calibration` turns the probability of a best sentence into the share of such sentences that are right.
    """
    questions = Counter(a.corpus for a in rows.but())
    about = (
        f"Logistic models of the signals named here, written by `make fit` with seed {SEED}, signs held to sense. Fitted on "
        f"{questions[SQUAD2.name]:,} questions of {SQUAD2.about} ({SQUAD2.licence}), {questions[QED.name]:,} of {QED.about} "
        f"({QED.licence}), and {sum(map(len, rows.own.values())):,} on the shipped and the made-up corpora under evals/, but "
        "housing. The intercepts put the decision at one half."
    )
    calibration = {"slope": round(platt.slope, 3), "offset": round(platt.offset, 3)}
    data = {"about": about, "stated": {**stated.to_dict(), "calibration": calibration}, "open": opened.to_dict()}
    return json.dumps(data, indent=2) + "\n"


def fitted(rows: Rows, logistic: Judged) -> tuple[Model, Model, Platt]:
    """Both models on all rows, as they stand in a file, and the calibration of "stated" on rows it was not fitted on."""
    stated = fit_stated(rows.but()).rounded()
    opened = fit_open([a for asked in rows.open(stated).values() for a in asked]).rounded()
    unseen = together([*logistic.public.values(), *logistic.own.values()])
    return stated, opened, Platt.fitted(unseen.probability, unseen.right)


# --- the command ---------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    given = parse(arguments)
    began = time.perf_counter()
    try:
        # One thread: the same figures on any machine, and no waiting for other work.
        with kept(given.keep) as place, threadpool_limits(1), gathered(given.data, place) as rows:
            logistic = judged(rows, fit_stated)
            stated, opened, platt = fitted(rows, logistic)
            text, picture = report(rows, stated, opened, logistic)
            print(text)
            if given.report:
                given.report.mkdir(parents=True, exist_ok=True)
                (given.report / "fit.md").write_text(text, "utf-8")
                (given.report / "reliability.svg").write_text(picture, "utf-8")
            if given.write:
                given.weights.write_text(content(stated, opened, rows, platt), "utf-8")
                print(f"Written: {given.weights}")
    except OnRecordError as error:
        print(f"fit: {error}", file=sys.stderr)
        return 2
    print(f"Done in {time.perf_counter() - began:.0f} s.")
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m evals.fit", description="The weights of the decision, fitted again."
    )
    parser.add_argument("data", type=Path, metavar="DATA_DIR", help="the folder with squad2.jsonl and qed.jsonl")
    parser.add_argument("--write", action="store_true", help="replace the weights that the assistant decides by")
    parser.add_argument(
        "--weights", type=Path, default=WEIGHTS, help="the file that --write replaces; default: %(default)s"
    )
    parser.add_argument("--report", type=Path, help="a folder for the report and the reliability diagram")
    parser.add_argument("--keep", type=Path, help="a folder in which to keep the indexes for a later run")
    return parser.parse_args(arguments)


@contextmanager
def kept(folder: Path | None) -> Iterator[Path]:
    """A folder for indexes: the one given, or one for the time being."""
    if folder:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="onrecord-fit-") as place:
        yield Path(place)


if __name__ == "__main__":
    sys.exit(main())
