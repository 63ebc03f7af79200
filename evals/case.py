"""Cases: a question, what a right answer looks like, and the words in the sources that make it right.

They are YAML, a list a file; a file is a theme. What cannot be used is refused with file, case and field. Not covered:
whether the words are still in the sources, and whether an answer is right (`grade.py`).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

from assistant.answer import OUTCOMES
from index.errors import InputError

HERE = Path(__file__).parent
REFUSALS = frozenset({"unreleased", "not_in_sources"})
ANSWERS = frozenset(OUTCOMES) - REFUSALS


@dataclass(frozen=True)
class Because:
    """Words of a source that a case rests on. Written `source-id#"words"`; white space in the words is folded."""

    source: str
    words: str

    def __str__(self) -> str:
        return f'{self.source}#"{self.words}"'

    def held_by(self, text: str) -> bool:
        """Whether a text holds the words."""
        return self.words in folded(text)


def folded(text: str) -> str:
    """A text with each run of white space as one blank."""
    return " ".join(text.split())


def pattern(wanted: str) -> re.Pattern[str]:
    """A string or a /regex/ as a pattern; case never counts. A faulty one raises `re.error`."""
    is_regex = len(wanted) > 2 and wanted[0] == wanted[-1] == "/"
    return re.compile(wanted[1:-1] if is_regex else re.escape(wanted), re.IGNORECASE)


def found(wanted: str, text: str) -> bool:
    """Whether a text holds a string or matches a /regex/."""
    return pattern(wanted).search(text) is not None


def _one_of_ours(outcome: str) -> str:
    if outcome not in OUTCOMES:
        raise ValueError(f"takes {', '.join(OUTCOMES)}")
    return outcome


def _compiles(wanted: str) -> str:
    try:
        pattern(wanted)
    except re.error as error:
        raise ValueError(f"faulty pattern {wanted}: {error}") from error
    return wanted


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _because(value: object) -> object:
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r'(?P<source>[^#]*\S)#"(?P<words>.*\S.*)"', value.strip(), re.DOTALL)
    if match is None:
        raise ValueError(f'takes source-id#"words of that source", not {value!r}')
    return Because(match["source"].strip(), folded(match["words"]))


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
    """A question, what is expected of its answer, and why. `theme` is the stem of the file it stands in."""

    id: Text
    theme: str
    question: Text
    history: tuple[Text | dict[str, str], ...] = ()
    expect: Expect
    because: Annotated[tuple[Annotated[Because, BeforeValidator(_because)], ...], BeforeValidator(_listed)] = ()

    @property
    def must_refuse(self) -> bool:
        """Whether only refusals are accepted."""
        return set(self.expect.outcome) <= REFUSALS

    @property
    def must_answer(self) -> bool:
        """Whether no refusal is accepted."""
        return set(self.expect.outcome) <= ANSWERS

    def expected(self, came: str) -> str:
        """The accepted outcome that an answer is held against: the one that came, else the most apt."""
        return came if came in self.expect.outcome else self.expect.outcome[0]

    def to_dict(self) -> dict[str, Any]:
        """The case as JSON-ready values, as it is written in YAML, with its theme."""
        data = self.model_dump(mode="json", exclude={"because"})
        return {**data, "because": [str(because) for because in self.because]}


def case_files(paths: Iterable[Path]) -> list[Path]:
    """The files of cases in some files and folders: of a folder its .yaml files, in order of name."""
    files: list[Path] = []
    for path in paths:
        here = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        if not here:
            raise InputError(f"{path} holds no .yaml file of cases. Write one, or name another folder.")
        files += here
    return files


def load(paths: Sequence[Path]) -> list[Case]:
    """The cases of some files and folders, in order. Raises `InputError`, which names file, case and field."""
    cases: dict[str, Case] = {}
    for path in case_files(paths):
        try:
            entries = yaml.safe_load(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise InputError(f"{path} cannot be read as cases ({folded(str(error))}).") from error
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
    if not cases:
        raise InputError(f"{', '.join(map(str, paths))} holds no case. Begin each with: - id: a-short-name")
    return list(cases.values())
