"""The passage vectors in Chroma: the one file that imports it.

A store is written once, checked, and from then on only read: changing a Chroma collection in place can lose live
records (chromadb 1.5.9, see DESIGN.md), so an update is a new store in a new directory. Only ids and vectors are kept
here. Texts stay in the generation, which has them anyway: storing them twice doubled the time to add 10,000 passages
and tripled the size on disk (November 2026, 2 cores).

Opening writes to the directory. A read-only one is copied first, by `generation.py`.
"""

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, cast

import chromadb
import numpy as np
from chromadb.api.client import Client
from chromadb.api.models.Collection import Collection
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings
from chromadb.errors import ChromaError
from numpy.typing import NDArray

from index.closing import Closing
from index.errors import OnRecordError

Floats = NDArray[np.float32]

VERSION: str = chromadb.__version__

# Chroma takes at most 5,461 records a call.
_BATCH = 5_000
_QUERY_BATCH = 500
# A record's own vector finds it, or one equal to it, at a cosine distance of 0 give or take this.
_SAME = 1e-5
_NAME = "passages"
# How many candidates the graph keeps while it is built and searched; Chroma's own 100 miss more.
_BREADTH = 200
# Chroma counts a path's clients without a lock of its own around all of it.
_opening = threading.Lock()


class PassageStore(Closing):
    """Ids and their unit vectors, searched by cosine. Raises `OnRecordError` where Chroma or its files fail."""

    def __init__(self, path: Path, client: Client, collection: Collection) -> None:
        self.path = path
        self._client = client
        self._collection = collection

    @classmethod
    def build(cls, path: Path, ids: Sequence[str], vectors: Floats, links: Sequence[int] = (16, 32, 64)) -> None:
        """Write ids and vectors (n, d) into a new directory, and verify it.

        In a sparse graph of many vectors that lie close together some cannot be reached: of 10,500 at a cosine of 0.7
        with one another, 41 with 16 links each and none with 32, which take twice as long (2026-11-22). So a store that
        does not verify is built again with more links. Raises OSError where Chroma fails, as it does on a full disk.
        """
        for number in links:
            try:
                with cls.create(path, number) as store:
                    store.add(ids, vectors)
                    store.verify(ids, vectors)
                _blank(path, len(ids))
                return
            except OnRecordError as error:
                if number == links[-1]:
                    if error.__cause__:
                        raise OSError(f"its vector store: {error.__cause__}") from error
                    raise
                shutil.rmtree(path)

    @classmethod
    def create(cls, path: Path, links: int = 16) -> Self:
        """A new, empty store in a directory of its own. Its dimension is that of the first vectors added."""
        hnsw: Any = {"space": "cosine", "max_neighbors": links, "ef_construction": _BREADTH, "ef_search": _BREADTH}
        hnsw["sync_threshold"] = 1  # with fewer records than this, each reader would empty and write the graph's files
        with _explained(path), _client(path) as client:
            collection = client.create_collection(_NAME, configuration={"hnsw": hnsw}, embedding_function=None)
            return cls(path, client, collection)

    @classmethod
    def open(cls, path: Path) -> Self:
        """The store in a directory."""
        with _explained(path), _client(path) as client:
            return cls(path, client, client.get_collection(_NAME, embedding_function=None))

    def add(self, ids: Sequence[str], vectors: Floats) -> None:
        """Add records: ids, and vectors (n, d)."""
        with _explained(self.path):
            for start in range(0, len(ids), _BATCH):
                batch = slice(start, start + _BATCH)
                self._collection.add(ids=list(ids[batch]), embeddings=vectors[batch])

    def count(self) -> int:
        """The number of records."""
        with _explained(self.path):
            return self._collection.count()

    def query(self, vector: Floats, k: int) -> list[tuple[str, float]]:
        """The k records nearest to a unit vector (d,), nearest first, each with its cosine."""
        found = self._nearest(vector[None, :], k)[0]
        if any(not -1 - _SAME <= cosine <= 1 + _SAME for _, cosine in found):
            raise OnRecordError(_damaged(self.path, "a search returned impossible distances"))
        return found

    def verify(self, ids: Sequence[str], vectors: Floats) -> None:
        """Raise unless the store holds exactly as many records as `ids`, and each vector (n, d) finds its record.

        A record with the vector of another may be found in its stead.
        """
        if (count := self.count()) != len(ids):
            raise OnRecordError(_damaged(self.path, f"it holds {count} records where {len(ids)} are expected"))
        for start in range(0, len(ids), _QUERY_BATCH):
            batch = slice(start, start + _QUERY_BATCH)
            for wanted, found in zip(ids[batch], self._nearest(vectors[batch], 1), strict=True):
                if not found or abs(1 - found[0][1]) > _SAME:
                    raise OnRecordError(_damaged(self.path, f"the vector of {wanted!r} does not find it"))

    def close(self) -> None:
        """Release Chroma's files and threads. A second close does nothing."""
        with _opening:
            self._client.close()

    def _nearest(self, vectors: Floats, k: int) -> list[list[tuple[str, float]]]:
        with _explained(self.path):
            found: Any = self._collection.query(query_embeddings=vectors, n_results=k, include=["distances"])
        return [
            [(key, 1 - float(distance)) for key, distance in zip(keys, distances, strict=True)]
            for keys, distances in zip(found["ids"], found["distances"], strict=True)
        ]


@contextmanager
def _client(path: Path) -> Iterator[Client]:
    """A client that stays open, unless what is done with it first fails."""
    with _opening:
        try:
            client = cast(Client, chromadb.PersistentClient(str(path), settings=Settings(anonymized_telemetry=False)))
        except BaseException:
            # Chroma shares one system among a path's clients, and would keep the one that failed to start for the next.
            if str(path) not in SharedSystemClient._identifier_to_refcount:
                SharedSystemClient._identifier_to_system.pop(str(path), None)
            raise
    try:
        yield client
    except BaseException:
        client.close()
        raise


def _blank(path: Path, count: int) -> None:
    """Overwrite the places in a graph's files that no record has taken: they hold whatever the process's memory did."""
    for lengths in path.glob("*/length.bin"):
        places = lengths.stat().st_size // 4  # Chroma makes a hundred at least
        for file in (lengths, lengths.with_name("data_level0.bin")):
            size = file.stat().st_size
            with file.open("r+b") as opened:
                opened.seek(size // places * count)
                opened.write(bytes(size - opened.tell()))


def _damaged(path: Path, what: str) -> str:
    return f"The vector store at {path} is damaged: {what}. Rebuild it with: onrecord sync --full"


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Chroma's errors as ours."""
    try:
        yield
    except (ChromaError, OSError, ValueError) as error:
        raise OnRecordError(_damaged(path, str(error))) from error
