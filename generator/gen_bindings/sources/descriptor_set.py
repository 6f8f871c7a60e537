"""A serialized ``FileDescriptorSet`` read as the schema."""

from __future__ import annotations

from pathlib import Path

from google.protobuf import descriptor_pb2 as pb
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError

from gen_bindings.errors import SourceError
from gen_bindings.input_file import unfit
from gen_bindings.model.schema import Schema
from gen_bindings.sources.descriptors import build_schema, in_dependency_order

_HOW = "Write it with protoc --include_imports --include_source_info --descriptor_set_out."


def read_descriptor_set(path: Path) -> Schema:
    """The schema in the file that ``protoc --descriptor_set_out`` wrote; with comments if it has source info.

    Raises:
        SourceError: the file is missing, is no descriptor set, or lacks an import.
    """
    try:
        if (why := unfit(path)) is not None:
            raise SourceError(f"The descriptor set {path} {why}")
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(
            f"The descriptor set {path} cannot be read: {error.strerror}. "
            "Correct its path in the configuration, or write it first."
        ) from error
    files = parse_descriptor_set(data)
    if files is None:
        raise SourceError(f"{path} is not a serialized FileDescriptorSet. {_HOW}")

    def where(name: str) -> str:
        return f"{path}: {name}"

    _check_links(path, in_dependency_order(files, where))
    return build_schema(files, where)


def parse_descriptor_set(data: bytes) -> list[pb.FileDescriptorProto] | None:
    """The files in a serialized ``FileDescriptorSet``; ``None`` if it is none, or an empty one."""
    try:
        files = list(pb.FileDescriptorSet.FromString(data).file)
    except DecodeError:
        return None
    return files if files and all(file.name for file in files) else None


def _check_links(path: Path, files: list[pb.FileDescriptorProto]) -> None:
    pool = DescriptorPool()
    for file in files:
        try:
            pool.Add(file)
        except TypeError as error:
            raise SourceError(f"{path}: {file.name} does not hold together: {error}. {_HOW}") from error
