"""Notes on cells: added to those a sheet has, told apart from the clerk's own words, taken away again."""

from collections.abc import Iterable, Mapping

from lxml import etree

from cchc_xl.editions.catalogue import words
from cchc_xl.workbook.incoming.sheet_in import position
from cchc_xl.workbook.marking.inert_text import inert
from cchc_xl.workbook.marking.note_boxes import (
    VML_TYPE,
    Box,
    Grid,
    blocks_of,
    boxed,
    new_drawing,
    with_boxes,
    without_boxes,
)
from cchc_xl.workbook.marking.patching import BrokenPart, Element, Patch, insert_in_order
from cchc_xl.workbook.marking.schema_order import SHEET_ORDER

COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_COMMENTS, _VML, _THREADED = "comments", "vmlDrawing", "threadedComment"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_LONGEST = 4_000  # characters of one note


def add_notes(patch: Patch, sheet: str, notes: Mapping[str, str]) -> None:
    """Write notes (cell -> text) on one sheet; after the clerk's own words where a cell has a note already."""
    if not notes or patch.target(sheet, _THREADED):  # a thread's placeholder is not ours to change
        notes = {cell: text for cell, text in notes.items() if cell not in _threaded(patch, sheet)}
    if not notes:
        return
    comments = patch.target(sheet, _COMMENTS) or _new_comments(patch, sheet)
    root = patch.touch(comments)
    known = {one.get("ref", ""): one for one in root.iter(patch.tag("comment"))}
    for cell, text in notes.items():
        cut = text if len(text) <= _LONGEST else text[:_LONGEST] + words("feedback")["sheet"]["cut"]
        _write(patch, root, known.get(cell), cell, cut)
    _add_boxes(patch, sheet, [Box(cell, text) for cell, text in notes.items()])


def _threaded(patch: Patch, sheet: str) -> frozenset[str]:
    part = patch.target(sheet, _THREADED)
    if part is None or not patch.has(part):
        return frozenset()
    return frozenset(one.get("ref", "") for one in patch.tree(part).iter("{*}threadedComment"))


def _new_comments(patch: Patch, sheet: str) -> str:
    folder = patch.workbook.rpartition("/")[0]
    part = patch.free_name(f"{folder}/comments{{}}.xml".lstrip("/"))
    root = etree.Element(patch.tag("comments"), nsmap={None: patch.space})
    etree.SubElement(root, patch.tag("authors"))
    etree.SubElement(root, patch.tag("commentList"))
    patch.put(part, etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True), COMMENTS_TYPE)
    patch.relate(sheet, _COMMENTS, part)
    return part


def _write(patch: Patch, root: Element, known: Element | None, cell: str, text: str) -> None:
    if known is None:
        known = etree.SubElement(_list(patch, root), patch.tag("comment"), ref=cell)
        known.set("authorId", str(_author(patch, root)))
    body = known.find(patch.tag("text"))
    if body is None:
        body = etree.Element(patch.tag("text"))
        known.insert(0, body)
    mark = words("feedback")["note"]["mark"]
    said = _as_runs(patch, body)
    head, _, rest = text.partition("\n")
    _run(patch, body, ("\n\n" if said else "") + mark, bold=False)
    _run(patch, body, "\n" + head, bold=True)
    _run(patch, body, "\n" + rest if rest else "", bold=False)


def _as_runs(patch: Patch, body: Element) -> bool:
    """Turn a plain note into one of runs, so that more can follow. True when it says anything."""
    for plain in body.findall(patch.tag("t")):
        run = etree.Element(patch.tag("r"))
        body.replace(plain, run)
        plain.set(_SPACE, "preserve")
        run.append(plain)
    return bool("".join(body.itertext()).strip())


def _run(patch: Patch, body: Element, text: str, *, bold: bool) -> None:
    if not text:
        return
    run = etree.Element(patch.tag("r"))
    look = etree.SubElement(run, patch.tag("rPr"))
    if bold:
        etree.SubElement(look, patch.tag("b"))
    etree.SubElement(look, patch.tag("sz"), val="10")
    etree.SubElement(look, patch.tag("color"), indexed="81")
    etree.SubElement(look, patch.tag("rFont"), val="Times New Roman")
    etree.SubElement(look, patch.tag("family"), val="1")
    words_of_run = etree.SubElement(run, patch.tag("t"))
    words_of_run.set(_SPACE, "preserve")
    words_of_run.text = inert(text)
    after = [one for one in body if one.tag == patch.tag("r")]
    body.insert(body.index(after[-1]) + 1 if after else 0, run)


def _list(patch: Patch, root: Element) -> Element:
    found = root.find(patch.tag("commentList"))
    return found if found is not None else etree.SubElement(root, patch.tag("commentList"))


def _author(patch: Patch, root: Element) -> int:
    authors = root.find(patch.tag("authors"))
    if authors is None:
        authors = etree.Element(patch.tag("authors"))
        root.insert(0, authors)
    name = words("feedback")["note"]["author"]
    for number, author in enumerate(authors):
        if author.text == name:
            return number
    etree.SubElement(authors, patch.tag("author")).text = name
    return len(authors) - 1


def _add_boxes(patch: Patch, sheet: str, boxes: list[Box]) -> None:
    part = _drawing(patch, sheet)
    vml = patch.content(part).decode("utf-8", "surrogateescape")
    have = boxed(vml)
    missing = [box for box in boxes if position(box.cell) not in have]
    changed = with_boxes(vml, missing, Grid(patch, patch.tree(sheet))) if missing else vml
    if changed is None:
        raise BrokenPart(part)
    if changed != vml:
        patch.put(part, changed.encode("utf-8", "surrogateescape"))


def _drawing(patch: Patch, sheet: str) -> str:
    """The sheet's drawing of notes and buttons; a new one when it has none."""
    root = patch.tree(sheet)
    legacy = root.find(patch.tag("legacyDrawing"))
    if legacy is not None:
        identifier = legacy.get(f"{{{patch.office}}}id")
        for found, _, part in patch.targets(sheet):
            if found == identifier and patch.has(part):
                return part
        root.remove(legacy)
    part = patch.free_name(f"{patch.workbook.rpartition('/')[0]}/drawings/vmlDrawing{{}}.vml".lstrip("/"))
    taken = [block for name in _drawings(patch) for block in blocks_of(patch.content(name).decode("utf-8", "replace"))]
    patch.put(part, new_drawing(taken).encode())
    patch.default_type("vml", VML_TYPE)
    legacy = etree.Element(patch.tag("legacyDrawing"), nsmap={"r": patch.office})
    legacy.set(f"{{{patch.office}}}id", patch.relate(sheet, _VML, part))
    insert_in_order(patch.touch(sheet), legacy, SHEET_ORDER)
    return part


def _drawings(patch: Patch) -> Iterable[str]:
    names = {*patch.package.names, *patch.changed}
    return sorted(name for name in names if name.lower().endswith(".vml") and patch.has(name))


def remove_notes(patch: Patch, sheet: str) -> None:
    """Take away what an earlier round wrote into the notes of one sheet; the clerk's own words stay."""
    comments = patch.target(sheet, _COMMENTS)
    mark = words("feedback")["note"]["mark"]
    if comments is None or not patch.has(comments) or mark not in patch.content(comments).decode("utf-8", "replace"):
        return
    gone = []
    for comment in list(patch.tree(comments).iter(patch.tag("comment"))):
        if mark in "".join(comment.itertext()):
            patch.touch(comments)
            _cut(patch, comment, mark)
            if not "".join(comment.itertext()).strip():
                comment.getparent().remove(comment)
                gone.append(comment.get("ref", ""))
    drawing = patch.target(sheet, _VML)
    if gone and drawing and patch.has(drawing):
        vml = patch.content(drawing).decode("utf-8", "surrogateescape")
        patch.put(drawing, without_boxes(vml, gone).encode("utf-8", "surrogateescape"))


def _cut(patch: Patch, comment: Element, mark: str) -> None:
    """Keep the text before the mark, whatever runs another program has split or joined."""
    room = len("".join(one.text or "" for one in comment.iter(patch.tag("t"))).partition(mark)[0].rstrip())
    for text in comment.iter(patch.tag("t")):
        text.text = (text.text or "")[:room]
        room -= len(text.text)
    for run in list(comment.iter(patch.tag("r"))):
        if not "".join(run.itertext()):
            run.getparent().remove(run)
