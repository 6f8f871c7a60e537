"""GB110: parameter count differs."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.abi.compared import compared
from gen_bindings.validate.checks.base import Check, Context, E, P


def run(context: Context) -> Iterator[Finding]:
    return compared(CHECK, context)


CHECK = Check(
    "GB110",
    "Parameter count differs",
    E,
    P,
    why="Arguments are read from registers and stack slots that nobody set.",
    fix="Declare exactly the parameters of the header.",
)
