"""Builds the control workbook bang-dieu-hanh.xlsm: VBA modules (.bas, ASCII) -> vbaProject.bin -> XlsxWriter.

    python macros/build_macros.py

Everything people read comes from cchc_xl/editions/ui/control.toml. vbaProject.bin is made anew only when a module has
changed, and only then pyOpenVBA is needed; both products are committed, so that users need no build.
"""

import sys
import tempfile
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from board import Board  # beside this file

HERE = Path(__file__).parent
PROJECT, MODULES = HERE / "vbaProject.bin", ("CchcMacros", "CchcManHinh", "CchcTep")
SHEETS = 7  # board, roster, units, files, findings, guide, memory


def sources(folder: Path = HERE) -> dict[str, str]:
    """Module -> its text with Windows line ends. Raises SystemExit for a letter outside ASCII: VBA would lose it."""
    found = {}
    for name in MODULES:
        text = (folder / f"{name}.bas").read_text("utf-8")
        for number, line in enumerate(text.split("\n"), start=1):
            if not line.isascii():
                raise SystemExit(f"{name}.bas, line {number}: only ASCII; Vietnamese text belongs into cells: {line}")
        found[name] = "\r\n".join(text.splitlines()) + "\r\n"
    return found


def vba_project(modules: Mapping[str, str]) -> bytes:
    """A new VBA project with these modules and one empty module for each sheet."""
    import pyopenvba

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "new.xlsm")
        book = pyopenvba.ExcelFile.create_new(path)
        project = book.vba_project()
        project.delete_module("Module1")
        first = book.get_module("Sheet1")
        for number in range(2, SHEETS + 1):
            head = first.replace('"Sheet1"', f'"Sheet{number}"')
            project.add_module(f"Sheet{number}", head, kind=pyopenvba.VBAModuleKind.other)
        for name, text in modules.items():
            project.add_module(name, text)
        problems = project.validate()
        if problems:
            raise SystemExit(f"the VBA project is not sound: {problems}")
        book.save(path)
        book.close()
        return zipfile.ZipFile(path).read("xl/vbaProject.bin")


def modules_in(project: bytes) -> dict[str, str]:
    """Module -> its text, as it stands in a vbaProject.bin."""
    import pyopenvba

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "read.xlsm"
        path.write_bytes(workbook(project))
        book = pyopenvba.ExcelFile(str(path))
        found = {name: book.get_module(name) for name in book.module_names()}
        book.close()
        return found


def workbook(project: bytes) -> bytes:
    """The control workbook around a VBA project; equal content gives equal bytes."""
    from cchc_xl.files import canonical_zip

    return canonical_zip(_with_fonts(Board(project).content()))


def _with_fonts(content: bytes) -> bytes:
    """The captions of the buttons in the letters of the sheet, larger."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for member in source.infolist():
            part = source.read(member)
            if member.filename.startswith("xl/drawings/vmlDrawing"):
                plain = b'<font face="Calibri" size="220" color="#000000">'
                assert plain in part
                part = part.replace(plain, b'<font face="Times New Roman" size="260" color="#000000">')
            target.writestr(member, part)
    return out.getvalue()


def main() -> None:
    modules = sources()
    if not PROJECT.exists() or any(
        modules_in(PROJECT.read_bytes()).get(name) != text for name, text in modules.items()
    ):
        PROJECT.write_bytes(vba_project(modules))
        print(f"{PROJECT.name}: {PROJECT.stat().st_size} bytes")
    path = HERE / "bang-dieu-hanh.xlsm"
    path.write_bytes(workbook(PROJECT.read_bytes()))
    print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    sys.exit(main())
