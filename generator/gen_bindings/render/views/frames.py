"""Views of short-lived kinds: a pooled slot behind a struct, filled by scoped readers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gen_bindings.model.binding import Kind, Memory
from gen_bindings.model.messages import Cardinality, CsField, TypeKind
from gen_bindings.naming import pascal
from gen_bindings.render.views.context import Context
from gen_bindings.render.views.native import handles


@dataclass(frozen=True, slots=True)
class FrameField:
    """A fact of a frame: its property, and the C# that reads it from a scoped reader."""

    property: str
    type: str
    read: str
    doc: str


@dataclass(frozen=True, slots=True)
class FrameMemory:
    """The memory of a frame; ``count`` is C# over the slot."""

    property: str
    element: str
    source: str
    count: str


@dataclass(frozen=True, slots=True)
class FramePart:
    """A repeated message with memory (the planes of a picture)."""

    property: str
    singular: str
    reader: str
    element: str
    pointer: str
    length: str
    fields: tuple[FrameField, ...]


@dataclass(frozen=True, slots=True)
class FrameView:
    """A short-lived kind."""

    type: str
    kind: str
    doc: str
    handle: str
    handle_number: int
    id_number: int
    info_number: int
    reader: str
    release: str
    answers: bool
    cast: str
    fields: tuple[FrameField, ...]
    memories: tuple[FrameMemory, ...]
    parts: tuple[FramePart, ...]


def frame_view(context: Context, kind: Kind) -> FrameView:
    """The view of one kind; its owned message must have an info message."""
    assert kind.owned_message
    assert kind.handle_field
    assert kind.info_field
    assert kind.info_message
    assert context.binding.envelope is not None
    handle = next(h for h in handles(context) if h.name == kind.name)
    info = context.message(kind.info_message)
    handle_field = context.cs_field(kind.owned_message, kind.handle_field)
    id_field = context.cs_field(handle_field.type.full_name, context.binding.envelope.owned_id)
    fields, memories, parts = [], [], []
    for field in info.fields:
        memory = context.memories.get((kind.info_message, field.name))
        if memory is not None:
            count = memory_length(context, kind.info_message, memory, "slot.")
            memories.append(FrameMemory(_memory_name(field.name), memory.element, field.property_name, count))
        elif field.cardinality is Cardinality.REPEATED and field.type.kind is TypeKind.MESSAGE:
            part = _part(context, field)
            if part is not None:
                parts.append(part)
        elif (
            field.type.kind is not TypeKind.MESSAGE
            and field.type.is_value
            and field.cardinality not in (Cardinality.REPEATED, Cardinality.MAP)
        ):
            fields.append(_field(field, "reader"))
    return FrameView(
        type=kind.type_name,
        kind=kind.name,
        doc=kind.doc or f"A native {kind.type_name}.",
        handle=handle.handle,
        handle_number=handle_field.number,
        id_number=id_field.number,
        info_number=context.cs_field(kind.owned_message, kind.info_field).number,
        reader=info.reader,
        release=handle.release,
        answers=handle.answers,
        cast=handle.cast,
        fields=tuple(fields),
        memories=tuple(memories),
        parts=tuple(parts),
    )


def scoped_messages(binding_kinds: tuple[Kind, ...], nested: dict[str, tuple[str, ...]]) -> frozenset[str]:
    """Messages that need a scoped reader: the info of every short-lived kind and what it holds."""
    found: set[str] = set()

    def add(message: str) -> None:
        if message not in found:
            found.add(message)
            for inner in nested.get(message, ()):
                add(inner)

    for kind in binding_kinds:
        if kind.lifetime.value == "frame" and kind.info_message is not None:
            add(kind.info_message)
    return frozenset(found)


def memory_length(context: Context, message: str, memory: Memory, prefix: str) -> str:
    """How many elements a pointer of a message points to, as C# over the message's properties."""
    if memory.size_field is None:
        return _element_count(context, message, memory.count, prefix)
    length = f"{prefix}{context.cs_field(message, memory.size_field).property_name}"
    in_elements = memory.element == "byte" or memory.size_in_elements
    return length if in_elements else f"{length} / sizeof({memory.element})"


def _element_count(context: Context, message: str, count: str, prefix: str) -> str:
    """A count over a message's fields (``channels * samples``) as C# over their properties."""

    def replace(match: re.Match[str]) -> str:
        field = context.message(message).field(match.group(0))
        return f"{prefix}{field.property_name}" if field is not None else match.group(0)

    return "(long)" + re.sub(r"[A-Za-z_]\w*", replace, count) if count else "0"


def _field(field: CsField, reader: str) -> FrameField:
    return FrameField(
        field.property_name, field.type.global_name, f"{reader}.{field.property_name}", field.doc
    )


def _memory_name(pointer: str) -> str:
    return pascal(re.sub(r"_?ptr$", "", pointer) or pointer)


def _part(context: Context, field: CsField) -> FramePart | None:
    message = context.message(field.type.full_name)
    for inner in message.fields:
        memory = context.memories.get((message.full_name, inner.name))
        if memory is None:
            continue
        size = message.field(memory.size_field) if memory.size_field else None
        length = memory_length(context, message.full_name, memory, "part.")
        return FramePart(
            property=field.property_name,
            singular=field.property_name.removesuffix("s"),
            reader=message.reader,
            element=memory.element,
            pointer=inner.property_name,
            length=length,
            fields=tuple(
                _field(f, "part")
                for f in message.fields
                if f is not inner and f is not size and f.type.is_value
            ),
        )
    return None
