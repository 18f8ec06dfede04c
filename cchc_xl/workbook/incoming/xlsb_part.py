"""The parts of an .xlsb workbook: records of numbers where .xlsx has XML; one bounded pass each.

A record is its kind (one or two bytes), its length (up to four bytes, seven bits each) and its body.
"""

import struct
from collections.abc import Iterator

from cchc_xl.workbook.incoming.package import Package, broken, too_large

Record = tuple[int, "Body"]


class Body:
    """The body of a record, taken field by field. Raises Refused where it is shorter than it should be."""

    def __init__(self, package: Package, part: str, raw: bytes) -> None:
        self._package, self._part, self._raw, self._at = package, part, raw, 0

    def take(self, layout: str) -> tuple:
        """The next fields, as ``struct`` names them, without gaps."""
        try:
            found = struct.unpack_from("<" + layout, self._raw, self._at)
        except struct.error as error:
            raise broken("truncated", part=self._part) from error
        self._at += struct.calcsize("<" + layout)
        return found

    def text(self) -> str:
        """The next text: its length, then UTF-16."""
        (length,) = self.take("I")
        if length == 0xFFFFFFFF:  # none at all
            return ""
        if length > self._package.limits.text:
            raise too_large("text", self._package.limits.text, part=self._part)
        return self.take(f"{2 * length}s")[0].decode("utf-16-le", "replace")


def records(package: Package, part: str) -> Iterator[Record]:
    """Kind and body of each record, in order. Raises Refused."""
    content = b"".join(package.chunks(part))
    at, count = 0, 0
    while at < len(content):
        kind, at = _number(content, at, 2, part)
        length, at = _number(content, at, 4, part)
        if at + length > len(content):
            raise broken("truncated", part=part)
        yield kind, Body(package, part, content[at : at + length])
        at += length
        count += 1
        if not count % 1000:
            package.in_time()


def _number(content: bytes, at: int, most: int, part: str) -> tuple[int, int]:
    """A number of seven bits a byte, and where the next field begins."""
    number = 0
    for step in range(most):
        if at + step >= len(content):
            break
        byte = content[at + step]
        number |= (byte & 0x7F) << (7 * step)
        if byte < 0x80:
            return number, at + step + 1
    raise broken("truncated", part=part)
