"""GB307: handle is released after the library was disposed."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, H, W
from gen_bindings.validate.order import after_library


def run(context: Context) -> Iterator[Finding]:
    for text, node in after_library(context):
        yield CHECK.at(
            context.place(node),
            f"{text} is released here after the library itself was disposed.",
            subject=text,
        )


CHECK = Check(
    "GB307",
    "Handle is released after the library was disposed",
    W,
    H,
    why="The library forgot the handle, or crashes on it.",
    fix="Dispose the objects first, the library last.",
)
