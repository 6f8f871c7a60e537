"""A client that drops the room's handle as soon as its request to disconnect was answered, many times over.

Runs inside the private network. Each attempt is a process of its own, forked from this one before the library
is loaded. Prints how the attempts ended.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from livekit_raw import Raw, loose_classes

# What a process returns that met the end of its session, and one that waited for it in vain.
_ENDED, _IN_VAIN = 0, 3


def attempt(library: str, classes: Any, url: str, token: str) -> int:
    """One session; the process's exit code."""
    raw = Raw(library, classes)
    room = raw.connect(url, token).room.handle.id
    raw.request_and_drop("disconnect", room, room_handle=room)
    return _ENDED if raw.wait("disconnect") is not None else _IN_VAIN


def main(job: dict[str, Any]) -> None:
    classes = loose_classes(Path(job["descriptors"]))
    # One processor, on which no thread preempts another: what was asked for does not run before the drop.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    ends: Counter[str] = Counter()
    last_words: set[str] = set()
    for token in job["tokens"]:
        with tempfile.TemporaryFile() as said:
            process = os.fork()
            if process == 0:
                os.dup2(said.fileno(), 2)
                os._exit(attempt(job["library"], classes, job["url"], token))
            _, status = os.waitpid(process, 0)
            code = os.waitstatus_to_exitcode(status)
            said.seek(0)
            if code < 0:
                panics = re.findall(rb"panicked at ([^\n]+):\n([^\n]+)", said.read())
                last_words.update(f"{where.decode()}: {what.decode()}" for where, what in panics)
        ends[{_ENDED: "ended", _IN_VAIN: "in vain"}.get(code, "") or _name(code)] += 1
    print(json.dumps({"ends": ends, "last words": sorted(last_words)}))


def _name(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
