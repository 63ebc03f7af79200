"""A text becomes one vector, and one for each of its words; precision is a choice that changes neither by much."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from index.embed import PACKAGED_MODEL, Encoded, TransformerEmbedder, unit
from index.errors import InputError
from index.terms import terms

TEXTS = [
    "The ferry to the island leaves at noon.",
    "Ice.",
    "Residents of the old town pay half the fare on weekdays, and nothing on the first Sunday of a month.",
]


def cosines(a: Sequence[Encoded], b: Sequence[Encoded]) -> list[float]:
    passages = [float(x.vector @ y.vector) for x, y in zip(a, b, strict=True)]
    words = [float(cosine) for x, y in zip(a, b, strict=True) for cosine in (x.words * y.words).sum(axis=1)]
    return passages + words


def test_vectors_of_texts_and_words_have_unit_length(embedder: TransformerEmbedder) -> None:
    for text, encoded in zip(TEXTS, embedder.encode(TEXTS), strict=True):
        assert encoded.terms == tuple(terms(text))
        assert encoded.vector.shape == (embedder.dimension,)
        assert encoded.words.shape == (len(encoded.terms), embedder.dimension)
        assert np.linalg.norm(encoded.vector) == pytest.approx(1, abs=1e-5)
        assert np.linalg.norm(encoded.words, axis=1) == pytest.approx(np.ones(len(encoded.terms)), abs=1e-5)


def test_texts_come_back_in_order_whatever_their_batch(embedder: TransformerEmbedder) -> None:
    many = [f"Pier {i} " + "is closed " * (i % 7) for i in range(70)]
    alone = [embedder.encode([text])[0] for text in many[::23]]
    assert min(cosines(embedder.encode(many)[::23], alone)) > 0.9999


def test_a_word_has_its_vector_from_the_text_around_it(embedder: TransformerEmbedder) -> None:
    river, money, shore = embedder.encode(
        ["They sat on the bank of the river.", "The bank lent them money.", "They walked along the shore of the lake."]
    )
    at = {name: [term.norm for term in found.terms] for name, found in (("r", river), ("m", money), ("s", shore))}
    of_river, of_money = river.words[at["r"].index("bank")], money.words[at["m"].index("bank")]
    of_shore = shore.words[at["s"].index("shore")]
    assert of_river @ of_shore > of_money @ of_shore


def test_the_pieces_of_a_long_word_make_one_vector(embedder: TransformerEmbedder) -> None:
    encoded = embedder.encode(["Desalination, T-7."])[0]
    assert [term.norm for term in encoded.terms] == ["desalination", "t", "7"]
    assert np.linalg.norm(encoded.words, axis=1).min() > 0.99


def test_a_word_past_the_window_has_no_direction(embedder: TransformerEmbedder) -> None:
    encoded = embedder.encode(["pier " * 600])[0]
    assert len(encoded.words) == 600
    assert encoded.words[0].any()
    assert not encoded.words[-1].any()


def test_a_text_without_words_has_a_vector_and_no_words(embedder: TransformerEmbedder) -> None:
    encoded = embedder.encode(["…"])[0]
    assert encoded.terms == ()
    assert encoded.words.shape == (0, embedder.dimension)


def test_no_texts_give_no_vectors(embedder: TransformerEmbedder) -> None:
    assert embedder.encode([]) == []


def test_progress_counts_the_texts_done(embedder: TransformerEmbedder) -> None:
    told: list[int] = []
    embedder.encode(["pier"] * 70, told.append)
    assert told == [32, 64, 70]


def test_half_precision_gives_vectors_that_may_be_compared(embedder: TransformerEmbedder) -> None:
    half = TransformerEmbedder(bfloat16=True)
    assert half.fingerprint == embedder.fingerprint
    assert min(cosines(half.encode(TEXTS), embedder.encode(TEXTS))) > 0.999


def test_full_precision_is_the_default(embedder: TransformerEmbedder) -> None:
    assert not embedder.bfloat16


def test_the_fingerprint_tells_models_apart_and_not_their_folders(
    embedder: TransformerEmbedder, tmp_path: Path
) -> None:
    embedder._model.save(str(tmp_path / "a"))
    copy = TransformerEmbedder(str(tmp_path / "a"))
    copy._model.save(str(tmp_path / "b"))
    same = TransformerEmbedder(str(tmp_path / "b"))
    assert copy.fingerprint == same.fingerprint
    with copy._torch.no_grad():
        next(iter(copy._model.parameters()))[0, 0] += 1
    copy._model.save(str(tmp_path / "c"))
    assert TransformerEmbedder(str(tmp_path / "c")).fingerprint != same.fingerprint


def test_a_model_that_cannot_be_loaded_is_an_error_that_says_what_to_set(tmp_path: Path) -> None:
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    for name in (str(tmp_path / "nothing"), "nobody/has-this-model"):
        with pytest.raises(InputError, match=f"(?s)could not be loaded .*Set ONRECORD_MODEL to '{PACKAGED_MODEL}'"):
            TransformerEmbedder(name)


def test_zero_vectors_stay_zero() -> None:
    assert unit(np.array([[3, 4], [0, 0]], np.float32)).tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0, 0]]
