"""The district master ``tong-hop.xlsx``: every figure a live formula that can be walked to the cell it came from."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from xlsxwriter.workbook import Workbook

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Consolidation, Method
from cchc_xl.workbook.consolidated.corrections import write_corrections
from cchc_xl.workbook.consolidated.detail import marks_of, write_detail
from cchc_xl.workbook.consolidated.findings import listed, write_findings
from cchc_xl.workbook.consolidated.forms import write_form
from cchc_xl.workbook.consolidated.overview import add_overview, write_overview
from cchc_xl.workbook.consolidated.parts import MasterBook
from cchc_xl.workbook.consolidated.plan import MOST_SOURCES, Plan, plan_of
from cchc_xl.workbook.consolidated.ranked import write_rankings
from cchc_xl.workbook.consolidated.said import write_said
from cchc_xl.workbook.consolidated.sent import write_sent
from cchc_xl.workbook.consolidated.sources import write_sources
from cchc_xl.workbook.consolidated.styles import SIZE, Styles
from cchc_xl.workbook.layout import EDITION_NAME, KIND_NAME, MASTER_KIND, PERIOD_NAME, UNIT_NAME
from cchc_xl.workbook.official.styles import FONT

CREATED = datetime(2022, 1, 1)  # a fixed date: the same round gives the same bytes
_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "max_url_length": 2079,
}


def build(
    consolidation: Consolidation, links: Mapping[str, str] = MappingProxyType({}), aside: Path | None = None
) -> bytes:
    """The master as an .xlsx file. Equal consolidations give equal bytes.

    ``links``: file as named in the submissions -> its path seen from the master's folder; those files are linked.
    ``aside``: a folder for its sheets while they are made, so that they need not be held. Raises OSError there, and
    NotWritten when Excel's limits would drop a cell or a link.
    """
    workbook = MasterBook(_OPTIONS, aside)
    styles, plan = Styles(workbook), plan_of(consolidation, links)
    workbook.formats[0].set_font_name(FONT)
    workbook.formats[0].set_font_size(SIZE)
    _identity(workbook, consolidation)
    overview = add_overview(workbook)
    forms = consolidation.edition.forms
    for form in forms:
        write_form(workbook, consolidation, plan, styles, form)
    marks = marks_of(consolidation)
    for form in forms:
        write_detail(workbook, consolidation, plan, styles, form, marks)
    rows = listed(consolidation)
    write_findings(workbook, consolidation, plan, styles, rows)
    write_sent(workbook, consolidation, plan, styles)
    write_corrections(workbook, consolidation, plan, styles)
    if consolidation.rankings:
        write_rankings(workbook, consolidation, plan, styles)
    write_said(workbook, plan, styles)
    if len(plan.units) <= MOST_SOURCES:
        for form in forms:
            write_sources(workbook, plan, styles, form)
    write_overview(workbook, overview, consolidation, plan, styles, rows)
    _names(workbook, consolidation, plan)
    return workbook.packed()


def _identity(workbook: Workbook, consolidation: Consolidation) -> None:
    """Who and when, carried twice: as custom properties and as defined names."""
    texts, period = words("master"), consolidation.period
    workbook.set_properties(
        {
            "title": texts["title"].format(period=period.title),
            "subject": texts["file_subject"],
            "author": texts["author"],
            "created": CREATED,
        }
    )
    unit = consolidation.roster.consolidating
    identity = {
        EDITION_NAME: consolidation.edition.id,
        UNIT_NAME: unit.code if unit else "",
        PERIOD_NAME: period.code,
    }
    workbook.set_custom_property(KIND_NAME, MASTER_KIND, "text")
    for name, value in identity.items():
        workbook.set_custom_property(name, value, "text")
        workbook.define_name(name, f'="{value}"')


def _names(workbook: Workbook, consolidation: Consolidation, plan: Plan) -> None:
    """Figures by name: ``TH_1_2_1`` the unit as a whole, ``CD_1_2_1`` the reporting units together."""
    for indicator in consolidation.edition.indicators:
        if indicator.method in (Method.NONE, Method.DISTRIBUTION):
            continue
        name = f"{indicator.form}_{indicator.code.replace('.', '_')}"
        workbook.define_name(f"TH_{name}", f"={plan.outside(indicator.key, plan.whole)}")
        if indicator.method is not Method.OWN:
            workbook.define_name(f"CD_{name}", f"={plan.outside(indicator.key, plan.communes)}")
