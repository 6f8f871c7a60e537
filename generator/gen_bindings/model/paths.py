"""Ways through messages: the steps from one message to something inside it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One field on the way from a message to something inside it."""

    field: str
    number: int
    message: str  # full name of the message that declares the field
    optional: bool = False
    repeated: bool = False
    index: int | None = None  # one element of a repeated field; only preconditions name one

    def __str__(self) -> str:
        if self.index is not None:
            return f"{self.field}[{self.index}]"
        return self.field + ("[]" if self.repeated else "?" if self.optional else "")


@dataclass(frozen=True, slots=True)
class FieldPath:
    """A way through messages, from ``root`` (a full message name) along ``steps``.

    Printed as ``result?.participants[].publications[]``: ``?`` may be absent, ``[]`` many.
    """

    root: str
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return ".".join(str(step) for step in self.steps)

    @property
    def plain(self) -> str:
        """The path without marks, as the configuration writes it: ``result.participants.publications``."""
        return ".".join(step.field for step in self.steps)

    @property
    def last(self) -> Step:
        """The last step."""
        return self.steps[-1]
