"""Looks the model and its message layer up, with type names as the binding writes them; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from gen_bindings.model.abi import Function
from gen_bindings.model.binding import (
    Acquisition,
    Binding,
    FieldPath,
    Kind,
    Lifetime,
    Memory,
    MessageCall,
    Role,
)
from gen_bindings.model.expressions import Expression, Member
from gen_bindings.model.messages import CsField, CsMessage, MessageLayer
from gen_bindings.naming import pascal


@dataclass(frozen=True)
class Scope:
    """The binding with its message layer (``None`` for an interface without messages).

    Attributes:
        written: types of the layer by their full name in the schema, as code of the binding writes them.
    """

    binding: Binding
    layer: MessageLayer | None
    written: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """Kinds by name."""
        return {kind.name: kind for kind in self.binding.kinds}

    @cached_property
    def acquisitions(self) -> dict[str, Acquisition]:
        """Acquisitions by id."""
        return {a.id: a for a in self.binding.acquisitions}

    @cached_property
    def memories(self) -> dict[tuple[str, str], Memory]:
        """Memory by message and pointer field."""
        return {(m.message, m.pointer): m for m in self.binding.memories}

    @cached_property
    def roles(self) -> dict[str, Role]:
        """Roles by name."""
        return {role.name: role for kind in self.binding.kinds for role in kind.roles}

    @property
    def client(self) -> str:
        """C# class of the client."""
        return self.binding.name + "Client"

    @property
    def exception(self) -> str:
        """C# class of the library's errors."""
        return self.binding.name + "Exception"

    def function(self, name: str) -> Function:
        """The entry point called ``name``; it must exist."""
        return next(f for f in self.binding.entry_points.functions if f.name == name)

    def message(self, full_name: str) -> CsMessage:
        """A message of the layer; it must exist."""
        assert self.layer is not None
        return self.layer.message(full_name)

    def cs_field(self, message: str, name: str) -> CsField:
        """A field of a message of the layer; it must exist."""
        found = self.message(message).field(name)
        assert found is not None, (message, name)
        return found

    def case_field(self, call: MessageCall) -> CsField:
        """The field of the request's envelope that holds the request."""
        assert self.binding.envelope is not None
        return self.cs_field(self.binding.envelope.request, call.case)

    def last_field(self, path: FieldPath) -> CsField:
        """The field at the end of a path."""
        return self.cs_field(path.last.message, path.last.field)

    def message_type(self, full_name: str) -> str:
        """A message's C# class, as code of the binding writes it."""
        return self.written[full_name]

    def value_type(self, cs_field: CsField) -> str:
        """The C# type of one value of a field."""
        return self.written.get(cs_field.type.full_name, cs_field.type.name)

    def property_type(self, cs_field: CsField) -> str:
        """The C# type of a field's property."""
        name = self.value_type(cs_field)
        return cs_field.global_type_name.replace(cs_field.type.global_name, name)

    def type_of(self, kind: str, role: str | None = None) -> str:
        """C# class of the objects of a kind, or of one of its roles."""
        if role is not None:
            return self.roles[role].type_name
        return self.kinds[kind].type_name

    def acquired_type(self, acquisition: Acquisition) -> str:
        """C# class of the object that an acquisition brings."""
        return self.type_of(acquisition.kind, acquisition.role)

    def is_frame(self, kind: str) -> bool:
        """Whether objects of the kind are pooled structs."""
        return self.kinds[kind].lifetime is Lifetime.FRAME

    def value(self, path: FieldPath, start: Expression) -> Expression:
        """The value at the end of a path of singular fields; null where a message on the way is not there."""
        found = start
        for index, step in enumerate(path.steps):
            null_safe = index > 0 and path.steps[index - 1].optional
            found = Member(found, self.cs_field(step.message, step.field).property_name, null_safe)
        return found

    def handle_class(self, kind: Kind) -> str:
        """C# class of the SafeHandle of a kind."""
        return pascal(kind.name) + "Handle"
