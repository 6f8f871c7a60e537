"""The checks of what is observed while a program runs: ids, titles, severities, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from gen_bindings.findings.finding import Severity


class Source(Enum):
    """What observes it; the value is for people."""

    RECORDING = "gen-bindings trace and report; see docs/trace.md"
    HARNESS = "gen-bindings check-close and the harness; see docs/check-close.md and docs/harness.md"


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
    sources: tuple[Source, ...] = (Source.RECORDING,)


NOT_CLOSED = Check(
    "GB308",
    "Session handle is dropped before the closing request is sent",
    Severity.WARNING,
    "Send the closing request first, release after it was answered.",
)
NEVER_RELEASED = Check(
    "GB901",
    "A handle was never released",
    Severity.ERROR,
    "Release it when its owner goes. The history says what brought it and who used it last.",
    (Source.RECORDING, Source.HARNESS),
)
SOCKETS_REMAIN = Check(
    "GB902",
    "UDP sockets remain",
    Severity.ERROR,
    "Close what opened them: the address of each tells, 224.0.0.251:5353 is a search for mDNS names.",
    (Source.HARNESS,),
)
FDS_REMAIN = Check(
    "GB903",
    "Other sockets or descriptors remain",
    Severity.ERROR,
    "Close what opened them: each is listed with its address or file.",
    (Source.HARNESS,),
)
THREADS_REMAIN = Check(
    "GB904",
    "Threads remain",
    Severity.ERROR,
    "Stop or join them before the client is closed: their names tell whose they are.",
    (Source.HARNESS,),
)
TASKS_REMAIN = Check(
    "GB905",
    "Tasks of the library remain",
    Severity.ERROR,
    "Report it to the library, with the scenario: its own count says that its tasks outlive what began them.",
    (Source.HARNESS,),
)
MEMORY_GROWS = Check(
    "GB906",
    "Memory grows with each cycle",
    Severity.ERROR,
    "Look for what each cycle leaves where nothing else counts it: delegates, caches, native buffers.",
    (Source.HARNESS,),
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
    (Source.RECORDING, Source.HARNESS),
)
HUNG = Check(
    "GB911",
    "The process did not end before its deadline",
    Severity.ERROR,
    "Look at the stage and at the stacks of the threads; two that wait for each other are a deadlock.",
    (Source.HARNESS,),
)
NO_RESULT = Check(
    "GB912",
    "The process ended without its result",
    Severity.ERROR,
    "Look for what ended it early at the stage that is named: an exit in the scenario, or in the library.",
    (Source.HARNESS,),
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

CHECKS = (
    NOT_CLOSED,
    NEVER_RELEASED,
    SOCKETS_REMAIN,
    FDS_REMAIN,
    THREADS_REMAIN,
    TASKS_REMAIN,
    MEMORY_GROWS,
    FINALIZER,
    BAD_RELEASE,
    ORDER,
    CRASHED,
    HUNG,
    NO_RESULT,
    LATE_EVENT,
    NOBODY_TOOK,
    USED_AFTER_RELEASE,
    NO_CALLBACK,
    REFUSED,
    AFTER_DISPOSE,
    UNNAMED,
)
