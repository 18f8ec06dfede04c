"""Rows that grow with what is typed into them.

XlsxWriter marks every height it is given as set by hand (``customHeight``); such a row never grows, so that a long
Ghi chú or Giải trình typed later is cut on screen and in print. Without the mark the computed height stands until
somebody types a longer text: Excel then fits the row to it, LibreOffice does so on opening as well (measured: the
same heights to within a line). Shrinking the text instead makes a long note too small to read, and needs one line.
Rows of merged cells keep the mark: no program fits a row to a merged cell.
"""

import re
import zipfile
from collections.abc import Mapping
from io import BytesIO

Stretch = tuple[int, int]  # 0-based first and last row

_ROW = re.compile(rb'(<row r="(\d+)"[^>]*?) customHeight="1"')


def growing(content: bytes, rows: Mapping[int, Stretch]) -> bytes:
    """The workbook with these rows free to grow; ``rows``: number of the sheet, from 1 -> its rows."""
    out = BytesIO()
    wanted = {f"xl/worksheets/sheet{number}.xml": stretch for number, stretch in rows.items()}
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for member in source.infolist():
            body = source.read(member)
            target.writestr(member, _freed(body, *wanted[member.filename]) if member.filename in wanted else body)
    return out.getvalue()


def _freed(body: bytes, first: int, last: int) -> bytes:
    def row(found: re.Match[bytes]) -> bytes:
        return found[1] if first < int(found[2]) <= last + 1 else found[0]

    return _ROW.sub(row, body)
