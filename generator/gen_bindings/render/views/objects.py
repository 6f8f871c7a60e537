"""Views of the classes of the tree: what an object knows, what stands below it, what can be asked of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import takewhile

from gen_bindings.model.binding import (
    Acquisition,
    Binding,
    Kind,
    Lifetime,
    MessageCall,
    Operation,
    ParameterSource,
    Place,
    Session,
)
from gen_bindings.model.messages import Cardinality, CsField, TypeKind
from gen_bindings.naming import pascal
from gen_bindings.render.views.context import Context, handle_class, plural
from gen_bindings.render.views.events import EventView, event_view
from gen_bindings.render.views.frames import memory_length
from gen_bindings.render.views.functions import FunctionMethod, function_methods
from gen_bindings.render.views.requests import MethodView, method_view


@dataclass(frozen=True, slots=True)
class ChildView:
    """A property that lists the children of a class, or gives the only one."""

    property: str
    type: str
    kind: str
    single: bool


@dataclass(frozen=True, slots=True)
class PropertyView:
    """A fact of the object.

    Attributes:
        expression: C# that gives it.
    """

    name: str
    type: str
    expression: str
    doc: str


@dataclass(frozen=True, slots=True)
class MemoryView:
    """Memory that belongs to the object."""

    name: str
    element: str
    pointer: str
    length: str


@dataclass(frozen=True)
class SessionView:
    """The end of a session, as its class and its object's methods need it.

    Attributes:
        close: the request that ends it.
        reason_type: C# type of the reason, or empty.
        ended_event: name of the event, or empty.
    """

    type: str
    close: MethodView
    close_name: str
    handshake: str
    reason_type: str
    client_reason: str
    unknown_reason: str
    ended_event: str
    drain_ms: int
    parameters: str
    arguments: str
    default_arguments: str


@dataclass(frozen=True)
class ObjectView:
    """A class of the tree.

    Attributes:
        base: its base class; ``is_base`` when the kind's roles derive from it.
        is_concrete: objects of exactly this class exist.
        message: C# type of the owned message, or empty.
        handle_expression: C# over ``message`` for the handle's number.
        info_type: C# type of the facts, or empty.
        key: C# expression of the key over ``Info``, or ``null``.
        extras: facts beside the info message, taken over when the object is made.
        state: properties that deliveries set.
        created: (name, type) of creation parameters that later requests need.
    """

    name: str
    base: str
    is_base: bool
    is_concrete: bool
    kind: str
    handle: str
    doc: str
    message: str
    handle_expression: str
    info_type: str
    info_expression: str
    key: str
    claimed: bool
    facts: tuple[PropertyView, ...]
    extras: tuple[PropertyView, ...]
    state: tuple[PropertyView, ...]
    created: tuple[PropertyView, ...]
    memories: tuple[MemoryView, ...]
    children: tuple[ChildView, ...]
    parent: ChildView | None
    methods: tuple[MethodView, ...]
    functions: tuple[FunctionMethod, ...]
    events: tuple[EventView, ...]
    session: SessionView | None


def object_views(context: Context) -> list[ObjectView]:
    """Every class of the tree: for a kind with roles its base class and one class per role."""
    views = []
    for kind in context.binding.kinds:
        if kind.lifetime is Lifetime.FRAME:
            continue
        if kind.roles:
            views.append(_object(context, kind, kind.type_name, None, is_base=True))
            views += [_object(context, kind, role.type_name, role.name) for role in kind.roles]
        else:
            views.append(_object(context, kind, kind.type_name, None))
    return views


def root_children(context: Context) -> list[ChildView]:
    """Lists of the client: classes of objects that may stand by themselves."""
    roots = []
    for kind in context.binding.kinds:
        if kind.lifetime is Lifetime.FRAME:
            continue
        places = {
            a.role
            for a in context.binding.acquisitions
            if a.kind == kind.name and a.placement.place.value in ("client", "session")
        }
        for role in sorted(places, key=lambda r: r or ""):
            type_ = context.type_of(kind.name, role)
            roots.append(ChildView(plural(type_), type_, kind.name, single=False))
    return roots


def operations_of(binding: Binding, kind: str | None, role: str | None) -> Iterable[Operation]:
    """Operations that are methods of a class: with roles, a role's own ones stand in the role's class."""
    return (
        o
        for o in binding.operations
        if o.receiver == kind and o.receiver_role == role and o.role not in ("shutdown",)
    )


def message_methods(context: Context, operations: Iterable[Operation]) -> list[MethodView]:
    """The methods of the operations that are messages."""
    methods = []
    for operation in operations:
        if not isinstance(operation.call, MessageCall) or operation.role == "close":
            continue
        if _is_push(operation):
            methods.append(method_view(context, operation, forgets=True))
        methods.append(method_view(context, operation))
    return methods


def _is_push(operation: Operation) -> bool:
    """A caller may not want to wait for what only says that memory was taken over (a frame, a packet)."""
    call = operation.call
    if not isinstance(call, MessageCall) or call.callback is None or call.async_id is None:
        return False
    takes_memory = any(f.source in (ParameterSource.MEMORY, ParameterSource.STRUCT) for f in operation.fields)
    return takes_memory and not call.callback.acquisitions and not call.callback.values


def _object(
    context: Context, kind: Kind, name: str, role: str | None, *, is_base: bool = False
) -> ObjectView:
    info = context.message(kind.info_message) if kind.info_message else None
    key = "null"
    if kind.key is not None and info is not None:
        found = info.field(kind.key.field)
        assert found is not None
        key = f"Info.{found.property_name}"
    top = role is None
    events = tuple(
        e
        for d in context.binding.deliveries
        if d.target == kind.name and d.target_role == role
        for e in [event_view(context, d)]
        if e is not None
    )
    operations = list(operations_of(context.binding, kind.name, role))
    children = tuple(_children(context, kind)) if top else ()
    taken = (
        {c.property for c in children}
        | {e.name for e in events}
        | {"Info", "Client", "Handle", "Core", "IsDisposed", "Dispose", "DisposeAtOnce", "Keep", name}
    )
    taken |= {o.method for o in context.binding.operations if o.receiver == kind.name}
    taken |= {role.type_name for role in kind.roles} | {kind.type_name}
    extras = tuple(_extras(context, kind)) if top else ()
    taken |= {e.name for e in extras}
    facts = tuple(_facts(info.fields, taken, context, kind)) if info is not None and top else ()
    session = next((s for s in context.binding.sessions if s.kind == kind.name), None)
    parent = _parent(context, kind) if top else None
    if parent is not None and parent.property in taken | {f.name for f in facts}:
        parent = None
    return ObjectView(
        name=name,
        base="NativeObject" if top else kind.type_name,
        is_base=is_base,
        is_concrete=not is_base,
        kind=kind.name,
        handle=handle_class(kind),
        doc=kind.doc or f"A native {kind.type_name}.",
        message=context.message(kind.owned_message).type.global_name if kind.owned_message else "",
        handle_expression=_handle_expression(context, kind),
        info_type=info.type.global_name if info is not None else "",
        info_expression=_info_expression(context, kind),
        key=key,
        claimed=kind.lifetime is Lifetime.CLAIMED,
        facts=facts,
        extras=extras,
        state=tuple(
            PropertyView(
                pascal(s.name),
                context.cs_field(s.path.last.message, s.path.last.field).global_type_name,
                "",
                context.cs_field(s.path.last.message, s.path.last.field).doc,
            )
            for s in kind.state
        )
        if top
        else (),
        created=tuple(_created(context, kind)) if top else (),
        memories=tuple(_memories(context, kind)) if top else (),
        children=children,
        parent=parent,
        methods=tuple(message_methods(context, operations)),
        functions=tuple(function_methods(context, operations)),
        events=events,
        session=_session(context, session) if session is not None and not is_base else None,
    )


def _handle_expression(context: Context, kind: Kind) -> str:
    if kind.owned_message is None or kind.handle_field is None or context.binding.envelope is None:
        return ""
    handle = context.cs_field(kind.owned_message, kind.handle_field)
    if handle.type.kind is TypeKind.SCALAR:
        return f"message.{handle.property_name}"
    inner = context.cs_field(handle.type.full_name, context.binding.envelope.owned_id)
    return (
        f"message.{handle.property_name} == null ? 0 : message.{handle.property_name}.{inner.property_name}"
    )


def _info_expression(context: Context, kind: Kind) -> str:
    if kind.owned_message is None or kind.info_field is None:
        return ""
    return f"message.{context.cs_field(kind.owned_message, kind.info_field).property_name}"


def _facts(
    fields: Iterable[CsField], taken: set[str], context: Context, kind: Kind
) -> Iterable[PropertyView]:
    for field in fields:
        plain = (
            field.cardinality not in (Cardinality.REPEATED, Cardinality.MAP)
            and field.type.kind is not TypeKind.MESSAGE
        )
        if plain and not field.is_internal and field.property_name not in taken:
            yield PropertyView(
                field.property_name, field.global_type_name, f"Info.{field.property_name}", field.doc
            )


def _extras(context: Context, kind: Kind) -> Iterable[PropertyView]:
    if kind.owned_message is None:
        return
    for name in kind.extra_fields:
        field = context.cs_field(kind.owned_message, name)
        yield PropertyView(
            field.property_name, field.global_type_name, f"message.{field.property_name}", field.doc
        )


def _created(context: Context, kind: Kind) -> Iterable[PropertyView]:
    for remembered in kind.remembered:
        field = context.cs_field(remembered.path.last.message, remembered.path.last.field)
        name = f"Created{pascal(remembered.name)}"
        yield PropertyView(name, field.type.global_name, "", f"The {remembered.name} it was created with.")


def _memories(context: Context, kind: Kind) -> Iterable[MemoryView]:
    if kind.info_message is None or kind.lifetime is Lifetime.FRAME:
        return
    for field in context.message(kind.info_message).fields:
        memory = context.memories.get((kind.info_message, field.name))
        if memory is not None:
            name = pascal(field.name.removesuffix("_ptr").removesuffix("ptr")) or "Data"
            yield MemoryView(
                name,
                memory.element,
                f"Info.{field.property_name}",
                memory_length(context, kind.info_message, memory, "Info."),
            )


def _children(context: Context, kind: Kind) -> Iterable[ChildView]:
    """What stands below a kind: for children with roles the whole kind first, then each role."""
    for child in context.binding.children(kind.name):
        if child.lifetime is Lifetime.FRAME:
            continue
        for role in (None, *(r.name for r in child.roles)):
            ways = [
                _is_only_one(context, a, kind)
                for a in context.binding.acquisitions
                if a.kind == child.name and role in (None, a.role) and _may_stand_under(context, a, kind)
            ]
            if ways:
                type_ = context.type_of(child.name, role)
                single = all(ways)
                yield ChildView(type_ if single else plural(type_), type_, child.name, single)


def _may_stand_under(context: Context, acquisition: Acquisition, parent: Kind) -> bool:
    return acquisition.placement.parent == parent.name or _is_adopted(context, acquisition, parent)


def _is_only_one(context: Context, acquisition: Acquisition, parent: Kind) -> bool:
    """It comes with its parent in one message, has its parent's key, or is adopted by a new parent."""
    placement = acquisition.placement
    if placement.parent != parent.name:
        return True
    if placement.place is Place.SIBLING:
        return not _loops_after_parent(context, acquisition)
    if placement.place is Place.KEY:
        assert acquisition.path is not None
        own_facts = f"{acquisition.path.plain}.{context.kinds[acquisition.kind].info_field}"
        return parent.key is not None and placement.via == f"{own_facts}.{parent.key.field}"
    return False


def _is_adopted(context: Context, acquisition: Acquisition, parent: Kind) -> bool:
    for operation in context.binding.operations:
        adopts = any(
            b.path.plain == operation.adopts and b.kind == acquisition.kind for b in operation.borrows
        )
        if adopts and isinstance(operation.call, MessageCall):
            answer = operation.call.callback or operation.call.response
            return any(context.acquisitions[a].kind == parent.name for a in answer.acquisitions)
    return False


def _loops_after_parent(context: Context, acquisition: Acquisition) -> bool:
    parent = context.acquisitions[acquisition.placement.via]
    assert parent.path is not None
    assert acquisition.path is not None
    pairs = zip(acquisition.path.steps, parent.path.steps, strict=False)
    shared = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    return any(step.repeated for step in acquisition.path.steps[shared:])


def _parent(context: Context, kind: Kind) -> ChildView | None:
    if not kind.parents:
        return None
    parent = context.kinds[kind.parents[0]]
    return ChildView(parent.type_name, parent.type_name, parent.name, single=True)


def _session(context: Context, session: Session) -> SessionView:
    close = method_view(context, context.binding.operation(session.close))
    announced = context.binding.delivery(session.announced) if session.announced else None
    reason_type = ""
    if announced is not None and announced.reason is not None:
        reason_type = context.cs_field(
            announced.reason.last.message, announced.reason.last.field
        ).type.global_name
    client, unknown = session.client_reason, session.unknown_reason
    if session.reason_enum is not None and context.layer is not None:
        enum = context.layer.enum(session.reason_enum).type.global_name
        client, unknown = (f"{enum}.{value}" if value else "" for value in (client, unknown))
    parameters = [p for p in close.parameters if p.name != "cancellationToken"]
    return SessionView(
        type=f"{context.kinds[session.kind].type_name}Session",
        close=replace(close, client="client"),
        close_name=close.name,
        handshake=context.binding.operation(session.handshake).method if session.handshake else "",
        reason_type=reason_type,
        client_reason=client or f"default({reason_type})",
        unknown_reason=unknown or f"default({reason_type})",
        ended_event=announced.event if announced is not None else "",
        drain_ms=session.drain_ms,
        parameters=", ".join(f"{p.type} {p.name}" for p in parameters),
        arguments=", ".join(p.name for p in parameters),
        default_arguments=", ".join(p.default or f"default({p.type})" for p in parameters),
    )
