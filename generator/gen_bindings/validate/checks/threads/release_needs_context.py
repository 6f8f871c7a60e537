"""GB502: kind that needs a closing request is left to the finalizer."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, E, P
from gen_bindings.validate.owners import Status


def run(context: Context) -> Iterator[Finding]:
    for fate in context.owners.fates:
        if fate.inside:
            continue
        kind = context.binding.kind(fate.acquisition.kind)
        close = kind.release.close_operation
        if fate.status is not Status.OWNED or close is None or not fate.trace.wraps:
            continue
        operation = context.binding.operation(close)
        if not context.owners.requested(operation):
            yield CHECK.at(
                context.place(fate.trace.wraps[0]),
                f"A {kind.type_name} needs {close} before its release; the sources never send it.",
                path=(fate.text,),
                subject=kind.name,
            )


CHECK = Check(
    "GB502",
    "Kind that needs a closing request is left to the finalizer",
    E,
    P,
    why="The library cannot end it properly on the finalizer thread: its peer never hears of the end.",
    fix="Send the closing request before the handle is released.",
)
