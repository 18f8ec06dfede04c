"""The zip around a workbook, entry by entry: what two programs could read differently is not read at all."""

import datetime
import struct
import zipfile
import zlib
from dataclasses import replace
from io import BytesIO

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from cchc_xl.workbook.incoming.package import Limits, Package, Refused
from cchc_xl.workbook.incoming.table_in import table_of
from cchc_xl.workbook.reader import read
from tests.damage import parts_of
from tests.filled import facts, filled

TEXT = b"sixteen letters." * 3
DEFLATED = 8


def zip_of(parts: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytearray:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as package:
        for name, content in parts.items():
            package.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return bytearray(out.getvalue())


def raw_deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def claiming(packed: bytes, content: bytes) -> bytes:
    """A zip of one part whose deflated bytes are these and whose size and checksum are those of ``content``."""
    made = zip_of({"a": packed})
    at = made.index(b"PK\x01\x02")
    struct.pack_into("<H", made, 8, DEFLATED)
    struct.pack_into("<H", made, at + 10, DEFLATED)
    struct.pack_into("<III", made, at + 16, zlib.crc32(content), len(packed), len(content))
    return bytes(made)


def content_of(made: bytes, name: str = "a", limits: Limits | None = None) -> bytes:
    return b"".join(Package(bytes(made), limits or Limits()).chunks(name))


def refused(made: bytes, name: str = "a", limits: Limits | None = None) -> str:
    with pytest.raises(Refused) as failed:
        content_of(made, name, limits)
    return failed.value.finding


def test_a_workbook_whose_parts_are_not_deflated_is_read_the_same():
    (plain,) = read(filled(), file="11092.xlsx")
    (stored,) = read(bytes(zip_of(parts_of(filled()))), file="11092.xlsx")
    assert facts(stored) == facts(plain) and not stored.refused


@pytest.mark.parametrize("content", [b"", b"x", TEXT, bytes(300_000), bytes(range(256)) * 700])
def test_a_part_comes_out_as_it_went_in(content):
    assert content_of(zip_of({"a": content})) == content
    assert content_of(zip_of({"a": content}, zipfile.ZIP_DEFLATED)) == content
    assert content_of(claiming(raw_deflate(content), content)) == content


@pytest.mark.parametrize("cut", [1, 2, 5, 9])
def test_a_deflated_part_that_ends_too_early_is_broken(cut):
    assert refused(claiming(raw_deflate(TEXT)[:-cut], TEXT)) == "file-broken"
    assert refused(claiming(b"", TEXT)) == "file-broken"


def test_a_part_that_is_other_than_its_checksum_says_is_broken():
    assert refused(claiming(raw_deflate(TEXT + b"!"), TEXT)) == "file-broken"
    assert refused(claiming(b"\xff" * 20, TEXT)) == "file-broken"


@pytest.mark.parametrize("larger", [b"!", TEXT * 500, bytes(200_000)])
def test_a_part_larger_than_it_says_comes_in_pieces_no_larger_than_those_of_a_large_one(larger):
    said = TEXT + larger
    made = bytearray(claiming(raw_deflate(said), said))
    struct.pack_into("<I", made, made.index(b"PK\x01\x02") + 24, len(TEXT))
    pieces = list(Package(bytes(made), Limits()).chunks("a"))
    assert b"".join(pieces) == said
    assert max(map(len, pieces)) <= 64 * 1024


def test_a_part_larger_than_it_says_stops_at_the_limit():
    made, small = claiming(raw_deflate(bytes(500_000)), b"x"), replace(Limits(), inflated=100_000)
    assert refused(made, limits=small) == "file-too-large"


def test_a_local_header_that_is_none_is_broken():
    made = zip_of({"a": TEXT, "b": TEXT})
    second = made.index(b"PK\x03\x04", 4)
    made[second : second + 4] = b"PK\x00\x00"
    assert content_of(made, "a") == TEXT and refused(made, "b") == "file-broken"


def test_a_part_with_another_name_in_its_own_header_is_ambiguous():
    made = zip_of({"a": TEXT, "b": TEXT})
    second = made.index(b"PK\x03\x04", 4)
    made[second + 30 : second + 31] = b"c"
    assert refused(made, "b") == "file-ambiguous"


def test_a_name_longer_in_its_own_header_pushes_the_part_out_of_the_file():
    made = zip_of({"a": TEXT})
    struct.pack_into("<H", made, 26, 60_000)
    assert refused(made) == "file-broken"


@pytest.mark.parametrize(("bits", "finding"), [(0x1, "file-encrypted"), (0x41, "file-encrypted")])
def test_an_encrypted_part_is_said(bits, finding):
    made = zip_of({"a": TEXT})
    struct.pack_into("<H", made, made.index(b"PK\x01\x02") + 8, bits)
    assert refused(made) == finding


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_way_of_packing_that_excel_does_not_know_is_refused(method):
    assert refused(zip_of({"a": TEXT}, method)) == "file-broken"


@pytest.mark.parametrize("before", [b"#!/bin/sh\n", b"PK\x03\x04" + bytes(40), bytes(zip_of({"a": b"other"}))])
def test_something_before_the_zip_is_refused(before):
    assert refused(before + bytes(zip_of({"a": TEXT}))) == "file-broken"


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x05\x06", b"PK", b"x" * 400, bytes(zip_of({"a": TEXT}))[:-8]])
def test_what_is_no_zip_is_broken(content):
    assert refused(content) == "file-broken"


@pytest.mark.parametrize("name", ["/a", "..", "../a", "a/../b", "a\\b"])
def test_a_name_that_leads_elsewhere_is_refused(name):
    made = zip_of({"a" * len(name): TEXT})
    assert refused(bytes(made).replace(b"a" * len(name), name.encode()), name) == "file-broken"


def test_two_parts_of_one_name_whatever_its_case_are_ambiguous():
    assert refused(zip_of({"a": TEXT, "A": TEXT})) == "file-ambiguous"


def test_two_entries_on_one_body_are_ambiguous():
    made = zip_of({"a": TEXT, "b": TEXT})
    second = made.index(b"PK\x01\x02", made.index(b"PK\x01\x02") + 4)
    struct.pack_into("<I", made, second + 42, 0)  # its body begins where the first one's does
    assert refused(made, "a") == "file-ambiguous"


def test_too_many_entries_and_a_part_that_is_not_there():
    many = zip_of({str(number): b"" for number in range(12)})
    assert refused(many, "1", replace(Limits(), entries=11)) == "file-too-large"
    assert content_of(many, "1", replace(Limits(), entries=12)) == b""
    assert refused(zip_of({"a": TEXT}), "b") == "file-broken"
    assert Package(bytes(zip_of({"a": TEXT})), Limits()).size("b") == 0


def test_a_package_larger_than_any_form_is_not_opened():
    made = bytes(zip_of({"a": TEXT}))
    assert refused(made, limits=replace(Limits(), packed=len(made) - 1)) == "file-too-large"
    assert content_of(made, limits=replace(Limits(), packed=len(made))) == TEXT


# --- what a cell of a table shows -----------------------------------------------------------------------------------


def row_of(*values: object, mac: bool = False) -> list[str]:
    book = openpyxl.Workbook()
    if mac:
        book.epoch = CALENDAR_MAC_1904
    book.active.append(["đầu", *values])
    out = BytesIO()
    book.save(out)
    return table_of(out.getvalue(), "ds.xlsx")[0][1:]


DAY = datetime.date(2022, 6, 9)


def test_cells_as_a_person_reads_them():
    assert row_of(5, 5.5, 1e3, " Bình Lãng ", DAY, datetime.datetime(2022, 6, 9, 17)) == [
        "5",
        "5.5",
        "1000",
        "Bình Lãng",
        "09/06/2022",
        "09/06/2022",
    ]
    assert row_of(DAY, mac=True) == ["09/06/2022"]
    assert row_of(datetime.date(1900, 1, 5), datetime.date(1900, 3, 1)) == ["05/01/1900", "01/03/1900"]


def test_errors_truths_and_numbers_beyond_all_forms_stand_there_as_they_are():
    assert row_of(True, "#N/A", 1e300, "x") == ["TRUE", "#N/A", "1e+300", "x"]


def test_a_date_written_out_in_the_file():
    parts = parts_of(_saved())
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    written = sheet.replace('<c r="B1"', '<c r="B1" t="d"', 1).replace("<v>1</v>", "<v>2022-06-09T00:00:00</v>", 1)
    assert 't="d"' in written
    made = zip_of(parts | {"xl/worksheets/sheet1.xml": written.replace(' t="n"', "").encode()})
    assert table_of(bytes(made), "ds.xlsx")[0] == ["đầu", "09/06/2022"]


def _saved() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["đầu", 1])
    out = BytesIO()
    book.save(out)
    return out.getvalue()
