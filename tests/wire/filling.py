"""Hypothesis strategies: messages of any type filled at random, unknown fields, and damaged bytes."""

from __future__ import annotations

import math
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from hypothesis import strategies as st

_F = FieldDescriptor
_LIMITS = {
    _F.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    _F.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    _F.CPPTYPE_UINT32: (0, 2**32 - 1),
    _F.CPPTYPE_UINT64: (0, 2**64 - 1),
}


def _integers(low: int, high: int) -> st.SearchStrategy[int]:
    # Where a varint grows by a byte, and where a sign or a width goes wrong.
    edges = [
        low,
        high,
        0,
        1,
        -1,
        -64,
        -65,
        63,
        64,
        127,
        128,
        16383,
        16384,
        2**31 - 1,
        2**31,
        2**32 - 1,
        2**32,
    ]
    return st.one_of(st.sampled_from([e for e in edges if low <= e <= high]), st.integers(low, high))


_TEXT = st.one_of(
    st.text(max_size=6), st.sampled_from(["", "é€\U0001f600\0", "x" * 127, "ü" * 64, "y" * 20000])
)
_BYTES = st.one_of(st.binary(max_size=6), st.sampled_from([b"", bytes(127), bytes(128), b"\xff" * 300]))
_INTEGERS = {kind: _integers(*limits) for kind, limits in _LIMITS.items()}
_FLOATS = {
    _F.CPPTYPE_FLOAT: st.floats(width=32, allow_nan=False) | st.sampled_from([math.nan, -0.0, math.inf]),
    _F.CPPTYPE_DOUBLE: st.floats(allow_nan=False) | st.sampled_from([math.nan, -0.0, math.inf]),
}
_SIZES = st.sampled_from([0, 0, 1, 2, 3])


@st.composite
def messages(draw: st.DrawFn, cls: Any, depth: int = 3) -> Any:
    """An initialized message of class ``cls``, filled down to ``depth``."""
    message = cls()
    _fill(draw, message, depth)
    return message


def _fill(draw: st.DrawFn, message: Any, depth: int) -> None:
    descriptor: Descriptor = message.DESCRIPTOR
    for oneof in descriptor.oneofs:
        member = draw(st.sampled_from([None, *oneof.fields]))
        if member is not None:
            _set(draw, message, member, depth)
    for field in all_fields(descriptor):
        if field.containing_oneof is not None:
            continue
        if field.is_repeated:
            _add(draw, message, field, depth)
        elif field.is_required or draw(st.booleans()):
            _set(draw, message, field, depth)


def all_fields(descriptor: Descriptor) -> list[FieldDescriptor]:
    """The fields of a message and the extensions that its pool knows of it."""
    return [*descriptor.fields, *descriptor.file.pool.FindAllExtensions(descriptor)]


def held(message: Any, field: FieldDescriptor) -> Any:
    """What a message has in a field or an extension."""
    return message.Extensions[field] if field.is_extension else getattr(message, field.name)


def put(message: Any, field: FieldDescriptor, value: Any) -> None:
    """Gives a field or an extension a value that is no message."""
    if field.is_extension:
        message.Extensions[field] = value
    else:
        setattr(message, field.name, value)


def _set(draw: st.DrawFn, message: Any, field: FieldDescriptor, depth: int) -> None:
    if field.message_type is None:
        put(message, field, draw(_values(field)))
    elif depth > 0 or _must_fill(field):
        nested = held(message, field)
        nested.SetInParent()
        _fill(draw, nested, depth - 1)


def _must_fill(field: FieldDescriptor) -> bool:
    return bool(field.is_required or any(nested.is_required for nested in field.message_type.fields))


def _add(draw: st.DrawFn, message: Any, field: FieldDescriptor, depth: int) -> None:
    size = draw(_SIZES)
    values = held(message, field)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
        for _ in range(size):
            if value.message_type is None:
                values[draw(_values(key))] = draw(_values(value))
            elif depth > 0:
                _fill(draw, values[draw(_values(key))], depth - 1)
    elif field.message_type is None:
        values.extend([draw(_values(field)) for _ in range(size)])
    elif depth > 0:
        for _ in range(size):
            _fill(draw, values.add(), depth - 1)


def _values(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.cpp_type in _INTEGERS:
        return _INTEGERS[field.cpp_type]
    if field.cpp_type in _FLOATS:
        return _FLOATS[field.cpp_type]
    if field.cpp_type == _F.CPPTYPE_BOOL:
        return st.booleans()
    if field.cpp_type == _F.CPPTYPE_ENUM:
        known = [value.number for value in field.enum_type.values]
        return st.sampled_from(known if field.enum_type.is_closed else [*known, 77, -77, 2**31 - 1])
    return _TEXT if field.type == _F.TYPE_STRING else _BYTES


def varint(value: int) -> bytes:
    """``value`` as a varint."""
    out = bytearray()
    value &= 2**64 - 1
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


@st.composite
def unknown_fields(draw: st.DrawFn, descriptor: Descriptor) -> bytes:
    """A few well-formed fields whose numbers the message does not have."""
    taken = {field.number for field in all_fields(descriptor)}
    out = b""
    for _ in range(draw(st.integers(1, 3))):
        number = draw(st.sampled_from([n for n in (19, 999, 2049, 50001, 536870910) if n not in taken]))
        out += draw(_unknown(number))
    return out


def _unknown(number: int) -> st.SearchStrategy[bytes]:
    start, end = varint(number << 3 | 3), varint(number << 3 | 4)
    return st.one_of(
        _INTEGERS[_F.CPPTYPE_UINT64].map(lambda value: varint(number << 3) + varint(value)),
        st.binary(min_size=8, max_size=8).map(lambda value: varint(number << 3 | 1) + value),
        _BYTES.map(lambda value: varint(number << 3 | 2) + varint(len(value)) + value),
        st.binary(min_size=4, max_size=4).map(lambda value: varint(number << 3 | 5) + value),
        st.sampled_from([b"", b"\x08\x01", b"\x0b\x0c", b"\x12\x02\x0b\x0c"]).map(
            lambda inner: start + inner + end
        ),
    )


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """``data`` after one or two small accidents."""
    out = bytearray(data)
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(out)))
        how = draw(st.sampled_from(["flip", "cut", "insert", "delete", "wire type"]))
        if how == "cut":
            del out[at:]
        elif how == "insert":
            out[at:at] = draw(st.sampled_from([b"\0", b"\x80", b"\xff" * 10, b"\x0b", b"\x0c"]))
        elif at < len(out):
            if how == "flip":
                out[at] ^= 1 << draw(st.integers(0, 7))
            elif how == "delete":
                del out[at]
            else:
                out[at] = out[at] & 0xF8 | draw(st.integers(0, 7))
    return bytes(out)
