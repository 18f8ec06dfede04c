"""Changing some parts of a workbook and nothing else: parts, relationships, content types, order of elements."""

import posixpath
from collections.abc import Iterable, Iterator
from functools import cached_property

from lxml import etree

from cchc_xl.errors import CchcError
from cchc_xl.workbook.incoming.package import Limits, Package
from cchc_xl.workbook.marking.zip_copy import rewritten

Element = etree._Element

TYPES_PART = "[Content_Types].xml"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = {
    "http://purl.oclc.org/ooxml/spreadsheetml/main": "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
_ALTERNATIVES = "AlternateContent"


class NotMarkable(CchcError):
    """This file can't be marked in place; ``problem`` is a whole clause for the sentence."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__("feedback-not-markable", file=file, problem=problem)


class BrokenPart(Exception):
    """A part that the reader had no need of is no XML."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


class Patch:
    """The parts of one workbook, some of them about to change. ``packed`` gives the new file."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.package = Package(content, Limits())
        self._stored = {name.lower(): name for name in self.package.names}
        self._trees: dict[str, Element] = {}
        self._touched: set[str] = set()
        self._new: dict[str, bytes | None] = {}

    def has(self, part: str) -> bool:
        name = self._name(part)
        return self._new[name] is not None if name in self._new else name in self._trees or self.package.has(name)

    def content(self, part: str) -> bytes:
        """The part as it stands now. Raises Refused or BrokenPart."""
        name = self._name(part)
        if name in self._touched:
            return _bytes(self._trees[name])
        new = self._new.get(name)
        if new is not None:
            return new
        return b"".join(self.package.chunks(name))

    def tree(self, part: str) -> Element:
        """The root element of a part, for looking; say ``touch`` when it is changed."""
        name = self._name(part)
        if name not in self._trees:
            self._trees[name] = _parsed(self.content(name), name)
        return self._trees[name]

    def touch(self, part: str) -> Element:
        """The root element of a part that is about to change."""
        root = self.tree(part)
        self._touched.add(self._name(part))
        return root

    def put(self, part: str, content: bytes, content_type: str = "") -> None:
        """Add or replace a whole part; a new one needs its type."""
        name = self._name(part)
        self._forget(name)
        self._new[name] = content
        if content_type:
            self._override(name, content_type)

    def remove(self, part: str) -> None:
        """Leave the part out, with its content type. Who points to it has to be changed too."""
        name = self._name(part)
        self._forget(name)
        self._new[name] = None
        for override in self.tree(TYPES_PART).findall(f"{{{_TYPES}}}Override"):
            if override.get("PartName", "").lower() == f"/{name}".lower():
                self.touch(TYPES_PART).remove(override)

    def _forget(self, name: str) -> None:
        self._trees.pop(name, None)
        self._touched.discard(name)

    def free_name(self, pattern: str) -> str:
        """The first part name of the pattern (``xl/comments{}.xml``) that is not taken."""
        number = 1
        while self.has(pattern.format(number)):
            number += 1
        return pattern.format(number)

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of all parts that differ from the file as it came."""
        return tuple(sorted(self._touched | set(self._new)))

    def packed(self) -> bytes:
        """The new file: changed parts anew, all others with the very bytes they came with."""
        parts = {name: _bytes(self._trees[name]) for name in sorted(self._touched)}
        return rewritten(self._content, self._new | parts)

    # --- content types ----------------------------------------------------------------------------------------------
    def content_type(self, part: str) -> str:
        """The type of a part: its own, else that of its suffix; "" when none is said."""
        name = f"/{self._name(part)}".lower()
        types = self.tree(TYPES_PART)
        for override in types.findall(f"{{{_TYPES}}}Override"):
            if override.get("PartName", "").lower() == name:
                return override.get("ContentType", "")
        suffix = name.rpartition(".")[2]
        for default in types.findall(f"{{{_TYPES}}}Default"):
            if default.get("Extension", "").lower() == suffix:
                return default.get("ContentType", "")
        return ""

    def default_type(self, suffix: str, content_type: str) -> None:
        """Say what parts of this suffix are, unless it is said already."""
        defaults = self.tree(TYPES_PART).findall(f"{{{_TYPES}}}Default")
        if all(one.get("Extension", "").lower() != suffix for one in defaults):
            ours = etree.Element(f"{{{_TYPES}}}Default", Extension=suffix, ContentType=content_type)
            self.touch(TYPES_PART).insert(len(defaults), ours)

    def _override(self, name: str, content_type: str) -> None:
        if self.content_type(name) != content_type:
            etree.SubElement(
                self.touch(TYPES_PART), f"{{{_TYPES}}}Override", PartName=f"/{name}", ContentType=content_type
            )

    # --- relationships ----------------------------------------------------------------------------------------------
    def targets(self, source: str) -> Iterator[tuple[str, str, str]]:
        """(id, last word of the type, part name) of each relationship of a part that stays in the package."""
        part = _rels_of(source)
        if not self.has(part):
            return
        for one in self.tree(part).findall(f"{{{_RELS}}}Relationship"):
            if one.get("TargetMode") != "External":
                target = _resolved(source, one.get("Target", ""))
                yield one.get("Id", ""), one.get("Type", "").rpartition("/")[2], self._name(target)

    def target(self, source: str, kind: str) -> str | None:
        """The first part of a kind (``comments``, ``vmlDrawing`` …) that ``source`` points to."""
        return next((part for _, found, part in self.targets(source) if found == kind), None)

    def relate(self, source: str, kind: str, part: str) -> str:
        """Point from ``source`` to ``part``; gives the relationship's id."""
        rels = _rels_of(source)
        if not self.has(rels):
            self._trees[rels] = etree.Element(f"{{{_RELS}}}Relationships", nsmap={None: _RELS})
        root = self.touch(rels)
        taken = {one.get("Id") for one in root}
        number = len(taken) + 1
        while f"rId{number}" in taken:
            number += 1
        etree.SubElement(
            root,
            f"{{{_RELS}}}Relationship",
            Id=f"rId{number}",
            Type=f"{self.office}/{kind}",
            Target=posixpath.relpath(part, posixpath.dirname(source) or "."),
        )
        return f"rId{number}"

    def unrelate(self, source: str, identifier: str) -> None:
        root = self.touch(_rels_of(source))
        for one in root.findall(f"{{{_RELS}}}Relationship"):
            if one.get("Id") == identifier:
                root.remove(one)

    @cached_property
    def workbook(self) -> str:
        """The name of the workbook part."""
        return self.target("", "officeDocument") or "xl/workbook.xml"

    @cached_property
    def space(self) -> str:
        """The namespace of this file's spreadsheet parts (transitional or strict)."""
        return etree.QName(self.tree(self.workbook)).namespace or ""

    @cached_property
    def office(self) -> str:
        """The namespace of ``r:id`` and of relationship types in this file."""
        return _STRICT.get(self.space, _OFFICE)

    def tag(self, name: str) -> str:
        return f"{{{self.space}}}{name}"

    def _name(self, part: str) -> str:
        return self._stored.get(part.lower(), part)


def insert_in_order(parent: Element, child: Element, order: Iterable[str]) -> None:
    """Put ``child`` where the schema wants it, after its equals."""
    names = list(order)
    later = set(names[names.index(etree.QName(child).localname) + 1 :])
    for place, other in enumerate(parent):
        if _stands_for(other) in later:
            parent.insert(place, child)
            return
    parent.append(child)


def _stands_for(element: Element) -> str:
    """The local name that counts for the order: of ``mc:AlternateContent`` that of what it holds."""
    if not isinstance(element.tag, str):
        return ""
    name = etree.QName(element).localname
    return next((_stands_for(inner) for choice in element for inner in choice), "") if name == _ALTERNATIVES else name


def child_in_order(parent: Element, tag: str, order: Iterable[str]) -> Element:
    """The child of that tag, made where the schema wants it when it is missing."""
    found = parent.find(tag)
    if found is None:
        found = parent.makeelement(tag)
        insert_in_order(parent, found, order)
    return found


def number_in(listed: Element, wanted: Element) -> int:
    """The place of ``wanted`` in a counted list of formats; appended unless an equal one is there."""
    form = _canonical(wanted)
    for number, one in enumerate(listed):
        if one.tag == wanted.tag and _canonical(one) == form:
            return number
    listed.append(wanted)
    listed.set("count", str(len(listed)))
    return len(listed) - 1


def _canonical(element: Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True, with_tail=False)


def _parsed(content: bytes, part: str) -> Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise BrokenPart(part) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise BrokenPart(part)
    return root


def _bytes(root: Element) -> bytes:
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True)


def _rels_of(source: str) -> str:
    folder, _, file = source.rpartition("/")
    return f"{folder}/_rels/{file}.rels".lstrip("/")


def _resolved(source: str, target: str) -> str:
    target = target.replace("\\", "/")
    if target.startswith("/"):
        return posixpath.normpath(target).lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), target)).lstrip("./")
