"""A run against what was accepted before: which sources changed, which answers, and which of those is a regression.

A baseline is the accepted state of a corpus, one JSON file beside its cases: each case's verdict and answer, the
generation, and what is remembered of each source. Not covered: drafting cases from what changed (`suggest.py`).
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from assistant.answer import Answer
from evals.case import HERE, Case
from evals.run import Result, Run, SourceFacts, short_digest
from index.diff import Quote
from index.errors import InputError
from index.purge import TELLING

KINDS = ("regression", "expected", "improved", "changed", "new")
_FORMAT = 1


@dataclass(frozen=True)
class Kept:
    """What a baseline keeps of a case: its verdict, and the answer's outcome, digest and text.

    `cites` are the sentences it cites, see `mark`.
    """

    verdict: str
    outcome: str
    digest: str
    text: str
    cites: tuple[str, ...] = ()

    @classmethod
    def of(cls, result: Result) -> Self:
        answer = result.answer
        if answer is None:
            return cls(result.grade.verdict, result.outcome, "", "")
        cites = tuple(sorted({mark(c.source, c.quote) for c in answer.citations}))
        return cls(result.grade.verdict, result.outcome, digest(answer), answer.text, cites)


def mark(source: str, text: str) -> str:
    """A sentence of a source: the id, and a digest of the words."""
    return f"{source}#{short_digest(text)}"


def digest(answer: Answer) -> str:
    """A digest of what a reader sees: outcome, text, and which words of which source are cited."""
    seen = [answer.outcome, answer.text, *([c.source, c.quote] for c in answer.citations)]
    return hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Baseline:
    """The accepted state of a corpus."""

    name: str
    generation: str
    sources: Mapping[str, SourceFacts]
    cases: Mapping[str, Kept]

    @classmethod
    def of(cls, run: Run) -> Self:
        return cls(run.name, run.generation, run.sources, {r.case.id: Kept.of(r) for r in run.results})

    @classmethod
    def load(cls, path: Path) -> Self | None:
        """The baseline in a file; None where there is none. Raises `InputError` for one that cannot be read."""
        try:
            data = json.loads(path.read_text("utf-8"))
            if data["format"] != _FORMAT:
                raise ValueError(f"format {data['format']}, not {_FORMAT}")
            sources = {key: _source_facts(value) for key, value in data["sources"].items()}
            return cls(data["name"], data["generation"], sources, {k: _kept(v) for k, v in data["cases"].items()})
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"The baseline {path} cannot be read ({type(error).__name__}: {error}). "
                "Restore it, or write a new one with --accept after removing it."
            ) from error

    def resting_on(self, quotes: Iterable[Quote]) -> list[str]:
        """The cases whose accepted answers cite one of some sentences."""
        wanted = {mark(quote.source, quote.text) for quote in quotes}
        return [key for key, kept in self.cases.items() if not wanted.isdisjoint(kept.cites)]

    def without(self, source: str, sentences: Iterable[str]) -> Self:
        """The same without a source, and without the cases whose answers cite it or hold one of its sentences."""
        telling = [text for text in sentences if len(text) >= TELLING]

        def holds(kept: Kept) -> bool:
            of_source = any(cited.rpartition("#")[0] == source for cited in kept.cites)
            return of_source or any(text in kept.text for text in telling)

        return replace(
            self,
            sources={key: facts for key, facts in self.sources.items() if key != source},
            cases={key: kept for key, kept in self.cases.items() if not holds(kept)},
        )

    def save(self, path: Path) -> None:
        """Write the file, a line a value, so that a change can be reviewed. Raises `InputError` where it cannot be."""
        text = json.dumps({"format": _FORMAT, **asdict(self)}, ensure_ascii=False, indent=1)
        try:
            path.write_text(text + "\n", "utf-8")
        except OSError as error:
            raise InputError(
                f"The baseline {path} cannot be written ({error.strerror}). Name another place with --baseline."
            ) from error


def _source_facts(data: Mapping[str, list[str]]) -> SourceFacts:
    return SourceFacts(str(data["digest"]), tuple(data["open"]), tuple(data["figures"]))


def _kept(data: Mapping[str, Any]) -> Kept:
    return Kept(**{**data, "cites": tuple(map(str, data.get("cites", ())))})


def baseline_of(sources: Path) -> Path | None:
    """Where the accepted state of a folder of sources lies: with the cases beside it or, of the shipped folder, with the
    shipped ones. None where there is none.
    """
    shipped = sources.resolve() == (HERE.parent / "sources").resolve()
    path = (HERE if shipped else sources.parent) / "cases" / "baseline.json"
    return path if path.exists() else None


def baseline_path(cases: Sequence[Path]) -> Path | None:
    """Where the baseline of some cases lies: in their one folder, or beside their one file. None for several."""
    if len(cases) != 1:
        return None
    path = cases[0]
    return path / "baseline.json" if path.is_dir() else path.with_name(f"{path.stem}.baseline.json")


@dataclass(frozen=True)
class SourceChanges:
    """The ids of the sources that are new, changed and gone."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        return len(self.added) + len(self.changed) + len(self.removed)


@dataclass(frozen=True)
class Change:
    """A case whose verdict or answer differs from the accepted one. `before` is None where there was none.

    `kind` is "regression" (it passed, and now fails or could not be graded), "expected" (it is stale now), "improved"
    (it passes now), "changed" (anything else) or "new".
    """

    case: Case
    before: Kept | None
    after: Kept
    kind: str


@dataclass(frozen=True)
class Comparison:
    """What differs from the accepted state. `gone` are the cases that it has and the files have not."""

    sources: SourceChanges
    changes: tuple[Change, ...]
    gone: tuple[str, ...] = ()

    @property
    def regressions(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.kind == "regression")

    @property
    def headline(self) -> str:
        """The comparison in a line: "3 sources changed -> 5 answers changed: 4 expected (stale cases), 1 regression"."""
        kinds = Counter(change.kind for change in self.changes)
        differ = len(self.changes) - kinds["new"]
        words = {
            "expected": "expected (stale cases)",
            "regression": "regression" if kinds["regression"] == 1 else "regressions",
            "improved": "improved",
            "changed": "other",
        }
        told = ", ".join(f"{kinds[kind]} {word}" for kind, word in words.items() if kinds[kind])
        new = f"; {_count(kinds['new'], 'new case')}" if kinds["new"] else ""
        gone = f"; {_count(len(self.gone), 'case')} gone" if self.gone else ""
        return (
            f"{_count(self.sources.count, 'source')} changed -> {_count(differ, 'answer')} changed"
            f"{': ' if told else ''}{told}{new}{gone}"
        )


def compare(run: Run, baseline: Baseline) -> Comparison:
    """What differs between a run and a baseline; cases in the order of the run."""
    now, before = run.sources, baseline.sources
    sources = SourceChanges(
        added=tuple(key for key in now if key not in before),
        changed=tuple(key for key in now if key in before and before[key].digest != now[key].digest),
        removed=tuple(key for key in before if key not in now),
    )
    changes = [_change(result, baseline.cases.get(result.case.id)) for result in run.results]
    asked = {result.case.id for result in run.results}
    gone = tuple(key for key in baseline.cases if key not in asked)
    return Comparison(sources, tuple(change for change in changes if change), gone)


def _change(result: Result, before: Kept | None) -> Change | None:
    after = Kept.of(result)
    if before is not None and (before.verdict, before.digest) == (after.verdict, after.digest):
        return None
    return Change(result.case, before, after, _kind(before, after))


def _kind(before: Kept | None, after: Kept) -> str:
    if before is None:
        return "new"
    if before.verdict == "pass" and after.verdict in ("fail", "ungraded"):
        return "regression"
    if after.verdict == "stale":
        return "expected"
    return "improved" if after.verdict == "pass" and before.verdict != "pass" else "changed"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
