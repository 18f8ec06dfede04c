"""Attacks with parts: sizes that lie, streams that break, things hidden behind bombs or beside cells."""

import struct
import time
import zipfile
import zlib
from io import BytesIO

import pytest

from cchc_xl.rounds.reading import stored
from cchc_xl.rounds.reading.workers import _MET, read_some
from cchc_xl.workbook import reader
from cchc_xl.workbook.incoming.kinds import kind_of
from cchc_xl.zips import MOST_LISTED

from .damage import edited, part_of
from .filled import filled

_BIG = 30_000_000
_EXTERNAL = (
    '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'attachedTemplate" Target="http://example.org/x" TargetMode="External"/></Relationships>'
)
_ACTIVE = "file-active"
Raw = tuple[str, bytes, int, int]  # name, deflated bytes, checksum and size as said


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def honest(name: str, content: bytes) -> Raw:
    return name, deflated(content), zlib.crc32(content), len(content)


def zip_of(parts: list[Raw]) -> bytes:
    body, directory = BytesIO(), BytesIO()
    for name, raw, checksum, size in parts:
        about = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, checksum, len(raw), size, len(name), 0)
        directory.write(b"PK\x01\x02\x14\x00" + about + struct.pack("<HHHII", 0, 0, 0, 0, body.tell()) + name.encode())
        body.write(b"PK\x03\x04" + about + name.encode() + raw)
    end = struct.pack("<HHHHIIH", 0, 0, len(parts), len(parts), directory.tell(), body.tell(), 0)
    return body.getvalue() + directory.getvalue() + b"PK\x05\x06" + end


def with_parts(more: list[Raw]) -> bytes:
    with zipfile.ZipFile(BytesIO(filled())) as package:
        return zip_of([*(honest(name, package.read(name)) for name in package.namelist()), *more])


def said(content: bytes) -> tuple[bool, tuple[str, ...]]:
    (submission,) = reader.read(content, file="a.xlsx")
    return submission.refused, tuple(one.id for one in submission.findings)


def test_the_zips_made_here_are_read_as_any_other():
    assert said(with_parts([])) == said(filled())


@pytest.mark.parametrize(
    ("end", "tail"),
    [("whole", lambda raw: raw), ("cut", lambda raw: raw[:-10]), ("bad", lambda raw: raw[:-10] + b"\xff" * 10)],
)
def test_hundreds_of_parts_that_lie_about_their_size_are_given_up_at_once(end, tail):
    lying = tail(deflated(bytes(_BIG)))
    content = with_parts([(f"xl/x{number}/_rels/a.rels", lying, 0, 10) for number in range(600)])
    start = time.process_time()
    assert said(content) == (True, ("file-too-large",))
    assert time.process_time() - start < 2


def test_what_stands_behind_bombs_is_not_passed_over():
    hidden = honest("xl/z/_rels/z.rels", _EXTERNAL.encode())
    assert _ACTIVE in said(with_parts([hidden]))[1]
    bombs = [(f"xl/b{number}/_rels/a.rels", deflated(bytes(_BIG)), 0, 10) for number in range(3)]
    assert said(with_parts([*bombs, hidden])) == (True, ("file-too-large",))


@pytest.mark.parametrize(
    "sheet", ["Thông tin", "Biểu 1", "Biểu 7", "Danh mục văn bản", "Phần lời báo cáo", "Kiểm tra", "Hướng dẫn"]
)
def test_a_formula_that_calls_the_network_from_beside_the_cells_is_said(sheet):
    hidden = (
        '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" xmlns:x14="http://schemas.microsoft.com/office/'
        'spreadsheetml/2009/9/main"><x14:dataValidations xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">'
        '<x14:dataValidation type="custom"><x14:formula1><xm:f>WEBSERVICE("http://example.org")=1</xm:f></x14:formula1>'
        "<xm:sqref>A1</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst></worksheet>"
    )
    content = edited(filled(), part_of(filled(), sheet), lambda text: text.replace("</worksheet>", hidden))
    refused, findings = said(content)
    assert not refused and _ACTIVE in findings
    assert _ACTIVE not in said(filled())[1]


def test_very_long_notes_are_not_kept_for_the_next_file(tmp_path):
    """What a process remembers of the rows it handed over is bounded by their length, not only by their number."""
    _MET.clear()
    path = tmp_path / "a.xlsx"
    note = "x" * 5_000
    path.write_bytes(edited(filled(), part_of(filled(), "Biểu 1"), lambda text: with_notes(text, note)))
    ((text,),) = (read_some([(path, "a.xlsx")], roster=None, edition_id=None, checked=True),)
    assert text.count(note) >= 10
    assert _MET and max(map(len, _MET.values())) <= stored._LONGEST_KEPT


def with_notes(text: str, note: str) -> str:
    """The sheet with a text of its own in column E of rows 7 to 24."""
    for row in range(7, 25):
        start = text.index(f'<c r="E{row}"')
        end = text.index(">", start)
        style = text[start:end].partition(' s="')[2].partition('"')[0]
        close = end + 1 if text[end - 1] == "/" else text.index("</c>", end) + 4
        cell = f'<c r="E{row}" s="{style}" t="inlineStr"><is><t>{note}{row}</t></is></c>'
        text = text[:start] + cell + text[close:]
    return text


def test_a_zip_of_very_many_members_is_an_archive_within_bounds():
    content = zip_of([(f"a{number:05}", b"", 0, 0) for number in range(MOST_LISTED + 1)])
    assert kind_of(content) == "archive"
    assert kind_of(zip_of([(f"a{number:05}", b"", 0, 0) for number in range(1_000)])) == "archive"
    assert said(content) == (True, ("file-wrong-kind",))
