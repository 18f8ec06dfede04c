"""An empty roster to fill in: all columns, a hint on each, text cells so that leading zeros stay."""

from datetime import datetime
from io import BytesIO

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Edition

_WIDTHS = {"unit_name": 28, "printed_name": 28, "aliases": 24, "email": 28, "contact": 24}
_ROWS = 400


def build(edition: Edition) -> bytes:
    """The workbook; ``read_roster`` reads it once codes and names are in."""
    import xlsxwriter

    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"title": words("roster")["book"]["title"], "created": datetime(2022, 1, 1)})
    font = {"font_name": "Times New Roman", "font_size": 12}
    text = book.add_format(font | {"num_format": "@"})
    needed = book.add_format(font | {"bold": True, "border": 1, "bg_color": "#FFF2CC", "text_wrap": True})
    free = book.add_format(font | {"bold": True, "border": 1, "bg_color": "#EDEDED", "text_wrap": True})
    sheet = book.add_worksheet(words("roster")["book"]["sheet"])
    hints, types = words("roster")["hints"], list(edition.words["types"])
    for column, (field, title) in enumerate(words("roster")["columns"].items()):
        sheet.set_column(column, column, _WIDTHS.get(field, 14), text)
        sheet.write_string(0, column, title, needed if field in ("unit_code", "unit_name") else free)
        hint = {"input_title": title[:32], "input_message": hints[field]}
        rule = (
            {"validate": "list", "source": types, "error_type": "information"}
            if field == "type"
            else {"validate": "any"}
        )
        sheet.data_validation(1, column, _ROWS, column, rule | hint)
    sheet.freeze_panes(1, 2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    book.close()
    return out.getvalue()
