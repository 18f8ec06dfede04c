"""Where one row's value stands in a file."""

from typing import NamedTuple

from cchc_xl.workbook.incoming.sheet_in import SheetIn
from cchc_xl.workbook.layout import address


class Spot(NamedTuple):
    """Where an indicator's value stands in this file. 0-based row and columns."""

    key: str
    sheet: SheetIn
    row: int
    column: int
    note: int | None

    @property
    def cell(self) -> str:
        return address(self.row, self.column)

    @property
    def place(self) -> str:
        return f"{self.sheet.name}!{self.cell}"
