"""Infers ``[[memory]]``: the pointers in messages, and the fields that tell how much they point to."""

from __future__ import annotations

from collections.abc import Iterator

from gen_bindings.config.tables import POINTER_SUFFIXES
from gen_bindings.init.draft import Entry, Line, Question, toml_line
from gen_bindings.model.binding import Kind, MessageCall, Operation
from gen_bindings.model.schema import Field, Message
from gen_bindings.passes.find_memory import is_pointer
from gen_bindings.passes.index import INTEGERS, SchemaIndex

_SIZES = ("len", "size", "length")


def infer_memory(
    kinds: tuple[Kind, ...],
    operations: tuple[Operation, ...],
    travelling: frozenset[str],
    index: SchemaIndex,
) -> Iterator[Entry]:
    """One table for each pointer; a question where no field tells the size in bytes."""
    owners = {kind.info_message for kind in kinds}
    answers = {
        o.call.response.message: o for o in operations if isinstance(o.call, MessageCall) and o.receiver
    }
    for message in index.messages.values():
        if message.full_name not in travelling:
            continue
        for field in message.fields:
            if is_pointer(field, POINTER_SUFFIXES):
                pointer = f"{index.short(message.full_name)}.{field.name}"
                size = _size(message, field)
                table = ("memory", pointer)
                if size is None:
                    yield _question(table, pointer, message)
                    continue
                yield Line(table, "pointer", pointer, "an integer, by its ending a pointer")
                yield Line(table, "size", size, "beside it, and called like a number of bytes")
                if message.full_name in answers and message.full_name not in owners:
                    receiver = answers[message.full_name].receiver
                    yield Line(table, "owner", "receiver", f"an answer without a handle, from a {receiver}")
                yield Question(
                    table,
                    "Are these bytes, and does the library leave them as they are? If not:",
                    (toml_line("element", "short"), toml_line("direction", "inout")),
                )


def _size(message: Message, pointer: Field) -> str | None:
    stem = next(pointer.name.removesuffix(end) for end in POINTER_SUFFIXES if pointer.name.endswith(end))
    names = {field.name for field in message.fields if field.scalar in INTEGERS}
    for size in _SIZES:
        for name in (f"{stem}_{size}", size):
            if name in names:
                return name
    return None


def _question(table: tuple[str, ...], pointer: str, message: Message) -> Question:
    integers = [
        f.name for f in message.fields if f.scalar in INTEGERS and f.name != pointer.rpartition(".")[2]
    ]
    return Question(
        table,
        f"How many elements of what does {pointer} point to? Count them with the fields "
        f"{', '.join(integers) or '(there are none)'}.",
        (
            toml_line("pointer", pointer),
            toml_line("element", "short"),
            toml_line("count", " * ".join(integers) or "…"),
        ),
    )
