"""Holds the schema by name and walks through messages; decides nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Set
from functools import cached_property

from gen_bindings.model.binding import FieldPath, Step
from gen_bindings.model.schema import EnumType, Field, Label, Message, Scalar, Schema

INTEGERS = frozenset(
    {Scalar.INT32, Scalar.INT64, Scalar.UINT32, Scalar.UINT64, Scalar.SINT32, Scalar.SINT64}
    | {Scalar.FIXED32, Scalar.FIXED64, Scalar.SFIXED32, Scalar.SFIXED64}
)


class SchemaIndex:
    """A schema, looked up by full and by short names."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.messages = {message.full_name: message for message in schema.messages}
        self.enums = {enum.full_name: enum for enum in schema.enums}
        self._fields = {m.full_name: {f.name: f for f in m.fields} for m in schema.messages}
        self._steps: dict[tuple[str, str], Step] = {}

    @cached_property
    def _messages_by_suffix(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for full_name, message in self.messages.items():
            if not message.is_map_entry:
                parts = full_name.split(".")
                for start in range(len(parts)):
                    found[".".join(parts[start:])].append(full_name)
        return found

    def candidates(self, name: str) -> list[str]:
        """Full names of the messages that ``name`` may mean; a full name means only itself."""
        return [name] if name in self.messages else self._messages_by_suffix.get(name, [])

    @cached_property
    def short_names(self) -> dict[str, str]:
        """For each message the shortest name that means no other one."""
        short = {}
        for full_name in self.messages:
            parts = full_name.split(".")
            names = (".".join(parts[start:]) for start in reversed(range(len(parts))))
            short[full_name] = next((n for n in names if len(self.candidates(n)) == 1), full_name)
        return short

    def short(self, full_name: str) -> str:
        """The shortest name that means this message and no other."""
        return self.short_names[full_name]

    def message(self, full_name: str) -> Message:
        """The message with this full name; it must exist."""
        return self.messages[full_name]

    def enum(self, full_name: str) -> EnumType:
        """The enum with this full name; it must exist."""
        return self.enums[full_name]

    def field(self, message: str, name: str) -> Field | None:
        """The field of a message, or ``None``."""
        return self._fields[message].get(name)

    def field_of(self, step: Step) -> Field:
        """The field that a step goes through."""
        return self._fields[step.message][step.field]

    def step(self, message: str, field: Field) -> Step:
        """A step through ``field`` of ``message``."""
        key = (message, field.name)
        if key not in self._steps:
            self._steps[key] = Step(
                field=field.name,
                number=field.number,
                message=message,
                optional=field.label is Label.OPTIONAL and field.has_presence,
                repeated=field.label is Label.REPEATED,
            )
        return self._steps[key]

    def walk(self, root: str, into: Set[str] | None = None) -> Iterator[tuple[FieldPath, Field]]:
        """Every field below ``root``, depth first, in field order of the declaration.

        A message inside itself is not entered a second time. With ``into`` only those messages are entered.
        """
        yield from self._walk(root, root, (), frozenset(), into)

    def _walk(
        self, root: str, message: str, steps: tuple[Step, ...], above: Set[str], into: Set[str] | None
    ) -> Iterator[tuple[FieldPath, Field]]:
        inside = above | {message}
        for field in self.messages[message].fields:
            path = (*steps, self.step(message, field))
            yield FieldPath(root, path), field
            inner = field.message
            if inner is not None and inner not in inside and (into is None or inner in into):
                yield from self._walk(root, inner, path, inside, into)

    def reaching(self, targets: Set[str]) -> frozenset[str]:
        """Full names of the messages that contain one of ``targets`` at any depth, or are one."""
        users: dict[str, set[str]] = defaultdict(set)
        for message in self.messages.values():
            for field in message.fields:
                if field.message is not None:
                    users[field.message].add(message.full_name)
        found: set[str] = set()
        waiting = [name for name in targets if name in self.messages]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(users[name])
        return frozenset(found)

    def below(self, roots: Set[str]) -> frozenset[str]:
        """Full names of the messages that ``roots`` contain at any depth, and of the roots."""
        found: set[str] = set()
        waiting = list(roots)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(f.message for f in self.messages[name].fields if f.message is not None)
        return frozenset(found)
