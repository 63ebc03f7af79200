"""What a text claims that its evidence does not hold: figures, dates and names.

Written apart from the assistant's own gate on purpose: a fault there is not repeated here. A figure counts with its unit
(20 euros are not 20 dollars), a date as day and month, month and year; a name as a run of capitalised words, which
stand together in the evidence too. A capital at the start of a sentence tells nothing; there, each word counts that is
not among the commonest and that the evidence does not hold in some form.

Not covered: what is claimed in common words alone, and a name that is spelled as one of the commonest words.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from wordfreq import zipf_frequency

from index.terms import FUNCTION_WORDS, stem

# --- dates ---------------------------------------------------------------------------------------------------------

_MONTHS = {name: i for i, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_MONTH = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|"
    r"Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?!\d)"
_YEAR = r"(?P<year>\d{4})"
_DATES = tuple(
    re.compile(rf"\b{written}")
    for written in (
        rf"{_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?",
        rf"{_MONTH}\s+{_DAY}(?:,?\s+{_YEAR})?",
        rf"{_MONTH},?\s+(?P<day>){_YEAR}",
        r"(?P<year>\d{4})-(?P<month>\d{2})(?:-(?P<day>\d{2}))?",
    )
)


def dates(text: str) -> dict[str, str]:
    """The dates of a text as "day.month." and "month.year", and how it writes each: {"3.5.": "3 May 2025", ...}."""
    written: dict[str, str] = {}
    for pattern in _DATES:
        for match in pattern.finditer(text):
            month = _MONTHS.get(match["month"][:3].lower()) or int(match["month"])
            if match["day"]:
                written.setdefault(f"{int(match['day'])}.{month}.", match.group())
            if match["year"]:
                written.setdefault(f"{month}.{match['year']}", match.group())
    return written


def _years(text: str) -> str:
    """A text with only the year left of each date: its day is no figure, its month no name."""
    for written in _DATES:
        text = written.sub(lambda match: match["year"] or "", text)
    return text


# --- figures -------------------------------------------------------------------------------------------------------

_WORDS = {
    word: str(number)
    for number, word in enumerate(
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
        "nineteen twenty".split(),
        2,
    )
} | {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90"}
_SIGNS = {"$": "dollar", "€": "euro", "£": "pound", "¥": "yuan", "₹": "rupee"}
_SCALES = {"bn": "billion", "m": "million", "mn": "million", "k": "thousand", "tn": "trillion"}
_UNIT = r"%|per\s+cent|percent|dollars?|euros?|pounds?|yuan|rupees?|pence|cents?|hours?|days?|weeks?|months?|years?|minutes?"
_FIGURE = re.compile(
    r"(?:(?P<sign>[$€£¥₹])\s?|(?<![^\W\d_])(?<![^\W\d_][-‑]))"  # not the 1 of "H-1B"
    rf"(?P<number>\d+(?:[.,]\d+)*|\b(?:{'|'.join(_WORDS)})\b)"
    r"(?:[\s-]*(?P<scale>hundred|thousand|million|billion|trillion|bn|mn|tn)\b|(?P<letter>[mk])\b)?"
    rf"(?:[\s-]*(?P<unit>(?:{_UNIT})(?!\w)))?",
    re.IGNORECASE,
)


def figures(text: str) -> dict[str, str]:
    """The figures of a text, each with its scale and unit and without, and how it writes each.

    {"100000 dollar": "$100,000", "100000": "$100,000"}. Of a date, the year.
    """
    written: dict[str, str] = {}
    for match in _FIGURE.finditer(_years(text)):
        for form in _forms(match):
            written.setdefault(form, match.group())
    return written


def _forms(match: re.Match[str]) -> tuple[str, ...]:
    number = match["number"].lower().replace(",", "")
    number = _WORDS.get(number) or (number.lstrip("0") or "0")
    scale = (match["scale"] or match["letter"] or "").lower()
    bare = f"{number} {_SCALES.get(scale, scale)}".strip()
    sign = (match["sign"] or "").strip()
    unit = " ".join((match["unit"] or "").lower().split())
    unit = "%" if unit in ("%", "per cent", "percent") else _SIGNS.get(sign) or unit.removesuffix("s")
    return tuple(dict.fromkeys((bare, f"{bare} {unit}".strip())))


# --- names ---------------------------------------------------------------------------------------------------------

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_STARTS = re.compile(r"(?:^|\n|[.!?:;…][”\"’')\]]*\s|[“\"‘«(\[])[\s“\"'‘«(\[*_–—-]*$")
_APART = re.compile(r"[^\s.&‑-]|\n")  # what parts two names
# Zipf frequencies by wordfreq 3.1: "China" 5.1, "London" 5.3, "John" 5.4; "However" 5.6, "While" 5.9.
_COMMONEST = 5.55


def names(text: str) -> Iterator[tuple[tuple[str, ...], bool]]:
    """The names of a text as runs of words in lower case, and whether the run is one word that begins a sentence."""
    run: list[str] = []
    alone, end = False, 0
    for match in _TOKEN.finditer(text):
        word, starts = match.group(), _STARTS.search(text[: match.start()]) is not None
        parted = starts or _APART.search(text, end, match.start()) is not None
        named = any(letter.isupper() for letter in word) and not (_is_common(word) if starts else _is_pronoun(word))
        if run and (parted or not named):
            yield tuple(run), alone and len(run) == 1
            run = []
        if named:
            alone = starts if not run else alone
            run.append(_plain(word))
        end = match.end()
    if run:
        yield tuple(run), alone and len(run) == 1


def _is_common(word: str) -> bool:
    """Whether a word at a sentence's start is one of the commonest; an acronym ("US") never is."""
    low = word.lower()
    acronym = len(word) > 1 and word.isupper()
    return not acronym and (low in FUNCTION_WORDS or _is_pronoun(word) or zipf_frequency(low, "en") >= _COMMONEST)


def _is_pronoun(word: str) -> bool:
    return re.match(r"I(?:['’]\w+)?$", word) is not None


def _plain(word: str) -> str:
    """A word in lower case, without the mark of possession."""
    return re.sub(r"['’]s?$", "", word.lower())


def _words(text: str) -> list[str]:
    return [_plain(match.group()) for match in _TOKEN.finditer(text)]


# --- the two together ----------------------------------------------------------------------------------------------


def measures(text: str) -> dict[str, str]:
    """The figures and dates of a text, and how it writes each."""
    return {**figures(text), **dates(text)}


def extra(text: str, shown: Sequence[str], around: Iterable[str] = ()) -> list[str]:
    """The figures, dates and names of a text that occur in no piece of `shown`; names may occur in `around` as well."""
    held = {claim for piece in shown for claim in measures(piece)}
    added = [claim for claim in measures(text) if claim not in held]
    pieces = [_words(piece) for piece in (*shown, *around)]
    runs = [f" {' '.join(words)} " for words in pieces]
    stems = {stem(word) for words in pieces for word in words}
    for name, may_be_a_word in names(_years(text)):
        stands = any(f" {' '.join(name)} " in run for run in runs)
        if not stands and not (may_be_a_word and stem(name[0]) in stems):
            added.append(" ".join(name))
    return list(dict.fromkeys(added))
