"""Load an edition from its TOML files, reporting all definition errors at once."""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from cchc_xl.editions.definition import build
from cchc_xl.editions.derive import code_map, derive
from cchc_xl.editions.rows import Definition, Problems, Row, definition_of
from cchc_xl.errors import DefinitionError, UsageError
from cchc_xl.model import Edition, Period

DEFAULT = "xa-2022"
_TEXTS = "ui"  # the one folder beside the editions


@cache
def load(edition: str = DEFAULT) -> Edition:
    """The shipped or imported edition of that name. Raises UsageError (unknown) or DefinitionError (all problems)."""
    if edition in shipped_editions():
        return load_folder(resources.files("cchc_xl.editions").joinpath(edition))
    if edition in imported_editions():
        return build(read_definition(home() / f"{edition}.json"))
    raise UsageError("edition-unknown", edition=edition, known=", ".join(available()))


@cache
def derivation_of(edition: str) -> tuple[str, Mapping[str, Any]]:
    """(the edition it was made from, the map) of a shipped edition; ("", {}) for one with rows of its own."""
    if edition not in shipped_editions():
        return "", {}
    folder, problems = resources.files("cchc_xl.editions").joinpath(edition), Problems()
    base = _toml(folder, "edition.toml", problems).get("derived_from", "")
    return (base, _toml(folder, "map.toml", problems)) if base else ("", {})


def available() -> tuple[str, ...]:
    """Names of all editions at hand."""
    return (*shipped_editions(), *imported_editions())


@cache
def shipped_editions() -> tuple[str, ...]:
    folders = resources.files("cchc_xl.editions").iterdir()
    return tuple(sorted(f.name for f in folders if f.name != _TEXTS and f.joinpath("edition.toml").is_file()))


def imported_editions() -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in home().glob("*.json"))) if home().is_dir() else ()


def home() -> Path:
    """Where imported editions are kept on this machine: CCHC_XL_HOME, or the user's own data folder."""
    given = os.environ.get("CCHC_XL_HOME") or os.environ.get("APPDATA") or os.environ.get("XDG_DATA_HOME")
    base = Path(given) if given else Path.home() / ".local" / "share"
    return base / "cchc-xl" / "editions"


def read_definition(path: Path) -> Definition:
    """An imported edition's data. Raises DefinitionError when the file can't be read."""
    try:
        return definition_of(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        problems = Problems()
        problems.add(str(path), "file", problem=error)
        raise DefinitionError(tuple(problems.sentences)) from error


def load_folder(folder: Traversable) -> Edition:
    """An edition from a folder of TOML files. Raises DefinitionError listing every problem, file and key."""
    problems = Problems()
    definition, comparable = _definition(folder, problems)
    problems.stop_if_any()  # every further problem would only echo these
    return replace(build(definition), code_map=comparable)


def _definition(folder: Traversable, problems: Problems) -> tuple[Definition, dict[str, str]]:
    """The edition's data, and for one derived from another edition the map of codes that can be compared."""
    head = _toml(folder, "edition.toml", problems)
    base_name = head.pop("derived_from", "")
    if base_name:
        base, _ = _definition(resources.files("cchc_xl.editions").joinpath(base_name), problems)
        change = _toml(folder, "map.toml", problems)
        return derive(base, Row(where="edition.toml", values=head), change), code_map(base, change)
    count = head.pop("forms", 0)
    if not isinstance(count, int):
        problems.add("edition.toml", "unusable", field="forms", value=count)
        count = 0
    forms = [(f"form{number}.toml", _toml(folder, f"form{number}.toml", problems)) for number in range(1, count + 1)]
    for name, form in forms:
        form["indicator"] = _tables(form, "indicator", name, problems)
    relations = _tables(_toml(folder, "relations.toml", problems), "relation", "relations.toml", problems)
    definition = Definition(
        head=Row(where="edition.toml", values=head),
        forms=tuple(_rows_of(name, form) for name, form in forms),
        relations=tuple(Row(where=f"relations.toml: {row.get('id', '?')}", values=row) for row in relations),
    )
    return definition, {}


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
