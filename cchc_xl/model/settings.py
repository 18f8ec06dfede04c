"""What the consolidating unit adds: corrections, targets, severities, a letterhead."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from cchc_xl.model.answers import Finding
from cchc_xl.model.kinds import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One number of one unit corrected by the consolidating unit; what was sent stays as it is.

    ``value`` None: the row counts as not answered. ``original``: the answer corrected, as shown. ``day`` and ``source``
    as the staff wrote them.
    """

    unit: str
    key: str
    value: Decimal | None
    reason: str
    source: str = ""
    who: str = ""
    day: str = ""
    original: str = ""


class LineState(StrEnum):
    """What became of one line of the sheet ``Điều chỉnh``."""

    APPLIED = "applied"
    PROPOSED = "proposed"  # a number without reason or source: the figures don't take it in
    CHANGED = "changed"  # the unit's number is no longer the one that was corrected: to be confirmed
    UNSENT = "unsent"  # nothing of this unit counts
    WITHDRAWN = "withdrawn"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionLine:
    """One line of the sheet ``Điều chỉnh`` as the staff wrote it, and what became of it.

    ``number``: of a numeric cell, percents in points; None where ``value`` is text. ``origin``: the cell typed over,
    where the line was offered by the program. ``file`` and ``row`` say where the line stood.
    """

    unit: str
    key: str
    sent: str = ""
    value: str = ""
    number: Decimal | None = None
    reason: str = ""
    source: str = ""
    who: str = ""
    day: str = ""
    origin: str = ""
    file: str = ""
    row: int = 0
    state: LineState = LineState.WRONG
    finding: Finding | None = None
    correction: Correction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a figure should reach: at least (or at most) this value, percents in points."""

    key: str
    value: Decimal
    at_least: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityChange:
    """The staff's own severity of a rule in one round, with their reason."""

    rule: str
    severity: Severity
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalRow:
    """One line of the portal where figures must be typed again: its code there, our figure, the words there.

    ``block``: whole, communes or own. Rows stand in the portal's order.
    """

    code: str
    key: str
    block: str = "whole"
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """What the staff set once for the letters of a round. "" or empty: what own workbook, roster and edition say."""

    symbol: str = ""  # BC-UBND, BC-SNV …
    superior: str = ""  # the body printed above the issuing one
    issuer: str = ""  # the issuing body as printed, where it is not the people's committee
    place: str = ""
    number: str = ""
    date: str = ""
    capacity: str = ""  # ranks parted by ";": KT. CHỦ TỊCH; PHÓ CHỦ TỊCH
    signer: str = ""
    receiver: str = ""  # whom the report is addressed to
    receivers: tuple[str, ...] = ()  # whom copies go to, one line each
