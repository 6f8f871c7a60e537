"""GB407: GCHandle is allocated and never freed."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, H, W
from gen_bindings.validate.facts import Member, Name, walk


def run(context: Context) -> Iterator[Finding]:
    program = context.program
    for call in program.calls.get("Alloc", ()):
        target = call.target
        if not (
            isinstance(target, Member)
            and isinstance(target.target, Name)
            and target.target.name == "GCHandle"
        ):
            continue
        body = program.body_of.get(call)
        if body is None:
            continue
        freed = any(
            isinstance(node, Member) and node.name == "Free"
            for method in body.type.all_methods()
            for node in walk(method.body)
        )
        if not freed:
            yield CHECK.at(
                context.place(call),
                f"{body.type.name} allocates a GCHandle and never frees it.",
                subject=body.type.name,
            )
    for info in context.own_types():
        for member in info.fields.values():
            if member.type.rpartition(".")[2] != "MemoryHandle":
                continue
            uses = [program.parent.get(use) for use in program.member_uses(member)]
            if uses and not any(isinstance(use, Member) and use.name == "Dispose" for use in uses):
                yield CHECK.at(
                    context.place(member),
                    f"{info.name}.{member.name} keeps memory pinned and is never disposed.",
                    subject=f"{info.name}.{member.name}",
                )


CHECK = Check(
    "GB407",
    "GCHandle is allocated and never freed",
    W,
    H,
    why="A pinned or kept object stays for ever.",
    fix="Call Free in a finally block or in Dispose.",
    explanation="Memory that is pinned through a MemoryHandle in a field counts as well.",
)
