"""GB207: borrowed handle is wrapped as owning."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, E, P
from gen_bindings.validate.kept import borrowed_ids


def run(context: Context) -> Iterator[Finding]:
    program = context.program
    for start, message, field_name in borrowed_ids(context):
        trace = context.flow.trace([(start, 0)], ())
        for wrap in trace.wraps:
            yield CHECK.at(
                context.place(wrap),
                f"{message}.{field_name} only names an object; here it is wrapped as if it were handed over.",
                path=(f"{message}.{field_name}",),
                subject=f"{message}.{field_name}",
            )
    for call in program.calls.get("DangerousGetHandle", ()):
        trace = context.flow.trace([(call, 0)], ())
        for wrap in trace.wraps:
            yield CHECK.at(
                context.place(wrap),
                "The raw handle of another wrapper is wrapped again; both will release it.",
                subject="wrapped again",
            )


CHECK = Check(
    "GB207",
    "Borrowed handle is wrapped as owning",
    E,
    P,
    why="The wrapper releases an object that belongs to somebody else.",
    fix="Keep a borrowed id as a plain number, or refer to the object that owns it.",
)
