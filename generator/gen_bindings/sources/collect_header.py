"""Child process of ``header_beside``: parses headers and prints what they declare as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(argument: str) -> None:
    """Read ``headers`` with ``prefix``, with this package imported from ``path``."""
    request = json.loads(argument)
    sys.path[:] = request["path"]

    import msgspec

    from gen_bindings.errors import SourceError
    from gen_bindings.sources.header import read_headers
    from gen_bindings.sources.limits import MEMORY, limit_memory

    limit_memory(MEMORY)
    try:
        header = read_headers([Path(path) for path in request["headers"]], request["prefix"])
    except SourceError as error:
        print(json.dumps({"error": str(error)}))
        return
    sys.stdout.write(msgspec.json.encode({"header": header}).decode())


if __name__ == "__main__":
    main(sys.argv[1])
