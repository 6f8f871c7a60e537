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
    """An entry of the catalogue."""

    id: str
    title: str
    severity: Severity


NEVER_RELEASED = Check("GB901", "A handle was never released", Severity.ERROR)
FINALIZER = Check("GB907", "A handle was released on a finalizer thread", Severity.WARNING)
BAD_RELEASE = Check("GB908", "A release failed", Severity.ERROR)
ORDER = Check("GB909", "A handle was released before its children", Severity.ERROR)
CRASHED = Check("GB910", "The process was ended by a signal", Severity.ERROR)
LATE_EVENT = Check("GB914", "An event came after the library was disposed of", Severity.ERROR)
NOBODY_TOOK = Check("GB915", "Nobody took a handle that an event brought", Severity.ERROR)
USED_AFTER_RELEASE = Check("GB916", "A handle was used after it was gone", Severity.ERROR)
NO_CALLBACK = Check("GB917", "A callback never came", Severity.WARNING)
REFUSED = Check("GB918", "A request was refused", Severity.WARNING)
AFTER_DISPOSE = Check("GB919", "A call was made after the library was disposed of", Severity.ERROR)
UNNAMED = Check("GB920", "The library holds a handle that no message named", Severity.ERROR)
NOT_CLOSED = Check("GB308", "A session was released without being closed", Severity.WARNING)

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
