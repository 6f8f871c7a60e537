"""The examples' bindings, emitted once, and scenarios that run the reference server's."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import cache
from pathlib import Path

from gen_bindings.config import load_config
from gen_bindings.model.binding import Binding
from gen_bindings.output.write import put_files
from gen_bindings.passes.pipeline import build_binding
from gen_bindings.project.inputs import Inputs, read_inputs
from gen_bindings.render.emit import emit
from gen_bindings.render.folder import templates_from
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
    _, binding = model(example)
    with templates_from(templates) if templates else nullcontext():
        return emit(binding)


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
            put_files(files, filling)
    return tuple(folder / name for name in sorted(files))


def scenario_sources() -> tuple[Path, ...]:
    """The scenarios and what they need of the harness."""
    return (*sorted(SCENARIO_FOLDER.glob("*.cs")), HARNESS_SOURCE)


def compile_binding(binding: Sequence[Path], lane: Lane) -> Path:
    """Binding and scenarios as one assembly: scenarios look at what is internal."""
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in (*binding, *scenario_sources())))
    out = BUILD / "assemblies" / digest.hexdigest()[:16] / lane / "Reference.dll"
    return compile_library([*binding, *scenario_sources()], out, lane)


def run(entry: str, lane: Lane, *, binding: Sequence[Path], patience: float) -> Outcome:
    """Runs one scenario once, in a process of its own.

    Args:
        entry: ``Class.Method`` of the namespace ``Scenarios``.
        lane: the runtime.
        binding: emitted files.
        patience: seconds for which the scenario waits for anything that must happen.
    """
    return run_scenario(
        Scenario(
            name=entry,
            lane=lane,
            entry=f"Scenarios.{entry}",
            assemblies=(compile_binding(binding, lane),),
            libraries={"reference_ffi": LIBRARY},
            environment={"SCENARIO_DEADLINE": str(round(patience * 1000))},
        )
    )


def run_each_twice(entries: Sequence[str], lane: Lane, assembly: Path | None = None) -> dict[str, str]:
    """Runs scenarios twice each, in as few processes as tell of each what became of it.

    The next one starts in the same process only when the one before left no socket and no thread (and no
    handle, which each asks first); after one that failed, or ended the process, the rest is run in another.

    Args:
        entries: ``Class.Method`` of the namespace ``Scenarios``.
        lane: the runtime.
        assembly: where they are, when it is not the binding as it is.

    Returns:
        Of each how it failed, or nothing.
    """
    names = [f"Scenarios.{entry}" for entry in entries]
    found: dict[str, str] = {}
    while waiting := [name for name in names if name not in found]:
        with tempfile.TemporaryDirectory(prefix="gen-bindings-") as folder:
            told = Path(folder) / "told"
            outcome = run_scenario(
                Scenario(
                    name=f"{waiting[0]} to {waiting[-1]}",
                    lane=lane,
                    entry="reference_watch:run",
                    assemblies=(assembly or compile_binding(sources(), lane),),
                    args={"entries": waiting, "told": str(told)},
                    libraries={"reference_ffi": LIBRARY},
                    deadline=60.0 + 10 * len(waiting),
                    python_path=(WATCH,),
                )
            )
            lines = told.read_text("utf-8").splitlines() if told.is_file() else []
        # Of the last that had begun nothing is told when it ended the process.
        failed = {waiting[0]: outcome.describe()}
        for name, error in map(json.loads, lines):
            failed = {name: outcome.describe()} if error is None else {}
            found.update({name: error} if error is not None else {})
        found.update(failed)
    return {entry: found[name] for entry, name in zip(entries, names, strict=True)}
