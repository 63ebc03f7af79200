"""Text -> terms: the words as search and deciding compare them.

One tokenizer serves the keyword index, the word vectors, the open points and the question, so that a word is the same
word everywhere: "U.K." is "uk", "K-visa" is "k" + "visa", "100,000" is "100000", "applying" shares a stem with
"applies". It knows English function words and nothing about any corpus. Names written as one word in one place and two
in another ("kvisa") are joined at question time, in `assistant/names.py`, where the vocabulary is at hand.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from threading import Lock
from typing import NamedTuple

import snowballstemmer

_UNSPACED = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"  # scripts written without spaces: a character a token
_TOKEN = re.compile(
    rf"""
    (?:[^\W\d_]\.){{2,}}                      # U.S., e.g.
    | \d+(?:[.,:]\d+)*(?:st|nd|rd|th)?(?![^\W\d_{_UNSPACED}])   # 100,000  7.5  2025  1st
    | [{_UNSPACED}]
    | [^\W_{_UNSPACED}]+
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
_stemming = Lock()  # the stemmer holds the word it is at


class Term(NamedTuple):
    """A word of a text: its surface, its normal form, its stem, and its span in the text.

    `function` is true for a word that carries grammar only. A capitalised acronym that spells one ("US", "WHO") is not.
    `numeric` is true for a number or a code with digits in it.
    """

    surface: str
    norm: str
    stem: str
    start: int
    end: int
    function: bool
    numeric: bool


# British spellings to American ones, so that "authorisation" and "authorization" share a stem. A word that only looks
# British ("exercise") is changed everywhere alike, which does no harm.
_SPELLINGS = (
    (re.compile(r"(?<=\w{3})is(?=(?:e|ed|es|er|ers|ing|ation|ations)$)"), "iz"),
    (re.compile(r"(?<=\w{3})our(?=(?:s|ed|ing|er|ers|able|al|ite|ites)?$)"), "or"),
    (re.compile(r"(?<=\w{3})tre(?=s?$)"), "ter"),
    (re.compile(r"(?<=gr)amme(?=s?$)"), "am"),
    (re.compile(r"(?<=licen)c(?=es?$)|(?<=defen)c(?=es?$)"), "s"),
)


@lru_cache(maxsize=200_000)
def stem(norm: str) -> str:
    """The stem of a normal form. Numbers and codes are their own stem; one-letter names are too."""
    if len(norm) < 3 or not norm.isalpha() or not norm.isascii():
        return norm
    for british, american in _SPELLINGS:
        norm = british.sub(american, norm)
    with _stemming:
        return str(_stemmer.stemWord(norm))


@lru_cache(maxsize=200_000)
def _word(surface: str) -> tuple[str, str, bool, bool]:
    """The norm, the stem, `function` and `numeric` of a word by itself."""
    norm = surface.lower().replace(".", "") if surface[-1] == "." else surface.lower()
    if norm[0].isdigit():
        norm = norm.removesuffix("st").removesuffix("nd").removesuffix("rd").removesuffix("th").replace(",", "")
    acronym = len(surface) > 1 and (surface.isupper() or surface[-1] == ".")
    function = norm in FUNCTION_WORDS and not acronym
    return norm, stem(norm), function, any(ch.isdigit() for ch in norm)


def terms(text: str) -> list[Term]:
    """The terms of a text, in order, function words included."""
    shouted = text.isupper() and " " in text.strip()
    found = []
    for match in _TOKEN.finditer(text):
        surface = match.group()
        start, end = match.span()
        norm, root, function, numeric = _word(surface)
        if shouted and norm in FUNCTION_WORDS:  # "WHAT IS THE FEE" holds no acronym
            function = True
        if len(surface) <= 2 and text[start - 1 : start] in ("'", "’"):  # the "s" and "t" of "it's" and "isn't"
            function = True
        found.append(Term(surface, norm, root, start, end, function, numeric))
    return found


def content(found: Iterable[Term]) -> list[Term]:
    """The terms that carry content."""
    return [term for term in found if not term.function]
