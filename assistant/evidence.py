"""Hits -> scored sentences: how well each sentence answers a part of a question, signal by signal.

A sentence is read with what stands around it: a subject may come from the title, the headings or the sentence before
("It costs ..."), an attribute must be in the sentence itself. The signals are combined by a logistic model whose
plain numbers stand in `weights.json`. What a sentence *means* for the outcome (open, replaced, contradicted) is decided
in `ledger.py` and `outcome.py`.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from assistant.concepts import families, opposed, phrase_families
from assistant.joint import Verdict
from assistant.kinds import MERELY, answers_kind
from assistant.names import is_year
from assistant.odds import log_odds, probability
from assistant.question import Query
from index.claims import qualifiers
from index.embed import Floats
from index.generation import Index
from index.lexicon import Lexicon, is_capital
from index.search import Hit
from index.source import Source
from index.terms import Term, content, terms

# A word vector this close to a question word's says about the same: "cost" / "fee" (cosine of MiniLM words in context).
_SAME, _FAR = 0.75, 0.35
# How much a word counts that stands not in the sentence but around it.
AKIN = 0.8
_AROUND = {"lead": 0.8, "title": 0.75}


@dataclass(frozen=True)
class Signals:
    """What speaks for a sentence. Each is 0..1 unless said otherwise.

    cosine        of sentence and question, -1..1
    interaction   mean over all the question's words of the nearest word's cosine (late interaction), "who" included
    coverage      weighted share of the question's content words whose stem stands in the sentence
    around        the same, with title, headings and the two sentences before counted in part
    attribute     weighted match, in the sentence itself, of the question's words that are no names
    attribute_least  the least match of its telling ones, in or around the sentence
    names         the least present of the question's names: 1 in the sentence, less around it, 0 nowhere; 1 for none
    rival         1 where a name of the same kind stands in place of one asked about
    kind          1 where the kind of answer asked for is there, 0 where not, 0.5 where none is asked for
    """

    cosine: float
    interaction: float
    coverage: float
    around: float
    attribute: float
    attribute_least: float
    names: float
    rival: float
    kind: float

    def vector(self) -> list[float]:
        """The signals as numbers, in the order of their definition."""
        return [float(getattr(self, field.name)) for field in fields(self)]


@dataclass(frozen=True)
class Calibration:
    """A line through log-odds (Platt 1999): a probability that is decided on -> how often such a one is right."""

    slope: float = 1.0
    offset: float = 0.0

    def __call__(self, decided: float) -> float:
        """The share that is right of the best finds with this probability."""
        return probability(self.slope * log_odds(decided) + self.offset)


@dataclass(frozen=True)
class Logistic:
    """A logistic model: a weight for each signal that counts, by its name, and an intercept.

    The intercept puts the decision where it is to be; `likelihood` says how often the best find of a question is right
    that has a probability by this model.
    """

    weights: Mapping[str, float]
    intercept: float
    likelihood: Calibration = Calibration()

    def __call__(self, signals: object) -> float:
        """The probability of a dataclass of signals."""
        total = sum(weight * getattr(signals, name) for name, weight in self.weights.items())
        return probability(self.intercept + total)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Logistic":
        """A model as a file holds it."""
        return cls(data["weights"], data["intercept"], Calibration(**data.get("likelihood", {})))


@dataclass(frozen=True)
class Models:
    """What decides: `stated`, whether a sentence answers (`Signals`), and `open`, whether an open point does
    (`ledger.OpenSignals`); the same once they have been read again (`reread.RereadSignals`); and `reread_whole`, whether a
    sentence as a whole calls open what is asked, in whatever words.
    """

    stated: Logistic
    open: Logistic
    reread_stated: Logistic
    reread_open: Logistic
    reread_whole: Logistic

    @classmethod
    def read(cls, path: Path) -> "Models":
        """The models as a file holds them; `evals/fit.py` and `evals/fit_reread.py` write it."""
        data = json.loads(path.read_text("utf-8"))
        return cls(*(Logistic.of(data[f.name]) for f in fields(cls)))


WEIGHTS = Path(__file__).with_name("weights.json")
MODELS = Models.read(WEIGHTS)


@dataclass(frozen=True)
class Evidence:
    """A sentence with its signals and the probability that it answers. `matches` (n,) is per question word, 0..1.

    The probability is one to decide by. Where it comes from reading again, `likelihood` is how often such a one is right;
    `verdict` is what that said of this very sentence, None where it was not read.
    """

    sentence: int
    probability: float
    signals: Signals
    matches: tuple[float, ...]
    likelihood: float | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True)
class Page:
    """A sentence ready to be compared: what it states (open points blanked out), the vectors (n, d) of its words, its
    stems, and the stems before and above it."""

    text: str
    vectors: Floats
    stems: frozenset[str]
    families: frozenset[int]
    lead: frozenset[str]
    above: frozenset[str]


class Reader:
    """Reads candidate sentences of one index for questions, keeping what it has tokenized; decides by `models`."""

    def __init__(self, index: Index, lexicon: Lexicon, models: Models = MODELS) -> None:
        self.index = index
        self.lexicon = lexicon
        self.models = models
        self._terms = lru_cache(maxsize=20_000)(lambda i: tuple(terms(index.sentences[i].text)))
        self.page = lru_cache(maxsize=4_000)(self._read_page)
        self._above = lru_cache(maxsize=20_000)(self._read_above)
        self._open = _open_spans(index)
        self._topic = lru_cache(maxsize=20_000)(self._read_topic)
        self._by_source: dict[str, list[int]] = {}
        for i, s in enumerate(index.sentences):
            self._by_source.setdefault(s.source, []).append(i)

    def terms(self, sentence: int) -> tuple[Term, ...]:
        """The terms of a sentence."""
        return self._terms(sentence)

    def _read_above(self, sentence: int) -> tuple[Term, ...]:
        s = self.index.sentences[sentence]
        source = self.index.sources[s.source]
        return tuple(terms(". ".join((source.title, source.publisher, *s.headings))))

    def title_stems(self, sentence: int) -> frozenset[str]:
        """The stems of the title, the publisher and the headings above a sentence."""
        return frozenset(term.stem for term in content(self._above(sentence)))

    def source(self, sentence: int) -> Source:
        """The source of a sentence."""
        return self.index.sources[self.index.sentences[sentence].source]

    def is_title(self, sentence: int) -> bool:
        """Whether a sentence is the title of its source."""
        title = self.source(sentence).title
        return [term.norm for term in self.terms(sentence)] == [term.norm for term in terms(title)]

    def lead(self, sentence: int, reach: int = 2) -> list[int]:
        """Up to `reach` sentences before one, in its passage."""
        passage = self.index.passages[self.index.passage_of[sentence]]
        return [i for i in range(sentence - reach, sentence) if i >= passage.sentences[0]]

    def announcement(self, sentence: int) -> int | None:
        """What announces the list that an item stands in, "It is open to two groups:"; None where nothing does."""
        sentences = self.index.sentences
        item = sentences[sentence]
        if item.kind != "item":
            return None
        before = next((i for i in range(sentence - 1, -1, -1) if sentences[i].kind != "item"), None)
        if before is None:
            return None
        same = (sentences[before].source, sentences[before].headings) == (item.source, item.headings)
        return before if same and announces(sentences[before].text) else None

    def read(self, query: Query, hits: Sequence[Hit]) -> list[Evidence]:
        """The sentences of the hits, scored, best first."""
        found = [self.judge(query, i) for hit in hits for i in self.index.passages[hit.passage].sentences]
        return sorted(found, key=lambda e: -e.probability)

    def judge(self, query: Query, sentence: int, whole: bool = False) -> Evidence:
        """One sentence's signals and probability.

        What it calls open counts only where it is read `whole`, and then together with the sentence before it.
        """
        page = self.page(sentence, whole)
        weights = query.weights
        n = len(query.terms)
        similar = query.words @ page.vectors.T
        nearest = similar.max(axis=1) if page.vectors.size else np.zeros(n, np.float32)
        interaction = (query.every_word @ page.vectors.T).max(axis=1).mean() if page.vectors.size and n else 0.0
        exact = np.array([term.stem in page.stems for term in query.terms], dtype=np.float32)
        beside = np.array(
            [
                _AROUND["lead"] if term.stem in page.lead else _AROUND["title"] if term.stem in page.above else 0.0
                for term in query.terms
            ],
            dtype=np.float32,
        )
        alike = soft(nearest)
        named = np.zeros(n, dtype=bool)
        named[sorted(query.name_words)] = True
        akin = np.array([bool(families([term.stem]) & page.families) for term in query.terms], dtype=bool)
        alike[akin] = np.maximum(alike[akin], AKIN)
        alike[[opposed(term.stem, page.stems) for term in query.terms]] = 0
        alike[named] = 0  # a name is that name or another, a number that number
        alike[[term.numeric for term in query.terms]] = 0
        kind = answers_kind(query, page.text)
        inside = np.maximum(exact, alike)
        if kind == 1:
            inside[[term.norm in MERELY.get(query.kind, ()) for term in query.terms]] = 1
        asked = np.ones(n, dtype=bool)
        asked[sorted(query.subject)] = False
        matches = np.maximum(inside, beside)
        presence = [self.presence(query, name, sentence) for name in query.names]
        signals = Signals(
            cosine=float(self.index.sentence_vector(sentence) @ query.vector),
            interaction=float(interaction),
            coverage=_mean(exact, weights),
            around=_mean(matches, weights),
            attribute=_mean(inside[asked], weights[asked], 1.0),
            attribute_least=_weakest(matches[asked], weights[asked], 1.0),
            names=min((p for p, _ in presence), default=1.0),
            rival=float(any(rival for _, rival in presence)),
            kind=kind,
        )
        return Evidence(sentence, self.models.stated(signals), signals, tuple(float(m) for m in matches))

    def _read_page(self, sentence: int, whole: bool) -> "Page":
        """What a sentence states, or all it says, ready to be compared."""
        found = self.terms(sentence)
        text, hidden = (self.index.sentences[sentence].text, []) if whole else self._stated(sentence)
        shown = [i for i, term in enumerate(found) if not any(a <= term.start < b for a, b in hidden)]
        vectors = self.index.word_vectors(sentence)[1]
        said = [found[i] for i in shown]
        vectors = vectors[shown] if len(vectors) == len(found) else np.zeros((0, vectors.shape[1]), np.float32)
        question = self.question_before(sentence)
        # "Can I pay by card? Not at the gate." speaks of what was asked, "Details have not been released" of what
        # stands before it.
        leaned_on = {question} if question is not None else set()
        for before in sorted(leaned_on | set(self.lead(sentence, 1) if whole else ())):
            said = [*said, *self.terms(before)]
            vectors = np.vstack([vectors, self.index.word_vectors(before)[1]])
        return Page(
            text=text,
            vectors=vectors,
            stems=frozenset(term.stem for term in said if not term.function),
            families=families(term.stem for term in said) | phrase_families(text),
            lead=frozenset(term.stem for i in self.lead(sentence) for term in self.terms(i)),
            above=self.title_stems(sentence),
        )

    def named(self, sentence: int, leading: bool = False) -> frozenset[str]:
        """The names in a sentence; where it has none and `leading` is set, those in the nearest one before it."""
        for i in [sentence, *(reversed(self.lead(sentence)) if leading else ())]:
            found = frozenset(term.norm for term in self.terms(i) if term.norm in self.lexicon.names)
            if found:
                return found
        return frozenset()

    def modifier(self, query: Query, sentence: int) -> str:
        """The stem of the content word right before what is asked for: "parking" in "the parking fee". "" for none."""
        asked = {query.terms[i].stem for i in query.head or range(len(query.terms))}
        found = self.terms(sentence)
        before = (a for a, b in pairwise(found) if b.stem in asked and not a.function and b.start - a.end == 1)
        return next((a.stem for a in before if not a.numeric and not qualifiers(a.surface)), "")

    def question_before(self, sentence: int) -> int | None:
        """The question, at most two sentences before, that a sentence answers; None where there is none."""
        if is_question(self.index.sentences[sentence].text):
            return None
        return next((i for i in reversed(self.lead(sentence)) if is_question(self.index.sentences[i].text)), None)

    def _stated(self, sentence: int) -> tuple[str, list[tuple[int, int]]]:
        """What a sentence states: its text with what it calls open blanked out, and the blanked spans."""
        s = self.index.sentences[sentence]
        text, hidden = s.text, []
        for start, end in self._open.get(sentence, ()):
            a, b = max(0, start - s.start), min(len(text), end - s.start)
            hidden.append((a, b))
            text = text[:a] + " " * (b - a) + text[b:]
        return text, hidden

    def presence(self, query: Query, name: Sequence[int], sentence: int, steady: bool = False) -> tuple[float, bool]:
        """How present a name of the question is for a sentence, 0..1, and whether a rival stands in its place.

        A sentence that brings in names of its own may have left the subject before it, unless it is known to be
        `steady`.
        """
        wanted = [query.terms[i] for i in name]
        here = max(share(wanted, self.terms(sentence)), spelled_out(wanted, self.terms(sentence)))
        above = share(wanted, self._above(sentence))
        if max(here, above) < 1 and unknown(wanted, self.lexicon):
            return min(here, 0.25), False
        rival = here < 1 and (
            rivals(wanted, self.terms(sentence), self.lexicon)
            or elsewhere(wanted, query.text, self.index.sentences[sentence].text, self.lexicon)
        )
        if here >= 0.99 or rival:
            return (here if not rival else min(here, 0.3)), rival
        first = self._by_source[self.index.sentences[sentence].source][0]
        back = (
            (0.95 - 0.05 * (sentence - i)) * share(wanted, self.terms(i))
            for i in range(max(first, sentence - 4), sentence)
        )
        before = max(back, default=0.0)
        topic = self.topic(sentence, tuple(term.stem for term in wanted))
        shifts = not steady and query.kind not in ("person", "place") and self._shifts(query, sentence)
        around = max(before, above * 0.8, topic * 0.7) * (0.6 if shifts else 1.0)
        return max(here, around), False

    def _read_topic(self, source: str, stems: tuple[str, ...]) -> float:
        """How much a source is about the words of a name: the share of its sentences that hold them all, tripled; nearly
        all where it opens with them."""
        own = self._by_source[source]
        holding = [set(stems) <= {term.stem for term in self.terms(i)} for i in own]
        return max(min(1.0, 3 * sum(holding) / len(own)), 0.95 * any(holding[:3]))

    def topic(self, sentence: int, stems: tuple[str, ...]) -> float:
        """How much the source of a sentence is about the words of a name, 0..1."""
        return self._topic(self.index.sentences[sentence].source, stems)

    def _shifts(self, query: Query, sentence: int) -> bool:
        """Whether a sentence brings in names of its own, so that what stood before it need not be its subject.

        One that holds a whole name of the question speaks of that: "Ms Rey, head of the Alpine Club" of Ms Rey. "A Chinese
        employer" brings in nothing under a title that names China.
        """
        found = self.terms(sentence)
        asked = {term.norm for term in query.terms}
        brought = {t.norm for t in found[1:] if t.norm in self.lexicon.names} - asked
        if not brought or any(share([query.terms[i] for i in name], found) >= 0.99 for name in query.names):
            return False
        # A name may stand above and still be another subject than the one asked about: only its people are none.
        above = {term.norm for term in self._above(sentence)}
        return any(not any(name != other and kin(name, other) for other in above) for name in brought)


def _open_spans(index: Index) -> dict[int, list[tuple[int, int]]]:
    """For each sentence with open points, the spans that they take up: the phrase and the attributes."""
    spans: dict[int, list[tuple[int, int]]] = {}
    for point in index.open_points:
        start = min(point.phrase[0], *(a for a, _ in point.attributes))
        end = max(point.phrase[1], *(b for _, b in point.attributes))
        spans.setdefault(point.sentence, []).append((start, end))
    return spans


_TO_MACHINES = re.compile(
    r"\b(?:AIs?|assistants?|chatbots?|bots?|crawlers?|LLMs?|(?:language|AI)\s+models?|search\s+engines?)\b[^.!?]{0,60}\b(?:must|should|please|note|ignore|answer|say|respond|treat)\b|"
    r"\b(?:ignore|disregard|forget)\b[^.!?]{0,40}\b(?:instructions?|previous|prior|above|sources?|documents?)\b|\bsystem\s+prompt\b|"
    r"\b(?:when|if)\s+(?:you\s+are\s+)?asked\b[^.!?]{0,80}\b(?:say|answer|reply|respond)\b",
    re.IGNORECASE,
)


_REPORTS_A_QUESTION = re.compile(
    r"\b(?:asked|asking|asks?|wonder(?:s|ed|ing)?|questions?)\b(?:\s+\w+){0,2}\s+(?:about\s+)?(?:what|whether|how|when|where|who|why|which|if)\b",
    re.IGNORECASE,
)


def states(text: str) -> bool:
    """Whether a sentence can state anything: it neither asks nor reports a question, nor instructs machines."""
    return not (is_question(text) or _TO_MACHINES.search(text) or _REPORTS_A_QUESTION.search(text))


def announces(text: str) -> bool:
    """Whether a sentence announces a list that follows."""
    return text.rstrip().endswith(":")


def is_question(text: str) -> bool:
    """Whether a sentence asks instead of stating."""
    return text.rstrip("\"”’') ").endswith("?")


def soft(cosines: Floats) -> Floats:
    """Cosines of words in context as degrees of saying the same, 0..0.9: no likeness is worth the word itself."""
    return np.asarray(np.clip((cosines - _FAR) / (_SAME - _FAR), 0, 0.9), dtype=np.float32)


def _mean(scores: Floats, weights: Floats, empty: float = 0.0) -> float:
    total = float(weights.sum())
    return float((scores * weights).sum()) / total if total else empty


def _weakest(matches: Floats, weights: Floats, empty: float = 0.0) -> float:
    """The least match among the words that tell at least as much as the median word."""
    if not len(matches):
        return empty
    return float(matches[weights >= np.median(weights)].min())


def share(wanted: Sequence[Term], found: Sequence[Term]) -> float:
    """The share of a name's letters that stand in a text. Short words must stand side by side: "K visa", "H-1B"."""
    if len(wanted) > 1 and min(len(term.norm) for term in wanted) <= 2:
        stems = [term.stem for term in found]
        target = [term.stem for term in wanted]
        joined = "".join(term.norm for term in wanted)
        whole = any(stems[i : i + len(target)] == target for i in range(len(stems)))
        return 1.0 if whole or any(term.norm == joined for term in found) else 0.0
    known = {term.stem for term in found}
    capitals = [term.norm for term in found if is_capital(term)]
    length = sum(len(term.norm) for term in wanted)
    # "China" is there where "Chinese" stands.
    held = (t for t in wanted if t.stem in known or (is_capital(t) and any(kin(t.norm, name) for name in capitals)))
    return sum(len(t.norm) for t in held) / length if length else 0.0


_DEMONYM = frozenset(
    ("", "a", "an", "ans", "ian", "ians", "ese", "ish", "i", "is", "n", "ns", "ia", "e", "y", "o", "ean", "ic")
)


def kin(a: str, b: str) -> bool:
    """Whether two names are a place and its people: "china" and "chinese"."""
    common = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return common >= 4 and a[common:] in _DEMONYM and b[common:] in _DEMONYM


def spelled_out(wanted: Sequence[Term], found: Sequence[Term]) -> float:
    """1 where a text spells out an acronym, word for letter: "COPD" as "chronic obstructive pulmonary disease".

    Two letters stand for words with capitals alone: "US" for "United States".
    """
    if len(wanted) != 1 or len(wanted[0].norm) < 2 or not wanted[0].surface.isupper():
        return 0.0
    short = len(wanted[0].norm) == 2
    return float(wanted[0].norm in "".join(t.norm[0] if is_capital(t) or not short else " " for t in found))


def unknown(wanted: Sequence[Term], lexicon: Lexicon) -> bool:
    """Whether the corpus does not know a name: a word of it never occurs, or its words never stand together."""
    return any(term.stem not in lexicon.frequency for term in wanted) or not all(
        f"{a.norm} {b.norm}" in lexicon.pairs for a, b in pairwise(wanted)
    )


def rivals(wanted: Sequence[Term], found: Sequence[Term], lexicon: Lexicon) -> bool:
    """Whether a text names another thing of a name's kind.

    "R-visa" rivals "K visa", and so does "H-1B" where the corpus speaks of an "H-1B visa"; "Bridge Grant" rivals
    "Bridge Loan", and 2024 rivals 2025. A text that holds the name itself has no rival.
    """
    if all(is_year(term.norm) for term in wanted):
        years = {term.norm for term in found if is_year(term.norm)}
        return bool(years) and wanted[0].norm not in years
    if len(wanted) < 2:
        return False
    stems = [term.stem for term in wanted]
    heads = () if wanted[-1].norm in lexicon.names else (wanted[-1].norm, f"{wanted[-1].norm}s")
    named = (
        term for term in found if term.norm in lexicon.names and term.stem not in stems and term.norm not in _LOOSE
    )
    if any(f"{term.norm} {head}" in lexicon.pairs for term in named for head in heads):
        return True
    if not heads and any(
        other.norm in lexicon.names and other.stem not in stems and _shares_head(wanted[-1].norm, after, lexicon)
        for other, after in pairwise(found)
    ):
        return True
    for i, term in enumerate(found):
        if term.stem not in stems:
            continue
        at = stems.index(term.stem)
        for step in (-1, 1):
            if not (0 <= at + step < len(stems) and 0 <= i + step < len(found)):
                continue
            other = found[i + step]
            capital = is_capital(other) or other.norm in lexicon.names
            if capital and other.stem not in stems and other.norm not in _LOOSE:
                return True
    return False


def elsewhere(wanted: Sequence[Term], question: str, text: str, lexicon: Lexicon) -> bool:
    """Whether a text speaks of another place than the one a question asks of: "in China" for "in India"."""
    if not re.search(r"\bin\s+(?:the\s+)?$", question[: wanted[0].start], re.IGNORECASE) or is_year(wanted[0].norm):
        return False
    places = re.findall(r"\bin\s+(?:the\s+)?([A-Z][^\W\d_]+)", text)
    return any(place.lower() in lexicon.names and place.lower() not in _CALENDAR for place in places)


def _shares_head(name: str, head: Term, lexicon: Lexicon) -> bool:
    """Whether the common noun after one name follows another name elsewhere: a "K visa" rivals an "H-1B visa"."""
    forms = (head.norm, f"{head.norm}s", head.norm.removesuffix("s"))
    return (
        not head.function
        and head.norm not in lexicon.names
        and any(f"{name} {form}" in lexicon.pairs for form in forms)
    )


_CALENDAR = frozenset(
    "january february march april may june july august september october november december spring summer autumn winter".split()
)
_LOOSE = frozenset("chinese american british english european new national official first second".split())
