"""How well it decides on documents nobody here has seen: `python -m evals.deciding DATA_DIR`, `make bench-deciding DATA=...`.

Public questions are put to a corpus of paragraphs that is searched: all of SQuAD 2.0's together; QED's together; of
PolicyQA those of one site at a time, as its questions are the same for all sites. The weights are fitted on other
articles each time, by `fit.py`. An answer is right when a sentence that it quotes as direct holds the answer in a
paragraph that the question was written for. QED and PolicyQA have no unanswerable questions: for half of theirs the
paragraphs that hold the answer are withheld.

Beside it, in the same run: the passage nearest to the question where it is nearer than a threshold, its best one in
hindsight; and, for paragraphs that are given instead of searched, plain signals of the sentences.

Not covered: open points and conflicts, of which these sets have none (`onrecord eval`), and speed by itself (`bench.py`).
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from assistant.answer import Answer, Assistant
from assistant.evidence import MODELS, Calibration, Reader
from assistant.joint import Block, JointReader, joint_reader
from assistant.odds import log_odds
from assistant.question import Query, understand
from assistant.reread import UNREAD, RereadSignals
from evals.bench import percentile, say, timed
from evals.case import REFUSALS
from evals.command import execute, parser
from evals.figures import share, table, with_interval
from evals.lessons import EVERY, LONGEST, unlearnt
from evals.measures import (
    Best,
    auroc,
    best,
    best_threshold,
    calibration_error,
    mean_decided,
    together,
)
from evals.models import Model, calibrated, calibration, fit_stated
from evals.public import POLICYQA, QED, SEED, SQUAD2, Documents, Question, documents, indexed
from evals.rows import FOLDS, Asked, Numbers, Truths, as_measured, folds, own_corpora, public_rows, stated_rows
from index.embed import Embedder, Floats, TransformerEmbedder, location
from index.generation import Index
from index.keywords import best as best_by_words

CUTS = (1, 5, 20)
DIRECT = ("direct", "side")


# --- retrieval -----------------------------------------------------------------------------------------------------


def rankings(index: Index, query: Query, depth: int = max(CUTS)) -> dict[str, list[int]]:
    """The passages that each way of searching puts first, best first."""
    stems = [term.stem for term in query.terms]
    nearest_sentence = np.array([index.cosine(p, query.vector) for p in range(len(index.passages))], np.float32)
    return {
        "BM25": [p for p, _ in best_by_words(index.keyword_scores(stems), depth)],
        "dense: passage vector": [p for p, _ in index.nearest(query.vector, depth)],
        "dense: nearest sentence": [int(p) for p in np.argsort(-nearest_sentence, kind="stable")[:depth]],
        "fused": [hit.passage for hit in index.search(stems, query.vector, depth)],
    }


def holding(index: Index, question: Question) -> frozenset[int]:
    """The passages that hold an answer to a question."""
    return frozenset(i for i, p in enumerate(index.passages) if question.answered_by(p.source, p.start, p.end))


def recalled(ranking: Sequence[int], wanted: frozenset[int], k: int) -> bool:
    """Whether one of the first k is wanted."""
    return not wanted.isdisjoint(ranking[:k])


# --- answers -------------------------------------------------------------------------------------------------------


class Withholding(Index):
    """An open index as if the sources in `withheld` were not in it. What is known of its words stays."""

    def __init__(self, index: Index) -> None:
        self.__dict__.update(index.__dict__)
        self.withheld: frozenset[str] = frozenset()

    def _left(self, passage: int) -> bool:
        return self.passages[passage].source not in self.withheld

    def nearest(self, vector: Floats, k: int) -> list[tuple[int, float]]:
        gone = sum(not self._left(p) for p in range(len(self.passages))) if self.withheld else 0
        return [pair for pair in super().nearest(vector, k + gone) if self._left(pair[0])][:k]

    def keyword_scores(self, stems: Sequence[str]) -> Floats:
        scores = super().keyword_scores(stems)
        if self.withheld:
            scores = np.array([s if self._left(p) else 0 for p, s in enumerate(scores)], np.float32)
        return scores

    def nearest_sentence(self, vector: Floats) -> tuple[float, int]:
        """The cosine of the sentence nearest to a unit vector, and the sentence; of the first, -1, where none is left."""
        left = (i for i, s in enumerate(self.sentences) if s.source not in self.withheld)
        return max(((float(self.sentence_vector(i) @ vector), i) for i in left), default=(-1.0, 0))


def answers(question: Question, answer: Answer) -> bool:
    """Whether a quote that an answer gives as direct holds an answer, where it stands."""
    direct = {n for segment in answer.segments if segment.role in DIRECT for n in segment.citations}
    return any(c.n in direct and question.answered_by(c.source, c.start, c.end) for c in answer.citations)


@dataclass
class Came:
    """What came of the questions of one set, one entry a question."""

    recalled: dict[str, list[list[bool]]] = field(default_factory=lambda: defaultdict(list))
    right: list[bool] = field(default_factory=list)
    refused: list[bool] = field(default_factory=list)
    answerable: list[bool] = field(default_factory=list)
    decided: list[Best] = field(default_factory=list)
    ours: list[Best] = field(default_factory=list)
    calibrated: list[Best] = field(default_factory=list)
    elsewhere: list[Best] = field(default_factory=list)
    passage: list[Best] = field(default_factory=list)
    sentence: list[Best] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Fold:
    """What decides on the articles of one fold: fitted on the others, with its calibration, and the threshold at which the
    mean of right answers and right refusals is greatest on the public ones among these.
    """

    model: Model
    likelihood: Calibration
    threshold: float


def fold_models(asked: Sequence[Asked], own: Sequence[Asked], fold: Mapping[str, int], count: int) -> list[Fold]:
    """A model for each fold, fitted on the questions of the others and on our corpora; the last, for what is in none."""
    made = []
    for k in range(count + 1):
        inside = [*(a for a in asked if fold[a.article] != k), *own]
        model = fit_stated(inside)
        seen = best(as_measured(inside), model)
        threshold = best_threshold(best(as_measured([a for a in inside if a.public]), model))
        made.append(Fold(model, calibration(seen), threshold))
    return made


def ask(
    group: Documents,
    index: Index,
    rows: Sequence[Asked],
    fold_of: Callable[[str], Fold],
    embedder: Embedder,
    bare: Callable[[str], object],
    came: Came,
) -> None:
    """Put the questions of some documents to the assistant, and note what comes. `rows` are in their order."""
    here = Withholding(index)
    assistants = {}
    for fold in dict.fromkeys(fold_of(question.article) for question in group.questions):
        models = replace(MODELS, stated=fold.model.logistic)
        assistants[fold] = Assistant(here, embedder, models=models)
        assistants[fold].answer(group.questions[0].text)
    for question, row in zip(group.questions, rows, strict=True):
        fold, here.withheld = fold_of(question.article), frozenset()
        query = understand(question.text, index.lexicon, embedder)
        if question.answerable:
            wanted = holding(index, question)
            for name, ranking in rankings(index, query).items():
                came.recalled[name].append([recalled(ranking, wanted, k) for k in CUTS])
        [seen] = as_measured([row])
        if seen.answerable != question.answerable:
            here.withheld = frozenset(question.paragraphs)
        came.bare.append(timed(partial(bare, question.text)))
        began = time.perf_counter()
        answer = assistants[fold].answer(question.text)
        came.seconds.append(time.perf_counter() - began)
        came.answerable.append(seen.answerable)
        came.right.append(seen.answerable and answers(question, answer))
        came.refused.append(answer.outcome in REFUSALS)
        came.decided.append(best_decided(question, assistants[fold], seen.answerable))
        found = best([seen], fold.model)
        came.ours.append(found)
        came.calibrated.append(calibrated(found, fold.likelihood))
        came.elsewhere.append(Best(found.probability - fold.threshold, found.right, found.answerable))
        [(passage, cosine)] = here.nearest(query.vector, 1) or [(0, -1.0)]
        p = index.passages[passage]
        came.passage.append(one(cosine, question.answered_by(p.source, p.start, p.end), seen.answerable))
        cosine, sentence = here.nearest_sentence(query.vector)
        s = index.sentences[sentence]
        came.sentence.append(one(cosine, question.answered_by(s.source, s.start, s.end), seen.answerable))


def best_decided(question: Question, assistant: Assistant, answerable: bool) -> Best:
    """The best sentence of all parts, with the likelihood that editors are shown for it."""
    every = [e for part in assistant.parts(question.text) for e in part.evidence]
    if not every:
        return one(0.0, False, answerable)
    top = max(every, key=lambda e: e.probability)
    s = assistant.index.sentences[top.sentence]
    return one(top.likelihood or 0.0, question.answered_by(s.source, s.start, s.end), answerable)


def one(score: float, right: bool, answerable: bool) -> Best:
    """The best find for one question."""
    return Best(np.array([score]), np.array([right and answerable]), np.array([answerable]))


# --- paragraphs that are given -------------------------------------------------------------------------------------


def given_paragraph(
    group: Documents, index: Index, fold_of: Callable[[str], Fold], embedder: Embedder
) -> dict[str, Best]:
    """The best sentence of the paragraph that each question was written for: by plain signals, and by ours.

    The plain ones are of sentences encoded alone. Coverage weighs words as `Query.weights` does, by how rare they are.
    """
    reader = Reader(index, index.lexicon)
    of_source: dict[str, list[int]] = defaultdict(list)
    for i, s in enumerate(index.sentences):
        of_source[s.source].append(i)
    read = sorted({i for q in group.questions for key in q.paragraphs for i in of_source[key]})
    alone = dict(zip(read, embedder.encode([index.sentences[i].text for i in read]), strict=True))
    results: dict[str, list[Best]] = defaultdict(list)
    joint = joint_reader(embedder)
    for question in group.questions:
        query = understand(question.text, index.lexicon, embedder)
        sentences = [i for key in question.paragraphs for i in of_source[key]]
        held = [question.answered_by(s.source, s.start, s.end) for s in (index.sentences[i] for i in sentences)]
        plain = [
            plain_signals(query, alone[i].vector, alone[i].words, {t.stem for t in alone[i].terms}) for i in sentences
        ]
        scores = {name: np.array([p[name] for p in plain]) for name in plain[0]}
        model = fold_of(question.article).model
        vectors = np.array([reader.judge(query, i).signals.vector() for i in sentences], float)
        scores["first reading, fitted on other articles"] = model(vectors)
        scores["read again"] = read_again(
            question.text, sentences, scores["first reading, fitted on other articles"], index, joint
        )
        for name, values in scores.items():
            at = int(values.argmax())
            results[name].append(
                Best(np.array([values[at]], float), np.array([held[at]]), np.array([question.answerable]))
            )
    return {name: together(each) for name, each in results.items()}


def read_again(text: str, sentences: Sequence[int], first: Numbers, index: Index, joint: JointReader) -> Numbers:
    """The probabilities of a paragraph's sentences once it has been read with the question, as a whole."""
    title = index.sources[index.sentences[sentences[0]].source].title
    verdicts = joint.read(text, [Block(title, tuple(index.sentences[i].text for i in sentences))])
    signals = [
        RereadSignals(log_odds(float(p)), (verdict or UNREAD).answers)
        for p, verdict in zip(first, verdicts, strict=True)
    ]
    return np.array([MODELS.reread_stated(s) for s in signals])


def plain_signals(query: Query, vector: Floats, words: Floats, stems: set[str]) -> dict[str, float]:
    """Three plain signals of a sentence, from its vector (d,), its words' (n, d) and their stems, and their sum."""
    total = float(query.weights.sum())
    covered = float(sum(w for term, w in zip(query.terms, query.weights, strict=True) if term.stem in stems))
    near = float((query.every_word @ words.T).max(axis=1).mean()) if len(words) and len(query.every_word) else 0.0
    signals = {
        "cosine": float(vector @ query.vector),
        "coverage": covered / total if total else 0.0,
        "late interaction": near,
    }
    return {**signals, "sum of the three": sum(signals.values())}


# --- what it adds up to --------------------------------------------------------------------------------------------


def decisions(right: Truths, refused: Truths, answerable: Truths) -> list[str]:
    """Three cells: answered and right, refused, and their mean."""
    mean = with_interval(lambda at: mean_decided(right[at], refused[at], answerable[at]), len(answerable))
    return [share(right[answerable]), share(refused[~answerable]), mean]


def by_threshold(name: str, b: Best, at: float) -> list[str]:
    """A row for what answers with its best find where that scores a threshold or more."""
    cells = decisions(b.right & (b.probability >= at), b.probability < at, b.answerable)
    return [name, share(b.right[b.answerable]), *cells, area(b), "-", "-"]


def in_hindsight(name: str, b: Best) -> list[str]:
    """The same, at the best threshold for these very questions."""
    at = best_threshold(b)
    return by_threshold(f"{name}, at {at:.2f}", b, at)


def area(b: Best) -> str:
    return with_interval(lambda at: auroc(b.probability[at], b.answerable[at]), len(b.answerable))


DECIDING = (
    "", "best find holds it", "answered and right", "refused", "mean", "AUROC", "calibration error", "calibrated",
)  # fmt: skip


def deciding_rows(name: str, came: Came) -> list[list[str]]:
    """Ours, what its score alone would do, and the nearest passage above a threshold."""
    right, refused, answerable = (np.array(v, bool) for v in (came.right, came.refused, came.answerable))
    b, first, after = together(came.decided), together(came.ours), together(came.calibrated)
    errors = [f"{calibration_error(x.probability, x.right):.3f}" for x in (b, first, after)]
    elsewhere = by_threshold(f"{name}: first reading, at the threshold of other articles", together(came.elsewhere), 0)
    return [
        [
            f"{name}: On Record",
            share(b.right[b.answerable]),
            *decisions(right, refused, answerable),
            area(b),
            errors[0],
            "-",
        ],
        in_hindsight(f"{name}: its best sentence", b),
        [*elsewhere[:5], "-", *errors[1:]],
        in_hindsight(f"{name}: first reading", first),
        in_hindsight(f"{name}: nearest passage", together(came.passage)),
        in_hindsight(f"{name}: nearest sentence", together(came.sentence)),
    ]


def speed_row(name: str, came: Came) -> list[str]:
    ms = {k: [percentile(v, s) * 1e3 for s in (0.5, 0.95)] for k, v in (("bare", came.bare), ("ours", came.seconds))}
    times = [f"{of / bare:.1f}" for of, bare in zip(ms["ours"], ms["bare"], strict=True)]
    return [name, *(f"{v:.1f} ms" for v in (*ms["bare"], *ms["ours"])), *times]


def report(results: Mapping[str, tuple[Came, str]], given: Mapping[str, Best], count: int) -> str:
    """The whole run in Markdown."""
    retrieval = [
        [f"{name}: {way}", *(share([c[i] for c in cells]) for i in range(len(CUTS)))]
        for name, (came, _) in results.items()
        for way, cells in came.recalled.items()
    ]
    deciding = [row for name, (came, _) in results.items() for row in deciding_rows(name, came)]
    sizes = [
        [name, size, str(sum(came.answerable)), str(len(came.answerable) - sum(came.answerable))]
        for name, (came, size) in results.items()
    ]
    paragraph = [[name, share(b.right[b.answerable]), area(b)] for name, b in given.items()]
    return f"""# Deciding on public data

Searched, not given. Seed {SEED}; {count} folds by article, the weights fitted on the others and on our corpora; PolicyQA
takes no part in fitting. The joint reader has learnt from none of these questions: those of squad2 are of articles held
out, those of the other sets on paragraphs of more than {LONGEST} characters. In brackets, the middle 95 % of 1,000 bootstrap samples of the questions.

{table(("", "searched", "answerable", "not"), sizes)}

## Retrieval

The share of the answerable questions of which a passage with the answer is among the first k.

{table(("", *(f"recall@{k}" for k in CUTS)), retrieval)}

## Deciding

On Record: the whole assistant, at its own thresholds. A number in the first column is a threshold that is best in
hindsight, which favours that row. A find is a sentence or a passage; a passage is longer, and holds the answer sooner.
AUROC: answerable against not, by the score of the best find. Calibration error: of the probability that the best sentence
is right, and, of the first reading, after a line through its logits, from other articles.

{table(DECIDING, deciding)}

## Time

A question answered, warm, beside a bare encode of it, in turns.

{table(("", "bare p50", "bare p95", "p50", "p95", "times bare, p50", "p95"), [speed_row(n, c) for n, (c, _) in results.items()])}

## squad2, paragraph given

{table(("signal", "best sentence holds the answer", "AUROC answerable / not"), paragraph)}
"""


# --- the command ---------------------------------------------------------------------------------------------------


def run(directory: Path, place: Path, questions: int, count: int) -> str:
    """Build, fit, ask and add up; the report. Raises `InputError` for data that cannot be used."""
    smaller = max(1, 2 * questions // 5)
    sets = {
        data.name: unlearnt(documents(directory, replace(data, questions=EVERY)), n)
        for data, n in ((SQUAD2, questions), (QED, smaller), (POLICYQA, smaller))
    }
    from sentence_transformers import SentenceTransformer  # takes seconds: not for data that cannot be used

    builder, asker = TransformerEmbedder(bfloat16=True), TransformerEmbedder()
    model = SentenceTransformer(location(asker.name), device="cpu")
    bare = partial(model.encode, show_progress_bar=False)
    with own_corpora(asker, place) as corpora:
        own = [a for corpus in corpora for a in stated_rows(corpus)]
    say(f"Our corpora: {len(own)} questions to fit on.")
    rows: dict[tuple[str, str], list[Asked]] = {}
    for name, groups in sets.items():
        for group in groups:
            with indexed(group, builder, place / name / group.name) as index:
                rows[name, group.name] = public_rows(group, name, index, asker)
        say(f"{name}: {sum(len(g.questions) for g in groups)} questions read.")
    fitting = [a for (name, _), found in rows.items() if name != POLICYQA.name for a in found]
    fold = folds([a.article for a in fitting], count)
    models = fold_models(fitting, own, fold, count)
    say(f"{count} folds of {len(fold)} articles fitted.")

    def fold_of(article: str) -> Fold:
        return models[fold.get(article, count)]

    results: dict[str, tuple[Came, str]] = {}
    given: dict[str, Best] = {}
    for name, groups in sets.items():
        came = Came()
        for group in groups:
            with indexed(group, builder, place / name / group.name) as index:
                ask(group, index, rows[name, group.name], fold_of, asker, bare, came)
                if name == SQUAD2.name:
                    given = given_paragraph(group, index, fold_of, asker)
        paragraphs = sum(len(group.sources) for group in groups)
        results[name] = (
            came,
            f"{paragraphs} paragraphs" + (f" of {len(groups)} sites, one at a time" if len(groups) > 1 else ""),
        )
        say(f"{name}: asked.")
    return report(results, given, count)


def main(arguments: Sequence[str] | None = None) -> int:
    given = parse(arguments)

    def work(place: Path) -> None:
        text = run(given.data, place, given.questions, given.folds)
        say(f"\n{text}")
        if given.markdown:
            given.markdown.parent.mkdir(parents=True, exist_ok=True)
            given.markdown.write_text(text, "utf-8")

    return execute("deciding", given.keep, work)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    of_deciding = parser("deciding", "How well it decides, on public data.", "squad2, qed and policyqa.jsonl")
    of_deciding.add_argument(
        "--questions", type=int, default=500, help="of squad2; of the others two fifths each; default: %(default)s"
    )
    of_deciding.add_argument(
        "--folds", type=int, default=FOLDS, help="parts the articles are put into; default: %(default)s"
    )
    of_deciding.add_argument("--markdown", type=Path, help="a file for the report")
    return of_deciding.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
