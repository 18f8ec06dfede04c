"""Which earlier workbooks a submission is compared with, and as what: itself, its predecessors' sum, or not at all.

A unit code means something only with a date: codes are used again for other units. Periods overlap (6 tháng includes
quý I), so two periods are compared, never added.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from cchc_xl.checking.limits import severity_of
from cchc_xl.editions.catalogue import words
from cchc_xl.editions.load import period_of
from cchc_xl.model import Edition, Entry, Finding, Method, Period, ReportingUnit, Roster, State, Submission
from cchc_xl.number import ZERO
from cchc_xl.text import markless

Entries = Mapping[str, Entry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An earlier period of the unit as it is now. ``merged``: the sum of the units that it was made of."""

    period: Period
    entries: Entries  # only what can be compared, by today's keys
    merged: bool = False
    findings: tuple[Finding, ...] = ()  # what could not be compared

    def amount(self, key: str) -> Decimal | None:
        entry = self.entries.get(key)
        return entry.amount if entry else None

    @property
    def title(self) -> str:
        """The period as a sentence names it, with a word that it is a sum where it is one."""
        said = words("checks")["said"]["merged" if self.merged else "alone"]
        return said.format(period=self.period.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The previous period of the same year and the same period of last year, where there are such."""

    now: Period
    previous: Reference | None = None
    last_year: Reference | None = None

    @property
    def nearest(self) -> Reference | None:
        """The later one of which anything can be compared."""
        both = [one for one in (self.previous, self.last_year) if one]
        return next((one for one in both if one.entries), both[0] if both else None)


def earlier_of(
    submission: Submission, earlier: Sequence[Submission], edition: Edition, roster: Roster | None
) -> Earlier | None:
    """None when the submission doesn't say of which unit and period it is."""
    now = known_period(edition, submission.period)
    if now is None or submission.unit is None:
        return None
    by_period: dict[str, list[Submission]] = {}
    for one in earlier:
        if not one.refused and one.unit is not None and one.period:
            by_period.setdefault(one.period, []).append(one)
    periods = [p for code in by_period if (p := known_period(edition, code)) and p.end < now.end]
    periods.sort(key=lambda period: (period.end, -period.start.toordinal()), reverse=True)
    of_year = [period for period in periods if _year(period.code) == _year(now.code)]
    year_before = [p for p in periods if _year(p.code) == _year(now.code) - 1 and _kind(p.code) == _kind(now.code)]

    def first(wanted: Sequence[Period]) -> Reference | None:
        """That of the latest period for which this unit, or what it was made of, has sent anything."""
        found = (_reference(submission, by_period[one.code], (now, one), edition, roster) for one in wanted)
        return next(filter(None, found), None)

    return Earlier(now=now, previous=first(of_year), last_year=first(year_before))


def known_period(edition: Edition, code: str | None) -> Period | None:
    """The period of that code, None when the edition has no such one."""
    year, _, kind = (code or "").partition("-")
    usable = kind in edition.period_kinds and year.isascii() and year.isdigit() and len(year) == 4 and year > "1900"
    return period_of(edition, code) if code and usable else None


def _year(code: str) -> int:
    return int(code.partition("-")[0])


def _kind(code: str) -> str:
    return code.partition("-")[2]


def _reference(
    submission: Submission,
    sent: Sequence[Submission],
    periods: tuple[Period, Period],
    edition: Edition,
    roster: Roster | None,
) -> Reference | None:
    """``periods``: this one and the earlier one, in which ``sent`` came."""
    assert submission.unit is not None
    code = submission.unit.code
    now, period = periods
    unit = roster.find(code, now.end) if roster else None
    if unit and _made_since(unit, sent, period):
        return _of_predecessors(unit, sent, period, edition, roster)
    own = [one for one in sent if one.unit and one.unit.code == code]
    same = [one for one in own if _same_name(one, submission, unit)]
    if same:
        entries, findings = _by_todays_keys(same[-1], period, edition)
        return Reference(period=period, entries=entries, findings=findings)
    if own:
        assert own[-1].unit
        about = {"period": period.title, "unit_code": code, "unit_name": own[-1].unit.name}
        return Reference(period=period, entries={}, findings=(_note("history-other-unit", **about),))
    return None


def _made_since(unit: ReportingUnit, sent: Sequence[Submission], period: Period) -> bool:
    """Did the unit come into being, out of others, after that period?"""
    if not unit.predecessors:
        return False
    if unit.valid_from is not None:
        return period.end < unit.valid_from
    return unit.code in unit.predecessors or all(one.unit and one.unit.code != unit.code for one in sent)


def _of_predecessors(
    unit: ReportingUnit, sent: Sequence[Submission], period: Period, edition: Edition, roster: Roster | None
) -> Reference | None:
    """The sum over the units it was made of; only where each of them went into this unit alone and has sent."""
    by_code = {one.unit.code: one for one in sent if one.unit}
    parts = [by_code[code] for code in unit.predecessors if code in by_code]
    if not parts:
        return None
    missing = [code for code in unit.predecessors if code not in by_code]
    others = [other for other in roster.units if other.code != unit.code] if roster else []
    divided = [code for code in unit.predecessors if any(code in other.predecessors for other in others)]
    about = {"period": period.title, "codes": ", ".join(unit.predecessors)}
    if divided:
        note = _note("history-divided", **about, divided=", ".join(divided))
        return Reference(period=period, entries={}, merged=True, findings=(note,))
    if missing:
        note = _note("history-predecessors", **about, missing=", ".join(missing))
        return Reference(period=period, entries={}, merged=True, findings=(note,))
    mapped = [_by_todays_keys(part, period, edition) for part in parts]
    summed = _summed([entries for entries, _ in mapped], edition)
    return Reference(period=period, entries=summed, merged=True, findings=mapped[0][1])


def _summed(parts: Sequence[Entries], edition: Edition) -> dict[str, Entry]:
    """Rows that add up, where every part has answered. A percent since 2015 of a merged unit is nobody's."""
    made: dict[str, Entry] = {}
    for indicator in edition.indicators:
        answers = [entry.amount if (entry := part.get(indicator.key)) else None for part in parts]
        given = [answer for answer in answers if answer is not None]
        if indicator.method is Method.SUM and len(given) == len(parts):
            value = sum(given, ZERO)
            made[indicator.key] = Entry(key=indicator.key, state=State.NUMBER, value=value)
    return made


def _by_todays_keys(one: Submission, period: Period, edition: Edition) -> tuple[Entries, tuple[Finding, ...]]:
    """The entries under the keys of this edition; rows whose meaning changed between editions are left out."""
    if one.edition in (None, edition.id):
        return one.entries, ()
    moved = {new: replace(one.entries[old], key=new) for old, new in edition.code_map.items() if old in one.entries}
    kept = {key: entry for key, entry in moved.items() if key in edition.by_key}
    count = Decimal(sum(edition.by_key[key].has_cell for key in kept))
    return kept, (_note("history-other-edition", period=period.title, edition=one.edition, count=count),)


def _same_name(one: Submission, submission: Submission, unit: ReportingUnit | None) -> bool:
    """Is it the same unit by name too? A difference in tone marks, or a type word before the name, is no other unit."""
    assert one.unit and submission.unit
    names = [submission.unit.name, *((unit.name, unit.printed_name, *unit.aliases) if unit else ())]
    was = markless(one.unit.name)
    return not was or any(
        known and (f" {was}".endswith(f" {known}") or f" {known}".endswith(f" {was}")) for known in map(markless, names)
    )


def _note(finding: str, **args: object) -> Finding:
    return Finding(id=finding, severity=severity_of(finding), args=args)
