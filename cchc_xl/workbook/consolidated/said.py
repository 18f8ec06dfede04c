"""The sheet with what units wrote beside their numbers. Nothing but text, so that the next level up can read it."""

from collections.abc import Iterator, Mapping

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Counted
from cchc_xl.workbook.consolidated.cells import inside, link, write_text
from cchc_xl.workbook.consolidated.plan import Plan
from cchc_xl.workbook.consolidated.styles import Styles, height
from cchc_xl.workbook.layout import address
from cchc_xl.workbook.said import (
    COLUMNS,
    FIRST_ROW,
    HEAD_ROW,
    LONGEST,
    PARTING,
    header,
    kind_words,
    sheet_name,
    titles_of,
)

_WIDTHS = {"unit_code": 10, "unit_name": 22, "role": 10, "kind": 12, "item": 48, "text": 90, "file": 36, "sha256": 66}


def write_said(workbook: Workbook, plan: Plan, styles: Styles) -> None:
    """Explanations, words and documents of every unit that counts, in the order of the units."""
    sheet = workbook.add_worksheet(sheet_name())
    write_text(sheet, 0, 0, words("master")["said"]["title"], styles.of("title"))
    link(sheet, 1, 0, inside(words("master")["sheets"]["overview"]), styles.of("link"), text=words("master")["back"])
    for column, (name, title) in enumerate(zip(COLUMNS, header(), strict=True)):
        sheet.set_column(column, column, _WIDTHS[name])
        write_text(sheet, HEAD_ROW, column, title, styles.of("source_head"))
    plain, wrapped = styles.of("source_text", valign="top"), styles.of("source_text", text_wrap=True, valign="top")
    row = FIRST_ROW
    for counted in plan.counted:
        for texts in _rows(counted, titles_of(plan.edition)):
            for column, (name, text) in enumerate(zip(COLUMNS, texts, strict=True)):
                write_text(sheet, row, column, text, wrapped if name == "text" else plain)
            sheet.set_row(row, min(400, height(texts[COLUMNS.index("text")], _WIDTHS["text"], size=10)))
            row += 1
    _finish(sheet, max(row - 1, FIRST_ROW))


def _rows(counted: Counted, titles: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    submission, unit = counted.submission, counted.unit
    assert submission
    role = words("master")["sources"]["own_role"] if unit.consolidating else ""
    documents = {f"{n:03}": PARTING.join(row) for n, row in enumerate(submission.documents, start=1)}
    said = {titles.get(heading, heading): text for heading, text in submission.words.items()}
    listed = {"explanations": submission.explanations, "words": said, "documents": documents}
    for kind, word in kind_words().items():
        for item, text in listed[kind].items():
            for start in range(0, len(text), LONGEST):
                part = text[start : start + LONGEST]
                yield (unit.code, unit.title, role, word, item, part, submission.file, submission.sha256)


def _finish(sheet: Worksheet, last: int) -> None:
    sheet.freeze_panes(FIRST_ROW, 2)
    sheet.autofilter(HEAD_ROW, 0, last, len(COLUMNS) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{address(last, len(COLUMNS) - 1)}"})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD_ROW)
    sheet.print_area(0, 0, last, COLUMNS.index("text"))
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
    sheet.set_footer("&L&A&C&P/&N")
