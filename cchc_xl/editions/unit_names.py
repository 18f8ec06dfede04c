"""A unit's name with its type word, once: "Bình Lãng", "xã Bình Lãng" and "UBND XÃ Bình Lãng" all give the second."""

from collections.abc import Mapping

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Edition


def with_type(name: str, lead: str, edition: Edition) -> str:
    """``name`` as it stands in a sentence. ``lead``: the type word of a name that has none of the edition's.

    The first word that is found decides, whatever its case; the sheet Thông tin says the same as a formula.
    """
    said = without_office(name)
    for word in type_words(edition):
        if said.upper().startswith(f"{word} ".upper()):
            return f"{word} {said[len(word) + 1 :].lstrip(' ')}"
    return f"{lead} {said}".strip()


def without_office(name: str) -> str:
    """The name without "UBND" or "Ủy ban nhân dân" before it."""
    said = " ".join(name.split())
    for office in office_words():
        if said.upper().startswith(f"{office} ".upper()):
            return said[len(office) + 1 :]
    return said


def type_words(edition: Edition) -> tuple[str, ...]:
    """Type words of the edition's units, the longest first: "thành phố" begins two of them."""
    types = edition.words.get("types", {})
    known = types if isinstance(types, Mapping) else {}
    return tuple(sorted(known, key=lambda word: (-len(word), word)))


def office_words() -> tuple[str, ...]:
    """What may stand before a unit's name."""
    return tuple(words("reader")["identity"]["offices"])
