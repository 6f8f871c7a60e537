"""Small native libraries in C for the tests of the harness."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

BuildC = Callable[[str, str], Path]


@pytest.fixture(scope="session")
def build_c(tmp_path_factory: pytest.TempPathFactory) -> BuildC:
    """Compiles C source text into a shared library of the given name."""

    def build(name: str, source: str) -> Path:
        folder = tmp_path_factory.mktemp(name)
        (folder / f"{name}.c").write_text(source)
        out = folder / f"lib{name}.so"
        options = ["-shared", "-fPIC", "-pthread", "-Wall", "-Werror"]
        subprocess.run(["gcc", *options, "-o", out, folder / f"{name}.c"], check=True)
        return out

    return build
