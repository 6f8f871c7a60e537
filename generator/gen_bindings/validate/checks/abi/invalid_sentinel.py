"""GB124: invalid-handle sentinel differs from the header."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gen_bindings.findings.finding import Finding
from gen_bindings.validate.checks.base import Check, Context, P, W
from gen_bindings.validate.facts import Literal, Member, Unary, walk


def run(context: Context) -> Iterator[Finding]:
    sentinels = [
        c
        for c in context.binding.header.constants
        if "INVALID" in c.name.upper() and "HANDLE" in c.name.upper()
    ]
    if not sentinels:
        return
    for info in context.own_types():
        if not context.program.is_safe_handle(info):
            continue
        accessor = info.properties.get("IsInvalid")
        if accessor is None or accessor.getter is None:
            continue
        known: set[int] = set()
        for node in walk(accessor.getter.body):
            if isinstance(node, Member) and node.name in ("Zero", "InvalidHandle"):
                known.add(0 if node.name == "Zero" else -1)
            elif isinstance(node, Literal) and node.kind == "number":
                parent = context.program.parent.get(node)
                sign = -1 if isinstance(parent, Unary) and parent.op == "-" else 1
                digits = re.match(r"0[xX][0-9a-fA-F]+|[0-9]+", node.text)
                if digits:
                    known.add(sign * int(digits[0], 0))
        for constant in sentinels:
            if known and constant.value not in known and constant.value - 2**64 not in known:
                yield CHECK.at(
                    context.place(accessor),
                    f"{info.name}.IsInvalid compares with {sorted(known)}; the header says {constant.name} = "
                    f"{constant.value}.",
                    subject=info.name,
                )


CHECK = Check(
    "GB124",
    "Invalid-handle sentinel differs from the header",
    W,
    P,
    why="A failed call is taken for a handle, or a good handle for a failure.",
    fix="Compare with the header's constant in IsInvalid.",
)
