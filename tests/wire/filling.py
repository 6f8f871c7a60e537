"""Hypothesis strategies: messages of any type filled at random, unknown fields, and damaged bytes.

A strategy is made once for what it depends on: to make and check it anew takes longer than to draw from it.
"""

from __future__ import annotations

import math
import zlib
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, OneofDescriptor
from hypothesis import HealthCheck, given, seed, settings
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
_BOOLEANS = st.booleans()
_FEW, _ONE_OR_TWO = st.integers(1, 3), st.integers(1, 2)
_UNKNOWN_NUMBERS = (19, 999, 2049, 50001, 536870910)
_ACCIDENTS = st.sampled_from(["flip", "cut", "insert", "delete", "wire type"])
_INSERTED = st.sampled_from([b"\0", b"\x80", b"\xff" * 10, b"\x0b", b"\x0c"])
_UP_TO_7 = st.integers(0, 7)


@st.composite
def messages(draw: st.DrawFn, cls: Any, depth: int = 3) -> Any:
    """An initialized message of class ``cls``, filled down to ``depth``."""
    message = cls()
    _fill(draw, message, depth)
    return message


def _fill(draw: st.DrawFn, message: Any, depth: int) -> None:
    descriptor: Descriptor = message.DESCRIPTOR
    for oneof in descriptor.oneofs:
        member = draw(_members(oneof))
        if member is not None:
            _set(draw, message, member, depth)
    for field in descriptor.fields:
        if field.containing_oneof is not None:
            continue
        if field.is_repeated:
            _add(draw, message, field, depth)
        elif field.is_required or draw(_BOOLEANS):
            _set(draw, message, field, depth)


def _set(draw: st.DrawFn, message: Any, field: FieldDescriptor, depth: int) -> None:
    if field.message_type is None:
        setattr(message, field.name, draw(_values(field)))
    elif depth > 0 or _must_fill(field):
        nested = getattr(message, field.name)
        nested.SetInParent()
        _fill(draw, nested, depth - 1)


def _must_fill(field: FieldDescriptor) -> bool:
    return bool(field.is_required or any(nested.is_required for nested in field.message_type.fields))


def _add(draw: st.DrawFn, message: Any, field: FieldDescriptor, depth: int) -> None:
    size = draw(_SIZES)
    values = getattr(message, field.name)
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
        return _BOOLEANS
    if field.cpp_type == _F.CPPTYPE_ENUM:
        return _enum_values(field.enum_type)
    return _TEXT if field.type == _F.TYPE_STRING else _BYTES


@cache
def _enum_values(enum: EnumDescriptor) -> st.SearchStrategy[int]:
    known = [value.number for value in enum.values]
    return st.sampled_from(known if enum.is_closed else [*known, 77, -77, 2**31 - 1])


@cache
def _members(oneof: OneofDescriptor) -> st.SearchStrategy[FieldDescriptor | None]:
    return st.sampled_from([None, *oneof.fields])


def examples(cls: Any, count: int) -> list[tuple[bytes, bytes, bytes, bytes]]:
    """As many, the same in every run: a message, unknown fields before and behind it, and it damaged."""
    made: list[tuple[bytes, bytes, bytes, bytes]] = []

    # Told the seed, hypothesis need not read the source of each of these functions for one.
    @seed(zlib.crc32(cls.DESCRIPTOR.full_name.encode()))
    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(messages(cls), st.data())
    def make(message: Any, data: st.DataObject) -> None:
        encoded = message.SerializeToString(deterministic=True)
        unknown = unknown_fields(cls.DESCRIPTOR)
        made.append((encoded, data.draw(unknown), data.draw(unknown), data.draw(damaged(encoded))))

    make()
    return made


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
    out = b""
    for _ in range(draw(_FEW)):
        out += draw(_unknown(draw(_numbers(descriptor))))
    return out


@cache
def _numbers(descriptor: Descriptor) -> st.SearchStrategy[int]:
    taken = {field.number for field in descriptor.fields}
    return st.sampled_from([number for number in _UNKNOWN_NUMBERS if number not in taken])


@cache
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
    for _ in range(draw(_ONE_OR_TWO)):
        at = draw(st.integers(0, len(out)))
        how = draw(_ACCIDENTS)
        if how == "cut":
            del out[at:]
        elif how == "insert":
            out[at:at] = draw(_INSERTED)
        elif at < len(out):
            if how == "flip":
                out[at] ^= 1 << draw(_UP_TO_7)
            elif how == "delete":
                del out[at]
            else:
                out[at] = out[at] & 0xF8 | draw(_UP_TO_7)
    return bytes(out)
