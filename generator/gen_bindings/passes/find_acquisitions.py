"""Decides in which ways owned handles arrive: every path to an owned message, and every transfer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gen_bindings.config import Config
from gen_bindings.model.binding import (
    Acquisition,
    Delivery,
    FieldPath,
    Kind,
    MessageCall,
    Operation,
    Origin,
    Place,
    Placement,
    Step,
)
from gen_bindings.passes.index import INTEGERS, SchemaIndex
from gen_bindings.passes.resolve_names import Names

_UNPLACED = Placement(Place.CLIENT)
REPLY = "buffer"


@dataclass(frozen=True, slots=True)
class Carrier:
    """A message that may bring handles: where it stands, and the arm of it that counts."""

    origin: Origin
    name: str
    message: str
    arm: Step | None = None


def carriers(operations: tuple[Operation, ...], deliveries: tuple[Delivery, ...]) -> Iterator[Carrier]:
    """Every message that the native side sends, in the order of the model."""
    for operation in operations:
        if isinstance(operation.call, MessageCall):
            call = operation.call
            yield Carrier(Origin.RESPONSE, operation.name, call.response.message, call.inner_response)
            if call.callback is not None:
                yield Carrier(Origin.CALLBACK, operation.name, call.callback.message)
    for delivery in deliveries:
        yield Carrier(Origin.EVENT, delivery.name, delivery.message)


def find_acquisitions(
    config: Config,
    kinds: tuple[Kind, ...],
    operations: tuple[Operation, ...],
    deliveries: tuple[Delivery, ...],
    names: Names,
    problems: list[str],
) -> tuple[Acquisition, ...]:
    """The acquisitions, unplaced and without roles; the response buffer comes last.

    Raises:
        ConfigError: ``[[transfer]]`` names a field or a kind that does not exist.
    """
    index = names.index
    owned = {kind.owned_message: kind.name for kind in kinds if kind.owned_message is not None}
    into = index.reaching(owned.keys())
    found: list[Acquisition] = []
    sources = list(carriers(operations, deliveries))
    taken: set[str] = set()
    for carrier in sources:
        if carrier.message in into:
            for path, message in _owned_paths(carrier, owned, into, index):
                name = f"{index.short(path.root)}.{path.plain}"
                name = f"{name}@{carrier.name}" if name in taken else name
                taken.add(name)
                kind = owned[message]
                found.append(Acquisition(name, kind, None, carrier.origin, carrier.name, path, _UNPLACED))
    problems += _endless(into, sources, index)
    for position, entry in enumerate(config.transfer):
        key = f"transfer[{position}]"
        path = names.path(entry.field, f"{key}.field")
        if index.field_of(path.last).scalar not in INTEGERS:
            raise names.error(
                f"{key}.field", f'"{entry.field}" is no integer, so it cannot hand over a handle.'
            )
        if entry.kind not in owned.values():
            raise names.error(f"{key}.kind", f'there is no kind "{entry.kind}".')
        carrying = [carrier for carrier in sources if carrier.message == path.root]
        if not carrying:
            raise names.error(
                f"{key}.field",
                f"{index.short(path.root)} is no response, callback or event; start the path at the one "
                "that brings it.",
            )
        for carrier in carrying:
            found.append(
                Acquisition(
                    id=f"{index.short(path.root)}.{path.plain}",
                    kind=entry.kind,
                    role=None,
                    origin=carrier.origin,
                    carrier=carrier.name,
                    path=path,
                    placement=_UNPLACED,
                    transfers=True,
                    replaces=names.within(path.root, entry.replaces, f"{key}.replaces")
                    if entry.replaces
                    else None,
                    info=names.within(path.root, entry.info, f"{key}.info") if entry.info else None,
                )
            )
    return tuple(found) + _reply(config)


def attach_acquisitions(
    acquisitions: tuple[Acquisition, ...],
    operations: tuple[Operation, ...],
    deliveries: tuple[Delivery, ...],
) -> tuple[tuple[Operation, ...], tuple[Delivery, ...]]:
    """Operations and deliveries with the ids of what they bring."""

    def brought(origin: Origin, carrier: str) -> tuple[str, ...]:
        return tuple(a.id for a in acquisitions if a.origin is origin and a.carrier == carrier)

    def with_ids(operation: Operation) -> Operation:
        call = operation.call
        if not isinstance(call, MessageCall):
            return operation
        response = replace(call.response, acquisitions=brought(Origin.RESPONSE, operation.name))
        callback = call.callback
        if callback is not None:
            callback = replace(callback, acquisitions=brought(Origin.CALLBACK, operation.name))
        return replace(operation, call=replace(call, response=response, callback=callback))

    return (
        tuple(with_ids(operation) for operation in operations),
        tuple(replace(d, acquisitions=brought(Origin.EVENT, d.name)) for d in deliveries),
    )


def _owned_paths(
    carrier: Carrier, owned: dict[str, str], into: frozenset[str], index: SchemaIndex
) -> Iterator[tuple[FieldPath, str]]:
    for path, field in index.walk(carrier.message, into):
        if field.message in owned and (carrier.arm is None or path.steps[0] == carrier.arm):
            yield path, field.message


def _endless(into: frozenset[str], sources: list[Carrier], index: SchemaIndex) -> Iterator[str]:
    """Messages that contain themselves and owned handles: no finite list of paths covers those."""
    for message in sorted(index.below({carrier.message for carrier in sources}) & into):
        for field in index.message(message).fields:
            if field.message in into and message in index.below({field.message}):
                yield (
                    f"{index.short(message)}.{field.name} contains {index.short(message)} again, and "
                    "handles arrive inside: "
                    "handles at an unlimited depth cannot be owned; change the protocol."
                )


def _reply(config: Config) -> tuple[Acquisition, ...]:
    request = config.entry_points.request
    if request is None:
        return ()
    return (
        Acquisition(
            id=f"{request.function}.return" if request.result == "handle" else f"{request.function}.reply",
            kind=REPLY,
            role=None,
            origin=Origin.RETURN,
            carrier=request.function,
            path=None,
            placement=Placement(Place.CALL),
        ),
    )
