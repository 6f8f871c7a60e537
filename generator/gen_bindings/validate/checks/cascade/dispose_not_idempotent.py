"""GB305: dispose is not idempotent."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, E, P
from gen_bindings.validate.facts import Call, walk
from gen_bindings.validate.order import guarded


def run(context: Context) -> Iterator[Finding]:
    for info in context.own_types():
        for name in ("Dispose", "DisposeAsync", "Close", "~"):
            for method in info.methods.get(name, ()):
                for node in walk(method.body):
                    if (
                        isinstance(node, Call)
                        and context.flow.is_release(node)
                        and not guarded(context, method, node)
                    ):
                        yield CHECK.at(
                            context.place(node),
                            f"{info.name}.{name} releases the handle every time it is called.",
                            subject=f"{info.name}.{name}",
                        )


CHECK = Check(
    "GB305",
    "Dispose is not idempotent",
    E,
    P,
    why="A second Dispose releases the id again: another object may have it by then.",
    fix="Guard with a flag, or exchange the id with zero before releasing it.",
)
