"""An edition as a workbook that staff edit in Excel, and back. Errors name sheet, row and what is wrong.

One row a thing: sheets for the head, the periods, the forms, the indicators, the relations, the words. Lists stand
in one cell, ``; `` between them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.definition import build
from cchc_xl.editions.rows import Definition, Problems, Row
from cchc_xl.files import bytes_of
from cchc_xl.model import Choice, Edition, Relation
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.package import Limits, Refused
from cchc_xl.workbook.incoming.sheet_in import SheetIn
from cchc_xl.workbook.incoming.side_sheets import shown

HEAD = ("id", "title", "basis", "level", "levels")
PERIOD = ("kind", "title", "start", "before", "end")
FORM = ("number", "title")
INDICATOR = (
    "form",
    "code",
    "printed_code",
    "label",
    "bold",
    "italic",
    "unit",
    "kind",
    "cell",
    "choices",
    "ratio_of",
    "total_of",
    "method",
    "owners",
    "time",
    "accepts_value",
    "foreign",
    "whole",
    "base_of",
    "capped_by",
    "note",
)
RELATION = (
    "id",
    "left",
    "op",
    "right",
    "constant",
    "members",
    "when_keys",
    "when_op",
    "when_value",
    "when_level",
    "blank_as_zero",
    "severity",
    "escalate_percent",
    "escalate_to",
    "basis",
    "note",
)
WORDS = ("name", "text")
_WIDTHS = {"label": 70, "title": 60, "note": 50, "text": 70, "basis": 30, "id": 22, "name": 28, "choices": 40}


def _titles() -> Mapping[str, Any]:
    return words("editing")["book"]


# ---------------------------------------------------------------------------------------------------------------
# Out.


def export(edition: Edition) -> bytes:
    """The edition as a workbook; ``read_book`` of it gives the same edition. The same edition, the same bytes."""
    import xlsxwriter

    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False})
    book.set_properties({"title": edition.title, "created": _fixed_date()})
    plain = book.add_format({"font_name": "Times New Roman", "font_size": 12, "text_wrap": True, "valign": "top"})
    head = book.add_format(
        {"font_name": "Times New Roman", "font_size": 12, "bold": True, "bg_color": "#DDEBF7", "border": 1}
    )
    for name, columns, rows in _tables(edition):
        sheet = book.add_worksheet(_titles()["sheets"][name])
        for column, field in enumerate(columns):
            sheet.set_column(column, column, _WIDTHS.get(field, 16), plain)
            sheet.write_string(0, column, _titles()["columns"][field], head)
            sheet.write_comment(0, column, _titles()["hints"].get(field, field))
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if value:
                    sheet.write_string(number, column, value, plain)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, len(rows)), len(columns) - 1)
    book.close()
    return out.getvalue()


def _fixed_date():
    from datetime import datetime

    return datetime(2022, 1, 1)


def _tables(edition: Edition) -> Iterator[tuple[str, tuple[str, ...], list[list[str]]]]:
    yield "head", ("field", "value"), [[_head_titles()[name], _written(getattr(edition, name))] for name in HEAD]
    periods = [
        [kind, *(_written(spec.get(name, "")) for name in PERIOD[1:])] for kind, spec in edition.period_kinds.items()
    ]
    yield "periods", PERIOD, periods
    yield "forms", FORM, [[str(form.number), form.title] for form in edition.forms]
    yield "indicators", INDICATOR, [[_written(getattr(i, name)) for name in INDICATOR] for i in edition.indicators]
    yield "relations", RELATION, [[_relation_cell(r, name) for name in RELATION] for r in edition.relations]
    yield "words", WORDS, [[name, text] for name, text in _flat(edition.words)]


def _head_titles() -> Mapping[str, str]:
    return _titles()["head"]


def _relation_cell(relation: Relation, name: str) -> str:
    if name.startswith("when_"):
        return _written(getattr(relation.when, name.removeprefix("when_")))
    return _written(getattr(relation, name))


def _written(value: object) -> str:
    """A field as it stands in a cell."""
    if value is None or value == () or value == "":
        return ""
    if isinstance(value, bool):
        return _titles()["yes"] if value else ""
    if isinstance(value, tuple | list):
        return "; ".join(_written(one) for one in value)
    if isinstance(value, Choice):
        return f"{value.value} = {value.label}"
    return str(value)


def _flat(table: Mapping[str, Any] | list, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Nested texts by dotted name: ``outline.1.title``."""
    pairs: Iterable[tuple[Any, Any]] = table.items() if isinstance(table, Mapping) else enumerate(table, start=1)
    for name, value in pairs:
        path = f"{prefix}{name}"
        if isinstance(value, Mapping | list):
            yield from _flat(value, f"{path}.")
        else:
            yield path, str(value)


# ---------------------------------------------------------------------------------------------------------------
# In.


def read_book(path: Path) -> Edition:
    """The edition of such a workbook. Raises DefinitionError: every problem with sheet and row."""
    return build(read_definition(path))


def read_definition(path: Path) -> Definition:
    """The workbook's rows as data, not yet checked against each other. Raises DefinitionError."""
    problems = Problems()
    tables = {name: rows for name, rows in _read_tables(path, problems)}
    problems.stop_if_any()
    head = {row.values["field"]: row.values.get("value", "") for row in tables["head"] if "field" in row.values}
    names = {title: name for name, title in _head_titles().items()}
    values: dict[str, Any] = {names.get(title, title): text for title, text in head.items()}
    values["levels"] = _list(values.get("levels", ""))
    values["periods"] = {row.values.get("kind", ""): _period(row) for row in tables["periods"]}
    values["words"] = _nested((row.values.get("name", ""), row.values.get("text", "")) for row in tables["words"])
    sheet = _titles()["sheets"]
    return Definition(
        head=Row(where=sheet["head"], values=values),
        forms=tuple(_form(row, tables["indicators"]) for row in tables["forms"]),
        relations=tuple(Row(where=row.where, values=_relation_values(row)) for row in tables["relations"]),
    )


def _read_tables(path: Path, problems: Problems) -> Iterator[tuple[str, list[Row]]]:
    """Each sheet's rows by field name; what can't be found is noted."""
    try:
        book = Book(bytes_of(path), Limits())
        sheets = {entry.title: book.sheet(entry) for entry in book.sheets}
        cells = {title: _texts_of(sheet, book) for title, sheet in sheets.items()}
    except (OSError, Refused):
        problems.add(str(path), "not_a_book")
        return
    columns = {
        "head": ("field", "value"),
        "periods": PERIOD,
        "forms": FORM,
        "indicators": INDICATOR,
        "relations": RELATION,
        "words": WORDS,
    }
    for name, fields in columns.items():
        title = _titles()["sheets"][name]
        if title not in cells:
            problems.add(str(path), "no_sheet", sheet=title)
            continue
        yield name, _rows(cells[title], title, fields, problems)


def _texts_of(sheet: SheetIn, book: Book) -> dict[int, dict[int, str]]:
    """Row -> column -> text, both 0-based; a number typed by staff is the text it shows (2.1, not 2.10)."""
    rows: dict[int, dict[int, str]] = {}
    for (row, column), cell in sheet.cells.items():
        text = shown(cell, book)
        if text:
            rows.setdefault(row, {})[column] = text
    return rows


def _rows(cells: dict[int, dict[int, str]], title: str, fields: tuple[str, ...], problems: Problems) -> list[Row]:
    by_title = {_titles()["columns"][field]: field for field in fields}
    head = {column: by_title[text] for column, text in cells.get(0, {}).items() if text in by_title}
    for field in fields:
        if field not in head.values():
            problems.add(_titles()["place"].format(sheet=title, row=1), "no_column", field=_titles()["columns"][field])
    rows = []
    for number in sorted(set(cells) - {0}):
        values = {head[column]: text for column, text in cells[number].items() if column in head}
        if values:
            rows.append(Row(where=_titles()["place"].format(sheet=title, row=number + 1), values=values))
    return rows


def _period(row: Row) -> dict[str, Any]:
    spec = {name: row.values.get(name, "") for name in ("title", "start", "end")}
    return {**spec, "before": bool(row.values.get("before"))}


def _list(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in str(text).split(";") if one.strip())


def _choice_list(text: str) -> tuple[Mapping[str, Any], ...]:
    pairs = (one.partition("=") for one in _list(text))
    return tuple({"value": value.strip(), "label": label.strip()} for value, _, label in pairs)


_LISTS: Mapping[str, Callable[[str], Any]] = {
    "choices": _choice_list,
    "ratio_of": _list,
    "total_of": _list,
    "owners": _list,
    "left": _list,
    "right": _list,
    "blank_as_zero": _list,
    "members": _list,
    "accepts_value": lambda text: bool(text),
}


def _read_values(row: Row, fields: Iterable[str]) -> dict[str, Any]:
    return {name: _LISTS.get(name, str)(row.values[name]) for name in fields if name in row.values}


def _form(form: Row, indicators: list[Row]) -> tuple[Row, tuple[Row, ...]]:
    number = form.values.get("number", "")
    rows = tuple(
        Row(where=row.where, values=_indicator_values(row)) for row in indicators if row.values.get("form") == number
    )
    return Row(where=form.where, values={"number": int(number) if number.isdigit() else 0, **_title(form)}), rows


def _title(form: Row) -> dict[str, str]:
    return {"title": form.values["title"]} if "title" in form.values else {}


def _indicator_values(row: Row) -> dict[str, Any]:
    values = _read_values(row, (name for name in INDICATOR if name != "form"))
    return {"unit": "", "time": "", "owners": (), **values}


def _relation_values(row: Row) -> dict[str, Any]:
    values = _read_values(row, (name for name in RELATION if not name.startswith("when_")))
    when: dict[str, Any] = {}
    if "when_keys" in row.values:
        when["keys"] = _list(row.values["when_keys"])
    for name in ("op", "value", "level"):
        if f"when_{name}" in row.values:
            when[name] = row.values[f"when_{name}"]
    return {**values, "when": when} if when else values


def _nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Dotted names back to nested tables; numbered ones to lists."""
    root: dict[str, Any] = {}
    for path, text in pairs:
        *parents, last = path.split(".")
        table = root
        for name in parents:
            table = table.setdefault(name, {})
        table[last] = text
    return {name: _listed(value) for name, value in root.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(one) for name, one in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
