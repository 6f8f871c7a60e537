"""A recorder's log file: its head and its records, as far as they can be read."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

from gen_bindings.input_file import BINARY_LIMIT, unfit
from gen_bindings.trace.contract import Contract, TraceError

FORMAT = 1
MAGIC = b"\x89GBLOG\r\n"
UNKNOWN_STATUS = -(1 << 63)

_HEAD = struct.Struct("<8sIIIIII32sQQQQQQQQQq512s")
_SLOT = struct.Struct("<QQQQ")
_RECORD = struct.Struct("<IBBHQQQqQQII")
_CHECK = 0x47424C47
STATUS_OFFSET = struct.calcsize("<8sIIIIII32sQQQQQQQQQ")


class RecordKind(IntEnum):
    """What a record tells."""

    THREAD = 1
    INITIALIZE = 2
    REQUEST = 3
    RESPONSE = 4
    EVENT = 5
    RELEASE = 6
    DISPOSE = 7
    CALL = 8
    BIRTH = 9
    CENSUS = 10
    EXIT = 11


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a log; times in nanoseconds.

    Attributes:
        size: of the head with its tables; the first record follows.
        contract: digest of the contract that it was recorded with.
        parent: process that this one was forked from, 0 if it was not.
        cursor: offset after the last record, ``extended`` the bytes that the file has.
        lost: records for which there was no room.
        folding: time since when short lives are folded, 0 if never.
        status: how the process ended, as ``subprocess`` tells it, or ``None``.
    """

    size: int
    cases: int
    short_kinds: int
    slots: int
    contract: str
    process: int
    parent: int
    started: int
    started_clock: int
    limit: int
    cursor: int
    extended: int
    lost: int
    folding: int
    status: int | None
    library: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A short-lived handle that was alive while its birth was not recorded."""

    id: int
    time: int
    thread: int
    kind: int


class Record(NamedTuple):
    """One record.

    Attributes:
        offset: where it is in the file; ``link`` of others names it so.
        finished: the call came back; ``answer`` and ``ended`` are set.
        size: of the whole record in the file.
    """

    offset: int
    kind: RecordKind
    finished: bool
    function: int
    time: int
    thread: int
    id: int
    answer: int
    ended: int
    link: int
    data: bytes
    size: int


class Log:
    """A log file, which may still be written to.

    Attributes:
        problems: what could not be read, a sentence each.
    """

    def __init__(self, path: Path, contract: Contract) -> None:
        """Reads the head.

        Raises:
            TraceError: the file is no log, is empty, or was recorded in another format or with another
                contract.
        """
        self.path = path
        self.problems: list[str] = []
        try:
            if (why := unfit(path, BINARY_LIMIT)) is not None:
                raise TraceError(f"The log {path} {why}")
            with path.open("rb") as stream:
                head = _read_head(path, stream.read(_HEAD.size))
                if head.contract != contract.digest:
                    raise TraceError(
                        f"{path}: was recorded with the contract {head.contract} of {head.library}, "
                        f"not with {contract.digest} of {contract.binding.entry_points.library}. "
                        "Give the configuration that the recorder was made from."
                    )
                stream.seek(0)
                self._tables = stream.read(head.size)[_HEAD.size :]
        except OSError as error:
            raise TraceError(f"{path}: cannot be read: {error.strerror}.") from None
        self.head = head
        expected = 8 * (head.short_kinds + 2 * head.cases) + _SLOT.size * head.slots
        if len(self._tables) < expected:
            self.problems.append(f"{path}: is truncated inside its head; it holds no records.")
            self._tables = self._tables.ljust(expected, b"\0")

    def folded(self) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """What was folded: lives by short kind, requests by case, events by case."""
        head = self.head
        counts = struct.unpack_from(f"<{head.short_kinds + 2 * head.cases}Q", self._tables)
        lives, rest = counts[: head.short_kinds], counts[head.short_kinds :]
        return lives, rest[: head.cases], rest[head.cases :]

    def short_lived(self) -> Iterator[Slot]:
        """Short-lived handles that are alive and have no record."""
        start = 8 * (self.head.short_kinds + 2 * self.head.cases)
        for index in range(self.head.slots):
            slot = Slot(*_SLOT.unpack_from(self._tables, start + index * _SLOT.size))
            if slot.id:
                yield slot

    def records(self, start: int = 0, *, growing: bool = False) -> Iterator[Record]:
        """Every record that is whole, in the order in which they were begun.

        Args:
            start: offset of the first one, 0 for the first of all.
            growing: the process still writes: stop at a record that is not whole yet.
        """
        start = max(start, self.head.size)
        with self.path.open("rb") as stream:
            stream.seek(start)
            data = stream.read(max(0, self.head.cursor - start))
        length = self.head.cursor - start
        if len(data) < length:
            self.problems.append(
                f"{self.path}: is truncated: {len(data) + start} of {self.head.cursor} bytes are there."
            )
        at, damaged = 0, 0
        while at + _RECORD.size <= len(data):
            fields = _RECORD.unpack_from(data, at)
            size, kind, state, function, time, thread, id_, answer, ended, link, count, check = fields
            if size ^ check != _CHECK or size % 8 or size < _RECORD.size + count or at + size > len(data):
                if growing:
                    break
                if size == 0 and check == 0 and not any(fields):
                    at += 8  # reserved by a thread that was ended before it wrote
                elif size ^ check == _CHECK and at + size > len(data):
                    break
                else:
                    damaged += 8
                    at += 8
                continue
            if growing and not state:
                break
            known = _KINDS.get(kind)
            if state and known is not None:
                content = at + _RECORD.size
                yield Record(
                    start + at,
                    known,
                    state == 2,
                    function,
                    time,
                    thread,
                    id_,
                    answer,
                    ended,
                    link,
                    data[content : content + count],
                    size,
                )
            at += size
        if damaged:
            self.problems.append(f"{self.path}: about {damaged} bytes are damaged and were skipped.")


_KINDS = {int(kind): kind for kind in RecordKind}


def _read_head(path: Path, data: bytes) -> Head:
    if not data:
        raise TraceError(f"{path}: is empty; no library was recorded in it.")
    if data[: len(MAGIC)] != MAGIC[: len(data)]:
        raise TraceError(f"{path}: is not a log of a recorder: it begins with {data[:8]!r}, not {MAGIC!r}.")
    if len(data) < 16:
        raise TraceError(f"{path}: is truncated inside its head; nothing in it can be read.")
    version = int.from_bytes(data[8:12], "little")
    if version != FORMAT:
        newer = "newer" if version > FORMAT else "unknown"
        raise TraceError(
            f"{path}: has the {newer} format {version}, this version reads format {FORMAT}. "
            "Use the gen-bindings whose recorder wrote it."
        )
    if len(data) < _HEAD.size:
        raise TraceError(f"{path}: is truncated inside its head; nothing in it can be read.")
    fields = _HEAD.unpack(data)
    if fields[3] != 0x01020304:
        raise TraceError(f"{path}: was written by a big-endian processor, which cannot be read here.")
    (_, _, size, _, cases, kinds, slots, contract, process, parent, started, clock, limit) = fields[:13]
    cursor, extended, lost, folding, status, library = fields[13:]
    return Head(
        size=size,
        cases=cases,
        short_kinds=kinds,
        slots=slots,
        contract=contract.decode("ascii", "replace"),
        process=process,
        parent=parent,
        started=started,
        started_clock=clock,
        limit=limit,
        cursor=min(cursor, extended),
        extended=extended,
        lost=lost,
        folding=folding,
        status=None if status == UNKNOWN_STATUS else status,
        library=library.split(b"\0")[0].decode("utf-8", "replace"),
    )


def set_status(path: Path, status: int) -> None:
    """Notes in a log how its process ended.

    Raises:
        TraceError: the file is no log.
    """
    with path.open("r+b") as stream:
        _read_head(path, stream.read(_HEAD.size))
        stream.seek(STATUS_OFFSET)
        stream.write(status.to_bytes(8, "little", signed=True))
