"""What the receiving server found out about a message's sender: its header Authentication-Results (RFC 8601).

Only the topmost header of that name is read: the receiving server puts its own above everything that came with the
message, and what stands below may have been written by the sender. Whose it is, it says itself; whether that server is
to be believed is for the caller to know.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message as Parsed

from cchc_xl.text import without_controls

NAME = "authentication-results"
MAX_RESULTS = 64_000  # characters read of it; an honest one has some hundreds
SPF, DKIM, DMARC = "spf", "dkim", "dmarc"
_LONGEST_NAME = 255
_METHODS = (SPF, DKIM, DMARC)
_FAILED = ("fail", "hardfail", "softfail")
_LOOSE = re.compile(rf"\b({'|'.join(_METHODS)})\s*=\s*(?:{'|'.join(_FAILED)})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderCheck:
    """``server``: its authserv-id, lower case. ``failed``: the checks that speak against the sender; none: no doubt."""

    server: str
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Result:
    """``dkim=pass header.d=tuky.gov.vn``."""

    method: str
    word: str
    properties: tuple[tuple[str, str], ...]

    def domains(self, *names: str) -> tuple[str, ...]:
        return tuple(_domain(value) for name, value in self.properties if name in names)


def sender_check_of(parsed: Parsed, senders: Sequence[str]) -> SenderCheck | None:
    """What the topmost server said of a message from ``senders`` (addresses); None where none said anything.

    As in DMARC one check that passes for the sender's own domain outweighs others that fail: a signature broken on the
    way, a server that passed the message on. A check that passes for another domain says nothing about the sender.
    """
    raw = next((str(value) for name, value in parsed.raw_items() if name.lower() == NAME), None)
    if raw is None:
        return None
    parts = list(_parts(raw[:MAX_RESULTS]))
    server = _server(parts[0][0]) if parts and parts[0] and "=" not in parts[0][0] else ""
    if len(raw) >= MAX_RESULTS:  # what was meant to stand behind it can't be known
        return SenderCheck(server=server, failed=_METHODS)
    if _is_open(raw):
        return SenderCheck(server=server, failed=_once(one.lower() for one in _LOOSE.findall(raw)))
    return SenderCheck(server=server, failed=_failed([*_results(parts[1:])], senders))


def _server(text: str) -> str:
    """A name as names of servers are; what is none is no server's that anybody could trust."""
    name = without_controls(text.encode("ascii", "replace").decode("ascii")).lower()
    return name if len(name) <= _LONGEST_NAME else ""


def _failed(results: Sequence[_Result], senders: Sequence[str]) -> tuple[str, ...]:
    """The methods that failed, where nothing outweighs them."""
    failed = _once(one.method for one in results if one.word in _FAILED)
    own = {_domain(address) for address in senders}
    if DMARC in failed or not any(_is_proof(one, own) for one in results):
        return failed
    return ()


def _is_proof(result: _Result, own: set[str]) -> bool:
    """Does it show that the message comes from the domain of its sender?"""
    if result.word != "pass" or not own:
        return False
    if result.method == DMARC:
        named = result.domains("header.from")
        return all(domain in own for domain in named)
    named = result.domains("header.d", "header.i") if result.method == DKIM else result.domains("smtp.mailfrom")
    return any(all(_is_kin(domain, one) for one in own) for domain in named)


def _is_kin(one: str, other: str) -> bool:
    """The same domain, or one under the other."""
    return bool(one and other) and (one == other or one.endswith(f".{other}") or other.endswith(f".{one}"))


def _domain(text: str) -> str:
    return text.rpartition("@")[2].strip(".").lower()


def _results(parts: Sequence[Sequence[str]]) -> Iterator[_Result]:
    for words in parts:
        pairs = [(name.lower(), value) for name, _, value in (word.partition("=") for word in words)]
        method = pairs[0][0].partition("/")[0] if pairs else ""
        if method in _METHODS:
            yield _Result(method, pairs[0][1].lower(), tuple(pairs[1:]))
        for name, value in pairs[1:]:  # a semicolon is missing: believed only where it speaks against the sender
            if name in _METHODS and value.lower() in _FAILED:
                yield _Result(name, value.lower(), ())


def _parts(text: str) -> Iterator[list[str]]:
    """What stands between the semicolons, word by word, without comments and quotes; ``a = b`` is one word."""
    words: list[str] = []
    word: list[str] = []
    for kind, letter in _letters(text):
        if kind == "plain" and letter in " \t\r\n;":
            words += ["".join(word)] if word else []
            word = []
            if letter == ";":
                yield _joined(words)
                words = []
        else:
            word.append(letter)
    yield _joined([*words, "".join(word)] if word else words)


def _letters(text: str) -> Iterator[tuple[str, str]]:
    """Each letter outside comments, and whether it stood in quotes."""
    depth, is_quoted, is_escaped = 0, False, False
    for letter in text:
        if is_escaped:
            is_escaped = False
            if not depth:
                yield "quoted", letter
        elif letter == "\\" and (depth or is_quoted):
            is_escaped = True
        elif letter == '"' and not depth:
            is_quoted = not is_quoted
        elif not is_quoted and letter in "()":
            depth = max(0, depth + (1 if letter == "(" else -1))
            yield "plain", " "
        elif not depth:
            yield ("quoted" if is_quoted else "plain"), letter


def _is_open(text: str) -> bool:
    """Does a comment or a quotation in it never end? Then what stands behind was swallowed."""
    closed = f"{text};\0"
    return not any(pair == ("plain", "\0") for pair in _letters(closed))


def _joined(words: Sequence[str]) -> list[str]:
    """``dkim`` ``=`` ``pass`` as one word."""
    joined: list[str] = []
    for word in words:
        if joined and (word.startswith("=") or joined[-1].endswith("=")):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _once(words: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
