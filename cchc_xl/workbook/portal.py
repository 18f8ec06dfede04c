"""``bang-nhap-cong.xlsx``: the figures in the order and codes of the portal where they must be typed again.

Bare numbers to copy, a column to tick off, and where the portal's own export is given, what differs there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.glance import doubted_units, gaps
from cchc_xl.editions.unit_words import units_word
from cchc_xl.model import Consolidation, Edition, Indicator, Method, PortalRow
from cchc_xl.number import from_text, round_half_up, tidy, vietnamese
from cchc_xl.text import label_key, nfc, without_controls
from cchc_xl.workbook.official.row_heights import height, plain

_WIDTHS = (6, 16, 46, 11, 16, 14, 16, 10, 34)
_COMPARED_WIDTHS = (16, 36)
_VALUE, _DONE = 6, 7
_HEAD, _FIRST = 4, 5  # 0-based rows
_DECIMALS = {True: 1, False: 3}  # percents, everything else
_CREATED = datetime(2022, 1, 1)
_LONGEST = 200
_NAMED = 4  # units named beside a value that is in doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalExport:
    """What stands on the portal: code -> text of the value; ``twice``: codes that have several rows."""

    values: Mapping[str, str]
    twice: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalLine:
    """One line to type. ``value``: as it is to be typed, None: nothing; ``there``: what the portal has, "": nothing."""

    row: PortalRow
    value: Decimal | None
    there: str = ""
    verdict: str = ""  # name in ui/upward.toml [portal]: same, other, absent, blank, extra, unreadable, twice

    @property
    def differs(self) -> bool:
        return self.verdict not in ("", "same")


def rows_of(edition: Edition, portal: Sequence[PortalRow]) -> tuple[PortalRow, ...]:
    """The portal's lines; without a map every row of the forms in their own order, by its own key."""
    if portal:
        return tuple(portal)
    return tuple(
        PortalRow(code=row.key, key=row.key, block=_usual_block(row), title=row.label)
        for row in edition.indicators
        if row.method is not Method.NONE
    )


def _usual_block(row: Indicator) -> str:
    if row.method in (Method.OWN, Method.DISTRIBUTION):
        return "own"
    return "communes" if row.whole.value == "none" or row.method is Method.COUNT_YES else "whole"


def lines_of(
    consolidation: Consolidation, portal: Sequence[PortalRow] = (), export: PortalExport | None = None
) -> tuple[PortalLine, ...]:
    """Every line with its figure, and how it compares with what the portal has, where its export is given."""
    lines = []
    for row in rows_of(consolidation.edition, portal):
        indicator, figure = consolidation.edition.by_key[row.key], consolidation.figures.get(row.key)
        exact = getattr(figure, row.block) if figure else None
        value = None if exact is None else tidy(round_half_up(exact, _DECIMALS[indicator.is_percent]))
        there, verdict = _compared(row, indicator, value, export) if export else ("", "")
        lines.append(PortalLine(row=row, value=value, there=there, verdict=verdict))
    return tuple(lines)


def _compared(row: PortalRow, indicator: Indicator, value: Decimal | None, export: PortalExport) -> tuple[str, str]:
    code = _code(row.code)
    if code in export.twice:
        return export.values[code], "twice"
    if code not in export.values:
        return "", "absent"
    there = export.values[code].strip()
    if not there:
        return "", "same" if value is None else "blank"
    read = from_text(there, indicator.kind, indicator.choices)
    found = Decimal(0) if read.word == "none_arising" else read.value
    if found is None:
        return there, "unreadable"
    if value is None:
        return there, "extra"
    decimals = _DECIMALS[indicator.is_percent]
    return there, "same" if round_half_up(found, decimals) == round_half_up(value, decimals) else "other"


def _code(text: str) -> str:
    return nfc(text).casefold()


def export_of(rows: Iterable[Mapping[str, str]]) -> PortalExport | None:
    """The portal's export from its rows (header -> text): a column of codes and one of values; None without them."""
    said = words("upward")["portal"]
    values: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for row in rows:
        heads = {label_key(name): name for name in row}
        code_head, value_head = (
            next((heads[label_key(name)] for name in said[kind] if label_key(name) in heads), None)
            for kind in ("code_heads", "value_heads")
        )
        if code_head is None or value_head is None:
            return None
        code = _code(row[code_head])
        if code:
            counts[code] += 1
            values[code] = row[value_head]
    return PortalExport(values=values, twice=frozenset(code for code, count in counts.items() if count > 1))


def unknown_codes(lines: Sequence[PortalLine], export: PortalExport) -> tuple[tuple[str, str], ...]:
    """(code, value) that only the portal has."""
    ours = {_code(line.row.code) for line in lines}
    return tuple((code, text) for code, text in export.values.items() if code not in ours)


def verdict_sentence(line: PortalLine) -> str:
    """What the comparison says about a line."""
    return str(words("upward")["portal"][line.verdict]).format(value=vietnamese(line.value))


def build(consolidation: Consolidation, portal: Sequence[PortalRow] = (), export: PortalExport | None = None) -> bytes:
    """The sheet to type from. Equal consolidations give equal bytes.

    ``portal``: the staff's map; the forms' own order without it. ``export``: what stands on the portal, compared.
    """
    import xlsxwriter

    out, said = BytesIO(), words("upward")["portal"]
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, options)
    book.set_properties({"title": said["property"], "created": _CREATED})
    sheet = book.add_worksheet(said["sheet"])
    lines = lines_of(consolidation, portal, export)
    looks = _looks(book)
    _head(sheet, looks, consolidation, lines, mapped=bool(portal), compared=export is not None)
    for number, line in enumerate(lines):
        _line(sheet, looks, consolidation, number, line, compared=export is not None)
    last = _FIRST + len(lines) - 1
    _ticks(sheet, looks, last)
    if export:
        _only_there(sheet, looks, last + 3, unknown_codes(lines, export))
    _print_set_up(sheet, last)
    book.close()
    return out.getvalue()


def _looks(book: Any) -> dict[str, Any]:
    font = {"font_name": "Times New Roman", "font_size": 12, "valign": "vcenter"}
    box = {**font, "border": 1, "text_wrap": True}
    looks = {
        "title": {**font, "bold": True, "font_size": 14},
        "hint": {**font, "italic": True},
        "head": {**box, "bold": True, "align": "center", "bg_color": "#D9E2EC"},
        "text": box,
        "centre": {**box, "align": "center"},
        "code": {**box, "num_format": "@"},
        "value": {**box, "text_wrap": False, "align": "right", "bold": True, "num_format": "General"},
        "doubted": {**box, "text_wrap": False, "align": "right", "bold": True, "bg_color": "#F8CBAD"},
        "done": {**box, "align": "center", "bg_color": "#FFFBE0"},
        "differs": {**box, "bg_color": "#F8CBAD", "bold": True},
        "ticked": {"bg_color": "#E2EFDA"},
    }
    return {name: book.add_format(look) for name, look in looks.items()}


def _head(
    sheet: Any,
    looks: Mapping[str, Any],
    consolidation: Consolidation,
    lines: Sequence[PortalLine],
    *,
    mapped: bool,
    compared: bool,
) -> None:
    said = words("upward")["portal"]
    sheet.write_string(0, 0, said["title"].format(period=consolidation.period.title), looks["title"])
    sheet.write_string(1, 0, said["hint"], looks["hint"])
    if not mapped:
        sheet.write_string(2, 0, said["no_map"].format(sheet=words("round")["settings"]["portal"]), looks["hint"])
    sheet.write_string(3, 5, said["progress"], looks["hint"])
    done = f"H{_FIRST + 1}:H{_FIRST + len(lines)}"
    sheet.write_formula(3, 6, f'=COUNTIF({done},"{said["mark"]}")', looks["value"], 0)
    sheet.write_string(3, 7, f"/ {len(lines)}", looks["hint"])
    titles = [*said["columns"], *(said["compared_columns"] if compared else ())]
    widths = (*_WIDTHS, *(_COMPARED_WIDTHS if compared else ()))
    for column, (title, width) in enumerate(zip(titles, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(_HEAD, column, title, looks["head"])


def _line(
    sheet: Any, looks: Mapping[str, Any], consolidation: Consolidation, number: int, line: PortalLine, *, compared: bool
) -> None:
    said, at = words("upward")["portal"], _FIRST + number
    indicator, figure = consolidation.edition.by_key[line.row.key], consolidation.figures.get(line.row.key)
    sheet.write_number(at, 0, number + 1, looks["centre"])
    sheet.write_string(at, 1, line.row.code[:_LONGEST], looks["code"])
    sheet.write_string(at, 2, (line.row.title or indicator.label)[:_LONGEST], looks["text"])
    sheet.write_string(at, 3, line.row.key, looks["centre"])
    sheet.write_string(at, 4, said["blocks"][line.row.block], looks["centre"])
    sheet.write_string(at, 5, indicator.unit, looks["centre"])
    cautions = [] if figure is None else _cautions(consolidation, line.row)
    if line.value is None:
        sheet.write_blank(at, _VALUE, None, looks["value"])
    else:
        sheet.write_number(at, _VALUE, float(line.value), looks["doubted" if cautions else "value"])
    sheet.write_blank(at, _DONE, None, looks["done"])
    notes = [*_rests_on(consolidation, line.row), *([said["missing"]] if line.value is None else []), *cautions]
    sheet.write_string(at, 8, "; ".join(notes), looks["text"])
    texts = [(2, line.row.title or indicator.label), (5, indicator.unit), (8, "; ".join(notes))]
    if compared:
        texts.append((10, verdict_sentence(line)))
    widths = (*_WIDTHS, *_COMPARED_WIDTHS)
    pieces = [(plain(text[:_LONGEST]), int(widths[column] * 7), 12) for column, text in texts]
    sheet.set_row(at, height(pieces, least=18))
    if compared:
        sheet.write_string(at, 9, line.there[:_LONGEST], looks["code"])
        sheet.write_string(at, 10, verdict_sentence(line), looks["differs" if line.differs else "text"])


def _rests_on(consolidation: Consolidation, row: PortalRow) -> Iterator[str]:
    """Of how many units the number is made; the own part of none, but what the units chose is told beside it."""
    said, figure = words("upward")["portal"], consolidation.figures.get(row.key)
    if figure is None:
        return
    if figure.distribution is not None:
        choices = consolidation.edition.by_key[row.key].choices
        told = (f"{one.label}: {figure.distribution.get(one.value, 0)}" for one in choices)
        yield said["choices"].format(level=units_word(consolidation), choices=said["joint"].join(told))
    elif row.block != "own":
        yield said["count"].format(n=figure.n, N=figure.N)


def _cautions(consolidation: Consolidation, row: PortalRow) -> list[str]:
    """Whose numbers in the value are in doubt, and what is missing in it. The own part rests on one unit alone."""
    said, owner = words("upward")["portal"], consolidation.roster.consolidating
    names = [without_controls(name) for name in doubted_units(consolidation, row.key)]
    if row.block == "own":
        names = [name for name in names if owner and name == without_controls(owner.full_name)]
    more = said["and_more"].format(count=len(names) - _NAMED) if len(names) > _NAMED else ""
    doubted = [said["doubted"].format(units=said["joint"].join(names[:_NAMED]) + more)] if names else []
    return [*doubted, *(without_controls(gap) for gap in (() if row.block == "own" else gaps(consolidation, row.key)))]


def _ticks(sheet: Any, looks: Mapping[str, Any], last: int) -> None:
    said = words("upward")["portal"]
    if last < _FIRST:
        return
    titles = {"input_title": said["mark_title"], "error_title": said["mark_title"]}
    texts = {"input_message": said["mark_message"], "error_message": said["mark_error"], **titles}
    allowed = {"validate": "list", "source": [said["mark"]], **texts}
    sheet.data_validation(_FIRST, _DONE, last, _DONE, allowed)
    rule = {"type": "formula", "criteria": f'=$H{_FIRST + 1}="{said["mark"]}"', "format": looks["ticked"]}
    sheet.conditional_format(_FIRST, 0, last, _DONE, rule)
    sheet.autofilter(_HEAD, 0, last, len(_WIDTHS) - 1)


def _only_there(sheet: Any, looks: Mapping[str, Any], at: int, codes: Sequence[tuple[str, str]]) -> None:
    said = words("upward")["portal"]
    if not codes:
        return
    sheet.write_string(at, 1, said["unknown_title"], looks["hint"])
    for number, (code, text) in enumerate(codes, start=1):
        sheet.write_string(at + number, 1, code[:_LONGEST], looks["code"])
        sheet.write_string(at + number, 2, text[:_LONGEST], looks["differs"])


def _print_set_up(sheet: Any, last: int) -> None:
    sheet.freeze_panes(_FIRST, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(_HEAD)
    sheet.set_footer("&C&P/&N")
    sheet.set_selection(min(_FIRST, last), _VALUE, min(_FIRST, last), _VALUE)
