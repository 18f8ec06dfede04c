"""One input file as the JSON object of the contract (``--json``)."""

from cchc_xl.consolidation.exports import plain
from cchc_xl.editions.catalogue import advice, cause_sentence, message
from cchc_xl.model import Cause, Edition, Entry, Finding, Submission


def submission_json(submission: Submission, findings: tuple[Finding, ...], edition: Edition) -> dict[str, object]:
    """``findings``: everything to say about this file, reading and checks together."""
    unit = submission.unit
    return {
        "file": submission.file,
        "sha256": submission.sha256,
        "state": "refused" if submission.refused else "read",
        "edition": submission.edition,
        "period": submission.period,
        "unit": {"code": unit.code, "name": unit.name} if unit else None,
        "entries": {key: _entry(entry) for key, entry in submission.entries.items()},
        "findings": [finding_json(finding, submission.file, edition) for finding in findings],
    }


def _entry(entry: Entry) -> dict[str, object]:
    return {
        "state": entry.state.value,
        "value": plain(entry.value),
        "raw": entry.raw,
        "formula": entry.formula,
        "sheet": entry.sheet,
        "cell": entry.cell,
        "note": entry.note,
    }


def finding_json(finding: Finding, file: str, edition: Edition) -> dict[str, object]:
    return {
        "id": finding.id,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "key": finding.key,
        "sheet": finding.sheet,
        "cell": finding.cell,
        "message": message(finding, edition, file),
        "advice": advice(finding, edition, file),
        "found": plain(finding.found),
        "expected": plain(finding.expected),
        "explained": finding.explained,
        "causes": [_cause(cause) for cause in finding.causes],
    }


def _cause(cause: Cause) -> dict[str, object]:
    return {"keys": list(cause.keys), "text": cause_sentence(cause)}
