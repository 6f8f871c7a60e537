"""Which relative paths an output may have, and what stands in their way on the disk."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path

# Windows opens a device for these names, whatever follows the first dot.
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"}
)
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')


def is_plain(path: str) -> bool:
    """Whether a path stays below the folder that it is relative to, on every system."""
    return not _FORBIDDEN.search(path) and all(
        part not in ("", ".", "..") and not part.endswith((".", " ")) for part in path.split("/")
    )


def on_every_system(part: str) -> str:
    """A file's or folder's name, with an underscore where it would be a device on Windows."""
    stem, dot, rest = part.partition(".")
    return f"{stem}_{dot}{rest}" if stem.casefold() in _DEVICES else part


def portable(paths: Iterable[str]) -> dict[str, str]:
    """The path of each file on every system.

    A name that is a device on Windows gets an underscore (``Con.g.cs``: ``Con_.g.cs``); of names that differ
    only by case the second in order of code points gets a number (``lamp.g.cs`` beside ``Lamp.g.cs``:
    ``lamp_2.g.cs``).
    """
    given: dict[str, str] = {}
    taken: set[str] = set()
    for path in sorted(paths):
        free = "/".join(on_every_system(part) for part in path.split("/"))
        folder, slash, name = free.rpartition("/")
        number = 2
        while free.casefold() in taken:
            stem, dot, rest = name.partition(".")
            free = f"{folder}{slash}{stem}_{number}{dot}{rest}"
            number += 1
        taken.add(free.casefold())
        given[path] = free
    return given


def obstacle(out: Path, path: str) -> str | None:
    """Why ``path`` below ``out`` cannot be written or removed without leaving ``out``, if so."""
    current = out
    *folders, name = path.split("/")
    for folder in folders:
        current = current / folder
        state = _state(current)
        if state is None:
            return None
        if _is_link(state):
            return f"{current} is a link; links are not followed"
        if not stat.S_ISDIR(state.st_mode):
            return f"{current} is no folder, and {path} belongs into it"
    state = _state(current / name)
    if state is None or (stat.S_ISREG(state.st_mode) and not _is_link(state)):
        return None
    what = "a link; links are not followed" if _is_link(state) else "no regular file"
    if stat.S_ISDIR(state.st_mode):
        what = "a folder where a file is to be generated"
    return f"{out / path} is {what}"


def is_folder(path: Path) -> bool:
    """Whether a folder is there that is no link."""
    state = _state(path)
    return state is not None and stat.S_ISDIR(state.st_mode) and not _is_link(state)


def _state(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _is_link(state: os.stat_result) -> bool:
    # On Windows a junction is a link that does not call itself one.
    return stat.S_ISLNK(state.st_mode) or bool(getattr(state, "st_reparse_tag", 0))
