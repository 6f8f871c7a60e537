"""Decides which C# member serves each request and each event of a protocol."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gen_bindings.model.binding import Binding, Delivery, MessageCall, Operation
from gen_bindings.model.schema import Field
from gen_bindings.passes.index import SchemaIndex


@dataclass(frozen=True, slots=True)
class Served:
    """A case of an envelope, or one nested in it, with what serves it.

    Attributes:
        case: ``publish_track``, ``e2ee.set_key``, ``room_event.track_muted``.
        number: of the case in the envelope.
        message: short name of the message that it brings.
        members: ``Class.Member``; nothing serves it when there are none and ``why`` is empty.
        why: what a member that is not called like the case has to do with it, or why there is none.
    """

    case: str
    number: int
    message: str
    members: tuple[str, ...]
    why: str = ""


def cover_requests(binding: Binding, index: SchemaIndex) -> tuple[Served, ...]:
    """The requests, in the order of the envelope."""
    assert binding.envelope is not None
    found: list[Served] = []
    for field in index.message(binding.envelope.request).fields:
        message = index.short(field.message or "")
        operations = [
            o for o in binding.operations if isinstance(o.call, MessageCall) and o.call.case == field.name
        ]
        for operation in operations:
            assert isinstance(operation.call, MessageCall)
            inner = operation.call.inner
            brings = index.short(index.field_of(inner).message or "") if inner else message
            found.append(Served(operation.name, field.number, brings, *_of_operation(binding, operation)))
        if not operations:
            found.append(Served(field.name, field.number, message, ()))
    return tuple(found)


def cover_events(binding: Binding, index: SchemaIndex) -> tuple[Served, ...]:
    """The events, in the order of the envelope; a callback is served by the method that it answers."""
    assert binding.envelope is not None
    found: list[Served] = []
    for field in index.message(binding.envelope.event).fields:
        message = index.short(field.message or "")
        rows = [*_callback(binding, field, index), *_deliveries(binding, field, index)]
        found += rows or [Served(field.name, field.number, message, ())]
    return tuple(found)


def not_covered(binding: Binding, index: SchemaIndex) -> Iterator[str]:
    """A sentence for each request and event that nothing serves."""
    for what, table, served in (
        ("request", "operations", cover_requests(binding, index)),
        ("event", "deliveries", cover_events(binding, index)),
    ):
        for row in served:
            if not row.members and not row.why:
                yield (
                    f"{row.case}: no C# member serves this {what} ({row.message}). Configure it under "
                    f"[{table}.{row.case}], or set hidden = true there."
                )


def _of_operation(binding: Binding, operation: Operation) -> tuple[tuple[str, ...], str]:
    client = f"{binding.name}Client"
    if operation.role == "handshake":
        opened = (s.open for s in binding.sessions if s.handshake == operation.name)
        return tuple(_method(binding, name) for name in opened), "sent when the handlers are attached"
    if operation.role == "shutdown":
        return (f"{client}.Request",), "hidden in the configuration: no method of its own"
    return (_method(binding, operation.name),), ""


def _method(binding: Binding, operation: str) -> str:
    found = binding.operation(operation)
    return f"{_class(binding, found.receiver, found.receiver_role)}.{found.method}"


def _callback(binding: Binding, field: Field, index: SchemaIndex) -> Iterator[Served]:
    answered = [
        operation
        for operation in binding.operations
        if isinstance(operation.call, MessageCall)
        and operation.call.callback is not None
        and operation.call.callback.case == field.name
    ]
    if answered:
        seen = [operation for operation in answered if operation.role != "shutdown"]
        members = tuple(member for operation in seen for member in _of_operation(binding, operation)[0])
        why = "completes the operation" if seen else "hidden in the configuration, with its request"
        yield Served(field.name, field.number, index.short(field.message or ""), members, why)


def _deliveries(binding: Binding, field: Field, index: SchemaIndex) -> Iterator[Served]:
    for delivery in binding.deliveries:
        if delivery.route.case == field.name:
            owner = _class(binding, delivery.target, delivery.target_role)
            visible = (f"{owner}.{delivery.event}",), ""
            members, why = _hidden(binding, delivery) if delivery.hidden else visible
            yield Served(delivery.name, field.number, index.short(delivery.message), members, why)


def _hidden(binding: Binding, delivery: Delivery) -> tuple[tuple[str, ...], str]:
    sessions = [session for session in binding.sessions if delivery.name in session.markers]
    if sessions:
        ends = (_method(binding, session.close) for session in sessions)
        return tuple(ends), "marks the end of the session, for which this waits"
    return (), "hidden in the configuration: no event"


def _class(binding: Binding, kind: str | None, role: str | None) -> str:
    if kind is None:
        return f"{binding.name}Client"
    found = binding.kind(kind)
    return next((r.type_name for r in found.roles if r.name == role), found.type_name)
