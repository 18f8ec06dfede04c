"""A workbook of another format (.xls, .xlsb): what ``Book`` is for .xlsx."""

from cchc_xl.editions.catalogue import words
from cchc_xl.workbook.incoming.book_in import Name, SheetEntry, placed
from cchc_xl.workbook.incoming.formulas import dangers
from cchc_xl.workbook.incoming.isolated import xls_values
from cchc_xl.workbook.incoming.package import Limits, broken
from cchc_xl.workbook.incoming.sheet_in import SheetIn
from cchc_xl.workbook.incoming.styles_in import PLAIN
from cchc_xl.workbook.incoming.xlsb_in import xlsb_values


class ValueBook:
    """An .xls file as another program reads it, an .xlsb file as we do.

    Formula texts may be there, but are never compared with the issued ones.
    """

    formulas_known = False
    formats_known = True

    def __init__(self, content: bytes, limits: Limits) -> None:
        read = xlsb_values(content, limits) if content.startswith(b"PK") else xls_values(content, limits)
        if not read.sheets:
            raise broken("sheets")
        self.date1904 = read.date1904
        self.names = read.names
        self.properties = read.properties
        self.sheets = tuple(SheetEntry(sheet.name, number, "") for number, sheet in enumerate(read.sheets))
        self._read = read

    def sheet(self, entry: SheetEntry) -> SheetIn:
        return self._read.sheets[entry.number]

    def in_time(self) -> None:
        """Nothing is left to do: everything was read at once, in its own time."""

    def forget(self, entry: SheetEntry) -> None:
        """Nothing to let go: everything was read at once."""

    def typed_texts(self, entry: SheetEntry) -> SheetIn:
        return self._read.sheets[entry.number]

    def titled(self, title: str) -> SheetEntry | None:
        return next((entry for entry in self.sheets if entry.title.lower() == title.lower()), None)

    def place(self, name: Name) -> tuple[SheetEntry, int, int] | None:
        return placed(self, name)

    def constant(self, name: str) -> str | None:
        for own in self.names:
            if own.name.upper() == name.upper() and own.scope is None and own.refers_to[:1] == '"':
                return own.refers_to[1:].removesuffix('"').replace('""', '"').strip()
        return None

    def format_kind(self, style: int) -> str:
        return self._read.formats[style] if style < len(self._read.formats) else PLAIN

    def active(self) -> tuple[str, ...]:
        cells = (cell for sheet in self._read.sheets for cell in sheet.cells.values())
        found = {*self._read.active, *dangers(tuple(cell.formula for cell in cells if cell.formula))}
        return tuple(word for word in words("reader")["active"] if word in found)
