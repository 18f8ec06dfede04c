"""A workbook as it came: sheet names, defined names, properties, and each sheet read when first asked for."""

from functools import cached_property
from typing import NamedTuple

from cchc_xl.editions.catalogue import words
from cchc_xl.workbook.incoming.formulas import dangers
from cchc_xl.workbook.incoming.package import Limits, Package, broken, too_large
from cchc_xl.workbook.incoming.sheet_in import SheetIn, position
from cchc_xl.workbook.incoming.sheet_part import SheetPart
from cchc_xl.workbook.incoming.styles_in import PLAIN, Formats
from cchc_xl.workbook.incoming.xml_parts import (
    REFERENCE_ATTRIBUTES,
    CustomProperties,
    Part,
    Relationships,
    SharedStrings,
)

_OWN_PREFIXES = ("BM", "CCHC_")

# Where content stands that no form of ours has: beginning of a part's name -> word of [active].
_ACTIVE_PARTS = (
    ("xl/vbaproject", "vba"),
    ("xl/macrosheets/", "macrosheet"),
    ("xl/externallinks/", "external"),
    ("xl/embeddings/", "embedding"),
    ("xl/activex/", "activex"),
    ("xl/connections.xml", "connection"),
    ("xl/querytables/", "connection"),
    ("customui/", "custom_ui"),
)


class Name(NamedTuple):
    """A defined name of ours. ``scope``: number of the sheet it belongs to, None for the whole book."""

    name: str
    scope: int | None
    refers_to: str


class SheetEntry(NamedTuple):
    """A worksheet in the order of the tabs; ``number`` counts all tabs, charts included."""

    title: str
    number: int
    part: str


class _Workbook(Part):
    """``xl/workbook.xml``: sheets and our defined names."""

    root = "workbook"

    def __init__(self, package: Package, part: str) -> None:
        super().__init__(package, part)
        self.sheets: list[tuple[str, str]] = []
        self.names: list[Name] = []
        self._name: tuple[str, int | None] = ("", None)
        self.date1904 = False
        self.run(
            {"workbookPr": self._settings, "sheet": self._sheet, "definedName": self._open_name},
            {"definedName": self._close_name},
        )

    def _settings(self, attributes: dict[str, str]) -> None:
        self.date1904 = attributes.get("date1904", "0") in ("1", "true")

    def _sheet(self, attributes: dict[str, str]) -> None:
        reference = next((attributes[name] for name in REFERENCE_ATTRIBUTES if name in attributes), "")
        self.sheets.append((attributes.get("name", ""), reference))
        if len(self.sheets) > self.package.limits.sheets:
            raise too_large("sheet_count", self.package.limits.sheets)

    def _open_name(self, attributes: dict[str, str]) -> None:
        scope = attributes.get("localSheetId", "")
        self._name = (attributes.get("name", ""), int(scope) if scope.isdecimal() and len(scope) < 5 else None)
        self.collect()

    def _close_name(self) -> None:
        refers_to = self.collected().strip()
        name, scope = self._name
        if not name.upper().startswith(_OWN_PREFIXES):
            return
        self.names.append(Name(name, scope, refers_to))
        if len(self.names) > self.package.limits.names:
            raise too_large("names", self.package.limits.names)


class Book:
    """One workbook open for reading. Everything is read on demand; every method may raise Refused."""

    formulas_known = True

    def __init__(self, content: bytes, limits: Limits) -> None:
        self._package = package = Package(content, limits)
        part = Relationships(package, "").of_kind("officeDocument") or "xl/workbook.xml"
        workbook = _Workbook(package, part)
        self._relations = Relationships(package, part)
        self.names = tuple(workbook.names)
        self.date1904 = workbook.date1904
        self.sheets = tuple(self._entries(workbook.sheets))
        self._read: dict[int, SheetIn] = {}
        if not self.sheets:
            raise broken("sheets")

    def _entries(self, sheets: list[tuple[str, str]]) -> list[SheetEntry]:
        entries = []
        for number, (title, reference) in enumerate(sheets):
            kind, part = self._relations.targets.get(reference, ("", ""))
            if kind == "worksheet":
                entries.append(SheetEntry(title, number, part))
            elif not kind:
                raise broken("missing", part=title)
        return entries

    def sheet(self, entry: SheetEntry) -> SheetIn:
        if entry.number not in self._read:
            self._read[entry.number] = self._sheet_part(entry, texts_only=False)
            limit = self._package.limits.held_cells
            if sum(len(sheet.cells) for sheet in self._read.values()) > limit:
                raise too_large("cells_held", limit)
        return self._read[entry.number]

    def in_time(self) -> None:
        """Give the file up when its time is over."""
        self._package.in_time()

    def forget(self, entry: SheetEntry) -> None:
        """Let the sheet's cells go: a master's sheets of source rows are large and read once."""
        self._read.pop(entry.number, None)

    def typed_texts(self, entry: SheetEntry) -> SheetIn:
        """The sheet with nothing but texts that are no formula's result; faster where that is enough."""
        return self._read.get(entry.number) or self._sheet_part(entry, texts_only=True)

    def _sheet_part(self, entry: SheetEntry, *, texts_only: bool) -> SheetIn:
        styles = len(self.formats) if self.formats else None
        return SheetPart(self._package, entry.part, entry.title, self._strings, styles, texts_only).sheet

    def titled(self, title: str) -> SheetEntry | None:
        """The worksheet of that title, any case."""
        return next((entry for entry in self.sheets if entry.title.lower() == title.lower()), None)

    def place(self, name: Name) -> tuple[SheetEntry, int, int] | None:
        """Where a name of one cell points: sheet, 0-based row and column. None: nowhere any more (``#REF!``)."""
        title, mark, reference = name.refers_to.lstrip("=").rpartition("!")
        found = position(reference.partition(":")[0])
        if not mark or found is None:
            return None
        entry = self.titled(title.removeprefix("'").removesuffix("'").replace("''", "'"))
        return (entry, *found) if entry else None

    def constant(self, name: str) -> str | None:
        """The text of a name that holds a constant (``"11092"``); None when there is no such name."""
        for own in self.names:
            if own.name.upper() == name.upper() and own.scope is None:
                return own.refers_to.lstrip("=").removeprefix('"').removesuffix('"').replace('""', '"').strip()
        return None

    @cached_property
    def properties(self) -> dict[str, str]:
        """The custom properties, {} when the file has none."""
        part = Relationships(self._package, "").of_kind("custom-properties") or "docProps/custom.xml"
        return CustomProperties(self._package, part).values if self._package.has(part) else {}

    @cached_property
    def formats(self) -> list[str]:
        part = self._relations.of_kind("styles")
        return Formats(self._package, part).kinds if part and self._package.has(part) else []

    def format_kind(self, style: int) -> str:
        """PLAIN, PERCENT or DATE for a cell's ``style``."""
        return self.formats[style] if style < len(self.formats) else PLAIN

    def active(self) -> tuple[str, ...]:
        """Words of ui/reader.toml [active] for what the file, as far as read, has beyond a form."""
        names = [name.lower() for name in self._package.names]
        found = [word for prefix, word in _ACTIVE_PARTS if any(name.startswith(prefix) for name in names)]
        cells = (cell for sheet in self._read.values() for cell in sheet.cells.values())
        found += dangers(tuple(cell.formula for cell in cells if cell.formula))
        return tuple(word for word in words("reader")["active"] if word in found)

    @cached_property
    def _strings(self) -> list[str]:
        part = self._relations.of_kind("sharedStrings")
        return SharedStrings(self._package, part).strings if part and self._package.has(part) else []
