"""A master as staff leave it: numbers typed over formulas, sheets and rows that are gone, lines without their head."""

from io import BytesIO

import openpyxl
import pytest

from cchc_xl.workbook import sources
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.corrections_in import HeadMissing, read_lines
from cchc_xl.workbook.incoming.package import MASTER_LIMITS
from cchc_xl.workbook.incoming.typed_over import typed_over
from cchc_xl.workbook.master import build
from tests.test_workbook_corrections import EDITION, a_round

LINES = "Điều chỉnh"


@pytest.fixture(scope="module")
def master() -> bytes:
    return build(a_round())


def changed(content: bytes, change) -> Book:
    """The master after somebody worked in it: ``change`` gets the open workbook."""
    book = openpyxl.load_workbook(BytesIO(content))
    change(book)
    out = BytesIO()
    book.save(out)
    return Book(out.getvalue(), MASTER_LIMITS)


def offered(book: Book, sent=None) -> list[tuple[str, str, str, str]]:
    """(place, unit, key, value) of what is offered."""
    found = typed_over(book, EDITION, "tong-hop.xlsx", sent or {})
    return [(one.origin.split(", ")[1].split(": ")[0], one.unit, one.key, one.value) for one in found]


def put(**cells):
    """Cells of ``Biểu 1`` (``D7``) or, with c before, of ``Chi tiết 1`` (``cD7``)."""

    def change(book):
        for place, value in cells.items():
            sheet = book["Chi tiết 1"] if place.startswith("c") else book["Biểu 1"]
            sheet[place.removeprefix("c")] = value

    return change


def first_unit_row(book: Book) -> tuple[int, int]:
    """1-based row and column of the first unit's answer to 1/1 on ``Chi tiết 1``."""
    sheet = book.sheet(book.titled("Chi tiết 1"))
    head = next(row for row in range(30) if sheet.text_at(row, 0) == "STT")
    row = next(row for row in range(head + 1, 60) if sheet.text_at(row, 0).rstrip(".") == "1")
    return row + 1, 4


# --- what is a person's -----------------------------------------------------------------------------------------------


def test_an_untouched_master_offers_nothing(master):
    assert offered(changed(master, lambda book: None)) == []


def test_a_number_a_text_or_a_formula_of_ones_own_is_offered(master):
    typed = {
        "D7": (45, "45"),
        "D9": (" chưa rõ ", "chưa rõ"),
        "D10": ("=40+5", ""),
        "D12": ("=SUM(D9:D10)", ""),
        "D13": ("=IF(D9>0,1,0)+SUM(D9)", ""),
        "D15": ('=IF(D9>0,")",0)*(2)', ""),
        "D16": ("=-D9", ""),
    }
    found = offered(changed(master, put(**{cell: content for cell, (content, _) in typed.items()})))
    assert [(place, value) for place, _, _, value in found] == [
        (f"Biểu 1!{cell}", value) for cell, (_, value) in typed.items()
    ]
    assert {unit for _, unit, _, _ in found} == {""}, "whose number is meant, a person says"


def test_formulas_such_as_ours_and_empty_cells_are_not(master):
    like_ours = {
        "D7": "=IF(D9>0,1,0)",
        "D9": '=IF(D9=")",IF(D10>(1+2),1,0),"")',
        "D10": "='Chi tiết 1'!$D$7",
        "D12": "=D9",
        "D13": None,
        "D15": "   ",
    }
    assert offered(changed(master, put(**like_ours))) == []


def test_a_number_over_the_figure_that_is_the_units_own_names_it(master):
    def change(book):
        for row in book["Biểu 2"].iter_rows(min_row=7, max_row=30):
            if str(row[0].value).rstrip(".") == "1.1":
                row[3].value = 3

    ((_, unit, key, value),) = offered(changed(master, change))
    assert (unit, key, value) == ("298", "2/1.1", "3")


def test_the_columns_of_units_and_of_sums_name_theirs(master):
    row, column = first_unit_row(changed(master, lambda book: None))

    def change(book):
        sheet = book["Chi tiết 1"]
        for at in range(column, column + 7):
            sheet.cell(row, at).value = 100 + at

    found = offered(changed(master, change))
    assert [one[1] for one in found] == ["11000", "11001", "11002", "11003", "", "298", ""]
    assert {one[2] for one in found} == {"1/1"}


# --- a master that lost something -------------------------------------------------------------------------------------


def test_sheets_that_were_deleted_are_passed_over_and_the_others_read(master):
    def change(book):
        for name in ("Biểu 1", "Chi tiết 2", "Nguồn số liệu 3"):
            del book[name]
        book["Biểu 2"]["D8"] = 3

    assert [one[0] for one in offered(changed(master, change))] == ["Biểu 2!D8"]


def test_rows_inserted_sorted_or_deleted_are_known_by_code_and_label(master):
    def change(book):
        sheet = book["Biểu 1"]
        for number, row in enumerate(list(sheet.iter_rows(min_row=7, max_row=25))):
            if str(row[0].value).rstrip(".") == "2.1":
                row[3].value = 41
                found = number + 7
        sheet["B8"].value = "một dòng của huyện"
        sheet.move_range(f"A{found}:E{found}", rows=30)

    ((place, _, key, value),) = offered(changed(master, change))
    assert (place, key, value) == ("Biểu 1!D39", "1/2.1", "41")


def test_without_the_head_of_the_details_no_column_is_a_units(master):
    def change(book):
        sheet = book["Chi tiết 1"]
        for row in sheet.iter_rows(max_col=1, max_row=30):
            if row[0].value == "STT":
                row[0].value = None
        sheet["D20"] = 99

    assert offered(changed(master, change)) == []


def test_without_source_rows_the_units_cells_are_values_and_no_changes(master):
    row, column = first_unit_row(changed(master, lambda book: None))

    def change(book):
        del book["Nguồn số liệu 1"]
        book["Chi tiết 1"].cell(row, column).value = 8
        book["Chi tiết 1"].cell(row, column + 4).value = 99

    assert [one[1:] for one in offered(changed(master, change))] == [("", "1/1", "99")]


def test_a_source_row_changed_by_hand_is_offered_for_its_unit(master):
    def change(book):
        book["Nguồn số liệu 1"]["G2"] = 6

    book = changed(master, change)
    sheet = book.sheet(book.titled("Nguồn số liệu 1"))
    said = dict(zip(sources.COLUMNS, (sheet.text_at(1, column) for column in range(20)), strict=False))
    code, key, sha256 = (said[name] for name in ("unit_code", "key", "sha256"))
    for was, count in ((5, 1), (None, 1), (6, 0)):
        found = offered(book, {(code, key, sha256): was})
        assert len(found) == count and [one[1:] for one in found] == [(code, key, "6")] * count
    assert offered(book, {}) == [], "of a workbook that is not in the round nothing is known"


# --- lines of corrections ---------------------------------------------------------------------------------------------


def lines(book: Book):
    return read_lines(book, EDITION, "tong-hop.xlsx")


def test_a_master_without_that_sheet_or_with_an_empty_one_has_no_lines(master):
    def gone(book):
        del book[LINES]

    def emptied(book):
        del book[LINES]
        book.create_sheet(LINES)

    assert lines(changed(master, gone)) == () and lines(changed(master, emptied)) == ()


def test_a_sheet_whose_head_was_deleted_is_said(master):
    with pytest.raises(HeadMissing):
        lines(changed(master, lambda book: book[LINES].delete_rows(6)))


def test_a_head_moved_down_with_columns_in_another_order_is_still_the_head(master):
    def change(book):
        sheet = book[LINES]
        titles = [cell.value for cell in sheet[6][:8]]
        sheet.delete_rows(1, 10)
        for column, title in enumerate(reversed(titles), 1):
            sheet.cell(9, column).value = title
        sheet.cell(9, 9).value = titles[0]  # once more: the first counts
        row = dict(zip(titles, ["11000", " 1 / 1. ", None, 8, "gõ nhầm", "điện thoại", "Lan", "12/7"], strict=True))
        for column, title in enumerate(reversed(titles), 1):
            sheet.cell(12, column).value = row[title]
        sheet.cell(13, 9).value = "không phải dòng nào"

    (one, *rest) = lines(changed(master, change))
    assert (one.unit, one.key, one.value, one.number, one.sent, one.row) == ("11000", "1/1", "8", 8, "5", 12)
    assert [(more.unit, more.value) for more in rest] in ([], [("không phải dòng nào", "")])


def test_a_value_is_read_by_its_format_and_its_row(master):
    typed = (
        ("1/2.1", 40, "0", "40", 40),
        ("1/2.1", 0.4, "0%", "0.4", "0.4"),
        ("4/1.1", 0.636, "0.0%", "63.6", "63.6"),
        ("4/1.1", 63.6, "0.0", "63.6", "63.6"),
        ("1/1", 44682, "dd/mm/yyyy", "01/05/2022", None),
        ("1/1", "KPS", "@", "KPS", None),
        ("1/99", 0.5, "0%", "0.5", "0.5"),
    )

    def change(book):
        sheet = book[LINES]
        for row, (key, value, code, _, _) in enumerate(typed, 7):
            sheet.cell(row, 1).value, sheet.cell(row, 2).value, sheet.cell(row, 4).value = "11000", key, value
            sheet.cell(row, 4).number_format = code

    for one, (key, _, _, value, number) in zip(lines(changed(master, change)), typed, strict=True):
        assert (one.key, one.value) == (key, value)
        assert (None if one.number is None else f"{one.number:f}") == (None if number is None else str(number))
