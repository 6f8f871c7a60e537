"""GB111: one side returns void, the other does not."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.abi.compared import compared
from gen_bindings.validate.checks.base import Check, Context, E, P


def run(context: Context) -> Iterator[Finding]:
    return compared(CHECK, context)


CHECK = Check(
    "GB111",
    "One side returns void, the other does not",
    E,
    P,
    why="The result is whatever a register happened to hold.",
    fix="Declare the result type that the header has.",
)
