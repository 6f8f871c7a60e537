"""What a run-time check found, under the ids of the diagnostics catalogue (block 9xx)."""

from __future__ import annotations

from dataclasses import dataclass

from gen_bindings.report import observed

HANDLES_REMAIN = observed.NEVER_RELEASED.id
SOCKETS_REMAIN = observed.SOCKETS_REMAIN.id
FDS_REMAIN = observed.FDS_REMAIN.id
THREADS_REMAIN = observed.THREADS_REMAIN.id
TASKS_REMAIN = observed.TASKS_REMAIN.id
MEMORY_GROWS = observed.MEMORY_GROWS.id
CRASHED = observed.CRASHED.id
HUNG = observed.HUNG.id
NO_RESULT = observed.NO_RESULT.id


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
