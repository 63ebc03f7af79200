"""The open points of a corpus: which of them a question is about, and how they are listed.

An open point covers what its sentence names and what an open list plainly generalises. Whether something has closed it
since is decided by the dates, in `outcome.py`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from assistant.asking import kind_of, noun_kind
from assistant.citation import Citation, cite
from assistant.concepts import families
from assistant.evidence import AKIN, Reader, soft
from assistant.joint import Verdict
from assistant.question import Query
from index.embed import Floats, unit
from index.terms import FUNCTION_WORDS, Term, content, terms

# Words that ask about disclosure itself, or name a matter without saying which.
_EMPTY = frozenset(
    "detail detail inform know known say said tell announc releas publish confirm specif exact exact offici current yet sourc "
    "clarifi state decid determin disclos particular much mani long".split()
)
_VALUE_KINDS = ("money", "count", "quantity", "percent", "date", "duration", "person", "place", "reason", "manner")
_CLAUSE = re.compile(r"\W*(?:whether|how|when|what|which|who|where|why|if)\b", re.IGNORECASE)
_SIZES = {"money", "count", "quantity", "percent"}


@dataclass(frozen=True)
class OpenSignals:
    """What speaks for an attribute of an open point being what is asked. Each is 0..1, but cosines -1..1.

    forward      weighted share of the question's words, names apart, in the attribute, or in part around it
    inside       the same share, counting only what stands in the attribute
    touched      the best match of one of them in the attribute itself
    backward     weighted share of the attribute's words in the question
    alike        cosine of the question's words and the attribute's
    agrees       1 where both are of one kind ("when" / "the start date")
    differs      1 where they are of kinds that exclude each other ("when" / "the price")
    subject      the least present of the question's names
    whole        the probability that the sentence, read whole, speaks of what is asked
    cosine       of the open sentence and the question
    interaction  late interaction of question and open sentence
    """

    forward: float
    inside: float
    touched: float
    backward: float
    alike: float
    agrees: float
    differs: float
    subject: float
    whole: float
    cosine: float
    interaction: float


@dataclass(frozen=True)
class OpenMatch:
    """A sentence that calls open what a question may be about: the probability that it does, the attribute that fits best,
    and why. `likelihood` and `verdict` are as in `Evidence`.
    """

    sentence: int
    score: float
    attribute: tuple[int, int]
    signals: OpenSignals
    likelihood: float | None = None
    verdict: Verdict | None = None


# An attribute of an open sentence: the sentence, and the attribute's span in the source.
Attribute = tuple[int, tuple[int, int]]


@dataclass(frozen=True)
class Closure:
    """What closes an attribute of an open point: the sentence that settles it, or else the source that supersedes its own."""

    sentence: int | None = None
    superseded_by: str = ""


@dataclass(frozen=True)
class LedgerEntry:
    """An open point as a reader sees it. `closed_by` cites the later statement that settles it, if one does; else
    `superseded_by` may be the id of the source that supersedes its own.
    """

    subject: str
    attributes: tuple[str, ...]
    quote: str
    source: str
    title: str
    publisher: str
    published: str
    brief: bool
    start: int
    end: int
    status: str
    closed_by: Citation | None = None
    superseded_by: str = ""


class Ledger:
    """The open points of one index, with the words of their attributes."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.points = reader.index.open_points
        self._words = lru_cache(maxsize=10_000)(self._read_words)
        self.by_sentence: dict[int, list[int]] = {}
        for number, point in enumerate(self.points):
            self.by_sentence.setdefault(point.sentence, []).append(number)

    def _read_words(self, sentence: int, span: tuple[int, int]) -> tuple[tuple[Term, ...], Floats]:
        """The content words of an attribute of a sentence, with their vectors in context (n, d)."""
        start, end = span
        index = self._reader.index
        first = sentence
        while index.sentences[first].start > start:
            first -= 1
        found: list[Term] = []
        vectors: list[Floats] = []
        for i in range(first, sentence + 1):
            base = index.sentences[i].start
            rows = index.word_vectors(i)[1]
            for k, term in enumerate(self._reader.terms(i)):
                if start <= base + term.start and base + term.end <= end and not term.function:
                    found.append(term)
                    vectors.append(rows[k])
        return tuple(found), np.array(vectors, dtype=np.float32).reshape(len(found), index.manifest["dimension"])

    def match(self, query: Query, candidates: Sequence[int]) -> list[OpenMatch]:
        """How well each point among `candidates` (indices) fits what is asked, by its best attribute; best first."""
        found = []
        model = self._reader.models.open
        for number in candidates:
            point = self.points[number]
            fits = self.fit(query, point.sentence, point.attributes)
            if fits:
                signals, span = max(fits, key=lambda pair: model(pair[0]))
                found.append(OpenMatch(point.sentence, model(signals), span, signals))
        return sorted(found, key=lambda m: -m.score)

    def about(self, query: Query, candidates: Sequence[int]) -> list[OpenMatch]:
        """The points among `candidates` on the question's subject, whatever they call open; one a sentence.

        A question that names nothing is about what its words say.
        """
        found: dict[int, OpenMatch] = {}
        wanted = {term.stem for term in query.terms if term.stem not in _EMPTY} if not query.names else set()
        for number in candidates:
            point = self.points[number]
            for signals, span in self.fit(query, point.sentence, point.attributes[:1]):
                if signals.subject >= 0.5 and wanted <= self._around(point.sentence):
                    found.setdefault(point.sentence, OpenMatch(point.sentence, 1.0, span, signals))
        return list(found.values())

    def _around(self, sentence: int) -> set[str]:
        """The stems of a sentence, of those before it, and of what stands above it."""
        near = [sentence, *self._reader.lead(sentence)]
        return {term.stem for i in near for term in self._reader.terms(i)} | self._reader.title_stems(sentence)

    def fit(
        self, query: Query, sentence: int, spans: Sequence[tuple[int, int]]
    ) -> list[tuple[OpenSignals, tuple[int, int]]]:
        """The signals that what a sentence calls open, its attribute at one of the spans, is what is asked, for each span
        that has words; none where the subject of the sentence is another."""
        present = [self._reader.presence(query, name, sentence, steady=True) for name in query.names]
        subject = min((share for share, _ in present), default=1.0)
        worded = [span for span in spans if self._words(sentence, span)[0]]
        if subject < 0.25 or any(rival for _, rival in present) or not worded:
            return []
        rows = self._reader.index.word_vectors(sentence)[1]
        compared = len(rows) and len(query.every_word)
        # What the sentence speaks of is the same whichever of its attributes is asked for.
        spoken = {
            "subject": subject,
            "whole": self._reader.judge(query, sentence, whole=True).probability,
            "cosine": float(self._reader.index.sentence_vector(sentence) @ query.vector),
            "interaction": float((query.every_word @ rows.T).max(axis=1).mean()) if compared else 0.0,
        }
        return [(self._fit(query, sentence, span, spoken), span) for span in worded]

    def _fit(self, query: Query, sentence: int, span: tuple[int, int], spoken: Mapping[str, float]) -> OpenSignals:
        words, vectors = self._words(sentence, span)
        phrase = self._reader.source(sentence).text[slice(*span)]
        kind = attribute_kind(phrase)
        agrees = (kind == query.kind and kind in _VALUE_KINDS) or _asks_which(phrase) == _asks_which(query.text) != ""
        differs = (
            not agrees and kind in _VALUE_KINDS and query.kind in _VALUE_KINDS and not {kind, query.kind} <= _SIZES
        )
        wanted = [i for i, term in enumerate(query.terms) if i not in query.subject and term.stem not in _EMPTY]
        forward = held_inside = touched = alike = 0.0
        pairs = np.zeros((0, len(words)), np.float32)
        if wanted:
            exact = np.array([[same(query.terms[i], w) for w in words] for i in wanted], dtype=np.float32)
            pairs = np.maximum(exact, soft(query.words[wanted] @ vectors.T))
            inside = pairs.max(axis=1)
            weights = query.weights[wanted]
            forward = float((np.maximum(inside, self._beside(query, wanted, sentence)) * weights).sum() / weights.sum())
            held_inside = float((inside * weights).sum() / weights.sum())
            touched = float(inside.max())
            alike = float(unit(query.words[wanted].mean(axis=0)) @ unit(vectors.mean(axis=0)))
        held = np.array([self._reader.lexicon.weight(w) for w in words], dtype=np.float32)
        named = {query.terms[i].stem for i in query.name_words}
        free = [float(w.stem in named or w.stem in _EMPTY or (agrees and noun_kind(w.norm) == kind)) for w in words]
        back = np.maximum(pairs.max(axis=0, initial=0.0), free)
        return OpenSignals(
            forward=forward,
            inside=held_inside,
            touched=touched,
            backward=float((back * held).sum() / held.sum()),
            alike=alike,
            agrees=float(agrees),
            differs=float(differs),
            **spoken,
        )

    def _beside(self, query: Query, wanted: Sequence[int], sentence: int) -> Floats:
        """How much the rest of the sentence, and what leads to it, speaks of each wanted word."""
        here = {term.stem for term in self._reader.terms(sentence)}
        lead = {term.stem for i in self._reader.lead(sentence) for term in self._reader.terms(i)}
        around = self._reader.title_stems(sentence)
        return np.array(
            [
                0.8 if query.terms[i].stem in here | lead else 0.6 if query.terms[i].stem in around else 0.0
                for i in wanted
            ],
            dtype=np.float32,
        )

    def entries(self, closed: Mapping[Attribute, Closure] | None = None) -> list[LedgerEntry]:
        """Every open point as a reader sees it, in the order of sources: one entry a sentence, or two where some of its
        attributes are `closed` and some are not.
        """
        listed = []
        for sentence, numbers in self.by_sentence.items():
            spans = list(dict.fromkeys(span for number in numbers for span in self.points[number].attributes))
            by_closure: dict[Closure | None, list[tuple[int, int]]] = {}
            for span in spans:
                by_closure.setdefault((closed or {}).get((sentence, span)), []).append(span)
            for closure, alike in by_closure.items():
                listed.append(self._entry(sentence, alike, closure))
        return listed

    def _entry(self, sentence: int, spans: Sequence[tuple[int, int]], closure: Closure | None) -> LedgerEntry:
        index = self._reader.index
        s = index.sentences[sentence]
        source = index.sources[s.source]
        settling = index.sentences[closure.sentence] if closure and closure.sentence is not None else None
        return LedgerEntry(
            self._subject(sentence, spans),
            tuple(dict.fromkeys(self._phrase(sentence, span) for span in spans)),
            s.text,
            source.id,
            source.title,
            source.publisher,
            source.published,
            source.brief,
            s.start,
            s.end,
            "closed" if closure else "open",
            cite(0, index.sources[settling.source], (settling.start, settling.end)) if settling else None,
            closure.superseded_by if closure else "",
        )

    def _phrase(self, sentence: int, span: tuple[int, int]) -> str:
        """The words of an attribute."""
        return re.sub(r"\s+", " ", self._reader.source(sentence).text[slice(*span)])

    def question(self, sentence: int, span: tuple[int, int]) -> str:
        """What an attribute leaves open, as a question on its subject; of a whole title, on the names in it."""
        phrase = self._phrase(sentence, span)
        subject = self._subject(sentence, [span])
        if subject == self._reader.source(sentence).title:
            subject = " ".join(_name_runs(terms(subject), subject, self._reader.lexicon.names))
        about = "" if subject.lower() in phrase.lower() else f", {subject}"
        if _CLAUSE.match(phrase):
            return f"{phrase[0].upper()}{phrase[1:]}{about}?"
        return f"What is {phrase}{about}?"

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


def same(a: Term, b: Term) -> float:
    """Whether two words are one, or of one family of meaning."""
    return 1.0 if a.stem == b.stem else AKIN if families([a.stem]) & families([b.stem]) else 0.0


def _asks_which(text: str) -> str:
    """The stem of the noun that a question or a clause chooses from: "which schools will take part". "" for none."""
    match = re.match(r"\W*(?:in\s+|at\s+|on\s+|for\s+)?(?:which|what)\s+([^\W\d_]+)", text, re.IGNORECASE)
    noun = content(terms(match[1])) if match else ()
    return noun[0].stem if noun else ""


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
    if _CLAUSE.match(phrase):
        return kind_of(phrase)
    head = re.split(r"\s+(?:of|for|in|on|to|at|by|under|from|with|per|that|has|have|is|are|will)\s+", phrase.strip())[0]
    return noun_kind(head) if first else ""
