"""A workbook as it came: sheet names, defined names, properties, and each sheet read when first asked for."""

from functools import cache, cached_property, lru_cache
from typing import NamedTuple, Protocol

from cchc_xl.editions.catalogue import words
from cchc_xl.workbook.incoming.active_in import in_package, started, started_in
from cchc_xl.workbook.incoming.formulas import dangers
from cchc_xl.workbook.incoming.kept import Kept
from cchc_xl.workbook.incoming.package import MEGA, Limits, Package, broken, too_large
from cchc_xl.workbook.incoming.plain_rows import taken_apart
from cchc_xl.workbook.incoming.plain_sheet import around, filled
from cchc_xl.workbook.incoming.plain_xml import is_plain_around, plain_names, split
from cchc_xl.workbook.incoming.sheet_in import SheetIn, position
from cchc_xl.workbook.incoming.sheet_part import SheetPart
from cchc_xl.workbook.incoming.styles_in import PLAIN, formats_of
from cchc_xl.workbook.incoming.xml_parts import (
    REFERENCE_ATTRIBUTES,
    CustomProperties,
    Part,
    Relationships,
    strings_of,
    whole,
)
from cchc_xl.zips import Listing

OWN_PREFIXES = ("BM", "CCHC_")
_NUMBERS = 4096
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


class _Outline(NamedTuple):
    """What ``xl/workbook.xml`` says: (title, relationship) of each sheet, our defined names, how dates count."""

    sheets: tuple[tuple[str, str], ...]
    names: tuple[Name, ...]
    date1904: bool


_OUTLINES: Kept[tuple[bytes, Limits], _Outline] = Kept(MEGA)


def _outline_of(package: Package, part: str) -> _Outline:
    """Names of the plain form are taken out first: what is left is alike in the workbooks of a round."""
    content, limits = whole(package, part), package.limits
    parts = split(content or b"", b"<definedNames>", b"</definedNames>")
    names = plain_names(parts[1], limits.text) if parts and is_plain_around(parts[0]) else None
    if parts is None or names is None:
        return _Workbook(package, part, content).outline
    key = (parts[0], limits)
    left = _OUTLINES.find(key)
    if left is None:
        left = _OUTLINES.keep(key, _Workbook(package, part, parts[0]).outline, 4 * len(parts[0]))
    own = tuple(Name(*name) for name in names if name[0].upper().startswith(OWN_PREFIXES)) + left.names
    if len(own) > limits.names:
        raise too_large("names", limits.names)
    return left._replace(names=own)


class _Workbook(Part):
    """``xl/workbook.xml``: sheets and our defined names."""

    root = "workbook"

    def __init__(self, package: Package, part: str, content: bytes | None) -> None:
        super().__init__(package, part, content)
        self._sheets: list[tuple[str, str]] = []
        self._names: list[Name] = []
        self._name: tuple[str, int | None] = ("", None)
        self._date1904 = False
        self.run(
            {"workbookPr": self._settings, "sheet": self._sheet, "definedName": self._open_name},
            {"definedName": self._close_name},
        )
        self.outline = _Outline(tuple(self._sheets), tuple(self._names), self._date1904)

    def _settings(self, attributes: dict[str, str]) -> None:
        self._date1904 = attributes.get("date1904", "0") in ("1", "true")

    def _sheet(self, attributes: dict[str, str]) -> None:
        reference = next((attributes[name] for name in REFERENCE_ATTRIBUTES if name in attributes), "")
        self._sheets.append((attributes.get("name", ""), reference))
        if len(self._sheets) > self.package.limits.sheets:
            raise too_large("sheet_count", self.package.limits.sheets)

    def _open_name(self, attributes: dict[str, str]) -> None:
        scope = attributes.get("localSheetId", "")
        self._name = (attributes.get("name", ""), int(scope) if scope.isdecimal() and len(scope) < 5 else None)
        self.collect()

    def _close_name(self) -> None:
        name, scope = self._name
        refers_to = self.collected().strip()
        if name.upper().startswith(OWN_PREFIXES):
            self._names.append(Name(name, scope, refers_to))
        if len(self._names) > self.package.limits.names:
            raise too_large("names", self.package.limits.names)


class Book:
    """One workbook open for reading. Everything is read on demand; every method may raise Refused."""

    formulas_known = True
    formats_known = True

    def __init__(self, content: bytes, limits: Limits, listing: Listing | None = None) -> None:
        self._package = package = Package(content, limits, listing)
        part = Relationships(package, "").of_kind("officeDocument") or "xl/workbook.xml"
        sheets, self.names, self.date1904 = _outline_of(package, part)
        self._relations = Relationships(package, part)
        self.sheets = tuple(self._entries(sheets))
        self._read: dict[int, SheetIn] = {}
        self._quiet: set[int] = set()  # sheets whose formulas start nothing
        self._started: set[str] = set()  # what those of others start, also outside of cells
        if not self.sheets:
            raise broken("sheets")

    def _entries(self, sheets: tuple[tuple[str, str], ...]) -> list[SheetEntry]:
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
        content = whole(self._package, entry.part)
        plain = None if content is None else self._plain_sheet(entry, content, texts_only=texts_only)
        if content is not None and entry.number not in self._quiet:
            self._started |= set(started(content))
        if plain is not None:
            return plain
        styles = len(self.formats) if self.formats else None
        return SheetPart(self._package, entry.part, entry.title, self._strings, styles, texts_only, content).sheet

    def _plain_sheet(self, entry: SheetEntry, content: bytes, *, texts_only: bool) -> SheetIn | None:
        """The sheet, when it is of the plain form in all that counts."""
        parts = around(self._package, entry.part, content)
        apart = taken_apart(parts[0]) if parts else None
        if parts is None or apart is None:
            return None
        (rows, values), limits = apart, self._package.limits
        if rows.longest > limits.text or (self.formats and rows.style >= len(self.formats)):
            return None
        if rows.prefixed and b" xmlns:x14ac=" not in content:
            return None
        if rows.quiet and parts[2]:
            self._quiet.add(entry.number)
        slots, wanted = (rows.texts, [values[at] for at in rows.typed]) if texts_only else (rows.slots, values)
        cells = filled(slots, wanted, self._numbered, limits.text)
        return None if cells is None or len(cells) > limits.cells else SheetIn(entry.title, cells, parts[1])

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
    def formats(self) -> tuple[str, ...]:
        part = self._relations.of_kind("styles")
        return formats_of(self._package, part) if part and self._package.has(part) else ()

    def format_kind(self, style: int) -> str:
        """PLAIN, PERCENT or DATE for a cell's ``style``."""
        return self.formats[style] if style < len(self.formats) else PLAIN

    def active(self) -> tuple[str, ...]:
        """Words of ui/reader.toml [active] for what the file has beyond a form."""
        loud = (sheet for number, sheet in self._read.items() if number not in self._quiet)
        cells = (cell for sheet in loud for cell in sheet.cells.values())
        found = {*in_package(self._package), *self._started, *dangers(cell.formula for cell in cells if cell.formula)}
        for entry in self.sheets:
            if entry.number not in self._read and entry.number not in self._quiet:
                found |= set(started_in(self._package, entry.part))
        self._package.in_time()  # or something may have been passed over
        return tuple(word for word in words("reader")["active"] if word in found)

    @cached_property
    def _numbered(self) -> dict[str, str]:
        """Number in the table, as cells write it -> text."""
        count = len(self._strings)
        numbers = _numbers() if count <= _NUMBERS else map(str, range(count))
        return dict(zip(numbers, self._strings, strict=False))

    @cached_property
    def _strings(self) -> list[str]:
        part = self._relations.of_kind("sharedStrings")
        return strings_of(self._package, part) if part and self._package.has(part) else []


@cache
def _numbers() -> tuple[str, ...]:
    """The first numbers of a table as cells write them: more than a form's texts."""
    return tuple(map(str, range(_NUMBERS)))


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
