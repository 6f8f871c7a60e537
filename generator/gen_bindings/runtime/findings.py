"""What a run-time check found, under the ids of the diagnostics catalogue (block 9xx)."""

from __future__ import annotations

from dataclasses import dataclass

from gen_bindings.findings import catalogue

HANDLES_REMAIN = catalogue.NEVER_RELEASED.id
SOCKETS_REMAIN = catalogue.SOCKETS_REMAIN.id
FDS_REMAIN = catalogue.FDS_REMAIN.id
THREADS_REMAIN = catalogue.THREADS_REMAIN.id
TASKS_REMAIN = catalogue.TASKS_REMAIN.id
MEMORY_GROWS = catalogue.MEMORY_GROWS.id
CRASHED = catalogue.CRASHED.id
HUNG = catalogue.HUNG.id
NO_RESULT = catalogue.NO_RESULT.id


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
