"""Recorders of the reference server and of the depot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from forking import CommandLine
from trace_fixtures import Recorded, recorded

from fixtures.build import build_fixture


@pytest.fixture(scope="session")
def reference(repo_root: Path, reference_library: Path) -> Recorded:
    return recorded(repo_root / "examples/reference/bindings.toml", reference_library)


@pytest.fixture(scope="session")
def depot(repo_root: Path) -> Recorded:
    return recorded(repo_root / "tests/fixtures/depot/bindings.toml", build_fixture("depot"))


@pytest.fixture(scope="session")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandLine]:
    command_line = CommandLine(tmp_path_factory.mktemp("cli"))
    yield command_line
    command_line.close()
