"""Reading: every format gives text, blocks and only such metadata as is stated; no file can stop the others."""

import io
import os
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.table import Table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import ListFlowable, Paragraph, SimpleDocTemplate

from index.errors import NoSourcesError, SourceError
from index.formats.front_matter import date
from index.formats.plain import find_blocks
from index.read import Reading, Skipped, read_file, read_folder
from index.source import Source

SENTENCE = "Any owner of a boat shorter than twelve metres may ask the harbour board for a permit."


def read(tmp_path: Path, name: str, content: str | bytes) -> Source:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    source = read_file(path, tmp_path)
    check_spans(source)
    return source


def check_spans(source: Source) -> None:
    """What holds of every source: blocks in order, apart, trimmed; text in NFC; dropped spans within blocks."""
    assert source.text == unicodedata.normalize("NFC", source.text)
    assert "\r" not in source.text
    end = 0
    for block in source.blocks:
        assert end <= block.start < block.end <= len(source.text)
        assert source.text[block.start : block.end] == source.text[block.start : block.end].strip()
        assert (block.level > 0) == (block.kind == "heading")
        end = block.end
    for span in source.dropped:
        assert any(block.start <= span.start < span.end <= block.end for block in source.blocks)


def shown(source: Source) -> list[str]:
    """The blocks as "kind: text"; a heading as "h2: text"."""
    return [
        f"{f'h{block.level}' if block.kind == 'heading' else block.kind}: {source.text[block.start : block.end]}"
        for block in source.blocks
    ]


def texts(source: Source) -> list[str]:
    return [source.text[block.start : block.end] for block in source.blocks]


def plain_shown(text: str) -> list[str]:
    return [
        f"{f'h{block.level}' if block.kind == 'heading' else block.kind}: {text[block.start : block.end]}"
        for block in find_blocks(text)
    ]


# Front matter


def test_front_matter_fills_the_source(tmp_path: Path) -> None:
    source = read(
        tmp_path,
        "permit.md",
        """---
id: permit-rules
title: "Permits: who needs one"
publisher: Harbour Board
published: 2025-09
published_note: the month stands on the cover
retrieved: 2025-10-02
effective: 2026
url: https://harbour.example/permits
language: en
kind: official
brief: true
supersedes: [old-rules, "007"]
mood: sunny
---
# Permits

A permit costs 40 pounds.
""",
    )
    assert (source.id, source.title, source.publisher) == ("permit-rules", "Permits: who needs one", "Harbour Board")
    assert (source.published, source.retrieved, source.effective) == ("2025-09", "2025-10-02", "2026")
    assert source.published_note == "the month stands on the cover"
    assert (source.url, source.language, source.kind) == ("https://harbour.example/permits", "en", "official")
    assert source.brief is True
    assert source.supersedes == ("old-rules", "007")
    assert source.path == "permit.md"
    assert shown(source) == ["h1: Permits", "paragraph: A permit costs 40 pounds."]


def test_values_of_front_matter_are_kept_as_written(tmp_path: Path) -> None:
    source = read(
        tmp_path, "a.md", "---\nid: 007\ntitle: 2025-10-01\nsupersedes: 12\npublished: '2025'\n---\nText here."
    )
    assert (source.id, source.title, source.supersedes, source.published) == ("007", "2025-10-01", ("12",), "2025")


def test_empty_values_of_front_matter_stay_empty(tmp_path: Path) -> None:
    source = read(
        tmp_path, "a.md", "---\ntitle:\npublished: ~\nkind: ''\nbrief:\nsupersedes:\n---\n# Head\n\nText here."
    )
    assert (source.title, source.published, source.kind, source.brief, source.supersedes) == ("Head", "", "", False, ())


def test_text_files_may_have_front_matter(tmp_path: Path) -> None:
    source = read(tmp_path, "a.txt", "---\npublisher: Harbour Board\n---\nFee: 40 pounds\n")
    assert source.publisher == "Harbour Board"
    assert texts(source) == ["Fee: 40 pounds"]


@pytest.mark.parametrize(
    ("lines", "line", "says"),
    [
        ("title: A\npublished: 2025-02-30", 3, "YYYY-MM-DD"),
        ("published: September 2025", 2, "YYYY-MM"),
        ("title: A\n\nkind: rumour", 4, "official, news, commentary"),
        ("url: javascript:alert(1)", 2, "https://"),
        ("brief: perhaps", 2, "true or false"),
        ("title: [a, b]", 2, "one value"),
        ("title: A\ntitle: B", 3, "twice"),
        ("supersedes: {a: b}", 2, "list of ids"),
        ("title: A\npublisher: one: two", 3, "quotes"),
        ("title: 'unfinished\nkind: news\nbrief: true", 2, "not YAML"),
        ("title: A\nsupersedes: [a, b\nkind: news", 3, "not YAML"),
        ("retrieved: 2025-13", 2, "YYYY-MM"),
        ("title: A\neffective: soon", 3, "YYYY-MM-DD"),
        ("title: A\nid: ../b", 3, "without '..'"),
        ('id: "a\\tb"', 2, "control characters"),
    ],
)
def test_fault_in_front_matter_names_file_line_and_remedy(tmp_path: Path, lines: str, line: int, says: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(tmp_path, "bad.md", f"---\n{lines}\n---\nText.\n")
    message = str(caught.value)
    assert message.startswith("bad.md: ")
    assert f"line {line}:" in message
    assert says in message


def test_front_matter_that_is_not_closed_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="close it"):
        read(tmp_path, "bad.md", "---\ntitle: A\n\nText.\n")


def test_rule_at_the_head_of_markdown_is_no_front_matter(tmp_path: Path) -> None:
    assert texts(read(tmp_path, "a.md", "---\n\nA permit costs 40 pounds.\n\n---\n\nIt lasts a year.\n")) == [
        "A permit costs 40 pounds.",
        "It lasts a year.",
    ]


@pytest.mark.parametrize(
    ("value", "is_date"),
    [("2025", True), ("2025-12", True), ("2024-02-29", True), ("2025-02-29", False), ("2025-13", False), ("25", False),
     ("2025-1", False), ("0000", False), ("2025-09-30T10:00", False)],
)  # fmt: skip
def test_dates_exist_in_the_calendar(value: str, is_date: bool) -> None:
    assert date(value) == (value if is_date else "")


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_western_text_is_read_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = "The “naïve” café owner pays £20 – no more.\nHe doesn’t pay twice.\n"
    assert read(tmp_path, "a.txt", text.encode(encoding)).text == text


@pytest.mark.parametrize("text", ["Fee: £20", "Naïve", "It’s free", "Müller Straße 5", "Señor", "25 °C – 30 °C"])
def test_one_odd_letter_is_enough_to_tell_windows_1252(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, "a.txt", text.encode("cp1252")).text == text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        (
            "gb18030",
            "外国青年科技人才可以申请新的签证。申请人不需要国内雇主的邀请。具体要求由主管部门规定，并将在网站上公布。",
        ),
        ("shift_jis", "申請者は国内の雇用主からの招待状を必要としません。ビザの手数料はまだ公表されていません。"),
        (
            "cp1251",
            "Заявителю не нужно приглашение от работодателя. Размер сбора пока не объявлен, решение примет министерство.",
        ),
        ("big5", "外國青年科技人才可以申請新的簽證。申請人不需要國內雇主的邀請。具體要求由主管部門規定。"),
    ],
)
def test_other_scripts_are_read_in_their_old_encodings(tmp_path: Path, encoding: str, text: str) -> None:
    assert read(tmp_path, "a.txt", text.encode(encoding)).text == text


def test_encoding_declared_in_html_is_used(tmp_path: Path) -> None:
    page = '<html><head><meta charset="iso-8859-2"></head><body><p>Łódź płaci</p></body></html>'.encode("iso-8859-2")
    assert texts(read(tmp_path, "a.html", page)) == ["Łódź płaci"]


def test_newlines_and_composition_are_normalised_and_invisible_characters_go(tmp_path: Path) -> None:
    source = read(tmp_path, "a.txt", "cafe\u0301\r\nK\u200b-visa\u202e\rend\u2028line")
    assert source.text == "caf\u00e9\nK-visa\nend\nline"


# Plain text


def test_plain_text_stays_verbatim_with_a_block_for_each_line(tmp_path: Path) -> None:
    text = "Fee:  20 pounds\nThe office is closed on Fridays.\n\n  Valid: 5 years  \n"
    source = read(tmp_path, "facts.txt", text)
    assert source.text == text
    assert shown(source) == [
        "paragraph: Fee:  20 pounds",
        "paragraph: The office is closed on Fridays.",
        "paragraph: Valid: 5 years",
    ]


@pytest.mark.parametrize("line", ["Fee: £20", "The office is closed on Fridays", "Closed", "Permits cost nothing"])
def test_one_line_is_never_a_heading(tmp_path: Path, line: str) -> None:
    source = read(tmp_path, "fact.txt", line)
    assert shown(source) == [f"paragraph: {line}"]
    assert source.dropped == ()


def test_wrapped_lines_make_one_paragraph() -> None:
    text = (
        "Any owner of a boat shorter than twelve metres may ask the board\n"
        "for a permit. The permit is free for people who live in the town\n"
        "and lasts a year.\n"
        "\n"
        "It costs 40 pounds for everybody else, and may be paid for by\n"
        "card.\n"
        "- proof of address that is not older than three months when the\n"
        "  form is sent\n"
        "- a photograph\n"
    )
    assert [text.count("\n", block.start, block.end) + 1 for block in find_blocks(text)] == [3, 2, 2, 1]
    assert [block.kind for block in find_blocks(text)] == ["paragraph", "paragraph", "item", "item"]


def test_lines_that_end_in_full_stops_are_not_joined() -> None:
    text = (
        f"{SENTENCE}\nIt costs 40 pounds for everybody who lives outside the town and has no berth in it.\n{SENTENCE}"
    )
    assert len(find_blocks(text)) == 3


def test_headings_of_plain_text_are_found_by_look_and_place() -> None:
    text = f"""HARBOUR PERMITS

Who can apply

{SENTENCE}

1. Scope

{SENTENCE}

2. Papers

- passport
* photograph
3) proof of address

Payment
=======
Pay by card.

Refunds
-------
There are none.

## How to Complain
Write to the board.
Rules and Duties of the Owner
{SENTENCE}
"""
    assert [line for line in plain_shown(text) if line.startswith("h")] == [
        "h1: HARBOUR PERMITS",
        "h2: Who can apply",
        "h2: 1. Scope",
        "h2: 2. Papers",
        "h1: Payment",
        "h2: Refunds",
        "h2: How to Complain",
        "h2: Rules and Duties of the Owner",
    ]
    assert [line for line in plain_shown(text) if line.startswith("item")] == [
        "item: passport",
        "item: photograph",
        "item: proof of address",
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"{SENTENCE}\nOffice hours: Monday to Friday\n{SENTENCE}",
        f"{SENTENCE}\nThe permit is free\n{SENTENCE}",
        f"{SENTENCE}\nValid for 5 years\n{SENTENCE}",
        f"Passport\n\nPhoto\n\n{SENTENCE}",
        f"1. Passport\n2. Photo\n{SENTENCE}",
        "NO DOGS\nNO BIKES\nNO FIRES ON THE BEACH",
    ],
)
def test_facts_and_list_items_are_no_headings(text: str) -> None:
    assert not [line for line in plain_shown(text) if line.startswith("h")]


@given(st.text(alphabet="aB1 .:-*#=\n\t“é中", max_size=200))
def test_blocks_of_any_text_are_trimmed_and_apart_and_lose_no_word(text: str) -> None:
    end, covered = 0, ""
    for block in find_blocks(text):
        assert end <= block.start < block.end
        assert text[block.start : block.end].strip() == text[block.start : block.end]
        covered += text[block.start : block.end]
        end = block.end
    letters = [char for char in text if char.isalpha()]
    assert [char for char in covered if char.isalpha()] == letters


# Markdown


def test_markdown_markup_goes_and_its_words_stay(tmp_path: Path) -> None:
    source = read(
        tmp_path,
        "a.md",
        """# The *K* permit

A **permit** costs [40 pounds](https://x.example/fee "tip")
and `lasts` ~~two~~ years.<!-- hidden --> ![a boat](boat.png)

<!-- a note
to editors -->

> The board says
> it is open.

```
code line
```

<div>Boxed <b>text</b></div>

Berth: 4\\
Hours: nine to five
""",
    )
    assert shown(source) == [
        "h1: The K permit",
        "paragraph: A permit costs 40 pounds and lasts two years.",
        "paragraph: The board says it is open.",
        "paragraph: code line",
        "paragraph: Boxed text",
        "paragraph: Berth: 4",
        "paragraph: Hours: nine to five",
    ]
    assert source.text.startswith("The K permit\n\nA permit costs")


def test_markdown_lists_nest(tmp_path: Path) -> None:
    source = read(tmp_path, "a.md", "- one\n  - two\n\n    more of two\n  - three\n1. four\n   wrapped\n")
    assert shown(source) == ["item: one", "item: two", "paragraph: more of two", "item: three", "item: four wrapped"]


def test_markdown_table_rows_read_alone(tmp_path: Path) -> None:
    source = read(tmp_path, "a.md", "| Boat | Fee |\n|---|---|\n| small | **£20** |\n| large | |\n")
    assert shown(source) == ["row: Boat: small; Fee: £20", "row: Boat: large"]


def test_markdown_in_capitals_of_the_extension_is_read(tmp_path: Path) -> None:
    assert texts(read(tmp_path, "A.MarkDown", "Text here.")) == ["Text here."]


# HTML

PAGE = """<!doctype html>
<html lang="en-GB"><head><title>Harbour permits | Port News</title>
<meta property="og:site_name" content="Port News">
<meta property="article:published_time" content="2025-03-04T10:00:00Z">
<link rel="canonical" href="https://port.example/permits"><style>p {}</style></head>
<body><header><a href="/">Port News</a></header>
<nav><ul><li><a href="/a">Home page</a></li></ul></nav>
<div class="cookie-banner">We use cookies to make it nice.</div>
<main><h1>Harbour permits</h1>
<p>The <b>permit</b> costs <a href="/fees">40&nbsp;pounds</a>.<script>var secret;</script></p>
<div>Loose text in a div<br>Berth: 5</div>
<h3>Papers</h3>
<ul><li>passport<ul><li>a copy of it</li></ul></li><li><p>photograph</p></li></ul>
<table><tr><th>Boat</th><th>Fee</th></tr><tr><td rowspan="2">small</td><td>£40</td></tr><tr><td>£30</td></tr></table>
<table><tr><th>Opening</th><td>9 am</td></tr><tr><th>Closing</th><td>5 pm</td></tr></table>
<dl><dt>Where</dt><dd>Pier 4</dd></dl>
<blockquote>We are open.</blockquote><figure><img alt="alt words"><figcaption>A boat at the pier</figcaption></figure>
<p hidden>hidden words</p><form><p>Your name</p></form><aside>Beside the point</aside></main>
<footer>Imprint</footer><!-- remark --></body></html>"""


def test_html_gives_the_main_part_in_document_order(tmp_path: Path) -> None:
    assert shown(read(tmp_path, "a.html", PAGE)) == [
        "h1: Harbour permits",
        "paragraph: The permit costs 40 pounds.",
        "paragraph: Loose text in a div",
        "paragraph: Berth: 5",
        "h3: Papers",
        "item: passport",
        "item: a copy of it",
        "item: photograph",
        "row: Boat: small; Fee: £40",
        "row: Boat: small; Fee: £30",
        "row: Opening: 9 am",
        "row: Closing: 5 pm",
        "row: Where: Pier 4",
        "paragraph: We are open.",
        "paragraph: A boat at the pier",
    ]


def test_html_metadata_is_taken_where_it_is_stated(tmp_path: Path) -> None:
    source = read(tmp_path, "a.htm", PAGE)
    assert (source.title, source.publisher, source.language) == ("Harbour permits", "Port News", "en-GB")
    assert (source.published, source.url) == ("2025-03-04", "https://port.example/permits")


def test_html_without_metadata_guesses_none(tmp_path: Path) -> None:
    page = f"<p>{SENTENCE}</p><p>The pier opens on <time datetime='2026-05-01'>1 May</time> for all.</p>"
    source = read(tmp_path, "old-pier.html", page)
    assert (source.title, source.publisher, source.published, source.url) == ("Old pier", "", "", "")


@pytest.mark.parametrize(
    "page",
    [
        "<p>Fee: £20",
        "<body>Fee: £20</body>",
        "<div class='sidebar'><p>Fee: £20</p></div>",
        "<form id='aspnetForm'><p>Fee: £20</p></form>",
        "<table><tr><td>Fee</td><td>£20</td></tr></table>",
        "<dl><dt>Fee<dd>£20</dl>",
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>Fee: £20</p></body></html>',
    ],
)
def test_short_and_unusual_pages_keep_their_text(tmp_path: Path, page: str) -> None:
    assert texts(read(tmp_path, "a.html", page)) == ["Fee: £20"]


def test_menus_made_of_divs_go_and_lists_of_facts_stay(tmp_path: Path) -> None:
    page = f"""<div><a href=1>Home</a> <a href=2>About</a> <a href=3>Contact</a></div><ul><li><a href=1>One</a></ul>
    <h1>Permits</h1><p>{SENTENCE}</p><ul><li>passport<li><a href=f>the form</a></ul><p>{SENTENCE}</p>
    <ul><li><a href=1>Other page</a></ul>"""
    assert texts(read(tmp_path, "a.html", page)) == ["Permits", SENTENCE, "passport", "the form", SENTENCE]


# Word


def word(tmp_path: Path, write: Callable[[Document], object], name: str = "a.docx") -> Source:
    document = docx.Document()
    write(document)
    document.save(str(tmp_path / name))
    source = read_file(tmp_path / name, tmp_path)
    check_spans(source)
    return source


def test_word_gives_headings_items_and_rows_in_document_order(tmp_path: Path) -> None:
    def fill(table: Table, grid: Sequence[Sequence[str]]) -> None:
        for row, texts in zip(table.rows, grid, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text

    def write(document: Document) -> None:
        document.add_heading("Harbour permits", 0)
        document.add_paragraph("A permit costs 40 pounds.")
        document.add_heading("Papers", 2)
        document.add_paragraph("passport", style="List Bullet")
        document.add_paragraph("photograph", style="List Number")
        fill(document.add_table(3, 3), [("Boat", "Town", "Fee"), ("small", "yes", "£20"), ("large", "no", "£40")])
        fill(document.add_table(2, 2), [("Opening", "9 am"), ("Place", "Pier 4")])
        document.add_paragraph("It lasts a year.")

    source = word(tmp_path, write)
    assert shown(source) == [
        "h1: Harbour permits",
        "paragraph: A permit costs 40 pounds.",
        "h2: Papers",
        "item: passport",
        "item: photograph",
        "row: Boat: small; Town: yes; Fee: £20",
        "row: Boat: large; Town: no; Fee: £40",
        "row: Opening: 9 am",
        "row: Place: Pier 4",
        "paragraph: It lasts a year.",
    ]
    assert source.title == "Harbour permits"


def test_word_title_is_taken_from_the_properties_where_given(tmp_path: Path) -> None:
    def write(document: Document) -> None:
        document.core_properties.title = "Rules of the harbour"
        document.add_paragraph("A permit costs 40 pounds.")

    assert word(tmp_path, write).title == "Rules of the harbour"
    assert (
        word(tmp_path, lambda document: document.add_paragraph("Text."), "pier_rules-2025.docx").title
        == "Pier rules 2025"
    )


def test_word_zip_bomb_is_refused_unopened(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 20_000_000)
    with pytest.raises(SourceError, match="zip bomb"):
        read(tmp_path, "bomb.docx", buffer.getvalue())


# PDF


def pdf(path: Path, pages: Sequence[Sequence[str]], title: str = "") -> None:
    canvas = Canvas(str(path), pagesize=A4)
    canvas.setTitle(title or "untitled")
    for number, lines in enumerate(pages, 1):
        canvas.setFont("Helvetica", 11)
        canvas.drawString(72, 800, "Harbour Board circular 12")
        for i, line in enumerate(lines):
            canvas.drawString(72, 750 - 14 * i, line)
        canvas.drawString(300, 40, f"Page {number} of {len(pages)}")
        canvas.showPage()
    canvas.save()


def test_pdf_lines_are_joined_and_running_lines_go(tmp_path: Path) -> None:
    pdf(
        tmp_path / "a.pdf",
        [
            ["Any owner of a boat shorter than twelve metres may ask the harbour board for a per-",
             "mit. The permit is free for people who live in the town, and it lasts for one year from",
             "the day of issue.",
             "",
             "It costs 40 pounds for everybody else. The board takes cards and cash, and it gives"],
            ["change at the counter only."],
        ],
        title="Circular on permits",
    )  # fmt: skip
    source = read_file(tmp_path / "a.pdf", tmp_path)
    check_spans(source)
    assert source.title == "Circular on permits"
    assert texts(source) == [
        "Any owner of a boat shorter than twelve metres may ask the harbour board for a permit. The permit is free for people "
        "who live in the town, and it lasts for one year from the day of issue.",
        "It costs 40 pounds for everybody else. The board takes cards and cash, and it gives change at the counter only.",
    ]


def test_pdf_headings_and_items_are_found(tmp_path: Path) -> None:
    styles = getSampleStyleSheet()
    body = ParagraphStyle("body", parent=styles["BodyText"], spaceBefore=6)
    SimpleDocTemplate(str(tmp_path / "a.pdf"), pagesize=A4).build(
        [
            Paragraph("Harbour permits", styles["Heading1"]),
            Paragraph(f"{SENTENCE} {SENTENCE}", body),
            Paragraph("Papers to bring", styles["Heading2"]),
            Paragraph("Bring all of these to the counter.", body),
            ListFlowable(
                [Paragraph("a passport", body), Paragraph("a photograph", body)], bulletType="bullet", start="•"
            ),
            Paragraph(SENTENCE, body),
        ]
    )
    source = read_file(tmp_path / "a.pdf", tmp_path)
    check_spans(source)
    assert shown(source) == [
        "h1: Harbour permits",
        f"paragraph: {SENTENCE} {SENTENCE}",
        "h2: Papers to bring",
        "paragraph: Bring all of these to the counter.",
        "item: a passport",
        "item: a photograph",
        f"paragraph: {SENTENCE}",
    ]
    assert source.title == "Harbour permits"


def test_pdf_with_a_password_is_refused_with_the_next_step(tmp_path: Path) -> None:
    pdf(tmp_path / "open.pdf", [["Text."]])
    writer = PdfWriter(clone_from=PdfReader(tmp_path / "open.pdf"))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "locked.pdf")
    with pytest.raises(SourceError, match=r"locked\.pdf: is encrypted; save a copy"):
        read_file(tmp_path / "locked.pdf", tmp_path)


def test_pdf_without_text_points_to_ocr(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "scan.pdf"))
    canvas.rect(10, 10, 100, 100)
    canvas.save()
    with pytest.raises(SourceError, match="ocrmypdf"):
        read_file(tmp_path / "scan.pdf", tmp_path)


# Files that are no sources


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.txt", b"", "is empty"),
        ("blank.md", b" \n\n", "is empty"),
        ("bare.md", b"---\ntitle: A\n---\n", "holds no text"),
        ("empty.html", b"<html><body><script>x</script></body></html>", "holds no text"),
        ("empty.pdf", b"", "is empty"),
        ("empty.docx", b"", "is empty"),
        ("nul.txt", b"Fee: 20\x00 pounds, and more", "binary"),
        ("binary.txt", bytes(range(1, 32)) * 40, "binary"),
        ("image.txt", b"\x89PNG\r\n\x1a\n" + b"\x01" * 50, "PNG"),
        ("really.txt", b"%PDF-1.7 and so on", ".pdf"),
        ("broken.pdf", b"%PDF-1.4\nnothing of the kind", "damaged PDF"),
        ("text.pdf", b"just text", "damaged PDF"),
        ("broken.docx", b"PK\x03\x04 nothing of the kind", "no Word file"),
        ("old.docx", b"\xd0\xcf\x11\xe0" + b"\x01" * 600, "encrypted, or in the old .doc format"),
        ("notes.rtf", b"{}", "is not read"),
    ],
)
def test_file_that_cannot_be_read_says_what_is_wrong(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    with pytest.raises(SourceError) as caught:
        read(tmp_path, name, content)
    assert str(caught.value).startswith(f"{name}: ")
    assert says in str(caught.value)


def test_zip_without_a_document_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(SourceError, match="without a Word document"):
        read(tmp_path, "a.docx", buffer.getvalue())


def test_file_too_large_to_be_a_document_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(60_000_000)
    with pytest.raises(SourceError, match="split it"):
        read_file(tmp_path / "huge.txt", tmp_path)


def test_page_nested_too_deep_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nests its elements too deep"):
        read(tmp_path, "deep.html", "<div>" * 5000 + SENTENCE)


@pytest.mark.parametrize("mark", ["**", "[", "*a ", "` ", "_"])
def test_markdown_of_nothing_but_marks_is_read_at_once(tmp_path: Path, mark: str) -> None:
    assert len(read(tmp_path, "a.md", f"{mark * 30_000}x\n\n{SENTENCE}\n").blocks) == 2


def test_missing_file_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.txt: cannot be opened"):
        read_file(tmp_path / "gone.txt", tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(content=st.binary(max_size=300), suffix=st.sampled_from([".txt", ".md", ".html", ".pdf", ".docx"]))
def test_any_bytes_give_a_source_or_a_source_error(tmp_path: Path, content: bytes, suffix: str) -> None:
    try:
        read(tmp_path, f"any{suffix}", content)
    except SourceError as error:
        assert str(error).startswith(f"any{suffix}: ")  # noqa: PT017 (either outcome is right)


# Titles and ids


def test_title_falls_back_to_the_first_heading_then_to_the_name(tmp_path: Path) -> None:
    assert read(tmp_path, "a.md", "Text first.\n\n## Second\n\nMore.").title == "Second"
    assert read(tmp_path, "harbour-fees_2025.txt", "Fee: 40 pounds").title == "Harbour fees 2025"


def test_dropped_heading_is_no_title(tmp_path: Path) -> None:
    source = read(tmp_path, "a.txt", f"Our Picks\nHarbour Board Opens the New Jetty\n{SENTENCE}\n")
    assert source.title == "Harbour Board Opens the New Jetty"


# Folders


def folder(tmp_path: Path, files: dict[str, str]) -> Reading:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    return read_folder(tmp_path)


def ids(reading: Reading) -> list[str]:
    return [source.id for source in reading.sources]


def test_folder_is_read_whole_in_order_of_path(tmp_path: Path) -> None:
    reading = folder(tmp_path, {"b.txt": "Text.", "sub/deep/c.HTML": "<p>Text.</p>", "a.md": "Text."})
    assert [source.path for source in reading.sources] == ["a.md", "b.txt", "sub/deep/c.HTML"]
    assert ids(reading) == ["a", "b", "sub/deep/c"]
    assert reading.skipped == ()


def test_one_bad_file_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.4 nothing")
    reading = folder(tmp_path, {"good.txt": "Text.", "worse.md": "---\nkind: rumour\n---\nText."})
    assert ids(reading) == ["good"]
    assert [(skip.path, skip.error) for skip in reading.skipped] == [("bad.pdf", True), ("worse.md", True)]


def test_files_left_out_on_purpose_are_listed_without_error(tmp_path: Path) -> None:
    reading = folder(
        tmp_path,
        {"a.txt": "Text.", "README.md": "How to.", "sub/readme.md": "How to.", ".hidden.txt": "No.", "_draft.md": "No.",
         "_drafts/x.md": "No.", ".git/config": "No.", "table.xlsx": "No."},
    )  # fmt: skip
    assert ids(reading) == ["a"]
    assert [skip.path for skip in reading.skipped] == [
        ".git/", ".hidden.txt", "README.md", "_draft.md", "_drafts/", "sub/readme.md", "table.xlsx",
    ]  # fmt: skip
    assert not any(skip.error for skip in reading.skipped)
    assert ".docx" in reading.skipped[-1].reason


def test_progress_is_told_for_each_file(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    for name in ("a.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_text("Text." if name != "b.txt" else "")
    read_folder(tmp_path, lambda done, total: calls.append((done, total)))
    assert calls == [(1, 3), (2, 3), (3, 3)]


def test_default_ids_that_collide_keep_their_extensions(tmp_path: Path) -> None:
    reading = folder(tmp_path, {"a.md": "Text.", "a.txt": "Text.", "b.txt": "Text.", "c.md": "---\nid: b\n---\nText."})
    assert ids(reading) == ["a.md", "a.txt", "b.txt", "b"]


def test_second_source_with_an_id_is_skipped_with_both_names(tmp_path: Path) -> None:
    reading = folder(tmp_path, {"a.md": "---\nid: x\n---\nText.", "b.md": "---\nid: x\n---\nText."})
    assert [source.path for source in reading.sources] == ["a.md"]
    [skip] = reading.skipped
    assert skip.error
    assert skip.reason == "b.md: line 2: has the id 'x' of a.md and is skipped; give one of them another id"


def test_names_that_are_one_but_for_their_encoding_do_not_share_an_id(tmp_path: Path) -> None:
    names = [unicodedata.normalize(form, "café.md") for form in ("NFC", "NFD")]
    reading = folder(tmp_path, dict.fromkeys(names, "Text."))
    assert len(reading.sources) == len(set(ids(reading)))
    assert len(reading.sources) + len(reading.skipped) == len(names)


def test_names_that_cannot_be_shown_are_written_out(tmp_path: Path) -> None:
    for name in (b"a\xff.txt", b"a\xfe.txt", b"a\n.txt", b"a\\xff.txt", b"a\xe2\x80\xae.txt"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text("Text.")
    reading = read_folder(tmp_path)
    assert sorted(ids(reading)) == ["a\\\\xff", "a\\n", "a\\u202e", "a\\xfe", "a\\xff"]
    assert reading.skipped == ()


def test_superseding_something_unknown_is_reported_and_the_source_kept(tmp_path: Path) -> None:
    reading = folder(tmp_path, {"a.md": "---\nsupersedes: [b, gone]\n---\nText.", "b.md": "Text."})
    assert ids(reading) == ["a", "b"]
    assert reading.sources[0].supersedes == ("b", "gone")
    [skip] = reading.skipped
    assert (skip.path, skip.error) == ("a.md", True)
    assert skip.reason.startswith("a.md: line 2: supersedes 'gone', no other source's id; ")


def superseding(**stated: str) -> dict[str, str]:
    """A file for each id, with what it supersedes on line 3."""
    return {f"{id_}.md": f"---\ntitle: T\nsupersedes: [{old}]\n---\nText." for id_, old in stated.items()}


@pytest.mark.parametrize(
    ("stated", "circles"),
    [
        ({"a": "a"}, {"a": "a -> a"}),
        ({"a": "b", "b": "a"}, {"a": "a -> b -> a", "b": "b -> a -> b"}),
        (
            {"a": "b", "b": "c", "c": "d", "d": "a"},
            {
                "a": "a -> b -> c -> d -> a",
                "b": "b -> c -> d -> a -> b",
                "c": "c -> d -> a -> b -> c",
                "d": "d -> a -> b -> c -> d",
            },
        ),
        ({"a": "b", "b": "a, c", "c": "b"}, {"a": "a -> b -> a", "b": "b -> a -> b", "c": "c -> b -> c"}),
    ],
)  # fmt: skip
def test_sources_that_supersede_each_other_in_a_circle_are_told_and_all_count(
    tmp_path: Path, stated: dict[str, str], circles: dict[str, str]
) -> None:
    reading = folder(tmp_path, superseding(**stated))
    assert ids(reading) == sorted(stated)
    assert all(source.supersedes == () and source.circular for source in reading.sources)
    reasons = {skip.path: skip.reason for skip in reading.skipped}
    assert set(reasons) == {f"{id_}.md" for id_ in circles}
    for id_, circle in circles.items():
        assert reasons[f"{id_}.md"].startswith(f"{id_}.md: line 3: supersedes itself: {circle}; remove one")


def test_what_is_superseded_beside_a_circle_still_is(tmp_path: Path) -> None:
    reading = folder(tmp_path, superseding(a="b, old", b="a", new="a", old=""))
    assert {source.id: source.supersedes for source in reading.sources} == {
        "a": ("old",),
        "b": (),
        "new": ("a",),
        "old": (),
    }
    assert [source.id for source in reading.sources if source.circular] == ["a", "b"]
    assert [skip.path for skip in reading.skipped] == ["a.md", "b.md"]


def test_chain_of_editions_is_no_circle(tmp_path: Path) -> None:
    reading = folder(tmp_path, superseding(a="b, c", b="c, d", c="d", d=""))
    assert reading.skipped == ()
    assert [source.supersedes for source in reading.sources] == [("b", "c"), ("c", "d"), ("d",), ()]


def test_large_circle_is_told_by_its_size(tmp_path: Path) -> None:
    reading = folder(tmp_path, superseding(**{f"s{i}": f"s{(i + 1) % 1500}" for i in range(1500)}))
    assert len(reading.skipped) == 1500
    assert "s0 -> ... -> s0, in a circle of 1,500 sources" in reading.skipped[0].reason


# What was read before


def test_files_are_named_with_the_hash_of_their_bytes(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.4 nothing")
    reading = folder(
        tmp_path, {"good.txt": "Text.", "README.md": "How to.", "b/worse.md": "---\nkind: rumour\n---\nText."}
    )
    assert reading.files == {
        "b/worse.md": sha256(b"---\nkind: rumour\n---\nText.").hexdigest(),
        "bad.pdf": sha256(b"%PDF-1.4 nothing").hexdigest(),
        "good.txt": sha256(b"Text.").hexdigest(),
        "pipe.txt": "",
    }
    assert list(reading.files) == sorted(reading.files)


def remembered(reading: Reading) -> Callable[[str, str], Source | None]:
    """The sources of a reading, with a publisher that tells that they come from there."""
    sources = {(s.path, reading.files[s.path]): replace(s, publisher="before") for s in reading.sources}
    return lambda path, digest: sources.get((path, digest))


def test_source_known_from_the_same_bytes_is_not_read_again(tmp_path: Path) -> None:
    before = folder(tmp_path, {"a.md": "Text.", "b.md": "Text.", "c.md": "Text."})
    (tmp_path / "b.md").write_text("Other text.")
    (tmp_path / "c.md").rename(tmp_path / "d.md")
    after = read_folder(tmp_path, known=remembered(before))
    assert [(s.path, s.text, s.publisher) for s in after.sources] == [
        ("a.md", "Text.", "before"), ("b.md", "Other text.", ""), ("d.md", "Text.", ""),
    ]  # fmt: skip


def test_reading_with_what_is_known_gives_the_same_as_reading_afresh(tmp_path: Path) -> None:
    files = superseding(a="b, gone", b="a", c="a", d="c") | {"a.txt": "Text.", "e.md": "---\nid: x\n---\nText."}
    before = folder(tmp_path, files)
    sources = {(s.path, before.files[s.path]): s for s in before.sources}
    for name, content in {"b.md": "Text.", "c.txt": "Text.", "a.txt": None, "f.md": "---\nid: x\n---\nText."}.items():
        if content is None:
            (tmp_path / name).unlink()
        else:
            (tmp_path / name).write_text(content)
    after = read_folder(tmp_path, known=lambda path, digest: sources.get((path, digest)))
    assert after == read_folder(tmp_path)
    assert after != before


def test_known_source_gets_its_default_id_back_and_keeps_its_own(tmp_path: Path) -> None:
    before = folder(tmp_path, {"a.md": "Text.", "a.txt": "Text.", "b.md": "---\nid: own\n---\nText."})
    assert [(source.id, source.own_id) for source in before.sources] == [
        ("a.md", False),
        ("a.txt", False),
        ("own", True),
    ]
    (tmp_path / "a.txt").unlink()
    assert ids(read_folder(tmp_path, known=remembered(before))) == ["a", "own"]


def test_source_that_was_in_a_circle_is_read_again(tmp_path: Path) -> None:
    before = folder(tmp_path, superseding(a="b", b="a"))
    (tmp_path / "b.md").write_text("Text.")
    after = read_folder(tmp_path, known=remembered(before))
    assert [(source.supersedes, source.circular) for source in after.sources] == [(("b",), False), ((), False)]


# Files that change while they are read


def writing_while_reading(monkeypatch: pytest.MonkeyPatch, write: Callable[[Path, int], None], times: int) -> None:
    """Each of the first `times` that a file a.txt is opened to be read, something else writes to it."""
    real, left = Path.open, list(range(times))

    def opened(self: Path, mode: str = "r", **options: Any) -> Any:
        file = real(self, mode, **options)
        if self.name == "a.txt" and mode == "rb" and left:
            write(self, left.pop(0))
        return file

    monkeypatch.setattr(Path, "open", opened)


def appended(path: Path, i: int) -> None:
    os.truncate(path, path.stat().st_size + 1)


def replaced(path: Path, i: int) -> None:
    """Another file of the same size takes the place of `path`, as when an editor saves."""
    other = path.with_suffix(".new")
    other.write_bytes(b"Take %d." % i)
    os.utime(other, ns=(i, i))
    other.replace(path)


@pytest.mark.parametrize("times", [1, 2])
def test_file_that_changes_while_it_is_read_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    (tmp_path / "a.txt").write_text("Text 9.")
    writing_while_reading(monkeypatch, replaced, times)
    reading = read_folder(tmp_path)
    assert [source.text for source in reading.sources] == [f"Take {times - 1}."]
    assert reading.files == {"a.txt": sha256(b"Take %d." % (times - 1)).hexdigest()}


@pytest.mark.parametrize("write", [appended, replaced])
def test_file_that_never_stops_changing_is_an_error_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path, int], None]
) -> None:
    writing_while_reading(monkeypatch, write, 3)
    reading = folder(tmp_path, {"a.txt": "Text 9.", "b.txt": "Text."})
    assert ids(reading) == ["b"]
    [skip] = reading.skipped
    assert (skip.path, skip.error) == ("a.txt", True)
    assert skip.reason.startswith("a.txt: was written to each of the 3 times it was read; wait until that is done")
    assert reading.files["a.txt"] == ""


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("Secret.")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "a.txt").write_text("Text.")
    (inside / "b.txt").symlink_to(outside / "secret.txt")
    (inside / "c").symlink_to(outside)
    (inside / "d.txt").symlink_to(inside / "nowhere.txt")
    reading = read_folder(inside)
    assert ids(reading) == ["a"]
    assert [(skip.path, skip.error) for skip in reading.skipped] == [("b.txt", False), ("c/", False), ("d.txt", True)]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipe_in_the_folder_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    reading = folder(tmp_path, {"a.txt": "Text."})
    assert [skip.path for skip in reading.skipped if skip.error] == ["pipe.txt"]


@pytest.mark.parametrize("prepare", ["missing", "file", "empty", "only a README", "only a bad file"])
def test_folder_without_sources_names_itself_and_the_next_step(tmp_path: Path, prepare: str) -> None:
    root = tmp_path / "corpus"
    if prepare == "file":
        root.write_text("Text.")
    elif prepare != "missing":
        root.mkdir()
    if prepare == "only a README":
        (root / "README.md").write_text("How to.")
    if prepare == "only a bad file":
        (root / "bad.pdf").write_bytes(b"nothing")
    with pytest.raises(NoSourcesError) as caught:
        read_folder(root)
    assert str(root) in str(caught.value)
    assert "--sources" in str(caught.value) or "bad.pdf" in str(caught.value)


def test_reading_twice_gives_the_same(tmp_path: Path) -> None:
    files = {"a.md": "# A\n\nText.", "b.html": PAGE, "c.txt": ""}
    assert folder(tmp_path, files) == folder(tmp_path, files)
    assert (
        Skipped("c.txt", "c.txt: is empty; write the text into it or remove it", error=True)
        in read_folder(tmp_path).skipped
    )


def test_characters_written_in_halves_are_put_together_and_lone_halves_left_out(tmp_path: Path) -> None:
    head = '---\ntitle: "Boats \\ud83d\\ude00"\npublisher: "Harbour\\ud83d Board"\n---\n'
    (tmp_path / "a.md").write_text(f"{head}Boats float.\n", "utf-8")
    (source,) = read_folder(tmp_path).sources
    assert (source.title, source.publisher) == ("Boats \U0001f600", "Harbour Board")
