"""One figure, one ordinary formula: the text of every formula of the master, by way of consolidation.

Blank answers are ``""`` or empty and never count; SUMIF over numbers, ISNUMBER and COUNT tell them from 0. Only
functions of Excel 2007 that LibreOffice computes alike: no MODE, no array formulas, no references across sheets
in 3-D. Formulas are given without the leading ``=``; an empty text means that there is no such figure.
"""

from collections.abc import Sequence

from cchc_xl.model import Indicator, Method, Whole
from cchc_xl.workbook.consolidated.plan import FIRST_UNIT, Helper, Plan

_NUMBER = '">-1E+300"'  # SUMIF criterion: any number


def unit_formula(indicator: Indicator, plan: Plan, column: int, said: str, *, intact: bool, own: bool) -> str:
    """One unit's cell, or the own part's (``own``); ``said``: the formula of what it answered.

    A ratio is computed from its parts, a total with the issued formula (``intact``) too. A total typed over stays as
    typed: it is shown, never used.
    """
    if indicator.ratio_of and (own or intact or indicator.method is Method.RATIO):
        part, base = (plan.cell(key, column, indicator.form) for key in indicator.ratio_of)
        return _ratio_of_cells(part, base, said if own else '""')
    if indicator.total_of and intact:
        return _total(plan, indicator, column)
    return said


def answer_formula(cell: str) -> str:
    """What stands in a source row: the answer, or nothing."""
    return f'IF({cell}="","",{cell})'


def corrected_formula(cell: str, none_arising: str) -> str:
    """A corrected number: as typed, 0 where nothing arose, nothing where the answer is taken back."""
    return f'IF(ISNUMBER({cell}),{cell},IF({cell}="{none_arising}",0,""))'


def adjusted_formula(sent_and_now: Sequence[tuple[str, str]]) -> str:
    """What corrections add to a sum. Text stands for 0: a number taken back, or one that was not there."""
    return "+".join(f"N({now})-N({sent})" for sent, now in sent_and_now)


def change_formula(now: str, before: str, decimals: int) -> str:
    """The difference where both are there. Rounded as it is shown: Excel prints −0.03 in one decimal as -0.0."""
    return f'IF(AND(ISNUMBER({now}),ISNUMBER({before})),ROUND({now}-{before},{decimals}),"")'


def communes_formula(indicator: Indicator, plan: Plan) -> str:
    """The block "Cộng các …"."""
    units = plan.row(indicator.key, indicator.form)
    figures = {
        Method.SUM: f"SUM({units})",
        Method.COUNT_YES: f"COUNTIF({units},1)",
        Method.SHARE: f"100*COUNTIF({units},100)/{plan.due}",
        Method.MEAN: f"AVERAGE({units})",
        Method.BOUNDS: f"MAX({units})",
    }
    if indicator.method in figures:
        return f'IF(COUNT({units})=0,"",{figures[indicator.method]})'
    if indicator.method is Method.RATIO:
        return _ratio(indicator, plan, plan.communes)
    if indicator.method is Method.TOTAL:
        return _total(plan, indicator, plan.communes)
    if indicator.method is Method.SAME:
        return _same(indicator, plan)
    if indicator.method is Method.REDUCTION:
        return _reduction(indicator, plan)
    return ""


def whole_formula(indicator: Indicator, plan: Plan) -> str:
    """The block "Toàn …"."""
    communes = plan.cell(indicator.key, plan.communes, indicator.form)
    own = plan.cell(indicator.key, plan.own_part, indicator.form)
    if indicator.method is Method.SUM and indicator.whole is Whole.NONE:
        return ""
    if indicator.method is Method.SUM and indicator.whole is Whole.ADD:
        return f'IF(COUNT({communes},{own})=0,"",SUM({communes},{own}))'
    if indicator.method is Method.RATIO:
        return _whole_ratio(indicator, plan)
    if indicator.method is Method.TOTAL:
        return _total(plan, indicator, plan.whole)
    if indicator.method in (Method.SUM, Method.MEAN, Method.REDUCTION, Method.BOUNDS):
        return f"IF(ISNUMBER({own}),{own},{communes})"
    if indicator.method is Method.OWN:
        return f'IF({own}="","",{own})'
    if indicator.method in (Method.COUNT_YES, Method.SAME, Method.SHARE):
        return communes
    return ""


def count_formula(indicator: Indicator, plan: Plan) -> str:
    """n: how many units are in the figure."""
    if indicator.method is Method.NONE:
        return ""
    if indicator.method is Method.RATIO:
        part, base = (plan.row(key, indicator.form) for key in indicator.ratio_of)
        return f"SUMPRODUCT(ISNUMBER({part})*ISNUMBER({base}))"
    if indicator.method is Method.REDUCTION:
        return f"COUNT({plan.helpers((indicator.key, 'base'))})"
    return f"COUNT({plan.row(indicator.key, indicator.form)})"


def helper_formula(indicator: Indicator, plan: Plan, helper: Helper) -> str:
    """The figure of a helper row, in the column "Cộng các …"."""
    units = plan.row(indicator.key, indicator.form)
    name = helper[1]
    if name.startswith("choice-"):
        return f"COUNTIF({units},{name.removeprefix('choice-')})"
    if name == "most":
        return f"SUMPRODUCT(MAX(ISNUMBER({units})*COUNTIF({units},{units})))"
    if name == "base":
        bases = plan.helpers(helper)
        return f'IF(COUNT({bases})=0,"",SUM({bases}))'
    if name == "low":
        return plan.cell(indicator.key, plan.communes, indicator.form)
    cap = plan.cell(indicator.capped_by, plan.whole, indicator.form)
    return f'IF(COUNT({units})=0,"",MAX({units},MIN(SUM({units}),{cap})))'


def base_formula(indicator: Indicator, plan: Plan, column: int) -> str:
    """A unit's head count of the base year, from its head count now and the percent it is down by."""
    percent = plan.cell(indicator.key, column, indicator.form)
    now = plan.cell(indicator.base_of, column, indicator.form)
    return f'IF(AND(ISNUMBER({percent}),ISNUMBER({now})),IF({percent}<100,{now}/(1-{percent}/100),""),"")'


def _ratio_of_cells(part: str, base: str, otherwise: str = '""') -> str:
    return f'IF(AND(ISNUMBER({part}),ISNUMBER({base})),IF({base}=0,"",100*{part}/{base}),{otherwise})'


def _total(plan: Plan, indicator: Indicator, column: int) -> str:
    children = ",".join(plan.cell(key, column, indicator.form) for key in indicator.total_of)
    return f'IF(COUNT({children})=0,"",SUM({children}))'


def of_shared_parts(indicator: Indicator, plan: Plan) -> bool:
    """True for a ratio whose parts are one catalogue's: it is the ratio of their figures."""
    return all(plan.edition.by_key[key].method is Method.SAME for key in indicator.ratio_of or ())


def _ratio(indicator: Indicator, plan: Plan, column: int) -> str:
    """100·Σa/Σb over the units with both parts."""
    part, base = indicator.ratio_of
    if of_shared_parts(indicator, plan):
        return _ratio_of_cells(plan.cell(part, column, indicator.form), plan.cell(base, column, indicator.form))
    parts, bases = _sums(indicator, plan)
    return f'IF({bases}=0,"",100*{parts}/{bases})'


def _sums(indicator: Indicator, plan: Plan) -> tuple[str, str]:
    part, base = (plan.row(key, indicator.form) for key in indicator.ratio_of)
    return f"SUMIF({base},{_NUMBER},{part})", f"SUMIF({part},{_NUMBER},{base})"


def _whole_ratio(indicator: Indicator, plan: Plan) -> str:
    if of_shared_parts(indicator, plan):
        return _ratio(indicator, plan, plan.whole)
    part, base = (plan.cell(key, plan.own_part, indicator.form) for key in indicator.ratio_of)
    both = f"AND(ISNUMBER({part}),ISNUMBER({base}))"
    if indicator.whole is Whole.OWN:
        communes = plan.cell(indicator.key, plan.communes, indicator.form)
        return f'IF({both},IF({base}=0,"",100*{part}/{base}),{communes})'
    parts, bases = _sums(indicator, plan)
    all_parts, all_bases = f"({parts}+IF({both},{part},0))", f"({bases}+IF({both},{base},0))"
    return f'IF({all_bases}=0,"",100*{all_parts}/{all_bases})'


def _same(indicator: Indicator, plan: Plan) -> str:
    """The own value if given; else the one most frequent value; a tie gives nothing."""
    own = plan.cell(indicator.key, plan.own_part, indicator.form)
    units = plan.row(indicator.key, indicator.form)
    most = plan.helper((indicator.key, "most"), plan.communes)
    modal = f"ISNUMBER({units})*(COUNTIF({units},{units})={most})"
    position = f"SUMPRODUCT(MAX({modal}*COLUMN({units})))-{FIRST_UNIT}"
    frequent = f'IF(SUMPRODUCT({modal})>{most},"",INDEX({units},1,{position}))'
    return f'IF(ISNUMBER({own}),{own},IF({most}=0,"",{frequent}))'


def _reduction(indicator: Indicator, plan: Plan) -> str:
    """100·(1 - Σnow/Σbase) over the units whose base can be told."""
    helper = (indicator.key, "base")
    total = plan.helper(helper, plan.communes)
    now = f"SUMIF({plan.helpers(helper)},{_NUMBER},{plan.row(indicator.base_of, indicator.form)})"
    return f'IF(N({total})=0,"",100*(1-{now}/{total}))'
