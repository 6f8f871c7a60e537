"""Decides how code of the binding writes a message's type: by its name, unless that may mean another."""

from __future__ import annotations

from collections.abc import Mapping

from gen_bindings.model.binding import Lifetime
from gen_bindings.passes.surface.count_children import count_children
from gen_bindings.passes.surface.name_properties import extras, facts, states
from gen_bindings.passes.surface.scope import Scope
from gen_bindings.passes.surface.select_methods import method_names


def shorten_names(scope: Scope) -> Mapping[str, str]:
    """Types of the message layer by full name: without their namespace where no class or member is meant."""
    if scope.layer is None:
        return {}
    taken = _taken(scope)
    prefix = "::".join(("global", scope.layer.namespace)) + "."
    types = [*(m.type for m in scope.layer.all_messages), *(e.type for e in scope.layer.all_enums)]
    short = {type_: type_.global_name.removeprefix(prefix) for type_ in types}
    return {
        type_.full_name: type_.global_name if name.partition(".")[0] in taken else name
        for type_, name in short.items()
    }


def _taken(scope: Scope) -> set[str]:
    """Names of classes, and of members of classes: inside the class a member hides a type."""
    binding = scope.binding
    taken = {
        scope.client,
        *(kind.type_name for kind in binding.kinds),
        *(role.type_name for kind in binding.kinds for role in kind.roles),
        *(delivery.event for delivery in binding.deliveries),
        *(name for operation in binding.operations for name in method_names(operation)),
    }
    for kind in binding.kinds:
        if kind.lifetime is Lifetime.FRAME:
            continue
        taken |= {child.property for child in count_children(scope, kind)}
        for property_ in (*facts(scope, kind), *extras(scope, kind), *states(scope, kind)):
            # A property may be called like its own type: then the name means both.
            if property_.type.rpartition(".")[2] != property_.name:
                taken.add(property_.name)
    return taken
