"""Where everything stands in the master: sheets, rows and columns. All its sheets share these addresses.

``Chi tiết`` has one column a due unit, then the blocks; the rows below the official ones ("helper rows") hold the
counts and estimates that a figure needs, so that every formula stays short enough to be checked by a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Consolidation, Counted, Edition, Indicator, Method, Whole
from cchc_xl.relations.corrected import as_corrected
from cchc_xl.workbook import corrections, sources
from cchc_xl.workbook.layout import address, column_letters

CODE, LABEL, UNIT, FIRST_UNIT = range(4)  # columns of Chi tiết, 0-based
HEAD_ROW, CODE_ROW, FIRST_ROW = 4, 5, 6  # rows of Chi tiết: unit names, unit codes, first indicator
SOURCE_FIRST_ROW = 1
MOST_LINKS = 500  # units; above, no link records a cell (Excel allows 65,530 a sheet)
MOST_SOURCES = 1000  # units; above, the source rows are CSV only

Helper = tuple[str, str]  # (key, name of the helper row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Addresses of one master.

    ``units`` and ``own``: with the corrected numbers, as Chi tiết shows them. ``counted``: who has source rows, as
    sent, units first, then the own part. ``corrected``: (unit code, key) -> the cell with the corrected number.
    """

    edition: Edition
    units: tuple[Counted, ...]
    own: Counted | None
    counted: tuple[Counted, ...]
    detail_row: Mapping[str, int]
    helper_row: Mapping[Helper, int]
    source_unit: Mapping[str, int]  # unit code -> its place among those with source rows
    source_place: Mapping[str, tuple[int, int]]  # key -> its place in its form, and how many rows that has
    corrected: Mapping[tuple[str, str], str]
    has_last_year: bool
    links: Mapping[str, str]  # file as named in the submissions -> its path seen from the master

    @property
    def communes(self) -> int:
        """The column of the block "Cộng các …"; own part, whole, n, method and remark follow it."""
        return FIRST_UNIT + max(1, len(self.units))

    @property
    def own_part(self) -> int:
        return self.communes + 1

    @property
    def whole(self) -> int:
        return self.communes + 2

    @property
    def count(self) -> int:
        return self.communes + 3

    @property
    def adjusted(self) -> int:
        """By how much corrections moved the units' sum; there is such a column only where there are corrections."""
        return self.communes + 4

    @property
    def previous(self) -> int:
        """The period before; the change since stands beside it, then the same of last year where it is known."""
        return self.communes + (5 if self.corrected else 4)

    @property
    def last_year(self) -> int:
        return self.previous + 2

    @property
    def method(self) -> int:
        return self.previous + (4 if self.has_last_year else 2)

    @property
    def remark(self) -> int:
        return self.method + 1

    @property
    def due(self) -> str:
        """The cell holding N on each Chi tiết."""
        return f"${column_letters(self.count)}${CODE_ROW + 1}"

    def cell(self, key: str, column: int, form: int) -> str:
        """The cell of an indicator as written on the Chi tiết of ``form``."""
        return self._on(int(key.partition("/")[0]), form) + address(self.detail_row[key], column)

    def row(self, key: str, form: int) -> str:
        """The range of all units of an indicator."""
        return self._on(int(key.partition("/")[0]), form) + self._units(self.detail_row[key])

    def helper(self, helper: Helper, column: int) -> str:
        return address(self.helper_row[helper], column)

    def helpers(self, helper: Helper) -> str:
        """The range of all units of a helper row."""
        return self._units(self.helper_row[helper])

    def outside(self, key: str, column: int) -> str:
        """``'Chi tiết 1'!$AB$9``: the cell as written on another sheet."""
        sheet = detail_sheet(int(key.partition("/")[0]))
        return f"'{sheet}'!${column_letters(column)}${self.detail_row[key] + 1}"

    def outside_helper(self, helper: Helper, column: int) -> str:
        sheet = detail_sheet(int(helper[0].partition("/")[0]))
        return f"'{sheet}'!${column_letters(column)}${self.helper_row[helper] + 1}"

    def source(self, unit: str, key: str, column: str = "value") -> str | None:
        """The cell of a source row on its sheet, None where the unit has no source rows."""
        row = self.source_row(unit, key)
        return None if row is None else address(row, sources.COLUMNS.index(column))

    def source_row(self, unit: str, key: str) -> int | None:
        """The row, 0-based, on the source sheet of the key's form: all rows of one unit, then of the next."""
        number = self.source_unit.get(unit)
        if number is None:
            return None
        place, rows = self.source_place[key]
        return SOURCE_FIRST_ROW + number * rows + place

    def _units(self, row: int) -> str:
        return f"{address(row, FIRST_UNIT)}:{address(row, self.communes - 1)}"

    def _on(self, of: int, form: int) -> str:
        return "" if of == form else f"'{detail_sheet(of)}'!"


def plan_of(consolidation: Consolidation, links: Mapping[str, str] = MappingProxyType({})) -> Plan:
    """Lay out a master. Without any due unit one empty column stands in, so that ranges exist."""
    edition = consolidation.edition
    counted = tuple(
        unit for unit in (*consolidation.units, *((consolidation.own,) if consolidation.own else ())) if unit.submission
    )
    detail_row: dict[str, int] = {}
    helper_row: dict[Helper, int] = {}
    source_place: dict[str, tuple[int, int]] = {}
    for form in edition.forms:
        keys = [indicator.key for indicator in form.indicators]
        detail_row |= {key: FIRST_ROW + number for number, key in enumerate(keys)}
        helpers = [helper for indicator in form.indicators for helper in _helpers(indicator, consolidation)]
        first = FIRST_ROW + len(keys) + 2  # a blank row and a heading between
        helper_row |= {helper: first + number for number, helper in enumerate(helpers)}
        source_place |= {key: (number, len(keys)) for number, key in enumerate(keys)}
    has_sources = len(consolidation.units) <= MOST_SOURCES
    own = as_corrected(consolidation.own, consolidation.corrections, edition) if consolidation.own else None
    return Plan(
        edition=edition,
        units=tuple(as_corrected(unit, consolidation.corrections, edition) for unit in consolidation.units),
        own=own,
        counted=counted,
        detail_row=detail_row,
        helper_row=helper_row,
        source_unit={unit.unit.code: number for number, unit in enumerate(counted if has_sources else ())},
        source_place=source_place,
        corrected={
            (line.unit, line.key): corrections.outside(row, "value")
            for row, line in enumerate(consolidation.lines, start=corrections.FIRST_ROW)
            if line.correction
        },
        has_last_year=consolidation.last_year is not None,
        links=links,
    )


def _helpers(indicator: Indicator, consolidation: Consolidation) -> tuple[Helper, ...]:
    """The helper rows a figure of this method needs: a count a choice (also one that is not on the list) …"""
    figure = consolidation.figures.get(indicator.key)
    choices = (figure.distribution if figure else None) or {}
    names = {
        Method.DISTRIBUTION: tuple(f"choice-{value}" for value in choices),
        Method.SAME: ("most",),
        Method.BOUNDS: ("low", "high"),
        Method.REDUCTION: ("base",),
    }
    aims = ("target",) if any(target.key == indicator.key for target in consolidation.targets) else ()
    return tuple((indicator.key, name) for name in (*names.get(indicator.method, ()), *aims))


def detail_sheet(form: int) -> str:
    return words("master")["sheets"]["detail"].format(form=form)


def shown_block(indicator: Indicator, plan: Plan) -> int:
    """The column whose figure stands on the official form: the whole, or the units' sum where a whole means nothing."""
    alone = indicator.method is Method.SUM and indicator.whole is Whole.NONE
    return plan.communes if alone else plan.whole
