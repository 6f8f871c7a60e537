"""Decides which objects of the tree are looked up for a delivery, by which key, and below which other."""

from __future__ import annotations

from collections.abc import Sequence

from gen_bindings.model.binding import Delivery, Place
from gen_bindings.model.events import Lookup
from gen_bindings.model.expressions import (
    MESSAGE,
    NULL,
    TARGET,
    Expression,
    FindById,
    FindByKey,
    Member,
    Name,
    OfClass,
)
from gen_bindings.naming import free, lower_first
from gen_bindings.passes.surface.name_events import target_type
from gen_bindings.passes.surface.scope import Scope

# What the method that deals with a delivery declares before the lookups.
DELIVERY_LOCALS = frozenset({"target", "message", "bag", "id"})


def find_lookups(scope: Scope, delivery: Delivery) -> tuple[Lookup, ...]:
    """One for each single key, those of objects further up the tree first."""
    found: list[Lookup] = []
    taken = set(DELIVERY_LOCALS)
    above: dict[str, tuple[str, bool]] = {}
    singular = [k for k in delivery.keys if not k.many and not any(s.repeated for s in k.path.steps)]
    for reference in sorted(singular, key=lambda k: _depth(scope, k.kind)):
        type_ = scope.type_of(reference.kind, reference.role)
        ancestor, guard = _ancestor(delivery), ""
        for parent in scope.kinds[reference.kind].parents:
            if parent in above:
                variable, required = above[parent]
                ancestor, guard = Name(variable), variable if required else ""
        lookup = Lookup(
            reference=reference.path.plain,
            variable=free(lower_first(type_), taken),
            type=type_,
            kind=reference.kind,
            key=scope.value(reference.path, MESSAGE),
            ancestor=ancestor,
            guard=guard,
        )
        found.append(lookup)
        above.setdefault(reference.kind, (lookup.variable, not reference.optional))
    return tuple(found)


def find_target(scope: Scope, delivery: Delivery, lookups: Sequence[Lookup]) -> Expression | None:
    """The object that the delivery concerns; ``None``: the client."""
    if delivery.target is None:
        return None
    type_ = target_type(scope, delivery)
    if delivery.target_key is None:
        return FindById(type_, delivery.target)
    lookup = looked_up(lookups, delivery.target_key.plain)
    assert lookup is not None
    found = Name(lookup.variable)
    return found if lookup.type == type_ else OfClass(found, type_)


def find_parents(scope: Scope, delivery: Delivery, lookups: Sequence[Lookup]) -> dict[str, Expression]:
    """The objects under which arriving ones stand, by acquisition, where a key names them."""
    parents: dict[str, Expression] = {}
    for acquisition_id in delivery.acquisitions:
        placement = scope.acquisitions[acquisition_id].placement
        lookup = looked_up(lookups, placement.via)
        if placement.place is Place.KEY and lookup is None:
            assert placement.parent is not None
            parents[acquisition_id] = _by_key(scope, delivery, placement.via, placement.parent, lookups)
        elif placement.place in (Place.KEY, Place.REPLACED):
            assert lookup is not None
            parents[acquisition_id] = Name(lookup.variable)
    return parents


def looked_up(lookups: Sequence[Lookup], path: str) -> Lookup | None:
    """The lookup by the key at ``path`` of the delivery."""
    return next((lookup for lookup in lookups if lookup.reference == path), None)


def _by_key(scope: Scope, delivery: Delivery, via: str, parent: str, lookups: Sequence[Lookup]) -> Expression:
    ancestor = _ancestor(delivery)
    for above in scope.kinds[parent].parents:
        for lookup in lookups:
            if lookup.kind == above:
                ancestor = Name(lookup.variable)
    key: Expression = MESSAGE
    message = delivery.message
    for name in via.split("."):
        field = scope.cs_field(message, name)
        key = Member(key, field.property_name)
        message = field.type.full_name
    return FindByKey(scope.type_of(parent), parent, key, ancestor)


def _ancestor(delivery: Delivery) -> Name:
    """The object below which the delivery's keys are looked up."""
    return TARGET if delivery.target is not None and delivery.target_key is None else NULL


def _depth(scope: Scope, kind: str) -> int:
    depth, current = 0, scope.kinds[kind]
    while current.parents and depth < len(scope.kinds):
        current, depth = scope.kinds[current.parents[0]], depth + 1
    return depth
