"""Decides how the SafeHandle of each kind releases, and whether it sends a closing request before."""

from __future__ import annotations

from gen_bindings.model.binding import Binding, BorrowMode, Kind, MessageCall
from gen_bindings.model.native import CloseRequest, HandleClass
from gen_bindings.model.surface import Column
from gen_bindings.passes.surface.scope import Scope
from gen_bindings.passes.surface.type_functions import cs_type

_OTHER = "other"


def shape_handles(scope: Scope) -> tuple[HandleClass, ...]:
    """One per kind, in the model's order."""
    return tuple(_handle(scope, kind) for kind in scope.binding.kinds)


def columns(binding: Binding) -> tuple[Column, ...]:
    """Columns of the diagnostics line with the kinds that each counts."""
    names = list(binding.columns)
    if _OTHER not in names:
        names.append(_OTHER)
    return tuple(Column(name, tuple(k.name for k in binding.kinds if k.column == name)) for name in names)


def _handle(scope: Scope, kind: Kind) -> HandleClass:
    function = scope.function(kind.release.function)
    native = cs_type(function.type.parameters[0].type, function.origin)
    return HandleClass(
        name=kind.name,
        handle=scope.handle_class(kind),
        release=kind.release.function,
        answers=kind.release.answers,
        self_released=kind.release.self_released,
        cast="" if native == "ulong" else native,
        doc=kind.doc or f"A native {kind.name}.",
        close=_close(scope, kind),
    )


def _close(scope: Scope, kind: Kind) -> CloseRequest | None:
    if kind.release.close_operation is None:
        return None
    operation = scope.binding.operation(kind.release.close_operation)
    call = operation.call
    borrow = next((b for b in operation.borrows if b.kind == kind.name and len(b.path.steps) == 1), None)
    if not isinstance(call, MessageCall) or call.inner is not None or borrow is None:
        return None
    return CloseRequest(
        number=call.number,
        handle=scope.last_field(borrow.path).number,
        async_id=scope.cs_field(call.message, call.async_id).number if call.async_id else 0,
        consumes=borrow.mode is BorrowMode.TAKE,
        is_delimited=scope.case_field(call).is_delimited,
    )
