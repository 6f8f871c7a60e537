"""Reads single fields out of encoded messages, without classes for them."""

from __future__ import annotations

from collections.abc import Sequence

Value = int | bytes


class Wire:
    """An encoded message, parsed one level deep when it is first asked; what is malformed ends it."""

    __slots__ = ("_data", "_fields")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._fields: dict[int, list[Value]] | None = None

    def all(self, number: int) -> Sequence[Value]:
        """Every value of a field, in order; fixed-width values as unsigned integers."""
        fields = self._fields
        if fields is None:
            fields = self._fields = _parse(self._data)
        return fields.get(number, _NONE)

    def numbers(self) -> tuple[int, ...]:
        """The fields that are present."""
        if self._fields is None:
            self._fields = _parse(self._data)
        return tuple(self._fields)

    def message(self, number: int) -> Wire | None:
        """The message in a singular field, ``None`` when it is absent."""
        values = self.all(number)
        return Wire(values[-1]) if values and isinstance(values[-1], bytes) else None

    def integer(self, number: int) -> int:
        """The integer in a singular field, 0 when it is absent."""
        values = self.all(number)
        return values[-1] if values and isinstance(values[-1], int) else 0

    def follow(self, numbers: tuple[int, ...]) -> list[tuple[tuple[int, ...], Value]]:
        """Every value at the end of a path, each with its positions in the fields along it."""
        if not numbers:
            return [((), self._data)]
        level: list[tuple[tuple[int, ...], Wire]] = [((), self)]
        for number in numbers[:-1]:
            level = [
                ((*at, position), Wire(value))
                for at, wire in level
                for position, value in enumerate(wire.all(number))
                if isinstance(value, bytes)
            ]
        last = numbers[-1]
        return [
            ((*at, position), value) for at, wire in level for position, value in enumerate(wire.all(last))
        ]

    def at(self, numbers: tuple[int, ...]) -> Value | None:
        """The last value at the end of a path."""
        values = self.follow(numbers)
        return values[-1][1] if values else None

    def text(self, numbers: tuple[int, ...]) -> str:
        """The string at the end of a path, empty when it is absent."""
        found = self.at(numbers)
        return found.decode("utf-8", "replace") if isinstance(found, bytes) else ""


_NONE: tuple[Value, ...] = ()


def _parse(data: bytes) -> dict[int, list[Value]]:
    fields: dict[int, list[Value]] = {}
    at, end = 0, len(data)
    while at < end:
        key, at = (data[at], at + 1) if data[at] < 128 else _varint(data, at)
        number, wire_type = key >> 3, key & 7
        value: Value
        if wire_type in (0, 2):
            # Nearly every one has a single byte.
            length, at = (data[at], at + 1) if at < end and data[at] < 128 else _varint(data, at)
            value = length
            if wire_type == 2:
                value = data[at : at + length]
                at += length
        elif wire_type in (1, 5):
            width = 8 if wire_type == 1 else 4
            value = int.from_bytes(data[at : at + width], "little")
            at += width
        elif wire_type == 3:
            content = at
            at, at_end_tag = _behind_group(data, at, number)
            value = data[content:at_end_tag]
        else:
            break
        if at > end:
            break
        found = fields.get(number)
        if found is None:
            fields[number] = [value]
        else:
            found.append(value)
    return fields


def _behind_group(data: bytes, at: int, number: int) -> tuple[int, int]:
    """The place behind a group and that of its end tag; beyond the end when it is not ended."""
    end = len(data)
    open_groups = [number]
    while at < end:
        before = at
        key, at = _varint(data, at)
        wire_type = key & 7
        if wire_type == 0:
            at = _varint(data, at)[1]
        elif wire_type == 2:
            length, at = _varint(data, at)
            at += length
        elif wire_type in (1, 5):
            at += 8 if wire_type == 1 else 4
        elif wire_type == 3:
            open_groups.append(key >> 3)
        elif wire_type != 4 or open_groups.pop() != key >> 3:
            break
        elif not open_groups:
            return at, before
    return end + 1, end


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The value at a place and the place after it; beyond the end when it is cut off."""
    value = shift = 0
    for byte in data[at : at + 10]:
        value |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return value, at
        shift += 7
    return value, len(data) + 1
