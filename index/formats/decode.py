"""Bytes -> text, for files that do not say how they are encoded.

UTF-8 first and strictly, since nothing else passes for it by chance; then what the file declares; then what its bytes
look like. Binary data is refused with the name of what it is.
"""

import re

from charset_normalizer import from_bytes

from index.errors import SourceError
from index.formats.extract import normalise

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_MAGIC = (
    (b"%PDF-", "a PDF", ".pdf"),
    (b"PK\x03\x04", "a zip archive or Word file", ".docx, if it is one"),
    (b"\xd0\xcf\x11\xe0", "an old Office file", ".docx, saved anew by Word"),
    (b"\x89PNG", "a PNG image", "text"),
    (b"GIF8", "a GIF image", "text"),
    (b"\xff\xd8\xff", "a JPEG image", "text"),
    (b"\x1f\x8b", "a gzip archive", "what is in it"),
    (b"\x7fELF", "a program", "text"),
    (b"{\\rtf", "an RTF document", ".docx, saved anew by a word processor"),
)
_ENCODINGS = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r", "gb18030", "big5", "cp932", "euc_jp", "cp949",
]  # fmt: skip
_PROBE_BYTES = 200_000
_MIXED = 0.3  # of the runs of bytes above 127; by chance, one in seven Chinese characters alone passes for UTF-8
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1b"))


def decode(data: bytes, declared: str = "") -> str:
    """`data` as normalised text; `declared` is the encoding the file itself names, if it does.

    Raises SourceError when `data` is empty, binary, or in no encoding we can tell.
    """
    if not data.strip():
        raise SourceError("is empty; write the text into it or remove it")
    for magic, name, wanted in _MAGIC:
        if data.startswith(magic):
            raise SourceError(f"holds {name}, not text; name or save it as {wanted}")
    text = normalise(_decoded(data, declared))
    if not text.strip():
        raise SourceError("is empty; write the text into it or remove it")
    return text


def _decoded(data: bytes, declared: str) -> str:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _strictly(data, encoding) or _refuse()
    if b"\x00" in data:
        encoding = _utf16_without_mark(data)
        return (_strictly(data, encoding) if encoding else "") or _refuse()
    if _is_binary(data):
        _refuse()
    first = ["iso2022_jp"] if b"\x1b$" in data else []
    for encoding in [*first, "utf-8", declared]:
        if encoding and (text := _strictly(data, encoding)):
            return text
    _check_not_mixed(data)
    if _is_western(data):
        return data.decode("cp1252", errors="replace")
    best = from_bytes(data[:_PROBE_BYTES], cp_isolation=_ENCODINGS).best()
    text = _strictly(data, best.encoding) if best is not None else ""
    if not text:
        raise SourceError("is in an encoding that cannot be told; save it as UTF-8")
    return text


def _refuse() -> str:
    raise SourceError("holds binary data, not text; save it as text in UTF-8, or remove it")


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError):
        return ""


def _check_not_mixed(data: bytes) -> None:
    """Raise SourceError for UTF-8 with something else in it: read in one encoding, "£40" would come out as "Â£40"."""
    runs = list(re.finditer(rb"[\x80-\xff]+", data))
    wrong = [run for run in runs if not _strictly(run[0], "utf-8")]
    if len(runs) - len(wrong) > _MIXED * len(runs):
        line = data.count(b"\n", 0, wrong[0].start()) + 1
        raise SourceError(f"line {line}: is not in UTF-8, as other lines are; put it right and save the file as UTF-8")


def _utf16_without_mark(data: bytes) -> str:
    """The UTF-16 that `data` is in, told by zero bytes on one side of its pairs only; "" if it is not."""
    probe = data[: _PROBE_BYTES // 2 * 2]
    high, low = probe[0::2].count(0), probe[1::2].count(0)
    if low > len(probe) * 0.2 and high == 0:
        return "utf-16-le"
    return "utf-16-be" if high > len(probe) * 0.2 and low == 0 else ""


def _is_binary(data: bytes) -> bool:
    probe = data[:_PROBE_BYTES]
    return len(probe) - len(probe.translate(None, _CONTROLS)) > len(probe) * 0.005 + 1


def _is_western(data: bytes) -> bool:
    """Whether `data` is Latin text in Windows-1252: few high bytes, each alone among ASCII, letters where letters go.

    Detectors guess wildly when a short text holds a single pound sign or curly quote.
    """
    highs = re.findall(rb"[\x80-\xff]+", data[:_PROBE_BYTES])
    total = sum(map(len, highs))
    share = 0.25 if total <= 3 else 0.12
    if not total or total > len(data[:_PROBE_BYTES]) * share or sum(len(run) == 1 for run in highs) < 0.7 * len(highs):
        return False
    inside = {match.decode("cp1252", "replace") for match in re.findall(rb"(?<=[A-Za-z])[\x80-\xff](?=[A-Za-z])", data)}
    return all(char.isalpha() or char in "‘’–—-/·" for char in inside)
