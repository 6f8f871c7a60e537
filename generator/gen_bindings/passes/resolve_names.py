"""Decides which message, field or path of the schema a name in the configuration means."""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

from gen_bindings.config import nearest
from gen_bindings.errors import ConfigError
from gen_bindings.model.binding import FieldPath, Step
from gen_bindings.model.schema import Field, Scalar
from gen_bindings.naming import enum_members, pascal
from gen_bindings.passes.index import INTEGERS, SchemaIndex


class Names:
    """Resolves names of the configuration in ``file``; every method raises ConfigError naming ``key``."""

    def __init__(self, file: Path, index: SchemaIndex) -> None:
        self.file = file
        self.index = index

    def error(self, key: str, text: str) -> ConfigError:
        """An error at ``key``."""
        return ConfigError(f"{self.file}: {key}: {text}")

    def message(self, name: str, key: str) -> str:
        """Full name of the message called ``name``."""
        found = self.index.candidates(name)
        if not found:
            hint = nearest(name, self.index.short_names.values())
            raise self.error(key, f'the schema has no message "{name}".{hint}')
        if len(found) > 1:
            raise self.error(key, f'"{name}" may mean {" or ".join(found)}. Write the full name.')
        return found[0]

    def path(self, name: str, key: str) -> FieldPath:
        """The path ``Message.field.field``."""
        parts = name.split(".")
        for end in range(len(parts) - 1, 0, -1):
            message = ".".join(parts[:end])
            if self.index.candidates(message):
                return self._within(self.message(message, key), ".".join(parts[end:]), key, name)
        hint = nearest(parts[0], self.index.short_names.values())
        raise self.error(key, f'"{name}" names no field: expected Message.field of the schema.{hint}')

    def within(self, root: str, name: str, key: str) -> FieldPath:
        """The path ``field.field`` from the message ``root``; ``field[0]`` names one element."""
        return self._within(root, name, key, name)

    def _within(self, root: str, name: str, key: str, shown: str) -> FieldPath:
        steps: list[Step] = []
        message: str | None = root
        for part in name.split("."):
            if message is None:
                raise self.error(key, f'"{shown}": {steps[-1].field} is no message and has no fields.')
            match = re.fullmatch(r"(\w+)(?:\[(\d+)\])?", part)
            field = self.index.field(message, match[1]) if match else None
            if match is None or field is None:
                short = self.index.short(message)
                hint = nearest(part, [f.name for f in self.index.message(message).fields])
                raise self.error(key, f'"{shown}": {short} has no field "{part}".{hint}')
            step = self.index.step(message, field)
            if match[2] is not None:
                if not step.repeated:
                    raise self.error(
                        key, f'"{shown}": {match[1]} is not repeated, it has no element {match[2]}.'
                    )
                step = replace(step, index=int(match[2]), repeated=False)
            steps.append(step)
            message = field.message
        return FieldPath(root, tuple(steps))

    def exists(self, name: str) -> bool:
        """The schema has the message, or the path ``Message.field.field``, called ``name``."""
        if self.index.candidates(name):
            return True
        parts = name.split(".")
        return any(
            self._has_path(message, parts[end:])
            for end in range(len(parts) - 1, 0, -1)
            for message in self.index.candidates(".".join(parts[:end]))
        )

    def _has_path(self, message: str | None, fields: list[str]) -> bool:
        if message is None or not fields:
            return not fields
        field = self.index.field(message, fields[0])
        return field is not None and self._has_path(field.message, fields[1:])

    def check_field_names(self, names: tuple[str, ...], key: str) -> None:
        """Each entry is ``Message.field``, or a name or pattern that fits a field of the schema."""
        for position, name in enumerate(names):
            at = f"{key}[{position}]"
            if is_exact(name):
                self.path(name, at)
            elif "." in name:
                if not any(self.field_fits(m, f, name) for m, f in self._all_fields):
                    raise self.error(at, f'no field of the schema fits "{name}".')
            elif not self.fits_any_field(name):
                hint = nearest(name, self._field_names)
                raise self.error(at, f'no field of the schema is called "{name}".{hint}')

    def fits_any_field(self, pattern: str) -> bool:
        """A field of the schema has this name, or fits this pattern."""
        return any(fnmatchcase(field, pattern) for field in self._field_names)

    def check_literal(self, field: Field, text: str, key: str) -> None:
        """``text`` is a C# value for the field, as far as that can be told."""
        if text == "null" and field.has_presence:
            return
        expected = ""
        if field.enum is not None:
            enum = self.index.enum(field.enum)
            type_name = pascal(enum.name)
            members = [
                f"{type_name}.{m}" for m in enum_members(enum.name, [v.name for v in enum.values]).values()
            ]
            if not any(text == member or text.endswith("." + member) for member in members):
                expected = f"one of {', '.join(members)}"
        elif field.scalar is Scalar.BOOL and text not in ("true", "false"):
            expected = "true or false"
        elif field.scalar in INTEGERS and not re.fullmatch(r"-?\d+", text):
            expected = "a whole number"
        elif field.scalar is Scalar.STRING and not re.fullmatch(r'".*"', text):
            expected = "a C# string in quotes"
        if expected:
            raise self.error(key, f"{field.name} cannot be {text}; expected {expected}.")

    def field_fits(self, message: str, field: str, pattern: str) -> bool:
        """``pattern`` is the field's name, ``Message.field``, or a pattern with ``*`` for one of them."""
        if "." not in pattern:
            return fnmatchcase(field, pattern)
        owner, _, name = pattern.rpartition(".")
        return fnmatchcase(field, name) and (
            fnmatchcase(message, owner) or fnmatchcase("." + message, "*." + owner)
        )

    @cached_property
    def _all_fields(self) -> list[tuple[str, str]]:
        return [(m.full_name, f.name) for m in self.index.messages.values() for f in m.fields]

    @cached_property
    def _field_names(self) -> list[str]:
        return list(dict.fromkeys(field for _, field in self._all_fields))


def is_exact(pattern: str) -> bool:
    """The configuration entry names one field of one message."""
    return "." in pattern and "*" not in pattern
