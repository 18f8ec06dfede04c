"""The sheet ``Lỗi và giải trình``: everything found in the files handed in, and what the units said about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from cchc_xl.editions.catalogue import advice, cause_sentence, message, words
from cchc_xl.model import Consolidation, FileFate, Finding, Severity, UnitState
from cchc_xl.workbook.consolidated.cells import inside, link, write_number, write_text
from cchc_xl.workbook.consolidated.plan import FIRST_UNIT, MOST_SOURCES, Plan, detail_sheet
from cchc_xl.workbook.consolidated.styles import DECIMAL, ERROR, WARNING, WHOLE_NUMBER, Styles, height
from cchc_xl.workbook.consolidated.words import unit_name
from cchc_xl.workbook.layout import address, column_letters

HEAD_ROW, FIRST_ROW = 3, 4
COLUMNS = {
    "number": 5,
    "unit_code": 9,
    "unit_name": 18,
    "form": 5.5,
    "code": 8,
    "label": 28,
    "severity": 12,
    "message": 42,
    "advice": 34,
    "found": 10,
    "expected": 10,
    "causes": 26,
    "explained": 13,
    "explanation": 26,
    "rule": 16,
    "file": 30,
    "place": 13,
    "link": 10,
}
_WRAPPED = ("label", "message", "advice", "causes", "explanation", "file")
_AT = {name: number for number, name in enumerate(COLUMNS)}
_SIZE = 10
MOST_LINKS = 50_000  # Excel allows 65,530 a sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One finding with the unit and file it belongs to; ``code`` is "" for a file of nobody in the roster."""

    code: str
    name: str
    file: str
    finding: Finding


def listed(consolidation: Consolidation) -> tuple[Listed, ...]:
    """Findings of the units in roster order, then of the own part, of corrections, of files that count for nobody."""
    return (*_of_units(consolidation), *_of_corrections(consolidation), *_of_other_files(consolidation))


def range_of(column: str, rows: int) -> str:
    """``'Lỗi và giải trình'!$G$5:$G$300``: a column of the list of this many rows, at least one."""
    last = FIRST_ROW + max(1, rows)
    letters = column_letters(_AT[column])
    sheet = words("master")["sheets"]["findings"]
    return f"'{sheet}'!${letters}${FIRST_ROW + 1}:${letters}${last}"


def _of_units(consolidation: Consolidation) -> Iterator[Listed]:
    own = (consolidation.own,) if consolidation.own else ()
    for counted in (*consolidation.units, *own):
        for finding in counted.findings:
            source = counted.sources.get(finding.key or "", counted.submission)
            yield Listed(
                code=counted.unit.code,
                name=unit_name(counted.unit),
                file=source.file if source else "",
                finding=finding,
            )


def _of_corrections(consolidation: Consolidation) -> Iterator[Listed]:
    """Lines of Điều chỉnh that change no figure, and what is to be said of the masters they stand in."""
    everyone = (*consolidation.units, *((consolidation.own,) if consolidation.own else ()))
    names = {unit.unit.code: unit_name(unit.unit) for unit in everyone}
    for line in consolidation.lines:
        if line.finding:
            yield Listed(code=line.unit, name=names.get(line.unit, ""), file=line.file, finding=line.finding)
    for notice in consolidation.notices:
        yield Listed(code="", name="", file=str(notice.args.get("master", "")), finding=notice)


def _of_other_files(consolidation: Consolidation) -> Iterator[Listed]:
    waiting = {unit.unit.code: unit for unit in consolidation.units if unit.state is UnitState.WAITING}
    for handed_in in consolidation.files:
        if handed_in.fate in (FileFate.COUNTED, FileFate.DUPLICATE):
            continue
        unit = handed_in.submission.unit
        code = unit.code if unit else ""
        told = waiting[code].findings if code in waiting else ()
        for finding in handed_in.findings:
            if finding not in told:
                name = unit.name if unit else ""
                yield Listed(code=code, name=name, file=handed_in.submission.file, finding=finding)


def write_findings(
    workbook: Workbook, consolidation: Consolidation, plan: Plan, styles: Styles, rows: tuple[Listed, ...]
) -> None:
    """The list (``listed``), with filters, each row leading to the unit's cell on Chi tiết."""
    texts = words("master")
    sheet = workbook.add_worksheet(texts["sheets"]["findings"])
    write_text(sheet, 0, 0, texts["findings"]["title"], styles.of("title"))
    write_text(sheet, 1, 0, texts["findings"]["subtitle"], styles.of("note"))
    link(sheet, 2, 0, inside(texts["sheets"]["overview"]), styles.of("link"), text=texts["back"])
    for column, (name, width) in enumerate(COLUMNS.items()):
        sheet.set_column(column, column, width)
        write_text(sheet, HEAD_ROW, column, texts["findings"]["columns"][name], styles.of("head", font_size=_SIZE))
    sheet.set_row(HEAD_ROW, 30)
    columns = _columns_of(plan)
    for number, one in enumerate(rows):
        target = _cell_of(one, plan, columns) if number < MOST_LINKS else ""
        _row(sheet, FIRST_ROW + number, number + 1, one, consolidation, target, styles)
        if len(plan.units) > MOST_SOURCES:
            sheet.put_down(FIRST_ROW + number)
    if not rows:
        write_text(sheet, FIRST_ROW, 0, texts["findings"]["none"], styles.of("note"))
    sheet.freeze_panes(FIRST_ROW, _AT["form"])
    last = FIRST_ROW + max(0, len(rows) - 1)
    sheet.autofilter(HEAD_ROW, 0, last, len(COLUMNS) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{address(last, len(COLUMNS) - 1)}"})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD_ROW)
    sheet.print_area(0, 0, last, _AT["explanation"])
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    sheet.set_footer("&C&P/&N")


def _row(
    sheet: Worksheet, row: int, number: int, one: Listed, consolidation: Consolidation, target: str, styles: Styles
) -> None:
    """One finding; ``target``: the cell to lead to, "" for none."""
    finding = one.finding
    texts = _texts(one, consolidation)
    text_look, middle = styles.of("small_text"), styles.of("middle", font_size=_SIZE)
    for name, text in texts.items():
        look = text_look if name in _WRAPPED or name == "unit_name" else middle
        if name == "severity":
            colour = {Severity.ERROR: ERROR, Severity.WARNING: WARNING}.get(finding.severity)
            look = styles.of("middle", font_size=_SIZE, **({"bg_color": colour} if colour else {}))
        write_text(sheet, row, _AT[name], text, look)
    write_number(sheet, row, _AT["number"], number, styles.of("middle", font_size=_SIZE))
    for name, value in (("found", finding.found), ("expected", finding.expected)):
        whole = value is None or value == value.to_integral_value()
        look = styles.of("number", font_size=_SIZE, num_format=WHOLE_NUMBER if whole else DECIMAL)
        write_number(sheet, row, _AT[name], value, look)
    if target:
        text = words("master")["findings"]["see"]
        link(sheet, row, _AT["link"], target, styles.of("line_link", font_size=_SIZE, align="center"), text=text)
    else:
        write_text(sheet, row, _AT["link"], "", middle)
    tallest = max(height(texts[name], COLUMNS[name], size=_SIZE) for name in _WRAPPED)
    sheet.set_row(row, min(400, tallest))


def _texts(one: Listed, consolidation: Consolidation) -> dict[str, str]:
    finding, edition = one.finding, consolidation.edition
    indicator = edition.by_key.get(finding.key or "")
    said = words("master")
    place = " ".join(part for part in (finding.sheet, finding.cell) if part)
    return {
        "unit_code": one.code,
        "unit_name": one.name,
        "form": str(indicator.form) if indicator else "",
        "code": indicator.code if indicator else "",
        "label": indicator.label if indicator else "",
        "severity": said["severity"][finding.severity.value],
        "message": message(finding, edition, one.file),
        "advice": advice(finding, edition, one.file),
        "causes": "; ".join(cause_sentence(cause) for cause in finding.causes),
        "explained": said["findings"]["yes"] if finding.explained else "",
        "explanation": finding.explanation,
        "rule": finding.rule or "",
        "file": one.file,
        "place": place,
    }


def _columns_of(plan: Plan) -> dict[str, int]:
    """Unit code -> its column on Chi tiết, the consolidating unit's own too."""
    columns = {counted.unit.code: FIRST_UNIT + number for number, counted in enumerate(plan.units)}
    return {plan.own.unit.code: plan.own_part, **columns} if plan.own else columns


def _cell_of(one: Listed, plan: Plan, columns: Mapping[str, int]) -> str:
    """The unit's cell of the row that is judged; "" where there is none."""
    key = one.finding.key
    if key not in plan.detail_row or one.code not in columns:
        return ""
    sheet = detail_sheet(int(key.partition("/")[0]))
    return inside(sheet, address(plan.detail_row[key], columns[one.code]))
