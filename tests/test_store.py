"""The vector store finds what was put in, says so when it cannot, and lets go of its files."""

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.embed import unit
from index.errors import OnRecordError
from index.store import PassageStore

IDS = ["east", "north", "northeast"]
VECTORS = unit(np.array([[1, 0], [0, 1], [1, 1]], np.float32))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with PassageStore.create(tmp_path / "chroma") as store:
        store.add(IDS, VECTORS)
    return tmp_path / "chroma"


def random_vectors(count: int) -> NDArray[np.float32]:
    return unit(np.random.default_rng(0).normal(size=(count, 16)).astype(np.float32))


def test_the_nearest_come_first_with_their_cosine(folder: Path) -> None:
    with PassageStore.open(folder) as store:
        found = store.query(np.array([1, 0], np.float32), 3)
    assert [key for key, _ in found] == ["east", "northeast", "north"]
    assert [cosine for _, cosine in found] == pytest.approx([1, 2**-0.5, 0], abs=1e-6)


def test_asking_for_more_than_there_is_gives_all(folder: Path) -> None:
    with PassageStore.open(folder) as store:
        assert len(store.query(VECTORS[0], 50)) == 3


def test_a_good_store_verifies_and_twins_may_stand_for_each_other(folder: Path, tmp_path: Path) -> None:
    with PassageStore.open(folder) as store:
        store.verify(IDS, VECTORS)
    with PassageStore.create(tmp_path / "twins") as twins:
        twins.add(["a", "b"], VECTORS[[0, 0]])
        twins.verify(["a", "b"], VECTORS[[0, 0]])


def test_a_reader_writes_no_file_of_the_graph(tmp_path: Path) -> None:
    PassageStore.build(tmp_path / "chroma", IDS, VECTORS)
    files = {path: path.read_bytes() for path in tmp_path.rglob("*.bin")}
    assert files
    for _ in range(2):
        with PassageStore.open(tmp_path / "chroma") as store:
            store.query(VECTORS[0], 1)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.bin")} == files


def test_places_of_a_graph_that_no_record_has_taken_hold_nothing(tmp_path: Path) -> None:
    PassageStore.build(tmp_path / "chroma", IDS, VECTORS)
    [data] = tmp_path.rglob("data_level0.bin")
    whole = data.read_bytes()
    places = next(tmp_path.rglob("length.bin")).stat().st_size // 4
    assert places > len(IDS)
    taken = len(whole) // places * len(IDS)
    assert any(whole[:taken])
    assert not any(whole[taken:])


def crowded_vectors(count: int) -> NDArray[np.float32]:
    """Vectors that lie close together: a graph with few links leaves some of them out of reach."""
    return unit(
        np.ones(64, np.float32) + 0.6 * 8 * unit(np.random.default_rng(0).normal(size=(count, 64)).astype(np.float32))
    )


def test_a_store_that_does_not_verify_is_built_again_with_more_links(tmp_path: Path) -> None:
    ids, vectors = [f"p{i}" for i in range(3000)], crowded_vectors(3000)
    with pytest.raises(OnRecordError, match="does not find it"):
        PassageStore.build(tmp_path / "sparse", ids, vectors, links=(2,))
    PassageStore.build(tmp_path / "dense", ids, vectors, links=(2, 32))
    with PassageStore.open(tmp_path / "dense") as store:
        store.verify(ids, vectors)


def test_a_missing_record_does_not_verify(folder: Path) -> None:
    with PassageStore.open(folder) as store, pytest.raises(OnRecordError, match="holds 3 records where 4"):
        store.verify([*IDS, "west"], np.vstack([VECTORS, [[-1, 0]]]))


def test_a_wrong_vector_does_not_verify(folder: Path) -> None:
    wrong = VECTORS.copy()
    wrong[1] = [0, -1]
    with (
        PassageStore.open(folder) as store,
        pytest.raises(OnRecordError, match=r"'north' does not find it.*sync --full"),
    ):
        store.verify(IDS, wrong)


def test_more_records_than_chroma_takes_at_once_are_added(tmp_path: Path) -> None:
    vectors = random_vectors(6_000)
    with PassageStore.create(tmp_path / "chroma") as store:
        store.add([str(i) for i in range(6_000)], vectors)
        assert store.count() == 6_000
        assert store.query(vectors[5_999], 1)[0][0] == "5999"


def test_what_is_no_store_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "chroma.sqlite3").write_bytes(b"junk")
    with pytest.raises(OnRecordError, match="Rebuild it with: onrecord sync --full"):
        PassageStore.open(tmp_path)


def test_closing_releases_files_and_threads(folder: Path) -> None:
    def held() -> int:
        return len(os.listdir("/proc/self/fd")) + len(os.listdir("/proc/self/task"))

    before = held()
    for _ in range(5):
        with PassageStore.open(folder) as store:
            store.query(VECTORS[0], 1)
        store.close()
    assert held() < before + 17  # one store left open holds 11 files and 6 threads; ended threads take a moment to go


def test_closing_one_reader_leaves_another_open(folder: Path) -> None:
    with PassageStore.open(folder) as first:
        PassageStore.open(folder).close()
        assert first.query(VECTORS[1], 1)[0][0] == "north"
