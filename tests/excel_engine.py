"""An engine for xlwings over openpyxl, on its free base classes: the real Book, Sheet and Range run on any machine.

It shows that our calls fit the library, not that Excel behaves. What it does not have raises NotImplementedError.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import openpyxl
import xlwings as xw
from openpyxl.cell.cell import MergedCell
from openpyxl.utils import range_boundaries
from xlwings import base_classes as base


class Engine:
    name = "openpyxl"
    type = "desktop"

    def __init__(self) -> None:
        self._apps = Apps(self)

    @property
    def apps(self):
        return self._apps

    @staticmethod
    def prepare_xl_data_element(element, options):
        return element

    @staticmethod
    def clean_value_data(data, datetime_builder, empty_as, number_builder, err_to_str):
        return [[_clean(value, empty_as) for value in row] for row in data]


def _clean(value: object, empty_as: object) -> object:
    """As Excel gives them: numbers are floats."""
    if value is None or value == "":
        return empty_as
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


class Apps(base.Apps):
    def __init__(self, engine: Engine) -> None:
        self.engine, self.running, self.closed = engine, {}, []

    def add(self, spec=None, add_book=None, xl=None, visible=None):
        app = App(self)
        self.running[app.pid] = app
        return app

    def keys(self):
        return list(self.running)

    def __iter__(self):
        return iter(self.running.values())

    def __len__(self):
        return len(self.running)

    def __getitem__(self, pid):
        return self.running[pid]


class Native:
    """What stands behind ``app.api``: the calls made to Excel's own object model."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def CalculateFullRebuild(self) -> None:
        self.calls.append("CalculateFullRebuild")


class App(base.App):
    def __init__(self, apps: Apps) -> None:
        self.apps, self.engine = apps, apps.engine
        self._pid = len(apps.running) + 1
        self.said: list[str] = []  # every text of the status bar
        self._books, self._api = Books(self), Native()

    screen_updating = True  # type: ignore[assignment]
    display_alerts = True  # type: ignore[assignment]

    @property
    def api(self):
        return self._api

    @property
    def books(self):
        return self._books

    @property
    def status_bar(self):
        return self.said[-1] if self.said else False

    @status_bar.setter
    def status_bar(self, value):
        self.said.append(value)

    def calculate(self):
        self._api.calls.append("Calculate")

    def quit(self):
        self.apps.closed.append(self.apps.running.pop(self.pid))

    @property
    def pid(self):
        return self._pid


class Books(base.Books):
    def __init__(self, app: App) -> None:
        self.app, self.listed = app, []

    def open(self, fullname, *args, **kwargs):
        book = Book(self.app, Path(fullname))
        self.listed.append(book)
        return book

    def __call__(self, name_or_index):
        for book in self.listed:
            if name_or_index in (book.name, book.fullname):
                return book
        raise KeyError(name_or_index)

    def __len__(self):
        return len(self.listed)

    def __iter__(self):
        return iter(self.listed)


class Book(base.Book):
    def __init__(self, app: App, path: Path) -> None:
        self._app, self.path = app, path
        self.book = openpyxl.load_workbook(path, keep_vba=path.suffix == ".xlsm")

    @property
    def app(self):
        return self._app

    @property
    def fullname(self):
        return str(self.path)

    @property
    def name(self):
        return self.path.name

    @property
    def names(self):
        return Names(self)

    @property
    def sheets(self):
        return Sheets(self)

    def save(self, path=None, password=None):
        self.path = Path(path) if path else self.path
        self.book.save(self.path)

    def close(self):
        self._app.books.listed.remove(self)


class Names(base.Names):
    def __init__(self, book: Book) -> None:
        self.book = book

    def _all(self) -> dict:
        return dict(self.book.book.defined_names)

    def __call__(self, name_or_index):
        return Name(self.book, self._all()[name_or_index])

    def contains(self, name_or_index):
        return name_or_index in self._all()

    def snapshot(self) -> Iterator:
        return ((name, Name(self.book, defined)) for name, defined in self._all().items())

    def __len__(self):
        return len(self._all())


class Name(base.Name):
    def __init__(self, book: Book, defined) -> None:
        self.book, self.defined = book, defined

    @property
    def name(self):
        return self.defined.name

    @property
    def refers_to(self):
        return f"={self.defined.attr_text}"

    @property
    def refers_to_range(self):
        ((title, place),) = self.defined.destinations
        return Range(Sheet(self.book, self.book.book[title]), *range_boundaries(place.replace("$", "")))


class Sheets(base.Sheets):
    def __init__(self, book: Book) -> None:
        self.book = book

    def __call__(self, name_or_index):
        sheets = self.book.book.worksheets
        found = sheets[name_or_index - 1] if isinstance(name_or_index, int) else self.book.book[name_or_index]
        return Sheet(self.book, found)

    def __len__(self):
        return len(self.book.book.worksheets)

    def __iter__(self):
        return (Sheet(self.book, sheet) for sheet in self.book.book.worksheets)


class Sheet(base.Sheet):
    def __init__(self, book: Book, sheet) -> None:
        self._book, self.sheet = book, sheet

    @property
    def name(self):
        return self.sheet.title

    @property
    def book(self):
        return self._book

    @property
    def api(self):
        return Filtered(self)

    def range(self, arg1, arg2=None):
        if isinstance(arg1, str):
            return Range(self, *range_boundaries(arg1))
        first = arg1.coords[1:3] if isinstance(arg1, Range) else arg1
        last = arg2 if isinstance(arg2, tuple) else arg2.corner if arg2 is not None else first
        return Range(self, first[1], first[0], last[1], last[0])

    @property
    def cells(self):
        return Range(self, 1, 1, 16_384, 1_048_576)

    @property
    def used_range(self):
        return Range(self, 1, 1, self.sheet.max_column, self.sheet.max_row)


class Filtered:
    """Of Excel's own worksheet what a filter needs: rows hidden by it, and all of them shown again."""

    def __init__(self, sheet: Sheet) -> None:
        self.rows = sheet.sheet.row_dimensions

    @property
    def FilterMode(self) -> bool:
        return any(row.hidden for row in self.rows.values())

    def ShowAllData(self) -> None:
        for row in self.rows.values():
            row.hidden = False


class Font:
    """The name of the letters, which is all that is asked for."""

    def __init__(self, cells) -> None:
        self.cells = cells

    @property
    def name(self):
        return self.cells[0].font.name

    @name.setter
    def name(self, value):
        for cell in self.cells:
            cell.font = openpyxl.styles.Font(name=value, size=cell.font.size)


class Range(base.Range):
    """A block of cells, ends included, counted from 1."""

    def __init__(self, sheet: Sheet, left: int, top: int, right: int, bottom: int) -> None:
        self._sheet, self.left_, self.top_, self.right_, self.bottom_ = sheet, left, top, right, bottom
        self.options = {}

    @property
    def sheet(self):
        return self._sheet

    @property
    def coords(self):
        return (self._sheet.name, self.top_, self.left_, *self.shape)

    @property
    def corner(self):
        return (self.bottom_, self.right_)

    @property
    def row(self):
        return self.top_

    @property
    def column(self):
        return self.left_

    @property
    def shape(self):
        return (self.bottom_ - self.top_ + 1, self.right_ - self.left_ + 1)

    def __len__(self):
        return self.shape[0] * self.shape[1]

    def __call__(self, arg1, arg2=None):
        if arg2 is None:
            row, column = divmod(arg1 - 1, self.shape[1])
            arg1, arg2 = row + 1, column + 1
        top, left = self.top_ + arg1 - 1, self.left_ + arg2 - 1
        return Range(self._sheet, left, top, left, top)

    def _rows(self):
        return self._sheet.sheet.iter_rows(self.top_, self.bottom_, self.left_, self.right_)

    def _cells(self):
        return [cell for row in self._rows() for cell in row if not isinstance(cell, MergedCell)]

    @property
    def raw_value(self):
        rows = [[cell.value for cell in row] for row in self._rows()]
        return rows[0][0] if len(self) == 1 else rows

    @raw_value.setter
    def raw_value(self, value):
        rows = value if isinstance(value, list | tuple) else [[value]]
        for cells, values in zip(self._rows(), rows, strict=True):
            for cell, one in zip(cells, values, strict=True):
                self._put(cell, one)

    def _put(self, cell, value) -> None:
        """As Excel does: text in a text cell stays text, elsewhere ``=`` makes a formula."""
        cell.value = value
        if isinstance(value, str) and cell.number_format == "@":
            cell.data_type = "s"
        elif isinstance(value, datetime):
            cell.number_format = "dd/mm/yyyy"

    @property
    def number_format(self):
        return self._cells()[0].number_format

    @number_format.setter
    def number_format(self, value):
        for cell in self._cells():
            cell.number_format = value

    def clear_contents(self):
        for cell in self._cells():
            cell.value = None

    def clear(self):
        for cell in self._cells():
            cell.value, cell.hyperlink, cell.style = None, None, "Normal"

    def add_hyperlink(self, address, text_to_display=None, screen_tip=None):
        (cell,) = self._cells()
        cell.hyperlink, cell.value = address, text_to_display

    @property
    def formula(self):
        cell = self._cells()[0]
        return cell.value if cell.data_type == "f" else str(cell.value or "")

    @property
    def hyperlink(self):
        return self._cells()[0].hyperlink.target

    @property
    def font(self):
        return Font(self._cells())

    api = "cells"  # type: ignore[assignment]
    max_cells_per_read = 4_000_000  # type: ignore[assignment]
    max_cells_per_write = 100_000  # type: ignore[assignment]


def opened(path: Path) -> xw.Book:
    """A workbook open in a new instance of this engine, which is the active one from now on."""
    engine = xw.main.Engine(impl=Engine())
    xw.engines.engines[:] = []
    xw.engines.add(engine)
    xw.engines.active = engine
    return engine.apps.add().books.open(str(path))
