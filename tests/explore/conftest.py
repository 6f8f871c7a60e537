"""What every test of the explorer needs."""

from __future__ import annotations

import pytest

from gen_bindings.runtime.toolchain import Toolchain


@pytest.fixture(scope="session")
def ready(toolchain: Toolchain) -> None:
    """Compiler and runtime."""
