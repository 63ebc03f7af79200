"""The phrases of a question: words of content side by side, and what grammar shows of each.

There is no parser here, only articles, prepositions, the order of a question, names, and which words the corpus writes
side by side. So a verb may be taken for a phrase, or for the end of one, where nothing shows what it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.asking import AUX, KIND_OF
from assistant.names import is_year, named
from index.lexicon import Lexicon
from index.terms import Term, content, terms

AUX_WORD = re.compile(AUX)
DEFINITE = frozenset("the this that these those".split())
ARTICLES = DEFINITE | frozenset("a an any its their his her my our your which what".split())


@dataclass(frozen=True)
class Phrase:
    """Words of content side by side, as "bridge toll" in "Who pays the bridge toll?", and the words of grammar before.

    It `begins` at its article. `name` is the span of what it names, (0, 0) where it names nothing.
    """

    text: str
    words: tuple[Term, ...]
    opener: tuple[str, ...]
    begins: int
    name: tuple[int, int]

    @property
    def start(self) -> int:
        return self.words[0].start

    @property
    def end(self) -> int:
        return self.words[-1].end

    @property
    def named(self) -> bool:
        return self.name != (0, 0)

    @property
    def year(self) -> bool:
        return is_year(self.words[0].norm)

    @property
    def article(self) -> str:
        """The article before it, or ""."""
        return self.opener[-1] if self.opener and self.opener[-1] in ARTICLES else ""

    @property
    def led(self) -> str:
        """The word of grammar before it and its article, or ""."""
        return next(iter(self.opener[: -1 if self.article else None][-1:]), "")

    @property
    def subject(self) -> bool:
        """Whether it is the subject of a question: "Does the toll rise?". After "Who can" stands a verb."""
        return bool(AUX_WORD.fullmatch(self.led)) and "who" not in self.opener

    @property
    def thing(self) -> bool:
        """Whether grammar shows a noun here."""
        return bool(self.article) or self.subject or self.led in ("many", "much")

    @property
    def attribute(self) -> bool:
        """Whether it is something to ask of a thing, as an age limit is, rather than a thing."""
        return is_attribute(self.words[-1])


def is_attribute(term: Term) -> bool:
    return term.norm in KIND_OF or term.norm.removesuffix("s") in KIND_OF


def phrases_of(text: str, lexicon: Lexicon) -> list[Phrase]:
    """The phrases of a text, in order. A verb is one too, or the end of one, where nothing shows what it is."""
    found = terms(text)
    mine = content(found)
    groups = {mine[i]: tuple(mine[k] for k in name) for name in named(mine, text, lexicon) for i in name}
    asks = any(AUX_WORD.fullmatch(term.norm) for term in found)
    phrases: list[Phrase] = []
    opener: list[Term] = []
    run: list[Term] = []

    def joined(last: Term, term: Term) -> bool:
        """Whether a word goes on a phrase. After a name a question has a verb, unless the corpus joins it to the name."""
        if (
            not re.fullmatch(r"[\s\-–’'&/$€£]*", text[last.end : term.start])
            or is_year(last.norm)
            or is_year(term.norm)
        ):
            return False
        known = term in groups.get(last, ()) or f"{last.norm} {term.norm}" in lexicon.pairs
        return known or not (term in groups or (asks and any(word in groups for word in run)))

    def close(words: Sequence[Term]) -> None:
        names = [term for term in words if term in groups]
        name = (names[0].start, names[-1].end) if names else (0, 0)
        begins = opener[-1].start if opener and opener[-1].norm in ARTICLES else words[0].start
        span = text[words[0].start : words[-1].end]
        phrase = Phrase(span, tuple(words), tuple(term.norm for term in opener), begins, name)
        verb = (
            not asks and phrase.article in ("which", "what") and words[-1] is not mine[-1]
        )  # "Which law raised the fee?"
        if len(words) > 1 and (verb or (phrase.subject and _ends_in_verb(words, lexicon))):
            words = words[:-1]
            span = text[words[0].start : words[-1].end]
            phrase = replace(phrase, text=span, words=tuple(words))
        phrases.append(phrase)

    for term in found:
        hyphened = run and re.fullmatch(r"[^\w\s]+", text[run[-1].end : term.start])
        if term.function and not (hyphened and text[term.end : term.end + 1] == "-"):
            if run:
                close(run)
                opener, run = [], []
            opener.append(term)
        elif run and not (hyphened or joined(run[-1], term)):
            close(run)
            opener, run = [], [term]
        else:
            run.append(term)
    if run:
        close(run)
    return phrases


def _ends_in_verb(words: Sequence[Term], lexicon: Lexicon) -> bool:
    """Whether the last word of a subject is its verb: known words that the corpus never writes side by side."""
    last = words[-2:]
    return f"{last[0].norm} {last[1].norm}" not in lexicon.pairs and {t.stem for t in last} <= lexicon.frequency.keys()
