"""GB405: exception can leave a native callback."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, E, P
from gen_bindings.validate.subscriptions import unprotected


def run(context: Context) -> Iterator[Finding]:
    for method in context.native.callbacks():
        node = unprotected(context, method)
        if node is not None:
            yield CHECK.at(
                context.place(node),
                f"{method.name} is called by native code; this can throw, and nothing in the method "
                "catches it.",
                subject=method.name,
            )


CHECK = Check(
    "GB405",
    "Exception can leave a native callback",
    E,
    P,
    why="An exception that crosses into native code ends the process.",
    fix="Wrap the whole body in try and catch everything.",
)
