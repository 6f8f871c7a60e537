"""GB120: calling convention differs."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.abi.compared import compared
from gen_bindings.validate.checks.base import Check, Context, E, P


def run(context: Context) -> Iterator[Finding]:
    return compared(CHECK, context)


CHECK = Check(
    "GB120",
    "Calling convention differs",
    E,
    P,
    why="On x86-32 the stack is off after the call.",
    fix="Set CallingConvention = CallingConvention.Cdecl.",
)
