"""GB310: finalizer touches managed objects."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, P, W
from gen_bindings.validate.facts import Member
from gen_bindings.validate.order import finalizer_uses, is_value


def run(context: Context) -> Iterator[Finding]:
    for info, method, member, node in finalizer_uses(context, ("~",)):
        parent = context.program.parent.get(node)
        if not is_value(member.type) and isinstance(parent, Member) and parent.target is node:
            yield CHECK.at(
                context.place(node),
                f"The finalizer of {info.name} uses {member.name}, which may be finalised already.",
                subject=f"{info.name}.{member.name}",
            )
        _ = method


CHECK = Check(
    "GB310",
    "Finalizer touches managed objects",
    W,
    P,
    why="Objects that it refers to may be finalised already.",
    fix="Release only raw handles in a finalizer; leave SafeHandles to themselves.",
)
