"""The findings of many units as a workbook: unit by rule, each count leading to the lines behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.requests import KINDS, Request, base_name, requests_of
from cchc_xl.model import Edition, Finding
from cchc_xl.text import without_controls
from cchc_xl.workbook.layout import column_letters
from cchc_xl.workbook.official.row_heights import height, plain

MADE_ON = datetime(2022, 1, 1)
MOST_LINKS = 60_000  # Excel allows 65,530 a sheet
_HEAD, _FIRST, _COUNTS = 3, 4, 2  # head of the matrix, its first unit, first of its columns of counts
_MATRIX_SCALE = 70  # percent, in print
_LONGEST = 32_000  # characters Excel keeps in a cell
_COLOURS = {"error": "#F8CBAD", "warning": "#FFE699", "note": "#DDEBF7", "explained": "#C6E0B4"}
_LINE_WIDTHS = (9, 20, 17, 14, 18, 52, 42, 34, 32, 36)
_RULE_WIDTHS = (24, 16, 10, 10, 90)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFindings:
    """Everything to say about one unit's workbook. ``file``: the name it came under."""

    code: str
    name: str
    file: str
    findings: tuple[Finding, ...]
    edition: Edition


@dataclass(frozen=True, slots=True)
class _Line:
    """One finding on the sheet of lines. ``rule``: its rule, or its kind where it has none."""

    unit: int
    rule: str
    request: Request


@dataclass(frozen=True, slots=True)
class _Column:
    """One rule of the matrix: how often, in how many units, how severe at worst, one sentence of it."""

    rule: str
    kind: str
    count: int
    units: int
    sample: str


def build(title: str, units: Sequence[UnitFindings]) -> bytes:
    """The workbook as .xlsx: matrix, lines, rules. The worst and most frequent rules stand first. Reproducible."""
    import xlsxwriter

    said, out = words("editing")["findings_book"], BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"title": title, "created": MADE_ON})
    columns = _columns(units)
    order = {column.rule: number for number, column in enumerate(columns)}
    lines = sorted(_lines(units), key=lambda one: (one.unit, order[one.rule], one.request.number))
    sheets = {name: book.add_worksheet(said[name]) for name in ("matrix", "lines", "rules")}
    written = _Book(book, sheets, _styles(book), said)
    written.matrix(title, units, columns, lines)
    written.lines(units, lines)
    written.rules(columns)
    book.close()
    return out.getvalue()


def _lines(units: Sequence[UnitFindings]) -> list[_Line]:
    return [
        _Line(number, request.finding.rule or request.finding.id, request)
        for number, unit in enumerate(units)
        for request in requests_of(unit.findings, unit.edition, base_name(unit.file))
    ]


def _columns(units: Sequence[UnitFindings]) -> list[_Column]:
    by_rule: dict[str, list[_Line]] = {}
    for line in _lines(units):
        by_rule.setdefault(line.rule, []).append(line)
    columns = [
        _Column(
            rule=rule,
            kind=min((line.request.kind for line in lines), key=KINDS.index),
            count=len(lines),
            units=len({line.unit for line in lines}),
            sample=min(lines, key=lambda line: KINDS.index(line.request.kind)).request.message,
        )
        for rule, lines in by_rule.items()
    ]
    return sorted(columns, key=lambda one: (KINDS.index(one.kind), -one.units, one.rule))


def _styles(book: Any) -> Mapping[str, Any]:
    font = {"font_name": "Times New Roman", "font_size": 12, "valign": "top"}
    cell = font | {"border": 1, "border_color": "#BFBFBF"}
    head = cell | {"bold": True, "bg_color": "#EDEDED", "text_wrap": True, "align": "center", "valign": "vcenter"}
    styles = {
        "title": book.add_format(font | {"bold": True, "font_size": 14}),
        "how": book.add_format(font | {"italic": True}),
        "head": book.add_format(head),
        "text": book.add_format(cell | {"text_wrap": True}),
        "zero": book.add_format(cell),
        "total": book.add_format(cell | {"bold": True, "align": "center"}),
        "link": book.add_format(cell | {"font_color": "#0563C1", "underline": 1}),
    }
    for kind, colour in _COLOURS.items():
        styles[kind] = book.add_format(cell | {"bg_color": colour, "align": "center"})
        styles[f"{kind}-text"] = book.add_format(cell | {"bg_color": colour, "text_wrap": True})
        styles[f"{kind}-head"] = book.add_format(head | {"bg_color": colour, "rotation": 90, "text_wrap": False})
    return styles


@dataclass(frozen=True, slots=True)
class _Book:
    """The workbook being written: its sheets, formats and words."""

    book: Any
    sheets: Mapping[str, Any]
    style: Mapping[str, Any]
    said: Mapping[str, Any]

    def matrix(
        self, title: str, units: Sequence[UnitFindings], columns: Sequence[_Column], lines: Sequence[_Line]
    ) -> None:
        sheet, first = self.sheets["matrix"], _COUNTS + len(KINDS)
        sheet.write_string(0, 0, title, self.style["title"])
        sheet.write_string(1, 0, self.said["how"], self.style["how"])
        heads = (*self.said["unit_columns"], *(words("feedback")["kinds"][kind] for kind in KINDS))
        for column, head in enumerate(heads):
            sheet.write_string(_HEAD, column, head, self.style["head"])
        for number, column in enumerate(columns):
            place = f"internal:'{self.said['rules']}'!A{number + 2}"
            sheet.write_url(_HEAD, first + number, place, self.style[f"{column.kind}-head"], column.rule)
        groups = _groups(lines)
        links = len(groups) + 2 * len(columns) <= MOST_LINKS
        at = {column.rule: first + number for number, column in enumerate(columns)}
        for number, unit in enumerate(units):
            self._unit(_FIRST + number, unit, first + len(columns))
        for (number, rule), (line, count, kind) in groups.items():
            self._count(_FIRST + number, at[rule], line, count, kind, as_link=links)
        self._totals(_FIRST + len(units), units, columns, first)
        sheet.set_column(0, 0, 9)
        sheet.set_column(1, 1, 26)
        sheet.set_column(_COUNTS, first - 1, 11)
        sheet.set_column(first, first + max(1, len(columns)) - 1, 5.5)
        sheet.set_row(_HEAD, 150)
        sheet.autofilter(_HEAD, 0, _FIRST + max(1, len(units)) - 1, first + len(columns) - 1)
        sheet.freeze_panes(_FIRST, _COUNTS)
        _printed(sheet, _HEAD)
        sheet.fit_to_pages(0, 0)  # as many pages as the rules need: on one of them nobody could read it
        sheet.set_print_scale(_MATRIX_SCALE)
        sheet.repeat_columns(0, _COUNTS - 1)

    def _unit(self, row: int, unit: UnitFindings, end: int) -> None:
        sheet = self.sheets["matrix"]
        sheet.write_string(row, 0, without_controls(unit.code), self.style["text"])
        sheet.write_string(row, 1, without_controls(unit.name), self.style["text"])
        kinds = [request.kind for request in requests_of(unit.findings, unit.edition, "")]
        for number, kind in enumerate(KINDS):
            count = kinds.count(kind)
            sheet.write_number(row, _COUNTS + number, count, self.style[kind if count else "total"])
        for column in range(_COUNTS + len(KINDS), end):
            sheet.write_blank(row, column, None, self.style["zero"])

    def _count(self, row: int, column: int, line: int, count: int, kind: str, *, as_link: bool) -> None:
        """A count that leads to its first line: a link with a number in it, a formula where links are too many."""
        sheet, place = self.sheets["matrix"], f"'{self.said['lines']}'!A{line + 2}"
        if as_link:
            sheet.write_url(row, column, f"internal:{place}", self.style[kind], str(count))
            sheet.write_number(row, column, count, self.style[kind])
        else:
            quoted = place.replace('"', '""')
            sheet.write_formula(row, column, f'=HYPERLINK("#{quoted}",{count})', self.style[kind], count)

    def _totals(self, row: int, units: Sequence[UnitFindings], columns: Sequence[_Column], first: int) -> None:
        """Sums of the rows that a filter leaves."""
        kinds = [one.kind for unit in units for one in requests_of(unit.findings, unit.edition, "")]
        sums = [*(kinds.count(kind) for kind in KINDS), *(column.count for column in columns)]
        sheet, last = self.sheets["matrix"], _FIRST + max(1, len(units))
        sheet.write_string(row, 1, self.said["total"], self.style["total"])
        for column, total in enumerate(sums, start=first - len(KINDS)):
            letters = column_letters(column)
            formula = f"=SUBTOTAL(9,{letters}{_FIRST + 1}:{letters}{last})"
            sheet.write_formula(row, column, formula, self.style["total"], total)

    def lines(self, units: Sequence[UnitFindings], lines: Sequence[_Line]) -> None:
        sheet = self.sheets["lines"]
        _heads(sheet, self.said["line_columns"], _LINE_WIDTHS, self.style["head"])
        for row, line in enumerate(lines, start=1):
            unit, request, finding = units[line.unit], line.request, line.request.finding
            texts = (
                unit.code,
                unit.name,
                line.rule,
                request.kind_word,
                request.place,
                request.message,
                request.advice if request.kind != "explained" else "",
                "; ".join(request.causes),
                finding.explanation,
                base_name(unit.file),
            )
            for column, text in enumerate(texts):
                style = f"{request.kind}-text" if column == 3 else "text"
                sheet.write_string(row, column, without_controls(text)[:_LONGEST], self.style[style])
            sheet.set_row(row, row_height(texts, _LINE_WIDTHS))
        sheet.autofilter(0, 0, max(1, len(lines)), len(_LINE_WIDTHS) - 1)
        sheet.freeze_panes(1, 2)
        _printed(sheet, 0)
        sheet.print_area(0, 0, max(1, len(lines)), len(_LINE_WIDTHS) - 2)  # the file's name is for the screen

    def rules(self, columns: Sequence[_Column]) -> None:
        sheet = self.sheets["rules"]
        _heads(sheet, self.said["rule_columns"], _RULE_WIDTHS, self.style["head"])
        for row, column in enumerate(columns, start=1):
            sheet.write_string(row, 0, column.rule, self.style["text"])
            kind = words("feedback")["kinds"][column.kind]
            sheet.write_string(row, 1, kind, self.style[f"{column.kind}-text"])
            sheet.write_number(row, 2, column.count, self.style["total"])
            sheet.write_number(row, 3, column.units, self.style["total"])
            sheet.write_string(row, 4, without_controls(column.sample)[:_LONGEST], self.style["text"])
            sheet.set_row(row, row_height(("", "", "", "", column.sample), _RULE_WIDTHS))
        sheet.autofilter(0, 0, max(1, len(columns)), len(_RULE_WIDTHS) - 1)
        sheet.freeze_panes(1, 1)
        _printed(sheet, 0)


def _groups(lines: Sequence[_Line]) -> dict[tuple[int, str], tuple[int, int, str]]:
    """(unit, rule) -> number of its first line, how many, the most severe kind. ``lines``: sorted by both."""
    groups: dict[tuple[int, str], tuple[int, int, str]] = {}
    for number, line in enumerate(lines):
        place = (line.unit, line.rule)
        first, count, kind = groups.get(place, (number, 0, line.request.kind))
        groups[place] = (first, count + 1, min(kind, line.request.kind, key=KINDS.index))
    return groups


def row_height(texts: Sequence[str], widths: Sequence[float]) -> float:
    """The height in points at which no text of a row is cut; widths in characters."""
    cells = [(plain(text), int(width * 7) + 5, 12.0) for text, width in zip(texts, widths, strict=True) if text]
    return min(height(cells, least=16), 400)


def _heads(sheet: Any, heads: Sequence[str], widths: Sequence[int], style: Any) -> None:
    for column, (head, width) in enumerate(zip(heads, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, head, style)


def _printed(sheet: Any, head: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&C&P/&N")
    sheet.repeat_rows(head)
