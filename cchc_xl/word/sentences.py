"""The functions a template's tags may call: numbers in speech, who leads and lags, who differs, what changed.

Names are those staff type in Word, so they are Vietnamese without marks: ``so``, ``co``, ``la``, ``dat`` …
Each gives a Passage: text with its numbers still tied to their figures.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from cchc_xl.editions.catalogue import remark_sentence, words
from cchc_xl.editions.glance import doubted_units
from cchc_xl.editions.unit_words import kinds_word, units_word
from cchc_xl.model import Consolidation, Figure, Indicator, Method, ReportingUnit, Whole
from cchc_xl.number import in_prose, vietnamese
from cchc_xl.word.charts import columns_of, drawn, names_of
from cchc_xl.word.standing import Place, Standing, standing
from cchc_xl.word.tags import Passage, joined, number, passage, say, shown

_NAMED = 3  # units named at either end of a ranking
_LISTED = 6  # units named in a list before "and n more"
_COUNTED_BESIDE = frozenset({"mean", "estimate", "bounds", "share-silent"})
_GAPS = frozenset({"partial", "only-total", "tie", "own-less"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentences:
    """One consolidation, ready to speak. ``previous``: the figures of the period before, where known."""

    consolidation: Consolidation
    previous: Mapping[str, Figure] = field(default_factory=dict)
    level: str = field(init=False, repr=False)  # what the units are called: "xã, thị trấn"

    def __post_init__(self) -> None:
        object.__setattr__(self, "level", units_word(self.consolidation))

    @property
    def phrases(self) -> Mapping[str, str]:
        return words("word")["phrases"]

    @property
    def owner(self) -> str:
        unit = self.consolidation.roster.consolidating
        return unit.full_name if unit else self.phrases["owner_unknown"]

    def _figure(self, key: str) -> Figure:
        return self.consolidation.figures[key]

    def _number(self, tag: str, form: str = "so", noun: str = "") -> Passage:
        return number(self.consolidation.figures, tag, self.consolidation.edition, form=form, noun=noun)

    def so(self, tag: str) -> Passage:
        """The number alone."""
        return self._number(tag)

    def co(self, tag: str) -> Passage:
        """There are so many, there are none, or nothing is known about: a noun follows."""
        return self._number(tag, "co")

    def la(self, tag: str, noun: str = "") -> Passage:
        """Is so many, with its noun."""
        return self._number(tag, "la", noun)

    def dat(self, tag: str) -> Passage:
        """Reaches so many percent."""
        return self._number(tag, "dat")

    def tren(self, key: str) -> Passage:
        """How many of how many units a figure rests on."""
        blanks = {"n": self.so(f"{key}@n"), "N": self.so(f"{key}@N"), "level": self.level}
        return say(self.phrases["of_units"], **blanks)

    def rieng(self, key: str) -> Passage:
        """The consolidating unit's own part beside the communes'. That it is missing is said once, at the start."""
        figure = self._figure(key)
        if figure.own is None or figure.communes is None or figure.method is not Method.SUM:
            return passage()
        numbers = {"communes": self.so(f"{key}@communes"), "own": self.so(f"{key}@own")}
        return say(self.phrases["own_beside"], level=self.level, owner=self.owner, **numbers)

    def xep(self, key: str) -> Passage:
        """Who leads and who lags in a percent row."""
        ranked = standing(self.consolidation, key)
        return passage(self._percent_ends(ranked), self._unranked(ranked))

    def _percent_ends(self, ranked: Standing) -> Passage:
        if len(ranked.places) < 2:
            return passage()
        top, bottom = ranked.top, ranked.bottom(_NAMED)
        value = self._unit_number(ranked.key, top[0])
        if not bottom:
            return say(self.phrases["all_equal"], level=self.level, value=value)
        if len(top) > _NAMED:
            lead = say(
                self.phrases["percent_top_many"], count=in_prose(Decimal(len(top))), level=self._kinds(top), value=value
            )
        else:
            lead = say(self.phrases["percent_top"], units=self.names([place.unit for place in top]), value=value)
        lag = say(self.phrases["percent_bottom"], units=self.with_numbers(ranked.key, bottom))
        return passage(lead, lag)

    def nhieu_it(self, key: str) -> Passage:
        """Who has most and least in a row that counts."""
        ranked = standing(self.consolidation, key)
        some = ranked.above_zero
        if len(ranked.places) < 2 or not some:
            return self._unranked(ranked)
        if len(ranked.top) == len(ranked.places):
            value = self._unit_number(key, some[0])
            return passage(say(self.phrases["count_equal"], level=self.level, value=value), self._unranked(ranked))
        pieces = [say(self.phrases["count_top"], units=self.with_numbers(key, ranked.top))]
        if ranked.zeros:
            pieces.append(self._zeros(ranked))
        else:
            pieces.append(say(self.phrases["count_bottom"], units=self.with_numbers(key, ranked.bottom(_NAMED))))
        return passage(*pieces, self.phrases["stop"], self._unranked(ranked))

    def _zeros(self, ranked: Standing) -> Passage:
        if len(ranked.zeros) > _NAMED:
            count = in_prose(Decimal(len(ranked.zeros)))
            return say(self.phrases["count_zero"], count=count, level=self._kinds(ranked.zeros))
        return say(self.phrases["count_zero_named"], units=self.names([place.unit for place in ranked.zeros]))

    def _unranked(self, ranked: Standing) -> Passage:
        over = say(self.phrases["over"], units=self.names(ranked.over)) if ranked.over else ""
        left_out = say(self.phrases["unranked"], units=self.names(ranked.doubtful)) if ranked.doubtful else ""
        named = {unit.full_name for unit in ranked.doubtful}
        others = [name for name in doubted_units(self.consolidation, ranked.key) if name not in named]
        more = say(self.phrases["in_doubt"], units=self._listed(others)) if others else ""
        return passage(over, left_out, more)

    def nghi_van(self, *keys: str) -> Passage:
        """Whose numbers in these rows have errors, can't be read, or are unexplained; then what is missing in them."""
        names = doubted_units(self.consolidation, *keys)
        doubted = say(self.phrases["in_doubt"], units=self._listed(names)) if names else passage()
        return passage(doubted, *(gap for key in keys for gap in self._gaps(key)))

    def _gaps(self, key: str) -> Iterator[str]:
        row = self.consolidation.edition.by_key[key]
        for remark in self._figure(key).remarks:
            if remark.name in _GAPS:
                yield self.phrases["gap"].format(form=row.form, code=row.code, text=remark_sentence(remark))

    def _listed(self, names: Sequence[str]) -> str:
        return self.phrases["joint"].join(names[:_LISTED]) + self.more(names[_LISTED:])

    def cu_the(self, key: str) -> Passage:
        """Which units have more than none, most first."""
        some = standing(self.consolidation, key).above_zero
        if not some:
            return passage()
        figure = self._figure(key)
        own = passage()
        if figure.own and self.consolidation.edition.by_key[key].whole is Whole.ADD:
            own = say(self.phrases["in_detail_own"], owner=self.owner, own=self.so(f"{key}@own"))
        return say(self.phrases["in_detail"], units=self.with_numbers(key, some), own=own)

    def lech(self, key: str) -> Passage:
        """Which units gave another value than the common one."""
        named = {unit.unit.code: unit.unit for unit in self.consolidation.units}
        places = [Place(unit=named[part.unit], value=part.value) for part in self._figure(key).deviators]
        if places:
            return say(self.phrases["deviators"], units=self.with_numbers(key, places))
        tie = next((remark for remark in self._figure(key).remarks if remark.name == "tie"), None)
        return passage(self.phrases["tie"].format(text=remark_sentence(tie))) if tie else passage()

    def lua_chon(self, key: str) -> Passage:
        """How many units chose each of the answers."""
        figure, row = self._figure(key), self.consolidation.edition.by_key[key]
        if not any((figure.distribution or {}).values()):
            return passage(words("word")["anchor"]["missing"])
        said = [
            say(self.phrases["choices"], label=choice.label, value=value, level=self.level)
            for choice in row.choices
            if (value := self.so(f"{key}@choice-{choice.value}"))
        ]
        return joined(said, "; ")

    def chon(self, key: str) -> Passage:
        """The consolidating unit's own choice, in words."""
        row, own = self.consolidation.edition.by_key[key], self._figure(key).own
        label = next((choice.label for choice in row.choices if choice.value == own), None)
        return passage(label or words("word")["anchor"]["missing"])

    def luu_y(self, key: str) -> Passage:
        """What to know about a mean, an estimate or a bound; nothing for an exact figure."""
        said = [remark_sentence(remark) for remark in self._figure(key).remarks if remark.name in _COUNTED_BESIDE]
        return say(self.phrases["remarks"], text="; ".join(said)) if said else passage()

    def ky_truoc(self, key: str) -> Passage:
        """The change from the previous period, where both are known."""
        row, now = self.consolidation.edition.by_key[key], self._figure(key)
        before = self.previous.get(key)
        block = "whole" if now.whole is not None else "communes"
        old, new = getattr(before, block, None), getattr(now, block)
        if old is None or new is None:
            return passage()
        decimals = 1 if row.is_percent else None
        change = new - old
        if vietnamese(change, decimals) == "0":
            return passage(self.phrases["unchanged"])
        name = ("points_" if row.is_percent else "") + ("more" if change > 0 else "less")
        said = vietnamese(abs(change), decimals) if row.is_percent else in_prose(abs(change))
        was = shown(old, f"{key}@{block}", self.consolidation.edition)
        return say(self.phrases[name], change=said, before=was)

    def bieu_do(self, key: str) -> Passage:
        """A column a unit, in roster order; nothing where they are too few or too many to be read."""
        row, consolidation = self.consolidation.edition.by_key[key], self.consolidation
        names = names_of(unit.unit for unit in consolidation.units)
        one = drawn(key, chart_title(row), columns_of(self._figure(key), names))
        return passage(one) if one else passage()

    def names(self, units: Sequence[ReportingUnit]) -> str:
        """The units named one after another, at most a few, then how many more."""
        return self._listed([unit.full_name for unit in units])

    def more(self, left_out: Sequence[str]) -> str:
        """How many more units there are than those named; "" for none."""
        if not left_out:
            return ""
        units = [ReportingUnit(code="", name=name) for name in left_out]
        return self.phrases["and_more"].format(count=in_prose(Decimal(len(left_out))), level=self._kinds_of(units))

    def _kinds(self, places: Sequence[Place]) -> str:
        return self._kinds_of([place.unit for place in places])

    def _kinds_of(self, units: Sequence[ReportingUnit]) -> str:
        return kinds_word(units, self.consolidation.edition) if "," in self.level else self.level

    def with_numbers(self, key: str, places: Sequence[Place]) -> Passage:
        said = [
            say(self.phrases["unit_value"], unit=place.unit.full_name, value=self._unit_number(key, place))
            for place in places[:_LISTED]
        ]
        more = self.more([place.unit.full_name for place in places[_LISTED:]])
        return passage(joined(said, self.phrases["joint"]), more)

    def _unit_number(self, key: str, place: Place) -> Passage:
        return self.so(f"{key}@unit-{place.unit.code}")


def chart_title(row: Indicator) -> str:
    """What a chart of this row is headed by: its label without what stands in brackets, and where it stands."""
    label = row.label.partition("(")[0].strip(" .")
    return str(words("word")["phrases"]["chart"]).format(label=label, form=row.form, code=row.code)
