"""Schemas in a small protocol, generated, compiled, sent through C# and back; failures are narrowed down."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from google.protobuf import descriptor_pb2 as pb

from cli_runner import LAMP, LAMP_CONFIG, gen_bindings
from gen_bindings.errors import GenBindingsError
from gen_bindings.passes.name_messages import name_messages
from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_library
from gen_bindings.runtime.lanes import Lane
from gen_bindings.runtime.scenario import Scenario, run_scenario
from gen_bindings.sources.descriptor_set import read_descriptor_set
from schemas.packages import Package, closure

HERE = Path(__file__).resolve().parent
WIRE = HERE.parent / "wire"
# The namespace of the driver that the messages are compiled with.
_NAMESPACE = "Wire.Test"
_CARRIER = "carrier/lamp.proto"


@dataclass
class Outcome:
    """What became of a package's files.

    Attributes:
        passed: names of files, each of which was generated and compiled, and whose messages came back.
        missed: name of a file to the reason.
        messages: how many were sent there and back.
    """

    passed: list[str] = field(default_factory=list)
    missed: dict[str, str] = field(default_factory=dict)
    messages: int = 0

    @property
    def share(self) -> float:
        """Of the files, how many passed."""
        return len(self.passed) / max(1, len(self.passed) + len(self.missed))

    def add(self, other: Outcome) -> None:
        self.passed += other.passed
        self.missed.update(other.missed)
        self.messages += other.messages


def check(package: Package, names: Sequence[str], folder: Path, examples: int) -> Outcome:
    """Takes the files of one package together; only when that fails each alone is to blame."""
    outcome = Outcome()
    tried = hashlib.sha256("\0".join([package.name, *names]).encode()).hexdigest()[:12]
    try:
        types, descriptors, library = _build(package, names, folder / tried)
        broken = _round_trip(types, descriptors, library, examples)
    except (GenBindingsError, AssertionError) as error:
        if len(names) == 1:
            outcome.missed[names[0]] = _sentence(error)
            return outcome
        half = len(names) // 2
        for part in (names[:half], names[half:]):
            outcome.add(check(package, part, folder, examples))
        return outcome
    owners = {message: name for name in names for message in _messages(package.files[name])}
    for message, reason in broken.items():
        outcome.missed.setdefault(owners[message], f"{message}: {reason}")
    outcome.passed += [name for name in names if name not in outcome.missed]
    outcome.messages = len(types)
    return outcome


def _build(package: Package, names: Sequence[str], folder: Path) -> tuple[dict[str, str], Path, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    descriptors = _carried(package, names, folder)
    (folder / "lamp.h").write_bytes((LAMP / "lamp.h").read_bytes())
    config = folder / "bindings.toml"
    config.write_text(
        LAMP_CONFIG.replace('proto = ["lamp.proto"]', f'descriptor_set = "{descriptors.name}"').replace(
            'namespace = "Lamps"', f'namespace = "{_NAMESPACE}"'
        )
    )
    out = folder / "out"
    done = gen_bindings("generate", "--config", config, "--out", out)
    assert done.code == 0, done.err
    sources = [*sorted(out.rglob("*.cs")), WIRE / "Driver.cs", HARNESS_SOURCE]
    library = compile_library(sources, folder / f"S{folder.name}.dll", Lane.MONO)
    wanted = {message for name in names for message in _messages(package.files[name])}
    layer = name_messages(read_descriptor_set(descriptors), _NAMESPACE)
    types = {
        message.full_name: f"{_NAMESPACE}.Messages."
        + message.type.global_name.partition(".Messages.")[2].replace(".", "+")
        for message in layer.all_messages
        if message.full_name in wanted
    }
    return types, descriptors, library


def _round_trip(types: dict[str, str], descriptors: Path, library: Path, examples: int) -> dict[str, str]:
    scenario = Scenario(
        name="schemas in bulk",
        lane=Lane.MONO,
        entry="bulk_child:run",
        assemblies=(library,),
        args={"descriptors": str(descriptors), "types": types, "examples": examples},
        deadline=500,
        python_path=(HERE, WIRE),
    )
    broken: dict[str, str] = run_scenario(scenario).value()
    return broken


def _carried(package: Package, names: Sequence[str], folder: Path) -> Path:
    """The descriptors of a lamp whose request, response and event all carry every message of the files."""
    needed = folder / "needed.binpb"
    files = [package.files[name] for name in closure(names, package.files)]
    needed.write_bytes(pb.FileDescriptorSet(file=files).SerializeToString())
    fields = [
        f"    .{_join(package.files[name].package, message.name)} m{number} = {number};"
        for number, (name, message) in enumerate(
            ((name, message) for name in names for message in package.files[name].message_type), start=1
        )
        if not message.options.message_set_wire_format and message.visibility != pb.VISIBILITY_LOCAL
    ]
    text = (LAMP / "lamp.proto").read_text()
    # The only files that may import lite ones.
    lite = "option optimize_for = LITE_RUNTIME;\n"
    text = text.replace(
        "package lamp;", f"package lamp;\n{lite}" + "".join(f'import "{name}";\n' for name in names)
    )
    for name in ("DimRequest", "BurntOut"):
        text = text.replace(f"message {name} {{", f"message {name} {{\n  Carried carried = 100;")
    text = text.replace("message DimResponse {", "message DimResponse { Carried carried = 100; ")
    text += "\n".join(["message Carried {", *fields, "}", ""])
    source = folder / _CARRIER
    source.parent.mkdir(exist_ok=True)
    source.write_text(text)
    out = folder / "set.binpb"
    command = [sys.executable, "-m", "grpc_tools.protoc", f"--descriptor_set_in={needed}", f"-I{folder}"]
    options = ["--include_imports", "--include_source_info", f"-o{out}"]
    done = subprocess.run([*command, *options, _CARRIER], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out


def _messages(file: pb.FileDescriptorProto) -> list[str]:
    def below(message: pb.DescriptorProto, scope: str) -> list[str]:
        if message.options.map_entry or message.options.message_set_wire_format:
            return []
        full_name = _join(scope, message.name)
        return [full_name, *(name for nested in message.nested_type for name in below(nested, full_name))]

    return [name for message in file.message_type for name in below(message, file.package)]


def _join(scope: str, name: str) -> str:
    return f"{scope}.{name}" if scope else name


def _sentence(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return "; ".join(lines[:3])[:400]
