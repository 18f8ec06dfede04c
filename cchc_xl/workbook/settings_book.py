"""The settings workbook of a new round: yellow cells to fill in, lists to choose from, hints beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.severities import kinds
from cchc_xl.model import Edition, Method, Roster
from cchc_xl.workbook.layout import column_letters

MADE_ON = datetime(2022, 1, 1)
ROWS = 100  # of each table, ready to be filled in
_WIDTHS = {"fields": (26, 48, 96), "extensions": (14, 22, 52, 30), "targets": (14, 16, 14, 34, 60)}
_WIDTHS |= {"shared": (14, 16, 60, 50), "severities": (26, 20, 50, 60), "portal": (18, 14, 18, 40, 60)}
_LISTS_WIDTHS = (12, 30, 4, 14, 70, 4, 28, 70)
_UNITS, _KEYS, _RULES = 0, 3, 6  # first columns on the sheet of lists


@dataclass(frozen=True, slots=True)
class _Lists:
    """The three lists to choose from, each with what a code means."""

    sheet: str
    units: Sequence[tuple[str, str]]
    keys: Sequence[tuple[str, str]]
    rules: Sequence[tuple[str, str]]

    def source(self, column: int) -> str:
        """The codes of the list that begins in this column: ``='Danh mục'!$A$2:$A$25``."""
        letters = column_letters(column)
        return f"='{self.sheet}'!${letters}$2:${letters}${1 + max(1, len(self.at(column)))}"

    def meaning(self, cell: str, column: int) -> str:
        """A formula that says what the code in ``cell`` means; empty for a blank or an unknown one."""
        first, second = column_letters(column), column_letters(column + 1)
        last = 1 + max(1, len(self.at(column)))
        return f"=IFERROR(VLOOKUP({cell},'{self.sheet}'!${first}$2:${second}${last},2,FALSE),\"\")"

    def at(self, column: int) -> Sequence[tuple[str, str]]:
        return {_UNITS: self.units, _KEYS: self.keys, _RULES: self.rules}[column]


def build(edition: Edition, period: str, roster: Roster) -> bytes:
    """The workbook as .xlsx; what ``rounds.settings.read`` reads once staff have filled it in. Reproducible."""
    import xlsxwriter

    said, out = words("round")["settings"], BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"title": said["title"], "created": MADE_ON})
    style, lists = _styles(book), _lists(edition, roster, said["lists"])
    _fields(book, style, {"edition": edition.id, "period": period})
    table = _Table(book, style, lists)
    table.write("extensions", 0, _UNITS, meaning=3)
    table.write("targets", 0, _KEYS, meaning=4, choices={2: said["directions"]})
    table.write("shared", 0, _KEYS, meaning=2, known=[(row.key, row.label) for row in _same(edition)])
    table.write("severities", 0, _RULES, meaning=3, choices={1: said["severity_words"]})
    table.write("portal", 1, _KEYS, meaning=4, choices={2: said["blocks"]})
    _write_lists(book, style, lists)
    book.close()
    return out.getvalue()


def _same(edition: Edition):
    return [row for row in edition.indicators if row.method is Method.SAME]


def _lists(edition: Edition, roster: Roster, sheet: str) -> _Lists:
    own = (roster.consolidating,) if roster.consolidating else ()
    told = words("checks")["rules"]
    rules = [(one.id, edition.by_key[one.key].label) for one in edition.relations]
    return _Lists(
        sheet=sheet,
        units=[(unit.code, unit.full_name) for unit in (*roster.units, *own)],
        keys=[(row.key, row.label) for row in edition.indicators if row.has_cell],
        rules=[*rules, *((kind, told[kind]["basis"]) for kind in kinds())],
    )


def _styles(book: Any) -> Mapping[str, Any]:
    font = {"font_name": "Times New Roman", "font_size": 12, "valign": "top", "text_wrap": True}
    cell = font | {"border": 1, "border_color": "#BFBFBF"}
    return {
        "head": book.add_format(cell | {"bold": True, "bg_color": "#DDEBF7", "valign": "vcenter"}),
        "name": book.add_format(cell | {"bold": True}),
        "input": book.add_format(cell | {"bg_color": "#FFF9E5", "num_format": "@"}),
        "fixed": book.add_format(cell | {"bg_color": "#EDEDED", "num_format": "@"}),
        "hint": book.add_format(cell | {"italic": True, "font_color": "#595959"}),
        "text": book.add_format(cell),
    }


def _fields(book: Any, style: Mapping[str, Any], known: Mapping[str, str]) -> None:
    """The sheet of single settings: name, content, how to write it."""
    said = words("round")["settings"]
    sheet = _sheet(book, style, said["sheet"], said["columns"], _WIDTHS["fields"])
    for row, (name, title) in enumerate(said["fields"].items(), start=1):
        hint = said["hints"][name]
        sheet.write_string(row, 0, title, style["name"])
        if name in known:
            sheet.write_string(row, 1, known[name], style["fixed"])
        else:
            sheet.write_blank(row, 1, None, style["input"])
        sheet.write_string(row, 2, hint, style["hint"])
        rule: dict[str, Any] = {"validate": "any"}
        if name == "mail_security":
            rule = {"validate": "list", "source": [one.upper() for one in said["security"]], "error_type": "warning"}
        sheet.data_validation(row, 1, row, 1, rule | {"input_title": title[:32], "input_message": hint[:255]})


@dataclass(frozen=True, slots=True)
class _Table:
    """Writes the tables below the single settings, each on its own sheet."""

    book: Any
    style: Mapping[str, Any]
    lists: _Lists

    def write(
        self,
        name: str,
        code: int,
        column: int,
        *,
        meaning: int,
        choices: Mapping[int, Mapping[str, str]] | None = None,
        known: Sequence[tuple[str, str]] = (),
    ) -> None:
        """``code``: where codes of the list at ``column`` are chosen; ``meaning``: where a formula says what they mean.

        ``choices``: column -> the words allowed there. ``known``: codes that stand there already, and what they mean.
        """
        said = words("round")["settings"]
        heads, widths = said[f"{name}_columns"], _WIDTHS[name]
        sheet = _sheet(self.book, self.style, said[name], heads, widths)
        for row in range(1, ROWS + 1):
            given, meant = known[row - 1] if row <= len(known) else ("", "")
            for place in range(len(widths)):
                sheet.write_blank(row, place, None, self.style["input"])
            if given:
                sheet.write_string(row, code, given, self.style["input"])
            formula = self.lists.meaning(f"{column_letters(code)}{row + 1}", column)
            sheet.write_formula(row, meaning, formula, self.style["hint"], meant)
        self._validate(sheet, code, self.lists.source(column), heads[code], said["pick"])
        for place, allowed in (choices or {}).items():
            self._validate(sheet, place, list(allowed.values()), heads[place], said["pick_word"])

    def _validate(self, sheet: Any, place: int, source: object, title: str, message: str) -> None:
        rule = {"validate": "list", "source": source, "error_type": "warning", "error_title": title[:32]}
        texts = {"error_message": message, "input_title": title[:32], "input_message": message}
        sheet.data_validation(1, place, ROWS, place, rule | texts)


def _write_lists(book: Any, style: Mapping[str, Any], lists: _Lists) -> None:
    heads = words("round")["settings"]["lists_columns"]
    sheet = book.add_worksheet(lists.sheet)
    for column, width in enumerate(_LISTS_WIDTHS):
        sheet.set_column(column, column, width)
    for column, pair in zip((_UNITS, _KEYS, _RULES), heads, strict=True):
        for beside, title in enumerate(pair):
            sheet.write_string(0, column + beside, title, style["head"])
        for row, line in enumerate(lists.at(column), start=1):
            for beside, text in enumerate(line):
                sheet.write_string(row, column + beside, text, style["text"])
    _printed(sheet)


def _sheet(book: Any, style: Mapping[str, Any], name: str, heads: Sequence[str], widths: Sequence[int]) -> Any:
    sheet = book.add_worksheet(name)
    for column, (head, width) in enumerate(zip(heads, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, head, style["head"])
    _printed(sheet)
    return sheet


def _printed(sheet: Any) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
