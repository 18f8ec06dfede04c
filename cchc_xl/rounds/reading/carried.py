"""Which edition and period the files of one run carry."""

from collections import Counter
from collections.abc import Iterable, Sequence

from cchc_xl.editions.catalogue import message
from cchc_xl.editions.load import DEFAULT, load, period_of
from cchc_xl.errors import UsageError
from cchc_xl.model import Edition, Period, Submission

_REASONS_TOLD = 3


def forms_said(edition: str | None, submissions: Sequence[Submission]) -> Edition:
    """The edition asked for, else the one most files carry. Raises UsageError."""
    said = edition or _most_said((one.edition for one in submissions), "edition-undecided", "editions")
    return load(said or DEFAULT)


def period_said(period: str | None, submissions: Sequence[Submission], edition: Edition) -> Period:
    """The period asked for, else the one most files carry. Raises UsageError."""
    code = period or _most_said((one.period for one in submissions), "period-undecided", "periods")
    if code is None and all(one.refused for one in submissions):
        raise UsageError("all-refused", reasons=_reasons(submissions, edition))
    if code is None:
        raise UsageError("period-none")
    return period_of(edition, code)


def _reasons(submissions: Sequence[Submission], edition: Edition) -> str:
    """Why each of a few files was refused."""
    told = [message(one.findings[0], edition, one.file) for one in submissions[:_REASONS_TOLD] if one.findings]
    return " ".join(told)


def _most_said(values: Iterable[str | None], error: str, name: str) -> str | None:
    """The value most files carry; None when none carries any. Raises UsageError on a tie."""
    ranked = Counter(value for value in values if value).most_common()
    if len(ranked) > 1 and ranked[0][1] == ranked[1][1]:
        raise UsageError(error, **{name: ", ".join(sorted(value for value, _ in ranked))})
    return ranked[0][0] if ranked else None
