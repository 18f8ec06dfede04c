"""Explanations that the district accepted or returned, each by the text it read: a new text is a new explanation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from cchc_xl.errors import UsageError
from cchc_xl.model import Finding, ReportingUnit
from cchc_xl.relations.rules import trimmed
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.receiving.claims import by_time

EXPLANATION = "explanation"

Returned = frozenset[tuple[str, str, str]]  # (unit, rule, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """What the district said of one explanation."""

    unit: ReportingUnit
    rule: str
    text: str
    accepted: bool


def rule_on_explanation(
    folder: Path, unit: str, rule: str, *, accept: bool, reason: str, now: datetime, who: str
) -> Ruled:
    """Accept or return the explanation that the unit's current workbook gives for a rule.

    A returned one counts for nothing as long as its text stays. Raises UsageError (no reason, no such unit, nothing
    explained there), RoundError, OutputError.
    """
    from cchc_xl.rounds.following.judged import judged_round
    from cchc_xl.rounds.receiving.current import standing_of

    if not reason.strip():
        raise UsageError("reason-missing")
    the_round, stands, events = standing_of(folder, now)
    known = the_round.unit(unit)
    if known is None:
        raise UsageError("decide-unit", unit=unit)
    judged = judged_round(the_round, stands, events)
    found = judged[unit].submission.explanations.get(rule, "") if unit in judged else ""
    if not trimmed(found):
        raise UsageError("explanation-none", unit=known.full_name, rule=rule)
    body = {"unit": unit, "rule": rule, "text": trimmed(found), "accept": accept, "reason": reason.strip()}
    ledger.add(folder, EXPLANATION, body, now=now, who=who)
    return Ruled(unit=known, rule=rule, text=trimmed(found), accepted=accept)


def returned_in(events: Sequence[Event]) -> Returned:
    """The explanations that are returned now; of several rulings on one text the last counts."""
    accepted: dict[tuple[str, str, str], object] = {}
    for event in sorted((one for one in events if one.kind == EXPLANATION), key=by_time):
        accepted[str(event.body["unit"]), str(event.body["rule"]), str(event.body["text"])] = event.body["accept"]
    return frozenset(place for place, is_accepted in accepted.items() if not is_accepted)


def with_rulings(findings: Iterable[Finding], unit: str, returned: Returned) -> tuple[Finding, ...]:
    """Findings whose explanation was returned are not explained any more; the text stays on them."""
    return tuple(
        replace(one, explained=False)
        if one.explained and (unit, one.rule or "", trimmed(one.explanation)) in returned
        else one
        for one in findings
    )
