"""What is left out of the inner loop exists, and what starts too many processes is seen."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import inner_loop

pytestmark = pytest.mark.quick

TESTS = Path(__file__).resolve().parent


def test_what_is_left_out_exists() -> None:
    for name in sorted(inner_loop.OUTSIDE):
        module, _, test = name.partition("::")
        text = (TESTS / module).read_text("utf-8")
        assert "pytest.mark.quick" in text, f"{module} has no quick test"
        assert not test or f"def {test}(" in text, name


def test_a_module_or_a_test_is_left_out() -> None:
    outside = frozenset({"a/test_a.py", "test_b.py::test_long"})
    assert not inner_loop.is_inner("tests/a/test_a.py::test_x[1]", outside)
    assert not inner_loop.is_inner("tests/test_b.py::test_long[a::b]", outside)
    assert inner_loop.is_inner("tests/test_b.py::test_longer", outside)


@pytest.mark.parametrize(("count", "failed"), [(inner_loop.ALLOWED, False), (inner_loop.ALLOWED + 1, True)])
def test_a_module_that_starts_too_many_processes_fails(count: int, failed: bool, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("from inner_loop import *\n")
    (tmp_path / "test_it.py").write_text(
        "import subprocess, pytest\n"
        "@pytest.mark.quick\n"
        f"@pytest.mark.parametrize('n', range({count}))\n"
        "def test_start(n): subprocess.run(['true'], check=True)\n"
    )
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {TESTS}\nmarkers =\n quick\n inner\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode == 1) == failed, done.stdout + done.stderr
    assert ("OUTSIDE in tests/inner_loop.py" in done.stdout) == failed
    assert (f"{count - 1} passed" in done.stdout) == failed
