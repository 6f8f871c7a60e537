"""Decides which pointers messages hold, and what they point to."""

from __future__ import annotations

import re

from gen_bindings.config import Config, MemoryTable
from gen_bindings.model.binding import Delivery, Direction, Memory, MessageCall, Operation
from gen_bindings.model.schema import Field, Scalar
from gen_bindings.passes.find_acquisitions import carriers
from gen_bindings.passes.index import INTEGERS
from gen_bindings.passes.resolve_names import Names

_WIDE = frozenset({Scalar.UINT64, Scalar.INT64, Scalar.FIXED64, Scalar.SFIXED64})


def is_pointer(field: Field, endings: tuple[str, ...]) -> bool:
    """Whether a field holds an address by its name: an integer that is wide enough for one everywhere."""
    return field.scalar in _WIDE and field.name.endswith(endings)


def find_memory(
    config: Config,
    operations: tuple[Operation, ...],
    deliveries: tuple[Delivery, ...],
    names: Names,
    problems: list[str],
) -> tuple[Memory, ...]:
    """An entry for each pointer and each way in which its message travels.

    Raises:
        ConfigError: ``[[memory]]`` names a field that does not exist or that is no integer.
    """
    index = names.index
    endings = config.protocol.pointer_suffixes if config.protocol is not None else ()
    calls = [operation.call for operation in operations if isinstance(operation.call, MessageCall)]
    sent = index.below({call.message for call in calls})
    received = index.below({carrier.message for carrier in carriers(operations, deliveries)})
    found: list[Memory] = []
    covered: set[tuple[str, str, bool]] = set()
    for position, entry in enumerate(config.memory):
        key = f"memory[{position}]"
        path = names.path(entry.pointer, f"{key}.pointer")
        if index.field_of(path.last).scalar not in INTEGERS:
            raise names.error(f"{key}.pointer", f'"{entry.pointer}" is no integer, so it holds no address.')
        message = path.last.message
        if entry.size is not None:
            names.within(message, entry.size, f"{key}.size")
        if (entry.size is None) == (not entry.count):
            raise names.error(
                key, "expected either size or count, to tell how much memory the pointer means."
            )
        for operand in re.findall(r"[A-Za-z_]\w*", entry.count):
            names.within(message, operand, f"{key}.count")
        for goes_in, messages in ((True, sent), (False, received)):
            wanted = entry.direction is None or (entry.direction != "out") is goes_in
            if message in messages and wanted:
                covered.add((message, path.last.field, goes_in))
                found.append(_memory(entry, message, path.last.field, goes_in, endings))
    for goes_in, messages in ((True, sent), (False, received)):
        for name in (m for m in index.messages if m in messages):
            for field in index.message(name).fields:
                if is_pointer(field, endings) and (name, field.name, goes_in) not in covered:
                    short = f"{index.short(name)}.{field.name}"
                    way = "requests" if goes_in else "what the native side sends"
                    problems.append(
                        f"{short}: a pointer in {way} would reach the public surface: add a [[memory]] "
                        f'with pointer = "{short}".'
                    )
    return tuple(found)


def _memory(
    entry: MemoryTable, message: str, pointer: str, goes_in: bool, endings: tuple[str, ...]
) -> Memory:
    direction = Direction.OUT
    if goes_in:
        direction = Direction.INOUT if entry.direction == "inout" else Direction.IN
    return Memory(
        message=message,
        pointer=pointer,
        element=entry.element,
        direction=direction,
        name=memory_name(pointer, endings),
        count=entry.count,
        size_field=entry.size,
        size_in_elements=entry.size_in_elements,
        owner=entry.owner,
    )


def memory_name(pointer: str, endings: tuple[str, ...]) -> str:
    """What a pointer points to: the field's name without the ending that says that it is one."""
    for ending in endings:
        if pointer.endswith(ending) and pointer != ending:
            return pointer.removesuffix(ending)
    return pointer
