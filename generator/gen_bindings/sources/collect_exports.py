"""Child process of ``exports_beside``: reads one library's exports and prints them as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path


def main(argument: str) -> None:
    """Read ``library``, with this package imported from ``path``."""
    request = json.loads(argument)
    sys.path[:] = request["path"]

    from gen_bindings.errors import SourceError
    from gen_bindings.sources.exports import read_exports
    from gen_bindings.sources.limits import IMPORT_MEMORY, limit_memory

    limit_memory(IMPORT_MEMORY)
    answer: dict[str, object]
    try:
        answer = {"exports": asdict(read_exports(Path(request["library"])))}
    except SourceError as error:
        answer = {"error": str(error)}
    print(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1])
