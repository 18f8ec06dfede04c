"""How the sheet "Cần sửa" looks: formats appended to the workbook's own styles, whose numbers stay as they are."""

from copy import deepcopy
from types import MappingProxyType
from typing import NamedTuple

from lxml import etree

from cchc_xl.workbook.marking.cell_marks import COLOURS
from cchc_xl.workbook.marking.patching import Element, Patch, child_in_order, number_in
from cchc_xl.workbook.marking.schema_order import STYLES_ORDER
from cchc_xl.workbook.official.styles import FONT

SIZE = 11
_BLACK, _LINK, _EDGE = "FF000000", "FF0B57A4", "FF8C8C8C"
_CENTRE = 'horizontal="center" vertical="center" wrapText="1"'
_TEXT = 'vertical="center" wrapText="1"'
_INDENTED = 'horizontal="left" vertical="center" wrapText="1" indent="1"'
_LINE = 'vertical="center"'


class _Look(NamedTuple):
    alignment: str
    size: int = SIZE
    bold: bool = False
    italic: bool = False
    underline: bool = False
    ink: str = _BLACK
    fill: str = ""
    boxed: bool = True


_LOOKS = MappingProxyType(
    {
        "title": _Look(_LINE, size=14, bold=True, boxed=False),
        "about": _Look(_LINE, size=12, bold=True, boxed=False),
        "how": _Look(_TEXT, italic=True, ink="FF404040", boxed=False),
        "link": _Look(_LINE, underline=True, ink=_LINK, boxed=False),
        "head": _Look(_CENTRE, bold=True, fill="FFE4ECF5"),
        "text": _Look(_INDENTED),
        "centre": _Look(_CENTRE),
        "cell": _Look(_CENTRE, underline=True, ink=_LINK),
        "explained": _Look(_CENTRE, bold=True, ink="FF1E5B1B", fill="FFCDE8CB"),
        **{kind: _Look(_CENTRE, bold=True, ink=ink, fill=fill) for kind, (fill, ink) in COLOURS.items()},
    }
)


def add_styles(patch: Patch, styles: str) -> dict[str, int]:
    """Name of a look -> number of its cell format. ``number`` is ``centre`` for stored numbers.

    All but that one carry the quote prefix: editing such a cell never makes a formula of its text.
    """
    root = patch.touch(styles)
    lists = {
        name: child_in_order(root, patch.tag(name), STYLES_ORDER) for name in ("fonts", "fills", "borders", "cellXfs")
    }
    sides = "".join(
        f'<{side} style="thin"><color rgb="{_EDGE}"/></{side}>' for side in ("left", "right", "top", "bottom")
    )
    box = _append(patch, lists["borders"], f"<border>{sides}<diagonal/></border>")
    numbers = {name: _add(patch, lists, look, box) for name, look in _LOOKS.items()}
    plain = deepcopy(lists["cellXfs"][numbers["centre"]])
    del plain.attrib["quotePrefix"]
    return numbers | {"number": number_in(lists["cellXfs"], plain)}


def _add(patch: Patch, lists: dict[str, Element], look: _Look, box: int) -> int:
    flags = "".join(f"<{tag}/>" for tag, on in (("b", look.bold), ("i", look.italic), ("u", look.underline)) if on)
    rest = f'<sz val="{look.size}"/><color rgb="{look.ink}"/><name val="{FONT}"/><family val="1"/>'
    font = _append(patch, lists["fonts"], f"<font>{flags}{rest}</font>")
    fill = 0
    if look.fill:
        colours = f'<fgColor rgb="{look.fill}"/><bgColor indexed="64"/>'
        fill = _append(patch, lists["fills"], f'<fill><patternFill patternType="solid">{colours}</patternFill></fill>')
    return _append(
        patch,
        lists["cellXfs"],
        f'<xf numFmtId="0" fontId="{font}" fillId="{fill}" borderId="{box if look.boxed else 0}" xfId="0" '
        'quotePrefix="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1">'
        f"<alignment {look.alignment}/></xf>",
    )


def _append(patch: Patch, into: Element, xml: str) -> int:
    """The number of an element, told as text, in a list of the file's own namespace."""
    return number_in(into, etree.fromstring(f'<all xmlns="{patch.space}">{xml}</all>')[0])
