"""What was found in a recording, and who did it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from gen_bindings.findings import catalogue
from gen_bindings.findings.catalogue import Check, Source

# In the order of the reports.
CHECKS = tuple(check for check in catalogue.CHECKS if Source.RECORDING in check.sources)


class Side(Enum):
    """Who did it."""

    BINDING = "binding"
    LIBRARY = "library"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        handles: keys of the lives that it is about; their histories belong to it.
        time: nanoseconds since the recording began.
    """

    check: Check
    side: Side
    message: str
    time: int
    handles: tuple[int, ...] = ()
