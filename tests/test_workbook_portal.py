"""The sheet for typing into the portal: order, codes, bare numbers, and what differs from the portal's export."""

from dataclasses import replace
from decimal import Decimal

import pytest

from cchc_xl.model import Consolidation, Method, PortalRow, Remark
from cchc_xl.workbook import portal
from tests.conftest import values_of
from tests.rounds import random_round

MAP = (
    PortalRow(code="CCHC.09", key="3/3.3", block="communes", title="Đúng hạn cấp xã"),
    PortalRow(code="CCHC.01", key="1/1"),
    PortalRow(code="CCHC.02", key="1/2.1", block="own"),
)


@pytest.fixture(scope="module")
def round_() -> Consolidation:
    return random_round(11, 23, own=True)


def lines(content: bytes) -> list[list[object]]:
    """The table below its head, row by row; one column more where it is compared."""
    sheet = values_of(content)["Nhập cổng"]
    numbers = sorted(int(cell[1:]) for cell in sheet if cell[0] == "A" and isinstance(sheet[cell], int))
    return [[sheet.get(f"{column}{number}") for column in "ABCDEFGHIJK"] for number in numbers]


def test_the_portals_order_codes_and_words(round_):
    table = lines(portal.build(round_, MAP))
    assert [line[1] for line in table] == ["CCHC.09", "CCHC.01", "CCHC.02"]
    assert table[0][2:6] == ["Đúng hạn cấp xã", "3/3.3", "cộng các đơn vị", "%"]
    assert table[1][2].startswith("Số văn bản chỉ đạo CCHC")
    figures = round_.figures
    assert table[1][6] == float(figures["1/1"].whole) and table[2][6] == float(figures["1/2.1"].own)
    assert table[0][6] == pytest.approx(float(figures["3/3.3"].communes), abs=0.05)
    assert [line[7] for line in table] == [None] * 3  # to be ticked off


def test_without_a_map_the_forms_own_order_and_a_sentence(round_):
    content = portal.build(round_)
    keys = [row.key for row in round_.edition.indicators if row.method is not Method.NONE]
    assert [line[3] for line in lines(content)] == keys
    assert "Chưa có bảng mã của cổng" in values_of(content)["Nhập cổng"]["A3"]
    assert "A3" not in values_of(portal.build(round_, MAP))["Nhập cổng"]


def test_a_row_of_choices_is_the_own_answer_with_what_the_units_chose(round_):
    line = next(line for line in lines(portal.build(round_)) if line[3] == "1/5.2")
    own, counts = round_.figures["1/5.2"].own, round_.figures["1/5.2"].distribution
    assert line[4] == "số riêng" and line[6] == (None if own is None else float(own))
    assert f"số xã chọn: Trực tuyến: {counts.get(0, 0)}, Phát phiếu: {counts.get(1, 0)}" in line[8]


def test_a_figure_that_is_missing_is_left_empty_and_said(round_):
    silent = replace(round_.figures["1/1"], whole=None, communes=None)
    table = lines(portal.build(replace(round_, figures={**round_.figures, "1/1": silent}), MAP))
    assert table[1][6] is None and "chưa có số liệu" in table[1][8]


EXPORTED = [
    ("2.732", Decimal(2732), "same"),
    ("2732", Decimal(2732), "same"),
    ("2731", Decimal(2732), "other"),
    ("0", None, "extra"),
    ("", Decimal(2732), "blank"),
    ("", None, "same"),
    ("khoảng 30", Decimal(2732), "unreadable"),
    ("KPS", Decimal(0), "same"),
]


@pytest.mark.parametrize(("there", "value", "verdict"), EXPORTED)
def test_a_count_against_the_portals(round_, there, value, verdict):
    figure = replace(round_.figures["1/1"], whole=value)
    made = replace(round_, figures={**round_.figures, "1/1": figure})
    export = portal.export_of([{"Mã": "cchc.01 ", "Giá trị": there}])
    (line,) = portal.lines_of(made, MAP[1:2], export)
    assert line.verdict == verdict and line.differs == (verdict != "same")
    assert portal.verdict_sentence(line)


@pytest.mark.parametrize(
    ("there", "verdict"), [("63,6", "same"), ("63.6", "same"), ("63,64", "same"), ("63,5", "other")]
)
def test_a_percent_against_the_portals_as_printed(round_, there, verdict):
    figure = replace(round_.figures["3/3.3"], communes=Decimal("63.6363"))
    made = replace(round_, figures={**round_.figures, "3/3.3": figure})
    (line,) = portal.lines_of(made, MAP[:1], portal.export_of([{"code": "CCHC.09", "value": there}]))
    assert line.verdict == verdict


def test_codes_only_there_twice_there_and_not_there(round_):
    export = portal.export_of(
        [{"Mã": "CCHC.01", "Giá trị": "1"}, {"Mã": "CCHC.01", "Giá trị": "2"}, {"Mã": "X.9", "Giá trị": "=1+1"}]
    )
    found = portal.lines_of(round_, MAP, export)
    assert [line.verdict for line in found] == ["absent", "twice", "absent"]
    assert portal.unknown_codes(found, export) == (("x.9", "=1+1"),)
    sheet = values_of(portal.build(round_, MAP, export))["Nhập cổng"]
    assert "=1+1" in sheet.values() and "Mã chỉ có trên bảng của cổng" in sheet.values()


def test_a_table_without_codes_or_values_is_none():
    assert portal.export_of([{"Tên": "a", "Giá trị": "1"}]) is None
    assert portal.export_of([{"Mã": "a", "Ghi chú": "1"}]) is None


def test_equal_rounds_give_equal_bytes_and_hostile_text_stays_text(round_):
    hostile = (replace(MAP[0], code="=1+1", title='=HYPERLINK("http://x")'),)
    content = portal.build(round_, hostile)
    assert content == portal.build(round_, hostile)
    assert lines(content)[0][1:3] == ["=1+1", '=HYPERLINK("http://x")']


def test_ticking_off_counts_in_libreoffice(round_, recalculated):
    sheet = recalculated(portal.build(round_, MAP))["Nhập cổng"]
    assert sheet["G4"] == 0


def test_a_value_in_doubt_is_said_before_it_is_typed(round_):
    quiet = {key: replace(figure, remarks=()) for key, figure in round_.figures.items()}
    assert not any("CHƯA RÕ" in line[8] for line in lines(portal.build(replace(round_, figures=quiet), MAP)))
    remark = Remark(name="flagged", args={"count": 1, "units": ("xã Đơn vị 1",)})
    for key in ("1/1", "1/2.1"):
        quiet[key] = replace(quiet[key], remarks=(remark,))
    table = lines(portal.build(replace(round_, figures=quiet), MAP))
    assert ["CHƯA RÕ số của xã Đơn vị 1" in line[8] for line in table] == [False, True, False]  # the last is our own
