"""What the words of a corpus are like: which are names, which stand side by side, how rare each is, in which language.

Built once for a generation from its sentences, so that a question can be read the way the corpus writes. Background
word frequencies come from `wordfreq`; they carry a small corpus, in which every word looks rare.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import wordfreq

from index.source import Sentence
from index.terms import FUNCTION_WORDS, Term, terms

# Languages that the background frequencies tell apart well enough on a short question.
LANGUAGES = (
    "en", "fr", "de", "es", "it", "pt", "nl", "pl", "ru", "uk", "tr", "id", "vi", "sv", "da", "fi", "cs", "hu", "ro",
    "el", "ar", "fa", "hi", "bn", "he",
)  # fmt: skip
# Scripts that name their language without counting words.
_SCRIPTS = (("ja", re.compile("[\u3040-\u30ff]")), ("ko", re.compile("[\uac00-\ud7af]")), ("zh", re.compile("[\u3400-\u9fff]")))
_CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december jan feb mar apr jun jul aug sept sep oct nov dec".split()
)


@dataclass(frozen=True)
class Lexicon:
    """Facts about a corpus's words. Keys are normal forms (`Term.norm`), but for `frequency`, which counts stems.

    `names` are words written with a capital, or with a digit, inside sentences; `pairs` are words that follow each
    other, joined by a space; `frequency` counts the sentences that hold a stem.
    """

    sentences: int
    names: frozenset[str]
    words: frozenset[str]
    pairs: frozenset[str]
    frequency: dict[str, int] = field(repr=False)
    languages: tuple[str, ...] = ("en",)

    def weight(self, term: Term) -> float:
        """How much a word tells, 0..1: rare in the language, and rare in this corpus."""
        background = min(1.0, max(0.0, (7.5 - zipf(term.norm)) / 5))
        seen = self.frequency.get(term.stem, 0)
        corpus = math.log((self.sentences + 1) / (seen + 0.5)) / math.log(2 * self.sentences + 2)
        return 0.15 + 0.5 * background + 0.35 * max(0.0, corpus)

    def to_json(self) -> dict[str, Any]:
        return {
            "sentences": self.sentences,
            "names": sorted(self.names),
            "words": sorted(self.words),
            "pairs": sorted(self.pairs),
            "frequency": self.frequency,
            "languages": list(self.languages),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Lexicon":
        return cls(
            data["sentences"], frozenset(data["names"]), frozenset(data["words"]), frozenset(data["pairs"]),
            data["frequency"], tuple(data["languages"]),
        )  # fmt: skip


def build(sentences: Sequence[Sentence], declared: Iterable[str] = ()) -> Lexicon:
    """The lexicon of a corpus. `declared` are the languages that its sources say they are in."""
    capital: Counter[str] = Counter()
    plain: Counter[str] = Counter()
    frequency: Counter[str] = Counter()
    words: set[str] = set()
    pairs: set[str] = set()
    sample: list[str] = []
    for sentence in sentences:
        found = terms(sentence.text)
        frequency.update({term.stem for term in found})
        words.update(term.norm for term in found)
        pairs.update(f"{a.norm} {b.norm}" for a, b in zip(found, found[1:], strict=False))
        if len(sample) < 2000:
            sample.extend(term.norm for term in found)
        for term, inside in zip(found, _inside(sentence.text, found), strict=True):
            if inside:
                (capital if is_capital(term) else plain)[term.norm] += 1
    names = frozenset(
        norm for norm, count in capital.items() if count >= plain[norm] and norm not in _CALENDAR and not norm.isdigit()
    )
    languages = tuple(sorted({*(code.lower()[:2] for code in declared if code), language(sample)}))
    return Lexicon(len(sentences), names, frozenset(words), frozenset(pairs), dict(frequency), languages)


def is_capital(term: Term) -> bool:
    """Whether a word is written as a name: with a capital, or as a code of letters and digits."""
    code = term.numeric and not term.norm.replace(".", "").replace(":", "").isdigit()
    return (term.surface[0].isupper() and not term.function and term.norm not in FUNCTION_WORDS) or (
        code and term.surface[-1].isalpha() and term.surface[-1].isupper()
    ) or (term.surface.isupper() and len(term.surface) > 1 and term.surface.isalpha())  # fmt: skip


def _inside(text: str, found: Sequence[Term]) -> list[bool]:
    """Whether each word stands inside a sentence, where a capital means a name. In a Title Cased line none does."""
    content = [term for term in found if not term.function]
    titled = len(content) > 2 and sum(term.surface[0].isupper() for term in content) > 0.7 * len(content)
    flags = []
    for i, term in enumerate(found):
        before = text[: term.start].rstrip()
        opens = i == 0 or (before[-1:] in ".!?:“\"‘(•" and term.start - len(before) <= 1)
        flags.append(not titled and not opens)
    return flags


@lru_cache(maxsize=100_000)
def zipf(norm: str, code: str = "en") -> float:
    """How common a word is in a language, on the Zipf scale (0 unknown, 3 uncommon, 7 "the"). Source: wordfreq."""
    frequency = wordfreq.get_frequency_dict(code, "best" if code == "en" else "small").get(norm, 0.0)
    return math.log10(frequency) + 9 if frequency else 0.0


def language(norms: Sequence[str]) -> str:
    """The language in which words are most common on average; English where none stands out by half a step."""
    words = [norm for norm in norms if norm.isalpha()]
    if not words:
        return "en"
    for code, script in _SCRIPTS:
        if sum(bool(script.search(word)) for word in words) > len(words) / 3:
            return code

    def commonness(code: str) -> float:
        return sum(min(6.0, zipf(word, code)) for word in words) / len(words)

    english = commonness("en")
    if english > 4.8:
        return "en"
    scores = {code: commonness(code) for code in LANGUAGES}
    best = max(scores, key=lambda code: scores[code])
    return best if scores[best] > english + 0.5 else "en"
