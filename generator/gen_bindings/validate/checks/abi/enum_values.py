"""GB123: enum differs from the header."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gen_bindings.findings.finding import Finding, Place
from gen_bindings.model.abi import Constant
from gen_bindings.validate.checks.base import Check, Context, E, P
from gen_bindings.validate.native import _PRIMITIVES


def plain(name: str) -> str:
    """A name without case and underscores, to compare across naming styles."""
    return name.rpartition("::")[2].replace("_", "").lower()


def run(context: Context) -> Iterator[Finding]:
    native = context.native
    by_enum: dict[str, dict[str, Constant]] = {}
    for constant in context.binding.header.constants:
        if constant.type is not None and constant.type.alias:
            by_enum.setdefault(plain(constant.type.alias), {})[plain(constant.name)] = constant
    for info in context.own_types():
        values = by_enum.get(plain(info.name)) if info.kind == "enum" else None
        if values is None:
            continue
        kind = next(iter(values.values())).type
        assert kind is not None
        shape = native.shape(info.name, info)
        expected = _PRIMITIVES.get(kind.primitive) if kind.primitive else None
        place = Place(info.file, info.line)
        if expected is not None and expected[0] != shape.width:
            yield CHECK.at(
                place,
                f"{info.name} is {shape.width} bytes wide; the header's {kind.alias} is {kind}.",
                subject=info.name,
            )
        following = 0
        for name, value, line in info.parts[0].members:
            text = native.constant(value, info) if value is not None else None
            if text is not None and re.fullmatch(r"-?(0[xX][0-9a-fA-F]+|[0-9]+)", text):
                following = int(text, 0)
            elif value is not None:
                continue
            theirs = next((c for n, c in values.items() if n.endswith(plain(name))), None)
            if theirs is not None and theirs.value != following:
                yield CHECK.at(
                    Place(info.file, line),
                    f"{info.name}.{name} is {following}; the header's {theirs.name} is {theirs.value}.",
                    subject=f"{info.name}.{name}",
                )
            following += 1


CHECK = Check(
    "GB123",
    "Enum differs from the header",
    E,
    P,
    why="The library is told something else than the code says.",
    fix="Copy type and values from the header.",
)
