"""Markdown -> readable text: markup goes, links keep their label, each table row reads alone.

CommonMark with tables and strikethrough. Not covered: footnotes, maths and other extensions, which stay as written. Images
go, with their alternative text: it describes a picture that a reader of the answer does not see.
"""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from index.formats.decode import decode
from index.formats.extract import Extract, Piece, assemble, broken_lines, check_text, rows, squeeze
from index.formats.front_matter import parse
from index.lines import heading_like

_MOST_MARKS = 2_000
_MOST_WORK = 200_000_000  # the squares of the marks of a file's paragraphs: 50 paragraphs of the most marks


def _parse_inline(state: StateCore) -> None:
    """markdown-it's own rule, but for paragraphs that are nothing but marks: 200 kB of asterisks took it 470 s (2025-11)."""
    work = 0
    for token in state.tokens:
        if token.type == "inline":
            marks = len(_MARKS.findall(token.content))
            work += marks * marks
            if marks > _MOST_MARKS or work > _MOST_WORK:
                token.children = [Token("text", "", 0, content=token.content)]
            else:
                token.children = []
                state.md.inline.parse(token.content, state.md, state.env, token.children)


_MARKS = re.compile(r"[*_~`\[\]<&!\\]")
_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_PARSER.core.ruler.at("inline", _parse_inline)


def extract(data: bytes) -> Extract:
    """A Markdown file, with front matter or without."""
    stated, body, edited = parse(decode(data))
    check_text(body)
    return Extract(*assemble(_pieces(_PARSER.parse(body))), stated, edited)


def _pieces(tokens: Sequence[Token]) -> list[Piece]:
    pieces: list[Piece] = []
    fresh_item = False
    lists = heading = 0
    table: list[list[str]] = []
    for token in tokens:
        match token.type:
            case "heading_open":
                heading = int(token.tag[1])
            case "heading_close":
                heading = 0
            case "list_item_open":
                lists, fresh_item = lists + 1, True
            case "list_item_close":
                lists -= 1
            case "table_open":
                table = []
            case "tr_open":
                table.append([])
            case "th_open" | "td_open":
                table[-1].append("")
            case "inline" if table and table[-1]:
                table[-1][-1] = _plain(token)
            case "table_close":
                pieces += rows(table, header_rows=1 if any(table[0]) else 0)
                table = []
            case "inline" if heading:
                pieces.append(Piece("heading", squeeze(_plain(token)), heading))
            case "inline":
                kind = "item" if lists and fresh_item else "paragraph"
                fresh_item = False
                pieces += _paragraph(token, kind)
            case "fence" | "code_block":
                pieces.append(Piece("paragraph", token.content))
            case "html_block":
                pieces += _html(token.content)
    return pieces


def _paragraph(token: Token, kind: str) -> list[Piece]:
    lines = broken_lines(_plain(token))
    if kind == "paragraph" and len(lines) == 1 and _is_all_bold(token) and heading_like(lines[0]):
        return [Piece("heading", lines[0], 6)]
    return [Piece(kind if i == 0 else "paragraph", line) for i, line in enumerate(lines)]


def _plain(token: Token) -> str:
    """The text of an inline token; a line the author broke stays broken, one the editor wrapped is joined."""
    parts = []
    for child in token.children or ():
        match child.type:
            case "text" | "code_inline":
                parts.append(child.content)
            case "softbreak":
                parts.append(" ")
            case "hardbreak":
                parts.append("\n")
            case "html_inline" if child.content.lower().startswith("<br"):
                parts.append("\n")
    return "".join(parts)


def _is_all_bold(token: Token) -> bool:
    children = [child for child in token.children or () if child.type != "text" or child.content.strip()]
    return (
        len(children) >= 3
        and children[0].type == "strong_open"
        and children[-1].type == "strong_close"
        and sum(child.type == "strong_open" for child in children) == 1
    )


def _html(content: str) -> list[Piece]:
    from index.formats import html  # lxml, which a Markdown file without HTML does not need

    return html.pieces_of(content)
