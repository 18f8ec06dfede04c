"""Saved mail: every attachment comes out, however it was packed and named, and nothing a message holds raises."""

import random
import unicodedata
import zipfile
from datetime import UTC, datetime
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

import pytest
import test as standard_tests

from cchc_xl.mail.mailbox import Message, is_mbox, messages_in, read_message
from cchc_xl.mail.unzipping import members_of
from tests.conftest import SEED
from tests.round_files import NOW, letter, mail, zipped

BOOK = b"PK\x03\x04 a workbook, as far as mail knows"
NAME = "Báo cáo Bình Lãng.xlsx"


def part(headers: str | bytes, body: bytes = b"QUJD", encoding: str = "base64") -> bytes:
    """A mail with one text and one part with these headers."""
    raw = headers.encode() if isinstance(headers, str) else headers
    return (
        b"From: a@xa.vn\r\nSubject: x\r\nMessage-ID: <1@x>\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="B"\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\nhello\r\n'
        b"--B\r\n"
        + raw
        + b"\r\nContent-Transfer-Encoding: "
        + encoding.encode()
        + b"\r\n\r\n"
        + body
        + b"\r\n--B--\r\n"
    )


def only(content: bytes):
    (one,) = read_message(content).attachments
    return one


# --- names -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "header",
    [
        "Content-Disposition: attachment; filename*=utf-8''B%C3%A1o%20c%C3%A1o%20B%C3%ACnh%20L%C3%A3ng.xlsx",
        "Content-Disposition: attachment;\r\n filename*0*=utf-8''B%C3%A1o%20c%C3%A1o%20;\r\n"
        " filename*1*=B%C3%ACnh%20L%C3%A3ng;\r\n filename*2=.xlsx",
        "Content-Disposition: attachment; filename*=windows-1258''B%E1o%20c%E1o%20Bi%CCnh%20La%DEng.xlsx",
        'Content-Disposition: attachment; filename="=?utf-8?B?QsOhbyBjw6FvIELDrG5oIEzDo25nLnhsc3g=?="',
        'Content-Disposition: attachment; filename="=?utf-8?Q?B=C3=A1o_c=C3=A1o_B=C3=ACnh_L=C3=A3ng.xlsx?="',
        "Content-Disposition: attachment;\r\n"
        ' filename="=?utf-8?B?QsOhbyBjw6FvIELDrG4=?=\r\n =?utf-8?B?aCBMw6NuZy54bHN4?="',
        'Content-Disposition: attachment; filename="Báo cáo Bình Lãng.xlsx"',
        'Content-Type: application/octet-stream; name="Báo cáo Bình Lãng.xlsx"',
        "Content-Type: application/octet-stream;\r\n name*=utf-8''B%C3%A1o%20c%C3%A1o%20B%C3%ACnh%20L%C3%A3ng.xlsx",
        f'Content-Disposition: attachment; filename="{unicodedata.normalize("NFD", NAME)}"',
    ],
)
def test_a_name_is_decoded_however_it_is_written(header):
    one = only(part(header))
    assert (one.name, one.content) == (NAME, b"ABC")


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ('Content-Disposition: attachment; filename="../../etc/cron.d/x.xlsx"', "../../etc/cron.d/x.xlsx"),
        ("Content-Disposition: attachment; filename*=utf-8''a%0D%0ASubject%3A%20b.xlsx", "aSubject: b.xlsx"),
        ("Content-Disposition: attachment; filename*=utf-8''a%E2%80%AExslx.exe", "axslx.exe"),
        ("Content-Disposition: attachment; filename*=utf-8''a%00b.xlsx", "ab.xlsx"),
        ("Content-Disposition: attachment; filename*=utf-8''%1B%5B2Jx.xlsx", "[2Jx.xlsx"),
        ("Content-Disposition: attachment; filename*=klingon''x%E1.xlsx", "x"),
        ("Content-Disposition: attachment", ""),
        ('Content-Disposition: attachment; filename=""', ""),
        (f'Content-Disposition: attachment; filename="{"x" * 3000}.xlsx"', "x" * 200),
        (b'Content-Disposition: attachment; filename="B\xecnh L\xe3ng.xlsx"', "B"),
        ('Content-Disposition: attachment; filename="=?utf-8?B?!!!?="', ""),
        ('Content-Disposition: attachment; filename="=?x-none?Q?a=E1b?="', ""),
    ],
)
def test_a_hostile_or_broken_name_is_one_printable_line(header, shown):
    one = only(part(header))
    assert one.content == b"ABC" and one.name.isprintable() and len(one.name) <= 200
    assert one.name.startswith(shown)


# --- packing -----------------------------------------------------------------------------------------------------
def test_forwards_of_any_depth():
    message = letter([(NAME, BOOK)], "a@xa.vn", NOW, "inner")
    for depth in range(5):
        message = letter([message, (f"{depth}.xlsx", BOOK + b"%d" % depth)], "b@xa.vn", NOW, f"{depth}")
    found = read_message(message.as_bytes())
    assert sorted(one.name for one in found.attachments) == sorted([NAME, *(f"{depth}.xlsx" for depth in range(5))])
    assert len({one.place for one in found.attachments}) == 6, "each has a place of its own"
    assert found.senders == ("b@xa.vn",)


def test_a_forward_in_base64_and_one_saved_as_a_file():
    inner = mail([(NAME, BOOK)])
    import base64

    wrapped = part("Content-Type: message/rfc822", base64.encodebytes(inner).strip())
    assert only(wrapped).name == NAME and only(wrapped).content == BOOK
    saved = part('Content-Type: application/octet-stream; name="thu.eml"', base64.encodebytes(inner).strip())
    assert only(saved).name == NAME and only(saved).content == BOOK


def test_a_zip_is_opened_one_level_deep():
    inner = zipped({"sâu.xlsx": b"deep"})
    package = zipped({"thư mục/Bình Lãng.xlsx": BOOK, "../../x.xlsx": b"1", "trong.zip": inner, "__MACOSX/._x": b""})
    found = read_message(mail([("gói.zip", package)])).attachments
    assert [(one.name, one.opened, one.container) for one in found] == [
        ("gói.zip", 3, ""),
        ("thư mục/Bình Lãng.xlsx", 0, "gói.zip"),
        ("../../x.xlsx", 0, "gói.zip"),
        ("trong.zip", 0, "gói.zip"),
    ]


def test_names_in_a_zip_without_the_utf8_flag():
    for raw, shown in (("Bình Lãng.xlsx".encode(), "Bình Lãng.xlsx"), (b"La\xdeng.xlsx", "Lãng.xlsx")):
        info = zipfile.ZipInfo("?" * len(raw))
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as package:
            package.writestr(info, b"x")
        ((name, content),) = members_of(out.getvalue().replace(b"?" * len(raw), raw)).members
        assert (unicodedata.normalize("NFC", name), content) == (shown, b"x")


def test_documents_that_are_zips_stay_shut_and_bad_zips_are_named():
    assert members_of(zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b""})).members == ()
    assert members_of(zipped({"mimetype": b"x", "content.xml": b""})).members == ()
    assert members_of(b"PK\x03\x04 nothing").problem == "", "what can't be listed is judged as a file"
    assert members_of(zipped({f"{number}.txt": b"" for number in range(400)})).problem == "zip-large"
    locked = bytearray(zipped({"a.xlsx": b"secret"}))
    for header in (b"PK\x03\x04", b"PK\x01\x02"):
        locked[locked.index(header) + (6 if header[2] == 3 else 8)] |= 1
    assert members_of(bytes(locked)).problem == "zip-password"
    damaged = bytearray(zipped({"a.xlsx": b"some bytes"}))
    damaged[damaged.index(b"some bytes")] ^= 1
    assert members_of(bytes(damaged)).problem == "zip-broken"


def test_a_zip_bomb_is_given_up(monkeypatch):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("x", bytes(3 * 1024 * 1024))
    monkeypatch.setattr("cchc_xl.mail.unzipping.MAX_INFLATED", 1024 * 1024)
    assert members_of(out.getvalue()).problem == "zip-large"
    lying = out.getvalue().replace((3 * 1024 * 1024).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert members_of(lying).problem in ("zip-large", "zip-broken")


def test_texts_are_no_attachments_and_pictures_in_the_text_are_marked():
    message = EmailMessage()
    message["From"], message["Subject"] = "a@xa.vn", "Hỏi về biểu 3"
    message.set_content("Dòng 3.1 tính thế nào?")
    message.add_alternative("<p>Dòng 3.1 <img src='cid:logo'></p>", subtype="html")
    message.get_payload()[1].add_related(b"\x89PNG", "image", "png", cid="<logo>", filename="logo.png")
    found = read_message(message.as_bytes())
    assert [(one.name, one.inline) for one in found.attachments] == [("logo.png", True)]
    assert found.is_question and found.text == "Dòng 3.1 tính thế nào?" and found.subject == "Hỏi về biểu 3"


def test_a_mail_that_is_nothing_but_the_file():
    content = (
        b"From: a@xa.vn\r\nContent-Type: application/vnd.ms-excel; name=a.xls\r\nContent-Transfer-Encoding: base64"
    )
    assert only(content + b"\r\n\r\nQUJD").content == b"ABC"


# --- who and when ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("lines", "senders"),
    [
        ("From: Xã A <a@xa.vn>", ("a@xa.vn",)),
        ("From: =?utf-8?B?WMOjIEE=?= <A@Xa.vn>", ("a@xa.vn",)),
        ('From: "a@xa.vn" <b@evil.vn>', ("b@evil.vn",)),
        ("From: a@xa.vn (b@evil.vn)", ("a@xa.vn",)),
        ("From: =?utf-8?Q?=3Ca=40xa.vn=3E?= <b@evil.vn>", ("b@evil.vn",)),
        ("From: a@xa.vn\r\nFrom: b@evil.vn", ("a@xa.vn", "b@evil.vn")),
        ("From: a@xa.vn, b@evil.vn", ("a@xa.vn", "b@evil.vn")),
        ("Reply-To: a@xa.vn", ()),
        ("From: nobody", ()),
        ("From: " + "(" * 5000, ()),
        ("From: =?x-none?B?!!?=", ()),
    ],
)
def test_senders(lines, senders):
    assert read_message(lines.encode() + b"\r\n\r\nx").senders == senders


def test_times_of_both_clocks():
    raw = (
        b"Received: from x by y; Mon, 20 Jun 2022 09:05:00 +0700\r\nReceived: by z; Mon, 20 Jun 2022 08:00:00 +0000\r\n"
        b"Date: Mon, 20 Jun 2022 02:00:00 +0000\r\n\r\nx"
    )
    message = read_message(raw)
    assert message.sent == datetime(2022, 6, 20, 2, tzinfo=UTC)
    assert message.received == datetime(2022, 6, 20, 2, 5, tzinfo=UTC)
    for wrong in (b"Date: tomorrow\r\n\r\n", b"Date: Mon, 99 Jun 2022 99:99:99 +9999\r\n\r\n", b"\r\n"):
        assert read_message(wrong).sent is None


@pytest.mark.parametrize(
    ("headers", "automatic"),
    [
        ({}, False),
        ({"Auto_Submitted": "no"}, False),
        ({"Auto_Submitted": "auto-replied"}, True),
        ({"Precedence": "bulk"}, True),
        ({"Return_Path": "<>"}, True),
        ({"Return_Path": "<a@xa.vn>"}, False),
    ],
)
def test_what_a_machine_wrote_is_told_apart(headers, automatic):
    assert read_message(mail([], **headers)).automatic is automatic


# --- mbox --------------------------------------------------------------------------------------------------------
def test_an_mbox_gives_its_messages_one_by_one():
    bodies = [mail([(f"{number}.xlsx", BOOK)], message_id=str(number)).replace(b"\r\n", b"\n") for number in range(3)]
    quoted = b"From: x@y\n\n>From the start\nFrom here on\n"
    box = b"".join(b"From a@b Mon Jun 20 09:00:00 2022\n" + body + b"\n" for body in (*bodies, quoted))
    assert is_mbox(box) and not is_mbox(bodies[0])
    found = [read_message(one) for one in messages_in(BytesIO(box))]
    assert [[one.name for one in message.attachments] for message in found[:3]] == [[f"{n}.xlsx"] for n in range(3)]
    assert len(found) == 4 and found[3].text == "From the start From here on"
    assert [*messages_in(BytesIO(b""))] == []


# --- whatever comes ----------------------------------------------------------------------------------------------
def examined(content: bytes) -> Message:
    message = read_message(content)
    for text in (message.subject, message.text, *message.senders, *(one.name for one in message.attachments)):
        assert "\n" not in text and len(text) <= 2000
        text.encode()
    assert all(isinstance(one.content, bytes) for one in message.attachments)
    assert len({one.place for one in message.attachments}) == len(message.attachments)
    return message


def test_messages_of_the_standard_library():
    folder = Path(standard_tests.__file__).parent / "test_email" / "data"
    files = sorted(folder.glob("msg_*.txt"))
    if not files:
        pytest.skip("this Python comes without its own tests")
    assert sum(len(examined(file.read_bytes()).attachments) for file in files) > 20


def test_three_thousand_damaged_messages(share):
    """R9: bytes dropped, doubled, replaced; headers swapped; nothing raises, and it ends."""
    inner = letter([(NAME, BOOK)], "a@xa.vn", NOW, "i")
    seeds = [
        mail([(NAME, BOOK), ("b.zip", zipped({"a.xlsx": BOOK}))]),
        mail([inner, ("c.pdf", b"%PDF")]),
        part('Content-Disposition: attachment; filename="=?utf-8?B?QsOhbw==?="'),
    ]
    tokens = (b"\r\n", b"=?utf-8?B?", b"boundary=", b"--B", b"\0", b"\xff", b";", b'"', b"(", b"<", b"message/rfc822")
    rng = random.Random(SEED)
    for number in range(round(3000 * share)):
        content = bytearray(seeds[number % len(seeds)])
        for _ in range(rng.randint(1, 8)):
            at, length = rng.randrange(len(content)), rng.choice((0, 1, 2, 30))
            content[at : at + length] = rng.choice((b"", rng.choice(tokens), rng.choice(tokens) * 40, rng.randbytes(3)))
        examined(bytes(content))


@pytest.mark.parametrize("depth", [10, 150, 1500])
def test_parts_nested_beyond_reason(depth):
    head = b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (number, number) for number in range(depth)
    )
    message = examined(b"From: a@xa.vn\r\n" + head + b"Content-Disposition: attachment\r\n\r\nx")
    assert message.attachments, "kept, if only as one piece"
    assert (message.attachments[0].problem == "message-nested") == (depth == 150)
    assert message.senders == ("a@xa.vn",)


def test_a_message_of_too_many_parts_is_kept_whole(monkeypatch):
    monkeypatch.setattr("cchc_xl.mail.mailbox.MAX_PARTS", 3)
    content = mail([(f"{number}.xlsx", BOOK) for number in range(9)])
    found = examined(content).attachments
    assert [one.name for one in found] == ["", "0.xlsx", "1.xlsx"] and found[0].content == content
