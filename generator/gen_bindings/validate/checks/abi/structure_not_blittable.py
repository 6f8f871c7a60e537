"""GB122: non-blittable field in a structure passed by pointer."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.abi.compared import compared
from gen_bindings.validate.checks.base import Check, Context, P, W


def run(context: Context) -> Iterator[Finding]:
    return compared(CHECK, context)


CHECK = Check(
    "GB122",
    "Non-blittable field in a structure passed by pointer",
    W,
    P,
    why="The runtime copies and converts instead of passing the memory; what the library writes may be lost.",
    fix="Use byte for bool, fixed buffers for arrays and IntPtr for text.",
)
