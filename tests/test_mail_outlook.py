"""What Outlook makes of mail: .msg files and winmail.dat give the same attachments as any other message."""

import random
import sys
from datetime import UTC, datetime

import pytest

from cchc_xl.mail import outlook, tnef
from cchc_xl.mail.containers import Room, members_of
from cchc_xl.mail.mailbox import is_message, read_message, with_members
from tests.conftest import SEED
from tests.mail_files import Entry, compound, msg, msg_entries, winmail
from tests.round_files import NOW, letter, mail, zipped

NAME = "Báo cáo Bình Lãng.xlsx"
BOOK = b"PK\x03\x04 a workbook, as far as mail knows"
LARGE = bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def olefile():
    return pytest.importorskip("olefile")


# --- .msg --------------------------------------------------------------------------------------------------------
def test_a_saved_message_says_who_when_and_what():
    content = msg([(NAME, BOOK), ("lớn.bin", LARGE)], sent=NOW)
    assert is_message("thu.msg", content)
    found = read_message(content)
    assert (found.senders, found.subject, found.text) == (
        ("daison@tuky.gov.vn",),
        "Báo cáo 6 tháng",
        "Xin gửi báo cáo.",
    )
    assert found.sent == NOW and not found.automatic and not found.is_question
    assert [(one.name, one.content, one.place) for one in found.attachments] == [
        (NAME, BOOK, "1"),
        ("lớn.bin", LARGE, "2"),
    ]


def test_what_the_mail_headers_say_comes_first():
    headers = (
        "Received: by z; Mon, 20 Jun 2022 09:05:00 +0700\r\nFrom: =?utf-8?B?WMOjIEE=?= <A@xa.vn>\r\n"
        "Date: Mon, 20 Jun 2022 02:00:00 +0000\r\nMessage-ID: <7@xa.vn>\r\nAuto-Submitted: auto-replied\r\n"
    )
    found = read_message(msg(headers=headers, sent=datetime(2020, 1, 1, tzinfo=UTC)))
    assert (found.id, found.senders, found.automatic) == ("<7@xa.vn>", ("a@xa.vn",), True)
    assert found.sent == datetime(2022, 6, 20, 2, tzinfo=UTC) and found.received == datetime(
        2022, 6, 20, 2, 5, tzinfo=UTC
    )
    assert found.is_question


def test_an_old_file_with_8_bit_texts():
    found = read_message(msg([("Ban Tong hop.xlsx", BOOK)], subject="Báo cáo", text="Đã gửi", narrow="cp1258"))
    assert (found.subject, found.text) == ("Báo cáo", "Đã gửi")
    assert found.attachments[0].name == "Ban Tong hop.xlsx"


@pytest.mark.parametrize("kind", ["REPORT.IPM.Note.NDR", "IPM.Note.Rules.OofTemplate.Microsoft"])
def test_what_a_machine_wrote_is_told_apart(kind):
    assert read_message(msg(kind=kind)).automatic


def test_messages_attached_to_messages():
    inner = msg_entries([(NAME, BOOK), msg_entries([("sâu.xlsx", b"deep")])], subject="trong")
    found = read_message(msg([inner, ("ngoài.pdf", b"%PDF")]))
    assert [(one.place, one.name) for one in found.attachments] == [
        ("1.1", NAME),
        ("1.2.1", "sâu.xlsx"),
        ("2", "ngoài.pdf"),
    ]


def test_an_address_inside_exchange_is_nobody():
    assert read_message(msg(sender="/O=TUKY/CN=DAISON")).senders == ()


def test_an_object_no_other_program_can_use_keeps_the_message():
    content = msg([[Entry("CONTENTS", b"x")], (NAME, BOOK)])
    found = read_message(content).attachments
    assert [(one.name, one.problem) for one in found] == [("", "msg"), (NAME, "")] and found[0].content == content


def test_a_saved_message_in_a_message_or_a_zip_or_a_folder_is_opened_up():
    inside = msg([(NAME, BOOK), ("gói.zip", zipped({"Đại Sơn.xlsx": BOOK}))])
    expected = ["thư.msg", NAME, "gói.zip", "Đại Sơn.xlsx"]
    found = read_message(mail([("thư.msg", inside)])).attachments
    assert [one.name for one in found] == expected and [one.opened for one in found] == [2, 0, 1, 0]
    assert [one.name for one in with_members("thư.msg", inside, "x")] == expected
    packed = zipped({"thư.msg": msg([(NAME, BOOK)]), "trong.zip": zipped({"a.xlsx": BOOK})})
    found = [*with_members("gói.zip", packed, "x")]
    assert [(one.name, one.container) for one in found] == [
        ("gói.zip", ""),
        ("thư.msg", "gói.zip"),
        (NAME, "thư.msg"),
        ("trong.zip", "gói.zip"),
    ]
    assert len({one.place for one in found}) == len(found)


def test_an_outlook_message_forwarded_in_a_mail_in_a_mail():
    inner = letter([("thư.msg", msg([(NAME, BOOK)]))], "a@xa.vn", NOW, "i")
    assert [one.name for one in read_message(mail([inner])).attachments] == ["thư.msg", NAME]


def test_without_olefile_a_message_stays_a_file(monkeypatch):
    content = msg([(NAME, BOOK)])
    monkeypatch.setitem(sys.modules, "olefile", None)
    assert not is_message("thư.msg", content) and outlook.is_msg(content)
    assert [(one.name, one.content) for one in with_members("thư.msg", content, "x")] == [("thư.msg", content)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xls", compound([Entry("Workbook", LARGE)])),
        ("a.doc", compound([Entry("WordDocument", LARGE)])),
        ("a.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("a.msg", b""),
        ("a.msg", b"From: a@xa.vn\r\n\r\nx"),
        ("a.xlsx", BOOK),
    ],
)
def test_what_is_no_message(name, content):
    assert not is_message(name, content) and members_of(content).members == ()


def test_the_other_reader_agrees():
    """python-oxmsg reads what these tests write, so that both are not wrong in the same way."""
    oxmsg = pytest.importorskip("oxmsg")
    found = oxmsg.Message.load(msg([(NAME, BOOK), ("lớn.bin", LARGE)], sent=NOW))
    assert (found.subject, found.sent_date) == ("Báo cáo 6 tháng", NOW)
    assert [(one.file_name, one.file_bytes) for one in found.attachments] == [(NAME, BOOK), ("lớn.bin", LARGE)]


# --- winmail.dat -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("narrow", [False, True])
def test_attachments_come_out_of_winmail_dat(narrow):
    names = ["Ban goc.xlsx", "b.zip"] if narrow else [NAME, "b.zip"]
    content = winmail([(names[0], BOOK), ("b.zip", zipped({"trong.xlsx": BOOK}))], narrow=narrow)
    found = read_message(mail([("winmail.dat", content)])).attachments
    assert [(one.name, one.opened, one.container) for one in found] == [
        ("winmail.dat", 2, ""),
        (names[0], 0, "winmail.dat"),
        ("b.zip", 1, "winmail.dat"),
        ("trong.xlsx", 0, "b.zip"),
    ]
    assert found[1].content == BOOK and found[0].content == content and not found[0].problem


def test_a_message_in_a_winmail_dat():
    inner = winmail([(NAME, BOOK)])
    assert tnef.read(winmail([("a.pdf", b"%PDF")], inner=inner)).files == (("a.pdf", b"%PDF"), (NAME, BOOK))
    assert tnef.read(winmail([], inner=winmail([]))).files == (("", winmail([])),), "kept, if only as one piece"
    deep = inner
    for _ in range(20):
        deep = winmail([], inner=deep)
    assert not tnef.read(deep).is_whole


def test_a_cut_winmail_dat_gives_what_it_has_and_waits_for_a_person():
    content = winmail([(NAME, BOOK), ("b.xlsx", LARGE)])
    opened = members_of(content[:-500])
    assert opened.members == ((NAME, BOOK),) and opened.problem == "winmail"
    assert members_of(content).problem == "" and len(members_of(content).members) == 2


def test_a_winmail_dat_with_nothing_attached():
    opened = members_of(winmail([]))
    assert (opened.members, opened.problem) == ((), "")


# --- whatever comes ----------------------------------------------------------------------------------------------
def test_thousands_of_damaged_files_never_raise(share):
    """Bytes dropped, doubled, replaced, the end cut off: it ends, and with no more than was there."""
    nested = msg_entries([(NAME, BOOK)], subject="trong")
    seeds = [
        msg([(NAME, BOOK), nested, ("lớn.bin", LARGE)], headers="From: a@xa.vn\r\n", sent=NOW),
        msg([("a.xlsx", BOOK)], narrow="cp1258"),
        winmail([(NAME, BOOK), ("b.zip", zipped({"a.xlsx": BOOK}))], inner=winmail([("c", LARGE)])),
        winmail([("a.xlsx", BOOK)], narrow=True),
    ]
    rng = random.Random(SEED)
    read = 0
    for number in range(round(4000 * share)):
        content = bytearray(seeds[number % len(seeds)])
        for _ in range(rng.randint(1, 6)):
            at, length = rng.randrange(len(content)), rng.choice((0, 1, 2, 4, 40))
            many = rng.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", rng.randbytes(4), b"", bytes(rng.randrange(64))))
            content[at : at + length] = many
        if rng.random() < 0.2:
            del content[rng.randint(8, max(8, len(content))) :]
        whole = bytes(content)
        read += examined(whole)
    assert read > 100 * share


def examined(content: bytes) -> int:
    found = [*with_members("x", content, "1"), *read_message(content).attachments]
    assert all(isinstance(one.content, bytes) and one.name.isprintable() for one in found)
    places = [one.place for one in found[: len([*with_members("x", content, "1")])]]
    assert len(set(places)) == len(places)
    assert sum(len(one.content) for one in found) <= 12 * len(content) + 4096
    return len(found)


@pytest.mark.parametrize("seed", range(3))
def test_a_compound_file_that_points_in_circles(seed):
    """Sectors, siblings and children that lead back to where they came from."""
    content = bytearray(msg([(NAME, BOOK), ("lớn.bin", LARGE)]))
    rng = random.Random(seed)
    for _ in range(60):
        at = rng.randrange(76, len(content) - 4) // 4 * 4
        content[at : at + 4] = rng.randrange(20).to_bytes(4, "little")
        examined(bytes(content))


def test_one_stream_asked_for_again_and_again_is_bounded():
    """Many attachments that share one stream: together they hold no more than the file."""
    big = b"x" * 200_000
    content = bytearray(msg([("a", big), *[(f"{number}", b"y" * 5000) for number in range(40)]]))
    rows = range(0, len(content) - 128, 128)
    small = [at for at in rows if _is_row(content, at, 5000)]
    (large,) = [at for at in rows if _is_row(content, at, 200_000)]
    for at in small:
        content[at + 116 : at + 128] = content[large + 116 : large + 128]
    assert len(small) >= 40
    assert outlook.read(bytes(content)) is None


def _is_row(content: bytearray, at: int, size: int) -> bool:
    named = content[at : at + 12] == "__subs".encode("utf-16-le")
    return named and content[at + 120 : at + 128] == size.to_bytes(8, "little")


def test_a_zip_stays_one_level_deep():
    deep = zipped({"c.xlsx": BOOK})
    for _ in range(3):
        deep = zipped({"b.zip": deep})
    assert [one.name for one in with_members("a.zip", deep, "1")] == ["a.zip", "b.zip"]


def test_packages_of_one_message_share_the_room_for_what_is_unpacked(monkeypatch):
    """Many small packages that each unpack to much: what no longer fits stays shut, with a reason."""
    package = zipped({"a.xlsx": bytes(3_000_000)})
    monkeypatch.setattr("cchc_xl.mail.mailbox.Room", lambda: Room(4_000_000))
    for content in (
        mail([("1.zip", package), ("2.zip", package), ("3.xlsx", BOOK)]),
        msg([("1.zip", package), ("2.zip", package), ("3.xlsx", BOOK)]),
    ):
        found = read_message(content).attachments
        assert [(one.name, one.problem) for one in found] == [
            ("1.zip", ""),
            ("a.xlsx", ""),
            ("2.zip", "zip-large"),
            ("3.xlsx", ""),
        ]
    assert Room(10).members_of(winmail([("a.xlsx", LARGE)])).problem == "zip-large"
