"""Load an edition from its TOML files, reporting all definition errors at once."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TypeVar

from cchc_xl.errors import DefinitionError, UsageError
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
    Period,
    Relation,
    Severity,
    Whole,
)

DEFAULT = "xa-2022"

Choosable = TypeVar("Choosable", bound=StrEnum)


@cache
def load(edition: str = DEFAULT) -> Edition:
    """The shipped edition of that name. Raises UsageError (unknown) or DefinitionError (all problems)."""
    folder = resources.files("cchc_xl.editions").joinpath(edition)
    if edition not in available():
        raise UsageError("edition-unknown", edition=edition, known=", ".join(available()))
    return load_folder(folder)


def available() -> tuple[str, ...]:
    """Names of the shipped editions."""
    folders = resources.files("cchc_xl.editions").iterdir()
    return tuple(sorted(f.name for f in folders if f.is_dir() and f.joinpath("edition.toml").is_file()))


def load_folder(folder: Traversable) -> Edition:
    """An edition from a folder of TOML files. Raises DefinitionError listing every problem, file and key."""
    problems: list[str] = []
    head = _toml(folder, "edition.toml", problems)
    forms = tuple(
        _form(_toml(folder, name, problems), name, problems)
        for name in (f"form{number}.toml" for number in range(1, int(head.get("forms", 0)) + 1))
    )
    rows = _toml(folder, "relations.toml", problems).get("relation", [])
    if problems:  # every further problem would only echo these
        raise DefinitionError(tuple(problems))
    by_key: dict[str, Indicator] = {}
    for form in forms:
        for indicator in form.indicators:
            if indicator.key in by_key:
                problems.append(f"form{form.number}.toml: {indicator.key}: code given twice")
            by_key[indicator.key] = indicator
    relations = tuple(r for row in rows if (r := _relation(row, by_key, problems)) is not None)
    problems += _broken_references(by_key, relations, tuple(head.get("levels", ())))
    if problems:
        raise DefinitionError(tuple(problems))
    return Edition(
        id=head["id"],
        title=head["title"],
        basis=head["basis"],
        level=head["level"],
        levels=tuple(head["levels"]),
        forms=forms,
        relations=relations,
        period_kinds=head["periods"],
        words=head["words"],
        by_key=by_key,
    )


def period_of(edition: Edition, code: str) -> Period:
    """``2022-6T`` with its printed name and days. Raises UsageError when the edition has no such period."""
    year, _, kind = code.partition("-")
    spec = edition.period_kinds.get(kind)
    if spec is None or not (year.isdigit() and len(year) == 4):
        raise UsageError("period-unknown", period=code, known=", ".join(f"2022-{k}" for k in edition.period_kinds))
    return Period(
        code=code,
        title=spec["title"].format(year=year),
        start=_day(int(year) - bool(spec.get("before")), spec["start"]),
        end=_day(int(year), spec["end"]),
    )


def _day(year: int, month_day: str) -> date:
    month, day = month_day.split("-")
    return date(year, int(month), int(day))


def _toml(folder: Traversable, name: str, problems: list[str]) -> dict:
    try:
        return tomllib.loads(folder.joinpath(name).read_text("utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"{name}: {error}")
        return {}


def _form(data: Mapping, file: str, problems: list[str]) -> Form:
    number = data.get("number", 0)
    rows = (_indicator(row, number, file, problems) for row in data.get("indicator", ()))
    return Form(
        number=number,
        title=data.get("title", ""),
        indicators=tuple(indicator for indicator in rows if indicator is not None),
    )


_INDICATOR_FIELDS = frozenset(Indicator.__dataclass_fields__) - {"form"}
_NEEDED = ("label", "unit", "kind", "cell", "method", "owners", "time")


def _indicator(row: Mapping, form: int, file: str, problems: list[str]) -> Indicator | None:
    code = row.get("code", "?")
    where = f"{file}: {form}/{code}"
    wrong = [f"{where}: {name} is missing" for name in ("code", *_NEEDED) if name not in row]
    wrong += [f"{where}: {name} is not a known field" for name in row if name not in _INDICATOR_FIELDS]
    kinds = {"kind": Kind, "cell": Cell, "method": Method, "whole": Whole, "foreign": Severity}
    values = dict(row)
    for name, enum in kinds.items():
        if name in row:
            values[name] = _member(enum, row[name], where, name, wrong)
    if wrong:
        problems += wrong
        return None
    values["choices"] = tuple(Choice(**choice) for choice in row.get("choices", ()))
    values["ratio_of"] = tuple(row["ratio_of"]) if "ratio_of" in row else None
    values["total_of"] = tuple(row.get("total_of", ()))
    values["owners"] = tuple(row["owners"])
    values.setdefault("printed_code", f"{code}.")
    return Indicator(form=form, **values)


def _member(enum: type[Choosable], value: str, where: str, name: str, wrong: list[str]) -> Choosable | None:
    try:
        return enum(value)
    except ValueError:
        wrong.append(f"{where}: {name} = {value!r} is none of {', '.join(enum)}")
        return None


def _relation(row: Mapping, by_key: Mapping[str, Indicator], problems: list[str]) -> Relation | None:
    where = f"relations.toml: {row.get('id', '?')}"
    wrong = [f"{where}: {name} is missing" for name in ("id", "left", "op", "severity") if not row.get(name)]
    known = Relation.__dataclass_fields__
    wrong += [f"{where}: {name} is not a known field" for name in row if name not in known]
    values = dict(row)
    for name, enum in {"op": Op, "severity": Severity, "escalate_to": Severity}.items():
        if name in row:
            values[name] = _member(enum, row[name], where, name, wrong)
    when = dict(row.get("when", {}))
    if "op" in when:
        when["op"] = _member(Op, when["op"], where, "when.op", wrong)
    if wrong:
        problems += wrong
        return None
    for name in ("left", "right", "blank_as_zero"):
        values[name] = tuple(row.get(name, ()))
    values["members"] = tuple(Decimal(member) for member in row.get("members", ()))
    for name in ("constant", "escalate_percent"):
        values[name] = Decimal(row[name]) if name in row else None
    value = Decimal(when["value"]) if "value" in when else None
    values["when"] = Condition(
        keys=tuple(when.get("keys", ())), op=when.get("op"), value=value, level=when.get("level", "")
    )
    return Relation(**values)


def _broken_references(
    by_key: Mapping[str, Indicator], relations: Iterable[Relation], levels: tuple[str, ...]
) -> list[str]:
    """Keys that no row has, kinds that lack what they need, words that are no level of the edition."""
    problems: list[str] = []

    def known(where: str, keys: Iterable[str]) -> None:
        problems.extend(f"{where}: no row has the key {key}" for key in keys if key and key not in by_key)

    for key, row in by_key.items():
        where = f"form{row.form}.toml: {key}"
        known(where, (*(row.ratio_of or ()), *row.total_of, row.base_of, row.capped_by))
        problems += [f"{where}: {level} is no level of the edition" for level in row.owners if level not in levels]
        problems += _kind_problems(where, row)
    seen: set[str] = set()
    for relation in relations:
        where = f"relations.toml: {relation.id}"
        known(where, (*relation.left, *relation.right, *relation.when.keys, *relation.blank_as_zero))
        if relation.id in seen:
            problems.append(f"{where}: id given twice")
        seen.add(relation.id)
        if relation.when.level and relation.when.level not in levels:
            problems.append(f"{where}: {relation.when.level} is no level of the edition")
    return problems


def _kind_problems(where: str, row: Indicator) -> list[str]:
    needs = {
        "ratio_of": (row.kind is Kind.RATIO, bool(row.ratio_of)),
        "total_of": (row.kind is Kind.TOTAL, bool(row.total_of)),
        "choices": (row.kind in (Kind.FLAG, Kind.CHOICE), bool(row.choices)),
        "base_of": (row.method is Method.REDUCTION, bool(row.base_of)),
        "capped_by": (row.method is Method.BOUNDS, bool(row.capped_by)),
    }
    return [
        f"{where}: {name} is {'missing' if needed else 'not for a row of this kind'}"
        for name, (needed, given) in needs.items()
        if needed != given
    ]
