"""Decides where a request is written: on the stack where its size has a bound, else into a rented buffer."""

from __future__ import annotations

from collections.abc import Sequence

from gen_bindings.model.messages import Cardinality, CsField

# Bytes of a value at most, by codec; a negative int32 takes as many as an int64.
_MOST_BYTES = {
    "Bool": 1,
    "UInt32": 5,
    "SInt32": 5,
    "Int32": 10,
    "UInt64": 10,
    "Int64": 10,
    "SInt64": 10,
    "Fixed32": 4,
    "SFixed32": 4,
    "Float": 4,
    "Fixed64": 8,
    "SFixed64": 8,
    "Double": 8,
}
# Up to here the length of a nested message is one byte, so that it can be patched in afterwards.
_ONE_BYTE_LENGTH = 127


def field_bound(cs_field: CsField) -> int | None:
    """The most that a field takes, tag included; ``None`` when that depends on the value."""
    if cs_field.cardinality in (Cardinality.REPEATED, Cardinality.MAP):
        return None
    size = _MOST_BYTES.get(cs_field.type.codec)
    return None if size is None else _tag(cs_field.number) + size


def group_bound(number: int, fields: Sequence[int | None], *, is_delimited: bool) -> int | None:
    """The most that a nested message takes: behind its length, or between two tags."""
    total = _total(fields)
    return None if total is None else _around(number, is_delimited) + total


def stack_bytes(number: int, fields: Sequence[int | None], *, is_delimited: bool) -> int:
    """Room for the whole request on the stack; 0: it goes into a rented buffer."""
    total = _total(fields)
    fits = total is not None and total <= _ONE_BYTE_LENGTH
    return _around(number, is_delimited) + (total or 0) if fits else 0


def _around(number: int, is_delimited: bool) -> int:
    return _tag(number) + (_tag(number) if is_delimited else 1)


def _total(sizes: Sequence[int | None]) -> int | None:
    return None if None in sizes else sum(size or 0 for size in sizes)


def _tag(number: int) -> int:
    """Bytes of a field's tag: an unsigned varint."""
    return max(1, ((number << 3).bit_length() + 6) // 7)
