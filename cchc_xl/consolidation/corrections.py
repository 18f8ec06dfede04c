"""Numbers that the consolidating unit corrected: which lines of ``Điều chỉnh`` hold, and the figures with them.

A line is applied when its unit, row and number are right, a reason and a source are given, and what the unit sent is
still what was corrected. Everything else is kept in the list with a sentence, and changes no figure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from cchc_xl.consolidation.consolidate import figures_of
from cchc_xl.editions.catalogue import words
from cchc_xl.model import (
    Cell,
    Consolidation,
    Correction,
    CorrectionLine,
    Counted,
    Edition,
    Entry,
    Finding,
    Indicator,
    Kind,
    LineState,
    Severity,
    State,
    Submission,
)
from cchc_xl.number import from_text, vietnamese
from cchc_xl.relations.corrected import as_corrected
from cchc_xl.text import label_key

Check = Callable[[Submission, Edition], tuple[Finding, ...]]
_FROM_ZERO = (Kind.COUNT, Kind.AMOUNT)
_ASKING = (LineState.PROPOSED, LineState.CHANGED, LineState.UNSENT)  # not wrong, but for a person


def with_corrections(consolidation: Consolidation, lines: Sequence[CorrectionLine], check: Check) -> Consolidation:
    """The consolidation with ``lines`` judged and its figures made of the corrected numbers.

    Entries, findings and files stay as they are; ``check`` is applied to what was corrected, so that a figure is no
    longer in doubt over a number that was put right.
    """
    settled = settle(consolidation, lines)
    corrections = tuple(line.correction for line in settled if line.correction)
    edition = consolidation.edition

    def rolled(counted: Counted) -> Counted:
        corrected = as_corrected(counted, corrections, edition)
        if corrected is counted or corrected.submission is None:
            return counted
        entries = corrected.submission.entries
        reading = [one for one in corrected.submission.findings if not (one.key and entries[one.key].sent)]
        return replace(corrected, findings=(*reading, *check(corrected.submission, edition)))

    figures = consolidation.figures
    if corrections:
        own = rolled(consolidation.own) if consolidation.own else None
        figures = figures_of(edition, tuple(map(rolled, consolidation.units)), own)
    return replace(consolidation, figures=figures, corrections=corrections, lines=settled)


def settle(consolidation: Consolidation, lines: Sequence[CorrectionLine]) -> tuple[CorrectionLine, ...]:
    """Each line with its state, the sentence about it and, where it is applied, the correction."""
    everyone = (*consolidation.units, *((consolidation.own,) if consolidation.own else ()))
    units = {counted.unit.code: counted for counted in everyone}
    settled = [_settled(_coded(line, units), consolidation.edition, units) for line in lines]
    return tuple(_told_apart(settled))


def _coded(line: CorrectionLine, units: Mapping[str, Counted]) -> CorrectionLine:
    """The line with its unit's code: as a number Excel drops the zeros before it."""
    if not line.unit or line.unit in units:
        return line
    alike = [code for code in units if line.unit.isdecimal() and code.lstrip("0") == line.unit.lstrip("0")]
    return replace(line, unit=alike[0]) if len(alike) == 1 else line


def _settled(line: CorrectionLine, edition: Edition, units: Mapping[str, Counted]) -> CorrectionLine:
    indicator, counted = edition.by_key.get(line.key), units.get(line.unit)
    if label_key(line.value) == label_key(words("master")["corrections"]["withdrawn"]):
        return replace(line, state=LineState.WITHDRAWN)
    if indicator is None:
        return _told(line, LineState.WRONG, "key", text=line.key)
    if not line.unit and line.origin:
        return _told(line, LineState.PROPOSED, "whose", text=line.value, origin=line.origin)
    if counted is None:
        return _told(line, LineState.WRONG, "unit", unit_code=line.unit)
    if indicator.cell is Cell.FORMULA or not indicator.has_cell:
        parts = (*(indicator.ratio_of or ()), *indicator.total_of)
        if not parts:
            return _told(line, LineState.WRONG, "key", text=line.key)
        return _told(line, LineState.WRONG, "formula", rows=", ".join(edition.by_key[key].code for key in parts))
    number = _number(line, indicator)
    if isinstance(number, str):
        return _told(line, LineState.WRONG, number, text=line.value)
    if counted.submission is None:
        return _told(line, LineState.UNSENT, "unsent", unit_name=counted.unit.full_name)
    return _against(line, number, counted.submission.entries[line.key], counted, indicator)


def _against(
    line: CorrectionLine, number: Decimal | None, entry: Entry, counted: Counted, indicator: Indicator
) -> CorrectionLine:
    """The line held against what the unit sent."""
    now = sent_text(entry)
    sent = {"sent": now} if not line.sent else {}
    if not (line.reason and line.source):
        problem = "typed" if line.origin else "proposed"
        blanks = {"unit_name": counted.unit.full_name, "origin": line.origin}
        return replace(_told(line, LineState.PROPOSED, problem, **blanks), **sent)
    if line.sent and not _is_sent(line.sent, entry, indicator):
        blanks = {"unit_name": counted.unit.full_name, "was": _shown(line.sent), "now": _shown(now)}
        return _told(line, LineState.CHANGED, "changed", **blanks)
    correction = Correction(
        unit=line.unit,
        key=line.key,
        value=number,
        reason=line.reason,
        source=line.source,
        who=line.who,
        day=line.day,
        original=now,
    )
    return replace(line, state=LineState.APPLIED, correction=correction, finding=None, **sent)


def _told_apart(lines: Sequence[CorrectionLine]) -> list[CorrectionLine]:
    """Of several lines that hold for one number: equal ones count once, different ones not at all."""
    by_cell: dict[tuple[str, str], list[CorrectionLine]] = {}
    for line in lines:
        if line.state is LineState.APPLIED:
            by_cell.setdefault((line.unit, line.key), []).append(line)
    made = []
    for line in lines:
        rivals = by_cell.get((line.unit, line.key), []) if line.state is LineState.APPLIED else []
        if len({one.correction.value for one in rivals if one.correction}) > 1:
            values = "; ".join(f"{_shown(one.value)} ({one.row})" for one in rivals)
            made.append(replace(_told(line, LineState.WRONG, "twice", values=values), correction=None))
        elif rivals and rivals[0] is not line:
            made.append(replace(line, state=LineState.WITHDRAWN, correction=None))
        else:
            made.append(line)
    return made


def _number(line: CorrectionLine, indicator: Indicator) -> Decimal | str | None:
    """The corrected number, None for "not answered", or the name of what is wrong with it."""
    number = line.number
    if number is None:
        if not line.value:
            return "empty"
        if label_key(line.value) == label_key(words("master")["sources"]["states"]["blank"]):
            return None
        kind = Kind.PERCENT if indicator.is_percent else indicator.kind
        reading = from_text(line.value, kind, indicator.choices)
        number = Decimal(0) if reading.word == "none_arising" else reading.value
    if number is None or (indicator.kind in _FROM_ZERO and number < 0):
        return "unreadable"
    if indicator.kind is Kind.COUNT and number != number.to_integral_value():
        return "unreadable"
    if indicator.choices and number not in {choice.value for choice in indicator.choices}:
        return "unreadable"
    return number


def sent_text(entry: Entry) -> str:
    """An answer as the column "Số đã gửi" says it: ``63.6``, ``KPS``, or the word of its state."""
    if entry.state is State.NUMBER and entry.value is not None:
        return f"{entry.value:f}"
    if entry.state is State.NONE_ARISING:
        return words("master")["detail"]["none_arising"]
    return words("master")["sources"]["states"][entry.state.value]


def _is_sent(text: str, entry: Entry, indicator: Indicator) -> bool:
    """Does the text, ours or a person's, name this answer?"""
    if label_key(text) == label_key(sent_text(entry)):
        return True
    number = _plain(text)
    if number is None:
        kind = Kind.PERCENT if indicator.is_percent else indicator.kind
        number = from_text(text, kind, indicator.choices).value
    return number is not None and entry.state is State.NUMBER and number == entry.value


def _plain(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _shown(text: str) -> str:
    number = _plain(text)
    return text if number is None else vietnamese(number)


def _told(line: CorrectionLine, state: LineState, problem: str, **args: object) -> CorrectionLine:
    """The line with its sentence: an error where it is wrong, a warning where a person has to say more."""
    said = words("master")["corrections"]
    finding = Finding(
        id=f"number-correction-{problem}",
        severity=Severity.WARNING if state in _ASKING else Severity.ERROR,
        key=line.key or None,
        sheet=said["sheet"],
        cell=f"D{line.row}" if line.row else None,
        args={"master": line.file, "place": said["sheet"], "row": line.row, **args},
    )
    return replace(line, state=state, finding=finding)
