"""A part of a question that stands alone -> `Query`: its kind of answer, terms and names, and their vectors.

Parting a question is the work of `parts.py`, making a part stand alone of `follow_up.py`; what answers it, of
`evidence.py` and `outcome.py`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.asking import HEAD, IS_IT_TRUE, KIND_OF, kind_of
from assistant.names import named, repair
from index.embed import Embedder, Floats
from index.lexicon import Lexicon
from index.terms import Term


@dataclass(frozen=True)
class Query:
    """One part of a question, ready to be compared with sentences.

    `terms` are its n content words, `weights` (n,) how much each tells, `words` (n, d) their vectors in the question,
    `vector` (d,) the question's, `every_word` (m, d) the vectors of all its words, "when" and "who" included. `names` are
    groups of indices into `terms`, one for each named thing. `kind` is one of `KINDS`. `head` are the indices of the words
    that say what kind of thing is asked for ("age limit"), `heads` of the words that belong to a name ("Fjord tram").
    """

    text: str
    kind: str
    terms: tuple[Term, ...]
    weights: Floats
    names: tuple[tuple[int, ...], ...]
    words: Floats
    vector: Floats
    every_word: Floats
    head: tuple[int, ...] = ()
    heads: tuple[int, ...] = ()

    @property
    def subject(self) -> frozenset[int]:
        """The indices of the words that say what is asked about: names, and the nouns the corpus joins to them."""
        return self.name_words | frozenset(self.heads)

    @property
    def names_subject(self) -> bool:
        """Whether a question says what it is about: a name, or more than an attribute. "What is the parking fee?" does not."""
        return bool(self.names) or len(self.terms) > 2

    @property
    def name_words(self) -> frozenset[int]:
        """The indices of all words that belong to a name."""
        return frozenset(i for name in self.names for i in name)


def understand(text: str, lexicon: Lexicon, embedder: Embedder) -> Query:
    """One part of a question as a `Query`. One call of the embedder."""
    text = marked(repair(text, lexicon))
    encoded = embedder.encode([text])[0]
    opening = IS_IT_TRUE.match(text)
    said = opening.end() if opening else 0
    keep = [i for i, term in enumerate(encoded.terms) if not term.function and term.start >= said]
    found = tuple(encoded.terms[i] for i in keep)
    head = HEAD.match(text.strip())
    inside = head.span("head") if head else (0, 0)
    names = named(found, text, lexicon)
    return Query(
        text=text,
        kind=kind_of(text),
        terms=found,
        weights=np.array([lexicon.weight(term) for term in found], dtype=np.float32),
        names=names,
        words=encoded.words[keep],
        vector=encoded.vector,
        every_word=encoded.words,
        heads=_heads(found, names, text, lexicon),
        head=tuple(i for i, term in enumerate(found) if inside[0] <= term.start and term.end <= inside[1]),
    )


_STOP = re.compile(r"(?<!\.\w)[\s.]+$")


def marked(text: str) -> str:
    """A text with the question mark that a part of a question lacks, and many who ask leave out: read as a question, it is
    read otherwise (`joint.py` has learnt from questions that have one). A full stop of "the U.S." stays.
    """
    return f"{_STOP.sub('', text.rstrip(' ,;:!?…—-'))}?"


# "Chinese", "British", "Indian": the noun after it is not part of its name.
_ADJECTIVE = re.compile(r"(?:ese|ish|[aei]an)$")


def _heads(found: Sequence[Term], names: Sequence[tuple[int, ...]], text: str, lexicon: Lexicon) -> tuple[int, ...]:
    """The words that the corpus joins to a name, after it ("Fjord tram") or, of an acronym, before ("digital ID")."""

    def joined(left: int, right: int) -> bool:
        apart = text[found[left].end : found[right].start]
        return apart == " " and f"{found[left].norm} {found[right].norm}" in lexicon.pairs

    def short(name: tuple[int, ...]) -> bool:
        return len(name) == 1 and found[name[0]].surface.isupper() and len(found[name[0]].norm) <= 3

    before = [name[0] - 1 for name in names if name[0] and short(name) and joined(name[0] - 1, name[0])]
    after = [
        name[-1] + 1
        for name in names
        if name[-1] + 1 < len(found) and joined(name[-1], name[-1] + 1) and not _ADJECTIVE.search(found[name[-1]].norm)
    ]
    return tuple(i for i in (*before, *after) if found[i].norm not in KIND_OF)
