"""Mail that only says it comes from a unit: the word of a trusted mail server, through saved messages and a round."""

import pytest

from cchc_xl.mail.authentication import MAX_RESULTS, SenderCheck
from cchc_xl.mail.mailbox import read_message
from cchc_xl.rounds.following.status import status
from cchc_xl.rounds.keeping.folder import open_round
from cchc_xl.rounds.proving.auditing import audit
from cchc_xl.rounds.receiving.deciding import decide
from tests.round_files import NOW, WHO, a_round, fates, later, mail, set_up, states, take, workbook

OWN, SERVER = "daison@tuky.gov.vn", "mx.tuky.gov.vn"
GOOD = {"1/1": 5, "1/2.1": 33, "1/2.2": 14}


def checked(*lines: str, sender: str = OWN) -> SenderCheck | None:
    """What a message with these headers, the topmost first, says of its sender."""
    heads = "".join(f"Authentication-Results: {line}\r\n" for line in lines)
    return read_message(f"{heads}From: {sender}\r\nSubject: x\r\n\r\nXin gửi.\r\n".encode()).sender_check


@pytest.mark.parametrize(
    ("line", "failed"),
    [
        # quiet
        ("mx.tuky.gov.vn; none", ()),
        ("mx.tuky.gov.vn; spf=pass smtp.mailfrom=daison@tuky.gov.vn; dkim=pass header.d=tuky.gov.vn; dmarc=pass", ()),
        ("mx.tuky.gov.vn; spf=none; dkim=none; dmarc=none", ()),
        ("mx.tuky.gov.vn; spf=neutral; dkim=temperror; dmarc=permerror", ()),
        ("mx.tuky.gov.vn; auth=pass smtp.auth=daison; iprev=fail", ()),
        # passed on by another server: the signature of the sender's own domain outweighs SPF, as in DMARC
        ("mx.tuky.gov.vn; spf=softfail smtp.mailfrom=x@list.vn; dkim=pass header.d=tuky.gov.vn", ()),
        ("mx.tuky.gov.vn; spf=fail; dkim=fail; dmarc=pass (p=REJECT) header.from=tuky.gov.vn", ()),
        # a signature broken on the way
        ("mx.tuky.gov.vn; spf=pass smtp.mailfrom=daison@mail.tuky.gov.vn; dkim=fail header.d=tuky.gov.vn", ()),
        # loud
        ("mx.tuky.gov.vn; spf=fail smtp.mailfrom=daison@tuky.gov.vn", ("spf",)),
        ("mx.tuky.gov.vn; spf=softfail (the host is not theirs; ask) smtp.mailfrom=tuky.gov.vn", ("spf",)),
        ("mx.tuky.gov.vn; dkim=fail (body hash) header.d=tuky.gov.vn", ("dkim",)),
        # the sender's own server vouches for another domain
        ("mx.tuky.gov.vn; spf=pass smtp.mailfrom=evil.com; dkim=pass header.d=evil.com; dmarc=fail", ("dmarc",)),
        ("mx.tuky.gov.vn; spf=fail; dkim=pass header.d=evil.com", ("spf",)),
        ("mx.tuky.gov.vn; spf=fail; dmarc=pass header.from=evil.com", ("spf",)),
        ("mx.tuky.gov.vn; dkim=pass header.d=tuky.gov.vn; dmarc=fail", ("dmarc",)),
        # as servers write it
        ('mx.tuky.gov.vn 1; dmarc = fail reason="p=none; a"', ("dmarc",)),
        ('"MX.tuky.gov.vn"(amavisd-new);spf/1=fail;dmarc=FAIL', ("spf", "dmarc")),
        # as attackers would have it
        ('mx.tuky.gov.vn; spf=pass smtp.mailfrom="a; dmarc=pass"@evil.com; dmarc=fail', ("dmarc",)),
        ("mx.tuky.gov.vn; spf=pass (a comment that never ends; dmarc=fail", ("dmarc",)),
        ('mx.tuky.gov.vn; spf=pass smtp.mailfrom="never ends; dmarc=fail', ("dmarc",)),
        ("mx.tuky.gov.vn; spf=pass smtp.mailfrom=x\\; dmarc=fail", ("dmarc",)),
        ("mx.tuky.gov.vn; spf=pass smtp.mailfrom=x dmarc=fail", ("dmarc",)),
        ("mx.tuky.gov.vn; " + "dkim=pass header.d=evil.com; " * 900 + "dmarc=fail", ("dmarc",)),
        ("mx.tuky.gov.vn; " + "dkim=pass header.d=evil.com; " * 9000 + "dmarc=fail", ("spf", "dkim", "dmarc")),
    ],
)
def test_what_a_server_says_of_a_sender(line, failed):
    assert checked(line) == SenderCheck(server=SERVER, failed=failed)


def test_only_the_topmost_line_is_read():
    assert checked(f"{SERVER}; spf=fail", f"{SERVER}; dmarc=pass header.from=tuky.gov.vn").failed == ("spf",)
    assert checked("other.vn; none", f"{SERVER}; spf=fail") == SenderCheck(server="other.vn", failed=())
    assert checked() is None
    assert checked("spf=fail (no server named) smtp.mailfrom=a.vn; dmarc=fail").server == ""
    for odd in ("", ";", "(", '"', ";;;=;", "\\", "=" * 5000, "x" * (MAX_RESULTS + 1)):
        assert checked(odd) is not None


@pytest.mark.parametrize("server", [b"m\xe1\xbb.vn", b"\xff\xfe", b"a\x1b[2Jb", b"x" * 300, "máy-chủ.vn".encode()])
def test_a_name_that_no_server_has_harms_nothing(tmp_path, server):
    home = a_round(tmp_path)
    content = mail([("a.xlsx", workbook(GOOD))], OWN)
    take(home, {"1.eml": b"Authentication-Results: " + server + b"; dmarc=fail\n" + content})
    assert fates(home) == {"a.xlsx": "current"} and audit(home) == ()


# --- in a round --------------------------------------------------------------------------------------------------
@pytest.fixture
def home(tmp_path):
    folder = a_round(tmp_path)
    set_up(folder, {"Máy chủ thư tin cậy": f"{SERVER.upper()}; mx2.tuky.gov.vn"})
    return folder


def posted(*lines: str, sender: str = OWN, answers=GOOD, name="a.xlsx") -> bytes:
    """A unit's workbook by mail, as the office's server handed it over."""
    content = mail([(name, workbook(answers))], sender, message_id=name)
    return "".join(f"Authentication-Results: {line}\n" for line in lines).encode() + content


def reason(home, name="a.xlsx") -> str:
    return next(one["reason"] for one in status(home, NOW)["attachments"] if one["name"] == name)


def test_the_settings_name_the_servers_that_are_believed(home):
    assert open_round(home).settings.mail.trusted == (SERVER, "mx2.tuky.gov.vn")


@pytest.mark.parametrize("server", [SERVER, "MX2.tuky.gov.vn"])
def test_a_forged_sender_waits_for_a_person_who_may_take_it(home, server):
    take(home, {"1.eml": posted(f"{server}; spf=fail smtp.mailfrom=tuky.gov.vn; dmarc=fail")})
    assert fates(home) == {"a.xlsx": "waiting"} and states(home) == {}
    said = reason(home)
    assert "SPF, DMARC không đạt" in said and server.lower() in said and OWN in said and "xã Đại Sơn" in said
    sha = status(home, NOW)["attachments"][0]["sha256"]
    decide(home, sha, "11083", reason="đã gọi điện, đúng là của xã", now=later(hours=1), who=WHO)
    assert fates(home) == {"a.xlsx": "current"} and audit(home) == ()


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (f"{SERVER}; none",),
        (f"{SERVER}; spf=pass smtp.mailfrom={OWN}; dmarc=pass header.from=tuky.gov.vn",),
        ("mx.evil.com; dmarc=fail",),  # whoever that is
        ("mx.evil.com; none", f"{SERVER}; dmarc=fail"),  # not the topmost: written by who knows whom
    ],
)
def test_other_mail_of_the_unit_counts_as_before(home, lines):
    take(home, {"1.eml": posted(*lines)})
    assert fates(home) == {"a.xlsx": "current"}


def test_the_office_s_own_address_can_be_forged_too(home):
    take(home, {"1.eml": posted(f"{SERVER}; dmarc=fail", sender="noivu@tuky.gov.vn")})
    assert fates(home) == {"a.xlsx": "waiting"}


def test_without_the_setting_or_out_of_a_folder_nothing_is_said(tmp_path):
    home = a_round(tmp_path / "x")
    take(home, {"1.eml": posted(f"{SERVER}; dmarc=fail")})
    assert fates(home) == {"a.xlsx": "current"}
    set_up(home, {"Máy chủ thư tin cậy": SERVER})
    assert fates(home) == {"a.xlsx": "waiting"}, "the ledger keeps what the server said"
    take(home, {"luu tay.xlsx": workbook(GOOD)})
    assert fates(home) == {"a.xlsx": "duplicate", "luu tay.xlsx": "current"}, "the same file, saved by staff"


def test_a_forged_scan_and_a_forged_word_file_take_no_place(home):
    scan = b"%PDF-1.7 " + b"11083" * 5000
    content = mail([("a.xlsx", workbook(GOOD)), ("ban ky.pdf", scan)], OWN, message_id="scan")
    take(home, {"1.eml": f"Authentication-Results: {SERVER}; dmarc=fail\n".encode() + content})
    assert next(one for one in status(home, NOW)["units"] if one["code"] == "11083")["signed_copy"] is None
