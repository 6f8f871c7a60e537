"""Fixtures that tests of several areas share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gen_bindings.cache import CACHE_VARIABLE
from gen_bindings.errors import ToolchainError
from gen_bindings.runtime.toolchain import Toolchain, find_toolchain
from inner_loop import pytest_collection_modifyitems, pytest_runtest_call, pytest_runtest_protocol
from rule_matrix import pytest_itemcollected, pytest_terminal_summary
from shared_results import once
from warm_cache import warm_cache

__all__ = [
    "once",
    "pytest_collection_modifyitems",
    "pytest_itemcollected",
    "pytest_runtest_call",
    "pytest_runtest_protocol",
    "pytest_terminal_summary",
    "warm_cache",
]

# What was compiled once stays with the checkout; a test of the cache itself has one of its own.
os.environ.setdefault(CACHE_VARIABLE, str(Path(__file__).resolve().parents[1] / "build"))


@pytest.fixture(scope="session")
def repo_root() -> Path:
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    """Compiler and runtimes; without them the tests that need them fail, they are not skipped."""
    try:
        return find_toolchain()
    except ToolchainError as error:
        pytest.fail(f"{error}\nRun `make setup`.", pytrace=False)


@pytest.fixture(scope="session")
def reference_library(repo_root: Path) -> Path:
    """The reference server as a shared library."""
    path = repo_root / "native" / "target" / "release" / "libreference_ffi.so"
    if not path.is_file():
        pytest.fail(
            f"{path.relative_to(repo_root)} is not built. Run `make setup`.",
            pytrace=False,
        )
    return path
