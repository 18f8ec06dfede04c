"""How the master looks: one typeface, few colours, each with a meaning said in a legend on the sheet."""

from functools import cache

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

from cchc_xl.model import Figure, Indicator, Method
from cchc_xl.workbook.official import row_heights
from cchc_xl.workbook.official.styles import FONT, FORM_SIZE

SIZE = 11

# A colour says one thing only.
ERROR, WARNING, DEVIATES, ABSENT, FIGURE = "#F8CBAD", "#FFF2CC", "#DDEBF7", "#EDEDED", "#E2EFDA"
CORRECTED = "#E4DFEC"
HEAD = "#D9E2EC"
LINK = "#1F4E79"

WHOLE_NUMBER = "#,##0"
DECIMAL = "#,##0.0##"
PERCENT = "[=0]0;[=100]0;0.0"  # 0 and 100 without a decimal, as the official reports print them

_LINES = {"border": 1, "valign": "vcenter"}
_LOOKS: dict[str, dict[str, object]] = {
    "plain": {"valign": "top"},
    "title": {"bold": True, "font_size": 14, "valign": "vcenter"},
    "heading": {"bold": True, "font_size": 12, "valign": "vcenter"},
    "centred": {"bold": True, "align": "center", "valign": "vcenter"},
    "centred_text": {"align": "center", "valign": "vcenter", "text_wrap": True, "italic": True},
    "note": {"italic": True, "valign": "top"},
    "wrapped_note": {"italic": True, "valign": "top", "text_wrap": True},
    "link": {"font_color": LINK, "underline": 1, "valign": "vcenter"},
    "line_link": {**_LINES, "font_color": LINK, "underline": 1},
    "head": {**_LINES, "bold": True, "align": "center", "text_wrap": True, "bg_color": HEAD},
    "official_head": {**_LINES, "font_size": FORM_SIZE, "bold": True, "align": "center", "text_wrap": True},
    "upright": {**_LINES, "bold": True, "align": "center", "rotation": 90, "text_wrap": True, "bg_color": HEAD},
    # the official forms, as in the units' own workbooks
    "piece": {"font_size": FORM_SIZE},
    "form_head": {"bold": True, "font_size": 13, "align": "center", "valign": "vcenter", "text_wrap": True},
    "form_attached": {"italic": True, "font_size": 12, "align": "center", "valign": "vcenter", "text_wrap": True},
    "form_title": {"bold": True, "font_size": 13, "valign": "vcenter", "text_wrap": True},
    "form_code": {**_LINES, "font_size": FORM_SIZE, "align": "center", "num_format": "@"},
    "form_label": {**_LINES, "font_size": FORM_SIZE, "text_wrap": True},
    "form_unit": {**_LINES, "font_size": FORM_SIZE, "align": "center", "text_wrap": True},
    "form_value": {**_LINES, "font_size": FORM_SIZE, "align": "center", "bold": True, "shrink": True},
    "form_note": {**_LINES, "font_size": 10, "align": "center", "text_wrap": True},
    "sign": {"bold": True, "font_size": 13, "align": "center", "valign": "vcenter"},
    "sign_small": {"italic": True, "font_size": 12, "align": "center", "valign": "vcenter"},
    "code": {**_LINES, "align": "center", "num_format": "@"},
    "text": {**_LINES, "text_wrap": True},
    "small_text": {**_LINES, "text_wrap": True, "font_size": 10},
    "middle": {**_LINES, "align": "center", "text_wrap": True},
    "number": {**_LINES, "align": "right", "shrink": True},
    "aside": {"font_size": 10, "valign": "vcenter", "indent": 1},
    "source": {"font_size": 10},
    "source_text": {"font_size": 10, "num_format": "@", "indent": 1},
    "source_head": {**_LINES, "bold": True, "font_size": 10, "bg_color": HEAD},
}


class Styles:
    """The formats of one workbook, made on first use: a look by name, varied by properties."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[tuple[object, ...], Format] = {}

    def of(self, look: str, **more: object) -> Format:
        """The format of a look, e.g. ``of("number", num_format=PERCENT, bg_color=ERROR)``.

        It is numbered as it is made, so that the same cells give the same file whether put down one by one or as XML.
        """
        key = (look, *sorted(more.items()))
        if key not in self._made:
            properties = {"font_name": FONT, "font_size": SIZE, **_LOOKS[look], **more}
            made = self._made[key] = self._workbook.add_format(properties)
            made._get_xf_index()
        return self._made[key]


def number_format(indicator: Indicator, figure: Figure | None, *, zero: str = "") -> str:
    """How a row's numbers are shown: decimals only where some unit gave any. ``zero``: a word to show for 0."""
    if zero:
        plain = DECIMAL if indicator.is_percent else WHOLE_NUMBER
        return f'{plain};-{plain};"{zero}"'
    if indicator.is_percent:
        return PERCENT
    parts = (*figure.parts, *((figure.own_part,) if figure.own_part else ())) if figure else ()
    return DECIMAL if any(part.value % 1 for part in parts) else WHOLE_NUMBER


def figure_format(indicator: Indicator, figure: Figure | None) -> str:
    """As ``number_format``, for the consolidated figure; a count of units is whole whatever the row holds."""
    return WHOLE_NUMBER if indicator.method is Method.COUNT_YES else number_format(indicator, figure)


def change_format(indicator: Indicator, figure: Figure, before: Figure | None) -> str:
    """A difference with its sign; percents in points to one decimal."""
    plain = {1: "0.0", 3: DECIMAL}.get(change_decimals(indicator, figure, before), WHOLE_NUMBER)
    return f"+{plain};-{plain};0"


def change_decimals(indicator: Indicator, figure: Figure, before: Figure | None) -> int:
    """To how many decimals a difference is rounded before it is shown: one that shows as nothing has no sign."""
    formats = {figure_format(indicator, one) for one in (figure, before) if one}
    if indicator.is_percent and PERCENT in formats:
        return 1
    return 3 if DECIMAL in formats else 0


@cache
def height(text: str, width: float, *, size: float = SIZE, bold: bool = False) -> float:
    """The row height in points for wrapped text in a column of this width (in characters), never cutting a line."""
    return row_heights.height([(row_heights.plain(text, bold=bold), int(width * 7) + 5, size)], least=16)
