"""GB116: bool without a width that matches the native one."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.abi.compared import compared
from gen_bindings.validate.checks.base import Check, Context, E, P


def run(context: Context) -> Iterator[Finding]:
    return compared(CHECK, context)


CHECK = Check(
    "GB116",
    "bool without a width that matches the native one",
    E,
    P,
    why="C# reads four bytes where C wrote one; the other three are garbage on some runtimes.",
    fix="Mark it [MarshalAs(UnmanagedType.U1)], or declare it as byte.",
)
