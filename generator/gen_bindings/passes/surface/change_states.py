"""Decides which properties of which objects a delivery changes, and how each takes its value over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gen_bindings.model.binding import Delivery, FieldPath, Kind, Update
from gen_bindings.model.events import (
    Change,
    ChildrenUpdate,
    FillFact,
    Lookup,
    ManyUpdate,
    ObjectUpdate,
    OneUpdate,
    RenewKey,
    ReplaceFacts,
    SetFact,
    SetState,
)
from gen_bindings.model.expressions import MESSAGE, Member, Name
from gen_bindings.model.messages import Cardinality, CsField
from gen_bindings.naming import lower_first, pascal
from gen_bindings.passes.surface.find_lookups import looked_up
from gen_bindings.passes.surface.scope import Scope

_ELEMENT = Name("info")


def change_states(scope: Scope, delivery: Delivery, lookups: Sequence[Lookup]) -> tuple[ObjectUpdate, ...]:
    """The changes in the model's order; of an object that is not looked up there are none."""
    return tuple(_updates(scope, delivery, lookups))


def _updates(scope: Scope, delivery: Delivery, lookups: Sequence[Lookup]) -> Iterator[ObjectUpdate]:
    for update in delivery.updates:
        kind = scope.kinds[update.kind]
        base = scope.type_of(update.kind)
        if update.many:
            yield _many(scope, kind, base, update)
            continue
        changes = tuple(_changes(scope, update, kind.info_message))
        lookup = looked_up(lookups, update.reference.plain) if update.reference is not None else None
        if not changes or (update.reference is not None and lookup is None):
            continue
        if lookup is None:
            yield OneUpdate("target", changes)
        elif lookup.kind == update.kind:
            yield OneUpdate(lookup.variable, changes)
        else:
            yield ChildrenUpdate(lookup.variable, base, kind.name, changes)


def _many(scope: Scope, kind: Kind, base: str, update: Update) -> ManyUpdate:
    assert update.whole is not None
    assert kind.key is not None
    assert kind.info_message is not None
    return ManyUpdate(
        subject=lower_first(base) + "Changed",
        type=base,
        kind=kind.name,
        source=scope.value(update.whole, MESSAGE),
        element_type=scope.value_type(scope.last_field(update.whole)),
        key=Member(_ELEMENT, scope.cs_field(kind.info_message, kind.key.field).property_name),
    )


def _changes(scope: Scope, update: Update, info_message: str | None) -> Iterator[Change]:
    if update.whole is not None:
        yield ReplaceFacts(scope.value(update.whole, MESSAGE))
    for info_field, path in update.fields:
        assert info_message is not None
        yield _fact(scope, scope.cs_field(info_message, info_field), path)
    for info_field, literal in update.constants:
        assert info_message is not None
        yield SetFact(scope.cs_field(info_message, info_field).property_name, Name(literal))
    for state, path in update.state:
        yield SetState(pascal(state), scope.value(path, MESSAGE))
    if update.renews_key or update.whole is not None:
        yield RenewKey()


def _fact(scope: Scope, fact: CsField, path: FieldPath) -> Change:
    value = scope.value(path, MESSAGE)
    if fact.cardinality in (Cardinality.MAP, Cardinality.REPEATED):
        return FillFact(fact.property_name, value, is_map=fact.cardinality is Cardinality.MAP)
    source = scope.last_field(path)
    present = source.is_nullable and not fact.is_nullable and fact.type.is_value
    return SetFact(fact.property_name, value, present)
