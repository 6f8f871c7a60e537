"""GB212: collection of owners is never drained."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, E, P
from gen_bindings.validate.kept import kinds_text, unreleased, way


def run(context: Context) -> Iterator[Finding]:
    for kept in unreleased(context):
        if (
            kept.collection
            and not kept.releases
            and (context.program.is_disposable(kept.type) or kept.type.static)
        ):
            yield CHECK.at(
                context.place(kept.member),
                f"{kept.type.name}.{kept.member.name} collects owners of {kinds_text(context, kept)}; "
                "nothing disposes them.",
                path=way(kept),
                subject=f"{kept.type.name}.{kept.member.name}",
            )


CHECK = Check(
    "GB212",
    "Collection of owners is never drained",
    E,
    P,
    why="Every object in it stays in the library.",
    fix="Dispose each element, then clear the collection, in Dispose.",
)
