"""Reads what the recorder wrote: handles handed out and dropped, requests and their answers."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message

_HEADER = struct.Struct("<cBxxIQQ")
_PACKAGE = "livekit.proto"
_OWNED = f"{_PACKAGE}.FfiOwnedHandle"


@dataclass(frozen=True)
class Entry:
    """One record: I initialize, Q request, R its answer, E event, D drop, X dispose."""

    kind: str
    answer: bool
    id: int
    thread: int
    data: bytes


@dataclass(frozen=True)
class Call:
    """One request with its answer.

    Attributes:
        name: of the request in the protocol.
        request: the message of that name.
        answer: the message in the answer; none when the library refused.
        verdict: `ok`, `refused` when there was no answer, else the error in the answer or in the callback.
    """

    name: str
    request: Any
    answer: Any
    verdict: str


class Record:
    """A recording, decoded with Python's protobuf."""

    def __init__(self, file: Path, descriptors: Path) -> None:
        self.entries = tuple(_entries(file.read_bytes()))
        classes = self.classes(descriptors)
        self._request = classes["FfiRequest"]
        self._response = classes["FfiResponse"]
        self._event = classes["FfiEvent"]

    @staticmethod
    @cache
    def classes(descriptors: Path) -> Mapping[str, Any]:
        """The message classes of the protocol, without its package."""
        files = descriptor_pb2.FileDescriptorSet.FromString(descriptors.read_bytes()).file
        found = message_factory.GetMessages(list(files), pool=descriptor_pool.DescriptorPool())
        return {name.removeprefix(f"{_PACKAGE}."): found[name] for name in found}

    @cached_property
    def handed_out(self) -> Mapping[int, str]:
        """Every handle that the library gave, with what gave it; one that came twice is listed with both."""
        found: dict[int, str] = {}

        def add(handle: int, by: str) -> None:
            found[handle] = f"{found[handle]} and {by}" if handle in found else by

        for entry in self.entries:
            if entry.kind == "R" and entry.answer:
                response = self._response.FromString(entry.data)
                add(entry.id, f"answer buffer of {response.WhichOneof('message')}")
                for handle, path in _owned(response, "response"):
                    add(handle, path)
            elif entry.kind == "E":
                for handle, path in _owned(self._event.FromString(entry.data), "event"):
                    add(handle, path)
        return found

    @cached_property
    def drops(self) -> tuple[tuple[int, bool], ...]:
        """Every id that the binding dropped, with the library's answer, in order."""
        return tuple((entry.id, entry.answer) for entry in self.entries if entry.kind == "D")

    @property
    def held(self) -> frozenset[int]:
        """What was handed out and not dropped yet."""
        return frozenset(self.handed_out) - {handle for handle, _ in self.drops}

    def faults(self, made_up: int = 1 << 63) -> list[str]:
        """Whatever contradicts: each handle handed out once, dropped once, and known to the library then.

        Args:
            made_up: ids from here on are the test's own, and nothing is asked of them.
        """
        found = [
            f"handle {handle} was handed out twice: by {by}"
            for handle, by in self.handed_out.items()
            if " and " in by
        ]
        found += [
            f"handle {handle} of {self.handed_out[handle]} was never dropped" for handle in sorted(self.held)
        ]
        for handle, times in Counter(handle for handle, _ in self.drops).items():
            if times > 1:
                found.append(f"handle {handle} was dropped {times} times")
        for handle, answer in self.drops:
            if handle >= made_up:
                continue
            if handle not in self.handed_out:
                found.append(f"handle {handle} was dropped and never handed out")
            if not answer:
                found.append(f"the drop of handle {handle} was answered with false")
        return found

    @cached_property
    def events(self) -> tuple[Any, ...]:
        """Every event, decoded."""
        return tuple(self._event.FromString(entry.data) for entry in self.entries if entry.kind == "E")

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """Every request with its answer, in the order in which they were sent."""
        errors = dict(self._callback_errors())
        open_requests: dict[int, Any] = {}
        found = []
        for entry in self.entries:
            if entry.kind == "Q":
                open_requests[entry.thread] = self._request.FromString(entry.data)
            elif entry.kind == "R":
                envelope = open_requests.pop(entry.thread)
                name = envelope.WhichOneof("message")
                request = getattr(envelope, name)
                answer = None
                verdict = "refused"
                if entry.answer:
                    response = self._response.FromString(entry.data)
                    answer = getattr(response, response.WhichOneof("message"))
                    verdict = _error(answer) or errors.get(getattr(answer, "async_id", -1), "ok")
                found.append(Call(name, request, answer, verdict))
        return tuple(found)

    def verdicts(self) -> Mapping[str, frozenset[str]]:
        """For each request that was sent, every verdict that it met."""
        found: dict[str, set[str]] = {}
        for call in self.calls:
            found.setdefault(call.name, set()).add(call.verdict)
        return {name: frozenset(verdicts) for name, verdicts in found.items()}

    def _callback_errors(self) -> Iterator[tuple[int, str]]:
        for event in self.events:
            callback = getattr(event, event.WhichOneof("message"))
            if "async_id" in callback.DESCRIPTOR.fields_by_name and (error := _error(callback)):
                yield callback.async_id, error


def _entries(data: bytes) -> Iterator[Entry]:
    at = 0
    while at + _HEADER.size <= len(data):
        kind, answer, length, handle, thread = _HEADER.unpack_from(data, at)
        at += _HEADER.size
        # The last record may still be being written.
        if at + length > len(data):
            return
        yield Entry(kind.decode(), bool(answer), handle, thread, data[at : at + length])
        at += length


def _error(message: Message) -> str:
    if "error" not in message.DESCRIPTOR.fields_by_name or not message.HasField("error"):
        return ""
    error = message.error  # type: ignore[attr-defined]
    return f"error: {error}"


def _owned(message: Any, path: str) -> Iterator[tuple[int, str]]:
    """Every owned handle at any depth, with the path to it."""
    for field, value in message.ListFields():
        if field.message_type is None or field.message_type.GetOptions().map_entry:
            continue
        at = f"{path}.{field.name}"
        parts: Any = [value] if isinstance(value, Message) else value
        for part in parts:
            if field.message_type.full_name == _OWNED:
                yield part.id, at
            else:
                yield from _owned(part, at)
