"""What units are called together and by their kind: ``xã, thị trấn``; ``huyện, thị xã, thành phố``; ``thành phố``."""

from collections.abc import Iterable, Sequence
from functools import lru_cache

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.unit_names import type_words
from cchc_xl.model import Consolidation, Edition, ReportingUnit

_MOST = 4  # kinds named; of more, only that they are units


def units_word(consolidation: Consolidation) -> str:
    """The kinds of the due units in the edition's order; the edition's level where nobody is due."""
    return kinds_word((unit.unit for unit in consolidation.units), consolidation.edition)


def kinds_word(units: Iterable[ReportingUnit], edition: Edition) -> str:
    """The same of some of them."""
    types = type_words(edition)
    found = {_type(unit, types) or unit.level or edition.level for unit in units}
    known = [word for word in edition.words.get("types", ()) if word in found]
    kinds = [*known, *sorted(found - set(known))]
    if len(kinds) > _MOST:
        return str(words("word")["phrases"]["any_unit"])
    return ", ".join(kinds) or edition.level


def own_word(consolidation: Consolidation, level: str) -> str:
    """The kind of the consolidating unit; ``level`` where the roster does not say it."""
    unit = consolidation.roster.consolidating
    return (_type(unit, type_words(consolidation.edition)) if unit else "") or level


def _type(unit: ReportingUnit, types: Sequence[str]) -> str:
    """The type in small letters, as the roster says it or as the name begins; "" for none.

    Of a type that begins with another one ("thành phố" of either level) the shorter is said.
    """
    given = unit.type.strip().lower()
    return _beginning(given or unit.title.lower(), tuple(types)) or given


@lru_cache(maxsize=1024)  # asked of every unit for every sheet of a master
def _beginning(said: str, types: tuple[str, ...]) -> str:
    begins = [word for word in types if f"{said} ".startswith(f"{word} ")]
    return min(begins, key=len, default="")
