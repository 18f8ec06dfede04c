"""The tables of the settings workbook, row by row: each becomes a value or an error naming file, sheet and row."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.severities import kinds
from cchc_xl.errors import RoundError
from cchc_xl.model import Edition, Kind, Letterhead, PortalRow, Severity, SeverityChange, Target
from cchc_xl.number import from_text
from cchc_xl.text import label_key

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row as text. Missing cells are ""."""

    file: str
    sheet: str
    number: int  # as Excel counts
    cells: tuple[str, ...]
    edition: Edition

    def __getitem__(self, column: int) -> str:
        return self.cells[column].strip() if column < len(self.cells) else ""

    def error(self, name: str, **args: object) -> RoundError:
        return RoundError(name, file=self.file, sheet=self.sheet, row=self.number, **args)

    def key(self, text: str) -> str:
        """The key of an indicator that has numbers. Raises RoundError."""
        key = text.replace(" ", "").removesuffix(".")
        if key not in self.edition.by_key or not self.edition.by_key[key].has_cell:
            raise self.error("settings-key", key=text)
        return key

    def amount(self, key: str, text: str) -> Decimal:
        """A number as Vietnamese staff type it, by the unit of the indicator. Raises RoundError."""
        indicator = self.edition.by_key[key]
        kind = Kind.PERCENT if indicator.is_percent else indicator.kind
        value = from_text(text, kind, indicator.choices).value
        if value is None:
            raise self.error("settings-number", text=text, key=key)
        return value


class Fields:
    """The sheet of single settings: title -> what stands beside it."""

    def __init__(self, file: str, sheet: str, rows: Rows, titles: Mapping[str, str]) -> None:
        self.file, self.sheet = file, sheet
        places = self._places(rows, {label_key(title) for title in titles.values()})
        self._rows = {name: places.get(label_key(title), 0) for name, title in titles.items()}
        self._texts = {
            name: (rows[number - 1][1].strip() if number and len(rows[number - 1]) > 1 else "")
            for name, number in self._rows.items()
        }

    def _places(self, rows: Rows, known: Container[str]) -> dict[str, int]:
        """Title as compared -> its row. Raises RoundError for what would be passed over: unknown titles, one twice."""
        places: dict[str, int] = {}
        for number, row in enumerate(rows[1:], start=2):
            name = label_key(row[0]) if row else ""
            if name in known and name not in places:
                places[name] = number
            elif any(cell.strip() for cell in row[1:2]):
                args = {"file": self.file, "sheet": self.sheet, "row": number, "text": row[0] or row[1]}
                raise RoundError("settings-twice" if name in known else "settings-label", **args)
        return places

    def __getitem__(self, name: str) -> str:
        return self._texts[name]

    def row(self, name: str) -> int:
        return self._rows[name]

    def error(self, name: str, field: str) -> RoundError:
        return RoundError(name, file=self.file, sheet=self.sheet, row=self.row(field), text=self[field])


def reader(file: str, sheets: Mapping[str, Rows], edition: Edition) -> Callable[[str], Iterator[Row]]:
    """Title of a sheet -> its rows below the head that say something."""

    def rows(sheet: str) -> Iterator[Row]:
        for number, cells in enumerate(sheets.get(sheet, ())[1:], start=2):
            if any(cell.strip() and not cell.startswith("=") for cell in cells):  # our own formulas say what a code is
                yield Row(file, sheet, number, tuple(cells), edition)

    return rows


def once(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows; each code in the first column once, unless the others say nothing. Raises RoundError."""
    seen: set[str] = set()
    for row in rows:
        code = row[0].replace(" ", "").removesuffix(".")
        if code in seen and row[1]:
            raise row.error("settings-twice", text=row[0])
        if row[1]:
            seen.add(code)
        yield row


def target(row: Row) -> Target:
    """Columns: key, value, at least or at most, note."""
    key, said = row.key(row[0]), words("round")["settings"]["directions"]
    direction = label_key(row[2])
    if direction and direction not in map(label_key, said.values()):
        raise row.error("settings-direction", text=row[2], choices=", ".join(said.values()))
    return Target(
        key=key,
        value=row.amount(key, row[1]),
        at_least=direction != label_key(said["at_most"]),
        note=row[3],
    )


def shared(row: Row) -> tuple[str, Decimal] | None:
    """Columns: key, value; None where no value is given yet."""
    key = row.key(row[0])
    return (key, row.amount(key, row[1])) if row[1] else None


def portal_row(row: Row) -> PortalRow:
    """Columns: code on the portal, key, block, words there."""
    said = words("round")["settings"]["blocks"]
    block = next((name for name, title in said.items() if label_key(row[2]) in (name, label_key(title))), None)
    if row[2] and block is None:
        raise row.error("settings-block", text=row[2], choices=", ".join(said.values()))
    return PortalRow(code=row[0], key=row.key(row[1]), block=block or "whole", title=row[3])


def severity_change(row: Row) -> SeverityChange:
    """Columns: rule, severity, reason (needed)."""
    relations = {relation.id for relation in row.edition.relations}
    rule = next((name for name in (row[0], row[0].removesuffix(".")) if name in relations | set(kinds())), None)
    if rule is None:
        raise row.error("settings-rule-fixed" if row[0] in row.edition.by_key else "settings-rule", rule=row[0])
    said = words("round")["settings"]["severity_words"]
    found = next((name for name, title in said.items() if label_key(row[1]) == label_key(title)), None)
    if found is None:
        raise row.error("settings-severity", text=row[1], choices=", ".join(said.values()))
    if not row[2]:
        raise row.error("settings-reason", rule=rule)
    return SeverityChange(rule=rule, severity=Severity(found), reason=row[2])


def letterhead(fields: Fields) -> Letterhead:
    names = ("symbol", "superior", "issuer", "place", "number", "date", "capacity", "signer", "receiver")
    copies = tuple(part.strip() for part in fields["receivers"].split(";") if part.strip())
    return Letterhead(**{name: fields[name] for name in names}, receivers=copies)


def mail(fields: Fields) -> dict[str, object]:
    """What ``MailSettings`` takes. Raises RoundError for a port that is no number or an unknown kind of security."""
    said = words("round")["settings"]["security"]
    security = fields["mail_security"].casefold().replace("/", "")
    if security and security not in said:
        raise fields.error("settings-security", "mail_security")
    port = fields["mail_port"]
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise fields.error("settings-port", "mail_port")
    return {
        "sender": fields["mail_sender"],
        "host": fields["mail_host"],
        "port": int(port) if port else None,
        "security": security,
        "user": fields["mail_user"],
        "trusted": tuple(name.lower() for name in fields["mail_trusted"].replace(";", " ").replace(",", " ").split()),
    }


def keys(fields: Fields, name: str, edition: Edition) -> tuple[str, ...]:
    """Keys parted by ";". Raises RoundError for one that does not exist."""
    row = Row(fields.file, fields.sheet, fields.row(name), (), edition)
    return tuple(row.key(part.strip()) for part in fields[name].split(";") if part.strip())
