"""Kinds of handles for which a choice over the kind makes no wrapper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gen_bindings.validate.facts import If, Lambda, Member, Method, Name, Switch, walk

if TYPE_CHECKING:
    from gen_bindings.validate.checks.base import Context
    from gen_bindings.validate.program import TypeInfo


def kinds_without_wrapper(context: Context) -> Iterator[tuple[Switch, str]]:
    """(the choice, what is left out) where each branch wraps the handle of one kind, and some kind that the
    sources speak of has no branch."""
    program = context.program
    makers = {wrap for fate in context.owners.fates for wrap in fate.trace.wraps}
    switches: dict[Switch, set[Any]] = {}
    for node in makers:
        for above in program.ancestors(node):
            if isinstance(above, Method | Lambda | If):
                break
            if isinstance(above, Switch):
                switches.setdefault(above, set()).add(node)
    for switch, made in switches.items():
        info = program.type_named(program.type_of(switch.value))
        taking = [section for section in switch.sections if made & set(walk(section.body))]
        if info is None or info.kind != "enum" or len(taking) < 2:
            continue
        if any("default" in section.labels for section in taking):
            continue
        asked = {label.rpartition(".")[2] for section in switch.sections for label in section.labels}
        values = [name for part in info.parts for name, _, _ in part.members if name not in asked]
        left = [name for name in values if any(_means(context, n, info) for n in program.names.get(name, ()))]
        if left:
            yield switch, ", ".join(left)


def _means(context: Context, node: Name | Member, enum: TypeInfo) -> bool:
    """Whether a name is the value of an enum that other code uses."""
    return (
        isinstance(node, Member) and context.program.type_named(context.program.type_of(node.target)) is enum
    )
