"""Decides the C# type of every protobuf scalar, and how a default is written in C#."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from gen_bindings.model.schema import Scalar


@dataclass(frozen=True, slots=True)
class ScalarType:
    """How a scalar is written in C# and on the wire; the attributes are those of ``CsType``."""

    name: str
    wire_type: int
    codec: str
    default: str
    is_set: str = "{0} != 0"
    is_value: bool = True


SCALARS = {
    Scalar.DOUBLE: ScalarType("double", 1, "Double", "0D", "!writer.IsZero({0})"),
    Scalar.FLOAT: ScalarType("float", 5, "Float", "0F", "!writer.IsZero({0})"),
    Scalar.INT32: ScalarType("int", 0, "Int32", "0"),
    Scalar.INT64: ScalarType("long", 0, "Int64", "0L"),
    Scalar.UINT32: ScalarType("uint", 0, "UInt32", "0U"),
    Scalar.UINT64: ScalarType("ulong", 0, "UInt64", "0UL"),
    Scalar.SINT32: ScalarType("int", 0, "SInt32", "0"),
    Scalar.SINT64: ScalarType("long", 0, "SInt64", "0L"),
    Scalar.FIXED32: ScalarType("uint", 5, "Fixed32", "0U"),
    Scalar.FIXED64: ScalarType("ulong", 1, "Fixed64", "0UL"),
    Scalar.SFIXED32: ScalarType("int", 5, "SFixed32", "0"),
    Scalar.SFIXED64: ScalarType("long", 1, "SFixed64", "0L"),
    Scalar.BOOL: ScalarType("bool", 0, "Bool", "false", "{0}"),
    Scalar.STRING: ScalarType("string", 2, "String", '""', "!string.IsNullOrEmpty({0})", is_value=False),
    Scalar.BYTES: ScalarType(
        "byte[]", 2, "Bytes", "NoBytes", "{0} != null && {0}.Length != 0", is_value=False
    ),
}


def enum_literal(name: str, number: int) -> str:
    """An enum's value by its number: a property called like the enum may hide it in expressions."""
    return f"({name})({number})" if number < 0 else f"({name}){number}"


def scalar_literal(scalar: Scalar, default: str) -> str:
    """A C# expression for a default as a descriptor writes it."""
    if scalar is Scalar.STRING:
        return _string_literal(default)
    if scalar is Scalar.BYTES:
        values = ", ".join(str(byte) for byte in _unescape(default))
        return f"new byte[] {{ {values} }}" if values else SCALARS[scalar].default
    if scalar is Scalar.BOOL:
        return default
    if scalar in (Scalar.FLOAT, Scalar.DOUBLE):
        return _float_literal(scalar, float(default))
    suffix = {"int": "", "uint": "U", "long": "L", "ulong": "UL"}[SCALARS[scalar].name]
    return default + suffix


def _float_literal(scalar: Scalar, value: float) -> str:
    name, suffix = ("float", "F") if scalar is Scalar.FLOAT else ("double", "D")
    if math.isnan(value):
        return f"{name}.NaN"
    if math.isinf(value):
        return f"{name}.{'PositiveInfinity' if value > 0 else 'NegativeInfinity'}"
    return f"{value!r}{suffix}"


def _string_literal(text: str) -> str:
    def escape(match: re.Match[str]) -> str:
        character = match.group()
        if character in '"\\':
            return "\\" + character
        code = ord(character)
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

    return '"' + re.sub(r'["\\]|[^ -~]', escape, text) + '"'


_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
_SIMPLE_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}


def _unescape(text: str) -> bytes:
    """The bytes that a descriptor's C-escaped default of a bytes field stands for."""

    def replace(match: re.Match[bytes]) -> bytes:
        octal, hexadecimal, simple = match.groups()
        if octal is not None:
            return bytes([int(octal, 8)])
        if hexadecimal is not None:
            return bytes([int(hexadecimal, 16)])
        return _SIMPLE_ESCAPES.get(simple, simple)

    return _ESCAPE.sub(replace, text.encode("utf-8"))
