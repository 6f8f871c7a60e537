"""Which files are read as inputs: regular ones of bounded size; a pipe or a device would be read for ever."""

from __future__ import annotations

import stat
from pathlib import Path

MEGABYTE = 1024 * 1024
TEXT_LIMIT = 64 * MEGABYTE
BINARY_LIMIT = 4096 * MEGABYTE

_KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


def unfit(path: Path, largest: int = TEXT_LIMIT) -> str | None:
    """Why a file cannot be an input, as the end of a sentence, if so; a folder says so when it is opened.

    Args:
        largest: its size in bytes.

    Raises:
        OSError: it is not there, or cannot be looked at.
    """
    state = path.stat()
    if stat.S_ISDIR(state.st_mode):
        return None
    if not stat.S_ISREG(state.st_mode):
        kind = next((name for test, name in _KINDS if test(state.st_mode)), "no file")
        return f"is {kind}. Expected a regular file."
    if state.st_size > largest:
        size, most = state.st_size / MEGABYTE, largest // MEGABYTE
        return f"has {size:.0f} MB. Expected at most {most} MB."
    return None
