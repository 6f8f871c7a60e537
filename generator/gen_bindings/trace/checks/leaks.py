"""GB901 and GB915: a handle that was not released, and one that nobody even looked at."""

from __future__ import annotations

from gen_bindings.findings.catalogue import NEVER_RELEASED, NOBODY_TOOK
from gen_bindings.findings.finding import Side
from gen_bindings.trace.contract import REPLY_KIND
from gen_bindings.trace.life import Life
from gen_bindings.trace.lives import Lives

# Path of a life whose birth was folded.
FOLDED = "(folded)"


def left(lives: Lives) -> None:
    """What is still alive at the end."""
    for life in list(lives.living()):
        leaked(lives, life, life.born, "")


def leaked(lives: Lives, life: Life, time: int, when: str) -> None:
    """A life was not ended by a release."""
    if life.doubtful and life.kind != REPLY_KIND:
        return
    if life.origin == "event" and not life.uses and life.path != FOLDED:
        message = f"{life.label} came in {life.path}; it was never used and never released{when}."
        lives.found(NOBODY_TOOK, Side.BINDING, message, time, (life,))
        return
    what = "The response buffer" if life.kind == REPLY_KIND else "Handle"
    message = f"{what} {life.label}, brought by {life.path}, was never released{when}."
    lives.found(NEVER_RELEASED, Side.BINDING, message, time, (life,))
