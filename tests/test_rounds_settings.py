"""The settings workbook: what staff type in every sheet is understood, or named by sheet and row."""

from datetime import datetime
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest

from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.errors import RoundError
from cchc_xl.model import PortalRow, Severity, SeverityChange, Target
from cchc_xl.rounds.keeping.folder import open_round
from cchc_xl.rounds.keeping.settings import Settings, blank, text_book
from tests.conftest import values_of
from tests.round_files import EDITION, a_round, set_up, states, take, workbook

TABLES = ("Gia hạn", "Mục tiêu", "Số dùng chung", "Mức độ quy tắc", "Cổng báo cáo")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A round and the settings workbook that was made for it."""
    home = a_round(tmp_path_factory.mktemp("round"))
    return home, (home / "cai-dat.xlsx").read_bytes()


@pytest.fixture
def home(fresh):
    """A round with its settings as they were made."""
    folder, made = fresh
    (folder / "cai-dat.xlsx").write_bytes(made)
    return folder


def read(home) -> Settings:
    return open_round(home).settings


def test_a_fresh_workbook_says_nothing(home):
    assert read(home) == Settings()


def test_every_sheet_is_understood(home):
    set_up(
        home,
        {
            "Hạn gửi": "17h00 ngày 20/6/2022",
            "Chỉ tiêu xếp hạng": "3/3.3; 7/6.7.",
            "Cơ quan cấp trên": "UBND TỈNH HẢI DƯƠNG",
            "Cơ quan ban hành": "SỞ NỘI VỤ",
            "Ký hiệu báo cáo": "BC-SNV",
            "Số báo cáo": "12",
            "Ngày ban hành": "15/6/2022",
            "Địa danh": "Hải Dương",
            "Kính gửi": "Bộ Nội vụ",
            "Nơi nhận": "Như trên; Lưu: VT",
            "Thẩm quyền ký": "KT. GIÁM ĐỐC; PHÓ GIÁM ĐỐC",
            "Người ký": "Nguyễn Văn A",
            "Địa chỉ thư gửi đi": "noivu@tuky.gov.vn",
            "Máy chủ gửi thư": "smtp.tuky.gov.vn",
            "Cổng máy chủ": "465",
            "Bảo mật thư": "SSL/",
            "Tên đăng nhập thư": "noivu",
        },
        {
            "Gia hạn": [["11086", "8:30 22/6/2022", "mất điện"], ["11092", "2022-06-23", ""]],
            "Mục tiêu": [["3/3.3", "95%", "trở lên", "KH năm"], ["1/3.1", "10", "Trở xuống", ""]],
            "Số dùng chung": [["3/1.4.3", "172"], ["3/2.1", ""]],
            "Mức độ quy tắc": [["6/1.2<=1.1", "Lưu ý", "vốn kéo dài"], ["peer-twin", "lỗi phải sửa", "đã thống nhất"]],
            "Cổng báo cáo": [["A.1", "1/1", "", "Số văn bản"], ["A.2", "1/2", "Cộng các đơn vị", ""]],
        },
    )
    said = read(home)
    assert said.deadline == datetime(2022, 6, 20, 17, 0)
    assert said.extensions == {"11086": datetime(2022, 6, 22, 8, 30), "11092": datetime(2022, 6, 23, 23, 59, 59)}
    assert said.reasons == {"11086": "mất điện"} and said.ranking == ("3/3.3", "7/6.7")
    assert said.targets == (
        Target(key="3/3.3", value=Decimal(95), note="KH năm"),
        Target(key="1/3.1", value=Decimal(10), at_least=False),
    )
    assert said.shared == {"3/1.4.3": Decimal(172)}
    assert said.severities == (
        SeverityChange(rule="6/1.2<=1.1", severity=Severity.NOTE, reason="vốn kéo dài"),
        SeverityChange(rule="peer-twin", severity=Severity.ERROR, reason="đã thống nhất"),
    )
    assert said.portal == (
        PortalRow(code="A.1", key="1/1", title="Số văn bản"),
        PortalRow(code="A.2", key="1/2", block="communes"),
    )
    head = said.letterhead
    assert (head.superior, head.issuer, head.symbol) == ("UBND TỈNH HẢI DƯƠNG", "SỞ NỘI VỤ", "BC-SNV")
    assert (head.number, head.date, head.place, head.signer) == ("12", "15/6/2022", "Hải Dương", "Nguyễn Văn A")
    assert (head.receiver, head.receivers) == ("Bộ Nội vụ", ("Như trên", "Lưu: VT"))
    assert head.capacity == "KT. GIÁM ĐỐC; PHÓ GIÁM ĐỐC"
    mail = said.mail
    assert (mail.sender, mail.host, mail.port, mail.security, mail.user) == (
        *("noivu@tuky.gov.vn", "smtp.tuky.gov.vn", 465, "ssl", "noivu"),
    )
    assert mail.can_send


@pytest.mark.parametrize(
    ("sheet", "row", "problem"),
    [
        ("Cài đặt", ["Hạn gửi", "mai"], '"mai" không phải ngày giờ'),
        ("Cài đặt", ["Hạn gửi", "25:00 20/6/2022"], "không phải ngày giờ"),
        ("Cài đặt", ["Chỉ tiêu xếp hạng", "3/3.3; 9/9"], "9/9"),
        ("Cài đặt", ["Bảo mật thư", "TLS9"], "STARTTLS hoặc SSL"),
        ("Cài đặt", ["Cổng máy chủ", "bốn"], "từ 1 đến 65535"),
        ("Cài đặt", ["Cổng máy chủ", "65536"], "65536"),
        ("Gia hạn", ["999", "1/1/2022"], "999"),
        ("Gia hạn", ["11086", ""], "không phải ngày giờ"),
        ("Mục tiêu", ["1", "95"], '"1"'),
        ("Mục tiêu", ["1/3", "95"], '"1/3"'),  # a heading
        ("Mục tiêu", ["3/3.3", "cao"], '"cao" không phải số'),
        ("Mục tiêu", ["3/3.3", ""], "không phải số"),
        ("Mục tiêu", ["3/3.3", "95", "hơn"], "trở lên, trở xuống"),
        ("Số dùng chung", ["3/1.4.3", "nhiều"], "nhiều"),
        ("Số dùng chung", ["9/9", "1"], "9/9"),
        ("Mức độ quy tắc", ["abc", "lưu ý", "x"], '"abc"'),
        ("Mức độ quy tắc", ["1/2", "lưu ý", "x"], "phép tính"),
        ("Mức độ quy tắc", ["peer-twin", "nặng", "x"], "cần giải trình"),
        ("Mức độ quy tắc", ["peer-twin", "lưu ý", ""], "lý do"),
        ("Cổng báo cáo", ["A", "9/9"], "9/9"),
        ("Cổng báo cáo", ["A", "1/1", "một nửa"], "toàn đơn vị"),
    ],
)
def test_every_mistake_names_file_sheet_and_row(home, sheet, row, problem):
    where = 4  # as Excel counts
    lines = [["Mục", "Nội dung"], [], [], row]
    (home / "cai-dat.xlsx").write_bytes(text_book("x", {sheet: lines}))
    with pytest.raises(RoundError) as failed:
        read(home)
    sentence = error_sentence(failed.value)
    assert sentence.startswith(f"cai-dat.xlsx, trang {sheet}, dòng {where}: ") and problem in sentence


def test_the_settings_of_an_older_round_still_open(home):
    """Workbooks made before the other sheets were there; other sheets and columns of the staff's own are theirs."""
    old = {"Cài đặt": [["Mục", "Nội dung"], ["Hạn gửi", "17:00 20/6/2022"]], "Ghi nhớ": [["gọi", "chị Hoa"]]}
    (home / "cai-dat.xlsx").write_bytes(text_book("x", old))
    assert read(home) == Settings(deadline=datetime(2022, 6, 20, 17, 0))
    (home / "cai-dat.xlsx").unlink()
    assert read(home) == Settings()


@pytest.mark.parametrize("content", [b"", b"PK", b"no workbook at all"])
def test_a_file_that_is_no_workbook_is_one_sentence(home, content):
    (home / "cai-dat.xlsx").write_bytes(content)
    with pytest.raises(RoundError) as failed:
        read(home)
    assert "cai-dat.xlsx" in error_sentence(failed.value) and "{" not in error_sentence(failed.value)


def test_the_workbook_helps_to_fill_it_in(home):
    book = openpyxl.load_workbook(home / "cai-dat.xlsx")
    assert book.sheetnames == ["Cài đặt", *TABLES, "Danh mục"]
    rules = {name: book[name].data_validations.dataValidation for name in TABLES}
    lists = {name: [rule for rule in found if rule.type == "list"] for name, found in rules.items()}
    assert [len(found) for found in lists.values()] == [1, 2, 1, 2, 2]
    assert {rule.errorStyle for found in lists.values() for rule in found} == {"warning"}, "they stand in nobody's way"
    shared = [row[0].value for row in book["Số dùng chung"].iter_rows(min_row=2) if row[0].value]
    assert shared == [one.key for one in EDITION.indicators if one.method.value == "same"]
    fields = {row[0].value: row[1].value for row in book["Cài đặt"].iter_rows(min_row=2)}
    assert fields["Kỳ báo cáo"] == "2022-6T" and fields["Hạn gửi"] is None
    known = [row[3].value for row in book["Danh mục"].iter_rows(min_row=2) if row[3].value]
    assert known == [one.key for one in EDITION.indicators if one.has_cell]


def test_codes_are_explained_beside_them(home, recalculated):
    """The lists to choose from say what a code means, as the spreadsheet program computes it."""
    set_up(home, {}, {"Gia hạn": [["11086", "22/6/2022"]], "Mức độ quy tắc": [["peer-twin", "lưu ý", "x"]]})
    sheets = recalculated((home / "cai-dat.xlsx").read_bytes())
    assert sheets["Gia hạn"]["D2"] == "xã Hưng Đạo" and "con số lớn" in sheets["Mức độ quy tắc"]["D2"]
    assert sheets["Gia hạn"].get("D3") in ("", None)


def test_the_same_round_gives_the_same_workbook(home):
    the_round = open_round(home)
    made = [blank(the_round.edition, "2022-6T", the_round.roster) for _ in range(2)]
    assert made[0] == made[1]
    assert values_of(BytesIO(made[0]).getvalue())["Cài đặt"]["A1"] == "Mục"


def test_a_severity_of_the_staff_counts_in_the_state_of_a_unit(tmp_path):
    home = a_round(tmp_path)
    take(home, {"a.xlsx": workbook({"6/1.1": 2400, "6/1.2": 2950})})
    assert states(home) == {"11083": "to_fix"}
    set_up(home, {}, {"Mức độ quy tắc": [["6/1.2<=1.1", "lưu ý", "năm nay có vốn kéo dài"]]})
    assert states(home) == {"11083": "to_approve"}
