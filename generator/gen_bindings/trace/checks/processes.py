"""GB910, GB914, GB919: how a process ended, and what came after dispose."""

from __future__ import annotations

import signal
from collections import Counter

from gen_bindings.findings.catalogue import AFTER_DISPOSE, CRASHED, LATE_EVENT
from gen_bindings.findings.finding import Side
from gen_bindings.trace.life import Mark
from gen_bindings.trace.lives import Lives
from gen_bindings.trace.log import Record, RecordKind


def late_event(lives: Lives, mark: Mark) -> None:
    """An event came after dispose had returned."""
    late = (mark.time - lives.disposed) / 1e6
    message = f"{mark.name} came {late:.0f} ms after the library was disposed of."
    lives.found(LATE_EVENT, Side.LIBRARY, message, mark.time)


def called_after_dispose(lives: Lives) -> None:
    """Calls that were made after dispose, in one finding."""
    counts = Counter(name for _, name in lives.late_calls)
    if counts:
        names = ", ".join(name if n == 1 else f"{name} ({n} times)" for name, n in counts.items())
        message = f"Called after the library was disposed of: {names}."
        lives.found(AFTER_DISPOSE, Side.BINDING, message, lives.late_calls[0][0])


def crashed(lives: Lives, number: int) -> None:
    """A signal ended the process."""
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    _ended_in(lives, f"The process was ended by {name}")


def broken_off(lives: Lives) -> None:
    """The log ends inside calls, and nothing tells how the process ended."""
    _ended_in(lives, "The recording breaks off")


def _ended_in(lives: Lives, how: str) -> None:
    calls = [r for r in lives.running if r.kind is not RecordKind.EVENT]
    running = [f"{_called(lives, record)} on {lives.thread(record.thread)}" for record in calls]
    events = [
        f"the handler of {_event_name(lives, record)} on {lives.thread(record.thread)}"
        for record in lives.running
        if record.kind is RecordKind.EVENT
    ]
    where = "; ".join([*running, *events]) or "no call of the library"
    side = Side.LIBRARY if running else Side.BINDING
    alive = tuple(lives.living())
    counted = "1 handle was alive" if len(alive) == 1 else f"{len(alive)} handles were alive"
    message = f"{how} while running: {where}; {counted}."
    lives.found(CRASHED, side, message, lives.last, alive[:20])


def _called(lives: Lives, record: Record) -> str:
    call = lives.asked.get(record.offset)
    name = lives.function(record)
    if call is not None:
        return f"{name} ({call.name})"
    return f"{name} of {record.id}" if record.id else name


def _event_name(lives: Lives, record: Record) -> str:
    time = record.time + lives.offset
    return next((mark.name for mark in lives.marks if mark.time == time), "an event")
