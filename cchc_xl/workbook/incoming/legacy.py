"""A workbook of another format as values: what ``Book`` is for .xlsx, without names, formulas and formats."""

from collections.abc import Mapping

from cchc_xl.workbook.incoming.book_in import Name, SheetEntry
from cchc_xl.workbook.incoming.isolated import sheets_of
from cchc_xl.workbook.incoming.package import Limits, broken
from cchc_xl.workbook.incoming.sheet_in import CellIn, SheetIn
from cchc_xl.workbook.incoming.styles_in import PLAIN


class ValueBook:
    """The values of an .xls or .xlsb file. Whether a cell held a formula is not known."""

    formulas_known = False
    formats_known = False
    errors_known = False  # the library gives a cell with #DIV/0! as an empty one
    date1904 = False
    names: tuple[Name, ...] = ()
    properties: Mapping[str, str] = {}

    def __init__(self, content: bytes, limits: Limits) -> None:
        sheets = sheets_of(content, limits)
        if not sheets:
            raise broken("sheets")
        self.sheets = tuple(SheetEntry(title, number, "") for number, (title, _) in enumerate(sheets))
        self._read = [
            SheetIn(title, {place: CellIn(kind, text, None, 0) for place, (kind, text) in cells.items()}, ())
            for title, cells in sheets
        ]

    def sheet(self, entry: SheetEntry) -> SheetIn:
        return self._read[entry.number]

    def in_time(self) -> None:
        """The child that read the file had its own time."""

    def forget(self, entry: SheetEntry) -> None:
        """Nothing to let go: everything was read at once."""

    def typed_texts(self, entry: SheetEntry) -> SheetIn:
        return self._read[entry.number]

    def titled(self, title: str) -> SheetEntry | None:
        return next((entry for entry in self.sheets if entry.title.lower() == title.lower()), None)

    def place(self, name: Name) -> tuple[SheetEntry, int, int] | None:
        return None

    def constant(self, name: str) -> str | None:
        return None

    def format_kind(self, style: int) -> str:
        return PLAIN

    def active(self) -> tuple[str, ...]:
        return ()
