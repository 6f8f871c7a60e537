"""Decides which entries of the configuration are for this version of the schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

import msgspec

from gen_bindings.config import Config, KindTable, ProtocolTable, SessionTable
from gen_bindings.passes.resolve_names import Names

_OPTIONAL = "?"


class _Conditional(Protocol):
    @property
    def where(self) -> str | None: ...


_T = TypeVar("_T", bound=_Conditional)
_Exists = Callable[[str], bool]


def apply_where(config: Config, protocol: ProtocolTable, names: Names) -> Config:
    """The configuration without entries for other versions.

    Those are the tables whose ``where`` names something that the schema lacks, and the names ending in ``?``
    that the schema lacks; the mark itself is taken off the others.
    """

    def holds(entry: _Conditional) -> bool:
        return entry.where is None or names.exists(entry.where)

    def kept(entries: Mapping[str, _T]) -> dict[str, _T]:
        return {name: entry for name, entry in entries.items() if holds(entry)}

    operations = {
        name: msgspec.structs.replace(
            table, preconditions=tuple(condition for condition in table.preconditions if holds(condition))
        )
        for name, table in kept(config.operations).items()
    }
    known = _Known(protocol, names)
    return msgspec.structs.replace(
        config,
        kinds={name: _kind(table, known) for name, table in kept(config.kinds).items()},
        sessions={name: _session(table, known) for name, table in config.sessions.items()},
        operations=operations,
        deliveries=kept(config.deliveries),
        place=tuple(entry for entry in config.place if holds(entry)),
        transfer=tuple(entry for entry in config.transfer if holds(entry)),
        memory=tuple(entry for entry in config.memory if holds(entry)),
        not_handles=_present(config.not_handles, known.field),
        not_keys=_present(config.not_keys, known.field),
    )


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


def _kind(table: KindTable, known: _Known) -> KindTable:
    roles = {
        name: msgspec.structs.replace(
            role,
            acquired=_present(role.acquired, known.field),
            borrowed=_present(role.borrowed, known.field),
            operations=_present(role.operations, known.operation),
            deliveries=_present(role.deliveries, known.delivery),
        )
        for name, role in table.roles.items()
    }
    state = {
        name: source.removesuffix(_OPTIONAL)
        for name, source in table.state.items()
        if not source.endswith(_OPTIONAL) or known.delivered(source.removesuffix(_OPTIONAL))
    }
    return msgspec.structs.replace(
        table,
        parents=_present(table.parents, known.kind),
        references=_present(table.references, known.field),
        borrowed=_present(table.borrowed, known.field),
        state=state,
        roles=roles,
    )


def _session(table: SessionTable, known: _Known) -> SessionTable:
    return msgspec.structs.replace(
        table,
        handshake=next(iter(_present((table.handshake or "?",), known.operation)), None),
        markers=_present(table.markers, known.call),
    )


def _present(entries: tuple[str, ...], exists: _Exists) -> tuple[str, ...]:
    return tuple(
        entry.removesuffix(_OPTIONAL)
        for entry in entries
        if not entry.endswith(_OPTIONAL) or exists(entry.removesuffix(_OPTIONAL))
    )
