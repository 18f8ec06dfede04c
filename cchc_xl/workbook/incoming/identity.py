"""Who sent a workbook, for which period, on which forms. Carriers that disagree stop the file: nobody guesses."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.load import DEFAULT, available, load, period_of, shipped_editions
from cchc_xl.model import Edition, Finding, ReportingUnit, Roster, Severity, UnitName
from cchc_xl.text import label_key, markless, nfc, same_sound
from cchc_xl.workbook.incoming.book_in import Book
from cchc_xl.workbook.incoming.package import Refused
from cchc_xl.workbook.incoming.rows_in import skeleton
from cchc_xl.workbook.layout import EDITION_NAME, LEVEL_NAME, PERIOD_NAME, UNIT_NAME

# The same names and titles are compared for every file of a round.
_by_sound = lru_cache(maxsize=4096)(same_sound)
_without_marks = lru_cache(maxsize=4096)(markless)
_title = lru_cache(maxsize=4096)(label_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What the file's two carriers say, "" where neither says anything."""

    edition: str
    unit: str
    period: str
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who and when, as far as known. ``level`` is never empty."""

    unit: UnitName | None
    period: str | None
    level: str
    findings: tuple[Finding, ...]


def carried(book: Book) -> Carried:
    """Custom properties and defined names, held against each other. Raises Refused when they differ."""
    names = {"edition": EDITION_NAME, "unit": UNIT_NAME, "period": PERIOD_NAME}
    properties = {name.upper(): value for name, value in book.properties.items()}
    said = {what: _one(what, properties.get(name, ""), book.constant(name) or "") for what, name in names.items()}
    # The level is a word with marks, which some programs garble in properties: the defined name goes first.
    return Carried(**said, level=nfc(book.constant(LEVEL_NAME) or properties.get(LEVEL_NAME, "")))


def _one(what: str, first: str, second: str) -> str:
    first, second = nfc(first), nfc(second)
    if first and second and not _same_code(first, second):
        raise _differ(what, first, second)
    return max(first, second, key=len)


def _same_code(first: str, second: str) -> bool:
    """Equal, or equal but for leading zeros, which Excel drops from a code typed as a number."""
    return first == second or (first.isdecimal() and second.isdecimal() and first.lstrip("0") == second.lstrip("0"))


def _differ(what: str, first: str, second: str) -> Refused:
    word = words("reader")["identity"][what]
    return Refused("identity-carriers-differ", what=word, first=first[:80], second=second[:80])


def edition_of(said: Carried, wanted: Edition | None) -> tuple[Edition, tuple[Finding, ...]]:
    """The edition to read by. Raises Refused for one that nobody has."""
    if not said.edition:
        edition = wanted or load(DEFAULT)
        missing = Finding(id="identity-edition-missing", severity=Severity.NOTE, args={"edition": edition.id})
        return edition, (missing,)
    if wanted and wanted.id == said.edition:
        return wanted, ()
    if said.edition in shipped_editions() or said.edition in available():  # the second asks the disk
        return load(said.edition), ()
    raise Refused("identity-edition-unknown", edition=said.edition[:80])


def identify(said: Carried, about: Mapping[str, str], edition: Edition, roster: Roster | None) -> Identity:
    """Unit, period and level from the carriers, then from Thông tin. Raises Refused when these disagree."""
    code = _unit_code(said, about)
    name = nfc(about.get("unit_name", ""))
    period, doubts = _period(said, about, edition)
    day = period_of(edition, period).end if period else None
    unit, known, findings = _unit(code, name, edition, roster, day)
    level, strange = (known.level, ()) if known and known.level else _level(said.level, edition)
    return Identity(unit=unit, period=period, level=level, findings=(*findings, *doubts, *strange))


def _level(said: str, edition: Edition) -> tuple[str, tuple[Finding, ...]]:
    """A level of the edition's. Some programs garble the marked letters of properties; the consonants stay."""
    if not said or said in edition.levels:
        return said or edition.level, ()
    alike = [level for level in edition.levels if skeleton(level) == skeleton(said)]
    if len(alike) == 1:
        return alike[0], ()
    args = {"said": said[:80], "level": edition.level}
    return edition.level, (Finding(id="identity-level-unknown", severity=Severity.WARNING, args=args),)


def _unit_code(said: Carried, about: Mapping[str, str]) -> str:
    """A visible code that differs from the carried one: somebody used another unit's file."""
    visible = nfc(about.get("unit_code", ""))
    if said.unit and visible and not _same_code(said.unit, visible):
        raise _differ("unit", said.unit, visible)
    return said.unit or visible


def _unit(
    code: str, name: str, edition: Edition, roster: Roster | None, day: date | None
) -> tuple[UnitName | None, ReportingUnit | None, tuple[Finding, ...]]:
    if not code and not name:
        severity = Severity.ERROR if roster else Severity.WARNING
        return None, None, (Finding(id="identity-unit-missing", severity=severity),)
    if roster is None:
        return UnitName(code=code, name=name), None, ()
    known = _by_code(code, roster, day) if code else by_name(name, edition, roster)
    if known is None:
        args = {"unit_code": code, "unit_name": name}
        unknown = Finding(id="identity-unit-unknown", severity=Severity.ERROR, args=args)
        return UnitName(code=code, name=name), None, (unknown,)
    said: list[Finding] = []
    args = {"unit_code": known.code, "unit_name": name, "expected_name": known.title}
    if not code:
        said.append(Finding(id="identity-unit-by-name", severity=Severity.NOTE, args=args))
    elif name and not _is_called(known, name, edition, _by_sound):
        said.append(Finding(id="identity-unit-name", severity=Severity.WARNING, args=args))
    return UnitName(code=known.code, name=known.title), known, tuple(said)


def _by_code(code: str, roster: Roster, day: date | None) -> ReportingUnit | None:
    exact = roster.find(code, day)
    if exact:
        return exact
    alike = [unit for unit in _all_units(roster) if _same_code(unit.code, code)]
    return alike[0] if len(alike) == 1 else None


def _all_units(roster: Roster) -> tuple[ReportingUnit, ...]:
    return (*roster.units, *((roster.consolidating,) if roster.consolidating else ()))


def by_name(name: str, edition: Edition, roster: Roster) -> ReportingUnit | None:
    """The only unit of that name: letter by letter, then by sound, then without marks. None when several fit."""
    for fold in (str.casefold, _by_sound, _without_marks):
        found = [unit for unit in _all_units(roster) if _is_called(unit, name, edition, fold)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _is_called(unit: ReportingUnit, name: str, edition: Edition, fold: Callable[[str], str]) -> bool:
    """Is this one of the unit's names, with or without the words of its office and its own type before it?"""
    spoken = fold(nfc(name))
    offices = [fold(nfc(word)) for word in words("reader")["identity"]["offices"]]
    leads = [fold(nfc(unit.type))] if unit.type else [fold(nfc(word)) for word in _types(edition)]
    starts = {"", *leads, *offices, *(f"{office} {lead}" for office in offices for lead in leads)}
    own_names = (fold(nfc(own)) for own in (unit.name, unit.printed_name, *unit.aliases) if own)
    return any(spoken == f"{start} {own}".strip() for own in own_names for start in starts)


def _types(edition: Edition) -> tuple[str, ...]:
    types = edition.words.get("types", {})
    return tuple(types) if isinstance(types, Mapping) else ()


def _period(said: Carried, about: Mapping[str, str], edition: Edition) -> tuple[str | None, tuple[Finding, ...]]:
    visible_text = about.get("period", "")
    visible = period_code(visible_text, edition) if visible_text else ""
    code = period_code(said.period, edition) if said.period else ""
    if said.period and visible and (code or said.period) != visible:
        raise _differ("period", said.period, visible_text)
    if code or visible:
        return code or visible, ()
    text = said.period or visible_text
    if not text:
        return None, (Finding(id="identity-period-missing", severity=Severity.WARNING),)
    return None, (Finding(id="identity-period-unknown", severity=Severity.ERROR, args={"period": text[:80]}),)


def period_code(text: str, edition: Edition) -> str:
    """``2022-6T`` from a code or a printed name ("6 tháng đầu năm 2022"); "" for no period of the edition."""
    year = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", text)
    if not year:
        return ""
    said = _title(text)
    for lead in (_title(words("sheets")["about"]["period"]), _title(words("reader")["identity"]["period_lead"])):
        said = said.removeprefix(lead).strip()
    for kind, spec in edition.period_kinds.items():
        spellings = (f"{year[0]} {kind}", f"{kind} {year[0]}", spec["title"].format(year=year[0]))
        if said in {_title(one) for one in spellings}:
            return f"{year[0]}-{kind}"
    return ""
