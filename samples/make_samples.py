"""Make the sample round: the real workbook, the synthetic ones from a seed, the district's own.

Run from the project's folder: ``python samples/make_samples.py``. The same data give the same bytes.
"""

import csv
import random
import tomllib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from cchc_xl.editions.load import load, period_of
from cchc_xl.files import write_atomic
from cchc_xl.model import Cell, Edition, ReportingUnit
from cchc_xl.number import from_text, round_half_up
from cchc_xl.text import file_words
from cchc_xl.workbook.roster import read_roster
from cchc_xl.workbook.template import Fill, build

HERE = Path(__file__).parent
ROUND = HERE / "tu-ky-2022-6T"
FRAME_ROUND = HERE / "khung-2025-9T"
REAL_UNIT = "11092"
SEED = 20220614


def main() -> None:
    for folder, made in ((ROUND, workbooks()), (FRAME_ROUND, frame_workbooks())):
        for name, content in made:
            write_atomic(folder / "nhan-ve" / name, content)


def workbooks() -> Iterator[tuple[str, bytes]]:
    """(file name, content) of every workbook of the round of 2022, in the order of the roster."""
    edition, plan = load("xa-2022"), read_plan()
    period = period_of(edition, "2022-6T")
    roster = read_roster(ROUND / "danh-sach-don-vi.csv", edition)
    for number, unit in enumerate(roster.units):
        if unit.code in plan["not_sent"]:
            continue
        if unit.code == REAL_UNIT:
            name, fill = file_name(unit, "2022-6T"), real_fill(edition)
        else:
            name = file_name(unit, "2022-6T_gia-lap")
            fill = synthetic_fill(edition, unit, number, plan, plan["mistake"])
        yield name, build(edition, period=period, unit=unit, consolidating=roster.consolidating, fill=fill)
    own = roster.consolidating
    assert own
    fill = Fill(answers=plan["own"]["answers"], words={"direction": plan["mark"]})
    yield file_name(own, "2022-6T_gia-lap"), build(edition, period=period, unit=own, consolidating=own, fill=fill)


def frame_workbooks() -> Iterator[tuple[str, bytes]]:
    """The round from communes straight to the province, with the frame edition of two-level government."""
    edition, plan = load("xa-2025-khung"), read_plan()
    period = period_of(edition, "2025-9T")
    roster = read_roster(FRAME_ROUND / "danh-sach-don-vi.csv", edition)
    own = roster.consolidating
    assert own
    for number, unit in enumerate(roster.units):
        fill = synthetic_fill(edition, unit, number, plan, ())
        yield file_name(unit, "2025-9T_gia-lap"), build(edition, period=period, unit=unit, consolidating=own, fill=fill)
    fill = Fill(answers=plan["province"]["answers"], words={"direction": plan["mark"]})
    yield file_name(own, "2025-9T_gia-lap"), build(edition, period=period, unit=own, consolidating=own, fill=fill)


def read_plan() -> dict:
    return tomllib.loads((HERE / "synthetic.toml").read_text("utf-8"))


def file_name(unit: ReportingUnit, rest: str) -> str:
    return f"{unit.code}_{file_words(unit.title)}_{rest}.xlsx"


def real_fill(edition: Edition) -> Fill:
    """The figures of the one real report exactly as printed; a number printed in a formula row is typed over it."""
    with (HERE / "binh-lang-2022-6T.tsv").open(encoding="utf-8", newline="") as rows:
        printed = {row["key"]: row["printed"] for row in csv.DictReader(rows, delimiter="\t")}
    answers: dict[str, Decimal] = {}
    typed_over: dict[str, Decimal] = {}
    for key, text in printed.items():
        indicator = edition.by_key[key]
        if text:
            value = from_text(text, indicator.kind).value
            assert value is not None
            (typed_over if indicator.cell is Cell.FORMULA else answers)[key] = value
    return Fill(answers=answers, typed_over=typed_over)


def synthetic_fill(edition: Edition, unit: ReportingUnit, number: int, plan: dict, mistakes: Iterable[dict]) -> Fill:
    """A plausible, consistent fill from the seed, with this unit's listed mistakes laid over it."""
    chance = random.Random(SEED + int(unit.code))
    answers: dict[str, Decimal | int | float | str] = {
        key: value for key, value in plausible(chance).items() if key in edition.by_key
    }
    for key, value in list(answers.items()):
        choices = {choice.value: choice.label for choice in edition.by_key[key].choices}
        if choices and isinstance(value, int):
            answers[key] = f"{value} – {choices[value]}"
    typed_over: dict[str, Decimal | int | float | str] = {}
    explanations: dict[str, str] = {}
    for mistake in (one for one in mistakes if one["unit"] == unit.code):
        answers |= mistake.get("answers", {})
        typed_over |= mistake.get("typed_over", {})
        explanations |= mistake.get("explanations", {})
        if "swap" in mistake:
            one, other = mistake["swap"]
            answers[one], answers[other] = answers[other], answers[one]
        if "blank_form" in mistake:
            prefix = f"{mistake['blank_form']}/"
            answers = {key: value for key, value in answers.items() if not key.startswith(prefix)}
    answers = {key: value for key, value in answers.items() if value != ""}
    words = {name: texts[number % len(texts)] for name, texts in plan["words"].items() if (number + len(texts)) % 4}
    words["direction"] = " ".join(filter(None, (plan["mark"], words.get("direction"))))
    return Fill(answers=answers, typed_over=typed_over, explanations=explanations, words=words)


def plausible(chance: random.Random) -> dict[str, Decimal | int | float | str]:
    """Numbers of a mid-sized commune that obey every relation of the edition."""
    size = chance.uniform(0.6, 1.5)
    made: dict[str, Decimal | int | float | str] = {}
    for part in (_direction, _institutions, _procedures, _people, _money, _digital):
        part(made, chance, size)
    return made


def _direction(made: dict, chance: random.Random, size: float) -> None:
    planned = chance.randint(22, 40)
    problems = chance.randint(0, 4)
    tasks = chance.randint(16, 44)
    late, overdue = chance.randint(0, 2), chance.randint(0, 2)
    made |= {"1/1": chance.randint(8, 30), "1/2.1": planned, "1/2.2": round(planned * chance.uniform(0.38, 0.66))}
    made |= {"1/3.1": chance.randint(1, 6), "1/3.2": chance.randint(4, 24)}
    made |= {"1/3.3.1": problems, "1/3.3.2": max(0, problems - chance.randint(0, 1))}
    made |= {"1/4.1": tasks, "1/4.2": round((tasks - late - overdue) * chance.uniform(0.7, 0.95))}
    made |= {"1/4.3": late, "1/4.4": overdue}
    surveyed = chance.random() < 0.85
    made["1/5"] = int(surveyed)
    if surveyed:
        made |= {"1/5.1": round(chance.randint(80, 300) * size) + 1, "1/5.2": chance.choice([1, 1, 1, 2, 0])}
    made["1/6"] = chance.choice([0, 1])


def _institutions(made: dict, chance: random.Random, size: float) -> None:
    checked, reviewed = chance.randint(0, 2), chance.randint(0, 3)
    made |= {"2/1.1": 0, "2/1.2": chance.choice([0, 0, 1, 2]), "2/2.1": 0, "2/3.1": 0}
    made |= {"2/2.2.1": checked, "2/2.2.2": checked, "2/3.2.1": reviewed, "2/3.2.2": max(0, reviewed - 1)}


def _procedures(made: dict, chance: random.Random, size: float) -> None:
    solved = round(chance.randint(420, 900) * size)
    complaints = chance.choice([0, 0, 0, 1, 2])
    made |= {"3/1.1": 17, "3/1.2": 0, "3/1.3": 0, "3/1.4.1": 0, "3/1.4.2": 0, "3/1.4.3": 172}
    made |= {"3/2": 17, "3/2.1": 0, "3/2.2": 17, "3/2.3": 0, "3/3": solved}
    made |= {"3/3.3.1": solved, "3/3.3.2": round(solved * chance.uniform(0.965, 1))}
    made |= {"3/3.4.1": complaints, "3/3.4.2": complaints}
    received = round(solved * chance.uniform(1.005, 1.06)) + 1
    made |= {"7/6.7.1": received, "7/6.7.2": round(received * chance.uniform(0.15, 0.6))}


def _people(made: dict, chance: random.Random, size: float) -> None:
    given, part_time = chance.randint(19, 23), chance.randint(12, 18)
    present = given - chance.choice([0, 0, 1])
    wrong_place = chance.choice([0, 0, 0, 1])
    made |= {"4/1.1": 100, "4/1.2": chance.randint(0, 2), "4/2.1": given, "4/2.2": present}
    made |= {"4/2.3": chance.randint(0, 3), "4/2.4": chance.choice([0, 0, 1]), "4/2.5": _reduction(chance, given, 3)}
    made |= {"4/3.1": part_time, "4/3.2": part_time - chance.choice([0, 1, 2])}
    made |= {"4/3.3": chance.choice([0, 0, 1]), "4/3.4": _reduction(chance, part_time, 5)}
    made |= {"5/1.1": present, "5/1.2": present - wrong_place, "5/1.3": wrong_place}
    made |= {"5/2.1": chance.choice([0, 0, 1]), "5/2.2": 0, "5/2.3": 0}
    made |= {"5/3.1": 0, "5/3.2": chance.choice([0, 0, 0, 0, 1])}


def _reduction(chance: random.Random, now: int, most: int) -> Decimal:
    """The percent cut since 2015 that a whole number of people then gives, to one decimal."""
    base = now + chance.randint(0, most)
    return round_half_up(Decimal(100 * (base - now)) / base, 1)


def _money(made: dict, chance: random.Random, size: float) -> None:
    planned = round(chance.randint(18, 80) * size) * 100
    made |= {"6/1.1": planned, "6/1.2": round(planned * chance.uniform(0.22, 0.72))}
    rows = ("2", "2.2", "2.3", "2.4.1", "2.4.2", "2.4.3", "2.5", "2.6")
    made |= {f"6/{code}": "KPS" for code in rows}


def _digital(made: dict, chance: random.Random, size: float) -> None:
    electronic = chance.choice([75, 80, 85, 90, 95, 100])
    made |= {"7/2": 1, "7/3": 100, "7/5.1.1": 100, "7/5.2": electronic, "7/5.2.1": electronic, "7/5.3.1": 100}
    made |= {"7/6.4.1": 62, "7/6.4.2": 60, "7/6.4.3": chance.randint(6, 24)}
    made |= {"7/6.5.1": 40, "7/6.5.2": 38, "7/6.5.3": chance.randint(4, 18)}
    made |= {"7/6.6.1": 98, "7/6.6.2": 96, "7/6.8.1": 45, "7/6.8.2": 41}


if __name__ == "__main__":
    main()
