"""An edition made from an earlier one by a map: codes that changed, rows that ended, words that are said anew."""

from collections.abc import Mapping
from typing import Any

from cchc_xl.editions.rows import Definition, Row

_KEYS = ("ratio_of", "total_of", "left", "right", "blank_as_zero")
_KEY = ("base_of", "capped_by")
_SAID = ("label", "bold", "italic", "note", "title")


def derive(base: Definition, head: Row, change: Mapping[str, Any]) -> Definition:
    """The base edition's rows and relations under the map.

    ``change``: ``retired`` (old keys that end), ``codes`` (old key -> new key), ``replace`` (pairs of words, applied
    in order to labels, titles and notes), ``levels`` (old level word -> new). A relation that judged a retired row
    ends with it; one that added it up goes on without it.
    """
    retired = frozenset(change.get("retired", ()))
    forms = tuple(
        (
            Row(where=form.where, values=_said(form.values, change)),
            tuple(
                Row(where=row.where, values=_row(row.values, form.values["number"], change, retired))
                for row in rows
                if f"{form.values['number']}/{row.values['code']}" not in retired
            ),
        )
        for form, rows in base.forms
    )
    relations = tuple(
        Row(where=row.where, values=_relation(row.values, change, retired))
        for row in base.relations
        if not _ends(row.values, retired)
    )
    return Definition(head=head, forms=forms, relations=relations)


def code_map(base: Definition, change: Mapping[str, Any]) -> dict[str, str]:
    """Old key -> new key, for every row that can be compared between the two editions."""
    lost = {*change.get("retired", ()), *change.get("not_comparable", ())}
    keys = (f"{form.values['number']}/{row.values['code']}" for form, rows in base.forms for row in rows)
    return {key: change.get("codes", {}).get(key, key) for key in keys if key not in lost}


def _ends(relation: Mapping[str, Any], retired: frozenset[str]) -> bool:
    judged = {*relation.get("left", ()), *relation.get("when", {}).get("keys", ())}
    right = relation.get("right", ())
    return bool(judged & retired) or (bool(right) and all(key in retired for key in right))


def _row(values: Mapping[str, Any], form: int, change: Mapping[str, Any], retired: frozenset[str]) -> dict[str, Any]:
    made = _keys(_said(values, change), change, retired)
    new = change.get("codes", {}).get(f"{form}/{values['code']}")
    if new:
        made["code"] = new.partition("/")[2]
    levels = change.get("levels", {})
    made["owners"] = list(dict.fromkeys(levels.get(level, level) for level in values.get("owners", ())))
    return made


def _relation(values: Mapping[str, Any], change: Mapping[str, Any], retired: frozenset[str]) -> dict[str, Any]:
    made = _keys(_said(values, change), change, retired)
    if "when" in values:
        made["when"] = _keys(values["when"], change, retired)
    return made


def _said(values: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the words of labels, titles and notes replaced in order."""
    made = dict(values)
    for name in _SAID:
        for old, new in change.get("replace", ()) if name in made else ():
            made[name] = made[name].replace(old, new)
    return made


def _keys(values: Mapping[str, Any], change: Mapping[str, Any], retired: frozenset[str]) -> dict[str, Any]:
    """The values with every key mapped and retired ones left out."""
    codes, made = change.get("codes", {}), dict(values)
    for name in (*_KEYS, "keys"):
        if name in made:
            made[name] = [codes.get(key, key) for key in made[name] if key not in retired]
    for name in _KEY:
        if name in made:
            made[name] = codes.get(made[name], made[name])
    return made
