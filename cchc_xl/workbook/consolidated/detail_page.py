"""What every function that writes a sheet ``Chi tiết`` needs while it is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from xlsxwriter.format import Format

from cchc_xl.model import Consolidation, Form, Indicator
from cchc_xl.workbook.consolidated.plan import Plan
from cchc_xl.workbook.consolidated.quick_sheet import QuickSheet
from cchc_xl.workbook.consolidated.styles import Styles, number_format

SHEET_SIZE = 10

Marks = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailPage:
    """One sheet: where to write, what, and how it looks."""

    sheet: QuickSheet
    consolidation: Consolidation
    plan: Plan
    styles: Styles
    form: Form
    marks: Marks
    sources: str  # the name of the form's source sheet
    _shown: dict[tuple[str, str], str] = field(default_factory=dict)
    _numbers: dict[tuple[str, str | None], Format] = field(default_factory=dict)

    def look(self, name: str, **more: object) -> Format:
        return self.styles.of(name, font_size=SHEET_SIZE, **more)

    def number_look(self, shown: str, colour: str | None) -> Format:
        """The look of a unit's number in this number format, on this colour."""
        if (shown, colour) not in self._numbers:
            more = {"bg_color": colour} if colour else {}
            self._numbers[shown, colour] = self.look("number", num_format=shown, **more)
        return self._numbers[shown, colour]

    def number_format(self, indicator: Indicator, zero: str) -> str:
        """As ``styles.number_format``; told once for a row, not for each of its units."""
        key = (indicator.key, zero)
        if key not in self._shown:
            self._shown[key] = number_format(indicator, self.consolidation.figures.get(indicator.key), zero=zero)
        return self._shown[key]
