"""Where the handles are in the messages of a binding, by field numbers, and which messages a log may fold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from gen_bindings.errors import GenBindingsError
from gen_bindings.model.binding import (
    Acquisition,
    Binding,
    BorrowMode,
    Delivery,
    Envelope,
    FieldPath,
    Kind,
    Lifetime,
    MessageCall,
    Operation,
    Origin,
    RequestCall,
)
from gen_bindings.model.schema import Field, Schema

REPLY_KIND = "buffer"


class TraceError(GenBindingsError):
    """A recording cannot be made or read."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A way in which a handle arrives, as field numbers.

    Attributes:
        numbers: from the carrier's message to the id, with ``repeated`` for each step but those inside the
            owned message.
        owned: length of the part of ``numbers`` that leads to the owned message.
        key: from the owned message to the string that names the object, empty where there is none.
    """

    acquisition: Acquisition
    kind: Kind
    numbers: tuple[int, ...]
    owned: int
    key: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Messages that a log may leave out once it is half full.

    Attributes:
        number: case of the envelope, ``arm`` the inner case or 0.
        kind: index of the short-lived kind that it brings, 0 for none.
        path: field numbers from the case's message to the id.
    """

    number: int
    arm: int = 0
    kind: int = 0
    path: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Contract:
    """What a recording is read by.

    Attributes:
        digest: 32 hex digits; a log carries those of the contract it was recorded with.
        functions: entry points in the order of a record's ``function``.
        short_kinds: names of short-lived kinds, 1 first; the response buffer is the last.
        arrivals: by acquisition id.
        requests: operations by their case's number.
        callbacks: operations by their callback's number; ``deliveries`` the other events.
    """

    binding: Binding
    schema: Schema
    envelope: Envelope
    request: RequestCall
    digest: str
    functions: tuple[str, ...]
    short_kinds: tuple[str, ...]
    arrivals: dict[str, Arrival]
    requests: dict[int, tuple[Operation, ...]]
    callbacks: dict[int, tuple[Operation, ...]]
    deliveries: dict[int, tuple[Delivery, ...]]
    cases: int


def contract_of(binding: Binding) -> Contract:
    """The contract of a binding that speaks in messages.

    Raises:
        TraceError: the binding has no messages, so nothing says which handle came when.
    """
    request = binding.entry_points.request
    if binding.schema is None or binding.envelope is None or request is None:
        raise TraceError(
            f"{binding.name} has no request function and messages; a recorder needs them to know "
            "which handle came when."
        )
    schema, envelope = binding.schema, binding.envelope
    requests: dict[int, list[Operation]] = {}
    callbacks: dict[int, list[Operation]] = {}
    for operation in binding.operations:
        if isinstance(operation.call, MessageCall):
            requests.setdefault(operation.call.number, []).append(operation)
            if operation.call.callback is not None:
                callbacks.setdefault(operation.call.callback.number, []).append(operation)
    deliveries: dict[int, list[Delivery]] = {}
    for delivery in binding.deliveries:
        deliveries.setdefault(delivery.route.number, []).append(delivery)
    numbers = [
        field.number
        for name in (envelope.request, envelope.response, envelope.event)
        for field in _fields(schema, name)
    ]
    arrivals = {
        acquisition.id: _arrival(binding, schema, envelope, acquisition)
        for acquisition in binding.acquisitions
        if acquisition.origin is not Origin.RETURN and acquisition.path is not None
    }
    return Contract(
        binding=binding,
        schema=schema,
        envelope=envelope,
        request=request,
        digest=_digest(binding, schema),
        functions=tuple(function.name for function in binding.entry_points.functions),
        short_kinds=(*_short_kinds(binding), REPLY_KIND),
        arrivals=arrivals,
        requests={number: tuple(found) for number, found in requests.items()},
        callbacks={number: tuple(found) for number, found in callbacks.items()},
        deliveries={number: tuple(found) for number, found in deliveries.items()},
        cases=max(numbers) + 1,
    )


def folds(contract: Contract) -> tuple[tuple[int, ...], tuple[Fold, ...], tuple[Fold, ...]]:
    """Requests (by number), responses and events that bring, take and end nothing that lives long."""
    short = {name: index for index, name in enumerate(contract.short_kinds, 1)}
    calls: list[tuple[MessageCall, Operation]] = []
    for operations in contract.requests.values():
        if all(_may_fold(contract, operation, short) for operation in operations):
            calls += [(o.call, o) for o in operations if isinstance(o.call, MessageCall)]
    responses, events = [], []
    for call, _ in calls:
        arm = call.inner_response.number if call.inner_response is not None else 0
        responses.append(_fold(contract, call.response.number, arm, call.response.acquisitions, short))
        if call.callback is not None:
            events.append(_fold(contract, call.callback.number, 0, call.callback.acquisitions, short))
    for deliveries in contract.deliveries.values():
        events += [
            _fold(contract, d.route.number, d.route.arm_number, d.acquisitions, short)
            for d in deliveries
            if not d.ends and d.detaches is None and _all_short(contract, d.acquisitions, short)
        ]
    return tuple(sorted({call.number for call, _ in calls})), tuple(responses), tuple(events)


def _may_fold(contract: Contract, operation: Operation, short: dict[str, int]) -> bool:
    call = operation.call
    if not isinstance(call, MessageCall) or operation.role or operation.adopts:
        return False
    if any(borrow.mode is BorrowMode.TAKE for borrow in operation.borrows):
        return False
    callback = call.callback.acquisitions if call.callback is not None else ()
    return all(_all_short(contract, found, short) for found in (call.response.acquisitions, callback))


def _all_short(contract: Contract, acquisitions: tuple[str, ...], short: dict[str, int]) -> bool:
    if len(acquisitions) > 1:
        return False
    for name in acquisitions:
        arrival = contract.arrivals[name]
        path = arrival.acquisition.path
        if arrival.kind.name not in short or path is None or any(step.repeated for step in path.steps):
            return False
    return True


def _fold(
    contract: Contract, number: int, arm: int, acquisitions: tuple[str, ...], short: dict[str, int]
) -> Fold:
    if not acquisitions:
        return Fold(number, arm)
    arrival = contract.arrivals[acquisitions[0]]
    return Fold(number, arm, short[arrival.kind.name], ((arm,) if arm else ()) + arrival.numbers)


def _short_kinds(binding: Binding) -> tuple[str, ...]:
    taken = {
        borrow.kind for o in binding.operations for borrow in o.borrows if borrow.mode is BorrowMode.TAKE
    }
    return tuple(
        kind.name
        for kind in binding.kinds
        if kind.lifetime is Lifetime.FRAME or (kind.lifetime is Lifetime.CLAIMED and kind.name not in taken)
    )


def _arrival(binding: Binding, schema: Schema, envelope: Envelope, acquisition: Acquisition) -> Arrival:
    assert acquisition.path is not None
    kind = binding.kind(acquisition.kind)
    numbers = numbers_of(acquisition.path)
    owned = len(numbers)
    key: tuple[int, ...] = ()
    if not acquisition.transfers and kind.owned_message is not None and kind.handle_field is not None:
        numbers += _named(schema, kind.owned_message, kind.handle_field)
        handle = schema.message(kind.owned_message)
        field = handle.field(kind.handle_field) if handle is not None else None
        if field is not None and field.message is not None:
            numbers += _named(schema, field.message, envelope.owned_id)
        if kind.key is not None and kind.info_field is not None and kind.info_message is not None:
            key = _named(schema, kind.owned_message, kind.info_field) + _named(
                schema, kind.info_message, kind.key.field
            )
    return Arrival(acquisition, kind, numbers, owned, key)


def numbers_of(path: FieldPath) -> tuple[int, ...]:
    """The field numbers of a path."""
    return tuple(step.number for step in path.steps)


def numbers_along(schema: Schema, root: str, dotted: str) -> tuple[int, ...]:
    """The field numbers of a path that is written as text, empty when it does not exist."""
    numbers: list[int] = []
    at: str | None = root
    for name in dotted.replace("?", "").replace("[]", "").split("."):
        message = schema.message(at) if at is not None else None
        field = message.field(name) if message is not None else None
        if field is None:
            return ()
        numbers.append(field.number)
        at = field.message
    return tuple(numbers)


def _named(schema: Schema, message: str, field: str) -> tuple[int, ...]:
    return numbers_along(schema, message, field)


def _fields(schema: Schema, name: str) -> Iterable[Field]:
    message = schema.message(name)
    return message.fields if message is not None else ()


def _digest(binding: Binding, schema: Schema) -> str:
    text = "\n".join(
        [
            schema.digest,
            *(f"{f.name} {f.type}" for f in binding.entry_points.functions),
            *_short_kinds(binding),
        ]
    )
    return hashlib.sha256(text.encode()).hexdigest()[:32]
