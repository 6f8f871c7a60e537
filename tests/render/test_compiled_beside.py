"""Templates compiled by a process of their own: they are there for this run and for later ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from gen_bindings.cache import CACHE_VARIABLE
from gen_bindings.render.compiled_beside import compiled_beside

pytestmark = pytest.mark.quick


def test_templates_are_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    with compiled_beside() as ready:
        ready()
    kept = {file: file.stat().st_mtime_ns for file in (tmp_path / "templates").iterdir()}
    assert len(kept) > 20
    with compiled_beside() as ready:
        ready()
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "templates").iterdir()} == kept


def test_a_run_that_ends_early_ends_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    with pytest.raises(KeyError), compiled_beside():
        raise KeyError
    assert not list(tmp_path.glob("templates/all-*"))
