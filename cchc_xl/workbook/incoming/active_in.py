"""What a file has beyond cells: macros, embedded objects, links to elsewhere. Looked for, never opened or copied.

Both the names of parts and the relations between them are searched: a part may have any name.
"""

import re
from contextlib import suppress
from html import unescape

from cchc_xl.workbook.incoming.package import Package, Refused
from cchc_xl.workbook.incoming.xml_parts import RELATIONSHIPS, Part

# Beginning of a part's name -> word of ui/reader.toml [active].
_PARTS = (
    ("xl/vbaproject", "vba"),
    ("xl/macrosheets/", "macrosheet"),
    ("xl/externallinks/", "external"),
    ("xl/embeddings/", "embedding"),
    ("xl/activex/", "activex"),
    ("xl/connections.xml", "connection"),
    ("xl/querytables/", "connection"),
    ("customui/", "custom_ui"),
    ("customxml/", "custom_xml"),
)
# Last word of a relation's type, in small letters -> word.
_RELATIONS = {
    "vbaproject": "vba",
    "xlmacrosheet": "macrosheet",
    "xlintlmacrosheet": "macrosheet",
    "externallink": "external",
    "externallinkpath": "external",
    "oleobject": "embedding",
    "package": "embedding",
    "control": "activex",
    "activexcontrolbinary": "activex",
    "connections": "connection",
    "querytable": "connection",
    "extensibility": "custom_ui",
    "customxml": "custom_xml",
}
_LINK = "hyperlink"  # what Excel makes of a typed address; nothing is fetched before somebody clicks
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))  # & last
_OTHER_ENTITY = re.compile("&(?!(?:lt|gt|quot|apos|amp);)")
_FORMULA = re.compile(r"<(?:\w+:)?f(?: [^>]*)?>([^<]+)<")


def in_package(package: Package) -> set[str]:
    """Words for what the parts and their relations are."""
    names = [name.lower() for name in package.names]
    found = {word for prefix, word in _PARTS if any(name.startswith(prefix) for name in names)}
    for name in package.names:
        if name.lower().endswith(".rels"):
            with suppress(Refused):  # a relation nobody can read leads nowhere
                found |= _Relations(package, name).words
    return found


def formulas_in(package: Package, part: str) -> str:
    """Formula texts of a sheet that was not read for its numbers, a line each; "" of a part that can't be read."""
    with suppress(Refused):
        content = b"".join(package.chunks(part)).decode("utf-8", "replace")
        return _unescaped("\n".join(_FORMULA.findall(content)))
    return ""


def _unescaped(text: str) -> str:
    """As ``html.unescape``; the five entities that programs write take a tenth of its time."""
    if _OTHER_ENTITY.search(text):
        return unescape(text)
    for entity, letter in _ENTITIES:
        text = text.replace(entity, letter)
    return text


class _Relations(Part):
    """One ``.rels`` part: ``words`` for what it leads to."""

    namespaces = RELATIONSHIPS
    root = "Relationships"

    def __init__(self, package: Package, name: str) -> None:
        super().__init__(package, name)
        self.words: set[str] = set()
        self.run({"Relationship": self._relation}, {})

    def _relation(self, attributes: dict[str, str]) -> None:
        kind = attributes.get("Type", "").rpartition("/")[2].lower()
        if kind in _RELATIONS:
            self.words.add(_RELATIONS[kind])
        elif attributes.get("TargetMode") == "External" and kind != _LINK:
            self.words.add("remote")
