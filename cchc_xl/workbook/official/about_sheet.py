"""The sheet Thông tin: who reports, on what, who signs; the forms print what stands here."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from cchc_xl.editions.unit_names import office_words, type_words, with_type, without_office
from cchc_xl.relations.excel import trimmed as trimmed_formula
from cchc_xl.relations.rules import trimmed
from cchc_xl.workbook.layout import ABOUT, STATUS, address, sheet_of
from cchc_xl.workbook.official.cell_states import quoted
from cchc_xl.workbook.official.formula_out import write_formula
from cchc_xl.workbook.official.inputs import add_validation
from cchc_xl.workbook.official.plan import Plan, texts
from cchc_xl.workbook.official.row_heights import height, plain
from cchc_xl.workbook.official.styles import PROTECTION, page

FIELD, CONTENT, HINT = range(3)
WIDTHS = (190, 300, 250)  # pixels
BARE = 4  # hidden: the unit's name without its office
HEAD_ROW, FIRST_FIELD = 3, 4

Shown = tuple[str, str]  # a formula (with "=") and what it shows


@dataclass(frozen=True, slots=True)
class About:
    """Where the fields of Thông tin stand and what they hold, for the formulas of the other sheets."""

    plan: Plan
    values: Mapping[str, str]

    def cell(self, field: str) -> str:
        """``'Thông tin'!$B$5``."""
        row = FIRST_FIELD + list(texts()["about"]).index(field)
        return f"'{texts()['sheets'][ABOUT]}'!$B${row + 1}"

    def field(self, field: str) -> Shown:
        """The field's text, empty when it is blank."""
        return f'={self.cell(field)}&""', self.values[field]

    def form_title(self, appendix: str) -> Shown:
        """The title over every form: what, which period, where."""
        said, plan = texts()["form"], self.plan
        period = self._or("period", said["no_period"])
        if plan.period:
            period = (quoted(plan.period.title), plan.period.title)
        place = (quoted(appendix), appendix)
        parts = {"appendix": place, "period": _upper(period), "unit": _upper(self._unit())}
        mark = str(self.plan.edition.words.get("mark", ""))
        template = str(said["title"])
        if mark:
            template, parts = template + "\n{mark}", {**parts, "mark": (quoted(mark), mark)}
        return joined(template, parts)

    def attached(self) -> Shown:
        """The line that ties the forms to the report they belong to."""
        said = texts()["form"]
        unit, name = joined(said["of_body"], {"unit": self._unit()})
        parts = {
            "number": self._or("report_number", said["no_number"]),
            "date": self._or("report_date", said["no_date"]),
            "unit": (unit[1:], name),
        }
        return joined(said["attached"], parts)

    def on_behalf(self) -> Shown:
        """``TM. …`` over the signature; capacities that sign by order (TL., TUQ.) stand under the same line."""
        body = self.plan.edition.words["levels"][self.plan.level]["body"]  # type: ignore[index]
        text = texts()["form"]["on_behalf"].format(body=body)
        return f"={quoted(text)}", text

    def printed_date(self) -> Shown:
        """Place and date as printed over a signature; points where the date is still open."""
        _, shown = printed_date(self)
        return f"='{texts()['sheets'][ABOUT]}'!$B${printed_row() + 1}", shown

    def _unit(self) -> Shown:
        """The unit with its type word, as Thông tin shows it."""
        _, shown = printed_unit(self)
        return f"'{texts()['sheets'][ABOUT]}'!$B${unit_row() + 1}", shown

    def lead(self) -> str:
        """The type word of a name that has none: the roster's, else the word of the level."""
        return self.plan.unit.type if self.plan.unit and self.plan.unit.type else self.plan.level

    def _or(self, field: str, missing: str) -> Shown:
        cell = self.cell(field)
        return f'IF({cell}="",{quoted(missing)},{cell})', self.values[field] or missing


def _upper(part: Shown) -> Shown:
    return f"UPPER({part[0]})", part[1].upper()


def joined(template: str, parts: Mapping[str, Shown]) -> Shown:
    """A sentence with blanks as a formula that joins its pieces, and what it shows."""
    pieces: list[str] = []
    for literal, name, _, _ in Formatter().parse(template):
        if literal:
            pieces.append("&CHAR(10)&".join(quoted(line) for line in literal.split("\n")))
        if name:
            pieces.append(parts[name][0])
    return "=" + "&".join(pieces), template.format(**{name: shown for name, (_, shown) in parts.items()})


def about_of(plan: Plan) -> About:
    """The fields as prefilled from roster, round and fill."""
    unit, period, said = plan.unit, plan.period, texts()["about_sheet"]
    values = dict.fromkeys(texts()["about"], "")
    values |= {"signer_capacity": said["capacities"][0], "status": said["kinds"][0]}
    if unit:
        values |= {"unit_name": unit.title, "unit_code": unit.code, "place": unit.title}
        values |= {"preparer": unit.contact, "phone": unit.phone}
    if period:
        days = said["days"].format(start=_day(period.start), end=_day(period.end))
        values |= {"period": period.title, "period_days": days}
    return About(plan, values | dict(plan.fill.about))


def _day(day: Any) -> str:
    return f"{day:%d/%m/%Y}"


def printed_row() -> int:
    return FIRST_FIELD + len(texts()["about"])


def unit_row() -> int:
    return printed_row() + 1


def printed_unit(about: About) -> Shown:
    """The unit as every form prints it: its type word once, whether or not it is typed with the name."""
    name, missing = address(unit_row(), BARE), texts()["form"]["no_unit"]
    lead, typed = about.lead(), about.values["unit_name"]
    formula = f"{quoted(lead + ' ')}&{name}"
    for word in reversed(type_words(about.plan.edition)):
        own = f"LEFT(UPPER({name}),{len(word) + 1})={quoted(f'{word} '.upper())}"
        formula = f"IF({own},{quoted(f'{word} ')}&TRIM(MID({name},{len(word) + 2},250)),{formula})"
    said = trimmed(typed)
    shown = with_type(said, lead, about.plan.edition) if said else missing
    return f'=IF({name}="",{quoted(missing)},{formula})', shown


def bare_unit(about: About) -> Shown:
    """The typed name without the words of its office, for ``printed_unit``."""
    name = trimmed_formula(about.cell("unit_name"))
    formula = name
    for word in reversed(office_words()):
        own = f"LEFT(UPPER({name}),{len(word) + 1})={quoted(f'{word} '.upper())}"
        formula = f"IF({own},MID({name},{len(word) + 2},250),{formula})"
    return f"={formula}", without_office(trimmed(about.values["unit_name"]))


def printed_date(about: About) -> Shown:
    """The formula behind ``About.printed_date``: 09/6/2022 is spelt out, any other text stands as it is."""
    said = texts()["about_sheet"]
    date, named = f"TRIM({about.cell('report_date')})", f"TRIM({about.cell('place')})"
    open_place = texts()["form"]["no_unit"]
    place = f'IF({named}="",{quoted(open_place)},{named})'
    first = f'FIND("/",{date})'
    second = f'FIND("/",{date},{first}+1)'
    typed, where = about.values["report_date"].strip(), about.values["place"].strip() or open_place
    pieces = typed.split("/", 2)
    day = {
        "place": (place, where),
        "day": (f"LEFT({date},{first}-1)", pieces[0]),
        "month": (f"MID({date},{first}+1,{second}-{first}-1)", pieces[1] if len(pieces) > 1 else ""),
        "year": (f"MID({date},{second}+1,9)", pieces[2][:9] if len(pieces) > 2 else ""),
    }
    spelt, spelt_shown = joined(said["printed_date"], day)
    blank = quoted(said["printed_blank"])
    other = f'{place}&", "&IF({date}="",{blank},{date})'
    shown = spelt_shown if len(pieces) > 2 else f"{where}, {typed or said['printed_blank']}"
    return f"=IF(ISERROR({second}),{other},{spelt[1:]})", shown


def write_about(sheet: Any, style: Mapping[str, Any], plan: Plan, about: About) -> None:
    """Fill the sheet."""
    said = texts()["about_sheet"]
    for column, width in enumerate(WIDTHS):
        sheet.set_column_pixels(column, column, width)
    sheet.merge_range(0, FIELD, 0, HINT, said["title"], style["title"])
    sheet.set_row(0, 24)
    sheet.merge_range(1, FIELD, 1, HINT, said["subtitle"], style["screen"])
    sheet.set_row(1, 20)
    mark = str(plan.edition.words.get("mark", ""))
    if mark:
        sheet.merge_range(2, FIELD, 2, HINT, mark, style["subtitle"])
        sheet.set_row(2, 20)
    for column, text in enumerate((said["field_head"], said["value_head"], said["hint_head"])):
        sheet.write_string(HEAD_ROW, column, text, style["head"])
    for row, (field, label) in enumerate(texts()["about"].items(), FIRST_FIELD):
        _field(sheet, style, plan, row, field, label, about.values[field])
    for row, label, made in (
        (printed_row(), said["printed"], printed_date(about)),
        (unit_row(), said["printed_unit"], printed_unit(about)),
    ):
        sheet.write_string(row, FIELD, label, style["field"])
        write_formula(sheet, row, CONTENT, made[0], style["field_shown"], made[1])
        sheet.set_row(row, height([(plain(label, bold=True), WIDTHS[0], 12), (plain(made[1]), WIDTHS[1], 12)]))
    bare = bare_unit(about)
    write_formula(sheet, unit_row(), BARE, bare[0], None, bare[1])
    sheet.set_column(BARE, BARE, None, None, {"hidden": True})
    _lists(sheet)
    end = _links(sheet, style, plan, unit_row() + 2)
    sheet.ignore_errors({"number_stored_as_text": f"A1:C{end + 1}"})
    sheet.set_selection(FIRST_FIELD, CONTENT, FIRST_FIELD, CONTENT)
    sheet.print_area(0, FIELD, end, HINT)
    page(sheet, footer=texts()["sheets"][ABOUT])
    sheet.protect("", dict(PROTECTION))


def _field(sheet: Any, style: Mapping[str, Any], plan: Plan, row: int, field: str, label: str, value: str) -> None:
    fixed = {"unit_code": plan.unit, "period": plan.period, "period_days": plan.period}.get(field) is not None
    look, hint = style["field_fixed" if fixed else "field_input"], texts()["about_sheet"]["hints"]
    hint = hint["unit_name_blank"] if field == "unit_name" and plan.unit is None else hint[field]
    sheet.write_string(row, FIELD, label, style["field"])
    if value:
        sheet.write_string(row, CONTENT, value, look)
    else:
        sheet.write_blank(row, CONTENT, None, look)
    sheet.write_string(row, HINT, hint, style["hint"])
    cells = [(plain(label, bold=True), WIDTHS[0], 12), (plain(value), WIDTHS[1], 12), (plain(hint), WIDTHS[2] - 12, 10)]
    sheet.set_row(row, height(cells, least=21))


def _lists(sheet: Any) -> None:
    said = texts()["about_sheet"]
    hint = {"input_title": said["list_title"], "input_message": said["list_message"]}
    fields = list(texts()["about"])
    for field, listed, strict in (("status", said["kinds"], True), ("signer_capacity", said["capacities"], False)):
        options = {"validate": "list", "source": listed, "error_title": said["list_title"], "show_error": strict}
        options |= {"error_message": said["list_error"], **hint}
        add_validation(sheet, [FIRST_FIELD + fields.index(field)], CONTENT, options)


def _links(sheet: Any, style: Mapping[str, Any], plan: Plan, row: int) -> int:
    sheet.write_string(row, FIELD, texts()["about_sheet"]["forms_head"], style["section"])
    targets = [(sheet_of(plan.edition, form), form.title) for form in plan.edition.forms]
    targets += [(name, "") for kind, name in texts()["sheets"].items() if kind != ABOUT and kind != STATUS]
    targets.append((texts()["sheets"][STATUS], ""))
    for at, (name, title) in enumerate(targets, row + 1):
        sheet.write_url(at, FIELD, f"internal:'{name}'!A1", style["link"], name)
        if title:
            sheet.write_string(at, CONTENT, title, style["line"])
    return row + len(targets)
