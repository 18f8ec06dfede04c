"""Severities that the staff of one round set otherwise, each with a reason.

Relations between rows and the comparisons with time, peers and words may be milder or stricter in a round; whether a
ratio or a total is right is arithmetic and stays as it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Edition, Finding, Severity, SeverityChange


def kinds() -> tuple[str, ...]:
    """Ids of the findings that come from time, peers, words and outside figures."""
    return tuple(words("checks")["rules"])


def with_severities(edition: Edition, changes: Sequence[SeverityChange]) -> Edition:
    """The edition with the relations named in ``changes`` as severe as they say, whatever the deviation."""
    said = {change.rule: change.severity for change in changes}
    if not said:
        return edition
    relations = tuple(
        replace(one, severity=said[one.id], escalate_percent=None, escalate_to=None) if one.id in said else one
        for one in edition.relations
    )
    return replace(edition, relations=relations)


def resevered(findings: Iterable[Finding], changes: Sequence[SeverityChange]) -> tuple[Finding, ...]:
    """Findings of ``kinds`` as severe as the staff say. Only what is a warning can be explained."""
    said = {change.rule: change.severity for change in changes if change.rule in kinds()}
    return tuple(_as(finding, said[finding.id]) if finding.id in said else finding for finding in findings)


def _as(finding: Finding, severity: Severity) -> Finding:
    return replace(finding, severity=severity, explained=finding.explained and severity is Severity.WARNING)
