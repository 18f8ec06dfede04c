"""Number, date, place and signature of what is sent: the letterhead the staff set, else the own workbook's words."""

import re
from collections.abc import Mapping

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Consolidation, Letterhead

_RANKS = re.compile(r"[/;\n]")
_DAY = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_GIVEN = {"report_date": "date", "place": "place", "signer": "signer"}
_KEPT = ("report_number", "report_date", "place", "signer", "signer_capacity", "status")


def about_of(consolidation: Consolidation) -> dict[str, str]:
    """The fields of ``Thông tin`` that are known, never who prepared it."""
    own = consolidation.own.submission if consolidation.own else None
    said = {field: own.about[field] for field in _KEPT if own and own.about.get(field, "").strip()}
    head = consolidation.letterhead
    given = {field: getattr(head, name) for field, name in _GIVEN.items()}
    given |= {"report_number": _number(head), "signer_capacity": "; ".join(_ranks(head.capacity))}
    return {**said, **{field: text for field, text in given.items() if text}}


def _number(head: Letterhead) -> str:
    """``62`` and ``BC-SNV`` -> ``62/BC-SNV``."""
    number = head.number.strip()
    symbol = head.symbol.strip() or words("word")["letter"]["symbol"]
    return f"{number}/{symbol}" if number and "/" not in number else number


def _ranks(given: str) -> list[str]:
    """The ranks of who signs, without the body signed for: the forms print that themselves."""
    body = str(words("word")["letter"]["capacity"][0])
    return [rank for part in _RANKS.split(given) if (rank := part.strip()) and rank.upper() != body]


def attached(about: Mapping[str, str], unit: str) -> str:
    """``(Kèm theo Báo cáo số …)`` under the title of a form."""
    form = words("sheets")["form"]
    number, date = about.get("report_number") or form["no_number"], about.get("report_date") or form["no_date"]
    return str(form["attached"]).format(number=number, date=date, unit=form["of_body"].format(unit=unit))


def place_and_date(about: Mapping[str, str], place: str) -> str:
    """Over a signature; points where the date is open. ``place``: where the fields name none."""
    said, date = words("sheets")["about_sheet"], about.get("report_date", "").strip()
    where, spelt = about.get("place", "").strip() or place, _DAY.match(date)
    if spelt:
        return str(said["printed_date"]).format(place=where, day=spelt[1], month=spelt[2], year=spelt[3])
    return f"{where}, {date or said['printed_blank']}".removeprefix(", ")


def capacity(about: Mapping[str, str]) -> str:
    """The ranks of who signs, one a line."""
    ranks = _ranks(about.get("signer_capacity", "").upper())
    return "\n".join(ranks) or str(words("sheets")["about_sheet"]["capacities"][0])
