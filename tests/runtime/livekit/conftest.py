"""The binding of the real library, made once for all tests of this folder."""

from __future__ import annotations

import pytest
from livekit_lab import Lab, prepare

from gen_bindings.runtime.toolchain import Toolchain


@pytest.fixture(scope="session")
def lab(toolchain: Toolchain) -> Lab:
    """Generated from the installed package, and compiled when a lane first asks."""
    return prepare()
