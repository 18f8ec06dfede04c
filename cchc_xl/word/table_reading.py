"""A Word file from outside as plain lines: paragraphs, and table rows with their cells side by side.

Tracked changes are read as accepted: inserted text is kept, deleted text is not. A table inside a cell is read as a
table of its own when it is large enough to be one, else as text of the cell. Paragraphs with tabs are rows too.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from lxml import etree

from cchc_xl.editions.catalogue import words
from cchc_xl.word.package import DOCUMENT, MOST_TAGS, WordFileError
from cchc_xl.zips import DAMAGED

LARGEST_FILE = 60_000_000  # bytes: photographs in it are not looked at
_LARGEST_PART = 40_000_000  # bytes of the body unpacked: a report of hundreds of pages has a few million
_MOST_PARTS = 5_000
_MOST_LINES = 30_000
_MOST_CELLS = 63  # columns of a table, as in Word
_LONGEST = 20_000  # characters of one cell or paragraph
_DEEPEST = 400  # elements inside one another
_OLE, _ZIP, _PDF, _RTF = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK", b"%PDF", b"{\\rtf"
_RELATIONS = "_rels/.rels"
_OFFICE = "/officeDocument"
_DROPPED = frozenset({"del", "moveFrom", "Fallback", "delText", "instrText", "pPr", "rPr", "tblPr", "tcPr", "trPr"})
_TEXT_BOXES = frozenset({"txbxContent", "pict", "drawing"})
_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_OFF = frozenset({"0", "false", "off"})
_SPACES = re.compile(r"[^\S\t\n]+")

Element = etree._Element


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph (``table`` 0, one cell, or several where tabs divide it) or a table row; numbers count from 1.

    ``cells``: texts column by column; a cell over several columns leaves the others empty. ``bold``: all of it.
    """

    cells: tuple[str, ...]
    table: int = 0
    row: int = 0
    bold: bool = False

    @property
    def text(self) -> str:
        """All of it on one line."""
        return " ".join(" ".join(self.cells).split())

    @property
    def is_row(self) -> bool:
        return self.table > 0 or len(self.cells) > 1


def word_problem(name: str, **blanks: object) -> WordFileError:
    """The sentence for a file that can't be read; ``name`` under [problems] in ui/intake.toml."""
    return WordFileError("word-unreadable", problem=words("intake")["problems"][name].format(**blanks))


@dataclass(frozen=True, slots=True)
class Body:
    """The file's lines in order. ``tracked``: changes in it are not yet accepted."""

    lines: tuple[Line, ...]
    tracked: bool


def body_of(content: bytes) -> Body:
    """The body line by line. Raises WordFileError for whatever is no sound .docx, or too large to be a report."""
    root = _root(content)
    lines: list[Line] = []
    for line in _Walk().lines(root):
        lines.append(line)
        if len(lines) > _MOST_LINES:
            raise word_problem("too-long", limit=_MOST_LINES)
    tracked = next(root.iter("{*}ins", "{*}del", "{*}moveFrom", "{*}moveTo"), None) is not None
    return Body(tuple(lines), tracked)


def kind_of(content: bytes) -> str:
    """``docx``, or what else it is: ``doc`` (also a .docx with a password), ``pdf``, ``rtf``, ``other``."""
    for kind, magic in (("docx", _ZIP), ("doc", _OLE), ("pdf", _PDF), ("rtf", _RTF)):
        if content.startswith(magic):
            return kind
    return "other"


def _root(content: bytes) -> Element:
    if len(content) > LARGEST_FILE:
        raise word_problem("too-large", limit=LARGEST_FILE // 1_000_000)
    kind = kind_of(content)
    if kind != "docx":
        raise word_problem(kind)
    body = _body_part(content)
    if b"<!DOCTYPE" in body[:4096] or b"<!ENTITY" in body[:4096]:
        raise word_problem("doctype")
    if body.count(b"<") > MOST_TAGS:
        raise word_problem("too-long", limit=_MOST_LINES)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise word_problem("broken") from error
    if root.getroottree().docinfo.doctype:
        raise word_problem("doctype")
    return root


def _body_part(content: bytes) -> bytes:
    """The part that holds the text, whatever its name. Only it is unpacked."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            members = {member.filename: member for member in package.infolist()}
            if len(members) > _MOST_PARTS:
                raise word_problem("too-long", limit=_MOST_PARTS)
            name = DOCUMENT if DOCUMENT in members else _named(package, members)
            if name not in members:
                raise word_problem("not-word")
            if members[name].file_size > _LARGEST_PART:
                raise word_problem("too-large", limit=_LARGEST_PART // 1_000_000)
            return package.read(name)
    except DAMAGED as error:
        raise word_problem("broken") from error


def _named(package: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> str:
    """The name of the body as the package says it (some programs write document2.xml)."""
    relations = members.get(_RELATIONS)
    if relations is None or relations.file_size > 1_000_000:
        return ""
    said = package.read(_RELATIONS).decode("utf-8", "replace")
    for one in re.findall(r"<Relationship\b[^>]*>", said):
        target = re.search(r'Target="/?([^"]*)"', one)
        if f'{_OFFICE}"' in one and target and target[1].startswith("word/"):
            return target[1]
    return ""


class _Walk:
    """One pass over the body, counting tables."""

    def __init__(self) -> None:
        self._tables = 0

    def lines(self, element: Element, depth: int = 0) -> Iterator[Line]:
        """Lines of a body, a content control, or whatever else wraps paragraphs and tables."""
        if depth > _DEEPEST:
            raise word_problem("broken")
        for child in element:
            name = _name(child)
            if name == "p":
                yield from self._paragraph(child, depth)
            elif name == "tbl":
                yield from self._table(child, depth)
            elif name not in _DROPPED:
                yield from self.lines(child, depth + 1)

    def _paragraph(self, paragraph: Element, depth: int) -> Iterator[Line]:
        text = _text(paragraph)
        cells = tuple(_tidy(cell) for cell in text.split("\t")[:_MOST_CELLS])
        if any(cells):
            yield Line(cells, bold=_is_bold(paragraph))
        for box in _boxes(paragraph):
            yield from self.lines(box, depth + 1)

    def _table(self, table: Element, depth: int) -> Iterator[Line]:
        self._tables += 1
        number = self._tables
        for place, row in enumerate(_children(table, "tr"), start=1):
            if _is_deleted(row, "trPr", "del"):
                continue
            cells = [cell for cell in _children(row, "tc") if not _is_deleted(cell, "tcPr", "cellDel")]
            texts = ["" for _ in range(_span(row.find("{*}trPr"), "gridBefore", 0))]
            for cell in cells:
                texts += [_cell_text(cell)] + [""] * (_span(cell.find("{*}tcPr"), "gridSpan", 1) - 1)
            if any(texts):
                yield Line(tuple(texts[:_MOST_CELLS]), number, place)
            for nested in (one for cell in cells for one in _tables_in(cell) if _is_large(one)):
                if depth > _DEEPEST:
                    raise word_problem("broken")
                yield from self._table(nested, depth + 1)


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _children(element: Element, name: str) -> Iterator[Element]:
    """Rows or cells, also those wrapped in content controls and the like; not those of a table inside."""
    waiting = list(reversed(element))
    while waiting:
        child = waiting.pop()
        found = _name(child)
        if found == name:
            yield child
        elif found and found not in _DROPPED and found not in ("tbl", "p"):
            waiting.extend(reversed(child))


def _is_deleted(element: Element, properties: str, mark: str) -> bool:
    return element.find(f"{{*}}{properties}/{{*}}{mark}") is not None


def _span(properties: Element | None, name: str, usual: int) -> int:
    found = properties.find(f"{{*}}{name}") if properties is not None else None
    said = _value(found) if found is not None else ""
    return min(max(int(said), usual), _MOST_CELLS) if said.isdecimal() and len(said) < 4 else usual


def _value(element: Element) -> str:
    return next((value for name, value in element.attrib.items() if name.rpartition("}")[2] == "val"), "")


def _tables_in(cell: Element) -> Iterator[Element]:
    return (table for table in cell.iter("{*}tbl") if next(table.iterancestors("{*}tc"), None) is cell)


def _is_large(table: Element) -> bool:
    """A table of its own, not a frame around a word or two."""
    rows = list(_children(table, "tr"))
    return len(rows) > 1 and any(sum(1 for _ in _children(row, "tc")) > 2 for row in rows)


def _cell_text(cell: Element) -> str:
    """The cell's paragraphs, a line each; those of small tables inside too, of large ones not."""
    large = {table for table in _tables_in(cell) if _is_large(table)}
    texts = []
    for paragraph in cell.iter("{*}p"):
        if not any(one in large for one in paragraph.iterancestors("{*}tbl")):
            texts.append(_text(paragraph).replace("\t", " "))
    return _tidy("\n".join(text for text in texts if text.strip()))


def _text(paragraph: Element) -> str:
    """Text as a reader of the accepted document sees it; tabs and line breaks kept, text boxes left out."""
    pieces: list[str] = []
    waiting = list(reversed(paragraph))
    while waiting:
        child = waiting.pop()
        name = _name(child)
        if name == "t":
            pieces.append(child.text or "")
        elif name in _CHARACTERS:
            pieces.append(_CHARACTERS[name])
        elif name and name not in _DROPPED and name not in _TEXT_BOXES and not (name == "r" and _is_hidden(child)):
            waiting.extend(reversed(child))
    return "".join(pieces)[:_LONGEST]


def _is_hidden(run: Element) -> bool:
    return _is_on(run.find("{*}rPr/{*}vanish"))


def _is_on(mark: Element | None) -> bool:
    return mark is not None and _value(mark) not in _OFF


def _is_bold(paragraph: Element) -> bool:
    """Whether every run with text is bold by itself; headings are told by their words first."""
    runs = [run for run in paragraph.iter("{*}r") if any((t.text or "").strip() for t in run.iter("{*}t"))]
    return bool(runs) and all(_is_on(run.find("{*}rPr/{*}b")) for run in runs)


def _boxes(paragraph: Element) -> Iterator[Element]:
    """Text boxes anchored here, each once (its older twin in Fallback is left out)."""
    for box in paragraph.iter("{*}txbxContent"):
        around = list(box.iterancestors("{*}txbxContent", "{*}Fallback", "{*}p"))
        if not any(_name(one) == "Fallback" for one in around) and _name(around[0]) == "p" and around[0] is paragraph:
            yield box


def _tidy(text: str) -> str:
    return "\n".join(line for raw in text.split("\n") if (line := _SPACES.sub(" ", raw).strip()))
