"""What people use today for the same files, each as a whole process: ``python -m tests.benchmarks.peers A FOLDER``.

A, B, C and R only read the rows of the seven forms; R is this project's reader, formulas and values.
"""

import csv
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FORMS = tuple(f"Biểu {number}" for number in range(1, 8))


def pandas_per_sheet(files: list[Path]) -> int:
    """A: pandas.read_excel, one call a sheet, engine openpyxl."""
    import pandas

    return sum(
        len(pandas.read_excel(file, sheet_name=form, engine="openpyxl", header=None))
        for file in files
        for form in FORMS
    )


def calamine(files: list[Path]) -> int:
    """B: python-calamine, values only, one process."""
    from python_calamine import CalamineWorkbook

    rows = 0
    for file in files:
        book = CalamineWorkbook.from_path(str(file))
        rows += sum(len(book.get_sheet_by_name(form).to_python()) for form in FORMS)
    return rows


def calamine_whole(files: list[Path]) -> int:
    """B*: the same, every sheet of the workbook: what this project's reader looks at too."""
    from python_calamine import CalamineWorkbook

    rows = 0
    for file in files:
        book = CalamineWorkbook.from_path(str(file))
        rows += sum(len(book.get_sheet_by_name(name).to_python()) for name in book.sheet_names)
    return rows


def openpyxl_twice(files: list[Path]) -> int:
    """C: openpyxl opened twice: once for the values, once for the formulas."""
    import openpyxl

    rows = 0
    for file in files:
        for stored in (True, False):
            book = openpyxl.load_workbook(file, data_only=stored)
            rows += sum(len(list(book[form].iter_rows(values_only=True))) for form in FORMS)
    return rows


def datamaps(files: list[Path]) -> int:
    """D: datamaps import templates -m: a master of the values in named cells, with a report of their types."""
    from cchc_xl.editions.load import load
    from cchc_xl.workbook.layout import name_of, places

    program = os.environ.get("DATAMAPS") or shutil.which("datamaps")
    if not program:
        raise SystemExit("datamaps is not installed: pip install datamaps, or DATAMAPS=path of the program")
    edition = load()
    where = places(edition)
    with tempfile.TemporaryDirectory() as home:
        inside = Path(home) / "input"
        inside.mkdir()
        for file in files:
            os.link(file, inside / file.name)
        with (inside / "datamap.csv").open("w", newline="", encoding="utf-8") as stream:
            rows = csv.writer(stream)
            rows.writerow(("cell_key", "template_sheet", "cell_reference", "type"))
            rows.writerows(
                (name_of(row), where[row.key].sheet, where[row.key].cell(), "NUMBER")
                for row in edition.indicators
                if row.has_cell
            )
        command = [program, "import", "templates", "-m", "--inputdir", str(inside)]
        done = subprocess.run(command, env={**os.environ, "HOME": home}, capture_output=True, text=True)
        masters = list(Path(home).rglob("master.xlsx"))
        if done.returncode or not masters:
            raise SystemExit(f"datamaps failed: {done.stderr[-500:]}{done.stdout[-500:]}")
    return len(files)


def own_reader(files: list[Path]) -> int:
    """R: this project's reader alone, one process."""
    from cchc_xl.workbook.reader import read_file

    return sum(len(one.entries) for file in files for one in read_file(file))


PEERS = {
    "A": pandas_per_sheet,
    "B": calamine,
    "B*": calamine_whole,
    "C": openpyxl_twice,
    "D": datamaps,
    "R": own_reader,
}

if __name__ == "__main__":
    print(PEERS[sys.argv[1]](sorted(Path(sys.argv[2]).iterdir())))
