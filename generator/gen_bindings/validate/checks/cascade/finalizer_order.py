"""GB309: code relies on the order of critical finalizers."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, E, P
from gen_bindings.validate.facts import Member
from gen_bindings.validate.order import finalizer_uses


def run(context: Context) -> Iterator[Finding]:
    for info, method, member, node in finalizer_uses(context, ("ReleaseHandle",)):
        name = getattr(node, "name", "")
        owner = context.program.type_named(member.type)
        parent = context.program.parent.get(node)
        if isinstance(parent, Member) and parent.name == "DangerousRelease":
            continue
        if owner is not None and context.program.is_safe_handle(owner):
            yield CHECK.at(
                context.place(node),
                f"{info.name}.{method.name} uses the SafeHandle {name}, which may be finalised already.",
                subject=f"{info.name}.{name}",
            )


CHECK = Check(
    "GB309",
    "Code relies on the order of critical finalizers",
    E,
    P,
    why="Two SafeHandles that become garbage together are finalised in any order.",
    fix="Hold the parent with DangerousAddRef and give it back with DangerousRelease.",
)
