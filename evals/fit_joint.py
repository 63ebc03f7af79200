"""The joint reader's adapters, fitted again: `python -m evals.fit_joint DATA_DIR`, `make fit-joint DATA=...`; `--write` keeps them.

The packaged MiniLM stays as it is, in bfloat16 where the CPU has it; low-rank adapters beside each of its linear layers but
the first block's learn (LoRA, Hu et al. 2021), with a head on the mean of each sentence's tokens. First the public sets, then
our own lessons with some of them. `--go-on` keeps the mean of the adapters it began with and of what came of each round.
Whole articles of SQuAD and every twelfth of our documents are held out, and measured after each round. One seed; on the
CPU the sums of several threads come in no fixed order, so weights agree nearly, not wholly.

DATA_DIR holds squad2.jsonl, qed.jsonl and policyqa.jsonl. Needs some hours on two free cores.
Not covered: the lessons (`lessons.py`), and what the verdicts are worth to the decision (`fit_reread.py`).
"""

import argparse
import math
import os
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

from assistant.joint import ADAPTERS, Block, bare_tokenizer, lay_out
from evals.command import execute, parser
from evals.lessons import Lesson, held_out, names, own_split, public, swapped, untitled
from evals.measures import auroc
from evals.mining import Encode, Neighbours
from evals.public import POLICYQA, QED, SEED, SQUAD2
from index.embed import PACKAGED_MODEL, Floats, location, multiplies_bfloat16

RANK = 16
# The first block is left as it is: nothing before it learns, so no gradient has to reach it.
FIRST = 1
BATCH, RATE, SCALE = 32, 8e-4, 2.0
WARM_UP = 0.06


@dataclass(frozen=True)
class Round:
    """How many lessons of each kind a round takes: of the public sets, of those with a name swapped, of those put to another
    page; and how often our own, and what share of these is put to another page.
    """

    squad2: int
    qed: int
    policyqa: int
    swapped: int
    elsewhere: int
    own: int
    own_elsewhere: float = 0.5


FIRST_ROUND = Round(squad2=5000, qed=2500, policyqa=300, swapped=1000, elsewhere=1500, own=0)
LATER_ROUND = Round(squad2=2400, qed=1200, policyqa=200, swapped=500, elsewhere=800, own=1)


# Adapters and a head by name, as a file has them.
Kept = dict[str, NDArray[np.float16]]


def loaded(path: Path) -> Kept:
    """What is kept in a file."""
    with np.load(path) as kept:
        return {name: kept[name] for name in kept.files}


def mean_of(several: Sequence[Kept]) -> Kept:
    """The mean of what was kept at several times of one training, which reads what it has not seen better than the last does."""
    return {
        name: np.mean([kept[name].astype(np.float32) for kept in several], axis=0).astype(np.float16)
        for name in several[0]
    }


class Adapted(nn.Module):
    """A linear layer with a low-rank one beside it, which learns; at first it adds nothing."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.linear = linear
        self.down = nn.Parameter(torch.randn(RANK, linear.in_features) / math.sqrt(linear.in_features))
        self.up = nn.Parameter(torch.zeros(linear.out_features, RANK))

    def forward(self, x: Tensor) -> Tensor:
        beside: Tensor = (x @ self.down.T.to(x.dtype)) @ self.up.T.to(x.dtype)
        return torch.as_tensor(self.linear(x) + SCALE * beside)


class Network(nn.Module):
    """The packaged model with adapters, and two heads: of sentences, and of where the words of an answer begin and end.

    The second is an exercise: it is not kept.
    """

    def __init__(self) -> None:
        super().__init__()
        folder = location(PACKAGED_MODEL)
        precision = torch.bfloat16 if multiplies_bfloat16() else torch.float32
        self.bert: Any = BertModel.from_pretrained(folder, attn_implementation="eager", dtype=precision)
        for parameter in self.bert.parameters():
            parameter.requires_grad = False
        for module in self.bert.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0
        self.adapted: dict[str, Adapted] = {}
        for name, module in list(self.bert.encoder.layer[FIRST:].named_modules()):
            for child, linear in list(module.named_children()):
                if isinstance(linear, nn.Linear):
                    block, _, rest = f"{name}.{child}".partition(".")
                    adapted = Adapted(linear)
                    setattr(module, child, adapted)
                    self.adapted[f"encoder.layer.{int(block) + FIRST}.{rest}.weight"] = adapted
        width = self.bert.config.hidden_size
        self.sentences, self.words, self.dropout = nn.Linear(2 * width, 2), nn.Linear(width, 2), nn.Dropout(0.1)

    def forward(self, batch: "Batch") -> tuple[Tensor, Tensor]:
        """Log-odds of sentences (n, s, 2) to answer and to call open; scores of tokens (n, t, 2) to begin and to end it."""
        states = self.bert(
            input_ids=batch.ids, token_type_ids=batch.types, attention_mask=batch.there.long()
        ).last_hidden_state
        states = self.dropout(states.float())
        means = batch.means @ states
        return self.sentences(torch.cat([means, means * states[:, :1]], dim=-1)), self.words(states)

    def kept(self) -> Kept:
        """What `assistant/joint.py` needs, as it stands in its file."""
        arrays = {"head.weight": self.sentences.weight, "head.bias": self.sentences.bias}
        for name, adapted in self.adapted.items():
            arrays |= {f"{name}.down": adapted.down, f"{name}.up": SCALE * adapted.up}
        return {name: tensor.detach().numpy().astype(np.float16) for name, tensor in arrays.items()}

    def take(self, kept: Kept) -> None:
        """Go on from what was kept."""
        arrays = {name: torch.from_numpy(array.astype(np.float32)) for name, array in kept.items()}
        with torch.no_grad():
            self.sentences.weight.copy_(arrays["head.weight"])
            self.sentences.bias.copy_(arrays["head.bias"])
            for name, adapted in self.adapted.items():
                adapted.down.copy_(arrays[f"{name}.down"])
                adapted.up.copy_(arrays[f"{name}.up"] / SCALE)


@dataclass(frozen=True)
class Batch:
    """n lessons of at most t tokens and s sentences: `ids`, `types` and `there` (n, t); `means` (n, s, t) take the mean of
    a sentence's tokens; `marks` (n, s, 2) what it does, less than nought where it was not read; `begin` and `end` (n, t)
    the words of the answer, or the first token where there are none; `spanned` (n,) whether these are known.
    """

    ids: Tensor
    types: Tensor
    there: Tensor
    means: Tensor
    marks: Tensor
    begin: Tensor
    end: Tensor
    spanned: Tensor


def batched(lessons: Sequence[Lesson], tokenizer: Tokenizer) -> Batch:
    """Lessons as tensors."""
    laid = [
        lay_out(tokenizer, x.question, [Block(p.title, tuple(s.text for s in p.sentences)) for p in x.pages])
        for x in lessons
    ]
    n, t, s = len(laid), max(len(x.ids) for x in laid), max(len(x.spans) for x in laid)
    ids, types = torch.zeros(n, t, dtype=torch.long), torch.zeros(n, t, dtype=torch.long)
    there = torch.zeros(n, t, dtype=torch.bool)
    means, marks = torch.zeros(n, s, t), torch.full((n, s, 2), -1.0)
    begin, end = torch.zeros(n, t), torch.zeros(n, t)
    for i, (lesson, layout) in enumerate(zip(lessons, laid, strict=True)):
        size = len(layout.ids)
        ids[i, :size], types[i, :size], there[i, :size] = torch.tensor(layout.ids), torch.tensor(layout.types), True
        for k, (said, span) in enumerate(zip(lesson.every, layout.spans, strict=True)):
            if span is None:
                continue
            first, last = span
            means[i, k, first:last] = 1 / (last - first)
            marks[i, k] = torch.tensor([float(said.answers), float(said.open)])
            places = tokenizer.encode(said.text, add_special_tokens=False).offsets[: last - first] if said.spans else []
            for a, b in said.spans:
                inside = [first + j for j, (u, v) in enumerate(places) if u < b and v > a]
                if inside:
                    begin[i, inside[0]] = end[i, inside[-1]] = 1
        if not begin[i].any():
            begin[i, 0] = end[i, 0] = 1
    return Batch(ids, types, there, means, marks, begin, end, torch.tensor([x.spanned for x in lessons]))


def loss_of(network: Network, batch: Batch) -> Tensor:
    """How wrong the network is: sentence by sentence, as a choice among the sentences and none, and in the words."""
    odds, words = network(batch)
    read = batch.marks[..., 0] >= 0
    truth = batch.marks.clamp(min=0)
    each = nn.functional.binary_cross_entropy_with_logits(odds, truth, reduction="none")
    alone = 4 * (each * read[..., None]).sum() / read.sum()
    choices = torch.cat([torch.zeros(len(odds), 1), odds[..., 0]], dim=1)
    right = torch.cat([(truth[..., 0].sum(dim=1, keepdim=True) == 0).float(), truth[..., 0]], dim=1)
    open_to_choice = torch.cat([torch.ones(len(odds), 1, dtype=torch.bool), read], dim=1)
    chosen = _surprise(choices, right, open_to_choice).mean()
    places = (batch.types == 1) & batch.there
    places[:, 0] = True
    spans = _surprise(words[..., 0], batch.begin, places) + _surprise(words[..., 1], batch.end, places)
    return alone + 0.5 * chosen + 0.5 * (spans * batch.spanned).mean()


def _surprise(scores: Tensor, right: Tensor, among: Tensor) -> Tensor:
    """Minus the log of the share (n,) that a softmax over `among` gives to all that is right together."""
    logs = torch.log_softmax(scores.masked_fill(~among, -1e4), dim=1)
    return -torch.logsumexp(logs.masked_fill(right == 0, -1e4), dim=1)


# --- lessons of a round --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class School:
    """All lessons, and those held out."""

    squad2: list[Lesson]
    qed: list[Lesson]
    policyqa: list[Lesson]
    own: list[Lesson]
    held_squad2: list[Lesson]
    held_own: list[Lesson]
    near: Neighbours

    @classmethod
    def of(cls, directory: Path, encode: Encode) -> "School":
        squad2, qed, policyqa = (public(directory, data) for data in (SQUAD2, QED, POLICYQA))
        away = held_out(x.article for x in squad2)
        own, held_own = own_split()
        taught = [x for x in squad2 if x.article not in away]
        asked = [x for x in qed if x.answerable and x.article not in away]
        policies = [x for x in policyqa if x.answerable]
        near = Neighbours([*taught, *asked, *policies, *own], encode)
        return cls(taught, asked, policies, own, [x for x in squad2 if x.article in away], held_own, near)

    def round(self, plan: Round, dice: random.Random) -> list[Lesson]:
        """The lessons of a round, in no order."""

        def some(lessons: Sequence[Lesson], count: int) -> list[Lesson]:
            return dice.sample(lessons, min(count, len(lessons)))

        questions = [x for x in (*self.squad2, *self.qed) if x.answerable]
        known = [name for x in self.squad2[::7] for said in x.every for name in names(said.text)]
        taken = some(self.squad2, plan.squad2) + some(self.qed, plan.qed) + some(self.policyqa, plan.policyqa)
        lessons = [self.near.here(x, dice) if dice.random() < 0.25 else x for x in taken]
        lessons += [new for x in some(questions, plan.swapped) if (new := swapped(x, known, dice))]
        elsewhere = some(questions, plan.elsewhere)
        for x in self.own * plan.own:
            if dice.random() < 0.6:
                lessons.append(self.near.here(x, dice))
            else:
                lessons.append(x if dice.random() < 0.7 else untitled(x))
            if dice.random() < plan.own_elsewhere:
                elsewhere.append(x)
        lessons += [new for x in elsewhere if (new := self.near.elsewhere(x, dice))]
        dice.shuffle(lessons)
        return lessons


def batches(lessons: Sequence[Lesson], dice: random.Random) -> list[list[Lesson]]:
    """Lessons in batches of about the same length, in no order."""
    made = []
    for start in range(0, len(lessons), 24 * BATCH):
        near = sorted(lessons[start : start + 24 * BATCH], key=lambda x: sum(len(said.text) for said in x.every))
        some = [near[i : i + BATCH] for i in range(0, len(near), BATCH)]
        dice.shuffle(some)
        made += some
    return made


# --- measuring and the command --------------------------------------------------------------------------------------


def verdicts(network: Network, lessons: Sequence[Lesson], tokenizer: Tokenizer) -> list[Floats]:
    """The log-odds (s, 2) of each lesson's sentences; of one that was not read, very low ones."""
    network.eval()
    found = []
    with torch.no_grad():
        for start in range(0, len(lessons), BATCH):
            batch = batched(lessons[start : start + BATCH], tokenizer)
            odds = network(batch)[0].masked_fill(batch.marks < 0, -20.0).numpy()
            found += [row[: len(x.every)] for row, x in zip(odds, lessons[start:], strict=False)]
    network.train()
    return found


def measured(network: Network, lessons: Sequence[Lesson], tokenizer: Tokenizer) -> dict[str, float]:
    """The share of best sentences that answer, and how well the best score tells what is answered, and what is open."""
    odds = verdicts(network, lessons, tokenizer)
    truth = [np.array([(said.answers, said.open) for said in x.every]) for x in lessons]
    best = np.array([o.max(axis=0) for o in odds])
    some = np.array([t.any(axis=0) for t in truth])
    right = [t[o[:, 0].argmax(), 0] for o, t in zip(odds, truth, strict=True) if t[:, 0].any()]
    figures = {"best sentence": float(np.mean(right)), "AUROC answered": auroc(best[:, 0], some[:, 0])}
    return figures | ({"AUROC open": auroc(best[:, 1], some[:, 1])} if some[:, 1].any() else {})


def _report(what: str, network: Network, school: School, tokenizer: Tokenizer) -> None:
    """Say how well a network reads what is held out."""
    for name, held in (
        ("squad2, articles held out", school.held_squad2),
        ("our own, documents held out", school.held_own),
    ):
        if held:
            figures = measured(network, held, tokenizer)
            print(f"{what}, {name}: " + ", ".join(f"{k} {v:.3f}" for k, v in figures.items()), flush=True)


def fit(
    school: School, rounds: Sequence[Round], place: Path | None, begun: Path | None = None, rate: float = RATE
) -> Network:
    """Train a network, saying how it goes; after each round it is kept in `place`. Where it goes on from adapters that were
    `begun`, it ends as the mean of these and of what came of each round, and the mean so far is kept.
    """
    torch.manual_seed(SEED)
    dice = random.Random(SEED)
    tokenizer = bare_tokenizer(Path(location(PACKAGED_MODEL)))
    network = Network()
    several = [loaded(begun)] if begun else []
    for kept in several:
        network.take(kept)
    learning = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=rate, weight_decay=0.01)
    plan = [batches(school.round(r, dice), dice) for r in rounds]
    steps, done, began = sum(len(r) for r in plan), 0, time.perf_counter()
    for number, made in enumerate(plan, 1):
        network.train()
        for lessons in made:
            for group in optimizer.param_groups:
                group["lr"] = rate * min(1.0, (done + 1) / (WARM_UP * steps)) * max(0.02, 1 - done / steps)
            loss = loss_of(network, batched(lessons, tokenizer))
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(learning, 1.0)
            optimizer.step()
            done += 1
            if done % 50 == 0:
                print(
                    f"{done} of {steps} steps, {time.perf_counter() - began:.0f} s, loss {loss.item():.2f}", flush=True
                )
        _report(f"round {number}", network, school, tokenizer)
        several = [*several, network.kept()] if begun else [network.kept()]
        if place:
            np.savez_compressed(place, allow_pickle=False, **mean_of(several))
    if begun:
        network.take(mean_of(several))
        _report(f"mean of {len(several)}", network, school, tokenizer)
    return network


def main(arguments: Sequence[str] | None = None) -> int:
    made = parser("fit_joint", __doc__.partition("\n")[0], "squad2.jsonl, qed.jsonl and policyqa.jsonl")
    made.add_argument("--write", action="store_true", help=f"keep the adapters in {ADAPTERS.name}")
    made.add_argument("--rounds", type=int, default=5, help="rounds with our own lessons, after one without (5)")
    made.add_argument(
        "--go-on",
        action="store_true",
        help="begin with the adapters that are kept, and keep the mean of these and of each round; no round without our own",
    )
    made.add_argument("--rate", type=float, default=RATE, help="the highest rate of learning (%(default)s)")
    made.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="torch threads (all cores)")
    options: argparse.Namespace = made.parse_args(arguments)

    def work(_: Path) -> None:
        torch.set_num_threads(options.threads)
        rounds = [*([] if options.go_on else [FIRST_ROUND]), *(LATER_ROUND for _ in range(options.rounds))]
        from sentence_transformers import SentenceTransformer  # takes seconds: not for options that cannot be used

        model = SentenceTransformer(location(PACKAGED_MODEL), device="cpu")

        def encode(texts: list[str]) -> Floats:
            with torch.autocast("cpu", torch.bfloat16, enabled=multiplies_bfloat16()):
                return np.asarray(model.encode(texts, normalize_embeddings=True, batch_size=64), np.float32)

        began = time.perf_counter()
        school = School.of(options.data, encode)
        print(f"{len(school.own)} lessons of our own; encoded in {time.perf_counter() - began:.0f} s", flush=True)
        begun = ADAPTERS if options.go_on else None
        fit(school, rounds, ADAPTERS if options.write else None, begun, options.rate)

    return execute("fit_joint", options.keep, work)


if __name__ == "__main__":
    sys.exit(main())
