"""What makes a figure unsure: cells that could not be read, numbers that are flagged and not explained."""

from dataclasses import replace

from cchc_xl.consolidation.gathered import Gathered
from cchc_xl.model import Edition, Figure, Finding, Method, Remark, Severity, State
from cchc_xl.number import vietnamese


def with_cautions(figure: Figure, gathered: Gathered) -> Figure:
    """Units whose cell could not be read, or whose number is flagged and not explained, are named beside it."""
    indicator = gathered.indicator
    keys = {indicator.key, *(indicator.ratio_of or ()), *indicator.total_of}
    own = (gathered.own,) if gathered.own else ()
    unread, flagged = [], []
    for unit in own if indicator.method is Method.OWN else (*gathered.units, *own):
        assert unit.submission
        if any(unit.submission.entries[key].state is State.UNREADABLE for key in keys):
            unread.append(unit.unit.full_name)
        elif any(_open(finding) and keys & _doubted(finding, gathered.edition) for finding in unit.findings):
            flagged.append(unit.unit.full_name)
    remarks = [*figure.remarks, *_corrected(gathered, keys)]
    if unread:
        remarks.append(Remark(name="unreadable", args={"count": len(unread), "units": tuple(unread)}))
    if flagged and (figure.communes is not None or figure.whole is not None or figure.distribution is not None):
        remarks.append(Remark(name="flagged", args={"count": len(flagged), "units": tuple(flagged)}))
    return replace(figure, remarks=tuple(remarks)) if remarks else figure


def _corrected(gathered: Gathered, keys: set[str]) -> tuple[Remark, ...]:
    """Whose number the consolidating unit corrected: from what to what, where it is this very row."""
    indicator, named = gathered.indicator, []
    own = (gathered.own,) if gathered.own else ()
    for unit in own if indicator.method is Method.OWN else (*gathered.units, *own):
        assert unit.submission
        entries = unit.submission.entries
        if not any(entries[key].sent for key in keys):
            continue
        entry = entries[indicator.key]
        change = f" ({vietnamese(entry.sent.amount)} → {vietnamese(entry.amount)})" if entry.sent else ""
        named.append(unit.unit.full_name + change)
    return (Remark(name="corrected", args={"count": len(named), "units": tuple(named)}),) if named else ()


def _doubted(finding: Finding, edition: Edition) -> set[str]:
    """The rows a finding puts in doubt: the one it names, and both sides of a broken relation."""
    relation = next((one for one in edition.relations if one.id == finding.rule), None)
    sides = (*relation.left, *relation.right) if relation else ()
    return {finding.key or "", *sides}


def _open(finding: Finding) -> bool:
    """Still to be corrected or explained. A number of another level is not in the figure at all."""
    waiting = finding.severity is Severity.WARNING and not finding.explained
    return (finding.severity is Severity.ERROR or waiting) and finding.id != "level-foreign"
