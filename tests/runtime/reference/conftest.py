"""What the tests against the reference server start from."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen_bindings.runtime.toolchain import Toolchain


@pytest.fixture(autouse=True, scope="session")
def ready(toolchain: Toolchain, reference_library: Path) -> None:
    """Compilers, runtimes and the server itself."""
