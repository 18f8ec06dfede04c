"""The words of a unit's report from a Word file of its own, instead of the sheet Phần lời báo cáo."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cchc_xl.model import Edition
from cchc_xl.word.form_rows import find_rows
from cchc_xl.word.narrative_parts import words_by_heading
from cchc_xl.word.package import WordFileError
from cchc_xl.word.report_head import head_of_report
from cchc_xl.word.table_reading import body_of

LONGEST = 32_000  # characters under one heading: what a cell of the sheet holds
MOST_ROWS = 5  # rows of forms that may be quoted in a report of words


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWords:
    """What one Word file says. ``units``: names with their type words, the likeliest first; ``period``: a code or "".

    ``problem``: why its words can't be taken (a name under [own_words] in ui/reader.toml, with ``args``), "" when
    they can.
    """

    file: str
    words: Mapping[str, str] = field(default_factory=dict)
    units: tuple[str, ...] = ()
    period: str = ""
    problem: str = ""
    args: Mapping[str, object] = field(default_factory=dict)


def read_words(content: bytes, edition: Edition) -> Mapping[str, str]:
    """Heading id -> what stands below that heading of the official outline, a paragraph a line.

    Headings are known by their words; text before the first one, tables and the letter's end are left out. Raises
    WordFileError for whatever is no sound .docx.
    """
    return words_by_heading(body_of(content).lines, edition)


def read_own_words(content: bytes, file: str, edition: Edition) -> OwnWords:
    """The file's words with whose they are and for when. Nothing in the file raises.

    A report with the forms in it is no file of words: its numbers would go unread.
    """
    try:
        body = body_of(content)
    except WordFileError as error:
        return OwnWords(file=file, problem="unreadable", args={"problem": str(error.arguments.get("problem", ""))})
    head, words = head_of_report(body.lines, edition), words_by_heading(body.lines, edition)
    rows = find_rows(body.lines, edition).rows
    problem = ""
    if len(rows) > MOST_ROWS:
        problem = "forms"
    elif body.tracked:
        problem = "tracked"
    elif not words:
        problem = "no_headings"
    elif max(map(len, words.values())) > LONGEST:
        problem = "too_long"
    return OwnWords(file=file, words=words, units=head.names, period=head.period, problem=problem)
