"""Which version of a unit's answers counts: the rule case by case, and whatever the order of arrival."""

import itertools
from datetime import datetime, timedelta

import pytest

from cchc_xl.rounds.keeping.ledger import Event
from cchc_xl.rounds.receiving.readings import Reading
from cchc_xl.rounds.receiving.standing import standing
from cchc_xl.rounds.receiving.versions import Version, changes, choose, differing
from tests.round_files import NOW, a_round, later


def version(name: str, hour: int, answers: dict[str, str], **other) -> Version:
    moment = NOW + timedelta(hours=hour)
    times = {"received": moment, "written": moment, "entered": moment}
    return Version(**{"sha256": name, "unit": "11083", "answers": answers, "final": True} | times | other)


FULL = {"1/1": "5", "1/2.1": "33", "2/1.1": "7"}


def stands(*versions: Version) -> tuple[str, str, str]:
    """Names of current, superseded and contradicting versions; the same in every order."""
    results = set()
    for order in itertools.permutations(versions):
        choice = choose(order)
        listed = ([one.sha256 for one in choice.current], sorted(choice.superseded), sorted(choice.conflicts))
        results.add(tuple(" ".join(names) for names in listed))
    assert len(results) == 1
    return results.pop()


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ([version("a", 1, FULL)], ("a", "", "")),
        ([version("a", 1, {})], ("a", "", "")),
        # one workbook, corrected
        ([version("a", 1, FULL), version("b", 2, FULL | {"1/1": "6"})], ("b", "a", "")),
        ([version("a", 1, FULL), version("b", 2, FULL)], ("b", "a", "")),
        ([version("a", 1, FULL), version("b", 2, FULL | {"3/1": "1", "1/1": "6"})], ("b", "a", "")),
        ([version("a", 1, FULL), version("b", 2, {"1/1": "6"})], ("b a", "", "")),
        ([version("a", 1, FULL), version("b", 2, {})], ("a", "b", "")),
        # two halves
        ([version("a", 1, {"1/1": "5"}), version("b", 2, {"2/1.1": "7"})], ("b a", "", "")),
        ([version("a", 1, {"1/1": "5", "3/1": "1"}), version("b", 2, {"1/1": "5", "2/1": "7"})], ("b a", "", "")),
        ([version("a", 1, {"1/1": "5", "3/1": "1"}), version("b", 2, {"1/1": "6", "2/1": "7"})], ("", "", "a b")),
        # a full report, then both halves anew
        (
            [version("a", 1, FULL), version("b", 2, {"1/1": "6", "1/2.1": "33"}), version("c", 3, {"2/1.1": "8"})],
            ("c b", "a", ""),
        ),
        # contradicting halves, then one report of everything
        (
            [
                version("a", 1, {"1/1": "5", "3/1": "1"}),
                version("b", 2, {"1/1": "6", "2/1": "7"}),
                version("c", 3, {"1/1": "6", "2/1": "7", "3/1": "1"}),
            ],
            ("c", "a b", ""),
        ),
        # nothing tells which is later
        ([version("a", 1, FULL), version("b", 1, FULL | {"1/1": "6"})], ("", "", "a b")),
        ([version("a", 1, FULL), version("b", 1, FULL)], ("b", "a", "")),
        # final before provisional
        ([version("a", 1, FULL), version("b", 2, FULL | {"1/1": "6"}, final=False)], ("a", "b", "")),
        ([version("a", 2, FULL), version("b", 1, FULL | {"1/1": "6"}, final=False)], ("a", "b", "")),
        # a person chose
        (
            [
                version("a", 1, {"1/1": "5", "3/1": "1"}, chosen=later(hours=5)),
                version("b", 2, {"1/1": "6", "2/1": "7"}),
            ],
            ("a b", "", ""),
        ),
        (
            [
                version("a", 1, {"1/1": "5", "3/1": "1"}, chosen=later(hours=5)),
                version("b", 6, {"1/1": "6", "2/1": "7"}),
            ],
            ("", "", "a b"),
        ),
    ],
)
def test_the_rule(versions, expected):
    assert stands(*versions) == expected


def test_what_a_replacement_changed():
    old, new = version("a", 1, FULL), version("b", 2, {"1/1": "6", "1/2.1": "33", "4/1": "2"})
    assert changes(old, new) == (("1/1", "5", "6"), ("2/1.1", "7", ""), ("4/1", "", "2"))
    assert differing(old, new) == ("1/1",)


# --- every order of arrival --------------------------------------------------------------------------------------
def received(sha: str, hour: int, **other) -> tuple[str, datetime, dict]:
    moment = later(hours=hour).isoformat()
    body = {"sha256": sha, "name": f"{sha}.xlsx", "size": 1, "channel": "folder", "source": f"/{sha}"}
    times = {"received": moment, "written": moment}
    rest = {
        "senders": [],
        "subject": "",
        "message": "",
        "inline": False,
        "opened": 0,
        "container": "",
        "problem": "",
        "again": 0,
    }
    return "received", later(hours=hour), body | times | rest | other


def ruled(kind: str, hour: int, files: list[str]) -> tuple[str, datetime, dict]:
    return kind, later(hours=hour), {"unit": "11083", "files": files, "reason": "x"}


def decided(sha256: str, hour: int, *, reject: bool = False, settles: bool = False) -> tuple[str, datetime, dict]:
    body = {"sha256": sha256, "unit": "" if reject else "11083", "reject": reject, "settles": settles, "reason": "x"}
    return "decided", later(hours=hour), body


def reading(answers: dict[str, str], **other) -> tuple[Reading, ...]:
    known = {"kind": "xlsx", "meant": True, "edition": "xa-2022", "period": "2022-6T", "unit": "11083"}
    return (Reading(**known | {"answers": answers} | other),)


def explained(hour: int, *, accept: bool, text: str = "Vốn kéo dài") -> tuple[str, datetime, dict]:
    body = {"unit": "11083", "rule": "6/1.2<=1.1", "text": text, "accept": accept, "reason": "x"}
    return "explanation", later(hours=hour), body


READINGS = {
    "f": reading(FULL | {"1/1": "8"}, explained={"6/1.2<=1.1": "Vốn kéo dài"}),
    "g": reading(FULL | {"1/1": "9"}, explained={"6/1.2<=1.1": "Vốn kéo dài theo Quyết định số 12"}),
    "a": reading(FULL),
    "b": reading(FULL | {"1/1": "6"}),
    "c": reading({"1/1": "5", "3/1": "1"}, errors=1),
    "d": reading({"1/1": "6", "2/1": "7"}),
    "e": reading({"2/1": "7"}, provisional=True),
    "p": (Reading(kind="pdf", meant=False),),
    "q": (Reading(kind="pdf", meant=False),),
}

STORIES = {
    "five versions": [received(name, hour) for hour, name in enumerate("abcde")],
    "versions that arrived at one moment": [received(name, 1) for name in "abcde"],
    "signed copies": [
        received("a", 1, message="m"),
        received("p", 2, message="m", name="p.pdf"),
        received("q", 3, source="/a.pdf", name="q.pdf"),
        received("q", 4, source="/b.pdf", name="q.pdf"),
        received("b", 5, message="n"),
    ],
    "the same file three times": [
        received("a", 1),
        received("a", 2, source="/x", name="x.xlsx"),
        received("a", 3, source="/y", name="y.xlsx"),
        received("b", 2),
        received("b", 4, source="/z", name="z.xlsx"),
    ],
    "approved, returned, corrected": [
        received("a", 1),
        ruled("approved", 2, ["a"]),
        ruled("returned", 3, ["a"]),
        received("b", 4),
        ruled("approved", 5, ["b"]),
    ],
    "locked, then more": [
        received("a", 1),
        ruled("locked", 2, ["a"]),
        received("b", 3),
        ruled("reopened", 4, ["a"]),
        ruled("locked", 5, ["b"]),
    ],
    "contradicting, chosen, rejected": [
        received("c", 1),
        received("d", 2),
        decided("c", 3, settles=True),
        decided("d", 4, reject=True),
        received("e", 5),
    ],
    "an explanation returned, accepted, returned": [
        received("f", 1),
        explained(2, accept=False),
        explained(3, accept=True),
        explained(4, accept=False),
        explained(4, accept=False, text="một câu khác"),
    ],
    "an explanation returned, then another text": [
        received("f", 1),
        explained(2, accept=False),
        ruled("approved", 3, ["f"]),
        received("g", 4),
        explained(5, accept=True, text="Vốn kéo dài theo Quyết định số 12"),
    ],
    "everything at once": [
        received("a", 1),
        ruled("approved", 1, ["a"]),
        ruled("returned", 1, ["a"]),
        ruled("locked", 1, ["a"]),
        ruled("reopened", 1, ["a"]),
    ],
}


@pytest.fixture(scope="module")
def the_round(tmp_path_factory):
    from cchc_xl.rounds.keeping.folder import open_round

    return open_round(a_round(tmp_path_factory.mktemp("round")))


@pytest.mark.parametrize("story", STORIES)
def test_all_120_orders_of_five_events_give_the_same_state(the_round, story):
    """R8: the same time stamps, any order of arrival in the ledger."""
    outcomes = set()
    for order in itertools.permutations(STORIES[story]):
        events = [
            Event(seq=seq, at=at, who="Lan", kind=kind, mark=None, body=body)
            for seq, (kind, at, body) in enumerate(order, start=1)
        ]
        stand = standing(the_round, events, READINGS, later(hours=9), lambda unit, versions: (0, 0))
        unit = stand.unit("11083")
        fates = sorted((one.arrival.source, one.fate, one.unit, one.reason, str(one.args)) for one in stand.seen)
        assert len(fates) == sum(kind == "received" for kind, _, _ in order), "nothing dropped"
        files = [one.sha256 for one in (*unit.current, *unit.contradicting)]
        outcomes.add(repr((unit.stage, files, unit.late, unit.signed_copy, fates)))
    assert len(outcomes) == 1, outcomes


def test_the_stories_are_told_apart(the_round):
    ends = {}
    for story, told in STORIES.items():
        events = [
            Event(seq=seq, at=at, who="Lan", kind=kind, mark=None, body=body)
            for seq, (kind, at, body) in enumerate(told, start=1)
        ]
        stand = standing(the_round, events, READINGS, later(hours=9), lambda unit, versions: (0, 0))
        unit = stand.unit("11083")
        ends[story] = (unit.stage.value, " ".join(one.sha256 for one in unit.current))
    assert ends == {
        "five versions": ("received", ""),
        "versions that arrived at one moment": ("received", ""),
        "signed copies": ("to_approve", "b"),
        "the same file three times": ("to_approve", "b"),
        "approved, returned, corrected": ("approved", "b"),
        "locked, then more": ("locked", "b"),
        "contradicting, chosen, rejected": ("to_approve", "c e"),
        "an explanation returned, accepted, returned": ("to_fix", "f"),
        "an explanation returned, then another text": ("to_approve", "g"),
        "everything at once": ("to_fix", "a"),
    }
