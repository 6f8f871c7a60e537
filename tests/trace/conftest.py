"""Recorders of the reference server and of the depot."""

from __future__ import annotations

from pathlib import Path

import pytest
from trace_fixtures import Recorded, recorded

from fixtures.build import build_fixture


@pytest.fixture(scope="session")
def reference(repo_root: Path, reference_library: Path) -> Recorded:
    return recorded(repo_root / "examples/reference/bindings.toml", reference_library)


@pytest.fixture(scope="session")
def depot(repo_root: Path) -> Recorded:
    return recorded(repo_root / "tests/fixtures/depot/bindings.toml", build_fixture("depot"))
