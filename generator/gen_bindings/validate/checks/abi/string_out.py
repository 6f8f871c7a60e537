"""GB118: by-value string with [out]."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.abi.compared import compared
from gen_bindings.validate.checks.base import Check, Context, E, P


def run(context: Context) -> Iterator[Finding]:
    return compared(CHECK, context)


CHECK = Check(
    "GB118",
    "By-value string with [Out]",
    E,
    P,
    why="Strings are immutable and shared; writing into one corrupts the process.",
    fix="Pass a byte[] or StringBuilder.",
)
