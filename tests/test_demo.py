"""The demo proves what its last line says, on a terminal of any kind and without one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from gen_bindings.runtime.toolchain import Toolchain


def test_the_demo_proves_what_it_says(toolchain: Toolchain, reference_library: Path, repo_root: Path) -> None:
    done = subprocess.run(
        [sys.executable, repo_root / "examples" / "demo" / "run.py"],
        env={**os.environ, "PYTHONPATH": str(repo_root / "generator")},
        cwd=repo_root.parent,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    rows = {
        tuple(line.split()[: len(name.split()) + 1]): [int(cell) for cell in line.split()[-13:]]
        for line in done.stdout.splitlines()
        for name in ("by hand", "generated")
        if re.match(rf" {name} +(before|during|after) ", line)
    }
    forgets = [rows["by", "hand", moment] for moment in ("before", "during", "after")]
    generated = [rows["generated", moment] for moment in ("before", "during", "after")]
    assert forgets[0] == generated[0] == generated[2] == [0] * 13
    assert forgets[1][0] == forgets[2][0] == sum(forgets[2][1:]) > generated[1][0] > 0
    last = done.stdout.splitlines()[-1]
    assert re.match(r"Proven in \d+ s: all 90 requests ", last)
    assert (repo_root / "build" / "demo" / "livekit" / "Objects" / "Room.g.cs").is_file()


def test_the_demo_says_what_is_missing(tmp_path: Path, repo_root: Path) -> None:
    done = subprocess.run(
        [sys.executable, repo_root / "examples" / "demo" / "run.py"],
        env={**os.environ, "PYTHONPATH": str(repo_root / "generator"), "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "error: `mcs` is not on the PATH" in done.stderr
    assert "Traceback" not in done.stderr
