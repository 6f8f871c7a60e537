"""Compiles the templates in a process of its own while inputs are read, unless an earlier run did."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gen_bindings.cache import cache_folder, keep
from gen_bindings.render.folder import templates_folder

_COMPILE = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from gen_bindings.render.environment import compile_all; compile_all()"
)


@contextmanager
def compiled_beside() -> Iterator[Callable[[], None]]:
    """Within it the templates are compiled; what it yields waits for that, before they are used."""
    done = _mark()
    if _is_there(done):
        yield lambda: None
        return
    command = [sys.executable, "-P", "-c", _COMPILE, json.dumps(sys.path)]
    try:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError:
        yield lambda: None
        return

    def wait() -> None:
        # Whatever it could not do is done where the template is used, and reported there.
        if process.wait() == 0:
            keep(done, b"")

    try:
        yield wait
    finally:
        process.kill()
        process.wait()


def _is_there(file: Path) -> bool:
    try:
        return file.is_file()
    except OSError:
        return False  # A cache that cannot be read is none.


def _mark() -> Path:
    digest = hashlib.sha256()
    for file in sorted(templates_folder().rglob("*.j2")):
        content = file.read_bytes()
        digest.update(f"{file}\n{len(content)}\n".encode() + content)
    return cache_folder("templates") / f"all-{digest.hexdigest()}"
