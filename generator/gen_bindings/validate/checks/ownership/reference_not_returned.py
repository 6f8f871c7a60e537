"""GB210: dangerousAddRef without DangerousRelease on all paths."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.report.findings import Finding
from gen_bindings.validate.checks.base import Check, Context, H, W
from gen_bindings.validate.facts import Member, Try, walk


def _run(context: Context) -> Iterator[Finding]:
    program = context.program
    for call in program.calls.get("DangerousAddRef", ()):
        method = program.method_at(call)
        body = program.body_of.get(call)
        if method is None or method.body is None or body is None:
            continue
        elsewhere = any(
            isinstance(node, Member) and node.name == "DangerousRelease"
            for other in body.type.all_methods()
            if other is not method
            for node in walk(other.body)
        )
        in_finally = any(
            isinstance(inner, Member) and inner.name == "DangerousRelease"
            for node in walk(method.body)
            if isinstance(node, Try) and node.final is not None
            for inner in walk(node.final)
        )
        if not in_finally and not elsewhere:
            yield CHECK.at(
                context.place(call),
                f"{body.type.name}.{method.name} adds a reference and does not give it back in a finally "
                "block.",
                subject=f"{body.type.name}.{method.name}",
            )


CHECK = Check(
    "GB210",
    "DangerousAddRef without DangerousRelease on all paths",
    W,
    H,
    why="The handle is never released, because its count never comes back to zero.",
    fix="Release in a finally block.",
    run=_run,
)
