"""Settings, list of units and other tables that staff keep, damaged or filled with what nobody expects there.

Whatever stands in them: what is understood is what was there, or one sentence says what is not.
"""

import random
import time
from dataclasses import fields, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from io import BytesIO

import openpyxl
import pytest

from cchc_xl.checking.outside import figures_of
from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.errors import CchcError, RosterError, RoundError
from cchc_xl.number import Stored, from_text
from cchc_xl.rounds.keeping.folder import new_round, open_round
from cchc_xl.rounds.keeping.settings import Settings, path_of, sheets_of
from cchc_xl.rounds.sending.issuing import issue_round
from cchc_xl.text import file_words
from cchc_xl.workbook import roster_book
from cchc_xl.workbook.incoming.table_in import Unreadable, headed_rows, table_of
from cchc_xl.workbook.portal import export_of
from cchc_xl.workbook.roster import roster_of
from tests.bounded import SECONDS
from tests.conftest import SEED
from tests.damage import packed, part_of, parts_of
from tests.fuzz.cells import Cells
from tests.round_files import EDITION, NOW, PERIOD, WHO, a_round, set_up

FIELDS = {"Hạn gửi": "17:00 20/6/2022", "Địa chỉ thư gửi đi": "noivu@tuky.gov.vn", "Cổng máy chủ": "587"}
TABLES = {
    "Gia hạn": [["11083", "17:00 30/6/2022", "mất điện"]],
    "Mục tiêu": [["7/6.7", 50, "", ""]],
    "Số dùng chung": [["3/1.1", 17]],
    "Mức độ quy tắc": [["1/2.2<=2.1", "Cần giải trình", "vì sao"]],
    "Cổng báo cáo": [["A1", "1/1", "", "x"]],
}


@pytest.fixture(scope="module")
def filled_in(tmp_path_factory):
    """A round whose settings say something on every sheet, and the bytes of that workbook."""
    home = a_round(tmp_path_factory.mktemp("round"))
    set_up(home, FIELDS, TABLES)
    return home, path_of(home).read_bytes()


@pytest.fixture
def home(filled_in):
    folder, content = filled_in
    path_of(folder).write_bytes(content)
    return folder


def refused(home) -> str:
    with pytest.raises(RoundError) as failed:
        open_round(home)
    return error_sentence(failed.value)


def timed(work):
    started = time.process_time()
    try:
        return work()
    except CchcError as error:
        assert error_sentence(error)
        return None
    finally:
        assert time.process_time() - started < SECONDS


def test_damaged_settings_are_those_of_before_or_one_sentence(filled_in, share):
    """Nothing but the text of a setting itself changes a setting without a word."""
    home, content = filled_in
    parts = {title: part_of(content, title) for title in ("Cài đặt", *TABLES)}
    attacked = Cells(content, list(parts.values()), lambda row: row < 23)
    before, rng, same = open_round(home).settings, random.Random(SEED), 0
    for _ in range(round(2_500 * share)):
        mutant = attacked.mutant(rng)
        path_of(home).write_bytes(mutant.content)
        found = timed(lambda: open_round(home).settings)
        changed = found and [one.name for one in fields(found) if getattr(found, one.name) != getattr(before, one.name)]
        same += changed == []
        by_hand = mutant.how in ("cell", "content", "deleted") or set(changed or ()) <= {
            "reasons",
            "letterhead",
            "portal",
        }
        assert not changed or by_hand, (mutant.what, changed)
        assert not changed or found.deadline, mutant.what  # of a deadline nothing disappears
    assert same > 100 * share


def with_cell(home, title: str, place: str, value: object, number_format: str = "General") -> None:
    book = openpyxl.load_workbook(path_of(home))
    book[title][place].value = value
    book[title][place].number_format = number_format
    book.save(path_of(home))


@pytest.mark.parametrize("value", ["#N/A", "#DIV/0!", True, "=1/0", "ngày mai"])
def test_a_deadline_that_excel_could_not_compute_is_not_no_deadline(home, value):
    with_cell(home, "Cài đặt", "B4", value)
    assert "dòng 4" in refused(home) and "không phải ngày giờ" in refused(home)


def test_the_name_of_a_setting_typed_over_is_said(home):
    with_cell(home, "Cài đặt", "A4", "Hạng gửi")
    assert 'dòng 4: "Hạng gửi" không ở mục nào' in refused(home)
    with_cell(home, "Cài đặt", "A4", None)
    assert 'dòng 4: "17:00 20/6/2022" không ở mục nào' in refused(home)


def test_a_setting_that_stands_twice_is_said(home):
    book = openpyxl.load_workbook(path_of(home))
    book["Cài đặt"].append(["Hạn gửi", "17:00 21/6/2022"])
    book.save(path_of(home))
    assert '"Hạn gửi" đã có ở dòng trên' in refused(home)


@pytest.mark.parametrize("sheet", ["Gia hạn", "Số dùng chung"])
def test_a_code_that_has_two_rows_is_said(home, sheet):
    code, value = TABLES[sheet][0][:2]
    other = "18:00 1/7/2022" if sheet == "Gia hạn" else 18
    with_cell(home, sheet, "A3", code)
    assert sheet == "Gia hạn" or open_round(home).settings.shared == {code: Decimal(value)}, "a blank one says nothing"
    with_cell(home, sheet, "B3", other)
    assert f'trang {sheet}, dòng 3: "{code}" đã có ở dòng trên' in refused(home)


def test_a_sheet_renamed_or_gone_is_said_and_other_letters_are_not_another_name(home):
    book = openpyxl.load_workbook(path_of(home))
    book["Gia hạn"].title = "gia ha\u0323n "
    book.save(path_of(home))
    assert open_round(home).settings.extensions == {"11083": datetime(2022, 6, 30, 17, 0)}
    book["gia ha\u0323n "].title = "Gia hạn cũ"
    book.save(path_of(home))
    assert "thiếu trang Gia hạn" in refused(home)


@pytest.mark.parametrize(
    ("key", "value", "number_format", "wanted"),
    [
        ("6/1.1", 1.127, "General", Decimal("1.127")),  # million đồng: not 1 127
        ("6/1.1", "1.127", "@", Decimal(1127)),
        ("7/6.7", 33.333, "General", Decimal("33.333")),
        ("7/6.7", 0.5, "0%", Decimal(50)),
        ("7/6.7", 0.5, "General", Decimal("0.5")),
        ("7/6.7", "50%", "@", Decimal(50)),
        ("1/1", 12, "0", Decimal(12)),
    ],
)
def test_a_target_is_the_number_that_the_cell_shows(home, key, value, number_format, wanted):
    with_cell(home, "Mục tiêu", "A2", key)
    with_cell(home, "Mục tiêu", "B2", value, number_format)
    (target,) = open_round(home).settings.targets
    assert target.value == wanted


def test_a_count_has_no_decimals_typed_or_stored(home):
    with_cell(home, "Số dùng chung", "B2", 1.127)
    assert '"1.127" không phải số của chỉ tiêu 3/1.1' in refused(home)
    row = EDITION.by_key["7/1"]
    assert [from_text(Stored(text), row.kind, row.choices).word for text in ("1", "9", "1.5", "x")] == (
        ["", *["unreadable"] * 3]
    )


def test_a_stray_blank_in_the_last_row_of_every_sheet_costs_little(home):
    stray = b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t> </t></is></c></row></sheetData>'
    parts = parts_of(path_of(home).read_bytes())
    path_of(home).write_bytes(packed({name: body.replace(b"</sheetData>", stray) for name, body in parts.items()}))
    assert timed(lambda: sheets_of(path_of(home))) is not None
    assert replace(open_round(home).settings, previous=None) != Settings()


# --- the list of units ------------------------------------------------------------------------------------------


def test_a_damaged_list_of_units_is_that_of_before_or_one_sentence(filled_in, share):
    content = (filled_in[0] / "danh-sach-don-vi.xlsx").read_bytes()
    attacked, rng = Cells(content, ["xl/worksheets/sheet1.xml"]), random.Random(SEED)
    before, same = roster_of(content, file="ds.xlsx", edition=EDITION), 0
    for _ in range(round(4_000 * share)):
        mutant = attacked.mutant(rng)
        found = timed(partial(roster_of, mutant.content, file="ds.xlsx", edition=EDITION))
        changed = found and (found.units, found.consolidating) != (before.units, before.consolidating)
        same += changed is False
        assert not changed or mutant.how in ("cell", "content", "deleted", "doubled", "swapped", "attribute"), (
            mutant.what
        )
    assert same > 100 * share


def listed(rows: str) -> bytes:
    return f"Mã đơn vị,Tên đơn vị,Loại\n{rows}".encode()


@pytest.mark.parametrize("code", ["..", "---", "٣", "文", "1" * 41, "a" * 300])
def test_a_code_that_can_be_no_file_s_name_is_said(code):
    with pytest.raises(RosterError) as failed:
        roster_of(listed(f"11083,Đại Sơn,xã\n{code},Hưng Đạo,xã\n"), file="ds.csv", edition=EDITION)
    assert "dòng 3" in error_sentence(failed.value)


@pytest.mark.parametrize(("one", "other"), [("1.1", "1-1"), ("a1", "A1"), ("1/1", "1 1"), ("é1", "e1")])
def test_two_codes_whose_files_would_have_one_name_are_said(one, other):
    """Else the second unit's workbook would be written over the first one's."""
    with pytest.raises(RosterError) as failed:
        roster_of(listed(f"{one},Đại Sơn,xã\n{other},Đại Sơn,xã\n"), file="ds.csv", edition=EDITION)
    assert "đã có ở dòng 2" in error_sentence(failed.value)
    assert len(roster_of(listed("1.1,A,xã\n1.11,A,xã\n11.1,A,xã\n"), file="ds.csv", edition=EDITION).units) == 3


def test_names_of_any_length_and_kind_stay_inside_the_round(tmp_path):
    names = [
        "x" * 400,
        "../../../tmp/x",
        "C:\\Windows\\x",
        "=cmd|' /c calc'!A1",
        "{{ 7*7 }}",
        "CON",
        "A\u0301\u202e",
        "٣",
    ]
    roster = tmp_path / "danh-sach.csv"
    roster.write_bytes(listed("".join(f'{number},"{name}",xã\n' for number, name in enumerate(names))))
    new_round(tmp_path / "dot", roster, PERIOD, None, NOW, WHO)
    made = issue_round(tmp_path / "dot", NOW, WHO)
    books = [path for path in made.written if path.suffix == ".xlsx"]
    assert len(books) == len(names) == len({path.name.casefold() for path in books})
    assert all(path.resolve().is_relative_to((tmp_path / "dot").resolve()) for path in made.written)
    assert {path.name for path in tmp_path.iterdir()} == {"dot", "danh-sach.csv"}
    assert len(file_words("x" * 400)) == 80


def test_a_list_exchanged_while_it_is_read_is_the_one_that_was_checked(tmp_path, monkeypatch):
    from cchc_xl.workbook import roster as reading

    path = tmp_path / "danh-sach.csv"
    path.write_bytes(listed("11083,Đại Sơn,xã\n"))
    read = reading.read_roster

    def exchanged(file, edition):
        found = read(file, edition)
        file.write_bytes(listed("11083,Đại Sơn,xã\n11083,Hai,xã\n"))
        return found

    monkeypatch.setattr(reading, "read_roster", exchanged)
    with pytest.raises(RosterError):
        new_round(tmp_path / "dot", path, PERIOD, None, NOW, WHO)
    assert not (tmp_path / "dot" / "danh-sach-don-vi.xlsx").exists()


# --- tables from elsewhere --------------------------------------------------------------------------------------


def test_damaged_tables_from_elsewhere_never_raise(share):
    book, out = openpyxl.Workbook(), BytesIO()
    for row in (["Mã đơn vị", "Mã", "Giá trị", "3/3.3.1"], ["11083", "1/1", 5, 7], ["11086", "A1", "1.127", 0.5]):
        book.active.append(row)
    book.save(out)
    attacked, rng = Cells(out.getvalue(), ["xl/worksheets/sheet1.xml"]), random.Random(SEED)
    read = 0
    for _ in range(round(3_000 * share)):
        mutant = attacked.mutant(rng)
        started = time.process_time()
        try:
            table = table_of(mutant.content, "bang.xlsx")
        except Unreadable as error:
            assert error.problem
            continue
        read += 1
        figures_of(table, EDITION)
        export_of(headed_rows(table))
        assert time.process_time() - started < SECONDS
    assert read > 1_000 * share


def test_an_empty_list_of_units_to_fill_in_is_one_sentence():
    with pytest.raises(RosterError):
        roster_of(roster_book.build(EDITION), file="ds.xlsx", edition=EDITION)
