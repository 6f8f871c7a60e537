"""The library as C shows it: messages of its own schema, and nothing that keeps a client from harm."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_PACKAGE = "livekit.proto."
_PATIENCE = 20.0
_CALLBACK = ctypes.CFUNCTYPE(None, ctypes.POINTER(ctypes.c_uint8), ctypes.c_size_t)


@cache
def loose_classes(descriptors: Path) -> Any:
    """The messages of a protocol by short name; enums are plain integers, so that any value can be sent."""
    files = descriptor_pb2.FileDescriptorSet.FromString(descriptors.read_bytes()).file
    for file in files:
        for message in file.message_type:
            _loosen(message)
    found = message_factory.GetMessages(list(files), pool=descriptor_pool.DescriptorPool())
    return {name.removeprefix(_PACKAGE): found[name] for name in found}


def _loosen(message: descriptor_pb2.DescriptorProto) -> None:
    for field in message.field:
        if field.type == field.TYPE_ENUM:
            field.type = field.TYPE_INT32
            field.ClearField("type_name")
            field.ClearField("default_value")
    for nested in message.nested_type:
        _loosen(nested)


class Raw:
    """The library, started in this process."""

    def __init__(self, library: str, classes: Any) -> None:
        self.classes = classes
        self._lib = ctypes.CDLL(library)
        self._lib.livekit_ffi_request.restype = ctypes.c_uint64
        self._lib.livekit_ffi_drop_handle.argtypes = [ctypes.c_uint64]
        # Calls through this one keep Python's lock, so that no other thread of Python comes between two.
        self._at_once = ctypes.PyDLL(library)
        self._at_once.livekit_ffi_drop_handle.argtypes = [ctypes.c_uint64]
        self._arrived = threading.Condition()
        self.events: list[Any] = []
        self._callback = _CALLBACK(self._receive)
        self._lib.livekit_ffi_initialize(self._callback, ctypes.c_bool(False), b"raw", b"0")

    def request(self, case: str, request: Any = None, **fields: Any) -> Any:
        """Sends a request; its answer, whose buffer is given back at once, or ``None`` when it was refused.

        Args:
            case: of the envelope.
            request: the message, when it is not made of ``fields``.
        """
        envelope = self.classes["FfiRequest"]()
        part = getattr(envelope, case)
        part.SetInParent()
        part.MergeFrom(request if request is not None else type(part)(**fields))
        data = envelope.SerializePartialToString()
        reply, size = ctypes.POINTER(ctypes.c_uint8)(), ctypes.c_size_t()
        handle = self._lib.livekit_ffi_request(
            data, ctypes.c_size_t(len(data)), ctypes.byref(reply), ctypes.byref(size)
        )
        if not handle:
            return None
        answer = self.classes["FfiResponse"].FromString(ctypes.string_at(reply, size.value))
        self._lib.livekit_ffi_drop_handle(handle)
        return getattr(answer, case)

    def request_and_drop(self, case: str, handle: int, **fields: Any) -> None:
        """Sends a request, and drops a handle with nothing in between."""
        envelope = self.classes["FfiRequest"]()
        part = getattr(envelope, case)
        part.MergeFrom(type(part)(**fields))
        data = envelope.SerializePartialToString()
        reply, size = ctypes.POINTER(ctypes.c_uint8)(), ctypes.c_size_t()
        arguments = data, ctypes.c_size_t(len(data)), ctypes.byref(reply), ctypes.byref(size)
        drop = self._at_once.livekit_ffi_drop_handle
        self._at_once.livekit_ffi_request(*arguments)
        drop(handle)

    def connect(self, url: str, token: str) -> Any:
        """A room, as the callback brings it; its events begin."""
        options = self.classes["RoomOptions"](auto_subscribe=True)
        asked = self.request("connect", url=url, token=token, options=options)
        connected = self.wait("connect", lambda callback: callback.async_id == asked.async_id)
        if "ready_for_room_event" in self.classes["FfiRequest"].DESCRIPTOR.fields_by_name:
            self.request("ready_for_room_event", room_handle=connected.result.room.handle.id)
        return connected.result

    def wait(self, case: str, fits: Callable[[Any], bool] = lambda _: True) -> Any:
        """The first event of this case; ``None`` when none comes."""

        def found() -> Any:
            events = (getattr(event, case) for event in self.events if event.WhichOneof("message") == case)
            return next((event for event in events if fits(event)), None)

        self.until(lambda: found() is not None)
        return found()

    def until(self, condition: Callable[[], bool], patience: float = _PATIENCE) -> bool:
        """Waits for a condition that events bring about; whether they did."""
        with self._arrived:
            return self._arrived.wait_for(condition, patience)

    def _receive(self, data: Any, size: int) -> None:
        event = self.classes["FfiEvent"].FromString(ctypes.string_at(data, size))
        with self._arrived:
            self.events.append(event)
            self._arrived.notify_all()
