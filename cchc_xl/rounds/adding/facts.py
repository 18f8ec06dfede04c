"""All that units have sent as one long table, for analysts."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cchc_xl.editions.catalogue import message
from cchc_xl.editions.load import load
from cchc_xl.model import Edition, Submission
from cchc_xl.rounds.pipeline import read_roster_file
from cchc_xl.rounds.reading.intake_files import read_all, workbooks_in

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "unit_code",
    "unit_name",
    "level",
    "period",
    "edition",
    "key",
    "form",
    "code",
    "label",
    "state",
    "value",
    "raw",
    "file",
    "sha256",
    "sheet",
    "cell",
    "sent",
)
_NUMBERS = ("value", "sent")


def facts(paths: str | Path | Sequence[str | Path], *, roster: str | Path | None = None) -> "pd.DataFrame":
    """Every row of every workbook, master or folder of them: one row a submission and indicator that has a cell.

    Columns: ``unit_code, unit_name, level, period, edition, key, form, code, label, state, value, raw, file, sha256,
    sheet, cell, sent``. ``state``: number, blank, none_arising, not_applicable or unreadable. ``value``: nullable
    Float64, percents in points, <NA> for everything that is no number: 0 stands only where somebody wrote 0 (what to
    make of ``none_arising`` is for the caller). ``sent``: what the unit sent where a master holds a correction, else as
    ``value``. ``form`` is Int64, all others strings.

    Nothing is consolidated, merged or left out: a unit that sent twice stands there twice. Files that can't be read are
    named in ``frame.attrs["refused"]``: pairs of file and sentence. Raises UsageError for a path that is not there,
    RosterError.

    >>> cchc_xl.facts("nhan-ve", roster="danh-sach-don-vi.csv").query("key == '3/3.3'")   # doctest: +SKIP
    """
    import pandas as pd

    listed = [paths] if isinstance(paths, str | Path) else list(paths)
    units = read_roster_file(Path(roster), load()) if roster else None
    submissions = read_all(workbooks_in([Path(path) for path in listed]), roster=units)
    rows = [row for submission in submissions if not submission.refused for row in _rows(submission)]
    columns = {name: [row[number] for row in rows] for number, name in enumerate(COLUMNS)}
    frame = pd.DataFrame({name: pd.Series(values, dtype=_dtype(name)) for name, values in columns.items()})
    frame.attrs["refused"] = tuple(_refused(submission) for submission in submissions if submission.refused)
    return frame


def _dtype(name: str) -> str:
    return "Float64" if name in _NUMBERS else "Int64" if name == "form" else "string"


def _rows(submission: Submission) -> Iterator[tuple[object, ...]]:
    edition: Edition = load(submission.edition) if submission.edition else load()
    unit = submission.unit
    said = (unit.code if unit else None, unit.name if unit else None, submission.level or None)
    said += (submission.period, edition.id)
    for indicator in edition.indicators:
        entry = submission.entries[indicator.key]
        if not indicator.has_cell:
            continue
        sent = entry.sent or entry
        value, was = (None if one.value is None else float(one.value) for one in (entry, sent))
        place = (submission.file, submission.sha256, entry.sheet or None, entry.cell or None)
        row = (indicator.key, indicator.form, indicator.code, indicator.label, entry.state.value, value, entry.raw)
        yield (*said, *row, *place, was)


def _refused(submission: Submission) -> tuple[str, str]:
    sentence = message(submission.findings[0], load(), submission.file) if submission.findings else ""
    return submission.file, sentence
