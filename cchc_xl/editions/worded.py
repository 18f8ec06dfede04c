"""Texts kept by edition, for an edition that has none of its own: those of the edition it was derived from.

Its map says which rows ended, which codes changed and which words are said anew; a text that names a row that ended
is left out.
"""

import re
from collections.abc import Mapping
from typing import Any

from cchc_xl.editions.load import derivation_of
from cchc_xl.model import Edition

_KEY = re.compile(r"(?<![\w/.])\d+/\d+(?:\.\d+)*(?![\w/])")


def worded(texts: Mapping[str, Any], edition: Edition) -> Any:
    """The edition's entry of a table of texts (a list, a table or a sentence); None where there is none to derive."""
    if edition.id in texts:
        return texts[edition.id]
    base, change = derivation_of(edition.id)
    return _anew(texts[base], change) if base in texts else None


def _anew(said: Any, change: Mapping[str, Any]) -> Any:
    if isinstance(said, str):
        return _sentence(said, change)
    if isinstance(said, Mapping):
        return {_sentence(name, change): _anew(one, change) for name, one in said.items()}
    if isinstance(said, list):
        return [_anew(one, change) for one in said if not _names(one, change)]
    return said


def _sentence(text: str, change: Mapping[str, Any]) -> str:
    for old, new in change.get("replace", ()):
        text = text.replace(old, new)
    codes = change.get("codes", {})
    return _KEY.sub(lambda found: codes.get(found[0], found[0]), text)


def _names(said: Any, change: Mapping[str, Any]) -> bool:
    """Whether a text, or a table's own sentence, names a row that ended; lists inside are looked through apart."""
    if isinstance(said, Mapping):
        return any(_names(one, change) for one in said.values() if not isinstance(one, list))
    return isinstance(said, str) and any(key in change.get("retired", ()) for key in _KEY.findall(said))
