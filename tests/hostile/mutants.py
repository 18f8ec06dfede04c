"""Structure-aware mutants: one thing wrong in a package of XML parts, or in a mail, chosen by a seeded generator."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tests.damage import parts_of
from tests.hostile.zips import Body, plain, written

HOSTILE = (
    *(
        "",
        "0",
        "-1",
        "1",
        "999999999999",
        "1e999",
        "NaN",
        "A1:XFD1048576",
        "#REF!",
        "x" * 300,
        "\u202e",
        "D9",
        "s",
        "b",
    ),
    *(
        "&lt;",
        "&#0;",
        "&x;",
        "]]>",
        "<!--",
        "\x00",
        "\ud800",
        "n",
        "inlineStr",
        "$ZZZ$9",
        "true",
        "http://127.0.0.1:9/",
    ),
    *(
        "../../x",
        "2022-Q1",
        "11086",
        "KPS",
        "1.127",
        "=1+1",
        "_x000D_",
        "٣",
        "１２",
        "1,5",
        "5%",
        " ",
        "\u00a0",
        "0x10",
    ),
)
_ELEMENT = re.compile(r"<([\w:]+)(?: [^<>]*)?(?:/>|>[^<]*</\1>)")
_TAG = re.compile(r"</?[\w:]+[^<>]*>")
_ATTRIBUTE = re.compile(r'="([^"]*)"')
_TEXT = re.compile(r">([^<]+)<")
_RARE = re.compile(r"(\.rels|workbook\.xml|\[Content_Types\]\.xml|custom\.xml)$")


@dataclass(frozen=True, slots=True)
class Mutant:
    """``how``: what was done; ``part``: where; ``near``: the text around the place, to tell a clerk's own edit."""

    content: bytes
    how: str
    part: str
    near: str = ""

    @property
    def what(self) -> str:
        return f"{self.how} {self.part} {self.near!r}"


class Package:
    """A package ready to be mutated: its parts are packed once, only the changed one is packed again."""

    def __init__(self, content: bytes, *, parts: Sequence[str] = ()) -> None:
        self.content = content
        self.parts = parts_of(content)
        self.bodies = {name: plain(name, body) for name, body in self.parts.items()}
        self.aim = sorted(parts or self.parts)
        self.rare = [name for name in self.aim if _RARE.search(name)]

    def mutant(self, rng: random.Random) -> Mutant:
        name = rng.choice(self.rare if self.rare and rng.random() < 0.2 else self.aim)
        luck = rng.random()
        if luck < 0.12:
            return _of_parts(self, name, rng)
        if luck < 0.2:
            return _of_bytes(self, rng)
        how = rng.choice(_EDITS)
        text = self.parts[name].decode("utf-8", "replace")
        after, near = how(text, rng)
        body = plain(name, after.encode("utf-8", "surrogatepass"))
        return Mutant(_with(self.bodies, {name: body}), how.__name__.strip("_"), name, near)


def _with(bodies: Mapping[str, Body], changed: Mapping[str, Body]) -> bytes:
    return written((dict(bodies) | dict(changed)).values())


def _chosen(pattern: re.Pattern, text: str, rng: random.Random) -> re.Match | None:
    """A match near a random place: looking for all of them in a large part takes too long."""
    start = rng.randrange(max(1, len(text)))
    return pattern.search(text, start) or pattern.search(text)


def _near(text: str, at: int) -> str:
    return text[max(0, at - 120) : at + 60]


def _attribute(text: str, rng: random.Random) -> tuple[str, str]:
    one = _chosen(_ATTRIBUTE, text, rng)
    if one is None:
        return text, ""
    return text[: one.start(1)] + rng.choice(HOSTILE) + text[one.end(1) :], _near(text, one.start())


def _content(text: str, rng: random.Random) -> tuple[str, str]:
    one = _chosen(_TEXT, text, rng)
    if one is None:
        return text, ""
    return text[: one.start(1)] + rng.choice(HOSTILE) + text[one.end(1) :], _near(text, one.start())


def _deleted(text: str, rng: random.Random) -> tuple[str, str]:
    one = _chosen(_ELEMENT, text, rng)
    return (text[: one.start()] + text[one.end() :], _near(text, one.start())) if one else (text, "")


def _doubled(text: str, rng: random.Random) -> tuple[str, str]:
    one = _chosen(_ELEMENT, text, rng)
    return (text[: one.end()] + one[0] + text[one.end() :], _near(text, one.start())) if one else (text, "")


def _swapped(text: str, rng: random.Random) -> tuple[str, str]:
    """Two neighbours in the other order."""
    one = _chosen(_ELEMENT, text, rng)
    other = _ELEMENT.match(text, one.end()) if one else None
    if one is None or other is None:
        return text, ""
    return text[: one.start()] + other[0] + one[0] + text[other.end() :], _near(text, one.start())


def _tag(text: str, rng: random.Random) -> tuple[str, str]:
    """One tag alone dropped: its partner is left behind."""
    one = _chosen(_TAG, text, rng)
    return (text[: one.start()] + text[one.end() :], _near(text, one.start())) if one else (text, "")


def _cut(text: str, rng: random.Random) -> tuple[str, str]:
    at = rng.randrange(max(1, len(text)))
    return text[:at], _near(text, at)


def _doctype(text: str, rng: random.Random) -> tuple[str, str]:
    at = text.find("?>") + 2 if "?>" in text else 0
    what = rng.choice(('[<!ENTITY a "b">]', 'SYSTEM "file:///etc/passwd"', "x", '[<!ENTITY % p SYSTEM "p">%p;]'))
    return text[:at] + f"<!DOCTYPE x {what}>" + text[at:], ""


_EDITS = (_attribute, _attribute, _content, _content, _deleted, _doubled, _swapped, _tag, _cut, _doctype)


def _of_parts(package: Package, name: str, rng: random.Random) -> Mutant:
    bodies, other = dict(package.bodies), rng.choice(package.aim)
    how = rng.choice(("dropped", "exchanged", "renamed", "emptied", "twice", "cased"))
    if how == "dropped":
        del bodies[name]
    elif how == "exchanged":
        bodies[name], bodies[other] = replace(bodies[other], name=name), replace(bodies[name], name=other)
    elif how == "renamed":
        bodies[name] = replace(bodies[name], name=name + "x")
    elif how == "emptied":
        bodies[name] = plain(name, b"")
    elif how == "twice":
        return Mutant(written([*bodies.values(), replace(bodies[other], name=name)]), how, f"{name} {other}")
    else:
        bodies[name] = replace(bodies[name], name=name.upper())
    return Mutant(written(bodies.values()), how, f"{name} {other}")


def _of_bytes(package: Package, rng: random.Random) -> Mutant:
    return flipped(package.content, rng)


def flipped(content: bytes, rng: random.Random) -> Mutant:
    """Bits flipped, the file cut, or a piece of it overwritten."""
    at = rng.randrange(len(content))
    how = rng.choice(("flip", "flip", "cut", "hole", "again"))
    if how == "flip":
        changed = bytes([content[at] ^ (1 << rng.randrange(8))])
        return Mutant(content[:at] + changed + content[at + 1 :], how, str(at))
    if how == "cut":
        return Mutant(content[:at], how, str(at))
    length = rng.randrange(1, 2000)
    if how == "hole":
        return Mutant(content[:at] + bytes(len(content[at : at + length])) + content[at + length :], how, str(at))
    return Mutant(content[:at] + content[at : at + length] + content[at:], how, str(at))


# --- mail -----------------------------------------------------------------------------------------------------------

_MAIL_HOSTILE = (
    *("", ";", '"', "\x00", "=?utf-8?B?//8=?=", "=?klingon?Q?x?=", "(" * 3000, "utf-16", "base64", "quoted-printable"),
    *(
        "multipart/mixed",
        "message/rfc822",
        "text/plain",
        "application/octet-stream",
        "x" * 5000,
        "../../x.xlsx",
        "\u202e",
    ),
    *("filename*=utf-8''%FF", "boundary=x", "Content-Disposition: inline", "7bit", "binary", "uuencode", "\ud800"),
)


def mail_mutant(content: bytes, rng: random.Random) -> Mutant:
    """A saved message with one line, one header's value or some bytes wrong."""
    if rng.random() < 0.25:
        return flipped(content, rng)
    lines = content.split(b"\n")
    telling = [n for n, line in enumerate(lines) if b":" in line or line.startswith(b"--") or b"=" in line[:20]]
    at = rng.choice(telling if telling and rng.random() < 0.8 else range(len(lines)))
    line = lines[at]
    word = rng.choice(_MAIL_HOSTILE).encode("utf-8", "surrogatepass")
    how = rng.choice(("dropped", "doubled", "value", "word", "moved", "blank", "joined"))
    if how == "dropped":
        lines[at : at + 1] = []
    elif how == "doubled":
        lines[at : at + 1] = [line, line]
    elif how == "value":
        lines[at] = line.partition(b":")[0] + b": " + word
    elif how == "word":
        cut = rng.randrange(len(line) + 1)
        lines[at] = line[:cut] + word + line[cut:]
    elif how == "moved":
        lines.insert(rng.randrange(len(lines)), lines.pop(at))
    elif how == "blank":
        lines.insert(at, b"")
    else:
        lines[at : at + 2] = [line + b" " + b"".join(lines[at + 1 : at + 2])]
    return Mutant(b"\n".join(lines), how, f"line {at}", repr(line[:60]))
