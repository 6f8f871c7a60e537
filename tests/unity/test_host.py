"""The package's glue in a running player: start and stop, console, coroutines, a library that is missing."""

from __future__ import annotations

from typing import Any

import pytest
import unity_lab

import reference_lab
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.scenario import Scenario, run_scenario
from gen_bindings.runtime.toolchain import Toolchain

pytestmark = pytest.mark.usefixtures("toolchain", "reference_library")


def told(entry: str, *, library: bool = True) -> Any:
    """What a scenario tells."""
    outcome = run_scenario(
        Scenario(
            name=entry,
            lane=Lane.MONO,
            entry=f"UnityLoop.HostScenarios.{entry}",
            assemblies=(unity_lab.loop_assembly(editor=False),),
            args="",
            libraries={"reference_ffi": reference_lab.LIBRARY} if library else {},
        )
    )
    return outcome.value()


def test_it_starts_before_the_scene_and_stops_once(toolchain: Toolchain) -> None:
    (before, refused, same, *stop, again, quit_, running, reset, left, tracked, elsewhere) = told(
        "StartAndStop"
    )
    assert (before, same) == (False, True)
    assert "is not running" in refused
    # Raised once; usable in it; disposed; not running; no handle.
    assert stop == [1, True, True, False, 0]
    assert again is False
    assert (quit_, running) == (2, False)
    assert (reset, left, tracked) == (2, False, False)
    assert "main thread" in elsewhere


def test_the_console_shows_logs_by_level() -> None:
    library, error, warn, info, debug, trace, unknown, failed = told("Logs")
    assert library.startswith(("log: ", "warning: ", "error: "))
    assert library.endswith("from the library")
    assert (error, warn) == ("error: here: Error", "warning: here: Warn")
    assert (info, debug, trace) == ("log: here: Info", None, None)
    assert unknown.startswith("warning: ")
    assert failed.startswith("error: While testing: {0} is no place holder")


def test_operations_can_be_yielded() -> None:
    *steps, line = told("Coroutine")
    assert steps == [True, True, True, True]
    assert line.startswith("total=0 ")


def test_a_missing_library_is_told_with_its_place() -> None:
    running, lines = told("NoLibrary", library=False)
    assert running is False
    (line,) = lines
    assert line.startswith("error: ReferenceClient could not start: the native library reference_ffi")
    assert "Runtime/Plugins/README.md" in line
