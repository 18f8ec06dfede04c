"""Letters out: what a mail program reads, what a real server gets, and that each goes once whatever breaks."""

import email
import unicodedata
from datetime import datetime, timedelta, timezone
from email import policy

import hypothesis
import pytest
from hypothesis import strategies as st

from cchc_xl.editions.catalogue import error_sentence
from cchc_xl.errors import MailError
from cchc_xl.mail import outbox, secrets
from cchc_xl.mail.composing import file_name
from cchc_xl.mail.mailbox import read_message
from cchc_xl.mail.outbox import Letter, Server, eml, key_of, send
from cchc_xl.text import nfc, without_controls
from tests.mail_servers import Post, cut_after, serving

NOW = datetime(2022, 6, 1, 8, 0, tzinfo=timezone(timedelta(hours=7)))
SENDER = "noivu@tuky.gov.vn"
BOOK = b"PK\x03\x04" + bytes(range(256)) * 20
LONG = "Biểu mẫu thống kê cải cách hành chính của Ủy ban nhân dân xã Bình Lãng, 6 tháng đầu năm 2022 (bản gửi lại).xlsx"


def a_letter(number: int = 0, **changes) -> Letter:
    told = {
        "kind": "issue",
        "to": (f"xa{number}@tuky.gov.vn",),
        "subject": f"[CCHC 2022-6T {11000 + number}] Đề nghị báo cáo số liệu cải cách hành chính 6 tháng đầu năm 2022",
        "body": "Kính gửi: xã Bình Lãng,\n\n.Dòng bắt đầu bằng dấu chấm\nTrân trọng cảm ơn.\n",
        "attachments": ((LONG, BOOK),),
    } | changes
    return Letter(**told, key=key_of(*told.values()))


def parsed(content: bytes):
    assert content.isascii() and b"\n" not in content.replace(b"\r\n", b""), "7-bit, every line ended by CRLF"
    assert max(map(len, content.split(b"\r\n"))) <= 998
    message = email.message_from_bytes(content, policy=policy.default)
    assert not message.defects and not any(part.defects for part in message.walk())
    return message


# --- drafts ------------------------------------------------------------------------------------------------------
def test_a_draft_says_in_every_mail_program_what_was_written():
    letter = a_letter(to=("a@xa.vn", "Xã B <b@xa.vn>"))
    content = eml(letter, SENDER, NOW)
    message = parsed(content)
    assert message["X-Unsent"] == "1" and message["Auto-Submitted"] is None
    assert (message["From"], message["To"], message["Subject"]) == (SENDER, "a@xa.vn, b@xa.vn", letter.subject)
    assert message["Date"].datetime == NOW and message["Message-ID"].endswith("@tuky.gov.vn>")
    assert message.get_body().get_content().replace("\r\n", "\n") == letter.body
    (file,) = message.iter_attachments()
    assert (file.get_filename(), file.get_content()) == (LONG, BOOK)
    assert read_message(content).attachments[0].name == LONG
    assert eml(letter, SENDER, NOW) == content, "equal letters give equal bytes"
    assert max(map(len, content.split(b"\r\n"))) <= 80, "the longest is the name of Excel's file type"


def test_old_programs_find_the_name_in_content_type():
    """Without RFC 2231: the name as an encoded word, which is what Outlook itself writes."""
    content = eml(a_letter(), SENDER, NOW).replace(b"Content-Disposition", b"X-Nothing")
    assert read_message(content).attachments[0].name == LONG


def test_a_letter_without_files_and_a_draft_without_sender_or_receiver():
    message = parsed(eml(a_letter(attachments=()), SENDER, NOW))
    assert message.get_content_type() == "text/plain" and message.get_content().startswith("Kính gửi")
    bare = parsed(eml(a_letter(to=()), "", NOW))
    assert bare["From"] is None and bare["To"] is None and bare["Message-ID"]
    with pytest.raises(MailError, match="mail-address"):
        eml(a_letter(), "", NOW, draft=False)


def test_what_the_program_sends_itself_says_so():
    message = parsed(eml(a_letter(), SENDER, NOW, draft=False))
    assert message["Auto-Submitted"] == "auto-generated" and message["X-Unsent"] is None
    assert read_message(eml(a_letter(), SENDER, NOW, draft=False)).automatic
    assert not read_message(eml(a_letter(), SENDER, NOW)).automatic


def test_the_key_is_that_of_the_content():
    one = a_letter()
    assert one.key == a_letter().key
    changed = [
        a_letter(kind="feedback"),
        a_letter(to=("b@xa.vn",)),
        a_letter(subject="x"),
        a_letter(body="x"),
        a_letter(attachments=(("a.xlsx", BOOK),)),
        a_letter(attachments=((LONG, b""),)),
        a_letter(to=("a@xa.vn", "b@xa.vn"), subject=""),
        a_letter(to=("a@xa.vn",), subject="b@xa.vn"),
    ]
    assert len({one.key, *(other.key for other in changed)}) == len(changed) + 1


HOSTILE = [
    "Xã A\r\nBcc: ke@gian.vn",
    "Xã A\nX-Evil: 1\n\n<script>",
    "a\x00b\x1b[2Jc",
    "a\u2028Bcc: x@y\u2029\x85z",
    "\u202egnp.exe\u202c",
    "=?utf-8?Q?=0D=0ABcc:_x@y?=",
    "=?x-none?B?!!!?=",
    '";\r\n filename="evil.exe',
    "a" * 5000,
    "Ủ" * 3000,
    "\ud800 lẻ",
    unicodedata.normalize("NFD", "Bình Lãng"),
    "../../etc/passwd",
    "C:\\Windows\\x.xlsx",
    "--=_cchc_\r\n--",
    ".\r\n.\r\nMAIL FROM:<x@y>",
    "",
    " ",
    "\u200b",
    "🏛️ xã",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_out_of_its_header_or_part(text):
    letter = a_letter(subject=text, body=text, attachments=((text, BOOK), ("b.xlsx", BOOK)))
    for draft in (True, False):
        content = eml(letter, SENDER, NOW, draft)
        message = parsed(content)
        assert {name.lower() for name in message} <= {
            *("x-unsent", "from", "to", "subject", "date", "message-id"),
            *("auto-submitted", "mime-version", "content-type"),
        }
        files = [*message.iter_attachments()]
        assert [one.get_content() for one in files] == [BOOK, BOOK]
        shown = files[0].get_filename()
        assert shown == file_name(text) and shown.isprintable() and not set('/\\:"<>|?*') & set(shown)
        assert 0 < len(shown) <= 200 and str(message["Subject"]).isprintable()
        assert [one.name for one in read_message(content).attachments] == [shown, "b.xlsx"]


@pytest.mark.parametrize(
    "address",
    [
        "a@xa.vn\r\nBcc: b@evil.vn",
        "a@xa.vn, b@evil.vn",
        "a@xa.vn;b@evil.vn",
        "a b@xa.vn",
        "@xa.vn",
        "a@",
        "xã@tuky.gov.vn",
        "a@xa.vn> RCPT TO:<b@evil.vn",
        "<a@xa.vn> <b@evil.vn>",
        "a@-xa.vn",
        "a..b@xa.vn",
        "a@" + "x" * 300 + ".vn",
        '"a@b"@xa.vn',
        "",
    ],
)
def test_an_address_that_is_none_is_refused_in_one_sentence(address):
    assert not outbox.is_address(address)
    with pytest.raises(MailError) as caught:
        eml(a_letter(to=(address,)), SENDER, NOW)
    said = error_sentence(caught.value)
    assert "Thư điện tử" in said and said.isprintable()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a@xa.vn", "a@xa.vn"),
        (" a.b-c+d@thu.tuky.gov.vn ", "a.b-c+d@thu.tuky.gov.vn"),
        ("Xã Đại Sơn <daison@tuky.gov.vn>", "daison@tuky.gov.vn"),
        ("a@tứkỳ.vn", "a@xn--tk-qbd0442d.vn"),
        ("a@localhost", "a@localhost"),
    ],
)
def test_an_address_is_taken_as_it_is_meant(text, plain):
    assert outbox.is_address(text) and (outbox.address(text) == plain or text.endswith("tứkỳ.vn"))
    assert outbox.address(text).isascii()


# --- sending -----------------------------------------------------------------------------------------------------
class Ledger:
    """What was reported as sent, in order; a stand-in for nothing: the caller keeps such a list."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.slept: list[float] = []

    def __call__(self, letter: Letter) -> None:
        self.keys.append(letter.key)

    def send(self, letters, server, password: str | None = None, throttle: float = 2.0, now: datetime = NOW):
        word = server.password if password is None and isinstance(server, Post) else password or ""
        account = of(server) if isinstance(server, Post) else server
        return send(letters, account, word, throttle, set(self.keys), self, now=now, sleep=self.slept.append)


def of(post: Post, **changes) -> Server:
    return Server(**{"host": post.host, "port": post.port, "user": post.user, "sender": SENDER} | changes)


def test_letters_arrive_as_they_were_written(smtp, trusted):
    letters, ledger = [a_letter(number) for number in range(3)], Ledger()
    outcomes = ledger.send(letters, smtp)
    assert [one.state for one in outcomes] == ["sent"] * 3 and ledger.keys == [one.key for one in letters]
    assert ledger.slept == [2.0, 2.0], "between the letters"
    assert [to for to, _ in smtp.got] == [one.to for one in letters]
    for letter, (_, content) in zip(letters, smtp.got, strict=True):
        message = parsed(content)
        assert message["Subject"] == letter.subject and message["Auto-Submitted"] == "auto-generated"
        assert [one.get_content() for one in message.iter_attachments()] == [BOOK]
        assert content == eml(letter, SENDER, NOW, draft=False)
    assert [one.state for one in ledger.send(letters, smtp)] == ["already"] * 3
    assert len(smtp.got) == 3


def test_a_letter_with_lone_dots_in_it(smtp, trusted):
    ledger = Ledger()
    ledger.send([a_letter(attachments=(), body="một\n.\n..\nhai\n")], smtp)
    assert parsed(smtp.got[0][1]).get_content().split() == ["một", ".", "..", "hai"]


@pytest.mark.parametrize(
    ("broken", "step"),
    [
        *((0, "cut-early"), (11, "cut-early"), (11, "cut"), (23, "cut"), (11, "421 4.3.2 closing")),
        *((11, "451 4.7.1 later"), (11, "452 4.2.2 full"), (11, "550 5.7.1 spam")),
    ],
)
def test_twenty_four_letters_go_once_each_whatever_breaks(broken, step, smtp, trusted):
    """A run that stops on the way is run again until all is sent; nothing goes twice, nothing is left out."""
    letters, ledger = [a_letter(number, attachments=()) for number in range(24)], Ledger()
    smtp.script = {broken: step}
    with pytest.raises(outbox.Unfinished) as caught:
        ledger.send(letters, smtp)
    said = error_sentence(caught.value)
    assert f"{len(ledger.keys)}/24" in said and "chạy lại" in said.lower() and "\n" not in said
    assert len(caught.value.outcomes) == 24
    ledger.send(letters, smtp, now=NOW + timedelta(hours=1))
    assert sorted(to for to, _ in smtp.got) == sorted(one.to for one in letters)
    assert sorted(ledger.keys) == sorted(one.key for one in letters)


def test_a_cut_after_the_letter_was_taken_is_told_and_the_copy_is_recognisable(smtp, trusted):
    letters, ledger = [a_letter(number, attachments=()) for number in range(24)], Ledger()
    smtp.script = {10: "cut-after"}
    with pytest.raises(outbox.Unfinished) as caught:
        ledger.send(letters, smtp)
    states = [one.state for one in caught.value.outcomes]
    assert states == ["sent"] * 10 + ["uncertain"] + ["unsent"] * 13
    assert "có thể thư đã đi" in error_sentence(caught.value)
    ledger.send(letters, smtp, now=NOW + timedelta(days=1))
    labels = [parsed(content)["Message-ID"] for _, content in smtp.got]
    assert len(labels) == 25 and len(set(labels)) == 24, "the copy bears the same Message-ID"


@pytest.mark.parametrize("there", [0, 700, 2_500, 100_000, 700_000])
def test_a_wire_that_ends_anywhere_and_a_second_run(there, smtp, trusted):
    """Before the greeting, in the handshake, in the letter: nothing is taken for sent, and the next run sends it."""
    letters, ledger = [a_letter(number, attachments=((LONG, bytes(300_000)),)) for number in range(3)], Ledger()
    with cut_after(smtp.port, there=there) as port, pytest.raises(MailError) as caught:
        ledger.send(letters, of(smtp, port=port), smtp.password)
    assert error_sentence(caught.value).isprintable() and ledger.keys == [one.key for one in letters][: len(smtp.got)]
    ledger.send(letters, smtp)
    assert [to for to, _ in smtp.got] == [one.to for one in letters]


def test_the_third_temporary_refusal_in_a_row_stops_the_run(smtp, trusted):
    letters, ledger = [a_letter(number, attachments=()) for number in range(9)], Ledger()
    smtp.script = dict.fromkeys((0, 2, 3, 4), "451 4.7.1 try later")
    with pytest.raises(outbox.Unfinished) as caught:
        ledger.send(letters, smtp)
    states = [one.state for one in caught.value.outcomes]
    assert states == ["postponed", "sent", *["postponed"] * 3, *["unsent"] * 4]
    said = error_sentence(caught.value)
    assert "451 4.7.1 try later" in said and "Còn 4 thư" in said


def test_receivers_the_server_does_not_take(smtp, trusted):
    smtp.refuse = {"xa1@tuky.gov.vn": "550 5.1.1 no such user", "xa2@tuky.gov.vn": "450 4.2.1 busy"}
    ledger = Ledger()
    both = a_letter(3, to=("xa3@tuky.gov.vn", "xa1@tuky.gov.vn"))
    broken = a_letter(5, to=("x@y\r\nz",))
    with pytest.raises(outbox.Unfinished) as caught:
        ledger.send([a_letter(0), a_letter(1), a_letter(2), both, a_letter(4, to=()), broken, a_letter(6)], smtp)
    states = [one.state for one in caught.value.outcomes]
    assert states == ["sent", "refused", "postponed", "partly", "refused", "refused", "sent"]
    assert [to for to, _ in smtp.got] == [("xa0@tuky.gov.vn",), ("xa3@tuky.gov.vn",), ("xa6@tuky.gov.vn",)]
    said = error_sentence(caught.value)
    assert "3/7" in said and "no such user" in said and said.isprintable()


def test_many_refused_receivers_and_a_sender_the_server_does_not_take(smtp, trusted):
    letters = [a_letter(number, attachments=()) for number in range(24)]
    smtp.refuse = {f"xa{number}@tuky.gov.vn": "550 5.1.1 no such user" for number in range(20)}
    with pytest.raises(outbox.Unfinished) as caught:
        Ledger().send(letters, smtp)
    said = error_sentence(caught.value)
    assert said.startswith("Đã gửi 4/24 thư.") and "Còn 15 lý do khác" in said and len(said) < 900
    smtp.refuse = {SENDER: "553 5.7.1 not yours"}
    with pytest.raises(outbox.Unfinished) as caught:
        Ledger().send(letters, smtp)
    assert [one.state for one in caught.value.outcomes] == ["sender"] + ["unsent"] * 23
    assert f"từ địa chỉ {SENDER}" in error_sentence(caught.value)


@hypothesis.given(st.text(max_size=120), st.text(max_size=150), st.text(max_size=300))
def test_any_subject_and_name_comes_back_as_written(subject, name, body):
    letter = a_letter(subject=subject, body=body, attachments=((name, BOOK),))
    content = eml(letter, SENDER, NOW)
    shown = without_controls(nfc(subject))[:400]
    assert str(parsed(content)["Subject"]) == shown
    found = read_message(content)
    assert found.subject == shown and [(one.name, one.problem) for one in found.attachments] == [(file_name(name), "")]


def test_an_error_of_the_ledger_stops_everything(smtp, trusted):
    def full(letter: Letter) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        send([a_letter(0), a_letter(1)], of(smtp), smtp.password, 0, (), full, now=NOW)
    assert len(smtp.got) == 1


@pytest.mark.parametrize("password", ["sai", "", "có dấu"])
def test_a_refused_login_sends_nothing(password, smtp, trusted):
    ledger = Ledger()
    with pytest.raises(MailError) as caught:
        ledger.send([a_letter()], of(smtp), password)
    assert caught.value.name == ("mail-password-letters" if password == "có dấu" else "mail-login")
    assert SENDER in error_sentence(caught.value) and not smtp.got and not ledger.keys


def test_a_stranger_s_certificate_gets_no_password(smtp):
    with pytest.raises(MailError, match="mail-untrusted") as caught:
        Ledger().send([a_letter()], smtp)
    assert "chưa gửi gì" in error_sentence(caught.value) and not smtp.got


def test_tls_from_the_first_byte(authority, trusted):
    with serving(authority, Post(), kind="ssl") as post:
        ledger = Ledger()
        assert ledger.send([a_letter()], of(post, security="ssl"), post.password)[0].state == "sent"
        with pytest.raises(MailError, match="mail-unreachable"):
            ledger.send([a_letter(1)], of(post, port=1), post.password)


def test_a_server_without_starttls_gets_nothing(authority, trusted):
    with serving(authority, Post(), kind="plain", login=False) as post:
        with pytest.raises(MailError, match="mail-no-tls") as caught:
            Ledger().send([a_letter()], of(post))
        assert "STARTTLS" in error_sentence(caught.value) and not post.got
        plain = of(post, security="none-on-loopback", user="")
        assert Ledger().send([a_letter()], plain)[0].state == "sent"


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"security": "none-on-loopback", "host": "mail.tuky.gov.vn"}, "mail-plain"),
        ({"security": "none"}, "mail-security"),
        ({"sender": ""}, "mail-sender"),
        ({"sender": "a@b\r\nx"}, "mail-sender"),
        ({"host": "localhost", "port": 1}, "mail-unreachable"),
        ({"host": "khong-co.invalid"}, "mail-unreachable"),
        ({"host": "a..b"}, "mail-unreachable"),
    ],
)
def test_a_wrong_set_up_is_one_sentence(changes, name):
    server = Server(**{"host": "localhost", "user": "lan", "sender": SENDER} | changes)
    with pytest.raises(MailError) as caught:
        Ledger().send([a_letter()], server, "bí mật")
    said = error_sentence(caught.value)
    assert caught.value.name == name and said.isprintable() and "bí mật" not in said


def test_nothing_to_send_needs_no_server():
    server = Server(host="khong-co.invalid", sender=SENDER)
    letter = a_letter()
    assert send([], server, "", 1, (), Ledger(), now=NOW) == ()
    assert [one.state for one in send([letter], server, "", 1, [letter.key], Ledger(), now=NOW)] == ["already"]


def test_one_content_twice_in_a_run_goes_once(smtp, trusted):
    outcomes = Ledger().send([a_letter(), a_letter()], smtp)
    assert [one.state for one in outcomes] == ["sent", "already"] and len(smtp.got) == 1


# --- passwords ---------------------------------------------------------------------------------------------------
def test_a_password_from_the_environment_never_shows_itself():
    found = secrets.password_for("lan@tuky.gov.vn", {"CCHC_XL_MAT_KHAU": "bí mật 123\n"})
    assert found == "bí mật 123" and "bí mật" not in repr(found) and "bí mật" not in f"{[found]!r} {found!r}"


def test_a_password_from_the_keyring(monkeypatch):
    keyring = pytest.importorskip("keyring")
    from keyring.backend import KeyringBackend
    from keyring.errors import KeyringLocked

    class Kept(KeyringBackend):
        priority = 1
        locked = False

        def get_password(self, service, username):
            if self.locked:
                raise KeyringLocked
            return {("cchc-xl", "lan@tuky.gov.vn"): "trong kho"}.get((service, username))

        def set_password(self, service, username, password): ...

    before = keyring.get_keyring()
    try:
        keyring.set_keyring(Kept())
        assert secrets.password_for("lan@tuky.gov.vn", {}) == "trong kho"
        assert secrets.password_for("lan@tuky.gov.vn", {"CCHC_XL_MAT_KHAU": "phiên"}) == "phiên"
        with pytest.raises(MailError, match="mail-password-missing"):
            secrets.password_for("hoa@tuky.gov.vn", {})
        Kept.locked = True
        with pytest.raises(MailError, match="mail-password-locked"):
            secrets.password_for("lan@tuky.gov.vn", {})
    finally:
        keyring.set_keyring(before)


def test_a_missing_password_says_how_to_set_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "keyring", None)
    with pytest.raises(MailError) as caught:
        secrets.password_for("lan@tuky.gov.vn", {"CCHC_XL_MAT_KHAU": ""})
    said = error_sentence(caught.value)
    assert "keyring set cchc-xl lan@tuky.gov.vn" in said and "CCHC_XL_MAT_KHAU" in said
