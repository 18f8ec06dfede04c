"""What the communes wrote in their own words, grouped under the official outline and attributed."""

import re
from dataclasses import dataclass

from cchc_xl.model import Consolidation
from cchc_xl.text import nfc

_LINES = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One text and who wrote it; ``loi`` is its first line, ``tiep`` the others (names as template tags use them)."""

    don_vi: str
    loi: str
    tiep: tuple[str, ...] = ()


def headed(name: str) -> str:
    """A name at the head of a line: its type word has a capital there."""
    return name[:1].upper() + name[1:]


def spoken(consolidation: Consolidation, heading: str, joint: str) -> tuple[Spoken, ...]:
    """The texts under one heading in roster order; equal texts of several units stand once, with all names."""
    by_text: dict[str, tuple[list[str], str]] = {}
    for counted in consolidation.units:
        text = counted.submission.words.get(heading, "") if counted.submission else ""
        if text.strip():
            names, _ = by_text.setdefault(nfc(text) or text, ([], text))
            names.append(counted.unit.full_name)
    said = []
    for names, text in by_text.values():
        first, *others = [line for line in _LINES.split(text.strip("\n\r")) if line.strip()]
        said.append(Spoken(don_vi=headed(joint.join(names)), loi=first, tiep=tuple(others)))
    return tuple(said)
