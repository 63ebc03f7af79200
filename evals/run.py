"""Cases asked and graded: a folder of sources and its cases -> Run.

The index is made for the run from the files as they are, and thrown away. The files that grading reads are read again.
Two dummies are graded alongside, for scale: one refuses everything, one nothing. Not covered: what the results add up
to (`summary.py`), and what changed since they were last accepted (`compare.py`).
"""

import hashlib
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from assistant.answer import Answer, Assistant, History
from assistant.citation import cite
from assistant.compose import NOT_IN_SOURCES, Segment
from assistant.ledger import LedgerEntry
from assistant.rerank import Reranker
from evals.case import Case, folded
from evals.extra import measures
from evals.grade import Files, Grade, all_citations, grade, stands
from index.build import Progress
from index.embed import Embedder
from index.generation import Index
from index.history import require_staged
from index.read import read_folder
from index.sync import sync
from index.terms import content, terms


class Answers(Protocol):
    """What is graded."""

    def answer(self, question: str, history: History = ()) -> Answer: ...


@dataclass(frozen=True)
class Result:
    """What a case came to. `answer` is None where the assistant raised; then `grade` says what.

    `quotes` counts the quotes in the answer and in what is related, `verbatim` those that stand in the file, read again.
    """

    case: Case
    answer: Answer | None
    grade: Grade
    quotes: int = 0
    verbatim: int = 0
    seconds: float = 0.0

    @property
    def outcome(self) -> str:
        """The outcome that came; "error" where the assistant raised."""
        return self.answer.outcome if self.answer else "error"


@dataclass(frozen=True)
class SourceFacts:
    """What is remembered of a source: the sha256 of its file, digests of its open sentences, and its figures and dates."""

    digest: str
    open: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """All cases of a corpus, asked and graded.

    `name` is the corpus's, `generation` the id of the index. `files` are the sources as read again, `sources` what is
    remembered of them, `ledger` their open points. The dummies' results are in the order of the cases.
    """

    name: str
    generation: str
    sources: Mapping[str, SourceFacts]
    results: tuple[Result, ...]
    always_refuse: tuple[Result, ...] = ()
    never_refuse: tuple[Result, ...] = ()
    ledger: tuple[LedgerEntry, ...] = ()
    files: Files = field(default_factory=dict)


def ask(
    cases: Sequence[Case],
    assistant: Answers,
    files: Files,
    changed: frozenset[str] | None = None,
    progress: Progress | None = None,
) -> tuple[Result, ...]:
    """Ask and grade each case. `changed` are the sources that are new or changed; None where that is not known."""
    results = []
    for done, case in enumerate(cases, 1):
        results.append(_result(case, assistant, files, changed))
        if progress:
            progress("ask", done, len(cases))
    return tuple(results)


def _result(case: Case, assistant: Answers, files: Files, changed: frozenset[str] | None) -> Result:
    began = time.perf_counter()
    try:
        answer = assistant.answer(case.question, case.history)
    except Exception as error:  # whatever it is, the other cases are still to be asked
        reason = f"the assistant raised {type(error).__name__}: {error}"
        return Result(case, None, Grade("ungraded", (reason,)), seconds=time.perf_counter() - began)
    seconds = time.perf_counter() - began
    shown = all_citations(answer)
    verbatim = sum(stands(citation, files) for citation in shown)
    return Result(case, answer, grade(case, answer, files, changed), len(shown), verbatim, seconds)


@dataclass(frozen=True)
class Corpus:
    """A folder of sources ready to be asked: the assistant on an index made for it, the files as read again, and the SHA-256
    of each by its path.
    """

    assistant: Assistant
    files: Files
    hashes: Mapping[str, str]

    def facts(self) -> dict[str, SourceFacts]:
        """What is remembered of each source."""
        quotes: dict[str, set[str]] = {key: set() for key in self.files}
        for entry in self.assistant.ledger(lambda _: False):
            quotes.setdefault(entry.source, set()).add(short_digest(entry.quote))
        return {
            key: SourceFacts(
                self.hashes[source.path],
                tuple(sorted(quotes[key])),
                tuple(sorted(measures(source.text))),
            )
            for key, source in self.files.items()
        }


@contextmanager
def opened(
    folder: Path,
    embedder: Embedder,
    progress: Progress | None = None,
    reranker: Reranker | None = None,
    staged_in: Path | None = None,
) -> Iterator[Corpus]:
    """A folder of sources, indexed meanwhile, or by the generation that is staged in an index. Raises `NoSourcesError` for one
    with nothing to index, and `NoIndexError` where nothing is staged.
    """
    with tempfile.TemporaryDirectory(prefix="onrecord-evals-") as place:
        if staged_in:
            index = Index.open(staged_in, embedder, require_staged(staged_in))
        else:
            sync(folder, Path(place), embedder, progress)
            index = Index.open(Path(place), embedder)
        with Assistant(index, embedder, reranker=reranker) as assistant:
            again = read_folder(folder)
            yield Corpus(assistant, {source.id: source for source in again.sources}, again.files)


def run_folder(
    folder: Path,
    cases: Sequence[Case],
    embedder: Embedder,
    since: Mapping[str, SourceFacts] | None = None,
    progress: Progress | None = None,
    reranker: Reranker | None = None,
    staged_in: Path | None = None,
) -> Run:
    """Run cases over a folder of sources. `since` is what a baseline remembers of them; for the rest, see `opened`."""
    with opened(folder, embedder, progress, reranker, staged_in) as corpus:
        assistant, files, facts = corpus.assistant, corpus.files, corpus.facts()
        changed = None if since is None else changed_sources(facts, since)
        return Run(
            name_of(folder), assistant.index.id, facts, ask(cases, assistant, files, changed, progress),
            ask(cases, AlwaysRefuse(), files, changed), ask(cases, NeverRefuse(assistant), files, changed),
            tuple(assistant.ledger()), files,
        )  # fmt: skip


def changed_sources(now: Mapping[str, SourceFacts], since: Mapping[str, SourceFacts]) -> frozenset[str]:
    """The sources that are new, or whose file has changed."""
    return frozenset(key for key in now if key not in since or since[key].digest != now[key].digest)


def settled(run: Run) -> Run:
    """The run as the next one will grade it, once its sources are the accepted ones: nothing is new any more."""
    return replace(run, results=tuple(_regraded(result, run.files) for result in run.results))


def _regraded(result: Result, files: Files) -> Result:
    if result.answer is None:
        return result
    return replace(result, grade=grade(result.case, result.answer, files, frozenset()))


def name_of(sources: Path) -> str:
    """What a corpus is called: its folder's name. A folder "sources" below another one has that one's name."""
    path = sources.resolve()
    return path.parent.name if path.name == "sources" and path.parent != Path.cwd() else path.name


def short_digest(text: str) -> str:
    """A digest of a text, white space folded; long enough for one corpus."""
    return hashlib.sha256(folded(text).encode()).hexdigest()[:16]


class AlwaysRefuse:
    """Says to every question that the sources do not say."""

    def answer(self, question: str, history: History = ()) -> Answer:
        segments = (Segment(NOT_IN_SOURCES, (), "not_in_sources", "notice"),)
        return Answer(question, question, "not_in_sources", segments, (), (), None, "")


class NeverRefuse:
    """Answers every question with the first sentence of the passage found first, word for word."""

    def __init__(self, assistant: Assistant) -> None:
        self._index = assistant.index
        self._embedder = assistant.embedder

    def answer(self, question: str, history: History = ()) -> Answer:
        stems = [term.stem for term in content(terms(question))]
        best = self._index.search(stems, self._embedder.encode([question])[0].vector, 1)[0]
        passage = self._index.passages[best.passage]
        first = self._index.sentences[passage.sentences[0]]
        source = self._index.sources[first.source]
        segments = (Segment(first.text, (1,), "answered", "direct"),)
        citation = cite(1, source, (first.start, first.end))
        as_of = source.published or None
        return Answer(question, question, "answered", segments, (citation,), (), as_of, self._index.id)
