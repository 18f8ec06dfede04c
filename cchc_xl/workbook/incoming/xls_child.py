"""A process of its own that opens an .xls file by xlrd; it is never imported.

The file comes on standard input, what it holds goes out as JSON (``isolated.py`` says in which shape). It uses nothing
of this package, so that nothing of ours is in reach of what the library does.

    python -P xls_child.py ADDRESSES CELLS CHARACTERS TEXT SHEETS NAMES MERGES PREFIXES < file
"""

import json
import os
import re
import struct
import sys

_LONGEST_FORMULA = 8192
_UNKNOWN_FORMULA = "…"
_WHOLE_NUMBER = re.compile(r"""("[^"]*"|'[^']*')|(?<![\w.])(\d+)\.0(?![\w.])""")
_CONSTANTS = {"TRUE()": ("b", "1"), "FALSE()": ("b", "0"), "TRUE": ("b", "1"), "FALSE": ("b", "0")}  # by LibreOffice
# What the library meets in a formula it does not know.
_UNSPELLABLE = (ArithmeticError, AssertionError, LookupError, NameError, TypeError, ValueError, struct.error)
_USER_DEFINED = bytes.fromhex("05d5cdd59c2e1b10939708002b2cf9ae")
_TEXT, _WIDE_TEXT, _UTF16 = 0x1E, 0x1F, 1200  # of property sets
_BOF, _EOF, _FORMULA, _SHARED, _SHEET, _BOOKS = 0x809, 0x0A, 0x06, 0x4BC, 0x85, 0x1AE  # records of .xls
_STORAGES = (("_vba_project_cur", "vba"), ("mbd", "embedding"), ("ctls", "activex"))


class TooMuch(Exception):
    """More than a form can hold; the word says of what."""


class Room:
    """How much may still be said."""

    def __init__(self, cells, characters, longest, sheets, names, merges):
        self.cells, self.characters, self.longest = cells, characters, longest
        self.sheets, self.names, self.merges = sheets, names, merges

    def take(self, text):
        self.cells -= 1
        self.characters -= len(text)
        if self.cells < 0 or self.characters < 0:
            raise TooMuch("cells")
        return text


def main():
    addresses, *ceilings, prefixes = sys.argv[1:]
    _limit(int(addresses))
    with open(0, "rb") as given:
        content = given.read()
    room = Room(*map(int, ceilings))
    try:
        said = json.dumps(_by_xlrd(content, room, tuple(prefixes.split(","))))
    except TooMuch as much:
        said = json.dumps({"refused": str(much)})
    except MemoryError:
        said = '{"refused": "memory"}'
    with open(1, "wb") as output:
        output.write(said.encode("ascii"))


def _limit(addresses):
    """Where the system can: no more addresses than this. Whoever started us watches what we really use."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (addresses, addresses))
    except (ImportError, ValueError, OSError):
        pass


def _number(value):
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return repr(int(value) if whole else value)


def _by_xlrd(content, room, prefixes):
    import xlrd

    try:
        with open(os.devnull, "w") as nowhere:
            book = xlrd.open_workbook(
                file_contents=content, formatting_info=True, on_demand=True, ragged_rows=True, logfile=nowhere
            )
            return _said_by(book, content, room, prefixes)
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            return {"refused": "encrypted"}
        raise


def _said_by(book, content, room, prefixes):
    if book.nsheets > room.sheets:
        raise TooMuch("sheets")
    properties, active = _beside(content)
    return {
        "sheets": [_sheet(book, number, room) for number in range(book.nsheets)],
        "formats": [_format(book, one) for one in book.xf_list],
        "names": list(_names(book, room, prefixes)),
        "properties": properties,
        "active": active,
        "date1904": book.datemode == 1,
    }


def _format(book, cell_format):
    known = book.format_map.get(cell_format.format_key)
    return known.format_str[:255] if known else ""


def _sheet(book, number, room):
    sheet = book.sheet_by_index(number)
    if len(sheet.merged_cells) > room.merges:
        raise TooMuch("merges")
    formulas = dict(_formulas(book, number)) if book.biff_version >= 80 else {}
    cells = []
    for row in range(sheet.nrows):
        for column, kind in enumerate(sheet.row_types(row)):
            formula = formulas.get((row, column))
            stored = _CONSTANTS.get(formula) or _stored(kind, sheet.cell_value(row, column))
            if stored or formula:
                kind, text = stored or ("str", "")
                text = room.take(text[: room.longest])
                room.characters -= len(formula or "")
                cells.append([row, column, kind, text, formula, sheet.cell_xf_index(row, column)])
    merges = [[top, left, bottom - 1, right - 1] for top, bottom, left, right in sheet.merged_cells]
    return {"name": sheet.name, "cells": cells, "merges": merges}


def _stored(kind, value):
    """Kind and text of a cell; None for nothing. Days are numbers, as they are stored."""
    import xlrd

    if kind == xlrd.XL_CELL_ERROR:
        return "e", xlrd.error_text_from_code.get(value, "#?")
    if kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        return "n", _number(value)
    if kind == xlrd.XL_CELL_BOOLEAN:
        return "b", str(int(value))
    return ("str", value) if kind == xlrd.XL_CELL_TEXT and value else None


def _formulas(book, number):
    """(row, column) -> text of the formula there, "…" where it can't be spelled. xlrd itself keeps no formulas."""
    shared, last = {}, None
    found = []
    for kind, body in _records(book.mem, book._sh_abs_posn[number]):
        if kind == _FORMULA and len(body) >= 22:
            last = struct.unpack("<HH", body[:4])
            found.append((last, body[22:], struct.unpack("<H", body[20:22])[0]))
        elif kind == _SHARED and last and len(body) >= 10:
            shared[last] = body[10:], struct.unpack("<H", body[8:10])[0]
    for place, tokens, length in found:
        is_shared = tokens[:1] == b"\x01" and length >= 5
        if is_shared:
            tokens, length = shared.get(struct.unpack("<HH", tokens[1:5]), (b"", 0))
        yield place, _spelled(book, tokens, length, place, is_shared)


def _records(memory, at):
    """Kind and body of the records of a sheet or of the book, those of charts within left out."""
    depth = 0
    while at + 4 <= len(memory):
        kind, length = struct.unpack("<HH", memory[at : at + 4])
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, memory[at + 4 : at + 4 + length]
        at += 4 + length


def _spelled(book, tokens, length, place, is_shared):
    """As Excel writes it; the library writes each number with a decimal point."""
    from xlrd import XLRDError, formula

    kind = formula.FMLA_TYPE_SHARED if is_shared else formula.FMLA_TYPE_CELL
    try:
        text = formula.decompile_formula(book, tokens, length, kind, *place, level=0) if tokens else ""
    except (XLRDError, formula.FormulaError, *_UNSPELLABLE):
        text = ""
    return _WHOLE_NUMBER.sub(lambda found: found[1] or found[2], (text or _UNKNOWN_FORMULA)[:_LONGEST_FORMULA])


def _names(book, room, prefixes):
    """[name, number of its sheet or None, what it refers to], of our names only."""
    ours = [one for one in book.name_obj_list if one.name.upper().startswith(prefixes)]
    if len(ours) > room.names:
        raise TooMuch("names")
    for one in ours:
        if one.result is not None and one.scope >= -1:
            yield [one.name, None if one.scope < 0 else one.scope, _refers_to(one.result)[: room.longest]]


def _refers_to(result):
    from xlrd.formula import oSTRG

    return '"' + str(result.value).replace('"', '""') + '"' if result.kind == oSTRG else result.text


def _beside(content):
    """Custom properties, and words for what a form of ours never has: macros, objects, links."""
    from xlrd.compdoc import SIGNATURE, CompDoc, CompDocError

    if not content.startswith(SIGNATURE):
        return {}, []
    with open(os.devnull, "w") as nowhere:
        document = CompDoc(content, nowhere)
    stored = {entry.name.lower() for entry in document.dirlist}
    active = {word for start, word in _STORAGES if any(name.startswith(start) for name in stored)}
    streams = [document.locate_named_stream(name) for name in ("Workbook", "Book")]
    memory, base = next((found[:2] for found in streams if found[0]), (b"", 0))
    for kind, body in _records(memory, base):
        if kind == _SHEET and body[5:6] == b"\x01":
            active.add("macrosheet")
        elif kind == _BOOKS and body[2:4] not in (b"\x01\x04", b"\x01\x3a"):
            active.add("dde" if body[:2] == b"\0\0" else "external")
    try:
        return _custom(document.get_named_stream("\x05DocumentSummaryInformation") or b""), sorted(active)
    except (CompDocError, struct.error, LookupError):  # a summary nobody can read says nothing
        return {}, sorted(active)


def _custom(stream):
    """Name -> text of the properties somebody added to the file."""
    count = struct.unpack_from("<I", stream, 24)[0] if stream else 0
    for number in range(min(count, 2)):
        kind, start = struct.unpack_from("<16sI", stream, 28 + 20 * number)
        if kind == _USER_DEFINED:
            return _property_set(stream[start:])
    return {}


def _property_set(body):
    count = struct.unpack_from("<I", body, 4)[0]
    offsets = dict(struct.unpack_from("<II", body, 8 + 8 * number) for number in range(min(count, 1000)))
    page = struct.unpack_from("<H", body, offsets[1] + 4)[0] if 1 in offsets else 1252
    titles, at = {}, offsets[0] + 4
    for _ in range(min(struct.unpack_from("<I", body, offsets[0])[0], 1000)):
        number, length = struct.unpack_from("<II", body, at)
        size = 2 * length if page == _UTF16 else length
        titles[number] = _decoded(body[at + 8 : at + 8 + size], page)
        at += 8 + (size + 3 & ~3 if page == _UTF16 else size)
    found = {}
    for number, title in titles.items():
        if number not in offsets:
            continue
        kind, length = struct.unpack_from("<II", body, offsets[number])
        start = offsets[number] + 8
        if kind == _TEXT:
            found[title] = _decoded(body[start : start + length], page)
        elif kind == _WIDE_TEXT:
            found[title] = _decoded(body[start : start + 2 * length], _UTF16)
    return found


def _decoded(raw, page):
    code = {_UTF16: "utf-16-le", 65001: "utf-8"}.get(page, f"cp{page}")
    return raw.decode(code, "replace").partition("\0")[0]


if __name__ == "__main__":
    main()
