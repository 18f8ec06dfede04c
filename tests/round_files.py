"""Rounds in a folder for tests: small workbooks of several units, saved mail, a fixed clock."""

import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from functools import cache
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

import openpyxl

from cchc_xl.editions.load import load, period_of
from cchc_xl.model import ReportingUnit
from cchc_xl.rounds.following.status import status
from cchc_xl.rounds.keeping.folder import new_round, open_round
from cchc_xl.rounds.keeping.settings import blank
from cchc_xl.rounds.receiving.collecting import Collected, collect
from cchc_xl.workbook.template import Fill, build

NOW = datetime(2022, 6, 20, 9, 0, tzinfo=UTC)
EDITION, PERIOD, WHO = load(), "2022-6T", "Lan"
ADDRESSES = {"11083": "daison@tuky.gov.vn", "11086": "hungdao@tuky.gov.vn", "298": "noivu@tuky.gov.vn"}
UNITS = {
    code: ReportingUnit(code=code, name=name, type=kind, level=kind)
    for code, name, kind in (
        ("11083", "Đại Sơn", "xã"),
        ("11086", "Hưng Đạo", "xã"),
        ("11092", "Bình Lãng", "xã"),
        ("298", "Tứ Kỳ", "huyện"),
    )
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def later(**units: float) -> datetime:
    return NOW + timedelta(**units)


def workbook(
    answers: Mapping[str, int],
    unit: str = "11083",
    period: str | None = PERIOD,
    status: str = "",
    explanations: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """A unit's workbook with these answers, all other rows blank."""
    return _workbook(tuple(answers.items()), unit, period, status, tuple(explanations.items()))


@cache
def _workbook(
    answers: tuple[tuple[str, int], ...],
    unit: str,
    period: str | None,
    status: str,
    explanations: tuple[tuple[str, str], ...],
) -> bytes:
    typed, about = {key: Decimal(value) for key, value in answers}, {"status": status} if status else {}
    fill = Fill(answers=typed, about=about, explanations=dict(explanations))
    when = period_of(EDITION, period) if period else None
    return build(EDITION, period=when, unit=UNITS.get(unit), fill=fill)


def a_round(
    folder: Path, addresses: Mapping[str, str] = ADDRESSES, names: Mapping[str, str] = MappingProxyType({})
) -> Path:
    """A new round of four units; ``addresses``: unit -> its mail addresses; ``names``: other names than usual."""
    lines = ["Mã đơn vị,Tên đơn vị,Loại,Vai trò,Thư điện tử"]
    for code, unit in UNITS.items():
        role = "tổng hợp" if code == "298" else ""
        lines.append(f"{code},{names.get(code, unit.name)},{unit.type},{role},{addresses.get(code, '')}")
    roster = folder / "danh-sach.csv"
    roster.parent.mkdir(parents=True, exist_ok=True)
    roster.write_text("\n".join(lines), "utf-8")
    home = folder / "dot"
    new_round(home, roster, PERIOD, None, NOW, WHO)
    return home


def set_up(
    home: Path,
    fields: Mapping[str, str] = MappingProxyType({}),
    tables: Mapping[str, Sequence[Sequence[object]]] = MappingProxyType({}),
) -> None:
    """Fill in a fresh settings workbook: title of a field -> text; title of a sheet -> its rows."""
    the_round = open_round(home)
    book = openpyxl.load_workbook(BytesIO(blank(the_round.edition, the_round.period.code, the_round.roster)))
    sheet = book["Cài đặt"]
    places = {row[0].value: row[1] for row in sheet.iter_rows(min_row=2)}
    for title, text in fields.items():
        places[title].value = text
    for title, rows in tables.items():
        for number, row in enumerate(rows, start=2):
            for column, value in enumerate(row, start=1):
                book[title].cell(number, column, value)
    book.save(home / "cai-dat.xlsx")


def mail(
    attachments: Sequence[tuple[str, bytes] | EmailMessage],
    sender: str = "daison@tuky.gov.vn",
    sent: datetime = NOW,
    message_id: str = "1",
    **headers: str,
) -> bytes:
    """One saved message; an attached message is a forward."""
    message = letter(attachments, sender, sent, message_id)
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return message.as_bytes()


def letter(
    attachments: Sequence[tuple[str, bytes] | EmailMessage], sender: str, sent: datetime, message_id: str
) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "noivu@tuky.gov.vn", "Báo cáo 6 tháng"
    message["Date"], message["Message-ID"] = sent, f"<{message_id}@tuky.gov.vn>"
    message.set_content("Xin gửi báo cáo.")
    for one in attachments:
        if isinstance(one, EmailMessage):
            message.add_attachment(one)
        else:
            kind, _, rest = XLSX.partition("/")
            message.add_attachment(one[1], maintype=kind, subtype=rest, filename=one[0])
    return message


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in files.items():
            package.writestr(name, content)
    return out.getvalue()


class Took:
    """The acknowledgements of a collect, in order."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def __call__(self, sha256: str, name: str) -> None:
        self.lines.append((sha256, name))


def take(
    home: Path,
    files: Mapping[str, bytes],
    now: datetime = NOW,
    channel: str | None = None,
    dated: datetime | None = None,
) -> Collected:
    """Save files (name -> bytes) in a new folder beside the round and collect them. ``dated``: their own date."""
    import os

    source = home.parent / f"nhan-{sum(1 for _ in home.parent.iterdir())}"
    for name, content in files.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        moment = (dated or now).timestamp()
        os.utime(path, (moment, moment))
    return collect(home, source, channel, now, WHO, Took())


def fates(home: Path, now: datetime = NOW) -> dict[str, str]:
    """Name -> fate of every attachment."""
    return {one["name"]: one["fate"] for one in status(home, now)["attachments"]}


def states(home: Path, now: datetime = NOW) -> dict[str, str]:
    """Unit -> state of the units that are not just not_sent."""
    return {one["code"]: one["state"] for one in status(home, now)["units"] if one["state"] != "not_sent"}
