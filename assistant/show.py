"""What every surface shows alike: words for outcomes, what a quote leans on, the corpus in a line, example questions.

Nothing here knows about a terminal or a page, and nothing decides: `onrecord.py` and `chat.py` lay out what they find
here, each in its own medium.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from assistant.citation import Citation
from index.source import Source

if TYPE_CHECKING:
    from assistant.answer import Answer

OUTCOME_WORDS: Mapping[str, str] = {
    "answered": "Answered",
    "unreleased": "Not released yet",
    "conflicting": "Sources differ",
    "not_in_sources": "Not in the sources",
    "partial": "In parts",
}

# The same at a glance, beside the word.
OUTCOME_MARKS: Mapping[str, str] = {
    "answered": "✓",
    "unreleased": "◷",
    "conflicting": "⇄",
    "not_in_sources": "∅",
    "partial": "◐",
}

EXAMPLES_FILE = "_examples.txt"
MOST_EXAMPLES = 4
_LONGEST_ATTRIBUTE = 60

# Signs that steer a terminal or reorder text instead of showing something.
_STEERING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class OpenEntry(Protocol):
    """What an example question needs to know of an open point."""

    @property
    def subject(self) -> str: ...
    @property
    def attributes(self) -> Iterable[str]: ...
    @property
    def status(self) -> str: ...


@dataclass(frozen=True)
class Quote:
    """A quote as a reader sees it: `before` and `after` are what it leans on, to be shown dimmed."""

    before: str
    text: str
    after: str


def outcome_word(outcome: str) -> str:
    """An outcome as readers see it."""
    return OUTCOME_WORDS.get(outcome, outcome)


def is_fixed_reply(answer: "Answer") -> bool:
    """Whether an answer is a greeting or the like. It rests on no source, so it is shown without an outcome."""
    return answer.outcome == "answered" and not answer.citations


def plain(text: str) -> str:
    """Text as one line without control characters, which would steer a terminal (or hide what a source says)."""
    kept = "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or not (unicodedata.category(char) == "Cc" or char in _STEERING)
    )
    return " ".join(kept.split())


def quoted(citation: Citation, sources: Mapping[str, Source]) -> Quote:
    """A citation's quote between what it leans on. The context is left out where its source is not at hand."""
    source = sources.get(citation.source)
    if source is None:
        return Quote("", plain(citation.quote), "")
    return Quote(
        plain(source.text[citation.context_start : citation.start]),
        plain(citation.quote),
        plain(source.text[citation.end : citation.context_end]),
    )


def web_address(address: str) -> str:
    """The address if a browser may follow it, else "". A source may claim any, `javascript:` included."""
    return address if re.match(r"https?://[^\s/]", address, re.IGNORECASE) and plain(address) == address else ""


def facts(sources: Iterable[Source], generation: str) -> str:
    """A line about a corpus: how many sources, the newest publication date among them, and which index this is."""
    dates = [source.published for source in sources]
    count = f"{len(dates):,} source{'' if len(dates) == 1 else 's'}"
    newest = max(dates, default="")
    return f"{count}, {f'newest {newest}' if newest else 'none dated'} · index {generation[:8]}"


def examples(sources_dir: Path, ledger: Callable[[], Iterable[OpenEntry]]) -> list[str]:
    """Questions to begin with: those an editor wrote in `_examples.txt`, one a line, else some about open points.

    `ledger` is called only where they are needed: it may take long.
    """
    try:
        lines = (sources_dir / EXAMPLES_FILE).read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        lines = []
    written = [plain(line) for line in lines if line.strip() and not line.startswith("#")]
    return (written or _about_open_points(ledger()))[:MOST_EXAMPLES]


def _about_open_points(ledger: Iterable[OpenEntry]) -> list[str]:
    asked: dict[str, None] = {}
    for entry in ledger:
        known = next(filter(None, map(_askable, entry.attributes)), "")
        if entry.status == "open" and known:
            subject = plain(entry.subject)
            about = known if not subject or subject.lower() in known.lower() else f"{known} ({subject})"
            asked.setdefault(f"What is known about {about}?")
    return list(asked)


def _askable(attribute: str) -> str:
    """A noun phrase that can stand in a question, or ""; "that point" means something only where it was written."""
    phrase = re.sub(r"^(?:The|An?)\b", lambda article: article[0].lower(), plain(attribute))
    points_back = re.match(r"(?:this|that|these|those|it|they|such)\b", phrase, re.IGNORECASE)
    return "" if points_back or len(phrase) > _LONGEST_ATTRIBUTE else phrase
