"""The one-page letter "Phiếu đề nghị chỉnh sửa, bổ sung số liệu" in the form of Nghị định 30/2020."""

import unicodedata
from collections.abc import Mapping, Sequence
from io import BytesIO

from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.requests import (
    ASKED,
    Request,
    base_name,
    counts_sentence,
    is_ready,
    period_title,
    requests_of,
    unit_title,
)
from cchc_xl.files import canonical_zip
from cchc_xl.model import Edition, Finding, ReportingUnit, Submission
from cchc_xl.text import without_controls
from cchc_xl.word import paper
from cchc_xl.word.placing import fit_for_xml

_COLUMNS = (10, 31, 69, 50)  # mm: number, place, what is wrong, what to do
_BODY, _SMALL = 13.0, 11.0  # points
_WIDTH = 160  # mm between the margins
_POINTS = 72 / 25.4
_ROOM = 252 * _POINTS  # of the 257 mm between the margins
_FRAME = 275.0  # points: letterhead, title, receiver, head of the table, signature
_LEADING = 1.16  # height of a line over its size
_THIN, _USUAL, _CAPITAL, _BROAD = 0.29, 0.49, 0.69, 0.9  # widths of letters over their size
_THIN_LETTERS, _BROAD_LETTERS = frozenset(" ,.·/:;ijltf!()-I[]'|\u00a0"), frozenset("mwMW%—…@&")
_AROUND = ("intro", "before", "ask", "contact")  # paragraphs beside the table
_LONGEST = 420  # characters of one request; the sheet "Cần sửa" has the rest


def build(
    submission: Submission,
    findings: Sequence[Finding],
    edition: Edition,
    *,
    marked: str,
    unit: ReportingUnit | None = None,
    sender: ReportingUnit | None = None,
    round_number: int = 1,
    deadline: str = "",
    before: str = "",
) -> bytes:
    """The letter as .docx, one page, reproducible: what has to be corrected or explained, the most urgent first.

    ``marked``: name of the marked workbook that goes with it. ``unit``: the receiver as the roster has it, else as
    the workbook says; ``sender``: the consolidating unit. ``deadline`` is printed as given, a blank to fill if none.
    ``before``: a sentence on what became of earlier requests, "" for a first letter. What does not fit the page is
    counted. Notes are left to the workbook.
    """
    slip = words("feedback")["slip"]
    texts = _texts(submission, findings, edition, marked, unit, sender, deadline) | {"before": before}
    asked = [one for one in requests_of(findings, edition, submission.file) if one.kind in ASKED]
    word = paper.new_paper(slip["title_property"])
    _letterhead(word, edition, submission, sender)
    _title(word, texts, round_number, ready=is_ready(findings))
    _body(word, texts["intro"])
    if before:
        _body(word, fit_for_xml(before))
    if asked:
        _requests(word, asked, texts)
        _body(word, texts["ask"]).paragraph_format.space_before = Pt(6)
    if texts["contact"]:
        _body(word, texts["contact"])
    _signature(word)
    out = BytesIO()
    word.save(out)
    return canonical_zip(out.getvalue())


def _texts(
    submission: Submission,
    findings: Sequence[Finding],
    edition: Edition,
    marked: str,
    unit: ReportingUnit | None,
    sender: ReportingUnit | None,
    deadline: str,
) -> dict[str, str]:
    slip = words("feedback")["slip"]
    who = unit or submission.unit
    title = unit_title(who) if who else slip["nobody"]
    blanks = {
        "unit": title,
        "period": period_title(submission.period, edition) or slip["no_period"],
        "file": base_name(submission.file),
        "sender": slip["authority_sentence"].format(unit=unit_title(sender)) if sender else slip["sender"],
        "counts": counts_sentence(findings),
        "marked": without_controls(marked),
        "deadline": slip["deadline"].format(deadline=deadline) if deadline else slip["no_deadline"],
    }
    texts = {name: slip[name].format(**blanks) for name in ("receiver", "ask")}
    texts["intro"] = slip["intro_ready" if is_ready(findings) else "intro"].format(**blanks)
    return {**texts, "period": blanks["period"], "contact": _contact(sender)}


def _contact(sender: ReportingUnit | None) -> str:
    if sender is None or not sender.contact:
        return ""
    slip = words("feedback")["slip"]
    who = slip["contact_phone"].format(contact=sender.contact, phone=sender.phone) if sender.phone else sender.contact
    return str(slip["contact"]).format(contact=without_controls(who))


def _letterhead(word: Word, edition: Edition, submission: Submission, sender: ReportingUnit | None) -> None:
    letter, slip = words("word")["letter"], words("feedback")["slip"]
    left, right = paper.frame(word, 64, 96)
    if sender:
        levels: Mapping = edition.words["levels"]  # type: ignore[assignment]
        body = levels.get(sender.level, levels[edition.level])["body"]
        paper.line(left, body, size=12, bold=True)
        paper.line(left, fit_for_xml(unit_title(sender).upper()), size=12, bold=True)
    else:
        paper.line(left, slip["authority_blank"], size=12, bold=True)
    paper.rule(left, 2.1)
    paper.line(left, slip["number"], size=12)
    paper.line(right, letter["nation"], size=12, bold=True)
    paper.line(right, letter["motto"], size=12, bold=True)
    paper.rule(right, 2.4)
    place = fit_for_xml(without_controls(sender.title)) if sender else letter["place_blank"]
    blank, year = letter["day_blank"], (submission.period or "")[:4]
    date = letter["place_date"].format(
        place=place, day=blank, month=blank, year=year if year.isdecimal() else slip["year_blank"]
    )
    paper.line(right, date, size=12, italic=True)


def _title(word: Word, texts: Mapping[str, str], round_number: int, *, ready: bool) -> None:
    slip = words("feedback")["slip"]
    paper.line(word, slip["kind"], bold=True).paragraph_format.space_before = Pt(8)
    paper.line(word, slip["subject_ready" if ready else "subject"], size=_BODY, bold=True)
    period = slip["subject_period"].format(period=texts["period"], round=round_number)
    paper.line(word, fit_for_xml(period), size=_BODY, bold=True)
    paper.rule(word, 6.2)
    to = paper.line(word, fit_for_xml(slip["to"].format(receiver=texts["receiver"])), size=_BODY, after=6)
    to.paragraph_format.space_before = Pt(4)


def _body(word: Word, text: str) -> Paragraph:
    paragraph = word.add_paragraph(style=paper.BODY)
    run = paragraph.add_run(fit_for_xml(text))
    run.font.size = Pt(_BODY)
    paragraph.paragraph_format.space_after = Pt(4)
    return paragraph


def _requests(word: Word, asked: Sequence[Request], texts: Mapping[str, str]) -> None:
    """The table, as many rows as the page holds, and how many more there are."""
    slip = words("feedback")["slip"]
    rows = [_cells(one) for one in asked]
    shown = _fitting(rows, texts)
    table = word.add_table(rows=1 + shown, cols=len(_COLUMNS))
    table.style = "Table Grid"
    table.autofit = False
    paper.fix_widths(table, _COLUMNS)
    for cell, title in zip(table.rows[0].cells, slip["columns"], strict=True):
        _cell(cell, title, bold=True, centred=True)
    for row, cells in zip(table.rows[1:], rows, strict=False):
        paper.keep_whole(row)
        for number, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
            _cell(cell, text, centred=number == 0)
    if shown < len(rows):
        more = paper.line(
            word,
            slip["more"].format(n=len(rows) - shown),
            size=_SMALL,
            italic=True,
            align=WD_ALIGN_PARAGRAPH.LEFT,
        )
        more.paragraph_format.space_before = Pt(3)


def _cells(request: Request) -> tuple[str, str, str, str]:
    slip = words("feedback")["slip"]
    said = slip["message"].format(kind=request.kind_word, message=without_controls(request.message))
    if request.causes:
        said += " " + slip["cause"].format(cause=without_controls(request.causes[0]))
    return str(request.number), request.place, _cut(said), _cut(without_controls(request.advice))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST].rstrip() + words("feedback")["sheet"]["cut"]


def _fitting(rows: Sequence[Sequence[str]], texts: Mapping[str, str]) -> int:
    """How many rows fit the page, at least one."""
    around = sum(_lines(texts[name], _WIDTH, _BODY) for name in _AROUND if texts[name])
    left = _ROOM - _FRAME - around * _BODY * _LEADING
    for number, row in enumerate(rows):
        high = max(_lines(text, wide - 4, _SMALL) for text, wide in zip(row, _COLUMNS, strict=True))
        left -= high * _SMALL * _LEADING + 5
        if left < (0 if number == len(rows) - 1 else _SMALL * 2):
            return max(number, 1)
    return len(rows)


def _lines(text: str, width: float, size: float) -> int:
    """Lines a text takes in a column of ``width`` mm, a little more rather than less."""
    room, lines, used = width * _POINTS / size, 1, 0.0
    for word in text.split(" "):
        long = _long(word)
        if used and used + _THIN + long > room:
            lines, used = lines + 1, 0.0
        used += long + (_THIN if used else 0.0)
        while used > room:  # a word longer than the line is broken
            lines, used = lines + 1, used - room
    return lines


def _long(word: str) -> float:
    """How long a word is over the size of its letters, by four widths of Times New Roman."""
    letters = [unicodedata.normalize("NFD", letter)[0] for letter in word]
    return sum(
        _THIN if one in _THIN_LETTERS else _BROAD if one in _BROAD_LETTERS else _CAPITAL if one.isupper() else _USUAL
        for one in letters
    )


def _cell(cell, text: str, *, bold: bool = False, centred: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.style = paper.TABLE
    run = paragraph.add_run(fit_for_xml(text))
    run.font.size, run.font.bold = Pt(_SMALL), bold or None
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _signature(word: Word) -> None:
    slip = words("feedback")["slip"]
    left, right = paper.frame(word, 80, 80)
    to_left = WD_ALIGN_PARAGRAPH.LEFT
    paper.line(left, slip["receivers_title"], size=12, bold=True, italic=True, align=to_left)
    for receiver in slip["receivers"]:
        paper.line(left, receiver, size=11, align=to_left)
    for number, capacity in enumerate(slip["capacity"], start=1):
        last = number == len(slip["capacity"])
        paper.line(right, capacity, size=_BODY, bold=True, after=54 if last else 0)
    paper.line(right, "", size=_BODY)
    paper.keep_together(left, right)
