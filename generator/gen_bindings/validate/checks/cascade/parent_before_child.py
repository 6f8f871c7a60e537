"""GB303: parent is released before its child."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, P, W
from gen_bindings.validate.order import inversions


def run(context: Context) -> Iterator[Finding]:
    for first, second, node in inversions(context):
        yield CHECK.at(
            context.place(node),
            f"{first} is released here before {second}, which stands under it.",
            subject=f"{first} {second}",
        )


CHECK = Check(
    "GB303",
    "Parent is released before its child",
    W,
    P,
    why="The child's release may touch the parent's memory or fail.",
    fix="Release children first.",
)
