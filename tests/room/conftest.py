"""Tests in rooms end with tables of their results."""

from __future__ import annotations

import os


def pytest_terminal_summary() -> None:
    """Shows the results; the process that does is the one that `make` ends, and no shell stands between."""
    if os.environ.get("GEN_BINDINGS_SLOW"):
        import tables

        tables.main()
