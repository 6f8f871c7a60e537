"""Protobuf's encoding as its specification has it: what bytes mean, told by no implementation but this one.

Python's classes only hold what was read. What the schema does not have is dropped, as in the generated C#.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import Any

from filling import all_fields, held, put
from google.protobuf.descriptor import Descriptor, FieldDescriptor

_F = FieldDescriptor
_VARINT, _FIXED64, _LENGTH, _START, _END, _FIXED32 = 0, 1, 2, 3, 4, 5
_FORMATS = {
    _F.TYPE_DOUBLE: "<d",
    _F.TYPE_FLOAT: "<f",
    _F.TYPE_FIXED32: "<I",
    _F.TYPE_FIXED64: "<Q",
    _F.TYPE_SFIXED32: "<i",
    _F.TYPE_SFIXED64: "<q",
}
_WIRE_TYPES = {
    **{kind: _FIXED64 if struct.calcsize(how) == 8 else _FIXED32 for kind, how in _FORMATS.items()},
    _F.TYPE_STRING: _LENGTH,
    _F.TYPE_BYTES: _LENGTH,
    _F.TYPE_MESSAGE: _LENGTH,
    _F.TYPE_GROUP: _START,
}


class MalformedError(Exception):
    """The bytes are no message."""


class UndecidedError(Exception):
    """The specification does not say what these bytes are."""


def read(cls: Any, data: bytes) -> Any:
    """The message that the bytes are.

    Raises:
        MalformedError: they are none.
        UndecidedError: the specification leaves it open.
    """
    message = cls()
    end = _merge(message, data, 0, None)
    assert end == len(data)
    return message


def verdict(cls: Any, data: bytes) -> Any:
    """What ``read`` gives; ``None`` when the bytes are malformed."""
    try:
        return read(cls, data)
    except MalformedError:
        return None


def _merge(message: Any, data: bytes, at: int, group: int | None) -> int:
    """Reads fields up to the end of the bytes, or behind the end of a group; returns that place."""
    fields = _fields(message.DESCRIPTOR)
    while True:
        if at == len(data):
            if group is not None:
                raise MalformedError("a group is not ended")
            return at
        number, wire_type, at = _tag(data, at)
        if wire_type == _END:
            if number != group:
                raise MalformedError("a group ends that was not begun")
            return at
        field = fields.get(number)
        if field is None or not _fits(field, wire_type):
            at = _skip(data, at, number, wire_type)
        elif field.type == _F.TYPE_GROUP:
            at = _merge(_entered(message, field), data, at, number)
        elif field.message_type is not None:
            value, at = _stretch(data, at)
            if field.message_type.GetOptions().map_entry:
                _add_entry(message, field, value)
            else:
                _merge(_entered(message, field), value, 0, None)
        elif wire_type == _LENGTH and _wire_type(field) != _LENGTH:
            values, at = _stretch(data, at)
            inside = 0
            while inside < len(values):
                value, inside = _value(field, values, inside)
                _put(message, field, value)
        else:
            value, at = _value(field, data, at)
            _put(message, field, value)


@cache
def _fields(descriptor: Descriptor) -> dict[int, FieldDescriptor]:
    return {field.number: field for field in all_fields(descriptor)}


def _wire_type(field: FieldDescriptor) -> int:
    return _WIRE_TYPES.get(field.type, _VARINT)


def _fits(field: FieldDescriptor, wire_type: int) -> bool:
    packable = field.is_repeated and _wire_type(field) not in (_LENGTH, _START)
    return wire_type == _wire_type(field) or (packable and wire_type == _LENGTH)


def _entered(message: Any, field: FieldDescriptor) -> Any:
    if field.is_repeated:
        return held(message, field).add()
    nested = held(message, field)
    nested.SetInParent()
    return nested


def _put(message: Any, field: FieldDescriptor, value: Any) -> None:
    if _is_unknown(field, value):
        return
    if field.is_repeated:
        held(message, field).append(value)
    else:
        put(message, field, value)


def _is_unknown(field: FieldDescriptor, value: Any) -> bool:
    enum = field.enum_type
    return enum is not None and enum.is_closed and value not in enum.values_by_number


def _add_entry(message: Any, field: FieldDescriptor, data: bytes) -> None:
    entry = field.message_type
    assert entry is not None
    key_field, value_field = entry.fields_by_name["key"], entry.fields_by_name["value"]
    entries = getattr(message, field.name)
    key = key_field.default_value
    value = value_field.default_value
    made = value_field.message_type and entries.GetEntryClass()().value
    seen = []
    at = 0
    while at < len(data):
        number, wire_type, at = _tag(data, at)
        if number == 1 and wire_type == _wire_type(key_field):
            key, at = _value(key_field, data, at)
        elif number == 2 and wire_type == _wire_type(value_field):
            if made is None:
                value, at = _value(value_field, data, at)
                seen.append(_is_unknown(value_field, value))
            else:
                nested, at = _stretch(data, at)
                _merge(made, nested, 0, None)
        else:
            at = _skip(data, at, number, wire_type)
    if len(set(seen)) > 1:
        raise UndecidedError("an entry has a value of an enum and a number that the enum does not have")
    if any(seen):
        return
    if made is None:
        entries[key] = value
    else:
        entries[key].CopyFrom(made)


def _value(field: FieldDescriptor, data: bytes, at: int) -> tuple[Any, int]:
    kind = field.type
    if kind in _FORMATS:
        end = at + struct.calcsize(_FORMATS[kind])
        return struct.unpack(_FORMATS[kind], _part(data, at, end))[0], end
    if kind in (_F.TYPE_STRING, _F.TYPE_BYTES):
        value, at = _stretch(data, at)
        if kind == _F.TYPE_BYTES:
            return value, at
        try:
            return value.decode("utf-8"), at
        except UnicodeDecodeError:
            # For proto2 the specification allows both; the generated code says that it refuses.
            raise MalformedError("a string is not UTF-8") from None
    number, at = _varint(data, at)
    if kind == _F.TYPE_BOOL:
        return number != 0, at
    if kind in (_F.TYPE_SINT32, _F.TYPE_SINT64):
        number &= 2**32 - 1 if kind == _F.TYPE_SINT32 else 2**64 - 1
        return (number >> 1) ^ -(number & 1), at
    if kind == _F.TYPE_UINT64:
        return number, at
    if kind == _F.TYPE_UINT32:
        return number & (2**32 - 1), at
    bits = 64 if kind == _F.TYPE_INT64 else 32
    number &= 2**bits - 1
    return number - (number >> (bits - 1) << bits), at


def _skip(data: bytes, at: int, number: int, wire_type: int) -> int:
    if wire_type == _VARINT:
        return _varint(data, at)[1]
    if wire_type in (_FIXED32, _FIXED64):
        end = at + (4 if wire_type == _FIXED32 else 8)
        _part(data, at, end)
        return end
    if wire_type == _LENGTH:
        return _stretch(data, at)[1]
    if wire_type != _START:
        raise MalformedError(f"wire type {wire_type}")
    while True:
        if at == len(data):
            raise MalformedError("a group is not ended")
        inner, inner_type, at = _tag(data, at)
        if inner_type == _END:
            if inner != number:
                raise MalformedError("a group ends that was not begun")
            return at
        at = _skip(data, at, inner, inner_type)


def _tag(data: bytes, at: int) -> tuple[int, int, int]:
    tag, end = _varint(data, at)
    if not 8 <= tag < 2**32:
        raise MalformedError("a field's number is out of range")
    if end - at > 5:
        raise UndecidedError("a tag is padded beyond the bytes that any tag needs")
    return tag >> 3, tag & 7, end


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(10):
        if at + index == len(data):
            raise MalformedError("a number is cut short")
        byte = data[at + index]
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value & (2**64 - 1), at + index + 1
    raise MalformedError("a number has more than ten bytes")


def _stretch(data: bytes, at: int) -> tuple[bytes, int]:
    length, at = _varint(data, at)
    return _part(data, at, at + length), at + length


def _part(data: bytes, at: int, end: int) -> bytes:
    if end > len(data):
        raise MalformedError("a value is longer than what holds it")
    return data[at:end]
