"""Decides the blittable C# types of entry points, their parameters and the header's constants."""

from __future__ import annotations

from gen_bindings.errors import SourceError
from gen_bindings.model.abi import Constant, CType, Function, FunctionType, Primitive
from gen_bindings.model.native import NativeCallback, NativeConstant, NativeFunction, NativeParameter
from gen_bindings.model.surface import NativeLayer
from gen_bindings.naming import camel
from gen_bindings.passes.surface.read_comments import read_comment
from gen_bindings.passes.surface.scope import Scope

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
_NOT_A_LITERALS_TYPE = (
    Primitive.LONG,
    Primitive.ULONG,
    Primitive.SIZE,
    Primitive.SSIZE,
    Primitive.BOOL,
)


def type_functions(scope: Scope) -> NativeLayer:
    """Every entry point as a declaration.

    Raises:
        SourceError: a type has no width that is the same on every target.
    """
    entry_points = scope.binding.entry_points
    return NativeLayer(
        library=entry_points.library,
        functions=tuple(_function(f) for f in entry_points.functions),
        constants=tuple(_constant(c) for c in scope.binding.header.constants),
    )


def type_callback(scope: Scope) -> NativeCallback | None:
    """The native callback, if the library has one."""
    shape = scope.binding.entry_points.callback
    if shape is None:
        return None
    parameters = _parameters(shape.type, "the callback")
    return NativeCallback(parameters, parameters[shape.data].name, parameters[shape.size].name)


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


def parameter_names(type_: FunctionType) -> tuple[str, ...]:
    """C# names of the parameters, made up where the header gives none."""
    return tuple(camel(p.name) if p.name else f"argument{i}" for i, p in enumerate(type_.parameters))


def _parameters(type_: FunctionType, origin: str) -> tuple[NativeParameter, ...]:
    pairs = zip(type_.parameters, parameter_names(type_), strict=True)
    return tuple(NativeParameter(name, cs_type(p.type, origin)) for p, name in pairs)


def _function(function: Function) -> NativeFunction:
    comment = read_comment(function.doc)
    texts = dict(comment.parameters)
    pairs = zip(function.type.parameters, parameter_names(function.type), strict=True)
    return NativeFunction(
        name=function.name,
        result=cs_type(function.type.result, function.origin),
        parameters=tuple(
            NativeParameter(
                name,
                cs_type(p.type, function.origin),
                (texts.get(p.name) or f"The {name}.") if texts else "",
            )
            for p, name in pairs
        ),
        doc=comment.summary or f"The entry point {function.name}.",
        returns_doc=comment.returns,
    )


def _constant(constant: Constant) -> NativeConstant:
    primitive = constant.type.primitive if constant.type is not None else None
    if primitive is None or primitive in _NOT_A_LITERALS_TYPE:
        fits = -(2**31) <= constant.value < 2**31
        type_ = "int" if fits else "long" if constant.value < 2**63 else "ulong"
    else:
        type_ = _BLITTABLE[primitive]
    return NativeConstant(
        constant.name, type_, str(constant.value), constant.doc or f"The constant {constant.name}."
    )
