"""A unit's answers as the consolidating unit corrected them; what was sent stays beside each corrected one."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cchc_xl.model import Cell, Correction, Counted, Edition, Entry, State
from cchc_xl.relations.rules import recomputed


def as_corrected(counted: Counted, corrections: Iterable[Correction], edition: Edition) -> Counted:
    """The unit with its corrected rows, and with the formula cells that follow from them.

    Such an entry has ``sent``: the answer as it came. Findings and sources stay those of the unit's workbook.
    """
    mine = [one for one in corrections if one.unit == counted.unit.code]
    if not mine or counted.submission is None:
        return counted
    entries = dict(counted.submission.entries)
    for one in mine:
        entries[one.key] = _corrected(entries[one.key], one)
    recompute(edition, entries)
    for key, before in counted.submission.entries.items():
        after = entries[key]
        if after.sent is None and (after.state, after.value) != (before.state, before.value):
            entries[key] = replace(after, sent=before)
    return replace(counted, submission=replace(counted.submission, entries=entries))


def _corrected(entry: Entry, correction: Correction) -> Entry:
    said = (correction.reason, correction.source, correction.day)  # who did it stays on its sheet, in the house
    return replace(
        entry,
        state=State.BLANK if correction.value is None else State.NUMBER,
        value=correction.value,
        sent=entry.sent or entry,
        corrected="; ".join(part for part in said if part),
    )


def recompute(edition: Edition, entries: dict[str, Entry]) -> None:
    """Formula cells that nobody typed over follow their parts. Totals first: ratios may use them."""
    rows = [indicator for indicator in edition.indicators if indicator.cell is Cell.FORMULA]
    for indicator in sorted(rows, key=lambda row: (row.ratio_of is not None, -row.depth)):
        entry = entries[indicator.key]
        if entry.intact:
            value = recomputed(indicator, entries)
            state = State.BLANK if value is None else State.NUMBER
            entries[indicator.key] = replace(entry, value=value, state=state)


def as_sent(entries: Mapping[str, Entry], key: str) -> Entry:
    """The answer as the unit gave it, whatever was corrected since."""
    entry = entries[key]
    return entry.sent or entry
