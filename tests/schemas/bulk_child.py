"""Runs in the child process, with the generated C# loaded: messages of foreign schemas there and back."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from filling import all_fields, held, put
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from round_trip_child import driver
from wire_schemas import PythonMessages

from gen_bindings.runtime.lanes import Lane

_F = FieldDescriptor
_NUMBERS = {
    _F.CPPTYPE_INT32: (0, 1, -1, 127, 128, -(2**31), 2**31 - 1),
    _F.CPPTYPE_INT64: (0, 1, -1, 2**31, -(2**63), 2**63 - 1),
    _F.CPPTYPE_UINT32: (0, 1, 127, 128, 2**32 - 1),
    _F.CPPTYPE_UINT64: (0, 1, 128, 2**32, 2**64 - 1),
    _F.CPPTYPE_FLOAT: (0.0, -0.0, 1.5, float("inf")),
    _F.CPPTYPE_DOUBLE: (0.0, -0.0, 1e300, float("-inf")),
    _F.CPPTYPE_BOOL: (False, True),
}


def run(_lane: Lane, args: dict[str, Any]) -> dict[str, str]:
    """Message to what is wrong with it; nothing for those that came back the same."""
    python = PythonMessages(Path(args["descriptors"]))
    through = driver()
    broken: dict[str, str] = {}
    for full_name, type_name in args["types"].items():
        source = random.Random(full_name)
        for example in range(args["examples"]):
            message = python.cls(full_name)()
            # The first one is full, down to where it would repeat itself.
            _fill(source, message, 2, 1.0 if example == 0 else 0.5)
            encoded = message.SerializeToString(deterministic=True)
            status, back = through(type_name, encoded)
            if status != "=":
                broken[full_name] = f"refused with {back}; bytes {encoded.hex()}"
            elif type(message).FromString(back).SerializeToString(deterministic=True) != encoded:
                broken[full_name] = f"{encoded.hex()} came back as {back.hex()}"
    return broken


def _fill(source: random.Random, message: Any, depth: int, share: float) -> None:
    descriptor: Descriptor = message.DESCRIPTOR
    for oneof in descriptor.oneofs:
        if len(oneof.fields) > 1:
            _set(source, message, source.choice(oneof.fields), depth, share)
    if descriptor.GetOptions().message_set_wire_format:
        return
    for field in all_fields(descriptor):
        alone = field.containing_oneof is None or len(field.containing_oneof.fields) == 1
        if alone and (field.is_required or source.random() < share):
            _set(source, message, field, depth, share)


def _set(source: random.Random, message: Any, field: FieldDescriptor, depth: int, share: float) -> None:
    nested = field.message_type
    if nested is not None and depth <= 0 and not field.is_required:
        return
    if nested is not None and nested.GetOptions().message_set_wire_format:
        return
    if nested is not None and nested.GetOptions().map_entry:
        key, value = nested.fields_by_name["key"], nested.fields_by_name["value"]
        entries = getattr(message, field.name)
        if value.message_type is None:
            entries[_value(source, key)] = _value(source, value)
        else:
            _fill(source, entries[_value(source, key)], depth - 1, share)
        return
    if nested is not None and field.is_repeated:
        _fill(source, held(message, field).add(), depth - 1, share)
    elif nested is not None:
        held(message, field).SetInParent()
        _fill(source, held(message, field), depth - 1, share)
    elif field.is_repeated:
        held(message, field).extend([_value(source, field) for _ in range(2)])
    else:
        put(message, field, _value(source, field))


def _value(source: random.Random, field: FieldDescriptor) -> Any:
    if field.cpp_type in _NUMBERS:
        return source.choice(_NUMBERS[field.cpp_type])
    if field.cpp_type == _F.CPPTYPE_ENUM:
        assert field.enum_type is not None
        known = [value.number for value in field.enum_type.values]
        return source.choice(known if field.enum_type.is_closed else [*known, 7777])
    return source.choice(
        ("", "é€", "x" * 130) if field.type == _F.TYPE_STRING else (b"", b"\xff\0", b"y" * 130)
    )
