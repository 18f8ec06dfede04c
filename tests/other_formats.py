"""Small .xls and .xlsb files, record by record, for what LibreOffice does not write: macros, errors, limits.

A cell is a value (number, text, True, ``Error``, ``Formula``) or a pair of it and the number of its cell format.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.damage import packed
from tests.mail_files import Entry, compound

Cells = Mapping[tuple[int, int], object]
FORMATS = ("General", "0.0%", "dd/mm/yyyy")  # the cell formats of a book, by their number

_ERRORS = {"#NULL!": 0, "#DIV/0!": 7, "#VALUE!": 15, "#REF!": 23, "#NAME?": 29, "#NUM!": 36, "#N/A": 42}
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@dataclass(frozen=True)
class Error:
    word: str

    @property
    def code(self) -> int:
        return _ERRORS.get(self.word, 99)


@dataclass(frozen=True)
class Formula:
    """A formula with its stored value; ``tokens`` as the format packs them (for .xls)."""

    value: object
    tokens: bytes = b"\x1e\x0e\x00\x1e\x07\x00\x03"  # 14+7
    shared: bytes = b""  # the record behind it that holds the text


# --- .xls -------------------------------------------------------------------------------------------------------------


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _wide(text: str, length: str = "<H") -> bytes:
    return struct.pack(length, len(text)) + b"\1" + text.encode("utf-16-le")


def xls_stream(
    sheets: Mapping[str, Cells],
    *,
    formats: Sequence[str] = FORMATS,
    merges: Sequence[tuple[int, int, int, int]] = (),
    extra: bytes = b"",
    names: Sequence[tuple[str, bytes]] = (),
    date1904: bool = False,
) -> bytes:
    """The stream ``Workbook``. ``extra``: more records of the book; ``names``: with their formula as tokens."""
    head = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0x0DBB, 0x07CC, 0, 6))
    body = record(0x42, struct.pack("<H", 1200)) + record(0x22, struct.pack("<H", date1904))
    for number, code in enumerate(formats):
        body += record(0x41E, struct.pack("<H", 164 + number) + _wide(code))
    for number in range(len(formats)):
        body += record(0xE0, struct.pack("<HHH14x", 0, 164 + number, 0))
    body += record(0x1AE, struct.pack("<H", len(sheets)) + b"\x01\x04")
    spans = b"".join(struct.pack("<HHH", 0, number, number) for number in range(len(sheets)))
    body += record(0x17, struct.pack("<H", len(sheets)) + spans)
    for name, tokens in names:
        fields = struct.pack("<HBBHHHBBBB", 0, 0, len(name), len(tokens), 0, 0, 0, 0, 0, 0)
        body += record(0x18, fields + b"\0" + name.encode("latin-1") + tokens)
    body += extra
    bound = [struct.pack("<BB", 0, 0) + _wide(title, "<B") for title in sheets]
    offset = len(head) + len(body) + sum(8 + len(one) for one in bound) + 4
    told = b""
    content = b""
    for one, cells in zip(bound, sheets.values(), strict=True):
        told += record(0x85, struct.pack("<I", offset + len(content)) + one)
        content += _xls_sheet(cells, merges)
    return head + body + told + record(0x0A) + content


def _xls_sheet(cells: Cells, merges: Sequence[tuple[int, int, int, int]]) -> bytes:
    made = [record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0x0DBB, 0x07CC, 0, 6))]
    for (row, column), content in cells.items():
        value, style = content if isinstance(content, tuple) else (content, 0)
        made.append(_xls_cell(struct.pack("<HHH", row, column, style), value))
    if merges:
        ranges = b"".join(struct.pack("<HHHH", top, bottom, left, right) for top, left, bottom, right in merges)
        made.append(record(0xE5, struct.pack("<H", len(merges)) + ranges))
    return b"".join((*made, record(0x0A)))


def _xls_cell(place: bytes, value: object) -> bytes:
    if isinstance(value, Formula):
        stored, after = _xls_result(value.value)
        body = place + stored + struct.pack("<HIH", 0, 0, len(value.tokens)) + value.tokens
        return record(0x06, body) + (record(0x4BC, value.shared) if value.shared else b"") + after
    if isinstance(value, Error | bool):
        code = value.code if isinstance(value, Error) else int(value)
        return record(0x205, place + struct.pack("<BB", code, isinstance(value, Error)))
    if isinstance(value, str):
        return record(0x204, place + _wide(value))
    return record(0x203, place + struct.pack("<d", value))


def _xls_result(value: object) -> tuple[bytes, bytes]:
    """The eight bytes of a formula's value, and the record of its text."""
    if isinstance(value, bool):
        return struct.pack("<BxBxxxH", 1, value, 0xFFFF), b""
    if isinstance(value, Error):
        return struct.pack("<BxBxxxH", 2, value.code, 0xFFFF), b""
    if value == "":
        return struct.pack("<B5xH", 3, 0xFFFF), b""
    if isinstance(value, str):
        return struct.pack("<B5xH", 0, 0xFFFF), record(0x207, _wide(value))
    return struct.pack("<d", value), b""


def xls(sheets: Mapping[str, Cells], *beside: Entry, **more: object) -> bytes:
    """An .xls file; ``beside``: what else the compound file holds."""
    stream = xls_stream(sheets, **more).ljust(4096, b"\0")
    return compound([Entry("Workbook", stream), *beside])


def summary(properties: Mapping[str, str], *, page: int = 1200, wide: bool = False) -> bytes:
    """The stream with custom properties: texts of a code page, or of UTF-16 where ``wide``."""

    def coded(text: str) -> bytes:
        return (text + "\0").encode("utf-16-le" if page == 1200 else "utf-8" if page == 65001 else f"cp{page}")

    titles = struct.pack("<I", len(properties))
    values = [struct.pack("<II", 2, page)]
    for number, (title, text) in enumerate(properties.items(), 2):
        raw = coded(title)
        size = len(raw) // 2 if page == 1200 else len(raw)
        titles += struct.pack("<II", number, size) + (raw.ljust(-(-len(raw) // 4) * 4, b"\0") if page == 1200 else raw)
        value = (text + "\0").encode("utf-16-le") if wide else coded(text)
        count = len(value) // 2 if wide else len(value)
        values.append(struct.pack("<II", 0x1F if wide else 0x1E, count) + value)
    at = 8 + 8 * (len(values) + 1)
    table, body = struct.pack("<II", 0, at), titles
    for number, value in enumerate(values):
        table += struct.pack("<II", 1 if number == 0 else number + 1, at + len(body))
        body += value
    own = struct.pack("<II", at + len(body), len(values) + 1) + table + body
    kind = bytes.fromhex("05d5cdd59c2e1b10939708002b2cf9ae")
    return struct.pack("<HHI16sI16sI", 0xFFFE, 0, 2, b"", 1, kind, 48) + own


# --- .xlsb ------------------------------------------------------------------------------------------------------------


def brt(kind: int, body: bytes = b"") -> bytes:
    """A record of .xlsb."""
    head = bytes((kind,)) if kind < 128 else bytes((kind & 0x7F | 0x80, kind >> 7))
    length, size = len(body), b""
    while True:
        size += bytes((length & 0x7F | (0x80 if length >> 7 else 0),))
        length >>= 7
        if not length:
            return head + size + body


def brt_text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def brt_sheet(cells: Cells, *, short: bool = False, merges: Sequence[tuple[int, int, int, int]] = ()) -> bytes:
    """A worksheet; ``short``: each row's cells stand one after another and leave their columns out."""
    made = brt(129) + brt(145)
    for row in sorted({row for row, _ in cells}):
        made += brt(0, struct.pack("<I", row) + bytes(21))
        columns = sorted(column for at, column in cells if at == row)
        for column in range(columns[-1] + 1) if short else columns:
            content = cells.get((row, column))
            value, style = content if isinstance(content, tuple) else (content, 0)
            kind, body = _brt_cell(value)
            head = b"" if short and kind < 8 else struct.pack("<I", column)
            made += brt(kind + 11 if short and kind < 8 else kind, head + struct.pack("<HBB", style, 0, 0) + body)
    made += brt(146)
    for top, left, bottom, right in merges:
        made += brt(176, struct.pack("<IIII", top, bottom, left, right))
    return made + brt(130)


def _brt_cell(value: object) -> tuple[int, bytes]:
    if value is None:
        return 1, b""
    if isinstance(value, Formula):
        kind, body = _brt_cell(value.value)
        return {3: 11, 4: 10, 5: 9, 6: 8}[kind], body + struct.pack("<HII", 0, 0, 0)
    if isinstance(value, Error):
        return 3, bytes((value.code,))
    if isinstance(value, bool):
        return 4, bytes((value,))
    if isinstance(value, str):
        return 6, brt_text(value)
    return 5, struct.pack("<d", value)


def xlsb_parts(
    sheets: Mapping[str, bytes],
    *,
    formats: Sequence[str] = FORMATS,
    strings: Sequence[str] = (),
    names: Sequence[tuple[str, bytes]] = (),
    date1904: bool = False,
) -> dict[str, bytes]:
    """The parts of an .xlsb file; sheets as ``brt_sheet`` makes them, names with their formula as tokens."""
    book = brt(131) + brt(153, struct.pack("<II", int(date1904), 0) + brt_text("")) + brt(143)
    for number, title in enumerate(sheets, 1):
        book += brt(156, struct.pack("<II", 0, number) + brt_text(f"rId{number}") + brt_text(title))
    spans = b"".join(struct.pack("<Iii", 0, number, number) for number in range(len(sheets)))
    book += brt(144) + brt(362, struct.pack("<I", len(sheets)) + spans)
    for name, tokens in names:
        book += brt(
            39, struct.pack("<IBI", 0, 0, 0xFFFFFFFF) + brt_text(name) + struct.pack("<I", len(tokens)) + tokens
        )
    styles = b"".join(brt(44, struct.pack("<H", 164 + at) + brt_text(code)) for at, code in enumerate(formats))
    styles += brt(47, bytes(16)) + brt(617)  # a format of styles first, which is none of cells
    styles += b"".join(brt(47, struct.pack("<HH", 0, 164 + at) + bytes(12)) for at in range(len(formats))) + brt(618)
    relations = {f"rId{at}": ("worksheet", f"worksheets/sheet{at}.bin") for at in range(1, len(sheets) + 1)}
    relations |= {"rIdS": ("styles", "styles.bin"), "rIdT": ("sharedStrings", "sharedStrings.bin")}
    return {
        "[Content_Types].xml": b"<Types/>",
        "_rels/.rels": _relations({"rId1": ("officeDocument", "xl/workbook.bin")}),
        "xl/workbook.bin": book + brt(132),
        "xl/_rels/workbook.bin.rels": _relations(relations),
        "xl/styles.bin": styles,
        "xl/sharedStrings.bin": b"".join(brt(19, b"\0" + brt_text(text)) for text in strings),
        **{f"xl/worksheets/sheet{at}.bin": body for at, body in enumerate(sheets.values(), 1)},
    }


def _relations(targets: Mapping[str, tuple[str, str]]) -> bytes:
    rows = "".join(
        f'<Relationship Id="{one}" Type="{RELATION}/{kind}" Target="{target}"/>'
        for one, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'.encode()


def xlsb(sheets: Mapping[str, Cells], *, short: bool = False, **more: object) -> bytes:
    return packed(xlsb_parts({title: brt_sheet(cells, short=short) for title, cells in sheets.items()}, **more))
