"""Targets, letterhead, severities, the portal's map and earlier periods for a consolidation without a round."""

import sys
from decimal import Decimal
from pathlib import Path
from subprocess import run

import openpyxl
import pytest

from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.errors import RoundError
from cchc_xl.model import Severity
from cchc_xl.rounds.adding.outgoing import settings_template
from cchc_xl.rounds.adding.typing_in import write_portal
from cchc_xl.rounds.pipeline import consolidate_paths
from tests.conftest import values_of
from tests.round_files import workbook
from tests.word_files import whole_text

PERIOD, ROOT = "2022-6T", Path(__file__).parent.parent
FIELDS = {"Ký hiệu báo cáo": "BC-SNV", "Số báo cáo": "62", "Ngày ban hành": "15/6/2022", "Người ký": "Nguyễn Văn A"}
FIELDS |= {"Thẩm quyền ký": "KT. CHỦ TỊCH; PHÓ CHỦ TỊCH"}
TABLES = {
    "Mục tiêu": [("1/2", "60", "trở lên")],
    "Mức độ quy tắc": [("1/2.2<=2.1", "lưu ý", "đã thống nhất với đơn vị")],
    "Cổng báo cáo": [("A.01", "1/2.1", "", "Kế hoạch")],
}


@pytest.fixture
def home(tmp_path):
    """Two communes and a settings workbook as the staff fill it in."""
    (tmp_path / "nhan").mkdir()
    (tmp_path / "ds.csv").write_text(
        "Mã đơn vị,Tên đơn vị,Loại,Vai trò\n11083,Đại Sơn,xã,\n11086,Hưng Đạo,xã,\n298,Tứ Kỳ,huyện,tổng hợp\n", "utf-8"
    )
    for code, value in (("11083", 5), ("11086", 17)):
        (tmp_path / "nhan" / f"{code}.xlsx").write_bytes(workbook({"1/2.1": 10, "1/2.2": value}, code))
    (tmp_path / "truoc").mkdir()
    (tmp_path / "truoc" / "a.xlsx").write_bytes(workbook({"1/2.1": 10, "1/2.2": 2}, "11083", period="2022-Q1"))
    filled(tmp_path / "cai-dat.xlsx", settings_template("xa-2022", PERIOD, tmp_path / "ds.csv"))
    return tmp_path


def filled(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    book = openpyxl.load_workbook(path)
    for row in book["Cài đặt"].iter_rows():
        if row[0].value in FIELDS:
            row[1].value = FIELDS[row[0].value]
        if row[0].value == "Số liệu các kỳ trước":
            row[1].value = "truoc"
    for name, rows in TABLES.items():
        for number, cells in enumerate(rows, start=2):
            for column, text in enumerate(cells, start=1):
                book[name].cell(number, column, text)
    book.save(path)


def consolidated(home, **more):
    return consolidate_paths([home / "nhan"], roster=home / "ds.csv", out=home / "ra", **more)


def test_all_of_it_goes_into_the_outputs(home):
    made = consolidated(home, settings=home / "cai-dat.xlsx", more=("summary", "portal"))
    (target,) = made.consolidation.targets
    assert (target.key, target.value) == ("1/2", Decimal(60))
    said = whole_text(made.written["tom-tat.docx"].read_bytes())
    assert "Cả 01 chỉ tiêu có mục tiêu đều đạt" in said  # 22 of 20
    assert made.consolidation.previous.period.code == "2022-Q1"  # beside the settings, whatever folder we stand in
    judged = [one for unit in made.consolidation.units for one in unit.findings if one.rule == "1/2.2<=2.1"]
    assert judged and {one.severity for one in judged} == {Severity.NOTE}
    cells = values_of(made.written["bang-nhap-cong.xlsx"].read_bytes())["Nhập cổng"]
    assert cells["B6"] == "A.01" and "B7" not in cells


def test_the_masters_forms_bear_number_date_and_signer(home):
    cells = values_of(consolidated(home, settings=home / "cai-dat.xlsx").written["tong-hop.xlsx"].read_bytes())
    texts = [text for text in cells["Biểu 1"].values() if isinstance(text, str)]
    assert "(Kèm theo Báo cáo số 62/BC-SNV ngày 15/6/2022 của UBND huyện Tứ Kỳ)" in texts
    for said in ("Tứ Kỳ, ngày 15 tháng 6 năm 2022", "KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH", "Nguyễn Văn A"):
        assert said in texts
    bare = values_of(consolidated(home).written["tong-hop.xlsx"].read_bytes())["Biểu 1"].values()
    assert "Tứ Kỳ, ngày … tháng … năm …" in bare and "CHỦ TỊCH" in bare


def test_without_settings_nothing_changes(home):
    plain = consolidated(home)
    assert plain.consolidation.targets == () and plain.consolidation.previous is None
    told = [one for unit in plain.consolidation.units for one in unit.findings if one.rule == "1/2.2<=2.1"]
    assert {one.severity for one in told} == {Severity.ERROR}


def test_what_is_given_beside_it_goes_first(home):
    (home / "khac").mkdir()
    made = consolidated(home, settings=home / "cai-dat.xlsx", previous=home / "khac", ranking=("1/2",))
    assert made.consolidation.previous is None and [one.key for one in made.consolidation.rankings] == ["1/2"]


def test_the_map_for_the_portal_alone(home):
    master = consolidated(home).written["tong-hop.xlsx"]
    made = write_portal(master, home / "cong.xlsx", settings=home / "cai-dat.xlsx")
    cells = values_of(made.path.read_bytes())["Nhập cổng"]
    assert cells["B6"] == "A.01" and "B7" not in cells


def test_another_workbook_is_no_settings(home):
    with pytest.raises(RoundError) as caught:
        consolidated(home, settings=home / "nhan" / "11083.xlsx")
    assert "không phải tệp cài đặt" in error_sentence(caught.value)
    with pytest.raises(RoundError) as caught:
        consolidated(home, settings=home / "mat.xlsx")
    assert error_sentence(caught.value).startswith("Không đọc được")


def test_the_command_line(home):
    def said(*args):
        command = [sys.executable, "-m", "cchc_xl", *map(str, args)]
        return run(command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT)

    empty = home / "trong"
    empty.mkdir()
    assert said("template", "-o", empty / "cai-dat.xlsx", "--roster", home / "ds.csv").returncode == 0
    assert (empty / "cai-dat.xlsx").read_bytes() == settings_template("xa-2022", "", home / "ds.csv")
    ask = ("consolidate", home / "nhan", "--roster", home / "ds.csv", "-o", home / "ra", "--with", "summary")
    assert said(*ask, "--settings", home / "cai-dat.xlsx").returncode in (0, 1)
    assert "Chưa có số liệu kỳ trước" not in whole_text((home / "ra" / "tom-tat.docx").read_bytes())
    (home / "truoc" / "a.xlsx").unlink()  # what the settings name is looked at again too
    said(*ask, "--settings", home / "cai-dat.xlsx")
    assert "Chưa có số liệu kỳ trước" in whole_text((home / "ra" / "tom-tat.docx").read_bytes())
    wrong = said(*ask, "--settings", home / "ds.csv")
    assert wrong.returncode == 2 and "Traceback" not in wrong.stderr and wrong.stderr.count("\n") == 1
