"""The frame of a letter: who reports to whom, number, place and date, who signs.

What the consolidating unit's own workbook says on its sheet "about" is used; the rest is left to fill. The
program never reads the clock: without a date only the year of the period is printed.
"""

import re
from collections.abc import Mapping

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Consolidation, Edition, ReportingUnit

_DAY_FIRST = re.compile(r"^\D*(\d{1,2})\D+(\d{1,2})\D+(\d{4})\D*$")
_YEAR_FIRST = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?$")
_CAPACITY_PARTS = re.compile(r"\s*[/;\n]\s*")
_ON_BEHALF = ("TM.", "TL.", "TUQ.")


def letter_values(consolidation: Consolidation, owner: str) -> dict[str, str]:
    """The frame's names as template tags use them. ``owner``: the consolidating unit as printed in a sentence."""
    unit = consolidation.roster.consolidating
    edition, letter = consolidation.edition, words("word")["letter"]
    own = consolidation.own.submission if consolidation.own else None
    about: Mapping[str, str] = own.about if own else {}
    level = (unit.level if unit else "") or edition.level
    bodies = edition.words["levels"]
    body = bodies.get(level, bodies[edition.level])["body"]
    day, month, year = date_parts(about.get("report_date", ""), consolidation.period.code[:4], letter["day_blank"])
    place = about.get("place", "").strip() or (unit.title if unit else letter["place_blank"])
    return {
        "don_vi": owner,
        "don_vi_hoa": owner.upper(),
        "co_quan": letter["authority"].format(unit=owner),
        "co_quan_hoa": body,
        "cap": level if unit else _next_level(edition),
        "cap_duoi": edition.level,
        "ky": consolidation.period.title,
        "ky_hoa": consolidation.period.title.upper(),
        "nam": consolidation.period.code[:4],
        "so_ban_hanh": report_number(about.get("report_number", "")) or letter["annex_number"],
        "noi_ngay_ban_hanh": letter["place_date"].format(place=place, day=day, month=month, year=year),
        "ngay_ban_hanh": letter["annex_date"].format(day=day, month=month, year=year),
        "kinh_gui": _receiver(unit, letter),
        "chuc_vu": capacity_lines(about.get("signer_capacity", ""), letter["capacity"]),
        "nguoi_ky": about.get("signer", "").strip(),
    }


def _next_level(edition: Edition) -> str:
    """The level that consolidates the reporting units when the roster names nobody."""
    above = edition.levels[edition.levels.index(edition.level) + 1 :]
    return above[0] if above else edition.level


def report_number(given: str) -> str:
    """``5/BC-UBND`` -> ``05``: the symbol stands in the template; numbers below 10 have a leading 0."""
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


def capacity_lines(given: str, usual: list[str]) -> str:
    """The capacity in capitals, one rank a line, below "on behalf of" the body."""
    ranks = [part.upper() for part in _CAPACITY_PARTS.split(given.strip()) if part]
    if not ranks:
        return "\n".join(usual)
    return "\n".join(ranks if ranks[0].startswith(_ON_BEHALF) else [usual[0], *ranks])
