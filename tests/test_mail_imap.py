"""A mailbox read over IMAP from a real server: nothing is changed there, and every message comes out whole."""

import socket
import threading
import unicodedata
from datetime import UTC, date, datetime, timedelta

import pytest

from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.errors import MailError
from cchc_xl.mail import imap as reading
from cchc_xl.mail.drafts import append_drafts
from cchc_xl.mail.mailbox import read_message
from cchc_xl.mail.outbox import Letter
from tests.mail_servers import cut_after
from tests.round_files import NOW, letter, mail, zipped
from tests.test_mail_mailbox import part

NAME = "Báo cáo Bình Lãng.xlsx"
BOOK = b"PK\x03\x04 a workbook, as far as mail knows" * 50


def fetched(imap, user: str, **more) -> list:
    return [*reading.fetch(imap.url(user), imap.password, **more)]


def test_messages_come_out_byte_for_byte_and_nothing_changes_there(imap, trusted):
    inner = letter([(NAME, BOOK)], "a@xa.vn", NOW, "inner")
    messages = [
        mail([(NAME, BOOK)], message_id="1"),
        mail([inner, ("gói.zip", zipped({"Đại Sơn.xlsx": BOOK}))], message_id="2"),
        mail([], message_id="3"),
    ]
    messages = [one.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for one in messages]
    imap.deliver("doc", *messages)
    before = imap.state("doc")
    found = fetched(imap, "doc")
    assert [one.content for one in found] == messages
    assert {one.received for one in found} == {datetime(2022, 6, 20, 9, tzinfo=UTC)}
    read = [read_message(one.content) for one in found]
    assert [[one.name for one in message.attachments] for message in read] == [
        [NAME],
        [NAME, "gói.zip", "Đại Sơn.xlsx"],
        [],
    ]
    assert imap.state("doc") == before, "no flag, not even \\Seen"
    assert not any(b"\\Seen" in line for line in before)


@pytest.mark.parametrize("hostile", [False, True])
def test_names_come_through_a_real_server_however_they_are_written(imap, trusted, hostile):
    """RFC 2231, RFC 2047 and raw bytes, composed or not; and names that want to be paths, headers or nothing."""
    named = 'Content-Disposition: attachment; filename="{}"'
    headers = [
        "Content-Disposition: attachment; filename*=utf-8''B%C3%A1o%20c%C3%A1o%20B%C3%ACnh%20L%C3%A3ng.xlsx",
        "Content-Disposition: attachment;\r\n filename*0*=utf-8''B%C3%A1o%20c%C3%A1o%20;\r\n"
        " filename*1*=B%C3%ACnh%20L%C3%A3ng;\r\n filename*2=.xlsx",
        named.format("=?utf-8?B?QsOhbyBjw6FvIELDrG5oIEzDo25nLnhsc3g=?="),
        named.format(NAME),
        named.format(unicodedata.normalize("NFD", NAME)),
    ]
    if hostile:
        names = ("../../etc/cron.d/x.xlsx", "a\u202excod.xlsx", "=?x-none?Q?a=E1b?=", "x" * 800, "", "a\x1b[2J.xlsx")
        headers = [named.format(name) for name in names]
    user = f"ten-{hostile}"
    imap.deliver(user, *(part(one) for one in headers))
    found = [read_message(one.content).attachments for one in fetched(imap, user)]
    assert [len(one) for one in found] == [1] * len(headers) and {one[0].content for one in found} == {b"ABC"}
    assert all(one[0].name.isprintable() and len(one[0].name) <= 200 for one in found)
    assert hostile or {one[0].name for one in found} == {NAME}


def test_many_messages_in_batches(imap, trusted, monkeypatch):
    monkeypatch.setattr(reading, "_AT_ONCE", 7)
    imap.deliver("nhieu", *(mail([(f"{number}.xlsx", BOOK)], message_id=str(number)) for number in range(23)))
    found = fetched(imap, "nhieu")
    assert [read_message(one.content).id for one in found] == [f"<{number}@tuky.gov.vn>" for number in range(23)]
    assert len({one.uid for one in found}) == 23


def test_only_what_came_since_a_day(imap, trusted):
    for days in range(3):
        imap.deliver("tu-ngay", mail([], message_id=str(days)), at=NOW + timedelta(days=days))
    assert len(fetched(imap, "tu-ngay", since=date(2022, 6, 22))) == 1
    assert len(fetched(imap, "tu-ngay", since=date(2022, 6, 1))) == 3
    assert fetched(imap, "trong") == []


def test_a_huge_message_stays_there_with_a_reason(imap, trusted, monkeypatch):
    imap.deliver("to", mail([], message_id="1"), mail([("a.xlsx", BOOK * 60)], message_id="2"))
    monkeypatch.setattr(reading, "MAX_MESSAGE", 20_000)
    small, large = fetched(imap, "to")
    assert (type(small), type(large)) == (reading.Fetched, reading.LeftThere) and large.reason == "large"


def test_a_folder_with_a_vietnamese_name(imap, trusted):
    with imap.client("thu-muc") as client:
        assert client.create('"B&AOE-o c&AOE-o"')[0] == "OK"
        assert client.append('"B&AOE-o c&AOE-o"', "", None, mail([(NAME, BOOK)]))[0] == "OK"
    (one,) = reading.fetch(imap.url("thu-muc", "B%C3%A1o%20c%C3%A1o"), imap.password)
    assert read_message(one.content).attachments[0].name == NAME


@pytest.mark.parametrize("password", ["sai", "", "có dấu", 'a"b\\c'])
def test_a_login_that_is_refused_is_a_sentence(imap, trusted, password):
    with pytest.raises(MailError) as caught:
        [*reading.fetch(imap.url("lan"), password)]
    said = error_sentence(caught.value)
    assert caught.value.name == "imap-login" and "lan" in said and ".eml" in said and "mật khẩu" in said


def test_an_unknown_folder_a_closed_port_and_a_stranger_s_certificate(imap, trusted, monkeypatch):
    with pytest.raises(MailError, match="imap-folder") as caught:
        [*reading.fetch(imap.url("lan", "Khong-co"), imap.password)]
    assert "Khong-co" in error_sentence(caught.value)
    with pytest.raises(MailError, match="imap-unreachable") as caught:
        [*reading.fetch("imaps://lan@localhost:1/INBOX", imap.password)]
    assert "từ chối kết nối" in error_sentence(caught.value)
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(MailError, match="imap-untrusted") as caught:
        [*reading.fetch(imap.url("lan"), imap.password)]
    said = error_sentence(caught.value)
    assert "chưa đăng nhập" in said and "không do tổ chức mà máy này tin cậy cấp" in said


def test_a_certificate_for_another_name_is_not_believed(imap, trusted):
    with pytest.raises(MailError, match="imap-untrusted") as caught:
        [*reading.fetch(f"imaps://lan@127.1:{imap.port}", imap.password)]
    assert "không phải của tên máy chủ này" in error_sentence(caught.value)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("imaps://lan@mail.tuky.gov.vn", ("mail.tuky.gov.vn", 993, "lan", "INBOX")),
        ("imaps://lan@tuky.gov.vn@mail.tuky.gov.vn/CCHC", ("mail.tuky.gov.vn", 993, "lan@tuky.gov.vn", "CCHC")),
        ("imaps://lan%40tuky.gov.vn@mail.vn:9930/A/B", ("mail.vn", 9930, "lan@tuky.gov.vn", "A/B")),
        ("imap://lan@localhost:1430", ("localhost", 1430, "lan", "INBOX")),
    ],
)
def test_places(url, place):
    found = reading.place_of(url)
    assert (found.host, found.port, found.user, found.folder) == place
    assert "@" in found.account and reading.is_url(url)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("imaps://lan:bimat@mail.vn/INBOX", "imap-url-password"),
        ("imaps://lan:bimat@mail.vn:abc/INBOX", "imap-url"),
        ("imap://lan@mail.vn/INBOX", "imap-plain"),
        ("imaps://mail.vn/INBOX", "imap-url"),
        ("imaps://lan@/INBOX", "imap-url"),
        ("imaps://lan@mail.vn:99999/INBOX", "imap-url"),
        ("imaps://lan@mail.vn/INBOX%0D%0AA1 LOGOUT", "imap-url"),
        ("imaps://lan%0d%0a@mail.vn/", "imap-url"),
        ("imaps://[::1/INBOX", "imap-url"),
        ("https://lan@mail.vn", "imap-url"),
    ],
)
def test_wrong_places_are_a_sentence_without_the_password(url, name):
    with pytest.raises(MailError) as caught:
        reading.place_of(url)
    said = error_sentence(caught.value)
    assert caught.value.name == name and "bimat" not in said and "\n" not in said


# --- drafts ------------------------------------------------------------------------------------------------------
def a_letter(number: int) -> Letter:
    return Letter(
        kind="issue",
        to=("daison@tuky.gov.vn",),
        subject=f"Đề nghị {number}",
        body="Kính gửi",
        attachments=((NAME, BOOK),),
        key=str(number),
    )


def test_drafts_lie_in_the_folder_the_server_marks_and_only_once(imap, trusted):
    laid: list[str] = []
    told = {"sender": "noivu@tuky.gov.vn", "now": NOW, "on_appended": lambda one: laid.append(one.key)}
    letters = [a_letter(number) for number in range(3)]
    folder = append_drafts(letters[:2], imap.url("nhap"), imap.password, **told)
    assert folder == "Nháp"
    assert append_drafts(letters, imap.url("nhap"), imap.password, **told) == folder
    assert laid == ["0", "1", "0", "1", "2"]
    state = imap.state("nhap", '"Nh&AOE-p"')
    assert len(state) == 3 and all(b"\\Draft" in line for line in state)
    found = [*reading.fetch(imap.url("nhap", "Nh%C3%A1p"), imap.password)]
    assert [read_message(one.content).subject for one in found] == ["Đề nghị 0", "Đề nghị 1", "Đề nghị 2"]
    assert all(one.content.startswith(b"X-Unsent: 1") for one in found)


# --- what breaks on the way --------------------------------------------------------------------------------------
def test_a_connection_that_ends_anywhere_is_a_sentence_and_what_came_is_whole(imap, trusted):
    messages = [mail([(NAME, BOOK * 20)], message_id=str(number)) for number in range(12)]
    imap.deliver("cat", *messages)
    whole = [one.content for one in fetched(imap, "cat")]
    told = set()
    for size in (0, 900, 2_500, 4_000, 5_000, 6_000, 9_000, 40_000, 200_000, 400_000):
        came = []
        with cut_after(imap.port, back=size) as port, pytest.raises(MailError) as caught:
            came.extend(one.content for one in reading.fetch(f"imaps://cat@localhost:{port}/INBOX", imap.password))
        told.add(caught.value.name)
        assert came == whole[: len(came)] and error_sentence(caught.value).isprintable()
    assert told >= {"imap-unreachable", "imap-lost"} and fetched(imap, "cat")[-1].content == whole[-1]


@pytest.mark.parametrize("secure", ["", "s"])
def test_a_server_that_talks_nonsense(trusted, secure):
    """Not a mail server at all: one sentence, at once."""
    for said in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0" * 5000, b"* BYE overloaded\r\n", b""):
        listening = socket.create_server(("127.0.0.1", 0))

        def serve(listening=listening, said=said) -> None:
            client, _ = listening.accept()
            client.sendall(said)
            client.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port = listening.getsockname()[1]
        with pytest.raises(MailError, match="imap-unreachable"):
            [*reading.fetch(f"imap{secure}://lan@localhost:{port}", "x")]
        listening.close()
