"""GB112: integer width differs on every target."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.abi.compared import compared
from gen_bindings.validate.checks.base import Check, Context, E, P


def run(context: Context) -> Iterator[Finding]:
    return compared(CHECK, context)


CHECK = Check(
    "GB112",
    "Integer width differs on every target",
    E,
    P,
    why="Half of the value is lost, or bytes are read that nobody wrote.",
    fix="Use the C# type of the same width: uint64_t is ulong, int32_t is int, size_t is UIntPtr.",
)
