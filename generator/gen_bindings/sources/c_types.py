"""The boundary's view of C types: what each is there, and which cannot cross it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from clang.cindex import CursorKind, TypeKind

from gen_bindings.errors import SourceError
from gen_bindings.model.abi import CType, FunctionType, Parameter, Primitive

# The bindings' cursors and types carry no annotations of their own.
Cursor = Any
Type = Any

_NAMED = {
    **{f"{sign}int{kind}{bits}_t": Primitive(f"{sign}int{bits}")
       for sign in ("", "u") for kind in ("", "_least") for bits in (8, 16, 32, 64)},
    "intmax_t": Primitive.INT64,
    "uintmax_t": Primitive.UINT64,
    "size_t": Primitive.SIZE,
    "rsize_t": Primitive.SIZE,
    "uintptr_t": Primitive.SIZE,
    "ssize_t": Primitive.SSIZE,
    "ptrdiff_t": Primitive.SSIZE,
    "intptr_t": Primitive.SSIZE,
}  # fmt: skip
_BUILT_IN = {
    TypeKind.VOID: Primitive.VOID,
    TypeKind.BOOL: Primitive.BOOL,
    TypeKind.CHAR_S: Primitive.CHAR,
    TypeKind.CHAR_U: Primitive.CHAR,
    TypeKind.SCHAR: Primitive.INT8,
    TypeKind.UCHAR: Primitive.UINT8,
    TypeKind.SHORT: Primitive.INT16,
    TypeKind.USHORT: Primitive.UINT16,
    TypeKind.INT: Primitive.INT32,
    TypeKind.UINT: Primitive.UINT32,
    TypeKind.LONG: Primitive.LONG,
    TypeKind.ULONG: Primitive.ULONG,
    TypeKind.LONGLONG: Primitive.INT64,
    TypeKind.ULONGLONG: Primitive.UINT64,
    TypeKind.FLOAT: Primitive.FLOAT,
    TypeKind.DOUBLE: Primitive.DOUBLE,
}
_DIFFERS = "has another size on other platforms"
_REFUSED_NAMES = {
    "wchar_t": _DIFFERS,
    **{f"{sign}int_fast{bits}_t": _DIFFERS for sign in ("", "u") for bits in (8, 16, 32, 64)},
    "va_list": "is a variable argument list",
    "__builtin_va_list": "is a variable argument list",
}
_REFUSED_KINDS = {
    TypeKind.LONGDOUBLE: _DIFFERS,
    TypeKind.WCHAR: _DIFFERS,
    TypeKind.VECTOR: "is a vector",
    TypeKind.EXTVECTOR: "is a vector",
    TypeKind.COMPLEX: "is a complex number",
    TypeKind.LVALUEREFERENCE: "is a C++ reference",
    TypeKind.RVALUEREFERENCE: "is a C++ reference",
    TypeKind.MEMBERPOINTER: "is a C++ member pointer",
    TypeKind.BLOCKPOINTER: "is a block",
}

_FIXED = "Use a fixed-width integer, a floating-point number, bool, size_t or a pointer to one."


def signature(
    type_: Type, parameters: Sequence[Cursor], place: Cursor, subject: str, joint: str
) -> FunctionType:
    """The types of a function.

    Args:
        place: where it is declared or used.
        subject: what has the type, for the error; ``joint`` leads from it to the result and the parameters.

    Raises:
        SourceError: a type cannot be represented; the message names file and line.
    """
    result = _type(type_.get_result(), place, f"{subject}{joint} result")
    if type_.kind == TypeKind.FUNCTIONNOPROTO:
        return FunctionType(result, ())
    if type_.is_function_variadic():
        raise refuse(place, f"{subject} is variadic", "Declare fixed parameters.")
    types = list(type_.argument_types())
    if len(parameters) != len(types):
        # Inside a type the parser lists parameters only where they are written out.
        return FunctionType(
            result,
            tuple(
                Parameter("", _type(parameter, place, f"{subject}{joint} parameter {number}"))
                for number, parameter in enumerate(types, start=1)
            ),
        )
    return FunctionType(
        result,
        tuple(
            Parameter(
                cursor.spelling,
                _type(cursor.type, cursor, f"{subject}{joint} parameter {cursor.spelling or number}"),
            )
            for number, cursor in enumerate(parameters, start=1)
        ),
    )


def _type(type_: Type, place: Cursor, subject: str) -> CType:
    """The boundary's view of a type.

    Args:
        place: where it is used; parameters of an inline function pointer are declared below it.
        subject: what has the type, for the error.
    """
    const = bool(type_.is_const_qualified())
    kind = type_.kind
    name = type_.get_declaration().spelling
    if kind == TypeKind.ELABORATED:
        return _const(_type(type_.get_named_type(), place, subject), const)
    if kind in (TypeKind.TYPEDEF, TypeKind.UNEXPOSED):
        return _const(_named_type(type_, place, subject), const)
    if kind in _BUILT_IN:
        return CType(primitive=_BUILT_IN[kind], const=const)
    if kind == TypeKind.POINTER:
        return _const(_pointer(type_.get_pointee(), place, subject), const)
    if kind in (TypeKind.CONSTANTARRAY, TypeKind.INCOMPLETEARRAY):
        return _pointer(type_.element_type, place, subject)
    if kind == TypeKind.ENUM:
        return CType(primitive=enum_type(type_.get_declaration()), const=const, alias=name)
    if kind in (TypeKind.FUNCTIONPROTO, TypeKind.FUNCTIONNOPROTO):
        return CType(function=_callback(type_, place, subject))
    if kind == TypeKind.RECORD:
        sort = _sort(type_.get_declaration())
        instead = "Pass a pointer to an opaque struct, or its parts."
        raise refuse(place, f"{subject} is the {sort} {name} by value", instead)
    why = _REFUSED_KINDS.get(kind, "has no counterpart at a C boundary")
    raise refuse(place, f"{subject} has the type {type_.spelling}, which {why}", _FIXED)


def _named_type(type_: Type, place: Cursor, subject: str) -> CType:
    name = type_.spelling.removeprefix("const ").rpartition("::")[2]
    if name in _NAMED:
        return CType(primitive=_NAMED[name])
    if name in _REFUSED_NAMES:
        raise refuse(place, f"{subject} has the type {name}, which {_REFUSED_NAMES[name]}", _FIXED)
    if type_.kind == TypeKind.UNEXPOSED:
        raise refuse(
            place, f"{subject} has the type {type_.spelling}, which is reached by a using declaration", _FIXED
        )
    declaration = type_.get_declaration()
    resolved = _type(declaration.underlying_typedef_type, declaration, subject)
    return replace(resolved, alias=name)


def _pointer(pointee: Type, place: Cursor, subject: str) -> CType:
    canonical = pointee.get_canonical()
    if canonical.kind in (TypeKind.FUNCTIONPROTO, TypeKind.FUNCTIONNOPROTO):
        return _type(pointee, place, subject)
    if canonical.kind in (TypeKind.CONSTANTARRAY, TypeKind.INCOMPLETEARRAY, TypeKind.VARIABLEARRAY):
        raise refuse(
            place,
            f"{subject} has the type {pointee.spelling} behind a pointer, an array",
            "Pass a pointer to its elements.",
        )
    if canonical.kind == TypeKind.RECORD:
        return CType(pointee=_opaque(pointee, canonical.get_declaration(), place, subject))
    return CType(pointee=_type(pointee, place, subject))


def _opaque(type_: Type, declaration: Cursor, place: Cursor, subject: str) -> CType:
    definition = declaration.get_definition()
    if definition is not None and any(True for _ in definition.type.get_fields()):
        raise refuse(
            place,
            f"{subject} points to the {_sort(definition)} {definition.spelling}, "
            f"whose fields the caller would have to lay out ({origin(definition)})",
            "Leave the struct incomplete in the header, or pass its parts.",
        )
    used = type_.get_declaration().spelling
    return CType(
        opaque=declaration.spelling,
        const=bool(type_.get_canonical().is_const_qualified()),
        alias=used if used != declaration.spelling else "",
    )


def _callback(type_: Type, place: Cursor, subject: str) -> FunctionType:
    parameters = [child for child in place.get_children() if child.kind == CursorKind.PARM_DECL]
    return signature(type_, parameters, place, subject, ", its")


def _const(type_: CType, const: bool) -> CType:
    return replace(type_, const=True) if const and type_.function is None else type_


def type_or_none(type_: Type, place: Cursor) -> CType | None:
    """The boundary's view of the type of a constant, where there is one."""
    # A constant's value says enough where its type does not matter at the boundary.
    try:
        return _type(type_, place, place.spelling)
    except SourceError:
        return None


def enum_type(declaration: Cursor) -> Primitive:
    """The integer that stands for an enum."""
    chain = declaration.enum_type
    named = _NAMED.get(chain.spelling.rpartition("::")[2])
    return named or _BUILT_IN[chain.get_canonical().kind]


def _sort(declaration: Cursor) -> str:
    return {CursorKind.UNION_DECL: "union", CursorKind.CLASS_DECL: "class"}.get(declaration.kind, "struct")


def origin(cursor: Cursor) -> str:
    """File and line."""
    return f"{cursor.location.file.name}:{cursor.location.line}"


def refuse(cursor: Cursor, found: str, instead: str) -> SourceError:
    """The error about what bindings cannot represent."""
    return SourceError(f"{origin(cursor)}: {found}; bindings cannot represent that. {instead}")
