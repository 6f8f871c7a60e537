"""What can be wrong in a recording: ids, severities and sides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Side(Enum):
    """Who did it."""

    BINDING = "binding"
    LIBRARY = "library"


class Severity(Enum):
    """How bad it is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Check:
    """An entry of the catalogue.

    Attributes:
        fix: what to do about it.
    """

    id: str
    title: str
    severity: Severity
    fix: str


NEVER_RELEASED = Check(
    "GB901",
    "A handle was never released",
    Severity.ERROR,
    "Release it when its owner goes. The history says what brought it and who used it last.",
)
FINALIZER = Check(
    "GB907",
    "A handle was released on a finalizer thread",
    Severity.WARNING,
    "Dispose of the object; its finalizer released the handle long after the last use.",
)
BAD_RELEASE = Check(
    "GB908",
    "A release failed",
    Severity.ERROR,
    "Binding: release a handle once, and not after a request that consumes it. Library: report it.",
)
ORDER = Check(
    "GB909",
    "A handle was released before its children",
    Severity.ERROR,
    "Release children first, or let them keep their parent alive.",
)
CRASHED = Check(
    "GB910",
    "The process was ended by a signal",
    Severity.ERROR,
    "Look at what ran on which thread; a request that names a dead handle has a finding of its own.",
)
LATE_EVENT = Check(
    "GB914",
    "An event came after the library was disposed of",
    Severity.ERROR,
    "Report it to the library; until then let the callback ignore what comes after dispose.",
)
NOBODY_TOOK = Check(
    "GB915",
    "Nobody took a handle that an event brought",
    Severity.ERROR,
    "Wrap every handle that an event brings, also where nobody listens to the event.",
)
USED_AFTER_RELEASE = Check(
    "GB916",
    "A handle was used after it was gone",
    Severity.ERROR,
    "Refuse the call on a released object before the request is sent.",
)
NO_CALLBACK = Check(
    "GB917",
    "A callback never came",
    Severity.WARNING,
    "Give the call a deadline, and report it to the library.",
)
REFUSED = Check(
    "GB918",
    "A request was refused",
    Severity.WARNING,
    "Binding: send only handles that were handed out. Library: its log says why it refused.",
)
AFTER_DISPOSE = Check(
    "GB919",
    "A call was made after the library was disposed of",
    Severity.ERROR,
    "Stop all work and release everything before the library is disposed of.",
)
UNNAMED = Check(
    "GB920",
    "The library holds a handle that no message named",
    Severity.ERROR,
    "Report it to the library: nothing that a client knows can release this handle.",
)
NOT_CLOSED = Check(
    "GB308",
    "A session was released without being closed",
    Severity.WARNING,
    "Send the request that closes the session, wait for its callback, then release the handle.",
)

CHECKS = (
    NOT_CLOSED,
    NEVER_RELEASED,
    FINALIZER,
    BAD_RELEASE,
    ORDER,
    CRASHED,
    LATE_EVENT,
    NOBODY_TOOK,
    USED_AFTER_RELEASE,
    NO_CALLBACK,
    REFUSED,
    AFTER_DISPOSE,
    UNNAMED,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        handles: keys of the lives that it is about; their histories belong to it.
        time: nanoseconds since the recording began.
    """

    check: Check
    side: Side
    message: str
    time: int
    handles: tuple[int, ...] = ()
