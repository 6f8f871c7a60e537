"""Reads single fields out of encoded messages, without classes for them."""

from __future__ import annotations

from collections.abc import Iterator

Value = int | bytes


class Wire:
    """An encoded message, parsed one level deep when it is first asked; what is malformed ends it."""

    __slots__ = ("_data", "_fields")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._fields: dict[int, list[Value]] | None = None

    def all(self, number: int) -> list[Value]:
        """Every value of a field, in order; fixed-width values as unsigned integers."""
        if self._fields is None:
            self._fields = _parse(self._data)
        return self._fields.get(number, [])

    def numbers(self) -> tuple[int, ...]:
        """The fields that are present."""
        self.all(0)
        assert self._fields is not None
        return tuple(self._fields)

    def message(self, number: int) -> Wire | None:
        """The message in a singular field, ``None`` when it is absent."""
        values = self.all(number)
        return Wire(values[-1]) if values and isinstance(values[-1], bytes) else None

    def integer(self, number: int) -> int:
        """The integer in a singular field, 0 when it is absent."""
        values = self.all(number)
        return values[-1] if values and isinstance(values[-1], int) else 0

    def follow(self, numbers: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Value]]:
        """Every value at the end of a path, each with the positions taken within repeated fields."""
        if not numbers:
            yield (), self._data
            return
        for position, value in enumerate(self.all(numbers[0])):
            if len(numbers) == 1:
                yield (position,), value
            elif isinstance(value, bytes):
                for positions, found in Wire(value).follow(numbers[1:]):
                    yield (position, *positions), found

    def at(self, numbers: tuple[int, ...]) -> Value | None:
        """The last value at the end of a path."""
        values = [value for _, value in self.follow(numbers)]
        return values[-1] if values else None

    def text(self, numbers: tuple[int, ...]) -> str:
        """The string at the end of a path, empty when it is absent."""
        found = self.at(numbers)
        return found.decode("utf-8", "replace") if isinstance(found, bytes) else ""


def _parse(data: bytes) -> dict[int, list[Value]]:
    fields: dict[int, list[Value]] = {}
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at)
        number, wire_type = key >> 3, key & 7
        value: Value
        if wire_type == 0:
            value, at = _varint(data, at)
        elif wire_type == 2:
            length, at = _varint(data, at)
            value = data[at : at + length]
            at += length
        elif wire_type in (1, 5):
            width = 8 if wire_type == 1 else 4
            value = int.from_bytes(data[at : at + width], "little")
            at += width
        else:
            break
        if at > end:
            break
        fields.setdefault(number, []).append(value)
    return fields


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The value at a place and the place after it; beyond the end when it is cut off."""
    value = shift = 0
    for at in range(at, min(at + 10, len(data))):  # noqa: B020
        byte = data[at]
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at + 1
        shift += 7
    return value, len(data) + 1
