"""A library's exports, read by a process of its own: importing its reader alone takes a third of a second."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from gen_bindings.errors import SourceError
from gen_bindings.model.abi import Exports
from gen_bindings.sources.limits import run_reader

_COLLECTOR = Path(__file__).with_name("collect_exports.py")


def read_exports_beside(path: Path) -> Exports:
    """Like ``exports.read_exports``; for a caller that has something else to do meanwhile, on a thread.

    Raises:
        SourceError: the file is missing or is not a shared library; the message says what it is.
    """
    request = json.dumps({"library": str(path), "path": sys.path})
    process = run_reader([sys.executable, "-P", str(_COLLECTOR), request], f"The library {path}")
    if process.returncode != 0:
        lines = process.stderr.strip().splitlines()
        reason = lines[-1] if lines else f"its reader ended with code {process.returncode}"
        raise SourceError(
            f"The library {path} cannot be read: {reason.rstrip('.')}. "
            "Expected a shared library in ELF, Mach-O or PE format; build or install it anew."
        )
    answer = json.loads(process.stdout)
    if "error" in answer:
        raise SourceError(answer["error"])
    found = answer["exports"]
    return Exports(
        file=found["file"],
        format=found["format"],
        architectures=tuple(found["architectures"]),
        names=tuple(found["names"]),
    )
