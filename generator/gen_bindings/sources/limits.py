"""How much time and memory a process that reads an input may take, and what is said when it takes more."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence

from gen_bindings.errors import SourceError

MEMORY = 2 * 1024**3
# What a module imports, arithmetic libraries for one, sets aside more than it uses.
IMPORT_MEMORY = 8 * 1024**3
SECONDS = 120

_OUT_OF_MEMORY = ("MemoryError", "out of memory", "std::bad_alloc", "Cannot allocate memory")


def limit_memory(most: int) -> None:
    """In the child: more memory than this cannot be had. Windows has no such limit."""
    if sys.platform != "win32":
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        if hard == resource.RLIM_INFINITY or hard > most:
            resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def run_reader(command: Sequence[str], what: str, cwd: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a child that reads an input.

    Args:
        what: the input, as the beginning of a sentence.

    Raises:
        SourceError: it took too long or too much memory, or it ended by a signal.
    """
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise SourceError(
            f"{what} was still being read after {SECONDS} seconds. Look for a pipe, a device or a file"
            " without end among what it includes or imports."
        ) from error
    if done.returncode != 0 and any(text in done.stderr for text in _OUT_OF_MEMORY):
        raise SourceError(
            f"{what} takes more memory to read than the {MEMORY // 1024**3} GB that are allowed. Look for a"
            " device or a file without end among what it includes or imports."
        )
    if done.returncode < 0:
        raise SourceError(
            f"{what} cannot be read: its reader was ended by {_signal_name(-done.returncode)}. Look for"
            " what is unusual in it or in what it includes or imports."
        )
    return done


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
