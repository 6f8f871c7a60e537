"""Says on standard error what is being done, once it takes longer than a second."""

from __future__ import annotations

import sys
import threading
from types import TracebackType

_QUIET_SECONDS = 1.0


class Progress:
    """Steps of a command; each is told once, and none before a second has passed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._step = ""
        self._told = True
        self._loud = False
        self._timer = threading.Timer(_QUIET_SECONDS, self._speak_up)
        self._timer.daemon = True

    def __enter__(self) -> Progress:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._told = True

    def step(self, text: str) -> None:
        """What is done from now on (``reading the protocol``)."""
        with self._lock:
            self._step, self._told = text, False
            if self._loud:
                self._tell()

    def _speak_up(self) -> None:
        with self._lock:
            self._loud = True
            self._tell()

    def _tell(self) -> None:
        if not self._told:
            self._told = True
            print(f"{self._step} …", file=sys.stderr, flush=True)
