"""Signed copies: a PDF or scan kept beside the workbook it signs, told to its unit by how it came."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from cchc_xl.rounds.keeping.folder import Round
from cchc_xl.rounds.receiving.arrivals import MAIL, Arrival
from cchc_xl.rounds.receiving.senders import doubt, sender_unit
from cchc_xl.rounds.receiving.states import Fate, Seen

_PAPER = ("pdf", "image")
_SMALLEST_SCAN = 20_000  # bytes: below that a picture is a logo
_NUMBER = re.compile(r"\d+")


def signed_copies(the_round: Round, seen: Sequence[Seen]) -> tuple[tuple[Seen, ...], Mapping[str, str]]:
    """The attachments with units told to signed copies, and unit -> sha256 of its latest signed copy."""
    workbooks = [one for one in seen if one.fate in (Fate.CURRENT, Fate.SUPERSEDED, Fate.WAITING, Fate.DUPLICATE)]
    by_message = _only((one.arrival.message, one.unit) for one in workbooks)
    taken = {(one.arrival.message, one.unit) for one in seen if one.fate in (Fate.CURRENT, Fate.SUPERSEDED)}
    by_stem = _only((_stem(one.arrival), one.unit) for one in workbooks)
    told: list[Seen] = []
    latest: dict[str, Seen] = {}
    for one in seen:
        unit = _unit_of(the_round, one.arrival, by_message, by_stem) if _is_scan(one) else ""
        known = the_round.unit(unit)
        if known and (one.arrival.message, unit) not in taken and doubt(the_round, one.arrival, known):
            unit = ""  # a stranger's scan takes nobody's place
        if unit:
            name = known.full_name if known else unit
            one = replace(one, unit=unit, reason="signed_copy", args={"unit": name})
            before = latest.get(unit)
            latest[unit] = one if before is None or one.arrival.order > before.arrival.order else before
        told.append(one)
    return tuple(told), {unit: one.arrival.sha256 for unit, one in latest.items()}


def _only(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What came together -> the unit of its workbooks, where they are all of one unit."""
    units: dict[str, set[str]] = {}
    for together, unit in pairs:
        if together and unit:
            units.setdefault(together, set()).add(unit)
    return {together: found.pop() for together, found in units.items() if len(found) == 1}


def _is_scan(one: Seen) -> bool:
    kind = one.args.get("kind")
    if one.fate is not Fate.NOT_A_REPORT or one.arrival.inline or kind not in _PAPER:
        return False
    return kind == "pdf" or one.arrival.size >= _SMALLEST_SCAN


def _unit_of(the_round: Round, arrival: Arrival, by_message: Mapping[str, str], by_stem: Mapping[str, str]) -> str:
    """With whose workbook it came, beside whose it lies under the same name, who sent it, whose code its name bears, or
    that of the folder it was saved in.
    """
    found = by_message.get(arrival.message, "") or by_stem.get(_stem(arrival), "")
    if found:
        return found
    return unit_told(the_round, arrival)


def unit_told(the_round: Round, arrival: Arrival) -> str:
    """The code of the unit that sent it, or whose code stands in its name or folder; "" where nothing tells."""
    sender = sender_unit(the_round, arrival.senders[0]) if len(arrival.senders) == 1 else None
    if sender:
        return sender.code
    folder = "" if arrival.channel == MAIL else arrival.source.rpartition("/")[0].rpartition("/")[2]
    for text in (arrival.name, folder):
        codes = {unit.code for unit in the_round.units} & set(_NUMBER.findall(text))
        if codes:
            return codes.pop() if len(codes) == 1 else ""
    return ""


def _stem(arrival: Arrival) -> str:
    """Where it lay, without its suffix."""
    head, _, suffix = arrival.source.rpartition(".")
    return head if head and "/" not in suffix else arrival.source
