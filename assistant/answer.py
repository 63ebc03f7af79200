"""`Assistant.answer(question, history) -> Answer`: the whole pipeline, on one page.

question (`follow_up.py`) -> parts (`parts.py`) -> hits (`index/search.py`, `rerank.py`) -> scored sentences (`evidence.py`) and
open points (`ledger.py`), the best of both read again (`reread.py`) -> outcome (`outcome.py`) -> segments (`compose.py`), each
past the gate of `citation.py`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from assistant.asking import asks_what_is_open
from assistant.citation import Citation
from assistant.closures import closures
from assistant.compose import Composer, Segment, numbered
from assistant.evidence import MODELS, Evidence, Models, Reader, states
from assistant.explain import explain
from assistant.follow_up import each_alone, stand_alone
from assistant.joint import joint_reader
from assistant.ledger import Ledger, LedgerEntry, OpenMatch
from assistant.notices import small_talk, wrong_language
from assistant.outcome import Decision, decide
from assistant.question import Query, understand
from assistant.rerank import CANDIDATES, READ, Reranker, best, load_reranker
from assistant.reread import Rereader
from assistant.settings import Settings
from index import lexicon
from index.claims import values
from index.closing import Closing
from index.embed import Embedder, TransformerEmbedder
from index.errors import InputError
from index.generation import Index
from index.search import Hit
from index.source import Source
from index.terms import terms

OUTCOMES = ("answered", "unreleased", "conflicting", "not_in_sources", "partial")
MOST_LETTERS = 4000
MOST_PARTS = 6

History = Sequence[str | Mapping[str, str]]


@dataclass(frozen=True)
class Answer:
    """What the record says to a question. See the design for each field; `to_dict` is its JSON."""

    question: str
    standalone_question: str
    outcome: str
    segments: tuple[Segment, ...]
    citations: tuple[Citation, ...]
    related: tuple[Citation, ...]
    as_of: str | None
    generation: str

    @property
    def text(self) -> str:
        """The segments joined, each followed by its citations as [1] markers."""
        return " ".join(segment.text + "".join(f" [{n}]" for n in segment.citations) for segment in self.segments)

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON-ready values, field for field."""
        data = asdict(self)
        return {
            **{key: data[key] for key in ("question", "standalone_question", "outcome", "segments")},
            "text": self.text,
            **{key: data[key] for key in ("citations", "related", "as_of", "generation")},
        }


@dataclass(frozen=True)
class Part:
    """One part of a question on its way to an answer."""

    query: Query
    evidence: tuple[Evidence, ...]
    open: tuple[OpenMatch, ...]
    decision: Decision


class Assistant(Closing):
    """Answers questions from one open index, deciding by `models`. Safe to share by threads."""

    def __init__(
        self, index: Index, embedder: Embedder, *, models: Models = MODELS, reranker: Reranker | None = None
    ) -> None:
        self.index = index
        self.embedder = embedder
        self.reranker = reranker
        self.lexicon = index.lexicon
        self.reader = Reader(index, self.lexicon, models)
        self._ledger = Ledger(self.reader)
        self._rereader = Rereader(self.reader, self._ledger, joint_reader(embedder))
        self._superseded = {
            old: source.id for source in index.sources.values() for old in source.supersedes if old != source.id
        }

    @classmethod
    def open(
        cls, index: str | Path | None = None, *, settings: Settings | None = None, generation: str | None = None
    ) -> Self:
        """Open the published index, or a generation that is kept, by the beginning of its id.

        Raises `NoIndexError`, `IndexMismatchError` for one built with another model, or as `Index.open` does.
        """
        settings = settings or Settings.from_environment()
        embedder = TransformerEmbedder(settings.model, threads=settings.threads)
        reranker = load_reranker(settings.reranker, settings.threads)
        return cls(Index.open(Path(index or settings.index), embedder, generation), embedder, reranker=reranker)

    def over(self, index: Index) -> Self:
        """The same over another index: with its models, which are not loaded again."""
        return type(self)(index, self.embedder, models=self.reader.models, reranker=self.reranker)

    def held(self) -> AbstractContextManager[Self]:
        """Itself: a surface holds an assistant for each question, and a `LiveAssistant` lends another in time."""
        return nullcontext(self)

    def answer(self, question: str, history: History = ()) -> Answer:
        """Answer from the record, or say which silence it is. `history` holds earlier questions, oldest first.

        Raises `InputError` for an empty question, or one of more than 4,000 characters.
        """
        question = _checked(question)
        reply = small_talk(question, self.index.sources)
        if reply:
            return self._fixed(question, reply, "answered")
        code = lexicon.language([term.norm for term in terms(question)])
        if code not in self.lexicon.languages and not self._familiar(question):
            return self._fixed(question, wrong_language(code, self.lexicon.languages), "not_in_sources")
        standalone = stand_alone(question, history, self.lexicon)
        parts = merged(self.parts(standalone))
        composer = Composer(self.reader, self.index.sources)
        for number, part in enumerate(parts):
            composer.add(part.query, part.decision, part.evidence, number)
        outcomes = list(dict.fromkeys(part.decision.outcome for part in parts))
        dates = [c.published for c in composer.citations if c.published]
        as_of = max(dates, default=None)
        if as_of and _NOW.search(standalone):
            composer.notice("The record speaks as of its newest source cited here.", outcomes[0], 0)
        return Answer(
            question, standalone, outcomes[0] if len(outcomes) == 1 else "partial", tuple(composer.segments),
            tuple(composer.citations), self._related(parts, composer), as_of, self.index.id,
        )  # fmt: skip

    def parts(self, standalone: str) -> list[Part]:
        """The parts of a question that stands alone, each with its evidence and what it comes to."""
        return [self._part(text) for text in each_alone(standalone, self.lexicon)[:MOST_PARTS]]

    def _part(self, text: str) -> Part:
        query = understand(text, self.lexicon, self.embedder)
        evidence = self.reader.read(query, self._hits(query))
        candidates = self._candidates([e.sentence for e in evidence])
        if asks_what_is_open(text):
            every = tuple(self._ledger.about(query, candidates))
            if every:
                return Part(query, tuple(evidence), every, Decision("unreleased", (), every))
        evidence, points = self._rereader.weigh(query, evidence, self._ledger.match(query, candidates))
        return Part(query, tuple(evidence), tuple(points), decide(query, evidence, points, self._ledger, self.reader))

    def _hits(self, query: Query) -> list[Hit]:
        """The passages to read, of no superseded source: the first found or, with a reranker, the best of more."""
        wanted = (CANDIDATES if self.reranker else READ) + len(self._superseded)
        hits = [
            hit
            for hit in self.index.search([term.stem for term in query.terms], query.vector, wanted)
            if self.index.passages[hit.passage].source not in self._superseded
        ]
        return best(self.reranker, query.text, hits, self.index) if self.reranker else hits

    def _candidates(self, sentences: Sequence[int]) -> list[int]:
        """The open points among the sentences read; of a small corpus, all of them."""
        if len(self._ledger.points) <= 300:
            return [number for number, point in enumerate(self._ledger.points) if point.source not in self._superseded]
        return [number for i in sentences for number in self._ledger.by_sentence.get(i, ())]

    def _related(self, parts: Sequence[Part], composer: Composer) -> tuple[Citation, ...]:
        """Up to three nearby things that the sources do say and the answer does not."""
        cited = {(c.source, c.start) for c in composer.citations}
        nearby: list[int] = []
        for part in parts:
            withheld = part.decision.outcome == "unreleased" and part.query.kind not in ("any", "yesno")
            for e in part.evidence:
                s = self.index.sentences[e.sentence]
                fits = e.signals.names >= 0.5 and states(s.text) and not (withheld and values(s.text))
                if fits and (s.source, s.start) not in cited and e.sentence not in nearby:
                    nearby.append(e.sentence)
        return numbered(nearby[:3], self.reader, self.index.sources)

    def _familiar(self, question: str) -> bool:
        """Whether most words of a question are words of the corpus, whatever language they look like."""
        found = terms(question)
        return sum(term.norm in self.lexicon.words for term in found) > 0.6 * len(found)

    def _fixed(self, question: str, reply: str, outcome: str) -> Answer:
        return Answer(
            question, question, outcome, (Segment(reply, (), outcome, "notice"),), (), (), None, self.index.id
        )

    def ledger(self, among: Callable[[Source], bool] = lambda source: True) -> list[LedgerEntry]:
        """What the sources say is not released: every open point, in the order of sources, with what has closed it since.

        What has closed them is looked for `among` some sources only: those of other sources are listed as open.
        """

        def decisions(question: str) -> list[Decision]:
            return [part.decision for part in self.parts(question)]

        return self._ledger.entries(closures(self._ledger, self.reader, self._superseded, decisions, among))

    def explain(self, question: str, history: History = ()) -> str:
        """Why the answer is what it is: what was asked, what decided it, and the signals of the best two sentences."""
        lines = [f"reranker: {self.reranker.name}"] if self.reranker else []
        for part in self.parts(stand_alone(_checked(question), history, self.lexicon)):
            lines += explain(part, self.reader, self._ledger)
        return "\n".join(lines)

    def close(self) -> None:
        """Close the index."""
        self.index.close()


_NOW = re.compile(
    r"\b(?:now|currently|today|at\s+present|at\s+the\s+moment|already|still|right\s+now|these\s+days)\b", re.IGNORECASE
)


def _checked(question: str) -> str:
    text = question.strip()
    if not text:
        raise InputError('The question is empty. Ask something, for example: onrecord ask "What is the fee?"')
    if len(text) > MOST_LETTERS:
        raise InputError(f"The question has {len(text)} characters; at most {MOST_LETTERS} are read. Shorten it.")
    return text


def merged(parts: Sequence[Part]) -> list[Part]:
    """Parts that come to the same are one: "What is the age limit and the degree?" may rest on one open point."""
    kept: list[Part] = []
    for part in parts:
        same = [k for k in kept if _substance(k) == _substance(part)]
        if not same:
            kept.append(part)
    return kept


def _substance(part: Part) -> tuple[object, ...]:
    d = part.decision
    return d.outcome, tuple(e.sentence for e in d.direct[:1]), tuple(m.sentence for m in d.open[:1]), d.sides
