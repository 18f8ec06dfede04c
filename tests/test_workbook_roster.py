"""The list of units: either language, any order of columns, both kinds of file; a mistake stops with one sentence."""

from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.editions.load import load
from cchc_xl.errors import RosterError
from cchc_xl.workbook.roster import read_roster, roster_of

EDITION = load()
HEAD = "Mã đơn vị,Tên đơn vị,Loại,Vai trò\n"


def csv_roster(text: str):
    return roster_of(text.encode(), file="ds.csv", edition=EDITION)


def sheet_roster(rows: list[list[object]]):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = BytesIO()
    book.save(out)
    return roster_of(out.getvalue(), file="ds.xlsx", edition=EDITION)


def test_a_district_with_its_communes():
    roster = csv_roster(HEAD + "298,Tứ Kỳ,huyện,tổng hợp\n11074,Tứ Kỳ,thị trấn,\n11092,Bình Lăng,xã,\n")
    assert [(unit.code, unit.name, unit.level) for unit in roster.units] == [
        ("11074", "Tứ Kỳ", "xã"),
        ("11092", "Bình Lăng", "xã"),
    ]
    assert (roster.consolidating.code, roster.consolidating.level) == ("298", "huyện")
    assert roster.find("298") is roster.consolidating


def test_every_column_in_english_and_in_any_order():
    roster = csv_roster(
        "valid_until,unit_name,note,unit_code,aliases,printed_name,"
        "email,predecessors,contact,phone,valid_from,parent,level,role,type\n"
        "30/6/2025,Bình Lăng,bỏ qua,00070,Bình Lãng; Bình Lang,Bình Lãng,"
        '"a@x.vn;b@x.vn",11095;11098,Lan,0912,2022-01-01,298,xã,,xã\n'
    )
    (unit,) = roster.units
    assert unit.code == "00070" and unit.title == "Bình Lãng" and unit.aliases == ("Bình Lãng", "Bình Lang")
    assert unit.email == ("a@x.vn", "b@x.vn") and unit.predecessors == ("11095", "11098")
    assert (unit.valid_from, unit.valid_until) == (date(2022, 1, 1), date(2025, 6, 30))
    assert (unit.contact, unit.phone, unit.parent) == ("Lan", "0912", "298")
    assert roster.due(date(2025, 7, 1)) == ()


def test_an_excel_file_with_a_title_numbers_and_real_dates():
    roster = sheet_roster(
        [
            ["DANH SÁCH ĐƠN VỊ"],
            [],
            ["STT", "MÃ ĐƠN VỊ", "Tên  đơn vị", "Từ ngày", "Điện thoại"],
            [1, 11092, "Bình Lãng", date(2022, 1, 1), "0220 1"],
            [None, None, None, None, None],
            [2, "00070", "Bình Lãng 2", None, None],
        ]
    )
    assert [(unit.code, unit.valid_from) for unit in roster.units] == [("11092", date(2022, 1, 1)), ("00070", None)]
    assert roster.units[0].level == "xã"


def test_decomposed_titles_semicolons_and_a_byte_order_mark():
    import unicodedata

    text = "\ufeff" + unicodedata.normalize("NFD", "Mã đơn vị;Tên đơn vị\n11092;Bình Lãng\n")
    assert csv_roster(text).units[0].name == "Bình Lãng"


def test_a_code_used_again_after_its_unit_ended():
    text = "unit_code,unit_name,valid_from,valid_until\n11131,Văn Tố,,2024-12-31\n11131,Chí Minh,2025-01-01,\n"
    assert [unit.name for unit in csv_roster(text).due(date(2025, 7, 1))] == ["Chí Minh"]


WRONG = {
    "no file at all": ("", "roster-unreadable"),
    "no code column": ("Tên đơn vị,Loại\nBình Lãng,xã\n", "roster-columns"),
    "no units": (HEAD, "roster-empty"),
    "only the consolidating unit": (HEAD + "298,Tứ Kỳ,huyện,tổng hợp\n", "roster-empty"),
    "a row without code": (HEAD + ",Bình Lãng,xã,\n", "roster-row"),
    "a row without name": (HEAD + "11092,,xã,\n", "roster-row"),
    "a code twice": (HEAD + "11092,A,xã,\n11092,B,xã,\n", "roster-row"),
    "a role nobody knows": (HEAD + "11092,A,xã,phụ\n", "roster-row"),
    "a level of no form": ("Mã đơn vị,Tên đơn vị,Cấp\n1,A,thôn\n", "roster-row"),
    "a date that is none": ("Mã đơn vị,Tên đơn vị,Từ ngày\n1,A,31/02/2022\n", "roster-row"),
    "an end before the start": ("Mã đơn vị,Tên đơn vị,Từ ngày,Đến ngày\n1,A,1/2/2022,1/1/2022\n", "roster-row"),
    "two consolidating units": (
        HEAD + "1,A,xã,\n298,Tứ Kỳ,huyện,tổng hợp\n299,Gia Lộc,huyện,tổng hợp\n",
        "roster-consolidating",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_one_sentence(name):
    text, expected = WRONG[name]
    with pytest.raises(RosterError) as raised:
        csv_roster(text)
    assert raised.value.name == expected
    sentence = error_sentence(raised.value)
    assert "ds.csv" in sentence and "{" not in sentence


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7", b"PK\x03\x04", "Mã đơn vị,Tên".encode("utf-16"), b"M\xe3 \xd1\n1,2\n"]
)
def test_files_that_are_no_list(content):
    with pytest.raises(RosterError) as raised:
        roster_of(content, file="ds.xlsx", edition=EDITION)
    assert raised.value.name == "roster-unreadable"
    assert error_sentence(raised.value).count(".") >= 1


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(RosterError) as raised:
        read_roster(tmp_path / "không có.xlsx", EDITION)
    assert raised.value.name == "roster-missing"
    with pytest.raises(RosterError) as raised:
        read_roster(tmp_path, EDITION)
    assert raised.value.name == "roster-unreadable"


def test_ten_thousand_units_take_no_time():
    text = HEAD + "".join(f"{number:05},Đơn vị {number},xã,\n" for number in range(10_600))
    assert len(csv_roster(text).units) == 10_600
