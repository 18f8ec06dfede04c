"""Rows are found by name, else by code and label, whatever happened to either."""

import pytest

from cchc_xl.model import Severity
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.formulas import Verdict, compared, dangers, spelled
from cchc_xl.workbook.incoming.locate import locate
from cchc_xl.workbook.incoming.package import Limits
from cchc_xl.workbook.incoming.rows_in import Labels, recognised, skeleton
from cchc_xl.workbook.incoming.sheet_in import CellIn, SheetIn
from cchc_xl.workbook.layout import issued_formula, places

from .damage import edited, part_of, rows_moved, without_names
from .filled import EDITION, filled

LABELS = Labels(EDITION)


@pytest.mark.parametrize(
    "text",
    ["Bình Lãng", "B×nh L·ng", "Bình Laõng", "BÃ¬nh LÃ£ng", "BÌNH  LÃNG", "Bình\u00a0Lãng", "Bi\u0300nh La\u0303ng"],
    ids=["Unicode", "TCVN3", "VNI", "wrongly decoded", "capitals", "no-break space", "decomposed"],
)
def test_consonants_survive_every_old_font(text):
    assert skeleton(text) == "bnhlng"


def sheet(*rows: tuple[str, ...]) -> SheetIn:
    """A sheet of texts, with the official head; each row: code, label, unit, value."""
    head = ("STT", "Chỉ tiêu thống kê", "Đơn vị tính", "Số lượng/ Tỷ lệ", "Ghi chú")
    cells = {
        (number, column): CellIn("s", text, None, 0)
        for number, row in enumerate((head, *rows))
        for column, text in enumerate(row)
        if text
    }
    return SheetIn("S", cells, ())


def found(*rows: tuple[str, ...]) -> list[tuple[int, str]]:
    return [(row.row, row.key) for row in recognised(sheet(*rows), LABELS)]


def label(key: str) -> str:
    return EDITION.by_key[key].label


def test_one_label_on_three_rows_is_told_by_the_code():
    assert found(("3.3.1.", label("3/3.3.1")), ("3.1.1.", label("3/3.1.1"))) == [(1, "3/3.3.1"), (2, "3/3.1.1")]


def test_one_label_on_three_rows_without_codes_is_told_by_the_neighbours():
    keys = ["3/3.1", "3/3.1.1", "3/3.1.2", "3/3.2", "3/3.2.1", "3/3.2.2", "3/3.3", "3/3.3.1"]
    assert [key for _, key in found(*(("44562", label(key)) for key in keys))] == keys


def test_a_reworded_label_is_known_by_its_code_within_the_form():
    keys = found(("1.1.", label("4/1.1")), ("1.2.", label("4/1.2").replace("Số", "Tổng số") + " (nếu có)"))
    assert keys == [(1, "4/1.1"), (2, "4/1.2")]


def test_rows_that_are_no_indicator_s():
    assert found(("1.", "Ghi chú của đơn vị chúng tôi"), ("", "Người lập biểu ký và ghi rõ họ tên")) == []


def test_a_sheet_without_the_official_head_is_no_form():
    rows = sheet(("1.1.", label("4/1.1")))
    headless = SheetIn("S", {place: cell for place, cell in rows.cells.items() if place[0]}, ())
    assert recognised(headless, LABELS) == ()
    assert [row.key for row in recognised(headless, LABELS, headless=True)] == ["4/1.1"]


def located(content: bytes):
    return locate(Book(content, Limits()), EDITION)


def test_every_row_by_its_name():
    result = located(filled())
    official = places(EDITION)
    assert result.findings == ()
    for key, row in EDITION.by_key.items():
        (spot,) = result.spots[key]
        assert (spot.sheet.name, spot.row, spot.cell) == (official[key].sheet, official[key].row, official[key].cell())
        assert spot.note == 4 or not row.has_cell


def test_every_row_by_code_and_label_stands_where_its_name_did():
    by_name, by_code = located(filled()), located(without_names(filled()))
    for key, row in EDITION.by_key.items():
        if row.has_cell:
            assert [spot.place for spot in by_code.spots[key]] == [spot.place for spot in by_name.spots[key]]
    (finding,) = by_code.findings
    assert finding.id == "layout-by-code" and finding.severity is Severity.NOTE
    assert finding.args["count"] == sum(row.has_cell for row in EDITION.indicators)


def test_a_name_on_a_row_without_code_and_label_is_believed_with_a_warning():
    def emptied(text: str) -> str:
        import re

        return re.sub(r'<c r="[ABC]9"[^>]*>.*?</c>', "", text)

    result = located(edited(filled(), part_of(filled(), "Biểu 1"), emptied))
    assert result.spots["1/2.1"][0].cell == "D9"
    assert [(one.id, one.severity) for one in result.findings] == [("layout-name-disagrees", Severity.WARNING)]


def test_a_deleted_row_is_said_once():
    result = located(rows_moved(filled(), "Biểu 3", 12, -1))
    assert [(one.id, one.key) for one in result.findings] == [("layout-row-missing", "3/1.4.1")]


# --- formulas ---------------------------------------------------------------------------------------------------

PLACES = places(EDITION)
ISSUED = issued_formula(EDITION.by_key["1/2"], PLACES)


def same(formula: str, sheet_name: str = "Biểu 1") -> Verdict:
    return compared(formula, sheet_name, ISSUED, lambda cell: cell)


@pytest.mark.parametrize(
    "formula",
    [
        ISSUED,
        "=" + ISSUED,
        ISSUED.lower().replace("d", "D"),
        ISSUED.replace(",", ";"),
        ISSUED.replace(",", " ,  "),
        ISSUED.replace("D10", "$D$10"),
        ISSUED.replace("D10", "'Biểu 1'!D10"),
        ISSUED.replace("ISNUMBER", "_xlfn.ISNUMBER"),
    ],
)
def test_one_formula_in_many_spellings(formula):
    assert same(formula) is Verdict.SAME


def test_what_is_no_spelling():
    assert same(ISSUED.replace("100*", "1000*")) is Verdict.EDITED
    assert same(ISSUED.replace('""', '" "')) is Verdict.EDITED
    assert same(ISSUED.replace("D10", "D11")) is Verdict.EDITED
    assert same(ISSUED.replace("D10", "'Biểu 2'!D10")) is Verdict.EDITED
    assert same(ISSUED.replace("D10", "D#REF!")) is Verdict.EDITED
    assert same("") is Verdict.EDITED


def test_a_formula_a_row_away():
    import re

    away = re.sub(r"([DJ])(\d+)", lambda one: f"{one[1]}{int(one[2]) + 3}", ISSUED)
    assert same(away) is Verdict.SHIFTED


def test_every_issued_formula_is_its_own():
    for row in EDITION.indicators:
        if row.cell == "formula":
            issued = issued_formula(row, PLACES)
            shape, cells = spelled(issued, PLACES[row.key].sheet)
            assert "@" in shape and len(cells) == shape.count("@")


def test_formulas_that_start_something():
    assert dangers(["1+1", "cmd|'/c calc'!A1"]) == ("dde",)
    assert dangers(['WEBSERVICE("http://x")']) == ("web",)
    assert dangers([ISSUED, 'IF(A1="a|b!",1,2)', "_xlfn.WEB"]) == ()
