"""A file's bytes, taken only from what is a file and no larger than anything we read."""

import stat
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.workbook.incoming.package import MASTER_LIMITS, MEGA, Refused, too_large


def content_of(path: Path) -> bytes:
    """The bytes of a regular file: a pipe would never end, a device neither. Raises OSError, ValueError, Refused."""
    status, limit = path.stat(), MASTER_LIMITS.packed
    if not stat.S_ISREG(status.st_mode):
        raise Refused("file-unreadable", problem=words("reader")["problems"]["not_regular"])
    if status.st_size > limit:
        raise too_large("packed", limit // MEGA)
    with path.open("rb") as stream:
        content = stream.read(status.st_size + 1)
        if len(content) > status.st_size:  # it has grown since: one byte more than the limit is refused later
            content += stream.read(limit + 1 - len(content))
        return content
