"""What the rows of an edition say of each other: keys that exist, kinds that have what they need, nothing twice."""

from collections.abc import Iterable, Mapping

from cchc_xl.editions.rows import Definition, Problems
from cchc_xl.model import Form, Indicator, Kind, Method, Op, Relation
from cchc_xl.number import AMOUNT_UNIT


def check_twice(definition: Definition, forms: tuple[Form, ...], problems: Problems) -> None:
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


def check_references(
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
    if row.kind is Kind.AMOUNT and row.unit.lower() != AMOUNT_UNIT:
        problems.add(where, "unusable", field="unit", value=row.unit)
    for name, (needed, given) in needs.items():
        if needed != given:
            problems.add(where, "missing" if needed else "not_for", field=name)


_CONDITION_OPS = (Op.GREATER, Op.EQUAL, Op.ANSWERED)  # those that judge and the sheet know


def _check_relation(where: str, relation: Relation, problems: Problems) -> None:
    """A comparison needs something to compare with; a list of members needs members; so does a condition."""
    when = relation.when
    if when.keys and (when.op not in _CONDITION_OPS or (when.value is None and when.op is not Op.ANSWERED)):
        problems.add(where, "unusable", field="when", value=" ".join(when.keys))
    if relation.op in (Op.ANSWERED, Op.BLANK, Op.LISTED):
        return
    if relation.op is Op.IN:
        if not relation.members:
            problems.add(where, "missing", field="members")
    elif not relation.right and relation.constant is None:
        problems.add(where, "missing", field="right")
