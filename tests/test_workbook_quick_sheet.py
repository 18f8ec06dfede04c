"""The quick way of putting cells down gives the file that XlsxWriter itself gives, byte for byte."""

import io
from dataclasses import replace
from decimal import Decimal

import openpyxl
import pytest

from cchc_xl.model import Indicator, Target
from cchc_xl.workbook import master
from cchc_xl.workbook.consolidated import detail, findings, plan, sent, sources, unit_cells
from cchc_xl.workbook.consolidated.detail_page import DetailPage
from cchc_xl.workbook.consolidated.quick_sheet import QuickSheet

from .rounds import random_round

_KEEPING = ("__init__", "keep", "pour")  # of the rows that are text already


def cell_by_cell(page: DetailPage, indicator: Indicator) -> None:
    """The same row without any cell made in one step."""
    for column, counted in enumerate(page.plan.units, start=plan.FIRST_UNIT):
        mark = page.marks.get(indicator.key, {}).get(counted.unit.code)
        unit_cells.write_unit_cell(page, indicator, column, counted, mark)


def as_given(sheet: QuickSheet, formula: str, expand_future_functions: bool = False) -> str:
    """The quick sheet renames no function; neither shall the slow one it is held against."""
    return formula.removeprefix("=")


@pytest.mark.parametrize(("seed", "size"), [(1, 3), (2, 23), (3, 0)])
def test_the_same_bytes(monkeypatch, seed, size):
    target = Target(key="1/2.1", value=Decimal(5))  # its chart shows cells made in one step
    made = replace(random_round(seed, size), targets=(target,))
    links = {file.submission.file: f"nhận về/{file.submission.file}" for file in made.files}
    quick = master.build(made, links)
    monkeypatch.setattr(detail, "write_unit_cells", cell_by_cell)
    for name in [name for name, one in vars(QuickSheet).items() if callable(one) and name not in _KEEPING]:
        monkeypatch.delattr(QuickSheet, name)
    monkeypatch.setattr(QuickSheet, "_prepare_formula", as_given, raising=False)
    assert master.build(made, links) == quick


def linked(content: bytes) -> set:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {
        (sheet.title, one.ref, one.target, one.location, one.display) for sheet in book for one in sheet._hyperlinks
    }


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


@pytest.mark.parametrize("most_sources", [5, 1000])
def test_a_master_of_many_units_holds_the_same_when_its_rows_are_put_down_early(monkeypatch, most_sources):
    made = random_round(4, 12)
    links = {file.submission.file: f"nhận về/{file.submission.file}" for file in made.files}
    for module in (detail, plan, sources, unit_cells):
        monkeypatch.setattr(module, "MOST_LINKS", 5)
    for module in (master, plan, sent, findings):
        monkeypatch.setattr(module, "MOST_SOURCES", most_sources)
    early = master.build(made, links)
    monkeypatch.setattr(QuickSheet, "put_down", lambda sheet, row: None)
    late = master.build(made, links)
    assert (shown(late), linked(late)) == (shown(early), linked(early))


def test_rows_put_down_early_are_the_same_whatever_way_their_cells_are_made(monkeypatch):
    made = random_round(6, 9)
    for module in (detail, plan, sources, unit_cells):
        monkeypatch.setattr(module, "MOST_LINKS", 5)
    quick = master.build(made)
    monkeypatch.setattr(detail, "write_unit_cells", cell_by_cell)
    assert master.build(made) == quick


@pytest.mark.parametrize("most_links", [5, 500])
def test_sheets_kept_in_files_until_they_are_packed_are_the_same(monkeypatch, tmp_path, most_links):
    made = random_round(5, 8)
    for module in (detail, plan, sources, unit_cells):
        monkeypatch.setattr(module, "MOST_LINKS", most_links)
    assert master.build(made, aside=tmp_path) == master.build(made)
    assert not list(tmp_path.iterdir())


def test_without_source_rows_the_cells_hold_the_same(monkeypatch):
    made = random_round(7, 8)
    monkeypatch.setattr(plan, "MOST_SOURCES", 5)
    monkeypatch.setattr(master, "MOST_SOURCES", 5)
    quick = master.build(made)
    monkeypatch.setattr(detail, "write_unit_cells", cell_by_cell)
    assert master.build(made) == quick
