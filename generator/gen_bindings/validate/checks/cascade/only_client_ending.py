"""GB302: cascade does not run when the other side ends the session."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, E, H, P
from gen_bindings.validate.endings import missing_endings
from gen_bindings.validate.removed import unheeded


def run(context: Context) -> Iterator[Finding]:
    yield from missing_endings(context, CHECK)
    for method, delivery, kind in unheeded(context):
        name = context.binding.kind(kind).type_name
        yield CHECK.at(
            context.place(method),
            f"{delivery.name} ends a {name}; {method.name} releases nothing.",
            certainty=H,
            subject=f"{delivery.name} {method.name}",
        )


CHECK = Check(
    "GB302",
    "Cascade does not run when the other side ends the session",
    E,
    P,
    why="When the server ends the session, or the connection is lost, every handle of the session stays.",
    fix="Run the same cleanup from the event that ends the session.",
    explanation="Also for events that end one object: a method that is given such a message, and nothing "
    "that it calls, releases or removes anything.",
)
