"""Requests that take a handle, where the wrapper is not told so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gen_bindings.model.binding import BorrowMode
from gen_bindings.validate.answers import givers
from gen_bindings.validate.facts import Call, Literal, Member, Method, Name, walk

if TYPE_CHECKING:
    from gen_bindings.validate.checks.base import Context

_DEPTH = 3


def untold(context: Context) -> Iterator[tuple[Call, str]]:
    """(request, operation) where a request is sent under the name of an operation that takes a handle, and
    the method around it marks no wrapper."""
    program = context.program
    taking = {
        operation.name
        for operation in context.binding.operations
        if any(borrow.mode is BorrowMode.TAKE for borrow in operation.borrows)
    }
    marking = _marking(context) if taking else set()
    if not marking:
        # Nothing is ever marked: wrappers are given up in another way, which is not known.
        return
    for giver in givers(context):
        for call in program.calls.get(giver.name, ()):
            texts = [a.value.text for a in call.arguments if isinstance(a.value, Literal)]
            names = [text for text in texts if text in taking]
            method = program.method_at(call)
            if not names or method is None or giver not in program.resolve_call(call):
                continue
            calls = [node for node in walk(method.body) if isinstance(node, Call)]
            if not any(marking.intersection(program.resolve_call(node)) for node in calls):
                yield call, names[0]


def _marking(context: Context) -> set[Method]:
    """Methods that make a wrapper forget its handle."""
    program = context.program
    found: set[Method] = set()
    names = {"SetHandleAsInvalid"}
    for _ in range(_DEPTH):
        for name in sorted(names):
            for call in program.calls.get(name, ()):
                own = found.intersection(program.resolve_call(call)) or name == "SetHandleAsInvalid"
                method = program.method_at(call)
                if own and method is not None and not method.parameters and _only_marks(call):
                    found.add(method)
        names = {method.name for method in found}
    return found


def _only_marks(call: Call) -> bool:
    return not call.arguments and isinstance(call.target, Name | Member)
