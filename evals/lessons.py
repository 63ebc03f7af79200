"""Lessons for the joint reader: a question, the sentences of some pages, and which of them answer it or call it open.

Our own stand in `training/`: made-up documents of many fields, each with questions that a sentence answers, that a
sentence calls open, and near misses. The public sets add questions on paragraphs, and are varied: a name put in the
place of another, the question put to another paragraph. `python -m evals.lessons FOLDER` writes those of ours that are
held out as corpora. Not covered: what is learnt from the others (`fit_joint.py`).
"""

import argparse
import json
import random
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from evals.command import execute
from evals.public import SEED, SQUAD2, DataSet, Documents, Question, cut, documents
from index.errors import InputError
from index.source import Source
from index.split import sentences

TRAINING = Path(__file__).with_name("training")
# More questions than any set has.
EVERY = 1_000_000
# The longest paragraph of a public set that is taught, in characters: a longer one would be cut.
LONGEST = 900


@dataclass(frozen=True)
class Said:
    """A sentence, and what it is to the question. `spans` are where in it the words of the answer stand, if known."""

    text: str
    answers: bool = False
    open: bool = False
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Page:
    """Sentences under a title."""

    title: str
    sentences: tuple[Said, ...]

    @property
    def unmarked(self) -> "Page":
        """The same page for another question, which nothing in it answers."""
        return replace(self, sentences=tuple(Said(said.text) for said in self.sentences))


@dataclass(frozen=True)
class Lesson:
    """A question and pages. `article` is what must not stand on both sides of a split. `spanned`: whether the words of the
    answer are known; `answers` are these words."""

    set: str
    article: str
    question: str
    pages: tuple[Page, ...]
    spanned: bool = False
    answers: tuple[str, ...] = ()

    @property
    def every(self) -> list[Said]:
        """The sentences of all pages, in order."""
        return [said for page in self.pages for said in page.sentences]

    @property
    def answerable(self) -> bool:
        return any(said.answers for said in self.every)


def written(folder: Path = TRAINING) -> list[Lesson]:
    """Our own lessons. Raises `InputError` for a line that is none, with its file and number."""
    found: list[Lesson] = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            try:
                found += _written(path.stem, json.loads(line))
            except (ValueError, KeyError, TypeError, IndexError) as error:
                raise InputError(
                    f"{path}, line {number}, is no document with questions ({type(error).__name__}: {error}). "
                    "See evals/training/README.md for what a line holds."
                ) from error
    if not found:
        raise InputError(f"{folder} holds no lessons: no .jsonl file with documents and questions.")
    return found


def _written(field: str, document: dict[str, object]) -> Iterator[Lesson]:
    title, texts, questions = str(document["title"]), document["sentences"], document["questions"]
    if not isinstance(texts, list) or not isinstance(questions, list):
        raise TypeError("sentences and questions are lists")
    for asked in questions:
        right, unknown = set(asked["a"]), set(asked["open"])
        if not right | unknown <= set(range(len(texts))):
            raise IndexError(f"{asked['q']!r} marks a sentence that is not there")
        said = tuple(Said(str(text), i in right, i in unknown) for i, text in enumerate(texts))
        yield Lesson(field, f"{field}: {title}", str(asked["q"]), (Page(title, said),))


def public(directory: Path, data: DataSet) -> list[Lesson]:
    """All questions of a public set, each on one of its paragraphs. Raises `InputError` where it cannot be read."""
    lessons = []
    for group in documents(directory, replace(data, questions=EVERY)):
        pages = {source.id: source for source in group.sources if len(source.text) <= LONGEST}
        cut = {key: _cut(source) for key, source in pages.items()}
        for question in group.questions:
            key = next((key for key in question.paragraphs if question.spans.get(key)), question.paragraphs[0])
            if key in pages:
                lessons.append(_lesson(data.name, pages[key], cut[key], question))
    return lessons


def _cut(source: Source) -> list[tuple[int, int]]:
    return [(s.start, s.end) for s in sentences(source)]


def _lesson(name: str, source: Source, cut: Sequence[tuple[int, int]], question: Question) -> Lesson:
    said = []
    for start, end in cut:
        inside = [(max(a, start) - start, min(b, end) - start) for a, b in question.spans.get(source.id, ())]
        spans = tuple((a, b) for a, b in inside if a < b)
        said.append(Said(source.text[start:end], bool(spans), False, spans))
    page = Page(source.title, tuple(said))
    return Lesson(name, question.article, question.text, (page,), True, question.answers)


# --- variations -----------------------------------------------------------------------------------------------------

_NAME = re.compile(
    r"(?<![.?!] )(?<!^)\b(?:[A-Z][\w'-]+(?: (?:of|the|de) )?(?: ?[A-Z][\w'-]+)*|\d{4}|\d[\d,.]*\d|\d+)\b"
)


def names(text: str) -> list[str]:
    """The runs of capitalised words and the numbers in a text, the first word of a sentence left out."""
    return [match.group() for match in _NAME.finditer(text) if len(match.group()) > 1]


def swapped(lesson: Lesson, known: Sequence[str], dice: random.Random) -> Lesson | None:
    """The same question with one of its names or numbers changed for another, so that nothing answers it.

    The other is of the same page more often than not, else of `known`. None where there is none of the kind.
    """
    matches = [match for match in _NAME.finditer(lesson.question) if len(match.group()) > 1]
    if not matches:
        return None
    match = dice.choice(matches)
    old = match.group()
    text = " ".join(said.text for said in lesson.every)

    def fits(name: str) -> bool:
        number = old[0].isdigit()
        alike = name[0].isdigit() == number and (not number or (len(name) == 4) == (len(old) == 4))
        told = any(name in answer or answer in name for answer in lesson.answers)
        return alike and name != old and name not in lesson.question and old not in name and not told

    near = [name for name in names(text) if fits(name)] if dice.random() < 0.6 else []
    far = [name for name in dice.sample(known, min(60, len(known))) if fits(name) and name not in text]
    if not near and not far:
        return None
    new = dice.choice(near or far)
    question = lesson.question[: match.start()] + new + lesson.question[match.end() :]
    return replace(lesson, question=question, pages=tuple(page.unmarked for page in lesson.pages), answers=())


def untitled(lesson: Lesson) -> Lesson:
    """The lesson without the titles of its pages."""
    return replace(lesson, pages=tuple(replace(page, title="") for page in lesson.pages))


def holds(pages: Sequence[Page], answers: Sequence[str]) -> bool:
    """Whether pages hold the words of an answer."""
    text = " ".join(said.text for page in pages for said in page.sentences).lower()
    return any(answer.lower() in text for answer in answers)


def own_split() -> tuple[list[Lesson], list[Lesson]]:
    """Our own lessons: those that are learnt from, and those of every twelfth document of each set, which are held out."""
    every = written()
    articles: dict[str, dict[str, None]] = {}
    for lesson in every:
        articles.setdefault(lesson.set, {})[lesson.article] = None
    away = {article for of_set in articles.values() for article in list(of_set)[3::12]}
    return [x for x in every if x.article not in away], [x for x in every if x.article in away]


def export(lessons: Sequence[Lesson], folder: Path) -> list[Path]:
    """Lessons of one page each as corpora, a folder for each set with `sources/` and `cases.yaml`, as `onrecord eval` takes
    them. An answer is right that quotes a marked sentence. Raises `InputError` where a folder is there already.
    """
    sets: dict[str, dict[str, list[Lesson]]] = {}
    for lesson in lessons:
        sets.setdefault(lesson.set, {}).setdefault(lesson.article, []).append(lesson)
    for name, articles in sets.items():
        if (folder / name).exists():
            raise InputError(f"{folder / name} is there already. Remove it, or name another folder.")
        (folder / name / "sources").mkdir(parents=True)
        cases = []
        for number, asked in enumerate(articles.values()):
            key = f"d{number:03}"
            page = asked[0].pages[0]
            head = yaml.safe_dump({"title": page.title}, allow_unicode=True, width=1_000)
            (folder / name / "sources" / f"{key}.md").write_text(f"---\n{head}---\n\n{_running(page)}\n", "utf-8")
            cases += [{"id": f"{key}-{i:02}", **_case(lesson, key)} for i, lesson in enumerate(asked)]
        (folder / name / "cases.yaml").write_text(yaml.safe_dump(cases, allow_unicode=True), "utf-8")
    return [folder / name for name in sets]


def _running(page: Page) -> str:
    """A page as text: what ends like a sentence runs on, anything else stands by itself."""
    parts = [
        f"{s.text} " if s.text.rstrip("\"”’')").endswith((".", "!", "?")) else f"\n\n{s.text}\n\n"
        for s in page.sentences
    ]
    return "".join(parts).strip()


def _case(lesson: Lesson, source: str) -> dict[str, object]:
    right = [said.text for said in lesson.every if said.answers]
    unknown = [said.text for said in lesson.every if said.open]
    marked = right or unknown
    if not marked:
        return {"question": lesson.question, "expect": {"outcome": "not_in_sources"}}
    quoted = "|".join(re.escape(text) for text in marked)
    outcome = "answered" if right else "unreleased"
    return {
        "question": lesson.question,
        "expect": {"outcome": outcome, "must_cite": [source], "quote_contains": [f"/{quoted}/"]},
    }


def held_out(articles: Iterable[str]) -> frozenset[str]:
    """Every fifth of some articles, in an order that the seed gives: nothing is learnt from these."""
    order = sorted(set(articles))
    random.Random(SEED).shuffle(order)
    return frozenset(order[::5])


def unlearnt(groups: Sequence[Documents], count: int) -> list[Documents]:
    """At most `count` questions of a public set that nothing is learnt from: of articles held out or, in the sets of which
    none is, on paragraphs too long to be taught. Their paragraphs, filled up to twice as many with others.
    """
    lengths = {(group.name, source.id): len(source.text) for group in groups for source in group.sources}
    away = held_out(q.article for group in groups for q in group.questions)
    kept = [
        (group.name, q.id)
        for group in groups
        for q in group.questions
        if (
            q.article in away
            if group.name == SQUAD2.name
            else min(lengths[group.name, p] for p in q.paragraphs) > LONGEST
        )
    ]
    dice = random.Random(SEED)
    taken = set(dice.sample(kept, min(count, len(kept))))
    found = [(group, tuple(q for q in group.questions if (group.name, q.id) in taken)) for group in groups]
    return [cut(group, questions, 2 * count, dice) for group, questions in found if questions]


def main(arguments: Sequence[str] | None = None) -> int:
    made = argparse.ArgumentParser(prog="python -m evals.lessons", description="Our held-out lessons, as corpora.")
    made.add_argument("folder", type=Path, help="where to write them, a folder for each set")

    def work(folder: Path) -> None:
        for corpus in export(own_split()[1], folder):
            print(f"onrecord eval --sources {corpus}/sources {corpus}/cases.yaml")

    return execute("lessons", made.parse_args(arguments).folder, work)


if __name__ == "__main__":
    sys.exit(main())
