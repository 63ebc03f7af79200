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
from dataclasses import asdict, replace
from functools import partial
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from assistant.settings import Settings, describe
from index.errors import InputError, NoIndexError, OnRecordError

if TYPE_CHECKING:
    from assistant.answer import Answer, Assistant
    from assistant.citation import Citation
    from assistant.updating import Update
    from index.embed import Embedder

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
    full: Annotated[bool, typer.Option("--full", help="Read and build anew, also what is there already.")] = False,
    stage: Annotated[bool, typer.Option("--stage", help="Build, but publish nothing; then `eval --staged`.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Do so at each change of the sources, until Ctrl-C.")] = False,
    gate: Annotated[bool, typer.Option("--gate", help="Publish only what does not fall short in `eval`.")] = False,
    cases: Annotated[
        list[Path] | None,
        typer.Option(
            help="The cases for --gate; may be repeated.", show_default="those beside the sources, or evals/cases"
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Write nothing where a file is at fault.")] = False,
    keep: Annotated[int | None, typer.Option(min=1, help="How many generations to keep.", show_default="2")] = None,
    show_dropped: Annotated[
        bool, typer.Option("--show-dropped", help="List what cleaning leaves out, and why.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Bring the index up to date with the sources, publish it at once, and say what changed.

    With --gate the exit code is 1 where the cases fall short, and the old generation still answers.
    """
    from assistant.updating import LedgerChange, Update, update
    from evals.plan import Plan
    from index.embed import TransformerEmbedder
    from index.history import current
    from index.read import read_folder
    from index.sync import rehearse, writing
    from index.watch import turns

    settings: Settings = context.obj
    if dry_run and (stage or watch or gate):
        raise typer.BadParameter("--dry-run writes nothing; it goes with none of --stage, --watch and --gate.")
    if stage and gate:
        raise typer.BadParameter("--gate publishes what passes and --stage publishes nothing. Choose one.")
    if not settings.sources.is_dir():
        read_folder(settings.sources)  # raises at once what a sync would raise after loading the model
    show = partial(_show_update, settings, as_json=as_json, show_dropped=show_dropped, dry_run=dry_run)
    if dry_run and current(settings.index) is None:
        with _progress() as progress:
            report = rehearse(settings.sources, progress, strict=strict)
        show(Update(report, LedgerChange()))
        return
    if not dry_run:
        with writing(settings.index):  # raises at once where another sync is at work
            pass
    if gate:
        Plan.of(settings.sources, cases or ())  # raises at once what grading would raise later
    sound = True
    with _progress() as progress:
        progress("model", 0, 1)
        embedder = TransformerEmbedder(settings.model, settings.sync_threads, bfloat16=True)
    kept = keep or settings.keep
    for _ in turns(settings.sources) if watch else (None,):
        try:
            with _progress() as progress:
                made = update(
                    settings.sources,
                    settings.index,
                    embedder,
                    progress,
                    dry_run=dry_run,
                    full=full,
                    apart=stage or gate,
                    strict=strict,
                    keep=kept,
                )
            show(made)
            sound = not gate or _pass(settings, cases or [], embedder, kept)
        except OnRecordError as error:
            if not watch:
                raise
            print(f"onrecord: {error}", file=sys.stderr)
    if not sound:
        raise typer.Exit(1)


def _pass(settings: Settings, cases: list[Path], embedder: "Embedder", keep: int) -> bool:
    """Publish what is staged, unless the cases fall short on it. Whether they did not."""
    from evals.plan import Plan

    plan = Plan.of(settings.sources, cases)
    with _progress() as progress:
        graded = plan.run(embedder, progress, staged_in=settings.index)
    if graded.short:
        print(
            f"onrecord: generation {graded.run.generation} stays staged, for it falls short: {'; '.join(graded.short)}. "
            "See: onrecord eval --staged",
            file=sys.stderr,
        )
        return False
    _publish(settings, keep)
    return True


def _show_update(settings: Settings, made: "Update", *, as_json: bool, show_dropped: bool, dry_run: bool) -> None:
    """What a sync did, on standard output."""
    from assistant.terminal import console, print_dropped, print_update
    from evals.compare import Baseline, baseline_of
    from index.read import read_folder

    place = baseline_of(settings.sources)
    accepted = Baseline.load(place) if place else None
    resting = accepted.resting_on(made.report.diff.gone) if accepted else []
    if as_json:
        report = asdict(made.report)
        diff = report.pop("diff")
        _print_json({**report, **diff, "ledger": asdict(made.ledger), "resting": resting, "dry_run": dry_run})
        return
    out = console()
    if show_dropped:
        print_dropped(out, made.report, {source.id: source for source in read_folder(settings.sources).sources})
    print_update(out, made, settings.sources, settings.index, dry_run, resting)


@app.command()
def publish(
    context: typer.Context,
    keep: Annotated[int | None, typer.Option(min=1, help="How many generations to keep.", show_default="2")] = None,
) -> None:
    """Make the staged generation the one that answers."""
    _publish(context.obj, keep or context.obj.keep)


def _publish(settings: Settings, keep: int) -> None:
    from index.history import publish, require_staged
    from index.sync import writing

    with writing(settings.index):
        name = require_staged(settings.index)
        publish(settings.index, name, keep)
    print(f"Published generation {name} in {settings.index}", file=sys.stderr)


@app.command()
def rollback(context: typer.Context) -> None:
    """Make the generation before the published one answer again."""
    from index.history import current, roll_back
    from index.sync import writing

    settings: Settings = context.obj
    with writing(settings.index):
        before = current(settings.index)
        name = roll_back(settings.index)
    print(f"Generation {name} in {settings.index} answers again, instead of {before}.")
    print("The sources are as they were: the next sync brings them back.", file=sys.stderr)


@app.command()
def purge(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="ID", help="The id of the source.", show_default=False)],
    baseline: Annotated[
        list[Path] | None,
        typer.Option(help="Accepted answers to take it out of.", show_default="those beside the sources"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Remove a source from every generation and from accepted answers, and prove it. Delete its file first."""
    from assistant.terminal import console, print_purge
    from evals.compare import Baseline, baseline_of
    from index.purge import purge, require_absent

    settings: Settings = context.obj
    require_absent(settings.sources, source)
    with _progress() as progress:
        purged = purge(settings.index, source, progress)
    paths = baseline or [path for path in [baseline_of(settings.sources)] if path]
    for path in paths:
        if accepted := Baseline.load(path):
            accepted.without(source, purged.sentences).save(path)
    if as_json:
        _print_json({**asdict(purged), "baselines": [str(path) for path in paths]})
    else:
        print_purge(console(), purged, settings.index, paths)


@app.command()
def ask(
    context: typer.Context,
    question: Annotated[str | None, typer.Argument(help="The question, in quotes.", show_default=False)] = None,
    as_json: Json = False,
    history: Annotated[
        list[str] | None, typer.Option(help="An earlier question, oldest first; may be repeated.", show_default=False)
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Add how the answer was found.")] = False,
    generation: Annotated[
        str | None, typer.Option(help="Ask this generation, if it is still kept.", show_default="the published one")
    ] = None,
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
        _ask_batch(context.obj, batch, generation)
        return
    if not question or not question.strip():
        raise typer.BadParameter('No question given. Try: onrecord ask "What is not released yet?"')
    from assistant.terminal import console, print_answer

    with _open(context.obj, generation) as assistant:
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
    from assistant.live import LiveAssistant

    with LiveAssistant(settings.index, _open(settings)) as live:
        from assistant.chat import build, launch

        launch(build(live, settings.sources), settings.host, settings.port, share=share)


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="The address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="The port; 0 takes a free one.", show_default="7860")
    ] = None,
    chat: Annotated[bool, typer.Option("--chat/--no-chat", help="With the chat at /, or the API alone.")] = True,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes, of the API alone.")] = 1,
    root_path: Annotated[
        str | None, typer.Option(help="The path below which a proxy puts the server.", show_default="none")
    ] = None,
) -> None:
    """Serve the chat at /, the API at /api and /v1, tools for agents at /mcp, and pages of the sources at /source."""
    settings: Settings = replace(
        context.obj, **{k: v for k, v in {"host": host, "port": port, "root_path": root_path}.items() if v is not None}
    )
    from assistant.site.server import serve

    with _told_to_sync(settings):
        serve(settings, chat=chat, workers=workers)


@app.command()
def mcp(context: typer.Context) -> None:
    """Offer the record to an agent on standard input and output, by the Model Context Protocol."""
    settings: Settings = context.obj
    from assistant.live import LiveAssistant
    from assistant.site.mcp import run
    from index.generation import Index
    from index.history import current

    if current(settings.index) is None:
        with _told_to_sync(settings):
            Index.open(settings.index)  # raises before a client is greeted
    print("On Record listens on standard input; its end, or Ctrl-C, ends it.", file=sys.stderr, flush=True)
    run(lambda: LiveAssistant.open(settings=settings), settings)


@app.command()
def gaps(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="The file of refused questions.", show_default="ONRECORD_GAPS")
    ] = None,
    least: Annotated[int, typer.Option(min=1, help="List what was asked at least so often.")] = 1,
    every: Annotated[bool, typer.Option("--all", help="List also what is answered now.")] = False,
    remove: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Remove the questions with this text from the file, for good.")
    ] = None,
    forget: Annotated[bool, typer.Option("--forget", help="Remove all questions from the file, for good.")] = False,
    as_json: Json = False,
) -> None:
    """Say what was asked and refused, alike questions together: what the sources lack.

    Each question is asked again: what is answered now is no gap any more.
    """
    settings: Settings = context.obj
    if forget and remove is not None:
        raise typer.BadParameter("--forget removes everything. Leave out --remove, or --forget.")
    if remove is not None and not remove.strip():
        raise typer.BadParameter("--remove needs a text that occurs in the questions. All go with --forget.")
    if file is None and not settings.gaps:
        raise InputError(
            "No file of refused questions is named. Name it: onrecord gaps FILE, or in ONRECORD_GAPS, "
            "with which `onrecord serve` notes them there."
        )
    from assistant.gaps import Gaps, Survey, survey
    from assistant.terminal import console, print_gaps

    place = file or Path(settings.gaps)
    if forget or remove is not None:
        removed, left = Gaps(place).remove(remove or "")
        if as_json:
            _print_json({"file": str(place), "removed": removed, "left": left})
        else:
            print(f"Removed {removed:,} of {removed + left:,} lines of {place}")
        return
    contents, found = Gaps(place).read(), Survey()
    if contents.noted:
        with _progress() as progress:
            progress("model", 0, 1)
            with _open(settings) as assistant:
                found = survey(contents.noted, assistant, progress)
    if contents.damaged:
        print(f"onrecord: damaged lines of {place}, left out: {contents.damaged:,}", file=sys.stderr)
    if contents.full:
        print(
            f"onrecord: {place} is full, and no more is noted there. Empty it with: onrecord gaps {place} --forget",
            file=sys.stderr,
        )
    found = found.at_least(least)
    if as_json:
        counts = {"file": str(place), "noted": len(contents.noted), "damaged": contents.damaged, "full": contents.full}
        _print_json({**counts, **found.to_dict()})
    else:
        print_gaps(console(), found, place, every)


@app.command("eval")
def evaluate(
    context: typer.Context,
    cases: Annotated[
        list[Path] | None,
        typer.Argument(help="Files and folders of cases.", show_default="those beside the sources, or evals/cases"),
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
    staged: Annotated[
        bool, typer.Option("--staged", help="Ask the generation that `sync --stage` built, before it is published.")
    ] = False,
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
    from evals import report as reports
    from evals import suggest as suggestions
    from evals.compare import Baseline
    from evals.plan import Plan
    from evals.run import settled
    from index.embed import TransformerEmbedder
    from index.history import require_staged

    settings: Settings = context.obj
    plan = Plan.of(sources or settings.sources, cases or (), baseline)
    place = plan.place
    if accept and place is None:
        raise typer.BadParameter("Several paths of cases have no baseline of their own. Name one with --baseline.")
    if staged:
        require_staged(settings.index)
    with _progress() as progress:
        progress("model", 0, 1)
        embedder = TransformerEmbedder(settings.model, settings.threads)
        reranker = load_reranker(settings.reranker, settings.threads)
        graded = plan.run(embedder, progress, reranker, staged_in=settings.index if staged else None, accepting=accept)
    run, summary, comparison, short = graded.run, graded.summary, graded.comparison, graded.short
    if report:
        reports.write(report, run, summary, comparison, short)
    if as_json:
        _print_json(reports.to_dict(run, summary, comparison, short))
    elif suggest:
        print(suggestions.suggest(run, plan.before))
    else:
        reports.show(console(), run, summary, comparison)
    if accept and place:
        if summary.verdicts["ungraded"]:
            print("onrecord: not accepted, for not every case could be graded.", file=sys.stderr)
        else:
            Baseline.of(settled(run)).save(place)
            print(f"onrecord: accepted as {place}.", file=sys.stderr)
    elif place and not plan.before:
        print(
            f"onrecord: there is no baseline at {place} to compare with. Accept this run with --accept.",
            file=sys.stderr,
        )
    if short:
        print(f"onrecord: {run.name} falls short: {'; '.join(short)}.", file=sys.stderr)
        raise typer.Exit(1)


@app.command()
def status(context: typer.Context, as_json: Json = False) -> None:
    """Say which index answers: what is in it, its age and health, and whether the sources have moved on."""
    from assistant.terminal import console, print_status
    from index.status import status

    settings: Settings = context.obj
    with _told_to_sync(settings):
        state = status(settings.sources, settings.index)
    if as_json:
        _print_json({**asdict(state), "reranker": settings.reranker, "index": str(settings.index)})
    else:
        print_status(console(), state, settings)


@app.command("settings")
def show_settings() -> None:
    """List what can be set from the environment."""
    print(describe())


# ---------------------------------------------------------------- what commands share


def _open(settings: Settings, generation: str | None = None) -> "Assistant":
    from assistant.answer import Assistant
    from index.generation import Index
    from index.history import current

    with _told_to_sync(settings):
        if current(settings.index) is None:
            Index.open(settings.index)  # raises at once, not after loading the model
        return Assistant.open(settings.index, settings=settings, generation=generation)


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


def _ask_batch(settings: Settings, name: str, generation: str | None) -> None:
    """Answer a file line by line. Lines that cannot be answered are told on standard error; the exit code is then 2."""
    from assistant.batch import answers

    failed = 0
    with _lines(name) as lines, _open(settings, generation) as assistant:
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
