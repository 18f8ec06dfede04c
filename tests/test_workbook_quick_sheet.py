"""The quick way of putting cells down gives the file that XlsxWriter itself gives, byte for byte."""

import io

import openpyxl
import pytest

from cchc_xl.workbook import master
from cchc_xl.workbook.consolidated import detail, plan, sources, unit_cells
from cchc_xl.workbook.consolidated.quick_sheet import QuickSheet

from .rounds import random_round

Book = master._Book


def as_given(sheet: QuickSheet, formula: str, expand_future_functions: bool = False) -> str:
    """The quick sheet renames no function; neither shall the slow one it is held against."""
    return formula.removeprefix("=")


@pytest.mark.parametrize(("seed", "size"), [(1, 3), (2, 23), (3, 0)])
def test_the_same_bytes(monkeypatch, seed, size):
    made = random_round(seed, size)
    links = {file.submission.file: f"nhận về/{file.submission.file}" for file in made.files}
    quick = master.build(made, links)
    for name in [name for name, one in vars(QuickSheet).items() if callable(one) and name != "__init__"]:
        monkeypatch.delattr(QuickSheet, name)
    monkeypatch.setattr(QuickSheet, "_prepare_formula", as_given, raising=False)
    assert master.build(made, links) == quick


def shown(content: bytes) -> dict:
    """(sheet, cell) -> what it holds and how that looks."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    stored = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    return {
        (sheet.title, cell.coordinate): (
            cell.value,
            stored[sheet.title][cell.coordinate].value,
            cell.number_format,
            cell.fill.fgColor.rgb,
            cell.font.b,
            sheet.row_dimensions[cell.row].height,
        )
        for sheet in book
        for row in sheet
        for cell in row
    }


def test_a_master_of_many_units_holds_the_same_when_its_rows_are_put_down_early(monkeypatch):
    made = random_round(4, 12)
    for module in (detail, plan, sources, unit_cells):
        monkeypatch.setattr(module, "MOST_LINKS", 5)
    early = shown(master.build(made))
    monkeypatch.setattr(QuickSheet, "put_down", lambda sheet, row: None)
    assert shown(master.build(made)) == early


def test_sheets_put_together_in_files_are_the_same(monkeypatch):
    made = random_round(5, 8)
    for module in (master, plan):
        monkeypatch.setattr(module, "MOST_SOURCES", 5)
    in_files = master.build(made)
    assert master.build(made) == in_files
    monkeypatch.setattr(master, "_Book", lambda out, options: Book(out, {**options, "in_memory": True}))
    assert shown(master.build(made)) == shown(in_files)
