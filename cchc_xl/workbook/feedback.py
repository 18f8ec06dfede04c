"""Feedback in the unit's own workbook: coloured cells, notes, and the sheet "Cần sửa" in front.

Only the parts named by ``patched_parts`` change; all others, and all stored values, stay as they came.
"""

from collections import defaultdict
from collections.abc import Sequence

from cchc_xl.editions.catalogue import message, sentences, shown, words
from cchc_xl.editions.requests import (
    Request,
    base_name,
    counts_sentence,
    file_name,
    is_ready,
    period_title,
    requests_of,
    unit_title,
)
from cchc_xl.model import Edition, Finding, ReportingUnit, Submission, UnitName
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.kinds import kind_of
from cchc_xl.workbook.incoming.package import Limits, Refused
from cchc_xl.workbook.incoming.sheet_in import CellIn, position
from cchc_xl.workbook.layout import KIND_NAME, MASTER_KIND, STATUS
from cchc_xl.workbook.marking.cell_marks import COLOURS, SWITCH, CellMark, add_looks, colour
from cchc_xl.workbook.marking.cell_notes import add_notes
from cchc_xl.workbook.marking.earlier_marks import take_away
from cchc_xl.workbook.marking.inert_text import inert
from cchc_xl.workbook.marking.new_sheet import put_first
from cchc_xl.workbook.marking.patching import BrokenPart, NotMarkable, Patch
from cchc_xl.workbook.marking.to_fix_sheet import Head, Line, sheet_xml, switch_range, title_row
from cchc_xl.workbook.marking.to_fix_styles import add_styles
from cchc_xl.workbook.reader import read

_WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_SIGNATURES = "_xmlsignatures/"
_COMPARED = 255  # characters that programs compare as they are


def mark(
    content: bytes,
    findings: Sequence[Finding],
    edition: Edition,
    *,
    file: str,
    round_number: int = 1,
    unit: ReportingUnit | None = None,
    compared: str = "",
) -> bytes:
    """The unit's own workbook with marked cells, notes and the sheet "Cần sửa"; marks of earlier rounds are gone.

    ``findings``: everything to say about the file, reading and checks together. ``unit``: as the roster has it; else
    as the file says. ``compared``: a sentence on what became of earlier requests. Raises NotMarkable for a file that
    is no readable .xlsx, is signed, or holds macros.
    """
    how = {"file": file, "round_number": round_number, "unit": unit, "compared": compared}
    return _marked(content, findings, edition, **how)[0]


def patched_parts(
    content: bytes, findings: Sequence[Finding], edition: Edition, *, file: str, round_number: int = 1
) -> tuple[str, ...]:
    """Names of the parts that ``mark`` changes or adds. Raises NotMarkable."""
    return _marked(content, findings, edition, file=file, round_number=round_number, unit=None)[1]


def unmarked(content: bytes, *, file: str) -> bytes:
    """The workbook without the sheet, colours and notes of ``mark``. Raises NotMarkable."""
    try:
        return _without_marks(content)[0]
    except (Refused, BrokenPart) as error:
        raise _not_markable(error, file) from error


def feedback_name(unit: ReportingUnit | UnitName, round_number: int, *, ready: bool) -> str:
    """``11092_Binh-Lang_CAN-SUA_lan-1.xlsx``: who, what to do, which round."""
    return file_name("ready" if ready else "to_fix", unit, round_number)


def _marked(
    content: bytes,
    findings: Sequence[Finding],
    edition: Edition,
    *,
    file: str,
    round_number: int,
    unit: ReportingUnit | None,
    compared: str = "",
) -> tuple[bytes, tuple[str, ...]]:
    """The marked workbook, and the names of the parts that differ from ``content``."""
    try:
        submission = _submission(content, edition, file)
        _check_markable(Patch(content), file)
        clean, cleaned = _without_marks(content)
        patch, book = Patch(clean), Book(clean, Limits())
        lines = tuple(_line(one, book) for one in requests_of(findings, edition, file))
        head = _head(submission, findings, edition, book, round_number=round_number, unit=unit, compared=compared)
        _write(patch, book, lines, head)
        return patch.packed(), tuple(sorted({*cleaned, *patch.changed}))
    except (Refused, BrokenPart) as error:
        raise _not_markable(error, file) from error


def _without_marks(content: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The workbook without the marks of earlier rounds, the same bytes where there are none; names of parts changed."""
    patch = Patch(content)
    take_away(patch, {entry.title: entry.part for entry in Book(content, Limits()).sheets})
    return (patch.packed() if patch.changed else content), patch.changed


def _submission(content: bytes, edition: Edition, file: str) -> Submission:
    """The file as read. Raises NotMarkable when it can't be, or is no unit's workbook."""
    problems = words("feedback")["problems"]
    kind = kind_of(content)
    if kind != "xlsx":
        word = words("reader")["kinds"].get(kind, words("reader")["kinds"]["unknown"])
        raise NotMarkable(file, problems.get(kind) or problems["kind"].format(kind=word))
    first, *others = read(content, file=file, edition=edition)
    if first.refused:
        raise NotMarkable(file, _clause(message(first.findings[0], edition, base_name(file))))
    if others or Book(content, Limits()).properties.get(KIND_NAME) == MASTER_KIND:
        raise NotMarkable(file, problems["master"])
    return first


def _check_markable(patch: Patch, file: str) -> None:
    problems = words("feedback")["problems"]
    if any(name.lower().startswith(_SIGNATURES) for name in patch.package.names):
        raise NotMarkable(file, problems["signed"])
    if patch.content_type(patch.workbook) != _WORKBOOK_TYPE:
        raise NotMarkable(file, problems["template"])


def _not_markable(error: Refused | BrokenPart, file: str) -> NotMarkable:
    if isinstance(error, BrokenPart):
        return NotMarkable(file, words("feedback")["problems"]["broken"].format(part=error.part))
    sentence = sentences()[error.finding]["message"].format(**shown({"file": base_name(file), **error.arguments}))
    return NotMarkable(file, _clause(sentence))


def _clause(sentence: str) -> str:
    """A sentence as part of another one."""
    return sentence[:1].lower() + sentence[1:].rstrip(".")


def _line(request: Request, book: Book) -> Line:
    """A request tied to its cell as this file has it."""
    finding = request.finding
    entry = book.titled(finding.sheet) if finding.sheet else None
    place = position(finding.cell) if entry and finding.cell else None
    cell = book.sheet(entry).cells.get(place) if entry and place else None
    return Line(
        request=request,
        sheet=entry.title if entry else "",
        cell=finding.cell.replace("$", "") if place and finding.cell else "",
        held=_held(cell),
    )


def _held(cell: CellIn | None) -> tuple[bool, str] | None:
    if cell is None or cell.text is None:
        return None
    if cell.kind == "n" and _is_number(cell.text):
        return True, cell.text.strip()
    return False, cell.text


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < float("inf")
    except ValueError:
        return False


def _head(
    submission: Submission,
    findings: Sequence[Finding],
    edition: Edition,
    book: Book,
    *,
    round_number: int,
    unit: ReportingUnit | None,
    compared: str,
) -> Head:
    ui = words("feedback")["sheet"]
    who = unit or submission.unit
    title = ui["nobody"] if who is None else f"{unit_title(who)} ({who.code})" if who.code else unit_title(who)
    period = period_title(submission.period, edition) or ui["no_period"]
    ready = is_ready(findings)
    status = book.titled(words("sheets")["sheets"][STATUS])
    return Head(
        title=ui["heading_ready" if ready else "heading"],
        about=ui["about"].format(unit=title, period=period, round=round_number),
        counts=f"{ui['counts'].format(counts=counts_sentence(findings))} {compared}".strip(),
        how=tuple(ui["how_ready" if ready else "how"]),
        status=status.title if status else "",
    )


def _write(patch: Patch, book: Book, lines: Sequence[Line], head: Head) -> None:
    styles = patch.target(patch.workbook, "styles")
    if styles is None or not patch.has(styles):
        raise BrokenPart(styles or "styles.xml")
    parts = {entry.title: entry.part for entry in book.sheets}
    looks = add_styles(patch, styles)
    dxfs = add_looks(patch, styles, COLOURS)
    marks: dict[str, list[CellMark]] = defaultdict(list)
    notes: dict[str, dict[str, list[Request]]] = defaultdict(dict)
    for row, line in enumerate(lines, start=1):
        if not line.cell or line.request.kind not in COLOURS:
            continue
        part = parts[line.sheet]
        if all(one.cell != line.cell for one in marks[part]):  # the most urgent comes first
            marks[part].append(CellMark(line.cell, line.request.kind, row, _changes(line, book)))
        notes[part].setdefault(line.cell, []).append(line.request)
    for part, ones in marks.items():
        colour(patch, part, ones, dxfs)
        add_notes(patch, part, {cell: _note(asked) for cell, asked in notes[part].items()})
    title = _free_title(book)
    names = {SWITCH: switch_range(title, head, lines)}
    local = {"_xlnm.Print_Titles": title_row(title, head)}
    put_first(patch, title, sheet_xml(head, lines, looks, patch.space), names, local)


def _changes(line: Line, book: Book) -> bool:
    """Whether the mark may end when the value changes: not for formulas, which change by themselves."""
    entry, place = book.titled(line.sheet), position(line.cell)
    cell = book.sheet(entry).cells.get(place) if entry and place else None
    if cell is None:
        return True
    text = cell.text or ""
    return cell.formula is None and cell.kind not in ("b", "e", "d") and inert(text) == text and len(text) <= _COMPARED


def _note(asked: Sequence[Request]) -> str:
    """What the note on a cell says: the most urgent request in full, then the others."""
    ui = words("feedback")["note"]
    blocks = []
    for one in asked:
        rule = one.finding.rule
        lines = [(ui["head_rule"] if rule else ui["head"]).format(kind=one.kind_word, rule=rule), one.message]
        lines.append(ui["advice"].format(text=one.advice))
        lines += [ui["cause"].format(text=cause) for cause in one.causes]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _free_title(book: Book) -> str:
    """The sheet's title, numbered where the unit has a sheet of that name of its own."""
    ui, number = words("feedback")["sheet"], 2
    title = str(ui["title"])
    while book.titled(title):
        title = str(ui["title_again"]).format(number=number)
        number += 1
    return title
