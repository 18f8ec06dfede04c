"""The sheet Rà soát of a workbook filled from a Word report: what was read, from where, how surely."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cchc_xl.editions.catalogue import words
from cchc_xl.workbook.layout import column_letters
from cchc_xl.workbook.marking.inert_text import visible
from cchc_xl.workbook.official.plan import Plan
from cchc_xl.workbook.official.row_heights import height, plain
from cchc_xl.workbook.official.styles import PROTECTION, page

FORM, CODE, LABEL, PRINTED, READ, PLACE, SURENESS, REASON, MENTIONS = range(9)
WIDTHS = (48, 62, 270, 110, 92, 110, 84, 190, 330)  # pixels
_LAST = len(WIDTHS) - 1
_CENTRED = (FORM, CODE, PRINTED, READ, SURENESS)
_ODD_SPANS = ((0, 1), (2, 2), (3, 7), (8, 8))  # columns of severity, place, message, advice
_UNSURE, _QUITE_SURE = 0.8, 1.0  # below the first a person has to look
_HIGHEST = 400.0
_LONGEST = 2_000  # characters of a cell here


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """One row of the edition. ``sureness``: 0 to 1; ``has_number``: a number or KPS was read."""

    key: str
    printed: str
    read: str
    place: str
    sureness: float
    reason: str
    mentions: str
    has_number: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What the sheet shows. ``oddities``: (severity, place, message, advice)."""

    file: str
    rows: tuple[ReviewRow, ...]
    oddities: tuple[tuple[str, str, str, str], ...] = ()


def write_review(book: Any, style: Mapping[str, Any], plan: Plan, review: Review) -> None:
    """Add the sheet after the others."""
    said = words("intake")["review"]
    sheet = book.add_worksheet(said["sheet"])
    for column, width in enumerate(WIDTHS):
        sheet.set_column_pixels(column, column, width)
    _over(sheet, 0, said["title"], style["title"], 13, least=26)
    _over(sheet, 1, said["subtitle"].format(file=visible(review.file)), style["text"], 12)
    _over(sheet, 2, _facts(review), style["section"], 12, least=22)
    row = _oddities(sheet, style, review, 4)
    head = row + 2
    _over(sheet, head - 1, said["rows_head"], style["section"], 12, least=24)
    for column, title in enumerate(said["columns"]):
        sheet.write_string(head, column, title, style["head"])
    sheet.set_row(head, 34)
    for number, one in enumerate(review.rows, start=head + 1):
        _row(sheet, style, plan, one, number)
    last = head + len(review.rows)
    sheet.autofilter(head, 0, last, _LAST)
    sheet.repeat_rows(head)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{column_letters(_LAST)}{last + 1}"})
    sheet.print_area(0, 0, last, _LAST)
    page(sheet, landscape=True, footer=said["sheet"])
    sheet.protect("", dict(PROTECTION))


def _over(sheet: Any, row: int, text: str, look: Any, size: float, *, least: float = 0) -> None:
    sheet.merge_range(row, 0, row, _LAST, text, look)
    sheet.set_row(row, height([(plain(text), sum(WIDTHS), size)], least=least))


def _facts(review: Review) -> str:
    rows = review.rows
    return str(words("intake")["review"]["facts"]).format(
        all=len(rows),
        read=sum(one.sureness > 0 for one in rows),
        numbers=sum(one.has_number for one in rows),
        blank=sum(one.sureness > 0 and not one.has_number for one in rows),
        unsure=sum(one.sureness < _UNSURE for one in rows),
    )


def _oddities(sheet: Any, style: Mapping[str, Any], review: Review, row: int) -> int:
    """What was odd, a line each; returns the row after it."""
    said = words("intake")["review"]
    _over(sheet, row, said["odd_head"], style["section"], 12, least=24)
    if not review.oddities:
        _over(sheet, row + 1, said["nothing_odd"], style["text"], 12)
        return row + 2
    _spanned(sheet, row + 1, said["odd_columns"], (style["head"],) * 4)
    for number, (severity, *texts) in enumerate(review.oddities, start=row + 2):
        mark = {"error": "sample_error", "warning": "sample_warning"}.get(severity, "sample_note")
        looks = (style[mark], style["cell_centre"], style["cell"], style["cell"])
        _spanned(sheet, number, (said["severities"][severity], *texts), looks)
    return row + 2 + len(review.oddities)


def _spanned(sheet: Any, row: int, texts: Sequence[str], looks: Sequence[Any]) -> None:
    cells = []
    for (first, last), text, look in zip(_ODD_SPANS, texts, looks, strict=True):
        shown = _text(text)
        if first != last:
            sheet.merge_range(row, first, row, last, "", look)
        _put(sheet, row, first, shown, look)
        cells.append((plain(shown), sum(WIDTHS[first : last + 1]), 11))
    sheet.set_row(row, min(height(cells, least=20), _HIGHEST))


def _row(sheet: Any, style: Mapping[str, Any], plan: Plan, one: ReviewRow, row: int) -> None:
    indicator, place = plan.edition.by_key[one.key], plan.place[one.key]
    texts = {
        FORM: str(indicator.form),
        LABEL: indicator.label,
        PRINTED: one.printed,
        READ: one.read,
        PLACE: one.place,
        SURENESS: _sureness(one.sureness),
        REASON: one.reason,
        MENTIONS: one.mentions,
    }
    for column, text in texts.items():
        look = "cell_centre" if column in _CENTRED else "cell"
        _put(sheet, row, column, _text(text), style[_marked(one, column) or look])
    sheet.write_url(row, CODE, f"internal:'{place.sheet}'!{place.cell()}", style["link_centre"], indicator.code)
    cells = [(plain(_text(text)), WIDTHS[column], 11) for column, text in texts.items()]
    sheet.set_row(row, min(height(cells, least=18), _HIGHEST))


def _put(sheet: Any, row: int, column: int, text: str, look: Any) -> None:
    if text:
        sheet.write_string(row, column, text, look)
    else:
        sheet.write_blank(row, column, None, look)


def _marked(one: ReviewRow, column: int) -> str:
    """Colours where a person has to look."""
    if column != SURENESS or one.sureness >= _QUITE_SURE:
        return ""
    return "sample_warning" if one.sureness < _UNSURE else "sample_note"


def _sureness(sureness: float) -> str:
    return next(word for least, word in words("intake")["review"]["sureness"] if sureness >= float(least))


def _text(text: str) -> str:
    return visible(text if len(text) <= _LONGEST else text[:_LONGEST] + words("intake")["review"]["cut"])
