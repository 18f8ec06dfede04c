"""What happens to a workbook on its way: edits in the package, as clerks and programs make them."""

import re
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from xml.sax.saxutils import escape

from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.package import Limits

Edit = Callable[[bytes], bytes]
_REF = re.compile(r"(?<![\w.!'])(\$?)([A-Z]{1,3})(\$?)(\d{1,7})(?![\w.(])")


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(parts: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, body in parts.items():
            package.writestr(name, body)
    return out.getvalue()


def part_of(content: bytes, title: str) -> str:
    """The part of a sheet: ``xl/worksheets/sheet2.xml``."""
    entry = Book(content, Limits()).titled(title)
    assert entry, title
    return entry.part


def edited(content: bytes, part: str, edit: Callable[[str], str], *, same: bool = False) -> bytes:
    """The workbook with one part's text changed; the edit must change something unless ``same``."""
    parts = parts_of(content)
    before = parts[part].decode()
    after = edit(before)
    assert same or after != before, "the edit found nothing"
    return packed(parts | {part: after.encode()})


def replaced(content: bytes, part: str, old: str, new: str) -> bytes:
    return edited(content, part, lambda text: text.replace(old, new))


def cell_xml(text: str, reference: str) -> str:
    found = re.search(rf'<c r="{reference}"(?:[^>]*/>|[^>]*>.*?</c>)', text)
    assert found, reference
    return found[0]


def with_cell(content: bytes, title: str, reference: str, xml: str) -> bytes:
    """The workbook with a cell's element replaced; ``{s}`` in ``xml`` is its own style."""
    part = part_of(content, title)

    def edit(text: str) -> str:
        old = cell_xml(text, reference)
        style = re.search(r' s="(\d+)"', old)
        return text.replace(old, xml.replace("{s}", style[1] if style else "0"))

    return edited(content, part, edit)


def typed(content: bytes, title: str, reference: str, value: object) -> bytes:
    """A number, or a text, typed into a cell (over whatever stood there)."""
    if isinstance(value, str):
        body = f' t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    else:
        body = f"><v>{value}</v></c>"
    return with_cell(content, title, reference, f'<c r="{reference}" s="{{s}}"' + body)


def formula(content: bytes, title: str, reference: str, text: str, stored: object = None) -> bytes:
    value = "" if stored is None else f"<v>{stored}</v>"
    return with_cell(content, title, reference, f'<c r="{reference}" s="{{s}}"><f>{escape(text)}</f>{value}</c>')


def cleared(content: bytes, title: str, reference: str) -> bytes:
    return with_cell(content, title, reference, f'<c r="{reference}" s="{{s}}"/>')


def without_names(content: bytes) -> bytes:
    return edited(content, "xl/workbook.xml", lambda text: re.sub(r'<definedName name="BM.*?</definedName>', "", text))


def renamed(content: bytes, old: str, new: str) -> bytes:
    """A sheet renamed as Excel does it: its title, and every reference to it."""
    parts = parts_of(content)
    quoted, fresh = f"'{old}'!", f"'{new}'!"
    for name, body in parts.items():
        if name.startswith("xl/") and name.endswith(".xml"):
            parts[name] = body.decode().replace(quoted, fresh).encode()
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].decode().replace(f'name="{old}"', f'name="{new}"').encode()
    return packed(parts)


def rows_moved(content: bytes, title: str, at: int, by: int) -> bytes:
    """Rows inserted (``by`` > 0) above the 1-based row ``at``, or deleted from it on, as Excel does it."""

    def row(number: int) -> int | None:
        if number < at:
            return number
        return number + by if by > 0 or number >= at - by else None

    return _moved(content, title, row, lambda column: column)


def columns_inserted(content: bytes, title: str, at: str, by: int = 1) -> bytes:
    """Columns inserted left of the column ``at``, as Excel does it."""
    first = _number(at)
    return _moved(content, title, lambda row: row, lambda column: column + by if column >= first else column)


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _moved(content: bytes, title: str, row: Callable[[int], int | None], column: Callable[[int], int]) -> bytes:
    def reference(found: re.Match) -> str:
        moved = row(int(found[4]))
        return f"{found[1]}{_letters(column(_number(found[2])))}{found[3]}{moved}" if moved else "#REF!"

    def formula_text(text: str, own: bool) -> str:
        pieces = re.split(r"('(?:[^']|'')+'!\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)", text)
        return "".join(
            _prefixed(piece) if number % 2 else (_REF.sub(reference, piece) if own else piece)
            for number, piece in enumerate(pieces)
        )

    def _prefixed(piece: str) -> str:
        sheet, _, cells = piece.rpartition("!")
        if sheet != f"'{title}'":
            return piece
        moved = _REF.sub(reference, cells)
        return moved if moved == "#REF!" else f"{sheet}!{moved}"

    own_part = part_of(content, title)
    parts = parts_of(content)
    for name in list(parts):
        if name == "xl/workbook.xml" or name.startswith("xl/worksheets/sheet"):
            tag = "definedName" if name == "xl/workbook.xml" else "f"
            parts[name] = re.sub(
                rf"(<{tag}(?: [^>]*)?>)([^<]*)(</{tag}>)",
                lambda found, own=name == own_part: found[1] + formula_text(found[2], own) + found[3],
                parts[name].decode(),
            ).encode()
    parts[own_part] = _cells_moved(parts[own_part].decode(), row, column, reference).encode()
    return packed(parts)


def _cells_moved(text: str, row: Callable, column: Callable, reference: Callable) -> str:
    def cell(found: re.Match) -> str:
        return f'<c r="{_letters(column(_number(found[1])))}{row(int(found[2]))}"'

    def line(found: re.Match) -> str:
        moved = row(int(found[1]))
        if moved is None:
            return ""
        return f'<row r="{moved}"' + re.sub(r'<c r="([A-Z]+)(\d+)"', cell, found[2])

    text = re.sub(r'<row r="(\d+)"([^>]*/>|.*?</row>)', line, text, flags=re.S)
    merges = re.sub(r'(<mergeCell ref=")([^"]*)"', lambda found: found[1] + _REF.sub(reference, found[2]) + '"', text)
    return re.sub(r'<mergeCell ref="[^"]*#REF![^"]*"/>', "", merges)
