"""What the checks go by: limits, severities and the meaning of a row over time, kept as data staff may change."""

from decimal import Decimal
from enum import StrEnum
from functools import cache

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Cause, Entry, Finding, Indicator, Severity, Submission
from cchc_xl.relations.rules import is_explained


class Time(StrEnum):
    """How a row's number behaves over time."""

    SINCE = "since"  # a percent since a base year
    CUMULATIVE = "cumulative"  # from the start of the year
    STOCK = "stock"  # on the day
    FLOW = "flow"  # of the period alone
    PLAN = "plan"  # given for the whole year
    NONE = "none"


@cache
def limit(area: str, name: str) -> Decimal:
    """One limit of ``checks.toml``."""
    return Decimal(str(words("checks")[area][name]))


def time_of(indicator: Indicator) -> Time:
    return _time(indicator.time)


@cache
def _time(said: str) -> Time:
    for time in (Time.SINCE, Time.CUMULATIVE, Time.STOCK, Time.FLOW, Time.PLAN):
        if words("checks")["time"][time.value] in said:
            return time
    return Time.NONE


def is_guessed(indicator: Indicator) -> bool:
    """True where the form itself doesn't say how the row behaves over time, or it may fall for good reasons."""
    known = words("checks")["time"]
    if known["guessed"] in indicator.time:
        return True
    return time_of(indicator) is Time.CUMULATIVE and known["surely_cumulative"] not in indicator.time


def severity_of(finding: str, *, weak: bool = False) -> Severity:
    """The severity of a kind of finding; ``weak``: where it is less sure, or small."""
    rule = words("checks")["rules"][finding]
    return Severity(rule["weak"] if weak and "weak" in rule else rule["severity"])


def on_row(
    finding: str,
    submission: Submission,
    key: str,
    *,
    weak: bool = False,
    severity: Severity | None = None,
    found: Decimal | None = None,
    expected: Decimal | None = None,
    causes: tuple[Cause, ...] = (),
    **args: object,
) -> Finding:
    """A finding on one row. It is explained in the ``Giải trình`` cell of the row's own rule (id = key)."""
    entry: Entry = submission.entries[key]
    given = severity or severity_of(finding, weak=weak)
    explanation = submission.explanations.get(key, "")
    return Finding(
        id=finding,
        severity=given,
        rule=key,
        key=key,
        sheet=entry.sheet or None,
        cell=entry.cell or None,
        found=found,
        expected=expected,
        explained=given is Severity.WARNING and is_explained(explanation),
        explanation=explanation.strip(),
        causes=causes,
        args=args,
    )
