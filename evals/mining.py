"""Lessons as search would lay them out: the sentences of a page that are nearest to the question, and those of another page.

What stands on another page answers nothing, however near it is: such hard negatives (as in Karpukhin et al. 2020) are what
the reader meets when it is used. Near is what the packaged MiniLM takes for near. Not covered: the lessons (`lessons.py`).
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from evals.lessons import Lesson, Page, holds
from index.embed import Floats

# Texts -> their unit vectors (n, d).
Encode = Callable[[list[str]], Floats]

# How many of the pages of a set that are nearest to a question one is drawn from, and the most sentences taken of it.
PAGES, SENTENCES = 6, 6
# How often a sentence before a taken one is taken too; how often a marked one is, where it is not among the nearest.
LED, MARKED = 0.5, 0.9


class Neighbours:
    """The pages of some lessons, by set, with the vectors of their sentences; and those of the questions."""

    def __init__(self, lessons: Sequence[Lesson], encode: Encode) -> None:
        pages: dict[str, dict[Page, None]] = {}
        for lesson in lessons:
            pages.setdefault(lesson.set, {})[lesson.pages[0].unmarked] = None
        questions = list(dict.fromkeys(lesson.question for lesson in lessons))
        self._pages = {name: list(found) for name, found in pages.items()}
        self._vectors: dict[Page, Floats] = {}
        self._matrix: dict[str, Floats] = {}
        self._owner: dict[str, NDArray[np.int64]] = {}
        for name, found in self._pages.items():
            sizes = [len(page.sentences) for page in found]
            vectors = encode([said.text for page in found for said in page.sentences])
            self._matrix[name] = vectors
            self._owner[name] = np.repeat(np.arange(len(found)), sizes)
            self._vectors |= dict(zip(found, np.split(vectors, np.cumsum(sizes)[:-1]), strict=True))
        self._asked = dict(zip(questions, encode(questions), strict=True))

    def here(self, lesson: Lesson, dice: random.Random) -> Lesson:
        """The lesson with the sentences of its page that are nearest to the question, and most of those that are marked."""
        page = lesson.pages[0]
        cosines = self._vectors[page.unmarked] @ self._asked[lesson.question]
        marked = [i for i, said in enumerate(page.sentences) if (said.answers or said.open) and dice.random() < MARKED]
        return replace(lesson, pages=(_taken(page, cosines, marked, dice),))

    def elsewhere(self, lesson: Lesson, dice: random.Random) -> Lesson | None:
        """The question put to the sentences nearest to it on another page of its set, which do not answer it. None where
        that page is nearer than its own, as it may be for a question that fits many, or holds the words of the answer.
        """
        pages, owner = self._pages[lesson.set], self._owner[lesson.set]
        cosines = self._matrix[lesson.set] @ self._asked[lesson.question]
        nearest = list(dict.fromkeys(owner[np.argsort(-cosines)[: 8 * PAGES]].tolist()))[: PAGES + 1]
        others = [pages[i] for i in nearest if pages[i] != lesson.pages[0].unmarked]
        if not others or holds([page := dice.choice(others)], lesson.answers):
            return None
        near = self._vectors[page] @ self._asked[lesson.question]
        own = self._vectors[lesson.pages[0].unmarked] @ self._asked[lesson.question]
        if near.max() > own.max():
            return None
        return replace(lesson, pages=(_taken(page, near, (), dice),), answers=())


def _taken(page: Page, cosines: Floats, marked: Sequence[int], dice: random.Random) -> Page:
    """The nearest sentences of a page, those marked, and some of those before them; now and then without its title."""
    kept = {int(i) for i in np.argsort(-cosines)[: dice.randint(1, SENTENCES)]} | set(marked)
    kept |= {i - 1 for i in kept if i and dice.random() < LED}
    return Page(page.title if dice.random() < 0.85 else "", tuple(page.sentences[i] for i in sorted(kept)))
