"""Every check of one submission. Each has one shape: submission and edition in, findings out."""

from collections.abc import Iterator
from decimal import Decimal

from cchc_xl.checking.diagnosis import causes_of
from cchc_xl.checking.evidence import evidence_of
from cchc_xl.checking.limits import limit, on_row
from cchc_xl.checking.wording import check_words
from cchc_xl.model import Cause, Edition, Finding, Kind, Op, Severity, State, Submission
from cchc_xl.relations.judge import judge
from cchc_xl.relations.rules import Entries, Outcome, Status, is_explained, rules_of

MIN_LISTED = 12  # codes named in one sentence


def check(submission: Submission, edition: Edition, before: Entries | None = None) -> tuple[Finding, ...]:
    """All findings of the checks (not those of reading), in the order of the forms. Empty for a refused file.

    ``before``: the previous period's entries (``history.entries_before``); they only help to say why a number is wrong.
    """
    if submission.refused:
        return ()
    findings = list(check_rules(submission, edition, before))
    return tuple(findings + [finding for one in CHECKS for finding in one(submission, edition)])


def check_rules(submission: Submission, edition: Edition, before: Entries | None = None) -> Iterator[Finding]:
    """The rules of every cell and the relations between rows."""
    level = submission.level or edition.level
    told = {(finding.id, finding.key) for finding in submission.findings}
    documents = len(submission.documents)
    outcomes = [judge(rule, submission.entries, level, documents) for rule in rules_of(edition, level)]
    failed = [one for one in outcomes if one.status is Status.FAILED and (one.finding, one.rule.key) not in told]
    loud = any(one.severity is not Severity.NOTE for one in failed)
    evidence = evidence_of(submission.entries, edition, level, outcomes, before) if loud else None
    for outcome in failed:
        asked = evidence is not None and outcome.severity is not Severity.NOTE
        yield _finding(outcome, submission, causes_of(outcome, evidence) if asked else ())


def _finding(outcome: Outcome, submission: Submission, causes: tuple[Cause, ...]) -> Finding:
    rule, entries = outcome.rule, submission.entries
    entry = entries[rule.key]
    args: dict[str, object] = dict(outcome.args)
    if rule.indicator.ratio_of and not rule.relation:
        part, base = (entries[key].amount for key in rule.indicator.ratio_of)
        args |= {"part": part, "base": base}
    explanation = submission.explanations.get(rule.id, "")
    assert outcome.severity is not None
    return Finding(
        id=outcome.finding,
        severity=outcome.severity,
        rule=rule.id,
        key=rule.key,
        sheet=entry.sheet or None,
        cell=entry.cell or None,
        found=outcome.found,
        expected=outcome.expected,
        explained=outcome.severity is Severity.WARNING and is_explained(explanation),
        explanation=explanation.strip(),
        causes=causes,
        args=args,
    )


def check_blanks(submission: Submission, edition: Edition) -> Iterator[Finding]:
    """One note a form on the rows that wait for a number. Ratios and totals follow from their parts."""
    for form in edition.forms:
        waiting = [
            indicator
            for indicator in form.indicators
            if indicator.kind not in (Kind.HEADING, Kind.RATIO, Kind.TOTAL)
            and submission.entries[indicator.key].state is State.BLANK
        ]
        if waiting:
            codes = ", ".join(indicator.code for indicator in waiting[:MIN_LISTED])
            more = "" if len(waiting) <= MIN_LISTED else " …"
            yield Finding(
                id="blank-form",
                severity=Severity.NOTE,
                sheet=submission.entries[waiting[0].key].sheet or None,
                args={"form": form.number, "count": Decimal(len(waiting)), "codes": codes + more},
            )


def check_magnitude(submission: Submission, edition: Edition) -> Iterator[Finding]:
    """Amounts beyond the size the edition allows for its amounts, in rows that have no size rule of their own.

    A clerk who types đồng where triệu đồng is asked does so in every row of the table.
    """
    sized = {one.key: one.constant for one in edition.relations if one.op is Op.LESS and one.constant is not None}
    largest = max((limit for key, limit in sized.items() if edition.by_key[key].kind is Kind.AMOUNT), default=None)
    if largest is None or (submission.level or edition.level) != edition.level:
        return
    for key, indicator in edition.by_key.items():
        entry = submission.entries[key]
        if indicator.kind is Kind.AMOUNT and key not in sized and (entry.amount or 0) >= largest:
            yield on_row("number-magnitude", submission, key, severity=Severity.WARNING, found=entry.amount)


def check_typing(submission: Submission, edition: Edition) -> Iterator[Finding]:
    """Numbers that Excel made of something else typed: 85% stored as 0,85; 5/6 or a date as a day number."""
    first, last = (limit("typing", name) for name in ("first_day", "last_day"))
    for key, indicator in edition.by_key.items():
        entry = submission.entries[key]
        if entry.state is not State.NUMBER or entry.value is None:
            continue
        if indicator.kind is Kind.PERCENT and 0 < entry.value < 1:
            yield on_row("number-fraction", submission, key, severity=Severity.WARNING, found=entry.value)
        dated = first <= entry.value <= last and entry.value == entry.value.to_integral_value()
        if indicator.kind is Kind.COUNT and dated and (submission.level or edition.level) == edition.level:
            yield on_row("number-like-date", submission, key, severity=Severity.WARNING, found=entry.value)


CHECKS = (check_typing, check_magnitude, check_blanks, check_words)  # beside the rules
