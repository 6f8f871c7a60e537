"""GB916, GB917, GB918: requests that name what is gone, that nobody answers, that are refused."""

from __future__ import annotations

from gen_bindings.findings.catalogue import NO_CALLBACK, REFUSED, USED_AFTER_RELEASE
from gen_bindings.findings.finding import Side
from gen_bindings.trace.life import Call
from gen_bindings.trace.lives import Lives
from gen_bindings.trace.log import RecordKind

# An answer that is still out when the process ends is missed only when there was time for it.
OVERDUE_NS = 1_000_000_000


def misused(lives: Lives, call: Call) -> None:
    """A request came back, or never will: the handles that it names, and whether it was granted."""
    explained = False
    for kind, value in call.unknown:
        gone = lives.latest.get(value)
        if gone is not None and gone.gone and gone.ended <= call.time:
            how = {"taken": f"{gone.by} took it", "disposed": "the library was disposed of"}
            told = how.get(gone.gone, "it was released")
            explained = True
            message = f"{call.name} names {gone.label} after {told}."
            lives.found(USED_AFTER_RELEASE, Side.BINDING, message, call.time, (gone,))
        elif gone is None and value and call.refused:
            explained = True
            message = f"{call.name} was refused: it names {kind} {value}, which no message ever brought."
            lives.found(REFUSED, Side.BINDING, message, call.time)
    if call.refused and call.plan is None:
        message = f"{call.name} was refused: the contract has no such message."
        lives.found(REFUSED, Side.BINDING, message, call.time)
    elif call.refused and not explained:
        message = f"{call.name} was refused, although every handle that it names was alive."
        lives.found(REFUSED, Side.LIBRARY, message, call.time, tuple(call.lives))


def never_returned(lives: Lives) -> None:
    """Requests in which the process ended: one that names a dead handle is what ended it."""
    for record in lives.running:
        if record.kind is RecordKind.REQUEST:
            misused(lives, lives.asked[record.offset])


def callbacks_missing(lives: Lives, time: int) -> None:
    """Requests that were not answered though there was time."""
    seen: set[int] = set()
    for waiting in lives.waiting.values():
        for call in waiting:
            if call.waits and id(call) not in seen and time - call.time >= OVERDUE_NS:
                seen.add(id(call))
                message = (
                    f"The callback of {call.name} did not come within {(time - call.time) / 1e6:.0f} ms."
                )
                lives.found(NO_CALLBACK, Side.LIBRARY, message, call.time, tuple(call.lives))
