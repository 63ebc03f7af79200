import random
from pathlib import Path

import numpy as np
import pytest
import torch

from assistant.joint import Block, JointReader, bare_tokenizer
from evals.fit_joint import (
    BATCH,
    Network,
    Round,
    School,
    batched,
    batches,
    fit,
    loaded,
    loss_of,
    mean_of,
    measured,
    verdicts,
)
from evals.lessons import Lesson, Page, Said
from evals.mining import Neighbours
from index.embed import PACKAGED_MODEL, TransformerEmbedder, location
from tests.letters import by_letter

PAGE = Page(
    "Velm ferry",
    (
        Said("A ticket costs four crowns.", answers=True, spans=((15, 26),)),
        Said("Dogs travel free."),
        Said("Its new timetable is not known yet.", open=True),
    ),
)
PRICE = Lesson("squad2", "velm", "How much is a ticket?", (PAGE,), True, ("four crowns",))
NOTHING = Lesson("city", "city: velm", "Who is the captain?", (PAGE.unmarked,))
TOKENIZER = bare_tokenizer(Path(location(PACKAGED_MODEL)))


@pytest.fixture(scope="module")
def network() -> Network:
    torch.manual_seed(0)
    return Network()


def test_a_batch_marks_sentences_and_the_words_of_the_answer() -> None:
    batch = batched([PRICE, NOTHING], TOKENIZER)
    assert batch.marks.tolist() == [[[1, 0], [0, 0], [0, 1]], [[0, 0]] * 3]
    assert batch.means.sum(dim=2).numpy() == pytest.approx(np.ones((2, 3)))
    first, last = int(batch.begin[0].argmax()), int(batch.end[0].argmax())
    assert TOKENIZER.decode(batch.ids[0, first : last + 1].tolist()) == "four crowns"
    assert (int(batch.begin[1].argmax()), int(batch.end[1].argmax())) == (0, 0)
    assert batch.spanned.tolist() == [True, False]


def test_a_sentence_that_did_not_fit_teaches_nothing() -> None:
    long = Page("", tuple(Said(" ".join(["harbour"] * 75)) for _ in range(3)))
    batch = batched([Lesson("city", "x", "Where?", (long,))], TOKENIZER)
    assert batch.marks[0, :, 0].tolist() == [0, 0, -1]
    assert torch.isfinite(loss_of(Network(), batch))


def test_adapters_add_nothing_before_they_learn(network: Network, embedder: TransformerEmbedder) -> None:
    batch = batched([PRICE], TOKENIZER)
    network.eval()
    with torch.no_grad():
        ours = network.bert(input_ids=batch.ids, token_type_ids=batch.types).last_hidden_state.float()
        theirs = embedder.network(input_ids=batch.ids, token_type_ids=batch.types).last_hidden_state
    assert torch.nn.functional.cosine_similarity(ours, theirs, dim=-1).min() > 0.99


def test_learning_lowers_the_loss_and_changes_adapters_alone(network: Network) -> None:
    base = network.bert.embeddings.word_embeddings.weight.clone()
    batch = batched([PRICE, NOTHING], TOKENIZER)
    learning = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=1e-3)
    network.train()
    losses = []
    for _ in range(8):
        loss = loss_of(network, batch)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    assert torch.equal(base, network.bert.embeddings.word_embeddings.weight)


def test_what_is_kept_reads_as_what_was_trained(
    network: Network, embedder: TransformerEmbedder, tmp_path: Path
) -> None:
    path = tmp_path / "kept.npz"
    np.savez_compressed(path, allow_pickle=False, **network.kept())
    (trained,) = verdicts(network, [PRICE], TOKENIZER)
    blocks = [Block(PAGE.title, tuple(said.text for said in PAGE.sentences))]
    read = JointReader(embedder, path).read(PRICE.question, blocks)
    for row, verdict in zip(trained, read, strict=True):
        assert verdict is not None
        assert (verdict.answers, verdict.open) == pytest.approx(tuple(row), abs=0.15)  # bfloat16 beside float32


def test_measures_are_shares(network: Network) -> None:
    figures = measured(network, [PRICE, NOTHING], TOKENIZER)
    assert set(figures) == {"best sentence", "AUROC answered", "AUROC open"}
    assert all(0 <= value <= 1 for value in figures.values())


def test_batches_hold_every_lesson_once() -> None:
    lessons = [Lesson("city", str(i), "Q?", (PAGE,)) for i in range(3 * BATCH + 5)]
    made = batches(lessons, random.Random(0))
    assert sorted(x.article for batch in made for x in batch) == sorted(x.article for x in lessons)
    assert max(map(len, made)) == BATCH


def test_training_can_go_on_from_what_was_kept(network: Network, tmp_path: Path) -> None:
    path = tmp_path / "kept.npz"
    np.savez_compressed(path, allow_pickle=False, **network.kept())
    again = Network()
    again.take(loaded(path))
    for name, array in network.kept().items():
        assert again.kept()[name] == pytest.approx(array, abs=1e-3), name


def test_the_mean_of_what_was_kept_is_taken_number_by_number() -> None:
    several = [{"head": np.array([1.0, 4.0], np.float16)}, {"head": np.array([2.0, -4.0], np.float16)}]
    assert mean_of(several)["head"].tolist() == [1.5, 0.0]
    assert mean_of(several)["head"].dtype == np.float16


def test_a_round_of_nothing_public_is_our_own_lessons_laid_out_anew() -> None:
    school = School([PRICE], [], [], [NOTHING] * 10, [], [], Neighbours([PRICE, NOTHING], by_letter))
    lessons = school.round(Round(0, 0, 0, 0, 0, own=1, own_elsewhere=0), random.Random(0))
    assert [x.question for x in lessons] == ["Who is the captain?"] * 10


@pytest.mark.slow
def test_a_whole_fit_keeps_adapters_that_can_be_read(embedder: TransformerEmbedder, tmp_path: Path) -> None:
    near = Neighbours([PRICE, NOTHING], by_letter)
    school = School([PRICE] * 8, [], [], [NOTHING] * 8, [PRICE, NOTHING], [], near)
    fit(school, [Round(8, 0, 0, 4, 4, own=1)], tmp_path / "fitted.npz")
    before = loaded(tmp_path / "fitted.npz")
    further = tmp_path / "further.npz"
    went_on = fit(school, [Round(1, 0, 0, 0, 0, own=1)], further, begun=tmp_path / "fitted.npz", rate=0.02)
    for name, array in loaded(further).items():
        assert went_on.kept()[name] == pytest.approx(array, abs=1e-3), name
    # The first step of Adam moves a number by the rate: the mean of before and after, by half of it.
    moved = np.abs(loaded(further)["head.bias"] - before["head.bias"])
    assert moved == pytest.approx(0.01, abs=0.001)
    blocks = [Block(PAGE.title, tuple(said.text for said in PAGE.sentences))]
    assert len(JointReader(embedder, tmp_path / "fitted.npz").read("How much?", blocks)) == 3
