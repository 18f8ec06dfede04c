"""From rows of data (TOML files or an edition workbook) to an Edition, reporting every problem at once."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import DefinitionError
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing defined, and where: ``form1.toml: 1/2.1`` or a sheet and row."""

    where: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """An edition as plain data: its head, each form with its rows, its relations."""

    head: Row
    forms: tuple[tuple[Row, tuple[Row, ...]], ...]
    relations: tuple[Row, ...]


def as_data(definition: Definition) -> dict[str, Any]:
    """The definition as plain JSON-ready data; ``definition_of`` takes it back."""

    def row(one: Row) -> dict[str, Any]:
        return {"where": one.where, "values": dict(one.values)}

    return {
        "head": row(definition.head),
        "forms": [{"form": row(form), "rows": [row(one) for one in rows]} for form, rows in definition.forms],
        "relations": [row(one) for one in definition.relations],
    }


def definition_of(data: Mapping[str, Any]) -> Definition:
    """The definition of what ``as_data`` gave. Raises KeyError or TypeError for anything else."""
    return Definition(
        head=Row(**data["head"]),
        forms=tuple((Row(**one["form"]), tuple(Row(**row) for row in one["rows"])) for one in data["forms"]),
        relations=tuple(Row(**row) for row in data["relations"]),
    )


@dataclass(slots=True)
class Problems:
    """Everything found wrong so far, as sentences that say where."""

    sentences: list[str] = field(default_factory=list)

    def add(self, where: str, name: str, **args: object) -> None:
        self.sentences.append(words("editing")["problems"][name].format(where=where, **args))

    def stop_if_any(self) -> None:
        if self.sentences:
            raise DefinitionError(tuple(self.sentences))


def build(definition: Definition) -> Edition:
    """The edition. Raises DefinitionError listing every problem with its place."""
    problems = Problems()
    head = _fields(definition.head, _HEAD, problems)
    forms = tuple(_form(form, rows, problems) for form, rows in definition.forms)
    by_key = {indicator.key: indicator for form in forms for indicator in form.indicators}
    relations = tuple(r for row in definition.relations if (r := _relation(row, problems)) is not None)
    _check_twice(definition, forms, problems)
    _check_references(definition, by_key, relations, head.get("levels", ()), problems)
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
    "id": _text,
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


# ---------------------------------------------------------------------------------------------------------------
# What the rows say of each other.


def _check_twice(definition: Definition, forms: tuple[Form, ...], problems: Problems) -> None:
    seen: set[str] = set()
    for (head, _), form in zip(definition.forms, forms, strict=True):
        for indicator in form.indicators:
            if indicator.key in seen:
                problems.add(head.where, "twice", id=indicator.key)
            seen.add(indicator.key)
    ids: set[str] = set()
    for row in definition.relations:
        if row.values.get("id") in ids:
            problems.add(row.where, "twice", id=row.values["id"])
        ids.add(row.values.get("id", ""))


def _check_references(
    definition: Definition,
    by_key: Mapping[str, Indicator],
    relations: Iterable[Relation],
    levels: tuple[str, ...],
    problems: Problems,
) -> None:
    """Keys that no row has, kinds that lack what they need, words that are no level of the edition."""
    where_of = {
        f"{head.values.get('number')}/{row.values.get('code')}": row.where
        for head, rows in definition.forms
        for row in rows
    }
    for key, row in by_key.items():
        where = where_of[key]
        for other in (*(row.ratio_of or ()), *row.total_of, row.base_of, row.capped_by):
            if other and other not in by_key:
                problems.add(where, "no_row", key=other)
        for level in row.owners:
            if level not in levels:
                problems.add(where, "no_level", level=level)
        _check_kind(where, row, problems)
    relation_where = {row.values.get("id"): row.where for row in definition.relations}
    for relation in relations:
        where = relation_where[relation.id]
        for other in (*relation.left, *relation.right, *relation.when.keys, *relation.blank_as_zero):
            if other not in by_key:
                problems.add(where, "no_row", key=other)
        if relation.when.level and relation.when.level not in levels:
            problems.add(where, "no_level", level=relation.when.level)
        _check_relation(where, relation, problems)


def _check_kind(where: str, row: Indicator, problems: Problems) -> None:
    needs = {
        "ratio_of": (row.kind is Kind.RATIO, bool(row.ratio_of)),
        "total_of": (row.kind is Kind.TOTAL, bool(row.total_of)),
        "choices": (row.kind in (Kind.FLAG, Kind.CHOICE), bool(row.choices)),
        "base_of": (row.method is Method.REDUCTION, bool(row.base_of)),
        "capped_by": (row.method is Method.BOUNDS, bool(row.capped_by)),
    }
    for name, (needed, given) in needs.items():
        if needed != given:
            problems.add(where, "missing" if needed else "not_for", field=name)


_CONDITION_OPS = (Op.GREATER, Op.EQUAL, Op.ANSWERED)  # those that judge and the sheet know


def _check_relation(where: str, relation: Relation, problems: Problems) -> None:
    """A comparison needs something to compare with; a list of members needs members; so does a condition."""
    when = relation.when
    if when.keys and (when.op not in _CONDITION_OPS or (when.value is None and when.op is not Op.ANSWERED)):
        problems.add(where, "unusable", field="when", value=" ".join(when.keys))
    if relation.op in (Op.ANSWERED, Op.BLANK):
        return
    if relation.op is Op.IN:
        if not relation.members:
            problems.add(where, "missing", field="members")
    elif not relation.right and relation.constant is None:
        problems.add(where, "missing", field="right")
