"""The examples' bindings, emitted once, and scenarios that run the reference server's."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import cache
from pathlib import Path

from gen_bindings.config import load_config
from gen_bindings.inputs import Inputs, read_inputs
from gen_bindings.model.binding import Binding
from gen_bindings.passes.pipeline import build_binding
from gen_bindings.render.emit import emit
from gen_bindings.render.folder import templates_from
from gen_bindings.render.writer import write_tree
from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_library, made_once
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.scenario import Outcome, Scenario, run_scenario

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "native" / "target" / "release" / "libreference_ffi.so"
SCENARIO_FOLDER = ROOT / "tests" / "runtime" / "reference" / "scenarios"
BUILD = ROOT / "build" / "tests" / "bindings"

WATCH = ROOT / "tests" / "runtime" / "reference"


# Every scenario of the folder, but for those that repeat one many times.
SCENARIOS = (
    "Sessions.ClientEnds",
    "Sessions.ServerEnds",
    "Sessions.ClientDisposed",
    "Sessions.RoomDisposed",
    "Sessions.Panic",
    "Sessions.FailedConnect",
    "Sessions.ConfigureThrows",
    "Sessions.LateJoin",
    "Sessions.Reconnect",
    "Sessions.RepublishedHandle",
    "Sessions.EndedFromBothSides",
    "Sessions.TwoRooms",
    "Sessions.SameIdentity",
    "Tree.Leaves",
    "Tree.Unpublished",
    "Tree.LeaveOpen",
    "Tree.State",
    "Media.Sound",
    "Media.Pictures",
    "Media.Memory",
    "Media.DisposeRoomInside",
    "Media.DisposeClientInside",
    "Data.Packets",
    "Data.PacketsAtTheEnd",
    "Data.Readers",
    "Data.Writers",
    "Use.DisposeFromManyThreads",
    "Use.HandlersThrow",
    "Use.AfterDispose",
    "Use.DisposeDuringCalls",
    "Use.CallbackFirst",
    "Use.Refusals",
    "Use.Operations",
    "Use.LateCallback",
    "Use.CapturedContext",
    "Use.DispatchThread",
    "Concurrency.EndedWhileSending",
    "Concurrency.DisposeWaitsForHandlers",
    "Concurrency.ClientEndedElsewhere",
    "Concurrency.RoomThatNobodyHolds",
    "Use.CallbackIsRooted",
    "Surface.NoPointers",
    "Surface.NoPackages",
    "Surface.WideIds",
    "Surface.DirtyBool",
    "Surface.Text",
    "Surface.Messages",
)


@cache
def model(example: str = "reference") -> tuple[Inputs, Binding]:
    """What a configuration names, and what was decided of it."""
    loaded = load_config(ROOT / "examples" / example / "bindings.toml")
    inputs = read_inputs(loaded)
    return inputs, build_binding(loaded, inputs.schema, inputs.header, inputs.exports)


def emit_files(example: str = "reference", templates: Path | None = None) -> dict[str, str]:
    """The text of every file; from another folder of templates when one is given."""
    inputs, binding = model(example)
    with templates_from(templates) if templates else nullcontext():
        return emit(binding, inputs.digest)


@cache
def sources(example: str = "reference") -> tuple[Path, ...]:
    """A binding as it is."""
    return place(emit_files(example))


def place(files: Mapping[str, str]) -> tuple[Path, ...]:
    """Puts emitted files where a compiler finds them, once per content."""
    digest = hashlib.sha256()
    for name, text in sorted(files.items()):
        digest.update(f"{name}\0{text}\0".encode())
    folder = BUILD / digest.hexdigest()[:16]
    with made_once(folder) as filling:
        if filling is not None:
            write_tree(files, filling)
    return tuple(folder / name for name in sorted(files))


def scenario_sources() -> tuple[Path, ...]:
    """The scenarios and what they need of the harness."""
    return (*sorted(SCENARIO_FOLDER.glob("*.cs")), HARNESS_SOURCE)


def compile_binding(binding: Sequence[Path], lane: Lane) -> Path:
    """Binding and scenarios as one assembly: scenarios look at what is internal."""
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in (*binding, *scenario_sources())))
    out = BUILD / "assemblies" / digest.hexdigest()[:16] / lane / "Reference.dll"
    return compile_library([*binding, *scenario_sources()], out, lane)


def run(
    entry: str,
    lane: Lane,
    *,
    binding: Sequence[Path] | None = None,
    watched: bool = True,
    patience: float = 20.0,
) -> Outcome:
    """Runs one scenario in a process of its own.

    Args:
        entry: ``Class.Method`` of the namespace ``Scenarios``.
        lane: the runtime.
        binding: emitted files, when it is not the binding as it is.
        watched: run it twice, and refuse sockets and threads that remain after the second time.
        patience: seconds for which the scenario waits for anything that must happen.
    """
    assembly = compile_binding(binding or sources(), lane)
    return run_scenario(
        Scenario(
            name=entry,
            lane=lane,
            entry="reference_watch:run" if watched else f"Scenarios.{entry}",
            assemblies=(assembly,),
            args={"entry": f"Scenarios.{entry}"} if watched else None,
            libraries={"reference_ffi": LIBRARY},
            python_path=(WATCH,),
            environment={"SCENARIO_DEADLINE": str(round(patience * 1000))},
        )
    )
