"""The frame of a letter: who reports to whom, number, place and date, who signs.

What the staff set for the round goes first, then what the consolidating unit's own workbook says on its sheet "about";
the rest is left to fill. The program never reads the clock: without a date only the year of the period is printed.
"""

import re
from collections.abc import Mapping

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.unit_words import own_word, units_word
from cchc_xl.model import Consolidation, Edition, Letterhead, ReportingUnit
from cchc_xl.text import same_sound, without_controls

_DAY_FIRST = re.compile(r"^\D*(\d{1,2})\D+(\d{1,2})\D+(\d{4})\D*$")
_YEAR_FIRST = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?$")
_CAPACITY_PARTS = re.compile(r"\s*[/;\n]\s*")
_ON_BEHALF = ("TM.", "TL.", "TUQ.")


def letter_values(consolidation: Consolidation, owner: str) -> dict[str, object]:
    """The frame's names as template tags use them. ``owner``: the consolidating unit as printed in a sentence."""
    unit, given = consolidation.roster.consolidating, consolidation.letterhead
    edition, letter = consolidation.edition, words("word")["letter"]
    own = consolidation.own.submission if consolidation.own else None
    about: Mapping[str, str] = own.about if own else {}
    level = (unit.level if unit else "") or edition.level
    bodies = edition.words["levels"]
    body = bodies.get(level, bodies[edition.level])["body"]
    day, month, year = date_parts(
        given.date or about.get("report_date", ""), consolidation.period.code[:4], letter["day_blank"]
    )
    place = given.place or about.get("place", "").strip() or (unit.title if unit else letter["place_blank"])
    number = given.number or about.get("report_number", "")
    return {
        "don_vi": owner,
        "don_vi_hoa": owner.upper(),
        "co_quan": _authority(given.issuer, owner),
        "co_quan_hoa": body,
        "ten_co_quan": given.issuer.upper() or f"{body}\n{owner.upper()}",
        "cap_tren": given.superior.upper(),
        "cap": level if unit else _next_level(edition),
        "cap_duoi": edition.level,
        "loai": own_word(consolidation, level if unit else _next_level(edition)),
        "loai_don_vi": units_word(consolidation),
        "ky": consolidation.period.title,
        "ky_hoa": consolidation.period.title.upper(),
        "nam": consolidation.period.code[:4],
        "so_ban_hanh": report_number(number) or letter["annex_number"],
        "ky_hieu": given.symbol or _symbol_of(number) or letter["symbol"],
        "noi_ngay_ban_hanh": letter["place_date"].format(place=place, day=day, month=month, year=year),
        "ngay_ban_hanh": letter["annex_date"].format(day=day, month=month, year=year),
        "kinh_gui": given.receiver.rstrip(". ") or _receiver(unit, letter),
        "noi_nhan": _copies(given),
        "chuc_vu": _capacity(given, about.get("signer_capacity", "")),
        "nguoi_ky": given.signer or about.get("signer", "").strip(),
    }


def _next_level(edition: Edition) -> str:
    """The level that consolidates the reporting units when the roster names nobody."""
    above = edition.levels[edition.levels.index(edition.level) + 1 :]
    return above[0] if above else edition.level


def _is_committee(issuer: str) -> bool:
    """Whether the people's committee itself issues the report, in full or by its letters."""
    said = same_sound(issuer)
    return not said or any(said.startswith(same_sound(name)) for name in words("word")["letter"]["committee"])


def _authority(issuer: str, owner: str) -> str:
    """The issuing body as printed in a sentence: an issuer set in capitals gets those of a name."""
    letter = words("word")["letter"]
    if _is_committee(issuer):
        return str(letter["authority"]).format(unit=owner)
    if not issuer.isupper():
        return without_controls(issuer)
    said = without_controls(issuer).lower()
    name = owner.partition(" ")[2]
    if name and name.lower() in said:
        said = said.replace(name.lower(), name)
    first, space, rest = said.partition(" ")
    rest = rest[:1].upper() + rest[1:] if first in letter["named_by_field"] else rest
    return first.capitalize() + space + rest


def _symbol_of(number: str) -> str:
    """``62/BC-SNV`` -> ``BC-SNV``."""
    return number.partition("/")[2].strip()


def report_number(given: str) -> str:
    """``5/BC-UBND`` -> ``05``: the symbol is printed apart; numbers below 10 have a leading 0."""
    number = given.strip().split("/")[0].strip()
    return number.zfill(2) if number.isdigit() else number


def date_parts(given: str, year: str, blank: str) -> tuple[str, str, str]:
    """Day and month as official letters print them: 09 for days, 01 and 02 for months."""
    found = _YEAR_FIRST.match(given.strip())
    if found:
        year, month, day = found[1], int(found[2]), int(found[3])
    elif found := _DAY_FIRST.match(given.strip()):
        year, month, day = found[3], int(found[2]), int(found[1])
    else:
        return blank, blank, year
    return f"{day:02d}", f"{month:02d}" if month <= 2 else str(month), year


def _receiver(unit: ReportingUnit | None, letter: Mapping[str, str]) -> str:
    """The authority above, when the roster names it in words and not by a code alone."""
    parent = unit.parent.strip() if unit else ""
    if not parent or parent.isdigit():
        return letter["receiver_blank"]
    return letter["receiver"].format(parent=parent)


def _copies(given: Letterhead) -> tuple[str, ...]:
    """Whom copies go to, one line each with its dash; the last line ends with a full stop. Empty: as the template."""
    lines = [without_controls(line).strip(" -–;.") for line in given.receivers]
    lines = [line for line in lines if line]
    return tuple(f"- {line}{'.' if number == len(lines) else ';'}" for number, line in enumerate(lines, start=1))


def _capacity(given: Letterhead, own: str) -> str:
    """Who signs for whom, one rank a line. Only a people's committee signs on behalf of its members."""
    letter = words("word")["letter"]
    if _is_committee(given.issuer):
        return capacity_lines(given.capacity or own, letter["capacity"])
    ranks = [part.upper() for part in _CAPACITY_PARTS.split((given.capacity or own).strip()) if part]
    return "\n".join(ranks) or str(letter["capacity_blank"])


def capacity_lines(given: str, usual: list[str]) -> str:
    """The capacity in capitals, one rank a line, below "on behalf of" the body."""
    ranks = [part.upper() for part in _CAPACITY_PARTS.split(given.strip()) if part]
    if not ranks:
        return "\n".join(usual)
    return "\n".join(ranks if ranks[0].startswith(_ON_BEHALF) else [usual[0], *ranks])
