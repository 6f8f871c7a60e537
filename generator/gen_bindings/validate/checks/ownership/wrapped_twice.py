"""GB203: owned handle is wrapped twice."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, E, P
from gen_bindings.validate.exits import exclusive


def run(context: Context) -> Iterator[Finding]:
    program = context.program
    for fate in context.owners.fates:
        wraps = [] if fate.inside else fate.trace.wraps
        for position, first in enumerate(wraps):
            for second in wraps[position + 1 :]:
                if program.method_at(first) is program.method_at(second) and not exclusive(
                    context, first, second
                ):
                    yield CHECK.at(
                        context.place(second),
                        f"The handle of {fate.acquisition.id} is wrapped here and in line {first.line}.",
                        path=(fate.text,),
                        subject=f"{fate.acquisition.id} {second.line}",
                    )


CHECK = Check(
    "GB203",
    "Owned handle is wrapped twice",
    E,
    P,
    why="Both wrappers release it; the second release hits an unknown id, or another object that "
    "got the same address.",
    fix="Wrap it once and share the wrapper.",
)
