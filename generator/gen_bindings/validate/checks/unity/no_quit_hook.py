"""GB603: library is not disposed on quit."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, P, W
from gen_bindings.validate.subscriptions import disposes_library, hooked, starts


def run(context: Context) -> Iterator[Finding]:
    if not context.unity or not starts(context) or not disposes_library(context):
        return
    if not hooked(context, ("quitting", "OnApplicationQuit", "wantsToQuit", "ProcessExit")):
        yield CHECK.at(
            context.place(starts(context)[0]),
            "The library is disposed, but not from quitting.",
            subject="quitting",
        )


CHECK = Check(
    "GB603",
    "Library is not disposed on quit",
    W,
    P,
    why="The library calls into a runtime that is shutting down; the player hangs or crashes at exit.",
    fix="Dispose it from Application.quitting.",
)
