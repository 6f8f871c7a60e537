"""GB213: consumed handle is still disposed."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.report.findings import Finding
from gen_bindings.validate.checks.base import Check, Context, E, P
from gen_bindings.validate.kept import is_marked, taken, way


def _run(context: Context) -> Iterator[Finding]:
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


CHECK = Check(
    "GB213",
    "Consumed handle is still disposed",
    E,
    P,
    why="The library takes the handle with the request; releasing it again hits an unknown id.",
    fix="Mark the wrapper as taken (SetHandleAsInvalid) once the request was sent.",
    run=_run,
)
