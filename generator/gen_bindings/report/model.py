"""The model as stable JSON, and its counts."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from gen_bindings.model.abi import CType, Function
from gen_bindings.model.binding import (
    Answer,
    Binding,
    FieldPath,
    FunctionCall,
    MessageCall,
    Operation,
    Origin,
)
from gen_bindings.model.plain import as_plain
from gen_bindings.model.schema import Field, Label, Schema
from gen_bindings.passes.surface.plan_surface import plan_surface


def model_json(binding: Binding) -> str:
    """The model, readable: paths as text, empty values left out, everything in declaration order.

    Under ``csharp`` stands what the passes decided about the C#.
    """
    document = {
        "name": binding.name,
        "namespace": binding.namespace,
        "envelope": as_plain(binding.envelope),
        "entry_points": _entry_points(binding),
        "kinds": [as_plain(kind) for kind in binding.kinds],
        "release_order": list(binding.release_order),
        "acquisitions": [as_plain(acquisition) for acquisition in binding.acquisitions],
        "operations": [_operation(operation) for operation in binding.operations],
        "deliveries": [as_plain(delivery) for delivery in binding.deliveries],
        "sessions": [as_plain(session) for session in binding.sessions],
        "memories": [as_plain(memory) for memory in binding.memories],
        "messages": _messages(binding.schema),
        "enums": _enums(binding.schema),
        "columns": list(binding.columns),
        "reply_column": binding.reply_column,
        "csharp": as_plain(plan_surface(binding)),
        "notes": [as_plain(note) for note in binding.notes],
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _messages(schema: Schema | None) -> dict[str, dict[str, str]]:
    """The fields of each message: number, label and type."""
    messages = schema.messages if schema else ()
    return {
        message.full_name: {field.name: _field(field) for field in message.fields} for message in messages
    }


def _field(field: Field) -> str:
    kind = field.scalar.value if field.scalar else field.message or field.enum
    label = field.label.value
    if field.label is Label.OPTIONAL and not field.has_presence:
        label = "implicit"
    return f"{field.number} {label} {'delimited ' if field.delimited else ''}{kind}"


def _enums(schema: Schema | None) -> dict[str, dict[str, int]]:
    enums = schema.enums if schema else ()
    return {enum.full_name: {value.name: value.number for value in enum.values} for enum in enums}


def summary(binding: Binding) -> tuple[tuple[str, int], ...]:
    """What the model has how many of: (what, how many) for the rows of a table."""
    calls = [o.call for o in binding.operations if isinstance(o.call, MessageCall)]
    functions = [o.call for o in binding.operations if isinstance(o.call, FunctionCall)]
    requests = {call.case for call in calls} | {call.function for call in functions}
    callbacks = {call.callback.case for call in calls if call.callback}
    routes = {delivery.route.case for delivery in binding.deliveries}
    origins = Counter(acquisition.origin for acquisition in binding.acquisitions)
    rows = [
        ("requests", len(requests)),
        ("responses", len({call.response.case for call in calls})),
        ("events", len(callbacks | routes)),
        ("callbacks", len(callbacks)),
        ("operations", len(binding.operations)),
        ("deliveries", len(binding.deliveries)),
        ("kinds", len(binding.kinds)),
        *((f"acquisitions: {origin.value}", origins[origin]) for origin in Origin),
        ("acquisitions: transfer", sum(a.transfers for a in binding.acquisitions)),
        ("borrowed handles", len({b.path for o in binding.operations for b in o.borrows})),
        ("key references", len(_keys(binding))),
        ("pointers", len({(memory.message, memory.pointer) for memory in binding.memories})),
        ("preconditions", sum(len(operation.preconditions) for operation in binding.operations)),
        ("entry points", len(binding.entry_points.functions)),
        ("notes", len(binding.notes)),
    ]
    return tuple(rows)


def _keys(binding: Binding) -> set[FieldPath]:
    found = {key.path for delivery in binding.deliveries for key in delivery.keys}
    for operation in binding.operations:
        found |= {key.path for key in operation.keys}
        if isinstance(operation.call, MessageCall):
            found |= {key.path for key in operation.call.response.keys}
            callback: Answer | None = operation.call.callback
            found |= {key.path for key in callback.keys} if callback else set()
    return found


def _operation(operation: Operation) -> dict[str, Any]:
    plain: dict[str, Any] = as_plain(operation)
    call = plain.pop("call")
    encoding = "function" if isinstance(operation.call, FunctionCall) else "message"
    return {"name": plain.pop("name"), "method": plain.pop("method"), encoding: call, **plain}


def _entry_points(binding: Binding) -> dict[str, Any]:
    points = binding.entry_points
    plain: dict[str, Any] = {
        "library": points.library,
        "functions": [_signature(function) for function in points.functions],
    }
    for name in ("initialize", "request", "dispose", "error_text"):
        value = getattr(points, name)
        if value is not None:
            plain[name] = as_plain(value)
    if points.callback is not None:
        plain["callback"] = {
            "parameters": [str(parameter.type) for parameter in points.callback.type.parameters],
            "data": points.callback.data,
            "size": points.callback.size,
            "user_data": points.callback.user_data,
        }
    return plain


def _signature(function: Function) -> dict[str, str]:
    parameters = ", ".join(f"{_type(p.type)} {p.name}".rstrip() for p in function.type.parameters)
    return {
        "name": function.name,
        "signature": f"{_type(function.type.result)} {function.name}({parameters})",
        "origin": function.origin.replace("\\", "/").rpartition("/")[2],
    }


def _type(ctype: CType) -> str:
    return ctype.alias or str(ctype)
