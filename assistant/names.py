"""What a question names, and its words in the corpus's spelling. What counts as a name is learnt (`index/lexicon.py`)."""

import re
from collections.abc import Sequence
from itertools import zip_longest

from rapidfuzz import process
from rapidfuzz.distance import OSA

from assistant.asking import AUX, WH
from index.lexicon import Lexicon, is_capital, zipf
from index.terms import Term, terms


def _is_name(term: Term, first: bool, lexicon: Lexicon) -> bool:
    """Whether a question's word names something. A bare number does not, unless it is a year."""
    if term.numeric and not any(ch.isalpha() for ch in term.norm):
        return is_year(term.norm)
    if not is_capital(term):
        return term.norm in lexicon.always or (term.numeric and term.norm in lexicon.names)
    if term.norm in lexicon.names:
        return True
    return zipf(term.norm) < 3 and term.norm not in lexicon.words if first else True


def is_year(norm: str) -> bool:
    """Whether a number is written as a year of our time."""
    return len(norm) == 4 and norm.isdigit() and norm[:2] in ("19", "20")


def named(found: Sequence[Term], text: str, lexicon: Lexicon) -> tuple[tuple[int, ...], ...]:
    """Runs of words that name something. A name of one letter takes in the word after it: "K visa"."""
    shouting = _shouting(found, text)
    groups: list[list[int]] = []
    for i, term in enumerate(found):
        first = not re.search(r"\w", text[: term.start])
        named = term.norm in lexicon.always if shouting else _is_name(term, first, lexicon)
        between = text[found[i - 1].end : term.start] if i else " "
        number = re.fullmatch(r"[\-–]", between) and term.norm.isdigit() and groups and groups[-1][-1] == i - 1
        if not named and not number:
            continue
        apart = is_year(term.norm) and not number
        joins = groups and groups[-1][-1] == i - 1 and re.fullmatch(r"[\s\-–’'.&/]*", between)
        if joins and not apart and not is_year(found[i - 1].norm):
            groups[-1].append(i)
        else:
            groups.append([i])
    for group in groups:
        last = group[-1]
        short = sum(len(found[i].norm) for i in group) < 2
        follows = short and last + 1 < len(found) and not any(last + 1 in other for other in groups)
        if follows and re.fullmatch(r"[\s\-–]*", text[found[last].end : found[last + 1].start]):
            group.append(last + 1)
    return tuple(tuple(group) for group in groups)


_ASKING = re.compile(rf"{WH}|{AUX}", re.IGNORECASE)


def _shouting(found: Sequence[Term], text: str) -> bool:
    """Whether a text is written so that a capital tells nothing: all in capitals, or In Title Case.

    In a question dense with names the words of grammar between them have no capital; in a title "Is" and "How" have.
    """
    if len(found) > 1 and text.isupper():
        return True
    capitals = sum(term.surface[0].isupper() for term in found)
    if not found or capitals <= 0.8 * len(found):
        return False
    inside = [t for t in terms(text)[1:] if t.function and t.norm != "i" and not _opens(text, t.start)]
    raised = [t for t in inside if t.surface[0].isupper()]
    if not inside:
        return capitals > 3
    return any(_ASKING.fullmatch(t.norm) for t in raised) or len(raised) > len(inside) / 2


def _opens(text: str, start: int) -> bool:
    """Whether a word begins a sentence or what is quoted."""
    return text[:start].rstrip()[-1:] in ("", *'.?!:;“"(')


def repair(text: str, lexicon: Lexicon) -> str:
    """A question in the corpus's spelling: "kvisa" as "k visa", "h 1 b" as it is written there, typos mended.

    A word is only taken for a typo when it is unknown to the corpus and rare in the language, and of words that begin
    with the same letter: people seldom mistype the first one, and a letter put before a word ("ebike") makes another.
    """
    pieces, at = [], 0
    found = terms(text)
    for term, after in zip_longest(found, found[1:]):
        if term.start < at:
            continue
        pieces.append(text[at : term.start])
        regrouped = _regrouped(text, term, after, lexicon) if after else ""
        pieces.append(regrouped or _repaired(term, lexicon))
        at = after.end if after and regrouped else term.end
    pieces.append(text[at:])
    return "".join(pieces)


def _regrouped(text: str, term: Term, after: Term, lexicon: Lexicon) -> str:
    """Two pieces of a code as the corpus divides it: "H1-B" as "h 1b". "" where it has no such code."""
    joined = term.norm + after.norm
    close = after.start - term.end <= 1
    if not close or len(joined) > 8 or joined.isalpha() or f"{term.norm} {after.norm}" in lexicon.pairs:
        return ""
    cuts = (f"{joined[:cut]} {joined[cut:]}" for cut in range(1, len(joined)))
    return next((pair for pair in cuts if pair in lexicon.pairs), "")


def _repaired(term: Term, lexicon: Lexicon) -> str:
    word = term.norm
    if word in lexicon.words or term.function or not word.isascii():
        return term.surface
    for cut in range(1, len(word)):
        if f"{word[:cut]} {word[cut:]}" in lexicon.pairs and (cut <= 2 or not zipf(word)):
            return f"{word[:cut].upper() if cut == 1 else word[:cut]} {word[cut:]}"
    if len(word) < 4 or not word.isalpha() or zipf(word) > 2.7 or term.stem in lexicon.frequency:
        return term.surface
    reach = 1 if len(word) < 8 or is_capital(term) else 2
    known = [
        w for w in lexicon.words
        if w[0] == word[0] and abs(len(w) - len(word)) <= reach and w.isalpha() and len(w) > 3
    ]  # fmt: skip
    best = process.extractOne(word, known, scorer=OSA.distance, score_cutoff=reach)
    return str(best[0]) if best else term.surface
