"""XML parts, one bounded pass each with expat: no DOCTYPE, no deep nesting, no endless tag, a deadline.

Names are given without namespace; elements of any other namespace than SpreadsheetML (transitional or strict)
are None to the part's own handlers, so ``<x14:f>`` never passes for ``<f>``.
"""

from collections.abc import Callable, Iterable, Mapping
from xml.parsers import expat

from cchc_xl.workbook.incoming.package import Package, Refused, broken, too_large
from cchc_xl.workbook.incoming.plain_xml import LARGEST_PART, as_typed, plain_strings, split

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


class Part:
    """One pass over one part. Subclasses fill ``openers`` and ``closers`` by local name and call ``run``."""

    namespaces: tuple[str, ...] = SPREADSHEET
    root = ""

    def __init__(self, package: Package, name: str) -> None:
        self.package = package
        self.name = name
        self.openers: Mapping[str, Opener] = {}
        self.closers: Mapping[str, Closer] = {}
        self.text: list[str] = []
        self._depth = 0
        self._max_depth = package.limits.depth
        self._parser = expat.ParserCreate(namespace_separator=" ")

    def pieces(self) -> Iterable[bytes]:
        """What is fed to the parser: the whole part, unless a subclass has read some of it already."""
        return self.package.chunks(self.name)

    def content(self) -> bytes | None:
        """The whole part at once; None when it is too large for that."""
        if self.package.size(self.name) > LARGEST_PART:
            return None
        return b"".join(self.package.chunks(self.name))

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


class Relationships(Part):
    """Relationship id -> (type's last word, target part name). External targets have no part: ""."""

    namespaces = RELATIONSHIPS
    root = "Relationships"

    def __init__(self, package: Package, source: str) -> None:
        folder, _, file = source.rpartition("/")
        super().__init__(package, f"{folder}/_rels/{file}.rels".lstrip("/"))
        self._folder = folder
        self.targets: dict[str, tuple[str, str]] = {}
        if package.has(self.name):
            self.run({"Relationship": self._relationship}, {})

    def of_kind(self, kind: str) -> str | None:
        """The first part of a kind: ``sharedStrings``, ``styles`` …"""
        return next((target for found, target in self.targets.values() if found == kind and target), None)

    def _relationship(self, attributes: dict[str, str]) -> None:
        kind = attributes.get("Type", "").rpartition("/")[2]
        target = attributes.get("Target", "")
        external = attributes.get("TargetMode") == "External"
        self.targets[attributes.get("Id", "")] = (kind, "" if external else _resolved(self._folder, target))


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


class SharedStrings(Part):
    """The string table in order. Runs are joined, phonetic readings left out."""

    root = "sst"

    def __init__(self, package: Package, name: str) -> None:
        super().__init__(package, name)
        self.strings: list[str] = []
        self._pieces: list[str] = []
        self._phonetic = False
        self.run(
            {"si": self._open, "t": self._text, "rPh": self._skip},
            {"si": self._close, "t": self._gather, "rPh": self._resume},
        )

    def pieces(self) -> Iterable[bytes]:
        content = self.content()
        if content is None:
            return self.package.chunks(self.name)
        parts = split(content, b"<si>", b"</si>")
        strings = plain_strings(parts[1]) if parts and b"<sst " in parts[0] else None
        if parts is None or strings is None or max(map(len, strings), default=0) > self.package.limits.text:
            return (content,)
        self.strings = strings
        return (parts[0],)

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
