"""GB920: what a census found that no message named."""

from __future__ import annotations

from bisect import bisect

from gen_bindings.findings.catalogue import UNNAMED
from gen_bindings.findings.finding import Side
from gen_bindings.trace.contract import REPLY_KIND
from gen_bindings.trace.lives import Lives

_SHOWN = 10


def unnamed(lives: Lives) -> None:
    """Ids that answered a release with true, of lives that never were."""
    found = sorted(id_ for id_ in lives.swept if id_ not in lives.latest)
    if not found:
        return
    shown = "; ".join(_place(lives, id_) for id_ in found[:_SHOWN])
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    what = "an entry" if len(found) == 1 else f"{len(found)} entries"
    message = f"The library's table holds {what} that no message named: {shown}{more}."
    lives.found(UNNAMED, Side.LIBRARY, message, lives.last)


def _place(lives: Lives, id_: int) -> str:
    """An id and, as ids ascend, what was handed out right before it."""
    named = sorted(key for key, life in lives.latest.items() if life.kind != REPLY_KIND)
    at = bisect(named, id_)
    if at == 0:
        return str(id_)
    before = lives.latest[named[at - 1]]
    return f"{id_} (handed out after {before.label}, which {before.path} brought)"
