"""What a process holds beside memory: sockets, other descriptors, threads; and which of them remained.

Read from /proc, so it works from inside the child as well as from its parent.
"""

from __future__ import annotations

import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from gen_bindings.findings import catalogue
from gen_bindings.findings.finding import Finding
from gen_bindings.runtime.lanes import Lane

T = TypeVar("T")

# Threads that the runtime keeps for itself, by the name the system has for them (15 characters).
_MONO_THREADS = frozenset(
    {"SGen worker", "Finalizer", "Thread Pool Wor", "Thread Pool I/O", "Timer-Scheduler"}
)
# Files that a runtime opens whenever it needs code for the first time.
_CODE_FILES = (".dll", ".so", ".pdb", ".exe")


@dataclass(frozen=True)
class Socket:
    """A socket of the process; `kind` is udp, udp6, tcp, tcp6, unix, or other."""

    inode: int
    kind: str
    local: str
    remote: str

    def __str__(self) -> str:
        return f"{self.kind} {self.local}" + (f" to {self.remote}" if self.remote else "")


@dataclass(frozen=True)
class Thread:
    """A thread of the operating system; the name has at most 15 characters."""

    id: int
    name: str


@dataclass(frozen=True)
class Snapshot:
    """What a process held at one moment.

    Attributes:
        sockets: by inode.
        files: the targets of all other descriptors.
        threads: all of them, the main one first.
        uss: bytes that only this process has in memory.
        rss: bytes that it has in memory.
    """

    sockets: tuple[Socket, ...]
    files: tuple[str, ...]
    threads: tuple[Thread, ...]
    uss: int
    rss: int


def snapshot(pid: int | None = None) -> Snapshot:
    """Looks at a process, at this one when no id is given."""
    process = Path("/proc") / str(pid or os.getpid())
    known = {found.inode: found for found in _system_sockets(process)}
    sockets = []
    files = []
    for target in _descriptors(process):
        if target.startswith("socket:["):
            inode = int(target[8:-1])
            sockets.append(known.get(inode) or Socket(inode, "other", "", ""))
        else:
            files.append(target)
    uss, rss = _memory(process)
    return Snapshot(
        tuple(sorted(sockets, key=lambda found: found.inode)),
        tuple(sorted(files)),
        tuple(_threads(process)),
        uss,
        rss,
    )


@dataclass(frozen=True)
class Leftovers:
    """What came and stayed.

    Attributes:
        udp: UDP sockets.
        others: other sockets, and the targets of other descriptors.
        threads: how many more there are of each name.
    """

    udp: tuple[Socket, ...]
    others: tuple[str, ...]
    threads: Counter[str]


def leftovers(before: Snapshot, after: Snapshot, lane: Lane | None = None) -> Leftovers:
    """What `after` has and `before` had not.

    Threads are counted by name, because a pool may replace one of its own.

    Args:
        before: taken when the library and the runtime had done everything that they do only once.
        after: taken when everything should be back.
        lane: leave out the threads of this runtime. On CoreCLR those bear the name of the process, as
            any thread does that nobody names, so only named threads are judged there.
    """
    old = {found.inode for found in before.sockets}
    sockets = [found for found in after.sockets if found.inode not in old]
    files = Counter(after.files) - Counter(before.files)
    others = [str(found) for found in sockets if not found.kind.startswith("udp")]
    others += [
        target
        for target in sorted(files.elements())
        if not target.removesuffix(" (deleted)").endswith(_CODE_FILES)
    ]
    ignored: frozenset[str] = frozenset()
    if lane is Lane.MONO:
        ignored = _MONO_THREADS
    elif lane is Lane.CORECLR:
        ignored = frozenset({after.threads[0].name})
    return Leftovers(
        udp=tuple(found for found in sockets if found.kind.startswith("udp")),
        others=tuple(others),
        threads=_names(after, ignored) - _names(before, ignored),
    )


def differences(before: Snapshot, after: Snapshot, lane: Lane | None = None) -> tuple[Finding, ...]:
    """The leftovers as findings: GB902, GB903, GB904."""
    left = leftovers(before, after, lane)
    found = []
    if left.udp:
        message = f"{len(left.udp)} UDP sockets remain."
        found.append(catalogue.SOCKETS_REMAIN.seen(message, tuple(map(str, left.udp))))
    if left.others:
        message = f"{len(left.others)} TCP or unix sockets or other descriptors remain."
        found.append(catalogue.FDS_REMAIN.seen(message, left.others))
    if left.threads:
        threads = [f"{name!r}: {count} more" for name, count in sorted(left.threads.items())]
        message = f"{left.threads.total()} threads remain."
        found.append(catalogue.THREADS_REMAIN.seen(message, tuple(threads)))
    return tuple(found)


def remaining(
    before: Snapshot, lane: Lane | None = None, pid: int | None = None, deadline: float = 20.0
) -> tuple[Finding, ...]:
    """The differences that are still there at the deadline; returns as soon as there are none."""
    return settle(
        lambda: differences(before, snapshot(pid), lane), lambda found: not found, deadline=deadline
    )


def settle(measure: Callable[[], T], settled: Callable[[T], bool], deadline: float = 20.0) -> T:
    """Measures until the value satisfies or the deadline (in seconds) has passed; returns the last value."""
    end = time.monotonic() + deadline
    pause = 0.005
    while True:
        value = measure()
        if settled(value) or time.monotonic() >= end:
            return value
        time.sleep(pause)
        pause = min(pause * 2, 0.1)


def _names(taken: Snapshot, ignored: frozenset[str]) -> Counter[str]:
    return Counter(thread.name for thread in taken.threads if thread.name not in ignored)


def _descriptors(process: Path) -> Iterable[str]:
    for link in (process / "fd").iterdir():
        try:
            target = str(link.readlink())
        except OSError:
            continue
        # The descriptor through which this listing is read is part of the measurement, not of the process.
        if target != f"{process}/fd":
            yield target


def _threads(process: Path) -> Iterable[Thread]:
    for task in sorted((process / "task").iterdir(), key=lambda path: int(path.name)):
        try:
            yield Thread(int(task.name), (task / "comm").read_text().rstrip("\n"))
        except OSError:
            continue


def _memory(process: Path) -> tuple[int, int]:
    sums: Counter[str] = Counter()
    for line in (process / "smaps_rollup").read_text().splitlines()[1:]:
        name, _, rest = line.partition(":")
        sums[name] += int(rest.split()[0]) * 1024
    return sums["Private_Clean"] + sums["Private_Dirty"] + sums["Private_Hugetlb"], sums["Rss"]


def _system_sockets(process: Path) -> Iterable[Socket]:
    """Every socket in the process's network namespace."""
    for kind in ("udp", "udp6", "tcp", "tcp6"):
        for line in _lines(process / "net" / kind):
            fields = line.split()
            remote = _address(fields[2])
            yield Socket(int(fields[9]), kind, _address(fields[1]), "" if remote.endswith(":0") else remote)
    for line in _lines(process / "net" / "unix"):
        fields = line.split()
        yield Socket(int(fields[6]), "unix", fields[7] if len(fields) > 7 else "", "")


def _lines(table: Path) -> list[str]:
    try:
        return table.read_text().splitlines()[1:]
    except FileNotFoundError:
        # The kernel has no such protocol, for example IPv6.
        return []


def _address(text: str) -> str:
    host, _, port = text.partition(":")
    # The kernel prints each 32-bit word of the address in the machine's byte order.
    packed = b"".join(
        int(host[start : start + 8], 16).to_bytes(4, "little") for start in range(0, len(host), 8)
    )
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
    shown = socket.inet_ntop(family, packed)
    return f"{shown if family == socket.AF_INET else f'[{shown}]'}:{int(port, 16)}"
