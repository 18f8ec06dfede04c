"""Putting text and numbers into parsed Word XML, where a mark of the filled template stands.

A number becomes a run-level content control tagged with its figure; any other text becomes text, whatever it holds.
"""

import re
from collections.abc import Sequence
from copy import deepcopy

from lxml import etree

from cchc_xl.word.charts import Drawn, drawing
from cchc_xl.word.package import SPACE, W, WordFileError, problem
from cchc_xl.word.tags import Number, Passage, Piece, Styled

OPEN, CLOSE = "\ue5b0", "\ue5b1"  # private-use characters around the index of a value
MARK = re.compile(f"{OPEN}(\\d+){CLOSE}")
_NOT_XML = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLACEMENT = "\ufffd"  # shown as a box with a question mark: something stood here


def mark(index: int) -> str:
    return f"{OPEN}{index}{CLOSE}"


def fit_for_xml(text: str) -> str:
    """The same text; control characters and lone surrogates, which no Word file can hold, visibly replaced."""
    return _NOT_XML.sub(_REPLACEMENT, text.replace("\r\n", "\n").replace("\r", "\n"))


def place(root: etree._Element, values: Sequence[Passage]) -> dict[str, Drawn]:
    """Replace every mark in the part by its passage. Gives the charts that stand in it: relation id -> chart."""
    charts: dict[str, Drawn] = {}
    next_id = 1 + max((int(e.get(f"{W}val", "0")) for e in root.iter(f"{W}id") if _is_number(e)), default=0)
    for text in [t for t in root.iter(f"{W}t") if t.text and OPEN in t.text]:
        run = text.getparent()
        if run is None or run.tag != f"{W}r":  # a value can't stand there, and must not be left out without a word
            raise WordFileError("word-unreadable", problem=problem("broken-part", part=etree.QName(root).localname))
        next_id = _split_run(run, text, values, next_id, charts)
    for element in root.iter(etree.Element):
        for name, value in element.attrib.items():
            if OPEN in value:
                element.set(name, MARK.sub(lambda found: fit_for_xml(str(values[int(found[1])])), value))
    for text in root.iter(f"{W}t"):
        set_text(text, text.text or "")  # a condition inside a sentence may leave blanks at its ends
    return charts


def _is_number(element: etree._Element) -> bool:
    return element.get(f"{W}val", "").lstrip("-").isdigit()


def _split_run(
    run: etree._Element, text: etree._Element, values: Sequence[Passage], next_id: int, charts: dict[str, Drawn]
) -> int:
    """Cut the run at the marks of ``text``; what stood before and after keeps its place and look."""
    style = run.find(f"{W}rPr")
    pieces: list[Piece] = []
    rest = text.text or ""
    position = 0
    for found in MARK.finditer(rest):
        pieces += [rest[position : found.start()], *values[int(found[1])]]
        position = found.end()
    pieces.append(rest[position:])
    new: list[etree._Element] = []
    for piece in pieces:
        if isinstance(piece, Number):
            new += [_run(piece.before, style)] if piece.before else []
            new.append(control(piece, style, next_id))
            next_id += 1
        elif isinstance(piece, Drawn):
            relation = f"cchcChart{len(charts) + 1}"
            charts[relation] = piece
            new.append(drawing(piece, relation, next_id))
            next_id += 1
        elif str(piece):
            new.append(_run(str(piece), _restyled(style, piece) if isinstance(piece, Styled) else style))
    tail = [deepcopy(child) for child in text.itersiblings()]
    if tail:
        last = etree.Element(f"{W}r", nsmap=run.nsmap)
        last.extend([deepcopy(style), *tail] if style is not None else tail)
        new.append(last)
    for child in [*text.itersiblings(), text]:
        run.remove(child)
    for element in reversed(new):
        run.addnext(element)
    if all(child.tag == f"{W}rPr" for child in run):
        run.getparent().remove(run)
    return next_id


def _restyled(style: etree._Element | None, piece: Styled) -> etree._Element:
    made = deepcopy(style) if style is not None else etree.Element(f"{W}rPr")
    first = sum(child.tag in (f"{W}rStyle", f"{W}rFonts") for child in made)  # the schema's order: then b, then i
    for name, wanted in (("i", piece.italic), ("b", piece.bold)):
        if wanted and made.find(f"{W}{name}") is None:
            made.insert(first, etree.Element(f"{W}{name}"))
    return made


def _run(text: str, style: etree._Element | None) -> etree._Element:
    run = etree.Element(f"{W}r")
    if style is not None:
        run.append(deepcopy(style))
    for number, line in enumerate(fit_for_xml(text).split("\n")):
        if number:
            etree.SubElement(run, f"{W}br")
        for part, stretch in enumerate(line.split("\t")):
            if part:
                etree.SubElement(run, f"{W}tab")
            if stretch:
                set_text(etree.SubElement(run, f"{W}t"), stretch)
    return run


def set_text(element: etree._Element, text: str) -> None:
    element.text = text
    if text != text.strip():
        element.set(SPACE, "preserve")


def control(number: Number, style: etree._Element | None, identity: int) -> etree._Element:
    """A plain-text content control around the number, tagged and titled."""
    sdt = etree.Element(f"{W}sdt", nsmap={"w": W[1:-1]})
    properties = etree.SubElement(sdt, f"{W}sdtPr")
    if style is not None:
        properties.append(deepcopy(style))
    for name, value in (("alias", number.title), ("tag", number.tag), ("id", str(identity))):
        etree.SubElement(properties, f"{W}{name}").set(f"{W}val", value)
    etree.SubElement(properties, f"{W}text")
    etree.SubElement(sdt, f"{W}sdtContent").append(_run(number.text, style))
    return sdt
