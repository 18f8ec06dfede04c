"""The official workbook that a commune fills in: blank, prefilled, or filled (samples and tests)."""

import warnings
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Any

from cchc_xl.errors import DefinitionError
from cchc_xl.files import canonical_zip
from cchc_xl.model import Edition, Period, ReportingUnit
from cchc_xl.workbook.layout import (
    ABOUT,
    DOCUMENTS,
    EDITION_NAME,
    FIRST_ROW,
    HELP,
    KIND_NAME,
    LEVEL_NAME,
    PERIOD_NAME,
    STATUS,
    UNIT_NAME,
    WORDS,
    name_of,
    sheet_of,
)
from cchc_xl.workbook.official.about_sheet import FIRST_FIELD, about_of, printed_row, write_about
from cchc_xl.workbook.official.cell_states import quoted
from cchc_xl.workbook.official.form_sheet import write_form
from cchc_xl.workbook.official.growing_rows import growing
from cchc_xl.workbook.official.plan import Fill, Plan, plan, texts
from cchc_xl.workbook.official.review_sheet import Review, write_review
from cchc_xl.workbook.official.status import write_status
from cchc_xl.workbook.official.status_rows import status_rows
from cchc_xl.workbook.official.styles import BASE_SIZE, FONT, formats
from cchc_xl.workbook.official.words_sheets import (
    DOCUMENT_HEAD,
    document_rows,
    write_documents,
    write_help,
    write_words,
)

__all__ = ["Fill", "build"]

MADE_ON = datetime(2022, 1, 1)  # one date for all, so that equal content gives equal bytes


def build(
    edition: Edition,
    *,
    period: Period | None = None,
    unit: ReportingUnit | None = None,
    consolidating: ReportingUnit | None = None,
    level: str | None = None,
    fill: Fill | None = None,
    review: Review | None = None,
    kind: str = "",
) -> bytes:
    """The workbook as .xlsx bytes, every formula with the value it shows; equal arguments give equal bytes.

    ``unit`` personalises it, ``consolidating`` names whom to ask, ``level`` is the unit's or the edition's when not
    given; ``review`` adds the sheet on how a Word report was read, ``kind`` says
    of what kind the workbook is where it is no unit's own. Raises DefinitionError where a text of the edition
    or of ``ui/sheets.toml`` is beyond Excel's limits.
    """
    level = level or (unit.level if unit else "") or edition.level
    planned = plan(edition, period=period, unit=unit, consolidating=consolidating, level=level, fill=fill or Fill())
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # XlsxWriter warns where Excel would drop what we wrote
        try:
            return canonical_zip(growing(_write(planned, review, kind), _growing_rows(planned)))
        except UserWarning as problem:
            raise DefinitionError((str(problem),)) from problem


def _write(planned: Plan, review: Review | None, kind: str) -> bytes:
    import xlsxwriter

    content = BytesIO()
    options = {
        "in_memory": True,
        "default_format_properties": {"font_name": FONT, "font_size": BASE_SIZE},
        "strings_to_numbers": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    book = xlsxwriter.Workbook(content, options)
    _sheets(book, planned, review)
    _names(book, planned)
    _properties(book, planned)
    if kind:
        book.set_custom_property(KIND_NAME, kind, "text")
    book.close()
    return content.getvalue()


def _growing_rows(planned: Plan) -> Mapping[int, tuple[int, int]]:
    """Rows in which a clerk may type more than one line, by the number of the sheet."""
    forms = planned.edition.forms
    status = status_rows(planned.edition, planned.rules, planned.level)
    rows = {number: (FIRST_ROW, FIRST_ROW + len(form.indicators) - 1) for number, form in enumerate(forms, start=2)}
    rows[1] = (FIRST_FIELD, printed_row() - 1)
    rows[len(forms) + 2] = (DOCUMENT_HEAD + 1, DOCUMENT_HEAD + document_rows(planned))
    rows[len(forms) + 4] = (status.first, status.last)
    return rows


def _sheets(book: Any, planned: Plan, review: Review | None) -> None:
    names, edition = texts()["sheets"], planned.edition
    style = formats(book, str(edition.words["zero_over_zero"]))
    about, status = about_of(planned), status_rows(edition, planned.rules, planned.level)
    about_sheet = book.add_worksheet(names[ABOUT])
    forms = [(book.add_worksheet(sheet_of(edition, form)), form) for form in edition.forms]
    others = {kind: book.add_worksheet(names[kind]) for kind in (DOCUMENTS, WORDS, STATUS, HELP)}
    write_about(about_sheet, style, planned, about)
    for sheet, form in forms:
        write_form(sheet, style, planned, form, about, status)
    write_documents(others[DOCUMENTS], style, planned)
    write_words(others[WORDS], style, planned)
    write_status(others[STATUS], style, planned, status)
    write_help(others[HELP], style, planned)
    if review:
        write_review(book, style, planned, review)
    about_sheet.activate()


def identity_of(planned: Plan) -> Mapping[str, str]:
    """Identity name -> text; empty where the clerk is to type it."""
    return {
        EDITION_NAME: planned.edition.id,
        UNIT_NAME: planned.unit.code if planned.unit else "",
        PERIOD_NAME: planned.period.code if planned.period else "",
        LEVEL_NAME: planned.level,
    }


def _names(book: Any, planned: Plan) -> None:
    for name, text in identity_of(planned).items():
        book.define_name(name, f"={quoted(text)}")
    for row in planned.edition.indicators:
        if row.has_cell:
            book.define_name(name_of(row), "=" + planned.place[row.key].absolute())


def _properties(book: Any, planned: Plan) -> None:
    book.set_properties({"title": planned.edition.title, "created": MADE_ON})
    for name, text in identity_of(planned).items():
        if text:
            book.set_custom_property(name, text, "text")
    book.set_calc_mode("auto")
