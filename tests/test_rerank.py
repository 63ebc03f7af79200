"""Reranking: the best of more passages are read, in the order of the model's scores; without a model nothing changes."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    BertConfig,
    BertForSequenceClassification,
    BertTokenizer,
)

from assistant.answer import Assistant
from assistant.rerank import CANDIDATES, READ, TransformerReranker, best
from assistant.settings import Settings
from index.embed import PACKAGED_MODEL, TransformerEmbedder, location
from index.errors import InputError
from index.generation import Index
from index.search import Hit
from index.sync import sync

Make = Callable[[Path, Mapping[str, str]], Index]
Write = Callable[[Path, Mapping[str, str]], Path]

QUESTION = "When did the lighthouse of the harbour open?"
ANSWER = (
    "The lighthouse, which Marta Lindqvist had restored, opened on 4 May 2019 after years of work on the lamp, the stairs and "
    "the keeper's house."
)
# More passages than are read, none of which answers, each nearer to the question than the one that does.
NEARER = {
    f"visit-{i:02}.md": f"---\ntitle: Visit {i}\n---\n"
    f"Guest {i} wondered about the harbour. When did the lighthouse of the harbour open?\n"
    for i in range(12)
}
LIGHTHOUSE = {**NEARER, "rock.md": f"---\ntitle: Rock\n---\n{ANSWER}\n"}


class Prefers:
    """A text that holds the word scores 1, any other 0. Keeps what it was asked."""

    def __init__(self, word: str) -> None:
        self.name = f"prefers {word}"
        self.word = word
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        self.asked.append((question, tuple(texts)))
        return [float(self.word in text) for text in texts]


class Scores:
    """The scores as given, whatever the texts."""

    name = "as given"

    def __init__(self, *scores: float) -> None:
        self.scores = scores

    def score(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        return self.scores


def hits(*passages: int) -> list[Hit]:
    return [Hit(passage, 1.0, rank, rank, 0.5, 1.0) for rank, passage in enumerate(passages, start=1)]


def order(found: Sequence[Hit]) -> list[int]:
    return [hit.passage for hit in found]


def saved(folder: Path, labels: int = 1) -> str:
    """A cross-encoder of one small layer with random weights, made from the same seed each time."""
    vocabulary = "[PAD] [UNK] [CLS] [SEP] [MASK] the light ##house stands on a rock who designed it ? .".split()
    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=64, initializer_range=0.5,
    )  # fmt: skip
    config.num_labels = labels
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizer(vocab={word: i for i, word in enumerate(vocabulary)}).save_pretrained(folder)
    return str(folder)


# --- ordering, by hand ---------------------------------------------------------------------------------------------


def test_passages_come_in_the_order_of_their_scores(make_index: Make, tmp_path: Path) -> None:
    index = make_index(tmp_path, NEARER)
    assert order(best(Scores(0.1, 3, -2), QUESTION, hits(4, 5, 6), index)) == [5, 4, 6]


def test_of_equal_scores_the_first_found_stays_first(make_index: Make, tmp_path: Path) -> None:
    index = make_index(tmp_path, NEARER)
    assert order(best(Scores(1, 2, 1, 2), QUESTION, hits(7, 3, 9, 1), index)) == [3, 1, 7, 9]


def test_of_the_candidates_the_best_eight_are_kept(make_index: Make, tmp_path: Path) -> None:
    index = make_index(tmp_path, NEARER)
    found = hits(*[i % len(NEARER) for i in range(CANDIDATES + 5)])
    kept = best(Scores(*range(CANDIDATES)), QUESTION, found, index)
    assert (CANDIDATES, READ) == (24, 8)
    assert kept == found[16:24][::-1]


def test_a_score_for_each_passage_is_required(make_index: Make, tmp_path: Path) -> None:
    index = make_index(tmp_path, NEARER)
    with pytest.raises(ValueError, match="argument"):
        best(Scores(1), QUESTION, hits(0, 1), index)


def test_no_passages_stay_none(make_index: Make, tmp_path: Path) -> None:
    assert best(Scores(), QUESTION, [], make_index(tmp_path, NEARER)) == []


def test_a_passage_is_scored_after_its_title_and_headings(make_index: Make, tmp_path: Path) -> None:
    index = make_index(
        tmp_path, {"a.md": "---\ntitle: The pier\n---\n# Visits\n\n## Opening hours\n\nIt opens at nine.\n"}
    )
    reranker = Prefers("nine")
    best(reranker, "When does it open?", hits(0), index)
    assert reranker.asked == [("When does it open?", ("The pier. Visits — Opening hours\nIt opens at nine.",))]


# --- answering -----------------------------------------------------------------------------------------------------


def test_what_the_reranker_prefers_is_read_and_answers(
    make_index: Make, tmp_path: Path, embedder: TransformerEmbedder
) -> None:
    index = make_index(tmp_path, LIGHTHOUSE)
    plain = Assistant(index, embedder).answer(QUESTION)
    reranked = Assistant(index, embedder, reranker=Prefers("Lindqvist")).answer(QUESTION)
    assert (plain.outcome, reranked.outcome) == ("not_in_sources", "answered")
    assert [citation.quote for citation in reranked.citations] == [ANSWER]


def test_more_passages_are_scored_than_are_read(
    make_index: Make, tmp_path: Path, embedder: TransformerEmbedder
) -> None:
    reranker = Prefers("Lindqvist")
    assistant = Assistant(make_index(tmp_path, LIGHTHOUSE), embedder, reranker=reranker)
    assistant.answer(QUESTION)
    [(question, texts)] = reranker.asked
    assert question == QUESTION
    assert len(texts) == len(LIGHTHOUSE) > READ


def test_a_superseded_source_is_not_scored(make_index: Make, tmp_path: Path, embedder: TransformerEmbedder) -> None:
    files = {**LIGHTHOUSE, "new.md": "---\nsupersedes: [rock]\n---\nThe lighthouse stands on an island.\n"}
    reranker = Prefers("Lindqvist")
    Assistant(make_index(tmp_path, files), embedder, reranker=reranker).answer(QUESTION)
    [(_, texts)] = reranker.asked
    assert len(texts) == len(LIGHTHOUSE)
    assert not any("Lindqvist" in text for text in texts)


def test_explain_names_the_reranker_only_where_there_is_one(
    make_index: Make, tmp_path: Path, embedder: TransformerEmbedder
) -> None:
    index = make_index(tmp_path, LIGHTHOUSE)
    assert "reranker" not in Assistant(index, embedder).explain(QUESTION)
    explained = Assistant(index, embedder, reranker=Prefers("Lindqvist")).explain(QUESTION)
    assert explained.splitlines()[0] == "reranker: prefers Lindqvist"


# --- opening -------------------------------------------------------------------------------------------------------


@pytest.fixture
def index(tmp_path: Path, write_files: Write, embedder: TransformerEmbedder) -> Path:
    """A published index."""
    sync(write_files(tmp_path / "sources", LIGHTHOUSE), tmp_path / "index", embedder)
    return tmp_path / "index"


def test_without_the_setting_no_cross_encoder_is_loaded(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentence_transformers.CrossEncoder", None)  # calling it would raise
    with Assistant.open(index, settings=Settings()) as assistant:
        assert assistant.reranker is None
        assert assistant.answer(QUESTION).generation == assistant.index.id


def test_the_setting_opens_an_assistant_with_that_model(index: Path, tmp_path: Path) -> None:
    name = saved(tmp_path / "model")
    with Assistant.open(index, settings=Settings(reranker=name)) as assistant:
        assert isinstance(assistant.reranker, TransformerReranker)
        assert assistant.explain(QUESTION).startswith(f"reranker: {name}\n")
        assert assistant.answer(QUESTION).question == QUESTION
    assert torch.get_num_threads() == 1


# --- a real cross-encoder ------------------------------------------------------------------------------------------

TEXTS = ["the lighthouse stands on a rock .", "rock", "it . " * 100, "a light on the rock . who designed it ?"]


def test_a_score_is_the_models_own_for_the_pair(tmp_path: Path) -> None:
    name = saved(tmp_path)
    model, tokenizer = AutoModelForSequenceClassification.from_pretrained(name), AutoTokenizer.from_pretrained(name)
    model.eval()
    expected = []
    for text in TEXTS:
        pair = tokenizer("who designed it ?", text, truncation=True, max_length=64, return_tensors="pt")
        with torch.no_grad():
            expected.append(model(**pair).logits.item())
    scores = TransformerReranker(name).score("who designed it ?", TEXTS)
    assert scores == pytest.approx(expected, abs=1e-5)
    assert len(set(scores)) == len(TEXTS)


def test_no_texts_have_no_scores(tmp_path: Path) -> None:
    assert TransformerReranker(saved(tmp_path)).score("who ?", []) == []


def test_threads_share_a_reranker(tmp_path: Path) -> None:
    reranker = TransformerReranker(saved(tmp_path))
    questions = ["who ? " * (i % 7 + 1) for i in range(60)]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda question: reranker.score(question, TEXTS), questions))
    for question, scores in zip(questions[:7], together, strict=False):
        assert scores == pytest.approx(reranker.score(question, TEXTS), abs=1e-5)


def test_nothing_is_written_to_the_terminal(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    name = saved(tmp_path)
    capfd.readouterr()
    TransformerReranker(name).score("who ?", TEXTS * 20)
    assert capfd.readouterr() == ("", "")


# --- what cannot be used -------------------------------------------------------------------------------------------


def test_a_model_that_cannot_be_loaded_is_an_error_that_says_what_to_set(tmp_path: Path) -> None:
    damaged = saved(tmp_path / "damaged")
    (tmp_path / "damaged" / "model.safetensors").write_bytes(b"half")
    for name in (str(tmp_path / "nothing"), "nobody/has-this-model", damaged):
        with pytest.raises(
            InputError, match=r"(?s)could not be loaded .*Set ONRECORD_RERANKER to .* unset it"
        ) as caught:
            TransformerReranker(name)
        assert repr(name) in str(caught.value)


def test_a_model_with_several_scores_a_pair_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gives 3 scores a pair, where one is needed.*ONRECORD_RERANKER"):
        TransformerReranker(saved(tmp_path, labels=3))


def test_an_embedding_model_is_refused() -> None:
    with pytest.raises(InputError, match=r"has not been trained to score pairs.*ONRECORD_RERANKER"):
        TransformerReranker(location(PACKAGED_MODEL))


def test_opening_an_assistant_tells_of_the_reranker_that_cannot_be_loaded(index: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ONRECORD_RERANKER"):
        Assistant.open(index, settings=Settings(reranker=str(tmp_path / "nothing")))
