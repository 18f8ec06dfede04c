"""The source rows of a master: one row a unit and indicator. Written by ``master.py``, read by ``reader.py``.

One sheet a form (``Nguồn số liệu 1`` …). Row 1 holds the column words of ``ui/master.toml`` [sources.columns];
columns stand in the order of COLUMNS. Only text and numbers, no formulas, so that the next level up can read it.
"""

from cchc_xl.editions.catalogue import words

COLUMNS = (
    "unit_code",
    "unit_name",
    "role",  # "" for a reporting unit, the role word for the consolidating unit's own workbook
    "level",
    "key",
    "state",
    "value",
    "raw",
    "formula",
    "note",
    "file",
    "sheet",
    "cell",
    "sha256",
    "corrected",  # the number the consolidating unit put in its place, or the word for no answer
    "correction",  # why, by what source, who, when
)


def sheet_name(form: int) -> str:
    return words("master")["sources"]["sheet"].format(form=form)


def header() -> tuple[str, ...]:
    """The header row, in the order of COLUMNS."""
    titles = words("master")["sources"]["columns"]
    return tuple(titles[column] for column in COLUMNS)


def state_words() -> dict[str, str]:
    """State name -> Vietnamese word."""
    return dict(words("master")["sources"]["states"])
