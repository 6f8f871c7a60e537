"""Where the handles are in messages, as field numbers."""

from __future__ import annotations

from dataclasses import dataclass

from gen_bindings.model.binding import Acquisition, Binding, Envelope, FieldPath, Kind
from gen_bindings.model.schema import Schema

Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A way in which a handle arrives, as field numbers.

    Attributes:
        numbers: from the carrier's message to the id.
        owned: length of the part of ``numbers`` that leads to the owned message.
        key: from the owned message to the string that names the object, empty where there is none.
    """

    acquisition: Acquisition
    kind: Kind
    numbers: Numbers
    owned: int
    key: Numbers


def arrival_of(binding: Binding, schema: Schema, envelope: Envelope, acquisition: Acquisition) -> Arrival:
    """Where an acquisition's id is, and the key of its object."""
    assert acquisition.path is not None
    kind = binding.kind(acquisition.kind)
    numbers = numbers_of(acquisition.path)
    owned = len(numbers)
    key: Numbers = ()
    if not acquisition.transfers and kind.owned_message is not None and kind.handle_field is not None:
        numbers += numbers_along(schema, kind.owned_message, kind.handle_field)
        handle = schema.message(kind.owned_message)
        field = handle.field(kind.handle_field) if handle is not None else None
        if field is not None and field.message is not None:
            numbers += numbers_along(schema, field.message, envelope.owned_id)
        if kind.key is not None and kind.info_field is not None and kind.info_message is not None:
            key = numbers_along(schema, kind.owned_message, kind.info_field) + numbers_along(
                schema, kind.info_message, kind.key.field
            )
    return Arrival(acquisition, kind, numbers, owned, key)


def numbers_of(path: FieldPath) -> Numbers:
    """The field numbers of a path."""
    return tuple(step.number for step in path.steps)


def numbers_along(schema: Schema, root: str, dotted: str) -> Numbers:
    """The field numbers of a path that is written as text, empty when it does not exist."""
    numbers: list[int] = []
    at: str | None = root
    for name in dotted.replace("?", "").replace("[]", "").split("."):
        message = schema.message(at) if at is not None else None
        field = message.field(name) if message is not None else None
        if field is None:
            return ()
        numbers.append(field.number)
        at = field.message
    return tuple(numbers)
