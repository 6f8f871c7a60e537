"""GB308, GB907, GB908, GB909: releases without a close, by a finalizer, in vain, or in the wrong order."""

from __future__ import annotations

from gen_bindings.findings.catalogue import BAD_RELEASE, FINALIZER, NOT_CLOSED, ORDER, UNNAMED
from gen_bindings.findings.finding import Side
from gen_bindings.trace.life import Life, Thread
from gen_bindings.trace.lives import Lives
from gen_bindings.trace.log import Record

_SINCE = {
    "taken": "although {by} had taken it",
    "disposed": "although the library was disposed of since",
}


def released(lives: Lives, life: Life, time: int, thread: Thread) -> None:
    """A release that did what it should."""
    if life.kind in lives.sessions and not life.closed:
        close = next(s.close for s in lives.contract.binding.sessions if s.kind == life.kind)
        message = f"{life.label} was released without {close}, and its end was not announced."
        lives.found(NOT_CLOSED, Side.BINDING, message, time, (life,))
    if thread.finalizer:
        message = f"{life.label} was released on the thread {thread.name}."
        lives.found(FINALIZER, Side.BINDING, message, time, (life,))


def forgotten(lives: Lives, life: Life, time: int) -> None:
    """A release that failed although the handle was alive by all that messages say."""
    message = f"{life.label} was released once, but the library no longer knew it."
    lives.found(BAD_RELEASE, Side.LIBRARY, message, time, (life,))


def of_unknown(lives: Lives, record: Record, function: str, ok: bool, time: int) -> None:
    """A release of what is not alive."""
    earlier = lives.latest.get(record.id)
    if lives.disposed and not ok:
        return
    if earlier is not None and not ok:
        how = _SINCE.get(earlier.gone, "twice").format(by=earlier.by)
        message = f"{earlier.label} was released {how}."
        lives.found(BAD_RELEASE, Side.BINDING, message, time, (earlier,))
        thread = lives.thread(record.thread)
        earlier.events.append((time, f"released again, answer {record.answer}", thread))
        return
    if lives.log.head.parent or lives.log.head.lost or lives.log.problems:
        return  # what brought it may stand where this log does not reach
    if not ok:
        message = f"{function} of {record.id} failed: no message ever brought that handle."
        lives.found(BAD_RELEASE, Side.BINDING, message, time)
    elif function in lives.contract.releases:
        message = f"{function} of {record.id} succeeded, but no message brought that handle."
        lives.found(UNNAMED, Side.LIBRARY, message, time)


def out_of_order(lives: Lives) -> None:
    """Lives whose children were released after them."""
    for life in lives.lives:
        late = tuple(
            child for child in life.late_children if child.gone == "released" and child.ended >= life.ended
        )
        if late:
            names = ", ".join(child.label for child in late)
            message = f"{life.label} was released before its children {names}."
            lives.found(ORDER, Side.BINDING, message, life.ended, (life, *late))
