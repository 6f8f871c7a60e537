"""Reads records in order, each by what knows its kind; at the end comes what only then can be said."""

from __future__ import annotations

from collections.abc import Callable

from gen_bindings.trace import calls, ends, events
from gen_bindings.trace.checks import census, leaks, processes, releases, requests
from gen_bindings.trace.contract import REPLY_KIND
from gen_bindings.trace.life import Phase, Thread
from gen_bindings.trace.lives import Lives
from gen_bindings.trace.log import Record, RecordKind

# These are no calls, or have come back when they are written.
_AT_ONCE = frozenset(
    {RecordKind.THREAD, RecordKind.RESPONSE, RecordKind.BIRTH, RecordKind.CENSUS, RecordKind.EXIT}
)


def feed(lives: Lives, record: Record) -> None:
    """Takes the next record."""
    time = record.time + lives.offset
    lives.last = max(lives.last, time, record.ended + lives.offset if record.ended else 0)
    _READERS[record.kind](lives, record, time, lives.thread(record.thread))
    if not record.finished and record.kind not in _AT_ONCE:
        lives.running.append(record)


def finish(lives: Lives) -> None:
    """Says what can be said only at the end: what is still held, what never came, what is unnamed."""
    for slot in lives.log.short_lived():
        _folded(lives, slot.id, slot.kind, slot.time + lives.offset, slot.thread)
    if lives.initialised and not lives.disposed:
        ends.initialised_until(lives, lives.last)
    for life in lives.lives:
        if life.kind in lives.sessions:
            lives.phases.append(Phase(life.label, life.born, life.ended or lives.last))
    requests.never_returned(lives)
    processes.called_after_dispose(lives)
    status = lives.log.head.status
    if status is not None and status < 0:
        processes.crashed(lives, -status)
    elif lives.log.head.lost or any("truncated" in problem for problem in lives.log.problems):
        pass  # what ended the others may stand where this log does not reach
    elif status is None and not lives.exited and lives.running:
        processes.broken_off(lives)
    else:
        if not lives.disposed:
            requests.callbacks_missing(lives, lives.last)
        leaks.left(lives)
    releases.out_of_order(lives)
    census.unnamed(lives)
    lives.findings.sort(key=lambda finding: finding.time)


def _thread(lives: Lives, record: Record, _time: int, _on: Thread) -> None:
    lives.names_thread(record.thread, record.data.decode("utf-8", "replace"))


def _birth(lives: Lives, record: Record, time: int, _on: Thread) -> None:
    _folded(lives, record.id, record.function, time, record.answer)


def _folded(lives: Lives, id_: int, kind: int, time: int, thread: int) -> None:
    """A short-lived handle whose birth was folded, but not its end."""
    names = lives.contract.short_kinds
    name = names[kind - 1] if 0 < kind <= len(names) else REPLY_KIND
    lives.born(id_, name, "", leaks.FOLDED, "event", time, lives.thread(thread), None)


def _call(lives: Lives, record: Record, time: int, thread: Thread) -> None:
    lives.note(record, time, thread, "call", lives.function(record))


def _exit(lives: Lives, record: Record, time: int, thread: Thread) -> None:
    lives.exited = True
    lives.note(record, time, thread, "exit", "")


_READERS: dict[RecordKind, Callable[[Lives, Record, int, Thread], None]] = {
    RecordKind.THREAD: _thread,
    RecordKind.INITIALIZE: ends.initialize,
    RecordKind.REQUEST: calls.request,
    RecordKind.RESPONSE: calls.response,
    RecordKind.EVENT: events.event,
    RecordKind.RELEASE: ends.release,
    RecordKind.DISPOSE: ends.dispose,
    RecordKind.CALL: _call,
    RecordKind.BIRTH: _birth,
    RecordKind.CENSUS: ends.census,
    RecordKind.EXIT: _exit,
}
