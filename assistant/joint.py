"""A question and the sentences that may answer it, read together: a listwise cross-encoder.

Vectors that were made apart tell what a sentence is near to, hardly whether it answers: "The inspectors are paid monthly" is
near to "How much does an inspector earn?". Here a small model reads the question and the candidates of a source at once,
under its title, and says of each whether it states the answer, and whether it calls just that open. The model is the
packaged MiniLM with low-rank adapters and a head of its own, kept in `joint.npz` and fitted by `evals/fit_joint.py` on
SQuAD 2.0 (CC BY-SA 4.0), QED (CC BY-SA 3.0), PolicyQA (MIT) and lessons of our own (`evals/training/`).

Which sentences are candidates, and what the verdicts are worth, is decided in `reread.py`.
"""

import copy
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any, cast

import numpy as np
from tokenizers import Tokenizer

from index.embed import PACKAGED_MODEL, Embedder, Floats, TransformerEmbedder, location, multiplies_bfloat16

ADAPTERS = Path(__file__).with_name("joint.npz")
# The most tokens that are read at once, of a question, of a title and of a sentence. What does not fit is not read.
MOST, MOST_QUESTION, MOST_TITLE, MOST_SENTENCE = 224, 48, 20, 80
_START, _END = "[CLS]", "[SEP]"


@dataclass(frozen=True)
class Block:
    """Sentences of one source, under its title, in the order they stand there."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What reading says of a sentence, as log-odds: that it states the answer, and that it calls just that open."""

    answers: float
    open: float

    @property
    def calls_open(self) -> bool:
        """Whether it calls what is asked open, rather than stating it."""
        return self.open > max(0.0, self.answers)


@dataclass(frozen=True)
class Layout:
    """A question and blocks as tokens: `ids` (n,), `types` (n,), nought for the question and one for the rest, and for each
    sentence of the blocks, in order, where its tokens stand; None for one that did not fit.
    """

    ids: tuple[int, ...]
    types: tuple[int, ...]
    spans: tuple[tuple[int, int] | None, ...]


def lay_out(tokenizer: Tokenizer, question: str, blocks: Sequence[Block]) -> Layout:
    """The tokens to read for a question: [CLS] question [SEP] title. sentence sentence title. sentence [SEP]."""

    def tokens(text: str, most: int) -> list[int]:
        return list(tokenizer.encode(text, add_special_tokens=False).ids[:most])

    start, end = (tokenizer.encode(mark, add_special_tokens=False).ids[0] for mark in (_START, _END))
    ids = [start, *tokens(question, MOST_QUESTION), end]
    asked = len(ids)
    spans: list[tuple[int, int] | None] = []
    for block in blocks:
        title = tokens(f"{block.title}.", MOST_TITLE) if block.title else []
        if len(ids) + len(title) < MOST - 1:
            ids += title
        for sentence in block.sentences:
            words = tokens(sentence, MOST_SENTENCE)
            fits = bool(words) and len(ids) + len(words) < MOST
            spans.append((len(ids), len(ids) + len(words)) if fits else None)
            ids += words if fits else []
    return Layout((*ids, end), (0,) * asked + (1,) * (len(ids) + 1 - asked), tuple(spans))


class JointReader:
    """The model, on the CPU. Safe to share by threads.

    `embedder` lends its weights where it is the packaged model; they are loaded otherwise.
    """

    def __init__(self, embedder: Embedder | None = None, adapters: Path = ADAPTERS) -> None:
        import torch

        self._torch = torch
        if not isinstance(embedder, TransformerEmbedder) or embedder.name != PACKAGED_MODEL:
            embedder = TransformerEmbedder(threads=torch.get_num_threads())
        self.tokenizer = bare_tokenizer(Path(location(PACKAGED_MODEL)))
        with np.load(adapters) as kept:
            weights = {name: torch.from_numpy(kept[name].astype(np.float32)) for name in kept.files}
        self._head = weights["head.weight"], weights["head.bias"]
        # It was trained in bfloat16, which takes half the time where the CPU has it. A copy has these parameters for those
        # of the embedder; where the precision is the same, what has no adapters is shared.
        precision = torch.bfloat16 if multiplies_bfloat16() else torch.float32
        instead: dict[int, Any] = {}
        with torch.no_grad():
            for name, parameter in embedder.network.named_parameters():
                adapted = parameter
                if f"{name}.down" in weights:
                    adapted = torch.addmm(parameter, weights[f"{name}.up"], weights[f"{name}.down"])
                instead[id(parameter)] = torch.nn.Parameter(adapted.to(precision), requires_grad=False)
        self._model: Any = copy.deepcopy(embedder.network, instead)

    def read(self, question: str, blocks: Sequence[Block]) -> list[Verdict | None]:
        """A verdict for each sentence of the blocks, in order; None for one that there was no room for.

        Each block is read by itself: that one source states the answer takes nothing from another that does.
        """
        layouts = [lay_out(self.tokenizer, question, [block]) for block in blocks]
        if not any(span for layout in layouts for span in layout.spans):
            return [None for layout in layouts for _ in layout.spans]
        verdicts = iter(self._verdicts(layouts))
        return [next(verdicts) if span else None for layout in layouts for span in layout.spans]

    def _verdicts(self, layouts: Sequence[Layout]) -> list[Verdict]:
        """What reading the layouts says of the sentences that fitted, at least one.

        All are read in one pass, one behind the other, without padding: a token heeds those of its own layout alone.
        """
        torch = self._torch
        sizes = [len(layout.ids) for layout in layouts]
        starts = (end - size for end, size in zip(accumulate(sizes), sizes, strict=True))
        places = [(start, span) for start, layout in zip(starts, layouts, strict=True) for span in layout.spans if span]
        owner = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
        with torch.inference_mode():
            read = self._model(
                input_ids=torch.tensor([[i for layout in layouts for i in layout.ids]]),
                token_type_ids=torch.tensor([[i for layout in layouts for i in layout.types]]),
                position_ids=torch.cat([torch.arange(size) for size in sizes])[None],
                attention_mask=(owner[:, None] == owner)[None, None],
            )
            states = read.last_hidden_state[0].float()
            means = torch.stack([states[start + a : start + b].mean(dim=0) for start, (a, b) in places])
            wholes = states[[start for start, _ in places]]
            odds: Floats = torch.nn.functional.linear(torch.cat([means, means * wholes], dim=1), *self._head).numpy()
        return [Verdict(float(answers), float(is_open)) for answers, is_open in odds]


def joint_reader(embedder: Embedder) -> JointReader:
    """The model beside an embedder, made once for each."""
    return _joint_reader(cast(Hashable, embedder))


@lru_cache(maxsize=2)
def _joint_reader(embedder: Hashable) -> JointReader:
    return JointReader(cast(Embedder, embedder))


def bare_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a model's folder, which neither pads nor cuts."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer
