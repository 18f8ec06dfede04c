"""Made-up rounds for tests: seeded, of any size, with blanks, zero bases, deviators, missing units and an own part."""

import hashlib
import random
from dataclasses import replace
from decimal import Decimal

from cchc_xl.checking.checks import check
from cchc_xl.consolidation.compare import rankings
from cchc_xl.consolidation.consolidate import consolidate
from cchc_xl.consolidation.corrections import with_corrections
from cchc_xl.editions.load import load, period_of
from cchc_xl.model import (
    Cell,
    Consolidation,
    CorrectionLine,
    Edition,
    Entry,
    Indicator,
    Kind,
    ReportingUnit,
    Roster,
    State,
    Submission,
    Target,
    UnitName,
)
from cchc_xl.relations.rules import recomputed
from cchc_xl.workbook.layout import places, sheet_of

PERIOD = "2022-6T"


def random_round(seed: int, size: int, *, own: bool | None = None) -> Consolidation:
    """A round of ``size`` units; about one in twelve has not sent. ``own``: whether the consolidating unit has sent."""
    edition, rng = load(), random.Random(seed)
    units = tuple(
        ReportingUnit(code=f"{11000 + 3 * n:05}", name=f"Đơn vị {n + 1}", type="xã", level="xã") for n in range(size)
    )
    owner = ReportingUnit(code="298", name="Tứ Kỳ", type="huyện", level="huyện", consolidating=True)
    sent = [unit for unit in units if rng.random() > 1 / 12]
    files = [random_submission(edition, unit, rng) for unit in sent]
    if own if own is not None else rng.random() < 0.7:
        files.append(random_submission(edition, owner, rng))
    roster = Roster(file="danh-sach.csv", units=units, consolidating=owner)
    return consolidate(edition, period_of(edition, PERIOD), roster, files, check)


def random_lines(consolidation: Consolidation, seed: int, count: int) -> tuple[CorrectionLine, ...]:
    """Corrections of any unit and row: most hold, some have no reason, are of a row that can't be, or taken back."""
    rng, edition = random.Random(seed), consolidation.edition
    codes = [unit.unit.code for unit in (*consolidation.units, consolidation.own) if unit]
    rows = [row for row in edition.indicators if row.has_cell]
    places = rng.sample([(code, row) for code in codes for row in rows], min(count, len(codes) * len(rows)))
    return tuple(_line(code, row, rng, number) for number, (code, row) in enumerate(places))


def _line(code: str, row: Indicator, rng: random.Random, number: int) -> CorrectionLine:
    values = [choice.value for choice in row.choices] or [0, 100, rng.randint(0, 500)]
    said = rng.choice(["", "", "", "KPS", "Chưa có số liệu", "Không điều chỉnh"])
    value = None if said and not row.choices else Decimal(rng.choice(values))
    return CorrectionLine(
        unit=code,
        key=row.key,
        value=said if value is None else str(value),
        number=value,
        reason=rng.choice(["gõ nhầm", "gõ nhầm", "gõ nhầm", ""]),
        source="điện thoại",
        file="tong-hop.xlsx",
        row=7 + number,
    )


def corrected_round(seed: int, size: int) -> Consolidation:
    """As ``random_round``, with corrections, earlier periods, targets and a ranking."""
    made = random_round(seed, size)
    made = with_corrections(made, random_lines(made, seed, 3 + size // 2), check)
    targets = (Target(key="7/6.7", value=Decimal(50)), Target(key="1/3.3.1", value=Decimal(2), at_least=False))
    earlier = {"previous": random_round(seed + 1000, size), "last_year": random_round(seed + 2000, size)}
    made = replace(made, targets=targets, **(earlier if seed % 2 else {}))
    return replace(made, rankings=rankings(made, ["3/3.3", "1/1"])) if seed % 3 == 0 else made


def random_submission(edition: Edition, unit: ReportingUnit, rng: random.Random) -> Submission:
    """One unit's workbook with a clerk's habits: blanks, KPS, typed-over formulas, values unlike the others'."""
    answers: dict[str, Decimal | State | None] = {}
    for indicator in edition.indicators:
        if indicator.cell is Cell.ANSWER:
            answers[indicator.key] = _answer(indicator, rng)
        elif indicator.cell is Cell.FORMULA and rng.random() < 0.05:
            answers[indicator.key] = Decimal(rng.randint(0, 100))
    return submission_of(edition, unit, answers)


def submission_of(
    edition: Edition, unit: ReportingUnit, answers: dict[str, Decimal | State | None], file: str = ""
) -> Submission:
    """A workbook as read, from answers by key; formula cells without an answer are recomputed."""
    file = file or f"{unit.code}.xlsx"
    place, entries = places(edition), {}
    sheets = {form.number: sheet_of(edition, form) for form in edition.forms}
    for indicator in edition.indicators:
        where = {"sheet": sheets[indicator.form], "cell": place[indicator.key].cell()}
        entries[indicator.key] = _entry(indicator, answers.get(indicator.key), where)
    rows = [row for row in edition.indicators if row.cell is Cell.FORMULA and row.key not in answers]
    for indicator in sorted(rows, key=lambda row: (row.ratio_of is not None, -row.depth)):
        value = recomputed(indicator, entries)
        entries[indicator.key] = Entry(
            key=indicator.key,
            state=State.BLANK if value is None else State.NUMBER,
            value=value,
            formula="…",
            intact=True,
            sheet=sheets[indicator.form],
            cell=place[indicator.key].cell(),
        )
    return Submission(
        file=file,
        sha256=hashlib.sha256(file.encode()).hexdigest(),
        edition=edition.id,
        period=PERIOD,
        unit=UnitName(code=unit.code, name=unit.name),
        level=unit.level,
        entries=entries,
    )


def _entry(indicator: Indicator, answer: Decimal | State | None, where: dict[str, str]) -> Entry:
    if answer is None:
        return Entry(key=indicator.key, state=State.BLANK, **where)
    if isinstance(answer, State):
        raw = {State.NONE_ARISING: "KPS", State.UNREADABLE: "=cmd|' /c calc'!A1"}.get(answer, "x")
        return Entry(key=indicator.key, state=answer, raw=raw, **where)
    return Entry(key=indicator.key, state=State.NUMBER, value=answer, raw=str(answer), **where)


def _answer(indicator: Indicator, rng: random.Random) -> Decimal | State | None:
    luck = rng.random()
    if luck < 0.08:
        return None
    if luck < 0.14:
        return State.NONE_ARISING
    if luck < 0.15:
        return State.UNREADABLE
    if indicator.choices:
        return Decimal(rng.choice([choice.value for choice in indicator.choices]))
    if indicator.kind is Kind.PERCENT:
        return rng.choice([Decimal(0), Decimal(100), Decimal(rng.randint(0, 1000)) / 10])
    if indicator.method.value == "same":
        return Decimal(rng.choice([17, 17, 17, 16, 0]))
    return Decimal(rng.choice([0, rng.randint(0, 30), rng.randint(0, 900)]))
