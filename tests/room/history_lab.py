"""Releases of LiveKit's library side by side, each with a binding of its own, and clients of two kinds."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import livekit_lab
from server import Server
from trace_fixtures import Recorded

from gen_bindings.cache import cache_folder
from gen_bindings.config import LoadedConfig, load_config
from gen_bindings.model.binding import Binding
from gen_bindings.output.write import put_files
from gen_bindings.passes.pipeline import build_binding
from gen_bindings.project.inputs import Inputs, read_inputs
from gen_bindings.project.versions import select_version
from gen_bindings.render.emit import emit
from gen_bindings.render.views.recorder import emit_recorder
from gen_bindings.runtime import network
from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_library, made_once
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.network import Network
from gen_bindings.runtime.process import Outcome
from gen_bindings.runtime.scenario import Scenario, run_scenario
from gen_bindings.sources import collect_descriptors
from gen_bindings.sources.locate import locate
from gen_bindings.trace.build import build_recorder
from gen_bindings.trace.contract import contract_of

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WHEELS = ROOT / "build" / "livekit" / "wheels"
# The disconnect race and the hidden publication, then the first release without them, then today's.
VERSIONS = ("1.1.7", "1.1.9", "1.2.0")


def why_not() -> str:
    """The reason why the older releases are not there; empty when they are."""
    missing = [version for version in VERSIONS[:-1] if not (WHEELS / version).is_dir()]
    if missing:
        return f"livekit {' and '.join(missing)} is not there: python tools/setup.py livekit-wheels"
    return ""


@dataclass(frozen=True)
class Release:
    """A release with its binding.

    Attributes:
        version: of the PyPI package.
        library: its own.
        descriptors: its schema as a serialized `FileDescriptorSet`.
        sources: the C# generated from that schema.
        folder: for what is compiled.
    """

    version: str
    library: Path
    descriptors: Path
    sources: tuple[Path, ...]
    folder: Path
    recorded: Recorded

    def assembly(self, lane: Lane) -> Path:
        """The binding with the scenarios, compiled once for the same content."""
        scenarios = [*sorted((HERE / "history").glob("*.cs")), livekit_lab.HERE / "Lab.cs", HARNESS_SOURCE]
        digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in scenarios)).hexdigest()[:16]
        folder = self.folder / f"{lane}-{digest}"
        with made_once(folder) as filling:
            if filling is not None:
                compile_library([*self.sources, *scenarios], filling / "LiveKitHistory.dll", lane)
        return folder / "LiveKitHistory.dll"


@cache
def release(version: str) -> Release:
    """One of `VERSIONS`, generated and compiled once for the same content."""
    loaded = select_version(load_config(livekit_lab.CONFIGURATION), version)
    inputs = read_inputs(loaded)
    binding = build_binding(loaded, inputs.schema, inputs.header, inputs.exports)
    files = emit(binding)
    digest = hashlib.sha256(json.dumps([files, inputs.schema.digest]).encode()).hexdigest()[:32]
    folder = cache_folder("tests") / "livekit" / f"{version}-{digest}"
    library, search = _library(loaded)
    with made_once(folder) as filling:
        if filling is not None:
            put_files(files, filling / "csharp")
            _collect(loaded, search, filling / "protocol.binpb")
    return Release(
        version,
        library,
        folder / "protocol.binpb",
        tuple(sorted(folder / "csharp" / name for name in files)),
        folder,
        _recorded(binding, inputs, library),
    )


def careless(net: Network, server: Server, version: str, attempts: int) -> dict[str, Any]:
    """How the sessions of a client ended that drops the room at once: `ends` counted, and `last words`."""
    chosen = release(version)
    job = {
        "library": str(chosen.library),
        "descriptors": str(chosen.descriptors),
        "url": server.url,
        "tokens": _tokens(server, f"careless-{version}", attempts),
    }
    environment = network.environment()
    environment["PYTHONPATH"] = f"{livekit_lab.HERE}:{environment['PYTHONPATH']}"
    done = subprocess.run(
        [*net.prefix, sys.executable, "-P", str(HERE / "history" / "careless.py"), json.dumps(job)],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
        timeout=30 + 25 * attempts,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def generated(
    net: Network,
    server: Server,
    version: str,
    lane: Lane,
    scenario: str,
    attempts: int = 1,
    log: Path | None = None,
) -> Outcome:
    """One child with the generated client of a release; with a ``log`` the recorder stands in between."""
    chosen = release(version)
    recorder = chosen.recorded
    return run_scenario(
        Scenario(
            name=f"{scenario} {version}",
            lane=lane,
            entry="history_driver:run",
            assemblies=(chosen.assembly(lane),),
            args={
                "scenario": scenario,
                "args": {
                    "url": server.url,
                    "tokens": _tokens(server, f"{scenario}-{version}-{lane}", attempts),
                },
            },
            libraries={livekit_lab.IMPORT_NAME: recorder.recorder if log else chosen.library},
            deadline=60 + 10 * attempts,
            python_path=(HERE / "history",),
            environment=recorder.environment(log, census="1") if log else {},
            shared_network=net,
        )
    )


def _tokens(server: Server, name: str, count: int) -> Sequence[str]:
    return [server.token(f"{name}-{i}", f"{name}-{i}") for i in range(count)]


def _library(loaded: LoadedConfig) -> tuple[Path, tuple[Path, ...]]:
    base = loaded.file.parent
    search = tuple(locate(folder, base) for folder in loaded.config.input.module_path)
    assert loaded.config.input.library is not None
    return locate(loaded.config.input.library, base, search).resolve(), search


def _collect(loaded: LoadedConfig, search: Sequence[Path], out: Path) -> None:
    assert loaded.config.input.module is not None
    path = [*(str(folder) for folder in search), *sys.path]
    request = json.dumps({"path": path, "module": loaded.config.input.module, "output": str(out)})
    subprocess.run([sys.executable, collect_descriptors.__file__, request], check=True)


def _recorded(binding: Binding, inputs: Inputs, library: Path) -> Recorded:
    assert inputs.exports is not None
    files = emit_recorder(binding, inputs.exports.names)
    built = build_recorder(files, library.name)
    return Recorded(livekit_lab.CONFIGURATION, binding, contract_of(binding), files, library, built)
