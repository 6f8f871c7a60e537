"""Decides where an answer says that an operation failed, and what else of it the caller gets."""

from __future__ import annotations

from dataclasses import replace

from gen_bindings.config import Config, OperationTable, key_path
from gen_bindings.model.binding import (
    Acquisition,
    Answer,
    Direction,
    Failure,
    FieldPath,
    Memory,
    MessageCall,
    Operation,
    Step,
)
from gen_bindings.model.schema import Field, Label, Scalar
from gen_bindings.passes.find_envelope import Protocol
from gen_bindings.passes.resolve_names import Names

_TEXT_FIELDS = ("message", "description", "text", "reason", "error")


def shape_answers(
    config: Config,
    protocol: Protocol,
    operations: tuple[Operation, ...],
    acquisitions: tuple[Acquisition, ...],
    memories: tuple[Memory, ...],
    names: Names,
) -> tuple[Operation, ...]:
    """Operations with complete answers.

    Raises:
        ConfigError: ``failure`` names a field that neither the response nor the callback has.
    """
    out = [memory for memory in memories if memory.direction is Direction.OUT]
    by_id = {acquisition.id: acquisition for acquisition in acquisitions}

    def shaped(operation: Operation) -> Operation:
        call = operation.call
        assert isinstance(call, MessageCall)
        table = config.operations.get(operation.name, OperationTable())
        failures = (table.failure,) if table.failure else protocol.table.error_fields
        response = _shape(call.response, call.inner_response, failures, by_id, out, names)
        callback = _shape(call.callback, None, failures, by_id, out, names) if call.callback else None
        if table.failure and not response.failure and not (callback and callback.failure):
            answers = names.index.short(call.response.message)
            answers += f" nor {names.index.short(call.callback.message)}" if call.callback else ""
            raise names.error(
                f"{key_path('operations', operation.name)}.failure",
                f'neither {answers} has a field "{table.failure}".'
                if call.callback
                else f'{answers} has no field "{table.failure}".',
            )
        return replace(operation, call=replace(call, response=response, callback=callback))

    return tuple(shaped(operation) for operation in operations)


def _shape(
    answer: Answer,
    inner: Step | None,
    failures: tuple[str, ...],
    acquisitions: dict[str, Acquisition],
    memories: list[Memory],
    names: Names,
) -> Answer:
    index = names.index
    leaf = answer.message
    above: tuple[Step, ...] = ()
    if inner is not None:
        leaf, above = index.field_of(inner).message or "", (inner,)
    brought = {a.path.steps[len(above)].field for i in answer.acquisitions if (a := acquisitions[i]).path}
    here = tuple(memory for memory in memories if memory.message == leaf)
    hidden = {memory.pointer for memory in here} | {m.size_field for m in here} | brought
    failure: Failure | None = None
    values: list[str] = []
    for field in index.message(leaf).fields:
        if failure is None and field.name in failures and field.label is not Label.REPEATED:
            path = FieldPath(answer.message, (*above, index.step(leaf, field)))
            failure = Failure(path, _text(field, names))
        elif field.name not in hidden and field.name != answer.async_id:
            values.append(field.name)
    return replace(answer, failure=failure, values=tuple(values), memories=here)


def _text(field: Field, names: Names) -> str:
    if field.message is None:
        return ""
    texts = [f.name for f in names.index.message(field.message).fields if f.scalar is Scalar.STRING]
    return next((name for name in _TEXT_FIELDS if name in texts), texts[0] if texts else "")
