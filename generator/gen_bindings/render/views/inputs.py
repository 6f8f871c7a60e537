"""Views of the classes that a caller fills where the parts of a message hold memory (planes of a picture)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gen_bindings.model.binding import ParameterSource
from gen_bindings.model.messages import Cardinality, CsField, TypeKind
from gen_bindings.naming import lower_first, pascal
from gen_bindings.render.environment import environment
from gen_bindings.render.views.context import Context
from gen_bindings.render.views.requests import input_class


@dataclass(frozen=True, slots=True)
class InputMemory:
    """Memory that goes in."""

    property: str
    local: str
    element: str


@dataclass(frozen=True, slots=True)
class InputField:
    """A plain field."""

    property: str
    type: str
    doc: str


@dataclass(frozen=True, slots=True)
class InputPart:
    """A list of further inputs."""

    property: str
    type: str


@dataclass(frozen=True)
class InputView:
    """An input class; ``writes`` are C# statements in the order of the fields' numbers."""

    name: str
    doc: str
    memories: tuple[InputMemory, ...]
    fields: tuple[InputField, ...]
    parts: tuple[InputPart, ...]
    writes: tuple[str, ...]


def input_views(context: Context) -> list[InputView]:
    """Every input class that a request needs, with those of its parts."""
    views: dict[str, InputView] = {}
    for operation in context.binding.operations:
        for request_field in operation.fields:
            if request_field.source is ParameterSource.STRUCT:
                step = request_field.path.last
                for view in _with_parts(context, context.cs_field(step.message, step.field).type.full_name):
                    views[view.name] = view
    return list(views.values())


def _with_parts(context: Context, full_name: str) -> Iterable[InputView]:
    message = context.message(full_name)
    memories, fields, parts = [], [], []
    sizes = {
        m.size_field
        for (owner, _), m in context.memories.items()
        if owner == full_name and m.size_field is not None
    }
    writes: list[str] = []
    for field in sorted(message.fields, key=lambda f: f.number):
        memory = context.memories.get((full_name, field.name))
        if memory is not None:
            name = pascal(field.name.removesuffix("_ptr").removesuffix("ptr")) or "Data"
            memories.append(InputMemory(name, lower_first(name), memory.element))
            writes.append(f"writer.WriteUInt64({field.number}, (ulong)_{lower_first(name)}Handle.Pointer);")
        elif field.name in sizes:
            continue
        elif (
            field.type.kind is TypeKind.MESSAGE
            and field.cardinality is Cardinality.REPEATED
            and _holds_memory(context, field)
        ):
            part = input_class(field.type.full_name)
            parts.append(InputPart(field.property_name, part))
            begin, end = f"int mark = writer.BeginMessage({field.number});", "writer.EndMessage(mark);"
            if field.is_delimited:
                begin, end = (f"writer.{how}Group({field.number});" for how in ("Begin", "End"))
            writes.append(
                f"for (int i = 0; i < {field.property_name}.Count; i++)\n{{\n"
                f"    {begin}\n    {field.property_name}[i].Write(writer);\n    {end}\n}}"
            )
            yield from _with_parts(context, field.type.full_name)
        else:
            fields.append(InputField(field.property_name, field.global_type_name, field.doc))
            writes.append(_write(field))
    for (owner, pointer), memory in context.memories.items():
        if owner == full_name and memory.size_field is not None:
            size = context.cs_field(full_name, memory.size_field)
            name = pascal(pointer.removesuffix("_ptr").removesuffix("ptr")) or "Data"
            factor = (
                "" if memory.element == "byte" or memory.size_in_elements else f" * sizeof({memory.element})"
            )
            writes.append(
                f"writer.Write{size.type.codec}({size.number}, ({size.type.name})({name}.Length{factor}));"
            )
    yield InputView(
        name=input_class(full_name),
        doc=message.doc,
        memories=tuple(memories),
        fields=tuple(fields),
        parts=tuple(parts),
        writes=tuple(writes),
    )


def _holds_memory(context: Context, field: CsField) -> bool:
    return any(owner == field.type.full_name for owner, _ in context.memories)


def _write(field: CsField) -> str:
    macros = environment().get_template("csharp/Messages/_field.cs.j2").module
    return str(macros.write_field(field, field.property_name)).strip()  # type: ignore[attr-defined]
