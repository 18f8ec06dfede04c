"""Who sent it: codes that lost their zeros, carriers that agree or not; and what a number format makes of a number."""

import re
from dataclasses import replace

import pytest

from cchc_xl.editions.load import load, period_of
from cchc_xl.model import ReportingUnit, Roster, UnitName
from cchc_xl.workbook.incoming.package import Limits, Package, Refused
from cchc_xl.workbook.incoming.styles_in import DATE, PERCENT, PLAIN, format_kind, formats_of
from cchc_xl.workbook.reader import read
from cchc_xl.workbook.template import Fill, build
from tests.damage import edited, packed, parts_of, replaced
from tests.filled import EDITION, ROSTER, UNIT, filled

PERIOD = period_of(EDITION, "2022-6T")
ZEROS = ReportingUnit(code="00070", name="Hoàn Kiếm", type="xã", level="xã")


def unit_of(code: str, *units: ReportingUnit) -> tuple[str, set[str]]:
    """The unit read from a workbook whose Thông tin says this code, and what is said about it."""
    content = build(EDITION, period=PERIOD, fill=Fill(about={"unit_code": code, "unit_name": units[0].name}))
    (submission,) = read(content, file="x.xlsx", roster=Roster(file="ds.csv", units=units))
    return submission.unit.code, {one.id for one in submission.findings}


# --- codes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["00070", "70", "070"])
def test_a_code_that_lost_its_zeros_is_its_unit(typed):
    assert unit_of(typed, ZEROS) == ("00070", set())


def test_two_codes_alike_but_for_their_zeros_are_no_guess():
    twin = replace(ZEROS, code="070", name="Cửa Nam")
    assert unit_of("70", ZEROS, twin) == ("70", {"identity-unit-unknown"})
    assert unit_of("070", ZEROS, twin) == ("070", {"identity-unit-name"}), "the exact one goes first"


def test_a_code_without_its_zeros_in_one_carrier_is_no_contradiction():
    unit = replace(ZEROS, name="Hoàn Kiếm")
    content = build(EDITION, period=PERIOD, unit=unit)
    shorter = edited(content, "docProps/custom.xml", lambda text: text.replace(">00070<", ">70<"))
    (submission,) = read(shorter, file="x.xlsx", roster=Roster(file="ds.csv", units=(unit,)))
    assert submission.unit == UnitName(code="00070", name="xã Hoàn Kiếm") or submission.unit.code == "00070"
    assert not submission.refused and submission.findings == ()


@pytest.mark.parametrize(("what", "other"), [("11092", "11086"), ("2022-6T", "2022-Q1"), ("xa-2022", "xa-2025-khung")])
def test_two_carriers_that_disagree_stop_the_file(what, other):
    content = replaced(filled(), "docProps/custom.xml", f">{what}<", f">{other}<")
    (submission,) = read(content, file="x.xlsx", roster=ROSTER)
    (finding,) = submission.findings
    assert submission.refused and finding.id == "identity-carriers-differ"
    assert {finding.args["first"], finding.args["second"]} == {what, other}


def test_one_carrier_alone_is_enough():
    properties = packed({name: body for name, body in parts_of(filled()).items() if name != "docProps/custom.xml"})
    names = edited(
        filled(), "xl/workbook.xml", lambda text: re.sub(r'<definedName name="CCHC_[^"]*">.*?</definedName>', "", text)
    )
    for content in (properties, names):
        (submission,) = read(content, file="x.xlsx", roster=ROSTER)
        assert (submission.unit.code, submission.period, submission.findings) == (UNIT.code, "2022-6T", ())


def test_the_edition_in_the_file_goes_before_the_one_asked_for():
    (submission,) = read(filled(), file="x.xlsx", roster=ROSTER, edition=load("xa-2025-khung"))
    assert submission.edition == "xa-2022"


# --- number formats ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("0.0%", PERCENT),
        ('0.0"%"', PLAIN),
        (r"0\%", PLAIN),
        ("[Red]0%", PERCENT),
        ("General", PLAIN),
        ("[<1000]General;#,##0", PLAIN),
        ("dd/mm/yyyy", DATE),
        ("[h]:mm", DATE),
        ('"ngày" d', DATE),
        ('0 "văn bản"', PLAIN),
        ("_d0", PLAIN),
        ("", PLAIN),
    ],
)
def test_what_a_format_makes_of_a_number(code, kind):
    assert format_kind(code) == kind


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def kinds(body: str) -> list[str]:
    package = Package(packed({"styles.xml": body.encode()}), Limits())
    return list(formats_of(package, "styles.xml"))


def styles(*formats: int, codes: str = "", more: str = "") -> str:
    cells = "".join(f'<xf numFmtId="{one}"/>' for one in formats)
    return (
        f'<styleSheet xmlns="{MAIN}"><numFmts>{codes}</numFmts><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs>'
        f"<cellXfs>{cells}</cellXfs>{more}</styleSheet>"
    )


def test_formats_built_in_and_of_the_books_own():
    own = '<numFmt numFmtId="164" formatCode="0.0%"/><numFmt numFmtId="9" formatCode="0"/>'
    assert kinds(styles(0, 10, 14, 164, 9, codes=own)) == [PLAIN, PERCENT, DATE, PERCENT, PLAIN]
    assert kinds(styles(9, 22, 49, 999)) == [PERCENT, DATE, PLAIN, PLAIN]
    assert kinds(f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="x9"/><xf/></cellXfs></styleSheet>') == [
        PLAIN,
        PLAIN,
    ]


@pytest.mark.parametrize("length", [300_000, 4 * 1024 * 1024])
def test_a_styles_part_of_any_size_gives_the_same(length):
    """Too large to be kept for the next file, and too large to be held at once."""
    more = "<dxfs>" + " " * length + "</dxfs>"
    for _ in range(2):
        assert kinds(styles(0, 9, 14, more=more)) == [PLAIN, PERCENT, DATE]


@pytest.mark.parametrize("more", ["", "<!-- x -->"])
def test_a_format_longer_than_any_program_writes_is_refused(more):
    long = f'<numFmt numFmtId="164" formatCode="{"0" * 300}"/>'
    with pytest.raises(Refused) as failed:
        kinds(styles(164, codes=long, more=more))
    assert failed.value.finding == "file-too-large"


def test_very_many_different_styles_are_not_all_kept():
    for number in range(40):
        assert kinds(styles(0, 9, more=f"<dxfs count='{number}'/>")) == [PLAIN, PERCENT]


# --- the level --------------------------------------------------------------------------------------------------------


def level_of(word: str) -> tuple[str, set[str]]:
    """The level read from a workbook whose carriers both say this word, and what is said about it."""

    def said(text: str) -> str:
        return re.sub(r'(<definedName name="CCHC_LEVEL"[^>]*>"?)xã("?<)', rf"\g<1>{word}\g<2>", text)

    content = edited(
        edited(filled(), "xl/workbook.xml", said), "docProps/custom.xml", lambda t: t.replace(">xã<", f">{word}<")
    )
    (submission,) = read(content, file="x.xlsx")
    return submission.level, {one.id for one in submission.findings}


@pytest.mark.parametrize(("word", "level"), [("xÃ£", "xã"), ("huyá»‡n", "huyện"), ("tá»‰nh", "tỉnh")])
def test_a_level_whose_marked_letters_are_garbled_is_that_level(word, level):
    assert level_of(word) == (level, set())


def test_a_level_that_the_edition_does_not_have_is_said():
    assert level_of("khu vực") == ("xã", {"identity-level-unknown"})
