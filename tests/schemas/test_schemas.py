"""Schemas that others wrote come through generator, compiler and wire: a sample of `make schemas`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from gen_bindings.runtime.toolchain import Toolchain
from schemas.bulk import check
from schemas.packages import WHEELS, names, package

# Groups and extensions of proto2, services, closed enums; comments; and a runtime's own descriptors.
SAMPLE = ("gtfs_realtime_bindings", "opentelemetry_proto", "protobuf", "pyatv")

pytestmark = pytest.mark.skipif(
    not WHEELS.is_dir(), reason="the packages with schemas are not there: python3 tools/setup.py schemas"
)


@pytest.mark.parametrize("name", SAMPLE)
def test_every_file_of_a_package_comes_through(name: str, toolchain: Toolchain, tmp_path: Path) -> None:
    sample = package(name)
    outcome = check(sample, sample.own, tmp_path, examples=2)
    assert outcome.missed == {}
    assert sorted(outcome.passed) == list(sample.own)
    assert outcome.messages > 0


def test_a_file_that_does_not_come_through_is_named(toolchain: Toolchain, tmp_path: Path) -> None:
    whole = package("gtfs_realtime_bindings")
    (name,) = whole.own
    broken = FileDescriptorProto.FromString(whole.files[name].SerializeToString())
    broken.message_type[0].field[0].type_name = ".transit_realtime.Nothing"
    outcome = check(replace(whole, files={name: broken}), whole.own, tmp_path, examples=1)
    assert outcome.passed == []
    assert "Nothing" in outcome.missed[name]


def test_there_are_enough_packages() -> None:
    assert len(names()) >= 8
