"""GB205: owned handle is kept by a type that cannot release it."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, E, P
from gen_bindings.validate.kept import kinds_text, unreleased, way


def run(context: Context) -> Iterator[Finding]:
    for kept in unreleased(context):
        if not context.program.is_disposable(kept.type) and not kept.type.static and not kept.releases:
            if context.program.is_mono_behaviour(kept.type):
                continue
            yield CHECK.at(
                context.place(kept.member),
                f"{kept.type.name}.{kept.member.name} owns a {kinds_text(context, kept)}; "
                f"{kept.type.name} is not IDisposable "
                "and nothing disposes the field.",
                path=way(kept),
                subject=f"{kept.type.name}.{kept.member.name}",
            )


CHECK = Check(
    "GB205",
    "Owned handle is kept by a type that cannot release it",
    E,
    P,
    why="Nobody can release the handle before the finalizer does.",
    fix="Implement IDisposable and dispose the field, and call it from whoever owns the object.",
)
