"""GB119: direction or pointer depth differs."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.abi.compared import compared
from gen_bindings.validate.checks.base import Check, Context, P, W


def run(context: Context) -> Iterator[Finding]:
    return compared(CHECK, context)


CHECK = Check(
    "GB119",
    "Direction or pointer depth differs",
    W,
    P,
    why="The library reads an address as a value, or C# waits for a value that is never written.",
    fix="Use in (or a pointer) for const data, out or ref only for what the library writes, and "
    "the same depth.",
)
