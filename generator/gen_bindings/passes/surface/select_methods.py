"""Decides which operations are methods of which class, and which have a second one that does not wait."""

from __future__ import annotations

from gen_bindings.model.binding import Binding, FunctionCall, MessageCall, Operation, ParameterSource

_ASYNC = "Async"
# The generated code itself calls these.
_WITHOUT_METHOD = ("shutdown", "close")


def operations_of(binding: Binding, kind: str | None, role: str | None) -> tuple[Operation, ...]:
    """Operations that are messages: with roles, a role's own ones stand in the role's class."""
    return tuple(
        o
        for o in binding.operations
        if isinstance(o.call, MessageCall)
        and o.receiver == kind
        and o.receiver_role == role
        and o.role not in _WITHOUT_METHOD
    )


def functions_of(binding: Binding, kind: str | None, role: str | None) -> tuple[Operation, ...]:
    """Operations that are plain functions."""
    return tuple(
        o
        for o in binding.operations
        if isinstance(o.call, FunctionCall) and o.receiver == kind and o.receiver_role == role
    )


def is_push(operation: Operation) -> bool:
    """A caller may not want to wait for what only says that memory was taken over (a frame, a packet)."""
    call = operation.call
    if not isinstance(call, MessageCall) or call.callback is None or call.async_id is None:
        return False
    takes_memory = any(f.source in (ParameterSource.MEMORY, ParameterSource.STRUCT) for f in operation.fields)
    return takes_memory and not call.callback.acquisitions and not call.callback.values


def push_name(operation: Operation) -> str:
    """The method that sends and does not wait."""
    return operation.method.removesuffix(_ASYNC)


def late_name(operation: Operation) -> str:
    """The method that deals with a success for which nobody waits any more."""
    return "Late" + operation.method.removesuffix(_ASYNC)


def method_names(operation: Operation) -> tuple[str, ...]:
    """Every method of an operation."""
    return (push_name(operation), operation.method) if is_push(operation) else (operation.method,)
