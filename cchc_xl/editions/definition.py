"""From rows of data (TOML files or an edition workbook) to an Edition, reporting every problem at once."""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from cchc_xl.editions.consistency import check_references, check_twice
from cchc_xl.editions.rows import Definition, Problems, Row
from cchc_xl.model import (
    Cell,
    Choice,
    Condition,
    Edition,
    Form,
    Indicator,
    Kind,
    Method,
    Op,
    Relation,
    Severity,
    Whole,
)


def build(definition: Definition) -> Edition:
    """The edition. Raises DefinitionError listing every problem with its place."""
    problems = Problems()
    head = _fields(definition.head, _HEAD, problems)
    forms = tuple(_form(form, rows, problems) for form, rows in definition.forms)
    by_key = {indicator.key: indicator for form in forms for indicator in form.indicators}
    relations = tuple(r for row in definition.relations if (r := _relation(row, problems)) is not None)
    check_twice(definition, forms, problems)
    check_references(definition, by_key, relations, head.get("levels", ()), problems)
    problems.stop_if_any()
    return Edition(
        id=head["id"],
        title=head["title"],
        basis=head["basis"],
        level=head["level"],
        levels=head["levels"],
        forms=forms,
        relations=relations,
        period_kinds=head["periods"],
        words=head["words"],
        by_key=by_key,
    )


# ---------------------------------------------------------------------------------------------------------------
# Fields: each has a reader that returns the value or raises ValueError.


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _identifier(value: Any) -> str:
    """A name that also names files: letters, digits and hyphens only."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}", _text(value)):
        raise ValueError
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError
    return tuple(_text(one) for one in value)


def _pair(value: Any) -> tuple[str, str]:
    part, base = _texts(value)
    return part, base


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _number(value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError from error


def _numbers(value: Any) -> tuple[Decimal, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError
    return tuple(_number(one) for one in value)


def _choices(value: Any) -> tuple[Choice, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError
    try:
        return tuple(Choice(value=int(one["value"]), label=_text(one["label"])) for one in value)
    except (KeyError, TypeError) as error:
        raise ValueError from error


def _table(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError
    return value


def _condition(value: Any) -> Condition:
    table = _table(value)
    return Condition(
        keys=_texts(table.get("keys", ())),
        op=Op(table["op"]) if "op" in table else None,
        value=_number(table["value"]) if "value" in table else None,
        level=_text(table.get("level", "")),
    )


Reader = Callable[[Any], Any]
_HEAD: Mapping[str, Reader] = {
    "id": _identifier,
    "title": _text,
    "basis": _text,
    "level": _text,
    "levels": _texts,
    "periods": _table,
    "words": _table,
}
_INDICATOR_NEEDED: Mapping[str, Reader] = {
    "code": _text,
    "label": _text,
    "unit": _text,
    "kind": Kind,
    "cell": Cell,
    "method": Method,
    "owners": _texts,
    "time": _text,
}
_INDICATOR_MORE: Mapping[str, Reader] = {
    "printed_code": _text,
    "choices": _choices,
    "ratio_of": _pair,
    "total_of": _texts,
    "bold": _text,
    "italic": _text,
    "accepts_value": _truth,
    "foreign": Severity,
    "whole": Whole,
    "base_of": _text,
    "capped_by": _text,
    "note": _text,
}
_RELATION_NEEDED: Mapping[str, Reader] = {"id": _text, "left": _texts, "op": Op, "severity": Severity}
_RELATION_MORE: Mapping[str, Reader] = {
    "right": _texts,
    "constant": _number,
    "members": _numbers,
    "when": _condition,
    "blank_as_zero": _texts,
    "escalate_percent": _number,
    "escalate_to": Severity,
    "basis": _text,
    "note": _text,
}


def _fields(
    row: Row, needed: Mapping[str, Reader], problems: Problems, more: Mapping[str, Reader] | None = None
) -> dict[str, Any]:
    """The row's fields as read; what is missing, unknown or unusable is noted and left out."""
    made: dict[str, Any] = {}
    for name in needed:
        if name not in row.values:
            problems.add(row.where, "missing", field=name)
    readers = {**needed, **(more or {})}
    for name, value in row.values.items():
        if name not in readers:
            if more is not None:
                problems.add(row.where, "unknown_field", field=name)
            continue
        try:
            made[name] = readers[name](value)
        except (ValueError, TypeError):
            reader = readers[name]
            allowed = ", ".join(reader) if isinstance(reader, type) else ""
            problems.add(row.where, "not_one_of" if allowed else "unusable", field=name, value=value, allowed=allowed)
    return made


def _form(form: Row, rows: Iterable[Row], problems: Problems) -> Form:
    head = _fields(form, {"number": int, "title": _text}, problems)
    number = head.get("number", 0)
    indicators = [_indicator(row, number, problems) for row in rows]
    return Form(
        number=number,
        title=head.get("title", ""),
        indicators=tuple(indicator for indicator in indicators if indicator is not None),
    )


def _indicator(row: Row, form: int, problems: Problems) -> Indicator | None:
    values = _fields(row, _INDICATOR_NEEDED, problems, _INDICATOR_MORE)
    if any(name not in values for name in _INDICATOR_NEEDED):
        return None
    values.setdefault("printed_code", f"{values['code']}.")
    return Indicator(form=form, **values)


def _relation(row: Row, problems: Problems) -> Relation | None:
    values = _fields(row, _RELATION_NEEDED, problems, _RELATION_MORE)
    if any(name not in values for name in _RELATION_NEEDED):
        return None
    if not values["left"]:
        problems.add(row.where, "missing", field="left")
        return None
    return Relation(**values)
