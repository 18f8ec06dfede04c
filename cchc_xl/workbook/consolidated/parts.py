"""The master's archive put together from parts: those of many units are kept in files until the archive takes them."""

import zipfile
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from io import BytesIO, StringIO
from pathlib import Path

from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.packager import Packager
from xlsxwriter.workbook import Workbook

from cchc_xl.workbook.consolidated.quick_sheet import QuickSheet

_SHEETS = "xl/worksheets/sheet"
_MADE = (1980, 1, 1, 0, 0, 0)  # for every part: the same round gives the same bytes
_LEVEL = 4  # a master's rows repeat each other: a hundredth larger than with 6, in a third of the time


class MasterBook(Workbook):
    """A workbook of quick sheets. ``aside``: a folder for its sheets until it is packed; None holds them in memory."""

    worksheet_class = QuickSheet

    def __init__(self, options: Mapping[str, object], aside: Path | None) -> None:
        super().__init__(BytesIO(), {**options, "in_memory": True})  # XlsxWriter's own archive stays empty
        self._aside = aside
        self._archive = BytesIO()

    def add_worksheet(self, name: str | None = None, worksheet_class: type | None = None) -> QuickSheet:
        sheet = super().add_worksheet(name, worksheet_class)
        sheet.aside = self._aside
        return sheet

    def packed(self) -> bytes:
        """The whole file; nothing can be added any more. Raises OSError when a part can't be put aside."""
        try:
            self.close()
        except FileCreateError as error:  # XlsxWriter's word for an OSError
            raise error.args[0] from error
        return self._archive.getvalue()

    def _get_packager(self) -> Packager:
        return _Packager(self._archive, self._aside)


class _Packager(Packager):
    """Packs each part while the next one is written."""

    def __init__(self, out: BytesIO, aside: Path | None) -> None:
        super().__init__()
        self._out = out
        self._aside = aside
        self._taken: list[Future] = []

    def _create_package(self) -> tuple[()]:
        """Write and pack every part; none is left to do for the workbook."""
        with zipfile.ZipFile(self._out, "w") as self._archive, ThreadPoolExecutor(max_workers=1) as self._beside:
            super()._create_package()
            self._take()
            for taken in self._taken:
                taken.result()
        return ()

    def _filename(self, xml_filename: str) -> StringIO | Path:
        """Where the next part is to be written; those before are complete then."""
        self._take()
        if self._aside is None or not xml_filename.startswith(_SHEETS):
            return super()._filename(xml_filename)
        path = self._aside / xml_filename.rpartition("/")[2]
        self.filenames.append((path, xml_filename, False))
        return path

    def _take(self) -> None:
        self._taken += [self._beside.submit(self._pack, name, written) for written, name, _ in self.filenames]
        self.filenames.clear()

    def _pack(self, name: str, written: StringIO | BytesIO | Path) -> None:
        """Put a part into the archive; a file aside is gone then."""
        if isinstance(written, Path):
            content = written.read_bytes()
            written.unlink()
        else:
            content = written.getvalue()
        part = zipfile.ZipInfo(name, _MADE)
        self._archive.writestr(part, content, zipfile.ZIP_DEFLATED, _LEVEL)
