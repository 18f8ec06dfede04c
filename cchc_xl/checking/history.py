"""A submission against the previous period of its year and the same period of last year.

What a row may do over time stands in the form: from the start of the year it never falls, a plan stays, a stock may
change but not out of all proportion. Quiet by intent: whatever has a good explanation is a note, or asked about once.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from cchc_xl.checking.copies import check_copies
from cchc_xl.checking.earlier import Earlier, Entries, earlier_of
from cchc_xl.checking.jumps import Jump, UsualChanges, change_causes, is_telling, jump_of, usual_changes
from cchc_xl.checking.limits import Time, is_guessed, limit, on_row, time_of
from cchc_xl.model import Edition, Finding, Indicator, Kind, Method, Roster, Submission
from cchc_xl.number import HUNDRED
from cchc_xl.relations.rules import percent_tolerance

_COUNTED = (Kind.COUNT, Kind.AMOUNT)
Pair = tuple[Submission, Submission]  # of one unit: this period's, the earlier one's


def check_history(
    submission: Submission,
    earlier: Sequence[Submission],
    edition: Edition,
    *,
    roster: Roster | None = None,
    peers: Sequence[Pair] = (),
    usual: UsualChanges | None = None,
) -> tuple[Finding, ...]:
    """What the unit's earlier workbooks say against this one.

    ``earlier``: older submissions, in any order, of other units too; the previous period of the year and the same
    period of last year are picked from them (of several of one period the last given). ``roster``: says which units
    were merged; without it a unit is compared by code and name. ``peers``: what other units sent in both periods, to
    know what change is usual; for many units compute ``usual`` (``jumps.usual_changes``) once instead. Empty for a
    refused file, and for one that doesn't say of which unit and period it is.
    """
    if submission.refused:
        return ()
    known = earlier_of(submission, earlier, edition, roster)
    if known is None or known.nearest is None:
        return ()
    changes = usual if usual is not None else usual_changes(peers, edition)
    findings: list[Finding] = []
    for reference in filter(None, (known.previous, known.last_year)):
        findings += reference.findings
    findings += check_copies(submission, known, edition)
    for indicator in edition.indicators:
        found = next(_row(submission, indicator, known, changes, edition), None)
        if found:
            findings.append(found)
    return tuple(findings)


def entries_before(
    submission: Submission, earlier: Sequence[Submission], edition: Edition, roster: Roster | None = None
) -> Entries:
    """The entries of the nearest earlier period, by this edition's keys, for ``checks.check(before=…)``."""
    known = earlier_of(submission, earlier, edition, roster)
    return known.nearest.entries if known and known.nearest else {}


def _row(
    submission: Submission, indicator: Indicator, known: Earlier, changes: UsualChanges, edition: Edition
) -> Iterator[Finding]:
    """What is wrong with one row, the surest first."""
    now = submission.entries[indicator.key].amount
    if now is None or indicator.method is Method.SAME:
        return
    time = time_of(indicator)
    if time is Time.SINCE:
        yield from _since(submission, indicator, now, known)
    if indicator.kind not in _COUNTED:
        return
    if known.previous and (before := known.previous.amount(indicator.key)) is not None:
        yield from _within_year(submission, indicator, now, before, known, edition)
    jump = jump_of(indicator, now, known, changes)
    if jump:
        yield _jumped(submission, indicator, now, jump, edition)


def _within_year(
    submission: Submission, indicator: Indicator, now: Decimal, before: Decimal, known: Earlier, edition: Edition
) -> Iterator[Finding]:
    reference = known.previous
    assert reference
    kinds = {Time.CUMULATIVE: "history-fell", Time.FLOW: "history-part-larger", Time.PLAN: "history-plan-changed"}
    kind = kinds.get(time_of(indicator))
    if kind is None or not _against(kind, now, before, known):
        return
    weak = is_guessed(indicator) or _small(now, before)
    if kind == "history-plan-changed":
        weak = _factor(now, before) < limit("history", "plan_factor")
    causes = change_causes(indicator, now, before, submission.entries, edition)
    weak = reference.merged or (weak and not is_telling(causes, now, before))  # a merged unit begins anew
    args = {"period": reference.title}
    key = indicator.key
    yield on_row(kind, submission, key, weak=weak, found=now, expected=before, causes=causes, **args)


def _against(kind: str, now: Decimal, before: Decimal, known: Earlier) -> bool:
    """Is this change against what the row is?"""
    if kind == "history-plan-changed":
        return now != before and before != 0
    return now < before and (kind == "history-fell" or _includes(known))


def _includes(known: Earlier) -> bool:
    """Does this period contain the previous one, so that what happened then happened in this one too?"""
    previous = known.previous
    return bool(previous and known.now.start <= previous.period.start and previous.period.end <= known.now.end)


def _since(submission: Submission, indicator: Indicator, now: Decimal, known: Earlier) -> Iterator[Finding]:
    for reference in (known.previous, known.last_year):
        before = reference.amount(indicator.key) if reference and not reference.merged else None
        if before is None or reference is None:
            continue
        fall = before - now
        if fall > percent_tolerance(now) + percent_tolerance(before):
            weak = fall <= limit("history", "since_points")
            args = {"period": reference.title}
            key = indicator.key
            yield on_row("history-since-fell", submission, key, weak=weak, found=now, expected=before, **args)


def _jumped(submission: Submission, indicator: Indicator, now: Decimal, jump: Jump, edition: Edition) -> Finding:
    causes = change_causes(indicator, now, jump.before, submission.entries, edition)
    return on_row(
        "history-jump",
        submission,
        indicator.key,
        weak=jump.weak,
        found=now,
        expected=jump.before,
        causes=causes,
        period=jump.title,
        units=jump.units,
    )


def _small(now: Decimal, before: Decimal) -> bool:
    return abs(now - before) * HUNDRED <= limit("history", "small_percent") * before


def _factor(now: Decimal, before: Decimal) -> Decimal:
    """How many times the larger is the smaller; a very large number when one is 0."""
    low, high = sorted((now, before))
    return high / low if low > 0 else Decimal(10) ** 9
