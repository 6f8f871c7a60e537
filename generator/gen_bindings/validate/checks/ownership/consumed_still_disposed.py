"""GB213: consumed handle is still disposed."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, E, H, P
from gen_bindings.validate.consumed import untold
from gen_bindings.validate.kept import is_marked, taken, way


def run(context: Context) -> Iterator[Finding]:
    for node, member, operation in taken(context):
        kept = context.owners.kept.get(member)
        if kept is None or not kept.releases or is_marked(context, member):
            continue
        yield CHECK.at(
            context.place(node),
            f"{operation} consumes the handle in {kept.type.name}.{member.name}, which is disposed "
            "all the same.",
            path=way(kept),
            subject=f"{kept.type.name}.{member.name}",
        )
    for call, operation in untold(context):
        body = context.program.body_of[call]
        name = f"{body.type.name}.{body.method.name}"
        yield CHECK.at(
            context.place(call),
            f"{operation} consumes a handle, and {name} does not tell its wrapper.",
            certainty=H,
            subject=f"{name} {operation}",
        )


CHECK = Check(
    "GB213",
    "Consumed handle is still disposed",
    E,
    P,
    why="The library takes the handle with the request; releasing it again hits an unknown id.",
    fix="Mark the wrapper as taken (SetHandleAsInvalid) once the request was sent.",
    explanation="Followed from the field that fills the request; where a request is only known by the name "
    "of its operation, the method that sends it must mark some wrapper.",
)
