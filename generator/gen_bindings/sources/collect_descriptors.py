"""Child process of ``python_module``: imports one module and writes its descriptors, imports included."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType


def main(argument: str) -> None:
    """Import ``module`` from ``path`` and write a serialized ``FileDescriptorSet`` to ``output``."""
    request = json.loads(argument)
    sys.path[:] = request["path"]

    from gen_bindings.sources.limits import IMPORT_MEMORY, limit_memory

    limit_memory(IMPORT_MEMORY)
    _stand_in_for_parents(request["module"])

    from google.protobuf import descriptor_pb2
    from google.protobuf.descriptor import FileDescriptor

    module = importlib.import_module(request["module"])
    root = getattr(module, "DESCRIPTOR", None)
    if not isinstance(root, FileDescriptor):
        sys.exit("it has no DESCRIPTOR of a file; name a module that protoc generated (…_pb2)")
    files: dict[str, FileDescriptor] = {}
    waiting = [root]
    while waiting:
        file = waiting.pop()
        if file.name not in files:
            files[file.name] = file
            waiting.extend(file.dependencies)
    result = descriptor_pb2.FileDescriptorSet()
    for file in files.values():
        file.CopyToProto(result.file.add())
    Path(request["output"]).write_bytes(result.SerializeToString(deterministic=True))


def _stand_in_for_parents(module: str) -> None:
    # Descriptors need nothing from the packages around them, whose own imports may be large or not installed.
    parts = module.split(".")[:-1]
    for end in range(1, len(parts) + 1):
        name = ".".join(parts[:end])
        package = ModuleType(name)
        package.__path__ = [
            str(folder) for entry in sys.path if (folder := Path(entry or ".", *parts[:end])).is_dir()
        ]
        sys.modules[name] = package


if __name__ == "__main__":
    main(sys.argv[1])
