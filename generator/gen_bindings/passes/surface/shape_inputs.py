"""Decides what a caller fills for a message whose parts hold memory, and how that is written."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.model.binding import Memory, ParameterSource
from gen_bindings.model.classes import InputClass, InputMemory, InputPart, Property
from gen_bindings.model.expressions import Member, Name
from gen_bindings.model.messages import Cardinality, CsField, TypeKind
from gen_bindings.model.writes import AddressWrite, FieldWrite, InputListWrite, LengthWrite, Write
from gen_bindings.naming import local, pascal
from gen_bindings.passes.surface.measure_memory import counts_as_is
from gen_bindings.passes.surface.name_inputs import input_class
from gen_bindings.passes.surface.scope import Scope


def shape_inputs(scope: Scope) -> tuple[InputClass, ...]:
    """Every input class that a request needs, with those of its parts."""
    found: dict[str, InputClass] = {}
    for operation in scope.binding.operations:
        for request_field in operation.fields:
            if request_field.source is ParameterSource.STRUCT:
                message = scope.last_field(request_field.path).type.full_name
                for input_ in _with_parts(scope, message):
                    found[input_.name] = input_
    return tuple(found.values())


def _with_parts(scope: Scope, full_name: str) -> Iterator[InputClass]:
    message = scope.message(full_name)
    held = [m for (owner, _), m in scope.memories.items() if owner == full_name]
    sizes = {memory.size_field for memory in held}
    memories, fields, parts = [], [], []
    writes: list[Write] = []
    for field in message.write_order:
        memory = scope.memories.get((full_name, field.name))
        if memory is not None:
            found = _memory(memory)
            memories.append(found)
            pinned = Name("_" + found.local + "Handle")
            writes.append(AddressWrite(field.number, Member(pinned, "Pointer")))
        elif field.name in sizes:
            continue
        elif _is_part(scope, field):
            parts.append(InputPart(field.property_name, input_class(scope, field.type.full_name)))
            writes.append(InputListWrite(field.number, field.property_name, field.is_delimited))
            yield from _with_parts(scope, field.type.full_name)
        else:
            fields.append(Property(field.property_name, scope.property_type(field), field.doc))
            writes.append(FieldWrite(field.number, field, field.property_name))
    for memory in held:
        if memory.size_field is not None:
            size = scope.cs_field(full_name, memory.size_field)
            element = "" if counts_as_is(memory) else memory.element
            writes.append(
                LengthWrite(size.number, size.type.codec, size.type.name, pascal(memory.name), element)
            )
    yield InputClass(
        name=input_class(scope, full_name),
        doc=message.doc,
        memories=tuple(memories),
        fields=tuple(fields),
        parts=tuple(parts),
        writes=tuple(writes),
    )


def _memory(memory: Memory) -> InputMemory:
    name = pascal(memory.name)
    return InputMemory(name, local(name), memory.element)


def _is_part(scope: Scope, field: CsField) -> bool:
    return (
        field.type.kind is TypeKind.MESSAGE
        and field.cardinality is Cardinality.REPEATED
        and any(owner == field.type.full_name for owner, _ in scope.memories)
    )
