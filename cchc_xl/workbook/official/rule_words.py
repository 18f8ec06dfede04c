"""What a rule says, in a clerk's words: its content and what to do about it."""

import re

from cchc_xl.editions.catalogue import rows
from cchc_xl.model import Cell, Condition, Edition, Indicator, Kind, Op, Relation
from cchc_xl.number import vietnamese
from cchc_xl.relations.rules import Rule, is_foreign
from cchc_xl.workbook.official.inputs import input_kind
from cchc_xl.workbook.official.plan import choice_text, texts

_REMARK = re.compile(r"\s*\([^()]*\)\W*$")  # at the end of a label: it stands on the form, a rule is read at a glance


def content(rule: Rule, edition: Edition, level: str) -> str:
    """The rule as one sentence."""
    if rule.relation:
        return _relation(rule.relation, edition)
    row, said = rule.indicator, texts()["status_sheet"]["rules"]
    blanks = {"code": row.code, "owners": ", ".join(row.owners), "choices": _choices(row)}
    if row.cell is Cell.FORMULA and row.ratio_of:
        part, base = (edition.by_key[key].code for key in row.ratio_of)
        sentence = said["ratio"].format(**blanks, part=part, base=base)
    elif row.cell is Cell.FORMULA:
        sentence = said["total"].format(**blanks, parts=rows(row.total_of, edition, row.form))
    else:
        kind = "foreign" if is_foreign(row, level) else "heading" if row.kind is Kind.HEADING else input_kind(row)
        sentence = said[kind].format(**blanks)
    return said["label"].format(said=sentence, label=_REMARK.sub("", row.label))


def _choices(row: Indicator) -> str:
    said = texts()["status_sheet"]["rules"]["or"]
    return said.join(choice_text(choice.value, choice.label) for choice in row.choices)


def _relation(relation: Relation, edition: Edition) -> str:
    said, form = texts()["status_sheet"]["rules"], edition.by_key[relation.key].form
    right = rows(relation.right, edition, form)
    if relation.constant is not None:
        right = vietnamese(relation.constant)
    members = said["or"].join(vietnamese(member) for member in relation.members)
    sentence = said[relation.op.value].format(left=rows(relation.left, edition, form), right=right, members=members)
    if relation.when.keys:
        sentence = said["condition"].format(condition=_condition(relation.when, edition, form), said=sentence)
    if relation.note:
        sentence = said["note"].format(said=sentence, note=relation.note)
    return sentence[:1].upper() + sentence[1:]


def _condition(when: Condition, edition: Edition, form: int) -> str:
    said, signs = texts()["status_sheet"]["rules"], texts()["rows"]
    where = rows(when.keys, edition, form)
    if when.op is Op.ANSWERED:
        return f"{where} {said['condition_answered']}"
    sign = signs["greater" if when.op is Op.GREATER else "equal"]
    return said["condition_value"].format(rows=where, sign=sign, value=vietnamese(when.value))


def advice(rule: Rule, edition: Edition) -> tuple[str, ...]:
    """What to do for each verdict, in the order of ``VERDICTS``."""
    said = texts()["status_sheet"]["advice"]
    row = rule.indicator
    answer = rule.relation is None and row.cell is Cell.ANSWER
    blank = said["blank"] if answer else "" if row.kind is Kind.HEADING else said["wait"]
    return (blank, "", "", said["note"], said["explain"], _repair(rule, edition))


def _repair(rule: Rule, edition: Edition) -> str:
    said, row = texts()["status_sheet"]["advice"], rule.indicator
    if rule.relation:
        keys = dict.fromkeys((*rule.relation.left, *rule.relation.right, *rule.relation.when.keys))
        codes = (_code(edition.by_key[key], row.form) for key in keys)
        return said["relation"].format(codes=", ".join(codes))
    if row.cell is Cell.FORMULA and row.ratio_of:
        part, base = (edition.by_key[key].code for key in row.ratio_of)
        return said["ratio"].format(part=part, base=base)
    return said["total" if row.cell is Cell.FORMULA else input_kind(row)]


def _code(row: Indicator, form: int) -> str:
    return row.code if row.form == form else row.code + texts()["rows"]["other_form"].format(form=row.form)
