"""A whole round of the sample over real servers: issue, answers as units send them, collect, feedback, close."""

import email
import random
import zipfile
from collections import Counter
from datetime import datetime, timedelta, timezone
from email import policy
from pathlib import Path

import pytest

from cchc_xl.files import sha256_of
from cchc_xl.mail.secrets import VARIABLE
from cchc_xl.rounds.adding.consolidating import consolidate_round
from cchc_xl.rounds.following.noting import note
from cchc_xl.rounds.following.publishing import publish
from cchc_xl.rounds.following.status import status
from cchc_xl.rounds.keeping import ledger
from cchc_xl.rounds.keeping.archive import place_of
from cchc_xl.rounds.keeping.folder import new_round
from cchc_xl.rounds.proving.auditing import audit
from cchc_xl.rounds.proving.closing import close_round
from cchc_xl.rounds.receiving.collecting import collect, questions_in
from cchc_xl.rounds.receiving.deciding import approve, decide, lock
from cchc_xl.rounds.sending.issuing import issue_round
from cchc_xl.rounds.sending.reminding import remind_round
from cchc_xl.rounds.sending.returning import feedback_round
from cchc_xl.workbook.reader import read
from tests.conftest import SEED
from tests.round_files import letter, mail, set_up, zipped

SAMPLE = Path(__file__).parent.parent / "samples" / "tu-ky-2022-6T"
START = datetime(2022, 6, 10, 8, 0, tzinfo=timezone(timedelta(hours=7)))
OFFICE, NOT_SENT, LATE, HALVES = "noivu@tuky.gov.vn", "11149", "11152", "11146"
DEADLINE = START + timedelta(days=7, hours=9)  # 17:00 on 17/6/2022


def address_of(code: str) -> str:
    return OFFICE if code == "298" else f"x{code}@tuky.gov.vn"


@pytest.fixture
def office(tmp_path, smtp, trusted, monkeypatch) -> Path:
    """The round of the sample with an address for every unit, a deadline, and the office's own mail server."""
    monkeypatch.setenv(VARIABLE, smtp.password)
    monkeypatch.setattr("cchc_xl.rounds.sending.drafting.THROTTLE", 0.0)
    rows = (SAMPLE / "danh-sach-don-vi.csv").read_text("utf-8-sig").splitlines()
    lines = [rows[0] + ",Thư điện tử", *(f"{row},{address_of(row.partition(',')[0])}" for row in rows[1:])]
    (tmp_path / "danh-sach.csv").write_text("\n".join(lines), "utf-8")
    home = tmp_path / "dot"
    new_round(home, tmp_path / "danh-sach.csv", "2022-6T", None, START, "Lan")
    server = {"Máy chủ gửi thư": smtp.host, "Cổng máy chủ": str(smtp.port), "Tên đăng nhập thư": smtp.user}
    sender = {"Địa chỉ thư gửi đi": OFFICE, "Bảo mật thư": "STARTTLS"}
    set_up(home, {"Hạn gửi": "17:00 17/6/2022", **server, **sender})
    return home


class Units:
    """What the units send, and how: every attachment is noted, so that each can be accounted for."""

    def __init__(self, folder: Path, issued: Path) -> None:
        self.folder, self.issued = folder, issued
        self.sent: list[tuple[str, str]] = []  # sha256, name
        self.mails: list[bytes] = []
        self.rng = random.Random(SEED)

    def note(self, name: str, content: bytes) -> None:
        self.sent.append((sha256_of(content), name))

    def save(self, place: str, content: bytes, at: datetime = DEADLINE - timedelta(hours=5)) -> None:
        """Staff save a file that came by Zalo, USB, the document system."""
        import os

        path = self.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (at.timestamp(), at.timestamp()))
        self.note(path.name, content)

    def post(self, code: str, files: list[tuple[str, bytes]], at: datetime, *, forwarded=False, sender="") -> None:
        """A unit mails its files, directly or as a forward of the officer's own mail."""
        number, sender = f"m{len(self.mails)}", sender or address_of(code)
        inside = [letter(files, sender, at, f"in-{number}")] if forwarded else files
        self.mails.append(mail(inside, sender, at, number))
        for name, content in files:
            self.note(name, content)

    def filled(self, code: str, sample: bytes, forms: range) -> bytes:
        """The workbook the unit was issued, with the sample's answers to some forms typed into it."""
        (one,) = read(sample, file="x.xlsx")
        typed = {key: entry.raw for key, entry in one.entries.items() if entry.answered and not entry.formula}
        return typed_in(self.issued_to(code), {key: raw for key, raw in typed.items() if int(key[0]) in forms})

    def issued_to(self, code: str) -> bytes:
        (path,) = self.issued.glob(f"{code}_*.xlsx")
        return path.read_bytes()


def samples() -> dict[str, bytes]:
    return {path.name.partition("_")[0]: path.read_bytes() for path in sorted((SAMPLE / "nhan-ve").iterdir())}


WRONG_NAMES = ("Book1.xlsx", "bao cao chinh thuc (1) (2).xlsx", "BIỂU MẪU CCHC – bản cuối.xlsx", "Copy of số liệu.xlsx")


def send_everything(units: Units) -> None:
    """Half by mail, half saved into a folder; what clerks do to files and mails happens to them."""
    before, after = DEADLINE - timedelta(hours=6), DEADLINE + timedelta(hours=3)
    every = samples()
    for number, (code, content) in enumerate(every.items()):
        name = f"{WRONG_NAMES[number % 4]}" if number % 3 == 0 else f"{code}_bao-cao.xlsx"
        if code == HALVES:
            units.post(code, [("phần 1.xlsx", units.filled(code, content, range(1, 5)))], before)
            units.post(code, [("phần 2.xlsx", units.filled(code, content, range(5, 8)))], before + timedelta(hours=1))
        elif code == LATE:
            units.post(code, [(name, content)], after)
        elif number % 2:
            if number % 5 == 0:
                packed = zipped({name: content})
                units.post(code, [("gói.zip", packed)], before)
                units.note(name, content)
            else:
                units.post(code, [(name, content)], before, forwarded=number % 3 == 1)
        else:
            units.save(f"{('Zalo', 'USB', 'Văn bản')[number % 3]}/{code}/{name}", content)
    pack = zipped({"so lieu.xlsx": every["11089"], "ghi chú.txt": "đã gửi qua thư".encode()})
    units.save("Zalo/11089 gửi lại.zip", pack)  # a duplicate, in a zip, saved by hand
    units.note("so lieu.xlsx", every["11089"])
    units.note("ghi chú.txt", "đã gửi qua thư".encode())
    units.save("USB/11086/ban ky.pdf", b"%PDF-1.7 " + b"11086" * 5000)
    better = typed_in(every["11113"], {"3/1.4.3": 172})
    units.post("11113", [("11113 sửa lại.xlsx", better)], before + timedelta(hours=2))  # a corrected version
    stranger = typed_in(every["11116"], {"1/1": 99})
    units.post("11116", [("11116.xlsx", stranger)], before, sender="ai-do@gmail.com")
    units.mails.append(mail([], address_of(NOT_SENT), before, "hoi"))  # a question
    issued = ("11149.xlsx", units.issued_to("11149"))
    units.mails.append(mail([issued], address_of(NOT_SENT), before, "vang", Auto_Submitted="auto-replied"))
    units.note(*issued)


def typed_in(content: bytes, answers: dict[str, object]) -> bytes:
    """The workbook opened in a spreadsheet program, answers typed, saved."""
    from io import BytesIO

    import openpyxl

    from cchc_xl.editions.load import load
    from cchc_xl.workbook.layout import places

    book, place, out = openpyxl.load_workbook(BytesIO(content)), places(load()), BytesIO()
    for key, value in answers.items():
        number = isinstance(value, str) and value.replace(".", "", 1).isdigit()
        book[place[key].sheet][place[key].cell()].value = float(value) if number else value
    book.save(out)
    return out.getvalue()


def letters_in(post) -> dict[str, list]:
    """Receiver -> the letters the server took for it."""
    found: dict[str, list] = {}
    for receivers, content in post.got:
        for receiver in receivers:
            found.setdefault(receiver, []).append(email.message_from_bytes(content, policy=policy.default))
    return found


def files_in(message) -> dict[str, bytes]:
    return {part.get_filename(): part.get_content() for part in message.iter_attachments()}


def test_a_whole_round_over_real_servers(office, tmp_path, smtp, imap):
    units = issue_to_all(office, tmp_path, smtp)
    send_everything(units)
    collect_all(office, units, imap)
    check_accounts(office, units)
    settle_doubts(office)
    sent_again = answer_all(office, smtp, units, imap)
    finish(office, units, sent_again)
    check_pack(office, tmp_path)


def issue_to_all(office: Path, tmp_path: Path, smtp) -> Units:
    """The connection ends in the middle; a second run sends the rest; a third one nothing."""
    from cchc_xl.mail.outbox import Unfinished

    smtp.script[9] = "cut"
    with pytest.raises(Unfinished):
        issue_round(office, START, "Lan", send=True)
    assert len(smtp.got) == 9 and len([*(office / "bieu-mau").glob("*.xlsx")]) == 24
    made = issue_round(office, START + timedelta(minutes=5), "Hoa", send=True)
    assert made.sent == 15 and issue_round(office, START + timedelta(minutes=9), "Lan", send=True).sent == 0
    found = letters_in(smtp)
    assert len(found) == 24 and all(len(got) == 1 for got in found.values())
    for receiver, (message,) in found.items():
        ((name, content),) = files_in(message).items()
        assert content == (office / "bieu-mau" / name).read_bytes() and message["Auto-Submitted"] == "auto-generated"
        assert receiver == address_of(name.partition("_")[0])
    smtp.got.clear()
    return Units(tmp_path / "nhan", office / "bieu-mau")


def collect_all(office: Path, units: Units, imap) -> None:
    """From the mailbox, then from the folder, and both once more: each attachment is acknowledged every time."""
    now, told = DEADLINE + timedelta(hours=4), []
    imap.deliver("noivu", *units.mails, at=DEADLINE + timedelta(hours=3))
    state = imap.state("noivu")
    collect(office, imap.url("noivu"), None, now, "Lan", lambda *one: told.append(one))
    collect(office, units.folder, None, now + timedelta(minutes=1), "Hoa", lambda *one: told.append(one))
    assert Counter(sha for sha, _ in told) == Counter(sha for sha, _ in units.sent)
    again = []
    collect(office, imap.url("noivu"), None, now + timedelta(hours=1), "Lan", lambda *one: again.append(one))
    collect(office, units.folder, None, now + timedelta(hours=1), "Lan", lambda *one: again.append(one))
    assert sorted(again) == sorted(told) and imap.state("noivu") == state, "nothing changed in the mailbox"


def check_accounts(office: Path, units: Units) -> None:
    """Every attachment is stored under its hash and has exactly one fate."""
    now = DEADLINE + timedelta(hours=6)
    found = status(office, now)
    listed = found["attachments"]
    assert Counter((one["sha256"], one["name"]) for one in listed) == Counter(units.sent)
    for sha, _ in units.sent:
        assert sha256_of(place_of(office, sha).read_bytes()) == sha
    fates = {name: [one["fate"] for one in listed if one["name"] == name] for _, name in units.sent}
    assert fates["phần 1.xlsx"] == fates["phần 2.xlsx"] == ["current"]
    assert fates["11113 sửa lại.xlsx"] == ["current"] and fates["11116.xlsx"] == ["waiting"]
    assert fates["gói.zip"] == ["not_a_report"] * len(fates["gói.zip"]) and fates["so lieu.xlsx"] == ["duplicate"]
    assert fates["11149.xlsx"] == ["not_a_report"] and fates["ban ky.pdf"] == ["not_a_report"]
    kinds = Counter(one["fate"] for one in listed)
    assert kinds["current"] == 24 and kinds["superseded"] == 1 and kinds["duplicate"] == 1 and kinds["waiting"] == 1
    by_code = {one["code"]: one for one in found["units"]}
    assert [code for code, one in by_code.items() if one["state"] == "not_sent"] == [NOT_SENT]
    assert [code for code, one in by_code.items() if one["late"]] == [NOT_SENT, LATE]
    assert by_code["11086"]["signed_copy"]
    assert [one.automatic for one in questions_in(ledger.events(office))] == [False]
    assert audit(office) == ()


def settle_doubts(office: Path) -> None:
    now = DEADLINE + timedelta(hours=7)
    (doubtful,) = [one for one in status(office, now)["attachments"] if one["fate"] == "waiting"]
    decide(office, doubtful["sha256"], reject=True, reason="không phải địa chỉ của xã", now=now, who="Lan")
    note(office, NOT_SENT, "Gọi điện: hứa gửi sáng mai", now=now, who="Lan")
    reminded = remind_round(office, now, "Lan", send=False)
    assert any(NOT_SENT in path.name for path in reminded.written)


def answer_all(office: Path, smtp, units: Units, imap) -> dict[str, str]:
    """Each unit is answered once; three correct the marked file that came by mail and send it back."""
    now = DEADLINE + timedelta(hours=8)
    made = feedback_round(office, now, "Lan", send=True)
    found = letters_in(smtp)
    assert made.sent == 23 and sum(map(len, found.values())) == 23
    assert feedback_round(office, now + timedelta(minutes=5), "Hoa", send=True).sent == 0
    ready = [receiver for receiver, (message,) in found.items() if not any("CAN-SUA" in n for n in files_in(message))]
    assert address_of("11086") in ready and address_of("11083") not in ready
    repairs = {"11074": {"3/3.3": None}, "11083": {"1/2.1": 33, "1/2.2": 14}, "11092": {"1/2": None}}
    sent_again = {}
    for number, (code, answers) in enumerate(repairs.items()):
        (message,) = found[address_of(code)]
        ((name, content),) = [one for one in files_in(message).items() if "CAN-SUA" in one[0]]
        better = typed_in(content, answers)
        sent_again[code] = sha256_of(better)
        at = now + timedelta(hours=number + 1)
        imap.deliver("noivu", mail([(name, better)], address_of(code), at, f"re-{code}"), at=at)
        units.note(name, better)
    smtp.got.clear()
    later = now + timedelta(hours=6)
    collect(office, imap.url("noivu"), None, later, "Lan", lambda *_: None)
    current = {one["code"]: one["sha256"] for one in status(office, later)["units"]}
    assert {code: current[code] for code in sent_again} == sent_again
    assert feedback_round(office, later + timedelta(hours=1), "Lan", send=True).sent == 3
    compared = sorted(path.name for path in (office / "phan-hoi").rglob("*DOI-CHIEU*"))
    assert all(letters_in(smtp)[address_of(code)] for code in sent_again) and compared
    return sent_again


def finish(office: Path, units: Units, sent_again: dict[str, str]) -> None:
    """Approve, lock, consolidate, publish, close; the accounts still add up."""
    now = DEADLINE + timedelta(days=2)
    approve(office, "11086", reason="đã đối chiếu", now=now, who="Hoa")
    lock(office, "11086", reason="chốt", now=now, who="Hoa")
    made = consolidate_round(office, now, "Lan")
    assert made.consolidation.sent == 22
    parts = {part.unit: part.file for part in made.consolidation.figures["1/1"].parts}
    assert len(parts) == 22 and "CAN-SUA" in parts["11083"]
    publish(office, "submitted", now=now, who="Lan")
    publish(office, "issued", number="45/BC-UBND", date="20/6/2022", now=now, who="Lan")
    pack = close_round(office, now + timedelta(hours=1), "Lan")
    assert pack.is_file() and audit(office) == ()
    listed = status(office, now)["attachments"]
    assert Counter((one["sha256"], one["name"]) for one in listed) == Counter(units.sent)


def check_pack(office: Path, tmp_path: Path) -> None:
    """Unpacked elsewhere the pack is a round that adds up to the same facts, figures and texts."""
    (pack,) = (office / "dong-goi").glob("*.zip")
    copy = tmp_path / "kho" / "dot"
    with zipfile.ZipFile(pack) as content:
        content.extractall(copy)
    assert audit(copy) == ()
    consolidate_round(copy, DEADLINE + timedelta(days=400), "Mai")
    for name in ("so-lieu.csv", "figures.json", "bao-cao.docx", "tong-hop.xlsx"):
        assert (copy / "ra" / name).read_bytes() == (office / "ra" / name).read_bytes(), name
    assert not [*(copy / "ra").glob("*(2)*")], "nothing differs, so nothing was written beside"
