"""GB206: field is overwritten without disposing the previous value."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, H, W
from gen_bindings.validate.facts import Assign, Member, Name, New
from gen_bindings.validate.kept import again, mentioned_before, way


def _just_made(context: Context, place: Assign) -> bool:
    """Whether the field belongs to an object that the same method makes: it was empty before."""
    target = place.left.target if isinstance(place.left, Member) else None
    variable = context.program.variable_of.get(target) if isinstance(target, Name) else None
    return variable is not None and isinstance(variable.value, New)


def run(context: Context) -> Iterator[Finding]:
    program = context.program
    for kept in context.owners.kept.values():
        if kept.collection or kept.raw:
            continue
        for site in kept.sites:
            for member, place, collection in site.trace.stores:
                if (
                    member is not kept.member
                    or collection
                    or not isinstance(place, Assign)
                    or place.op != "="
                ):
                    continue
                method = program.method_at(place)
                if (
                    method is None
                    or method.name in (".ctor", ".init", ".static")
                    or not again(context, method)
                ):
                    continue
                if _just_made(context, place):
                    continue
                if not mentioned_before(context, method, kept.member, place):
                    yield CHECK.at(
                        context.place(place),
                        f"{kept.type.name}.{kept.member.name} is set again here; what it owned before is not "
                        "disposed.",
                        path=way(kept),
                        subject=f"{kept.type.name}.{kept.member.name} {method.name}",
                    )


CHECK = Check(
    "GB206",
    "Field is overwritten without disposing the previous value",
    W,
    H,
    why="The previous owner stays until the finalizer finds it.",
    fix="Dispose the old value first, or exchange and dispose it.",
)
