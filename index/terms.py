"""Text -> terms: the words as search and deciding compare them.

One tokenizer serves the keyword index, the word vectors, the open points and the question, so that a word is the same
word everywhere: "U.K." is "uk", "K-visa" is "k" + "visa", "100,000" is "100000", "applying" shares a stem with
"applies". It knows English function words and nothing about any corpus. Names written as one word in one place and two
in another ("kvisa") are joined at question time, in `assistant/question.py`, where the vocabulary is at hand.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

_TOKEN = re.compile(
    r"""
    (?:[^\W\d_]\.){2,}                      # U.S., e.g.
    | \d+(?:[.,:]\d+)*(?:st|nd|rd|th)?(?![^\W\d_])   # 100,000  7.5  2025  1st
    | [\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]      # scripts written without spaces: a character a token
    | [^\W_]+
    """,
    re.VERBOSE,
)

# Words that carry grammar rather than content. A question is compared by its other words.
FUNCTION_WORDS = frozenset(
    """
    a about above after again against all also am among an and any are aren as at be because been before being below
    between both but by can cannot could couldn did didn do does doesn doing don done down during each either else ever
    every few for from further get gets getting give given gives go goes going gone got had hadn has hasn have haven
    having he her here hers herself him himself his how however i if in into is isn it its itself just let ll made make
    makes many may me might mine more most much must mustn my myself need neither no nor not now of off on once one
    only onto or other others otherwise our ours ourselves out over own per please put rather re same shall shan she
    should shouldn so some still such than that the their theirs them themselves then there these they this those though
    through thus to too toward towards under until unto up upon us ve very via was wasn we were weren what whatever when
    whenever where wherever whether which whichever while who whoever whom whose why will with within without won would
    wouldn yes yet you your yours yourself yourselves
    """.split()
)

_stemmer = snowballstemmer.stemmer("english")


@dataclass(frozen=True)
class Term:
    """A word of a text: its surface, its normal form, its stem, and its span in the text.

    `function` is true for a word that carries grammar only. A capitalised acronym that spells one ("US", "WHO") is not.
    """

    surface: str
    norm: str
    stem: str
    start: int
    end: int
    function: bool

    @property
    def numeric(self) -> bool:
        """Whether the term is a number or a code with digits in it."""
        return any(ch.isdigit() for ch in self.norm)


@lru_cache(maxsize=200_000)
def stem(norm: str) -> str:
    """The stem of a normal form. Numbers and codes are their own stem; one-letter names are too."""
    if len(norm) < 3 or not norm.isalpha() or not norm.isascii():
        return norm
    return str(_stemmer.stemWord(norm))


def terms(text: str) -> list[Term]:
    """The terms of a text, in order, function words included."""
    found = []
    for match in _TOKEN.finditer(text):
        surface = match.group()
        norm = surface.lower().replace(".", "") if surface[-1] == "." else surface.lower()
        if norm[0].isdigit():
            norm = norm.removesuffix("st").removesuffix("nd").removesuffix("rd").removesuffix("th").replace(",", "")
        acronym = len(surface) > 1 and (surface.isupper() or surface[-1] == ".")
        clitic = len(surface) <= 2 and text[match.start() - 1 : match.start()] in ("'", "’")
        function = clitic or (norm in FUNCTION_WORDS and not acronym)
        found.append(Term(surface, norm, stem(norm), match.start(), match.end(), function))
    return found


def content(found: Iterable[Term]) -> list[Term]:
    """The terms that carry content."""
    return [term for term in found if not term.function]
