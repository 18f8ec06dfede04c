"""The buttons through xlwings: its real Book, Sheet and Range on an engine of the tests, on the sample round."""

import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
import xlwings as xw

from cchc_xl import excel
from cchc_xl.editions.catalogue import words
from cchc_xl.rounds.buttons.control import ACTIONS
from cchc_xl.rounds.buttons.control_book import name_of, read_control_book
from cchc_xl.rounds.buttons.kept import roster_rows
from cchc_xl.rounds.following.status import status
from cchc_xl.rounds.sample import RECEIVED, ROSTER, ROUND
from cchc_xl.shipped import shipped
from tests.excel_engine import opened
from tests.macro_books import BOOK

NOW = datetime(2022, 6, 19, 9, 30, tzinfo=UTC)
SAID = words("control")
SAMPLE = shipped("samples", ROUND)
FEW = ("298", "11092", "11083", "11149")  # the default run: the real report, one with an error, one that has not sent


class Desk:
    """A control workbook open in "Excel", with the sample's roster typed in and its files in the folder of arrivals."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True)
        self.home, self.folder = home, home / "dot-bao-cao"
        self.path = home / "bang-dieu-hanh.xlsm"
        shutil.copyfile(BOOK, self.path)
        self.book = opened(self.path)
        self.book.set_mock_caller()

    def type_in(self, units: Sequence[str] = FEW, **fields: str) -> None:
        for name, text in fields.items():
            self.cell(name).value = text
        rows = [row for row in roster_rows((SAMPLE / ROSTER).read_bytes(), ROSTER) if row[0] in units]
        if rows:
            home = self.cell("T_ROSTER").resize(len(rows), len(rows[0]))
            home.value = [list(row) for row in rows]

    def cell(self, name: str) -> xw.Range:
        return self.book.names[name_of(name)].refers_to_range

    def text(self, name: str) -> str:
        return self.cell(name).value or ""

    def table(self, name: str) -> list[list[str | None]]:
        home = self.cell(f"T_{name.upper()}")
        rows = home.sheet.used_range.last_cell.row - home.row + 1
        width = len(SAID["tables"].get(name, words("roster")["columns"]))
        values = home.resize(rows, width).options(ndim=2).value if rows > 0 else []
        return [row for row in values if any(row)]

    def press(self, action: str) -> None:
        """The button, and proof that the macro would know it ran."""
        token = f"luot-{action}"
        excel.BUTTONS[action](NOW, "Lan", token)
        assert self.text("TOKEN") == token

    @property
    def counts(self) -> dict[str, str]:
        found = {name: self.text(f"COUNT_{name.upper()}") for name in SAID["counts"]}
        return {name: str(int(value)) if isinstance(value, float) else value for name, value in found.items()}

    @property
    def links(self) -> dict[str, Path]:
        cells = [self.cell(f"LINK_{number}") for number in range(1, SAID["words"]["links_shown"] + 1)]
        return {cell.value: Path(cell.hyperlink) for cell in cells if cell.value}


@pytest.fixture
def desk(tmp_path) -> Iterator[Desk]:
    yield Desk(tmp_path / "Tổng hợp & 'thử' báo cáo")
    if hasattr(xw.Book, "_mock_caller"):
        del xw.Book._mock_caller


def test_every_button_on_the_sample_round(desk, share):
    """One round from beginning to end; after each button the cells say what the round's own status says."""
    everyone = [row[0] for row in roster_rows((SAMPLE / ROSTER).read_bytes(), ROSTER)]
    units = everyone if share == 1 else FEW
    desk.type_in(units, period="2022-6T", deadline="17:00 20/6/2022")
    _issue(desk, len(units))
    (desk.home / "nhan-ve").mkdir()
    for file in (SAMPLE / RECEIVED).iterdir():
        if file.name.partition("_")[0] in units:
            shutil.copy(file, desk.home / "nhan-ve")
    _collect(desk, len(units) - 1)
    _check(desk, len(units) - 1)
    _feedback(desk)
    _consolidate(desk, len(units) - 1)
    _report(desk)
    _remind(desk)
    _open(desk)
    before = desk.table("units")
    filtered = desk.book.impl.book[SAID["titles"]["units"]].row_dimensions
    filtered[2].hidden = True
    desk.press("refresh")
    assert not filtered[2].hidden, "what a filter hid is shown, or old rows would stay among the new"
    assert desk.text("MESSAGE") == SAID["messages"]["refreshed"]
    assert desk.table("units") == before
    assert desk.book.app.status_bar
    desk.book.save()
    assert read_control_book(desk.path) == excel.settings_of(desk.book), "the program reads what Excel shows"


def _issue(desk: Desk, due: int) -> None:
    desk.press("issue")
    assert desk.text("OK") == "1", desk.text("MESSAGE")
    assert desk.text("MESSAGE").startswith("Đã làm ")
    assert SAID["messages"]["made_round"].partition("{")[0] in desk.text("MESSAGE")
    assert len(list((desk.folder / "bieu-mau").glob("*.xlsx"))) == due
    assert (desk.counts["not_sent"], desk.counts["sent"]) == (str(due), "0")
    assert [row[2] for row in desk.table("units")] == ["Chưa gửi"] * due
    assert desk.text("NEXT") == SAID["next"]["collect"]
    assert desk.text("LAST") == "09:30 19/06/2022  1. Gửi biểu mẫu"
    assert desk.links[SAID["links"]["round"]] == desk.folder
    assert all(path.exists() for path in desk.links.values())


def _collect(desk: Desk, sent: int) -> None:
    desk.press("collect")
    assert desk.text("MESSAGE") == f"Nhận {sent} tệp mới; 0 tệp đã có từ trước."
    assert len(desk.table("files")) == sent
    assert {row[3] for row in desk.table("files")} == {"Đang dùng"}
    stands = status(desk.folder, NOW)["units"]
    assert [row[0] for row in desk.table("units")] == [one["code"] for one in stands]
    assert [row[2] for row in desk.table("units")] == [words("round")["states"][one["state"]] for one in stands]
    assert desk.counts["sent"] == str(sent)
    desk.press("collect")
    assert desk.text("MESSAGE") == f"Nhận 0 tệp mới; {sent} tệp đã có từ trước."


def _check(desk: Desk, sent: int) -> None:
    assert desk.table("findings") == [[SAID["titles"]["no_data"], *[None] * 5]]
    desk.press("check")
    assert desk.text("MESSAGE").startswith(f"Đã soát {sent} báo cáo: ")
    rows = desk.table("findings")
    assert {"Lỗi phải sửa", "Cần giải trình", "Lưu ý"} <= {row[2] for row in rows}
    real = [row for row in rows if row[0] == "11092"]
    assert any(row[2] == "Lỗi phải sửa" and "63,6" in row[4] and row[3] == "Biểu 1, dòng 2, ô D8" for row in real)
    errors = sum(row[2] == "Lỗi phải sửa" for row in rows)
    assert f" {errors} lỗi phải sửa" in desk.text("MESSAGE")


def _feedback(desk: Desk) -> None:
    desk.press("feedback")
    assert desk.text("OK") == "1", desk.text("MESSAGE")
    assert desk.text("MESSAGE").startswith("Đã làm ")
    made = [path for caption, path in desk.links.items() if caption.startswith(SAID["links"]["made"])]
    assert made and all(path.is_dir() for path in made)


def _consolidate(desk: Desk, sent: int) -> None:
    desk.press("consolidate")
    assert desk.text("MESSAGE").startswith(f"Tổng hợp 6 tháng đầu năm 2022: {sent - 1}/{sent} đơn vị được tính.")
    assert "Chưa gửi: xã Hà Kỳ." in desk.text("MESSAGE")
    assert desk.links[SAID["links"]["master"]] == desk.folder / "ra" / "tong-hop.xlsx"
    for name in ("tong-hop.xlsx", "bao-cao.docx", "so-lieu.csv", "figures.json"):
        assert (desk.folder / "ra" / name).exists()
    assert any(line.startswith("5. Tổng hợp: Ghi kết quả") for line in desk.book.app.impl.said)


def _report(desk: Desk) -> None:
    desk.press("report")
    assert desk.text("OK") == "1", desk.text("MESSAGE")
    made = [path for path in (desk.folder / "bao-cao-don-vi").rglob("*.docx")]
    assert len(made) == int(desk.counts["sent"])


def _remind(desk: Desk) -> None:
    desk.press("remind")
    assert desk.text("OK") == "1", desk.text("MESSAGE")
    assert desk.text("MESSAGE").startswith("Đã soạn ")
    assert "Chưa gửi thư nào" in desk.text("MESSAGE")


def _open(desk: Desk) -> None:
    desk.press("open")
    master = desk.folder / "ra" / "tong-hop.xlsx"
    assert desk.text("MESSAGE") == SAID["messages"]["opened"].format(path=master)
    assert [book.fullname for book in desk.book.app.books][-1] == str(master)


@pytest.mark.parametrize("action", [action for action in ACTIONS if action != "issue"])
def test_before_there_is_a_round_every_other_button_says_so(desk, action):
    desk.type_in(period="2022-6T")
    desk.press(action)
    assert desk.text("MESSAGE") == SAID["errors"]["control-no-round"].format(path=desk.folder)
    assert desk.text("OK") == "0"
    assert desk.text("NEXT") == SAID["titles"]["first_next"], "what stood there stays"
    assert not desk.folder.exists()


def test_what_is_missing_is_said_as_one_sentence(desk):
    desk.type_in((), folder="")
    desk.press("issue")
    assert desk.text(
        "MESSAGE"
    ) == 'Chưa ghi thư mục đợt báo cáo. Điền ô "Thư mục đợt báo cáo" ở trang Bảng điều hành ' + ("rồi bấm lại.")
    desk.type_in((), folder="dot-bao-cao")
    desk.press("issue")
    assert desk.text("MESSAGE").startswith("Chưa ghi kỳ báo cáo.")
    desk.type_in((), period="2022-6T")
    desk.press("issue")
    assert desk.text("MESSAGE") == SAID["errors"]["control-roster"]
    desk.cell("T_ROSTER").resize(1, 3).value = [["11083", None, None]]
    desk.press("issue")
    assert desk.text("MESSAGE") == "Danh sách đơn vị trang Đơn vị của bảng điều hành, dòng 2: thiếu tên đơn vị."
    assert not desk.folder.exists()


def test_dates_and_numbers_that_excel_made_of_what_was_typed(desk):
    """A code as a number, a deadline as a date with its hour: read as a person reads them."""
    desk.cell("T_ROSTER").resize(1, 2).value = [[11083, "Đại Sơn"]]
    desk.cell("deadline").value = datetime(2022, 6, 20, 17, 0)
    settings = excel.settings_of(desk.book)
    assert settings.roster[0][:2] == ("11083", "Đại Sơn")
    assert settings.text("deadline") == "17:00 20/06/2022"
    desk.book.save()
    assert read_control_book(desk.path).text("deadline") == "17:00 20/06/2022"


def test_a_workbook_that_is_no_control_workbook_is_said(tmp_path):
    other = openpyxl.Workbook()
    other.save(tmp_path / "khac.xlsx")
    book = opened(tmp_path / "khac.xlsx")
    with pytest.raises(Exception, match="control-not-ours"):
        excel.settings_of(book)


# --- Excel as a calculator --------------------------------------------------------------------------------------------
def test_excel_computes_a_copy_anew_and_leaves_the_file_alone(tmp_path):
    source = tmp_path / "gửi.xlsx"
    source.write_bytes(next((SAMPLE / RECEIVED).glob("11083*")).read_bytes())
    before = source.read_bytes()
    opened(source)
    apps = xw.engines.active.impl.apps
    made = excel.calculator()(source, tmp_path / "ra")
    assert made.parent == tmp_path / "ra" and made.suffix == ".xlsx"
    assert source.read_bytes() == before
    assert apps.closed[-1].api.calls == ["CalculateFullRebuild"], "also what looks up to date"
    assert apps.closed[-1].display_alerts is False
    assert len(apps) == 1, "the instance that was started is closed again"


def test_without_excel_there_is_no_calculator():
    xw.engines.engines[:], xw.engines.active = [], None
    assert excel.calculator() is None
