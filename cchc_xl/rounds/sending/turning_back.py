"""Files that could not be taken: the unit that sent one is told why, once for each file."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from cchc_xl.editions.catalogue import words
from cchc_xl.editions.requests import base_name
from cchc_xl.rounds.following.status import reason_sentence
from cchc_xl.rounds.keeping.folder import Round
from cchc_xl.rounds.receiving.signed import unit_told
from cchc_xl.rounds.receiving.states import Fate, Seen, Standing
from cchc_xl.rounds.sending.letter_values import deadline_ahead, letter_values, moment_text
from cchc_xl.rounds.sending.parcels import Packed, Parcel

REFUSED = "refused"
_TOLD = ("problem", "unreadable", "other_period", "other_edition")  # not what a person rejected or took back


def refused_parcels(the_round: Round, stands: Standing) -> tuple[Parcel, ...]:
    """One for each unit with files that could not be taken, where it is known whose they are."""
    by_unit: dict[str, list[Seen]] = {}
    for one in stands.seen:
        if one.fate is Fate.REFUSED and one.reason in _TOLD:
            by_unit.setdefault(one.unit or unit_told(the_round, one.arrival), []).append(one)
    own = the_round.roster.consolidating
    return tuple(
        Parcel(
            kind=REFUSED,
            unit=unit,
            about=repr(sorted({one.arrival.sha256 for one in files})),
            pack=partial(_pack, the_round, files),
        )
        for code, files in by_unit.items()
        if (unit := the_round.unit(code)) and unit != own
    )


def _pack(the_round: Round, files: Sequence[Seen], number: int, at: datetime) -> Packed:
    """``files``: of one unit."""
    code = files[0].unit or unit_told(the_round, files[0].arrival)
    unit, said = the_round.unit(code), words("round")["paste"]
    assert unit
    told = {one.arrival.sha256: one for one in files}.values()
    lines = [
        said["refused_file"].format(file=base_name(one.arrival.name), why=reason_sentence(one, the_round))
        for one in told
    ]
    values = letter_values(
        the_round,
        unit,
        deadline_ahead(the_round, unit, at),
        number,
        chi_tiet="\n".join(lines),
        tep_nhan=", ".join(base_name(one.arrival.name) for one in told),
        luc_nhan=moment_text(max(one.arrival.received for one in told), at),
    )
    paste = said[REFUSED].format(**values | {"noi_gui": values["noi_gui"] or said["nobody"]}).lstrip()
    return Packed(paste=paste, values=values)
