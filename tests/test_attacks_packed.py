"""Zips, saved messages and mailboxes that somebody outside made to stop the office, or to hide what is attached."""

import io
import random
import struct
import time
import zipfile

import pytest

from cchc_xl.mail import mailbox, outlook, tnef
from cchc_xl.mail.mailbox import messages_in, with_members
from cchc_xl.rounds.receiving.sources import MAX_MESSAGE, Passed, found_in
from cchc_xl.word import intake
from cchc_xl.word.anchors import anchors
from cchc_xl.word.own_words import read_own_words
from cchc_xl.word.package import WordFileError
from cchc_xl.workbook.incoming.kinds import kind_of
from tests.bounded import SECONDS, Bounded
from tests.conftest import SEED
from tests.damage import parts_of
from tests.hostile.mutants import flipped
from tests.hostile.zips import Body, plain, written
from tests.mail_files import msg, msg_entries, winmail
from tests.old_reports import old_report
from tests.round_files import EDITION, a_round, fates, mail, take, workbook, zipped

MEGA = 1 << 20
INSIDE = [("báo cáo.xlsx", b"PK\3\4" + bytes(range(256)) * 20), ("bản ký.pdf", b"%PDF-1.7" + b"x" * 5_000)]
# Methods a zip may name, with bytes that are none of them; the dictionary of one of them is said to have 4 GB.
DAMAGED = {
    "deflate": (8, b"\xff\xff\xff"),
    "lzma": (14, b"\x09\x04\x05\x00\xff" + b"\xff" * 50),
    "lzma-4gb": (14, b"\x09\x04\x05\x00\x5d\xff\xff\xff\xff" + bytes(50)),
    "lzma-cut": (14, b"\x09"),
    "bzip2": (12, b"garbage" * 20),
    "deflate64": (9, b"xx"),
    "shrunk": (1, b"xx"),
    "nobody's": (99, b"xx"),
    "cut": (0, b"x"),
}


def damaged(name: str, kind: str) -> Body:
    method, packed = DAMAGED[kind]
    return Body(name=name, packed=packed, crc=0, size=100, method=method)


# --- zips -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_zip_stops_nobody(tmp_path, kind):
    home = a_round(tmp_path)
    bad = written([plain("a.xlsx", b"x"), damaged("b.xlsx", kind)])
    take(home, {"1.eml": mail([("hỏng.zip", bad)]), "2.eml": mail([("b.xlsx", workbook({"1/1": 5}))], message_id="2")})
    assert fates(home)["b.xlsx"] == "current" and fates(home)["hỏng.zip"] == "refused"


@pytest.mark.parametrize("kind", ["deflate", "lzma"])
def test_a_file_whose_kind_can_not_be_unpacked_stops_nobody(kind):
    assert kind_of(written([damaged("mimetype", kind)]))


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_word_file_is_one_sentence(kind):
    parts = [plain(name, body) for name, body in parts_of(old_report()).items() if name != "word/document.xml"]
    content = written([*parts, damaged("word/document.xml", kind)])
    for read in (anchors, lambda word: intake.read_report(word, EDITION)):
        with pytest.raises(WordFileError):
            read(content)
    assert read_own_words(content, "a.docx", EDITION).problem


def test_what_inflates_beyond_reason_stays_shut():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("a.bin", bytes(199 * MEGA))
    with Bounded():
        (one,) = with_members("a.zip", out.getvalue(), "1")
    assert one.problem == "zip-large"


# --- winmail.dat ------------------------------------------------------------------------------------------------


def attribute(level: int, number: int, value: bytes) -> bytes:
    return struct.pack("<BII", level, number, len(value)) + value + b"\0\0"


BEGIN, PROPERTIES = 0x9002, 0x9005
TINY = struct.pack("<HHI", 3, 0x1234, 5)
MANY = struct.pack("<HHI", 0x101E, 0x1234, 5_000) + bytes(4 * 5_000)


@pytest.mark.parametrize(
    "one", [struct.pack("<I", 5_000) + TINY * 5_000, struct.pack("<I", 100) + MANY * 100], ids=["tiny", "many values"]
)
def test_a_winmail_dat_of_millions_of_properties_takes_no_time(one):
    piece = attribute(2, PROPERTIES, one)
    content = tnef.SIGNATURE + b"\0\0" + attribute(2, BEGIN, b"") + piece * (24 * MEGA // len(piece))
    with Bounded():
        found = tnef.read(content)
    assert not found.is_whole, "a person looks at it"


def test_an_attachment_whose_properties_are_cut_before_its_content_is_missed():
    """Nothing of it came out: the file that held it must not pass for one without attachments."""
    content = (
        tnef.SIGNATURE + b"\0\0" + attribute(2, BEGIN, b"") + attribute(2, PROPERTIES, struct.pack("<I", 9) + TINY)
    )
    assert tnef.read(content) == tnef.Wrapped(is_whole=False)
    (one,) = with_members("winmail.dat", content, "1")
    assert one.problem == "winmail"


def test_damaged_containers_lose_nothing_without_a_word(share):
    """What was attached comes out as it was, or the container itself waits for a person."""
    made = {
        "winmail.dat": winmail(INSIDE, inner=winmail(INSIDE[:1])),
        "thư.msg": msg([*INSIDE, msg_entries(INSIDE[:1])]),
        "gói.zip": zipped(dict(INSIDE)),
        "gói trong gói.zip": zipped({"a.zip": zipped(dict(INSIDE)), "winmail.dat": winmail(INSIDE)}),
    }
    wanted = {name: {one.content for one in with_members(name, content, "1")} for name, content in made.items()}
    rng, silent = random.Random(SEED), []
    for _ in range(round(8_000 * share)):
        name = rng.choice([*made])
        mutant = flipped(made[name], rng)
        started = time.process_time()
        first, *inside = with_members(name, mutant.content, "1")
        assert time.process_time() - started < SECONDS
        assert first.content == mutant.content, "kept as it came"
        found = {one.content for one in inside}
        lost = [one for one in wanted[name] - {made[name]} if one not in found]
        told = any(one.problem for one in (first, *inside)) or len(inside) >= len(wanted[name]) - 1
        if lost and not told and inside:
            silent.append((name, mutant.what))
    assert not silent


# --- .msg and mbox ----------------------------------------------------------------------------------------------


def test_thousands_of_attachments_in_a_saved_message_take_no_time():
    content = msg([(f"{number}.txt", b"x") for number in range(3_000)])
    with Bounded():
        saved = outlook.read(content)
    assert saved and len(saved.files) == outlook.MAX_FILES and not saved.is_whole


def test_a_line_that_begins_like_a_message_takes_no_time():
    with Bounded():
        assert [*messages_in(io.BytesIO(b"From a 2022\nx\n\nFrom " + b"a" * 2_000_000 + b"\n"))]


@pytest.mark.parametrize("filling", [b"\n" * 20 * MEGA, b"\0" * 70 * MEGA], ids=["lines", "one line"])
def test_a_mailbox_of_one_endless_message(tmp_path, filling):
    path = tmp_path / "thu.mbox"
    path.write_bytes(b"From a@b Mon Jan  1 00:00:00 2022\n" + filling)
    with Bounded():
        (found,) = found_in(path, None, [])
    assert isinstance(found, Passed) == (len(filling) > MAX_MESSAGE)
    assert not isinstance(found, Passed) or found.reason == "large"


PIECES = (
    *(b"From a@b Mon 2022\n", b"From a 2022\r\n", b"From \n", b"From x\n", b"\n", b"\r\n", b"  \n", b">From x\n"),
    *(b">>From y 2022\n", b"text\n", b"a", b"From ", b"2022", b"\r", b"> From\n"),
)


def line_by_line(content: bytes) -> list[bytes]:
    """The rule in its plainest words: a From line after a blank one parts two messages."""
    found, blank = [b""], True
    for line in io.BytesIO(content):
        bare = line.rstrip(b"\n").removesuffix(b"\r")
        if blank and bare.startswith(b"From ") and not bare[5:6].isspace() and bare[-4:].isdigit() and len(bare) > 9:
            found.append(b"")
        else:
            found[-1] += line[1:] if line.lstrip(b">").startswith(b"From ") and line.startswith(b">") else line
        blank = not line.strip()
    return [one for one in found if one]


def test_messages_part_as_the_rule_says_wherever_a_block_ends(share, monkeypatch):
    rng = random.Random(SEED)
    for _ in range(round(30_000 * share)):
        content = b"".join(rng.choice(PIECES) for _ in range(rng.randrange(12)))
        assert [*messages_in(io.BytesIO(content))] == line_by_line(content), content
    monkeypatch.setattr(mailbox, "MEGA", 64)
    lines = b"From a 2022\nxin\n\n" * 500
    assert [*messages_in(io.BytesIO(lines))] == [b"xin\n\n"] * 500
