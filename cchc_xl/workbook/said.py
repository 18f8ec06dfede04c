"""The sheet of a master with what units wrote beside their numbers: explanations, words, documents.

Row 3 holds the column words of ``ui/master.toml`` [said.columns]; one row a text. A text longer than a cell goes on in
the next row of the same unit, kind and item. A document's item is its place in the list, its text ``number | date |
kind | abstract``.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from cchc_xl.editions.catalogue import words
from cchc_xl.model import Edition

COLUMNS = ("unit_code", "unit_name", "role", "kind", "item", "text", "file", "sha256")
HEAD_ROW, FIRST_ROW = 2, 3  # 0-based
LONGEST = 30_000  # characters in one cell
PARTING = " | "


def sheet_name() -> str:
    return words("master")["said"]["sheet"]


def header() -> tuple[str, ...]:
    """The titles, in the order of COLUMNS."""
    titles = words("master")["said"]["columns"]
    return tuple(titles[name] for name in COLUMNS)


def titles_of(edition: Edition) -> dict[str, str]:
    """Heading id of Phần lời báo cáo -> its title, which names it here; only titles that name one heading."""
    outline: Iterable[Mapping[str, str]] = edition.words.get("outline", ())  # type: ignore[assignment]
    titles = {part["id"]: part["title"] for part in outline}
    often = Counter(titles.values())
    return {heading: title for heading, title in titles.items() if often[title] == 1}


def kind_words() -> dict[str, str]:
    """Field of a submission -> the word for it."""
    return dict(words("master")["said"]["kinds"])
