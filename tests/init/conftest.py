"""A cache of each test's own."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a run remembers stays with the test."""
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("GEN_BINDINGS_CACHE", str(cache))
    return cache
