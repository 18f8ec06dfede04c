"""Load an edition from its TOML files, reporting all definition errors at once."""

import tomllib
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from cchc_xl.editions.definition import Definition, Problems, Row, build
from cchc_xl.errors import UsageError
from cchc_xl.model import Edition, Period

DEFAULT = "xa-2022"


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
    return tuple(sorted(f.name for f in folders if f.is_dir() and f.joinpath("relations.toml").is_file()))


def load_folder(folder: Traversable) -> Edition:
    """An edition from a folder of TOML files. Raises DefinitionError listing every problem, file and key."""
    problems = Problems()
    head = _toml(folder, "edition.toml", problems)
    count = head.pop("forms", 0)
    if not isinstance(count, int):
        problems.add("edition.toml", "unusable", field="forms", value=count)
        count = 0
    forms = [(f"form{number}.toml", _toml(folder, f"form{number}.toml", problems)) for number in range(1, count + 1)]
    for name, form in forms:
        form["indicator"] = _tables(form, "indicator", name, problems)
    relations = _tables(_toml(folder, "relations.toml", problems), "relation", "relations.toml", problems)
    problems.stop_if_any()  # every further problem would only echo these
    return build(
        Definition(
            head=Row(where="edition.toml", values=head),
            forms=tuple(_rows_of(name, form) for name, form in forms),
            relations=tuple(Row(where=f"relations.toml: {row.get('id', '?')}", values=row) for row in relations),
        )
    )


def _tables(data: dict, name: str, file: str, problems: Problems) -> list[dict]:
    """The ``[[name]]`` tables of a file; anything else under that name is a problem."""
    rows = data.get(name, [])
    if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
        return rows
    problems.add(file, "unusable", field=name, value=rows)
    return []


def _rows_of(file: str, form: dict) -> tuple[Row, tuple[Row, ...]]:
    rows = form.pop("indicator")
    number = form.get("number", "?")
    return Row(where=file, values=form), tuple(
        Row(where=f"{file}: {number}/{row.get('code', '?')}", values=row) for row in rows
    )


def period_of(edition: Edition, code: str) -> Period:
    """``2022-6T`` with its printed name and days. Raises UsageError when the edition has no such period."""
    year, _, kind = code.partition("-")
    spec = edition.period_kinds.get(kind)
    if spec is None or not (year.isascii() and year.isdigit() and len(year) == 4 and year > "1900"):
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


def _toml(folder: Traversable, name: str, problems: Problems) -> dict:
    try:
        return tomllib.loads(folder.joinpath(name).read_text("utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.add(name, "file", problem=error)
        return {}
