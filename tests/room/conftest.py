"""Tests in rooms use what other tests of LiveKit and of recordings are made of, and end with tables."""

from __future__ import annotations

import os
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path += [str(TESTS / "runtime" / "livekit"), str(TESTS / "trace")]


def pytest_terminal_summary() -> None:
    """Shows the results; the process that does is the one that `make` ends, and no shell stands between."""
    if os.environ.get("GEN_BINDINGS_SLOW"):
        import tables

        tables.main()
