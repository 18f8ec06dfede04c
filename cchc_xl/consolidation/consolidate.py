"""From submissions to figures: sort the files, merge per unit, check, roll up every row."""

from collections.abc import Callable, Mapping, Sequence

from cchc_xl.consolidation.cautions import doubts_of
from cchc_xl.consolidation.gathered import Gathered
from cchc_xl.consolidation.merge import Merged
from cchc_xl.consolidation.rollups import roll_up
from cchc_xl.consolidation.sorting import SortedOut, sort_out
from cchc_xl.model import (
    Consolidation,
    Counted,
    Edition,
    Figure,
    Finding,
    Method,
    Period,
    ReportingUnit,
    Roster,
    Submission,
    UnitState,
)

Check = Callable[[Submission, Edition], tuple[Finding, ...]]


def consolidate(
    edition: Edition, period: Period, roster: Roster, submissions: Sequence[Submission], check: Check
) -> Consolidation:
    """All figures of a round with their lineage, every unit's state, every file's fate.

    ``check`` is applied to each unit's merged submission, so that rules across forms see forms that came apart.
    A workbook with findings is consolidated and flagged; one that was refused is listed.
    """
    sorted_out = sort_out(edition, period, roster, submissions)
    due = roster.due(period.end)
    units = tuple(_counted(unit, sorted_out, edition, check) for unit in due)
    own = _counted(roster.consolidating, sorted_out, edition, check) if roster.consolidating else None
    return Consolidation(
        edition=edition,
        period=period,
        roster=roster,
        units=units,
        own=own,
        files=sorted_out.files,
        figures=figures_of(edition, units, own),
    )


def _counted(unit: ReportingUnit, sorted_out: SortedOut, edition: Edition, check: Check) -> Counted:
    merged: Merged | None = sorted_out.merged.get(unit.code)
    if merged is None:
        return Counted(unit=unit, state=UnitState.NOT_SENT)
    if merged.conflicts:
        return Counted(unit=unit, state=UnitState.WAITING, findings=merged.conflicts)
    findings = (*merged.submission.findings, *check(merged.submission, edition))
    return Counted(
        unit=unit,
        state=UnitState.COUNTED,
        submission=merged.submission,
        sources=merged.sources,
        findings=findings,
    )


def figures_of(edition: Edition, units: Sequence[Counted], own: Counted | None) -> Mapping[str, Figure]:
    """Key -> figure for every row that is no heading, in the order of the forms."""
    counted = tuple(unit for unit in units if unit.state is UnitState.COUNTED)
    own_counted = own if own and own.state is UnitState.COUNTED else None
    doubts = doubts_of(counted, own_counted, edition)
    made: dict[str, Figure] = {}

    def figure(key: str) -> Figure:
        if key not in made:
            made[key] = roll_up(
                Gathered(
                    edition=edition,
                    indicator=edition.by_key[key],
                    units=counted,
                    N=len(units),
                    own=own_counted,
                    owner_name=own.unit.full_name if own else "",
                    doubts=doubts,
                    figure=figure,
                )
            )
        return made[key]

    return {row.key: figure(row.key) for row in edition.indicators if row.method is not Method.NONE}
