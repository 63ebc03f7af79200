"""The Gradio chat: a page that asks the assistant and shows what it says, and on whose word.

Everything a source or a visitor wrote is escaped: for HTML, and for the template language of Gradio's HTML component. The
conversation lives in the visitor's session and is gone with it; nothing is stored, reported or fetched from
elsewhere. Words shared with other surfaces come from `show.py`, the looks from `chat.css`. What of Gradio's server is
closed (`doors.py`), and embedding in another page, is not covered.
"""

import logging
import os
import re
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

# Read by Gradio and by what it imports, when they are imported.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import gradio as gr
from starlette.middleware import Middleware
from starlette.routing import Match, Mount
from starlette.types import Scope

from assistant.answer import MOST_LETTERS
from assistant.doors import Doors, policy
from assistant.show import (
    MOST_EXAMPLES,
    OUTCOME_MARKS,
    examples,
    facts,
    is_fixed_reply,
    outcome_word,
    plain,
    quoted,
    web_address,
)
from assistant.site.answering import Lends
from assistant.site.guards import Body, Closed, path_of
from index.errors import InputError, told

if TYPE_CHECKING:
    from fastapi import FastAPI

    from assistant.answer import Answer, Assistant
    from assistant.citation import Citation
    from assistant.compose import Segment
    from index.source import Source

log = logging.getLogger(__name__)

TITLE = "On Record"
_TURNS_KEPT = 30
_SESSION_SECONDS = 3_600
_MOST_SESSIONS = 1_000

# Not by colour alone: every outcome has a word (show.py) and a mark of its own.


Note = Callable[["Answer", float], None]
Turn = dict[str, str]  # question, answer (both plain text), page (the answer as HTML)


# ---------------------------------------------------------------- an answer as HTML


def escape(text: str) -> str:
    """Text that neither HTML nor a template sees anything in: all but letters, digits and spaces become entities."""
    return re.sub(r"[^\w ]|_", lambda sign: f"&#{ord(sign[0])};", plain(text))


def answer_html(answer: "Answer", sources: Mapping[str, "Source"]) -> str:
    """An answer as a block of HTML."""
    if is_fixed_reply(answer):
        return notice_html(" ".join(segment.text for segment in answer.segments))
    outcome = _outcome(answer.outcome) + _as_of(answer.as_of)
    understood = ""
    if plain(answer.standalone_question) != plain(answer.question):
        understood = f'<p class="or-understood">Understood as: {escape(answer.standalone_question)}</p>'
    return (
        f'<div class="or-answer or-{_name(answer.outcome)}"><p class="or-verdict">{outcome}</p>{understood}'
        f"{_segments(answer)}{_sources(answer.citations, sources)}{_related(answer, sources)}</div>"
    )


def notice_html(text: str) -> str:
    """A message of ours in place of an answer."""
    return f'<div class="or-answer or-notice"><p>{escape(text)}</p></div>'


def _outcome(outcome: str) -> str:
    mark = OUTCOME_MARKS.get(outcome, "•")
    return f'<span class="or-outcome or-{_name(outcome)}"><span aria-hidden="true">{mark}</span> {escape(outcome_word(outcome))}</span>'


def _label(label: str) -> str:
    """A citation's label, in which no line breaks within a date."""
    return re.sub(r"\d{4}(?:&#45;\d\d)+", r'<span class="or-date">\g<0></span>', escape(label))


def _as_of(as_of: str | None) -> str:
    return f'<span class="or-asof">as of {escape(as_of)}</span>' if as_of else ""


def _name(outcome: str) -> str:
    return re.sub(r"[^a-z]+", "-", outcome)


def _segments(answer: "Answer") -> str:
    """The segments in order. Parts of a question are set apart, and headed by their outcomes where these differ."""
    html: list[str] = []
    part = answer.segments[0].part if answer.segments else 0
    for number, segment in enumerate(answer.segments):
        if segment.part != part:
            html.append("<hr>")
        if answer.outcome == "partial" and (number == 0 or segment.part != part):
            html.append(f'<p class="or-part">{_outcome(segment.outcome)}</p>')
        part = segment.part
        html.append(_segment(segment))
    return "".join(html)


def _segment(segment: "Segment") -> str:
    marks = "".join(f'<span class="or-n">[{int(n)}]</span>' for n in segment.citations)
    space = "&nbsp;" if marks else ""
    return f'<p class="or-segment or-{_name(segment.role)}">{escape(segment.text)}{space}{marks}</p>'


def _sources(citations: Sequence["Citation"], sources: Mapping[str, "Source"]) -> str:
    if not citations:
        return ""
    labels = dict.fromkeys(citation.label for citation in citations)
    listed = "; ".join(_label(label) for label in labels)
    count = "1 citation" if len(citations) == 1 else f"{len(citations)} citations"
    items = "".join(_citation(citation, sources) for citation in citations)
    return (
        f'<details class="or-sources"><summary><b>{count}</b> <span class="or-labels">{listed}</span></summary>'
        f"<ol>{items}</ol></details>"
    )


def _related(answer: "Answer", sources: Mapping[str, "Source"]) -> str:
    """Nearby things on record; open to see where there is nothing else to see."""
    if not answer.related:
        return ""
    items = "".join(_citation(citation, sources) for citation in answer.related)
    opened = "" if answer.citations else " open"
    return f'<details class="or-related"{opened}><summary><b>Also on record</b></summary><ul>{items}</ul></details>'


def _citation(citation: "Citation", sources: Mapping[str, "Source"]) -> str:
    quote = quoted(citation, sources)
    before = f'<span class="or-lean">{escape(quote.before)}</span> ' if quote.before else ""
    after = f' <span class="or-lean">{escape(quote.after)}</span>' if quote.after else ""
    address = web_address(citation.link) or web_address(citation.url)
    title = f"<cite>{escape(citation.title)}</cite>" if citation.publisher else _label(citation.label)
    if address:
        title = f'<a href="{escape(address)}" target="_blank" rel="noopener noreferrer nofollow">{title}</a>'
    label = f"{_label(citation.label)} · " if citation.publisher else ""  # else the label is the title already
    return f'<li><blockquote>{before}<q>{escape(quote.text)}</q>{after}</blockquote><p class="or-from">{label}{title}</p></li>'


# ---------------------------------------------------------------- the page


def build(live: Lends, sources_dir: Path, note: Note = lambda answer, seconds: None) -> gr.Blocks:
    """The page as Gradio blocks, not yet served. Each visit and each question is of the generation that answers then.

    The folder of documents may hold an editor's example questions, see `show.examples`. `note` is told each answer, and
    the seconds it took.
    """

    greetings: dict[str, tuple[str, list[str]]] = {}  # of the generation seen last, by its id

    def greeting() -> tuple[str, list[str]]:
        with live.held() as assistant:
            said = greetings.get(assistant.index.id) or _greeting(assistant, sources_dir)
        greetings.clear()
        greetings[assistant.index.id] = said
        return said

    def ask(question: str, turns: list[Turn]) -> Iterator[tuple[Any, ...]]:
        """First the question, at once; then the answer below it."""
        question = (question or "").strip()
        if not question:
            yield (gr.skip(),) * 5
            return
        asked: Turn = {"question": question[:MOST_LETTERS], "answer": "", "page": ""}
        started = gr.update(visible=True), gr.update(visible=False)
        yield _messages([*turns, asked]), turns, gr.update(value="", interactive=False), *started
        text, page = _reply(live, question, turns, note)
        turns = [*turns, {**asked, "answer": text, "page": page}][-_TURNS_KEPT:]
        yield _messages(turns), turns, gr.update(interactive=True), *started

    def greet() -> tuple[Any, ...]:
        header, questions = greeting()
        return header, *(gr.update(value=question, visible=bool(question)) for question in questions)

    def start_over() -> tuple[Any, ...]:
        return [], [], gr.update(value="", interactive=True), gr.update(visible=False), gr.update(visible=True)

    heading, questions = greeting()
    page = gr.Blocks(title=TITLE, analytics_enabled=False, fill_height=True)
    with page:
        turns = gr.State([], time_to_live=_SESSION_SECONDS)
        header = gr.HTML(heading, elem_id="or-header", apply_default_css=False)
        chatbot = gr.Chatbot(
            elem_id="or-chat", label="Conversation", show_label=False, container=False, scale=1, height=220, autoscroll=False,
            buttons=[], feedback_options=None, latex_delimiters=[], allow_tags=False, placeholder=_welcome(),
        )  # fmt: skip
        with gr.Column(elem_id="or-examples", scale=0) as starters:
            chosen = [gr.Button(q, size="sm", elem_classes="or-example", visible=bool(q)) for q in questions]
        question = gr.Textbox(
            elem_id="or-question", label="Your question", show_label=False, placeholder="Ask what the sources say",
            lines=1, max_lines=6, max_length=MOST_LETTERS, submit_btn="Ask", autofocus=True, container=False,
        )  # fmt: skip
        again = gr.Button("New conversation", size="sm", elem_id="or-again", visible=False)

        shown: list[Any] = [chatbot, turns, question, again, starters]
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        for asking, asked in [(question.submit, question), *((button.click, button) for button in chosen)]:
            # One question at a time: answering keeps a core busy, and takes milliseconds.
            asking(ask, [asked, turns], shown, concurrency_limit=1, concurrency_id="ask", **private).then(
                None, js=_TO_THE_LAST_QUESTION, **private
            )
        again.click(start_over, None, shown, **private)
        page.load(greet, None, [header, *chosen], **private)
    page.queue(max_size=32, api_open=False)
    return page


def launch(page: gr.Blocks, host: str, port: int, *, share: bool = False, block: bool = True) -> str:
    """Serve the page until interrupted (or, without `block`, in the background); returns its address.

    Port 0 takes a free one. Raises `InputError` where the address cannot be listened on.
    """
    address = ""
    try:
        _, address, _ = page.launch(
            server_name=host, server_port=port or _free(host), share=share, prevent_thread_lock=True, quiet=True,
            state_session_capacity=_MOST_SESSIONS,
            **_options(page, Middleware(Closed, lambda _: policy()), Middleware(Body)),
        )  # fmt: skip
    except OSError as error:
        raise InputError(
            f"The chat cannot listen on {host}:{port} ({error}). Choose another with --port, or a free one with --port 0."
        ) from error
    if block:
        print(f"{TITLE} is at {address} (Ctrl-C ends it)", file=sys.stderr, flush=True)
        if sys.stderr.isatty() and (os.environ.get("DISPLAY") or sys.platform == "darwin"):
            webbrowser.open(address)
        try:
            threading.Event().wait()
        finally:
            page.close(verbose=False)
    return address


def _free(host: str) -> int:
    """A port nobody listens on, from the system. Gradio's own search tries the same few in order, and two chats that start at
    once both take the first.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host.strip("[]"), 0), family=family) as probe:
        return int(probe.getsockname()[1])


def mount(app: "FastAPI", page: gr.Blocks, root_path: str = "") -> None:
    """Have an application serve the page at /, after all of its own routes."""
    page.state_session_capacity = _MOST_SESSIONS
    gr.mount_gradio_app(app, page, path="/", root_path=root_path or None, **_options(page))
    mounted = app.router.routes.pop()
    assert isinstance(mounted, Mount)
    app.router.routes.append(_Open("/", mounted.app))


class _Open(Mount):
    """Where the page is mounted: any other path is the application's, which replies that there is nothing."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child = super().matches(scope)
        return (match, child) if match is Match.FULL and Doors.let_through(path_of(scope)) else (Match.NONE, {})


def _options(page: gr.Blocks, *guards: Middleware) -> dict[str, Any]:
    """How the page is served, wherever it is: with nothing of Gradio's that it does not use, behind guards that an
    application around it has already.
    """
    inputs = {number: len(function.inputs) for number, function in page.fns.items() if function.fn}
    return {
        "theme": theme(), "css": resources.files("assistant").joinpath("chat.css").read_text("utf-8"), "footer_links": [],
        "run_history": False, "enable_monitoring": False, "mcp_server": False, "ssr_mode": False, "pwa": False,
        "show_error": False, "max_file_size": 1,
        "app_kwargs": {"middleware": [*guards, Middleware(Doors, inputs)], "openapi_url": None},
    }  # fmt: skip


def theme() -> gr.themes.Base:
    """System fonts, so that none is fetched; quiet colours, so that those of the outcomes speak."""
    sans = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif"]
    mono = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace"]
    return gr.themes.Base(primary_hue="slate", neutral_hue="slate", font=sans, font_mono=mono)


_MEANINGS = {
    "answered": "A source states it. You get its sentence.",
    "unreleased": "A source says the detail is not out yet.",
    "conflicting": "Sources disagree. You get each side.",
    "not_in_sources": "No source says anything about it.",
}


def _welcome() -> str:
    """What the empty page shows: the answers there can be, in the words and marks they will have."""
    rows = "".join(f"<div><dt>{_outcome(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in _MEANINGS.items())
    return f'<div class="or-welcome"><p>Ask, and see who said so. An answer is one of these:</p><dl>{rows}</dl></div>'


def _greeting(assistant: "Assistant", sources_dir: Path) -> tuple[str, list[str]]:
    """The header, with a line about the corpus, and as many example questions as the page has room for, or blanks."""
    questions = examples(sources_dir, lambda: assistant.ledger(lambda _: False))  # what has closed them takes long
    line = escape(facts(assistant.index.sources.values(), assistant.index.id))
    blanks = [""] * (MOST_EXAMPLES - len(questions))
    return f'<header class="or-header"><h1>{TITLE}</h1><p>{line}</p></header>', [*questions, *blanks]


# An answer is read from its beginning, also where what stands above it was opened and has grown.
_TO_THE_LAST_QUESTION = """() => {
    const asked = document.querySelectorAll("#or-chat .user-row");
    asked[asked.length - 1]?.scrollIntoView({block: "start"});
}"""


def _block(html: str) -> gr.HTML:
    return gr.HTML(html, apply_default_css=False)


def _messages(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """Turns as the chatbot takes them. A turn not answered yet shows the question alone.

    Messages are HTML components: a message that is a text would be read as Markdown, and even with Markdown off keeps
    its `<img>` (Gradio 6.31, November 2025).
    """
    messages: list[dict[str, Any]] = []
    for turn in turns:
        asked = f'<div class="or-asked">{escape(turn["question"])}</div>'
        messages.append({"role": "user", "content": _block(asked)})
        if turn["page"]:
            messages.append({"role": "assistant", "content": _block(turn["page"])})
    return messages


def _reply(live: Lends, question: str, turns: Sequence[Turn], note: Note) -> tuple[str, str]:
    """The answer as text (for later questions to refer to) and as HTML. What fails is told, never shown as a trace."""
    history = [{"question": turn["question"], "answer": turn["answer"]} for turn in turns if turn["answer"]]
    try:
        with live.held() as assistant:
            began = perf_counter()
            answer = assistant.answer(question, history)
            note(answer, perf_counter() - began)
            return answer.text, answer_html(answer, assistant.index.sources)
    except InputError as error:
        return "", notice_html(str(error))
    except Exception as error:
        log.error("A question could not be answered: %s", told(error))
        return "", notice_html("Something went wrong here, not in your question. The server's log says what.")
