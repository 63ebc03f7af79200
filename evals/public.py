"""Public questions on paragraphs: files of them read, a sample taken, and their paragraphs indexed.

A file is `NAME.jsonl`, a question a line: id, title, question, context, answers and, in some, spans. A sample is the same
for the same seed. Not covered: what is read for a question (`rows.py`).
"""

import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from index.build import build
from index.embed import Embedder
from index.errors import InputError
from index.generation import Index
from index.history import publish
from index.source import Block, Source
from index.sync import digest

Spans = tuple[tuple[int, int], ...]

SEED = 0


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
POLICYQA = DataSet("policyqa", "PolicyQA, privacy policies of 20 sites", "MIT", 400, apart=True)


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
    return [cut(every[i], tuple(taken[i]), 2 * data.questions, dice) for i in sorted(taken)]


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


def cut(every: Documents, questions: tuple[Question, ...], most: int, dice: random.Random) -> Documents:
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
