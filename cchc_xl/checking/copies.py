"""Last period's workbook with new dates: the numbers of the period are all what they were."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from cchc_xl.checking.earlier import Earlier, Reference
from cchc_xl.checking.limits import Time, limit, severity_of, time_of
from cchc_xl.model import Edition, Finding, Indicator, Kind, Method, Submission

_MOVING = (Time.FLOW, Time.CUMULATIVE)


def check_copies(submission: Submission, known: Earlier, edition: Edition) -> tuple[Finding, ...]:
    """A finding on the workbook, else one a form: its numbers are exactly those of an earlier period."""
    found: list[Finding] = []
    for reference in (known.previous, known.last_year):
        if reference is None or reference.merged:
            continue
        rows = tuple(_moving_rows(submission, reference, edition))
        if len(rows) >= limit("history", "copied_rows") and _all_equal(submission, reference, rows):
            args = {"period": reference.title, "count": Decimal(len(rows))}
            return (Finding(id="history-copy", severity=severity_of("history-copy"), args=args),)
        found += _copied_forms(submission, reference, rows)
    return tuple(found)


def _copied_forms(submission: Submission, reference: Reference, rows: Sequence[Indicator]) -> Iterator[Finding]:
    least = limit("history", "copied_least")
    for form in dict.fromkeys(row.form for row in rows):
        of_form = [row for row in rows if row.form == form]
        large = [row for row in of_form if (submission.entries[row.key].amount or 0) >= least]
        if len(large) >= limit("history", "copied_form_rows") and _all_equal(submission, reference, of_form):
            yield Finding(
                id="history-copy-form",
                severity=severity_of("history-copy-form"),
                sheet=submission.entries[of_form[0].key].sheet or None,
                args={"form": form, "period": reference.title, "count": Decimal(len(of_form))},
            )


def _moving_rows(submission: Submission, reference: Reference, edition: Edition) -> Iterator[Indicator]:
    """Rows that a new period changes: answered in both, and not nothing in both."""
    for indicator in edition.indicators:
        counted = indicator.kind in (Kind.COUNT, Kind.AMOUNT) and indicator.method is not Method.SAME
        if counted and time_of(indicator) in _MOVING:
            now, before = submission.entries[indicator.key].amount, reference.amount(indicator.key)
            if now is not None and before is not None and (now or before):
                yield indicator


def _all_equal(submission: Submission, reference: Reference, rows: Sequence[Indicator]) -> bool:
    return all(submission.entries[row.key].amount == reference.amount(row.key) for row in rows)
