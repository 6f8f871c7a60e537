"""Signals that end a process wait while output is written, until it can end without leaving a half."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)


class Ended(BaseException):
    """A signal came; whoever has something half done undoes it."""


@contextmanager
def held() -> Iterator[Callable[[], None]]:
    """Within it those signals only take note; what it yields raises ``Ended`` when one came.

    When the block is left the signal does what it would have done.
    """
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    def check() -> None:
        if came:
            raise Ended

    if threading.current_thread() is not threading.main_thread():
        yield check
        return
    before = {number: signal.getsignal(number) for number in _ENDING}
    # One that is ignored (nohup) stays so; one that other than Python code handles cannot be put back.
    taken = [n for n, handler in before.items() if handler not in (signal.SIG_IGN, None)]
    try:
        for number in taken:
            signal.signal(number, note)
        yield check
    finally:
        for number in taken:
            signal.signal(number, before[number])
        if came:
            signal.raise_signal(came[0])
            raise SystemExit(128 + came[0])
