"""Values of the model as plain ones for JSON: paths and expressions are text, empty values are left out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import Enum
from typing import Any, get_args

from gen_bindings.model.expressions import Expression
from gen_bindings.model.messages import CsField, MessageLayer
from gen_bindings.model.paths import FieldPath
from gen_bindings.model.schema import EnumValue

# Comments of the schema and the header are not repeated.
_LEFT_OUT = frozenset({"doc", "returns_doc"})
_EXPRESSIONS: tuple[type, ...] = get_args(Expression)


def as_plain(value: Any) -> Any:
    """The value; one of several shapes says which it is."""
    if isinstance(value, FieldPath):
        return str(value) or "(the message itself)"
    if isinstance(value, _EXPRESSIONS):
        return str(value)
    if isinstance(value, EnumValue | CsField):
        return value.name
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value):
        shape = getattr(value, "shape", None)
        return ({"shape": shape} if shape is not None else {}) | {
            field.name: as_plain(item)
            for field in dataclasses.fields(value)
            if field.name not in _LEFT_OUT and _says(item := getattr(value, field.name))
        }
    if isinstance(value, Mapping):
        return {name: as_plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [as_plain(item) for item in value]
    return value


def _says(value: Any) -> bool:
    # The messages are printed from the schema.
    return (
        value is not None
        and value is not False
        and value not in ("", ())
        and not isinstance(value, MessageLayer)
    )
