"""Builds small schemas and bindings for the tests of single passes."""

from __future__ import annotations

import re
from pathlib import Path

from gen_bindings.config import load_config
from gen_bindings.model.abi import CType, Exports, Function, FunctionType, Header, Parameter, Primitive
from gen_bindings.model.binding import Binding
from gen_bindings.model.schema import (
    EnumType,
    EnumValue,
    Field,
    Label,
    Message,
    ProtoFile,
    Scalar,
    Schema,
)
from gen_bindings.passes.pipeline import build_binding

PACKAGE = "t"
_MARKS = {"!": Label.REQUIRED, "?": Label.OPTIONAL, ".": Label.OPTIONAL, "*": Label.REPEATED}

# A thing is opened by a request, an event concerns it; every test adds to this or replaces parts of it.
ENVELOPES = """
Handle: id uint64!
Req: open OpenRequest?@m, poke PokeRequest?@m
Resp: open OpenResponse?@m, poke PokeResponse?@m
Ev: thing_event ThingEvent?@m
OwnedThing: handle Handle!, info ThingInfo!
ThingInfo: name string!
OpenRequest: name string!
OpenResponse: thing OwnedThing!
PokeRequest: thing_handle uint64!
PokeResponse:
ThingEvent: thing_handle uint64!, poked Poked?@m, renamed Renamed?@m
Poked: times uint32!
Renamed: name string!
"""

CONFIG = """
[binding]
name = "Test"
namespace = "Test.Ffi"
[input]
import_name = "test"
[protocol]
request = "Req"
response = "Resp"
event = "Ev"
owned_handle = "Handle"
[entry_points]
prefix = "x_"
release = "x_drop"
[entry_points.initialize]
function = "x_start"
[entry_points.request]
function = "x_request"
release = "x_drop"
"""


def schema(*texts: str) -> Schema:
    """A proto2 schema from lines ``Message: field type!, other Type?@oneof, many string*``, ``enum E: A, B``.

    A later line replaces an earlier one of the same message, so that a test says only what is different.
    ``~`` after a type marks a map field, ``.`` one without presence; an indented line goes on after a comma.
    """
    lines: dict[str, str] = {}
    for line in re.sub(r",\n +", ", ", "\n".join(texts)).splitlines():
        if line.strip():
            name, _, rest = line.partition(":")
            lines[name.strip()] = rest.strip()
    enums = {name.removeprefix("enum ") for name in lines if name.startswith("enum ")}
    messages, enum_types = [], []
    for name, rest in lines.items():
        parts = [part.strip() for part in rest.split(",") if part.strip()]
        if name.startswith("enum "):
            values = tuple(EnumValue(value, number) for number, value in enumerate(parts))
            enum_types.append(EnumType(f"{PACKAGE}.{name.removeprefix('enum ')}", "t.proto", values))
            continue
        fields = tuple(_field(part, number, enums) for number, part in enumerate(parts, 1))
        oneofs = tuple(dict.fromkeys(f.oneof for f in fields if f.oneof))
        entry = name.endswith("Entry")
        messages.append(Message(f"{PACKAGE}.{name}", "t.proto", fields, oneofs=oneofs, is_map_entry=entry))
    return Schema((ProtoFile("t.proto", PACKAGE),), tuple(messages), tuple(enum_types))


def _field(text: str, number: int, enums: set[str]) -> Field:
    match = re.fullmatch(r"(\w+) ([\w.]+)(~?)([!?*.])(?:@(\w+))?", text)
    assert match, text
    name, type_name, is_map, mark, oneof = match.groups()
    scalars = {scalar.value: scalar for scalar in Scalar}
    label = _MARKS[mark]
    return Field(
        name=name,
        number=number,
        label=label,
        scalar=scalars.get(type_name),
        message=None if type_name in scalars or type_name in enums else f"{PACKAGE}.{type_name}",
        enum=f"{PACKAGE}.{type_name}" if type_name in enums else None,
        has_presence=mark in "!?",
        oneof=oneof,
        is_map=bool(is_map),
    )


VOID = CType(primitive=Primitive.VOID)
SIZE = CType(primitive=Primitive.SIZE)
BYTES = CType(pointee=CType(primitive=Primitive.UINT8, const=True))


def function(name: str, result: CType, *parameters: tuple[str, CType]) -> Function:
    """An entry point."""
    shape = FunctionType(result, tuple(Parameter(n, t) for n, t in parameters))
    return Function(name, shape, origin="x.h:1")


CALLBACK = CType(function=FunctionType(VOID, (Parameter("data", BYTES), Parameter("len", SIZE))))
START = function("x_start", VOID, ("callback", CALLBACK))
REQUEST = function(
    "x_request",
    CType(primitive=Primitive.UINT64),
    ("data", BYTES),
    ("len", SIZE),
    ("reply", CType(pointee=BYTES)),
    ("reply_len", CType(pointee=SIZE)),
)
DROP = function("x_drop", CType(primitive=Primitive.BOOL), ("id", CType(primitive=Primitive.UINT64)))
HEADER = Header((START, REQUEST, DROP), ())


def build(
    folder: Path,
    types: str = "",
    config: str = "",
    *,
    base: str = CONFIG,
    top: str = "",
    header: Header = HEADER,
    exports: Exports | None = None,
) -> Binding:
    """The binding of ``ENVELOPES`` with ``types``, configured by ``CONFIG`` with ``config`` behind it.

    Args:
        top: keys before the first table.
    """
    file = folder / "bindings.toml"
    file.write_text(f"{top}\n{base}\n{config}", encoding="utf-8")
    return build_binding(load_config(file), schema(ENVELOPES, types), header, exports)
