"""The sheets that hold words: the list of documents, the words of the report, the guide."""

from collections.abc import Mapping
from typing import Any

from cchc_xl.errors import DefinitionError
from cchc_xl.model import Op
from cchc_xl.relations.excel import trimmed
from cchc_xl.workbook.layout import DOCUMENTS, HELP, HELPER_VALUE, WORDS, address, column_letters
from cchc_xl.workbook.official.cell_states import quoted
from cchc_xl.workbook.official.formula_out import write_formula
from cchc_xl.workbook.official.plan import Plan, texts
from cchc_xl.workbook.official.row_heights import height, plain
from cchc_xl.workbook.official.styles import PROTECTION, page

DOCUMENT_WIDTHS = (44, 130, 100, 110, 240)  # pixels
DOCUMENT_ROWS = 50
DOCUMENT_HEAD = 3
WORDS_WIDTHS = (170, 454)
WORDS_HEAD = 3
BOX_LINES = 6
HIGHEST = 400  # points: Excel draws no row higher than 409
HELP_WIDTHS = (110, 514)


def write_documents(sheet: Any, style: Mapping[str, Any], plan: Plan) -> None:
    """Danh mục văn bản: one line a document."""
    said = texts()["documents"]
    for column, width in enumerate(DOCUMENT_WIDTHS):
        sheet.set_column_pixels(column, column, width)
    last_column = len(DOCUMENT_WIDTHS) - 1
    _title(sheet, style, said["title"], said["subtitle"], last_column, sum(DOCUMENT_WIDTHS))
    for column, text in enumerate(said["columns"].values()):
        sheet.write_string(DOCUMENT_HEAD, column, text, style["head"])
    sheet.set_row(DOCUMENT_HEAD, 33)
    rows = document_rows(plan)
    for number in range(rows):
        row = DOCUMENT_HEAD + 1 + number
        sheet.write_number(row, 0, number + 1, style["cell_centre"])
        texts_of_row = plan.fill.documents[number] if number < len(plan.fill.documents) else ("",) * last_column
        for column, text in enumerate(texts_of_row, 1):
            _input(sheet, row, column, text, style["cell_input"])
        cells = [(plain(text), DOCUMENT_WIDTHS[column], 11) for column, text in enumerate(texts_of_row, 1)]
        sheet.set_row(row, height(cells, least=18))
    _document_count(sheet, style, plan, rows)
    sheet.ignore_errors({"number_stored_as_text": f"A1:E{DOCUMENT_HEAD + rows + 1}"})
    sheet.freeze_panes(DOCUMENT_HEAD + 1, 0)
    sheet.repeat_rows(DOCUMENT_HEAD)
    sheet.set_selection(DOCUMENT_HEAD + 1, 1, DOCUMENT_HEAD + 1, 1)
    sheet.print_area(0, 0, DOCUMENT_HEAD + rows, last_column)
    page(sheet, footer=texts()["sheets"][DOCUMENTS])
    sheet.protect("", dict(PROTECTION))


def document_rows(plan: Plan) -> int:
    """How many lines the list has: some are always left to fill in."""
    return max(DOCUMENT_ROWS, len(plan.fill.documents) + 10)


def _document_count(sheet: Any, style: Mapping[str, Any], plan: Plan, rows: int) -> None:
    """How many documents are listed: to hold against the row of the forms that counts them."""
    said, column = texts()["documents"], len(DOCUMENT_WIDTHS) + 1
    first, last = DOCUMENT_HEAD + 2, DOCUMENT_HEAD + rows + 1
    columns = (column_letters(one) for one in range(1, len(DOCUMENT_WIDTHS)))
    line = trimmed("&".join(f"${letters}${first}:${letters}${last}" for letters in columns))
    counted = f"SUMPRODUCT(--(LEN({line})>0))"
    sheet.set_column_pixels(column, column, 210)
    sheet.write_string(0, column, said["counted"], style["screen_head"])
    count = plan.listed
    write_formula(sheet, 1, column, f"=IF(ISERROR({counted}),0,{counted})", style["screen_number"], count)
    key = next((one.key for one in plan.edition.relations if one.op is Op.LISTED), "")
    if not key:
        return
    row, value = plan.edition.by_key[key], plan.place[key].absolute(HELPER_VALUE)
    amount = plan.amount(key)
    blanks = {"code": row.code, "form": row.form}
    sheet.write_string(2, column, said["compared"].format(**blanks), style["screen_head"])
    shown = "" if amount is None else float(amount)
    write_formula(sheet, 3, column, f"={value}", style["screen_number"], shown)
    here, there = address(1, column), address(3, column)
    same, different = said["same"], said["different"].format(**blanks)
    formula = f'=IF(OR({here}=0,{there}=""),"",IF({here}={there},{quoted(same)},{quoted(different)}))'
    said_now = "" if not count or amount is None else same if amount == count else different
    write_formula(sheet, 4, column, formula, style["screen"], said_now)


def write_words(sheet: Any, style: Mapping[str, Any], plan: Plan) -> None:
    """Phần lời báo cáo: one box a heading of the official outline."""
    said = texts()["words_sheet"]
    for column, width in enumerate(WORDS_WIDTHS):
        sheet.set_column_pixels(column, column, width)
    _title(sheet, style, said["title"], said["subtitle"], 1, sum(WORDS_WIDTHS))
    sheet.write_string(WORDS_HEAD, 0, said["heading"], style["head"])
    sheet.write_string(WORDS_HEAD, 1, said["text"], style["head"])
    row = WORDS_HEAD + 1
    for part in plan.edition.words["outline"]:  # type: ignore[attr-defined]
        row = _box(sheet, style, row, part["title"], plan.fill.words.get(part["id"], ""))
    last = row - 1
    sheet.freeze_panes(WORDS_HEAD + 1, 0)
    sheet.repeat_rows(WORDS_HEAD)
    sheet.set_selection(WORDS_HEAD + 1, 1, WORDS_HEAD + 1, 1)
    sheet.print_area(0, 0, last, 1)
    page(sheet, footer=texts()["sheets"][WORDS])
    sheet.protect("", dict(PROTECTION))


def _box(sheet: Any, style: Mapping[str, Any], row: int, title: str, text: str) -> int:
    """One heading with its box; a text longer than the highest row gets several. Returns the row after it."""
    least = height([(plain("\n" * (BOX_LINES - 1)), WORDS_WIDTHS[1], 12)])
    needed = height([(plain(text), WORDS_WIDTHS[1], 12)], least=least)
    count = 1 + int(needed // HIGHEST)
    for at in range(row, row + count):
        sheet.set_row(at, needed / count)
    if count > 1:
        sheet.merge_range(row, 0, row + count - 1, 0, title, style["field"])
        sheet.merge_range(row, 1, row + count - 1, 1, "", style["box"])
    sheet.write_string(row, 0, title, style["field"])
    _input(sheet, row, 1, text, style["box"])
    return row + count


def write_help(sheet: Any, style: Mapping[str, Any], plan: Plan) -> None:
    """Hướng dẫn: one page in a clerk's words, with the colours shown."""
    said = texts()["help"]
    for column, width in enumerate(HELP_WIDTHS):
        sheet.set_column_pixels(column, column, width)
    sheet.merge_range(0, 0, 0, 1, said["title"], style["title"])
    sheet.set_row(0, 26)
    row = 1
    for part in said["part"]:
        sheet.merge_range(row, 0, row, 1, part["title"], style["section"])
        sheet.set_row(row, 28)
        row += 1
        for text in (*part.get("lines", ()), *(_contacts(plan) if part.get("contacts") else ())):
            sheet.merge_range(row, 0, row, 1, text, style["text"])
            sheet.set_row(row, height([(plain(text), sum(HELP_WIDTHS), 12)]))
            row += 1
        for look, sample, text in part.get("samples", ()):
            sheet.write_string(row, 0, sample, style[f"sample_{look}"])
            sheet.write_string(row, 1, text, style["text_middle"])
            sheet.set_row(row, height([(plain(text), HELP_WIDTHS[1] - 12, 12)], least=20))
            row += 1
    sheet.ignore_errors({"number_stored_as_text": f"A1:B{row}"})
    sheet.print_area(0, 0, row - 1, 1)
    page(sheet, footer=texts()["sheets"][HELP], pages=1)
    sheet.protect("", dict(PROTECTION))


def _contacts(plan: Plan) -> tuple[str, ...]:
    """Whom to ask, a line each: the unit, then who answers there; dots to write on where the roster does not say."""
    said, unit = texts()["help"]["contacts"], plan.consolidating
    name = unit.full_name if unit else ""
    known = {
        "unit": name[:1].upper() + name[1:] or said["unknown"],
        "contact": unit.contact if unit else "",
        "phone": unit.phone if unit else "",
        "email": ", ".join(unit.email) if unit else "",
    }
    return tuple(said["line"].format(field=said[field], text=text or said["blank"]) for field, text in known.items())


def _title(sheet: Any, style: Mapping[str, Any], title: str, subtitle: str, last: int, width: int) -> None:
    sheet.merge_range(0, 0, 0, last, title, style["title"])
    sheet.set_row(0, height([(plain(title, bold=True), width, 13)], least=24))
    sheet.merge_range(1, 0, 1, last, subtitle, style["screen"])
    sheet.set_row(1, height([(plain(subtitle, italic=True), width, 10)], least=18))


def _input(sheet: Any, row: int, column: int, text: str, look: Any) -> None:
    """An open cell. Raises DefinitionError for a text longer than a cell holds (XlsxWriter would leave it out)."""
    if not text:
        sheet.write_blank(row, column, None, look)
    elif sheet.write_string(row, column, text, look) != 0:
        raise DefinitionError((f"{sheet.get_name()} {address(row, column)}: {text[:40]} … ({len(text)})",))
