"""Seeded mutants of everything that comes from outside: no exception, nothing endless, nothing silently wrong.

Two thousand by default, spread over the kinds; twenty thousand with ``pytest -m full``. What a mutant may change
without a word is only what a clerk could have typed there.
"""

import random
import re
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.errors import CchcError
from cchc_xl.files import sha256_of
from cchc_xl.mail.mailbox import Message, read_message
from cchc_xl.model import Submission
from cchc_xl.rounds.adding.tied import consolidation_of
from cchc_xl.word import intake, narrative
from cchc_xl.word.anchors import anchors, refresh, verify
from cchc_xl.workbook import master
from cchc_xl.workbook.incoming.package import Limits, Package, Refused
from cchc_xl.workbook.reader import read
from tests.conftest import SEED
from tests.filled import EDITION, ROSTER, facts, filled
from tests.hostile import mutants
from tests.old_reports import old_report
from tests.round_files import NOW, letter, mail, workbook, zipped
from tests.rounds import random_round
from tests.test_workbook_corpus import silent_differences

SECONDS = 10.0  # for one file, on a busy machine
# Kind -> how many of twenty thousand.
COUNTS = {"workbook": 9_000, "report": 2_000, "narrative": 400, "mail": 8_400, "master": 200}


def count(kind: str, share: float) -> int:
    return round(COUNTS[kind] * share)


def test_twenty_thousand_in_all():
    assert sum(COUNTS.values()) == 20_000


class Clock:
    """Fails when one file took too long."""

    def __enter__(self):
        self._started = time.process_time()

    def __exit__(self, *_):
        assert time.process_time() - self._started < SECONDS


# --- the official workbook ------------------------------------------------------------------------------------------

_TELLING = ("xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "docProps/custom.xml", "_rels/.rels")
# One cell's own value or label exchanged, dropped or doubled in place: the clerk may have done so.
_CLERK = re.compile(r"^(content|attribute|deleted|doubled|swapped) xl/(worksheets|sharedStrings)")


def unsaid(before: Submission, after: Submission) -> list[str]:
    """Whose it is and of when, where that changed without a finding on it."""
    said = {finding.id for finding in after.findings}
    if after.refused or any(one.startswith("identity-") for one in said):
        return []
    return [name for name in ("unit", "period", "edition", "level") if getattr(before, name) != getattr(after, name)]


def test_mutants_of_a_filled_workbook(share):
    (before,) = read(filled(), file="11092.xlsx", roster=ROSTER)
    forms = [f"xl/worksheets/sheet{number}.xml" for number in (2, 2, 2, 3, 4, 8, 1)]
    package = mutants.Package(filled(), parts=[*forms, *_TELLING, "xl/_rels/workbook.xml.rels"])
    rng, fates = random.Random(SEED), Counter()
    for _ in range(count("workbook", share)):
        mutant = package.mutant(rng)
        with Clock():
            (after,) = read(mutant.content, file="11092.xlsx", roster=ROSTER)
        fates["refused" if after.refused else "said" if after.findings else "same"] += 1
        silent = silent_differences(before, after)
        assert len(silent) <= (2 if _CLERK.match(mutant.what) else 0), (mutant.what, silent)
        assert not unsaid(before, after) or _CLERK.match(mutant.what), mutant.what
    assert min(fates[name] for name in ("refused", "said", "same")) > 10 * share, fates


# --- an old report in Word ------------------------------------------------------------------------------------------


def aimed(content: bytes) -> mutants.Package:
    """Mostly at the body: most other parts are never read."""
    names = [name for name in mutants.parts_of(content) if name.endswith((".xml", ".rels"))]
    return mutants.Package(content, parts=["word/document.xml"] * 2 * len(names) + names)


def sure_differences(before: intake.WordReport, after: intake.WordReport) -> list[str]:
    """Rows that say something else than before, with nothing to make a person look."""
    odd = {finding.key for finding in after.oddities}
    return [
        key
        for key, row in after.rows.items()
        if (row.state, row.value) != (before.rows[key].state, before.rows[key].value)
        and key not in odd
        and row.sureness >= intake.UNSURE
    ]


def test_mutants_of_an_old_report(share):
    content = old_report()
    before, package = intake.read_report(content, EDITION), aimed(content)
    rng, refused = random.Random(SEED), 0
    for _ in range(count("report", share)):
        mutant = package.mutant(rng)
        try:
            with Clock():
                after = intake.read_report(mutant.content, EDITION)
        except CchcError as error:
            assert "{" not in error_sentence(error)
            refused += 1
            continue
        silent = sure_differences(before, after)
        assert len(silent) <= (mutant.how in ("content", "deleted", "doubled")), (mutant.what, silent)
    assert refused


# --- the narrative beside its master --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def consolidation():
    return random_round(5, 12, own=True)


def texts(report: bytes) -> Counter:
    return Counter((anchor.tag, anchor.text.strip()) for anchor in anchors(report))


def test_mutants_of_a_narrative(share, consolidation):
    """A number changed inside its control is found; refreshing heals or refuses, and never raises."""
    content = narrative.build(consolidation)
    figures, edition, before, package = consolidation.figures, consolidation.edition, texts(content), aimed(content)
    rng, found = random.Random(SEED), 0
    for _ in range(count("narrative", share)):
        mutant = package.mutant(rng)
        try:
            with Clock():
                differences = verify(mutant.content, figures, edition)
                healed = refresh(mutant.content, figures, edition)
        except CchcError as error:
            assert "{" not in error_sentence(error)
            continue
        changed = {tag for tag, _ in texts(mutant.content) - before} & {
            tag for tag, _ in before - texts(mutant.content)
        }
        assert len(changed) <= len(differences) or mutant.how == "attribute", mutant.what
        if differences:
            assert not [one for one in verify(healed, figures, edition) if one.kind.value in ("stale", "edited")]
        found += bool(changed)
    assert found or share < 1


# --- mail -----------------------------------------------------------------------------------------------------------

INNER = ("trong.xlsx", b"PK\3\4inner" * 50)


def a_mail() -> bytes:
    attached = [
        ("Báo cáo xã Đại Sơn.xlsx", workbook({"1/1": 5})[:3_000]),
        ("phụ lục.pdf", b"%PDF-1.7" + bytes(range(256)) * 4),
        ("gửi kèm.zip", zipped({"x.xlsx": b"PK\3\4xx", "y.txt": b"hello"})),
        letter([INNER], "b@x.vn", NOW, "9"),
    ]
    return mail(attached).replace(b"===============", b"=-=").replace(b"\r\n", b"\n")


def kept_whole(message: Message, content: bytes) -> bool:
    """The message itself is kept: as a question, or attached to itself because it is torn."""
    return message.is_question or any(one.content == content for one in message.attachments)


def lost(before: Message, after: Message) -> Mapping[str, int]:
    """Attachments of which neither the bytes nor a changed twin under the same number of parts are there."""
    missing = Counter(sha256_of(one.content) for one in before.attachments if not one.container)
    missing -= Counter(sha256_of(one.content) for one in after.attachments)
    others = Counter(sha256_of(one.content) for one in after.attachments if not one.container)
    others -= Counter(sha256_of(one.content) for one in before.attachments)
    return {} if others.total() >= missing.total() else missing


def test_mutants_of_a_mail(share):
    """Nothing raises, and no attachment disappears: it is there, changed, or the whole message is kept for a person."""
    content = a_mail()
    before, rng, whole = read_message(content), random.Random(SEED), 0
    assert len(before.attachments) == 6 and not kept_whole(before, content)
    for _ in range(count("mail", share)):
        mutant = mutants.mail_mutant(content, rng)
        with Clock():
            after = read_message(mutant.content)
        whole += kept_whole(after, mutant.content)
        cut_out = mutant.how == "hole" and mutant.content.count(b"\n--=-=") < content.count(b"\n--=-=")
        # What fell out of the file with the line that parts it from the next is not there to be kept.
        assert cut_out or kept_whole(after, mutant.content) or not lost(before, after), mutant.what
    assert whole > 100 * share


def test_a_message_whose_kind_is_lost_is_kept_whole():
    """The parts of a mail without a readable Content-Type stand in one nameless piece: a person looks at it."""
    head, _, rest = a_mail().partition(b"Content-Type: multipart/mixed")
    for kind in (b"Content-Type: multipar((((", b"Content-Type: application/octet-stream; x"):
        torn = head + kind + rest
        assert kept_whole(read_message(torn), torn)


# --- a master -------------------------------------------------------------------------------------------------------


def test_mutants_of_a_master(share, consolidation, tmp_path):
    """The figures computed again are the same, or what changed is refused, said, or one value of its source rows."""
    content = master.build(consolidation, {})
    before, path = read(content, file="tong-hop.xlsx"), tmp_path / "tong-hop.xlsx"
    answers = {(one.unit.code, key): fact for one in before for key, fact in facts(one).items()}
    names = [name for name in mutants.parts_of(content) if name.endswith(".xml") and "chart" not in name]
    package = mutants.Package(content, parts=[*names, "xl/workbook.xml", "xl/sharedStrings.xml"])
    rng, fates = random.Random(SEED), Counter()
    for _ in range(count("master", share)):
        mutant = package.mutant(rng)
        with Clock():
            after = read(mutant.content, file="tong-hop.xlsx")
        path.write_bytes(mutant.content)
        try:
            consolidation_of(path)
        except CchcError as error:
            assert "{" not in error_sentence(error)
        if any(one.refused for one in after):
            fates["refused"] += 1
            continue
        now = {(one.unit.code, key): fact for one in after for key, fact in facts(one).items()}
        changed = [place for place in answers if now.get(place) != answers[place]]
        fates["same" if not changed else "other"] += 1
        units = {unit for unit, _ in changed}
        assert not changed or len(changed) <= 2 or len(units) == 1 or _CLERK.match(mutant.what), (mutant.what, changed)
    assert fates["refused"] and fates["same"], fates


# --- failures found, kept for good ----------------------------------------------------------------------------------


def test_an_encoding_of_three_thousand_brackets():
    """The standard library follows each bracket with a call of its own, also when only the content is asked for."""
    content = a_mail().replace(b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: " + b"(" * 3_000, 1)
    assert len(read_message(content).attachments) >= 4


@pytest.mark.parametrize(
    "damage",
    [
        lambda mail: re.sub(
            rb"(--=-=\d+==\n)(Content-Type: application/pdf|Content-Type: application/vnd)", rb"\1\n\2", mail, count=2
        ),
        lambda mail: mail.replace(b"\n--=-=", b"\n", 1),
        lambda mail: mail[: len(mail) // 2],
        lambda mail: mail.replace(b"Content-Disposition", b"\nContent-Disposition", 1),
        lambda mail: mail.replace(b"Content-Transfer-Encoding: 8bit", b"Content-Transfer-Encoding: base64"),
    ],
    ids=["blank line before a header", "a boundary lost", "half a mail", "a header cut off", "a forward mislabelled"],
)
def test_a_torn_mail_is_kept_whole(damage):
    content = damage(a_mail())
    message = read_message(content)
    assert content != a_mail() and (kept_whole(message, content) or not lost(read_message(a_mail()), message))
    assert any(one.problem == "message-torn" for one in message.attachments)


def test_another_name_before_the_part_is_refused():
    parts = mutants.parts_of(filled())
    bodies = {name: mutants.plain(name, body) for name, body in parts.items()}
    one = "xl/worksheets/sheet2.xml"
    bodies[one] = mutants.replace(bodies[one], local_name="xl/worksheets/sheet3.xml")
    package = Package(mutants.written(bodies.values()), Limits())
    with pytest.raises(Refused) as refused:
        list(package.chunks(one))
    assert refused.value.finding == "file-ambiguous"


FOUND = Path(__file__).parent / "hostile" / "found"


@pytest.mark.parametrize("path", sorted(FOUND.glob("*")), ids=lambda path: path.name)
def test_what_once_failed_is_a_finding_now(path):
    """Files that the fuzzers found: kept as they were."""
    if path.suffix == ".eml":
        read_message(path.read_bytes())
    else:
        read(path.read_bytes(), file=path.name)
