"""GB606: monoBehaviour owns a handle and does not release it in OnDestroy."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, H, W
from gen_bindings.validate.kept import kinds_text, unreleased, way


def run(context: Context) -> Iterator[Finding]:
    for kept in unreleased(context):
        if context.program.is_mono_behaviour(kept.type) and not kept.releases:
            yield CHECK.at(
                context.place(kept.member),
                f"{kept.type.name}.{kept.member.name} owns a {kinds_text(context, kept)}; OnDestroy does "
                "not release it.",
                path=way(kept),
                subject=f"{kept.type.name}.{kept.member.name}",
            )


CHECK = Check(
    "GB606",
    "MonoBehaviour owns a handle and does not release it in OnDestroy",
    W,
    H,
    why="Leaving the scene leaves the handle.",
    fix="Dispose it in OnDestroy.",
)
