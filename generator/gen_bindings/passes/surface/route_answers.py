"""Decides which cases of the event envelope answer operations, and which are read only to release handles."""

from __future__ import annotations

from gen_bindings.model.binding import MessageCall
from gen_bindings.model.native import CallbackCase, DiscardCase
from gen_bindings.passes.surface.scope import Scope


def route_callbacks(scope: Scope) -> tuple[CallbackCase, ...]:
    """The callbacks by number, each with the field that echoes the operation's id."""
    cases: dict[int, int] = {}
    for operation in scope.binding.operations:
        if isinstance(operation.call, MessageCall) and operation.call.callback is not None:
            callback = operation.call.callback
            assert callback.async_id is not None
            cases[callback.number] = scope.cs_field(callback.message, callback.async_id).number
    return tuple(CallbackCase(number, cases[number]) for number in sorted(cases))


def route_discards(scope: Scope) -> tuple[DiscardCase, ...]:
    """Callbacks and events that bring handles, by number, with their messages."""
    cases: dict[int, str] = {}
    for operation in scope.binding.operations:
        callback = operation.call.callback if isinstance(operation.call, MessageCall) else None
        if callback is not None and callback.acquisitions:
            cases[callback.number] = scope.message_type(callback.message)
    for delivery in scope.binding.deliveries:
        if delivery.acquisitions:
            cases[delivery.route.number] = scope.message_type(delivery.route.message)
    return tuple(DiscardCase(number, cases[number]) for number in sorted(cases))
