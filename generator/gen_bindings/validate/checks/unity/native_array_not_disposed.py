"""GB608: persistent NativeArray is not disposed."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, H, W
from gen_bindings.validate.facts import Member


def run(context: Context) -> Iterator[Finding]:
    program = context.program
    for new in program.news.get("NativeArray", ()):
        persistent = any(isinstance(a.value, Member) and a.value.name == "Persistent" for a in new.arguments)
        if not persistent:
            continue
        trace = context.flow.trace([(new, 0)], ())
        if not (trace.disposed or trace.returned):
            yield CHECK.at(
                context.place(new),
                "This NativeArray is allocated for good and never disposed.",
                subject=f"NativeArray {program.file_at(new)}",
            )


CHECK = Check(
    "GB608",
    "Persistent NativeArray is not disposed",
    W,
    H,
    why="Its memory is not the collector's and is never freed.",
    fix="Dispose it in Dispose or OnDestroy.",
)
