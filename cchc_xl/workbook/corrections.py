"""The sheet ``Điều chỉnh`` of a master: where staff correct a unit's number. Written by ``master.py``, read back by us.

Row 6 holds the column words of ``ui/master.toml`` [corrections.columns], in the order of COLUMNS; lines follow. The
first eight columns are the staff's, the others ours.
"""

from cchc_xl.editions.catalogue import words
from cchc_xl.workbook.layout import address, column_letters

COLUMNS = ("unit", "key", "sent", "value", "reason", "source", "who", "day")
BESIDE = ("unit_name", "label", "change", "state", "origin")
HEAD_ROW, FIRST_ROW = 5, 6  # 0-based


def sheet_name() -> str:
    return words("master")["corrections"]["sheet"]


def titles() -> dict[str, str]:
    """Column -> its title."""
    return dict(words("master")["corrections"]["columns"])


def cell(row: int, column: str) -> str:
    """The cell of a line on the sheet itself; ``row`` is 0-based."""
    return address(row, (*COLUMNS, *BESIDE).index(column))


def outside(row: int, column: str) -> str:
    """``'Điều chỉnh'!$D$7``: a cell of a line as written on another sheet; ``row`` is 0-based."""
    return f"'{sheet_name()}'!${column_letters(COLUMNS.index(column))}${row + 1}"
