"""The sheet ``Tình hình nộp``: every unit's state, and every file handed in with the one fate it had."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from cchc_xl.editions.catalogue import fate_sentence, words
from cchc_xl.model import Consolidation, Counted, FileFate, Finding, HandedIn, Severity, UnitState
from cchc_xl.workbook.consolidated.cells import inside, link, outside, write_number, write_text
from cchc_xl.workbook.consolidated.plan import MOST_SOURCES, Plan
from cchc_xl.workbook.consolidated.quick_sheet import QuickSheet
from cchc_xl.workbook.consolidated.styles import ABSENT, ERROR, FIGURE, WARNING, Styles, height
from cchc_xl.workbook.consolidated.words import unit_name
from cchc_xl.workbook.layout import address, column_letters

HEAD_ROW, FIRST_ROW = 3, 4
_WIDTHS = (5, 10, 26, 18, 12, 11, 11, 11, 10, 44, 36)
_STATUS_WIDTHS = (13, 16, 14, 7, 8, 44)
_PAPER = (297 / 25.4 - 0.8) * 96 * 0.9  # pixels of A4 across; LibreOffice sets columns wider
_STATE, _REASON, _FILE = 3, 5, 9
_FILE_AT = {"number": 0, "unit_code": 1, "unit_name": 2, "fate": 3, "period": 4, "file": _FILE, "sha256": _FILE + 1}
_COLOURS = {UnitState.COUNTED: FIGURE, UnitState.NOT_SENT: ABSENT, UnitState.WAITING: WARNING}
_FATE_COLOURS = {
    FileFate.COUNTED: FIGURE,
    FileFate.DUPLICATE: ABSENT,
    FileFate.WAITING: WARNING,
    FileFate.REFUSED: ERROR,
    FileFate.NOT_COUNTED: ERROR,
}


def state_range(consolidation: Consolidation) -> str:
    """The states of the due units (not of the consolidating one)."""
    letters, sheet = column_letters(_STATE), words("master")["sheets"]["sent"]
    first = FIRST_ROW if consolidation.N else HEAD_ROW  # without a unit, the head: it is no state
    last = first + max(1, consolidation.N)
    return f"'{sheet}'!${letters}${first + 1}:${letters}${last}"


def counts_of(findings: Iterable[Finding]) -> tuple[int, int, int, int]:
    """(errors, warnings, of which explained, notes)."""
    findings = tuple(findings)
    by = Counter(finding.severity for finding in findings)
    explained = sum(finding.explained for finding in findings if finding.severity is Severity.WARNING)
    return by[Severity.ERROR], by[Severity.WARNING], explained, by[Severity.NOTE]


def write_sent(workbook: Workbook, consolidation: Consolidation, plan: Plan, styles: Styles) -> None:
    """The units in roster order, the consolidating unit last, then the files in the order they were handed in."""
    texts = words("master")
    sheet = workbook.add_worksheet(texts["sheets"]["sent"])
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    write_text(sheet, 0, 0, texts["sent"]["title"], styles.of("title"))
    said = {"sent": consolidation.sent, "due": consolidation.N, "period": consolidation.period.title}
    write_text(sheet, 1, 0, texts["sent"]["subtitle"].format(**said), styles.of("note"))
    link(sheet, 2, 0, inside(texts["sheets"]["overview"]), styles.of("link"), text=texts["back"])
    _heads(sheet, HEAD_ROW, texts["sent"]["columns"], styles)
    units = (*consolidation.units, *((consolidation.own,) if consolidation.own else ()))
    for number, counted in enumerate(units):
        _unit(sheet, FIRST_ROW + number, number + 1, counted, styles)
        if consolidation.N > MOST_SOURCES:
            sheet.put_down(FIRST_ROW + number)
    _statuses(sheet, consolidation, units, styles)
    files_row = FIRST_ROW + len(units) + 1
    _files(sheet, files_row, consolidation, plan, styles)
    sheet.autofilter(HEAD_ROW, 0, FIRST_ROW + max(0, len(units) - 1), len(texts["sent"]["columns"]) - 1)
    sheet.freeze_panes(FIRST_ROW, 3)
    last = FIRST_ROW + len(units) + len(consolidation.files) + 3
    sheet.ignore_errors({"number_stored_as_text": f"A1:{address(last, _FILE)}"})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    widths = (*_WIDTHS, *(_STATUS_WIDTHS if consolidation.statuses else ()))
    sheet.set_print_scale(int(_PAPER / sum(width * 7 + 5 for width in widths) * 100))
    sheet.set_h_pagebreaks([files_row])  # fitting to pages would ignore the break
    sheet.set_footer("&C&P/&N")


def _heads(sheet: Worksheet, row: int, titles: Mapping[str, str], styles: Styles) -> None:
    for column, title in enumerate(titles.values()):
        write_text(sheet, row, column, title, styles.of("head"))
    sheet.set_row(row, 34)


def _unit(sheet: Worksheet, row: int, number: int, counted: Counted, styles: Styles) -> None:
    middle, text = styles.of("middle"), styles.of("text")
    write_number(sheet, row, 0, number, middle)
    write_text(sheet, row, 1, counted.unit.code, middle)
    write_text(sheet, row, 2, unit_name(counted.unit), text)
    state = words("master")["states"][counted.state.value]
    write_text(sheet, row, _STATE, state, styles.of("middle", bg_color=_COLOURS[counted.state]))
    submission = counted.submission
    answered = sum(entry.answered for entry in submission.entries.values()) if submission else None
    write_number(sheet, row, 4, answered, middle)
    for column, count in enumerate(counts_of(counted.findings), start=5):
        write_number(sheet, row, column, count if submission or counted.findings else None, middle)
    sources = {id(source): source for source in counted.sources.values()}.values()
    files = list(dict.fromkeys((source.file, source.sha256) for source in sources))
    if submission and not files:
        files = [(submission.file, submission.sha256)]
    names = "\n".join(file for file, _ in files)
    write_text(sheet, row, _FILE, names, styles.of("small_text"))
    hashes = "\n".join(sha for _, sha in files)
    write_text(sheet, row, _FILE + 1, hashes, styles.of("small_text", font_size=9))
    sheet.set_row(row, max(18, height(names, _WIDTHS[_FILE], size=10), height(hashes, _WIDTHS[_FILE + 1], size=9)))


def _statuses(sheet: Worksheet, consolidation: Consolidation, units: Sequence[Counted], styles: Styles) -> None:
    """Beside the units of a round kept in a folder: where each stands, who entered it and when, what was noted."""
    if not consolidation.statuses:
        return
    said, states = words("master")["sent"]["status_columns"], words("round")["states"]
    rows = {counted.unit.code: FIRST_ROW + number for number, counted in enumerate(units)}
    for column, (title, width) in enumerate(zip(said.values(), _STATUS_WIDTHS, strict=True), start=len(_WIDTHS)):
        sheet.set_column(column, column, width)
        write_text(sheet, HEAD_ROW, column, title, styles.of("head"))
    for one in consolidation.statuses:
        when = f"{one.when:%H:%M %d/%m/%Y}" if one.when else ""
        late, signed = (
            said[name] if marked else "" for name, marked in (("late", one.late), ("signed", one.signed_copy))
        )
        texts = (states[one.state], when, one.who, late, signed, one.note)
        for column, text in enumerate(texts, start=len(_WIDTHS)):
            write_text(sheet, rows[one.unit.code], column, text, styles.of("small_text"))


def _files(sheet: QuickSheet, top: int, consolidation: Consolidation, plan: Plan, styles: Styles) -> None:
    texts = words("master")
    write_text(sheet, top, 0, texts["sent"]["files"], styles.of("heading"))
    if not consolidation.files:
        write_text(sheet, top + 1, 0, texts["sent"]["no_files"], styles.of("note"))
        return
    _file_heads(sheet, top + 1, styles)
    for number, handed_in in enumerate(consolidation.files):
        _file(sheet, top + 2 + number, number + 1, handed_in, plan, styles)
        if consolidation.N > MOST_SOURCES:
            sheet.put_down(top + 2 + number)


def _file_heads(sheet: Worksheet, row: int, styles: Styles) -> None:
    titles, head = words("master")["sent"]["file_columns"], styles.of("head")
    for name, column in _FILE_AT.items():
        write_text(sheet, row, column, titles[name], head)
    sheet.merge_range(row, _REASON, row, _FILE - 1, titles["reason"], head)
    sheet.set_row(row, 34)


def _name(file: str) -> str:
    """The file without its folders: the link leads there, and programs don't wrap a link."""
    return file.replace("\\", "/").rpartition("/")[2]


def _file(sheet: Worksheet, row: int, number: int, handed_in: HandedIn, plan: Plan, styles: Styles) -> None:
    submission, unit, fates = handed_in.submission, handed_in.submission.unit, words("master")["fates"]
    middle, small = styles.of("middle"), styles.of("small_text")
    write_number(sheet, row, 0, number, middle)
    write_text(sheet, row, 1, unit.code if unit else "", middle)
    write_text(sheet, row, 2, unit.name if unit else "", styles.of("text"))
    colour = _FATE_COLOURS.get(handed_in.fate)
    fate = styles.of("middle", **({"bg_color": colour} if colour else {}))
    write_text(sheet, row, _STATE, fates[handed_in.fate.value], fate)
    write_text(sheet, row, 4, submission.period or "", middle)
    told = handed_in.reason and handed_in.fate is not FileFate.COUNTED
    reason = fate_sentence(handed_in.reason, handed_in.args) if told else ""
    sheet.merge_range(row, _REASON, row, _FILE - 1, reason, small)
    target = outside(plan.links.get(submission.file, ""))
    if target:
        link(sheet, row, _FILE, target, styles.of("line_link", font_size=10), text=_name(submission.file))
    else:
        write_text(sheet, row, _FILE, submission.file, small)
    write_text(sheet, row, _FILE + 1, submission.sha256, styles.of("small_text", font_size=9))
    wide = sum(_WIDTHS[_REASON:_FILE])
    tallest = max(height(submission.file, _WIDTHS[_FILE], size=10), height(reason, wide, size=10))
    tallest = max(tallest, height(submission.sha256, _WIDTHS[_FILE + 1], size=9))
    sheet.set_row(row, max(18, tallest))
