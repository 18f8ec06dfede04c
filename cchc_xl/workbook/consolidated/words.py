"""Names and remarks as the master says them: blocks by level, the way of consolidating, what stands beside a figure."""

from collections.abc import Sequence

from cchc_xl.editions.catalogue import remark_sentence, words
from cchc_xl.editions.unit_words import own_word, units_word
from cchc_xl.model import Consolidation, Counted, Edition, Figure, Indicator, Method, ReportingUnit, Whole
from cchc_xl.workbook.consolidated.plan import Helper

_MOST_SILENT = 5  # units named beside a figure


def block(consolidation: Consolidation, name: str) -> str:
    """``Cộng các …`` (communes), ``Số của …`` (own) or ``Toàn …`` (whole) with the level's word.

    Where the roster says otherwise, with the kind's: no unit is a xã in a quận, and a thành phố is no huyện.
    """
    level = _units_level(consolidation) if name == "communes" else _own_level(consolidation)
    levels = consolidation.edition.words["levels"]
    word = levels[level]["block"] if level in levels else level
    if name != "communes":
        word = own_word(consolidation, word)
    elif word not in (kinds := units_word(consolidation)).split(", "):
        word = kinds
    return str(consolidation.edition.words[name]).format(level=word)


def _units_level(consolidation: Consolidation) -> str:
    given = (unit.unit.level for unit in consolidation.units if unit.unit.level)
    return next(given, consolidation.edition.level)


def _own_level(consolidation: Consolidation) -> str:
    """The consolidating unit's level; without such a unit, the next one above the reporting units."""
    unit = consolidation.roster.consolidating
    if unit and unit.level:
        return unit.level
    levels = consolidation.edition.levels
    below = _units_level(consolidation)
    return levels[min(levels.index(below) + 1, len(levels) - 1)] if below in levels else levels[-1]


def body(consolidation: Consolidation) -> str:
    """The body that signs for the unit as a whole: ``ỦY BAN NHÂN DÂN``."""
    level = _own_level(consolidation)
    levels = consolidation.edition.words["levels"]
    return str(levels[level]["body"]) if level in levels else level


def owner_name(consolidation: Consolidation) -> str:
    unit = consolidation.roster.consolidating
    return unit.full_name if unit else words("master")["methods"]["nobody"]


def method_words(indicator: Indicator, consolidation: Consolidation) -> str:
    """How the row consolidates, in one sentence; "" for a heading."""
    if indicator.method is Method.NONE:
        return ""
    edition = consolidation.edition
    blanks = {
        "own": owner_name(consolidation),
        "part": "",
        "base": "",
        "parts": ", ".join(edition.by_key[key].code for key in indicator.total_of),
        "yes": next((choice.label for choice in indicator.choices if choice.value == 1), "1"),
    }
    if indicator.ratio_of:
        blanks["part"], blanks["base"] = (edition.by_key[key].code for key in indicator.ratio_of)
    return words("master")["methods"][_method_key(indicator, edition)].format(**blanks)


def _method_key(indicator: Indicator, edition: Edition) -> str:
    if indicator.method is Method.SUM and indicator.whole is not Whole.ADD:
        return f"sum_{indicator.whole}"
    if indicator.method is Method.RATIO:
        assert indicator.ratio_of
        if all(edition.by_key[key].method is Method.SAME for key in indicator.ratio_of):
            return "ratio_shared"
        return "ratio_own" if indicator.whole is Whole.OWN else "ratio"
    return indicator.method.value


def remarks(figure: Figure | None, indicator: Indicator, units: Sequence[Counted]) -> str:
    """Every remark beside a figure, and who is missing in it, as one text."""
    if figure is None:
        return ""
    said = [remark_sentence(remark) for remark in figure.remarks]
    silent = _silent(figure, indicator, units) if figure.n < figure.N and indicator.method is not Method.OWN else ""
    text = "; ".join((*said, silent) if silent else said)
    return text[:1].upper() + text[1:]


def _silent(figure: Figure, indicator: Indicator, units: Sequence[Counted]) -> str:
    """The due units that are not in the figure: the first few by name, the rest by number."""
    keys = indicator.ratio_of if indicator.method is Method.RATIO and indicator.ratio_of else (indicator.key,)
    names: list[str] = []
    for unit in units:
        if len(names) == _MOST_SILENT:
            break
        if unit.submission is None or any(unit.submission.entries[key].amount is None for key in keys):
            names.append(unit.unit.full_name)
    texts, more = words("master")["detail"], figure.N - figure.n - len(names)
    if not names:
        return ""
    named = texts["silent"].format(units=", ".join(names))
    return named + (texts["silent_more"].format(count=more) if more > 0 else "")


def helper_label(helper: Helper, edition: Edition) -> str:
    """What a helper row counts."""
    key, name = helper
    indicator = edition.by_key[key]
    texts = words("master")["detail"]["helper"]
    if name.startswith("choice-"):
        value = name.removeprefix("choice-")
        label = next((choice.label for choice in indicator.choices if str(choice.value) == value), "")
        return texts["choice" if label else "choice_other"].format(code=indicator.code, label=label, value=value)
    cap = edition.by_key[indicator.capped_by].code if indicator.capped_by else ""
    base = edition.by_key[indicator.base_of].code if indicator.base_of else ""
    return texts[name].format(code=indicator.code, cap=cap, base=base)


def unit_name(unit: ReportingUnit) -> str:
    """The unit's name with its type, first letter in capital: ``Xã Bình Lãng``."""
    return unit.full_name[:1].upper() + unit.full_name[1:]
