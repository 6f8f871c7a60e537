"""The schemas of the wire tests: as Python message classes, and as C# that is compiled with a driver."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import grpc_tools
from filling import all_fields
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gen_bindings.cache import cache_folder
from gen_bindings.model.messages import MessageLayer
from gen_bindings.model.schema import Schema
from gen_bindings.output.write import put_files
from gen_bindings.passes.name_messages import name_messages
from gen_bindings.render.messages import render_messages
from gen_bindings.runtime.compile import HARNESS_SOURCE, compile_library, made_once
from gen_bindings.runtime.lanes import Lane
from gen_bindings.sources import collect_descriptors
from gen_bindings.sources.descriptor_set import read_descriptor_set

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NAMESPACE = "Wire.Test"
SCHEMAS = ("torture", "reference", "livekit", "depot")
_PROTO_ROOTS = {
    "torture": ROOT / "tests" / "fixtures" / "wire",
    "reference": ROOT / "native" / "protocol",
    "depot": ROOT / "tests" / "fixtures" / "depot" / "proto",
}
_LIVEKIT = "livekit.rtc._proto.ffi_pb2"
# Every field of the torture schema's Owner brings a handle, each in another way.
_OWNER_FIELDS = (
    *("handle", "small", "several", "plain", "plain_list"),
    *("one", "other", "named", "plain_signed", "ingroup"),
)
_SCOPED = ("Optional", "Required", "Tree", "Leaf", "Repeated", "Names", "Defaults", "Grouped")

# What the templates of handles emit for the messages to call.
STUB = f"""namespace {NAMESPACE}
{{
    internal enum HandleKind {{ {", ".join(f"Of_{field}" for field in _OWNER_FIELDS)} }}

    internal abstract class HandleSink
    {{
        internal abstract void Add(HandleKind kind, ulong id);
    }}
}}
"""


@dataclass(frozen=True)
class WireSchema:
    """One schema on both sides.

    Attributes:
        descriptors: a file with its serialized ``FileDescriptorSet``.
        sources: the generated C#, with stand-ins for what the templates of handles emit.
        types: full name in the schema to the C# type's name for reflection.
    """

    name: str
    descriptors: Path
    layer: MessageLayer
    sources: tuple[Path, ...]

    schema: Schema

    @property
    def types(self) -> Mapping[str, str]:
        return {
            message.full_name: f"{NAMESPACE}.Messages."
            + message.type.global_name.partition(".Messages.")[2].replace(".", "+")
            for message in self.layer.all_messages
        }

    def compile(self, lane: Lane, *extra: Path) -> Path:
        """The layer with the driver and ``extra``, compiled once for the lane."""
        name = f"Wire{self.name.capitalize()}" + "".join(path.stem for path in extra)
        out = cache_folder("wire-tests") / lane / f"{name}.dll"
        out.parent.mkdir(parents=True, exist_ok=True)
        drivers = [HERE / "Driver.cs", HARNESS_SOURCE, *extra]
        return compile_library([*self.sources, *drivers], out, lane)


@cache
def wire_schema(name: str) -> WireSchema:
    """The schema called ``name``, generated."""
    data = _livekit_descriptors() if name == "livekit" else _proto_descriptors(_PROTO_ROOTS[name])
    digest = hashlib.sha256(data).hexdigest()[:16]
    folder = cache_folder("wire-tests") / f"{name}-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    descriptors = folder / "descriptors.binpb"
    if not descriptors.is_file():
        part = folder / f"descriptors.{os.getpid()}"
        part.write_bytes(data)
        part.replace(descriptors)
    schema = read_descriptor_set(descriptors)
    torture = name == "torture"
    layer = name_messages(
        schema,
        NAMESPACE,
        owned_fields={("torture.two.Owner", field): f"Of_{field}" for field in _OWNER_FIELDS}
        if torture
        else {},
        scoped=frozenset(f"torture.two.{message}" for message in _SCOPED) if torture else frozenset(),
    )
    files = render_messages(layer)
    files["Stub.g.cs"] = STUB
    # Several test processes generate side by side: a folder per content, made once.
    output = folder / hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:16]
    with made_once(output) as filling:
        if filling is not None:
            put_files(files, filling)
    return WireSchema(name, descriptors, layer, tuple(sorted(output / path for path in files)), schema)


class PythonMessages:
    """Python's protobuf classes for a descriptor set."""

    def __init__(self, descriptors: Path) -> None:
        self.pool = descriptor_pool.DescriptorPool()
        files = descriptor_pb2.FileDescriptorSet.FromString(descriptors.read_bytes()).file
        waiting = {file.name: file for file in files}
        while waiting:
            ready = [
                file for file in waiting.values() if not any(name in waiting for name in file.dependency)
            ]
            for file in ready:
                self.pool.Add(file)
                del waiting[file.name]

    def descriptor(self, full_name: str) -> Descriptor:
        return self.pool.FindMessageTypeByName(full_name)

    def cls(self, full_name: str) -> Any:
        return message_factory.GetMessageClass(self.descriptor(full_name))


def is_ordered(descriptor: Descriptor) -> bool:
    """Whether Python writes a message as C# does: it sorts the entries of maps, and extensions by no rule."""
    return not any(
        field.is_extension or (field.message_type is not None and field.message_type.GetOptions().map_entry)
        for field in _reachable_fields(descriptor, set())
    )


def _reachable_fields(descriptor: Descriptor, seen: set[str]) -> Iterator[FieldDescriptor]:
    if descriptor.full_name in seen:
        return
    seen.add(descriptor.full_name)
    for field in all_fields(descriptor):
        if field.message_type is not None:
            yield field
            yield from _reachable_fields(field.message_type, seen)


def _proto_descriptors(root: Path) -> bytes:
    files = sorted(str(path.relative_to(root)) for path in root.rglob("*.proto"))
    includes = [f"-I{root}", f"-I{Path(grpc_tools.__file__).parent / '_proto'}"]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "descriptors.binpb"
        command = [
            sys.executable,
            "-m",
            "grpc_tools.protoc",
            *includes,
            "--include_imports",
            f"-o{out}",
            *files,
        ]
        subprocess.run(command, check=True, cwd=root)
        return out.read_bytes()


def _livekit_descriptors() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "descriptors.binpb"
        request = {"path": sys.path, "module": _LIVEKIT, "output": str(out)}
        subprocess.run([sys.executable, collect_descriptors.__file__, json.dumps(request)], check=True)
        return out.read_bytes()
