"""Views of the lowest layer: entry points as P/Invoke declarations, and one SafeHandle per kind."""

from __future__ import annotations

from dataclasses import dataclass

from gen_bindings.errors import SourceError
from gen_bindings.model.abi import Constant, CType, Function, FunctionType, Primitive
from gen_bindings.model.binding import BorrowMode, Kind, MessageCall
from gen_bindings.naming import camel
from gen_bindings.render.views.comments import comment_view
from gen_bindings.render.views.context import Context, handle_class

_BLITTABLE = {
    Primitive.VOID: "void",
    Primitive.BOOL: "byte",
    Primitive.CHAR: "byte",
    Primitive.INT8: "sbyte",
    Primitive.UINT8: "byte",
    Primitive.INT16: "short",
    Primitive.UINT16: "ushort",
    Primitive.INT32: "int",
    Primitive.UINT32: "uint",
    Primitive.INT64: "long",
    Primitive.UINT64: "ulong",
    Primitive.SIZE: "UIntPtr",
    Primitive.SSIZE: "IntPtr",
    Primitive.FLOAT: "float",
    Primitive.DOUBLE: "double",
}


def cs_type(type_: CType, origin: str) -> str:
    """The blittable C# type of a C type.

    Raises:
        SourceError: the type has no width that is the same on every target.
    """
    if type_.function is not None:
        return "IntPtr"
    if type_.pointee is not None:
        if type_.pointee.function is not None:
            return "IntPtr"
        return cs_type(type_.pointee, origin) + "*"
    if type_.opaque is not None:
        return "void"
    assert type_.primitive is not None
    if type_.primitive not in _BLITTABLE:
        raise SourceError(
            f"{origin}: the C type {type_.primitive.value} is 32 bits wide on some targets, 64 on others, so "
            "one C# declaration cannot match everywhere; use int32_t or int64_t in the header, or give the "
            "signature in [entry_points.declarations]."
        )
    return _BLITTABLE[type_.primitive]


@dataclass(frozen=True, slots=True)
class FunctionView:
    """A P/Invoke declaration; ``parameter_docs`` are (C# name, text) pairs."""

    entry_point: str
    name: str
    result: str
    parameters: str
    doc: str
    parameter_docs: tuple[tuple[str, str], ...]
    returns: str


@dataclass(frozen=True, slots=True)
class ConstantView:
    """An integer constant of the header."""

    name: str
    type: str
    value: str
    doc: str


@dataclass(frozen=True, slots=True)
class CallbackView:
    """The native callback: its C# parameter list, and which of them are data and size."""

    signature: str
    data: str
    size: str


@dataclass(frozen=True, slots=True)
class CloseView:
    """The request that closes an object before its handle is released, as field numbers; 0: no such field.

    Attributes:
        is_delimited: the request stands between two tags in its envelope.
    """

    number: int
    handle: int
    async_id: int
    consumes: bool
    is_delimited: bool


@dataclass(frozen=True, slots=True)
class HandleView:
    """A kind as its SafeHandle's template sees it."""

    name: str
    handle: str
    release: str
    answers: bool
    self_released: bool
    cast: str
    doc: str
    close: CloseView | None


def parameter_names(type_: FunctionType) -> tuple[str, ...]:
    """C# names of the parameters, made up where the header gives none."""
    return tuple(camel(p.name) if p.name else f"argument{i}" for i, p in enumerate(type_.parameters))


def _parameters(type_: FunctionType, origin: str) -> str:
    names = parameter_names(type_)
    return ", ".join(f"{cs_type(p.type, origin)} {n}" for p, n in zip(type_.parameters, names, strict=True))


def _function(function: Function) -> FunctionView:
    comment = comment_view(function.doc)
    texts = dict(comment.parameters)
    pairs = zip(function.type.parameters, parameter_names(function.type), strict=True)
    return FunctionView(
        entry_point=function.name,
        name=function.name,
        result=cs_type(function.type.result, function.origin),
        parameters=_parameters(function.type, function.origin),
        doc=comment.summary or f"The entry point {function.name}.",
        parameter_docs=tuple((name, texts.get(p.name) or f"The {name}.") for p, name in pairs)
        if texts
        else (),
        returns=comment.returns,
    )


def _constant(constant: Constant) -> ConstantView:
    primitive = constant.type.primitive if constant.type is not None else None
    if primitive in (None, Primitive.LONG, Primitive.ULONG, Primitive.SIZE, Primitive.SSIZE, Primitive.BOOL):
        fits = -(2**31) <= constant.value < 2**31
        type_ = "int" if fits else "long" if constant.value < 2**63 else "ulong"
    else:
        assert primitive is not None
        type_ = _BLITTABLE[primitive]
    return ConstantView(
        constant.name, type_, str(constant.value), constant.doc or f"The constant {constant.name}."
    )


def native_methods(context: Context) -> dict[str, object]:
    """What ``Native/NativeMethods.cs.j2`` renders."""
    entry_points = context.binding.entry_points
    return {
        "library": entry_points.library,
        "functions": [_function(f) for f in entry_points.functions],
        "constants": [_constant(c) for c in context.binding.header.constants],
        "callback": callback(context),
    }


def callback(context: Context) -> CallbackView | None:
    """The native callback, if the library has one."""
    shape = context.binding.entry_points.callback
    if shape is None:
        return None
    names = parameter_names(shape.type)
    return CallbackView(
        signature=_parameters(shape.type, "the callback"),
        data=f"(byte*){names[shape.data]}",
        size=names[shape.size],
    )


def handles(context: Context) -> list[HandleView]:
    """One view per kind, in the model's order."""
    views = []
    for kind in context.binding.kinds:
        function = next(f for f in context.binding.entry_points.functions if f.name == kind.release.function)
        argument = function.type.parameters[0].type
        native = cs_type(argument, function.origin)
        views.append(
            HandleView(
                name=kind.name,
                handle=handle_class(kind),
                release=kind.release.function,
                answers=kind.release.answers,
                self_released=kind.release.self_released,
                cast="" if native == "ulong" else f"({native})",
                doc=kind.doc or f"A native {kind.name}.",
                close=_close(context, kind),
            )
        )
    return views


def _close(context: Context, kind: Kind) -> CloseView | None:
    if kind.release.close_operation is None:
        return None
    operation = context.binding.operation(kind.release.close_operation)
    call = operation.call
    borrow = next((b for b in operation.borrows if b.kind == kind.name and len(b.path.steps) == 1), None)
    if not isinstance(call, MessageCall) or call.inner is not None or borrow is None:
        return None
    handle = borrow.path.last
    return CloseView(
        number=call.number,
        handle=context.cs_field(handle.message, handle.field).number,
        async_id=context.cs_field(call.message, call.async_id).number if call.async_id else 0,
        consumes=borrow.mode is BorrowMode.TAKE,
        is_delimited=context.case_field(call).is_delimited,
    )
