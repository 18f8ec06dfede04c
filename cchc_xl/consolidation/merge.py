"""Several workbooks of one unit become one submission, or wait for a person when they contradict each other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from cchc_xl.model import Cell, Edition, Entry, Finding, Indicator, Severity, State, Submission
from cchc_xl.number import vietnamese
from cchc_xl.relations.corrected import recompute


@dataclass(frozen=True, slots=True, eq=False)
class OneSource(Mapping[str, Submission]):
    """Every row came from this workbook: a thousandth of the memory of saying so row by row."""

    submission: Submission

    def __getitem__(self, key: str) -> Submission:
        if key not in self.submission.entries:
            raise KeyError(key)
        return self.submission

    def __iter__(self) -> Iterator[str]:
        return iter(self.submission.entries)

    def __len__(self) -> int:
        return len(self.submission.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """One unit's workbooks as one. ``sources``: key -> the workbook its entry came from."""

    submission: Submission
    sources: Mapping[str, Submission]
    conflicts: tuple[Finding, ...]


def merge(edition: Edition, submissions: Sequence[Submission]) -> Merged:
    """Row by row: a blank never replaces an answer, equal answers count once, different answers are a conflict."""
    first = submissions[0]
    if len(submissions) == 1:
        return Merged(submission=first, sources=OneSource(first), conflicts=())
    entries: dict[str, Entry] = {}
    sources: dict[str, Submission] = {}
    conflicts = []
    for indicator in edition.indicators:
        chosen = _choose(indicator, submissions)
        sources[indicator.key] = chosen
        entries[indicator.key] = chosen.entries[indicator.key]
        conflict = _conflict(indicator, submissions)
        if conflict:
            conflicts.append(conflict)
    recompute(edition, entries)
    merged = replace(
        first,
        file="; ".join(submission.file for submission in submissions),
        entries=entries,
        findings=tuple(finding for submission in submissions for finding in submission.findings),
        explanations=_filled(submissions, "explanations"),
        words=_filled(submissions, "words"),
        about=_filled(submissions, "about"),
        documents=tuple(dict.fromkeys(one for submission in submissions for one in submission.documents)),
    )
    return Merged(submission=merged, sources=sources, conflicts=tuple(conflicts))


def _choose(indicator: Indicator, submissions: Sequence[Submission]) -> Submission:
    """The workbook whose row counts: the first one that says anything there."""

    def rank(submission: Submission) -> int:
        entry = submission.entries[indicator.key]
        silent = entry.state in (State.BLANK, State.NOT_APPLICABLE)
        # A typed-over formula goes first so that the check still sees it; figures are recomputed anyway.
        return (2 if silent else 0) + (1 if entry.intact else 0)

    return min(submissions, key=rank)


def _conflict(indicator: Indicator, submissions: Sequence[Submission]) -> Finding | None:
    """Different answers to one row. Formula cells answer nothing: their parts do."""
    if indicator.cell is Cell.FORMULA:
        return None
    said = {}
    for submission in submissions:
        entry = submission.entries[indicator.key]
        if entry.answered:
            said.setdefault(entry.amount, submission.file)
        elif entry.state is State.UNREADABLE:
            said.setdefault(entry.raw, submission.file)
    if len(said) < 2:
        return None
    values = "; ".join(
        f"{value if isinstance(value, str) else vietnamese(value)} ({file})" for value, file in said.items()
    )
    return Finding(
        id="identity-two-answers",
        severity=Severity.ERROR,
        key=indicator.key,
        args={"count": len(submissions), "values": values},
    )


def _filled(submissions: Sequence[Submission], field: str) -> dict[str, str]:
    """Texts by name: the first workbook with words under a name gives them."""
    texts: dict[str, str] = {}
    for submission in submissions:
        for name, text in getattr(submission, field).items():
            if text and not texts.get(name):
                texts[name] = text
    return texts
