"""The assistant on any site: a script for pages to include, a page for their frames, and one to try it on.

`embed.js` is one plain file without a build; what it is, and how it keeps to itself, stands in it. Browsers may keep it
for some minutes and then ask whether it has changed, so that a new version is everywhere soon. Which pages may ask, and
show a frame, is not decided here (`guards.py`, `app.py`).
"""

import gzip
import hashlib
from collections.abc import Callable, Collection
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assistant.show import examples
from assistant.site.site import Site

PAGES = ("/embed", "/demo")
LANGUAGES = ("en", "de", "fr", "es", "ar", "zh")  # that the script has words in
PLACEMENTS = ("launcher", "inline")
OWN_NAMES = ("localhost", "127.0.0.1")  # of a server for its machine alone
THEMES = ("auto", "light", "dark")
_HERE = Path(__file__).parent
_FILES = {
    "embed.js": "text/javascript",
    "embed.css": "text/css",
    "demo.css": "text/css",
    "onrecord.d.ts": "text/plain",
}
_MINUTES = "public, max-age=300, must-revalidate"


def routes(site: Site) -> APIRouter:
    """The script and its types, the page for frames at /embed, and the one to try it on at /demo."""
    router = APIRouter(include_in_schema=False)
    pages = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )

    def starters() -> str:
        """The questions that an editor suggests, as the script takes them."""
        return " | ".join(examples(site.settings.sources, list))

    @router.api_route("/embed", methods=["GET", "HEAD"])
    def frame() -> HTMLResponse:
        return _page(pages.get_template("embed.html").render(starters=starters()))

    @router.api_route("/demo", methods=["GET", "HEAD"])
    def demo(request: Request, lang: str = "", placement: str = "", theme: str = "") -> HTMLResponse:
        chosen = {
            "lang": _one_of(LANGUAGES, lang),
            "placement": _one_of(PLACEMENTS, placement),
            "theme": _one_of(THEMES, theme),
        }
        choices = {"lang": LANGUAGES, "placement": PLACEMENTS, "theme": THEMES}
        server = server_for(request, site.settings.origins)
        template = pages.get_template("demo.html")
        return _page(template.render(chosen=chosen, choices=choices, server=server, starters=starters()))

    for name, kind in _FILES.items():
        router.add_api_route(f"/{name}", _serving((_HERE / name).read_bytes(), kind), methods=["GET", "HEAD"])
    return router


def policy(*, local: bool) -> str:
    """The content security policy of the pages. On a machine's own server they may ask it by its other name too."""
    own = "'self' http://localhost:* http://127.0.0.1:*" if local else "'self'"
    return f"style-src 'self'; script-src {own}; connect-src {own}; require-trusted-types-for 'script'; trusted-types 'none'"


def server_for(request: Request, origins: Collection[str]) -> str:
    """Where the demo takes the script from: "" for where it is itself, ending in a slash otherwise.

    A machine's own server has two names, which are two origins to a browser. Where pages of the one may ask the other,
    the demo is what it is about: a page of one origin with the assistant of another.
    """
    here = request.base_url
    if here.hostname not in OWN_NAMES or f"{here.scheme}://{here.netloc}" not in origins:
        return ""
    return str(here.replace(hostname=OWN_NAMES[1 - OWN_NAMES.index(here.hostname)]))


def _one_of(allowed: tuple[str, ...], value: str) -> str:
    return value if value in allowed else allowed[0]


def _page(html: str) -> HTMLResponse:
    return HTMLResponse(html, headers={"Cache-Control": "no-cache"})


def _serving(content: bytes, kind: str) -> Callable[[Request], Response]:
    """A file that never changes while it is served, compressed for those who take that, and not sent twice."""
    packed = gzip.compress(content, 9, mtime=0)
    mark = hashlib.sha256(content).hexdigest()[:16]

    def file(request: Request) -> Response:
        wants_packed = "gzip" in request.headers.get("accept-encoding", "")
        tag = f'"{mark}-gzip"' if wants_packed else f'"{mark}"'
        headers = {"ETag": tag, "Cache-Control": _MINUTES, "Vary": "Accept-Encoding"}
        known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
        if tag in known:
            return Response(status_code=304, headers=headers)
        if wants_packed:
            headers["Content-Encoding"] = "gzip"
        return Response(packed if wants_packed else content, media_type=kind, headers=headers)

    return file
