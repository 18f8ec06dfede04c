"""The control workbook and the script that builds it, for the tests of both."""

import importlib
import sys
from pathlib import Path

MACROS = Path(__file__).parent.parent / "macros"
BOOK = MACROS / "bang-dieu-hanh.xlsm"

sys.path.insert(0, str(MACROS))
build_macros = importlib.import_module("build_macros")
