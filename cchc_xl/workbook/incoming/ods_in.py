"""An OpenDocument workbook (.ods) read by our own bounded pass: values, errors, names, properties, formula texts."""

from collections.abc import Mapping
from functools import cached_property

from cchc_xl.editions.catalogue import words
from cchc_xl.workbook.incoming.book_in import Name, SheetEntry, placed
from cchc_xl.workbook.incoming.formulas import dangers
from cchc_xl.workbook.incoming.ods_content import FORMATS, META, OFFICE, OdsContent
from cchc_xl.workbook.incoming.package import Limits, Package, Refused, broken
from cchc_xl.workbook.incoming.sheet_in import SheetIn
from cchc_xl.workbook.incoming.xml_parts import Part

_CONTENT, _PROPERTIES, _MANIFEST = "content.xml", "meta.xml", "META-INF/manifest.xml"
_ACTIVE = (("basic/", "vba"), ("scripts/", "vba"), ("object ", "embedding"))


class OdsBook:
    """What ``Book`` is for .xlsx. Formula texts are there, but never compared: programs spell them differently here."""

    formulas_known = False
    formats_known = True
    date1904 = False

    def __init__(self, content: bytes, limits: Limits) -> None:
        self._package = package = Package(content, limits)
        if _is_encrypted(package):
            raise Refused("file-encrypted")
        body = OdsContent(package, _CONTENT)
        if not body.sheets:
            raise broken("sheets")
        self.sheets = tuple(SheetEntry(sheet.name, number, "") for number, sheet in enumerate(body.sheets))
        self.names = tuple(body.names)
        self._read = body.sheets

    @cached_property
    def properties(self) -> Mapping[str, str]:
        return _UserDefined(self._package, _PROPERTIES).values if self._package.has(_PROPERTIES) else {}

    def sheet(self, entry: SheetEntry) -> SheetIn:
        return self._read[entry.number]

    def in_time(self) -> None:
        self._package.in_time()

    def forget(self, entry: SheetEntry) -> None:
        """Nothing to let go: everything was read at once."""

    def typed_texts(self, entry: SheetEntry) -> SheetIn:
        return self._read[entry.number]

    def titled(self, title: str) -> SheetEntry | None:
        return next((entry for entry in self.sheets if entry.title.lower() == title.lower()), None)

    def place(self, name: Name) -> tuple[SheetEntry, int, int] | None:
        return placed(self, name)

    def constant(self, name: str) -> str | None:
        for own in self.names:
            if own.name.upper() == name.upper() and own.scope is None and own.refers_to[:1] == '"':
                return own.refers_to[1:].removesuffix('"').replace('""', '"').strip()
        return None

    def format_kind(self, style: int) -> str:
        return FORMATS[style]

    def active(self) -> tuple[str, ...]:
        names = [name.lower() for name in self._package.names]
        found = [word for prefix, word in _ACTIVE if any(name.startswith(prefix) for name in names)]
        cells = (cell for sheet in self._read for cell in sheet.cells.values())
        found += dangers(tuple(cell.formula for cell in cells if cell.formula))
        return tuple(word for word in words("reader")["active"] if word in found)


def _is_encrypted(package: Package) -> bool:
    if not package.has(_MANIFEST) or package.size(_MANIFEST) > package.limits.token:
        return False
    return b"encryption-data" in b"".join(package.chunks(_MANIFEST))


class _UserDefined(Part):
    """``meta.xml``: the properties somebody added, name -> text."""

    namespaces = (META, OFFICE)
    root = "document-meta"

    def __init__(self, package: Package, name: str) -> None:
        super().__init__(package, name)
        self.values: dict[str, str] = {}
        self._property = ""
        self.run({"user-defined": self._open}, {"user-defined": self._close})

    def _open(self, attributes: dict[str, str]) -> None:
        self._property = attributes.get(f"{META} name", "")
        self.collect()

    def _close(self) -> None:
        value = self.collected().strip()
        if self.values.get(self._property, value) != value:
            raise Refused("file-ambiguous", part=f"{self.name}: {self._property}")
        self.values[self._property] = value
