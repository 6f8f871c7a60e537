"""Messages of any type filled at random, unknown fields, and damaged bytes; a function of the seed."""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Sequence
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor

_F = FieldDescriptor
_LIMITS = {
    _F.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    _F.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    _F.CPPTYPE_UINT32: (0, 2**32 - 1),
    _F.CPPTYPE_UINT64: (0, 2**64 - 1),
}
# Where a varint grows by a byte, and where a sign or a width goes wrong.
_SMALL_EDGES = (0, 1, -1, -64, -65, 63, 64, 127, 128, 16383, 16384)
_EDGES = (*_SMALL_EDGES, 2**31 - 1, 2**31, 2**32 - 1, 2**32)
_TEXTS = ("", "é€\U0001f600\0", "x" * 127, "ü" * 64, "y" * 20000)
_BYTES = (b"", bytes(127), bytes(128), b"\xff" * 300)
_FLOATS = (0.0, -0.0, 1.0, -1.5, math.inf, -math.inf, math.nan)
_SIZES = (0, 0, 1, 2, 3)
_UNKNOWN_NUMBERS = (19, 999, 2049, 50001, 536870910)

Example = tuple[bytes, bytes, bytes, bytes]


def examples(cls: Any, count: int) -> list[Example]:
    """As many: a message, unknown fields before and behind it, and the message damaged."""
    chance = random.Random(cls.DESCRIPTOR.full_name)
    return [_example(cls, chance) for _ in range(count)]


def _example(cls: Any, chance: random.Random) -> Example:
    message = cls()
    _fill(chance, message, depth=3)
    encoded = message.SerializeToString(deterministic=True)
    before, behind = (_unknown_fields(chance, cls.DESCRIPTOR) for _ in range(2))
    return encoded, before, behind, _damaged(chance, encoded)


def _fill(chance: random.Random, message: Any, depth: int) -> None:
    """Initializes it, filled down to ``depth``."""
    descriptor: Descriptor = message.DESCRIPTOR
    for oneof in descriptor.oneofs:
        member = chance.choice([None, *oneof.fields])
        if member is not None:
            _set(chance, message, member, depth)
    for field in all_fields(descriptor):
        if field.containing_oneof is not None:
            continue
        if field.is_repeated:
            _add(chance, message, field, depth)
        elif field.is_required or chance.random() < 0.5:
            _set(chance, message, field, depth)


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


def _set(chance: random.Random, message: Any, field: FieldDescriptor, depth: int) -> None:
    if field.message_type is None:
        put(message, field, _value(chance, field))
    elif depth > 0 or field.is_required:
        nested = held(message, field)
        nested.SetInParent()
        _fill(chance, nested, depth - 1)


def _add(chance: random.Random, message: Any, field: FieldDescriptor, depth: int) -> None:
    size = chance.choice(_SIZES)
    values = held(message, field)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
        for _ in range(size):
            if value.message_type is None:
                values[_value(chance, key)] = _value(chance, value)
            elif depth > 0:
                _fill(chance, values[_value(chance, key)], depth - 1)
    elif field.message_type is None:
        values.extend([_value(chance, field) for _ in range(size)])
    elif depth > 0:
        for _ in range(size):
            _fill(chance, values.add(), depth - 1)


def _value(chance: random.Random, field: FieldDescriptor) -> Any:
    if field.cpp_type in _LIMITS:
        return _integer(chance, *_LIMITS[field.cpp_type])
    if field.cpp_type in (_F.CPPTYPE_FLOAT, _F.CPPTYPE_DOUBLE):
        return _float(chance, "f" if field.cpp_type == _F.CPPTYPE_FLOAT else "d")
    if field.cpp_type == _F.CPPTYPE_BOOL:
        return chance.random() < 0.5
    if field.cpp_type == _F.CPPTYPE_ENUM:
        assert field.enum_type is not None
        known = [value.number for value in field.enum_type.values]
        return chance.choice(known if field.enum_type.is_closed else [*known, 77, -77, 2**31 - 1])
    return _text(chance) if field.type == _F.TYPE_STRING else _bytes(chance)


def _integer(chance: random.Random, low: int, high: int) -> int:
    if chance.random() < 0.5:
        return chance.choice([edge for edge in (low, high, *_EDGES) if low <= edge <= high])
    # As many of each width.
    value = chance.getrandbits(chance.randint(1, 64)) * (-1 if low < 0 and chance.random() < 0.5 else 1)
    return max(low, min(high, value))


def _float(chance: random.Random, width: str) -> float:
    if chance.random() < 0.5:
        return chance.choice(_FLOATS)
    (value,) = struct.unpack(width, chance.randbytes(struct.calcsize(width)))
    return 0.5 if math.isnan(value) else float(value)


def _text(chance: random.Random) -> str:
    if chance.random() < 0.5:
        return chance.choice(_TEXTS)
    # As many of each length in UTF-8; none is a surrogate.
    ranges = ((0, 0x7F), (0x80, 0x7FF), (0x800, 0xD7FF), (0xE000, 0xFFFF), (0x10000, 0x10FFFF))
    return "".join(chr(chance.randint(*chance.choice(ranges))) for _ in range(chance.randint(0, 6)))


def _bytes(chance: random.Random) -> bytes:
    return chance.choice(_BYTES) if chance.random() < 0.5 else chance.randbytes(chance.randint(0, 6))


def varint(value: int) -> bytes:
    """``value`` as a varint."""
    out = bytearray()
    value &= 2**64 - 1
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _unknown_fields(chance: random.Random, descriptor: Descriptor) -> bytes:
    """A few well-formed fields whose numbers the message does not have."""
    taken = {field.number for field in all_fields(descriptor)}
    numbers = [number for number in _UNKNOWN_NUMBERS if number not in taken]
    return b"".join(_unknown(chance, chance.choice(numbers)) for _ in range(chance.randint(1, 3)))


def _unknown(chance: random.Random, number: int) -> bytes:
    wire_type = chance.choice([0, 1, 2, 3, 5])
    start = varint(number << 3 | wire_type)
    if wire_type == 0:
        return start + varint(_integer(chance, 0, 2**64 - 1))
    if wire_type == 2:
        value = _bytes(chance)
        return start + varint(len(value)) + value
    if wire_type == 3:
        inner = chance.choice([b"", b"\x08\x01", b"\x0b\x0c", b"\x12\x02\x0b\x0c"])
        return start + inner + varint(number << 3 | 4)
    return start + chance.randbytes(8 if wire_type == 1 else 4)


def _damaged(chance: random.Random, data: bytes) -> bytes:
    """``data`` after one or two small accidents."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 2)):
        at = chance.randint(0, _mostly_early(chance, len(out)))
        how = chance.choice(["flip", "cut", "insert", "delete", "wire type"])
        if how == "cut":
            del out[at:]
        elif how == "insert":
            out[at:at] = chance.choice([b"\0", b"\x80", b"\xff" * 10, b"\x0b", b"\x0c"])
        elif at < len(out):
            if how == "flip":
                out[at] ^= 1 << chance.randint(0, 7)
            elif how == "delete":
                del out[at]
            else:
                out[at] = out[at] & 0xF8 | chance.randint(0, 7)
    return bytes(out)


def _mostly_early(chance: random.Random, length: int) -> int:
    # Long texts are most of a message's bytes; tags and lengths are where damage shows.
    limits: Sequence[int] = (length, min(length, 64))
    return chance.choice(limits)
