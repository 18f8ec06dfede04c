"""A workbook that can't be marked in place (.xls, .ods …): its answers in a fresh official workbook, to be marked."""

from collections.abc import Iterable
from dataclasses import replace

from cchc_xl.editions.load import period_of
from cchc_xl.errors import UsageError
from cchc_xl.model import Cell, Edition, Entry, Finding, Indicator, Period, ReportingUnit, State, Submission
from cchc_xl.relations.rules import recomputed
from cchc_xl.workbook.layout import places
from cchc_xl.workbook.marking.inert_text import visible
from cchc_xl.workbook.official.plan import Fill, Typed, none_arising_words
from cchc_xl.workbook.template import build


def refilled(
    submission: Submission,
    edition: Edition,
    *,
    unit: ReportingUnit | None = None,
    consolidating: ReportingUnit | None = None,
) -> bytes:
    """The official workbook of the unit, filled with what it sent: answers, notes, explanations, words, documents.

    ``unit``: as the roster has it, else as the file says. Text that was no number stays as it was typed.
    """
    who = unit
    if who is None and submission.unit:
        who = ReportingUnit(code=submission.unit.code, name=submission.unit.name, level=submission.level)
    return build(
        edition,
        period=_period(submission, edition),
        unit=who,
        consolidating=consolidating,
        level=submission.level or None,
        fill=_fill(submission, edition),
    )


def on_official_places(findings: Iterable[Finding], edition: Edition) -> tuple[Finding, ...]:
    """Findings pointing at the cells of the official workbook instead of those of the file as it came."""
    place = places(edition)
    moved = []
    for finding in findings:
        where = place.get(finding.key or "")
        if where:
            finding = replace(finding, sheet=where.sheet, cell=where.cell())
        elif finding.cell:
            finding = replace(finding, sheet=None, cell=None)
        moved.append(finding)
    return tuple(moved)


def _period(submission: Submission, edition: Edition) -> Period | None:
    try:
        return period_of(edition, submission.period) if submission.period else None
    except UsageError:
        return None


def _fill(submission: Submission, edition: Edition) -> Fill:
    answers: dict[str, Typed] = {}
    over: dict[str, Typed] = {}
    for key, indicator in edition.by_key.items():
        entry = submission.entries.get(key)
        typed = _typed(entry)
        if entry is None or typed is None or not indicator.has_cell:
            continue
        if indicator.cell is not Cell.FORMULA:
            answers[key] = typed
        elif not _follows(entry, indicator, submission):
            over[key] = typed
    return Fill(
        answers=answers,
        typed_over=over,
        notes={key: visible(one.note) for key, one in submission.entries.items() if one.note},
        explanations={rule: visible(text) for rule, text in submission.explanations.items()},
        words={heading: visible(text) for heading, text in submission.words.items()},
        about={field: visible(text) for field, text in submission.about.items()},
        documents=tuple(
            (visible(number), visible(day), visible(kind), visible(abstract))
            for number, day, kind, abstract in submission.documents
        ),
    )


def _typed(entry: Entry | None) -> Typed | None:
    """What to put into the cell so that it is read the same again."""
    if entry is None:
        return None
    if entry.state is State.NUMBER:
        return entry.value
    if entry.state is State.NONE_ARISING:
        return none_arising_words()[0]
    return visible(entry.raw or "") if entry.state is State.UNREADABLE else None


def _follows(entry: Entry, indicator: Indicator, submission: Submission) -> bool:
    """True when the issued formula gives this value anyway (a file of values alone holds no formulas)."""
    return entry.intact or (entry.state is State.NUMBER and entry.value == recomputed(indicator, submission.entries))
