"""Our content controls in a part's XML: found by their tag, read, written."""

import re
from collections.abc import Iterator

from lxml import etree

from cchc_xl.word.package import W
from cchc_xl.word.placing import set_text
from cchc_xl.word.tags import read_title

_TAG = re.compile(r"^(\d+/[\d.]+|round)@[^\s@]+$")


def controls(root: etree._Element) -> Iterator[etree._Element]:
    """Ours only; a person's own controls have other tags."""
    for control in root.iter(f"{W}sdt"):
        if tag_of(control):
            yield control


def tag_of(control: etree._Element) -> str:
    """``key@block``; from the title where a program has dropped the tag (LibreOffice does); "" when not ours."""
    tag = property_of(control, "tag")
    if _TAG.match(tag):
        return tag
    told = read_title(property_of(control, "alias"))
    return told[0] if told and not tag else ""


def written_in(control: etree._Element) -> str | None:
    """The text we once wrote; None when a person changed the title."""
    told = read_title(property_of(control, "alias"))
    return told[1] if told else None


def property_of(control: etree._Element, name: str) -> str:
    """``tag``, ``alias`` …; "" when the control has none."""
    found = control.find(f"{W}sdtPr/{W}{name}")
    return "" if found is None else found.get(f"{W}val", "")


def set_property(control: etree._Element, name: str, value: str) -> None:
    found = control.find(f"{W}sdtPr/{W}{name}")
    if found is not None:
        found.set(f"{W}val", value)


def shown_in(control: etree._Element) -> str:
    """The text of the control; text struck out by tracked changes (``w:delText``) is not shown."""
    return "".join(t.text or "" for t in control.iter(f"{W}t")).replace("\u00a0", " ").strip()


def show(control: etree._Element, text: str) -> None:
    """Write into the first text of the control, which keeps its look; texts after it are emptied."""
    texts = list(control.iter(f"{W}t"))
    if not texts:
        content = control.find(f"{W}sdtContent")
        if content is None:
            content = etree.SubElement(control, f"{W}sdtContent")
        texts = [etree.SubElement(etree.SubElement(content, f"{W}r"), f"{W}t")]
    set_text(texts[0], text)
    for other in texts[1:]:
        other.text = ""
    placeholder = control.find(f"{W}sdtPr/{W}showingPlcHdr")
    if placeholder is not None:
        placeholder.getparent().remove(placeholder)
