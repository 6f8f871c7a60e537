"""LiveKit's binding, generated and compiled with the scenarios, and how one of them is run under the recorder."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from livekit_record import Record

from gen_bindings.config import load_config
from gen_bindings.inputs import read_inputs
from gen_bindings.model.binding import Binding
from gen_bindings.passes.pipeline import build_binding
from gen_bindings.render.emit import emit
from gen_bindings.render.writer import write_tree
from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_library, made_once
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.process import Outcome
from gen_bindings.runtime.scenario import Scenario, run_scenario
from gen_bindings.runtime.toolchain import cache_folder
from gen_bindings.sources import collect_descriptors
from gen_bindings.sources.locate import locate

HERE = Path(__file__).resolve().parent
CONFIGURATION = HERE.parents[2] / "examples" / "livekit" / "bindings.toml"
IMPORT_NAME = "livekit_ffi"


@dataclass(frozen=True)
class Lab:
    """The generated binding, and everything that a run needs.

    Attributes:
        binding: the model.
        sources: the generated C#.
        folder: for what is compiled.
        library: the real one, from the installed package.
        recorder: the library that stands between.
        descriptors: the protocol as a serialized `FileDescriptorSet`.
    """

    binding: Binding
    sources: tuple[Path, ...]
    folder: Path
    library: Path
    recorder: Path
    descriptors: Path

    def assembly(self, lane: Lane) -> Path:
        """The binding with the scenarios, for a lane; compiled once for the same content."""
        scenarios = sorted(HERE.glob("*.cs"))
        out = self.folder / lane / "LiveKitLab.dll"
        return compile_library([*self.sources, *scenarios, HARNESS_SOURCE], out, lane)


@dataclass(frozen=True)
class Run:
    """What a scenario left.

    Attributes:
        outcome: how the child ended.
        record: what the recorder saw.
        facts: what the scenario returned.
        alive: the binding's own count of live handles, at the end of the scenario.
        reported: what the binding's diagnostics said.
        left: sockets and threads that a second run left, as findings.
        in_table: what the library's handle table still held.
    """

    outcome: Outcome
    record: Record
    facts: dict[str, Any] = field(default_factory=dict)
    alive: str = ""
    reported: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    in_table: tuple[int, ...] = ()


@cache
def prepare() -> Lab:
    """Generates the binding and compiles the recorder; once for the same content, whoever asks."""
    loaded = load_config(CONFIGURATION)
    inputs = read_inputs(loaded)
    binding = build_binding(loaded, inputs.schema, inputs.header, inputs.exports)
    files = emit(binding, inputs.digest)
    assert loaded.config.input.module is not None
    assert loaded.config.input.library is not None
    recorder = HERE / "recorder.c"
    digest = hashlib.sha256(json.dumps([files, inputs.schema.digest, recorder.read_text()]).encode())
    folder = cache_folder("tests") / "livekit" / digest.hexdigest()[:32]
    with made_once(folder) as filling:
        if filling is not None:
            write_tree(files, filling / "csharp")
            _collect(loaded.config.input.module.removeprefix("python:"), filling / "protocol.binpb")
            _build_recorder(recorder, filling / "librecorder.so")
    return Lab(
        binding,
        tuple(sorted(folder / "csharp" / name for name in files)),
        folder,
        locate(loaded.config.input.library, CONFIGURATION.parent).resolve(),
        folder / "librecorder.so",
        folder / "protocol.binpb",
    )


def run(
    lab: Lab,
    lane: Lane,
    scenario: str,
    record_file: Path,
    args: Mapping[str, Any] | None = None,
    *,
    twice: bool = False,
    patience: float = 5.0,
    census: bool = True,
    generations: int = 1,
    environment: Mapping[str, str] | None = None,
    deadline: float = 60.0,
) -> Run:
    """Runs one scenario in a child, with the recorder between the binding and the library.

    Args:
        lab: from `prepare`.
        lane: the runtime.
        scenario: `Class.Method` in the namespace LiveKitLab.
        record_file: where the recording goes.
        args: for the scenario.
        twice: run it again and say what sockets and threads the second run left.
        patience: seconds in which the last handles must be dropped.
        census: count the library's handle table before the library is shut down.
        generations: how often the library is started and shut down in the child.
        environment: added to the child's.
        deadline: in seconds.
    """
    outcome = run_scenario(
        Scenario(
            name=scenario,
            lane=lane,
            entry="livekit_driver:run",
            assemblies=(lab.assembly(lane),),
            args={
                "scenario": scenario,
                "args": dict(args or {}),
                "record": str(record_file),
                "descriptors": str(lab.descriptors),
                "library": str(lab.library),
                "twice": twice,
                "patience": patience,
                "census": census,
                "generations": generations,
            },
            libraries={IMPORT_NAME: lab.recorder},
            deadline=deadline,
            python_path=(HERE,),
            environment={
                "RECORDED_LIBRARY": str(lab.library),
                "RECORD_FILE": str(record_file),
                **(environment or {}),
            },
        )
    )
    record = Record(record_file, lab.descriptors)
    if not isinstance(outcome.result, dict):
        return Run(outcome, record)
    answer = outcome.result
    return Run(
        outcome,
        record,
        answer["facts"] or {},
        answer["alive"],
        tuple(answer["reported"]),
        tuple(answer["left"]),
        tuple(answer["in_table"]),
    )


def _collect(module: str, out: Path) -> None:
    request = json.dumps({"path": sys.path, "module": module, "output": str(out)})
    subprocess.run([sys.executable, collect_descriptors.__file__, request], check=True)


def _build_recorder(source: Path, out: Path) -> None:
    options = ["-shared", "-fPIC", "-pthread", "-O2", "-Wall", "-Wextra", "-Werror"]
    subprocess.run(["gcc", *options, "-o", out, source, "-ldl"], check=True)
