"""One run at a time in an output folder: the second waits for the first."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gen_bindings.errors import OutputError

WAIT_SECONDS = 120.0
_PAUSE = 0.02

if sys.platform == "win32":
    import msvcrt

    def _open(out: Path) -> int:
        name = hashlib.sha256(str(out.resolve()).casefold().encode()).hexdigest()[:32]
        return os.open(Path(tempfile.gettempdir()) / f"gen-bindings-{name}.lock", os.O_RDWR | os.O_CREAT)

    def _try(file: int) -> bool:
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _is_still(_file: int, out: Path) -> bool:
        return out.is_dir()

else:
    import fcntl

    def _open(out: Path) -> int:
        # The folder itself: a file for this purpose would be left in it.
        return os.open(out, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def _try(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True  # A file system without locks (some network drives): there runs are not kept apart.
        return True

    def _is_still(file: int, out: Path) -> bool:
        try:
            there = out.stat()
        except FileNotFoundError:
            return False
        here = os.fstat(file)
        return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)


@contextmanager
def locked(out: Path, ended: Callable[[], None]) -> Iterator[bool]:
    """Holds the folder; yields false when another run removed it meanwhile, and it is to be made again.

    Args:
        ended: called while waiting; may raise.

    Raises:
        OutputError: another run held it all the time.
        OSError: it cannot be opened.
    """
    file = _open(out)
    try:
        deadline = time.monotonic() + WAIT_SECONDS
        while not _try(file):
            ended()
            if time.monotonic() > deadline:
                raise OutputError(
                    f"Another run has been at work in {out} for {WAIT_SECONDS:.0f} seconds. Nothing was"
                    " changed. End it, or wait for it, and generate again."
                )
            time.sleep(_PAUSE)
        yield _is_still(file, out)
    finally:
        with contextlib.suppress(OSError):
            os.close(file)
