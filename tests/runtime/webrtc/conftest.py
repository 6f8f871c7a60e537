"""What the tests against the webrtc library start from."""

from __future__ import annotations

import pytest
import webrtc_lab

from gen_bindings.runtime.toolchain import Toolchain


@pytest.fixture(autouse=True, scope="session")
def ready(toolchain: Toolchain) -> None:
    """Compilers, runtimes, both libraries, and the right to a network of one's own."""
    reason = webrtc_lab.missing()
    if reason:
        pytest.skip(reason)
