"""What the words of a corpus are like: which are names, which stand side by side, how rare each is, in which language.

Built once for a generation from its sentences, so that a question can be read the way the corpus writes. Background
word frequencies come from `wordfreq`; they carry a small corpus, in which every word looks rare.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Self

import numpy as np
import wordfreq
from numpy.typing import NDArray

from index.source import Sentence
from index.terms import FUNCTION_WORDS, Term, terms

# Languages that the background frequencies tell apart well enough on a short question.
LANGUAGES = (
    "en", "fr", "de", "es", "it", "pt", "nl", "pl", "ru", "uk", "tr", "id", "vi", "sv", "da", "fi", "cs", "hu", "ro",
    "el", "ar", "fa", "hi", "bn", "he",
)  # fmt: skip
# Scripts that name their language without counting words.
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u3400-\u9fff]")),
)
_CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december jan feb mar apr jun jul aug sept sep oct nov dec".split()
)
_OPENING = frozenset('.!?:“"‘(•')  # after these a word has a capital whether it is a name or not
_SAMPLE = 2000  # words from which the language of a corpus is told


class Pairs:
    """Words that follow each other: `"k visa" in pairs`. A million words of text have some 300,000, kept as numbers."""

    def __init__(self, words: Sequence[str], codes: NDArray[np.int64]) -> None:
        self.words = words
        """Every word of the corpus, in the order of first appearance; its place is its number."""
        self.codes = codes
        """The pairs, sorted, each as the number of its first word << 32 | that of its second."""
        self._numbers = {word: number for number, word in enumerate(words)}

    def __contains__(self, pair: str) -> bool:
        left, _, right = pair.partition(" ")
        if left not in self._numbers or right not in self._numbers:
            return False
        code = _code(self._numbers[left], self._numbers[right])
        at = int(np.searchsorted(self.codes, code))
        return at < len(self.codes) and int(self.codes[at]) == code

    def __len__(self) -> int:
        return len(self.codes)


def _code(left: int, right: int) -> int:
    return left << 32 | right


@dataclass(frozen=True)
class Lexicon:
    """Facts about a corpus's words. Keys are normal forms (`Term.norm`), but for `frequency`, which counts stems.

    `names` are words mostly written as names inside sentences, with a capital or as a code; `always` those that never
    are written otherwise. `words` are all words, and `pairs` those that follow each other, function words included;
    `frequency` counts the sentences that hold a stem. Titles and headings count in none of them.
    """

    sentences: int
    names: frozenset[str]
    always: frozenset[str]
    words: frozenset[str]
    pairs: Pairs = field(repr=False)
    frequency: dict[str, int] = field(repr=False)
    languages: tuple[str, ...] = ("en",)

    def weight(self, term: Term) -> float:
        """How much a word tells, 0..1: rare in the language, and rare in this corpus."""
        background = min(1.0, max(0.0, (7.5 - zipf(term.norm)) / 5))
        seen = self.frequency.get(term.stem, 0)
        corpus = math.log((self.sentences + 1) / (seen + 0.5)) / math.log(2 * self.sentences + 2)
        return 0.15 + 0.5 * background + 0.35 * max(0.0, corpus)

    def save(self, folder: Path) -> None:
        """Write the lexicon into a folder of its own."""
        folder.mkdir()
        facts = {
            "sentences": self.sentences,
            "languages": self.languages,
            "words": self.pairs.words,
            "names": sorted(self.names),
            "always": sorted(self.always),
            "frequency": self.frequency,
        }
        (folder / "words.json").write_text(json.dumps(facts, ensure_ascii=False), "utf-8")
        np.save(folder / "pairs.npy", self.pairs.codes)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The lexicon that `save` wrote. Raises OSError, ValueError or KeyError where it cannot be read."""
        facts = json.loads((folder / "words.json").read_text("utf-8"))
        return cls(
            sentences=facts["sentences"],
            names=frozenset(facts["names"]),
            always=frozenset(facts["always"]),
            words=frozenset(facts["words"]),
            pairs=Pairs(facts["words"], np.load(folder / "pairs.npy")),
            frequency=facts["frequency"],
            languages=tuple(facts["languages"]),
        )


class LexiconBuilder:
    """Takes the sentences of a corpus one by one, each as its terms, and makes their `Lexicon`."""

    def __init__(self) -> None:
        self._sentences = 0
        self._numbers: dict[str, int] = {}
        self._pairs: set[int] = set()
        self._capital: Counter[str] = Counter()
        self._plain: Counter[str] = Counter()
        self._frequency: Counter[str] = Counter()
        self._sample: list[str] = []

    def add(self, text: str, found: Sequence[Term]) -> None:
        """Take the terms of the next sentence. Their spans lie in `text`, which may hold more than the sentence."""
        self._sentences += 1
        self._frequency.update({term.stem for term in found})
        numbers = [self._numbers.setdefault(term.norm, len(self._numbers)) for term in found]
        self._pairs.update(_code(left, right) for left, right in pairwise(numbers))
        if len(self._sample) < _SAMPLE:
            self._sample.extend(term.norm for term in found)
        for term in _inside(text, found):
            (self._capital if is_capital(term) else self._plain)[term.norm] += 1

    def done(self, declared: Iterable[str] = ()) -> Lexicon:
        """The lexicon of the sentences taken. `declared` are the languages that their sources say they are in."""
        names = frozenset(
            norm
            for norm, count in self._capital.items()
            if count >= self._plain[norm] and norm not in _CALENDAR and not norm.isdigit()
        )
        return Lexicon(
            sentences=self._sentences,
            names=names,
            always=frozenset(norm for norm in names if not self._plain[norm]),
            words=frozenset(self._numbers),
            pairs=Pairs(tuple(self._numbers), np.array(sorted(self._pairs), np.int64)),
            frequency=dict(self._frequency),
            languages=tuple(sorted({*(code.lower()[:2] for code in declared if code), language(self._sample)})),
        )


def build(sentences: Iterable[Sentence], declared: Iterable[str] = ()) -> Lexicon:
    """The lexicon of sentences that are not tokenized yet."""
    builder = LexiconBuilder()
    for sentence in sentences:
        builder.add(sentence.text, terms(sentence.text))
    return builder.done(declared)


def is_capital(term: Term) -> bool:
    """Whether a word is written as a name: with a capital, or as a code of letters and digits."""
    surface = term.surface
    if surface[0].isupper() and not term.function and term.norm not in FUNCTION_WORDS:
        return True
    if term.numeric:
        return surface[-1].isupper() and not term.norm.replace(".", "").replace(":", "").isdigit()
    return len(surface) > 1 and surface.isupper() and surface.isalpha()


def _inside(text: str, found: Sequence[Term]) -> list[Term]:
    """The words that stand inside a sentence, where a capital means a name. In a Title Cased line none does."""
    content = [term for term in found if not term.function]
    if len(content) > 2 and sum(term.surface[0].isupper() for term in content) > 0.7 * len(content):
        return []
    return [term for term in found[1:] if not _opens(text, term.start)]


def _opens(text: str, start: int) -> bool:
    """Whether a mark after which a capital is usual stands before a word, or one space before it."""
    before = text[start - 2] if text[start - 1].isspace() else text[start - 1]
    return before in _OPENING


@lru_cache(maxsize=100_000)
def zipf(norm: str, code: str = "en") -> float:
    """How common a word is in a language, on the Zipf scale (0 unknown, 3 uncommon, 7 "the"). Source: wordfreq."""
    frequency = wordfreq.get_frequency_dict(code, "best" if code == "en" else "small").get(norm, 0.0)
    return math.log10(frequency) + 9 if frequency else 0.0


def language(norms: Sequence[str]) -> str:
    """The language in which words are most common on average; English where none stands out by half a step.

    A word or two that English has as well ("fare?") are English, and so is an English sentence around a name in
    another script.
    """
    words = [norm for norm in norms if norm.isalpha()]
    if not words:
        return "en"
    script = _script(words)
    if script:
        return script

    def commonness(code: str) -> float:
        return sum(min(6.0, zipf(word, code)) for word in words) / len(words)

    english = commonness("en")
    if english > 4.8 or (len(words) < 3 and all(zipf(word) > 3 for word in words)):
        return "en"
    scores = {code: commonness(code) for code in LANGUAGES}
    best = max(scores, key=lambda code: scores[code])
    return best if scores[best] > english + 0.5 else "en"


def _script(words: Sequence[str]) -> str:
    """The language that a script written without spaces names, "" where such signs are but names in other words.

    Two signs count as a word.
    """
    signs = [word for word in words if any(script.match(word) for _, script in _SCRIPTS)]
    others = set(words).difference(signs)
    if not signs or (len(signs) / 2 <= len(others) and not FUNCTION_WORDS.isdisjoint(others)):
        return ""
    return next(code for code, script in _SCRIPTS if sum(bool(script.match(sign)) for sign in signs) > len(signs) / 10)
