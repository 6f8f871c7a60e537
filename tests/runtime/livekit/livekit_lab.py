"""LiveKit's binding, compiled with the scenarios; how one is run under the recorder, and what is expected."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from livekit_record import Record

from gen_bindings.cache import cache_folder
from gen_bindings.config import load_config
from gen_bindings.model.binding import Binding
from gen_bindings.output.write import put_files
from gen_bindings.passes.pipeline import build_binding
from gen_bindings.project.inputs import read_inputs
from gen_bindings.render.emit import emit
from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_library, made_once
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.process import Outcome
from gen_bindings.runtime.scenario import Scenario, run_scenario
from gen_bindings.sources import collect_descriptors
from gen_bindings.sources.locate import locate

HERE = Path(__file__).resolve().parent
CONFIGURATION = HERE.parents[2] / "examples" / "livekit" / "bindings.toml"
IMPORT_NAME = "livekit_ffi"
NEEDS_ROOM = "Roomless.NeedsRoom"
# No audio device, whatever the machine has.
_NO_DEVICE = {"ALSA_CONFIG_PATH": "/dev/null", "PULSE_SERVER": "/nowhere"}
# The scenarios that the table of requests speaks of, with what their runs need beyond the usual.
SCENARIOS: Mapping[str, Mapping[str, Any]] = {
    "Audio.Tracks": {"generations": 2},
    "Audio.Stream": {"twice": True},
    "Video.Convert": {},
    "Video.Stream": {"twice": True},
    "Video.Encoded": {},
    "Resamplers.Remix": {},
    "Resamplers.Sox": {},
    "Resamplers.Process": {},
    NEEDS_ROOM: {},
    "Roomless.Refused": {"environment": _NO_DEVICE},
    "Roomless.Connect": {"twice": True},
    "Lifecycle.LeftToClient": {"census": False},
    "Lifecycle.RawDispose": {},
    "Preconditions.Run": {},
    "Costs.Run": {},
}


@dataclass(frozen=True)
class Expectation:
    """One line of requests.toml.

    Attributes:
        kind: run, refused or needs-room.
        scenarios: in which it is sent and ends so.
        by: for refused, part of what the library says.
        answers: for needs-room, whether the library answers although it does not know the handle.
    """

    kind: str
    scenarios: tuple[str, ...]
    by: str = "refused"
    answers: bool = False

    def allows(self, verdicts: frozenset[str]) -> bool:
        """Whether the library's verdicts in one scenario are as the line says."""
        if self.kind == "run":
            return "ok" in verdicts
        if self.kind == "refused":
            return all(self.by in verdict for verdict in verdicts)
        return verdicts == {"ok" if self.answers else "refused"}


def request_table(text: str | None = None) -> Mapping[str, Expectation]:
    """The table, by request.

    Raises:
        ValueError: a request is listed twice.
    """
    table = tomllib.loads(text or (HERE / "requests.toml").read_text("utf-8"))
    names = Counter(name for kind in ("run", "refused", "needs-room") for name in table[kind])
    if twice := [name for name, times in names.items() if times > 1]:
        raise ValueError(f"listed twice: {twice}")
    found = {name: Expectation("run", tuple(scenarios)) for name, scenarios in table["run"].items()}
    for name, entry in table["refused"].items():
        found[name] = Expectation("refused", (entry["in"],), by=entry["by"])
    for name, entry in table["needs-room"].items():
        found[name] = Expectation("needs-room", (NEEDS_ROOM,), answers=entry["answers"])
    return found


def contradictions(
    scenario: str, verdicts: Mapping[str, frozenset[str]], table: Mapping[str, Expectation]
) -> list[str]:
    """Where a recorded scenario and the table do not say the same.

    Args:
        scenario: its name.
        verdicts: what the library answered, by request.
        table: from `request_table`.
    """
    found = [f"{request} was sent and is not in the table" for request in verdicts.keys() - table.keys()]
    for request, expected in table.items():
        met = verdicts.get(request, frozenset())
        if scenario in expected.scenarios:
            if not met:
                found.append(f"{scenario} does not send {request}")
            elif not expected.allows(met):
                found.append(f"{request} is {expected.kind} in the table, and {scenario} met {sorted(met)}")
        elif "ok" in met:
            found.append(f"{scenario} runs {request}, and the table does not say so")
    return found


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
        scenarios = [*sorted(HERE.glob("*.cs")), HARNESS_SOURCE]
        digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in scenarios)).hexdigest()[:16]
        # A folder that is never written again: another test process may be running what is in it.
        folder = self.folder / f"{lane}-{digest}"
        with made_once(folder) as filling:
            if filling is not None:
                compile_library([*self.sources, *scenarios], filling / "LiveKitLab.dll", lane)
        return folder / "LiveKitLab.dll"


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
    files = emit(binding)
    assert loaded.config.input.module is not None
    assert loaded.config.input.library is not None
    recorder = HERE / "recorder.c"
    digest = hashlib.sha256(json.dumps([files, inputs.schema.digest, recorder.read_text()]).encode())
    folder = cache_folder("tests") / "livekit" / digest.hexdigest()[:32]
    with made_once(folder) as filling:
        if filling is not None:
            put_files(files, filling / "csharp")
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
