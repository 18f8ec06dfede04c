"""The sheets ``Biểu 1`` … of the master: the official form in print, with live figures in the value cells."""

from collections.abc import Mapping
from functools import cache

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from cchc_xl.editions.catalogue import shown, words
from cchc_xl.model import Consolidation, Figure, Form, Indicator, Method, Whole
from cchc_xl.workbook.consolidated.cells import inside, link, write_formula, write_text
from cchc_xl.workbook.consolidated.plan import Plan, detail_sheet, shown_block
from cchc_xl.workbook.consolidated.signed import about_of, attached, capacity, place_and_date
from cchc_xl.workbook.consolidated.styles import Styles, figure_format
from cchc_xl.workbook.consolidated.words import block, body, owner_name, remarks
from cchc_xl.workbook.layout import CODE, FIRST_ROW, HEAD_ROWS, LABEL, NOTE, UNIT, VALUE, sheet_of
from cchc_xl.workbook.official.form_sheet import SIGNATURES, WIDTHS, label_runs
from cchc_xl.workbook.official.row_heights import height, plain, signature_page
from cchc_xl.workbook.official.styles import FORM_SIZE, page

COUNT, COMMUNES, OWN, REMARK = range(NOTE + 2, NOTE + 6)  # beside the print area
_OFFICIAL = (CODE, LABEL, UNIT, VALUE, NOTE)
_BESIDE = {NOTE + 1: 24, COUNT: 76, COMMUNES: 90, OWN: 90, REMARK: 560}  # pixels
_SMALL = 10
_SHRINK = 1.27  # rather than a page with nothing but signatures


def write_form(workbook: Workbook, consolidation: Consolidation, plan: Plan, styles: Styles, form: Form) -> None:
    """One official form with live figures; n of N, the blocks and the remarks stand outside the print area."""
    sheet = workbook.add_worksheet(sheet_of(consolidation.edition, form))
    for column, width in (*((column, WIDTHS[column]) for column in _OFFICIAL), *_BESIDE.items()):
        sheet.set_column_pixels(column, column, width)
    titles = _titles(sheet, consolidation, styles, form)
    head = _head(sheet, consolidation, styles)
    _beside_head(sheet, consolidation, styles, form)
    heights = []
    for number, indicator in enumerate(form.indicators):
        row = FIRST_ROW + number
        heights.append(_official(sheet, row, indicator, consolidation, plan, styles))
        _beside(sheet, row, indicator, consolidation, plan, styles)
    top = FIRST_ROW + len(form.indicators) + 1
    block_heights = _signatures(sheet, top, consolidation, styles)
    end = top + len(block_heights) - 1
    pages, gap = signature_page(titles + head, head, heights, block_heights, _SHRINK)
    sheet.set_row(top - 1, gap)
    sheet.print_area(0, CODE, end, NOTE)
    sheet.repeat_rows(*HEAD_ROWS)
    sheet.freeze_panes(FIRST_ROW, 0)
    sheet.ignore_errors({"number_stored_as_text": f"A1:C{end + 1}"})
    page(sheet, footer=words("sheets")["form"]["footer"].format(form=form.number, title=form.title), pages=pages)


def _titles(sheet: Worksheet, consolidation: Consolidation, styles: Styles, form: Form) -> float:
    """What, which period, where: as over a unit's own forms. Returns their height in points."""
    said, texts, unit = consolidation.edition.words, words("sheets")["form"], owner_name(consolidation)
    period = consolidation.period.title.upper()
    title = texts["title"].format(appendix=said["appendix"], period=period, unit=unit.upper())
    of = attached(about_of(consolidation), unit)
    width = sum(WIDTHS[column] for column in _OFFICIAL)
    used = 0.0
    for row, text, look, size in ((0, title, "form_head", 13), (1, of, "form_attached", 12)):
        sheet.merge_range(row, CODE, row, NOTE, text, styles.of(look))
        high = height([(plain(text, bold=row == 0), width, size)])
        sheet.set_row(row, high)
        used += high
    for row, text in ((2, str(said["form"]).format(number=form.number)), (3, form.title)):
        sheet.merge_range(row, CODE, row, NOTE, text, styles.of("form_title"))
        sheet.set_row(row, 18)
    return used + 2 * 18


def _head(sheet: Worksheet, consolidation: Consolidation, styles: Styles) -> float:
    said, head, (top, below) = consolidation.edition.words, styles.of("official_head"), HEAD_ROWS
    label = str(said["head_label"]).format(period=consolidation.period.title)
    for column, text in ((CODE, said["head_code"]), (LABEL, label), (NOTE, said["head_note"])):
        sheet.merge_range(top, column, below, column, str(text), head)
    sheet.merge_range(top, UNIT, top, VALUE, str(said["head_result"]), head)
    write_text(sheet, below, UNIT, str(said["head_unit"]), head)
    write_text(sheet, below, VALUE, str(said["head_value"]), head)
    sheet.set_row(top, 20)
    sheet.set_row(below, 36)
    return 20 + 36


def _beside_head(sheet: Worksheet, consolidation: Consolidation, styles: Styles, form: Form) -> None:
    texts, detail, (top, below) = words("master")["forms"], detail_sheet(form.number), HEAD_ROWS
    overview, back = words("master")["sheets"]["overview"], words("master")["back"]
    link(sheet, 0, COUNT, inside(overview), styles.of("link"), text=back)
    link(sheet, 1, COUNT, inside(detail), styles.of("link"), text=texts["to_detail"].format(sheet=detail))
    write_text(sheet, 2, COUNT, texts["hint"], styles.of("note"))
    beside = styles.of("head", font_size=_SMALL)
    sheet.merge_range(top, COUNT, top, REMARK, texts["outside"], beside)
    names = {
        COUNT: texts["count"],
        COMMUNES: block(consolidation, "communes"),
        OWN: block(consolidation, "own"),
        REMARK: texts["remark"],
    }
    for column, text in names.items():
        write_text(sheet, below, column, text, beside)


def _official(
    sheet: Worksheet, row: int, indicator: Indicator, consolidation: Consolidation, plan: Plan, styles: Styles
) -> float:
    """The five official columns. The figure links to its row on Chi tiết. Returns the row's height in points."""
    write_text(sheet, row, CODE, indicator.printed_code, styles.of("form_code"))
    _label(sheet, row, indicator, styles)
    write_text(sheet, row, UNIT, indicator.unit, styles.of("form_unit"))
    figure = consolidation.figures.get(indicator.key)
    look = styles.of("form_value", num_format=figure_format(indicator, figure))
    if figure is None or indicator.method in (Method.NONE, Method.DISTRIBUTION):
        sheet.write_blank(row, VALUE, None, look)
    else:
        column = shown_block(indicator, plan)
        value = figure.communes if column == plan.communes else figure.whole
        link(sheet, row, VALUE, _detail_row(indicator, plan), look)
        write_formula(sheet, row, VALUE, plan.outside(indicator.key, column), look, value)
    formula, note = _note(indicator, consolidation, plan)
    if formula:
        write_formula(sheet, row, NOTE, formula, styles.of("form_note"), note)
    else:
        write_text(sheet, row, NOTE, note, styles.of("form_note"))
    high = _official_height(indicator, note)
    sheet.set_row(row, high)
    return high


@cache
def _official_height(indicator: Indicator, note: str) -> float:
    cells = (
        (label_runs(indicator), WIDTHS[LABEL], FORM_SIZE),
        (plain(indicator.unit), WIDTHS[UNIT], FORM_SIZE),
        (plain(note), WIDTHS[NOTE], _SMALL),
    )
    return height(cells, least=20)


def _detail_row(indicator: Indicator, plan: Plan) -> str:
    """The start of the indicator's row on Chi tiết, so that its units are in sight."""
    sheet, _, cell = plan.outside(indicator.key, 0).partition("!")
    return inside(sheet.strip("'"), cell.replace("$", ""))


def _label(sheet: Worksheet, row: int, indicator: Indicator, styles: Styles) -> None:
    """The official wording with its printed bold and italic stretches."""
    runs = label_runs(indicator)
    if len(runs) == 1:
        text, bold, italic = runs[0]
        write_text(sheet, row, LABEL, text, styles.of("form_label", **_look(bold, italic)))
        return
    pieces: list[object] = []
    for text, bold, italic in runs:
        pieces += [styles.of("piece", **_look(bold, italic)), text]
    sheet.write_rich_string(row, LABEL, *pieces, styles.of("form_label"))


def _look(bold: bool, italic: bool) -> dict[str, object]:
    return {name: True for name, on in (("bold", bold), ("italic", italic)) if on}


def _note(indicator: Indicator, consolidation: Consolidation, plan: Plan) -> tuple[str, str]:
    """(formula, text): what the print must say where the figure is not what the row's name says."""
    figure = consolidation.figures.get(indicator.key)
    if figure is None:
        return "", ""
    if figure.distribution:
        return _distribution(indicator, plan, figure.distribution)
    said = "; ".join(filter(None, (_meaning(indicator, figure, consolidation), _cautions(figure))))
    if indicator.method is Method.OWN:
        return "", said
    count = plan.outside(indicator.key, plan.count)
    rest = f"/{consolidation.N}" + (f"; {said}" if said else "")
    quoted = rest.replace('"', '""')
    return f'{count}&"{quoted}"', f"{figure.n}{rest}"


def _meaning(indicator: Indicator, figure: Figure | None, consolidation: Consolidation) -> str:
    texts = words("master")["forms"]["notes"]
    if indicator.method is Method.SUM and indicator.whole is Whole.NONE:
        return texts["communes"].format(communes=block(consolidation, "communes"))
    if indicator.method is Method.COUNT_YES:
        return texts["count_yes"]
    derived = figure is not None and figure.whole is not None and figure.own_part is None
    return texts.get(indicator.method.value, "") if derived else ""


def _cautions(figure: Figure | None) -> str:
    """Why a printed number is not yet sure, in a few words; "" when it is."""
    texts = words("master")["forms"]["cautions"]
    said = (remark for remark in (figure.remarks if figure else ()) if remark.name in texts)
    return "; ".join(texts[remark.name].format(**shown(remark.args)) for remark in said)


def _beside(
    sheet: Worksheet, row: int, indicator: Indicator, consolidation: Consolidation, plan: Plan, styles: Styles
) -> None:
    """n of N, the units' figure, the own part and the remarks, for whoever looks at the screen."""
    figure = consolidation.figures.get(indicator.key)
    if figure is None:
        return
    form = words("master")["detail"]["count_format"].format(N=consolidation.N)
    look = styles.of("middle", font_size=_SMALL, num_format=form)
    write_formula(sheet, row, COUNT, plan.outside(indicator.key, plan.count), look, figure.n)
    look = styles.of("number", font_size=_SMALL, num_format=figure_format(indicator, figure))
    if indicator.method is not Method.DISTRIBUTION:
        communes = plan.outside(indicator.key, plan.communes) if indicator.method is not Method.OWN else ""
        write_formula(sheet, row, COMMUNES, communes, look, figure.communes)
    else:
        sheet.write_blank(row, COMMUNES, None, look)
    own = plan.outside(indicator.key, plan.own_part)
    write_formula(sheet, row, OWN, f'IF({own}="","",{own})', look, figure.own)
    write_text(sheet, row, REMARK, remarks(figure, indicator, plan.units), styles.of("aside"))


def _distribution(indicator: Indicator, plan: Plan, counts: Mapping[int, int]) -> tuple[str, str]:
    """The counts of each choice as one live text: (formula, its text)."""
    formula, texts = [], []
    labels = {choice.value: choice.label for choice in indicator.choices}
    for value, count in counts.items():
        label = labels.get(int(value), str(value))
        cell = plan.outside_helper((indicator.key, f"choice-{value}"), plan.communes)
        quoted = f"{label}: ".replace('"', '""')
        formula.append(f'"{quoted}"&{cell}')
        texts.append(f"{label}: {count}")
    return '&"; "&'.join(formula), "; ".join(texts)


def _signatures(sheet: Worksheet, top: int, consolidation: Consolidation, styles: Styles) -> list[float]:
    """Places for who made the form and who signs it. Returns the heights of its rows in points."""
    form, about = words("sheets")["form"], about_of(consolidation)
    on_behalf = form["on_behalf"].format(body=body(consolidation))
    unit = consolidation.roster.consolidating
    when, ranks = place_and_date(about, unit.title if unit else ""), capacity(about)
    right = {top: (when, "sign_small"), top + 1: (on_behalf, "sign"), top + 2: (ranks, "sign")}
    heights = [float(high) for high in SIGNATURES]
    heights[2] *= ranks.count("\n") + 1
    for row, high in enumerate(heights, top):
        sheet.set_row(row, high)
    for row, (text, look) in {**right, top + 4: (about.get("signer", ""), "sign")}.items():
        sheet.merge_range(row, UNIT, row, NOTE, text, styles.of(look, text_wrap=True))
    for row, text, look in ((top + 1, form["preparer"], "sign"), (top + 2, form["sign_note"], "sign_small")):
        sheet.merge_range(row, CODE, row, LABEL, text, styles.of(look))
    return heights
