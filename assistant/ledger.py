"""The open points of a corpus: which of them a question is about, and how they are listed.

An open point covers what its sentence names and what an open list plainly generalises. Whether something has closed it
since is decided by the dates, in `outcome.py`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from assistant.citation import Citation, cite
from assistant.evidence import Reader, soft
from assistant.question import Query, kind_of, noun_kind
from index.embed import Floats
from index.source import OpenPoint
from index.terms import FUNCTION_WORDS, Term, content, terms

# Words that ask about disclosure itself, or name a matter without saying which.
_EMPTY = frozenset(
    "detail detail inform know known say said tell announc releas publish confirm specif exact exact offici current yet sourc "
    "clarifi state decid determin disclos particular much mani long".split()
)
_VALUE_KINDS = ("money", "count", "percent", "date", "duration", "person", "place", "reason")


@dataclass(frozen=True)
class OpenMatch:
    """An open point that a question may be about, with how well it fits (0..1) and the attribute that fits best."""

    point: int
    score: float
    attribute: tuple[int, int]


@dataclass(frozen=True)
class LedgerEntry:
    """An open point as a reader sees it. `closed_by` cites the later statement that settles it, if one does."""

    subject: str
    attributes: tuple[str, ...]
    quote: str
    source: str
    title: str
    publisher: str
    published: str
    start: int
    end: int
    status: str
    closed_by: Citation | None = None


class Ledger:
    """The open points of one index, with the words of their attributes."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.points = reader.index.open_points
        self._words = lru_cache(maxsize=10_000)(self._read_words)
        self.by_sentence: dict[int, list[int]] = {}
        for number, point in enumerate(self.points):
            self.by_sentence.setdefault(point.sentence, []).append(number)

    def _read_words(self, number: int, attribute: int) -> tuple[tuple[Term, ...], Floats]:
        """The content words of one attribute of a point, with their vectors in context (n, d)."""
        point = self.points[number]
        start, end = point.attributes[attribute]
        index = self._reader.index
        first, last = point.sentence, point.sentence
        while index.sentences[first].start > start:
            first -= 1
        found: list[Term] = []
        vectors: list[Floats] = []
        for i in range(first, last + 1):
            base = index.sentences[i].start
            rows = index.word_vectors(i)[1]
            for k, term in enumerate(self._reader.terms(i)):
                if start <= base + term.start and base + term.end <= end and not term.function:
                    found.append(term)
                    vectors.append(rows[k])
        return tuple(found), np.array(vectors, dtype=np.float32).reshape(len(found), index.manifest["dimension"])

    def match(self, query: Query, candidates: Sequence[int]) -> list[OpenMatch]:
        """The points among `candidates` (indices) that the question is about, best first, with a score above 0."""
        found = []
        for number in candidates:
            best = OpenMatch(number, 0.0, (0, 0))
            point = self.points[number]
            present = [self._reader.presence(query, name, point.sentence) for name in query.names]
            subject = min((share for share, _ in present), default=1.0)
            if subject < 0.4 or any(rival for _, rival in present):
                continue
            for attribute, span in enumerate(point.attributes):
                score = self._fit(query, number, attribute) * (0.7 + 0.3 * subject)
                if score > best.score:
                    best = OpenMatch(number, score, span)
            if best.score > 0:
                found.append(best)
        return sorted(found, key=lambda m: -m.score)

    def _fit(self, query: Query, number: int, attribute: int) -> float:
        """How well an attribute fits what is asked, 0..1: the question's words in it, and its words in the question."""
        point = self.points[number]
        words, vectors = self._words(number, attribute)
        wanted = [
            i for i, term in enumerate(query.terms) if i not in query.name_words and term.stem not in _EMPTY
        ]
        text = self._reader.index.sources[point.source].text
        phrase = text[slice(*point.attributes[attribute])]
        kind = attribute_kind(phrase)
        agrees = kind == query.kind and kind in _VALUE_KINDS
        if kind in _VALUE_KINDS and query.kind in _VALUE_KINDS and not agrees and {kind, query.kind} != {"money", "count"}:
            return 0.0
        if not words:
            return 0.0
        if not wanted:
            return 0.85 if agrees else 0.0
        rows = query.words[wanted]
        similar = rows @ vectors.T if len(vectors) else np.zeros((len(wanted), 0), np.float32)
        exact = np.array([[query.terms[i].stem == w.stem for w in words] for i in wanted], dtype=np.float32)
        pairs = np.maximum(exact, soft(similar))
        inside = pairs.max(axis=1)
        beside = self._beside(query, wanted, point)
        weights = query.weights[wanted]
        forward = float((np.maximum(inside, beside) * weights).sum() / weights.sum())
        touched = float(inside.max())
        held = np.array([self._reader.lexicon.weight(w) for w in words], dtype=np.float32)
        named = {query.terms[i].stem for i in query.name_words}
        back = np.maximum(pairs.max(axis=0), [float(w.stem in named or (agrees and noun_kind(w.norm) == kind) or w.stem in _EMPTY) for w in words])
        backward = float((back * held).sum() / held.sum())
        if touched < 0.55 and not agrees:
            return 0.0
        return forward * (0.55 + 0.45 * backward) + (0.1 if agrees else 0.0)

    def _beside(self, query: Query, wanted: Sequence[int], point: OpenPoint) -> Floats:
        """How much the rest of the sentence, and what leads to it, speaks of each wanted word."""
        here = {term.stem for term in self._reader.terms(point.sentence)}
        lead = {term.stem for i in self._reader.lead(point.sentence) for term in self._reader.terms(i)}
        around = lead | self._reader.title_stems(point.sentence)
        return np.array(
            [0.75 if query.terms[i].stem in here else 0.6 if query.terms[i].stem in around else 0.0 for i in wanted],
            dtype=np.float32,
        )

    def entries(self) -> list[LedgerEntry]:
        """Every open point as a reader sees it, in the order of sources; one entry a sentence."""
        index = self._reader.index
        listed = []
        for sentence, numbers in self.by_sentence.items():
            s = index.sentences[sentence]
            source = index.sources[s.source]
            spans = [span for number in numbers for span in self.points[number].attributes]
            attributes = tuple(dict.fromkeys(re.sub(r"\s+", " ", source.text[start:end]) for start, end in spans))
            listed.append(
                LedgerEntry(
                    self._subject(sentence, spans), attributes, s.text, source.id, source.title, source.publisher,
                    source.published, s.start, s.end, "open",
                )  # fmt: skip
            )
        return listed

    def _subject(self, sentence: int, spans: Sequence[tuple[int, int]]) -> str:
        """The named thing an open sentence is about: in it, before it, else the source's title."""
        index, lexicon = self._reader.index, self._reader.lexicon
        title = index.sources[index.sentences[sentence].source].title
        heading = {term.norm for term in terms(title)}
        for i in [sentence, *reversed(self._reader.lead(sentence))]:
            text = index.sentences[i].text
            names = _name_runs(self._reader.terms(i), text, lexicon.names)
            shared = [name for name in names if heading & {t.norm for t in terms(name)}]
            if shared:
                return shared[0]
        return title


def _name_runs(found: Sequence[Term], text: str, names: frozenset[str]) -> list[str]:
    """Runs of name words in a text; a very short name takes in the next word ("K visa")."""
    runs: list[list[int]] = []
    for i, term in enumerate(found):
        if term.norm in names and term.norm not in FUNCTION_WORDS:
            if runs and runs[-1][-1] == i - 1:
                runs[-1].append(i)
            else:
                runs.append([i])
    spans = []
    for run in runs:
        last = run[-1]
        if sum(len(found[i].norm) for i in run) <= 2 and last + 1 < len(found):
            last += 1
        spans.append(text[found[run[0]].start : found[last].end])
    return spans


def attribute_kind(phrase: str) -> str:
    """The kind of answer that an attribute would give: "when ..." a date, "the price of the pass" money."""
    first = content(terms(phrase))
    if re.match(r"\W*(?:whether|how|when|what|which|who|where|why|if)\b", phrase, re.IGNORECASE):
        return kind_of(phrase)
    head = re.split(r"\s+(?:of|for|in|on|to|at|by|under|from|with|per|that|has|have|is|are|will)\s+", phrase.strip())[0]
    return noun_kind(head) if first else ""


def entry_citation(entry: LedgerEntry, reader: Reader) -> Citation:
    """The citation of a ledger entry's sentence."""
    return cite(1, reader.index.sources[entry.source], (entry.start, entry.end))
