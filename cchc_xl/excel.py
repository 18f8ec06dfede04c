"""The control workbook open in Excel, through xlwings: its buttons, and Excel as a calculator for ``check``.

The only file that imports xlwings, and only its BSD part; nothing else needs it. Each button reads settings and roster
from the workbook's cells, does what its command does, and writes what there is to show into the same named cells that
the macro fills when the work is done by the program ``cchc-xl``.
"""

import contextlib
import shutil
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType

import xlwings as xw

from cchc_xl import office
from cchc_xl.editions.catalogue import words
from cchc_xl.errors import CchcError, UsageError
from cchc_xl.rounds.buttons.control import ControlResult, failed, run
from cchc_xl.rounds.buttons.control_book import ROSTER, SEEN, name_of, settings_from
from cchc_xl.rounds.buttons.control_settings import ControlSettings
from cchc_xl.rounds.buttons.screen import cells_of, links_of, step_line, tables_of
from cchc_xl.rounds.buttons.tables import inert_text

Recalculate = Callable[[Path, Path], Path]  # workbook, folder -> its copy computed anew

_TEXT = "@"
_EXCEL_ERRORS: tuple[type[Exception], ...] = (xw.XlwingsError, OSError, AttributeError)
with contextlib.suppress(ImportError):  # Windows only
    from pywintypes import com_error

    _EXCEL_ERRORS = (*_EXCEL_ERRORS, com_error)


def gui_bieu_mau(now: datetime, who: str, token: str = "") -> ControlResult:
    """Button 1: the round is made where there is none, and a workbook for each unit."""
    return _pressed("issue", now, who, token)


def nhan_bao_cao(now: datetime, who: str, token: str = "") -> ControlResult:
    """Button 2: everything in the folder of arrivals is taken in."""
    return _pressed("collect", now, who, token)


def kiem_tra(now: datetime, who: str, token: str = "") -> ControlResult:
    """Button 3: every workbook that counts now is checked; what is wrong is listed."""
    return _pressed("check", now, who, token)


def gui_phan_hoi(now: datetime, who: str, token: str = "") -> ControlResult:
    """Button 4: the marked workbooks and what goes with them."""
    return _pressed("feedback", now, who, token)


def tong_hop(now: datetime, who: str, token: str = "") -> ControlResult:
    """Button 5: master, narrative and data of the whole round."""
    return _pressed("consolidate", now, who, token)


def bao_cao(now: datetime, who: str, token: str = "") -> ControlResult:
    """Button 6: the units' own Word reports."""
    return _pressed("report", now, who, token)


def don_doc(now: datetime, who: str, token: str = "") -> ControlResult:
    """Button 7: reminders."""
    return _pressed("remind", now, who, token)


def mo_ket_qua(now: datetime, who: str, token: str = "") -> ControlResult:
    """Button 8: the newest master, opened."""
    return _pressed("open", now, who, token)


def cap_nhat(now: datetime, who: str, token: str = "") -> ControlResult:
    """The state of the round, and nothing else."""
    return _pressed("refresh", now, who, token)


BUTTONS: Mapping[str, Callable[[datetime, str, str], ControlResult]] = MappingProxyType(
    {
        "issue": gui_bieu_mau,
        "collect": nhan_bao_cao,
        "check": kiem_tra,
        "feedback": gui_phan_hoi,
        "consolidate": tong_hop,
        "report": bao_cao,
        "remind": don_doc,
        "open": mo_ket_qua,
        "refresh": cap_nhat,
    }
)


def _pressed(action: str, now: datetime, who: str, token: str) -> ControlResult:
    book = xw.Book.caller()

    def progress(step: str, done: int, total: int) -> None:
        book.app.status_bar = step_line(action, step, done, total)

    progress("start", 0, 0)
    try:
        result = run(action, settings_of(book), now, who, progress)
    except CchcError as error:
        result = failed(action, error)
    show(book, result, now)
    _cell(book, "TOKEN").value = token  # last: the macro knows by it that all of this ran
    return result


def settings_of(book: xw.Book) -> ControlSettings:
    """What stands in the cells of an open control workbook. Raises UsageError where cells are missing."""
    prefix = name_of("")
    texts = {
        name.name.removeprefix(prefix): _text(name.refers_to_range.value)
        for name in book.names
        if name.name.startswith(prefix) and name.name.removeprefix(prefix) in _WANTED
    }
    path = _path(book)
    return settings_from(path.parent, texts, _roster(book), str(path))


def _path(book: xw.Book) -> Path:
    """Where the workbook lies. Raises UsageError for one opened from the web whose place on this disk is not known."""
    try:
        return Path(book.fullname)
    except xw.XlwingsError as error:
        raise UsageError("control-online", path=book.name) from error


_WANTED = frozenset([*map(str.upper, words("control")["fields"]), *(f"SEEN_{name.upper()}" for name in SEEN)])


def _cell(book: xw.Book, name: str) -> xw.Range:
    """A cell by its name. Raises UsageError where somebody deleted it."""
    if name_of(name) not in book.names:
        raise UsageError("control-not-ours", file=book.fullname, names=name_of(name))
    return book.names[name_of(name)].refers_to_range


def _roster(book: xw.Book) -> list[list[str]]:
    home = _cell(book, ROSTER)
    last = home.sheet.used_range.last_cell.row
    if last < home.row:
        return []
    width = len(words("roster")["columns"])
    values = home.resize(last - home.row + 1, width).options(ndim=2).value
    return [[_text(value) for value in row] for row in values]


def _text(value: object) -> str:
    """A cell as a person reads it; the hour of a date stands before it."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, datetime):
        hour = f"{value.hour}:{value.minute:02} " if value.hour or value.minute else ""
        return f"{hour}{value:%d/%m/%Y}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def show(book: xw.Book, result: ControlResult, now: datetime) -> None:
    """Write what a button gave into the workbook: message, numbers, settings, tables, links; open what is to open."""
    book.app.screen_updating = False
    try:
        for name, text in cells_of(result, now).items():
            _cell(book, name).value = text
        for name, (columns, rows) in tables_of(result).items():
            _show_table(_cell(book, f"T_{name.upper()}"), columns, rows)
        for number, (caption, address) in enumerate(links_of(result), start=1):
            _show_link(_cell(book, f"LINK_{number}"), caption, address)
    finally:
        book.app.screen_updating = True
    for path in result.opens:
        book.app.books.open(str(path.absolute()))


def _show_table(home: xw.Range, columns: int, rows: tuple[tuple[str, ...], ...]) -> None:
    """All cells are text, so that nothing a unit wrote can become a formula."""
    _show_all_rows(home.sheet)
    last = home.sheet.used_range.last_cell.row
    if last >= home.row:
        home.resize(last - home.row + 1, columns).clear_contents()
    if rows:
        area = home.resize(len(rows), columns)
        area.number_format = _TEXT
        area.value = [[inert_text(cell) for cell in row] for row in rows]


def _show_all_rows(sheet: xw.Sheet) -> None:
    """Rows that a filter hides would keep what stood there."""
    with contextlib.suppress(*_EXCEL_ERRORS):
        if sheet.api.FilterMode:
            sheet.api.ShowAllData()


def _show_link(place: xw.Range, caption: str, address: str) -> None:
    place.clear()  # only so does an earlier link go
    if caption:
        place.add_hyperlink(address, caption, address)
        place.font.name = words("control")["font"]


# --- Excel as a calculator --------------------------------------------------------------------------------------------
def calculator() -> Recalculate | None:
    """The Excel of this machine as ``office.recalculate``; None where xlwings knows of none.

    What it gives raises OfficeFailed for a workbook that Excel does not open; where Excel itself does not start,
    LibreOffice does the work.
    """
    return partial(_recalculated, xw.engines.active) if xw.engines.active else None


def _recalculated(engine: xw.main.Engine, path: Path, folder: Path) -> Path:
    """A copy in ``folder``, opened out of sight, computed anew and saved; ``path`` itself is never opened."""
    try:
        app = engine.apps.add(visible=False, add_book=False)
    except _EXCEL_ERRORS:
        return office.recalculate(path, folder)
    folder.mkdir(parents=True, exist_ok=True)
    copy, made = folder / f"{path.stem}.xlsx", folder / f"{path.stem} (excel).xlsx"
    shutil.copyfile(path, copy)  # a workbook with macros under this name is refused by Excel: nothing in it runs
    try:
        app.display_alerts = False
        book = app.books.open(str(copy), update_links=False)
        getattr(app.api, "CalculateFullRebuild", app.calculate)()  # the plain one leaves what looks up to date
        book.save(str(made))
        book.close()
    except _EXCEL_ERRORS as error:
        raise office.OfficeFailed("office-failed", file=path.name, kind="xlsx", problem=str(error)) from error
    finally:
        app.quit()
    return made
