"""Decides what opens and closes each session, and what marks its end."""

from __future__ import annotations

from dataclasses import replace

from gen_bindings.config import Config, SessionTable, key_path, nearest
from gen_bindings.model.binding import Delivery, Kind, MessageCall, Operation, Session
from gen_bindings.model.schema import EnumType
from gen_bindings.naming import enum_members
from gen_bindings.passes.resolve_names import Names


def plan_sessions(
    config: Config,
    kinds: tuple[Kind, ...],
    operations: tuple[Operation, ...],
    deliveries: tuple[Delivery, ...],
    names: Names,
) -> tuple[tuple[Session, ...], tuple[Operation, ...], tuple[Delivery, ...]]:
    """The sessions, and operations and deliveries with their roles in them.

    Raises:
        ConfigError: ``[sessions]`` names something that does not exist.
    """
    sessions = tuple(
        _session(name, table, kinds, operations, deliveries, names) for name, table in config.sessions.items()
    )
    roles: dict[str, str] = {}
    ends: dict[str, str] = {}
    for session in sessions:
        roles[session.open] = "open"
        roles[session.close] = "close"
        if session.handshake is not None:
            roles[session.handshake] = "handshake"
        ends |= dict.fromkeys(session.markers, "session")
        if session.announced is not None:
            ends[session.announced] = "announce"
    reasons = {
        table.announced: names.within(
            _find(deliveries, table.announced).message, table.reason, f"{key_path('sessions', name)}.reason"
        )
        for name, table in config.sessions.items()
        if table.announced and table.reason
    }
    return (
        sessions,
        tuple(replace(o, role=roles.get(o.name, o.role)) for o in operations),
        tuple(replace(d, ends=ends.get(d.name, d.ends), reason=reasons.get(d.name)) for d in deliveries),
    )


def _session(
    name: str,
    table: SessionTable,
    kinds: tuple[Kind, ...],
    operations: tuple[Operation, ...],
    deliveries: tuple[Delivery, ...],
    names: Names,
) -> Session:
    key = key_path("sessions", name)
    by_name = {operation.name: operation for operation in operations}
    events = {delivery.name for delivery in deliveries}
    if name not in {kind.name for kind in kinds}:
        raise names.error(key, f'there is no kind "{name}".{nearest(name, [k.name for k in kinds])}')
    for option, operation in (("open", table.open), ("handshake", table.handshake), ("close", table.close)):
        if operation is not None and operation not in by_name:
            raise names.error(
                f"{key}.{option}", f'there is no operation "{operation}".{nearest(operation, by_name)}'
            )
    known = {*events, *(o.name for o in operations if isinstance(o.call, MessageCall) and o.call.callback)}
    for position, marker in enumerate(table.markers):
        if marker not in known:
            raise names.error(
                f"{key}.markers[{position}]",
                f'"{marker}" is neither an event nor an operation with a callback.{nearest(marker, known)}',
            )
    if table.announced is not None and table.announced not in events:
        hint = nearest(table.announced, events)
        raise names.error(f"{key}.announced", f'there is no event "{table.announced}".{hint}')
    if table.reason is not None and table.announced is None:
        raise names.error(f"{key}.reason", "reason needs announced, the event that carries it.")
    enum = _reason_enum(table, deliveries, names, key)
    call = by_name[table.close].call
    assert isinstance(call, MessageCall)
    close_reason = None
    if enum is not None:
        fields = names.index.message(call.message).fields
        close_reason = next((f.name for f in fields if f.enum == enum.full_name), None)
    return Session(
        kind=name,
        open=table.open,
        handshake=table.handshake,
        close=table.close,
        close_reason=close_reason,
        markers=table.markers,
        announced=table.announced,
        reason_enum=enum.full_name if enum else None,
        client_reason=_member(enum, table.client_reason, f"{key}.client_reason", names),
        unknown_reason=_member(enum, table.unknown_reason, f"{key}.unknown_reason", names),
        drain_ms=table.drain_ms,
    )


def _reason_enum(
    table: SessionTable, deliveries: tuple[Delivery, ...], names: Names, key: str
) -> EnumType | None:
    if table.announced is None or table.reason is None:
        return None
    path = names.within(_find(deliveries, table.announced).message, table.reason, f"{key}.reason")
    field = names.index.field_of(path.last)
    return names.index.enum(field.enum) if field.enum else None


def _member(enum: EnumType | None, value: str, key: str, names: Names) -> str:
    if enum is None:
        return ""
    members = enum_members(enum.name, [v.name for v in enum.values])
    if value not in members:
        raise names.error(key, f'{enum.name} has no value "{value}".{nearest(value, members)}')
    return members[value]


def _find(deliveries: tuple[Delivery, ...], name: str) -> Delivery:
    return next(delivery for delivery in deliveries if delivery.name == name)
