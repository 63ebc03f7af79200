"""The front door: `from onrecord import Assistant`, and the command `onrecord`.

Importing it loads next to nothing: public names are looked up when first used, and each command imports what it needs,
so that `ask` never pays for Gradio. Standard output carries results alone (with `--json`, JSON alone); progress, notes
and errors go to standard error. Exit codes: 0 done (a refusal is a correct answer), 1 an eval fell short, 2 bad usage
or input, 130 interrupted.
"""

import io
import json
import logging
import os
import shlex
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from assistant.settings import Settings, describe
from index.errors import InputError, NoIndexError, OnRecordError

if TYPE_CHECKING:
    from assistant.answer import Answer, Assistant
    from assistant.citation import Citation

__all__ = ["Answer", "Assistant", "Citation", "OnRecordError", "Settings", "main"]

_PUBLIC = {"Assistant": "assistant.answer", "Answer": "assistant.answer", "Citation": "assistant.citation"}

app = typer.Typer(
    help="Ask sourced policy facts: a cited answer, or an honest refusal.",
    epilog="Settings come from the environment as well; `onrecord settings` lists them.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def __getattr__(name: str) -> Any:
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def main() -> None:
    """The command line. Our errors become a message and exit code 2; anything else is a defect and shows its trace."""
    _hush()
    try:
        app(prog_name="onrecord")
    except OnRecordError as error:
        print(f"onrecord: {error}", file=sys.stderr)
        sys.exit(2)
    except SystemExit as leaving:
        if leaving.code == 130:
            print("onrecord: interrupted", file=sys.stderr)
        raise


# ---------------------------------------------------------------- options that come before the command

Json = Annotated[bool, typer.Option("--json", help="JSON on standard output, and nothing else there.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"onrecord {metadata.version('onrecord')}")
        raise typer.Exit


@app.callback()
def _globals(
    context: typer.Context,
    sources: Annotated[
        Path | None, typer.Option(help="The folder of documents.", envvar="ONRECORD_SOURCES", show_default="sources")
    ] = None,
    index: Annotated[
        Path | None, typer.Option(help="Where the index is kept.", envvar="ONRECORD_INDEX", show_default=".onrecord")
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    context.obj = Settings.from_environment(sources=sources, index=index)


# ---------------------------------------------------------------- commands


@app.command()
def sync(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Build anew, also what is there already.")] = False,
    show_dropped: Annotated[
        bool, typer.Option("--show-dropped", help="List what cleaning leaves out, and why.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Bring the index up to date with the sources, and say what changed."""
    from assistant.terminal import console, print_dropped, print_sync
    from index.embed import TransformerEmbedder
    from index.read import read_folder
    from index.sync import sync as bring_up_to_date

    settings: Settings = context.obj
    if not settings.sources.is_dir():
        read_folder(settings.sources)  # raises at once what a sync would raise after loading the model
    with _progress() as progress:
        progress("model", 0, 1)
        embedder = TransformerEmbedder(settings.model, settings.sync_threads, bfloat16=True)
        report = bring_up_to_date(settings.sources, settings.index, embedder, progress, dry_run=dry_run, full=full)
    if as_json:
        _print_json({**asdict(report), "dry_run": dry_run})
        return
    out = console()
    if show_dropped:
        print_dropped(out, report, {source.id: source for source in read_folder(settings.sources).sources})
    print_sync(out, report, settings.sources, settings.index, dry_run)


@app.command()
def ask(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(help="The question, in quotes.", show_default=False)] = None,
    as_json: Json = False,
    history: Annotated[
        list[str] | None, typer.Option(help="An earlier question, oldest first; may be repeated.", show_default=False)
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Add how the answer was found.")] = False,
    batch: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.jsonl", help="Answer a file of questions, one JSON object a line; - reads standard input."
        ),
    ] = None,
) -> None:
    """Answer a question, with the sentences that say so."""
    if batch is not None:
        if question or history or explain:
            raise typer.BadParameter(
                "--batch takes its questions from the file; give no question, --history or --explain."
            )
        _ask_batch(context.obj, batch)
        return
    if not question or not question.strip():
        raise typer.BadParameter('No question given. Try: onrecord ask "What is not released yet?"')
    from assistant.terminal import console, print_answer

    with _open(context.obj) as assistant:
        answer = assistant.answer(question, history or [])
        if as_json:
            _print_json(answer.to_dict())
        else:
            print_answer(console(), answer, assistant.index.sources)
        if explain:
            print(f"\n{assistant.explain(question, history or [])}", file=sys.stderr if as_json else sys.stdout)


@app.command()
def unreleased(context: typer.Context, as_json: Json = False) -> None:
    """List what the sources say is not released yet, and what has been since."""
    from assistant.terminal import console, print_open_points

    with _open(context.obj) as assistant:
        entries = assistant.ledger()
        if as_json:
            _print_json([asdict(entry) for entry in entries])
        else:
            print_open_points(console(), entries, assistant.index.sources)


@app.command()
def chat(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="The address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="The port; 0 takes a free one.", show_default="7860")
    ] = None,
    share: Annotated[
        bool, typer.Option("--share", help="Also open a public address, through Gradio's servers.")
    ] = False,
) -> None:
    """Open the chat in a browser."""
    settings: Settings = context.obj
    settings = Settings.from_environment(sources=settings.sources, index=settings.index, host=host, port=port)
    with _open(settings) as assistant:
        from assistant.chat import build, launch
        from assistant.show import examples, facts

        index = assistant.index
        starters = examples(settings.sources, assistant.ledger())
        page = build(assistant, index.sources, starters, facts(index.sources.values(), index.id))
        launch(page, settings.host, settings.port, share=share)


@app.command("eval")
def evaluate(
    context: typer.Context,
    cases: Annotated[
        list[Path] | None, typer.Argument(help="Files and folders of cases.", show_default="evals/cases")
    ] = None,
    sources: Annotated[
        Path | None, typer.Option(help="The folder of documents.", show_default="as before the command")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(help="Write report.json, junit.xml and report.html into this folder.", show_default=False),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(help="The accepted state.", show_default="baseline.json beside the cases")
    ] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Make this run the baseline.")] = False,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Print draft cases for what changed, as YAML, and nothing else there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Ask known-answer questions, and say what is wrong and what has changed.

    The exit code is 1 on a regression, on a case that could not be graded, or below a threshold of pyproject.toml.
    """
    if suggest and as_json:
        raise typer.BadParameter("--suggest prints YAML and --json JSON. Choose one.")
    from assistant.rerank import load_reranker
    from assistant.terminal import console
    from evals import compare
    from evals import report as reports
    from evals import suggest as suggestions
    from evals.case import HERE, load
    from evals.run import name_of, run_folder, settled
    from evals.summary import summarise
    from evals.thresholds import shortfalls, thresholds
    from index.embed import TransformerEmbedder
    from index.read import read_folder

    settings: Settings = context.obj
    folder, paths = sources or settings.sources, cases or [HERE / "cases"]
    asked, wanted = load(paths), thresholds(name_of(folder))
    if not folder.is_dir():
        read_folder(folder)  # raises at once what a run would raise after loading the model
    place = baseline or compare.baseline_path(paths)
    if accept and place is None:
        raise typer.BadParameter("Several paths of cases have no baseline of their own. Name one with --baseline.")
    before = compare.Baseline.load(place) if place else None
    with _progress() as progress:
        progress("model", 0, 1)
        embedder = TransformerEmbedder(settings.model, settings.threads)
        reranker = load_reranker(settings.reranker, settings.threads)
        run = run_folder(folder, asked, embedder, before.sources if before else None, progress, reranker)
    summary, comparison = summarise(run), compare.compare(run, before) if before else None
    short = shortfalls(summary, None if accept else comparison, wanted)
    if report:
        reports.write(report, run, summary, comparison, short)
    if as_json:
        _print_json(reports.to_dict(run, summary, comparison, short))
    elif suggest:
        print(suggestions.suggest(run, before))
    else:
        reports.show(console(), run, summary, comparison)
    if accept and place:
        if summary.verdicts["ungraded"]:
            print("onrecord: not accepted, for not every case could be graded.", file=sys.stderr)
        else:
            compare.Baseline.of(settled(run)).save(place)
            print(f"onrecord: accepted as {place}.", file=sys.stderr)
    elif place and not before:
        print(
            f"onrecord: there is no baseline at {place} to compare with. Accept this run with --accept.",
            file=sys.stderr,
        )
    if short:
        print(f"onrecord: {run.name} falls short: {'; '.join(short)}.", file=sys.stderr)
        raise typer.Exit(1)


@app.command()
def status(context: typer.Context, as_json: Json = False) -> None:
    """Say which index answers: its generation, what is in it, and its model."""
    from index.generation import Index

    settings: Settings = context.obj
    with _told_to_sync(settings), Index.open(settings.index) as index:
        manifest = index.manifest
    state = {
        "generation": manifest["id"],
        "created": manifest["created"],
        **manifest["counts"],
        "model": manifest["model"],
        **({"reranker": settings.reranker} if settings.reranker else {}),
        "index": str(settings.index),
    }
    if as_json:
        _print_json(state)
        return
    for name, value in state.items():
        print(f"{name.replace('_', ' '):<12}{value}")


@app.command("settings")
def show_settings() -> None:
    """List what can be set from the environment."""
    print(describe())


# ---------------------------------------------------------------- what commands share


def _open(settings: Settings) -> "Assistant":
    from assistant.answer import Assistant
    from index.generation import Index, current

    with _told_to_sync(settings):
        if current(settings.index) is None:
            Index.open(settings.index)  # raises at once, not after loading the model
        return Assistant.open(settings.index, settings=settings)


@contextmanager
def _told_to_sync(settings: Settings) -> Iterator[None]:
    """Where there are sources but no index yet, the error names the very command that builds it."""
    try:
        yield
    except NoIndexError as error:
        if not settings.sources.is_dir():
            raise
        usual = Settings()
        options = [
            f" --{name} {shlex.quote(str(value))}"
            for name, value, default in (
                ("sources", settings.sources, usual.sources),
                ("index", settings.index, usual.index),
            )
            if value != default
        ]
        raise NoIndexError(
            f"There is no index at {settings.index} yet. Build it from {settings.sources} with: onrecord{''.join(options)} sync"
        ) from error


def _ask_batch(settings: Settings, name: str) -> None:
    """Answer a file line by line. Lines that cannot be answered are told on standard error; the exit code is then 2."""
    from assistant.batch import answers

    failed = 0
    with _lines(name) as lines, _open(settings) as assistant:
        for result in answers(assistant, lines):
            _print_json(result.record, indent=None)
            if result.error:
                failed += 1
                print(f"onrecord: {name}, line {result.line}: {result.error}", file=sys.stderr)
    if failed:
        raise typer.Exit(2)


@contextmanager
def _lines(name: str) -> Iterator[BinaryIO]:
    """A batch file, or standard input for "-"."""
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - closed below; here only opening is guarded
    except OSError as error:
        raise InputError(
            f"The batch file {name} cannot be read ({error.strerror}). Name another, or - for standard input."
        ) from error
    with file:
        yield file


def _print_json(value: object, indent: int | None = 2) -> None:
    """JSON in UTF-8 whatever the locale, at once. Half a surrogate pair stays escaped, as JSON has it."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    print(text, flush=True)


Progress = Callable[[str, int, int], None]

_STAGES = {
    "model": "Loading the model",
    "read": "Reading sources",
    "keywords": "Indexing words",
    "embed": "Encoding passages",
    "store": "Storing vectors",
    "ask": "Asking",
}
_SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def _progress() -> Iterator[Progress]:
    """Bars on a terminal; elsewhere a line now and then, so that a log of a short sync stays short."""
    if not sys.stderr.isatty():
        yield _lines_of_progress()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks = {stage: bars.add_task(label, total=None, visible=False) for stage, label in _STAGES.items()}

        def show(stage: str, done: int, total: int) -> None:
            for other in tasks:
                bars.update(tasks[other], visible=other == stage)
            bars.update(tasks[stage], completed=done, total=total)

        yield show


def _lines_of_progress() -> Progress:
    """A line whenever a stage has gone on for some seconds without one."""
    current, told = "", 0.0

    def show(stage: str, done: int, total: int) -> None:
        nonlocal current, told
        now = time.monotonic()
        if stage == current and now - told < _SECONDS_BETWEEN_LINES:
            return
        if stage == current:
            print(f"{_STAGES.get(stage, stage)}: {done:,} of {total:,}", file=sys.stderr, flush=True)
        current, told = stage, now

    return show


def _hush() -> None:
    """Keep the libraries' bars, advice and telemetry out of a command's output, unless someone asked for them."""
    for variable, value in {
        "ANONYMIZED_TELEMETRY": "False",
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "TRANSFORMERS_VERBOSITY": "error",
    }.items():
        os.environ.setdefault(variable, value)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    handler = logging.StreamHandler()
    handler.setLevel(logging.ERROR)  # of the handler: some libraries set their loggers to tell everything
    logging.basicConfig(handlers=[handler], format="%(name)s: %(message)s")


if __name__ == "__main__":
    main()
