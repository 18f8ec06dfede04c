"""The words of the field as frozen values. Nothing here reads, writes or computes.

Vocabulary: see README ("Words"). Numbers are ``Decimal``; ``None`` means "no value" and never 0.
"""

from cchc_xl.model.answers import (
    Cause,
    Entry,
    Finding,
    Submission,
    UnitName,
)
from cchc_xl.model.figures import (
    Consolidation,
    Counted,
    Figure,
    FileFate,
    HandedIn,
    Part,
    RankedUnit,
    Ranking,
    Remark,
    UnitState,
)
from cchc_xl.model.forms import (
    Choice,
    Condition,
    Edition,
    Form,
    Indicator,
    Period,
    Relation,
)
from cchc_xl.model.kinds import (
    Cell,
    Kind,
    Method,
    Op,
    Severity,
    State,
    Whole,
)
from cchc_xl.model.settings import (
    Correction,
    CorrectionLine,
    Letterhead,
    LineState,
    PortalRow,
    SeverityChange,
    Target,
)
from cchc_xl.model.units import (
    ReportingUnit,
    Roster,
    UnitStatus,
)

__all__ = [
    "Cause",
    "Cell",
    "Choice",
    "Condition",
    "Consolidation",
    "Correction",
    "CorrectionLine",
    "Counted",
    "Edition",
    "Entry",
    "Figure",
    "FileFate",
    "Finding",
    "Form",
    "HandedIn",
    "Indicator",
    "Kind",
    "Letterhead",
    "LineState",
    "Method",
    "Op",
    "Part",
    "Period",
    "PortalRow",
    "RankedUnit",
    "Ranking",
    "Relation",
    "Remark",
    "ReportingUnit",
    "Roster",
    "Severity",
    "SeverityChange",
    "State",
    "Submission",
    "Target",
    "UnitName",
    "UnitState",
    "UnitStatus",
    "Whole",
]
