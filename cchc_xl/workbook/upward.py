"""``ban-gui-cap-tren.xlsx``: the official workbook of the consolidating unit, filled with the consolidated figures.

It goes out of the house: identity and figures only. No telephone, no name of a unit or a person, no finding, no link.
The reader takes it as the consolidating unit's own workbook at the next level up. What a cell of the form can't hold
(how many units chose what, the units' own part of rows where the level above means something else) stands in Ghi chú.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.glance import doubted_units
from cchc_xl.editions.unit_words import units_word
from cchc_xl.model import (
    Cell,
    Consolidation,
    Entry,
    Figure,
    Indicator,
    Method,
    ReportingUnit,
    State,
    Whole,
)
from cchc_xl.number import round_half_up, tidy, vietnamese
from cchc_xl.relations.rules import recomputed
from cchc_xl.workbook.consolidated.signed import about_of
from cchc_xl.workbook.layout import UPWARD_KIND
from cchc_xl.workbook.official.plan import Fill
from cchc_xl.workbook.template import build as build_official

_PERCENT_DECIMALS = 1
_OWN_ONLY = frozenset({Method.COUNT_YES, Method.DISTRIBUTION, Method.OWN})


def build(consolidation: Consolidation) -> bytes:
    """The workbook; equal consolidations give equal bytes. Blank where there is no figure."""
    answers = {
        row.key: value
        for row in consolidation.edition.indicators
        if (value := _answer(row, consolidation.figures.get(row.key))) is not None
    }
    own = consolidation.own.submission if consolidation.own else None
    unit = consolidation.roster.consolidating
    return build_official(
        consolidation.edition,
        period=consolidation.period,
        unit=_without_contact(unit) if unit else None,
        level=(unit.level if unit else "") or None,
        kind=UPWARD_KIND,
        fill=Fill(
            answers=answers,
            notes=dict(_notes(consolidation, answers)),
            about=about_of(consolidation),
            words=dict(own.words) if own else {},
        ),
    )


def _without_contact(unit: ReportingUnit) -> ReportingUnit:
    return replace(unit, contact="", phone="", email=())


def _is_own(row: Indicator) -> bool:
    """Whether the cell holds the consolidating unit's own answer: the figure of all units is none of that row."""
    return row.method in _OWN_ONLY or row.whole is Whole.NONE


def _adds(row: Indicator) -> bool:
    """Whether the own part only comes on top, so that units without a number are still missing in the sum."""
    return row.method is Method.SUM and row.whole is Whole.ADD


def _answer(row: Indicator, figure: Figure | None) -> Decimal | None:
    """What stands typed in the row's cell; formula cells follow from their parts."""
    if figure is None or row.cell is not Cell.ANSWER:
        return None
    value = figure.own if _is_own(row) else figure.whole
    if value is None:
        return None
    return tidy(round_half_up(value, _PERCENT_DECIMALS)) if row.is_percent else value


def _notes(consolidation: Consolidation, answers: Mapping[str, Decimal]) -> Iterator[tuple[str, str]]:
    """(key, Ghi chú) of every row that rests on units."""
    joint, shown = words("upward")["notes"]["joint"], _shown(consolidation, answers)
    level = units_word(consolidation)
    for row in consolidation.edition.indicators:
        figure = consolidation.figures.get(row.key)
        if figure is None or not row.has_cell:
            continue
        rests = row.method is not Method.OWN
        said = list(_said(consolidation, row, figure, shown.get(row.key), level)) if rests else []
        said += _cautions(consolidation, row)
        if said:
            yield row.key, joint.join(said)


def _cautions(consolidation: Consolidation, row: Indicator) -> Iterator[str]:
    """How many units' numbers are in doubt there: the level above must know, but not who they are."""
    doubted = len(doubted_units(consolidation, row.key))
    if doubted:
        yield words("upward")["notes"]["doubted"].format(count=doubted)


def _shown(consolidation: Consolidation, answers: Mapping[str, Decimal]) -> dict[str, Decimal | None]:
    """What the formula cells of the copy will show."""
    rows = consolidation.edition.by_key
    entries = {
        key: Entry(key=key, state=State.NUMBER, value=answers[key])
        if key in answers
        else Entry(key=key, state=State.BLANK)
        for key in rows
    }
    for _ in consolidation.edition.forms:  # totals of totals, ratios of totals
        for key, row in rows.items():
            if row.cell is Cell.FORMULA:
                value = recomputed(row, entries)
                entries[key] = Entry(key=key, state=State.BLANK if value is None else State.NUMBER, value=value)
    return {key: entries[key].value for key, row in rows.items() if row.cell is Cell.FORMULA}


def _said(
    consolidation: Consolidation, row: Indicator, figure: Figure, shown: Decimal | None, level: str
) -> Iterator[str]:
    """``level``: what the units are called."""
    said, unit = words("upward")["notes"], consolidation.roster.consolidating
    owner = (unit.level if unit else "") or consolidation.edition.level
    blanks = {"level": level, "n": figure.n, "N": figure.N, "owner": owner}
    if row.method is Method.COUNT_YES:
        yield said["count_yes"].format(count=vietnamese(figure.communes, missing="0"), **blanks)
    elif row.method is Method.DISTRIBUTION:
        yield said["distribution"].format(choices=_choices(row, figure), **blanks)
    elif row.whole is Whole.NONE:
        if figure.communes is not None:
            yield said["communes"].format(value=vietnamese(figure.communes), **blanks)
    elif row.cell is Cell.FORMULA:
        yield from _of_formula(figure, shown, blanks)
    elif figure.n < figure.N and (figure.own is None or _adds(row)):
        yield said["units"].format(**blanks)
    if row.method.value in ("mean", "share", "reduction") and figure.own is None and figure.whole is not None:
        yield said[row.method.value].format(**blanks)
    if figure.bounds and figure.own is None and figure.bounds[0] != figure.bounds[1]:
        yield said["bounds"].format(high=vietnamese(figure.bounds[1]))
    if row.method is Method.SAME and figure.whole is None and figure.n:
        yield said["tie"].format(**blanks)


def _of_formula(figure: Figure, shown: Decimal | None, blanks: Mapping[str, object]) -> Iterator[str]:
    """A ratio taken over other units than the sums beside it: the exact one is told, so that nobody is misled."""
    if figure.whole is None:
        return
    exact = round_half_up(figure.whole, _PERCENT_DECIMALS)
    if shown is None or round_half_up(shown, _PERCENT_DECIMALS) != exact:
        yield words("upward")["notes"]["ratio"].format(value=vietnamese(exact), **blanks)


def _choices(row: Indicator, figure: Figure) -> str:
    said, counts = words("upward")["notes"], figure.distribution or {}
    return ", ".join(
        said["choice"].format(label=choice.label, count=counts.get(choice.value, 0)) for choice in row.choices
    )
