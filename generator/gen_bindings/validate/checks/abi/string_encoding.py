"""GB117: string without stated encoding."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.abi.compared import compared
from gen_bindings.validate.checks.base import Check, Context, P, W


def run(context: Context) -> Iterator[Finding]:
    return compared(CHECK, context)


CHECK = Check(
    "GB117",
    "String without stated encoding",
    W,
    P,
    why="Text outside ASCII arrives wrong on some platforms.",
    fix="Mark it [MarshalAs(UnmanagedType.LPUTF8Str)], or pass UTF-8 bytes.",
)
