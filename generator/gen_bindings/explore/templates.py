"""Messages of the library as templates: what is in them, and which fields are handles, keys and ids."""

from __future__ import annotations

from typing import Any

from gen_bindings.model.binding import Acquisition, Answer, Binding, Delivery, Kind, Lifetime, Place, Step
from gen_bindings.model.schema import Field, Label, Message, Scalar, Schema

# A field of a template: its form, its number, and what the form needs (`Encoding.cs` reads them).
Entry = list[Any]

_FIXED4 = {Scalar.FLOAT, Scalar.FIXED32, Scalar.SFIXED32}
_FIXED8 = {Scalar.DOUBLE, Scalar.FIXED64, Scalar.SFIXED64}
_DEEPEST = 6


class Templates:
    """Makes templates of a binding's messages; an object only because all of them need its model."""

    def __init__(self, binding: Binding) -> None:
        self._binding = binding
        self._schema = binding.schema or Schema((), (), ())
        self._messages = {message.full_name: message for message in self._schema.messages}
        self._enums = {enum.full_name: enum for enum in self._schema.enums}
        self._pointers = {(memory.message, memory.pointer) for memory in binding.memories}

    def number(self, message: str, field: str) -> int:
        """The number of a field."""
        found = self._messages[message].field(field)
        return found.number if found is not None else 0

    def answer(self, answer: Answer, brought: list[Acquisition], inner: Step | None) -> list[Entry]:
        """A response or a callback that succeeds and brings what it can."""
        message = self._messages.get(answer.message)
        if message is None:
            return []
        wanted = self._handles(brought)
        if inner is not None:
            wrapped = next((f for f in message.fields if f.name == inner.field), None)
            if wrapped is not None and wrapped.message is not None:
                inside = self._fill(self._messages[wrapped.message], wanted, (), answer.async_id, 0)
                return [["m", wrapped.number, inside]]
        return self._fill(message, wanted, (), answer.async_id, 0)

    def failure(self, answer: Answer) -> list[Entry] | None:
        """A callback that says that the operation failed; nothing where it cannot say so."""
        if answer.failure is None or answer.message not in self._messages:
            return None
        entries: list[Entry] = []
        if answer.async_id is not None:
            entries.append(["a", self.number(answer.message, answer.async_id)])
        steps = answer.failure.path.steps
        last = self._messages[steps[-1].message].field(steps[-1].field)
        if last is None:
            return None
        inner: Entry
        if last.message is not None:
            inner = ["m", last.number, self._fill(self._messages[last.message], {}, (), None, 1)]
        elif last.scalar is Scalar.STRING:
            inner = ["s", last.number, "it failed"]
        else:
            inner = ["v", last.number, 1]
        for step in reversed(steps[:-1]):
            inner = ["m", step.number, [inner]]
        return [*entries, inner]

    def event(self, delivery: Delivery, brought: list[Acquisition]) -> list[Entry]:
        """An event in its envelope, about the object that it concerns."""
        route = delivery.route
        message = self._messages.get(delivery.message)
        payload = [] if message is None else self._event_payload(delivery, message, brought)
        if route.arm is not None:
            payload = [["m", route.arm_number, payload]]
            if route.correlation is not None:
                payload.insert(0, ["t", route.correlation_number])
        elif route.correlation is not None:
            payload = [
                ["t", route.correlation_number],
                *(entry for entry in payload if entry[1] != route.correlation_number),
            ]
        return [["m", route.number, payload]]

    def _event_payload(self, delivery: Delivery, message: Message, brought: list[Acquisition]) -> list[Entry]:
        keys = {
            reference.path.plain: ["r", reference.path.last.number, reference.kind, reference.role or ""]
            for reference in delivery.keys
        }
        return self._fill(message, {**keys, **self._handles(brought)}, (), None, 0)

    def _handles(self, brought: list[Acquisition]) -> dict[str, Any]:
        return {a.path.plain: a for a in brought if a.path is not None}

    def _fill(
        self,
        message: Message,
        wanted: dict[str, Any],
        at: tuple[str, ...],
        async_id: str | None,
        depth: int,
    ) -> list[Entry]:
        entries: list[Entry] = []
        chosen: set[str] = set()
        for field in message.fields:
            path = ".".join((*at, field.name))
            if field.name == async_id and not at:
                entries.append(["a", field.number])
                continue
            needed = path in wanted or any(other.startswith(path + ".") for other in wanted)
            if field.oneof is not None:
                if field.oneof in chosen or not (needed or self._is_first(message, field, wanted, at)):
                    continue
                chosen.add(field.oneof)
            elif not needed and field.label is not Label.REQUIRED and not self._is_plain(message, field):
                continue
            entry = self._entry(message, field, path, wanted, depth)
            if entry is not None:
                entries.append(entry)
        return entries

    def _is_first(self, message: Message, field: Field, wanted: dict[str, Any], at: tuple[str, ...]) -> bool:
        """Of the cases of a oneof the first, unless another one must come; never a failure."""
        rivals = [other for other in message.fields if other.oneof == field.oneof]
        for other in rivals:
            path = ".".join((*at, other.name))
            if path in wanted or any(name.startswith(path + ".") for name in wanted):
                return False
        harmless = [other for other in rivals if other.name not in {"error", "failure"}]
        return bool(harmless) and harmless[0] is field

    def _is_plain(self, message: Message, field: Field) -> bool:
        return (message.full_name, field.name) in self._pointers

    def _entry(
        self,
        message: Message,
        field: Field,
        path: str,
        wanted: dict[str, Any],
        depth: int,
    ) -> Entry | None:
        want = wanted.get(path)
        if isinstance(want, list):
            return [want[0], field.number, *want[2:]]
        if isinstance(want, Acquisition):
            kind = self._binding.kind(want.kind)
            if want.transfers or field.message is None:
                return self._handle(field.number, want)
            if field.message == kind.owned_message:
                return [
                    "m",
                    field.number,
                    self._owned(self._messages[field.message], kind, want, wanted, path),
                ]
        if (message.full_name, field.name) in self._pointers:
            return ["p", field.number]
        if field.message is not None:
            if depth > _DEEPEST or field.is_map:
                return None
            inner = self._fill(self._messages[field.message], wanted, tuple(path.split(".")), None, depth + 1)
            return ["m", field.number, inner]
        return self._scalar(field)

    def _scalar(self, field: Field) -> Entry:
        if field.enum is not None:
            return ["v", field.number, max(0, self._enums[field.enum].values[0].number)]
        if field.scalar in (Scalar.STRING, Scalar.BYTES):
            return ["s", field.number, "x"]
        if field.scalar in _FIXED4:
            return ["4", field.number]
        if field.scalar in _FIXED8:
            return ["8", field.number]
        return ["v", field.number, 0]

    def _owned(
        self, message: Message, kind: Kind, arrives: Acquisition, wanted: dict[str, Any], path: str
    ) -> list[Entry]:
        """A message that hands over a handle: the handle and its facts, the key among them."""
        entries: list[Entry] = []
        envelope = self._binding.envelope
        handle = message.field(kind.handle_field or "")
        if handle is None or envelope is None:
            return entries
        inside = wanted
        if kind.key is not None and kind.info_field is not None:
            inside = {**wanted, f"{path}.{kind.info_field}.{kind.key.field}": ["k", 0, arrives.id, kind.name]}
        facts = message.field(kind.info_field) if kind.info_field else None
        if facts is not None:
            entry = self._entry(message, facts, f"{path}.{facts.name}", inside, 1)
            if entry is not None:
                entries.append(entry)
        for field in message.fields:
            if field.label is Label.REQUIRED and field not in (handle, facts):
                entry = self._entry(message, field, f"{path}.{field.name}", inside, 1)
                if entry is not None:
                    entries.append(entry)
        if handle.message is None:
            entries.append(self._handle(handle.number, arrives))
        else:
            number = self.number(envelope.owned_handle, envelope.owned_id)
            entries.append(["m", handle.number, [self._handle(number, arrives)]])
        return entries

    def _handle(self, number: int, arrives: Acquisition) -> Entry:
        # A frame is no part of the tree: what it came through may go first.
        frame = self._binding.kind(arrives.kind).lifetime is Lifetime.FRAME
        parent = "" if frame else _parent(arrives)
        return ["h", number, arrives.kind, arrives.role or "", arrives.id, parent]


def _parent(arrives: Acquisition) -> str:
    """Where the encoder finds what the handle stands under: a label of the message, or a rule."""
    placement = arrives.placement
    if placement.place is Place.SIBLING:
        return placement.via
    if placement.place in (Place.RECEIVER, Place.TARGET, Place.BORROWED):
        return "target"
    if placement.place in (Place.KEY, Place.REPLACED) and placement.parent is not None:
        return f"latest:{placement.parent}"
    return ""
