"""The one door for numbers: what a clerk typed, as text, becomes a Decimal or is refused. And back.

Numeric cells are XML numbers and are never re-read by separators (``from_cell``); the readings below are for
text cells only (``from_text``). Meaning depends on what the row counts: a dot is a thousands mark in counts,
a decimal mark in percents. What reads two ways is read one way and said (``Reading.doubt``).
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from importlib import resources

from cchc_xl.model import Choice, Kind

ZERO = Decimal(0)
HUNDRED = Decimal(100)
SMALLEST = 1e-15  # what is smaller was left over by a computation
LARGEST = Decimal(10) ** 15  # Excel keeps 15 digits: beyond that nothing typed is a statistic

_WORDS = tomllib.loads(resources.files("cchc_xl").joinpath("number.toml").read_text("utf-8"))
_NONE_ARISING = frozenset(_WORDS["none_arising"])
_NOT_APPLICABLE = frozenset(_WORDS["not_applicable"])
_NOTHING = frozenset(_WORDS["nothing"])
_EXACT = frozenset(_WORDS["exact_none_arising"])
AMOUNT_UNIT: str = _WORDS["amount_unit"]
_SCALES = frozenset(_WORDS["scales"])
_UNKNOWN = frozenset(_WORDS["unknown"])
_YES = frozenset(_WORDS["yes"])
_NO = frozenset(_WORDS["no"])

_XML_NUMBER = re.compile(r"^[ \t\r\n]*[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?[ \t\r\n]*$")
_PLAIN = re.compile(r"^[+-]?\d+$")
_GROUPS_DOT = re.compile(r"^[+-]?\d{1,3}(?:\.\d{3})+$")
_GROUPS_COMMA = re.compile(r"^[+-]?\d{1,3}(?:,\d{3})+$")
_GROUPS_SPACE = re.compile(r"^[+-]?\d{1,3}(?: \d{3})+$")
_DOT_COMMA = re.compile(r"^[+-]?\d{1,3}(?:\.\d{3})*,\d+$")
_COMMA_DOT = re.compile(r"^[+-]?\d{1,3}(?:,\d{3})+\.\d+$")
_DECIMAL = re.compile(r"^[+-]?\d+[.,]\d+$")
_WITH_WORDS = re.compile(r"^(?P<number>[+-]?[\d.,]*\d) ?(?P<words>[^\W\d_][^\d]*)$")
_CHOICE = re.compile(r"^(\d{1,3})(?:\s*[-–—:.=)]\s*|\s+)(\D*)$")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text cell says.

    ``word``: "" (a number is in ``value``), "none_arising", "not_applicable", "blank" or "unreadable".
    ``doubt``: "" or the name of the note to make (``number-…`` in findings.toml) on how it was read.
    """

    value: Decimal | None = None
    word: str = ""
    doubt: str = ""


UNREADABLE = Reading(word="unreadable")


class Stored(str):
    """The number of a numeric cell in a table that is otherwise text: its point is no thousands mark."""

    __slots__ = ()

    def strip(self, _: str | None = None, /) -> "Stored":
        return self


def from_cell(text: str) -> Decimal | None:
    """The number of a numeric cell as stored in XML; None for what is no finite number.

    Excel stores 63.6 as 63.600000000000001 at times: the shortest number with the same double is meant.
    """
    if not _XML_NUMBER.match(text):
        return None
    number = float(text)
    if abs(number) > float(LARGEST):
        return None
    if abs(number) < SMALLEST:
        return ZERO
    return tidy(Decimal(repr(number)))


def tidy(value: Decimal) -> Decimal:
    """The same number without trailing zeros, exponent or a sign on 0: 100 rather than 1E+2."""
    whole = value.to_integral_value()
    return Decimal(int(whole)) if value == whole else value.normalize()


def from_text(text: str, kind: Kind, choices: tuple[Choice, ...] = ()) -> Reading:
    """Read a text cell of a row of this kind. Never raises, whatever the text.

    >>> from_text("3.000", Kind.AMOUNT).value, from_text("63,6 %", Kind.PERCENT).value
    (Decimal('3000'), Decimal('63.6'))
    """
    if isinstance(text, Stored):
        return _stored(text, kind, choices)
    typed = clean(text)
    if not typed:
        return Reading(word="blank")
    low = typed.lower().rstrip(".") if typed != "..." else typed
    if low in _NONE_ARISING:
        return Reading(word="none_arising", doubt="" if _as_on_the_sheet(text) in _EXACT else "number-word")
    if low in _NOT_APPLICABLE:
        return Reading(word="not_applicable")
    if low in _UNKNOWN or typed in _UNKNOWN:
        return Reading(word="blank", doubt="number-placeholder")
    if choices:
        return _choice(low, choices, text)
    if low in _NOTHING:
        return Reading(word="none_arising", doubt="number-word")
    return _number(typed, kind)


def _stored(text: Stored, kind: Kind, choices: tuple[Choice, ...]) -> Reading:
    """A count and a code have no decimals, typed or stored."""
    value = from_cell(text)
    if value is None or ((choices or kind is Kind.COUNT) and value != value.to_integral_value()):
        return UNREADABLE
    is_choice = not choices or value in {choice.value for choice in choices}
    return Reading(value=value) if is_choice else UNREADABLE


def clean(text: str) -> str:
    """NFC, every kind of space to one space, zero-width characters dropped, ends trimmed."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return " ".join(text.split()).lstrip("'").strip()


def _as_on_the_sheet(text: str) -> str:
    """Text as the sheet's own formulas compare it: blanks trimmed and joined, capitals alike, nothing else."""
    return " ".join(part for part in text.split(" ") if part).upper()


def _choice(low: str, choices: tuple[Choice, ...], text: str) -> Reading:
    """A choice as its code ("1"), code and words ("1 – Có"), words alone, or a mark for yes."""
    codes = {str(choice.value): choice for choice in choices}
    if low in codes:
        return Reading(value=Decimal(low), doubt="number-as-text")
    led = _CHOICE.match(low)
    if led and str(int(led[1])) in codes:
        choice = codes[str(int(led[1]))]
        plain = _as_on_the_sheet(text) == f"{choice.value} – {choice.label}".upper()
        return Reading(value=Decimal(choice.value), doubt="" if plain else "number-choice-words")
    if low in {f"0{code}" for code in codes}:
        return Reading(value=Decimal(low), doubt="number-as-text")
    named = [choice for choice in choices if choice.label.lower() == low]
    if not named and {choice.value for choice in choices} == {0, 1}:
        wanted = 1 if low in _YES else 0 if low in _NO else None
        named = [choice for choice in choices if choice.value == wanted]
    if len(named) == 1:
        return Reading(value=Decimal(named[0].value), doubt="number-choice-words")
    return UNREADABLE


def _number(typed: str, kind: Kind) -> Reading:
    percent = kind in (Kind.PERCENT, Kind.RATIO)
    doubt = "number-as-text"
    bare = typed.replace("≈", "").replace("~", "").strip()
    if bare != typed:
        doubt = "number-approximate"
    if bare.endswith("%"):
        if not percent:
            return UNREADABLE
        bare = bare[:-1].strip()
    else:
        led = _WITH_WORDS.match(bare)
        said = led["words"].lower() if led else ""
        in_its_unit = kind is Kind.AMOUNT and said == AMOUNT_UNIT
        if led and not in_its_unit and (kind is Kind.AMOUNT or _SCALES & set(said.split())):
            return UNREADABLE  # only the person who typed it knows how many that is
        if led:
            bare, doubt = led["number"], "number-with-words"
    value, ambiguous = _decimal(bare, percent=percent, amount=kind is Kind.AMOUNT)
    if value is None or value.copy_abs() > LARGEST:  # abs() computes, and raises from a million digits on
        return UNREADABLE
    return Reading(value=tidy(value), doubt="number-two-ways" if ambiguous else doubt)


def _decimal(text: str, *, percent: bool, amount: bool) -> tuple[Decimal | None, bool]:
    """(number, could be read another way). Counts take no decimals: "1,5" there is refused."""
    text = text.replace("\u2212", "-")
    if _PLAIN.match(text):
        return Decimal(text), False
    if _GROUPS_SPACE.match(text):
        return Decimal(text.replace(" ", "")), False
    if _GROUPS_DOT.match(text):
        if percent:
            return (None, False) if text.count(".") > 1 else (Decimal(text), True)
        return Decimal(text.replace(".", "")), False
    if _GROUPS_COMMA.match(text):
        if percent:
            return (None, False) if text.count(",") > 1 else (Decimal(text.replace(",", ".")), True)
        return Decimal(text.replace(",", "")), True
    if _COMMA_DOT.match(text) and (percent or amount):
        return Decimal(text.replace(",", "")), True
    if (_DOT_COMMA.match(text) or _DECIMAL.match(text)) and (percent or amount):
        decimal = text.replace(".", "").replace(",", ".") if "," in text else text
        return Decimal(decimal), amount and "." in text and "," not in text
    return None, False


def round_half_up(value: Decimal, decimals: int = 0) -> Decimal:
    """Excel's ROUND: half away from zero. A number with more digits than are computed with comes back as it is."""
    try:
        return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    except InvalidOperation:
        return value


def percent_of(part: Decimal, base: Decimal) -> Decimal | None:
    """100 * part / base, None on a base of 0. Unrounded (28 digits)."""
    return None if base == 0 else HUNDRED * part / base


def decimals_of(value: Decimal) -> int:
    """How many decimals are left in a stored number: 63.6 -> 1, 42 -> 0."""
    exponent = tidy(value).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def vietnamese(value: Decimal | None, decimals: int | None = None, *, missing: str = "–") -> str:
    """The number in official style: 3.000, 63,6. ``decimals``: round half up to that many, zeros dropped."""
    if value is None:
        return missing
    value = tidy(round_half_up(value, decimals) if decimals is not None else value)
    text = f"{value:,f}"
    return text.translate(str.maketrans(",.", ".,"))


def in_prose(value: Decimal | None, decimals: int | None = None, *, missing: str = "–") -> str:
    """As ``vietnamese``, with 01–09 for small whole numbers, as official prose writes them."""
    text = vietnamese(value, decimals, missing=missing)
    return f"0{text}" if len(text) == 1 and text.isdigit() and text != "0" else text
