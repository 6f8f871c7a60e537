"""C# under the recorder, on both runtimes: the generated binding is silent, mistakes are told."""

from __future__ import annotations

from pathlib import Path

import pytest
from trace_fixtures import Recorded

import reference_lab
from gen_bindings.findings.finding import Side
from gen_bindings.runtime.compile import compile_library
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.scenario import Scenario, run_scenario
from gen_bindings.runtime.toolchain import Toolchain
from gen_bindings.trace.life import Life

MISTAKES = {
    "Clean": [],
    "NeverReleased": ["GB901"],
    "ResponseKept": ["GB901"],
    "ReleasedTwice": ["GB908"],
    "UnknownReleased": ["GB908"],
    "UsedAfterRelease": ["GB916"],
    "ReleasedByFinalizer": ["GB907"],
    "ParentFirst": ["GB909"],
    "NotClosed": ["GB308"],
    "EventIgnored": ["GB915"],
    "Refused": ["GB918"],
    "AfterDispose": ["GB919"],
}

# One of each group; those left out are refused on purpose, or only take longer.
GENERATED = (
    "Sessions.ServerEnds",
    "Sessions.Reconnect",
    "Tree.Leaves",
    "Media.Sound",
    "Use.DisposeDuringCalls",
)


@pytest.mark.parametrize("lane", list(Lane))
@pytest.mark.parametrize("entry", GENERATED)
def test_the_generated_binding_is_silent(
    reference: Recorded, tmp_path: Path, toolchain: Toolchain, entry: str, lane: Lane
) -> None:
    assembly = reference_lab.compile_binding(reference_lab.sources(), lane)
    outcome = run_scenario(
        Scenario(
            name=entry,
            lane=lane,
            entry=f"Scenarios.{entry}",
            assemblies=(assembly,),
            libraries={"reference_ffi": reference.recorder},
            environment=reference.environment(tmp_path / "run"),
        )
    )
    outcome.value()
    found = reference.read(tmp_path)
    assert [str(finding.message) for finding in found.findings] == []
    assert len(found.processes[0].lives) > 20
    assert all(life.gone for life in found.processes[0].lives)


@pytest.mark.parametrize("lane", list(Lane))
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_and_nothing_else(
    reference: Recorded,
    tmp_path: Path,
    toolchain: Toolchain,
    mistake: str,
    lane: Lane,
) -> None:
    source = Path(__file__).with_name("HandWritten.cs")
    assembly = compile_library([source], tmp_path / "HandWritten.dll", lane, warnings_as_errors=False)
    outcome = run_scenario(
        Scenario(
            name=mistake,
            lane=lane,
            entry=f"HandWritten.Client.{mistake}",
            assemblies=(assembly,),
            libraries={"reference_ffi": reference.recorder},
            environment=reference.environment(tmp_path / "run"),
        )
    )
    assert outcome.value() is not False
    found = reference.read(tmp_path)
    if mistake == "ReleasedByFinalizer" and not _names_its_threads(found.processes[0].lives):
        pytest.skip("this runtime gives its finalizer thread no name (.NET does from version 5 on)")
    assert [f.check.id for f in found.findings] == MISTAKES[mistake], [f.message for f in found.findings]
    assert {f.side for f in found.findings} <= {Side.BINDING}


def _names_its_threads(lives: list[Life]) -> bool:
    (source,) = (life for life in lives if life.kind == "AudioSource")
    assert source.released_on is not None
    assert source.released_on.number not in (source.thread.number, source.process)
    return source.released_on.name != source.thread.name
