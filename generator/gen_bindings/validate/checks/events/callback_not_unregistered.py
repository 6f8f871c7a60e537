"""GB404: native callback is not unregistered before reload or exit."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, E, P
from gen_bindings.validate.subscriptions import disposes_library, starts


def run(context: Context) -> Iterator[Finding]:
    dispose = context.binding.entry_points.dispose
    if not context.unity or dispose is None or not starts(context):
        return
    if any(each.entry not in context.native.functions for each in context.native.imports):
        # A misspelt import may be the one that ends the library; that is reported as such.
        return
    if not disposes_library(context):
        yield CHECK.at(
            context.place(starts(context)[0]),
            f"The library is initialised with a callback and {dispose} is never called.",
            subject="dispose",
        )


CHECK = Check(
    "GB404",
    "Native callback is not unregistered before reload or exit",
    E,
    P,
    why="After a domain reload the library calls into code that is gone: the editor crashes.",
    fix="Dispose the library from AssemblyReloadEvents.beforeAssemblyReload and Application.quitting.",
)
