"""The copy sent up: what it carries, that our own reader takes it, and that two levels add up to what one gives."""

import random
import re
import zipfile
from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import pytest

from cchc_xl.checking.checks import check
from cchc_xl.consolidation.consolidate import consolidate
from cchc_xl.editions.load import load, period_of
from cchc_xl.model import (
    Cell,
    Consolidation,
    Correction,
    Letterhead,
    Method,
    Remark,
    ReportingUnit,
    Roster,
    State,
    Submission,
    Whole,
)
from cchc_xl.number import round_half_up
from cchc_xl.workbook import master, upward
from cchc_xl.workbook.reader import read
from tests.conftest import seeded_share
from tests.rounds import PERIOD, random_round, submission_of

EDITION = load()
PROVINCE = ReportingUnit(code="30", name="Hải Dương", type="tỉnh", level="tỉnh", consolidating=True)


def district(number: int) -> ReportingUnit:
    return ReportingUnit(
        code=f"29{number}",
        name=f"Huyện số {number}",
        type="huyện",
        level="huyện",
        consolidating=True,
        phone="0912345678",
        contact="Nguyễn Thị Bí Mật",
        email=("bi.mat@tuky.gov.vn",),
    )


def communes(number: int, count: int = 3) -> tuple[ReportingUnit, ...]:
    return tuple(
        ReportingUnit(code=f"1{number}{at:03}", name=f"Xã {number}.{at}", type="xã", level="xã") for at in range(count)
    )


def filled(unit: ReportingUnit, seed: int) -> Submission:
    """Every row answered with whole numbers; a part is never more than its base, what is common to all is the same."""

    rng, answers = random.Random(seed), {}
    for row in EDITION.indicators:
        if row.cell is not Cell.ANSWER:
            continue
        if row.choices:
            answers[row.key] = Decimal(rng.choice(row.choices).value)
        elif row.method is Method.SAME:
            answers[row.key] = Decimal(17)
        else:
            answers[row.key] = Decimal(rng.randint(0, 40))
    for row in EDITION.indicators:
        if row.ratio_of and EDITION.by_key[row.ratio_of[1]].method is not Method.SAME:
            part, base = row.ratio_of
            answers[base] = answers.get(base, Decimal(0)) + 50
            if part in answers:
                answers[part] = Decimal(rng.randint(0, 50))
    return submission_of(
        EDITION, unit, {key: value for key, value in answers.items() if EDITION.by_key[key].cell is Cell.ANSWER}
    )


def added_up(units: tuple[ReportingUnit, ...], owner: ReportingUnit, files: list[Submission]) -> Consolidation:
    roster = Roster(file="x.csv", units=units, consolidating=owner)
    return consolidate(EDITION, period_of(EDITION, PERIOD), roster, files, check)


def districts(count: int = 3) -> list[Consolidation]:
    """Districts of three communes each, without numbers of their own."""
    made = []
    for number in range(count):
        units = communes(number)
        made.append(added_up(units, district(number), [filled(unit, int(unit.code)) for unit in units]))
    return made


def as_units(made: list[Consolidation]) -> tuple[ReportingUnit, ...]:
    """The districts as reporting units of the province."""
    return tuple(replace(one.roster.consolidating, consolidating=False) for one in made)


def only(submissions: tuple[Submission, ...]) -> Submission:
    (submission,) = submissions
    return submission


def test_our_reader_takes_it_as_the_consolidating_units_own_with_no_finding():
    (made,) = districts(1)
    read_back = only(read(upward.build(made), file="ban-gui-cap-tren.xlsx"))
    assert (read_back.refused, read_back.unit.code, read_back.period) == (False, "290", PERIOD)
    assert (read_back.level, read_back.edition) == ("huyện", "xa-2022")
    assert read_back.findings == ()
    roster = Roster(file="x.csv", units=as_units([made]), consolidating=PROVINCE)
    assert only(read(upward.build(made), file="a.xlsx", roster=roster)).findings == ()


@pytest.mark.parametrize("seed", [11, 12])
def test_every_cell_holds_the_figure_or_its_note_says_why_not(seed):
    """Rows in which the cell means something else (own answers, choices) hold the own answer, with the sum noted."""
    made = random_round(seed, 23, own=True)
    entries = only(read(upward.build(made), file="a.xlsx")).entries
    for row in made.edition.indicators:
        figure = made.figures.get(row.key)
        if figure is None:
            continue
        entry = entries[row.key]
        own = row.method in (Method.COUNT_YES, Method.DISTRIBUTION, Method.OWN) or row.whole is Whole.NONE
        wanted = figure.own if own else figure.whole
        if row.is_percent and wanted is not None:
            wanted = round_half_up(wanted, 1)
        if row.cell is Cell.FORMULA and entry.value != wanted:
            assert wanted is None or f"Tính ở đơn vị có đủ hai số: {f'{wanted:f}'.replace('.', ',')}"[:30] in entry.note
            continue
        if row.has_cell and (wanted is not None or entry.state is not State.NOT_APPLICABLE):
            assert entry.value == wanted, row.key
        if own and figure.communes is not None and row.method is not Method.OWN:
            assert re.sub(r"\D", "", entry.note), row.key


def test_nothing_of_the_inside_leaves_the_house():
    """No telephone, name, address, file, unit name, finding or corrector in any part of the file."""
    made = random_round(11, 23, own=True)
    owner = replace(district(1), name="Tứ Kỳ")
    about = {"preparer": "Người Lập Kín", "phone": "0987654321", "place": "Tứ Kỳ", "signer": "Trần Văn Ký"}
    own = replace(made.own, submission=replace(made.own.submission, about=about))
    correction = Correction(unit="11000", key="1/1", value=Decimal(1), reason="lý do kín", who="Người Sửa Kín")
    made = replace(
        made,
        roster=replace(made.roster, consolidating=owner),
        own=own,
        corrections=(correction,),
        letterhead=Letterhead(number="62", date="15/6/2022"),
    )
    content = upward.build(made)
    with zipfile.ZipFile(BytesIO(content)) as package:
        text = "".join(package.read(name).decode("utf-8", "replace") for name in package.namelist())
    inside = (
        "0912345678",
        "0987654321",
        "Bí Mật",
        "Người Lập Kín",
        "Người Sửa Kín",
        "lý do kín",
        "bi.mat@",
        "11003.xlsx",
    )
    assert [word for word in inside if word in text] == []
    assert "Đơn vị 1<" not in text and "externalLink" not in text and "file:" not in text
    assert "Trần Văn Ký" in text and "15/6/2022" in text  # who signs and when is meant to be read
    assert content == upward.build(made)


def test_coming_back_to_its_makers_it_is_refused():
    """Counted as the district's own part, every number would count twice."""
    (made,) = districts(1)
    refused = only(read(upward.build(made), file="a.xlsx", roster=made.roster))
    assert refused.refused and [finding.id for finding in refused.findings] == ["file-own-result"]


def test_province_from_masters_equals_province_from_communes():
    """Masters carry their units' entries: every figure is the same, whatever its method."""
    made = districts()
    units = tuple(unit for one in made for unit in one.roster.units)
    flat = added_up(units, PROVINCE, [unit.submission for one in made for unit in one.units])
    files = [file for one in made for file in read(master.build(one), file="tong-hop.xlsx")]
    above = added_up(units, PROVINCE, files)
    shown = {key: (f.communes, f.whole, f.own, f.n, f.N, f.distribution, f.bounds) for key, f in flat.figures.items()}
    assert shown == {
        key: (f.communes, f.whole, f.own, f.n, f.N, f.distribution, f.bounds) for key, f in above.figures.items()
    }
    assert above.sent == 9


def test_province_from_copies_sent_up_equals_province_from_communes(share):
    """Sums, ratios, totals and common values agree; what a cell of the form can't hold is left out and noted."""
    made = districts()
    flat = added_up(
        tuple(unit for one in made for unit in one.roster.units),
        PROVINCE,
        [unit.submission for one in made for unit in one.units],
    )
    files = [only(read(upward.build(one), file=f"{number}.xlsx")) for number, one in enumerate(made)]
    above = added_up(as_units(made), PROVINCE, files)
    assert above.sent == 3 and all(not file.findings for file in files)
    carried = {Method.SUM, Method.RATIO, Method.TOTAL, Method.SAME}
    checked = 0
    for row in seeded_share(EDITION.indicators, max(share, 0.5)):
        figure, other = flat.figures.get(row.key), above.figures.get(row.key)
        if figure is None or row.method not in carried or row.whole is Whole.NONE:
            continue
        checked += figure.whole is not None
        assert other.whole == figure.whole, row.key
    assert checked >= 25
    left_out = [row.key for row in EDITION.indicators if row.whole is Whole.NONE or row.method is Method.COUNT_YES]
    assert all(re.search(r"\d", file.entries[key].note) for file in files for key in left_out)


def test_a_figure_in_doubt_says_so_without_naming_anybody():
    made = random_round(11, 23, own=True)
    quiet = {key: replace(figure, remarks=()) for key, figure in made.figures.items()}
    remark = Remark(name="flagged", args={"count": 2, "units": ("xã Đơn vị 1", "xã Đơn vị 2")})
    quiet["6/1.1"] = replace(quiet["6/1.1"], remarks=(remark,))
    entries = only(read(upward.build(replace(made, figures=quiet)), file="a.xlsx")).entries
    noted = {key for key, entry in entries.items() if "phải làm rõ" in entry.note}
    assert noted == {"6/1.1", "6/1"} and "2 đơn vị" in entries["6/1.1"].note and "Đơn vị 1" not in entries["6/1"].note


def test_who_signs_has_the_capacity_of_the_letterhead():
    made = random_round(11, 3, own=True)
    head = Letterhead(signer="Nguyễn Văn A", capacity="TM. ỦY BAN NHÂN DÂN; KT. CHỦ TỊCH; PHÓ CHỦ TỊCH")
    about = only(read(upward.build(replace(made, letterhead=head)), file="a.xlsx")).about
    assert (about["signer"], about["signer_capacity"]) == ("Nguyễn Văn A", "KT. CHỦ TỊCH; PHÓ CHỦ TỊCH")
