"""What may be typed where: Excel's input hints and messages. A validation that Excel would drop stops the build."""

from collections.abc import Iterable
from typing import Any

from cchc_xl.errors import DefinitionError
from cchc_xl.model import Cell, Form, Indicator, Kind
from cchc_xl.workbook.layout import VALUE, address
from cchc_xl.workbook.official.cell_states import quoted
from cchc_xl.workbook.official.plan import Plan, choice_text, none_arising_words, texts

DROPPED = -2  # what XlsxWriter returns for a validation beyond Excel's limits


def input_kind(row: Indicator) -> str:
    """Which texts of ``[input]`` a row's answer cell has."""
    if row.choices:
        return "choice"
    if row.is_percent:
        return "percent"
    return "amount" if row.kind is Kind.AMOUNT else "count"


def validate_answers(sheet: Any, plan: Plan, form: Form) -> None:
    """One validation for each kind of number, one for each list of choices."""
    groups: dict[tuple, list[Indicator]] = {}
    for row in form.indicators:
        if row.has_cell and row.cell is not Cell.FORMULA:
            groups.setdefault((input_kind(row), row.choices), []).append(row)
    for (kind, choices), rows in groups.items():
        cells = [plan.place[row.key].row for row in rows]
        if choices:
            listed = [choice_text(choice.value, choice.label) for choice in choices]
            allowed = {"validate": "list", "source": [*listed, *(str(choice.value) for choice in choices)]}
        else:
            allowed = {"validate": "custom", "value": _number_or_none(kind, address(cells[0], VALUE))}
        add_validation(sheet, cells, VALUE, {**allowed, **_said(texts()["input"][kind])})


def add_validation(sheet: Any, rows: Iterable[int], column: int, options: dict) -> None:
    """The same validation for these 0-based rows of one column. Raises DefinitionError where Excel would drop it."""
    (first, last), *others = _stretches(rows)
    options["other_cells"] = [[top, column, bottom, column] for top, bottom in others]
    if sheet.data_validation(first, column, last, column, options) == DROPPED:
        raise DefinitionError((f"ui/sheets.toml: {sheet.get_name()}: {options.get('input_title')}",))


def _stretches(rows: Iterable[int]) -> list[tuple[int, int]]:
    """Rows that follow each other as (first, last)."""
    found: list[tuple[int, int]] = []
    for row in rows:
        joins = found and found[-1][1] == row - 1
        found[-1:] = [(found[-1][0], row)] if joins else [*found[-1:], (row, row)]
    return found


def _number_or_none(kind: str, cell: str) -> str:
    within = f"{cell}>=0"
    if kind == "count":
        within = f"AND({cell}>=0,{cell}=INT({cell}))"
    elif kind == "percent":
        within = f"AND({cell}>=0,{cell}<=100)"
    words = ",".join(f"UPPER(TRIM({cell}))={quoted(word)}" for word in none_arising_words())
    return f"=IF(ISNUMBER({cell}),{within},OR({words}))"


def _said(said: dict) -> dict[str, str]:
    return {
        "input_title": said["title"],
        "input_message": said["message"],
        "error_title": said["error_title"],
        "error_message": said["error"],
    }
