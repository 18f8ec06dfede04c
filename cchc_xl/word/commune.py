"""A reporting unit's own Word report, made from its workbook, in the form of Nghị định 30/2020.

What the clerk typed is text: it never passes through a template.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from docx.document import Document as Word
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt
from docx.table import Table

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.requests import period_title
from cchc_xl.editions.unit_names import with_type
from cchc_xl.files import canonical_zip
from cchc_xl.model import Edition, Form, Indicator, ReportingUnit, Submission
from cchc_xl.text import nfc, without_controls
from cchc_xl.word import official, paper
from cchc_xl.word.letter import capacity_lines, date_parts, report_number
from cchc_xl.word.own_figures import Entries, cell_text, has_rows, right_entries, sentences
from cchc_xl.word.placing import fit_for_xml
from cchc_xl.word.tables import printed_label
from cchc_xl.word.tags import Styled

_LINES = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_DOCUMENT_COLUMNS = (13, 33, 27, 28, 59)  # mm
_ROMAN = ("I", "II")
_VALUE, _NOTE, _NOTE_SIZE = 3, 4, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """The names in the frame of the report. ``unit``: as in a sentence; ``authority``: its People's Committee."""

    unit: str
    authority: str
    body: str
    period: str
    number: str
    place_date: str
    date: str
    receiver: str
    capacity: str
    signer: str


def build(
    submission: Submission,
    edition: Edition,
    *,
    unit: ReportingUnit | None = None,
    consolidating: ReportingUnit | None = None,
) -> bytes:
    """The report as .docx, reproducible: letterhead, outline with figures and words, list of documents, the forms.

    ``unit``: as the roster has it (its type and printed name), else the workbook's own name; ``consolidating``: whom
    it goes to. Blank rows stay blank; ratios and totals are the recomputed ones.
    """
    frame = _frame(submission, edition, unit, consolidating)
    entries = right_entries(submission.entries, edition)
    word = paper.new_paper(words("commune")["letter"]["title_property"])
    letter = words("word")["letter"]
    number = letter["number"].format(number=frame.number, symbol=letter["symbol"])
    issuer = (frame.body, frame.unit.upper())
    official.letterhead(word, issuer=issuer, number=number, place_date=frame.place_date)
    subject = words("commune")["letter"]["subject"].format(period=frame.period)
    official.title_block(word, subject=subject, receiver=frame.receiver)
    _body(word, submission, edition, entries, frame)
    receivers = words("commune")["letter"]["receivers"]
    official.signature(word, receivers=receivers, capacity=frame.capacity, signer=frame.signer)
    _annexes(word, submission, edition, entries, frame)
    out = BytesIO()
    word.save(out)
    return canonical_zip(out.getvalue())


def _frame(
    submission: Submission, edition: Edition, unit: ReportingUnit | None, consolidating: ReportingUnit | None
) -> _Frame:
    letter, own, about = words("word")["letter"], words("commune")["letter"], submission.about
    name, level = _unit_name(submission, edition, unit), (unit.level if unit else "") or submission.level
    levels: Mapping = edition.words["levels"]  # type: ignore[assignment]
    year = (submission.period or "")[:4] if _is_known(submission.period, edition) else letter["day_blank"]
    day, month, year = date_parts(about.get("report_date", ""), year, letter["day_blank"])
    place = about.get("place", "").strip() or (unit.title if unit else letter["place_blank"])
    receiver = letter["authority"].format(unit=consolidating.full_name) if consolidating else letter["receiver_blank"]
    texts = {
        "unit": name,
        "authority": letter["authority"].format(unit=name),
        "body": levels.get(level, levels[edition.level])["body"],
        "period": period_title(submission.period, edition) or about.get("period", "").strip() or own["no_period"],
        "number": report_number(about.get("report_number", "")) or own["number_blank"],
        "place_date": letter["place_date"].format(place=place, day=day, month=month, year=year),
        "date": letter["annex_date"].format(day=day, month=month, year=year),
        "receiver": receiver,
        "signer": about.get("signer", "").strip(),
    }
    capacity = capacity_lines(about.get("signer_capacity", ""), letter["capacity"])
    return _Frame(capacity=fit_for_xml(capacity), **{field: _one_line(text) for field, text in texts.items()})


def _is_known(period: str | None, edition: Edition) -> bool:
    return bool(period) and (period or "").partition("-")[2] in edition.period_kinds


def _one_line(text: str) -> str:
    return fit_for_xml(without_controls(text))


def _unit_name(submission: Submission, edition: Edition, unit: ReportingUnit | None) -> str:
    """With its type word: the roster's, the workbook's own, else the word of its level."""
    if unit:
        return unit.full_name
    name = nfc(submission.about.get("unit_name", "") or (submission.unit.name if submission.unit else ""))
    if not name:
        return str(words("commune")["letter"]["no_unit"])
    return with_type(name, submission.level or edition.level, edition)


def _body(word: Word, submission: Submission, edition: Edition, entries: Entries, frame: _Frame) -> None:
    own = words("commune")["letter"]
    blanks = {"authority": frame.authority, "period": frame.period}
    _paragraph(word, own["intro"].format(**blanks))
    sections = {title.partition(".")[0]: title for title in words("word")["headings"].values()}
    open_section = ""
    for part in edition.words["outline"]:  # type: ignore[attr-defined]
        numeral, _, rest = part["title"].partition(".")
        if rest[:1].isdigit() and numeral != open_section and numeral in sections:
            official.heading_line(word, sections[numeral])
        open_section = numeral
        official.heading_line(word, part["title"])
        _section(word, part["id"], submission, entries, edition)
    _paragraph(word, _annexed(bool(submission.documents)))
    _paragraph(word, own["end"].format(**blanks)).paragraph_format.keep_with_next = True


def _section(word: Word, heading: str, submission: Submission, entries: Entries, edition: Edition) -> None:
    told = sentences(heading, entries, edition)
    said = [line for line in _LINES.split(submission.words.get(heading, "")) if line.strip()]
    for text in (*told, *said):
        _paragraph(word, text)
    if not told and not said:
        waits = has_rows(heading, edition)
        _paragraph(word, words("commune")["letter"]["nothing" if waits else "nothing_said"])


def _annexed(documents: bool) -> str:
    said = words("commune")["annex"]
    first, second = (said["numbered"].format(roman=roman) for roman in _ROMAN)
    annexed = words("commune")["letter"]["annexed_documents" if documents else "annexed"]
    return str(annexed).format(annex=first if documents else said["one"], documents=second)


def _paragraph(word: Word, text: str):
    return word.add_paragraph(fit_for_xml(text), style=paper.BODY)


def _annexes(word: Word, submission: Submission, edition: Edition, entries: Entries, frame: _Frame) -> None:
    """The forms; and the list of documents when there is one, both then numbered."""
    said = words("commune")["annex"]
    numbered = bool(submission.documents)
    place = said["forms"].format(title=edition.words["appendix"], period=frame.period.upper(), unit=frame.unit.upper())
    _annex_head(word, 0 if numbered else None, place, edition, frame)
    for form in edition.forms:
        _form(word, form, entries, edition, frame)
    if numbered:
        _annex_head(word, 1, said["documents"], edition, frame)
        _documents(word, submission.documents)


def _annex_head(word: Word, place: int | None, title: str, edition: Edition, frame: _Frame) -> None:
    said = words("commune")["annex"]
    paper.new_section(word)
    paper.line(word, said["one"] if place is None else said["numbered"].format(roman=_ROMAN[place]), bold=True)
    name = paper.line(word, title, bold=True)
    name.paragraph_format.left_indent = name.paragraph_format.right_indent = Cm(1)
    if edition.words.get("mark"):
        paper.line(word, str(edition.words["mark"]), italic=True)
    of = said["of"].format(number=frame.number, date=frame.date, authority=frame.authority)
    paper.line(word, of, italic=True, after=6)


def _form(word: Word, form: Form, entries: Entries, edition: Edition, frame: _Frame) -> None:
    name = str(edition.words["form"]).format(number=form.number)
    for text, before in ((name, 12), (form.title, 0)):
        head = paper.line(word, text, bold=True, after=0 if before else 6)
        head.paragraph_format.space_before = Pt(before)
        head.paragraph_format.keep_with_next = True
    table = _table(word, 2 + len(form.indicators), official.COLUMNS)
    official.form_head(table, edition, frame.period)
    for row, indicator in zip(list(table.rows)[2:], form.indicators, strict=True):
        _form_row(row, indicator, entries)


def _form_row(row, indicator: Indicator, entries: Entries) -> None:
    entry = entries[indicator.key]
    whole = bool(indicator.bold) and indicator.bold.rstrip(".") == indicator.label.rstrip(".")
    texts = (indicator.printed_code, "", indicator.unit, cell_text(entry, indicator), entry.note)
    for number, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
        small = _NOTE_SIZE if number == _NOTE else None
        paragraph = official.cell_text(cell, fit_for_xml(text), bold=whole and not number, size=small)
        if number in (2, _VALUE):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if number == 1:
            _label(paragraph, indicator)
    paper.keep_whole(row)


def _label(paragraph, indicator: Indicator) -> None:
    for piece in printed_label(indicator):
        run = paragraph.add_run(str(piece))
        if isinstance(piece, Styled):
            run.font.bold, run.font.italic = piece.bold or None, piece.italic or None


def _documents(word: Word, documents: Sequence[tuple[str, str, str, str]]) -> None:
    columns = words("commune")["annex"]["columns"]
    table = _table(word, 1 + len(documents), _DOCUMENT_COLUMNS)
    head, *rows = list(table.rows)
    for cell, title in zip(head.cells, columns, strict=True):
        official.cell_text(cell, title, bold=True).alignment = WD_ALIGN_PARAGRAPH.CENTER
    paper.keep_whole(head)
    paper.repeat_as_head(head)
    for number, (row, document) in enumerate(zip(rows, documents, strict=True), start=1):
        for place, (cell, text) in enumerate(zip(row.cells, (str(number), *document), strict=True)):
            paragraph = official.cell_text(cell, fit_for_xml(text))
            if place in (0, 2):
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paper.keep_whole(row)


def _table(word: Word, rows: int, columns: tuple[float, ...]) -> Table:
    table = word.add_table(rows=rows, cols=len(columns))
    table.style = "Table Grid"
    table.autofit = False
    paper.fix_widths(table, columns)
    return table
