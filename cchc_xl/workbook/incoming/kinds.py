"""What a file really is, by its first bytes and never by its suffix."""

import re
import zipfile
from io import BytesIO

from cchc_xl.zips import DAMAGED, Listing, TooMany, listing_of

# What can be read as a workbook of ours.
READABLE = ("xlsx", "xlsm")
OPEN_DOCUMENT = "ods"  # by a pass of our own too
# Workbooks of other programs and times.
READABLE_ELSEWHERE = ("xls", "xlsb")  # values only, by another library
LEGACY = ("xls", "xlsb", "ods", "xml2003")

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"BM", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"{\\rtf", "rtf"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"\x09\x08\x10\x00", "xls"),
    (b"\x09\x08\x08\x00", "xls"),
    (b"\x09\x04\x06\x00", "xls"),
    (b"\x09\x02\x06\x00", "xls"),
)
_STREAMS = (
    ("EncryptedPackage", "encrypted"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("WordDocument", "doc"),
)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta|div)\b|^mime-version:", re.I)
_HEAD = 4096


def kind_of(content: bytes, listing: Listing | None = None) -> str:
    """One of the words of ``ui/reader.toml`` [kinds], or "empty", "encrypted", "html", "broken-zip", "front".

    ``front``: a zip with something else before it, which programs read differently. ``listing``: of the zip, if known.
    """
    if not content:
        return "empty"
    if content.startswith(b"PK"):
        return _zip_kind(content, listing)
    if content.startswith(_COMPOUND):
        return _compound_kind(content)
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            return kind
    if content[4:8] == b"ftyp" or (content.startswith(b"RIFF") and content[8:12] == b"WEBP"):
        return "image"
    return _text_kind(content)


def _zip_kind(content: bytes, listing: Listing | None) -> str:
    try:
        members = {member.filename: member for member in (listing or listing_of(content)).members}
        mimetype = _mimetype(content) if "mimetype" in members and members["mimetype"].file_size < _HEAD else b""
    except TooMany:
        return "archive"
    except DAMAGED:
        return "broken-zip"
    if b"opendocument.spreadsheet" in mimetype:
        return "ods"
    if b"opendocument" in mimetype:
        return "odt"
    return _office_kind({name.lower() for name in members})


def _mimetype(content: bytes) -> bytes:
    with zipfile.ZipFile(BytesIO(content)) as package:
        return package.read("mimetype")[:80]


def _office_kind(names: set[str]) -> str:
    if "xl/workbook.bin" in names:
        return "xlsb"
    if any(name.startswith("word/") for name in names):
        return "docx"
    if any(name.startswith("ppt/") for name in names):
        return "pptx"
    if "[content_types].xml" in names or any(name.startswith("xl/") for name in names):
        return "xlsm" if "xl/vbaproject.bin" in names else "xlsx"
    return "archive"


def _compound_kind(content: bytes) -> str:
    """The directory of a compound file holds its stream names in UTF-16."""
    for name, kind in _STREAMS:
        if (name + "\0").encode("utf-16-le") in content:
            return kind
    return "ole"


def _text_kind(content: bytes) -> str:
    if b"PK\x05\x06" in content[-66_000:] and b"PK\x01\x02" in content:
        return "front"
    head = content[:_HEAD]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = content[: _HEAD * 2].decode("utf-16", "replace").encode()
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        return "xml2003"
    if _HTML.search(head):
        return "html"
    printable = sum(byte >= 32 or byte in b"\t\r\n" for byte in head)
    return "csv" if head and b"\0" not in head and printable >= len(head) * 0.95 else "unknown"
