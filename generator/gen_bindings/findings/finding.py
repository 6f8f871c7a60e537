"""A finding of a check: what, where, how sure, why it matters, what to do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How bad a finding is; only errors make a run fail."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Certainty(Enum):
    """Whether a finding follows from the inputs or is a rule of thumb."""

    PROVABLE = "provable"
    HEURISTIC = "heuristic"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is; line 0 means the file as a whole, an empty file the project as a whole."""

    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.file:
            return "(project)"
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why a finding does not count.

    Attributes:
        kind: ``inSource``, ``configuration`` or ``baseline``.
        reason: as given; a baseline names itself.
        expires: ISO date after which it counts again, if any.
    """

    kind: str
    reason: str
    expires: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        id: the check, for example GB201.
        title: the check's title.
        message: one sentence about this place.
        path: the way of the handle, from the message's field to where it is lost.
        why: why it matters.
        fix: what to do.
        configurations: builds in which it was found; empty when it is in all of them.
        subject: what it is about, stable when lines move: the fingerprint is made of it.
    """

    id: str
    title: str
    severity: Severity
    certainty: Certainty
    message: str
    place: Place
    why: str
    fix: str
    path: tuple[str, ...] = ()
    configurations: tuple[str, ...] = ()
    subject: str = ""
    suppressed: Suppression | None = None

    @property
    def fingerprint(self) -> str:
        """Names the finding across runs, also when lines above it come and go."""
        text = "\n".join((self.id, self.place.file, self.subject or self.message))
        return hashlib.sha256(text.encode()).hexdigest()[:32]
