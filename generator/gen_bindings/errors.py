"""The errors that a user can cause and mend; the command line prints them as they are."""

from __future__ import annotations


class GenBindingsError(Exception):
    """Something about the inputs or the machine is wrong and the user can put it right.

    The message is one or a few whole sentences: which file, line or key; what was found; what was
    expected; what to do.
    """


class SourceError(GenBindingsError):
    """An input (protocol, header, library) cannot be read or cannot be represented."""


class ConfigError(GenBindingsError):
    """The configuration file is wrong; the message names the file and the key."""


class AuditError(GenBindingsError):
    """The model is incomplete: a handle without owner, a key without kind, a pointer in public.

    Attributes:
        problems: one sentence each, in a stable order.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class OutputError(GenBindingsError):
    """The output folder cannot be written."""


class ToolchainError(GenBindingsError):
    """A compiler or a runtime that the command needs is missing or failed."""
