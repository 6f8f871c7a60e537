"""Decides what a short-lived object shows: its facts, its memory, and its parts with memory of their own."""

from __future__ import annotations

from gen_bindings.model.binding import Kind, Lifetime
from gen_bindings.model.classes import FrameClass, FrameMemory, FramePart, Property
from gen_bindings.model.expressions import Member, Name
from gen_bindings.model.messages import Cardinality, CsField, TypeKind
from gen_bindings.naming import pascal
from gen_bindings.passes.surface.measure_memory import element_count
from gen_bindings.passes.surface.scope import Scope

# Locals of the emitted code that hold the slot, and the scoped readers of the facts and of a part.
_SLOT, _READER, _PART = "slot", "reader", "part"


def shape_frames(scope: Scope) -> tuple[FrameClass, ...]:
    """Every short-lived kind."""
    return tuple(shape_frame(scope, k) for k in scope.binding.kinds if k.lifetime is Lifetime.FRAME)


def shape_frame(scope: Scope, kind: Kind) -> FrameClass:
    """One short-lived kind; its owned message must have an info message."""
    assert kind.owned_message
    assert kind.handle_field
    assert kind.info_field
    assert kind.info_message
    assert scope.binding.envelope is not None
    handle = scope.cs_field(kind.owned_message, kind.handle_field)
    info = scope.message(kind.info_message)
    fields, memories, parts = [], [], []
    for field in info.fields:
        memory = scope.memories.get((kind.info_message, field.name))
        if memory is not None:
            count = element_count(scope, memory, _SLOT)
            memories.append(FrameMemory(pascal(memory.name), memory.element, field.property_name, count))
        elif field.cardinality is Cardinality.REPEATED and field.type.kind is TypeKind.MESSAGE:
            part = _part(scope, field)
            if part is not None:
                parts.append(part)
        elif (
            field.type.kind is not TypeKind.MESSAGE
            and field.type.is_value
            and field.cardinality not in (Cardinality.REPEATED, Cardinality.MAP)
        ):
            fields.append(_fact(scope, field, _READER))
    return FrameClass(
        type=kind.type_name,
        kind=kind.name,
        doc=kind.doc or f"A native {kind.type_name}.",
        handle_number=handle.number,
        id_number=scope.cs_field(handle.type.full_name, scope.binding.envelope.owned_id).number,
        facts_number=scope.cs_field(kind.owned_message, kind.info_field).number,
        reader=info.reader,
        fields=tuple(fields),
        memories=tuple(memories),
        parts=tuple(parts),
    )


def _fact(scope: Scope, field: CsField, reader: str) -> Property:
    value = Member(Name(reader), field.property_name)
    return Property(field.property_name, scope.value_type(field), field.doc, value)


def _part(scope: Scope, field: CsField) -> FramePart | None:
    message = scope.message(field.type.full_name)
    for inner in message.fields:
        memory = scope.memories.get((message.full_name, inner.name))
        if memory is None:
            continue
        size = message.field(memory.size_field) if memory.size_field else None
        return FramePart(
            property=field.property_name,
            singular=field.property_name.removesuffix("s"),
            reader=message.reader,
            element=memory.element,
            pointer=inner.property_name,
            count=element_count(scope, memory, _PART),
            fields=tuple(
                _fact(scope, f, _PART)
                for f in message.fields
                if f is not inner and f is not size and f.type.is_value
            ),
        )
    return None
