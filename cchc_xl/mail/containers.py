"""Attached files that hold others: a zip, Outlook's winmail.dat, a message saved as .msg."""

from cchc_xl.mail import outlook, tnef
from cchc_xl.mail.unzipping import MAX_INFLATED, Opened
from cchc_xl.mail.unzipping import members_of as unzipped

ZIP = b"PK\x03\x04"


class Room:
    """How many bytes may still be unpacked out of one message: many small packages may not fill the memory together."""

    def __init__(self, left: int = MAX_INFLATED) -> None:
        self.left = left

    def members_of(self, content: bytes) -> Opened:
        """As ``members_of``; what no longer fits stays shut, with a problem."""
        opened = members_of(content, self.left)
        self.left -= sum(len(inside) for _, inside in opened.members)
        if self.left >= 0:
            return opened
        self.left = 0
        return Opened(problem="zip-large")


def members_of(content: bytes, limit: int = MAX_INFLATED) -> Opened:
    """(name as written, bytes) of each file inside; nothing for a file that holds none, or that can't be opened.

    Of a damaged winmail.dat or .msg what could be taken out, with a problem: the file itself still waits for a person.
    """
    if content.startswith(tnef.SIGNATURE):
        wrapped = tnef.read(content)
        return Opened(members=wrapped.files, problem="" if wrapped.is_whole else "winmail")
    if content.startswith(outlook.OLE):
        saved = outlook.read(content)
        if saved is None:
            return Opened()
        members = tuple((one.name, one.content) for one in saved.files if one.content is not None)
        return Opened(members=members, problem="" if saved.is_whole else "msg")
    return unzipped(content, limit)
