"""Editions and rules for staff: an edition out to Excel, back in, checked; the catalogue of rules."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.definition import build
from cchc_xl.editions.load import DEFAULT, home, load, shipped_editions
from cchc_xl.editions.rows import as_data
from cchc_xl.errors import UsageError
from cchc_xl.files import write_atomic, write_output
from cchc_xl.model import Edition, Severity
from cchc_xl.relations.rules import Rule, rules_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """One rule as staff see it."""

    id: str
    key: str
    label: str
    severity: str
    content: str
    basis: str


def export_edition(path: Path, edition: str = DEFAULT) -> tuple[Edition, Path]:
    """Write the edition as a workbook to edit; where it was written. Raises UsageError, OutputError."""
    from cchc_xl.workbook.edition_book import export

    forms = load(edition)
    return forms, write_output(path, export(forms))


def check_edition(path: Path) -> Edition:
    """The edition of a workbook. Raises DefinitionError with every problem, sheet and row."""
    from cchc_xl.workbook.edition_book import read_book

    return read_book(path)


def import_edition(path: Path) -> tuple[Edition, Path]:
    """Check the workbook and keep its edition on this machine, ready for ``--edition``; where it was kept.

    Raises DefinitionError, and UsageError for the name of a shipped edition: those never change.
    """
    from cchc_xl.workbook.edition_book import read_definition

    definition = read_definition(path)
    edition = build(definition)
    if edition.id in shipped_editions():
        raise UsageError("edition-shipped", edition=edition.id)
    kept = home() / f"{edition.id}.json"
    write_atomic(kept, json.dumps(as_data(definition), ensure_ascii=False, indent=1).encode())
    load.cache_clear()
    return edition, kept


def rule_lines(edition: Edition) -> tuple[RuleLine, ...]:
    """Every rule of the edition at the level of its reporting units, form by form; then what is compared beyond one
    workbook: earlier periods, peers, words, outside figures.
    """
    from cchc_xl.workbook.official.rule_words import content

    level = edition.level
    inside = tuple(
        RuleLine(
            id=rule.id,
            key=rule.key,
            label=rule.indicator.label,
            severity=words("cli")["rules"]["severities"][_severity(rule)],
            content=content(rule, edition, level),
            basis=rule.relation.basis if rule.relation else edition.basis,
        )
        for rule in rules_of(edition, level)
    )
    return (*inside, *_comparisons())


def _comparisons() -> Iterator[RuleLine]:
    """The rules that need more than the one workbook; they belong to no row."""
    said, severities = words("editing")["comparisons"], words("cli")["rules"]["severities"]
    for kind, rule in words("checks")["rules"].items():
        severity = severities[rule["severity"]]
        if "weak" in rule:
            severity = said["weak"].format(severity=severity, weak=severities[rule["weak"]].lower())
        yield RuleLine(id=kind, key="", label="", severity=severity, content=said[kind], basis=rule["basis"])


def _severity(rule: Rule) -> str:
    if rule.relation:
        rising = rule.relation.escalate_to
        return f"{rule.relation.severity}-{rising}" if rising else rule.relation.severity.value
    foreign = rule.indicator.foreign
    return f"{Severity.ERROR}-{foreign}" if foreign else Severity.ERROR.value


def rules_workbook(edition: Edition) -> bytes:
    """The catalogue as a workbook for staff."""
    from cchc_xl.workbook.rules_book import build as build_rules

    lines = [(line.id, line.key, line.label, line.severity, line.content, line.basis) for line in rule_lines(edition)]
    return build_rules(edition.title, lines)
