"""What the units of a round are called together: by their kinds in the roster, never all by the one of most of them."""

import re
from dataclasses import replace
from decimal import Decimal

import pytest

from cchc_xl.checking.checks import check
from cchc_xl.consolidation.consolidate import consolidate
from cchc_xl.editions.load import load, period_of
from cchc_xl.editions.unit_words import kinds_word, own_word, units_word
from cchc_xl.model import Consolidation, ReportingUnit, Roster
from cchc_xl.page import overview
from cchc_xl.word import narrative, summary
from cchc_xl.workbook import upward
from cchc_xl.workbook.consolidated.words import block
from cchc_xl.workbook.reader import read
from tests.rounds import PERIOD, submission_of
from tests.word_files import whole_text

OWNER = ReportingUnit(code="H", name="Tứ Kỳ", type="huyện", level="huyện", consolidating=True)


def units(*types: str) -> tuple[ReportingUnit, ...]:
    return tuple(
        ReportingUnit(code=f"{number:03}", name=f"Đơn vị {number}", type=kind, level="xã")
        for number, kind in enumerate(types)
    )


def made(due: tuple[ReportingUnit, ...], owner: ReportingUnit = OWNER) -> Consolidation:
    """The first unit has not sent."""
    edition = load()
    files = [submission_of(edition, unit, {"1/1": Decimal(3), "1/2.1": Decimal(4)}) for unit in due[1:]]
    roster = Roster(file="x.csv", units=due, consolidating=owner)
    return consolidate(edition, period_of(edition, PERIOD), roster, files, check)


@pytest.mark.parametrize(
    ("types", "word"),
    [
        (("xã", "xã"), "xã"),
        (("thị trấn", "xã", "xã"), "xã, thị trấn"),
        (("Thị trấn", "Phường", "Xã"), "xã, phường, thị trấn"),
        (("phường", "phường"), "phường"),
        (("thành phố", "huyện", "thị xã"), "huyện, thị xã, thành phố"),
        (("xã", "phường", "thị trấn", "đặc khu", "huyện"), "đơn vị"),
        (("", ""), "xã"),
        (("", "thị trấn"), "xã, thị trấn"),
        (("sở", "xã"), "xã, sở"),
    ],
)
def test_the_kinds_in_the_order_of_the_edition(types, word):
    assert kinds_word(units(*types), load()) == word


def test_without_a_type_the_name_tells():
    """A master read back gives names with their type words and no types."""
    named = [ReportingUnit(code=name, name=name) for name in ("Thị trấn Tứ Kỳ", "Xã Đại Sơn", "Thị xã Kinh Môn")]
    assert kinds_word(named, load()) == "xã, thị trấn, thị xã"
    assert kinds_word([ReportingUnit(code="1", name="Phượng Kỳ", level="xã")], load()) == "xã"


def test_nobody_due_and_who_consolidates():
    edition = load()
    nobody = made(())
    assert units_word(nobody) == edition.level
    assert own_word(nobody, "huyện") == "huyện"
    for kind, said in (("thành phố", "thành phố"), ("thành phố trực thuộc trung ương", "thành phố"), ("", "tỉnh")):
        owner = replace(OWNER, type=kind)
        assert own_word(replace(nobody, roster=replace(nobody.roster, consolidating=owner)), "tỉnh") == said


def test_every_output_says_it():
    round_ = made(units("thị trấn", "xã", "xã"))
    assert "2/3</b><span>xã, thị trấn đã gửi và được tính<" in overview.build(round_).decode()
    said = whole_text(narrative.build(round_))
    assert "02/03 xã, thị trấn đã gửi báo cáo" in said and "(02/03 xã, thị trấn)" in said
    assert "của UBND cấp xã" in said and "cấp xã, thị trấn" not in said
    assert "02/03 xã, thị trấn đã gửi" in whole_text(summary.build(round_))
    (copy,) = read(upward.build(round_), file="a.xlsx")
    assert copy.entries["1/1"].note.startswith("2/3 xã, thị trấn")


def test_all_communes_are_called_so():
    round_ = made(units("xã", "xã", "xã"))
    said = whole_text(narrative.build(round_))
    assert "02/03 xã đã gửi báo cáo" in said and "thị trấn" not in said


def test_those_left_out_of_a_list_are_called_by_their_own_kinds():
    round_ = made(units("thị trấn", *["xã"] * 12))
    late = consolidate(round_.edition, round_.period, round_.roster, [], check)
    said = whole_text(summary.build(late))
    assert re.search(r"và \d\d xã khác", said) and "xã, thị trấn khác" not in said


@pytest.mark.parametrize(
    ("types", "owner", "blocks"),
    [
        (("thị trấn", "xã"), "huyện", ("Cộng các xã", "Số của huyện", "Toàn huyện")),
        (("phường", "xã"), "thành phố", ("Cộng các xã", "Số của thành phố", "Toàn thành phố")),
        (("phường", "phường"), "quận", ("Cộng các phường", "Số của quận", "Toàn quận")),
        (("", ""), "", ("Cộng các xã", "Số của huyện", "Toàn huyện")),
    ],
)
def test_the_masters_blocks(types, owner, blocks):
    round_ = made(units(*types), replace(OWNER, type=owner))
    assert tuple(block(round_, name) for name in ("communes", "own", "whole")) == blocks
