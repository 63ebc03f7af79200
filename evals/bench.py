"""How fast, beside the bare model: `python -m evals.bench`, `make bench`; `--large` adds a large corpus.

Each figure of ours stands beside what sentence-transformers alone takes for the same texts, with as many torch threads
and in the same precision, in turns with it, so that other work on the machine slows both alike. A time is the median of
its runs; a ratio is of two such medians.

Not covered: how good the answers are (`onrecord eval`), and the chat in a browser.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from assistant.answer import Assistant
from assistant.live import LiveAssistant
from assistant.settings import Settings
from assistant.updating import update
from evals.case import HERE, load
from index.embed import TransformerEmbedder, location
from index.errors import OnRecordError
from index.generation import Index, in_context
from index.read import read_folder
from index.sync import digest, sync
from index.terms import terms
from index.watch import turns

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

ROOT = HERE.parent
BARE = """
import sys, torch
torch.set_num_threads(int(sys.argv[3]))
from sentence_transformers import SentenceTransformer
SentenceTransformer(sys.argv[1], device="cpu").encode(sys.argv[2], show_progress_bar=False)
"""


def timed(work: Callable[[], object]) -> float:
    """The seconds that some work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_turns(works: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """The median seconds of each work, all of them run once a round."""
    runs = [[timed(work) for work in works] for _ in range(rounds)]
    return [statistics.median(times) for times in zip(*runs, strict=True)]


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


# --- what is measured ----------------------------------------------------------------------------------------------


def answering(works: Sequence[Callable[[str], object]], questions: Sequence[str], rounds: int) -> list[list[float]]:
    """The seconds that each of some works takes for each question: a list for each work. All are warm."""
    for work in works:
        work(questions[0])
    each = [in_turns([partial(work, question) for work in works], rounds) for question in questions]
    return [list(times) for times in zip(*each, strict=True)]


def syncing(sources: Path, embedder: TransformerEmbedder, bare: "SentenceTransformer", rounds: int) -> str:
    """Sync in passages a second, beside the bare encoder on the same passages, in the precision that sync encodes in."""
    corpus = digest(read_folder(sources).sources)
    titles = {source.id: source.title for source in corpus.sources}
    texts = [in_context(passage, titles[passage.source]) for passage in corpus.passages]
    with outputs_of_linear_layers() as seen:
        embedder.encode(texts[:1])
    bare.encode(texts[:1], show_progress_bar=False)
    low = torch.bfloat16 in seen

    def encode() -> None:
        with torch.autocast("cpu", torch.bfloat16) if low else nullcontext():
            bare.encode(texts, show_progress_bar=False)

    def build() -> None:
        with tempfile.TemporaryDirectory(prefix="onrecord-bench-") as place:
            sync(sources, Path(place), embedder)

    alone, ours = in_turns([encode, build], rounds)
    return (
        f"{len(texts) / ours:8.1f} passages/s   bare encoder {len(texts) / alone:8.1f}   ratio {alone / ours:.2f}   "
        f"({len(texts):,} passages, {'bfloat16' if low else 'float32'})"
    )


@contextmanager
def outputs_of_linear_layers() -> Iterator[set[torch.dtype]]:
    """The types that linear layers compute in, as seen meanwhile."""
    seen: set[torch.dtype] = set()

    def note(module: torch.nn.Module, given: Any, output: Any) -> None:
        if isinstance(module, torch.nn.Linear):
            seen.add(output.dtype)

    hook = torch.nn.modules.module.register_module_forward_hook(note)
    try:
        yield seen
    finally:
        hook.remove()


def changing(
    sources: Path, index: Path, embedder: TransformerEmbedder, live: LiveAssistant, rounds: int
) -> list[tuple[float, float]]:
    """Of one document changed, `rounds` times over, as `onrecord sync --watch` beside a chat has it: the seconds of its
    sync, and those from saving the file to the end of an answer that rests on it.
    """
    times, path = [], min(sources.iterdir())
    with closing(turns(sources)) as watched:
        next(watched)
        for number in range(rounds):
            code = f"ZQ{number}"
            saved = time.perf_counter()
            path.write_text(f"{path.read_text('utf-8')}\n\nThe inspection code is {code}.\n", "utf-8")
            next(watched)
            noticed = time.perf_counter()
            update(sources, index, embedder)
            synced = time.perf_counter()
            text = live.answer("What is the inspection code?").text
            times.append((synced - noticed, time.perf_counter() - saved))
            if code not in text:
                raise OnRecordError(f"What was saved in {path} is not answered from: {text!r}.")
    return times


# Run between this process and the one that is measured: a child begins with the peak of whoever started it.
_MEASURE = (
    "import resource, subprocess, sys; code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL); "
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
)


def process(arguments: Sequence[str], threads: int) -> float:
    """Run Python in a process of its own; its peak memory in GiB. Raises CalledProcessError where it fails."""
    environment = {**os.environ, "ONRECORD_THREADS": str(threads), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", _MEASURE, sys.executable, *arguments]
    child = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, arguments)
    return int(child.stdout) / (2**30 if sys.platform == "darwin" else 2**20)


def ask(index: Path, question: str) -> list[str]:
    """The arguments of a cold `onrecord ask`."""
    return ["-m", "onrecord", "--index", str(index), "ask", question]


def generate(folder: Path, documents: int, words: int, sources: Path) -> Path:
    """Documents of made-up sentences in the words of the sources; the same for the same sources."""
    dice = random.Random(0)
    texts = (source.text for source in read_folder(sources).sources)
    vocabulary = sorted({term.surface for text in texts for term in terms(text)})
    folder.mkdir(parents=True)
    for number in range(documents):
        parts, left = [f"# {' '.join(dice.choices(vocabulary, k=5))}"], words
        while left:
            paragraph = []
            for length in dice.choices(range(8, 25), k=dice.randint(2, 6)):
                paragraph += (
                    [" ".join(dice.choices(vocabulary, k=min(length, left))).capitalize() + "."] if left else []
                )
                left -= min(length, left)
            parts.append(" ".join(paragraph))
        (folder / f"{number:05}.md").write_text("\n\n".join(parts), "utf-8")
    return folder


# --- the command ---------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    given = parse(arguments)
    try:
        settings = Settings.from_environment(sources=given.sources)
        with tempfile.TemporaryDirectory(prefix="onrecord-bench-") as place:
            bench(given, settings, Path(place))
    except OnRecordError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evals.bench", description="How fast, beside the bare model.")
    parser.add_argument("--sources", type=Path, help="the folder of documents; default: ONRECORD_SOURCES, or sources")
    parser.add_argument(
        "--rounds", type=int, default=3, help="runs of which a time is the median; default: %(default)s"
    )
    parser.add_argument("--questions", type=int, default=30, help="how many are asked; default: %(default)s")
    parser.add_argument("--documents", type=int, help="generated documents; default: 15, with --large 1,000")
    parser.add_argument("--words", type=int, default=1000, help="words in each; default: %(default)s")
    parser.add_argument("--large", action="store_true", help="sync and ask a large corpus; takes minutes")
    return parser.parse_args(arguments)


def bench(given: argparse.Namespace, settings: Settings, place: Path) -> None:
    """Measure and print, section by section, in an empty folder."""
    from sentence_transformers import SentenceTransformer

    embedder = TransformerEmbedder(settings.model, settings.sync_threads)
    model = location(settings.model)
    bare = SentenceTransformer(model, device="cpu")
    encode = partial(bare.encode, show_progress_bar=False)
    questions = some_questions(given.questions)
    documents = given.documents or (1000 if given.large else 15)
    generated = generate(place / "generated", documents, given.words, settings.sources)
    small, large = place / "small", place / "large"
    threads = settings.threads
    say(
        f"Medians of {given.rounds} runs, taken in turns. Torch threads: {threads} answering, {settings.sync_threads} syncing."
    )

    say("\nSync into a new index; bare: encode the same passages.")
    for name, folder in {"sources": settings.sources, "generated": generated}.items():
        if not (given.large and folder == generated):
            say(f"  {name:<10}{syncing(folder, embedder, bare, given.rounds)}")

    sync(settings.sources, small, embedder)
    torch.set_num_threads(threads)
    say(f"\nAnswer {len(questions)} questions, warm; bare: encode the question.")
    with Assistant(Index.open(small, embedder), embedder) as assistant:
        alone, ours = answering([encode, assistant.answer], questions, given.rounds)
    for name, share in {"p50": 0.5, "p95": 0.95}.items():
        say(beside(name, percentile(ours, share) * 1e3, "ms", "bare", percentile(alone, share) * 1e3))

    say("\n`onrecord ask` in a process of its own; bare: import, load, encode the question.")
    commands = [["-c", BARE, model, questions[0], str(threads)], ask(small, questions[0])]
    alone_, ours_ = in_turns([partial(process, command, threads) for command in commands], given.rounds)
    say(beside("cold", ours_, "s", "bare", alone_))
    if not given.large:
        return

    say(f"\n{documents:,} generated documents of {given.words:,} words, once.")
    began = time.perf_counter()
    peak = process(["-m", "onrecord", "--sources", str(generated), "--index", str(large), "sync"], threads)
    whole = time.perf_counter() - began
    say(f"  sync in {whole:.0f} s, at most {peak:.2f} GiB of memory")
    say(f"  a cold ask, at most {process(ask(large, questions[0]), threads):.2f} GiB of memory")
    with (
        Assistant(Index.open(small, embedder), embedder) as few,
        Assistant(Index.open(large, embedder), embedder) as many,
    ):
        of_few, of_many = answering([few.answer, many.answer], questions, given.rounds)
    say(beside("p50", percentile(of_many, 0.5) * 1e3, "ms", "small corpus", percentile(of_few, 0.5) * 1e3))
    with LiveAssistant(large, Assistant(Index.open(large, embedder), embedder)) as live:
        synced, served = map(
            statistics.median, zip(*changing(generated, large, embedder, live, given.rounds), strict=True)
        )
    say(beside("change", synced, "s", "first sync", whole))
    say(f"  a document changed is answered from {served:.1f} s after it is saved")


def some_questions(count: int) -> list[str]:
    """Questions of the cases, the same ones each time."""
    questions = [case.question for case in load([HERE / "cases"]) if not case.history]
    return random.Random(0).sample(questions, min(count, len(questions)))


def beside(name: str, ours: float, unit: str, whose: str, other: float) -> str:
    """A line: ours, the other's, and how many times as long ours takes."""
    return f"  {name:<10}{ours:8.2f} {unit}   {whose} {other:8.2f} {unit}   ratio {ours / other:.2f}"


def say(line: str) -> None:
    """Print at once: the next line may take minutes."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
