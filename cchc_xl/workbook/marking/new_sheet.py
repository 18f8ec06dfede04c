"""Putting a worksheet before all others, or taking one out; what counts sheets by their place follows."""

import posixpath
from collections.abc import Mapping

from lxml import etree

from cchc_xl.workbook.marking.patching import Element, Patch, child_in_order, insert_in_order
from cchc_xl.workbook.marking.schema_order import WORKBOOK_ORDER

SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_LOCAL = "localSheetId"


def put_first(patch: Patch, title: str, content: bytes, names: Mapping[str, str], local: Mapping[str, str]) -> None:
    """Add a sheet in front and show it when the file is opened.

    ``names``: hidden names for the whole workbook and what they refer to; ``local``: names of the sheet itself.
    """
    folder = posixpath.dirname(patch.workbook)
    part = patch.free_name(posixpath.join(folder, "worksheets/sheet{}.xml"))
    patch.put(part, content, SHEET_TYPE)
    identifier = patch.relate(patch.workbook, "worksheet", part)
    root = patch.touch(patch.workbook)
    sheets = child_in_order(root, patch.tag("sheets"), WORKBOOK_ORDER)
    numbers = [int(one.get("sheetId", "0")) for one in sheets if (one.get("sheetId") or "").isdecimal()]
    sheet = etree.Element(patch.tag("sheet"), name=title, sheetId=str(max(numbers, default=0) + 1))
    sheet.set(f"{{{patch.office}}}id", identifier)
    sheets.insert(0, sheet)
    _move_local_names(root, 0, 1)
    for name, refers_to in names.items():
        _name(patch, root, refers_to, name=name, hidden="1")
    for name, refers_to in local.items():
        _name(patch, root, refers_to, name=name, localSheetId="0")
    _show_first(patch, root)
    for _, kind, other in tuple(patch.targets(patch.workbook)):
        if kind.endswith("sheet") and other != part and patch.has(other):
            _deselect(patch, other)


def take_out(patch: Patch, title: str) -> None:
    """Leave a worksheet out, with its names; the sheet that was shown stays so where possible."""
    root = patch.touch(patch.workbook)
    sheets = root.find(patch.tag("sheets"))
    ordered = list(sheets) if sheets is not None else []
    place = next((n for n, one in enumerate(ordered) if one.get("name") == title), None)
    if place is None or sheets is None or len(ordered) == 1:
        return
    identifier = ordered[place].get(f"{{{patch.office}}}id", "")
    part = next((part for found, _, part in patch.targets(patch.workbook) if found == identifier), None)
    sheets.remove(ordered[place])
    names = root.find(patch.tag("definedNames"))
    for name in list(names) if names is not None else ():
        if name.get(_LOCAL) == str(place):
            names.remove(name)
    _move_local_names(root, place, -1)
    patch.unrelate(patch.workbook, identifier)
    if part:
        patch.remove(part)
    for view in root.iter(patch.tag("workbookView")):
        for attribute in ("activeTab", "firstSheet"):
            if (view.get(attribute) or "0").isdecimal() and int(view.get(attribute, "0")) > place:
                view.set(attribute, str(int(view.get(attribute, "0")) - 1))


def _move_local_names(root: Element, after: int, by: int) -> None:
    for name in root.iter("{*}definedName"):
        place = name.get(_LOCAL) or ""
        if place.isdecimal() and int(place) >= after:
            name.set(_LOCAL, str(int(place) + by))


def _name(patch: Patch, root: Element, refers_to: str, **attributes: str) -> None:
    """A defined name, in the order of the alphabet as programs write them."""
    names = child_in_order(root, patch.tag("definedNames"), WORKBOOK_ORDER)
    ours = etree.Element(patch.tag("definedName"), **attributes)
    ours.text = refers_to
    order = attributes["name"].upper()
    later = next((n for n, one in enumerate(names) if (one.get("name") or "").upper() >= order), len(names))
    names.insert(later, ours)


def _show_first(patch: Patch, root: Element) -> None:
    views = root.find(patch.tag("bookViews"))
    if views is None:
        views = etree.Element(patch.tag("bookViews"))
        insert_in_order(root, views, WORKBOOK_ORDER)
    if not len(views):
        etree.SubElement(views, patch.tag("workbookView"))
    for view in views:
        for attribute in ("activeTab", "firstSheet"):
            view.attrib.pop(attribute, None)


def _deselect(patch: Patch, part: str) -> None:
    """Two selected sheets would be a group: typing in one would change the other."""
    if b"tabSelected" not in patch.content(part):
        return
    for view in patch.tree(part).iter("{*}sheetView"):
        if view.get("tabSelected") in ("1", "true"):
            patch.touch(part)
            view.attrib.pop("tabSelected")
