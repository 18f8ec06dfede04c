"""Random workbooks for proofs: numbers right and wrong, KPS, blanks, totals typed over, explanations long and short."""

from collections.abc import Mapping
from decimal import Decimal

from hypothesis import strategies as st

from cchc_xl.editions.load import load
from cchc_xl.model import Cell, Edition, Indicator
from cchc_xl.relations.rules import rules_of
from cchc_xl.workbook.template import Fill

EDITION: Edition = load()
NOTHING = ("KPS", "không phát sinh", " kps ")
WORDS = ("abc", "12 người", "3.000", "63,6%", "-", "1 – Có", "\u00a0")  # text is a fault on the sheet, whatever it says
# One document a line; blanks of every kind are no document.
DOCUMENTS = (
    ("59/KH-UBND", "28/12/2021", "Kế hoạch", "Kế hoạch cải cách hành chính"),
    ("", "", "", "chỉ có trích yếu"),
    (" \t\u00a0", "", "\n", ""),
    ("12", "", "", ""),
)
EXPLANATIONS = (
    "ngắn",
    "lý do đủ dài",
    "\u00a0\u00a0 chín ký \u00a0",
    "\tchín ký\t\t",
    "mười\nký tự",
    "a  b  c  d  e  f",
    "1234567890",
)


def numbers(row: Indicator) -> st.SearchStrategy:
    """Numbers near each other, so that relations hold and break; odd ones for every kind of row."""
    small = st.integers(0, 4).map(Decimal)
    usual = st.integers(0, 200).map(Decimal)
    percents = st.integers(0, 1000).map(lambda tenths: Decimal(tenths) / 10)
    odd = st.sampled_from([Decimal(text) for text in ("-5", "12.5", "100", "100.1", "1000000", "12345.678", "1E+10")])
    if row.choices:
        return st.one_of(st.sampled_from([Decimal(choice.value) for choice in row.choices]), small)
    return st.one_of(percents, odd) if row.is_percent else st.one_of(small, usual, usual, odd)


def answers(row: Indicator, *, texts: bool) -> st.SearchStrategy:
    """What may stand in a cell; None: left alone."""
    kinds = [st.none(), numbers(row), numbers(row), st.sampled_from(NOTHING)]
    if row.choices:
        kinds.append(st.sampled_from([f"{choice.value} – {choice.label}" for choice in row.choices]))
    if texts:
        kinds.append(st.sampled_from(WORDS))
    return st.one_of(kinds)


def fills(level: str = "xã", *, texts: bool = True) -> st.SearchStrategy[Fill]:
    """Whole workbooks. ``texts``: also text that is no number."""
    rows = [row for row in EDITION.indicators if row.has_cell]
    issued = [row for row in rows if row.cell is Cell.FORMULA]
    typed = [row for row in rows if row.cell is not Cell.FORMULA]
    ids = [rule.id for rule in rules_of(EDITION, level)]
    return st.builds(
        lambda answer, over, why, marked, listed: Fill(
            answers=given(answer),
            typed_over=given(over),
            explanations=given(why),
            marked=tuple(sorted(marked)),
            documents=DOCUMENTS[:listed],
        ),
        st.fixed_dictionaries({row.key: answers(row, texts=texts) for row in typed}),
        st.fixed_dictionaries({row.key: st.one_of(st.none(), answers(row, texts=texts)) for row in issued}),
        st.fixed_dictionaries({rule: st.one_of(st.none(), st.sampled_from(EXPLANATIONS)) for rule in ids}),
        st.sets(st.sampled_from([form.number for form in EDITION.forms]), max_size=3),
        st.integers(0, 4),
    )


def given(cells: Mapping) -> dict:
    return {key: value for key, value in cells.items() if value is not None}


def drawn(strategy: st.SearchStrategy[Fill], count: int) -> list[Fill]:
    """The same ``count`` examples at every run."""
    import hypothesis

    found: list[Fill] = []

    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(strategy)
    def collect(fill: Fill) -> None:
        found.append(fill)

    collect()
    return found[:count]
