"""C headers, parsed by a process of its own, because what they include may have no end."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from gen_bindings.errors import SourceError
from gen_bindings.model.abi import Header
from gen_bindings.sources.includes import check_headers
from gen_bindings.sources.limits import run_reader

_COLLECTOR = Path(__file__).with_name("collect_header.py")


class _Answer(msgspec.Struct):
    header: Header | None = None
    error: str = ""


def read_headers_beside(paths: Sequence[Path], prefix: str | None) -> Header:
    """Like ``header.read_headers``, within limits of time and memory.

    Raises:
        SourceError: as there; or a header needs more than the limits.
    """
    check_headers(list(paths))
    request = json.dumps({"headers": [str(path) for path in paths], "prefix": prefix, "path": sys.path})
    names = ", ".join(map(str, paths))
    done = run_reader([sys.executable, "-P", str(_COLLECTOR), request], f"The header {names}")
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        reason = lines[-1] if lines else f"its reader ended with code {done.returncode}"
        raise SourceError(f"The header {names} cannot be read: {reason.rstrip('.')}.")
    answer = msgspec.json.decode(done.stdout, type=_Answer)
    if answer.header is None:
        raise SourceError(answer.error)
    return answer.header
