"""An edition as a workbook: out and back the same; mistakes are told with sheet and row, all at once."""

import openpyxl
import pytest

from cchc_xl.errors import DefinitionError
from cchc_xl.workbook.edition_book import export, read_book


@pytest.fixture
def book(edition, tmp_path):
    path = tmp_path / "edition.xlsx"
    path.write_bytes(export(edition))
    return path


def test_an_exported_edition_comes_back_the_same(edition, book):
    again = read_book(book)
    assert again.forms == edition.forms
    assert again.relations == edition.relations
    assert again.words == edition.words
    assert (again.id, again.title, again.level, again.levels) == (
        edition.id,
        edition.title,
        edition.level,
        edition.levels,
    )
    assert {kind: dict(spec) for kind, spec in again.period_kinds.items()} == {
        kind: dict(spec) for kind, spec in edition.period_kinds.items()
    }


def test_the_same_edition_gives_the_same_bytes(edition, book):
    assert book.read_bytes() == export(edition)


def test_every_mistake_is_named_with_sheet_and_row(book):
    workbook = openpyxl.load_workbook(book)
    sheet = workbook["Chỉ tiêu"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, columns["Loại"]).value = "đếm"
    sheet.cell(3, columns["Tỷ lệ của"]).value = "1/2.2; 1/99"
    workbook["Quy tắc"].cell(4, 2).value = None
    workbook.save(book)
    with pytest.raises(DefinitionError) as broken:
        read_book(book)
    text = "\n".join(broken.value.problems)
    for place in ("trang Chỉ tiêu, dòng 2", "trang Chỉ tiêu, dòng 3", "trang Quy tắc, dòng 4", "1/99"):
        assert place in text


def test_a_missing_sheet_and_a_file_that_is_no_workbook_are_told(book, tmp_path):
    workbook = openpyxl.load_workbook(book)
    del workbook["Quy tắc"]
    workbook.save(book)
    with pytest.raises(DefinitionError, match="Quy tắc"):
        read_book(book)
    other = tmp_path / "x.xlsx"
    other.write_text("not a workbook")
    with pytest.raises(DefinitionError, match=r"x\.xlsx"):
        read_book(other)
