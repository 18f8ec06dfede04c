"""The coverage-guided fuzzers run: a short while here, as long as one likes by command (``tests/fuzz``)."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.full
@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is not installed (pip install atheris)")
@pytest.mark.parametrize("name", ["packages", "numbers"])
def test_half_a_minute_of_each(name, tmp_path):
    command = [sys.executable, "-m", f"tests.fuzz.{name}", "-max_total_time=30", "-seed=2022", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3_000:]
