"""Child process of ``proto_files``: protoc, within limits."""

from __future__ import annotations

import json
import runpy
import sys


def main(argument: str) -> None:
    """Run protoc with ``arguments``, with this package imported from ``path``."""
    request = json.loads(argument)
    sys.path[:] = request["path"]

    from gen_bindings.sources.limits import MEMORY, limit_memory

    limit_memory(MEMORY)
    sys.argv[1:] = request["arguments"]
    runpy.run_module("grpc_tools.protoc", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1])
