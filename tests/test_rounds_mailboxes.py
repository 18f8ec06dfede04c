"""A mailbox read again and again: what was acknowledged is not fetched again, and nothing is ever left out."""

import contextlib
import os
import re
import shutil
import time

import pytest

from cchc_xl.errors import MailError
from cchc_xl.mail import imap as reading
from cchc_xl.mail.secrets import VARIABLE
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.keeping.archive import place_of
from cchc_xl.rounds.proving.auditing import audit
from cchc_xl.rounds.proving.closing import close_round
from cchc_xl.rounds.receiving.collecting import collect, undo_collect
from tests.mail_servers import cut_after
from tests.round_files import NOW, WHO, Took, a_round, fates, later, letter, mail, workbook

HUNDRED_KB = 100_000


@pytest.fixture
def home(tmp_path, imap, trusted, monkeypatch):
    monkeypatch.setenv(VARIABLE, imap.password)
    return a_round(tmp_path)


@pytest.fixture
def user(request, imap):
    """A mailbox of its own for each test."""
    return re.sub(r"\W", "-", request.node.name.removeprefix("test_"))[-40:]


def post(number: int, code: str = "11083", answers=None) -> bytes:
    return mail([(f"{number}.xlsx", workbook(answers or {"1/1": number}, code))], message_id=f"m{number}")


def look(home, url, hours: float = 0) -> tuple[list[str], list[str]]:
    """Names acknowledged by a collect, and the UIDs of the messages that were fetched for it."""
    took, fetched = Took(), []
    known = len(remembered(home))
    collected = collect(home, url, None, later(hours=hours), WHO, took)
    fetched = remembered(home)[known:]
    assert {one.arrival.sha256 for one in collected.seen} == {sha for sha, _ in took.lines}
    return sorted(name for _, name in took.lines), fetched


def remembered(home) -> list[str]:
    return [uid for one in ledger.events(home) if one.kind == "mailbox" for uid in one.body["messages"]]


def test_known_messages_are_acknowledged_again_but_not_fetched(home, imap, user):
    """The second look goes over a wire that carries too little for the messages themselves."""
    imap.deliver(user, *(post(number) for number in range(1, 4)), mail([], message_id="hoi"))
    names, fetched = look(home, imap.url(user))
    assert names == ["1.xlsx", "2.xlsx", "3.xlsx"] and len(fetched) == 4
    before = fates(home)
    with cut_after(imap.port, back=20_000) as port:
        url = f"imaps://{user}@localhost:{port}/INBOX"
        took = Took()
        again = collect(home, url, None, later(hours=1), WHO, took)
    assert sorted(name for _, name in took.lines) == names and again.new == 0
    assert len(again.questions) == 1 and fates(home) == before and audit(home) == ()
    imap.deliver(user, post(4))
    names, fetched = look(home, imap.url(user), 2)
    assert names == ["1.xlsx", "2.xlsx", "3.xlsx", "4.xlsx"] and len(fetched) == 1


def test_what_a_lost_connection_brought_need_not_come_again(home, imap, user):
    imap.deliver(user, *(post(number) for number in range(1, 6)))
    with cut_after(imap.port, back=250_000) as port, pytest.raises(MailError):
        collect(home, f"imaps://{user}@localhost:{port}/INBOX", None, NOW, WHO, Took())
    names, _ = look(home, imap.url(user), 1)
    assert len(names) == 5 and fates(home).keys() == {f"{number}.xlsx" for number in range(1, 6)}
    assert len(set(remembered(home))) == 5 == len(remembered(home)) and audit(home) == ()
    assert look(home, imap.url(user), 2)[1] == []


def test_a_run_that_dies_skips_no_message_afterwards(home, imap, user):
    """Acknowledgement fails at the second attachment: what was not entered as read is fetched again."""
    imap.deliver(user, *(post(number) for number in range(1, 4)))

    def dies(sha256, name):
        if name == "2.xlsx":
            raise KeyboardInterrupt

    with contextlib.suppress(KeyboardInterrupt):
        collect(home, imap.url(user), None, NOW, WHO, dies)
    assert remembered(home) == []
    names, fetched = look(home, imap.url(user), 1)
    assert names == ["1.xlsx", "2.xlsx", "3.xlsx"] and len(fetched) == 3 and audit(home) == ()


def test_a_message_moved_away_and_back_or_thrown_away_and_put_back(home, imap, user):
    first, second = post(1), post(2)
    imap.deliver(user, first, second)
    look(home, imap.url(user))
    with imap.client(user) as client:
        client.create("Kho")
        client.select("INBOX")
        client.uid("MOVE", "1", "Kho")
        client.select("Kho")
        client.uid("MOVE", "1", "INBOX")
        client.select("INBOX")
        client.uid("STORE", "2", "+FLAGS", "\\Deleted")
        client.expunge()
    imap.deliver(user, second, post(3))
    names, fetched = look(home, imap.url(user), 1)
    assert names == ["1.xlsx", "2.xlsx", "3.xlsx"] and len(fetched) == 3, "each has a number of its own now"
    assert len(fates(home)) == 3 and audit(home) == ()


def test_every_folder_is_remembered_by_itself(home, imap, user):
    imap.deliver(user, post(1))
    look(home, imap.url(user))
    with imap.client(user) as client:
        client.create("Kho")
        client.append("Kho", "", NOW, post(2))
    names, fetched = look(home, imap.url(user, "Kho"), 1)
    assert names == ["2.xlsx"] and fetched == ["1"], "UID 1 of another folder is another message"
    imap.deliver(f"{user}2", post(3))
    assert look(home, imap.url(f"{user}2"), 2)[0] == ["3.xlsx"], "and of another mailbox"


def put_back(imap, user: str, messages: list[bytes], validity: int) -> None:
    """The server's disk was put back from a backup: these messages under the numbers 1, 2 … and that UIDVALIDITY."""
    folder = imap.mail / user
    owner = folder.stat()
    for name in ("dovecot.index", "dovecot.index.log", "dovecot.index.cache", "dovecot-uidlist", "dovecot.list.index"):
        with contextlib.suppress(FileNotFoundError):
            (folder / name).unlink()
    for place in ("cur", "new"):
        shutil.rmtree(folder / place)
        (folder / place).mkdir()
    lines = [f"3 V{validity} N{len(messages) + 1} G{'bcd8b139929e056b' * 2}"]
    for number, content in enumerate(messages, start=1):
        name = f"{1655715600 + number}.M{number}P1.host"
        (folder / "cur" / f"{name}:2,").write_bytes(content)
        os.utime(folder / "cur" / f"{name}:2,", (NOW.timestamp(), NOW.timestamp()))
        lines.append(f"{number} :{name}")
    (folder / "dovecot-uidlist").write_text("\n".join(lines) + "\n")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)
    time.sleep(0.1)


def validity_of(imap, user: str) -> int:
    with imap.client(user) as client:
        client.select("INBOX", readonly=True)
        return int(client.response("UIDVALIDITY")[1][-1])


def test_when_uidvalidity_changes_everything_is_read_again(home, imap, user):
    imap.deliver(user, post(1), post(2))
    look(home, imap.url(user))
    put_back(imap, user, [post(3), post(1)], validity_of(imap, user) + 7)
    names, fetched = look(home, imap.url(user), 1)
    assert names == ["1.xlsx", "3.xlsx"] and len(fetched) == 2 and audit(home) == ()


def test_numbers_given_again_by_a_server_put_back_from_a_backup_hide_no_message(home, imap, user):
    """UIDVALIDITY stays, which the rules forbid: UID 2 is another message now, of the very same size."""
    one, two, other = post(1), post(2).ljust(150_000), post(3).ljust(150_000)
    imap.deliver(user, one, two)
    look(home, imap.url(user))
    validity = validity_of(imap, user)
    put_back(imap, user, [one, other], validity)
    assert validity_of(imap, user) == validity
    names, fetched = look(home, imap.url(user), 1)
    assert "3.xlsx" in names and "2" in fetched
    assert set(fates(home)) == {"1.xlsx", "2.xlsx", "3.xlsx"} and audit(home) == ()


def test_an_undone_collect_is_fetched_again(home, imap, user):
    imap.deliver(user, post(1))
    look(home, imap.url(user))
    undo_collect(home, reason="nhầm", now=later(hours=1), who=WHO)
    assert fates(home) == {"1.xlsx": "refused"}
    names, fetched = look(home, imap.url(user), 2)
    assert names == ["1.xlsx"] and len(fetched) == 1 and "current" in fates(home).values()


@pytest.mark.parametrize("harm", ["gone", "altered"])
def test_an_original_that_was_lost_is_fetched_again(home, imap, user, harm):
    imap.deliver(user, post(1))
    look(home, imap.url(user))
    sha = next(event.body["sha256"] for event in ledger.events(home) if event.kind == "received")
    place = place_of(home, sha)
    place.chmod(0o666)
    place.unlink() if harm == "gone" else place.write_bytes(b"x")
    assert audit(home) != ()
    assert look(home, imap.url(user), 1)[0] == ["1.xlsx"] and audit(home) == ()


def test_another_version_of_the_program_reads_everything_again(home, imap, user, monkeypatch):
    imap.deliver(user, post(1))
    look(home, imap.url(user))
    monkeypatch.setattr("cchc_xl.rounds.receiving.mailboxes._program", lambda: "newer")
    assert len(look(home, imap.url(user), 1)[1]) == 1
    assert look(home, imap.url(user), 2)[1] == []


def test_a_message_too_large_is_named_every_time(home, imap, user, monkeypatch):
    monkeypatch.setattr(reading, "MAX_MESSAGE", 20_000)
    imap.deliver(user, post(1))
    for hours in range(2):
        collected = collect(home, imap.url(user), None, later(hours=hours), WHO, Took())
        assert [one.reason for one in collected.passed] == ["large"] and remembered(home) == []


def test_many_messages_are_remembered_in_few_events_and_go_into_the_pack(home, imap, user):
    inner = letter([("trong.xlsx", workbook({"1/1": 9}))], "daison@tuky.gov.vn", NOW, "trong")
    imap.deliver(user, *(mail([inner], message_id=f"n{number}") for number in range(60)))
    names, fetched = look(home, imap.url(user))
    assert len(names) == 60 and len(fetched) == 60
    assert [len(one.body["messages"]) for one in ledger.events(home) if one.kind == "mailbox"] == [50, 10]
    assert audit(home) == () and close_round(home, later(hours=1), WHO).is_file()
