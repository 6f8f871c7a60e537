"""GB113: integer width differs on some targets."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.abi.compared import compared
from gen_bindings.validate.checks.base import Check, Context, E, P


def run(context: Context) -> Iterator[Finding]:
    return compared(CHECK, context)


CHECK = Check(
    "GB113",
    "Integer width differs on some targets",
    E,
    P,
    why="The code works on the machine it was written on and loses half of the value on others.",
    fix="Use a type of the same width on all targets: ulong for 64-bit ids, UIntPtr for size_t, "
    "IntPtr for pointers.",
)
