"""Where results are kept that only cost time when they are lost, and whether what is there may be used."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import stat
import sys
import tempfile
from functools import cache
from pathlib import Path

CACHE_VARIABLE = "GEN_BINDINGS_CACHE"


def cache_folder(kind: str) -> Path:
    """The folder for results of a kind; code may be run from it.

    It is below ``$GEN_BINDINGS_CACHE``, else ``$XDG_CACHE_HOME/gen-bindings``, else
    ``~/.cache/gen-bindings``, as long as that belongs to this user and nobody else can write to it. Else, and
    where it cannot be made, it is a folder that goes with this process.
    """
    base = _chosen()
    folder = base / kind
    try:
        for one in (base, folder):
            one.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return _own(kind)
    for one in (base, folder):
        if (why := _distrusted(one)) is not None:
            _tell(f"note cache: {one} is not used, because {why}. Results are not kept.")
            return _own(kind)
    return folder


def keep(path: Path, data: bytes) -> None:
    """Puts ``data`` at ``path`` of the cache, whole or not at all; a cache that cannot be written is none."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as stream:
            stream.write(data)
        Path(stream.name).replace(path)


def _chosen() -> Path:
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "gen-bindings"


def _distrusted(folder: Path) -> str | None:
    if sys.platform == "win32":
        return None  # There a user's folders are their own unless shared on purpose.
    state = folder.stat()
    if state.st_uid != os.geteuid():
        return "it belongs to another user"
    if state.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return "others can write to it (chmod go-w mends that)"
    return None


@cache
def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _own(kind: str) -> Path:
    folder = _process_folder() / kind
    folder.mkdir(exist_ok=True)
    return folder


@cache
def _process_folder() -> Path:
    folder = tempfile.mkdtemp(prefix="gen-bindings-cache-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
