"""What begins and ends lives by itself: initialize, release, dispose, a census."""

from __future__ import annotations

from gen_bindings.trace.checks import leaks, releases, requests
from gen_bindings.trace.contract import REPLY_KIND
from gen_bindings.trace.life import Life, Phase, Thread
from gen_bindings.trace.lives import Lives
from gen_bindings.trace.log import Record


def initialize(lives: Lives, record: Record, time: int, thread: Thread) -> None:
    """A client registers; its number is the record's id."""
    if record.id:
        thread.client = lives.client(record.id, time)
    lives.note(record, time, thread, "initialize", lives.function(record))
    if lives.disposed or not lives.initialised:
        lives.initialised = time
    lives.disposed = 0


def initialised_until(lives: Lives, time: int) -> None:
    """Ends the phase in which the library is initialised."""
    together = [c for c in lives.clients.values() if c.several and c.time >= lives.initialised]
    lives.phases.append(Phase("initialised", lives.initialised, time))
    if len(together) > 1:
        lives.phases += [Phase(str(client), client.time, time) for client in together]


def dispose(lives: Lives, record: Record, time: int, thread: Thread) -> None:
    """The library is disposed of."""
    lives.note(record, time, thread, "dispose", lives.function(record))
    if record.finished:
        all_disposed(lives, record.ended + lives.offset)


def all_disposed(lives: Lives, time: int) -> None:
    """Every handle is gone; response buffers may still be given back."""
    if lives.initialised and not lives.disposed:
        initialised_until(lives, time)
    requests.callbacks_missing(lives, time)
    lives.disposed = time
    lives.waiting.clear()
    status = lives.log.head.status
    crashed = status is not None and status < 0
    for life in lives.replies.values():
        life.doubtful = True
    for life in list(lives.by_id.values()):
        lives.end(life, "disposed", time, None)
        if not crashed:
            leaks.leaked(lives, life, time, " before the library was disposed of")


def release(lives: Lives, record: Record, time: int, thread: Thread) -> None:
    """A handle or a response buffer is given back."""
    function = lives.function(record)
    life = _released_life(lives, function, record.id)
    mark = lives.note(
        record, time, thread, "release", life.label if life is not None else f"{function} {record.id}"
    )
    if life is not None:
        mark.handle = life.key
    of_handles = function in lives.contract.releases
    if lives.disposed and of_handles and (life is None or life.kind != REPLY_KIND):
        lives.late_calls.append((time, f"{function}({record.id})"))
    if not record.finished:
        if life is not None:
            life.events.append((time, f"{function} was called and did not return", thread))
        return
    answers = function in lives.contract.answering
    ok = record.answer != 0 or not answers
    if life is None:
        if record.id or answers:
            releases.of_unknown(lives, record, function, ok, time)
        return
    ended = record.ended + lives.offset
    if not ok:
        kind = lives.contract.kinds.get(life.kind)
        allowed = life.doubtful or (kind is not None and kind.release.self_released)
        lives.end(life, "library", ended, thread)
        if not allowed:
            releases.forgotten(lives, life, time)
        return
    life.late_children = [c for c in life.children if not c.gone and c.lasting and not c.adopted]
    life.answered = answers
    lives.end(life, "released", ended, thread)
    releases.released(lives, life, time, thread)


def census(lives: Lives, record: Record, time: int, _thread: Thread) -> None:
    """The recorder released an id, which answered true; the id 0 ends the census."""
    if lives.censused is None:
        lives.censused = lives.table()
    if record.id:
        lives.swept.add(record.id)
        return
    for id_ in list(lives.swept):
        life = lives.by_id.get(id_) or lives.replies.get(id_)
        if life is not None:
            lives.end(life, "swept", time, life.thread)
            leaks.leaked(lives, life, time, " (the census found it alive)")
            lives.swept.discard(id_)


def _released_life(lives: Lives, function: str, id_: int) -> Life | None:
    if function not in lives.contract.releases:
        return lives.replies.get(id_)
    life = lives.by_id.get(id_)
    if life is None and not lives.contract.by_address and function == lives.contract.request.release:
        return lives.replies.get(id_)
    return life
