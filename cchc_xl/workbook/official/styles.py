"""How the official workbook looks: one table of named formats, Times New Roman throughout."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

FONT = "Times New Roman"
BASE_SIZE = 11  # of the Normal style: column widths are counted in its digits
FORM_SIZE = 12
CODES_SIZE = 11  # of units that list codes: each code on one line of its column

ANSWER_COLOUR, AUTOMATIC_COLOUR, FOREIGN_COLOUR, SCREEN_COLOUR = "#FFFBE0", "#E4ECF5", "#E3E3E3", "#5F6B7A"
RANK_COLOURS = {5: "#F8B4AE", 4: "#FBD59B", 3: "#CFE0F5", 2: "#CDE8CB"}
READY_COLOUR = "#CDE8CB"
NUMBER = "[<1000]General;#,##0"  # a thousands mark where one is needed, decimals never hidden under it

_BOX = {"border": 1, "valign": "vcenter", "text_wrap": True}
_CENTRE = {"align": "center"}
_TIGHT = {"border": 1, "valign": "vcenter", "shrink": True, **_CENTRE}  # what is typed is never cut or shown as ###
_OPEN = {"locked": False, "bg_color": ANSWER_COLOUR}
_SCREEN = {"font_size": 10, "font_color": SCREEN_COLOUR, "italic": True, "valign": "vcenter"}
_LINK = {"font_color": "#0B57A4", "underline": 1, "valign": "vcenter"}

_FORMATS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "base": {"valign": "vcenter"},
        # stretches within a label
        "run": {"font_size": FORM_SIZE},
        "run_bold": {"font_size": FORM_SIZE, "bold": True},
        "run_italic": {"font_size": FORM_SIZE, "italic": True},
        "run_bold_italic": {"font_size": FORM_SIZE, "bold": True, "italic": True},
        # titles
        "title": {"bold": True, "font_size": 13, "valign": "vcenter", "text_wrap": True, **_CENTRE},
        "subtitle": {"italic": True, "font_size": 12, "valign": "vcenter", "text_wrap": True, **_CENTRE},
        "form_title": {"bold": True, "font_size": 13, "valign": "vcenter", "text_wrap": True},
        "section": {"bold": True, "font_size": 12, "valign": "vcenter"},
        # forms
        "head": {"bold": True, "font_size": 12, **_BOX, **_CENTRE},
        "code": {"font_size": FORM_SIZE, **_BOX, **_CENTRE, "num_format": "@"},
        "label": {"font_size": FORM_SIZE, **_BOX},
        "label_bold": {"font_size": FORM_SIZE, "bold": True, **_BOX},
        "label_italic": {"font_size": FORM_SIZE, "italic": True, **_BOX},
        "label_bold_italic": {"font_size": FORM_SIZE, "bold": True, "italic": True, **_BOX},
        "unit": {"font_size": FORM_SIZE, **_BOX, **_CENTRE},
        "unit_codes": {"font_size": CODES_SIZE, **_BOX, **_CENTRE},
        "answer": {"font_size": FORM_SIZE, **_TIGHT, **_OPEN, "num_format": NUMBER},
        "answer_percent": {"font_size": FORM_SIZE, **_TIGHT, **_OPEN, "num_format": NUMBER},
        "automatic": {
            "font_size": FORM_SIZE,
            **_TIGHT,
            "bg_color": AUTOMATIC_COLOUR,
            "bold": True,
            "num_format": NUMBER,
        },
        "heading_cell": {"font_size": FORM_SIZE, **_BOX},
        "note": {"font_size": 11, **_BOX, "locked": False},
        # on screen only
        "screen": {**_SCREEN, "text_wrap": True},
        "screen_right": {**_SCREEN, "align": "right"},
        "mark": {"font_size": 12, "bold": True, **_TIGHT, **_OPEN},
        "screen_head": {**_SCREEN, "text_wrap": True, "bold": True, "bottom": 1, **_CENTRE},
        "screen_number": {**_SCREEN, "num_format": NUMBER, **_CENTRE},
        "screen_verdict": {"font_size": 11, "valign": "vcenter", **_CENTRE},
        "link": _LINK,
        "link_centre": {**_LINK, **_CENTRE, "border": 1, "text_wrap": True},
        # signatures
        "sign": {"bold": True, "font_size": 13, "valign": "vcenter", **_CENTRE, "text_wrap": True},
        "sign_small": {"italic": True, "font_size": 12, "valign": "vcenter", **_CENTRE, "text_wrap": True},
        "sign_name": {"bold": True, "font_size": 13, "valign": "vcenter", **_CENTRE, "locked": False},
        "sign_name_locked": {"bold": True, "font_size": 13, "valign": "vcenter", **_CENTRE},
        "sign_phone": {"font_size": 12, "valign": "vcenter", "locked": False, **_CENTRE},
        # lists and boxes
        "field": {"font_size": 12, "bold": True, **_BOX},
        "field_input": {"font_size": 12, **_BOX, **_OPEN, "num_format": "@"},
        "field_fixed": {"font_size": 12, **_BOX, "bg_color": FOREIGN_COLOUR},
        "field_shown": {"font_size": 12, **_BOX, "bg_color": AUTOMATIC_COLOUR},
        "hint": {**_SCREEN, "text_wrap": True, "indent": 1},
        "cell": {"font_size": 11, **_BOX},
        "cell_centre": {"font_size": 11, **_BOX, **_CENTRE},
        "cell_bold": {"font_size": 11, "bold": True, **_BOX, **_CENTRE},
        "cell_number": {"font_size": 11, **_TIGHT, "num_format": NUMBER},
        "cell_input": {"font_size": 11, **_BOX, **_OPEN, "num_format": "@"},
        "cell_shut": {"font_size": 10, "font_color": FOREIGN_COLOUR, **_BOX, **_CENTRE, "bg_color": FOREIGN_COLOUR},
        "box": {"font_size": 12, "border": 1, "valign": "top", "text_wrap": True, **_OPEN, "num_format": "@"},
        "overall": {"bold": True, "font_size": 14, "valign": "vcenter", "border": 2, "text_wrap": True, **_CENTRE},
        "text": {"font_size": 12, "valign": "top", "text_wrap": True},
        "line": {"font_size": 12, "valign": "vcenter"},
        "text_middle": {"font_size": 12, "valign": "vcenter", "indent": 1, "text_wrap": True},
    }
)


def formats(book: Any, zero_over_zero: str = "") -> Mapping[str, Any]:
    """Name -> XlsxWriter format of ``book``; ``…_foreign`` greys a form's cell, ``rank_N`` colours a verdict.

    ``zero_over_zero``: what a ratio over a base of 0 shows; the cell itself stays empty.
    """
    made = {name: book.add_format({"font_name": FONT, **look}) for name, look in _FORMATS.items()}
    for name in ("code", "label", "label_bold", "label_italic", "label_bold_italic", "unit", "unit_codes", "automatic"):
        made[f"{name}_foreign"] = _foreign(book, name)
    for name in ("answer", "answer_percent"):
        made[f"{name}_foreign"] = _foreign(book, name)
    made |= {f"rank_{rank}": book.add_format({"bg_color": colour}) for rank, colour in RANK_COLOURS.items()}
    if zero_over_zero:
        text = zero_over_zero.replace('"', "")
        made["zero_over_zero"] = book.add_format({"num_format": f'General;General;General;"{text}"'})
    made["shown"] = book.add_format({"font_color": "#5A5A5A"})
    made["ready"] = book.add_format({"bg_color": READY_COLOUR})
    for name, colour in (("sample_error", 5), ("sample_warning", 4), ("sample_note", 3), ("sample_explained", 2)):
        made[name] = book.add_format({"font_name": FONT, **_FORMATS["cell_centre"], "bg_color": RANK_COLOURS[colour]})
    for name, look in (("sample_answer", ANSWER_COLOUR), ("sample_automatic", AUTOMATIC_COLOUR)):
        made[name] = book.add_format({"font_name": FONT, **_FORMATS["cell_centre"], "bg_color": look})
    made["sample_foreign"] = book.add_format({"font_name": FONT, **_FORMATS["cell_centre"], "bg_color": FOREIGN_COLOUR})
    return made


def _foreign(book: Any, name: str) -> Any:
    return book.add_format({"font_name": FONT, **_FORMATS[name], "bg_color": FOREIGN_COLOUR, "font_color": "#6B6B6B"})


def page(sheet: Any, *, landscape: bool = False, footer: str = "", pages: int = 0) -> None:
    """A4, margins of Nghị định 30/2020 (left 30, right 15, top and bottom 20 mm), page number centred on top.

    ``pages``: 1 to print all on one page, 0 for as many as it takes.
    """
    sheet.set_paper(9)
    if landscape:
        sheet.set_landscape()
    sheet.set_margins(left=30 / 25.4, right=15 / 25.4, top=20 / 25.4, bottom=20 / 25.4)
    sheet.set_header(f'&C&"{FONT},Regular"&13&P', {"margin": 10 / 25.4})
    if footer:
        sheet.set_footer(f'&R&"{FONT},Italic"&10{footer}', {"margin": 10 / 25.4})
    sheet.fit_to_pages(1, pages)
    sheet.set_start_page(1)
    sheet.hide_gridlines(2)


PROTECTION = MappingProxyType(
    {
        "format_rows": True,
        "format_columns": True,
        "autofilter": True,
        "sort": False,
        "select_locked_cells": True,
        "select_unlocked_cells": True,
    }
)
