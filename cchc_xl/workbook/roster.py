"""The list of units (danh sách đơn vị) of a round, from .xlsx (first sheet) or .csv. Ours: a mistake in it stops us."""

import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import RosterError, problem_of
from cchc_xl.model import Edition, ReportingUnit, Roster
from cchc_xl.text import file_words, label_key, markless, nfc, without_controls
from cchc_xl.workbook.incoming.on_disk import content_of
from cchc_xl.workbook.incoming.package import Refused
from cchc_xl.workbook.incoming.table_in import Unreadable, table_of

_HEAD_ROWS = 10  # a title may stand above the head
_NEEDED = ("unit_code", "unit_name")
_LONGEST_CODE = 40  # characters
_DAY = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$")
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?$")

_Row = tuple[int, Mapping[str, str]]  # row number as a person counts, column id -> text


def read_roster(path: Path, edition: Edition) -> Roster:
    """The roster in a file; levels come from the type where the column is empty. Raises RosterError."""
    try:
        content = content_of(path)
    except FileNotFoundError as error:
        raise RosterError("roster-missing", file=str(path)) from error
    except Refused as refusal:
        raise RosterError("roster-unreadable", file=str(path), problem=refusal.arguments["problem"]) from refusal
    except OSError as error:
        raise RosterError("roster-unreadable", file=str(path), problem=problem_of(error)) from error
    return roster_of(content, file=str(path), edition=edition)


def roster_of(content: bytes, *, file: str, edition: Edition) -> Roster:
    """As ``read_roster``, from the file's bytes."""
    rows = _rows(_table(content, file), file)
    units: list[ReportingUnit] = []
    by_code: dict[str, list[tuple[date, date, int]]] = defaultdict(list)
    for number, row in rows:
        unit = _unit(number, row, edition, file)
        _check_twice(unit, number, by_code[file_words(unit.code).casefold()], file)
        units.append(unit)
    consolidating = [unit for unit in units if unit.consolidating]
    reporting = tuple(unit for unit in units if not unit.consolidating)
    if not reporting:
        raise RosterError("roster-empty", file=file)
    if len(consolidating) > 1:
        raise RosterError("roster-consolidating", file=file, count=len(consolidating))
    return Roster(file=file, units=reporting, consolidating=consolidating[0] if consolidating else None)


def _problem(name: str, **args: object) -> str:
    return words("roster")["problems"][name].format(**args)


def _table(content: bytes, file: str) -> list[list[str]]:
    try:
        return table_of(content, file)
    except Unreadable as error:
        raise RosterError("roster-unreadable", file=file, problem=error.problem) from error


def _rows(table: list[list[str]], file: str) -> list[_Row]:
    """The rows below the head that hold anything."""
    best: dict[str, int] = {}
    for number, row in enumerate(table[:_HEAD_ROWS]):
        columns = columns_of(row)
        if all(name in columns for name in _NEEDED):
            return [
                (
                    at + 1,
                    {
                        name: without_controls(nfc(row[column])) if column < len(row) else ""
                        for name, column in columns.items()
                    },
                )
                for at, row in enumerate(table)
                if at > number and any(cell.strip() for cell in row)
            ]
        best = max(best, columns, key=len)
    titles = words("roster")["columns"]
    missing = [titles[name] for name in _NEEDED if name not in best]
    raise RosterError("roster-columns", file=file, columns=", ".join(missing))


def columns_of(head: list[str]) -> dict[str, int]:
    """Column id -> number, by the Vietnamese title or the English word."""
    known = {label_key(title): name for name, title in words("roster")["columns"].items()}
    known |= {label_key(name): name for name in words("roster")["columns"]}
    found: dict[str, int] = {}
    for number, title in enumerate(head):
        name = known.get(label_key(title))
        if name:
            found.setdefault(name, number)
    return found


def _unit(number: int, row: Mapping[str, str], edition: Edition, file: str) -> ReportingUnit:
    def wrong(name: str, **args: object) -> RosterError:
        return RosterError("roster-row", file=file, row=number, problem=_problem(name, **args))

    code, name, role = row["unit_code"], row["unit_name"], row.get("role", "")
    if not code:
        raise wrong("code")
    if len(code) > _LONGEST_CODE or not file_words(code):
        raise wrong("odd_code", code=code[:_LONGEST_CODE], limit=_LONGEST_CODE)
    if not name:
        raise wrong("name")
    consolidating = _is_role(role, "consolidating")
    if role and not consolidating and not _is_role(role, "reporting"):
        raise wrong("role", text=role)
    level = _level(row, edition, consolidating)
    if level not in edition.levels:
        raise wrong("level", text=level, known=", ".join(edition.levels))
    days = {}
    for column in ("valid_from", "valid_until"):
        text = row.get(column, "")
        days[column] = day(text)
        if text and days[column] is None:
            raise wrong("date", text=text)
    if days["valid_from"] and days["valid_until"] and days["valid_until"] < days["valid_from"]:
        raise wrong("dates")
    plain = {column: row.get(column, "") for column in ("printed_name", "type", "parent", "contact", "phone")}
    lists = {column: _list(row.get(column, "")) for column in ("aliases", "predecessors", "email")}
    return ReportingUnit(code=code, name=name, level=level, consolidating=consolidating, **plain, **lists, **days)


def _is_role(text: str, role: str) -> bool:
    """Marks may be missing ("tong hop"): a role misread would silently change how many units are due."""
    return markless(text) in {markless(word) for word in words("roster")["roles"][role]}


def _level(row: Mapping[str, str], edition: Edition, consolidating: bool) -> str:
    """The level as given, else of the type, else the edition's (one above it for the consolidating unit)."""
    if row.get("level"):
        return row["level"].lower()
    types = edition.words.get("types", {})
    known = types.get(row.get("type", "").lower()) if isinstance(types, Mapping) else None
    if known:
        return str(known)
    own = edition.levels.index(edition.level)
    return edition.levels[min(own + consolidating, len(edition.levels) - 1)]


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def day(text: str) -> date | None:
    """``01/7/2025`` or ``2025-07-01``; None for anything else."""
    local, iso = _DAY.match(text), _ISO.match(text)
    try:
        if local:
            return date(int(local[3]), int(local[2]), int(local[1]))
        return date(int(iso[1]), int(iso[2]), int(iso[3])) if iso else None
    except ValueError:
        return None


def _check_twice(unit: ReportingUnit, number: int, before: list[tuple[date, date, int]], file: str) -> None:
    """A code may be used again after its unit ended, never by two units at one time; so, too, one so alike that the
    names of their files would be the same.

    ``before``: first and last day of those with the code so far, apart from each other and in order; gets this one.
    """
    starts, ends = unit.valid_from or date.min, unit.valid_until or date.max
    at = bisect(before, (starts, ends, number))
    for other_starts, other_ends, other in before[max(0, at - 1) : at + 1]:
        if starts <= other_ends and other_starts <= ends:
            problem = _problem("twice", code=unit.code, other=other)
            raise RosterError("roster-row", file=file, row=number, problem=problem)
    before.insert(at, (starts, ends, number))
