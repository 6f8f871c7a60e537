"""The bindings that are measured: generated, compiled with a benchmark, and run in fresh processes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rows
from google.protobuf import descriptor_pb2
from peer import DEFINE, Peer
from rows import HERE, ROOT

from gen_bindings.config import load_config
from gen_bindings.errors import GenBindingsError
from gen_bindings.output.write import put_files
from gen_bindings.project.project import open_project
from gen_bindings.render.emit import emit
from gen_bindings.runtime import aot
from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_library
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.scenario import Scenario, run_scenario
from gen_bindings.runtime.toolchain import find_mcs
from gen_bindings.sources import python_module

_DEADLINE = 600.0


@dataclass(frozen=True, slots=True)
class Binding:
    """A generated binding on disk."""

    name: str
    sources: tuple[Path, ...]
    lines: int


def generate(example: str) -> Binding:
    """Emits an example's binding into the build folder."""
    project = open_project(ROOT / "examples" / example / "bindings.toml")
    files = emit(project.binding)
    folder = rows.OUT / example
    put_files(files, folder)
    lines = sum(text.count("\n") for text in files.values())
    return Binding(example, tuple(folder / path for path in sorted(files)), lines)


def schema_files() -> descriptor_pb2.FileDescriptorSet:
    """LiveKit's schema as a descriptor set."""
    loaded = load_config(ROOT / "examples" / "livekit" / "bindings.toml")
    assert loaded.config.input.module is not None
    module = loaded.config.input.module.removeprefix("python:")
    collector = Path(python_module.__file__).with_name("collect_descriptors.py")
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "set.binpb"
        request = json.dumps({"module": module, "path": sys.path, "output": str(out)})
        subprocess.run([sys.executable, "-P", collector, request], check=True)
        files = {f.name: f for f in descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file}
    # Whoever reads them wants every file behind those that it imports.
    ordered: dict[str, descriptor_pb2.FileDescriptorProto] = {}

    def add(name: str) -> None:
        for imported in files[name].dependency:
            add(imported)
        ordered.setdefault(name, files[name])

    for name in sorted(files):
        add(name)
    return descriptor_pb2.FileDescriptorSet(file=ordered.values())


def shim() -> Path:
    """The library that times callbacks, compiled."""
    out = rows.OUT / "shim" / "libreference_ffi.so"
    out.parent.mkdir(parents=True, exist_ok=True)
    options = ["-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o"]
    subprocess.run(["gcc", *options, out, HERE / "shim.c", "-ldl"], check=True)
    return out


Run = Callable[[Any, dict[str, Path]], Any]


def prepare(
    binding: Binding, sources: Sequence[Path], entry: str, lane: str, peer: Peer | None = None
) -> Run:
    """Compiles a benchmark with its binding in one assembly, and gives what runs it in a fresh process."""
    everything = [*binding.sources, *sources]
    if lane == aot.LANE:
        program = aot.build_program(everything, entry, warnings_as_errors=False)

        def ahead(arguments: Any, libraries: dict[str, Path]) -> Any:
            done = aot.run_program(entry, program, args=arguments, libraries=libraries, deadline=_DEADLINE)
            return done.value()

        return ahead
    folder = rows.OUT / lane
    folder.mkdir(parents=True, exist_ok=True)
    references: list[Path] = []
    defines = []
    if peer is not None:
        runtime = folder / peer.assembly.name
        shutil.copy(peer.assembly, runtime)
        references = [runtime]
        if Lane(lane) is Lane.MONO:
            references.append(netstandard())
        compiled = compile_library(
            peer.sources,
            folder / "Peer.dll",
            Lane(lane),
            defines=[DEFINE],
            references=references,
            warnings_as_errors=False,
        )
        references = [*references, compiled]
        defines = ["PEER"]
    assembly = compile_library(
        [*everything, HARNESS_SOURCE],
        folder / f"{entry.replace('.', '')}.dll",
        Lane(lane),
        defines=defines,
        references=references,
        warnings_as_errors=False,
    )
    loaded = tuple(path for path in references if path.parent == folder)

    def run(arguments: Any, libraries: dict[str, Path]) -> Any:
        scenario = Scenario(
            name=entry,
            lane=Lane(lane),
            entry=entry,
            assemblies=(*loaded, assembly),
            args=arguments,
            libraries=libraries,
            deadline=_DEADLINE,
        )
        return run_scenario(scenario).value()

    return run


def netstandard() -> Path:
    """The facade through which Mono sees assemblies made for .NET Standard."""
    facade = find_mcs().path.resolve().parents[1] / "lib" / "mono" / "4.5" / "Facades" / "netstandard.dll"
    if not facade.is_file():
        raise GenBindingsError(f"{facade} is missing; on Debian the package mono-devel brings it.")
    return facade
