"""The sheets of the control workbook, drawn with XlsxWriter from cchc_xl/editions/ui/control.toml."""

import tempfile
from datetime import datetime
from io import BytesIO
from pathlib import Path

import xlsxwriter

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.load import DEFAULT, load
from cchc_xl.rounds.buttons.control_book import ROSTER, SEEN, name_of
from cchc_xl.rounds.buttons.control_settings import SHARED

FONT, SIZE = "Times New Roman", 12
MAIN = ("folder", "period", "deadline", "edition", "source", "send")
MAIL = tuple(name for name in SHARED if name.startswith("mail_"))
MACHINE = ("way", "program")
ROSTER_ROWS, TABLE_ROWS = 1200, 3000
WIDTHS = {
    "roster": {"unit_name": 28, "printed_name": 28, "aliases": 24, "email": 28, "contact": 24},
    "units": (10, 28, 16, 10, 10, 18, 9, 9, 52),
    "files": (46, 18, 18, 18, 10, 60, 15),
    "findings": (10, 24, 16, 30, 62, 62),
}
STATE_COLOURS = {
    "not_sent": "#FFFFFF",
    "received": "#FFF2CC",
    "to_fix": "#F8CBAD",
    "to_approve": "#DDEBF7",
    "approved": "#E2EFDA",
    "locked": "#C6E0B4",
}


class Board:
    """The workbook under construction."""

    def __init__(self, project: bytes) -> None:
        self.said = words("control")
        self.out = BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(self.out, options)
        self.book.set_properties({"title": self.said["titles"]["book"], "created": datetime(2022, 1, 1)})
        self.book.set_size(24_000, 14_000)
        self.formats: dict[tuple, xlsxwriter.format.Format] = {}
        self.project = project

    def content(self) -> bytes:
        """The bytes of the .xlsm, all sheets drawn."""
        makers = (self._board, self._roster, self._units, self._files, self._findings, self._guide, self._memory)
        titles = ("board", "roster", "units", "files", "findings", "guide", "memory")
        for number, (title, make) in enumerate(zip(titles, makers, strict=True), start=1):
            sheet = self.book.add_worksheet(self.said["titles"][title])
            sheet.set_vba_name(f"Sheet{number}")
            sheet.hide_gridlines(2 if title in ("board", "guide") else 0)
            if title in ("board", "guide"):  # elsewhere rows grow with their texts
                sheet.set_default_row(18)
            sheet.set_paper(9)
            sheet.fit_to_pages(1, 1 if title in ("board", "guide") else 0)
            sheet.set_landscape()
            sheet.set_footer("&C&P/&N")
            make(sheet)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "vbaProject.bin"
            path.write_bytes(self.project)
            self.book.add_vba_project(str(path))
            self.book.set_vba_name("ThisWorkbook")
            self.book.close()
        return self.out.getvalue()

    def _format(self, **look: object):
        key = tuple(sorted(look.items()))
        if key not in self.formats:
            plain = {"font_name": FONT, "font_size": SIZE, "valign": "vcenter"}
            self.formats[key] = self.book.add_format(plain | look)
        return self.formats[key]

    def _name(self, cell: str, sheet, row: int, column: int) -> None:
        place = xlsxwriter.utility.xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
        self.book.define_name(name_of(cell), f"='{sheet.get_name()}'!{place}")

    # --- Bảng điều hành ---------------------------------------------------------------------------------------------
    def _board(self, sheet) -> None:
        titles = self.said["titles"]
        for column, width in enumerate((2, 27, 36, 2, 25, 36, 44)):
            sheet.set_column(column, column, width, self._format())
        sheet.set_row(0, 30)
        sheet.write_string(0, 1, titles["book"], self._format(font_size=18, bold=True, font_color="#1F3864"))
        sheet.write_string(1, 1, titles["lead"], self._format(italic=True))
        self._head(sheet, 3, 1, 2, titles["work"])
        self._head(sheet, 3, 4, 6, titles["settings"])
        self._buttons(sheet, 4)
        self._fields(sheet, 4, MAIN)
        told = self._format(bold=True, text_wrap=True, font_color="#C00000")
        for row, cell, text in ((11, "next", titles["first_next"]), (12, "last", "")):
            sheet.write_string(row, 4, titles[cell], self._format(bold=True, text_wrap=True))
            look = told if cell == "next" else self._format(text_wrap=True)
            sheet.merge_range(row, 5, row, 6, text, look)
            self._name(cell, sheet, row, 5)
        self._message(sheet, 14)
        self._counts(sheet, 16)
        self._links(sheet, 16)
        self._head(sheet, 27, 4, 6, titles["mail"])
        self._fields(sheet, 28, MAIL)
        self._head(sheet, 34, 4, 6, titles["machine"])
        self._fields(sheet, 35, MACHINE)
        sheet.freeze_panes(3, 0)
        sheet.set_selection(4, 5, 4, 5)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.5)
        sheet.print_area(0, 0, 37, 6)

    def _head(self, sheet, row: int, first: int, last: int, text: str) -> None:
        look = self._format(bold=True, font_color="#FFFFFF", bg_color="#1F3864")
        sheet.merge_range(row, first, row, last, text, look)

    def _buttons(self, sheet, top: int) -> None:
        for number, button in enumerate(self.said["buttons"].values()):
            row = top + number
            sheet.set_row(row, 33)
            sheet.insert_button(
                row,
                1,
                {
                    "macro": button["macro"],
                    "caption": button["caption"],
                    "width": 186,
                    "height": 38,
                    "x_offset": 3,
                    "y_offset": 3,
                },
            )
            look = {"text_wrap": True, "font_size": 11}
            first = look | {"bold": True, "bg_color": "#E2EFDA"}
            sheet.write_string(row, 2, button["hint"], self._format(**(look if number else first)))

    def _fields(self, sheet, top: int, names: tuple[str, ...]) -> None:
        said = self.said
        for row, name in enumerate(names, start=top):
            sheet.set_row(row, 33)
            sheet.write_string(row, 4, said["fields"][name], self._format(bold=name in MAIN, text_wrap=True))
            look = self._format(bg_color="#FFF2CC", border=1, num_format="@", text_wrap=True)
            sheet.write_string(row, 5, said["values"].get(name, ""), look)
            hint = self._format(italic=True, font_size=10, font_color="#595959", text_wrap=True, indent=1)
            sheet.write_string(row, 6, said["hints"][name], hint)
            self._name(name, sheet, row, 5)
            if name in said["choices"]:
                sheet.data_validation(row, 5, row, 5, {"validate": "list", "source": said["choices"][name]})

    def _message(self, sheet, row: int) -> None:
        titles = self.said["titles"]
        sheet.set_row(row, 120)
        sheet.write_string(row, 1, titles["told"], self._format(bold=True, text_wrap=True, valign="top"))
        look = self._format(text_wrap=True, valign="top", border=1, bg_color="#F2F2F2", indent=1)
        sheet.merge_range(row, 2, row, 6, titles["first_message"], look)
        self._name("message", sheet, row, 2)
        wrong = self.book.add_format({"bg_color": "#F8CBAD", "font_color": "#9C0006"})
        rule = {"type": "formula", "criteria": f'={name_of("ok")}="0"', "format": wrong}
        sheet.conditional_format(row, 2, row, 6, rule)

    def _counts(self, sheet, top: int) -> None:
        self._head(sheet, top, 1, 2, self.said["titles"]["numbers"])
        for row, (name, label) in enumerate(self.said["counts"].items(), start=top + 1):
            sheet.write_string(row, 1, label, self._format(border=1))
            sheet.write_blank(row, 2, None, self._format(border=1, align="center", bold=True))
            self._name(f"count_{name}", sheet, row, 2)

    def _links(self, sheet, top: int) -> None:
        self._head(sheet, top, 4, 6, self.said["titles"]["links"])
        for number in range(1, self.said["words"]["links_shown"] + 1):
            sheet.write_blank(top + number, 4, None, self._format(font_color="#0563C1", underline=1))
            self._name(f"link_{number}", sheet, top + number, 4)

    # --- the tables -------------------------------------------------------------------------------------------------
    def _roster(self, sheet) -> None:
        columns, hints, types = words("roster")["columns"], words("roster")["hints"], list(load(DEFAULT).words["types"])
        for column, (name, title) in enumerate(columns.items()):
            sheet.set_column(column, column, WIDTHS["roster"].get(name, 14), self._format(num_format="@"))
            needed = name in ("unit_code", "unit_name")
            colour = "#FFF2CC" if needed else "#EDEDED"
            sheet.write_string(0, column, title, self._format(bold=True, border=1, bg_color=colour, text_wrap=True))
            listed = {"validate": "list", "source": types, "error_type": "information"}
            rule = listed if name == "type" else {"validate": "any"}
            hint = {"input_title": title[:32], "input_message": hints[name]}
            sheet.data_validation(1, column, ROSTER_ROWS, column, rule | hint)
        self._name(ROSTER, sheet, 1, 0)
        sheet.freeze_panes(1, 2)
        sheet.repeat_rows(0)

    def _table(self, sheet, name: str) -> None:
        head = self.said["tables"][name]
        for column, (title, width) in enumerate(zip(head, WIDTHS[name], strict=True)):
            look = self._format(num_format="@", text_wrap=True, valign="top")
            sheet.set_column(column, column, width, look)
            sheet.write_string(0, column, title, self._format(bold=True, border=1, bg_color="#EDEDED", text_wrap=True))
        sheet.set_row(0, 34)
        sheet.write_string(1, 0, self.said["titles"]["no_data"], self._format(num_format="@", valign="top"))
        self._name(f"T_{name}", sheet, 1, 0)
        sheet.freeze_panes(1, 2)
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, TABLE_ROWS, len(head) - 1)
        sheet.ignore_errors({"number_stored_as_text": f"A1:{chr(64 + len(head))}{TABLE_ROWS + 1}"})

    def _units(self, sheet) -> None:
        self._table(sheet, "units")
        for state, colour in STATE_COLOURS.items():
            look = self.book.add_format({"bg_color": colour})
            rule = {"type": "cell", "criteria": "==", "value": f'"{words("round")["states"][state]}"', "format": look}
            sheet.conditional_format(1, 2, TABLE_ROWS, 2, rule)

    def _files(self, sheet) -> None:
        self._table(sheet, "files")
        look = self.book.add_format({"bg_color": "#F8CBAD"})
        waiting = words("round")["fates"]["waiting"]
        sheet.conditional_format(
            1, 3, TABLE_ROWS, 3, {"type": "cell", "criteria": "==", "value": f'"{waiting}"', "format": look}
        )

    def _findings(self, sheet) -> None:
        self._table(sheet, "findings")
        for severity, colour in (("error", "#F8CBAD"), ("warning", "#FFE699"), ("explained", "#E2EFDA")):
            look = self.book.add_format({"bg_color": colour})
            value = f'"{self.said["severities"][severity]}"'
            rule = {"type": "cell", "criteria": "==", "value": value, "format": look}
            sheet.conditional_format(1, 2, TABLE_ROWS, 2, rule)

    # --- Hướng dẫn, and what the macros remember --------------------------------------------------------------------
    def _guide(self, sheet) -> None:
        sheet.set_column(0, 0, 2)
        sheet.set_column(1, 1, 125)
        for row, line in enumerate(self.said["guide"]["lines"]):
            is_head = line.startswith("# ")
            look = {"bold": True, "font_size": 14, "font_color": "#1F3864"} if is_head else {"text_wrap": True}
            sheet.set_row(row, 26 if is_head else 18 * (1 + len(line) // 145))
            sheet.write_string(row, 1, line.removeprefix("# "), self._format(**look))

    def _memory(self, sheet) -> None:
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 100)
        sentences = {f"M_{name}": text for name, text in self.said["macro"].items()}
        _, sentences["M_WAY_PROGRAM"], sentences["M_WAY_XLWINGS"] = self.said["choices"]["way"]
        kept = {"ok": "", "token": "", **{f"seen_{name}": "" for name in SEEN}, **sentences}
        for row, (cell, text) in enumerate(kept.items()):
            sheet.write_string(row, 0, cell, self._format())
            sheet.write_string(row, 1, text, self._format(num_format="@"))
            self._name(cell, sheet, row, 1)
        sheet.very_hidden()
