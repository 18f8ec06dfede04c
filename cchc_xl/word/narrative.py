"""From a consolidation to the consolidating unit's narrative report (``bao-cao.docx``)."""

from collections.abc import Mapping
from functools import cache

from cchc_xl.editions.before import figures_before
from cchc_xl.editions.catalogue import remark_sentence
from cchc_xl.model import Consolidation, Edition, Figure
from cchc_xl.shipped import shipped
from cchc_xl.word.assessment import below_average, explanations, next_tasks, remaining_errors, round_state
from cchc_xl.word.filling import fill
from cchc_xl.word.letter import letter_values
from cchc_xl.word.sentences import Sentences
from cchc_xl.word.spoken import spoken
from cchc_xl.word.tables import tables

TEMPLATE = "bao-cao-tong-hop.docx"
_SPEAKING = (
    *("so", "co", "la", "dat", "tren", "rieng", "xep", "nhieu_it"),
    *("cu_the", "lech", "lua_chon", "chon", "luu_y", "ky_truoc", "nghi_van", "bieu_do"),
)


def build(
    consolidation: Consolidation,
    *,
    template: bytes | None = None,
    previous: Mapping[str, Figure] | None = None,
) -> bytes:
    """The narrative as a Word file, reproducibly. Every number of a figure in it is tied to that figure.

    ``template``: the staff's own; else the shipped one of the edition. ``previous``: figures of the period before,
    those of the consolidation's own previous period when not given.
    Raises BrokenTemplate (naming paragraph and tag) or WordFileError.
    """
    before = figures_before(consolidation) if previous is None else previous
    return fill(template or template_of(consolidation.edition), _values(consolidation, before))


def template_of(edition: Edition) -> bytes:
    """The shipped template; one made from the edition where none is shipped."""
    path = shipped("templates", edition.id, TEMPLATE)
    if path:
        return path.read_bytes()
    from cchc_xl.word.official import narrative_template

    return narrative_template(edition)


def _values(consolidation: Consolidation, previous: Mapping[str, Figure]) -> dict[str, object]:
    """The names a template's tags may use."""
    speech = Sentences(consolidation=consolidation, previous=previous)
    joint = speech.phrases["joint"]
    return {
        **{name: getattr(speech, name) for name in _SPEAKING},
        **letter_values(consolidation, speech.owner),
        "tinh_hinh_gui": cache(lambda: round_state(speech)),
        "loi_con_lai": cache(lambda: remaining_errors(speech)),
        "giai_trinh": cache(lambda: explanations(speech)),
        "duoi_muc_chung": cache(lambda: below_average(speech)),
        "viec_can_lam": cache(lambda: next_tasks(speech)),
        "loi": cache(lambda heading: spoken(consolidation, heading, joint)),
        "cac_bieu": tables(consolidation),
        "thieu_so_rieng": _own_missing(consolidation),
    }


def _own_missing(consolidation: Consolidation) -> str:
    """The remark that the consolidating unit's own numbers are not in, said once for all figures."""
    for figure in consolidation.figures.values():
        for remark in figure.remarks:
            if remark.name == "own-missing":
                said = remark_sentence(remark)
                return f"({said[:1].upper()}{said[1:]}.)"
    return ""
