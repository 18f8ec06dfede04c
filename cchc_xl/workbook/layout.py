"""Where everything stands in the official workbook: indicator <-> sheet, cell, name. All the others share it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from cchc_xl.model import Edition, Form, Indicator

# Columns of a form, 0-based; the first five are the official ones and the print area.
CODE, LABEL, UNIT, VALUE, NOTE = range(5)
PREVIOUS, ECHO = 5, 6  # last period's value, the amount in words: on screen, not printed
HELPER_VALUE, HELPER_STATE, HELPER_RANK = 8, 9, 10  # hidden: number, state, worst verdict for the colour
HEAD_ROWS = (4, 5)  # 0-based rows of the two-row head
FIRST_ROW = 6  # 0-based row of the first indicator

ABOUT, DOCUMENTS, WORDS, STATUS, HELP = "about", "documents", "words", "status", "help"

EDITION_NAME, UNIT_NAME, PERIOD_NAME, LEVEL_NAME = "CCHC_EDITION", "CCHC_UNIT", "CCHC_PERIOD", "CCHC_LEVEL"
IDENTITY_NAMES = (EDITION_NAME, UNIT_NAME, PERIOD_NAME, LEVEL_NAME)
KIND_NAME = "CCHC_KIND"  # custom property telling a master from a commune's workbook
MASTER_KIND = "tong-hop"
UPWARD_KIND = "ban-gui-cap-tren"  # the consolidated figures as the consolidating unit's own workbook, one level up


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an indicator's value stands. ``row`` and columns are 0-based."""

    key: str
    sheet: str
    row: int

    def cell(self, column: int = VALUE) -> str:
        """``D10``."""
        return address(self.row, column)

    def absolute(self, column: int = VALUE) -> str:
        """``'Biểu 1'!$D$10``."""
        return f"'{self.sheet}'!${column_letters(column)}${self.row + 1}"


@cache
def column_letters(column: int) -> str:
    """0 -> A, 27 -> AB."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """0-based row and column -> ``D10``."""
    return f"{column_letters(column)}{row + 1}"


def sheet_of(edition: Edition, form: Form) -> str:
    """``Biểu 1``."""
    return str(edition.words["sheet"]).format(number=form.number)


def places(edition: Edition) -> Mapping[str, Place]:
    """Key -> place, for all rows, headings included."""
    return {
        indicator.key: Place(key=indicator.key, sheet=sheet_of(edition, form), row=FIRST_ROW + number)
        for form in edition.forms
        for number, indicator in enumerate(form.indicators)
    }


def name_of(indicator: Indicator) -> str:
    """The defined name of an indicator's value cell: 3/3.3.1 -> ``BM3_3_3_1``."""
    return f"BM{indicator.form}_{indicator.code.replace('.', '_')}"


def key_of_name(name: str) -> str | None:
    """``BM3_3_3_1`` -> 3/3.3.1; None for any other name."""
    form, _, code = name[2:].partition("_")
    if not name.isascii() or not name.upper().startswith("BM"):
        return None
    if not form.isdigit() or not code.replace("_", "").isdigit():
        return None
    return f"{int(form)}/{code.replace('_', '.')}"


def issued_formula(indicator: Indicator, place: Mapping[str, Place]) -> str:
    """The formula of a formula cell as issued, without ``=``; parts are cells of the same sheet.

    A ratio is empty while a part is missing or the base is 0; a total is empty while no child is answered.
    The helper states tell none-arising (0) from text that is no answer.
    """
    if indicator.ratio_of:
        part, base = (place[key] for key in indicator.ratio_of)
        a, b = part.cell(), base.cell()
        numbers = f'IF({b}=0,"",ROUND(100*{a}/{b},1))'
        none_arising = f'IF(AND({part.cell(HELPER_STATE)}=2,SUM({b})<>0),0,"")'
        return f"IF(AND(ISNUMBER({a}),ISNUMBER({b})),{numbers},{none_arising})"
    states = ",".join(place[key].cell(HELPER_STATE) for key in indicator.total_of)
    values = ",".join(place[key].cell() for key in indicator.total_of)
    return f'IF(MAX({states})>0,SUM({values}),"")'
