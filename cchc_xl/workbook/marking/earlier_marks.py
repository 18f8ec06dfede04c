"""Taking away the marks of an earlier round from a workbook that came back with them."""

from collections.abc import Mapping

from cchc_xl.workbook.marking.cell_marks import SWITCH, uncolour
from cchc_xl.workbook.marking.cell_notes import remove_notes
from cchc_xl.workbook.marking.new_sheet import take_out
from cchc_xl.workbook.marking.patching import Patch


def take_away(patch: Patch, sheets: Mapping[str, str]) -> None:
    """Remove the sheet "Cần sửa", its name, the colours that hang on it, and our part of the notes.

    ``sheets``: title -> part of every worksheet. A file without marks is not touched. The formats stay in the
    styles: nothing uses them.
    """
    earlier = _earlier_sheet(patch, sheets)
    for title, part in sheets.items():
        if title != earlier:
            uncolour(patch, part)
            remove_notes(patch, part)
    if earlier:
        take_out(patch, earlier)
    for name in list(patch.tree(patch.workbook).iter(patch.tag("definedName"))):
        if (name.get("name") or "").upper() == SWITCH:
            patch.touch(patch.workbook)
            name.getparent().remove(name)


def _earlier_sheet(patch: Patch, sheets: Mapping[str, str]) -> str | None:
    """The title that the name of the marks refers to; None when there is no name, or its sheet is deleted."""
    for name in patch.tree(patch.workbook).iter(patch.tag("definedName")):
        if (name.get("name") or "").upper() == SWITCH:
            title = (name.text or "").rpartition("!")[0].strip().removeprefix("'").removesuffix("'")
            title = title.removeprefix("$'").replace("''", "'").lstrip("$")
            return next((one for one in sheets if one.lower() == title.lower()), None)
    return None
