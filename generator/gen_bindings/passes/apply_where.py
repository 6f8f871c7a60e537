"""Decides which entries of the configuration are for this version of the schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

import msgspec

from gen_bindings.config import Config, KindTable, ProtocolTable, SessionTable, key_path
from gen_bindings.passes.resolve_names import Names

_OPTIONAL = "?"


class _Conditional(Protocol):
    @property
    def where(self) -> str | None: ...


_T = TypeVar("_T", bound=_Conditional)
_Exists = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that, the configuration says, only some versions have.

    Attributes:
        key: where the configuration names it (``operations.prod.where``).
        name: its name, without the mark.
        holds: this version has it.
    """

    key: str
    name: str
    holds: bool


def apply_where(
    config: Config, protocol: ProtocolTable, names: Names
) -> tuple[Config, tuple[Condition, ...]]:
    """The configuration without entries for other versions, and the conditions that were looked at.

    Those entries are the tables whose ``where`` names something that the schema lacks, and the names ending
    in ``?`` that the schema lacks; the mark itself is taken off the others. Nothing inside an entry for
    another version is looked at.
    """
    conditions: list[Condition] = []

    def holds(entry: _Conditional, key: str) -> bool:
        if entry.where is None:
            return True
        conditions.append(Condition(f"{key}.where", entry.where, names.exists(entry.where)))
        return conditions[-1].holds

    def kept(entries: Mapping[str, _T], key: str) -> dict[str, _T]:
        return {name: entry for name, entry in entries.items() if holds(entry, key_path(key, name))}

    def fitting(entries: tuple[_T, ...], key: str) -> tuple[_T, ...]:
        return tuple(entry for position, entry in enumerate(entries) if holds(entry, f"{key}[{position}]"))

    operations = {
        name: msgspec.structs.replace(
            table,
            preconditions=fitting(table.preconditions, f"{key_path('operations', name)}.preconditions"),
        )
        for name, table in kept(config.operations, "operations").items()
    }
    known = _Known(protocol, names)
    present = _Present(conditions)
    kinds = kept(config.kinds, "kinds")
    return msgspec.structs.replace(
        config,
        kinds={name: _kind(table, known, present, key_path("kinds", name)) for name, table in kinds.items()},
        sessions={
            name: _session(table, known, present, key_path("sessions", name))
            for name, table in config.sessions.items()
        },
        operations=operations,
        deliveries=kept(config.deliveries, "deliveries"),
        place=fitting(config.place, "place"),
        transfer=fitting(config.transfer, "transfer"),
        memory=fitting(config.memory, "memory"),
        not_handles=present.of(config.not_handles, known.field, "not_handles"),
        not_keys=present.of(config.not_keys, known.field, "not_keys"),
    ), tuple(conditions)


class _Present:
    """Takes the marks off, leaves out what is absent, and notes both."""

    def __init__(self, conditions: list[Condition]) -> None:
        self._conditions = conditions

    def one(self, entry: str, exists: _Exists, key: str) -> str | None:
        name = entry.removesuffix(_OPTIONAL)
        if name == entry:
            return name
        self._conditions.append(Condition(key, name, exists(name)))
        return name if self._conditions[-1].holds else None

    def of(self, entries: tuple[str, ...], exists: _Exists, key: str) -> tuple[str, ...]:
        found = (self.one(entry, exists, f"{key}[{position}]") for position, entry in enumerate(entries))
        return tuple(name for name in found if name is not None)


class _Known:
    """What the schema has, before anything is decided about it."""

    def __init__(self, protocol: ProtocolTable, names: Names) -> None:
        self._names = names
        self._operations = _cases(protocol.request, names)
        self._events = _cases(protocol.event, names)
        owners = (
            message.name
            for message in names.index.messages.values()
            for field in message.fields
            if field.message is not None and field.message in names.index.candidates(protocol.owned_handle)
        )
        self._kinds = frozenset(name.removeprefix(protocol.owned_prefix) for name in owners)

    def kind(self, name: str) -> bool:
        """There is such a kind."""
        return name in self._kinds

    def operation(self, name: str) -> bool:
        """There is such a request."""
        return name in self._operations

    def delivery(self, name: str) -> bool:
        """There is such an event."""
        return name in self._events

    def call(self, name: str) -> bool:
        """There is such a request or event."""
        return self.operation(name) or self.delivery(name)

    def delivered(self, name: str) -> bool:
        """There is such a field of an event."""
        event = next((e for e in sorted(self._events, key=len, reverse=True) if name.startswith(e + ".")), "")
        payload = self._events.get(event)
        return payload is not None and self._names.exists(f"{payload}.{name.removeprefix(event + '.')}")

    def field(self, name: str) -> bool:
        """There is such a field, alone or as ``Message.field.field``."""
        return self._names.fits_any_field(name) if "." not in name else self._names.exists(name)


def _cases(envelope: str, names: Names) -> dict[str, str | None]:
    """The envelope's cases and their arms, each with its message."""
    found: dict[str, str | None] = {}
    for full_name in names.index.candidates(envelope):
        for case in names.index.message(full_name).fields:
            found[case.name] = case.message
            if case.message is not None:
                arms = names.index.message(case.message).fields
                found |= {f"{case.name}.{arm.name}": arm.message for arm in arms}
    return found


def _kind(table: KindTable, known: _Known, present: _Present, key: str) -> KindTable:
    def role(name: str) -> str:
        return f"{key}.{key_path('roles', name)}"

    roles = {
        name: msgspec.structs.replace(
            table,
            acquired=present.of(table.acquired, known.field, f"{role(name)}.acquired"),
            borrowed=present.of(table.borrowed, known.field, f"{role(name)}.borrowed"),
            operations=present.of(table.operations, known.operation, f"{role(name)}.operations"),
            deliveries=present.of(table.deliveries, known.delivery, f"{role(name)}.deliveries"),
        )
        for name, table in table.roles.items()
    }
    state = {
        name: present.one(source, known.delivered, f"{key}.{key_path('state', name)}")
        for name, source in table.state.items()
    }
    return msgspec.structs.replace(
        table,
        parents=present.of(table.parents, known.kind, f"{key}.parents"),
        references=present.of(table.references, known.field, f"{key}.references"),
        borrowed=present.of(table.borrowed, known.field, f"{key}.borrowed"),
        state={name: source for name, source in state.items() if source is not None},
        roles=roles,
    )


def _session(table: SessionTable, known: _Known, present: _Present, key: str) -> SessionTable:
    handshake = table.handshake
    return msgspec.structs.replace(
        table,
        handshake=handshake and present.one(handshake, known.operation, f"{key}.handshake"),
        markers=present.of(table.markers, known.call, f"{key}.markers"),
    )
