"""What a run-time check found, under the ids of the diagnostics catalogue (block 9xx)."""

from __future__ import annotations

from dataclasses import dataclass

HANDLES_REMAIN = "GB901"
SOCKETS_REMAIN = "GB902"
FDS_REMAIN = "GB903"
THREADS_REMAIN = "GB904"
TASKS_REMAIN = "GB905"
MEMORY_GROWS = "GB906"
CRASHED = "GB910"
HUNG = "GB911"
NO_RESULT = "GB912"


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes:
        id: the check, for example GB902.
        message: one sentence.
        details: one line per socket, thread or frame that the message sums up.
    """

    id: str
    message: str
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n  ".join([f"{self.id}: {self.message}", *self.details])
