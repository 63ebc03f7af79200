"""Questions as rows of signals: each sentence read for one, and whether it answers; each open point beside one.

Public questions are read from the index of their paragraphs, the questions of our corpora from theirs. Articles and
corpora stand on one side of a split whole. Two corpora, fisheries and food-safety, are never among them. Not covered: what
is fitted on the rows (`models.py`).
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.evidence import MODELS, Evidence, Logistic, Reader, Signals
from assistant.follow_up import stand_alone
from assistant.ledger import Ledger, OpenSignals
from assistant.parts import split
from assistant.question import Query, understand
from assistant.rerank import READ
from evals.case import HERE, Case, found, load
from evals.public import POLICYQA, QED, SEED, SQUAD2, Documents, Question, documents, indexed
from index.embed import Embedder, TransformerEmbedder
from index.generation import Index
from index.source import Sentence
from index.sync import sync

Numbers = NDArray[np.float64]
Truths = NDArray[np.bool_]

FOLDS = 5
OWN = ("sources", "transit", "pharma", "education", "space", "energy", "uk-digital-id")
# Further corpora that the reading again is weighed on; those above have set the first probabilities.
FURTHER = ("childcare", "drones", "housing")


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

    @property
    def public(self) -> bool:
        """Whether it is of a public set, not of our corpora."""
        return self.corpus in (SQUAD2.name, QED.name, POLICYQA.name)

    def without(self) -> "Asked":
        """The same, put to a corpus that does not hold the answer."""
        rest = ~self.near
        return replace(
            self, answerable=False, signals=self.signals[rest], right=np.zeros(rest.sum(), bool), near=self.near[rest]
        )


def as_measured(asked: Sequence[Asked]) -> list[Asked]:
    """Questions as they are measured: a set without unanswerable ones gets them by withholding."""
    return [a.without() if a.withheld and a.corpus != SQUAD2.name else a for a in asked]


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
class OpenAsked:
    """A question beside the open points of its corpus: for each point the signals (attributes, m), and its source."""

    corpus: str
    unreleased: bool
    points: tuple[Numbers, ...]
    cited: tuple[bool, ...]


def public_rows(group: Documents, name: str, index: Index, embedder: Embedder, seed: int = SEED) -> list[Asked]:
    """The questions of some documents, put to their index."""
    reader = Reader(index, index.lexicon)
    return [_ask(question, name, reader, embedder, seed) for question in group.questions]


def _ask(question: Question, name: str, reader: Reader, embedder: Embedder, seed: int) -> Asked:
    query = understand(question.text, reader.lexicon, embedder)
    hits = reader.index.search([term.stem for term in query.terms], query.vector, READ)
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

    def current(self, source: str) -> bool:
        """Whether no other source supersedes this one."""
        every = self.reader.index.sources.values()
        return not any(source in other.supersedes for other in every if other.id != source)

    def read(self, query: Query) -> list[Evidence]:
        """The sentences that the assistant reads for a question, scored, best first."""
        index = self.reader.index
        superseded = sum(not self.current(source) for source in index.sources)
        hits = index.search([term.stem for term in query.terms], query.vector, READ + superseded)
        return self.reader.read(query, [h for h in hits if self.current(index.passages[h.passage].source)])


def folder_of(name: str) -> Path:
    """Where one of our corpora stands."""
    return HERE.parent if name == "sources" else HERE / "corpora" / name


@contextmanager
def ours(folder: Path, embedder: Embedder, place: Path) -> Iterator[Ours]:
    """The corpus of a folder with `sources/` and cases, indexed below `place`."""
    shipped = folder == HERE.parent
    beside = (HERE if shipped else folder) / "cases"
    cases = load([beside if beside.is_dir() else beside.with_suffix(".yaml")])
    sync(folder / "sources", place, embedder)
    with Index.open(place, embedder) as index:
        texts = [(case, stand_alone(case.question, case.history, index.lexicon)) for case in cases]
        asked = [
            (case, understand(text, index.lexicon, embedder))
            for case, text in texts
            if case.expect.outcome[0] not in ("partial", "conflicting") and len(split(text)) == 1
        ]
        yield Ours("sources" if shipped else folder.name, tuple(asked), Reader(index, index.lexicon))


@contextmanager
def own_corpora(embedder: Embedder, place: Path, further: Sequence[Path] = ()) -> Iterator[list[Ours]]:
    """Our corpora, open: those that the first probabilities are fitted on, and those of `further` folders."""
    folders = (*map(folder_of, OWN), *further)
    with ExitStack() as stack:
        yield [stack.enter_context(ours(folder, embedder, place / f"{i:02}")) for i, folder in enumerate(folders)]


def stated_rows(corpus: Ours) -> list[Asked]:
    """The questions but those on what is open; of the answered, those for which a right sentence was found."""
    rows = []
    index = corpus.reader.index
    for case, query in corpus.asked:
        if "unreleased" in case.expect.outcome:
            continue
        read = corpus.read(query)
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


def open_rows(corpus: Ours, stated: Logistic) -> list[OpenAsked]:
    """The questions beside the open points. One of the signals is what the model "stated" makes of a sentence."""
    index = corpus.reader.index
    ledger = Ledger(Reader(index, index.lexicon, replace(MODELS, stated=stated)))
    rows = []
    for case, query in corpus.asked:
        wanted = {key for group in case.expect.must_cite for key in group}
        points, cited = [], []
        for point in ledger.points:
            if corpus.current(point.source):
                fits = ledger.fit(query, point.sentence, point.attributes)
                if fits:
                    points.append(table_of([astuple(signals) for signals, _ in fits], OpenSignals))
                    cited.append(point.source in wanted)
        rows.append(OpenAsked(corpus.name, "unreleased" in case.expect.outcome, tuple(points), tuple(cited)))
    return rows


@dataclass(frozen=True)
class Rows:
    """All that is fitted on: public questions, our own by corpus, and the open points by corpus and "stated" model."""

    public: tuple[Asked, ...]
    own: Mapping[str, tuple[Asked, ...]]
    open: Callable[[Logistic], Mapping[str, Sequence[OpenAsked]]]
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
    for data, groups in sets.items():
        for group in groups:
            with indexed(group, builder, place / data.name) as index:
                rows += (new := public_rows(group, data.name, index, asker))
            sizes.append(_size(data.about, data.licence, len(group.sources), new))
    with own_corpora(asker, place) as corpora:
        own = {corpus.name: tuple(stated_rows(corpus)) for corpus in corpora}
        for c in corpora:
            licence = "this project's"
            sizes.append(_size(f"our corpus {c.name}", licence, len(c.reader.index.sources), own[c.name]))

        def opened(stated: Logistic) -> Mapping[str, Sequence[OpenAsked]]:
            return {corpus.name: open_rows(corpus, stated) for corpus in corpora}

        yield Rows(tuple(rows), own, opened, tuple(sizes))


def _size(about: str, licence: str, paragraphs: int, asked: Sequence[Asked]) -> tuple[str, ...]:
    numbers = (
        paragraphs, len({a.article for a in asked}), len(asked), sum(a.answerable for a in asked),
        sum(len(a.right) for a in asked), sum(int(a.right.sum()) for a in asked),
    )  # fmt: skip
    return about, licence, *(f"{n:,}" for n in numbers)
