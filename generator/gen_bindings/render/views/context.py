"""What every view needs: the model, its message layer, and the C# names that follow from them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from gen_bindings.model.binding import (
    Acquisition,
    Binding,
    FieldPath,
    Kind,
    Lifetime,
    Memory,
    MessageCall,
    Operation,
    Role,
)
from gen_bindings.model.messages import CsField, CsMessage, MessageLayer
from gen_bindings.naming import lower_first, pascal


@dataclass(frozen=True)
class Context:
    """The binding with its message layer (``None`` for an interface without messages)."""

    binding: Binding
    layer: MessageLayer | None
    kinds: dict[str, Kind] = field(init=False)
    acquisitions: dict[str, Acquisition] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", {kind.name: kind for kind in self.binding.kinds})
        object.__setattr__(self, "acquisitions", {a.id: a for a in self.binding.acquisitions})

    @property
    def client(self) -> str:
        """C# class of the client."""
        return f"{self.binding.name}Client"

    @property
    def exception(self) -> str:
        """C# class of the library's errors."""
        return f"{self.binding.name}Exception"

    @cached_property
    def memories(self) -> dict[tuple[str, str], Memory]:
        """Memory by message and pointer field."""
        return {(m.message, m.pointer): m for m in self.binding.memories}

    @cached_property
    def roles(self) -> dict[str, Role]:
        """Roles by name."""
        return {role.name: role for kind in self.binding.kinds for role in kind.roles}

    def message(self, full_name: str) -> CsMessage:
        """A message of the layer; it must exist."""
        assert self.layer is not None
        return self.layer.message(full_name)

    def cs_field(self, message: str, name: str) -> CsField:
        """A field of a message of the layer; it must exist."""
        found = self.message(message).field(name)
        assert found is not None, f"{message}.{name}"
        return found

    def case_field(self, call: MessageCall) -> CsField:
        """The field of the request's envelope that holds the request."""
        assert self.binding.envelope is not None
        return self.cs_field(self.binding.envelope.request, call.case)

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

    def expression(self, path: FieldPath, start: str, *, null_safe: bool = True) -> str:
        """C# for the value at the end of a path of singular fields."""
        text = start
        for index, step in enumerate(path.steps):
            property_name = self.cs_field(step.message, step.field).property_name
            joint = "?." if index and null_safe and path.steps[index - 1].optional else "."
            text += joint + property_name
        return text

    def async_id_field(self, operation: Operation) -> int:
        """Number of the field that echoes the asynchronous id in the operation's callback."""
        assert isinstance(operation.call, MessageCall)
        callback = operation.call.callback
        assert callback is not None
        assert callback.async_id is not None
        return self.cs_field(callback.message, callback.async_id).number


def local_name(type_name: str) -> str:
    """A C# local variable's name for an object of a class."""
    return lower_first(type_name)


def handle_class(kind: Kind) -> str:
    """C# class of the SafeHandle of a kind."""
    return f"{pascal(kind.name)}Handle"


def plural(name: str) -> str:
    """The English plural of a class name, for a property that lists its objects."""
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return name[:-1] + "ies"
    if name.endswith(("s", "x", "ch", "sh")):
        return name + "es"
    return name + "s"
