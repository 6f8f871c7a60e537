"""What is to be read from each message: which handles it names and brings, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from gen_bindings.model.binding import (
    Answer,
    Binding,
    Borrow,
    BorrowMode,
    Delivery,
    MessageCall,
    Operation,
    Place,
)
from gen_bindings.model.schema import Schema
from gen_bindings.trace.paths import Arrival, Numbers, numbers_along, numbers_of


@dataclass(frozen=True, slots=True)
class Named:
    """A handle that a request names."""

    numbers: Numbers
    kind: str
    mode: BorrowMode
    optional: bool
    adopted: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """A response or a callback.

    Attributes:
        number: case of the envelope.
        inner: case inside it in which the handles arrive, 0 for none.
        async_id: field with the asynchronous id, 0 for none.
        failure: path of the field that tells a failure, empty for none.
    """

    number: int
    inner: int
    async_id: int
    failure: Numbers
    arrivals: tuple[Arrival, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A request with its response and callback.

    Attributes:
        inner: case inside the request that tells it from others with the same number, 0 for none.
        async_id: field of the request for an id that the client chooses, 0 for none.
        ends: the kind whose session it closes, empty for none.
    """

    operation: Operation
    number: int
    inner: int
    async_id: int
    names: tuple[Named, ...]
    response: Reply
    callback: Reply | None
    ends: str

    @property
    def name(self) -> str:
        """The operation's name."""
        return self.operation.name


@dataclass(frozen=True, slots=True)
class Heard:
    """An event that comes by itself.

    Attributes:
        keys: for arrivals whose parent a key names, the way to that key, by acquisition.
    """

    delivery: Delivery
    arrivals: tuple[Arrival, ...]
    keys: dict[str, Numbers]


def plan_of(binding: Binding, schema: Schema, arrivals: dict[str, Arrival], operation: Operation) -> Plan:
    """The plan of an operation that is a message."""
    call = operation.call
    assert isinstance(call, MessageCall)
    ends = next((s.kind for s in binding.sessions if s.close == operation.name), "")
    inner = call.inner_response.number if call.inner_response is not None else 0
    return Plan(
        operation=operation,
        number=call.number,
        inner=call.inner.number if call.inner is not None else 0,
        async_id=_field(schema, call.message, call.async_id),
        names=tuple(_named(call, operation, borrow) for borrow in operation.borrows),
        response=_reply(schema, arrivals, call.response, inner),
        callback=_reply(schema, arrivals, call.callback, 0) if call.callback is not None else None,
        ends=ends,
    )


def heard_of(schema: Schema, arrivals: dict[str, Arrival], delivery: Delivery) -> Heard:
    """What an event brings."""
    found = tuple(arrivals[name] for name in delivery.acquisitions)
    keys = {
        arrival.acquisition.id: numbers_along(schema, delivery.message, arrival.acquisition.placement.via)
        for arrival in found
        if arrival.acquisition.placement.place in (Place.KEY, Place.REPLACED)
    }
    return Heard(delivery, found, keys)


def _named(call: MessageCall, operation: Operation, borrow: Borrow) -> Named:
    numbers = numbers_of(borrow.path)
    if call.inner is not None and borrow.path.root != call.message:
        numbers = (call.inner.number, *numbers)
    adopted = borrow.path.plain == operation.adopts
    return Named(numbers, borrow.kind, borrow.mode, borrow.optional, adopted)


def _reply(schema: Schema, arrivals: dict[str, Arrival], answer: Answer, inner: int) -> Reply:
    found = tuple(arrivals[name] for name in answer.acquisitions)
    path = found[0].acquisition.path if found else None
    within = inner if path is not None and path.root != answer.message else 0
    failure = numbers_of(answer.failure.path) if answer.failure is not None else ()
    return Reply(answer.number, within, _field(schema, answer.message, answer.async_id), failure, found)


def _field(schema: Schema, message: str, name: str | None) -> int:
    numbers = numbers_along(schema, message, name) if name else ()
    return numbers[-1] if numbers else 0
