"""GB114: signedness differs."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.abi.compared import compared
from gen_bindings.validate.checks.base import Check, Context, I, P


def run(context: Context) -> Iterator[Finding]:
    return compared(CHECK, context)


CHECK = Check(
    "GB114",
    "Signedness differs",
    I,
    P,
    why="Large values turn negative.",
    fix="Use the type of the same sign.",
)
