"""Passages found -> the best of them first, by a model that reads the question and a passage together.

Search compares vectors that were made apart. A cross-encoder reads both texts at once: it can tell more, and needs a pass
of the model for each passage, so it only orders what search has found. Off unless a model is named, see docs/rerankers.md.
Its scores choose the passages to read and nothing else; what they answer is decided in `evidence.py` and `outcome.py`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from index.errors import InputError
from index.generation import Index, in_context
from index.search import Hit

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

# How many of the passages found are scored, and how many of these are read.
CANDIDATES = 24
READ = 8


class Reranker(Protocol):
    """What ordering passages needs of a model. `name` is shown to people."""

    name: str

    def score(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """How well each text answers the question: a number a text, in order, higher is better. Any scale will do.

        Threads may call it at the same time.
        """
        ...


def best(reranker: Reranker, question: str, hits: Sequence[Hit], index: Index) -> list[Hit]:
    """The `READ` best of the first `CANDIDATES` hits, best first; of equals, the first found.

    A passage is scored after its title and headings, as it was encoded.
    """
    candidates = hits[:CANDIDATES]
    passages = [index.passages[hit.passage] for hit in candidates]
    texts = [in_context(passage, index.sources[passage.source].title) for passage in passages]
    scored = zip(reranker.score(question, texts), candidates, strict=True)
    return [hit for _, hit in sorted(scored, key=lambda pair: -pair[0])[:READ]]


class TransformerReranker:
    """A sentence-transformers `CrossEncoder` by hub name or path, on the CPU with so many torch threads.

    Raises `InputError` where it cannot be loaded, gives several scores a pair, or has not been trained to score pairs.
    """

    def __init__(self, name: str, threads: int = 1) -> None:
        import torch
        from sentence_transformers import CrossEncoder

        self.name = name
        self._raw = torch.nn.Identity()
        self._turn = Lock()
        torch.set_num_threads(threads)
        try:
            with _without_bars():
                self._model: CrossEncoder = CrossEncoder(name, device="cpu")
        except Exception as error:  # a damaged file raises nearly anything
            raise _refusal(name, f"could not be loaded ({error})") from error
        if self._model.num_labels != 1:
            raise _refusal(name, f"gives {self._model.num_labels} scores a pair, where one is needed")
        if not _trained(self._model):
            raise _refusal(name, "has not been trained to score pairs: it would get random weights for that")

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """The model's scores before any activation, which would make those far from the middle equal."""
        pairs = [(question, text) for text in texts]
        # Threads take turns: some versions of transformers change a tokenizer at each call, and then fail with "Already
        # borrowed" (huggingface/transformers issue 47085).
        with self._turn:
            scores = self._model.predict(pairs, show_progress_bar=False, activation_fn=self._raw)
        return [float(score) for score in scores]


def load_reranker(name: str, threads: int = 1) -> TransformerReranker | None:
    """The reranker of that name; None for no name. Raises `InputError` where it cannot be loaded."""
    return TransformerReranker(name, threads) if name else None


@contextmanager
def _without_bars() -> Iterator[None]:
    """Loading draws no progress bar."""
    bars: Any = import_module("transformers.utils.logging")  # imported so for want of types
    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            bars.enable_progress_bar()


def _trained(model: "CrossEncoder") -> bool:
    """Whether the scores come from trained weights. Another kind of model loads as well, under a new, random last layer.

    So does one of several modules in a sentence-transformers before 5.4, which takes the first alone.
    """
    kinds = getattr(model.config, "architectures", None) or ()
    return len(list(model.children())) > 1 or any(kind.endswith("ForSequenceClassification") for kind in kinds)


def _refusal(name: str, reason: str) -> InputError:
    return InputError(
        f"The reranker {name!r} {reason}. "
        "Set ONRECORD_RERANKER to the folder of a cross-encoder or to a name your model hub can reach, or unset it."
    )
