"""What a file has beyond cells: macros, embedded objects, links to elsewhere. Looked for, never opened or copied.

Both the names of parts and the relations between them are searched: a part may have any name.
"""

import re
from collections.abc import Iterable
from contextlib import suppress

from cchc_xl.workbook.incoming.formulas import dangers
from cchc_xl.workbook.incoming.kept import Kept
from cchc_xl.workbook.incoming.package import MEGA, Package, Refused
from cchc_xl.workbook.incoming.xml_parts import Relation, relations_in

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
_STARTED: Kept[bytes, tuple[str, ...]] = Kept(MEGA)
_FORMULA = re.compile(r"<(?:\w+:)?f(?: [^>]*)?>([^<]+)<")


def in_package(package: Package) -> set[str]:
    """Words for what the parts and their relations are."""
    names = [name.lower() for name in package.names]
    found = {word for prefix, word in _PARTS if any(name.startswith(prefix) for name in names)}
    for name in package.names:
        if name.lower().endswith(".rels"):
            with suppress(Refused):  # a relation nobody can read leads nowhere
                found |= _words_of(relations_in(package, name))
    return found


def started_in(package: Package, part: str) -> tuple[str, ...]:
    """What formulas of a sheet start, also outside of cells; nothing for a part that can't be read."""
    with suppress(Refused):
        content = b"".join(package.chunks(part))
        known = _STARTED.find(content)
        return started(content) if known is None else known
    return ()


def started(content: bytes) -> tuple[str, ...]:
    """What formulas in this XML start, wherever they stand in it."""
    formulas = _FORMULA.findall(content.decode("utf-8", "replace"))
    return _STARTED.keep(content, dangers([_unescaped("\n".join(formulas))]), len(content))


def _unescaped(text: str) -> str:
    """As ``html.unescape``; the five entities that programs write take a tenth of its time."""
    if _OTHER_ENTITY.search(text):
        from html import unescape

        return unescape(text)
    for entity, letter in _ENTITIES:
        text = text.replace(entity, letter)
    return text


def _words_of(relations: Iterable[Relation]) -> set[str]:
    words = set()
    for _, kind, _, external in relations:
        low = kind.lower()
        if low in _RELATIONS:
            words.add(_RELATIONS[low])
        elif external and low != _LINK:
            words.add("remote")
    return words
