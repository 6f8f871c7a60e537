"""A client that drops the room's handle as soon as its request to disconnect was answered, many times over.

Runs inside the private network. Each attempt is a process of its own, forked from this one before the library
is loaded. Prints how the attempts ended.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import signal
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from livekit_record import Record

_PATIENCE = 20.0
_CALLBACK = ctypes.CFUNCTYPE(None, ctypes.POINTER(ctypes.c_uint8), ctypes.c_size_t)
# What a process returns that met the end of its session, and one that waited for it in vain.
_ENDED, _IN_VAIN = 0, 3


class Raw:
    """The library as C shows it, with messages of its own schema."""

    def __init__(self, library: str, classes: Any) -> None:
        self._classes = classes
        self._lib = ctypes.CDLL(library)
        self._lib.livekit_ffi_request.restype = ctypes.c_uint64
        self._drop = self._lib.livekit_ffi_drop_handle
        self._drop.argtypes = [ctypes.c_uint64]
        self._arrived = threading.Condition()
        self._events: list[Any] = []
        self._callback = _CALLBACK(self._receive)
        # Calls through this one keep Python's lock, so that no other thread of Python comes between two.
        self._at_once = ctypes.PyDLL(library)
        self._at_once.livekit_ffi_drop_handle.argtypes = [ctypes.c_uint64]
        self._lib.livekit_ffi_initialize(self._callback, ctypes.c_bool(False), b"careless", b"0")

    def request(self, case: str, **fields: Any) -> Any:
        """Sends a request; its answer, whose buffer is given back at once."""
        message = self._classes["FfiRequest"]()
        part = getattr(message, case)
        part.SetInParent()
        for name, value in fields.items():
            field = getattr(part, name)
            if hasattr(field, "CopyFrom"):
                field.CopyFrom(value)
            else:
                setattr(part, name, value)
        data = message.SerializePartialToString()
        reply, size = ctypes.POINTER(ctypes.c_uint8)(), ctypes.c_size_t()
        handle = self._lib.livekit_ffi_request(
            data, ctypes.c_size_t(len(data)), ctypes.byref(reply), ctypes.byref(size)
        )
        assert handle, f"{case} was refused"
        answer = self._classes["FfiResponse"].FromString(ctypes.string_at(reply, size.value))
        self._drop(handle)
        return getattr(answer, case)

    def request_and_drop(self, data: bytes, handle: int) -> None:
        """Sends a request, and drops a handle with nothing in between."""
        reply, size = ctypes.POINTER(ctypes.c_uint8)(), ctypes.c_size_t()
        arguments = data, ctypes.c_size_t(len(data)), ctypes.byref(reply), ctypes.byref(size)
        drop = self._at_once.livekit_ffi_drop_handle
        self._at_once.livekit_ffi_request(*arguments)
        drop(handle)

    def wait(self, case: str, fits: Callable[[Any], bool] = lambda _: True) -> Any:
        """The next event of this case; ``None`` when none comes."""

        def found() -> Any:
            events = (getattr(event, case) for event in self._events if event.WhichOneof("message") == case)
            return next((event for event in events if fits(event)), None)

        with self._arrived:
            self._arrived.wait_for(lambda: found() is not None, _PATIENCE)
            return found()

    def _receive(self, data: Any, size: int) -> None:
        event = self._classes["FfiEvent"].FromString(ctypes.string_at(data, size))
        with self._arrived:
            self._events.append(event)
            self._arrived.notify_all()


def attempt(library: str, classes: Any, url: str, token: str) -> int:
    """One session; the process's exit code."""
    raw = Raw(library, classes)
    options = classes["RoomOptions"](auto_subscribe=True)
    asked = raw.request("connect", url=url, token=token, options=options)
    connected = raw.wait("connect", lambda callback: callback.async_id == asked.async_id)
    room = connected.result.room.handle.id
    if "ready_for_room_event" in classes["FfiRequest"].DESCRIPTOR.fields_by_name:
        raw.request("ready_for_room_event", room_handle=room)
    disconnect = classes["FfiRequest"]()
    disconnect.disconnect.room_handle = room
    raw.request_and_drop(disconnect.SerializePartialToString(), room)
    return _ENDED if raw.wait("disconnect") is not None else _IN_VAIN


def main(job: dict[str, Any]) -> None:
    classes = Record.classes(Path(job["descriptors"]))
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
