"""Every check of one submission. Each has one shape: submission and edition in, findings out."""

from collections.abc import Iterator
from decimal import Decimal

from cchc_xl.checking.diagnosis import causes_of
from cchc_xl.model import Edition, Finding, Kind, Severity, State, Submission
from cchc_xl.relations.judge import judge
from cchc_xl.relations.rules import Outcome, Status, is_explained, rules_of

MIN_LISTED = 12  # codes named in one sentence


def check(submission: Submission, edition: Edition) -> tuple[Finding, ...]:
    """All findings of the checks (not those of reading), in the order of the forms. Empty for a refused file."""
    if submission.refused:
        return ()
    return tuple(finding for one in CHECKS for finding in one(submission, edition))


def check_rules(submission: Submission, edition: Edition) -> Iterator[Finding]:
    """The rules of every cell and the relations between rows."""
    level = submission.level or edition.level
    told = {(finding.id, finding.key) for finding in submission.findings}
    for rule in rules_of(edition, level):
        outcome = judge(rule, submission.entries, level)
        if outcome.status is Status.FAILED and (outcome.finding, rule.key) not in told:
            yield _finding(outcome, submission, edition)


def _finding(outcome: Outcome, submission: Submission, edition: Edition) -> Finding:
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
        causes=causes_of(outcome, entries, edition),
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


CHECKS = (check_rules, check_blanks)
