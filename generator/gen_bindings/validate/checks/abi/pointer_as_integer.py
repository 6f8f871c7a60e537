"""GB115: pointer on one side, integer on the other."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.abi.compared import compared
from gen_bindings.validate.checks.base import Check, Context, P, W


def run(context: Context) -> Iterator[Finding]:
    return compared(CHECK, context)


CHECK = Check(
    "GB115",
    "Pointer on one side, integer on the other",
    W,
    P,
    why="The value is right only while both happen to have one width.",
    fix="Declare pointers as IntPtr or typed pointers, integers as integers.",
)
