"""What a first look at a consolidation shows: chosen rows, how far they are from their targets, what changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from cchc_xl.editions.before import figures_before
from cchc_xl.editions.catalogue import remark_sentence, words
from cchc_xl.editions.worded import worded
from cchc_xl.model import Consolidation, Figure, Finding, Indicator, Remark, Severity, Target
from cchc_xl.number import round_half_up

_PERCENT_DECIMALS = 1
_MOST_CHARTS, _MOST_ROWS = 3, 20
_OF_UNITS = frozenset({"flagged", "unreadable"})  # remarks that name units whose numbers are in doubt
_GAPS = frozenset({"partial", "only-total", "tie", "own-less"})  # remarks that the figure is not whole, or not agreed
_ABOUT_NUMBERS = ("ratio-", "total-", "choice-", "relation-", "history-", "peer-")  # families of findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """One row at a glance. ``block``: which part of the figure is meant; ``value``, ``before``: None when not known.

    ``under``: whether it misses its target, None without a target or a value. ``doubted``: the units whose numbers in
    it still have errors, can't be read or wait for an explanation; ``gaps``: sentences on what is missing in it.
    """

    row: Indicator
    block: str
    value: Decimal | None
    before: Decimal | None = None
    target: Target | None = None
    under: bool | None = None
    doubted: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()

    @property
    def unsure(self) -> bool:
        """Whether the value must not be printed without a mark."""
        return bool(self.doubted or self.gaps)

    @property
    def tag(self) -> str:
        return f"{self.row.key}@{self.block}"

    @property
    def change(self) -> Decimal | None:
        return None if self.value is None or self.before is None else self.value - self.before


def glances(consolidation: Consolidation) -> tuple[Glance, ...]:
    """The rows with a target, those that miss it first, then the chosen rates of the edition."""
    before, targets = figures_before(consolidation), {target.key: target for target in consolidation.targets}
    aimed = [_glance(consolidation, before, key, target) for key, target in targets.items()]
    aimed = [one for one in aimed if one is not None]
    rest = [row.key for row in chosen(consolidation, "chosen_rows") if row.is_percent and row.key not in targets]
    others = [_glance(consolidation, before, key, None) for key in rest]
    aimed.sort(key=lambda one: one.under is not True)  # stable: otherwise in the order of the settings
    return (*aimed, *(one for one in others if one is not None))


def _glance(
    consolidation: Consolidation, before: Mapping[str, Figure], key: str, target: Target | None
) -> Glance | None:
    figure, row = consolidation.figures.get(key), consolidation.edition.by_key.get(key)
    if figure is None or row is None:
        return None
    block = "communes" if figure.whole is None and figure.communes is not None else "whole"
    value, earlier = getattr(figure, block), before.get(key)
    return Glance(
        row=row,
        block=block,
        value=value,
        before=getattr(earlier, block) if earlier else None,
        target=target,
        under=misses(target, value, row) if target and value is not None else None,
        doubted=doubted_units(consolidation, key),
        gaps=gaps(consolidation, key),
    )


def doubted_units(consolidation: Consolidation, *keys: str) -> tuple[str, ...]:
    """The units named in the cautions of these rows' figures and of the rows their ratios are made of."""
    found = (one for one in _remarks(consolidation, keys) if one.name in _OF_UNITS)
    return tuple(dict.fromkeys(name for remark in found for name in remark.args["units"]))


def gaps(consolidation: Consolidation, *keys: str) -> tuple[str, ...]:
    """What is missing or not agreed in these rows' figures and the rows their ratios are made of, a sentence each."""
    found = (one for one in _remarks(consolidation, keys) if one.name in _GAPS)
    return tuple(dict.fromkeys(remark_sentence(remark) for remark in found))


def _remarks(consolidation: Consolidation, keys: Iterable[str]) -> tuple[Remark, ...]:
    rows, figures = consolidation.edition.by_key, consolidation.figures
    looked_at = dict.fromkeys(one for key in keys for one in (key, *(rows[key].ratio_of or ())))
    return tuple(remark for key in looked_at if key in figures for remark in figures[key].remarks)


def misses(target: Target, value: Decimal, row: Indicator) -> bool:
    """Whether the number as printed misses the target: 49,96 % is printed 50 %, and reaches 50 %."""
    printed = round_half_up(value, _PERCENT_DECIMALS) if row.is_percent else value
    return printed < target.value if target.at_least else printed > target.value


def chosen(consolidation: Consolidation, table: str) -> tuple[Indicator, ...]:
    """Rows of ``ui/master.toml`` [overview] ``chosen_rows`` or ``chosen_charts``; else the edition's first ratios."""
    edition = consolidation.edition
    keys = worded(words("master")["overview"][table], edition)
    if keys is None:
        keys = [row.key for row in edition.indicators if row.ratio_of]
        keys = keys[: _MOST_CHARTS if table == "chosen_charts" else _MOST_ROWS]
    return tuple(edition.by_key[key] for key in keys if key in consolidation.figures)


def is_open(finding: Finding) -> bool:
    """An error, or a warning about a number, that is not explained: it stands between the figures and a signature."""
    if finding.explained or finding.severity is Severity.NOTE:
        return False
    return finding.severity is Severity.ERROR or finding.id.startswith(_ABOUT_NUMBERS)
