"""Sentences: findings, causes, remarks and messages, kept as data and filled in late."""

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib import resources

from cchc_xl.errors import CchcError
from cchc_xl.model import Cause, Edition, Finding, Indicator, Op, Relation, Remark
from cchc_xl.number import vietnamese

_ERROR_AREAS = ("cli", "round", "mail", "control")


@cache
def words(area: str) -> Mapping:
    """The user-facing texts of one area: a file of ``editions/ui/``."""
    return _toml(f"ui/{area}.toml")


@cache
def sentences() -> Mapping:
    """Everything in findings.toml."""
    return _toml("findings.toml")


def _toml(name: str) -> Mapping:
    return tomllib.loads(resources.files("cchc_xl.editions").joinpath(name).read_text("utf-8"))


def error_sentence(error: CchcError) -> str:
    """One Vietnamese sentence for a broken set-up or wrong use."""
    area = next(area for area in _ERROR_AREAS if error.name in words(area)["errors"])
    return words(area)["errors"][error.name].format(**shown(error.arguments))


def message(finding: Finding, edition: Edition, file: str = "") -> str:
    """What is wrong, in a clerk's words."""
    return _sentence(finding, "message").format(**_blanks(finding, edition, file))


def advice(finding: Finding, edition: Edition, file: str = "") -> str:
    """What to do about it."""
    return _sentence(finding, "advice").format(**_blanks(finding, edition, file))


def _sentence(finding: Finding, name: str) -> str:
    """That of the finding's severity where there is one of its own: a note demands nothing."""
    known = sentences()[finding.id]
    return str(known.get(f"{name}_{finding.severity.value}", known[name]))


def cause_sentence(cause: Cause) -> str:
    return sentences()["causes"][cause.name].format(**shown(cause.args))


def remark_sentence(remark: Remark) -> str:
    return sentences()["remarks"][remark.name].format(**shown(remark.args))


def fate_sentence(reason: str, args: Mapping[str, object]) -> str:
    return sentences()["fates"][reason].format(**shown(args))


def shown(args: Mapping[str, object]) -> dict[str, object]:
    """Arguments as they are printed: numbers in Vietnamese style, lists joined."""
    return {name: _one(value) for name, value in args.items()}


def _one(value: object) -> object:
    if isinstance(value, Decimal):
        return vietnamese(value)
    if isinstance(value, tuple | list):
        return ", ".join(str(_one(one)) for one in value)
    return value


def _blanks(finding: Finding, edition: Edition, file: str) -> dict[str, object]:
    blanks: dict[str, object] = {
        "file": file,
        "sheet": finding.sheet or "",
        "cell": finding.cell or "",
        "found": _number(finding.found),
        "expected": _number(finding.expected),
        "note": "",
    }
    indicator = edition.by_key.get(finding.key or "")
    if indicator:
        blanks |= _about(indicator, edition)
    relation = next((r for r in edition.relations if r.id == finding.rule), None)
    if relation:
        blanks |= _relation_blanks(relation, finding, edition)
    return blanks | shown(finding.args)


def _number(value: Decimal | None) -> str:
    return str(words("sheets")["rows"]["nothing"]) if value is None else vietnamese(value)


def _about(indicator: Indicator, edition: Edition) -> dict[str, object]:
    blanks: dict[str, object] = {
        "form": indicator.form,
        "code": indicator.code,
        "label": indicator.label.rstrip("."),
        "unit": indicator.unit,
        "owners": ", ".join(indicator.owners),
        "choices": "; ".join(f"{choice.value} – {choice.label}" for choice in indicator.choices),
    }
    if indicator.ratio_of:
        part, base = (edition.by_key[key].code for key in indicator.ratio_of)
        blanks |= {"part_code": part, "base_code": base}
    if indicator.total_of:
        blanks["parts"] = ", ".join(edition.by_key[key].code for key in indicator.total_of)
    return blanks


def _relation_blanks(relation: Relation, finding: Finding, edition: Edition) -> dict[str, object]:
    form = edition.by_key[relation.key].form
    right = rows(relation.right, edition, form)
    if relation.constant is not None:
        right = vietnamese(relation.constant)
    elif finding.expected is not None:
        right += f" ({vietnamese(finding.expected)})"
    left = rows(relation.left, edition, form)
    left = left[:1].upper() + left[1:]
    return {
        "left": f"{left} ({vietnamese(finding.found)})" if finding.found is not None else left,
        "right": right,
        "members": words("sheets")["rows"]["or"].join(vietnamese(member) for member in relation.members),
        "condition": _condition(relation, edition, form),
        "note": words("sheets")["rows"]["why"].format(why=relation.note) if relation.note else "",
    }


def rows(keys: tuple[str, ...], edition: Edition, form: int) -> str:
    """``dòng 2.1``, ``tổng các dòng 1.2, 1.3``, ``dòng 1.4 Biểu 3`` when it stands in another form."""
    ui = words("sheets")["rows"]
    codes = ", ".join(
        edition.by_key[key].code
        + ("" if edition.by_key[key].form == form else ui["other_form"].format(form=edition.by_key[key].form))
        for key in keys
    )
    return ui["many" if len(keys) > 1 else "one"].format(codes=codes)


def _condition(relation: Relation, edition: Edition, form: int) -> str:
    when, ui = relation.when, words("sheets")["rows"]
    if not when.keys:
        return ""
    sign = ui["greater"] if when.op is Op.GREATER else ui["equal"]
    return f"{rows(when.keys, edition, form)} {sign} {vietnamese(when.value)}"
