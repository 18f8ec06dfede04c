"""What rows, answers and rules can be: closed lists of words."""

from enum import StrEnum


class Kind(StrEnum):
    """What an indicator's number is."""

    COUNT = "count"
    AMOUNT = "amount"  # of money, in the unit of number.toml
    PERCENT = "percent"  # typed by the clerk: its base is not in the form
    RATIO = "ratio"  # 100 * ratio_of[0] / ratio_of[1]
    TOTAL = "total"  # sum of total_of
    FLAG = "flag"
    CHOICE = "choice"
    HEADING = "heading"


class Cell(StrEnum):
    """What stands in an indicator's value cell of the official workbook."""

    ANSWER = "answer"
    FORMULA = "formula"
    NONE = "none"


class Method(StrEnum):
    """How an indicator consolidates (contract, table of methods)."""

    SUM = "sum"
    RATIO = "ratio"
    TOTAL = "total"
    COUNT_YES = "count_yes"
    DISTRIBUTION = "distribution"
    SAME = "same"
    SHARE = "share"
    MEAN = "mean"
    REDUCTION = "reduction"
    BOUNDS = "bounds"
    OWN = "own"
    NONE = "none"


class Whole(StrEnum):
    """What the figure of the unit as a whole is, for sums whose own part is not one more addend."""

    ADD = "add"  # communes + own
    NONE = "none"  # own means something else: no figure for the whole
    OWN = "own"  # own describes the same events: own when given


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class State(StrEnum):
    """How one row was answered."""

    NUMBER = "number"
    BLANK = "blank"
    NONE_ARISING = "none_arising"
    NOT_APPLICABLE = "not_applicable"
    UNREADABLE = "unreadable"


class Op(StrEnum):
    """The closed list of operators a relation may use."""

    AT_MOST = "<="
    LESS = "<"
    EQUAL = "=="
    UNEQUAL = "!="
    GREATER = ">"
    IN = "in"
    ANSWERED = "answered"
    BLANK = "blank"
    PLAUSIBLE = "plausible"
    LISTED = "listed"  # the row counts the documents listed on Danh mục văn bản
