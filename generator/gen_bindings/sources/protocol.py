"""Which reader reads the protocol: ``.proto`` files, a descriptor set, or a Python module."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gen_bindings.model.schema import Schema
from gen_bindings.sources.descriptor_set import read_descriptor_set
from gen_bindings.sources.proto_files import read_proto_files
from gen_bindings.sources.python_module import read_python_module


@dataclass(frozen=True, slots=True)
class ProtocolInput:
    """Where the protocol comes from; exactly one of ``files``, ``descriptor_set`` and ``module`` is given.

    Attributes:
        files: ``.proto`` files.
        include: folders in which their imports are looked for.
        descriptor_set: a serialized ``FileDescriptorSet``.
        module: name of an importable Python module with descriptors, with or without ``python:``.
        module_path: folders in which the module is looked for before ``sys.path``, for a package that is
            unpacked somewhere else.
    """

    files: tuple[Path, ...] = ()
    include: tuple[Path, ...] = ()
    descriptor_set: Path | None = None
    module: str | None = None
    module_path: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        given = sum((bool(self.files), self.descriptor_set is not None, self.module is not None))
        if given != 1:
            raise ValueError(f"exactly one of files, descriptor_set and module must be given, not {given}")


def read_protocol(spec: ProtocolInput) -> Schema:
    """The schema of the protocol, with its comments.

    Raises:
        SourceError: it cannot be read, or says something that bindings cannot represent.
    """
    if spec.descriptor_set is not None:
        return read_descriptor_set(spec.descriptor_set)
    if spec.module is not None:
        return read_python_module(spec.module, spec.module_path)
    return read_proto_files(spec.files, spec.include)
