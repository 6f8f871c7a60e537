"""A small project and a cache of each test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli_runner import lamp_project
from warm_cache import WarmCache


@pytest.fixture(autouse=True)
def own_cache(warm_cache: WarmCache, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a run remembers stays with the test."""
    cache = warm_cache()
    monkeypatch.setenv("GEN_BINDINGS_CACHE", str(cache))
    return cache


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The configuration of the small project."""
    folder = tmp_path / "project"
    folder.mkdir()
    return lamp_project(folder)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where its C# goes; it does not exist yet."""
    return tmp_path / "cs"
