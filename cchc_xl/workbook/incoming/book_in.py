"""A workbook as it came: sheet names, defined names, properties, and each sheet read when first asked for."""

from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import NamedTuple, Protocol

from cchc_xl.editions.catalogue import words
from cchc_xl.workbook.incoming.active_in import formulas_in, in_package
from cchc_xl.workbook.incoming.formulas import dangers
from cchc_xl.workbook.incoming.package import Limits, Package, broken, too_large
from cchc_xl.workbook.incoming.plain_xml import plain_names, split, unescaped
from cchc_xl.workbook.incoming.sheet_in import SheetIn, position
from cchc_xl.workbook.incoming.sheet_part import SheetPart
from cchc_xl.workbook.incoming.styles_in import PLAIN, formats_of
from cchc_xl.workbook.incoming.xml_parts import (
    REFERENCE_ATTRIBUTES,
    CustomProperties,
    Part,
    Relationships,
    SharedStrings,
)

OWN_PREFIXES = ("BM", "CCHC_")
_LONGEST_PLACE = 200  # characters: a title has 31, each sign of it doubled at most


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

    def pieces(self) -> Iterable[bytes]:
        """All of the part; without the names when they are of the plain form and read already."""
        content = self.content()
        if content is None:
            return self.package.chunks(self.name)
        parts = split(content, b"<definedNames>", b"</definedNames>")
        names = plain_names(parts[1]) if parts and b" xmlns=" in parts[0] else None
        if parts is None or names is None or parts[0].count(b" xmlns=") != 1:
            return (content,)
        for name, scope, refers_to in names:
            self._keep_name(name, int(scope) if scope else None, unescaped(refers_to).strip())
        return (parts[0],)

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
        self._keep_name(*self._name, self.collected().strip())

    def _keep_name(self, name: str, scope: int | None, refers_to: str) -> None:
        if not name.upper().startswith(OWN_PREFIXES):
            return
        self.names.append(Name(name, scope, refers_to))
        if len(self.names) > self.package.limits.names:
            raise too_large("names", self.package.limits.names)


class Book:
    """One workbook open for reading. Everything is read on demand; every method may raise Refused."""

    formulas_known = True
    formats_known = errors_known = True

    def __init__(self, content: bytes, limits: Limits) -> None:
        self._package = package = Package(content, limits)
        part = Relationships(package, "").of_kind("officeDocument") or "xl/workbook.xml"
        workbook = _Workbook(package, part)
        self._relations = Relationships(package, part)
        self.names = tuple(workbook.names)
        self.date1904 = workbook.date1904
        self.sheets = tuple(self._entries(workbook.sheets))
        self._read: dict[int, SheetIn] = {}
        self._quiet: set[int] = set()  # sheets whose formulas start nothing
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
        part = SheetPart(self._package, entry.part, entry.title, self._strings, styles, texts_only)
        if part.quiet:
            self._quiet.add(entry.number)
        return part.sheet

    def titled(self, title: str) -> SheetEntry | None:
        """The worksheet of that title, any case."""
        return self._by_title.get(title.lower())

    @cached_property
    def _by_title(self) -> dict[str, SheetEntry]:
        return {entry.title.lower(): entry for entry in reversed(self.sheets)}

    def place(self, name: Name) -> tuple[SheetEntry, int, int] | None:
        """Where a name of one cell points: sheet, 0-based row and column. None: nowhere any more (``#REF!``)."""
        return placed(self, name)

    def constant(self, name: str) -> str | None:
        """The text of a name that holds a constant (``"11092"``); None when there is no such name."""
        refers_to = self._constants.get(name.upper())
        if refers_to is None:
            return None
        return refers_to.lstrip("=").removeprefix('"').removesuffix('"').replace('""', '"').strip()

    @cached_property
    def _constants(self) -> dict[str, str]:
        """Names of the whole book, the first of each, with what they refer to."""
        return {own.name.upper(): own.refers_to for own in reversed(self.names) if own.scope is None}

    @cached_property
    def properties(self) -> dict[str, str]:
        """The custom properties, {} when the file has none."""
        part = Relationships(self._package, "").of_kind("custom-properties") or "docProps/custom.xml"
        return CustomProperties(self._package, part).values if self._package.has(part) else {}

    @cached_property
    def formats(self) -> list[str]:
        part = self._relations.of_kind("styles")
        return formats_of(self._package, part) if part and self._package.has(part) else []

    def format_kind(self, style: int) -> str:
        """PLAIN, PERCENT or DATE for a cell's ``style``."""
        return self.formats[style] if style < len(self.formats) else PLAIN

    def active(self) -> tuple[str, ...]:
        """Words of ui/reader.toml [active] for what the file has beyond a form."""
        loud = (sheet for number, sheet in self._read.items() if number not in self._quiet)
        cells = (cell for sheet in loud for cell in sheet.cells.values())
        found = {*in_package(self._package), *dangers(cell.formula for cell in cells if cell.formula)}
        for entry in self.sheets:
            if entry.number not in self._read and entry.number not in self._quiet:
                found |= set(dangers([formulas_in(self._package, entry.part)]))
        return tuple(word for word in words("reader")["active"] if word in found)

    @cached_property
    def _strings(self) -> list[str]:
        part = self._relations.of_kind("sharedStrings")
        return SharedStrings(self._package, part).strings if part and self._package.has(part) else []


class Titled(Protocol):
    """A book whose sheets are found by their titles."""

    def titled(self, title: str) -> SheetEntry | None: ...


def placed(book: Titled, name: Name) -> tuple[SheetEntry, int, int] | None:
    """Where ``'Biểu 1'!$D$10`` stands in the book: sheet, 0-based row and column; None for nowhere."""
    if len(name.refers_to) > _LONGEST_PLACE:
        return None
    found = _cell_of(name.refers_to)
    entry = book.titled(found[0]) if found else None
    return (entry, found[1], found[2]) if found and entry else None


@lru_cache(maxsize=4096)  # the same names stand in every workbook of a round
def _cell_of(refers_to: str) -> tuple[str, int, int] | None:
    """Title of the sheet, 0-based row and column."""
    title, mark, reference = refers_to.lstrip("=").rpartition("!")
    found = position(reference.partition(":")[0])
    if not mark or found is None:
        return None
    return title.removeprefix("'").removesuffix("'").replace("''", "'"), *found
