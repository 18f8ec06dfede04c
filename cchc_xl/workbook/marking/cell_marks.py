"""The colours of marked cells: conditional formats that look at the sheet "Cần sửa" through one defined name.

The name is the switch. Deleting the sheet turns it into ``#REF!``, every condition fails and the colours are gone.
A mark also ends when the cell no longer holds what was complained about.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from lxml import etree

from cchc_xl.workbook.marking.patching import Element, Patch, child_in_order, insert_in_order, number_in
from cchc_xl.workbook.marking.schema_order import SHEET_ORDER, STYLES_ORDER

SWITCH = "CCHC_CAN_SUA"  # refers to the cells of the column "Đang ghi" on the sheet

# kind -> fill, letters and border
COLOURS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"error": ("FFF8B4AE", "FF9C0006"), "warning": ("FFFBD59B", "FF7F4A00"), "note": ("FFCFE0F5", "FF1F3F77")}
)


class CellMark(NamedTuple):
    """A cell to colour. ``row`` counts from 1 within the switch; ``changes``: the mark ends with the value."""

    cell: str
    kind: str
    row: int
    changes: bool


def add_looks(patch: Patch, styles: str, kinds: Iterable[str]) -> dict[str, int]:
    """Kind -> number of its differential format, in the styles part, appended where it is missing."""
    root = patch.touch(styles)
    dxfs = child_in_order(root, patch.tag("dxfs"), STYLES_ORDER)
    numbers: dict[str, int] = {}
    for kind in sorted(set(kinds)):
        numbers[kind] = number_in(dxfs, _look(patch, *COLOURS[kind]))
    return numbers


def _look(patch: Patch, fill: str, ink: str) -> Element:
    dxf = etree.Element(patch.tag("dxf"), nsmap={None: patch.space})
    font = etree.SubElement(dxf, patch.tag("font"))
    etree.SubElement(font, patch.tag("b"))
    etree.SubElement(font, patch.tag("color"), rgb=ink)
    pattern = etree.SubElement(etree.SubElement(dxf, patch.tag("fill")), patch.tag("patternFill"))
    pattern.set("patternType", "solid")
    etree.SubElement(pattern, patch.tag("fgColor"), rgb=fill)
    etree.SubElement(pattern, patch.tag("bgColor"), rgb=fill)
    border = etree.SubElement(dxf, patch.tag("border"))
    for side in ("left", "right", "top", "bottom"):
        edge = etree.SubElement(border, patch.tag(side), style="thin")
        etree.SubElement(edge, patch.tag("color"), rgb=ink)
    return dxf


def colour(patch: Patch, part: str, marks: Iterable[CellMark], looks: Mapping[str, int]) -> None:
    """Colour the cells of one sheet, before every rule that the sheet already has.

    Excel goes by priority, LibreOffice by the order in the part: ours come first in both.
    """
    root, ordered = patch.touch(part), list(marks)
    before = root.find(patch.tag("conditionalFormatting"))
    for rule in root.iter("{*}cfRule"):
        if place := _priority(rule):
            rule.set("priority", str(place + len(ordered)))
    for priority, mark in enumerate(ordered, start=1):
        formatting = etree.Element(patch.tag("conditionalFormatting"), sqref=mark.cell)
        rule = etree.SubElement(formatting, patch.tag("cfRule"), type="expression")
        rule.set("dxfId", str(looks[mark.kind]))
        rule.set("priority", str(priority))
        rule.set("stopIfTrue", "1")
        etree.SubElement(rule, patch.tag("formula")).text = _condition(mark)
        if before is None:
            insert_in_order(root, formatting, SHEET_ORDER)
        else:
            before.addprevious(formatting)


def _condition(mark: CellMark) -> str:
    """Compared as texts: an empty cell is no 0, and a number typed as text is the same number."""
    if mark.changes:
        return f'{mark.cell}&""=INDEX({SWITCH},{mark.row})&""'
    return f"ROWS({SWITCH})>0"


def uncolour(patch: Patch, part: str) -> None:
    """Take away the marks of an earlier round, also when another program has written them anew."""
    if SWITCH.encode() not in patch.content(part):
        return
    root = patch.touch(part)
    ours = [rule for rule in root.iter("{*}cfRule") if SWITCH in "".join(rule.itertext())]
    places = [_priority(rule) for rule in ours]
    for rule in ours:
        _remove_with_empty_parents(rule, keep=root)
    for rule in root.iter("{*}cfRule"):  # the others are where they were before
        if place := _priority(rule):
            rule.set("priority", str(place - sum(0 < one < place for one in places)))


def _priority(rule: Element) -> int:
    """1 is the first; 0 where none is said."""
    said = rule.get("priority") or ""
    return int(said) if said.isdecimal() else 0


def _remove_with_empty_parents(element: Element, keep: Element) -> None:
    """The rule, then the list around it (in ``extLst`` also that) when nothing is left in there."""
    parent = element.getparent()
    while parent is not None and element is not keep:
        parent.remove(element)
        if any(etree.QName(child).localname != "sqref" for child in parent if isinstance(child.tag, str)):
            return
        element, parent = parent, parent.getparent()
