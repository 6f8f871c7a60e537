"""GB401: delegate given to native code is not rooted."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, E, P
from gen_bindings.validate.subscriptions import rooted


def run(context: Context) -> Iterator[Finding]:
    for value in context.native.delegate_arguments():
        if not rooted(context, value):
            yield CHECK.at(
                context.place(value),
                "This delegate is given to native code and nothing keeps it alive.",
                subject=f"delegate {context.program.file_at(value)}",
            )


CHECK = Check(
    "GB401",
    "Delegate given to native code is not rooted",
    E,
    P,
    why="The collector frees the delegate while the library still calls it.",
    fix="Keep it in a static readonly field.",
)
