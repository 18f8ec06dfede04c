"""One filled workbook for tests: every answer differs from its neighbours, so that a misread row shows."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache

from cchc_xl.editions.load import load, period_of
from cchc_xl.model import Cell, Edition, Kind, ReportingUnit, Roster, State, Submission
from cchc_xl.relations.rules import is_foreign
from cchc_xl.workbook.template import Fill, build

EDITION: Edition = load()
UNIT = ReportingUnit(
    code="11092",
    name="Bình Lăng",
    printed_name="Bình Lãng",
    aliases=("Bình Lăng",),
    type="xã",
    level="xã",
)
OTHER = ReportingUnit(code="11086", name="Hưng Đạo", type="xã", level="xã")
ROSTER = Roster(
    file="danh-sach.xlsx",
    units=(UNIT, OTHER),
    consolidating=ReportingUnit(code="298", name="Tứ Kỳ", type="huyện", level="huyện", consolidating=True),
)


@cache
def answers() -> Mapping[str, Decimal | str]:
    """Key -> what the clerk typed: all answer rows of the level, three of them KPS."""
    typed: dict[str, Decimal | str] = {}
    for number, row in enumerate(EDITION.indicators):
        if row.cell is not Cell.ANSWER or is_foreign(row, "xã"):
            continue
        if row.choices:
            typed[row.key] = Decimal(row.choices[number % len(row.choices)].value)
        elif row.kind is Kind.PERCENT:
            typed[row.key] = Decimal(number) / 2 + Decimal("0.3")
        else:
            typed[row.key] = Decimal(100 + 3 * number)
    typed |= {"1/2.1": Decimal(127), "1/2.2": Decimal(54)}  # 42,5%: the tests type over these
    for key in ("5/3.1", "4/2.5", "6/2.4.3"):
        typed[key] = "KPS"
    return typed


@cache
def filled() -> bytes:
    """The workbook of Bình Lãng for 2022-6T with all answers."""
    return build(EDITION, period=period_of(EDITION, "2022-6T"), unit=UNIT, fill=Fill(answers=answers()))


def facts(submission: Submission) -> dict[str, tuple[State, Decimal | None]]:
    """What counts of a submission: state and value of each row."""
    return {key: (entry.state, entry.value) for key, entry in submission.entries.items()}
