"""``tong-quan.html``: the round at a glance as one self-contained page. No network, no fonts, nothing run but a filter.

Every text goes through the template's escaping; a policy in the page itself forbids anything to be loaded.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources

from cchc_xl.editions.catalogue import advice, message, words
from cchc_xl.editions.glance import Glance, chosen, doubted_units, gaps, glances, is_open
from cchc_xl.editions.unit_words import units_word
from cchc_xl.model import Consolidation, Counted, Indicator, Severity, Target, UnitState
from cchc_xl.number import vietnamese
from cchc_xl.page import drawing
from cchc_xl.text import without_controls

TEMPLATE, SCRIPT = "tong-quan.html.jinja", "filter.js"
MOST_BARS = 60  # units; above, how the numbers spread is drawn in place of a bar each
_TOLD = 12  # findings of one unit told in full
_TOLD_IN_ALL = 600
_NAMED = 6  # units named beside a figure
_LONGEST_GAP = 300  # characters
_MOST_ROWS = 40  # of the table of figures
_BANDS = (
    (UnitState.COUNTED, drawing.SENT),
    (UnitState.NOT_SENT, drawing.NOT_SENT),
    (UnitState.WAITING, drawing.WAITING),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One row of the table of figures, as printed. ``doubts``: why its value is marked."""

    name: str
    place: str
    value: str
    target: str
    before: str
    change: str
    verdict: str
    under: bool
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """One unit, as printed.

    ``told``: (severity word, sentence, what to do) of what stands open; ``left``: how many more.
    """

    code: str
    name: str
    state: str
    look: str
    errors: int
    warnings: int
    explained: int
    values: tuple[str, ...]
    told: tuple[tuple[str, str, str], ...]
    left: int


def build(consolidation: Consolidation) -> bytes:
    """The page as UTF-8. Equal consolidations give equal bytes."""
    template = _template()
    return template.render(_values(consolidation)).encode("utf-8", "replace")


@cache
def _template():
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    made = ImmutableSandboxedEnvironment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return made.from_string(_file(TEMPLATE))


def _file(name: str) -> str:
    return resources.files("cchc_xl.page").joinpath(name).read_text("utf-8")


def _values(consolidation: Consolidation) -> dict[str, object]:
    texts, script = words("page"), _file(SCRIPT)
    charted, owner = chosen(consolidation, "chosen_charts"), consolidation.roster.consolidating
    everyone = (*consolidation.units, *((consolidation.own,) if consolidation.own else ()))
    return {
        "number": lambda count: vietnamese(Decimal(count)),
        "script": script,
        "script_hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "period": consolidation.period,
        "edition": consolidation.edition,
        "owner": _headed(owner.full_name) if owner else texts["nobody"],
        "level": units_word(consolidation),
        "due": consolidation.N,
        "counts": _counts(consolidation),
        "states": drawing.stacked(texts["states_title"], [(look, n) for look, n in _bands(consolidation)]),
        "figures": tuple(_figure_row(one) for one in glances(consolidation)[:_MOST_ROWS]),
        "has_targets": bool(consolidation.targets),
        "has_previous": consolidation.previous is not None,
        "charts": tuple(chart for row in charted if (chart := _units_chart(consolidation, row))),
        "over_time": _over_time(consolidation),
        "heads": tuple(texts["row"].format(form=row.form, code=row.code) for row in charted),
        "head_titles": tuple(row.label for row in charted),
        "units": _unit_rows(consolidation, everyone, charted),
        "corrections": len(consolidation.corrections),
    }


def _line(text: str) -> str:
    return without_controls(text)


def _headed(name: str) -> str:
    """A name at the head of a sentence."""
    said = _line(name)
    return said[:1].upper() + said[1:]


def _bands(consolidation: Consolidation) -> list[tuple[str, int]]:
    return [(look, sum(unit.state is state for unit in consolidation.units)) for state, look in _BANDS]


def _counts(consolidation: Consolidation) -> dict[str, int]:
    everyone = (*consolidation.units, *((consolidation.own,) if consolidation.own else ()))
    found = [finding for unit in everyone for finding in unit.findings]
    errors = sum(one.severity is Severity.ERROR for one in found)
    open_warnings = sum(one.severity is Severity.WARNING and not one.explained for one in found)
    states = {state.value: n for (state, _), (_, n) in zip(_BANDS, _bands(consolidation), strict=True)}
    return {**states, "errors": errors, "warnings": open_warnings, "explained": sum(one.explained for one in found)}


def _printed(value: Decimal | None, row: Indicator) -> str:
    return vietnamese(value, 1) + "%" if row.is_percent and value is not None else vietnamese(value, 3)


def _figure_row(one: Glance) -> FigureRow:
    texts, row = words("page"), one.row
    verdict = "" if one.under is None else texts["missed" if one.under else "reached"]
    return FigureRow(
        name=row.label.rstrip("."),
        place=texts["row"].format(form=row.form, code=row.code),
        value=_printed(one.value, row) + (texts["mark"] if one.unsure else ""),
        target=_aim(one.target, row) if one.target else "",
        before=_printed(one.before, row) if one.before is not None else "",
        change=_change(one),
        verdict=verdict,
        under=bool(one.under),
        doubts=_doubts(one),
    )


def _doubts(one: Glance) -> tuple[str, ...]:
    """One sentence about the units whose numbers are in doubt, one about each thing missing."""
    texts, names = words("page"), [_line(name) for name in one.doubted]
    more = texts["and_more"].format(count=vietnamese(Decimal(len(names) - _NAMED))) if len(names) > _NAMED else ""
    said = [texts["doubt"].format(units=texts["joint"].join(names[:_NAMED]) + more)] if names else []
    return (*said, *(texts["gap"].format(said=_line(gap)[:_LONGEST_GAP]) for gap in one.gaps))


def _aim(target: Target, row: Indicator) -> str:
    return str(words("page")["at_least" if target.at_least else "at_most"]).format(value=_printed(target.value, row))


def _change(one: Glance) -> str:
    texts = words("page")
    if one.change is None:
        return ""
    size = vietnamese(abs(one.change), 1 if one.row.is_percent else 3)
    if size == "0":
        return str(texts["unchanged"])
    way = "more" if one.change > 0 else "less"
    return str(texts[f"points_{way}" if one.row.is_percent else way]).format(change=size)


def _units_chart(consolidation: Consolidation, row: Indicator) -> drawing.Chart | None:
    """A bar a unit in roster order, with the common value and the target; None where nobody has a number."""
    texts, figure = words("page"), consolidation.figures[row.key]
    values = {part.unit: part.value for part in figure.parts}
    if not values:
        return None
    title = texts["chart_title"].format(label=_short(row), form=row.form, code=row.code)
    if consolidation.N > MOST_BARS:
        return drawing.spread(title, list(values.values()))
    doubted = _in_doubt(consolidation, row)
    rows = [
        drawing.Bar(
            name=_line(unit.unit.full_name),
            value=values.get(unit.unit.code),
            doubtful=unit.unit.code in doubted,
        )
        for unit in consolidation.units
    ]
    marks = []
    common = figure.communes if figure.communes is not None else figure.whole
    if common is not None:
        unsure = doubted_units(consolidation, row.key) or gaps(consolidation, row.key)
        mark, level = texts["mark"] if unsure else "", units_word(consolidation)
        marks.append(("common", common, texts["common"].format(value=_printed(common, row), level=level, mark=mark)))
    for target in consolidation.targets:
        if target.key == row.key:
            marks.append(("target", target.value, texts["target"].format(value=_printed(target.value, row))))
    return drawing.bars(title, rows, marks, texts["mark"])


def _short(row: Indicator) -> str:
    return row.label.partition("(")[0].strip(" .")


def _in_doubt(consolidation: Consolidation, row: Indicator) -> frozenset[str]:
    """Codes of the units whose number in the row has an error or waits for an explanation."""
    judged, named = {row.key, *(row.ratio_of or ())}, set(doubted_units(consolidation, row.key))
    everyone = (*consolidation.units, *((consolidation.own,) if consolidation.own else ()))
    return frozenset(
        one.unit.code
        for one in everyone
        if one.unit.full_name in named or any(each.key in judged and is_open(each) for each in one.findings)
    )


def _values_of(consolidation: Consolidation, row: Indicator) -> dict[str, str]:
    """Unit code -> its number in the row as printed, marked where it is in doubt."""
    doubted, mark = _in_doubt(consolidation, row), str(words("page")["mark"])
    parts = consolidation.figures[row.key].parts
    return {part.unit: _printed(part.value, row) + (mark if part.unit in doubted else "") for part in parts}


def _over_time(consolidation: Consolidation) -> drawing.Chart | None:
    """The chosen rates in this period, the one before and a year ago; None without an earlier one."""
    texts = words("page")
    earlier = [one for one in (consolidation.last_year, consolidation.previous) if one is not None]
    if not earlier:
        return None
    from cchc_xl.editions.before import figures_before

    tables = [(one.period.code, figures_before(consolidation, one)) for one in earlier]
    tables.append((consolidation.period.code, consolidation.figures))
    groups = []
    for row in chosen(consolidation, "chosen_charts"):
        found = [(code, table.get(row.key)) for code, table in tables]
        columns = [
            (code, figure.whole if figure.whole is not None else figure.communes) for code, figure in found if figure
        ]
        name = texts["group"].format(label=_short(row), form=row.form, code=row.code)
        mark = texts["mark"] if doubted_units(consolidation, row.key) or gaps(consolidation, row.key) else ""
        groups.append((f"{mark} {name}".strip(), columns))
    return drawing.periods(texts["over_time_title"], groups)


def _unit_rows(
    consolidation: Consolidation, everyone: Sequence[Counted], charted: Sequence[Indicator]
) -> tuple[UnitRow, ...]:
    """Every unit; findings are told in full as far as the page has room, the rest counted."""
    values = [_values_of(consolidation, row) for row in charted]
    rows, room = [], _TOLD_IN_ALL
    for unit in everyone:
        made = _unit_row(consolidation, unit, values, min(room, _TOLD))
        room -= len(made.told)
        rows.append(made)
    return tuple(rows)


def _unit_row(
    consolidation: Consolidation,
    counted: Counted,
    values: Sequence[Mapping[str, str]],
    most: int,
) -> UnitRow:
    texts, edition = words("page"), consolidation.edition
    found = [one for one in counted.findings if one.severity is not Severity.NOTE and not one.explained]
    found.sort(key=lambda one: one.severity is not Severity.ERROR)
    file = counted.submission.file.replace("\\", "/").rpartition("/")[2] if counted.submission else ""
    told = tuple(
        (
            str(texts["severities"][one.severity.value]),
            _line(message(one, edition, file)),
            _line(advice(one, edition, file)),
        )
        for one in found[:most]
    )
    return UnitRow(
        code=_line(counted.unit.code),
        name=_line(counted.unit.full_name),
        state=texts["states"][counted.state.value],
        look=dict(_BANDS)[counted.state],
        errors=sum(one.severity is Severity.ERROR for one in found),
        warnings=sum(one.severity is Severity.WARNING for one in found),
        explained=sum(one.explained for one in counted.findings),
        values=tuple(printed.get(counted.unit.code, vietnamese(None)) for printed in values),
        told=told,
        left=len(found) - len(told),
    )
