"""A program that uses the binding ends with its own exit code, whatever it forgot to dispose."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

import reference_lab
from gen_bindings.runtime.compile import compile_exe

_PROGRAM = Path(__file__).parent / "programs" / "Ends.cs"


@pytest.mark.usefixtures("toolchain")
@pytest.mark.parametrize(
    ("way", "code"),
    [
        pytest.param("forgotten", 4, id="an object that nobody disposed"),
        pytest.param("exit", 3, id="Environment.Exit before Dispose"),
        pytest.param("closed", 5, id="native threads that called back and did not end"),
        pytest.param("open", 5, id="a room that is still open"),
    ],
)
def test_a_program_ends_on_mono(way: str, code: int, tmp_path: Path, reference_library: Path) -> None:
    program = compile_exe([*reference_lab.sources(), _PROGRAM], tmp_path / "Ends.exe")
    shutil.copy(reference_library, tmp_path)

    ended = subprocess.run(
        ["mono", str(program), way],
        env={**os.environ, "LD_LIBRARY_PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (code, "", "")
