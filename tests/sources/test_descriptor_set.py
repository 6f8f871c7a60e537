"""Reading a serialized descriptor set, and what is wrong with files that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2 as pb

from gen_bindings.errors import SourceError
from gen_bindings.sources.descriptor_set import read_descriptor_set

pytestmark = pytest.mark.quick


def written(tmp_path: Path, *files: pb.FileDescriptorProto) -> Path:
    path = tmp_path / "set.binpb"
    path.write_bytes(pb.FileDescriptorSet(file=files).SerializeToString())
    return path


def message_field(name: str, type_name: str) -> pb.FieldDescriptorProto:
    return pb.FieldDescriptorProto(
        name=name,
        number=1,
        label=pb.FieldDescriptorProto.LABEL_OPTIONAL,
        type=pb.FieldDescriptorProto.TYPE_MESSAGE,
        type_name=type_name,
    )


def test_without_source_info_there_are_no_comments(tmp_path: Path) -> None:
    schema = read_descriptor_set(
        written(
            tmp_path,
            pb.FileDescriptorProto(name="a.proto", package="p", message_type=[pb.DescriptorProto(name="M")]),
        )
    )
    assert [(m.full_name, m.doc) for m in schema.messages] == [("p.M", "")]


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"The descriptor set .*/no\.binpb cannot be read: No such file"):
        read_descriptor_set(tmp_path / "no.binpb")


@pytest.mark.parametrize(
    "content", [b"", b'syntax = "proto3";', b"\x00\x01\x02", b"\x0a\x02\x10\x01", b"\x12\x00"]
)
def test_not_a_descriptor_set(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "set.binpb"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        read_descriptor_set(path)
    assert str(caught.value) == (
        f"{path} is not a serialized FileDescriptorSet. Write it with protoc --include_imports "
        "--include_source_info --descriptor_set_out."
    )


def test_missing_import(tmp_path: Path) -> None:
    path = written(tmp_path, pb.FileDescriptorProto(name="a.proto", dependency=["b.proto"]))
    with pytest.raises(SourceError) as caught:
        read_descriptor_set(path)
    assert str(caught.value) == (
        f"{path}: a.proto imports 'b.proto', which is missing from the descriptors. "
        "Write them with protoc --include_imports --descriptor_set_out."
    )


def test_circular_import(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        pb.FileDescriptorProto(name="a.proto", dependency=["b.proto"]),
        pb.FileDescriptorProto(name="b.proto", dependency=["a.proto"]),
    )
    with pytest.raises(SourceError, match=r"a\.proto imports itself, by way of a\.proto, b\.proto"):
        read_descriptor_set(path)


def test_a_type_that_no_file_declares(tmp_path: Path) -> None:
    message = pb.DescriptorProto(name="M", field=[message_field("f", ".p.Lost")])
    path = written(tmp_path, pb.FileDescriptorProto(name="a.proto", package="p", message_type=[message]))
    with pytest.raises(SourceError, match=r"set\.binpb: a\.proto does not hold together: .*Lost"):
        read_descriptor_set(path)


def test_a_type_without_its_full_name(tmp_path: Path) -> None:
    message = pb.DescriptorProto(name="M", field=[message_field("f", "M")])
    path = written(tmp_path, pb.FileDescriptorProto(name="a.proto", package="p", message_type=[message]))
    with pytest.raises(
        SourceError, match=r"a\.proto: the field f refers to the type 'M' without its full name"
    ):
        read_descriptor_set(path)


def test_an_unknown_syntax(tmp_path: Path) -> None:
    path = written(tmp_path, pb.FileDescriptorProto(name="a.proto", syntax="proto9"))
    with pytest.raises(SourceError, match=r"a\.proto does not hold together: .*Invalid syntax 'proto9'"):
        read_descriptor_set(path)
