"""The application: routes, behind their guards, beside the chat.

The guards stand before everything, the chat's own routes included. What a browser may do with a reply depends on what it
is: API replies may do nothing, the page of a source may only be styled and run the script it comes with; the chat needs
scripts of its own in its page, as Gradio makes it, and has the looser policy that `doors.py` states.
"""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import metadata

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from assistant import doors
from assistant.settings import Settings
from assistant.site import api, embed, mcp, openai, pages
from assistant.site.answering import Lends
from assistant.site.faults import catch
from assistant.site.guards import Body, Caught, Closed, Counted, Key, Origins, Policy, Rate, Share, Unnamed, is_loopback
from assistant.site.site import Site

# The beginnings of paths: routes are found by the same decoded text, in the same case.
_KEYED = re.compile(r"/api/(?!health/)|/v1/|/mcp|/metrics")
_LIMITED = re.compile(r"/api/(?!health/)|/v1/|/mcp|/source/|/gradio_api/queue/join")
_DATA = re.compile(r"/(?:api|v1|mcp|metrics)\b|/(?:embed|demo|onrecord)\.")
# Headers that browsers ask leave for, beyond those of plain pages: keys, those of MCP, and those of OpenAI's own client.
_HEADERS = ("authorization", "content-type", "x-api-key", "mcp-protocol-version", "mcp-method", "mcp-name")
_STAINLESS = ("arch", "lang", "os", "package-version", "retry-count", "runtime", "runtime-version", "timeout")
_STRICT = "default-src 'none'; base-uri 'none'; form-action 'none'"
_DESCRIPTION = "What the sources say, on whose word; or which silence theirs is."


def create(live: Lends, settings: Settings, *, chat: bool = True, at_end: Callable[[], None] = lambda: None) -> FastAPI:
    """The application over an assistant, with the chat at / or without it. `at_end` is called once all is answered."""
    site = Site.of(live, settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        site.close()
        at_end()

    app = FastAPI(
        title="On Record", description=_DESCRIPTION, version=metadata.version("onrecord"),
        openapi_url="/api/openapi.json", docs_url=None, redoc_url=None, lifespan=lifespan, redirect_slashes=False,
    )  # fmt: skip
    catch(app)
    for routes in (api.routes, openai.routes, pages.routes, embed.routes):
        app.include_router(routes(site))
    mcp.mount(app, site)
    ancestors = " ".join(settings.frame_ancestors) or "'none'"
    strict = f"{_STRICT}; frame-ancestors {ancestors}"
    source = f"style-src 'self'; script-src 'self'; {strict}"
    embedding = f"{embed.policy(local=is_local(settings))}; {strict}"
    rest = strict
    if chat:
        from assistant import chat as page  # takes seconds: not for the API alone

        rest = doors.policy(ancestors)
        page.mount(app, page.build(live, settings.sources, site.note), settings.root_path)

    def policy(path: str) -> str:
        if path in embed.PAGES:
            return embedding
        return source if path.startswith(("/source/", "/source.")) else strict if _DATA.match(path) else rest

    app.user_middleware = guards(site, policy)
    return app


def is_local(settings: Settings) -> bool:
    """Whether the server is for the machine it runs on alone."""
    return is_loopback(settings.host) and not settings.proxies


def guards(site: Site, policy: Policy) -> list[Middleware]:
    """All guards, the first of which is met first."""
    settings = site.settings
    return [
        Middleware(Closed, policy),
        Middleware(Counted, site.metrics.turned_away),
        # For browsers: which origins may read a reply. Gradio leaves its own rules out where it finds these.
        Middleware(
            CORSMiddleware, allow_origins=settings.origins, allow_methods=["GET", "POST"],
            allow_headers=[*_HEADERS, *(f"x-stainless-{name}" for name in _STAINLESS)], expose_headers=["retry-after"],
        ),
        Middleware(Caught),
        *([] if settings.proxies else [Middleware(Unnamed)]),
        Middleware(Origins, settings.origins, is_local(settings)),
        *([Middleware(Key, settings.api_key, _KEYED)] if settings.api_key else []),
        Middleware(Rate, settings.rate, settings.burst, _LIMITED),
        Middleware(Share),
        Middleware(Body),
    ]  # fmt: skip
