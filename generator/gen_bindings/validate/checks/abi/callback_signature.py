"""GB125: delegate differs from the c callback."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.abi.compared import compared
from gen_bindings.validate.checks.base import Check, Context, E, P


def run(context: Context) -> Iterator[Finding]:
    return compared(CHECK, context)


CHECK = Check(
    "GB125",
    "Delegate differs from the C callback",
    E,
    P,
    why="The library calls with other arguments than the method reads: garbage or a crash.",
    fix="Declare the delegate like the typedef and mark it "
    "[UnmanagedFunctionPointer(CallingConvention.Cdecl)].",
)
