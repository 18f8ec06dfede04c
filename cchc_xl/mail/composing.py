"""One letter as the bytes of a message (.eml): the rules of RFC 5322, 2045, 2047 and 2231, and nothing by chance.

Written here and not by the library, whose folding of names and subjects differs from one Python to the next: equal
letters give equal bytes.
"""

import re
from base64 import b64encode, encodebytes
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from urllib.parse import quote

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import MailError
from cchc_xl.text import nfc, without_controls

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_IN_BRACKETS = re.compile(r"[^<>]*<([^<>\s]+)>")
_LONGEST_ADDRESS, _LONGEST_NAME, _LONGEST_SUBJECT = 254, 200, 400
_WORD_BYTES = 39  # of an encoded word, so that its line stays under 76 characters
_PIECE = 50  # characters of one piece of a long parameter
_FOLDED = 72
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "zip": "application/zip",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter to one unit. ``key``: equal for the same content, so that it goes at most once (``key_of``)."""

    kind: str
    to: tuple[str, ...]
    subject: str
    body: str
    attachments: tuple[tuple[str, bytes], ...] = ()
    key: str


def key_of(
    kind: str, to: tuple[str, ...], subject: str, body: str, attachments: tuple[tuple[str, bytes], ...] = ()
) -> str:
    """A stable name for a letter's content, 64 hexadecimal digits."""
    texts = [kind, *to, "", subject, body]
    sums = [f"{name}\0{sha256(content).hexdigest()}" for name, content in attachments]
    return sha256("\0\0".join([*texts, *sums]).encode("utf-8", "backslashreplace")).hexdigest()


def address(text: str) -> str:
    """A plain address (``a@xa.gov.vn``), also out of ``Name <a@xa.gov.vn>``. Raises MailError for anything else."""
    inside = _IN_BRACKETS.fullmatch(text.strip())
    plain = inside[1] if inside else text.strip()
    name, at, domain = plain.rpartition("@")
    if not domain.isascii():
        try:
            plain = name + at + domain.encode("idna").decode("ascii")
        except UnicodeError:
            plain = ""
    if len(plain) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(plain):
        raise MailError("mail-address", address=without_controls(text)[:_LONGEST_ADDRESS])
    return plain


def is_address(text: str) -> bool:
    """Whether a letter can go there."""
    try:
        return bool(address(text))
    except MailError:
        return False


def message_id(letter: Letter, sender: str) -> str:
    """The same for the same letter, however often it is tried: mail programs show such a letter once."""
    domain = sender.rpartition("@")[2] or "cchc-xl.invalid"
    return f"<cchc-{sha256(letter.key.encode('utf-8', 'backslashreplace')).hexdigest()[:40]}@{domain}>"


def eml(letter: Letter, sender: str, now: datetime, draft: bool = True) -> bytes:
    """The message as bytes, lines ended by CRLF, 7-bit throughout; equal arguments give equal bytes.

    A draft opens for editing in classic Outlook (X-Unsent) and may lack a sender or receivers; a message that the
    program itself sends says so (Auto-Submitted). ``now``: its date, with zone (UTC where it has none). Raises
    MailError for a broken address.
    """
    origin = address(sender) if sender.strip() or not draft else ""
    receivers = tuple(dict.fromkeys(address(one) for one in letter.to))
    moment = now if now.tzinfo else now.replace(tzinfo=UTC)
    boundary = f"=_cchc_{sha256(letter.key.encode('utf-8', 'backslashreplace')).hexdigest()[40:]}"
    headers = [
        *(["X-Unsent: 1"] if draft else []),
        *([f"From: {origin}"] if origin else []),
        *([_folded("To: ", receivers)] if receivers else []),
        _text_header("Subject", without_controls(nfc(letter.subject))[:_LONGEST_SUBJECT]),
        f"Date: {format_datetime(moment)}",
        f"Message-ID: {message_id(letter, origin)}",
        *([] if draft else ["Auto-Submitted: auto-generated"]),
        "MIME-Version: 1.0",
    ]
    parts = [_text_part(letter.body), *(_file_part(name, content) for name, content in letter.attachments)]
    if len(parts) == 1:
        return "\r\n".join(headers).encode("ascii") + b"\r\n" + parts[0]
    headers.append(f'Content-Type: multipart/mixed; boundary="{boundary}"')
    edge = f"--{boundary}".encode("ascii")
    joined = b"".join(edge + b"\r\n" + part for part in parts)
    return "\r\n".join(headers).encode("ascii") + b"\r\n\r\n" + joined + edge + b"--\r\n"


def _text_part(body: str) -> bytes:
    lines = [without_controls(line) if _has_controls(line) else line.rstrip() for line in body.splitlines()]
    text = "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace")
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + _base64(text)


def _has_controls(line: str) -> bool:
    return without_controls(line) != " ".join(line.split())


def _file_part(name: str, content: bytes) -> bytes:
    """Named twice: as the rules have it, and in Content-Type for programs that know only the old way."""
    shown = file_name(name)
    kind = _TYPES.get(shown.rpartition(".")[2].lower(), "application/octet-stream")
    lines = [
        f'Content-Type: {kind};\r\n name="{_old_parameter(shown)}"',
        "Content-Disposition: attachment;\r\n " + ";\r\n ".join(_parameter("filename", shown)),
        "Content-Transfer-Encoding: base64",
    ]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + _base64(content)


def file_name(name: str) -> str:
    """A name for an attachment: no folders, no control characters, none of the letters Windows forbids."""
    last = without_controls(nfc(name)).replace("\\", "/").rpartition("/")[2]
    cleaned = re.sub(r'[<>:"|?*]', "_", last).strip(" .")
    stem, dot, suffix = cleaned.rpartition(".")
    if len(cleaned) > _LONGEST_NAME and dot:
        cleaned = f"{stem[: _LONGEST_NAME - len(suffix) - 1]}.{suffix}"
    return cleaned[:_LONGEST_NAME] or str(words("mail")["drafts"]["nameless"])


def _parameter(name: str, value: str) -> Iterator[str]:
    """RFC 2231: plain when it can be, else percent-encoded, in pieces when long."""
    if _is_plain(value):
        yield f'{name}="{value}"'
        return
    encoded = [quote(letter, safe="-_.") for letter in value]
    pieces, piece = [], ""
    for one in encoded:
        if len(piece) + len(one) > _PIECE:
            pieces.append(piece)
            piece = ""
        piece += one
    pieces.append(piece)
    if len(pieces) == 1:
        yield f"{name}*=utf-8''{piece}"
        return
    for number, piece in enumerate(pieces):
        yield f"{name}*{number}*=" + ("utf-8''" if number == 0 else "") + piece


def _old_parameter(value: str) -> str:
    return value if _is_plain(value) else "\r\n ".join(_encoded_words(value))


def _is_plain(value: str) -> bool:
    return value.isascii() and len(value) <= _PIECE and "=?" not in value


def _text_header(name: str, text: str) -> str:
    if text.isascii() and len(text) + len(name) + 2 <= _FOLDED and "=?" not in text:
        return f"{name}: {text}"
    return f"{name}: " + "\r\n ".join(_encoded_words(text))


def _encoded_words(text: str) -> Iterator[str]:
    """RFC 2047, never through the middle of a letter."""
    piece = b""
    for letter in text:
        encoded = letter.encode("utf-8", "replace")
        if len(piece) + len(encoded) > _WORD_BYTES:
            yield f"=?utf-8?B?{b64encode(piece).decode('ascii')}?="
            piece = b""
        piece += encoded
    yield f"=?utf-8?B?{b64encode(piece).decode('ascii')}?="


def _folded(head: str, addresses: tuple[str, ...]) -> str:
    return head + ",\r\n ".join(addresses)


def _base64(content: bytes) -> bytes:
    return encodebytes(content).replace(b"\n", b"\r\n") or b"\r\n"
