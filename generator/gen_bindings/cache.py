"""Where results are kept that only cost time when they are lost."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

CACHE_VARIABLE = "GEN_BINDINGS_CACHE"


def cache_folder() -> Path:
    """``$GEN_BINDINGS_CACHE``, else ``$XDG_CACHE_HOME/gen-bindings``, else ``~/.cache/gen-bindings``.

    It may not exist yet.
    """
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "gen-bindings"


def keep(path: Path, data: bytes) -> None:
    """Puts ``data`` at ``path`` of the cache, whole or not at all; a cache that cannot be written is none."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as stream:
            stream.write(data)
        Path(stream.name).replace(path)
