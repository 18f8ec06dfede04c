"""Coverage-guided fuzzing of the pass over a package: ``python -m tests.fuzz.packages [-max_total_time=600] [FOLDER]``.

Needs ``pip install atheris`` (Linux). Bytes that make the reader raise, hang or contradict itself are written into
the current folder; put such a file into ``tests/hostile/found``, where the test run reads it from then on.
"""

import sys

import atheris

with atheris.instrument_imports(include=["cchc_xl"]):
    from cchc_xl.mail.mailbox import read_message
    from cchc_xl.workbook.incoming.kinds import kind_of
    from cchc_xl.workbook.reader import read

from tests.hostile.zips import plain, written

PARTS = (
    "xl/workbook.xml",
    "xl/worksheets/sheet2.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "docProps/custom.xml",
    "xl/_rels/workbook.xml.rels",
)


def one_input(content: bytes) -> None:
    """The first byte chooses: a file as it is, a mail, or one part of an otherwise whole workbook."""
    from tests.damage import parts_of
    from tests.filled import filled

    if not content:
        return
    choice, rest = content[0] % (len(PARTS) + 2), content[1:]
    if choice == 0:
        kind_of(rest)
        read(rest, file="x.xlsx")
    elif choice == 1:
        read_message(rest)
    else:
        name = PARTS[choice - 2]
        bodies = [plain(part, rest if part == name else body) for part, body in parts_of(filled()).items()]
        (submission, *_) = read(written(bodies), file="x.xlsx")
        assert submission.refused or submission.entries


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
