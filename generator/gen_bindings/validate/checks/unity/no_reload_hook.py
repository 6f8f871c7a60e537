"""GB602: library is not disposed before an assembly reload."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, E, P
from gen_bindings.validate.subscriptions import disposes_library, hooked, starts


def run(context: Context) -> Iterator[Finding]:
    if (
        not context.unity
        or context.configuration.name != "editor"
        or not starts(context)
        or not disposes_library(context)
    ):
        return
    if not hooked(context, ("beforeAssemblyReload", "playModeStateChanged", "DomainUnload")):
        yield CHECK.at(
            context.place(starts(context)[0]),
            "The library is disposed, but not from beforeAssemblyReload.",
            subject="beforeAssemblyReload",
        )


CHECK = Check(
    "GB602",
    "Library is not disposed before an assembly reload",
    E,
    P,
    why="The next callback of the library crashes the editor.",
    fix="Dispose it from AssemblyReloadEvents.beforeAssemblyReload.",
)
