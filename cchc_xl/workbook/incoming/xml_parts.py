"""XML parts, one bounded pass each with expat: no DOCTYPE, no deep nesting, no endless tag, a deadline.

Names are given without namespace; elements of any other namespace than SpreadsheetML (transitional or strict)
are None to the part's own handlers, so ``<x14:f>`` never passes for ``<f>``.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeVar
from xml.parsers import expat

from cchc_xl.workbook.incoming.kept import Kept
from cchc_xl.workbook.incoming.package import MEGA, Limits, Package, Refused, broken, too_large
from cchc_xl.workbook.incoming.plain_xml import LARGEST_PART, as_typed, plain_strings

SPREADSHEET = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
RELATIONSHIPS = ("http://schemas.openxmlformats.org/package/2006/relationships",)
PROPERTIES = (
    "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties",
    "http://purl.oclc.org/ooxml/officeDocument/customProperties",
)
REFERENCE_ATTRIBUTES = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships id",
    "http://purl.oclc.org/ooxml/officeDocument/relationships id",
)

Opener = Callable[[dict[str, str]], None]
Closer = Callable[[], None]
Item = TypeVar("Item")


def whole(package: Package, name: str) -> bytes | None:
    """A part at once; None when it is too large for that. Raises Refused."""
    return None if package.size(name) > LARGEST_PART else b"".join(package.chunks(name))


def once(
    kept: Kept[tuple[bytes, Limits], tuple[Item, ...]],
    package: Package,
    name: str,
    read: Callable[[Package, str, bytes | None], tuple[Item, ...]],
    weight: int,
) -> tuple[Item, ...]:
    """What a part says, kept for files with the very same one. ``weight``: bytes an item takes. Raises Refused."""
    content = whole(package, name)
    if content is None:
        return read(package, name, None)
    key = (content, package.limits)
    known = kept.find(key)
    if known is not None:
        return known
    items = read(package, name, content)
    return kept.keep(key, items, 2 * len(content) + weight * len(items))


class Part:
    """One pass over one part. Subclasses fill ``openers`` and ``closers`` by local name and call ``run``."""

    namespaces: tuple[str, ...] = SPREADSHEET
    root = ""

    def __init__(self, package: Package, name: str, content: bytes | None = None) -> None:
        """``content``: of the whole part, when it is there already."""
        self.package = package
        self.name = name
        self._content = content
        self.openers: Mapping[str, Opener] = {}
        self.closers: Mapping[str, Closer] = {}
        self.text: list[str] = []
        self._depth = 0
        self._max_depth = package.limits.depth
        self._parser = expat.ParserCreate(namespace_separator=" ")

    def pieces(self) -> Iterable[bytes]:
        """What is fed to the parser: the whole part, unless a subclass has read some of it already."""
        return self.package.chunks(self.name) if self._content is None else (self._content,)

    def run(self, openers: Mapping[str, Opener], closers: Mapping[str, Closer]) -> None:
        """Read the whole part. Raises Refused."""
        self.openers = {f"{space} {name}": call for space in self.namespaces for name, call in openers.items()}
        self.closers = {f"{space} {name}": call for space in self.namespaces for name, call in closers.items()}
        parser = self._parser
        parser.buffer_text = True
        parser.StartElementHandler = self._first
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._doctype
        fed = 0
        try:
            for chunk in self.pieces():
                parser.Parse(chunk, False)
                fed += len(chunk)
                if fed - parser.CurrentByteIndex > self.package.limits.token:
                    raise broken("token", part=self.name)
            parser.Parse(b"", True)
        except (expat.ExpatError, UnicodeError, ValueError, LookupError) as error:
            raise broken("xml", part=self.name) from error
        finally:  # the parser holds our methods: without this each part would wait for the collector
            del self._parser
            self.openers, self.closers = {}, {}

    def collect(self) -> None:
        """Begin to gather character data in ``text``."""
        self.text.clear()
        self._parser.CharacterDataHandler = self.text.append

    def collected(self) -> str:
        """The characters since ``collect``; gathering ends."""
        self._parser.CharacterDataHandler = None
        if len(self.text) == 1 and len(self.text[0]) < 8192:
            return self.text[0]
        text = "".join(self.text)
        if len(text) > self.package.limits.text:
            raise too_large("text", self.package.limits.text, part=self.name)
        return text

    def _first(self, name: str, attributes: dict[str, str]) -> None:
        """The root decides whether this is the part it should be."""
        space, _, local = name.rpartition(" ")
        if local != self.root or space not in self.namespaces:
            raise broken("root", part=self.name)
        self._parser.StartElementHandler = self._start
        self._start(name, attributes)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > self._max_depth:
            raise broken("depth", part=self.name)
        opener = self.openers.get(name)
        if opener is not None:
            opener(attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        closer = self.closers.get(name)
        if closer is not None:
            closer()

    @staticmethod
    def _doctype(*_: object) -> None:
        raise Refused("file-doctype")


class Relation(NamedTuple):
    """What one part has to do with another. ``kind``: the last word of the type."""

    id: str
    kind: str
    target: str
    external: bool


_RELATIONS: Kept[tuple[bytes, Limits], tuple[Relation, ...]] = Kept(MEGA)
_RELATION_WEIGHT = 400  # bytes of memory, beside its text


def relations_in(package: Package, name: str) -> tuple[Relation, ...]:
    """What a ``.rels`` part says. Raises Refused."""
    return once(_RELATIONS, package, name, _relations, _RELATION_WEIGHT)


def _relations(package: Package, name: str, content: bytes | None) -> tuple[Relation, ...]:
    return tuple(_Relations(package, name, content).found)


class _Relations(Part):
    namespaces = RELATIONSHIPS
    root = "Relationships"

    def __init__(self, package: Package, name: str, content: bytes | None = None) -> None:
        super().__init__(package, name, content)
        self.found: list[Relation] = []
        self.run({"Relationship": self._relation}, {})

    def _relation(self, attributes: dict[str, str]) -> None:
        kind = attributes.get("Type", "").rpartition("/")[2]
        external = attributes.get("TargetMode") == "External"
        self.found.append(Relation(attributes.get("Id", ""), kind, attributes.get("Target", ""), external))


class Relationships:
    """Relationship id -> (type's last word, target part name). External targets have no part: "". Raises Refused."""

    def __init__(self, package: Package, source: str) -> None:
        folder, _, file = source.rpartition("/")
        name = f"{folder}/_rels/{file}.rels".lstrip("/")
        self.targets = {
            one.id: (one.kind, "" if one.external else _resolved(folder, one.target))
            for one in (relations_in(package, name) if package.has(name) else ())
        }

    def of_kind(self, kind: str) -> str | None:
        """The first part of a kind: ``sharedStrings``, ``styles`` …"""
        return next((target for found, target in self.targets.values() if found == kind and target), None)


def _resolved(folder: str, target: str) -> str:
    """A target as a part name: relative to its source's folder, or absolute with a leading slash."""
    steps = [] if target.startswith("/") else folder.split("/")
    for step in target.replace("\\", "/").split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(step for step in steps if step)


class CustomProperties(Part):
    """``docProps/custom.xml``: name -> text."""

    namespaces = PROPERTIES
    root = "Properties"

    def __init__(self, package: Package, name: str) -> None:
        super().__init__(package, name)
        self.values: dict[str, str] = {}
        self._property = ""
        self.run({"property": self._open}, {"property": self._close})

    def _open(self, attributes: dict[str, str]) -> None:
        self._property = attributes.get("name", "")
        self.collect()

    def _close(self) -> None:
        value = self.collected().strip()
        if self.values.get(self._property, value) != value:
            raise Refused("file-ambiguous", part=f"{self.name}: {self._property}")
        self.values[self._property] = value


def strings_of(package: Package, name: str) -> list[str]:
    """The string table in order. Raises Refused."""
    content = whole(package, name)
    plain = None if content is None else plain_strings(content, package.limits.text)
    if plain is not None and len(plain) <= package.limits.strings:
        return plain
    return SharedStrings(package, name, content).strings


class SharedStrings(Part):
    """The string table in order. Runs are joined, phonetic readings left out."""

    root = "sst"

    def __init__(self, package: Package, name: str, content: bytes | None = None) -> None:
        super().__init__(package, name, content)
        self.strings: list[str] = []
        self._pieces: list[str] = []
        self._phonetic = False
        self.run(
            {"si": self._open, "t": self._text, "rPh": self._skip},
            {"si": self._close, "t": self._gather, "rPh": self._resume},
        )

    def _open(self, _: dict[str, str]) -> None:
        self._pieces = []

    def _text(self, _: dict[str, str]) -> None:
        self.collect()

    def _gather(self) -> None:
        piece = as_typed(self.collected())
        if not self._phonetic:
            self._pieces.append(piece)

    def _close(self) -> None:
        text = self._pieces[0] if len(self._pieces) == 1 else "".join(self._pieces)
        if len(text) > self.package.limits.text:
            raise too_large("text", self.package.limits.text, part=self.name)
        self.strings.append(text)
        if len(self.strings) > self.package.limits.strings:
            raise too_large("strings", self.package.limits.strings)

    def _skip(self, _: dict[str, str]) -> None:
        self._phonetic = True

    def _resume(self) -> None:
        self._phonetic = False
