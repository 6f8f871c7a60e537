"""What a check is, and a finding of it: what, where, how sure, why it matters, what to do."""

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


class Side(Enum):
    """Who did what was observed while a program ran."""

    BINDING = "binding"
    LIBRARY = "library"


class Source(Enum):
    """What observes a running program; the value is for people."""

    RECORDING = "gen-bindings trace and report; see docs/trace.md"
    HARNESS = "gen-bindings check-close and the harness; see docs/check-close.md and docs/harness.md"


@dataclass(frozen=True, slots=True)
class Check:
    """An entry of the catalogue: an id, and what is the same for all findings under it.

    Attributes:
        why: what goes wrong when it is ignored.
        fix: what to do.
        explanation: more, for ``explain``: how it is found, what is not reported.
        sources: what observes it at run time; none for what is found in source files alone.
    """

    id: str
    title: str
    severity: Severity
    certainty: Certainty
    why: str = ""
    fix: str = ""
    explanation: str = ""
    sources: tuple[Source, ...] = ()

    def at(
        self,
        place: Place,
        message: str,
        *,
        path: tuple[str, ...] = (),
        severity: Severity | None = None,
        certainty: Certainty | None = None,
        subject: str = "",
    ) -> Finding:
        """A finding in a source file; a heuristic one is never an error."""
        level, sure = severity or self.severity, certainty or self.certainty
        if sure is Certainty.HEURISTIC and level is Severity.ERROR:
            level = Severity.WARNING
        return Finding(self, message, level, sure, place, path, subject=subject)

    def seen(
        self,
        message: str,
        details: tuple[str, ...] = (),
        *,
        side: Side | None = None,
        time: int = 0,
        handles: tuple[int, ...] = (),
    ) -> Finding:
        """A finding in a running program."""
        return Finding(
            self,
            message,
            self.severity,
            self.certainty,
            details=details,
            side=side,
            time=time,
            handles=handles,
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: in a source file, where it has a place, or in a running program.

    Attributes:
        message: one sentence about this place.
        path: the way of the handle, from the message's field to where it is lost.
        configurations: builds in which it was found; empty when it is in all of them.
        subject: what it is about, stable when lines move: the fingerprint is made of it.
        details: one line per socket, thread or frame that the message sums up.
        side: who did it, as far as a recording tells; with it ``time``, nanoseconds since the recording
            began, and ``handles``, keys of the lives that it is about.
    """

    check: Check
    message: str
    severity: Severity
    certainty: Certainty
    place: Place = Place()
    path: tuple[str, ...] = ()
    configurations: tuple[str, ...] = ()
    subject: str = ""
    suppressed: Suppression | None = None
    details: tuple[str, ...] = ()
    side: Side | None = None
    time: int = 0
    handles: tuple[int, ...] = ()

    @property
    def id(self) -> str:
        """The check's, for example GB201."""
        return self.check.id

    @property
    def fingerprint(self) -> str:
        """Names the finding across runs, also when lines above it come and go."""
        text = "\n".join((self.id, self.place.file, self.subject or self.message))
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def __str__(self) -> str:
        by = f" ({self.side.value})" if self.side is not None else ""
        return "\n  ".join([f"{self.severity.value} {self.id}{by}: {self.message}", *self.details])
