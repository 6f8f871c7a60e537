"""A cache of each test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from warm_cache import WarmCache


@pytest.fixture(autouse=True)
def own_cache(warm_cache: WarmCache, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a run remembers stays with the test."""
    cache = warm_cache()
    monkeypatch.setenv("GEN_BINDINGS_CACHE", str(cache))
    return cache
