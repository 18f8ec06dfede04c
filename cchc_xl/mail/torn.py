"""Messages torn on their way: where a boundary or a header is lost, an attachment hides in a text, or is gone."""

import email.errors as broken
import re
from collections.abc import Iterable, Iterator
from email.message import Message

from cchc_xl.mail.headers import header

# What the library notes while it takes a message apart and that may have cost a part of it.
_DEFECTS = (
    broken.CloseBoundaryNotFoundDefect,
    broken.FirstHeaderLineIsContinuationDefect,
    broken.InvalidBase64CharactersDefect,
    broken.InvalidBase64LengthDefect,
    broken.InvalidBase64PaddingDefect,
    broken.InvalidMultipartContentTransferEncodingDefect,
    broken.MissingHeaderBodySeparatorDefect,
    broken.MultipartInvariantViolationDefect,
    broken.NoBoundaryInMultipartDefect,
    broken.StartBoundaryNotFoundDefect,
)
_HIDDEN = re.compile(
    rb"^Content-(?:Disposition|Transfer-Encoding)[ \t]*:|(?:^[A-Za-z0-9+/]{60,76}\r?\n){2}", re.M | re.I
)


def is_torn(message: Message, leaves: Iterable[Message], texts: Iterable[bytes]) -> bool:
    """May something that was attached be missing? ``texts``: what counts as text of the message.

    Ask once every part has been decoded: the library notes a damaged content only then.
    """
    for part in (*_walked(message), *leaves):
        if any(isinstance(defect, _DEFECTS) for defect in part.defects) or _is_mislabelled(part):
            return True
        around = (part.preamble, part.epilogue)
        if any(_HIDDEN.search(text.encode("utf-8", "surrogateescape")) for text in around if text):
            return True
    return any(_HIDDEN.search(text) for text in texts)


def _walked(part: Message) -> Iterator[Message]:
    """Every part, but not what the library makes of a forwarded message in base64: that is read another way."""
    yield part
    if not _is_encoded(part):
        for one in _inner(part):
            yield from _walked(one)


def _inner(part: Message) -> list[Message]:
    inner = part.get_payload() if part.is_multipart() else None
    return inner if isinstance(inner, list) else []


def _is_encoded(part: Message) -> bool:
    return header(part, "Content-Transfer-Encoding").lower() in ("base64", "quoted-printable")


def _is_mislabelled(part: Message) -> bool:
    """A forwarded message that is said to be encoded and is not: decoding it leaves nothing of it."""
    return _is_encoded(part) and any(one.keys() for one in _inner(part))
