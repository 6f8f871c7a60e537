"""The checks of what is observed while a program runs: ids, titles, severities, and what to do."""

from __future__ import annotations

from gen_bindings.findings.finding import Certainty, Check, Severity, Source

E, W, P = Severity.ERROR, Severity.WARNING, Certainty.PROVABLE

NOT_CLOSED = Check(
    "GB308",
    "Session handle is dropped before the closing request is sent",
    W,
    P,
    why="The library no longer finds the session, and some abort.",
    fix="Send the closing request first, release after it was answered.",
    sources=(Source.RECORDING,),
)
NEVER_RELEASED = Check(
    "GB901",
    "A handle was never released",
    E,
    P,
    fix="Release it when its owner goes. The history says what brought it and who used it last.",
    sources=(Source.RECORDING, Source.HARNESS),
)
SOCKETS_REMAIN = Check(
    "GB902",
    "UDP sockets remain",
    E,
    P,
    fix="Close what opened them: the address of each tells, 224.0.0.251:5353 is a search for mDNS names.",
    sources=(Source.HARNESS,),
)
FDS_REMAIN = Check(
    "GB903",
    "Other sockets or descriptors remain",
    E,
    P,
    fix="Close what opened them: each is listed with its address or file.",
    sources=(Source.HARNESS,),
)
THREADS_REMAIN = Check(
    "GB904",
    "Threads remain",
    E,
    P,
    fix="Stop or join them before the client is closed: their names tell whose they are.",
    sources=(Source.HARNESS,),
)
TASKS_REMAIN = Check(
    "GB905",
    "Tasks of the library remain",
    E,
    P,
    fix="Report it to the library, with the scenario: its own count says that its tasks outlive what began "
    "them.",
    sources=(Source.HARNESS,),
)
MEMORY_GROWS = Check(
    "GB906",
    "Memory grows with each cycle",
    E,
    P,
    fix="Look for what each cycle leaves where nothing else counts it: delegates, caches, native buffers.",
    sources=(Source.HARNESS,),
)
FINALIZER = Check(
    "GB907",
    "A handle was released on a finalizer thread",
    W,
    P,
    fix="Dispose of the object; its finalizer released the handle long after the last use.",
    sources=(Source.RECORDING,),
)
BAD_RELEASE = Check(
    "GB908",
    "A release failed",
    E,
    P,
    fix="Binding: release a handle once, and not after a request that consumes it. Library: report it.",
    sources=(Source.RECORDING,),
)
ORDER = Check(
    "GB909",
    "A handle was released before its children",
    E,
    P,
    fix="Release children first, or let them keep their parent alive.",
    sources=(Source.RECORDING,),
)
CRASHED = Check(
    "GB910",
    "The process was ended by a signal",
    E,
    P,
    fix="Look at what ran on which thread; a request that names a dead handle has a finding of its own.",
    sources=(Source.RECORDING, Source.HARNESS),
)
HUNG = Check(
    "GB911",
    "The process did not end before its deadline",
    E,
    P,
    fix="Look at the stage and at the stacks of the threads; two that wait for each other are a deadlock.",
    sources=(Source.HARNESS,),
)
NO_RESULT = Check(
    "GB912",
    "The process ended without its result",
    E,
    P,
    fix="Look for what ended it early at the stage that is named: an exit in the scenario, or in the "
    "library.",
    sources=(Source.HARNESS,),
)
LATE_EVENT = Check(
    "GB914",
    "An event came after the library was disposed of",
    E,
    P,
    fix="Report it to the library; until then let the callback ignore what comes after dispose.",
    sources=(Source.RECORDING,),
)
NOBODY_TOOK = Check(
    "GB915",
    "Nobody took a handle that an event brought",
    E,
    P,
    fix="Wrap every handle that an event brings, also where nobody listens to the event.",
    sources=(Source.RECORDING,),
)
USED_AFTER_RELEASE = Check(
    "GB916",
    "A handle was used after it was gone",
    E,
    P,
    fix="Refuse the call on a released object before the request is sent.",
    sources=(Source.RECORDING,),
)
NO_CALLBACK = Check(
    "GB917",
    "A callback never came",
    W,
    P,
    fix="Give the call a deadline, and report it to the library.",
    sources=(Source.RECORDING,),
)
REFUSED = Check(
    "GB918",
    "A request was refused",
    W,
    P,
    fix="Binding: send only handles that were handed out. Library: its log says why it refused.",
    sources=(Source.RECORDING,),
)
AFTER_DISPOSE = Check(
    "GB919",
    "A call was made after the library was disposed of",
    E,
    P,
    fix="Stop all work and release everything before the library is disposed of.",
    sources=(Source.RECORDING,),
)
UNNAMED = Check(
    "GB920",
    "The library holds a handle that no message named",
    E,
    P,
    fix="Report it to the library: nothing that a client knows can release this handle.",
    sources=(Source.RECORDING,),
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

# In the order of the reports.
RECORDED = tuple(check for check in CHECKS if Source.RECORDING in check.sources)
