"""Reading all inputs that a configuration names."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gen_bindings.config import load_config
from gen_bindings.errors import ConfigError, SourceError
from gen_bindings.project.inputs import Inputs, read_inputs

pytestmark = pytest.mark.quick

CONFIG = """
[binding]
name = "Test"
namespace = "Test"
[input]
import_name = "depot"
{input}
[entry_points]
prefix = "depot_"
release = "depot_release"
"""
PROTO = 'proto = ["proto/acme/depot/v1/commands.proto"]\ninclude = ["proto"]\nheaders = ["depot.h"]'


@pytest.fixture
def folder(repo_root: Path, tmp_path: Path) -> Path:
    depot = repo_root / "tests" / "fixtures" / "depot"
    shutil.copytree(depot / "proto", tmp_path / "proto")
    shutil.copy(depot / "depot.h", tmp_path / "depot.h")
    return tmp_path


def read(folder: Path, table: str) -> Inputs:
    file = folder / "bindings.toml"
    file.write_text(CONFIG.format(input=table), encoding="utf-8")
    return read_inputs(load_config(file))


def test_paths_are_beside_the_configuration(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    inputs = read(folder, PROTO)
    assert any(message.full_name == "acme.depot.v1.Command" for message in inputs.schema.messages)
    assert {function.name for function in inputs.header.functions} >= {"depot_start", "depot_command"}
    assert inputs.exports is None


def test_the_digest_covers_configuration_schema_and_headers(folder: Path) -> None:
    first = read(folder, PROTO).digest
    assert read(folder, PROTO).digest == first
    assert read(folder, PROTO + "\n# other").digest != first
    header = folder / "depot.h"
    header.write_text(header.read_text() + "\n/* other */\n")
    second = read(folder, PROTO).digest
    assert second != first
    proto = folder / "proto" / "acme" / "depot" / "v1" / "notices.proto"
    proto.write_text(proto.read_text().replace("BellHeard bell_heard = 5", "BellHeard bell_heard = 6"))
    commands = folder / "proto" / "acme" / "depot" / "v1" / "commands.proto"
    commands.write_text(commands.read_text().replace("RingBell ring_bell = 11", "RingBell ring_bell = 12"))
    assert read(folder, PROTO).digest != second


def test_a_library(folder: Path) -> None:
    (folder / "libdepot.so").write_bytes(b"not a library")
    with pytest.raises(SourceError):
        read(folder, PROTO + '\nlibrary = "libdepot.so"')


@pytest.mark.parametrize(
    ("table", "found"),
    [
        ("", "found none of them"),
        ('module = "a_pb2"\ndescriptor_set = "a.ds"', "found descriptor_set and module"),
    ],
)
def test_one_protocol(folder: Path, table: str, found: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(folder, table)
    assert str(caught.value) == (
        f"{folder / 'bindings.toml'}: input: expected exactly one of proto, descriptor_set and module, "
        f"{found}."
    )


def test_a_file_that_is_not_there(folder: Path) -> None:
    with pytest.raises(SourceError, match=r"The input 'other.h' does not exist"):
        read(folder, PROTO.replace("depot.h", "other.h"))
