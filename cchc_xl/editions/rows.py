"""An edition as plain rows of data, wherever they came from, and the list of what is wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cchc_xl.editions.catalogue import words
from cchc_xl.errors import DefinitionError


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
