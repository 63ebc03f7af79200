from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from assistant.joint import ADAPTERS, MOST, Block, JointReader, Layout, Verdict, bare_tokenizer, joint_reader, lay_out
from index.embed import PACKAGED_MODEL, Embedder, TransformerEmbedder, location

BLOCKS = [
    Block("Prices", ("A ticket costs four crowns.", "Dogs travel free.")),
    Block("", ("The boat sails at noon.",)),
]
QUESTION = "How much is a ticket?"


@pytest.fixture(scope="module")
def reader(embedder: TransformerEmbedder) -> JointReader:
    return joint_reader(embedder)


def words(layout: Layout, span: tuple[int, int] | None) -> str:
    assert span is not None
    tokenizer = bare_tokenizer(Path(location(PACKAGED_MODEL)))
    return str(tokenizer.decode(list(layout.ids[slice(*span)])))


def test_each_sentence_is_found_again_where_its_span_says(reader: JointReader) -> None:
    layout = lay_out(reader.tokenizer, QUESTION, BLOCKS)
    assert [words(layout, span) for span in layout.spans] == [
        "a ticket costs four crowns.",
        "dogs travel free.",
        "the boat sails at noon.",
    ]
    asked = layout.types.index(1)
    assert words(layout, (0, asked)) == "how much is a ticket?"
    assert words(layout, (asked, layout.spans[0][0] if layout.spans[0] else 0)) == "prices."
    assert len(layout.ids) == len(layout.types)


def test_what_does_not_fit_is_not_read_and_what_fits_after_it_is(reader: JointReader) -> None:
    long = " ".join(["harbour"] * 75)
    layout = lay_out(reader.tokenizer, QUESTION, [Block("", (long, long, long, "Short."))])
    assert [span is None for span in layout.spans] == [False, False, True, False]
    assert len(layout.ids) <= MOST


def test_nothing_to_read_needs_no_model(reader: JointReader) -> None:
    assert reader.read(QUESTION, []) == []
    assert reader.read(QUESTION, [Block("Prices", ("",))]) == [None]


def test_a_head_that_looks_at_nothing_gives_its_bias(embedder: TransformerEmbedder, tmp_path: Path) -> None:
    width = embedder.dimension
    path = tmp_path / "flat.npz"
    np.savez(path, allow_pickle=False, **{"head.weight": np.zeros((2, 2 * width)), "head.bias": np.array([1.5, -2.0])})
    assert JointReader(embedder, path).read(QUESTION, BLOCKS) == [Verdict(1.5, -2.0)] * 3


def test_adapters_change_the_reader_and_not_the_embedder(embedder: TransformerEmbedder, tmp_path: Path) -> None:
    with np.load(ADAPTERS) as kept:
        arrays = {name: kept[name] for name in kept.files}
    arrays |= {name: 2 * array for name, array in arrays.items() if name.endswith(".up")}
    path = tmp_path / "doubled.npz"
    np.savez(path, allow_pickle=False, **arrays)
    before = embedder.encode([QUESTION])[0].words.copy()
    shipped = JointReader(embedder).read(QUESTION, BLOCKS)
    assert JointReader(embedder, path).read(QUESTION, BLOCKS) != shipped
    assert JointReader(embedder).read(QUESTION, BLOCKS) == shipped
    assert np.array_equal(embedder.encode([QUESTION])[0].words, before)


def test_another_embedder_lends_nothing_and_changes_nothing(reader: JointReader, paper: Embedder) -> None:
    theirs = JointReader(paper).read(QUESTION, BLOCKS)
    for ours, other in zip(reader.read(QUESTION, BLOCKS), theirs, strict=True):
        assert ours is not None
        assert other is not None
        assert (ours.answers, ours.open) == pytest.approx((other.answers, other.open), abs=1e-4)


def test_one_reader_serves_all_who_share_an_embedder(embedder: TransformerEmbedder) -> None:
    assert joint_reader(embedder) is joint_reader(embedder)


def test_eight_threads_read_alike(reader: JointReader) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: reader.read(QUESTION, BLOCKS), range(16)))
    first = [(v.answers, v.open) for v in found[0] if v]
    for verdicts in found:
        assert [(v.answers, v.open) for v in verdicts if v] == [pytest.approx(pair, abs=1e-4) for pair in first]


INSPECTORS = Block(
    "Report of the harbour inspectorate",
    (
        "The inspectorate employs 84 inspectors.",
        "Registering a boat costs 260 crowns.",
        "It has not said yet when the eleven new inspectors will begin.",
        "The report was signed by Director Ida Brandt.",
    ),
)


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("How many inspectors are there?", 0),
        ("What do I have to pay to get my boat registered?", 1),
        ("Who put their name to the report?", 3),
    ],
)
def test_the_sentence_that_answers_reads_best(reader: JointReader, question: str, best: int) -> None:
    verdicts = [v.answers for v in reader.read(question, [INSPECTORS]) if v]
    assert verdicts.index(max(verdicts)) == best


def test_a_sentence_that_calls_it_open_reads_so(reader: JointReader) -> None:
    verdicts = [v.open for v in reader.read("When do the new inspectors start?", [INSPECTORS]) if v]
    assert verdicts.index(max(verdicts)) == 2
    other = [v.open for v in reader.read("How many inspectors are there?", [INSPECTORS]) if v]
    assert max(verdicts) > max(other)


def odds(verdicts: Sequence[Verdict | None]) -> list[tuple[float, float]]:
    return [(v.answers, v.open) for v in verdicts if v]


def test_what_is_read_beside_others_is_read_as_if_alone(reader: JointReader) -> None:
    alone = [verdict for block in BLOCKS for verdict in reader.read(QUESTION, [block])]
    beside = reader.read(QUESTION, [*BLOCKS, Block("Long", ("harbour " * 70,) * 2)])
    # Matrices of other sizes are multiplied in another order: alike to what the precision leaves.
    np.testing.assert_allclose(odds(beside[:3]), odds(alone), atol=0.1)
