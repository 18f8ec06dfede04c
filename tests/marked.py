"""A workbook with mistakes of every kind, its findings and its marked version, for the tests of feedback."""

from decimal import Decimal
from functools import cache
from io import BytesIO
from zipfile import ZipFile

from cchc_xl.checking.checks import check
from cchc_xl.editions.load import period_of
from cchc_xl.model import Finding, Submission
from cchc_xl.workbook.feedback import mark
from cchc_xl.workbook.official.plan import Fill
from cchc_xl.workbook.reader import read
from cchc_xl.workbook.template import build
from tests.filled import EDITION, UNIT

FILE = "11092.xlsx"
ANSWERS = {
    "1/1": Decimal(21),
    "1/2.1": Decimal(33),
    "1/2.2": Decimal(14),
    "1/5.1": "abc",
    "3/1.4.1": Decimal(17),
    "6/1.1": Decimal(3000),
    "6/1.2": Decimal(5000),
}


@cache
def workbook() -> bytes:
    """A ratio typed over and wrong, an answer that is no number, a warning in form 6, and many blanks."""
    fill = Fill(answers=ANSWERS, typed_over={"1/2": Decimal("63.6")}, words={"direction": "Đã chỉ đạo."})
    return build(EDITION, period=period_of(EDITION, "2022-6T"), unit=UNIT, fill=fill)


@cache
def checked(content: bytes) -> tuple[Submission, tuple[Finding, ...]]:
    """The one submission of a workbook, with the findings of reading and of the checks."""
    (submission,) = read(content, file=FILE, edition=EDITION)
    return submission, (*submission.findings, *check(submission, EDITION))


@cache
def marked(content: bytes, *, round_number: int = 1) -> bytes:
    return mark(content, checked(content)[1], EDITION, file=FILE, round_number=round_number)


def parts(content: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(content)) as package:
        return {info.filename: package.read(info) for info in package.infolist()}


def packed_parts(content: bytes) -> dict[str, bytes]:
    """Part -> its bytes as they stand in the file, still packed."""
    found = {}
    with ZipFile(BytesIO(content)) as package:
        for info in package.infolist():
            head = content[info.header_offset : info.header_offset + 30]
            start = (
                info.header_offset + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
            )
            found[info.filename] = content[start : start + info.compress_size]
    return found


def with_parts(content: bytes, changed: dict[str, bytes | None]) -> bytes:
    """The package with parts replaced, added, or left out (None), by another program than ours."""
    out = BytesIO()
    with ZipFile(out, "w") as target:
        for name, data in {**parts(content), **changed}.items():
            if data is not None:
                target.writestr(name, data)
    return out.getvalue()
