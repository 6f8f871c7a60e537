"""Decides which classes the tree has: for a kind with roles its base class and one class per role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gen_bindings.model.binding import Kind, Lifetime
from gen_bindings.model.classes import Facts, TreeClass
from gen_bindings.model.events import Event
from gen_bindings.model.expressions import MESSAGE, Expression, Member, Name, OrZero
from gen_bindings.model.messages import TypeKind
from gen_bindings.passes.surface.count_children import count_children
from gen_bindings.passes.surface.name_properties import (
    created,
    extras,
    facts,
    memory_properties,
    parent_property,
    states,
)
from gen_bindings.passes.surface.scope import Scope
from gen_bindings.passes.surface.select_methods import functions_of, operations_of
from gen_bindings.passes.surface.shape_functions import shape_functions
from gen_bindings.passes.surface.shape_methods import shape_methods
from gen_bindings.passes.surface.shape_sessions import shape_session


def shape_classes(scope: Scope, events: Mapping[str, Event]) -> tuple[TreeClass, ...]:
    """Every class of the tree; ``events`` are those of the deliveries that have one, by delivery."""
    return tuple(_classes(scope, events))


def _classes(scope: Scope, events: Mapping[str, Event]) -> Iterator[TreeClass]:
    for kind in scope.binding.kinds:
        if kind.lifetime is Lifetime.FRAME:
            continue
        yield _class(scope, events, kind, kind.type_name, None, is_base=bool(kind.roles))
        for role in kind.roles:
            yield _class(scope, events, kind, role.type_name, role.name)


def _class(
    scope: Scope,
    events: Mapping[str, Event],
    kind: Kind,
    name: str,
    role: str | None,
    *,
    is_base: bool = False,
) -> TreeClass:
    binding = scope.binding
    top = role is None
    session = next((s for s in binding.sessions if s.kind == kind.name and not is_base), None)
    return TreeClass(
        name=name,
        base="" if top else kind.type_name,
        is_base=is_base,
        kind=kind.name,
        handle=scope.handle_class(kind),
        doc=kind.doc or f"A native {kind.type_name}.",
        message=scope.message_type(kind.owned_message) if kind.owned_message else "",
        handle_value=_handle_value(scope, kind),
        facts=_facts(scope, kind),
        key=_key(scope, kind),
        claimed=kind.lifetime is Lifetime.CLAIMED,
        properties=facts(scope, kind) if top else (),
        extras=extras(scope, kind) if top else (),
        state=states(scope, kind) if top else (),
        created=created(scope, kind) if top else (),
        memories=memory_properties(scope, kind) if top else (),
        parent=parent_property(scope, kind) if top else None,
        children=count_children(scope, kind) if top else (),
        methods=shape_methods(scope, operations_of(binding, kind.name, role)),
        functions=shape_functions(scope, functions_of(binding, kind.name, role)),
        events=tuple(
            events[d.name]
            for d in binding.deliveries
            if d.target == kind.name and d.target_role == role and d.name in events
        ),
        session=shape_session(scope, session, events) if session is not None else None,
    )


def _handle_value(scope: Scope, kind: Kind) -> Expression | None:
    """The handle's number in the owned message."""
    if kind.owned_message is None or kind.handle_field is None or scope.binding.envelope is None:
        return None
    handle = scope.cs_field(kind.owned_message, kind.handle_field)
    value = Member(MESSAGE, handle.property_name)
    if handle.type.kind is TypeKind.SCALAR:
        return value
    number = scope.cs_field(handle.type.full_name, scope.binding.envelope.owned_id)
    cast = "" if number.type.name == "ulong" else "ulong"
    return OrZero(value, number.property_name, cast, number.is_nullable)


def _facts(scope: Scope, kind: Kind) -> Facts | None:
    if kind.info_message is None:
        return None
    value = None
    if kind.owned_message is not None and kind.info_field is not None:
        value = Member(MESSAGE, scope.cs_field(kind.owned_message, kind.info_field).property_name)
    return Facts(scope.message_type(kind.info_message), value)


def _key(scope: Scope, kind: Kind) -> Expression | None:
    if kind.key is None or kind.info_message is None:
        return None
    return Member(Name("Info"), scope.cs_field(kind.info_message, kind.key.field).property_name)
