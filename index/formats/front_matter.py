"""Front matter: the lines between two `---` at the head of a file, in which an editor says what the source is.

Values are taken as written, so `published: 2025-09` stays a month and `id: 007` keeps its zeros. Unknown keys are
tolerated; a known key with a value that cannot be right is an error that names its line.
"""

import datetime
import re

import yaml

from index.errors import SourceError
from index.formats.extract import normalise, squeeze
from index.source import SOURCE_KINDS

TEXT_KEYS = ("id", "title", "publisher", "published_note", "language")
DATE_KEYS = ("published", "retrieved", "effective")
KEYS = (*TEXT_KEYS, *DATE_KEYS, "url", "kind", "brief", "supersedes")
_FENCED = re.compile(r"\s*^---[ \t]*\n(?P<yaml>.*?)^(---|\.\.\.)[ \t]*(\n|\Z)", re.DOTALL | re.MULTILINE)
_OPENED = re.compile(rf"\s*---[ \t]*\n\s*({'|'.join(KEYS)})\s*:")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")
_LONGEST = 50_000
_TRUE, _FALSE = ("true", "yes", "on"), ("false", "no", "off")

Stated = dict[str, str | bool | tuple[str, ...]]


def parse(text: str) -> tuple[Stated, str, bool]:
    """What the front matter states, the text after it, and whether there was any.

    Raises SourceError, with the line, for front matter that is not closed, is no YAML, or holds a value that cannot be.
    """
    entries, end = _entries(text)
    stated: Stated = {}
    seen: dict[str, int] = {}
    for key, line, value in entries:
        if key not in KEYS:
            continue
        if key in seen:
            raise SourceError(f"line {line}: {key} is given twice, first on line {seen[key]}; keep one of them")
        seen[key] = line
        stated[key] = _value(key, value, line)
    return stated, text[end:], bool(entries)


def line_of(text: str, key: str) -> int:
    """The line on which the front matter of `text` gives `key`; 0 where it does not."""
    return next((line for other, line, _ in _entries(text)[0] if other == key), 0)


def _entries(text: str) -> tuple[list[tuple[str, int, yaml.Node]], int]:
    """Each key of the front matter with its line and value, and where the text after it begins."""
    match = _FENCED.match(text)
    if match is None or len(match["yaml"]) > _LONGEST:
        if _OPENED.match(text):
            raise SourceError(
                f"line 1: front matter opens with '---' but does not end within {_LONGEST:,} characters; "
                "close it with a line '---'"
            )
        return [], 0
    first = text.count("\n", 0, match.start("yaml")) + 1
    node = _compose(match["yaml"], first)
    if not isinstance(node, yaml.MappingNode):
        return [], 0 if match["yaml"].strip() else match.end()
    # A key that is a list may hold itself a thousand times over by its aliases, so only texts are looked at.
    return [
        (key.value if isinstance(key, yaml.ScalarNode) else "", first + key.start_mark.line, value)
        for key, value in node.value
    ], match.end()


def date(value: str) -> str:
    """`value` when it is a date as we keep them (YYYY, YYYY-MM, YYYY-MM-DD) and exists in the calendar; else ""."""
    if not re.fullmatch(r"\d{4}(-\d{2}){0,2}", value):
        return ""
    try:
        datetime.date.fromisoformat((value + "-01-01")[:10] if len(value) == 4 else (value + "-01")[:10])
    except ValueError:
        return ""
    return value


def _compose(block: str, first: int) -> yaml.Node | None:
    try:
        return yaml.compose(block, Loader=yaml.SafeLoader)
    except RecursionError as error:
        raise SourceError(f"line {first}: front matter is nested too deep; write one value to a key") from error
    except yaml.YAMLError as error:
        problem = squeeze(str(getattr(error, "problem", None) or error))
        line = first + _line_of_error(error, block)
        hint = "put the value in quotes if it holds ': ' or begins with a special character"
        raise SourceError(f"line {line}: front matter is not YAML ({problem}); {hint}") from error


def _line_of_error(error: yaml.YAMLError, block: str) -> int:
    """How many lines of the block stand above what is wrong; what is left open is wrong where it begins."""
    if isinstance(error, yaml.reader.ReaderError):
        return block.count("\n", 0, error.position)
    if not isinstance(error, yaml.MarkedYAMLError):
        return 0
    left_open = re.search("quoted|flow", error.context or "")
    mark = (error.context_mark if left_open else None) or error.problem_mark
    return mark.line if mark else 0


def _value(key: str, node: yaml.Node, line: int) -> str | bool | tuple[str, ...]:
    if key == "supersedes":
        return _ids(node, line)
    if not isinstance(node, yaml.ScalarNode):
        raise SourceError(f"line {line}: {key} must be one value, not a list or a mapping")
    text = squeeze(normalise(str(node.value)))
    if node.tag == "tag:yaml.org,2002:null":
        text = ""
    if key == "brief":
        return _flag(text, line)
    if not text:
        return ""
    if key == "id":
        _check_id(str(node.value), line)
    if key in DATE_KEYS and not date(text):
        raise SourceError(
            f"line {line}: {key} is {text!r}, no date; write YYYY, YYYY-MM or YYYY-MM-DD, or leave it empty"
        )
    if key == "kind" and text not in SOURCE_KINDS:
        raise SourceError(f"line {line}: kind is {text!r}; write one of {', '.join(SOURCE_KINDS)}, or leave it empty")
    if key == "url" and not re.fullmatch(r"https?://[^\s/]\S*", text):
        raise SourceError(f"line {line}: url is {text!r}; write the whole address, beginning with https://")
    return text


def _check_id(value: str, line: int) -> None:
    """Raise SourceError for an id that could be taken for a place outside a folder, or that looks like another."""
    if _CONTROLS.search(value.strip()):
        raise SourceError(f"line {line}: id is {value!r}, with control characters; write letters, digits and hyphens")
    if ".." in re.split(r"[/\\]", value):
        raise SourceError(f"line {line}: id is {value!r}; write it without '..' between slashes")


def _flag(text: str, line: int) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in (*_FALSE, ""):
        return False
    raise SourceError(f"line {line}: brief is {text!r}; write true or false")


def _ids(node: yaml.Node, line: int) -> tuple[str, ...]:
    items = node.value if isinstance(node, yaml.SequenceNode) else [node]
    if not all(isinstance(item, yaml.ScalarNode) for item in items):
        raise SourceError(f"line {line}: supersedes must be an id or a list of ids")
    ids = (squeeze(normalise(str(item.value))) for item in items if item.tag != "tag:yaml.org,2002:null")
    return tuple(dict.fromkeys(value for value in ids if value))
