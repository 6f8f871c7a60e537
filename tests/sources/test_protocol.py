"""The three kinds of protocol input say the same of one protocol."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gen_bindings.model.schema import Schema
from gen_bindings.sources.protocol import ProtocolInput, read_protocol

pytestmark = pytest.mark.quick

BASE = """
syntax = "proto3";
package one.base;
option java_package = "one.java";
// A thing.
message Thing { optional int32 some_number = 1 [json_name = "other"]; repeated int32 many = 2; }
"""
ROOT = """
syntax = "proto2";
package one;
import "base.proto";
import "google/protobuf/duration.proto";
// The root.
message Root {
  required base.Thing thing = 1;
  map<string, bytes> table = 2;
  oneof kind { uint64 number = 3; string text = 4 [deprecated = true]; }
  optional google.protobuf.Duration time = 5;
  optional Mode mode = 6 [default = B];
  enum Mode { A = 0; B = 1; }
}
"""


def without_docs(schema: Schema) -> Schema:
    return replace(
        schema,
        files=tuple(replace(f, doc="") for f in schema.files),
        messages=tuple(
            replace(m, doc="", fields=tuple(replace(f, doc="") for f in m.fields)) for m in schema.messages
        ),
        enums=tuple(
            replace(e, doc="", values=tuple(replace(v, doc="") for v in e.values)) for e in schema.enums
        ),
    )


def test_three_inputs_one_schema(tmp_path: Path, write: Callable[[str, str], Path]) -> None:
    write("proto/base.proto", BASE)
    root = write("proto/root.proto", ROOT)
    package = tmp_path / "site"
    package.mkdir()
    descriptor_set = tmp_path / "set.binpb"
    subprocess.run(
        [
            *(sys.executable, "-m", "grpc_tools.protoc", f"-I{root.parent}"),
            *("--include_imports", "--include_source_info", f"--descriptor_set_out={descriptor_set}"),
            *(f"--python_out={package}", "root.proto", "base.proto"),
        ],
        check=True,
    )
    from_files = read_protocol(ProtocolInput(files=(root,)))
    from_set = read_protocol(ProtocolInput(descriptor_set=descriptor_set))
    from_module = read_protocol(ProtocolInput(module="python:root_pb2", module_path=(package,)))

    assert from_files.message("one.Root")
    assert [f.name for f in from_files.files] == [
        "base.proto",
        "google/protobuf/duration.proto",
        "root.proto",
    ]
    assert from_set == from_files
    assert from_files != without_docs(from_files)
    assert without_docs(from_module) == without_docs(from_files)


@pytest.mark.parametrize(
    "given",
    [{}, {"files": (Path("a.proto"),), "module": "m"}, {"descriptor_set": Path("d"), "module": "m"}],
)
def test_exactly_one_input(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="exactly one of files, descriptor_set and module"):
        ProtocolInput(**given)  # type: ignore[arg-type]
