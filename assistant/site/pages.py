"""A source as it is indexed, as a page: what is known of it, and its text in full; what was left out is struck out.

The offsets of a citation count characters of `Source.text`. Each block of the page says at which of them it begins, so
that `source.js` can mark what an address ends with (#start-end); without it the page is whole, but for the mark. Nothing
a source says is markup: the template (`source.html.j2`) escapes every expression, only web addresses become links, and
the policy of these paths (`app.py`) lets no script or style run but the page's own. Not covered: pictures, and layout
that the index does not keep.
"""

import hashlib
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from assistant.show import plain, web_address
from assistant.site.site import Site
from index.source import Source

TEMPLATE = "source.html.j2"
_HERE = Path(__file__).parent
_FILES = {"source.css": "text/css", "source.js": "text/javascript"}
_YEAR = "public, max-age=31536000, immutable"  # what changes a file changes its address
_BULLET = re.compile(r"[-*+•–—·▪◦‣●○■□➢►]\s|\(?(?:\d{1,3}|[a-z]|[ivx]+)[.)]\s")


@dataclass(frozen=True)
class Run:
    """A stretch of text, and why it was left out; "" where it was not."""

    text: str
    reason: str = ""


@dataclass(frozen=True)
class Part:
    """A block as the page shows it. `start` is where it begins in `Source.text`; `depth` is that of a heading, from 1."""

    kind: str
    start: int
    runs: tuple[Run, ...]
    depth: int = 0

    @property
    def bulleted(self) -> bool:
        """Whether its own text begins with a bullet or a number."""
        return bool(_BULLET.match(self.runs[0].text))


def routes(site: Site) -> APIRouter:
    """The page of each source, and the two files that all of them share."""
    router = APIRouter(include_in_schema=False)
    files = {name: (_HERE / name).read_bytes() for name in _FILES}
    template = _environment(site, files).get_template(TEMPLATE)

    @router.api_route("/source/{source_id:path}", methods=["GET", "HEAD"])
    def page(source_id: str) -> HTMLResponse:
        with site.live.held() as assistant:
            sources, generation = assistant.index.sources, assistant.index.id
        source = sources.get(source_id)
        if source is None:
            return HTMLResponse(template.render(source=None), 404)
        shown = template.render(
            source=source,
            groups=[(kind, list(group)) for kind, group in groupby(parts(source), lambda part: part.kind)],
            left_out=Counter(dropped.reason for dropped in source.dropped),
            replaced_by=successors(source, sources),
            replaces=[sources[old] for old in source.supersedes if old in sources],
            generation=generation,
        )
        return HTMLResponse(shown, headers={"Cache-Control": "no-cache"})

    for name, kind in _FILES.items():
        router.add_api_route(f"/{name}", _serving(files[name], kind), methods=["GET", "HEAD"])
    return router


def _serving(content: bytes, kind: str) -> Callable[[], Response]:
    def file() -> Response:
        return Response(content, media_type=kind, headers={"Cache-Control": _YEAR})

    return file


def _environment(site: Site, files: Mapping[str, bytes]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"address": web_address, "page": site.page_of}
    environment.globals["file"] = lambda name: (
        f"{site.settings.root_path}/{name}?{hashlib.sha256(files[name]).hexdigest()[:12]}"
    )
    return environment


def parts(source: Source) -> list[Part]:
    """The text of a source in full, in order: its blocks, and what stands between them, if it is more than white space.

    A bullet, which the reader of plain text keeps out of the block, is put back. Depths of headings that the source
    skips are closed up.
    """
    levels = sorted({block.level for block in source.blocks if block.kind == "heading"})
    depths = {level: depth for depth, level in enumerate(levels, 1)}
    cut = _Cut(source)
    found: list[Part] = []
    at = 0
    for block in source.blocks:
        start = max(at, source.text.rfind("\n", at, block.start) + 1)
        start = start if source.text[start : block.start].strip() else block.start
        found += cut.part("between", at, start)
        found += cut.part(block.kind, start, block.end, depths.get(block.level, 0))
        at = block.end
    return found + cut.part("between", at, len(source.text))


def successors(source: Source, sources: Mapping[str, Source]) -> list[Source]:
    """The sources that replace a source, so that no answer quotes it."""
    return [other for other in sources.values() if source.id in other.supersedes and other.id != source.id]


class _Cut:
    """Cuts the text of a source where something that was left out begins or ends."""

    def __init__(self, source: Source) -> None:
        self._text = source.text
        self._dropped = sorted(source.dropped, key=lambda dropped: dropped.start)
        self._ends = [dropped.end for dropped in self._dropped]

    def part(self, kind: str, start: int, end: int, depth: int = 0) -> list[Part]:
        """A span as a part; none of mere white space."""
        return [Part(kind, start, tuple(self._runs(start, end)), depth)] if self._text[start:end].strip() else []

    def _runs(self, start: int, end: int) -> Iterator[Run]:
        for number in range(bisect_right(self._ends, start), len(self._dropped)):
            dropped = self._dropped[number]
            if dropped.start >= end:
                break
            if start < dropped.start:
                yield Run(self._text[start : dropped.start])
                start = dropped.start
            yield Run(self._text[start : min(dropped.end, end)], dropped.reason)
            start = min(dropped.end, end)
        if start < end:
            yield Run(self._text[start:end])
