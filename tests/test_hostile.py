"""Hostile files: each soon gives a source or a reason that says what to do, and none keeps the others from being read.

Times are of the processor, so that a busy machine fails no test; the bounds are far above what is measured, and far
below what a quadratic way of reading takes.
"""

import io
import os
import time
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import docx
import pytest

from index.clean import clean
from index.errors import SourceError
from index.formats import html
from index.formats.extract import rows
from index.read import Reading, read_file, read_folder
from index.source import Source
from index.split import passages, sentences

SENTENCE = "Any owner of a boat shorter than twelve metres may ask the harbour board for a permit."
GOOD = f"# Permits\n\n{SENTENCE}\n"
SECONDS = 30


@contextmanager
def soon(seconds: float = SECONDS) -> Iterator[None]:
    """Fail if what is done here takes the processor longer than that."""
    began = time.process_time()
    yield
    assert time.process_time() - began < seconds


def read(tmp_path: Path, name: str, content: str | bytes) -> Source:
    (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return read_file(tmp_path / name, tmp_path)


# Documents made by hand, since no program would write them


def word(body: str, styles: str = "", extra: dict[str, bytes] | None = None) -> bytes:
    """A Word file with this body, with these styles added, and with further entries in its archive."""
    plain, made = io.BytesIO(), io.BytesIO()
    docx.Document().save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "word/document.xml":
                part = part.partition(b"<w:body>")[0] + f"<w:body>{body}</w:body></w:document>".encode()
            if name == "word/styles.xml":
                part = part.replace(b"</w:styles>", f"{styles}</w:styles>".encode())
            new.writestr(name, part)
        for name, part in (extra or {}).items():
            new.writestr(name, part)
    return made.getvalue()


def paragraph(text: str, properties: str = "") -> str:
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


def bomb() -> bytes:
    """A Word file whose text itself is the bomb."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 20_000_000)
    return made.getvalue()


def pdf(objects: Sequence[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1; the first is its catalogue."""
    made, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    trailer = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, len(made))
    return made + b"xref\n0 %d\n0000000000 65535 f \n%b%b" % (size, table, trailer)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    packed = zlib.compress(content)
    return b"<<%b/Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (entries, len(packed), packed)


FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
TEXT = b"BT /F1 11 Tf 72 700 Td (%b) Tj ET" % SENTENCE.encode()


def page(resources: bytes = b"") -> bytes:
    return b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>%b>>>>" % resources


def one_page(content: bytes) -> bytes:
    return pdf([b"<</Type/Catalog/Pages 2 0 R>>", PAGES, page(), stream(content), FONT])


def circular_page_tree() -> bytes:
    return pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]>>", b"<</Type/Pages/Kids[2 0 R]>>"])


def circular_outlines() -> bytes:
    catalogue = b"<</Type/Catalog/Pages 2 0 R/Outlines 6 0 R>>"
    outlines = b"<</Type/Outlines/First 7 0 R/Last 7 0 R>>"
    entry = b"<</Title(A)/Parent 6 0 R/First 7 0 R/Next 7 0 R/Prev 7 0 R>>"
    return pdf([catalogue, PAGES, page(), stream(TEXT), FONT, outlines, entry])


def form_that_draws_itself() -> bytes:
    drawn = page(b"/XObject<</X 6 0 R>>")
    resources = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>"
    return pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            PAGES,
            drawn,
            stream(TEXT + b" /X Do"),
            FONT,
            stream(b"/X Do " * 9, resources),
        ]
    )


def laughs() -> str:
    """Front matter with a key that is a list of lists of lists: 8 to the power of 30 items by its aliases."""
    lists = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 8)}]" for i in range(1, 30)]
    return "\n".join(["---", "a0: &a0 [x]", *lists, "? *a29", ": x", "---", GOOD])


SCRIPTS = f"""<html><head><title>Permits</title><script>var head = "gotcha";</script></head>
<body onload="gotcha()"><h1>Permits</h1><p onclick="gotcha()">{SENTENCE}</p>
<script type="text/javascript">document.write("gotcha <p>gotcha</p>");</script><style>p {{ content: "gotcha" }}</style>
<noscript>gotcha</noscript><template><p>gotcha</p></template><iframe srcdoc="gotcha">gotcha</iframe>
<svg><script>gotcha</script><text>gotcha</text></svg><p>It costs <a href="javascript:gotcha()">40 pounds</a>.</p>
<SCRIPT>gotcha</SCRIPT ><script>gotcha"""

CIRCULAR_STYLES = "".join(
    f'<w:style w:type="paragraph" w:styleId="{here}"><w:name w:val="{here}"/><w:basedOn w:val="{other}"/></w:style>'
    for here, other in (("L1", "L2"), ("L2", "L1"))
)
WIDE_CELL = (
    '<w:tc><w:tcPr><w:gridSpan w:val="30000000"/><w:vMerge/></w:tcPr><w:p><w:r><w:t>Fee</w:t></w:r></w:p></w:tc>'
)

FILES: dict[str, str | bytes] = {
    "a-good.md": GOOD,
    "z-good.txt": SENTENCE,
    "bomb-read.docx": bomb(),
    "bomb-unread.docx": word(paragraph(SENTENCE), extra={"media/unused.bin": b"\x00" * 20_000_000}),
    "circular-pages.pdf": circular_page_tree(),
    "circular-outlines.pdf": circular_outlines(),
    "circular-form.pdf": form_that_draws_itself(),
    "circular-styles.docx": word(paragraph(SENTENCE, '<w:pPr><w:pStyle w:val="L1"/></w:pPr>'), styles=CIRCULAR_STYLES),
    "bomb-page.pdf": one_page(b" " * 80_000_000),
    "wide.docx": word(f"<w:tbl><w:tblPr/><w:tblGrid/><w:tr>{WIDE_CELL}</w:tr></w:tbl>{paragraph(SENTENCE)}"),
    "nul.txt": b"Fee: 20\x00 pounds, and more",
    "mixed.txt": f"A permit costs £40.\n{SENTENCE}\n".encode() + "It costs £50 in June.\n".encode("cp1252"),
    "empty.md": "",
    "upwards.md": f"---\ntitle: A\nid: ../../etc/passwd\n---\n{GOOD}",
    "backwards.md": f"---\nid: 'a\\..\\b'\n---\n{GOOD}",
    "control.md": f'---\nid: "a\\x1b[2Jb"\n---\n{GOOD}',
    "laughs.md": laughs(),
    "brackets.md": f"---\ntitle: {'[' * 20_000}\n---\n{GOOD}",
    "headings.md": "".join(f"# Heading {i}\n\n" for i in range(3_000)),
    "headings.html": "".join(f"<h{i % 6 + 1}>Heading {i}</h{i % 6 + 1}>" for i in range(3_000)),
    "scripts.html": SCRIPTS,
    "deep.html": "<div class=nav>x" * 100_000 + SENTENCE,
    "deep.md": f"{'<div>' * 3_000}\n\n{SENTENCE}\n",
    "labels.html": f"<table><tr><th>{'a b' * 1_000}<th>Fee</tr>{'<tr><td>1<td>2</tr>' * 4_000}</table>",
    "folder.md/inside.txt": SENTENCE,
    "line\nbreak.txt": SENTENCE,
    f"{'d/' * 101}deep.txt": SENTENCE,
}

# What each file that gives no source is skipped for, and whether that is a fault.
REASONS = {
    "bomb-read.docx": (True, "unpacks 'word/document.xml' to 20,000,000 bytes, like a zip bomb"),
    "bomb-unread.docx": (True, "unpacks 'media/unused.bin' to 20,000,000 bytes, like a zip bomb"),
    "bomb-page.pdf": (True, "unpacks to an absurd size"),
    "circular-pages.pdf": (True, "PDF"),
    "nul.txt": (True, "binary data"),
    "mixed.txt": (True, "line 3: is not in UTF-8"),
    "empty.md": (True, "is empty"),
    "upwards.md": (True, "line 3: id is '../../etc/passwd'"),
    "backwards.md": (True, "line 2: id is"),
    "control.md": (True, "control characters"),
    "brackets.md": (True, "line 2: front matter is nested too deep"),
    "deep.html": (True, "nests its elements too deep"),
    "deep.md": (True, "nests its elements too deep"),
    "labels.html": (True, "more than 10,000,000 characters"),
    "huge.txt": (True, "has 200,000,000 bytes, more than 50,000,000; split it"),
    "outside.txt": (False, "link to a file outside the folder"),
    "itself.txt": (True, "links to no file that can be opened"),
    "one.txt": (True, "links to no file that can be opened"),
    "two.txt": (True, "links to no file that can be opened"),
    "round/": (False, "links to folders are not followed"),
    "pipe.txt": (True, "is no regular file"),
    f"{'d/' * 101}": (True, "lies more than 100 folders deep"),
}
SOURCES = {
    "a-good.md",
    "circular-form.pdf",
    "circular-outlines.pdf",
    "circular-styles.docx",
    "folder.md/inside.txt",
    "headings.html",
    "headings.md",
    "laughs.md",
    "line\\nbreak.txt",
    "scripts.html",
    "wide.docx",
    "z-good.txt",
}


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    """A folder with every kind of hostile file, and two good ones."""
    base = tmp_path_factory.mktemp("hostile")
    root = base / "sources"
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content.encode() if isinstance(content, str) else content)
    with (root / "huge.txt").open("wb") as file:
        file.truncate(200_000_000)
    (base / "secret.txt").write_text("Secret.")
    for name, target in {"outside": "../secret", "itself": "itself", "one": "two", "two": "one"}.items():
        (root / f"{name}.txt").symlink_to(f"{target}.txt")
    (root / "round").symlink_to(".")
    os.mkfifo(root / "pipe.txt")
    with soon():
        return read_folder(root)


def test_every_hostile_file_is_read_or_skipped_with_its_reason(reading: Reading) -> None:
    skipped = {skip.path: skip for skip in reading.skipped}
    assert set(skipped) == set(REASONS)
    for path, (error, reason) in REASONS.items():
        assert reason in skipped[path].reason
        assert skipped[path].error == error
    assert {source.path for source in reading.sources} == SOURCES


def test_good_files_among_hostile_ones_are_read_whole(reading: Reading) -> None:
    good = {source.path: source for source in reading.sources}
    for path in ("a-good.md", "z-good.txt", "folder.md/inside.txt", "line\\nbreak.txt"):
        assert SENTENCE in good[path].text
    for path in ("circular-form.pdf", "circular-outlines.pdf", "circular-styles.docx", "laughs.md", "wide.docx"):
        assert SENTENCE in good[path].text
    assert "Secret" not in "".join(source.text for source in reading.sources)


def test_nothing_of_a_script_is_text(reading: Reading) -> None:
    [source] = [source for source in reading.sources if source.path == "scripts.html"]
    assert "gotcha" not in source.text
    assert source.title == "Permits"
    assert [sentence.text for sentence in sentences(source)] == [SENTENCE, "It costs 40 pounds."]


def test_no_id_leads_out_of_a_folder_or_holds_what_cannot_be_seen(reading: Reading) -> None:
    for source in reading.sources:
        assert ".." not in source.id.split("/")
        assert source.id.isprintable()


# Limits, made small


@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.html", "a.docx"])
def test_more_lines_than_any_document_has_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    contents: dict[str, str | bytes] = {
        "a.md": "One.\n\n" * 12,
        "a.txt": "One.\n\n" * 12,
        "a.html": "<p>One." * 12,
        "a.docx": word(paragraph("One.") * 12),
    }
    assert len(read(tmp_path, name, contents[name]).blocks) == 12
    monkeypatch.setattr("index.formats.extract.MOST_LINES", 11)
    with pytest.raises(SourceError, match="more than 11 lines of text; split it"):
        read(tmp_path, name, contents[name])


@pytest.mark.parametrize("name", ["a.md", "a.txt", "a.html", "a.docx", "a.pdf"])
def test_more_text_than_any_document_has_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    contents: dict[str, str | bytes] = {
        "a.md": SENTENCE,
        "a.txt": SENTENCE,
        "a.html": f"<p>{SENTENCE}",
        "a.docx": word(paragraph(SENTENCE)),
        "a.pdf": one_page(TEXT),
    }
    assert read(tmp_path, name, contents[name]).text == SENTENCE
    monkeypatch.setattr("index.formats.extract.LARGEST_TEXT", len(SENTENCE) - 1)
    with pytest.raises(SourceError, match="characters of text; split it"):
        read(tmp_path, name, contents[name])


def test_page_of_more_elements_than_can_be_walked_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.formats.html._MOST_ELEMENTS", 20)
    assert read(tmp_path, "a.html", "One.<br>" * 15).text.startswith("One.")
    with pytest.raises(SourceError, match="more than 20 elements; split it"):
        read(tmp_path, "a.html", "One.<br>" * 25)


def test_pdf_drawn_in_more_steps_than_any_document_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = one_page(TEXT + b" q Q" * 50)
    assert read(tmp_path, "a.pdf", many).text == SENTENCE
    monkeypatch.setattr("index.formats.pdf._MOST_STEPS", 50)
    with pytest.raises(SourceError, match="more than 50 steps; split it"):
        read(tmp_path, "a.pdf", many)


def test_pdf_page_of_more_text_than_can_be_joined_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.formats.pdf._MOST_ON_PAGE", 5)
    assert read(tmp_path, "a.pdf", one_page(b" ".join([TEXT] * 5))).text.startswith(SENTENCE)
    with pytest.raises(SourceError, match="more than 5 pieces of text"):
        read(tmp_path, "a.pdf", one_page(b" ".join([TEXT] * 6)))


def test_headers_are_not_said_again_in_more_rows_than_any_document_has() -> None:
    with pytest.raises(SourceError, match="characters of text; split it"):
        rows([["a b" * 1_000, "Fee"], *[["1", "2"]] * 4_000], header_rows=1)


def test_cell_spans_only_so_many_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.formats.word._LARGEST_SPAN", 2)
    wide = f'<w:tc><w:tcPr><w:gridSpan w:val="9"/></w:tcPr>{paragraph("Town")}</w:tc>'
    first = f"<w:tr><w:trPr><w:tblHeader/></w:trPr>{wide}<w:tc>{paragraph('Fee')}</w:tc></w:tr>"
    second = f"<w:tr>{''.join(f'<w:tc>{paragraph(text)}</w:tc>' for text in ('Ayr', 'no', '40'))}</w:tr>"
    source = read(tmp_path, "a.docx", word(f"<w:tbl><w:tblPr/><w:tblGrid/>{first}{second}</w:tbl>"))
    assert source.text == "Town: Ayr; no; Fee: 40"


def test_paragraphs_of_marks_are_parsed_only_up_to_a_limit_of_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.formats.markdown._MOST_WORK", 40)
    source = read(tmp_path, "a.md", "*One* *two*.\n\n*Three* *four*.\n\n*Five* *six*.\n\nSeven.\n")
    assert source.text == "One two.\n\nThree four.\n\n*Five* *six*.\n\nSeven."


# Work grows with the size of a file, not with its square


def test_paragraph_wrapped_over_many_lines_is_read_soon(tmp_path: Path) -> None:
    line = "and the board of the harbour may give permits to whom it likes\n"
    with soon(10):
        assert len(read(tmp_path, "a.txt", line * 60_000).blocks) == 1


def test_many_scripts_between_words_are_taken_out_soon(tmp_path: Path) -> None:
    with soon(10):
        assert read(tmp_path, "a.html", "<body>" + "<script>x</script>word " * 80_000).text.startswith("word word")


def test_many_broken_lines_are_joined_soon(tmp_path: Path) -> None:
    with soon(10):
        assert len(read(tmp_path, "a.html", f"<body>{'<br>word word word word' * 100_000}").blocks) == 1


def test_large_page_in_many_containers_is_read_soon() -> None:
    page = "<body>" + "<div class=nav>" * 200 + f"<p>{SENTENCE * 8}\n" * 5_000
    with soon(10):
        assert len(html.extract(page.encode()).blocks) == 5_000


def test_many_dates_on_a_page_are_looked_at_soon(tmp_path: Path) -> None:
    page = "<body>" + "<p>abc</p>" * 10_000 + "<time datetime=2025-01-02>x</time>" * 10_000
    with soon(10):
        assert read(tmp_path, "a.html", page).published == "2025-01-02"


def test_table_with_one_wide_row_is_read_soon(tmp_path: Path) -> None:
    page = f"<table><tr>{'<td>1' * 20_000}</tr>{'<tr><td>1<td>2</tr>' * 20_000}</table>"
    with soon(20):
        assert len(read(tmp_path, "a.html", page).blocks) == 20_001


def test_many_word_paragraphs_are_read_soon(tmp_path: Path) -> None:
    with soon(10):
        assert (
            len(read(tmp_path, "a.docx", word("".join(paragraph(f"Pier {i}.") for i in range(10_000)))).blocks)
            == 10_000
        )


def test_cells_merged_down_many_rows_are_read_soon(tmp_path: Path) -> None:
    first = ['<w:tcPr><w:vMerge w:val="restart"/></w:tcPr>' + paragraph("Pier")]
    first += ["<w:tcPr><w:vMerge/></w:tcPr><w:p/>"] * 2_999
    cells = [f"<w:tr><w:tc>{row}</w:tc><w:tc>{paragraph(f'Berth {i}')}</w:tc></w:tr>" for i, row in enumerate(first)]
    with soon(10):
        source = read(tmp_path, "a.docx", word(f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(cells)}</w:tbl>"))
    assert source.text.split("\n") == [f"Pier: Berth {i}" for i in range(3_000)]


def test_pdf_paragraph_of_many_lines_is_joined_soon(tmp_path: Path) -> None:
    content = b"BT /F1 11 Tf 72 700 Td " + b"0 -14 Td (any owner of a boat may ask) Tj " * 6_000 + b"ET"
    with soon(20):
        assert read(tmp_path, "a.pdf", one_page(content)).text.count("any owner") == 6_000


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.md", "a.html"])
def test_hundred_thousand_headings_are_read_cleaned_and_split_soon(tmp_path: Path, name: str) -> None:
    if name == "a.md":
        content = "".join(f"{'#' * (i % 6 + 1)} Heading {i}\n\n" for i in range(100_000)) + SENTENCE
    else:
        content = "".join(f"<h{i % 6 + 1}>Heading {i}</h{i % 6 + 1}>" for i in range(100_000)) + f"<p>{SENTENCE}"
    with soon():
        source = read(tmp_path, name, content)
    assert sum(block.kind == "heading" for block in source.blocks) == 100_000
    with soon():
        assert clean(source.text, source.blocks) == source.dropped
    with soon():
        found = sentences(source)
        assert [passage.text for passage in passages(source, found)] == [SENTENCE]
