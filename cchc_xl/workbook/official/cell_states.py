"""The hidden columns of a form: what stands in an answer cell, as a state and a number; and amounts in words.

Each formula has its twin in Python, so that the stored values are right before any program recalculates.
"""

from collections.abc import Mapping
from decimal import Decimal

from cchc_xl.model import Indicator, Kind
from cchc_xl.number import round_half_up
from cchc_xl.relations.excel import STATE_BLANK, STATE_NONE_ARISING, STATE_NUMBER, STATE_UNREADABLE, trimmed
from cchc_xl.workbook.layout import HELPER_STATE, HELPER_VALUE, VALUE, Place
from cchc_xl.workbook.official.plan import choice_text, none_arising_words, texts
from cchc_xl.workbook.official.remaining import mark_test, takes_mark

LARGEST_SAID = 10**9  # beyond, no amount of these forms is meant


def quoted(text: str) -> str:
    """The text as a string in a formula."""
    return '"' + text.replace('"', '""') + '"'


def state_formula(row: Indicator, place: Place, level: str) -> str:
    """The state of the value cell: number, blank, none arising (also by the form's mark), unreadable."""
    cell = place.cell(VALUE)
    said = f"UPPER({trimmed(cell)})"
    words = ",".join(f"{said}={quoted(word)}" for word in none_arising_words())
    other = str(STATE_UNREADABLE)
    if row.choices:
        known = ",".join(f"{said}={quoted(_choice(choice.value, choice.label))}" for choice in row.choices)
        other = f"IF(OR({known}),{STATE_NUMBER},{STATE_UNREADABLE})"
    blank = str(STATE_BLANK)
    if takes_mark(row, level):
        blank = f"IF({mark_test()},{STATE_NONE_ARISING},{STATE_BLANK})"
    nothing = trimmed(f'{cell}&""')
    text = f'IF({nothing}="",{blank},IF(OR({words}),{STATE_NONE_ARISING},{other}))'
    return f"=IF(ISERROR({cell}),{STATE_UNREADABLE},IF(ISNUMBER({cell}),{STATE_NUMBER},{text}))"


def value_formula(row: Indicator, place: Place) -> str:
    """The number to compute with: what is typed, 0 for none arising, a choice's number; else empty text."""
    cell, state = place.cell(VALUE), place.cell(HELPER_STATE)
    number = cell
    if row.choices:
        number = '""'
        for choice in reversed(row.choices):
            said = f"UPPER({trimmed(cell)})={quoted(_choice(choice.value, choice.label))}"
            number = f"IF({said},{choice.value},{number})"
        number = f"IF(ISNUMBER({cell}),{cell},{number})"
    return f'=IF({state}={STATE_NUMBER},{number},IF({state}={STATE_NONE_ARISING},0,""))'


def _choice(value: int, label: str) -> str:
    return choice_text(value, label).upper()


def echo_formula(row: Indicator, place: Place) -> str:
    """The number said in words; why a cell is not understood; empty where nothing needs saying."""
    said = texts()["echo"]
    state, value = place.cell(HELPER_STATE), place.cell(HELPER_VALUE)
    number = '""'
    scale = _scale(row)
    if scale:
        words = quoted(scale["lead"])
        rest = value if scale["times"] == 1 else f"ROUND({value}*{scale['times']},0)"
        for size, word in scale["scales"]:
            count = f"INT({rest}/{size})" if size > 1 else f"INT({rest})"
            named = f'" "&{count}' + (f'&" {word}"' if word else "")
            words += f"&{named}" if size <= scale["above"] + 1 and size > 1 else f'&IF({rest}>={size},{named},"")'
            rest = f"MOD({rest},{size})"  # of a small number: old versions of Excel fail on large quotients
        tail = f'&" {scale["tail"]}"' if scale["tail"] else ""
        spoken = f"IF({value}>{LARGEST_SAID},{quoted(said['too_large'])},{words}{tail})"
        number = f'IF({value}>{scale["above"]},{spoken},"")'
    nothing = quoted(said["none_arising"])
    unreadable = quoted(_unreadable(row))
    inner = f'IF({state}={STATE_NONE_ARISING},{nothing},IF({state}={STATE_UNREADABLE},{unreadable},""))'
    return f"=IF({state}={STATE_NUMBER},{number},{inner})" if scale else f"={inner}"


def echo_text(row: Indicator, state: int, value: Decimal | None) -> str:
    """What ``echo_formula`` shows."""
    said = texts()["echo"]
    if state in (STATE_NONE_ARISING, STATE_UNREADABLE):
        return said["none_arising"] if state == STATE_NONE_ARISING else _unreadable(row)
    scale = _scale(row)
    if scale is None or value is None or value <= scale["above"]:
        return ""
    if value > LARGEST_SAID:
        return said["too_large"]
    exact = value if scale["times"] == 1 else round_half_up(value * scale["times"])
    parts, rest = [scale["lead"]], int(exact)
    for size, word in scale["scales"]:
        count, rest = divmod(rest, size) if size > 1 else (rest, 0)
        if count:
            parts.append(f"{count} {word}".strip())
    return " ".join([*parts, scale["tail"]]).strip()


def _unreadable(row: Indicator) -> str:
    return texts()["echo"]["unreadable_choice" if row.choices else "unreadable"]


def _scale(row: Indicator) -> Mapping | None:
    """How this row's numbers are said; None for percents and choices."""
    said = texts()["echo"]
    if row.kind is Kind.AMOUNT:
        return said["units"].get(row.unit.lower())
    return said["count"] if row.kind in (Kind.COUNT, Kind.TOTAL, Kind.HEADING) else None
