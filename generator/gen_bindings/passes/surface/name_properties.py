"""Decides which facts of a kind its objects have as properties, and how those are called."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.model.binding import Kind, Lifetime
from gen_bindings.model.classes import Child, MemoryProperty, Property
from gen_bindings.model.expressions import MESSAGE, Member, Name
from gen_bindings.model.messages import Cardinality, TypeKind
from gen_bindings.naming import pascal
from gen_bindings.passes.surface.count_children import count_children, parent_of
from gen_bindings.passes.surface.measure_memory import element_count
from gen_bindings.passes.surface.scope import Scope

# Members that every class of the tree has, its own or inherited.
_MEMBERS = frozenset(
    {"Info", "Client", "Handle", "Core", "IsDisposed", "Dispose", "DisposeAtOnce", "Keep"},
)
_FACTS = Name("Info")


def facts(scope: Scope, kind: Kind) -> tuple[Property, ...]:
    """Single values of the info message, but for what would hide another member."""
    if kind.info_message is None:
        return ()
    taken = _taken(scope, kind)
    return tuple(
        Property(
            field.property_name,
            scope.property_type(field),
            field.doc,
            Member(_FACTS, field.property_name),
        )
        for field in scope.message(kind.info_message).fields
        if field.cardinality not in (Cardinality.REPEATED, Cardinality.MAP)
        and field.type.kind is not TypeKind.MESSAGE
        and not field.is_internal
        and field.property_name not in taken
    )


def parent_property(scope: Scope, kind: Kind) -> Child | None:
    """The property for the object above, unless another member is called so."""
    parent = parent_of(scope, kind)
    if parent is None:
        return None
    taken = _taken(scope, kind) | {fact.name for fact in facts(scope, kind)}
    return None if parent.property in taken else parent


def extras(scope: Scope, kind: Kind) -> tuple[Property, ...]:
    """Facts beside the info message."""
    if kind.owned_message is None:
        return ()
    fields = [scope.cs_field(kind.owned_message, name) for name in kind.extra_fields]
    return tuple(
        Property(f.property_name, scope.property_type(f), f.doc, Member(MESSAGE, f.property_name))
        for f in fields
    )


def states(scope: Scope, kind: Kind) -> tuple[Property, ...]:
    """Properties that deliveries set."""
    fields = [(state, scope.last_field(state.path)) for state in kind.state]
    return tuple(Property(pascal(state.name), scope.property_type(f), f.doc) for state, f in fields)


def creation_property(name: str) -> str:
    """The property that keeps a creation parameter."""
    return "Created" + pascal(name)


def created(scope: Scope, kind: Kind) -> tuple[Property, ...]:
    """Creation parameters that later requests need."""
    return tuple(
        Property(creation_property(r.name), scope.value_type(scope.last_field(r.path)), "")
        for r in kind.remembered
    )


def memory_properties(scope: Scope, kind: Kind) -> tuple[MemoryProperty, ...]:
    """Memory that belongs to the object."""
    return tuple(_memories(scope, kind))


def _memories(scope: Scope, kind: Kind) -> Iterator[MemoryProperty]:
    if kind.info_message is None or kind.lifetime is Lifetime.FRAME:
        return
    for field in scope.message(kind.info_message).fields:
        memory = scope.memories.get((kind.info_message, field.name))
        if memory is not None:
            yield MemoryProperty(
                pascal(memory.name),
                memory.element,
                Member(_FACTS, field.property_name),
                element_count(scope, memory, _FACTS.text),
            )


def _taken(scope: Scope, kind: Kind) -> set[str]:
    """Names of other members, and of classes that a property would hide."""
    binding = scope.binding
    return {
        *_MEMBERS,
        *(child.property for child in count_children(scope, kind)),
        *(
            d.event
            for d in binding.deliveries
            if d.target == kind.name and d.target_role is None and not d.hidden
        ),
        *(o.method for o in binding.operations if o.receiver == kind.name),
        *(role.type_name for role in kind.roles),
        kind.type_name,
        *(extra.name for extra in extras(scope, kind)),
    }
