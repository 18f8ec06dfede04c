"""One field of a small settings workbook of ours: found by its label in the first column, its text changed in place."""

from cchc_xl.text import label_key
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.package import Limits
from cchc_xl.workbook.incoming.side_sheets import shown
from cchc_xl.workbook.marking.inert_text import inert
from cchc_xl.workbook.marking.patching import Element, Patch

VALUE = "B"  # the column of the texts


def with_field(content: bytes, sheet: str, label: str, text: str) -> bytes | None:
    """The workbook with ``text`` beside ``label``, every other part byte for byte; None where there is no such label.

    Raises Refused for what is no workbook, BrokenPart for a sheet that other programs can't take apart.
    """
    book = Book(content, Limits())
    entry = book.titled(sheet)
    cells = book.sheet(entry).cells if entry else {}
    wanted = label_key(label)
    rows = [row for (row, column), cell in cells.items() if column == 0 and label_key(shown(cell, book)) == wanted]
    if entry is None or not rows:
        return None
    patch = Patch(content)
    root = patch.touch(entry.part)
    line = next((one for one in root.iter(patch.tag("row")) if one.get("r") == str(rows[0] + 1)), None)
    if line is None:  # rows without numbers, as some programs leave them
        return None
    _write(patch, line, rows[0] + 1, text)
    return patch.packed()


def _write(patch: Patch, line: Element, row: int, text: str) -> None:
    cell = next((one for one in line.iter(patch.tag("c")) if one.get("r") == f"{VALUE}{row}"), None)
    if cell is None:
        cell = line.makeelement(patch.tag("c"), r=f"{VALUE}{row}")
        line.insert(1, cell)
    for child in list(cell):
        cell.remove(child)
    cell.set("t", "inlineStr")
    said = cell.makeelement(patch.tag("is"))
    cell.append(said)
    letters = said.makeelement(patch.tag("t"))
    letters.text = inert(text)
    letters.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    said.append(letters)
