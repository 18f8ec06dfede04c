"""Every kind of finding on cases a clerk could read: cases/checks.toml, history.toml, peers.toml."""

import tomllib
from decimal import Decimal

import pytest

from cchc_xl.checking.checks import check
from cchc_xl.checking.history import check_history
from cchc_xl.checking.outside import compare_outside, figures_of
from cchc_xl.checking.peers import check_peers
from cchc_xl.editions.catalogue import advice, cause_sentence, message, sentences, words
from cchc_xl.editions.load import load
from cchc_xl.model import Finding, ReportingUnit, Roster, Submission, UnitName
from cchc_xl.relations.judge import _FINDING_OF as FINDING_OF
from tests.conftest import CASES, entries_of

CODE, NAME = "11092", "Bình Lãng"


def cases(name: str) -> list:
    by_id = tomllib.loads((CASES / f"{name}.toml").read_text("utf-8"), parse_float=Decimal)
    return [pytest.param(kind, case, id=f"{kind}: {case['says']}") for kind, given in by_id.items() for case in given]


def submission(cells, *, period="2022-6T", code=CODE, name=NAME, level="xã", edition="xa-2022", **more) -> Submission:
    return Submission(
        file=f"{code}.xlsx",
        sha256=f"{code}-{period}",
        edition=edition,
        period=period,
        unit=UnitName(code=code, name=name),
        level=level,
        entries=entries_of(load(edition), cells),
        **more,
    )


def judged(findings, kind: str, case: dict) -> None:
    """The case gives what it says, on the row it names, in whole sentences."""
    edition = load(case.get("edition", "xa-2022"))
    found = [one for one in findings if one.id == kind and ("form" not in case or one.args["form"] == case["form"])]
    assert [str(one.severity) for one in found] == ([] if case["gives"] == "quiet" else [case["gives"]])
    for one in found:
        assert one.key == case.get("key")
        text = message(one, edition) + advice(one, edition) + "".join(map(cause_sentence, one.causes))
        assert "{" not in text and "None" not in text
        if "cause" in case:
            assert one.causes[0].name == case["cause"]


@pytest.mark.parametrize(("kind", "case"), cases("checks"))
def test_one_workbook(kind, case):
    one = submission(case["cells"], level=case.get("level", "xã"), words=case.get("words", {}))
    judged(check(one, load()), kind, case)


@pytest.mark.parametrize(("kind", "case"), cases("history"))
def test_over_time(kind, case):
    judged(history_of(case), kind, case)


def history_of(case: dict) -> tuple[Finding, ...]:
    edition = load(case.get("edition", "xa-2022"))
    now = submission(case["cells"], period=case.get("period", "2022-6T"), edition=edition.id)
    earlier = [submission(**{"edition": edition.id, **one}) for one in case["before"]]
    others = case.get("others", {"count": 0})
    period = case["before"][0]["period"]
    peers = [
        (submission(others["now"], code=f"2{n:04}"), submission(others["before"], code=f"2{n:04}", period=period))
        for n in range(others["count"])
    ]
    return check_history(now, earlier, edition, roster=roster_of(case), peers=peers)


def roster_of(case: dict) -> Roster | None:
    units = [
        ReportingUnit(**(one | {"predecessors": tuple(one.get("predecessors", ()))})) for one in case.get("roster", ())
    ]
    return Roster(file="danh-sach.csv", units=tuple(units)) if units else None


@pytest.mark.parametrize(("kind", "case"), cases("peers"))
def test_beside_others(kind, case):
    edition, now = load(), submission(case["cells"], code=case.get("code", CODE))
    if "outside" in case:
        outside = figures_of([["Mã đơn vị", *case["outside"]], [CODE, *map(str, case["outside"].values())]], edition)
        judged(compare_outside(now, outside, edition), kind, case)
        return
    if "table" in case:
        judged(compare_outside(now, figures_of(case["table"], edition), edition), kind, case)
        return
    everyone = [now]
    for group, others in enumerate(case["others"]):
        everyone += [submission(others["cells"], code=f"{group}{n:04}", name=f"Xã {n}") for n in range(others["count"])]
    if "above" in case:
        everyone.append(submission(case["above"], code="298", name="Tứ Kỳ", level="huyện"))
    judged(check_peers(everyone, edition).get(CODE, ()), kind, case)


def test_every_kind_of_finding_has_a_quiet_and_a_loud_case(edition):
    given: dict[str, set[str]] = {}
    for name in ("checks", "history", "peers"):
        for param in cases(name):
            kind, case = param.values
            given.setdefault(kind, set()).add(case["gives"])
    by_rule = tomllib.loads((CASES / "relations.toml").read_text("utf-8"))
    for relation in edition.relations:
        verdicts = {"quiet" if one["gives"] == "passed" else one["gives"] for one in by_rule[relation.id]}
        given.setdefault(FINDING_OF[relation.op], set()).update(verdicts)
    families = ("ratio-", "total-", "choice-", "level-", "blank-", "relation-")
    of_cells = ("number-negative", "number-not-whole", "number-over-100", "number-unreadable")
    of_rules = (kind for kind in sentences() if kind.startswith(families))
    for kind in (*of_rules, *of_cells, *words("checks")["rules"]):
        assert "quiet" in given.get(kind, ()), f"no quiet case of {kind}"
        assert given[kind] & {"error", "warning", "note"}, f"no loud case of {kind}"


def test_every_rule_kept_as_data_has_its_sentences_and_basis():
    """What the checks against time, other units, words and outside figures can say is all in ``checks.toml``."""
    said = [kind for kind in sentences() if kind.startswith(("history-", "peer-"))]
    assert set(said) < set(words("checks")["rules"])
    for kind, rule in words("checks")["rules"].items():
        assert sentences()[kind]["message"] and sentences()[kind]["advice"] and rule["basis"]
        assert {rule["severity"], rule.get("weak", "note")} <= {"error", "warning", "note"}
