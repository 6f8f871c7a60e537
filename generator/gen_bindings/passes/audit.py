"""Decides whether the model is complete and free of contradictions."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.config import key_path
from gen_bindings.model.binding import (
    Binding,
    Direction,
    Envelope,
    FunctionCall,
    Kind,
    Lifetime,
    Operation,
    Origin,
)
from gen_bindings.naming import pascal
from gen_bindings.passes.cover_protocol import not_covered
from gen_bindings.passes.find_acquisitions import REPLY, carriers
from gen_bindings.passes.index import SchemaIndex

# Members that the generated classes have in any case.
_EVERY_CLIENT = {"Dispose": "Dispose", "Initialize": "Initialize"}
_EVERY_OBJECT = {"Dispose": "Dispose", "DisposeAtOnce": "DisposeAtOnce"}


def audit(binding: Binding, index: SchemaIndex | None) -> Iterator[str]:
    """What is missing or contradictory in a finished model, one sentence each."""
    yield from _types(binding)
    yield from _members(binding, index)
    if index is not None:
        yield from _memories(binding, index)
        if binding.envelope is not None:
            yield from not_covered(binding, index)
            yield from _message_sets(binding.envelope, index)
    yield from _pointers(binding)
    yield from _arrivals(binding)
    yield from _sessions(binding)


def _message_sets(envelope: Envelope, index: SchemaIndex) -> Iterator[str]:
    """Message sets have an encoding of their own; one that nobody sends does no harm."""
    for name in sorted(index.below({envelope.request, envelope.response, envelope.event})):
        for field in index.message(name).fields:
            if field.message is not None and index.message(field.message).is_message_set:
                yield (
                    f"{index.short(name)}.{field.name} is a message set ({field.message}), which bindings "
                    "cannot represent: give the field a message without message_set_wire_format, or bytes."
                )


def _types(binding: Binding) -> Iterator[str]:
    """Kinds and roles are C# classes in one namespace."""
    taken: dict[str, str] = {f"{binding.name}Client": "the client"}
    for kind in binding.kinds:
        at = f"[kinds.{kind.name}]"
        for name, what in (
            (kind.type_name, f"the kind {kind.name}"),
            *((role.type_name, f"the role {role.name} of {kind.name}") for role in kind.roles),
        ):
            if name in taken:
                yield f"{what} and {taken[name]} would both be the C# class {name}: set name under {at}."
            taken[name] = what
    for kind in binding.kinds:
        for parent in kind.parents:
            if parent not in {other.name for other in binding.kinds}:
                yield f"{kind.name}: its parent {parent} is no kind."


def _members(binding: Binding, index: SchemaIndex | None) -> Iterator[str]:
    """Methods, events and properties of a class need names of their own, inherited ones included."""
    yield from _clashes(
        "the client",
        [
            *(
                (o.method, f"the operation {o.name}")
                for o in binding.operations
                if _public(o) and o.receiver is None
            ),
            *(
                (d.event, f"the event {d.name}")
                for d in binding.deliveries
                if d.target is None and not d.hidden
            ),
        ],
        _EVERY_CLIENT,
    )
    for kind in binding.kinds:
        for role in (None, *(role.name for role in kind.roles)):
            members = [
                *_properties(kind, index),
                *(
                    (o.method, f"the operation {o.name}")
                    for o in binding.operations
                    if _public(o) and o.receiver == kind.name and o.receiver_role in (None, role)
                ),
                *(
                    (d.event, f"the event {d.name}")
                    for d in binding.deliveries
                    if d.target == kind.name and not d.hidden and d.target_role in (None, role)
                ),
            ]
            if (
                role is None
                or any(x.receiver_role == role for x in binding.operations)
                or any(d.target_role == role for d in binding.deliveries)
            ):
                yield from _clashes(role or kind.type_name, members, _EVERY_OBJECT)


def _clashes(where: str, members: list[tuple[str, str]], taken: dict[str, str]) -> Iterator[str]:
    known = dict(taken)
    for name, what in members:
        if known.get(name, what) != what:
            yield (
                f"{what} and {known[name]} would both be the member {name} of {where}: set name under "
                f"[{_table(what)}]."
            )
        known[name] = what


def _table(what: str) -> str:
    kind, name = what.removeprefix("the ").split(" ", 1)
    return key_path("deliveries" if kind == "event" else "operations", name)


def _properties(kind: Kind, index: SchemaIndex | None) -> Iterator[tuple[str, str]]:
    if index is not None and kind.info_message is not None and kind.lifetime is not Lifetime.FRAME:
        for field in index.message(kind.info_message).fields:
            yield pascal(field.name), f"the fact {field.name}"
    for name in kind.extra_fields:
        yield pascal(name), f"the fact {name}"
    for state in kind.state:
        yield pascal(state.name), f"the state {state.name}"


def _public(operation: Operation) -> bool:
    return operation.role in ("", "open")


def _memories(binding: Binding, index: SchemaIndex) -> Iterator[str]:
    """Memory that comes out belongs to a handle around it, or to the object that was asked for it."""
    owned = {kind.owned_message for kind in binding.kinds}
    out = {(m.message, m.pointer): m for m in binding.memories if m.direction is Direction.OUT}
    into = index.reaching({message for message, _ in out})
    receivers = {operation.name: operation.receiver for operation in binding.operations}
    for carrier in carriers(binding.operations, binding.deliveries):
        for path, field in index.walk(carrier.message, into):
            memory = out.get((path.last.message, field.name))
            if memory is None or (carrier.arm is not None and path.steps[0] != carrier.arm):
                continue
            if any(index.field_of(step).message in owned for step in path.steps):
                continue
            response = carrier.origin is Origin.RESPONSE and len(path.steps) == (2 if carrier.arm else 1)
            if response and memory.owner == "receiver" and receivers[carrier.name] is not None:
                continue
            way_out = "put it into the facts of a handle"
            if response:
                way_out += ', or set owner = "receiver" in its [[memory]], for a method of an object'
            yield f"{carrier.name}: nothing owns the memory behind {path.plain}: {way_out}."


def _pointers(binding: Binding) -> Iterator[str]:
    """No native pointer is public (L22): in a function that is a method, only handles are pointers."""
    known = {function.name: function.type for function in binding.entry_points.functions}
    for operation in binding.operations:
        call = operation.call
        if not isinstance(call, FunctionCall):
            continue
        if call.function not in known:
            yield f"{operation.name}: there is no entry point {call.function}."
            continue
        type_ = known[call.function]
        public = [
            (f"the parameter {parameter.name}", parameter.type)
            for position, parameter in enumerate(type_.parameters)
            if position != call.receiver
        ]
        if call.result_kind is None:
            public.append(("the result", type_.result))
        for what, ctype in public:
            if ctype.pointee is not None or ctype.function is not None:
                yield (
                    f"{operation.name}: {what} of {call.function} is the pointer {ctype}, which would be "
                    "public: leave the function out, or call it by hand."
                )


def _arrivals(binding: Binding) -> Iterator[str]:
    operations = {operation.name for operation in binding.operations}
    functions = {o.call.function for o in binding.operations if isinstance(o.call, FunctionCall)}
    deliveries = {delivery.name for delivery in binding.deliveries}
    request = binding.entry_points.request
    kinds = {kind.name for kind in binding.kinds}
    for acquisition in binding.acquisitions:
        if acquisition.kind != REPLY and acquisition.kind not in kinds:
            yield f"{acquisition.id}: it brings a {acquisition.kind}, which is no kind."
        known = deliveries if acquisition.origin is Origin.EVENT else operations | functions
        if acquisition.carrier not in known and not (request and acquisition.carrier == request.function):
            yield f"{acquisition.id}: nothing is called {acquisition.carrier}, which is said to bring it."
    brought = {acquisition.kind for acquisition in binding.acquisitions}
    for kind in binding.kinds:
        if kind.release.close_operation and kind.release.close_operation not in operations:
            yield (
                f"{kind.name}: there is no operation {kind.release.close_operation} to close it with: "
                "correct close of "
                f"[kinds.{kind.name}]."
            )
        if kind.name not in brought:
            yield (
                f"{kind.name}: no response, callback or event brings one, so it would be a class without "
                "objects: the schema's "
                f"message {kind.owned_message} is unused, or the protocol's envelopes are not those in "
                "[protocol]."
            )


def _sessions(binding: Binding) -> Iterator[str]:
    brought = {(a.kind, a.carrier) for a in binding.acquisitions}
    for session in binding.sessions:
        kind, way_out = session.kind, f"correct [sessions.{session.kind}]."
        if (kind, session.open) not in brought:
            yield f"{kind}: {session.open} brings no {kind}, so it cannot open one: {way_out}"
        for option, name in (("handshake", session.handshake), ("close", session.close)):
            operation = next((o for o in binding.operations if o.name == name), None)
            if operation is not None and operation.receiver != kind:
                yield f"{kind}: its {option} {name} does not name a {kind}: {way_out}"
        for marker in session.markers:
            delivery = next((d for d in binding.deliveries if d.name == marker), None)
            if delivery is not None and delivery.target != kind:
                yield f"{kind}: the marker {marker} does not concern a {kind}: {way_out}"
