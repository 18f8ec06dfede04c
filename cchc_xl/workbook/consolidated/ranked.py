"""The sheet ``Xếp hạng``, only when asked for: units by chosen rows, with quartiles and what is far from the others.

For work inside the office: it never goes into a copy that leaves it.
"""

from dataclasses import dataclass
from decimal import Decimal

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Consolidation, Indicator, RankedUnit, Ranking
from cchc_xl.workbook.consolidated.cells import inside, link, write_formula, write_text
from cchc_xl.workbook.consolidated.plan import FIRST_UNIT, Plan, detail_sheet
from cchc_xl.workbook.consolidated.styles import DEVIATES, WARNING, WHOLE_NUMBER, Styles, height, number_format
from cchc_xl.workbook.consolidated.words import unit_name
from cchc_xl.workbook.layout import address

_WIDTHS = (8, 12, 34, 14, 16, 34)
_RANK, _CODE, _NAME, _VALUE, _QUARTER, _NOTE = range(len(_WIDTHS))
_TOP_ROWS = 3
FEWEST = 4  # units: fewer have no quartiles


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    sheet: Worksheet
    consolidation: Consolidation
    plan: Plan
    styles: Styles

    def look(self, indicator: Indicator, **more: object) -> Format:
        figure = self.consolidation.figures[indicator.key]
        return self.styles.of("number", num_format=number_format(indicator, figure), **more)


def write_rankings(workbook: Workbook, consolidation: Consolidation, plan: Plan, styles: Styles) -> None:
    """One table an indicator, below each other."""
    texts = words("master")["ranking"]
    sheet = workbook.add_worksheet(texts["sheet"])
    page = _Page(sheet=sheet, consolidation=consolidation, plan=plan, styles=styles)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    write_text(sheet, 0, 0, texts["title"], styles.of("title"))
    write_text(sheet, 1, 0, texts["subtitle"], styles.of("note"))
    link(sheet, 2, 0, inside(words("master")["sheets"]["overview"]), styles.of("link"), text=words("master")["back"])
    row = _TOP_ROWS + 1
    for ranking in consolidation.rankings:
        row = _table(page, row, ranking) + 1
    sheet.freeze_panes(_TOP_ROWS, 0)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{address(row, _NOTE)}"})
    sheet.set_portrait()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.5)
    sheet.set_footer("&L&A&C&P/&N")


def _table(page: _Page, row: int, ranking: Ranking) -> int:
    """The table from ``row`` on; returns the row after it."""
    texts, indicator = words("master")["ranking"], page.consolidation.edition.by_key[ranking.key]
    title = texts["table"].format(form=indicator.form, code=indicator.code, label=indicator.label, unit=indicator.unit)
    page.sheet.merge_range(row, 0, row, _NOTE, title, page.styles.of("heading", text_wrap=True))
    page.sheet.set_row(row, height(title, sum(_WIDTHS), size=12, bold=True))
    order = texts["descending" if ranking.descending else "ascending"]
    write_text(page.sheet, row + 1, 0, order, page.styles.of("note"))
    for column, name in enumerate(("rank", "code", "name", "value", "quarter", "note")):
        write_text(page.sheet, row + 2, column, texts["columns"][name], page.styles.of("head"))
    page.sheet.set_row(row + 2, 34)
    first = row + 3
    last = first + len(ranking.units) - 1
    for at, ranked in enumerate(ranking.units, start=first):
        _unit(page, at, ranking, ranked, f"{_absolute(first)}:{_absolute(last)}")
    after = _statistics(page, last + 1, ranking, indicator, f"{_absolute(first)}:{_absolute(last)}")
    return _silent(page, after, ranking)


def _absolute(row: int) -> str:
    cell = address(row, _VALUE)
    return f"${cell[0]}${cell[1:]}"


def _unit(page: _Page, at: int, ranking: Ranking, ranked: RankedUnit, values: str) -> None:
    texts, plan = words("master")["ranking"], page.plan
    indicator = page.consolidation.edition.by_key[ranking.key]
    place = next(number for number, unit in enumerate(plan.units) if unit.unit.code == ranked.unit)
    cell, middle = address(at, _VALUE), page.styles.of("middle")
    order = 0 if ranking.descending else 1
    write_formula(page.sheet, at, _RANK, f"RANK({cell},{values},{order})", middle, ranked.rank)
    write_text(page.sheet, at, _CODE, ranked.unit, page.styles.of("code"))
    write_text(page.sheet, at, _NAME, unit_name(plan.units[place].unit), page.styles.of("text"))
    target = inside(detail_sheet(indicator.form), address(plan.detail_row[indicator.key], FIRST_UNIT + place))
    look = page.look(indicator, **({"bg_color": WARNING} if ranked.outlier else {}))
    link(page.sheet, at, _VALUE, target, look)
    write_formula(page.sheet, at, _VALUE, plan.outside(ranking.key, FIRST_UNIT + place), look, ranked.value)
    quarters = f"IF({cell}>=QUARTILE({values},3),4,IF({cell}>=MEDIAN({values}),3,IF({cell}>=QUARTILE({values},1),2,1)))"
    quarter = page.styles.of(
        "middle", num_format=WHOLE_NUMBER, **({"bg_color": DEVIATES} if ranked.quartile == 1 else {})
    )
    write_formula(page.sheet, at, _QUARTER, quarters if ranked.quartile else "", quarter, ranked.quartile)
    write_text(page.sheet, at, _NOTE, texts["outlier"] if ranked.outlier else "", page.styles.of("text"))


def _statistics(page: _Page, row: int, ranking: Ranking, indicator: Indicator, values: str) -> int:
    """Median and quartiles of the units that have a number."""
    texts = words("master")["ranking"]
    if not ranking.units:
        return row
    lines: list[tuple[str, str, Decimal | None]] = [("median", f"MEDIAN({values})", ranking.median)]
    if len(ranking.units) >= FEWEST:
        lines.append(("low", f"QUARTILE({values},1)", ranking.low))
        lines.append(("high", f"QUARTILE({values},3)", ranking.high))
    for at, (name, formula, value) in enumerate(lines, start=row):
        write_text(page.sheet, at, _NAME, texts[name], page.styles.of("text", italic=True))
        write_formula(page.sheet, at, _VALUE, formula, page.look(indicator, italic=True), value)
    return row + len(lines)


def _silent(page: _Page, row: int, ranking: Ranking) -> int:
    """Units without a number have no place and are named apart."""
    if not ranking.silent:
        return row
    names = {unit.unit.code: unit_name(unit.unit) for unit in page.plan.units}
    text = words("master")["ranking"]["silent"].format(units=", ".join(names[code] for code in ranking.silent))
    page.sheet.merge_range(row, 0, row, _NOTE, text, page.styles.of("wrapped_note"))
    page.sheet.set_row(row, height(text, sum(_WIDTHS)))
    return row + 1
