"""What is shipped beside the code is what its data give: templates and samples, byte for byte."""

import importlib.util
import sys
from pathlib import Path

from cchc_xl.editions.load import load
from cchc_xl.shipped import shipped

ROOT = Path(__file__).parent.parent


def script(path: Path):
    """A build script as a module, without running it."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def test_the_templates_are_what_the_editions_give():
    build = script(ROOT / "templates" / "build_templates.py")
    stale = [path.relative_to(ROOT) for path, content in build.products() if path.read_bytes() != content]
    assert stale == [], "run: python templates/build_templates.py"


def test_the_sample_workbooks_are_what_their_data_give():
    make = script(ROOT / "samples" / "make_samples.py")
    stale = []
    for folder, workbooks in ((make.ROUND, make.workbooks()), (make.FRAME_ROUND, make.frame_workbooks())):
        made = dict(workbooks)
        received = {file.name: file for file in (folder / "nhan-ve").iterdir()}
        assert set(received) == set(made)
        stale += [name for name, content in made.items() if received[name].read_bytes() != content]
    assert stale == [], "run: python samples/make_samples.py"


def test_a_blank_official_workbook_fits_in_a_mail(edition):
    for name in ("xa-2022", "xa-2025-khung"):
        assert shipped("templates", name, "bieu-mau.xlsx").stat().st_size <= 80_000


def test_the_real_figures_are_those_of_the_report():
    make = script(ROOT / "samples" / "make_samples.py")
    fill = make.real_fill(load("xa-2022"))
    assert len(fill.answers) + len(fill.typed_over) == 123 - 42  # 42 cells of the report are blank
    assert sum(value == 0 for value in (*fill.answers.values(), *fill.typed_over.values())) == 46
    assert (fill.typed_over["1/2"], fill.answers["6/1.1"], fill.typed_over["7/6.7"]) == (
        make.Decimal("63.6"),
        3000,
        23,
    )
