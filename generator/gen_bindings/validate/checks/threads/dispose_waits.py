"""GB506: dispose waits for an event that needs its own thread."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, H, W
from gen_bindings.validate.facts import Member, walk


def run(context: Context) -> Iterator[Finding]:
    for info in context.own_types():
        for name in ("Dispose", "OnDestroy", "OnApplicationQuit"):
            for method in info.methods.get(name, ()):
                for node in walk(method.body):
                    if isinstance(node, Member) and node.name in ("Wait", "WaitOne", "GetResult", "WaitAll"):
                        yield CHECK.at(
                            context.place(node),
                            f"{info.name}.{name} blocks in {node.name}.",
                            subject=f"{info.name}.{name}",
                        )


CHECK = Check(
    "GB506",
    "Dispose waits for an event that needs its own thread",
    W,
    H,
    why="If the event is delivered on the thread that disposes, both wait for ever.",
    fix="Start the ending in Dispose and wait for it in an asynchronous method.",
)
