"""A Word file as a package: its parts in order, the parts that hold text, whether it is signed."""

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO

from lxml import etree

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import CchcError
from cchc_xl.zips import DAMAGED

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
DOCUMENT = "word/document.xml"
_TEXT_PART = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml")
_LARGEST = 60_000_000  # bytes unpacked, pictures too: a report of hundreds of pages has a few million
_LARGEST_TEXT = 20_000_000  # bytes of a part that is parsed: the narrative of 300 units has one million
MOST_TAGS = 400_000  # of a part, beginnings and ends: each takes far more memory than room; the narrative has 40 000
_DATE = (1980, 1, 1, 0, 0, 0)


class WordFileError(CchcError):
    """The Word file can't be used: not a .docx, broken, or signed. One sentence for the user."""


def problem(name: str, **blanks: object) -> str:
    """A short Vietnamese phrase for the ``{problem}`` of a sentence."""
    return words("word")["problems"][name].format(**blanks)


def read_package(content: bytes) -> dict[str, bytes]:
    """Part name -> bytes, in order. Raises WordFileError."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            members = package.infolist()
            if DOCUMENT not in {member.filename for member in members}:
                raise WordFileError("word-unreadable", problem=problem("not-word"))
            if sum(m.file_size for m in members) > _LARGEST or _has_large_text(members):
                raise WordFileError("word-unreadable", problem=problem("large", limit=_LARGEST // 1_000_000))
            return {member.filename: package.read(member) for member in members}
    except DAMAGED as error:
        raise WordFileError("word-unreadable", problem=problem("not-word")) from error


def _has_large_text(members: Iterable[zipfile.ZipInfo]) -> bool:
    return any(_TEXT_PART.fullmatch(member.filename) and member.file_size > _LARGEST_TEXT for member in members)


def write_package(parts: Mapping[str, bytes]) -> bytes:
    """A package with fixed dates: equal parts give equal bytes."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            member = zipfile.ZipInfo(name, _DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o600 << 16
            member.create_system = 3
            package.writestr(member, content)
    return out.getvalue()


def is_signed(parts: Mapping[str, bytes]) -> bool:
    """A digital signature covers the bytes of the file: any change would void it."""
    return any(name.startswith("_xmlsignatures/") for name in parts)


def text_parts(parts: Mapping[str, bytes]) -> Iterator[tuple[str, etree._Element]]:
    """(name, XML root) of every part that holds text, the body first. Raises WordFileError."""
    names = sorted((name for name in parts if _TEXT_PART.fullmatch(name)), key=lambda name: (name != DOCUMENT, name))
    for name in names:
        yield name, parse(parts[name], name)


def parse(content: bytes, name: str) -> etree._Element:
    """The part's XML root. Entities and the network stay out of it. Raises WordFileError."""
    if content.count(b"<") > MOST_TAGS:
        raise WordFileError("word-unreadable", problem=problem("large", limit=_LARGEST // 1_000_000))
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_blank_text=False)
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise WordFileError("word-unreadable", problem=problem("broken-part", part=name)) from error


def serialise(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def texts_of(paragraph: etree._Element) -> list[etree._Element]:
    """The paragraph's own text elements, in order (not those of a text box inside it)."""
    return [t for t in paragraph.iter(f"{W}t") if next(t.iterancestors(f"{W}p")) is paragraph]


def text_of(paragraph: etree._Element) -> str:
    """The paragraph as read: text, with a tab or line break as one blank."""
    pieces = []
    for element in paragraph.iter(f"{W}t", f"{W}tab", f"{W}br"):
        if element.tag == f"{W}t":
            pieces.append(element.text or "")
        elif element.getparent().tag == f"{W}r":
            pieces.append(" ")
    return "".join(pieces)
