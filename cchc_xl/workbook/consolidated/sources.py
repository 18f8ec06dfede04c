"""The sheets ``Nguồn số liệu 1`` … : one row a counted unit and row of the form, with the cell it was read from.

Most cells of a master stand here, so the rows are written as XML text at once (a tenth of the time and memory of
writing cell by cell); everything around them stays XlsxWriter's.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Counted, Entry, Form, State
from cchc_xl.relations.corrected import as_sent
from cchc_xl.workbook import sources
from cchc_xl.workbook.consolidated.cells import cut, link, outside, write_text
from cchc_xl.workbook.consolidated.plan import MOST_LINKS, SOURCE_FIRST_ROW, Plan
from cchc_xl.workbook.consolidated.quick_sheet import Kept, QuickSheet
from cchc_xl.workbook.consolidated.styles import Styles
from cchc_xl.workbook.layout import address, column_letters

_WIDTHS = {
    "unit_code": 10,
    "unit_name": 22,
    "role": 10,
    "level": 8,
    "key": 10,
    "state": 18,
    "value": 12,
    "raw": 14,
    "formula": 26,
    "note": 22,
    "file": 36,
    "sheet": 10,
    "cell": 8,
    "sha256": 66,
    "corrected": 14,
    "correction": 40,
}
_LETTERS = {name: column_letters(number) for number, name in enumerate(sources.COLUMNS)}
_FILE = sources.COLUMNS.index("file")
_ROW = "~"  # stands for the row's number until the row is put down


class SourceSheet(QuickSheet):
    """A worksheet whose rows below the head are given as XML."""

    def __init__(self) -> None:
        super().__init__()
        self._units: list[Kept] = []  # the rows of one unit after another
        self._texts: dict[tuple[str, str | None], str] = {}
        self.said: dict[int, tuple[Entry, str, str]] = {}  # many units give the same answer in the same cell
        self.text_look = self.number_look = 0  # numbers of formats

    def text(self, name: str, text: str | None) -> str:
        """A text cell of the column ``name`` as XML; "" for no text. Only the number of the text stands in it."""
        cell = self._texts.get((name, text))
        if cell is None:
            number = self.str_table._get_shared_string_index(cut(text)) if text else 0
            cell = f'<c r="{_LETTERS[name]}{_ROW}" s="{self.text_look}" t="s"><v>{number}</v></c>' if text else ""
            self._texts[name, text] = cell
        return cell

    def number(self, name: str, value: Decimal | None) -> str:
        """A number cell as XML; "" for no number."""
        if value is None:
            return ""
        return f'<c r="{_LETTERS[name]}{_ROW}" s="{self.number_look}"><v>{float(value)!r}</v></c>'

    def add_rows(self, first: int, rows: Sequence[str]) -> None:
        """Put down rows from this one on (0-based), the cells of each in the order of the columns."""
        self._check_dimensions(first + len(rows) - 1, len(sources.COLUMNS) - 1)
        numbered = enumerate(rows, start=first + 1)
        text = "".join(f'<row r="{_ROW}">{cells}</row>'.replace(_ROW, str(row)) for row, cells in numbered)
        self._units.append(self.keep(text))

    def _write_rows(self) -> None:
        """Called when the file is put together: the head as usual, then the rows."""
        last, self.dim_rowmax = self.dim_rowmax, SOURCE_FIRST_ROW - 1
        super()._write_rows()
        self.dim_rowmax = last
        for kept in self._units:
            self.pour(kept)


def write_sources(workbook: Workbook, plan: Plan, styles: Styles, form: Form) -> None:
    """One form's source sheet. Nothing but text and numbers, so that the next level up can read it."""
    sheet = workbook.add_worksheet(sources.sheet_name(form.number), SourceSheet)
    for column, (name, title) in enumerate(zip(sources.COLUMNS, sources.header(), strict=True)):
        write_text(sheet, 0, column, title, styles.of("source_head"))
        sheet.set_column(column, column, _WIDTHS[name])
    sheet.text_look = styles.of("source_text")._get_xf_index()
    sheet.number_look = styles.of("source")._get_xf_index()
    states = {State(name): sheet.text("state", word) for name, word in sources.state_words().items()}
    keys = [indicator.key for indicator in form.indicators]
    first, now = SOURCE_FIRST_ROW, {one.unit.code: one for one in (*plan.units, plan.own) if one and one.submission}
    for counted in plan.counted:
        assert first == plan.source_row(counted.unit.code, keys[0])
        unit, corrected = _unit_cells(sheet, counted), now[counted.unit.code].submission.entries
        rows = []
        for row, key in enumerate(keys, start=first):
            _link_file(sheet, row, counted, key, plan)
            cells = _row_cells(sheet, counted, key, states)
            rows.append(unit + cells + _corrected_cells(sheet, corrected[key], states))
        sheet.add_rows(first, rows)
        first += len(keys)
    _finish(sheet, last=max(first - 1, SOURCE_FIRST_ROW))


def _link_file(sheet: Worksheet, row: int, counted: Counted, key: str, plan: Plan) -> None:
    """From the source row to the very cell of the unit's own file, where that file is at hand."""
    submission = counted.submission
    if not plan.links or not submission or len(plan.units) > MOST_LINKS:
        return
    source, entry = counted.sources.get(key, submission), submission.entries[key]
    target = outside(plan.links.get(source.file, ""), entry.sheet, entry.cell) if entry.cell else ""
    if target:
        link(sheet, row, _FILE, target, None, text=source.file)


def _unit_cells(sheet: SourceSheet, counted: Counted) -> str:
    """The first columns: alike in all rows of a unit."""
    unit = counted.unit
    role = words("master")["sources"]["own_role"] if unit.consolidating else ""
    texts = {"unit_code": unit.code, "unit_name": unit.title, "role": role, "level": unit.level}
    return "".join(sheet.text(name, text) for name, text in texts.items())


def _row_cells(sheet: SourceSheet, counted: Counted, key: str, states: Mapping[State, str]) -> str:
    """The columns from the key on: what the unit said, and the cell it said it in.

    The value is 0 where it said that nothing arose, and no cell where it gave no answer.
    """
    submission, text = counted.submission, sheet.text
    assert submission
    entry, source = as_sent(submission.entries, key), counted.sources.get(key, submission)
    said = sheet.said.get(id(entry))
    if said is None:
        answer = (
            f"{text('key', key)}{states[entry.state]}{sheet.number('value', entry.amount)}{text('raw', entry.raw)}"
            f"{text('formula', entry.formula)}{text('note', entry.note)}"
        )
        file = text("file", source.file)  # texts are numbered in the order they are met
        said = sheet.said[id(entry)] = entry, answer, f"{text('sheet', entry.sheet)}{text('cell', entry.cell)}"
        return f"{answer}{file}{said[2]}{text('sha256', source.sha256)}"
    return f"{said[1]}{text('file', source.file)}{said[2]}{text('sha256', source.sha256)}"


def _corrected_cells(sheet: SourceSheet, entry: Entry, states: Mapping[State, str]) -> str:
    """The number the figures take in instead, with why; nothing for an answer that stands as sent."""
    if not entry.sent:
        return ""
    why = entry.corrected or words("master")["sources"]["follows"]
    number = sheet.number("corrected", entry.amount) or sheet.text("corrected", sources.state_words()[entry.state])
    return number + sheet.text("correction", why)


def _finish(sheet: Worksheet, last: int) -> None:
    columns = len(sources.COLUMNS) - 1
    sheet.freeze_panes(1, 2)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{address(last, columns)}"})
    sheet.autofilter(0, 0, last, columns)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&C&P/&N")
