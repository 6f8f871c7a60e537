"""GB503: engine API on the native callback thread."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, H, W
from gen_bindings.validate.subscriptions import engine_uses


def run(context: Context) -> Iterator[Finding]:
    for method, node, name in engine_uses(context):
        yield CHECK.at(
            context.place(node),
            f"{name} is used in {method}, which runs on the library's thread.",
            subject=f"{method} {name}",
        )


CHECK = Check(
    "GB503",
    "Engine API on the native callback thread",
    W,
    H,
    why="Unity allows its API on the main thread only; the call throws, and the callback ends there.",
    fix="Post to the main thread first.",
)
