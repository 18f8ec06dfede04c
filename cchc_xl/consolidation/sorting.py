"""Which of the files handed in count, and for whom. Every file gets exactly one fate."""

from collections.abc import Sequence
from dataclasses import dataclass

from cchc_xl.consolidation.merge import Merged, merge
from cchc_xl.model import Edition, FileFate, Finding, HandedIn, Period, Roster, Severity, Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class SortedOut:
    """``merged``: unit code -> its workbooks as one, in order of first arrival. ``files``: every fate."""

    merged: dict[str, Merged]
    files: tuple[HandedIn, ...]


def sort_out(edition: Edition, period: Period, roster: Roster, submissions: Sequence[Submission]) -> SortedOut:
    """Turn away what does not belong, drop exact duplicates, merge the rest unit by unit."""
    fates: list[HandedIn | None] = []
    by_unit: dict[str, list[Submission]] = {}
    seen: dict[tuple[str, str], Submission] = {}
    for submission in submissions:
        fate = _turned_away(submission, edition, period, roster) or _duplicate(submission, seen)
        fates.append(fate)
        if fate is None and submission.unit:
            by_unit.setdefault(submission.unit.code, []).append(submission)
    merged = {code: merge(edition, group) for code, group in by_unit.items()}
    files = tuple(fate or _accepted(submission, merged) for submission, fate in zip(submissions, fates, strict=True))
    return SortedOut(merged=merged, files=files)


def _accepted(submission: Submission, merged: dict[str, Merged]) -> HandedIn:
    assert submission.unit
    conflicts = merged[submission.unit.code].conflicts
    fate = FileFate.WAITING if conflicts else FileFate.COUNTED
    return HandedIn(submission=submission, fate=fate, reason=fate.value, findings=(*submission.findings, *conflicts))


def _duplicate(submission: Submission, seen: dict[tuple[str, str], Submission]) -> HandedIn | None:
    """The same file again. A master only claims the sha256 of its rows: other answers under it are no duplicate."""
    assert submission.unit
    mark = (submission.sha256, submission.unit.code)
    first = seen.setdefault(mark, submission)
    if first is submission or not _says_the_same(first, submission):
        return None
    return HandedIn(
        submission=submission,
        fate=FileFate.DUPLICATE,
        reason="duplicate",
        args={"other": first.file},
        findings=submission.findings,
    )


def _says_the_same(one: Submission, other: Submission) -> bool:
    """Equal answers in every row that the clerk fills; formula cells follow from them."""
    return all(
        (entry.state, entry.value) == (other.entries[key].state, other.entries[key].value)
        for key, entry in one.entries.items()
        if not entry.intact
    )


def _turned_away(submission: Submission, edition: Edition, period: Period, roster: Roster) -> HandedIn | None:
    """Why a file does not count at all; None when it belongs to this round."""
    if submission.refused:
        return HandedIn(submission=submission, fate=FileFate.REFUSED, reason="refused", findings=submission.findings)
    reason, args, finding = _not_ours(submission, edition, period, roster)
    if not reason:
        return None
    told = {one.id for one in submission.findings}
    added = (finding,) if finding and finding.id not in told else ()
    return HandedIn(
        submission=submission,
        fate=FileFate.NOT_COUNTED,
        reason=reason,
        args=args,
        findings=(*submission.findings, *added),
    )


def _not_ours(
    submission: Submission, edition: Edition, period: Period, roster: Roster
) -> tuple[str, dict[str, object], Finding | None]:
    """(reason, its arguments, the finding to add); ("", {}, None) for a file of this round."""
    if submission.edition != edition.id:
        args = {"edition": submission.edition or "?", "wanted": edition.id}
        return "other_edition", args, _error("identity-edition-other", args)
    if submission.period is None:
        return "no_period", {}, _error("identity-period-missing", {})
    if submission.period != period.code:
        args = {"period": submission.period, "wanted": period.code}
        return "other_period", args, _error("identity-period-other", args)
    if submission.unit is None:
        return "no_unit", {}, _error("identity-unit-missing", {})
    unit = roster.find(submission.unit.code, period.end)
    who = {"unit_code": submission.unit.code, "unit_name": submission.unit.name}
    if unit is None:
        return "not_in_roster", who, _error("identity-unit-unknown", who)
    if not unit.valid_on(period.end):
        args = {**who, "day": f"{period.end:%d/%m/%Y}"}
        return "not_due", args, _error("identity-unit-not-due", args)
    return "", {}, None


def _error(kind: str, args: dict[str, object]) -> Finding:
    return Finding(id=kind, severity=Severity.ERROR, args=args)
