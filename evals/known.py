"""Known-answer questions, asked and graded: `python -m evals.known [--sources DIR] [CASES.yaml ...]`.

A case is a question and what a right answer looks like. Grading is deterministic, reads nothing but the answer and the
files (read again, never the index), and gives a reason in a line. A new grader is a new function in `GRADERS`.

Not covered: thresholds and exit codes for failing cases, baselines, and whether the words that a case's `because` rests
on are still there. A failing case does not fail the run; a case or folder that cannot be used does, with exit code 2.
"""

import argparse
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Protocol

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

from assistant.answer import OUTCOMES, Answer, Assistant
from assistant.citation import Citation
from assistant.settings import Settings
from index.embed import TransformerEmbedder
from index.errors import InputError, OnRecordError
from index.generation import Index
from index.read import read_folder
from index.source import Source
from index.sync import sync

HERE = Path(__file__).parent
SEED_CASES = HERE / "seed-cases.yaml"
REFUSALS = frozenset({"unreleased", "not_in_sources"})
ANSWERS = frozenset(OUTCOMES) - REFUSALS


class Answers(Protocol):
    """What is graded."""

    def answer(self, question: str, history: Sequence[str | Mapping[str, str]] = ()) -> Answer: ...


# --- cases ---------------------------------------------------------------------------------------------------------


def _one_of_ours(outcome: str) -> str:
    if outcome not in OUTCOMES:
        raise ValueError(f"takes {', '.join(OUTCOMES)}")
    return outcome


def _pattern(wanted: str) -> re.Pattern[str]:
    """A string or a /regex/ as a pattern. A faulty one raises `re.error`."""
    is_regex = len(wanted) > 2 and wanted[0] == wanted[-1] == "/"
    return re.compile(wanted[1:-1] if is_regex else re.escape(wanted), re.IGNORECASE)


def _compiles(wanted: str) -> str:
    try:
        _pattern(wanted)
    except re.error as error:
        raise ValueError(f"faulty pattern {wanted}: {error}") from error
    return wanted


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Text = Annotated[str, Field(pattern=r"\S")]
Wanted = tuple[Annotated[Text, AfterValidator(_compiles)], ...]
OneOf = Annotated[tuple[Text, ...], BeforeValidator(_listed), Field(min_length=1)]
Outcomes = Annotated[
    tuple[Annotated[str, AfterValidator(_one_of_ours)], ...], BeforeValidator(_listed), Field(min_length=1)
]


class Expect(BaseModel, frozen=True, extra="forbid"):
    """What a right answer looks like.

    `outcome` holds those accepted, the most apt one first. A text in `must_say` or `must_not_say` is a plain string or a
    /regex/; case never counts. Of each group in `must_cite`, one source is cited. Each text in `quote_contains` stands in
    some cited quote.
    """

    outcome: Outcomes
    must_say: Wanted = ()
    must_not_say: Wanted = ()
    must_cite: tuple[OneOf, ...] = ()
    quote_contains: Wanted = ()


class Case(BaseModel, frozen=True, extra="forbid"):
    """A question, and what is expected of its answer. `theme` is the stem of the file it stands in."""

    id: Text
    theme: str
    question: Text
    history: tuple[Text | dict[str, str], ...] = ()
    expect: Expect
    because: str = ""


def load(paths: Iterable[Path]) -> list[Case]:
    """The cases of some files, in order. Raises `InputError`, which names file, case and field."""
    cases: dict[str, Case] = {}
    for path in paths:
        try:
            entries = yaml.safe_load(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise InputError(f"{path} cannot be read as cases ({' '.join(str(error).split())}).") from error
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise InputError(f"{path} holds no list of cases. Begin each with: - id: a-short-name")
        for number, entry in enumerate(entries, 1):
            name = f"{path}, case {entry.get('id', f'number {number}')}"
            try:
                case = Case.model_validate({**entry, "theme": path.stem})
            except ValidationError as error:
                fault = error.errors()[0]
                raise InputError(f"{name}, field {'.'.join(map(str, fault['loc']))}: {fault['msg']}.") from error
            if cases.setdefault(case.id, case) is not case:
                raise InputError(f"{name}, field id: an earlier case has it already. Choose another.")
    return list(cases.values())


def _found(wanted: str, text: str) -> bool:
    return _pattern(wanted).search(text) is not None


# --- graders: what is amiss, in a line, or "" ----------------------------------------------------------------------

Files = Mapping[str, Source]


def outcome(case: Case, answer: Answer, files: Files) -> str:
    return (
        "" if answer.outcome in case.expect.outcome else f"is {answer.outcome}, not {' or '.join(case.expect.outcome)}"
    )


def says(case: Case, answer: Answer, files: Files) -> str:
    missing = [wanted for wanted in case.expect.must_say if not _found(wanted, answer.text)]
    return f"does not say {', '.join(missing)}" if missing else ""


def keeps_silent(case: Case, answer: Answer, files: Files) -> str:
    said = [unwanted for unwanted in case.expect.must_not_say if _found(unwanted, answer.text)]
    return f"says {', '.join(said)}" if said else ""


def cites(case: Case, answer: Answer, files: Files) -> str:
    cited = {citation.source for citation in answer.citations}
    missing = [" or ".join(group) for group in case.expect.must_cite if not cited & set(group)]
    return f"does not cite {', '.join(missing)}" if missing else ""


def quotes(case: Case, answer: Answer, files: Files) -> str:
    missing = [text for text in case.expect.quote_contains if not any(_found(text, c.quote) for c in answer.citations)]
    return f"quotes nothing with {', '.join(missing)}" if missing else ""


def is_verbatim(case: Case, answer: Answer, files: Files) -> str:
    altered = [citation.source for citation in all_citations(answer) if not stands(citation, files)]
    return f"misquotes {', '.join(altered)}" if altered else ""


def adds_no_figure(case: Case, answer: Answer, files: Files) -> str:
    """Each segment's figures stand in what it cites; a refusal may repeat the question's.

    A fixed reply, which cites nothing, speaks of the corpus: its figures are not looked at.
    """
    added = []
    for segment in answer.segments if answer.citations or answer.outcome != "answered" else ():
        cited = [c for c in answer.citations if c.n in segment.citations]
        shown = [text for c in cited for text in (c.quote, c.title, c.publisher, c.published)]
        shown += [answer.question, answer.standalone_question] if segment.outcome in REFUSALS else []
        added += sorted(_figures(segment.text) - _figures("\n".join(shown)))
    return f"adds the figure {', '.join(added)}" if added else ""


GRADERS = (outcome, says, keeps_silent, cites, quotes, is_verbatim, adds_no_figure)


def all_citations(answer: Answer) -> list[Citation]:
    """The citations, and those of what is related."""
    return [*answer.citations, *answer.related]


def stands(citation: Citation, files: Files) -> bool:
    """Whether a quote stands in its file, character for character."""
    source = files.get(citation.source)
    return source is not None and bool(citation.quote) and source.text[citation.start : citation.end] == citation.quote


def _figures(text: str) -> set[str]:
    return {figure.replace(",", "") for figure in re.findall(r"\d+(?:[.,]\d+)*", text)}


# --- a run ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What a case came to: no `reasons` is a pass. `quotes` and `verbatim` count its quotes, and those that stand."""

    case: Case
    outcome: str
    reasons: tuple[str, ...]
    quotes: int = 0
    verbatim: int = 0


def run(cases: Iterable[Case], assistant: Answers, files: Files) -> list[Result]:
    """Ask and grade. An assistant that raises fails the case, with the outcome "error"."""
    return [_result(case, assistant, files) for case in cases]


def _result(case: Case, assistant: Answers, files: Files) -> Result:
    try:
        answer = assistant.answer(case.question, case.history)
    except Exception as error:  # whatever it is, the other cases are still to be asked
        return Result(case, "error", (f"raises {type(error).__name__}: {error}",))
    reasons = tuple(filter(None, (grade(case, answer, files) for grade in GRADERS)))
    shown = all_citations(answer)
    return Result(case, answer.outcome, reasons, len(shown), sum(stands(citation, files) for citation in shown))


def run_folder(sources: Path, cases: Sequence[Case], embedder: TransformerEmbedder) -> list[Result]:
    """Run cases over a folder, on an index made for it and thrown away."""
    with tempfile.TemporaryDirectory(prefix="onrecord-evals-") as place:
        sync(sources, Path(place), embedder)
        files = {source.id: source for source in read_folder(sources).sources}
        with Assistant(Index.open(Path(place), embedder), embedder) as assistant:
            return run(cases, assistant, files)


# --- the report ----------------------------------------------------------------------------------------------------


def report(results: Sequence[Result]) -> str:
    """The results as text: by theme, by outcome, the two ways of being wrong, the quotes, and each failing case."""
    return "\n".join([*_by_theme(results), *_by_outcome(results), *_pair(results), *_failing(results)])


def _by_theme(results: Sequence[Result]) -> Iterable[str]:
    for theme in dict.fromkeys(result.case.theme for result in results):
        yield _passed(theme, [result for result in results if result.case.theme == theme])
    yield _passed("all", results)


def _passed(name: str, results: Sequence[Result]) -> str:
    return f"{name:<28}{sum(not result.reasons for result in results):>4} / {len(results)}"


def _by_outcome(results: Sequence[Result]) -> Iterable[str]:
    """Rows are what was expected (of several, the one that came, else the first), columns what came."""
    accepted = [(r.case.expect.outcome, r.outcome) for r in results]
    pairs = Counter((came if came in expected else expected[0], came) for expected, came in accepted)
    columns = [*OUTCOMES, *(["error"] if any(came == "error" for _, came in pairs) else [])]
    yield "\n" + f"{'expected, then what came':<28}" + "".join(f"{name:>16}" for name in columns)
    for row in OUTCOMES:
        yield f"{row:<28}" + "".join(f"{pairs[row, column] or '·':>16}" for column in columns)


def _pair(results: Sequence[Result]) -> Iterable[str]:
    refuse = [r for r in results if set(r.case.expect.outcome) <= REFUSALS]
    answer = [r for r in results if set(r.case.expect.outcome) <= ANSWERS]
    quotes_, verbatim = sum(r.quotes for r in results), sum(r.verbatim for r in results)
    yield f"\nanswers to must-refuse questions   {sum(r.outcome in ANSWERS for r in refuse)} / {len(refuse)}"
    yield f"refusals of answerable questions   {sum(r.outcome in REFUSALS for r in answer)} / {len(answer)}"
    yield f"quotes that stand in their files   {verbatim} / {quotes_}"


def _failing(results: Sequence[Result]) -> Iterable[str]:
    failing = [result for result in results if result.reasons]
    return [f"\nfailing: {len(failing)}", *(f"- {r.case.id}: {'; '.join(r.reasons)}" for r in failing)]


# --- the command ---------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m evals.known", description="Ask known-answer questions.")
    parser.add_argument("--sources", type=Path, help="the folder of documents; default: ONRECORD_SOURCES, or sources")
    parser.add_argument("cases", nargs="*", type=Path, help="case files; default: evals/cases, and the seed cases")
    given = parser.parse_args(arguments)
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    try:
        settings = Settings.from_environment(sources=given.sources)
        suites = [(settings.sources, load(given.cases or sorted((HERE / "cases").glob("*.yaml"))))]
        if not given.cases and (seeds := os.environ.get("ONRECORD_SEEDS", "").strip()):
            suites.append((Path(seeds), load([SEED_CASES])))
        elif not given.cases:
            print(f"Skipped: {len(load([SEED_CASES]))} cases of {SEED_CASES.name}; ONRECORD_SEEDS names no folder.\n")
        embedder = TransformerEmbedder(settings.model, settings.threads)
        print(report([result for sources, cases in suites for result in run_folder(sources, cases, embedder)]))
    except OnRecordError as error:
        print(f"evals: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
