"""The official workbook: contract layout, what may be typed where, stored values right before anyone recalculates."""

import re
import subprocess
import zipfile
from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.load import available, load, period_of
from cchc_xl.editions.unit_names import with_type
from cchc_xl.errors import DefinitionError
from cchc_xl.model import Cell, Kind, ReportingUnit, State
from cchc_xl.relations.rules import is_foreign, may_be_explained, may_be_wrong, rules_of
from cchc_xl.workbook import reader
from cchc_xl.workbook.layout import (
    FIRST_ROW,
    HELPER_STATE,
    HELPER_VALUE,
    IDENTITY_NAMES,
    issued_formula,
    name_of,
    places,
)
from cchc_xl.workbook.official import inputs
from cchc_xl.workbook.official.about_sheet import unit_row
from cchc_xl.workbook.official.cell_states import echo_text
from cchc_xl.workbook.official.label_text import unit_lines
from cchc_xl.workbook.official.last_words import carried_over, left_to_update
from cchc_xl.workbook.official.row_heights import lines, plain, signature_page
from cchc_xl.workbook.template import Fill, build

from .conftest import values_of
from .filled import answers, filled
from .random_fills import drawn, fills

EDITION = load()
PERIOD = period_of(EDITION, "2022-6T")
UNIT = ReportingUnit(
    code="11092", name="Bình Lăng", printed_name="Bình Lãng", type="xã", level="xã", contact="Bà A", phone="0912000000"
)
DISTRICT = ReportingUnit(
    code="298", name="Tứ Kỳ", type="huyện", level="huyện", contact="Ông B", phone="0220", consolidating=True
)
PLACES = places(EDITION)


@pytest.fixture(scope="module")
def book() -> bytes:
    """Bình Lãng's own blank workbook."""
    return build(EDITION, period=PERIOD, unit=UNIT, consolidating=DISTRICT)


@pytest.fixture(scope="module")
def opened(book):
    return openpyxl.load_workbook(BytesIO(book))


# --- layout ----------------------------------------------------------------------------------------------------


def test_the_sheets_stand_in_the_order_of_the_contract(opened):
    names = words("sheets")["sheets"]
    forms = [f"Biểu {number}" for number in range(1, 8)]
    rest = [names[kind] for kind in ("documents", "words", "status", "help")]
    assert opened.sheetnames == [names["about"], *forms, *rest]
    assert all(sheet.sheet_state == "visible" for sheet in opened)


def test_every_row_is_printed_letter_by_letter_with_its_code_as_text(opened):
    for key, row in EDITION.by_key.items():
        place = PLACES[key]
        sheet = opened[place.sheet]
        code, label, unit = (sheet.cell(place.row + 1, column).value for column in (1, 2, 3))
        assert (code, label) == (row.printed_code, row.label)
        assert (unit or "").replace("\n", " ") == row.unit  # a code a line
        assert sheet.cell(place.row + 1, 1).data_type == "s"


def test_a_label_keeps_its_bold_and_italic_stretches(book):
    rich = openpyxl.load_workbook(BytesIO(book), rich_text=True)
    place = PLACES["7/2"]
    bold, italic = (part for part in rich[place.sheet].cell(place.row + 1, 2).value if str(part).strip())
    assert bold.font.b and str(bold).strip() == EDITION.by_key["7/2"].bold
    assert italic.font.i and str(italic).strip() == EDITION.by_key["7/2"].italic


def test_the_head_takes_two_rows_and_holds_the_period(opened):
    sheet = opened["Biểu 1"]
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert {"A5:A6", "B5:B6", "C5:D5", "E5:E6"} <= merged
    assert sheet["B5"].value == "Chỉ tiêu thống kê (sử dụng cho kỳ báo cáo 6 tháng đầu năm 2022)"
    assert (sheet["A5"].value, sheet["C5"].value) == ("STT", "Kết quả thống kê")
    assert (sheet["C6"].value, sheet["D6"].value, sheet["E5"].value) == ("Đơn vị tính", "Số lượng/ Tỷ lệ", "Ghi chú")


def test_every_value_cell_has_its_name(opened):
    for row in EDITION.indicators:
        if row.has_cell:
            assert opened.defined_names[name_of(row)].attr_text == PLACES[row.key].absolute()
    assert "BM1_3" not in opened.defined_names  # a heading


def test_identity_stands_in_properties_and_names(opened):
    texts = ["xa-2022", "11092", "2022-6T", "xã"]
    assert [opened.custom_doc_props[name].value for name in IDENTITY_NAMES] == texts
    assert [opened.defined_names[name].attr_text for name in IDENTITY_NAMES] == [f'"{text}"' for text in texts]


def test_a_workbook_of_nobody_leaves_unit_and_period_to_the_clerk():
    opened = openpyxl.load_workbook(BytesIO(build(EDITION)))
    assert [opened.defined_names[name].attr_text for name in IDENTITY_NAMES] == ['"xa-2022"', '""', '""', '"xã"']
    assert set(opened.custom_doc_props.names) == {"CCHC_EDITION", "CCHC_LEVEL"}
    assert not opened["Thông tin"]["B6"].protection.locked  # the unit's code


def test_formula_cells_hold_the_issued_formula(opened):
    for row in EDITION.indicators:
        place = PLACES[row.key]
        value = opened[place.sheet][place.cell()].value
        assert value == (f"={issued_formula(row, PLACES)}" if row.cell is Cell.FORMULA else None)


def test_print_is_a4_portrait_with_the_margins_of_the_decree(opened):
    for form in EDITION.forms:
        sheet = opened[f"Biểu {form.number}"]
        assert sheet.page_setup.paperSize == 9 and sheet.page_setup.orientation == "portrait"
        margins = [
            round(float(getattr(sheet.page_margins, side)) * 25.4) for side in ("left", "right", "top", "bottom")
        ]
        assert margins == [30, 15, 20, 20]
        assert sheet.print_title_rows == "$5:$6"
        assert re.fullmatch(r"'Biểu \d'!\$A\$1:\$E\$\d+", sheet.print_area)
        assert "&P" in sheet.oddHeader.center.text
        assert sheet.freeze_panes == f"A{FIRST_ROW + 1}"


def test_every_font_is_times_new_roman(book):
    with zipfile.ZipFile(BytesIO(book)) as package:
        parts = package.read("xl/styles.xml").decode() + package.read("xl/sharedStrings.xml").decode()
    assert set(re.findall(r'<(?:name|rFont) val="([^"]+)"', parts)) == {"Times New Roman"}


def test_a_blank_workbook_is_small_and_the_same_every_time(book):
    assert len(book) <= 80_000
    assert build(EDITION, period=PERIOD, unit=UNIT, consolidating=DISTRICT) == book


@pytest.mark.parametrize("name", available())
def test_every_shipped_edition_makes_a_workbook(name):
    edition = load(name)
    for level in edition.levels:
        assert values_of(build(edition, level=level))["Biểu 1"]["A5"] == "STT"


# --- what a hand can do ----------------------------------------------------------------------------------------


def test_every_sheet_is_protected_without_password(opened):
    for sheet in opened:
        assert sheet.protection.sheet and not sheet.protection.password


def test_only_what_a_clerk_must_change_is_open(opened):
    for key, row in EDITION.by_key.items():
        sheet, line = opened[PLACES[key].sheet], PLACES[key].row + 1
        open_columns = {column for column in range(1, 12) if not sheet.cell(line, column).protection.locked}
        answer = row.has_cell and row.cell is not Cell.FORMULA
        assert open_columns == ({4, 5} if answer else {5}), key


def test_validations_admit_numbers_in_range_and_kps(opened):
    rules = {}
    for form in EDITION.forms:
        for rule in opened[f"Biểu {form.number}"].data_validations.dataValidation:
            for area in rule.sqref.ranges:
                rules |= {(form.number, row): rule for row in range(area.min_row, area.max_row + 1)}
    for key, row in EDITION.by_key.items():
        rule = rules.get((row.form, PLACES[key].row + 1))
        if not row.has_cell or row.cell is Cell.FORMULA:
            assert rule is None, key
            continue
        assert rule.type == ("list" if row.choices else "custom"), key
        assert 0 < len(rule.promptTitle) <= 32 and 0 < len(rule.errorTitle) <= 32
        assert len(rule.prompt) <= 255 and len(rule.error) <= 255
        if row.kind is Kind.PERCENT:
            assert "<=100" in rule.formula1
        if not row.choices:
            assert '"KPS"' in rule.formula1


def test_a_list_takes_words_and_bare_codes(opened):
    rule = next(
        rule for rule in opened["Biểu 1"].data_validations.dataValidation if PLACES["1/5.2"].cell() in str(rule.sqref)
    )
    assert rule.formula1 == '"0 – Trực tuyến,1 – Phát phiếu,2 – Kết hợp,0,1,2"'


def test_a_validation_beyond_excels_limits_stops_the_build(monkeypatch):
    monkeypatch.setattr(inputs, "_said", lambda said: {"input_title": "x" * 33, "input_message": said["message"]})
    with pytest.raises(DefinitionError):
        build(EDITION)


def test_rows_of_another_level_are_grey_and_say_so(opened, book):
    shown = values_of(book)
    for key, row in EDITION.by_key.items():
        place = PLACES[key]
        if row.has_cell:
            grey = opened[place.sheet][place.cell(0)].fill.fgColor.rgb == "FFE3E3E3"
            says = "để trống hoặc ghi 0" in str(shown[place.sheet].get(place.cell(6), ""))
            assert grey is says is is_foreign(row, "xã")


@pytest.mark.parametrize(
    ("key", "value", "words_beside"),
    [
        ("6/1.1", "3000", "đọc là: 3 tỷ đồng"),
        ("6/1.1", "3", "đọc là: 3 triệu đồng"),
        ("6/1.1", "12345.678", "đọc là: 12 tỷ 345 triệu 678 nghìn đồng"),
        ("3/3.3.1", "738", ""),
        ("3/3.3.1", "1738", "đọc là: 1 nghìn 738"),
        ("3/3.3.1", "25000", "đọc là: 25 nghìn"),
        ("3/3.3.1", "99999999999", "số quá lớn, xem lại"),
    ],
)
def test_amounts_and_large_counts_are_read_back_in_words(key, value, words_beside):
    assert echo_text(EDITION.by_key[key], 1, Decimal(value)) == words_beside


@pytest.mark.parametrize(
    ("date", "place", "printed"),
    [
        ("09/6/2022", "Bình Lãng", "Bình Lãng, ngày 09 tháng 6 năm 2022"),
        ("", "Bình Lãng", "Bình Lãng, ngày … tháng … năm …"),
        ("", "", "…, ngày … tháng … năm …"),
        ("ngày 09 tháng 6", " Tứ Kỳ ", "Tứ Kỳ, ngày 09 tháng 6"),
    ],
)
def test_place_and_date_are_printed_over_each_signature(recalculated, date, place, printed):
    fill = Fill(about={"report_date": date, "place": place})
    content = build(EDITION, period=PERIOD, unit=UNIT, fill=fill)
    for sheets in (values_of(content), recalculated(content)):
        assert all(printed in sheets[f"Biểu {form.number}"].values() for form in EDITION.forms)


NAMES = (
    ("Bình Lãng", UNIT, "xã Bình Lãng"),
    ("xã Bình Lãng", UNIT, "xã Bình Lãng"),
    ("XÃ Bình Lãng", UNIT, "xã Bình Lãng"),
    ("  Xã   Bình Lãng\t", UNIT, "xã Bình Lãng"),
    ("UBND xã Bình Lãng", UNIT, "xã Bình Lãng"),
    ("Ủy ban nhân dân Bình Lãng", UNIT, "xã Bình Lãng"),
    ("thị trấn Tứ Kỳ", UNIT, "thị trấn Tứ Kỳ"),
    ("Xãm", UNIT, "xã Xãm"),
    ("Phường Hồng Bàng", None, "phường Hồng Bàng"),
    ("thành phố trực thuộc trung ương Hải Phòng", None, "thành phố trực thuộc trung ương Hải Phòng"),
    ("Bình Lãng", None, "xã Bình Lãng"),
    ("", UNIT, "…"),
)


def test_the_type_word_is_printed_once_as_in_the_word_report(office, tmp_path):
    paths = []
    for number, (typed, unit, _) in enumerate(NAMES):
        paths.append(tmp_path / f"{number}.xlsx")
        content = build(EDITION, period=PERIOD, unit=unit, fill=Fill(about={"unit_name": typed}))
        paths[-1].write_bytes(content)
    for (typed, _, printed), before, after in zip(
        NAMES, paths, office.recalculate_all(paths, tmp_path / "out"), strict=True
    ):
        for sheets in (values_of(before), values_of(after)):
            assert sheets["Thông tin"][f"B{1 + unit_row()}"] == printed
            assert sheets["Biểu 3"]["A1"].endswith(f"TRÊN ĐỊA BÀN {printed.upper()}")
            assert sheets["Biểu 3"]["A2"].endswith(f"của UBND {printed})")
        assert not typed or with_type(typed, "xã", EDITION) == printed


def test_a_roster_name_that_holds_its_type_word_is_not_doubled():
    unit = replace(UNIT, printed_name="xã Bình Lãng")
    assert unit.full_name == "xã Bình Lãng"
    sheets = values_of(build(EDITION, period=PERIOD, unit=unit))
    assert "XÃ BÌNH LÃNG" in sheets["Biểu 1"]["A1"] and "XÃ XÃ" not in sheets["Biểu 1"]["A1"]


def test_the_round_prefills_what_it_knows():
    """Deadline with its hour, signer …: any field of Thông tin, over what the roster says."""
    about = {"deadline": "17:00 20/6/2022", "signer": "Trần Xuân Mãng", "phone": "0220 3 747"}
    (one,) = reader.read(build(EDITION, period=PERIOD, unit=UNIT, fill=Fill(about=about)), file="a.xlsx")
    assert {field: one.about[field] for field in about} == about
    assert (one.about["unit_name"], one.about["preparer"], one.unit.code) == ("Bình Lãng", "Bà A", "11092")


def test_a_frame_edition_says_so_on_every_form(recalculated):
    khung = load("xa-2025-khung")
    content = build(khung)
    for sheets in (values_of(content), recalculated(content)):
        assert all(sheets[f"Biểu {form.number}"]["A1"].endswith(f"\n{khung.words['mark']}") for form in khung.forms)
        assert sheets["Thông tin"]["A3"] == khung.words["mark"]
    assert "A3" not in values_of(build(EDITION))["Thông tin"]


# --- what a clerk is told ---------------------------------------------------------------------------------------


def help_lines(content: bytes) -> list[str]:
    return [str(value) for value in values_of(content)["Hướng dẫn"].values()]


def test_whom_to_ask_with_phone_and_mail():
    unit = replace(DISTRICT, email=("noivu@tuky.vn", "b@tuky.vn"))
    lines_shown = help_lines(build(EDITION, consolidating=unit))
    assert lines_shown[-4:] == [
        "Cơ quan tổng hợp: Huyện Tứ Kỳ",
        "Người phụ trách: Ông B",
        "Điện thoại: 0220",
        "Thư điện tử: noivu@tuky.vn, b@tuky.vn",
    ]


def test_what_the_roster_does_not_say_is_left_to_write_on():
    unknown = help_lines(build(EDITION))[-4:]
    assert unknown[0].startswith("Cơ quan tổng hợp: Cơ quan gửi biểu mẫu này")
    assert all(re.fullmatch(r"[^:]+: …+", line) for line in unknown[1:])
    known = help_lines(build(EDITION, consolidating=replace(DISTRICT, phone="", contact="")))[-4:]
    assert known[0] == "Cơ quan tổng hợp: Huyện Tứ Kỳ" and [line[-1] for line in known[1:3]] == ["…", "…"]


def test_a_choice_that_is_not_understood_says_to_choose(recalculated):
    content = build(EDITION, fill=Fill(answers={"1/5": "đã làm", "1/1": "nhiều"}))
    for sheets in (values_of(content), recalculated(content)):
        assert sheets["Biểu 1"][PLACES["1/5"].cell(6)] == "không đọc được: chọn trong danh sách"
        assert sheets["Biểu 1"][PLACES["1/1"].cell(6)] == "không đọc được: gõ số hoặc KPS"


def test_units_that_list_codes_have_one_on_each_line():
    said = {row.unit: unit_lines(row.unit) for row in EDITION.indicators if "=" in row.unit}
    assert said["Không = 0 Có = 1"] == "Không = 0\nCó = 1"
    assert said["Có = 1; Không = 0"] == "Có = 1;\nKhông = 0"
    assert said["Chưa = 0 Đang làm = 1 Hoàn thành = 2"] == "Chưa = 0\nĐang làm = 1\nHoàn thành = 2"
    assert said["Chưa có = 0"] == "Chưa có = 0" and unit_lines("Cán bộ, công chức") == "Cán bộ, công chức"


def test_only_what_can_be_explained_asks_for_it(opened):
    """Yellow and open for rules that warn; of the others grey, shut, and "phải sửa" where they can be errors."""
    sheet, rules = opened["Kiểm tra"], {rule.id: rule for rule in rules_of(EDITION, "xã")}
    seen = set()
    for row in range(1, sheet.max_row + 1):
        rule = rules.get(sheet.cell(row, 2).value)
        if rule is None or sheet.cell(row, 3).value != rule.key or sheet.cell(row, 5).value is None:
            continue
        cell = sheet.cell(row, 9)
        asked = may_be_explained(rule, "xã")
        seen.add((asked, cell.value))
        assert cell.protection.locked is not asked, rule.id
        assert (cell.fill.fgColor.rgb == "FFFFFBE0") is asked, rule.id
        assert cell.value == (None if asked or not may_be_wrong(rule) else "phải sửa"), rule.id
    assert seen == {(True, None), (False, "phải sửa"), (False, None)}


def test_the_word_in_a_shut_cell_is_no_explanation(book):
    (one,) = reader.read(book, file="a.xlsx")
    assert one.explanations == {}


def test_rows_grow_with_what_is_typed_later(book, office, tmp_path):
    """Rows a clerk may write in keep their computed height, but not as set by hand; titles and merged cells do."""
    (tmp_path / "a.xlsx").write_bytes(book)
    again = office.recalculate(tmp_path / "a.xlsx", tmp_path / "out").read_bytes()
    heights = []
    for content in (book, again):
        with zipfile.ZipFile(BytesIO(content)) as package:
            names = sorted(name for name in package.namelist() if "worksheets/sheet" in name)
            texts = {name.rpartition("sheet")[2][:-4]: package.read(name).decode() for name in names}
        by_hand = {
            number: {int(row) for row in re.findall(r'<row r="(\d+)"[^>]*customHeight="(?:1|true)"', text)}
            for number, text in texts.items()
        }
        for number, form in enumerate(EDITION.forms, start=2):
            rows = set(range(FIRST_ROW + 1, FIRST_ROW + 1 + len(form.indicators)))
            assert not rows & by_hand[str(number)], form.number
            assert {1, 2} <= by_hand[str(number)]
        assert not set(range(5, 55)) & by_hand["9"] and 1 in by_hand["10"]
        heights.append(dict(re.findall(r'<row r="(\d+)"[^>]*?ht="([\d.]+)"', texts["4"])))
    for row in range(FIRST_ROW + 1, FIRST_ROW + 20):
        assert abs(float(heights[0][str(row)]) - float(heights[1][str(row)])) < 1, "the printed page stays as it was"


# --- text fits -------------------------------------------------------------------------------------------------


def test_lines_are_counted_by_the_width_of_letters():
    assert lines(plain("Số nhiệm vụ đề ra trong kế hoạch"), 284, 12) == 1
    assert lines(plain("W" * 60), 284, 12) > lines(plain("i" * 60), 284, 12)
    assert lines(plain("một\nhai\nba"), 284, 12) == 3
    assert lines(plain("Kết luận", bold=True), 40, 12) == 2


def test_no_row_is_lower_than_its_text_needs(opened):
    for key, row in EDITION.by_key.items():
        sheet, line = opened[PLACES[key].sheet], PLACES[key].row + 1
        assert sheet.row_dimensions[line].height >= 15 * lines(plain(row.label), 284, 12)


def test_signatures_stay_in_one_piece():
    block = (18, 18, 18, 52, 20, 18)
    assert signature_page(100, 50, [20] * 20, block) == (1, 12)
    pages, gap = signature_page(100, 50, [20] * 46, block)
    assert pages == 2 and gap == 12
    pages, gap = signature_page(100, 50, [40] * 16, block)
    assert pages == 2 and gap > 12  # rows end low on the first page: the block is pushed to the second


# --- stored values ---------------------------------------------------------------------------------------------


def full_fill() -> Fill:
    return Fill(
        answers=answers(),
        typed_over={"1/2": Decimal("63.6"), "3/3.3": "KPS"},
        notes={"6/1.2": "Vốn kéo dài từ năm trước, bổ sung tháng 5"},
        explanations={"6/1.2<=1.1": "Vốn kéo dài từ năm 2021"},
        words={"direction": "Đã ban hành 21 văn bản.\nĐã họp 06 cuộc."},
        about={"report_date": "09/6/2022", "signer": "Trần Xuân Mãng", "report_number": "62/BC-UBND"},
        documents=(("59/KH-UBND", "28/12/2021", "Kế hoạch", "Cải cách hành chính năm 2022"),),
        previous={"1/1": Decimal(18), "6/1.1": Decimal(2500)},
        shared={"3/1.4.3": Decimal(172), "3/2.1": Decimal(0)},
        marked=(4,),
    )


def without_empty(sheets):
    return {name: {cell: value for cell, value in cells.items() if value != ""} for name, cells in sheets.items()}


def differences(before, after):
    """Cells that recalculation changed: (sheet, cell, stored, recalculated)."""
    found = []
    for sheet, cells in without_empty(before).items():
        now = without_empty(after)[sheet]
        for cell in cells.keys() | now.keys():
            old, new = cells.get(cell), now.get(cell)
            numeric = isinstance(old, int | float) and isinstance(new, int | float)
            if old != new and not (numeric and abs(old - new) <= 1e-9 * max(1, abs(old))):
                found.append((sheet, cell, old, new))
    return found


def errors_in(sheets):
    codes = ("#VALUE!", "#REF!", "#NAME?", "#DIV/0!", "#N/A", "#NUM!", "#NULL!", "Err:")
    return [
        (sheet, cell)
        for sheet, cells in sheets.items()
        for cell, value in cells.items()
        if str(value).startswith(codes)
    ]


def test_recalculation_changes_nothing(office, tmp_path, share):
    """Blank, full and random workbooks, at every level: what we stored is what the formulas give."""
    count = round(60 * share)
    books = [build(EDITION), build(EDITION, period=PERIOD, unit=UNIT, fill=full_fill())]
    books += [build(EDITION, period=PERIOD, unit=UNIT, fill=fill) for fill in drawn(fills(), count)]
    below_zero = {"1/2.1": -5, "1/2.2": "KPS", "1/3.3.1": "KPS", "1/3.3.2": 4, "2/2.2.1": -3, "2/2.2.2": -1}
    books.append(build(EDITION, fill=Fill(answers=below_zero)))
    books += [build(EDITION, level=level, fill=fill) for level in ("huyện", "tỉnh") for fill in drawn(fills(level), 1)]
    paths = []
    for number, content in enumerate(books):
        paths.append(tmp_path / f"{number}.xlsx")
        paths[-1].write_bytes(content)
    for content, path in zip(books, office.recalculate_all(paths, tmp_path / "out"), strict=True):
        after = values_of(path)
        assert differences(values_of(content), after) == []
        assert errors_in(after) == []


def test_every_formula_has_a_stored_value(book):
    with zipfile.ZipFile(BytesIO(book)) as package:
        for name in package.namelist():
            if name.startswith("xl/worksheets/sheet"):
                text = package.read(name).decode()
                assert text.count("<f>") == len(re.findall(r"</f><v>[^<]*</v>", text))


def test_formulas_use_only_functions_that_all_office_suites_compute_alike(book):
    """Excel 2007, LibreOffice, WPS and Gnumeric; no N(), which Gnumeric computes otherwise."""
    known = (
        "ABS AND CHAR CHOOSE COUNTA COUNTIF COUNTIFS FIND HYPERLINK IF INDEX INT ISERROR ISNA ISNUMBER LEFT LEN MATCH"
    )
    known += " MAX MID MIN MOD NOT OR ROUND ROUNDUP ROW SMALL SUBSTITUTE SUM SUMPRODUCT T TRIM UPPER"
    with zipfile.ZipFile(BytesIO(book)) as package:
        sheets = [package.read(name).decode() for name in package.namelist() if "worksheets/sheet" in name]
    formulas = [re.sub(r'"[^"]*"', "", found) for text in sheets for found in re.findall(r"<f>([^<]*)</f>", text)]
    used = {name for formula in formulas for name in re.findall(r"([A-Z][A-Z0-9.]*)\(", formula)}
    assert used <= set(known.split())
    assert max(map(len, formulas)) < 8192 and not any("_xlfn" in formula for formula in formulas)


def test_the_words_of_a_long_report_get_a_box_that_shows_them_all():
    text = "\n".join(f"{number}. Ủy ban nhân dân xã đã ban hành kế hoạch." for number in range(60))
    content = build(EDITION, unit=UNIT, fill=Fill(words={"direction": text, "proposals": "Không."}))
    sheet = openpyxl.load_workbook(BytesIO(content))["Phần lời báo cáo"]
    area = next(area for area in sheet.merged_cells.ranges if area.min_col == 2 and area.max_col == 2)
    high = sum(sheet.row_dimensions[row].height for row in range(area.min_row, area.max_row + 1))
    assert high >= 60 * 15 and all(sheet.row_dimensions[row].height < 409 for row in range(5, sheet.max_row + 1))
    (read,) = reader.read(content, file="11092.xlsx")
    assert read.words == {"direction": text, "proposals": "Không."}


def test_helper_columns_tell_blank_number_none_arising_and_text():
    fill = Fill(answers={"1/1": 21, "1/2.1": "KPS", "1/2.2": "mười bốn", "1/5": "1 – Có", "1/5.2": Decimal(2)})
    cells = values_of(build(EDITION, fill=fill))["Biểu 1"]
    got = {
        key: (cells.get(PLACES[key].cell(HELPER_STATE)), cells.get(PLACES[key].cell(HELPER_VALUE)))
        for key in ("1/1", "1/2.1", "1/2.2", "1/5", "1/5.2", "1/6")
    }
    assert got == {
        "1/1": (1, 21),
        "1/2.1": (2, 0),
        "1/2.2": (-1, None),
        "1/5": (1, 1),
        "1/5.2": (1, 2),
        "1/6": (0, None),
    }


def test_one_mark_answers_the_rows_left_blank_on_the_sheet_and_in_python():
    """Numbers of this level only: choices are made by hand, rows of other levels stay nobody's business."""
    content = build(EDITION, period=PERIOD, unit=UNIT, fill=Fill(answers={"2/2.2.1": 4}, marked=(1, 2)))
    (read,) = reader.read(content, file="11092.xlsx")
    cells = values_of(content)
    for key in ("1/1", "1/4.1", "2/1.2"):
        assert read.entries[key].state is State.NONE_ARISING
        assert cells[PLACES[key].sheet][PLACES[key].cell(HELPER_STATE)] == 2
    assert read.entries["1/5"].state is State.BLANK and read.entries["3/1.1"].state is State.BLANK
    assert read.entries["2/1.1"].state is State.NOT_APPLICABLE
    assert read.entries["2/2.2"].value == 0  # nothing of 4
    assert read.entries["1/2"].state is State.BLANK  # nothing of nothing


def test_values_shared_by_all_units_come_prefilled_to_confirm():
    shared = {"3/1.4.3": Decimal(172), "3/2.2": Decimal(17)}
    cells = values_of(build(EDITION, fill=Fill(shared=shared, answers={"3/2.2": Decimal(16)})))["Biểu 3"]
    beside = {key: (cells[PLACES[key].cell()], cells[PLACES[key].cell(6)]) for key in shared}
    assert beside == {
        "3/1.4.3": (172, "số chung của mọi đơn vị: đúng thì để nguyên"),
        "3/2.2": (16, "khác số chung 17: nêu lý do ở Ghi chú"),
    }


@pytest.mark.parametrize(
    ("last", "now"),
    [
        ("Kế hoạch số 59/KH-UBND ngày 28/12/2021", "[cập nhật: Kế hoạch số 59/KH-UBND] [cập nhật: ngày 28/12/2021]"),
        ("từ ngày 09 tháng 6 năm 2022", "từ [cập nhật: ngày 09 tháng 6 năm 2022]"),
        ("170/738 hồ sơ, đạt 23%.", "[cập nhật: 170/738] hồ sơ, đạt [cập nhật: 23%]."),
        ("theo 41/2020/QĐ-UBND", "theo [cập nhật: 41/2020/QĐ-UBND]"),
        ("mở rộng ISO9001 và 4G", "mở rộng ISO9001 và 4G"),
        ("Không có tồn tại, hạn chế.", "Không có tồn tại, hạn chế."),
    ],
)
def test_last_periods_words_come_with_what_has_changed_marked(last, now):
    assert carried_over({"direction": last}) == {"direction": now}
    assert left_to_update(now) == now.count("[cập nhật: ")


# --- read back -------------------------------------------------------------------------------------------------


def test_what_was_filled_in_is_what_is_read(office, tmp_path):
    """Straight, after LibreOffice saved it as .xlsx, and after .ods and back."""
    fill = full_fill()
    content = build(EDITION, period=PERIOD, unit=UNIT, fill=fill)
    (tmp_path / "11092.xlsx").write_bytes(content)
    saved = office.recalculate(tmp_path / "11092.xlsx", tmp_path / "xlsx")
    back = office.recalculate(office.convert(tmp_path / "11092.xlsx", tmp_path / "ods", "ods"), tmp_path / "back")
    for path in (tmp_path / "11092.xlsx", saved, back):
        (read,) = reader.read_file(path)
        assert (read.refused, read.edition, read.period, read.unit.code) == (False, "xa-2022", "2022-6T", "11092")
        assert read.unit.name == "Bình Lãng" and read.level == "xã"
        assert read.explanations == fill.explanations and read.documents == fill.documents
        assert read.words == fill.words
        assert fill.about.items() <= read.about.items()
        assert read.entries["6/1.2"].note == fill.notes["6/1.2"]
        assert read.entries["1/2"].value == Decimal("63.6") and not read.entries["1/2"].intact
        typed = {key: value for key, value in fill.answers.items() if value != "KPS"}
        assert {key: read.entries[key].value for key in typed} == typed


def test_libreoffice_keeps_names_validations_and_protection(office, tmp_path):
    (tmp_path / "a.xlsx").write_bytes(filled())
    before = openpyxl.load_workbook(BytesIO(filled()))
    after = openpyxl.load_workbook(office.recalculate(tmp_path / "a.xlsx", tmp_path / "out"))
    assert set(before.defined_names) <= set(after.defined_names)
    for sheet in before:
        kept = after[sheet.title]
        assert kept.protection.sheet
        for key, row in EDITION.by_key.items():
            if row.has_cell and PLACES[key].sheet == sheet.title:
                cell = PLACES[key].cell()
                assert kept[cell].protection.locked == sheet[cell].protection.locked
        rules = kept.data_validations.dataValidation
        assert {rule.type for rule in rules} >= {rule.type for rule in sheet.data_validations.dataValidation}


@pytest.mark.parametrize("mark", ["", "–", "0"])
def test_what_zero_over_zero_prints_is_the_editions_choice_and_the_cell_stays_empty(edition, office, tmp_path, mark):
    chosen = replace(edition, words={**edition.words, "zero_over_zero": mark})
    fill = Fill(answers={"1/3.3.1": 0, "1/3.3.2": 0})
    book = tmp_path / "book.xlsx"
    book.write_bytes(build(chosen, fill=fill))
    sheets = values_of(office.recalculate(book, tmp_path / "out"))
    assert sheets["Biểu 1"].get("D14") in (None, "")  # 1/3.3
    page = subprocess.run(
        ["pdftotext", "-layout", "-f", "2", "-l", "2", office.to_pdf(book, tmp_path / "pdf"), "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (line,) = [line for line in page.splitlines() if line.strip().startswith("3.3.") and "Tỷ lệ" in line]
    assert line.split("%")[1].strip() == mark
