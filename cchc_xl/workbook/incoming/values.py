"""What is known of a workbook of another format than .xlsx, whoever read it."""

from collections.abc import Mapping
from dataclasses import dataclass

from cchc_xl.workbook.incoming.book_in import Name
from cchc_xl.workbook.incoming.sheet_in import SheetIn

SOME_FORMULA = "…"  # for a formula that is there but not spelled


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """Sheets in the order of the tabs, errors among their cells; PLAIN, PERCENT or DATE by the ``style`` of cells.

    ``active``: words of ui/reader.toml [active].
    """

    sheets: tuple[SheetIn, ...]
    formats: tuple[str, ...]
    names: tuple[Name, ...]
    properties: Mapping[str, str]
    active: tuple[str, ...]
    date1904: bool
