"""Sentences end where a reader would end them; passages are whole sentences, together where they belong together."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.source import Block, Dropped, Passage, Sentence, Source
from index.split import PASSAGE_LIMIT, SENTENCE_LIMIT, passages, pieces, sentences


def document(*blocks: tuple[str, str], dropped: tuple[str, ...] = ()) -> Source:
    """A source of (kind, text) blocks, a blank line between them. "heading2" is a heading of level 2."""
    text = "\n\n".join(words for _, words in blocks)
    made = []
    at = 0
    for kind, words in blocks:
        level = int(kind[-1]) if kind[-1].isdigit() else 0
        made.append(Block(kind.rstrip(string.digits), at, at + len(words), level))
        at += len(words) + 2
    spans = tuple(Dropped(text.index(words), text.index(words) + len(words), "test") for words in dropped)
    return Source("doc", "Title", text, blocks=tuple(made), dropped=spans)


def split(text: str, kind: str = "paragraph") -> list[str]:
    return [sentence.text for sentence in sentences(document((kind, text)))]


def passages_of(source: Source) -> list[str]:
    return [passage.text for passage in passages(source, sentences(source))]


@pytest.mark.parametrize(
    "expected",
    [
        # abbreviations
        ["The U.S. fee is new.", "It was set on Sept. 19.", "U.S. President Trump signed it."],
        ["He works in the U.S.", "The fee is high.", "China is ahead of the U.S.", "But others lag."],
        ["See No. 5 for details, e.g. the form.", "The No. 5 bus goes there.", "Was it you?", "No."],
        ["The fee is $100,000 a year.", "It rose 7.5 percent.", "In 2026 it may rise to $5.5m."],
        ["J. Smith said so.", "John F. Kennedy agreed.", "Mr. Wu met Sen. J. D. Vance, R-Ohio."],
        ["It opens at 5 p.m. on Monday.", "It closes at 6 p.m.", "The shop is shut."],
        ["It took effect at 12:01 a.m. EDT on Sept. 21.", "U.S. officials said so."],
        ["It starts at 5 p.m. Monday and at 6 p.m. Beijing time.", "Come early."],
        ["See vol. 2, para. 9 and Sec. 8.", "Under 8 C.F.R. § 214.2(h) it is so."],
        ["A. B. Lee holds a Ph.D.", "Acme Corp. is closed.", "It made toys, games, etc.", "Then it failed."],
        ["On Aug. 7 and Oct. 1.", "Jan. 5 is next."],
        # quotes and brackets
        ["“Students foster creativity,” said X.", "“We did.”", "He left."],
        ["He said, “It ends here.”", "Then she left."],
        ['"It ends here." ', "He left.", '"It ends here," he said.', '"And here."'],
        ["“We have too many graduates. Why bring in talent?” one user commented.", "Nobody replied."],
        ["“Societies are open. Politics could limit it,” said Kam of Nanyang.", "It is new."],
        ["“Why bring them in?” Smith asked.", "“No reason!” the minister said."],
        ['"Students hoped for an (H-1B) visa, but now this is an issue.”', "The next one is here."],
        ["It was refused (it is true.)", "Then he left.", "(This is so.)", "And then."],
        ["It isn't for 'all.'", "It's for some.", "The '90s were good.", "Students' visas came later."],
        ["He said: “The fee is new.", "It is high.", "Nobody closed the quote."],
        ["It was signed by Li [sic].", "[Editor's note.]", "It is new. [2]", "Then more."],
        ["**The fee is new.**", "It is *high.*", "That is snake_case_here."],
        # the rest
        ["What?", "Why!", "Really?!", "Yes... maybe.", "He left."],
        ["Q: Who can apply?", "A: Anyone under 45."],
        ["It has three parts: 1. the fee; 2. the form.", "3. The interview."],
        ["iPhone users came.", "eBay too."],
        ["他来了。", "新签证“很好。”", "真的吗？"],
    ],
)
def test_sentence_ends(expected: list[str]) -> None:
    text = ("" if "。" in expected[0] else " ").join(expected)
    assert split(text) == [sentence.strip() for sentence in expected]


def test_no_space_after_a_full_stop_still_ends_the_sentence() -> None:
    assert split("First sentence.Second sentence. See www.example.com.") == [
        "First sentence.",
        "Second sentence.",
        "See www.example.com.",
    ]


def test_hard_wrapped_lines_are_one_paragraph() -> None:
    text = "The fee of the\nU.S. is new. It is\nhigh in Sept.\n19 terms."
    assert split(text) == ["The fee of the\nU.S. is new.", "It is\nhigh in Sept.\n19 terms."]


def test_lower_case_text_has_sentences_too() -> None:
    assert split("the fee is new. it is high.") == ["the fee is new.", "it is high."]


def test_a_bullet_is_no_part_of_its_sentence() -> None:
    for bullet in ("- ", "* ", "• ", "1. ", "12) ", "a) ", "(b) "):
        assert split(f"{bullet}A degree is needed. So is a job.", "item") == ["A degree is needed.", "So is a job."]
    assert split("2025. It was a year.", "item")[0] == "2025."


def test_a_table_row_is_one_sentence() -> None:
    assert split("| Fee. | $100. Yes. |", "row") == ["| Fee. | $100. Yes. |"]


def test_marks_without_words_are_no_sentence() -> None:
    assert split("* * *") == []
    assert split("—\n---") == []


def test_a_run_on_is_cut_at_a_line_or_semicolon_near_its_middle() -> None:
    clause = "the applicant must show the form and the fee to the officer at the desk"
    text = "; ".join([clause] * 20) + "."
    parts = split(text)
    assert all(part.endswith((";", ".")) and pieces(part) <= SENTENCE_LIMIT for part in parts)
    assert " ".join(parts) == text
    lines = "\n".join([clause] * 20)
    assert all(part.startswith("the applicant") and part.endswith("desk") for part in split(lines))


def test_a_long_quotation_is_cut_between_its_sentences() -> None:
    text = "“" + " ".join(["The board shall hear the owner of the boat within a week."] * 40) + "” he said."
    assert all(part.endswith((".", "said.")) and pieces(part) <= SENTENCE_LIMIT for part in split(text))


def test_a_text_without_spaces_is_cut_all_the_same() -> None:
    assert all(pieces(part) <= SENTENCE_LIMIT for part in split("字" * 5000))
    assert "".join(split("x" * 9000)) == "x" * 9000


def test_headings_are_context_and_no_sentences() -> None:
    source = document(
        ("heading1", "The\nvisa"),
        ("paragraph", "One."),
        ("heading2", "Fees"),
        ("paragraph", "Two."),
        ("heading3", "Late fees"),
        ("item", "- Three."),
        ("heading2", "Forms"),
        ("paragraph", "Four."),
    )
    assert [(found.text, found.headings, found.kind, found.block) for found in sentences(source)] == [
        ("One.", ("The visa",), "paragraph", 1),
        ("Two.", ("The visa", "Fees"), "paragraph", 3),
        ("Three.", ("The visa", "Fees", "Late fees"), "item", 5),
        ("Four.", ("The visa", "Forms"), "paragraph", 7),
    ]


def test_a_dropped_heading_is_no_context() -> None:
    source = document(("heading1", "Related stories"), ("paragraph", "One."), dropped=("Related stories",))
    assert sentences(source)[0].headings == ()


def test_no_sentence_or_passage_crosses_a_dropped_span() -> None:
    source = document(("paragraph", "One is here. Photo: VCG Two is here."), dropped=("Photo: VCG",))
    assert [sentence.text for sentence in sentences(source)] == ["One is here.", "Two is here."]
    assert passages_of(source) == ["One is here.", "Two is here."]


def test_a_wholly_dropped_block_parts_passages() -> None:
    source = document(
        ("paragraph", "One."), ("paragraph", "Leave a comment"), ("paragraph", "Two."), dropped=("Leave a comment",)
    )
    assert passages_of(source) == ["One.", "Two."]


def test_ids_name_source_and_span() -> None:
    source = document(("paragraph", "One is here. Two is here."))
    found = sentences(source)
    assert [sentence.id for sentence in found] == ["doc#0-12", "doc#13-25"]
    assert passages(source, found, first_index=7) == [
        Passage("doc@0-25", "doc", 0, 25, "One is here. Two is here.", (), (7, 8))
    ]


def words(count: int) -> str:
    """A sentence of so many words, one piece each."""
    return "Word" + " word" * (count - 1) + "."


def test_small_paragraphs_under_one_heading_merge() -> None:
    source = document(*[("paragraph", words(10))] * 5, ("heading2", "Next"), *[("paragraph", words(10))] * 5)
    assert [len(text.split()) for text in passages_of(source)] == [50, 50]


def test_long_sections_are_cut_into_even_passages_between_paragraphs() -> None:
    source = document(*[("paragraph", f"{words(25)} {words(25)}")] * 8)
    assert [len(text.split()) for text in passages_of(source)] == [100] * 4


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    source = document(("paragraph", " ".join([words(20)] * 15)))
    assert [len(text.split()) for text in passages_of(source)] == [100] * 3


def test_a_list_stays_with_its_lead_in() -> None:
    items = [("item", f"- {words(15)}")] * 5
    source = document(("paragraph", words(90)), ("paragraph", "Applicants must:"), *items, ("paragraph", words(90)))
    together = [text for text in passages_of(source) if "Applicants must:" in text]
    assert together == [text for text in passages_of(source) if "- " in text]
    assert together[0].startswith("Applicants must:")


def test_an_over_long_list_is_cut_but_not_after_its_lead_in() -> None:
    source = document(("paragraph", "Applicants must:"), *[("item", f"- {words(30)}")] * 20)
    made = passages_of(source)
    assert made[0].startswith("Applicants must:\n\n- Word")
    assert all(pieces(text) <= PASSAGE_LIMIT + 20 for text in made)


PROSE = st.text(st.sampled_from(list("ab U.S.1,;:!?“”\"'’()[]\n -—*_。字é")), max_size=120)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["paragraph", "item", "row", "heading1", "heading2"]), PROSE), max_size=6),
    st.data(),
)
def test_any_text_is_split_verbatim_without_loss(blocks: list[tuple[str, str]], data: st.DataObject) -> None:
    plain = document(*blocks)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(plain.text)), max_size=4)))
    dropped = tuple(Dropped(low, high, "test") for low, high in zip(cuts[::2], cuts[1::2], strict=False) if low < high)
    source = Source("doc", "Title", plain.text, blocks=plain.blocks, dropped=dropped)
    found = sentences(source)
    check_sentences(source, found)
    check_passages(source, found)


def check_sentences(source: Source, found: list[Sentence]) -> None:
    taken: set[int] = set()
    for sentence in found:
        block = source.blocks[sentence.block]
        assert sentence.text == source.text[sentence.start : sentence.end] == sentence.text.strip() != ""
        assert block.start <= sentence.start < sentence.end <= block.end
        assert not any(span.start < sentence.end and sentence.start < span.end for span in source.dropped)
        assert taken.isdisjoint(range(sentence.start, sentence.end))
        taken.update(range(sentence.start, sentence.end))
    assert [sentence.start for sentence in found] == sorted(sentence.start for sentence in found)
    gone = {i for span in source.dropped for i in range(span.start, span.end)}
    for block in source.blocks:
        if block.kind in ("paragraph", "row"):
            letters = {i for i in range(block.start, block.end) if source.text[i].isalnum()}
            assert letters <= taken | gone


def check_passages(source: Source, found: list[Sentence]) -> None:
    made = passages(source, found)
    assert [number for passage in made for number in passage.sentences] == list(range(len(found)))
    for passage in made:
        assert passage.text == source.text[passage.start : passage.end]
        assert passage.text.startswith(found[passage.sentences[0]].text)
        assert passage.text.endswith(found[passage.sentences[-1]].text)
        assert len(passage.sentences) == 1 or pieces(passage.text) <= 2 * PASSAGE_LIMIT
        inside = [
            block for block in source.blocks if block.kind == "heading" and passage.start <= block.start < passage.end
        ]
        assert not inside
        assert not any(span.start < passage.end and passage.start < span.end for span in source.dropped)
