"""Finding inputs: beside the configuration, or inside an installed package without importing it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gen_bindings.errors import SourceError
from gen_bindings.sources.locate import locate

pytestmark = pytest.mark.quick

Write = Callable[[str, str], Path]


def test_a_path_is_relative_to_the_configuration(write: Write, tmp_path: Path) -> None:
    header = write("include/api.h", "")
    assert locate("../include/api.h", tmp_path / "include").resolve() == header
    assert locate("include/api.h", tmp_path) == header
    assert locate(str(header), Path("/elsewhere")) == header


def test_a_missing_path(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        locate("include/api.h", tmp_path)
    assert str(caught.value) == (
        f"The input 'include/api.h' does not exist: looked for {tmp_path}/include/api.h. "
        "Paths are relative to the folder of the configuration file; correct it there."
    )


def test_a_file_of_an_installed_package() -> None:
    found = locate("python:livekit/rtc/resources/livekit_ffi.h", Path())
    assert found.name == "livekit_ffi.h"
    assert found.is_file()


def test_the_package_is_not_imported(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("site/boobytrapped/__init__.py", "raise SystemExit('imported')")
    header = write("site/boobytrapped/include/api.h", "")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert locate("python:boobytrapped/include/api.h", Path()) == header
    assert "boobytrapped" not in sys.modules


def test_the_search_path_comes_first(write: Write, tmp_path: Path) -> None:
    other = write("old/livekit/rtc/resources/livekit_ffi.h", "")
    found = locate("python:livekit/rtc/resources/livekit_ffi.h", Path(), (tmp_path / "old",))
    assert found == other


def test_a_missing_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(SourceError) as caught:
        locate("python:nowhere/api.h", Path())
    assert str(caught.value) == (
        f"The input 'python:nowhere/api.h' does not exist: no Python package nowhere in {tmp_path}. "
        "Install the package that provides it (for example: pip install nowhere)."
    )


def test_a_package_without_the_file(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("nowhere/__init__.py", "")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(SourceError) as caught:
        locate("python:nowhere/include/api.h", Path())
    assert str(caught.value) == (
        f"The input 'python:nowhere/include/api.h' does not exist: the package nowhere is in "
        f"{tmp_path}/nowhere, without include/api.h. Correct the path, or install a version that has it."
    )


@pytest.mark.parametrize(
    "spec", ["python:/etc/passwd", "python:livekit/../secret.h", "python:livekit", "python:"]
)
def test_not_inside_a_package(spec: str) -> None:
    with pytest.raises(SourceError, match="does not name a file inside a Python package"):
        locate(spec, Path())
