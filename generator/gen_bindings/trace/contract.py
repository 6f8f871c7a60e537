"""What a recording is read by: the messages, kinds and functions of a binding."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from gen_bindings.errors import GenBindingsError
from gen_bindings.model.binding import (
    Binding,
    BorrowMode,
    Kind,
    Lifetime,
    MessageCall,
    Origin,
    RequestCall,
)
from gen_bindings.model.schema import Field, Schema
from gen_bindings.trace.paths import arrival_of
from gen_bindings.trace.plans import Heard, Plan, heard_of, plan_of

REPLY_KIND = "buffer"


class TraceError(GenBindingsError):
    """A recording cannot be made or read."""


@dataclass(frozen=True, slots=True)
class Contract:
    """What a recording is read by.

    Attributes:
        digest: 32 hex digits; a log carries those of the contract it was recorded with.
        functions: entry points in the order of a record's ``function``.
        releases: those that release handles; ``answering`` those of them whose result says whether it did.
        short_kinds: names of short-lived kinds, 1 first; the response buffer is the last.
        requests: plans by their case's number.
        callbacks: one plan for each callback's number; ``deliveries`` the other events.
        by_address: response buffers are named by their address, not by an id.
    """

    binding: Binding
    request: RequestCall
    digest: str
    functions: tuple[str, ...]
    releases: frozenset[str]
    answering: frozenset[str]
    kinds: dict[str, Kind]
    short_kinds: tuple[str, ...]
    requests: dict[int, tuple[Plan, ...]]
    callbacks: dict[int, Plan]
    deliveries: dict[int, tuple[Heard, ...]]
    cases: int
    by_address: bool


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
    arrivals = {
        acquisition.id: arrival_of(binding, schema, envelope, acquisition)
        for acquisition in binding.acquisitions
        if acquisition.origin is not Origin.RETURN and acquisition.path is not None
    }
    requests: dict[int, list[Plan]] = {}
    callbacks: dict[int, Plan] = {}
    for operation in binding.operations:
        if isinstance(operation.call, MessageCall):
            plan = plan_of(binding, schema, arrivals, operation)
            requests.setdefault(plan.number, []).append(plan)
            if plan.callback is not None:
                callbacks.setdefault(plan.callback.number, plan)
    deliveries: dict[int, list[Heard]] = {}
    for delivery in binding.deliveries:
        deliveries.setdefault(delivery.route.number, []).append(heard_of(schema, arrivals, delivery))
    numbers = [
        field.number
        for name in (envelope.request, envelope.response, envelope.event)
        for field in _fields(schema, name)
    ]
    return Contract(
        binding=binding,
        request=request,
        digest=_digest(binding, schema),
        functions=tuple(function.name for function in binding.entry_points.functions),
        releases=frozenset(kind.release.function for kind in binding.kinds),
        answering=frozenset(kind.release.function for kind in binding.kinds if kind.release.answers),
        kinds={kind.name: kind for kind in binding.kinds},
        short_kinds=(*_short_kinds(binding), REPLY_KIND),
        requests={number: tuple(found) for number, found in requests.items()},
        callbacks=callbacks,
        deliveries={number: tuple(found) for number, found in deliveries.items()},
        cases=max(numbers) + 1,
        by_address=request.result != "handle",
    )


def _short_kinds(binding: Binding) -> tuple[str, ...]:
    taken = {
        borrow.kind for o in binding.operations for borrow in o.borrows if borrow.mode is BorrowMode.TAKE
    }
    return tuple(
        kind.name
        for kind in binding.kinds
        if kind.lifetime is Lifetime.FRAME or (kind.lifetime is Lifetime.CLAIMED and kind.name not in taken)
    )


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
