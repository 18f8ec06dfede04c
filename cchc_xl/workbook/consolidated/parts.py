"""The master's archive put together from parts: those of many units are kept in files until the archive takes them."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from xlsxwriter.packager import Packager
from xlsxwriter.workbook import Workbook

from cchc_xl.workbook.consolidated.quick_sheet import QuickSheet

_SHEETS = "xl/worksheets/sheet"


class MasterBook(Workbook):
    """A workbook of quick sheets. ``aside``: a folder for its sheets until it is closed; None holds them in memory."""

    worksheet_class = QuickSheet

    def __init__(self, out: BinaryIO, options: Mapping[str, object], aside: Path | None) -> None:
        super().__init__(out, {**options, "in_memory": True})
        self._aside = aside

    def add_worksheet(self, name: str | None = None, worksheet_class: type | None = None) -> QuickSheet:
        sheet = super().add_worksheet(name, worksheet_class)
        sheet.aside = self._aside
        return sheet

    def _get_packager(self) -> Packager:
        return _Packager(self._aside) if self._aside else super()._get_packager()


class _Packager(Packager):
    """Sheets are written into files and read when the archive takes them, one after another."""

    def __init__(self, aside: Path) -> None:
        super().__init__()
        self._aside = aside

    def _filename(self, xml_filename: str) -> object:
        if not xml_filename.startswith(_SHEETS):
            return super()._filename(xml_filename)
        path = self._aside / xml_filename.rpartition("/")[2]
        self.filenames.append((_Part(path), xml_filename, True))
        return path


class _Part:
    """A part of the archive in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def getvalue(self) -> bytes:
        """Its bytes, asked for once: the file is gone then."""
        content = self._path.read_bytes()
        os.remove(self._path)
        return content
